//! Why there is no number. A result that does not exist says so; it is never zero (domain 5).

use std::fmt;

/// The reason a number does not exist, in the words of arithmetic. Who shows it knows the edge code
/// of domain 5 that is named beside each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Undefined {
    /// Something would be divided by nothing (E3).
    ZeroDenominator,
    /// A target of zero or less where a ratio to it is asked for (E16).
    ZeroTarget,
    /// A base that is negative, of the wrong sign, or equal to what it is to differ from (E17).
    InvalidBase,
    /// Fewer observations than the method needs (E6).
    TooFew,
    /// Too little of the weight has a value (E18).
    InsufficientWeight,
    /// Observations that are all alike, which tell nothing of how far others may lie from them (E6).
    Alike,
    /// An input is no finite number, or the result is too large to be held.
    NotFinite,
    /// Inputs that cannot be true together, such as more successes than trials.
    Contradictory,
}

impl fmt::Display for Undefined {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Undefined::ZeroDenominator => "nothing to divide by",
            Undefined::ZeroTarget => "the target is zero or less",
            Undefined::InvalidBase => "the base is negative or of the wrong sign",
            Undefined::TooFew => "too few observations",
            Undefined::InsufficientWeight => "too little of the weight has a value",
            Undefined::Alike => "all observations are alike",
            Undefined::NotFinite => "not a finite number",
            Undefined::Contradictory => "inputs contradict each other",
        })
    }
}

impl std::error::Error for Undefined {}

/// The number, if it is one.
pub(crate) fn finite(value: f64) -> Result<f64, Undefined> {
    if value.is_finite() { Ok(value) } else { Err(Undefined::NotFinite) }
}
