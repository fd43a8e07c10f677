//! Proportions: how sure a rate is, given how little or much it rests on (domain 7.1).

use crate::interval::{Confidence, Estimate, Interval};
use crate::undefined::Undefined;

/// So many successes of so many trials, never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

impl Proportion {
    /// A proportion, unless there are more successes than trials. Nothing of nothing is one.
    #[must_use]
    pub fn new(successes: u64, trials: u64) -> Option<Proportion> {
        (successes <= trials).then_some(Proportion { successes, trials })
    }

    /// How many succeeded.
    #[must_use]
    pub fn successes(self) -> u64 {
        self.successes
    }

    /// How many were tried.
    #[must_use]
    pub fn trials(self) -> u64 {
        self.trials
    }

    /// How many failed.
    #[must_use]
    pub fn failures(self) -> u64 {
        self.trials - self.successes
    }

    /// The share that succeeded.
    ///
    /// # Errors
    /// `ZeroDenominator` where nothing was tried.
    pub fn share(self) -> Result<f64, Undefined> {
        if self.trials == 0 {
            return Err(Undefined::ZeroDenominator);
        }
        Ok(self.successes as f64 / self.trials as f64)
    }

    /// The score interval around the share (Wilson 1927, domain 7.1), without continuity correction.
    ///
    /// # Errors
    /// `ZeroDenominator` where nothing was tried.
    pub fn wilson(self, confidence: Confidence) -> Result<Interval, Undefined> {
        let share = self.share()?;
        let (n, z) = (self.trials as f64, confidence.z());
        let widening = 1.0 + z * z / n;
        let centre = (share + z * z / (2.0 * n)) / widening;
        let half = z / widening * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        let low = if self.successes == 0 { 0.0 } else { (centre - half).clamp(0.0, share) };
        let high = if self.successes == self.trials { 1.0 } else { (centre + half).clamp(share, 1.0) };
        Ok(Interval { low, high })
    }
}

/// The 95 % score interval of `successes` among `trials` (Wilson 1927, domain 7.1), without
/// continuity correction. No trials, or more successes than trials, have none.
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    Proportion::new(successes, trials)?.wilson(Confidence::NINETY_FIVE).ok()
}

/// By how much the first share exceeds the second: the hybrid score interval (Newcombe 1998, domain
/// 7.1), made of both Wilson intervals.
///
/// # Errors
/// `ZeroDenominator` where nothing was tried on one side.
pub fn newcombe(
    first: Proportion,
    second: Proportion,
    confidence: Confidence,
) -> Result<Estimate, Undefined> {
    let (share, other) = (first.share()?, second.share()?);
    let (around, around_other) = (first.wilson(confidence)?, second.wilson(confidence)?);
    let difference = share - other;
    let down = (share - around.low).hypot(around_other.high - other);
    let up = (around.high - share).hypot(other - around_other.low);
    Estimate::of(
        difference,
        Interval { low: (difference - down).max(-1.0), high: (difference + up).min(1.0) },
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(successes: u64, trials: u64) -> Proportion {
        Proportion::new(successes, trials).expect("no more successes than trials")
    }

    proptest! {
        /// Invariant I13: inside [0, 1], contains the share, mirrored for failures.
        #[test]
        fn an_interval_is_a_fair_statement_about_a_share(trials in 1u64.., part in 0.0f64..=1.0) {
            let successes = ((trials as f64 * part).floor() as u64).min(trials);
            let interval = wilson(successes, trials).expect("defined");
            let share = successes as f64 / trials as f64;
            prop_assert!(0.0 <= interval.low && interval.low <= share && share <= interval.high && interval.high <= 1.0);
            let mirrored = wilson(trials - successes, trials).expect("defined");
            prop_assert!((interval.low - (1.0 - mirrored.high)).abs() < 1e-12);
        }

        #[test]
        fn more_trials_say_more(successes in 1u64..200, times in 2u64..50) {
            let few = wilson(successes, 2 * successes).expect("defined");
            let many = wilson(times * successes, times * 2 * successes).expect("defined");
            prop_assert!(many.high - many.low < few.high - few.low);
        }

        #[test]
        fn a_difference_turned_round_is_its_negative(a in 0u64..50, b in 0u64..50, more in 1u64..50) {
            let (first, second) = (of(a, a + more), of(b, b + more));
            let there = newcombe(first, second, Confidence::NINETY_FIVE).expect("defined");
            let back = newcombe(second, first, Confidence::NINETY_FIVE).expect("defined");
            prop_assert!((there.value + back.value).abs() < 1e-12);
            prop_assert!((there.interval.low + back.interval.high).abs() < 1e-12);
            prop_assert!(there.interval.contains(there.value));
        }
    }

    /// domain_examples X7.1.
    #[test]
    fn intervals_agree_with_the_worked_examples() {
        let cases = [
            ((3, 4), (0.3006418425824, 0.9544127391903)),
            ((60, 100), (0.5020025867911, 0.6905987135675)),
            ((0, 10), (0.0, 0.2775327998629)),
            ((10, 10), (0.7224672001371, 1.0)),
            ((1, 1), (0.2065493143772, 1.0)),
            ((250, 1000), (0.2241530989837, 0.2777602802591)),
        ];
        for ((successes, trials), (low, high)) in cases {
            let interval = wilson(successes, trials).expect("defined");
            assert!((interval.low - low).abs() < 1e-9 && (interval.high - high).abs() < 1e-9, "{interval:?}");
        }
    }

    /// domain_examples X7.2 (the first is Newcombe's own), X10.5, X14.1.
    #[test]
    fn differences_agree_with_the_worked_examples() {
        let cases = [
            ((56, 70, 48, 80), (0.2, 0.05243147240237, 0.3338726540369)),
            ((9, 10, 3, 10), (0.6, 0.1705227239345, 0.8090179735355)),
            ((10, 10, 0, 20), (1.0, 0.6790860371419, 1.0)),
            ((24, 60, 9, 40), (0.175, -0.0136132175886, 0.337274027588)),
            ((45, 110, 30, 120), (0.1590909090909, 0.03765462237141, 0.2751849267043)),
        ];
        for ((x, n, other, m), (difference, low, high)) in cases {
            let got = newcombe(of(x, n), of(other, m), Confidence::NINETY_FIVE).expect("defined");
            let apart = [got.value - difference, got.interval.low - low, got.interval.high - high];
            assert!(apart.iter().all(|gap| gap.abs() < 1e-9), "{got:?}");
        }
    }

    #[test]
    fn nothing_tried_says_nothing() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(5, 4), None);
        assert_eq!(of(0, 0).share(), Err(Undefined::ZeroDenominator));
        assert_eq!(newcombe(of(0, 0), of(1, 2), Confidence::NINETY_FIVE), Err(Undefined::ZeroDenominator));
    }
}
