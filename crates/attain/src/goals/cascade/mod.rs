//! The cascade: from the company through its managers to their people, the target of each beside what the targets
//! below it come to (domain 6.1, features A2). A difference is shown in words, and never made to fit.
//!
//! [`tree`] holds the sums, [`reading`] finds who stands where and which target holds, [`pages`] and [`api`]
//! show it.

mod api;
mod pages;
mod reading;
mod tree;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of the cascade.
pub(super) fn routes() -> Routes {
    Routes::new().merge(api::routes()).get(
        "/goals/cascade",
        Rule::May(Act::Read, Object::Targets),
        pages::shown,
    )
}
