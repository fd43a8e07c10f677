//! Planning targets: whether each can be reached (domain 9.1), whether they were and are spread sensibly (9.2), and
//! whether the people there are can bring the plan (9.3). It is about the targets of all people of a team or the
//! company in a period, quotas as delivered or goals of one metric.
//!
//! [`people`] asks what they are to reach, what they reached before and what their territories hold; [`figures`]
//! makes of it what is said (pure); [`pages`] shows it, [`api`] as JSON. The bounds are the industry's rules of
//! thumb, not laws; nobody's pay follows from any of it.

mod api;
mod figures;
mod pages;
mod people;
mod sentences;

pub(super) use pages::path;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The page and endpoint of this room.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Targets);
    Routes::new().merge(api::routes()).get("/goals/planning", reads, pages::shown)
}
