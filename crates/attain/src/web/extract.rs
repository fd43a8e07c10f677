//! Parts of an address. What does not read is refused like any other error: with a page for
//! people, with problem details for programs.

#![allow(clippy::disallowed_types, reason = "these stand in for the types that are disallowed elsewhere")]

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::PageError;

/// The parameters of an address.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, PageError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(parameters)) => Ok(Query(parameters)),
            Err(rejection) => Err(unreadable(&rejection.body_text())),
        }
    }
}

/// The segments of an address. One that does not read names nothing there is.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, PageError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(segments)) => Ok(Path(segments)),
            Err(_) => Err(PageError::NotFound),
        }
    }
}

/// The cause begins with the parameter and a colon, or has one that is missing in backticks.
fn unreadable(rejection: &str) -> PageError {
    let cause = rejection.strip_prefix("Failed to deserialize query string: ").unwrap_or(rejection);
    let field = match cause.split_once(": ") {
        Some((field, _)) => field,
        None => cause.split('`').nth(1).unwrap_or_default(),
    };
    let message = format!("The parameter `{field}` cannot be read: {cause}");
    PageError::Invalid { field: field.to_owned().into(), message }
}
