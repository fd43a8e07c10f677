//! Parts of an address, and what is sent to it. What does not read is refused like any other error: with a page for
//! people, with problem details for programs.

#![allow(clippy::disallowed_types, reason = "these stand in for the types that are disallowed elsewhere")]

use axum::extract::{FromRequest, FromRequestParts, Request};
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

/// Parameters as the end of an address.
pub(crate) fn form_urlencoded(parameters: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(parameters).unwrap_or_default()
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

/// What a form sends.
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Form<T>, PageError> {
        match axum::extract::Form::from_request(request, state).await {
            Ok(axum::extract::Form(form)) => Ok(Form(form)),
            Err(rejection) => Err(PageError::Unreadable(rejection.body_text())),
        }
    }
}

/// What a form with files sends, part by part.
pub(crate) struct Multipart(pub(crate) axum::extract::Multipart);

impl<S: Send + Sync> FromRequest<S> for Multipart {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Multipart, PageError> {
        match axum::extract::Multipart::from_request(request, state).await {
            Ok(multipart) => Ok(Multipart(multipart)),
            Err(rejection) => Err(PageError::Unreadable(rejection.body_text())),
        }
    }
}

/// What a program sends as JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, PageError> {
        match axum::extract::Json::from_request(request, state).await {
            Ok(axum::extract::Json(body)) => Ok(Body(body)),
            Err(rejection) => Err(PageError::Unreadable(rejection.body_text())),
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
