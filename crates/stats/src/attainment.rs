//! Attainment: how much of a target is reached, in the direction that the target means (domain 6.3).
//! It is uncapped and signed; a cap belongs to the scorecard. Money stays decimal.

use rust_decimal::Decimal;

use crate::exact::{divide, subtract};
use crate::undefined::Undefined;

/// What an actual value is held against. It can only be made where an attainment exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objective(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    AtLeast { target: Decimal },
    AtMost { target: Decimal },
    Reduce { baseline: Decimal, target: Decimal },
    Band { low: Decimal, high: Decimal },
    Progress { baseline: Decimal, target: Decimal },
}

impl Objective {
    /// Higher is better (↑): `a / T`.
    ///
    /// # Errors
    /// `ZeroTarget` where the target is zero or less.
    pub fn at_least(target: Decimal) -> Result<Objective, Undefined> {
        positive(target).map(|target| Objective(Kind::AtLeast { target }))
    }

    /// Lower is better (↓), without a baseline: `2 − a / T`. Never `T / a`, which explodes at 0.
    ///
    /// # Errors
    /// `ZeroTarget` where the target is zero or less.
    pub fn at_most(target: Decimal) -> Result<Objective, Undefined> {
        positive(target).map(|target| Objective(Kind::AtMost { target }))
    }

    /// Lower is better (↓), from a baseline: `(b − a) / (b − T)`.
    ///
    /// # Errors
    /// `InvalidBase` unless the baseline lies above the target.
    pub fn reduce(baseline: Decimal, target: Decimal) -> Result<Objective, Undefined> {
        if baseline <= target {
            return Err(Undefined::InvalidBase);
        }
        Ok(Objective(Kind::Reduce { baseline, target }))
    }

    /// Within a band (◇): 1 inside, `a / lo` below, `2 − a / hi` above.
    ///
    /// # Errors
    /// `ZeroTarget` where the lower end is zero or less, `Contradictory` where it lies above the upper.
    pub fn band(low: Decimal, high: Decimal) -> Result<Objective, Undefined> {
        positive(low)?;
        if low > high {
            return Err(Undefined::Contradictory);
        }
        Ok(Objective(Kind::Band { low, high }))
    }

    /// Progress from a baseline, in either direction: `(a − b) / (T − b)`. Shown as progress.
    ///
    /// # Errors
    /// `InvalidBase` where baseline and target are the same.
    pub fn progress(baseline: Decimal, target: Decimal) -> Result<Objective, Undefined> {
        if baseline == target {
            return Err(Undefined::InvalidBase);
        }
        Ok(Objective(Kind::Progress { baseline, target }))
    }

    /// The attainment of an actual value, uncapped.
    ///
    /// # Errors
    /// `NotFinite` where it is too large to be held.
    pub fn attainment(&self, actual: Decimal) -> Result<Decimal, Undefined> {
        match self.0 {
            Kind::AtLeast { target } => divide(actual, target),
            Kind::AtMost { target } => subtract(Decimal::TWO, divide(actual, target)?),
            Kind::Reduce { baseline, target } => {
                divide(subtract(baseline, actual)?, subtract(baseline, target)?)
            }
            Kind::Band { low, .. } if actual < low => divide(actual, low),
            Kind::Band { high, .. } if actual > high => subtract(Decimal::TWO, divide(actual, high)?),
            Kind::Band { .. } => Ok(Decimal::ONE),
            Kind::Progress { baseline, target } => {
                divide(subtract(actual, baseline)?, subtract(target, baseline)?)
            }
        }
    }
}

/// The attainment of something that is to be done: 1 if it is by its due date, else 0.
#[must_use]
pub fn binary(done_by_due_date: bool) -> Decimal {
    if done_by_due_date { Decimal::ONE } else { Decimal::ZERO }
}

