//! Why a number changed: bookings taken apart into the levers whose product they are, to the cent, each
//! with whether it differs by more than chance (domain 8).
//!
//! [`way`] says what bookings are seen as the product of, [`lever`] what its factors are; [`reference`] says what a
//! subject is held against, [`target`] what was asked of it and [`plan`] how that was to come about. [`levers`] takes
//! the difference of two [`side`]s apart, [`chance`] says which parts differ by more than chance; [`pages`] shows it
//! as bars and table, [`words`] in sentences. [`market`] says how much of it others saw too, [`market_view`]
//! shows that. [`pipeline`] says how open pipeline became what it is, [`pipeline_view`] shows it. [`api`] has all
//! of it as JSON.

mod api;
mod chance;
mod lever;
mod levers;
mod market;
mod market_view;
mod pages;
mod pipeline;
mod pipeline_view;
mod plan;
mod reference;
mod side;
mod target;
mod way;
mod words;

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
