//! Significance: how probable a difference as large as the one seen is, if there were none. Fisher's
//! exact test for shares, Welch's for means, and each subject against the rest of its peer set.

mod fisher;
mod rest;
mod welch;

pub use fisher::fisher_exact;
pub use rest::{means_against_the_rest, proportions_against_the_rest, rates_against_the_rest};
pub use welch::{Welch, welch};
