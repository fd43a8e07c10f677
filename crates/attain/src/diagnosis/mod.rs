//! Why a number changed: bookings taken apart into the levers whose product they are, to the cent, each
//! with whether it differs by more than chance (domain 8).
//!
//! [`levers`] computes, [`pages`] shows it as sentence, bars and table, [`api`] as JSON.

mod api;
mod levers;
mod pages;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

pub(crate) use pages::path;

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new().merge(api::routes()).get("/why", reads, pages::company).get(
        "/why/{level}/{id}",
        reads,
        pages::subject,
    )
}
