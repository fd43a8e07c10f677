//! Funnel plots: how far a share may lie from the group's, given how few trials it rests on
//! (Spiegelhalter 2005, domain 7.12).

use std::ops::RangeInclusive;

use crate::distribution::binomial::Binomial;
use crate::probability::Probability;
use crate::proportion::Proportion;

/// Limits as counts of so many trials; a count is outside when strictly beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunnelLimits {
    /// The counts within 95 %.
    pub ninety_five: RangeInclusive<u64>,
    /// The counts within 99.8 %.
    pub ninety_nine_eight: RangeInclusive<u64>,
}

/// Where a share lies in the funnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Within 95 %.
    Inside,
    /// Between the 95 % and the 99.8 % limits.
    BeyondNinetyFive,
    /// Beyond the 99.8 % limits.
    BeyondNinetyNineEight,
}

impl FunnelLimits {
    /// The exact limits at so many trials: the smallest counts with a binomial probability at or below them
    /// of at least 0.025 and 0.975, and of 0.001 and 0.999.
    #[must_use]
    pub fn of(group: Probability, trials: u64) -> FunnelLimits {
        let count = Binomial::new(trials, group);
        FunnelLimits {
            ninety_five: count.quantile(0.025)..=count.quantile(0.975),
            ninety_nine_eight: count.quantile(0.001)..=count.quantile(0.999),
        }
    }

    /// Where a share lies among the limits of its trials.
    #[must_use]
    pub fn position(group: Probability, share: Proportion) -> Position {
        let limits = FunnelLimits::of(group, share.trials());
        if limits.ninety_five.contains(&share.successes()) {
            Position::Inside
        } else if limits.ninety_nine_eight.contains(&share.successes()) {
            Position::BeyondNinetyFive
        } else {
            Position::BeyondNinetyNineEight
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn third() -> Probability {
        Probability::new(0.3).expect("a probability")
    }

    /// domain_examples X7.20.
    #[test]
    fn limits_agree_with_the_worked_example() {
        for (trials, [low, high, lowest, highest]) in
            [(10, [0, 6, 0, 8]), (50, [9, 22, 6, 25]), (200, [48, 73, 41, 81])]
        {
            let limits = FunnelLimits::of(third(), trials);
            assert_eq!(limits.ninety_five, low..=high);
            assert_eq!(limits.ninety_nine_eight, lowest..=highest);
        }
    }

    #[test]
    fn a_point_on_the_limit_is_inside() {
        let at = |successes| {
            FunnelLimits::position(third(), Proportion::new(successes, 50).expect("a proportion"))
        };
        assert_eq!(at(22), Position::Inside);
        assert_eq!(at(23), Position::BeyondNinetyFive);
        assert_eq!(at(26), Position::BeyondNinetyNineEight);
        assert_eq!(at(5), Position::BeyondNinetyNineEight);
    }

    #[test]
    fn the_ends_of_the_funnel_are_limits_too() {
        assert_eq!(FunnelLimits::of(third(), 0).ninety_five, 0..=0);
        assert_eq!(FunnelLimits::of(Probability::ZERO, 10).ninety_nine_eight, 0..=0);
        assert_eq!(FunnelLimits::of(Probability::ONE, 10).ninety_five, 10..=10);
    }
}
