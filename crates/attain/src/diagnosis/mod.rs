//! Why a number changed: bookings taken apart into the levers whose product they are, to the cent, each
//! with whether it differs by more than chance (domain 8).
//!
//! [`reference`] says what a subject is held against, [`levers`] takes the difference apart, [`pages`]
//! shows it as sentence, bars and table; [`market`] says how much of it others saw too, [`market_view`]
//! shows that. [`pipeline`] says how open pipeline became what it is, [`pipeline_view`] shows it. [`api`] has all
//! of it as JSON.

mod api;
mod levers;
mod market;
mod market_view;
mod pages;
mod pipeline;
mod pipeline_view;
mod reference;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new()
        .merge(api::routes())
        .get("/why", reads, pages::company)
        .get("/why/{level}/{id}", reads, pages::subject)
        .get("/pipeline", reads, pipeline_view::company)
        .get("/pipeline/{level}/{id}", reads, pipeline_view::subject)
}
