//! How a number went over time, and whether anything about it changed: an XmR chart per metric (domain
//! 7.11). "Improved" and "declined" are said only with a signal.
//!
//! [`process`] asks the values and holds them against their limits; [`limits`] keeps from when on limits
//! were drawn anew, and why; [`pages`] shows the chart, [`api`] the same as JSON.

mod api;
mod limits;
mod pages;
mod process;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    let draws = Rule::May(Act::Write, Object::Values);
    Routes::new()
        .merge(api::routes())
        .get("/trend", reads, pages::company)
        .get("/trend/{level}/{id}", reads, pages::subject)
        .post("/trend/limits", draws, pages::draw_company)
        .post("/trend/{level}/{id}/limits", draws, pages::draw)
}
