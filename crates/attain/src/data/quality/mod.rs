//! *Data quality*: what in the deliveries of each source hurts numbers, and the rows.
//!
//! What is found is decided by `attain_metrics`; [`page`] and [`rows`] show it, [`api`] and the
//! command line answer the same. Who may not see it finds nothing here.

pub(crate) mod api;
mod page;
mod rows;
mod words;

use axum::Router;
use axum::routing::get;

pub(crate) use rows::{COLUMNS, records};
pub(crate) use words::{about, deliveries_words, percent, summary};

use crate::permissions;
use crate::web::App;
use crate::web::problem::PageError;

/// The pages of this place.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/data/quality", get(page::quality))
        .route("/data/quality/rows", get(rows::rows))
        .route("/data/quality/rows.csv", get(rows::file))
}

/// Refuses whoever may not see it.
fn allowed(app: &App) -> Result<(), PageError> {
    if permissions::may_see_quality(&app.actor()) { Ok(()) } else { Err(PageError::NotFound) }
}
