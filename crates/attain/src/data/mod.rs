//! Data: what was imported, when, by whom, and what became of every row; taking an import
//! back; and what is one and the same.

mod api;
mod merged;
mod pages;
mod undo;

pub(crate) use api::router as api_router;

use axum::Router;
use axum::routing::get;

use crate::web::App;

/// The pages of this place.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/data/imports", get(pages::history))
        .route("/data/merged", get(merged::list).post(merged::submitted))
        .route("/data/imports/{number}", get(pages::report))
        .route("/data/imports/{number}/undo", get(undo::confirm).post(undo::confirmed))
        .route("/data/imports/{number}/rejects/{file}", get(pages::rejects))
}
