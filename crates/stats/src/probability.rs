//! Probabilities: numbers from 0 to 1, so that nobody has to ask again.

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// What never happens.
    pub const ZERO: Probability = Probability(0.0);
    /// What always happens.
    pub const ONE: Probability = Probability(1.0);

    /// A number from 0 to 1, or none.
    #[must_use]
    pub fn new(value: f64) -> Option<Probability> {
        (0.0..=1.0).contains(&value).then_some(Probability(value))
    }

    /// What was computed as a probability, without the rounding that may lie outside 0 to 1.
    pub(crate) fn computed(value: f64) -> Probability {
        debug_assert!(!value.is_nan(), "a probability was computed from finite numbers");
        Probability(value.clamp(0.0, 1.0))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// The probability that it does not happen.
    #[must_use]
    pub fn complement(self) -> Probability {
        Probability(1.0 - self.0)
    }
}
