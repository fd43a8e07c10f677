//! Thresholds and stretch around a target (domain 6.8). Stretch is never the denominator of an
//! attainment; how probable it is (domain 6.7) is shown when it is set.

use std::ops::RangeInclusive;

use rust_decimal::Decimal;

use crate::probability::Probability;
use crate::ranking::Better;

/// How probable a stretch is (domain 6.8).
pub(crate) const STRETCH: RangeInclusive<f64> = 0.10..=0.20;

/// A target with what is just enough below it and what is more than asked above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Just enough.
    threshold: Decimal,
    /// What is asked for.
    target: Decimal,
    /// More than is asked for.
    stretch: Decimal,
}

impl Levels {
    /// Levels in order: `threshold < target < stretch` where higher is better, otherwise reversed.
    #[must_use]
    pub fn new(better: Better, threshold: Decimal, target: Decimal, stretch: Decimal) -> Option<Levels> {
        let ordered = match better {
            Better::Higher => threshold < target && target < stretch,
            Better::Lower => threshold > target && target > stretch,
        };
        ordered.then_some(Levels { threshold, target, stretch })
    }

    /// Just enough.
    #[must_use]
    pub fn threshold(&self) -> Decimal {
        self.threshold
    }

    /// What is asked for, and what attainment is measured by.
    #[must_use]
    pub fn target(&self) -> Decimal {
        self.target
    }

    /// More than is asked for.
    #[must_use]
    pub fn stretch(&self) -> Decimal {
        self.stretch
    }
}

/// Whether a stretch level is a stretch and no dream: probable to 10–20 % (domain 6.8).
#[must_use]
pub fn is_a_stretch(probability: Probability) -> bool {
    STRETCH.contains(&probability.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_lie_in_the_order_of_what_is_better() {
        let of = |better, levels: [i64; 3]| {
            let [threshold, target, stretch] = levels.map(Decimal::from);
            Levels::new(better, threshold, target, stretch).map(|levels| levels.target())
        };
        assert_eq!(of(Better::Higher, [80, 100, 120]), Some(Decimal::from(100)));
        assert_eq!(of(Better::Lower, [50, 40, 30]), Some(Decimal::from(40)));
        assert_eq!(of(Better::Higher, [50, 40, 30]), None);
        assert_eq!(of(Better::Higher, [100, 100, 120]), None);
    }

    #[test]
    fn a_stretch_is_neither_given_nor_hopeless() {
        let of = |value| is_a_stretch(Probability::new(value).expect("a probability"));
        assert!(of(0.10) && of(0.20));
        assert!(!of(0.09) && !of(0.21));
    }
}
