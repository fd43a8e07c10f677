//! Saved mappings: how the files of each source are read, with every version there was.
//!
//! A mapping is saved when somebody imports by it, on whatever way ([`store`]); the newest version of
//! a source is what the next upload is read by. [`pages`] lists them with their texts.

mod pages;
pub(crate) mod store;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Imports);
    Routes::new()
        .get("/data/mappings", reads, pages::list)
        .get("/data/mappings/{source}/{version}", reads, pages::one)
        .get("/data/mappings/{source}/{version}/mapping.yaml", reads, pages::file)
}
