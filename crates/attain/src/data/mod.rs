//! Data: how it comes in, what was imported, when, by whom, and what became of every row; taking an
//! import back; and what is one and the same.
//!
//! Files come in through [`uploads`], in the browser or by the API, or through [`watched`] folders, and are
//! read by [`mappings`], which are saved with their versions. [`past`] is what becomes of numbers of periods
//! that are over. [`pages`] and [`api`] show the history; [`report`] is what an import did or would do,
//! [`sample`] rows as they would be; [`quality`] is what is wrong with the facts.

mod api;
pub(crate) mod mappings;
mod merged;
mod pages;
pub(crate) mod past;
pub(crate) mod quality;
mod report;
pub(crate) mod sample;
mod undo;
pub(crate) mod uploads;
pub(crate) mod watched;

use axum::Router;
use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;

use crate::web::App;

/// The pages of this place.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/data/imports", get(pages::history))
        .route("/data/merged", get(merged::list).post(merged::submitted))
        .route("/data/imports/{number}", get(pages::report))
        .route("/data/imports/{number}/undo", get(undo::confirm).post(undo::confirmed))
        .route("/data/imports/{number}/rejects/{file}", get(pages::rejects))
        .route("/data/imports/{number}/past", get(past::page::shown))
        .route("/data/imports/{number}/past/deals.csv", get(past::files::deals))
        .route("/data/imports/{number}/past/numbers.csv", get(past::files::numbers))
        .route(
            "/data/imports/{number}/restatement",
            get(past::restating::confirm).post(past::restating::confirmed),
        )
        .route("/data/imports/{number}/take-back", post(past::restating::taken_back))
        .merge(uploads::router())
        .merge(mappings::router())
        .merge(quality::router())
}

/// The endpoints of this place.
pub(crate) fn api_router() -> OpenApiRouter<App> {
    api::router().merge(past::api::router()).merge(uploads::api::router()).merge(quality::api::router())
}
