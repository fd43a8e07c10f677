//! What can go wrong with a request, in one place: the status, the words, and their form.
//!
//! People get a page that says what happened and what to do, programs get problem details
//! (RFC 9457). A cause inside Attain is logged once, here, and never shown to others.

use std::borrow::Cow;
use std::sync::Arc;

use attain_facts::store::StoreError;
use attain_metrics::{MetricsError, PeriodError};
use attain_records::RecordsError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::definitions::DefinitionsError;
use crate::scorecards::difference::BetweenError;

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// No such page, person, metric or import.
    #[error("There is nothing at this address. It may have been renamed, or belong to other data.")]
    NotFound,
    /// There is, but not for the one who asks: it looks as if there were not.
    #[error("There is nothing at this address. It may have been renamed, or belong to other data.")]
    Hidden,
    /// Somebody unknown asks.
    #[error("Sign in to see this; programs send a token as `Authorization: Bearer TOKEN`.")]
    SignInNeeded,
    /// The records do not answer, or are busy.
    #[error(
        "The records do not answer just now. Try again in a few seconds; before you repeat a change, look whether it was made."
    )]
    Unavailable(String),
    /// No facts yet.
    #[error(
        "Nothing was imported yet. Import files in the browser, or run `attain import FILES --mapping MAPPING` on this machine, then reload."
    )]
    NothingImported,
    /// A part of the address does not read.
    #[error("{message}")]
    Invalid {
        /// Name of the parameter.
        field: Cow<'static, str>,
        /// What is wrong and what would be right.
        message: String,
    },
    /// The body of a request does not read.
    #[error("What was sent does not read: {0}. Nothing was changed.")]
    Unreadable(String),
    /// The address is there, but not for this method.
    #[error("This address cannot be asked that way; its Allow header names the methods it takes.")]
    WrongMethod,
    /// A page of another site asks for a change.
    #[error(
        "This was asked for by a page of another site, so nothing was changed. Do it on Attain's own page."
    )]
    OtherSite,
    /// More was sent than is taken.
    #[error("{0}")]
    TooLarge(String),
    /// It reads, but cannot be done as things are.
    #[error("{0}")]
    Refused(String),
    /// Something failed inside.
    #[error("Something failed while answering. Nothing was changed; the server's log has the cause.")]
    Internal(String),
}

impl PageError {
    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            PageError::NotFound | PageError::Hidden => StatusCode::NOT_FOUND,
            PageError::SignInNeeded => StatusCode::UNAUTHORIZED,
            PageError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            PageError::NothingImported | PageError::Refused(_) => StatusCode::CONFLICT,
            PageError::Invalid { .. } | PageError::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            PageError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            PageError::OtherSite => StatusCode::FORBIDDEN,
            PageError::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            PageError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A few words for a heading.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            PageError::NotFound | PageError::Hidden => "Not found",
            PageError::SignInNeeded => "Sign in first",
            PageError::Unavailable(_) => "Not just now",
            PageError::NothingImported => "Nothing imported yet",
            PageError::Invalid { .. } => "This address cannot be read",
            PageError::Unreadable(_) => "This request cannot be read",
            PageError::WrongMethod => "This cannot be done here",
            PageError::OtherSite => "Asked for by another site",
            PageError::TooLarge(_) => "More than is taken at once",
            PageError::Refused(_) => "This was not done",
            PageError::Internal(_) => "Something failed",
        }
    }

    /// What a program is told beside the words.
    pub(crate) fn headers(&self) -> Option<(header::HeaderName, HeaderValue)> {
        match self {
            PageError::Unavailable(_) => Some((header::RETRY_AFTER, HeaderValue::from_static("5"))),
            PageError::SignInNeeded => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            _ => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            PageError::NotFound | PageError::Hidden => "not-found",
            PageError::SignInNeeded => "sign-in-needed",
            PageError::Unavailable(_) => "unavailable",
            PageError::NothingImported => "nothing-imported",
            PageError::Invalid { .. } => "invalid",
            PageError::Unreadable(_) => "unreadable",
            PageError::WrongMethod => "wrong-method",
            PageError::OtherSite => "other-site",
            PageError::TooLarge(_) => "too-large",
            PageError::Refused(_) => "refused",
            PageError::Internal(_) => "internal",
        }
    }
}

impl From<MetricsError> for PageError {
    fn from(error: MetricsError) -> PageError {
        match error {
            MetricsError::UnknownMetric { .. } => {
                PageError::Invalid { field: "metric".into(), message: error.to_string() }
            }
            MetricsError::UnknownDimension { .. } => {
                PageError::Invalid { field: "by".into(), message: error.to_string() }
            }
            MetricsError::Filter { .. } => {
                PageError::Invalid { field: "where".into(), message: error.to_string() }
            }
            other => PageError::Internal(other.to_string()),
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> PageError {
        match error {
            StoreError::Records(error) => error.into(),
            other => PageError::Internal(other.to_string()),
        }
    }
}

impl From<RecordsError> for PageError {
    fn from(error: RecordsError) -> PageError {
        if error.passes() {
            PageError::Unavailable(error.to_string())
        } else {
            PageError::Internal(error.to_string())
        }
    }
}

impl From<DefinitionsError> for PageError {
    fn from(error: DefinitionsError) -> PageError {
        match error {
            DefinitionsError::Records(error) => error.into(),
            other => PageError::Internal(other.to_string()),
        }
    }
}

impl From<BetweenError> for PageError {
    fn from(error: BetweenError) -> PageError {
        match error {
            BetweenError::Metrics(error) => error.into(),
            BetweenError::Store(error) => error.into(),
        }
    }
}

impl From<PeriodError> for PageError {
    fn from(error: PeriodError) -> PageError {
        PageError::Invalid { field: "period".into(), message: error.to_string() }
    }
}

/// The response only carries the error; the outermost layer gives it the form that was asked for.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let PageError::Internal(cause) | PageError::Unavailable(cause) = &self {
            tracing::error!(cause, "request failed");
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Problem details, as RFC 9457 names them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// A few words.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What happened and what to do.
    detail: String,
    /// Path of the request.
    instance: String,
    /// The parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Cow<'static, str>>,
}

/// An error for programs.
pub(crate) fn problem_details(error: &PageError, path: &str) -> Response {
    let field = match error {
        PageError::Invalid { field, .. } => Some(field.clone()),
        _ => None,
    };
    let problem = Problem {
        kind: format!("/problems/{}", error.kind()),
        title: error.title(),
        status: error.status().as_u16(),
        detail: error.to_string(),
        instance: path.to_owned(),
        field,
    };
    let mut response = (error.status(), Json(problem)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().extend(error.headers());
    response
}
