//! The way to the provider and back.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::{arrival, attempt};
use crate::audit::security;
use crate::people::sign_in::{self, Wanted};
use crate::people::throttle::{self, Tried};
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

/// Bytes of where somebody wanted to go.
const NEXT_AT_MOST: usize = 2_000;

/// Sends a browser to the provider.
pub(in crate::people) async fn begin(
    app: App,
    Address(address): Address,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let provider = app.identity_provider().ok_or(PageError::NotFound)?;
    if let Some(wait) = throttle::wait(app.records(), &tried(&address), Timestamp::now()).await? {
        return Ok(waits(&app, wait));
    }
    let next = wanted.next.filter(|next| next.len() <= NEXT_AT_MOST);
    let (url, begun) = match provider.begin(next).await {
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
    if let Some(wait) = throttle::wait(app.records(), &tried(&address), now).await? {
        return Ok(waits(&app, wait));
    }
    let begun = match attempt::shown(&headers, app.site().is_secure()) {
        Some(secret) => attempt::taken(app.records(), &secret, now).await?,
        None => None,
    };
    let Some(begun) = begun else {
        // Whoever begins nothing here leaves no trace, so that nobody fills the log from elsewhere.
        return Ok((StatusCode::UNAUTHORIZED, sign_in::form_saying(&app, NOT_BEGUN)).into_response());
    };
    let is_its = returned.iss.as_deref().is_none_or(|issuer| issuer == provider.issuer());
    if !is_its || returned.state.as_ref() != Some(&begun.state) {
        return refused(&app, &address, None, NOT_BEGUN).await;
    }
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

/// Tries at the provider are counted apart from passwords.
fn tried(address: &str) -> Tried {
    Tried::from(&format!("{address} at the provider"))
}

fn waits(app: &App, wait: Duration) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, sign_in::form_saying(app, &sign_in::waiting(wait))).into_response()
}

async fn refused(
    app: &App,
    address: &str,
    subject: Option<&str>,
    words: &str,
) -> Result<Response, PageError> {
    throttle::failed(app.records(), &tried(address), Timestamp::now()).await?;
    security::provider_refused(app.records(), address, subject).await;
    Ok((StatusCode::UNAUTHORIZED, sign_in::form_saying(app, words)).into_response())
}
