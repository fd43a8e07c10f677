//! Verdicts: the three things that may be said of somebody among peers, and the five tiers of the
//! detail view (domain 7.8).

use crate::probability::Probability;

/// P(better than median) from which something is clear; mirrored below (domain 19, `tier_clear`).
const CLEAR: f64 = 0.95;
/// From which it is likely (domain 19, `tier_likely`).
const LIKELY: f64 = 0.80;
/// The false discovery rate (domain 7.10, `fdr_q`).
const FALSE_DISCOVERIES: f64 = 0.10;

/// What may be said in a sentence, a list or a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Better than the peers' middle, beyond what chance and many comparisons explain.
    ClearlyAbove,
    /// The numbers do not tell.
    CannotBeToldApart,
    /// Worse, likewise.
    ClearlyBelow,
}

impl Verdict {
    /// The verdict on a subject: clear in the rank distribution **and** among all comparisons of the
    /// same family (`q_value` of [`crate::multiplicity::benjamini_hochberg`]).
    #[must_use]
    pub fn of(tier: Tier, q_value: Probability) -> Verdict {
        match tier {
            _ if q_value.value() > FALSE_DISCOVERIES => Verdict::CannotBeToldApart,
            Tier::ClearlyAbove => Verdict::ClearlyAbove,
            Tier::ClearlyBelow => Verdict::ClearlyBelow,
            Tier::LikelyAbove | Tier::NotDistinguishable | Tier::LikelyBelow => Verdict::CannotBeToldApart,
        }
    }
}

/// Where a subject stands in the detail view, and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// P(better than median) of 0.95 or more.
    ClearlyAbove,
    /// 0.80 or more.
    LikelyAbove,
    /// In between.
    NotDistinguishable,
    /// 0.20 or less.
    LikelyBelow,
    /// 0.05 or less.
    ClearlyBelow,
}

impl Tier {
    /// The tier of a probability to be better than the median.
    #[must_use]
    pub fn of(better_than_median: Probability) -> Tier {
        match better_than_median.value() {
            above if above >= CLEAR => Tier::ClearlyAbove,
            above if above >= LIKELY => Tier::LikelyAbove,
            below if below <= mirrored(CLEAR) => Tier::ClearlyBelow,
            below if below <= mirrored(LIKELY) => Tier::LikelyBelow,
            _ => Tier::NotDistinguishable,
        }
    }
}

/// One less the level, without the last bit that subtraction leaves: 0.05 and 0.20 exactly.
fn mirrored(level: f64) -> f64 {
    (100.0 * (1.0 - level)).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    /// domain_examples X13.1.
    #[test]
    fn tiers_agree_with_the_worked_example() {
        let expected = [
            (0.97, Tier::ClearlyAbove),
            (0.95, Tier::ClearlyAbove),
            (0.85, Tier::LikelyAbove),
            (0.80, Tier::LikelyAbove),
            (0.50, Tier::NotDistinguishable),
            (0.20, Tier::LikelyBelow),
            (0.19, Tier::LikelyBelow),
            (0.05, Tier::ClearlyBelow),
            (0.02, Tier::ClearlyBelow),
        ];
        for (value, tier) in expected {
            assert_eq!(Tier::of(of(value)), tier, "{value}");
        }
    }

    #[test]
    fn a_verdict_needs_both_the_rank_and_the_comparison() {
        assert_eq!(Verdict::of(Tier::ClearlyAbove, of(0.10)), Verdict::ClearlyAbove);
        assert_eq!(Verdict::of(Tier::ClearlyAbove, of(0.11)), Verdict::CannotBeToldApart);
        assert_eq!(Verdict::of(Tier::LikelyAbove, of(0.01)), Verdict::CannotBeToldApart);
        assert_eq!(Verdict::of(Tier::ClearlyBelow, of(0.05)), Verdict::ClearlyBelow);
    }
}
