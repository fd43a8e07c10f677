//! Proportions: how sure a rate is, given how little or much it rests on (domain 7.1).

/// The standard normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// A two-sided interval, both ends as shares of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The 95 % score interval of `successes` among `trials` (Wilson 1927, domain 7.1), without
/// continuity correction. No trials, or more successes than trials, have none.
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    let (x, n) = (successes as f64, trials as f64);
    let share = x / n;
    let widening = 1.0 + Z * Z / n;
    let centre = (share + Z * Z / (2.0 * n)) / widening;
    let half = Z / widening * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let low = if successes == 0 { 0.0 } else { centre - half };
    let high = if successes == trials { 1.0 } else { centre + half };
    Some(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Invariant I13: inside [0, 1], contains the share, mirrored for failures.
        #[test]
        fn an_interval_is_a_fair_statement_about_a_share(trials in 1u64..5_000, part in 0.0f64..=1.0) {
            let successes = (trials as f64 * part).floor() as u64;
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

    #[test]
    fn nothing_tried_says_nothing() {
        assert_eq!(wilson(0, 0), None);
    }
}
