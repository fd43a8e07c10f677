//! Styles, served from the binary under names that change with their content.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Server;
use super::extract::Path;
use super::problem::PageError;

/// The style sheet, tokens first.
const STYLES: &str = concat!(
    include_str!("assets/tokens.css"),
    "\n",
    include_str!("assets/look.css"),
    "\n",
    include_str!("assets/attain.css")
);

static STYLES_NAME: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    STYLES.hash(&mut hasher);
    format!("attain-{:016x}.css", hasher.finish())
});

/// Where the style sheet is.
pub(crate) fn styles_path() -> String {
    format!("/assets/{}", *STYLES_NAME)
}

pub(super) fn router() -> Router<Server> {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Result<Response, PageError> {
    if name != *STYLES_NAME {
        return Err(PageError::NotFound);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, STYLES).into_response())
}
