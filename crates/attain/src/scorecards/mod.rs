//! Scorecards: company → region → manager → rep, every number with its history and its rows.
//!
//! [`card`] asks the numbers of one subject and of its members; [`pages`] shows them;
//! [`number`] is the sheet behind each number, with the rows that [`nearly`] count and the
//! [`difference`] to what was known before; [`files`] are the same as CSV, [`api`] as JSON.
//! Nothing here computes a value: `attain_metrics` does.

pub(crate) mod api;
pub(crate) mod card;
pub(crate) mod difference;
mod files;
mod nearly;
mod number;
mod pages;
pub(crate) mod row;
mod tabs;

pub(crate) use api::{MissingDaysOut, router as api_router};
pub(crate) use pages::offered;

use axum::Router;
use axum::routing::get;

use crate::web::App;

/// The pages of this place.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/scorecards", get(pages::company))
        .route("/scorecards/{level}/{id}", get(pages::subject))
        .route("/scorecards/numbers/{metric}", get(number::company))
        .route("/scorecards/{level}/{id}/numbers/{metric}", get(number::subject))
        .route("/scorecards/card.csv", get(files::company_card))
        .route("/scorecards/{level}/{id}/card.csv", get(files::subject_card))
        .route("/scorecards/rows/{metric}", get(files::company_rows))
        .route("/scorecards/{level}/{id}/rows/{metric}", get(files::subject_rows))
        .route("/scorecards/nearly/{metric}", get(nearly::company_file))
        .route("/scorecards/{level}/{id}/nearly/{metric}", get(nearly::subject_file))
        .route("/scorecards/difference/{metric}", get(difference::company_file))
        .route("/scorecards/{level}/{id}/difference/{metric}", get(difference::subject_file))
}
