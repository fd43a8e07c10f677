//! A delivery becomes facts, or nothing.
mod batch;
mod compare;
mod fates;
mod hash;
mod identity;
pub use fates::Tally;
pub use identity::Identity;
