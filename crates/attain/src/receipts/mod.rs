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

pub(crate) use api::router as api_router;

use axum::Router;
use axum::routing::get;

use crate::web::App;

/// The pages of this place.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/receipts", get(pages::list).post(pages::sign))
        .route("/receipts/{number}", get(pages::receipt))
        .route("/receipts/{number}/{file}", get(pages::file))
}
