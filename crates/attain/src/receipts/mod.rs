//! Signed numbers: a number frozen with its definition, what was known and the rows behind it, as
//! a file anybody can check (features B4).
//!
//! Whoever may see a number may sign it. [`signing`] freezes what is known and signs, [`store`]
//! keeps the receipt and its list of rows with the audit entry, [`recomputing`] asks the same
//! question again as of the receipt's instant, [`key`] is the file of the private key. A receipt
//! never changes; what is known later stands beside it ([`pages`], [`comparison`]). [`sheet`] is the part on the
//! number sheet, [`api`] the same as JSON. What a receipt says and when it holds is decided in
//! `attain_metrics::receipt`, which needs none of this.

mod api;
mod comparison;
pub(crate) mod key;
mod pages;
pub(crate) mod publishing;
pub(crate) mod recomputing;
pub(crate) mod sheet;
pub(crate) mod signing;
pub(crate) mod store;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Values), Rule::May(Act::Write, Object::Values));
    Routes::new()
        .merge(api::routes())
        .get("/receipts", reads, pages::list)
        .post("/receipts", writes, pages::sign)
        .get("/receipts/{number}", reads, pages::receipt)
        .get("/receipts/{number}/{file}", reads, pages::file)
}
