//! Security events: refused sign-ins, and looks at what is not one's to see.

use attain_records::{Records, audit};
use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

use crate::permissions::Viewer;

/// What every security event's action begins with.
pub(crate) const SECURITY: &str = "security.";

/// Notes that somebody asked for what is not theirs. The answer is the same where it cannot be noted.
pub(crate) async fn looked_where_not_allowed(
    records: &Records,
    viewer: &Viewer,
    method: &Method,
    path: &str,
) {
    let detail = json!({ "method": method.as_str(), "path": path });
    note(records, viewer, "security.not_allowed", &detail).await;
}

/// Notes that somebody failed to sign in. What was typed is not kept: people type passwords into the
/// wrong field.
pub(crate) async fn sign_in_refused(records: &Records, address: &str, account: Option<i64>) {
    let detail = json!({ "address": address, "account": account });
    note(records, &Viewer::Nobody, "security.sign_in_refused", &detail).await;
}

/// Notes that somebody the identity provider sent back was not let in; with the provider's identifier of
/// them, once it was checked.
pub(crate) async fn provider_refused(records: &Records, address: &str, subject: Option<&str>) {
    let detail = json!({ "address": address, "subject": subject });
    note(records, &Viewer::Nobody, "security.provider_refused", &detail).await;
}

async fn note(records: &Records, viewer: &Viewer, action: &str, detail: &serde_json::Value) {
    let actor = viewer.actor();
    let noted = async {
        let transaction = records.begin(&actor).await?;
        audit::append(&transaction, Timestamp::now(), action, &actor.to_string(), detail).await?;
        transaction.commit().await
    };
    if let Err(error) = noted.await {
        tracing::error!(%error, action, "a security event was not noted");
    }
}
