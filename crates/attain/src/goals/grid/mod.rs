//! The grid: the goals of everybody below a leader side by side (features A1, A2), people or teams as rows, metrics
//! as columns, or one metric over some periods. However many people there are, it asks one question for all of them
//! and reads the goals of all at once.
//!
//! [`asked`] is what an address says, [`whom`] finds the rows, [`reading`] what each is to reach and has; [`table`]
//! sorts and adds up (pure). [`pages`], [`files`] and [`api`] show it.

mod api;
mod asked;
mod files;
mod pages;
mod reading;
mod table;
mod whom;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of the grid.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Targets);
    Routes::new().merge(api::routes()).get("/goals/grid", reads, pages::shown).get(
        "/goals/grid.csv",
        reads,
        files::file,
    )
}
