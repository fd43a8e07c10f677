//! *Data quality*: what in the deliveries of each source hurts numbers, and the rows.
//!
//! What is found is decided by `attain_metrics`; [`page`] and [`rows`] show it, [`api`] and the
//! command line answer the same. Who may not see it finds nothing here.

pub(crate) mod api;
mod page;
mod rows;
mod words;

pub(crate) use rows::{COLUMNS, records};
pub(crate) use words::{about, deliveries_words, percent, summary};

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Imports);
    Routes::new()
        .merge(api::routes())
        .get("/data/quality", reads, page::quality)
        .get("/data/quality/rows", reads, rows::rows)
        .get("/data/quality/rows.csv", reads, rows::file)
}
