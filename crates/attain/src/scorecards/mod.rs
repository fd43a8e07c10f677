//! Scorecards: company → region → manager → rep, every number with its history and its rows.
//!
//! [`look`] is where each begins, [`views`] are the tabs of one subject; [`card`] asks the numbers of one subject and of its members; [`pages`] shows them, [`members`]
//! side by side with targets and verdicts;
//! [`number`] is the sheet behind each number, with the rows that [`nearly`] count and the
//! [`difference`] to what was known before; [`files`] are the same as CSV, [`api`] as JSON.
//! Nothing here computes a value: `attain_metrics` does.

pub(crate) mod api;
pub(crate) mod card;
pub(crate) mod difference;
mod files;
pub(crate) mod look;
mod members;
mod nearly;
mod number;
mod pages;
pub(crate) mod row;
mod tabs;
pub(crate) mod views;

pub(crate) use crate::web::periods::offered;
pub(crate) use api::MissingDaysOut;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new()
        .merge(api::routes())
        .merge(nearly::api_routes())
        .merge(difference::routes())
        .get("/scorecards", reads, pages::company)
        .get("/scorecards/{level}/{id}", reads, pages::subject)
        .get("/scorecards/numbers/{metric}", reads, number::company)
        .get("/scorecards/{level}/{id}/numbers/{metric}", reads, number::subject)
        .get("/scorecards/card.csv", reads, files::company_card)
        .get("/scorecards/{level}/{id}/card.csv", reads, files::subject_card)
        .get("/scorecards/rows/{metric}", reads, files::company_rows)
        .get("/scorecards/{level}/{id}/rows/{metric}", reads, files::subject_rows)
        .get("/scorecards/nearly/{metric}", reads, nearly::company_file)
        .get("/scorecards/{level}/{id}/nearly/{metric}", reads, nearly::subject_file)
        .get("/scorecards/difference/{metric}", reads, difference::company_file)
        .get("/scorecards/{level}/{id}/difference/{metric}", reads, difference::subject_file)
}
