//! Comparing people with each other: who is clearly above, who clearly below, and who cannot be told
//! apart (domain 7).
//!
//! [`peers`] says who is compared and by what rule, and holds them against each other with
//! `attain_stats`; [`pages`] shows it, [`api`] as JSON. Nobody is compared who was hardly there, or on too
//! little; and no figure here ranks anybody by a point.

mod api;
mod pages;
mod peers;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

pub(crate) use pages::path;

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new().merge(api::routes()).get("/compare", reads, pages::company).get(
        "/compare/{level}/{id}",
        reads,
        pages::subject,
    )
}
