//! The way to the provider and back.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::{arrival, attempt};
use crate::audit::security;
use crate::people::sign_in::{self, Wanted};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::PageError;
use crate::web::visitor::Address;

/// What the provider sends a browser back with.
#[derive(Deserialize)]
pub(in crate::people) struct Returned {
    code: Option<String>,
    state: Option<String>,
    /// Who sends it back, where it says so (RFC 9207).
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// What is said where somebody comes back without having begun here, or after too long.
const NOT_BEGUN: &str =
    "This sign-in was not begun in this browser, was done already, or took too long. Begin it once more.";
/// What is said where the provider's word cannot be taken; the log has the reason.
const NOT_TAKEN: &str = "Signing in at the identity provider did not work. Try again; if it stays so, tell whoever runs Attain: the log of the server says why.";

/// Sends a browser to the provider.
pub(in crate::people) async fn begin(app: App, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let provider = app.identity_provider().ok_or(PageError::NotFound)?;
    let (url, begun) = match provider.begin(wanted.next).await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::error!(%error, "nobody can sign in at the identity provider");
            return Ok((StatusCode::BAD_GATEWAY, sign_in::form_saying(&app, NOT_TAKEN)).into_response());
        }
    };
    let secret = attempt::keep(app.records(), begun, Timestamp::now()).await?;
    let cookie = [(header::SET_COOKIE, attempt::handed(&secret, app.site().is_secure()))];
    Ok((cookie, Redirect::to(&url)).into_response())
}

/// Takes a browser back, and signs it in as whom the provider says it is.
pub(in crate::people) async fn back(
    app: App,
    Address(address): Address,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Result<Response, PageError> {
    let provider = app.identity_provider().ok_or(PageError::NotFound)?;
    let now = Timestamp::now();
    let begun = match attempt::shown(&headers) {
        Some(secret) => attempt::taken(app.records(), &secret, now).await?,
        None => None,
    };
    let is_its = returned.iss.as_deref().is_none_or(|issuer| issuer == provider.issuer());
    let Some(begun) = begun.filter(|begun| is_its && returned.state.as_ref() == Some(&begun.state)) else {
        return refused(&app, &address, None, NOT_BEGUN).await;
    };
    let Some(code) = returned.code else {
        let reason = returned.error.unwrap_or_default();
        tracing::warn!(reason, "the identity provider let somebody not in");
        return refused(&app, &address, None, NOT_TAKEN).await;
    };
    let told = match provider.finish(&begun, code).await {
        Ok(told) => told,
        Err(error) => {
            tracing::error!(%error, "somebody could not sign in at the identity provider");
            return refused(&app, &address, None, NOT_TAKEN).await;
        }
    };
    match arrival::account(&app, &told, &provider.policy, now).await? {
        Ok(account) => sign_in::signed_in(&app, &account, &address, &headers, begun.next.as_deref()).await,
        Err(refusal) => refused(&app, &address, Some(&told.subject), refusal.words()).await,
    }
}

async fn refused(
    app: &App,
    address: &str,
    subject: Option<&str>,
    words: &str,
) -> Result<Response, PageError> {
    security::provider_refused(app.records(), address, subject).await;
    Ok((StatusCode::UNAUTHORIZED, sign_in::form_saying(app, words)).into_response())
}
