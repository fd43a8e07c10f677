//! Facts: what companies' systems say happened, taken in once and kept with both times.
//!
//! Records come in as files ([`source`]), become canonical [`rows`] by a declarative [`mapping`],
//! are compared with what is known ([`import`]) and become versions in immutable Parquet files
//! that a snapshot names ([`store`]). What turns out to be one and the same is [`merge`]d. Nothing here knows metrics, reviews or HTML.

pub mod calendar;
pub mod canonical;
pub mod company;
pub mod database;
pub mod import;
pub mod mapping;
pub mod merge;
mod reject;
pub mod restatement;
mod rows;
mod source;
pub mod store;
pub mod suggestion;
pub mod value;

pub use reject::{Reason, Reject, RejectedRow};
pub use source::SourceError;
