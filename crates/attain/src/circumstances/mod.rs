//! Observed over expected: what somebody achieved against what anybody would have with the same
//! customers and products (domain 7.9). Raw and adjusted always stand together.
//!
//! [`policy`] says which circumstances count, in versions with reasons; [`store`] keeps them.
//! [`expectation`] computes, [`pages`] shows it, [`form`] changes the policy, [`api`] has it as JSON. What
//! a person is, or does, is never a circumstance.

mod api;
mod expectation;
mod form;
mod pages;
mod policy;
mod store;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new()
        .merge(api::routes())
        .get("/circumstances", reads, pages::company)
        .get("/circumstances/{level}/{id}", reads, pages::subject)
        .get("/circumstances/policy", Rule::May(Act::Read, Object::Definitions), form::shown)
        .post("/circumstances/policy", Rule::May(Act::Write, Object::Definitions), form::changed)
}
