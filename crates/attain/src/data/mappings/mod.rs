//! Saved mappings: how the files of each source are read, with every version there was.
//!
//! A mapping is saved when somebody imports by it, on whatever way ([`store`]); the newest version of
//! a source is what the next upload is read by. [`pages`] lists them with their texts.

mod pages;
pub(crate) mod store;

use axum::Router;
use axum::routing::get;

use crate::web::App;

/// The pages of saved mappings.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/data/mappings", get(pages::list))
        .route("/data/mappings/{source}/{version}", get(pages::one))
        .route("/data/mappings/{source}/{version}/mapping.yaml", get(pages::file))
}
