//! Fair reading of numbers: pure functions on plain values. No input or output, no people.

mod proportion;

pub use proportion::{Interval, wilson};