fn positive(target: Decimal) -> Result<Decimal, Undefined> {
    if target > Decimal::ZERO { Ok(target) } else { Err(Undefined::ZeroTarget) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn reaches(objective: Result<Objective, Undefined>, cases: &[(&str, &str)]) {
        let objective = objective.expect("an objective");
        for (actual, expected) in cases {
            assert_eq!(objective.attainment(of(actual)), Ok(of(expected)), "{objective:?} of {actual}");
        }
    }

    /// domain_examples X6.1.
    #[test]
    fn higher_is_better_and_uncapped() {
        reaches(Objective::at_least(of("100")), &[("120", "1.2"), ("0", "0"), ("-5", "-0.05")]);
        assert_eq!(Objective::at_least(of("0")), Err(Undefined::ZeroTarget));
        assert_eq!(Objective::at_least(of("-1")), Err(Undefined::ZeroTarget));
    }

    /// domain_examples X6.2.
    #[test]
    fn lower_is_better_without_a_baseline() {
        let cases = [("40", "1"), ("30", "1.25"), ("0", "2"), ("80", "0"), ("120", "-1")];
        reaches(Objective::at_most(of("40")), &cases);
        assert_eq!(Objective::at_most(of("0")), Err(Undefined::ZeroTarget));
    }

    /// domain_examples X6.3.
    #[test]
    fn lower_is_better_from_a_baseline() {
        reaches(Objective::reduce(of("60"), of("40")), &[("45", "0.75"), ("36", "1.2"), ("66", "-0.3")]);
        assert_eq!(Objective::reduce(of("35"), of("40")), Err(Undefined::InvalidBase));
        assert_eq!(Objective::reduce(of("40"), of("40")), Err(Undefined::InvalidBase));
    }

    /// domain_examples X6.4.
    #[test]
    fn within_a_band_everything_is_reached() {
        let cases = [("2.4", "0.8"), ("3", "1"), ("4", "1"), ("5", "1"), ("6", "0.8"), ("11", "-0.2")];
        reaches(Objective::band(of("3"), of("5")), &cases);
        assert_eq!(Objective::band(of("0"), of("5")), Err(Undefined::ZeroTarget));
        assert_eq!(Objective::band(of("5"), of("3")), Err(Undefined::Contradictory));
    }

    /// domain_examples X6.5.
    #[test]
    fn progress_runs_in_either_direction() {
        reaches(Objective::progress(of("20"), of("30")), &[("26", "0.6")]);
        reaches(Objective::progress(of("20"), of("10")), &[("14", "0.6")]);
        assert_eq!(Objective::progress(of("20"), of("20")), Err(Undefined::InvalidBase));
    }

    /// domain_examples X6.6: recomputed from sums, never the mean of members.
    #[test]
    fn a_team_is_recomputed() {
        reaches(Objective::at_least(of("800")), &[("540", "0.675")]);
    }

    #[test]
    fn what_is_done_is_done() {
        assert_eq!((binary(true), binary(false)), (Decimal::ONE, Decimal::ZERO));
    }

    #[test]
    fn numbers_that_do_not_fit_say_so() {
        let least = Decimal::new(1, 28);
        let objective = Objective::at_least(least).expect("an objective");
        assert_eq!(objective.attainment(Decimal::MAX), Err(Undefined::NotFinite));
        let reduce = Objective::reduce(Decimal::MAX, Decimal::MIN).expect("an objective");
        assert_eq!(reduce.attainment(Decimal::MIN), Err(Undefined::NotFinite));
    }

    proptest! {
        /// Invariant I23.
        #[test]
        fn a_scale_does_not_matter(actual in -1_000_000i64..1_000_000, target in 1i64..1_000_000, times in 1i64..1000) {
            let attained = |by: i64| {
                let objective = Objective::at_least(Decimal::from(target * by)).expect("an objective");
                objective.attainment(Decimal::from(actual * by))
            };
            prop_assert_eq!(attained(1), attained(times));
        }

        /// Invariant I23.
        #[test]
        fn less_is_strictly_better(actual in -1_000_000i64..1_000_000, less in 1i64..1000, target in 1i64..1_000_000) {
            let objective = Objective::at_most(Decimal::from(target)).expect("an objective");
            let attained = |actual: i64| objective.attainment(Decimal::from(actual)).expect("defined");
            prop_assert!(attained(actual - less) > attained(actual));
        }

        /// Invariant I23.
        #[test]
        fn a_band_is_reached_inside_alone(low in 1i64..1000, width in 0i64..1000, actual in -2000i64..4000) {
            let objective = Objective::band(Decimal::from(low), Decimal::from(low + width)).expect("an objective");
            let attained = objective.attainment(Decimal::from(actual)).expect("defined");
            prop_assert_eq!(attained == Decimal::ONE, (low..=low + width).contains(&actual));
        }
    }
}
