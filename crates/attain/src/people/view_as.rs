//! Looking at pages as somebody else sees them, for rehearsals: laid out as theirs, read only, and without
//! whatever the one who looks may not read. Beginning is noted, and so is every look.

use attain_records::audit;
use axum::http::HeaderMap;
use axum::response::Redirect;
use jiff::Timestamp;
use serde_json::json;

use super::account::{self, subject};
use super::session;
use crate::web::App;
use crate::web::extract::Path;
use crate::web::problem::PageError;

pub(super) async fn begin(
    app: App,
    Path(number): Path<i64>,
    headers: HeaderMap,
) -> Result<Redirect, PageError> {
    let other = account::by_number(app.records(), number).await?.filter(|account| account.is_open);
    let other = other.ok_or(PageError::NotFound)?;
    let here = session::shown(&headers, app.site().is_secure()).ok_or(PageError::NotFound)?;
    let transaction = app.records().begin(&app.actor()).await?;
    session::view_as(&transaction, &here, Some(other.number)).await?;
    audit::append(&transaction, Timestamp::now(), "view_as.begin", &subject(other.number), &json!({}))
        .await?;
    transaction.commit().await?;
    Ok(Redirect::to("/"))
}

pub(super) async fn end(app: App, headers: HeaderMap) -> Result<Redirect, PageError> {
    let here = session::shown(&headers, app.site().is_secure()).ok_or(PageError::NotFound)?;
    let transaction = app.records().begin(&app.actor()).await?;
    session::view_as(&transaction, &here, None).await?;
    transaction.commit().await?;
    Ok(Redirect::to("/people/accounts"))
}
