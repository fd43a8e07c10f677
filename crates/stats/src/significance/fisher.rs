//! Fisher's exact test of two shares (domain 10.9).

use crate::distribution::normal;
use crate::probability::Probability;
use crate::proportion::Proportion;

/// Outcomes this much more probable than the one seen still count as equally probable.
const SLACK: f64 = 1e-7;

/// The spread of outcomes up to which they are added up one by one.
const EXACT_DEVIATION_MAX: f64 = 30_000.0;

/// The trials up to which one more is another number.
const EXACT_TRIALS_MAX: f64 = 4_503_599_627_370_496.0;

/// The two-sided p-value of two shares being one: the sum of the hypergeometric probabilities up to
/// that of what was seen. Where millions of outcomes would have to be added up, by the normal
/// distribution. Without trials on one side nothing speaks against it.
#[must_use]
pub fn fisher_exact(first: Proportion, second: Proportion) -> Probability {
    let table = Table::of(first, second);
    let deviation = table.deviation();
    if table.first.min(table.second) == 0.0 || deviation == 0.0 {
        return Probability::ONE;
    }
    if deviation > EXACT_DEVIATION_MAX || table.first + table.second > EXACT_TRIALS_MAX {
        return Probability::computed(2.0 * normal::cdf(-(table.seen - table.mean()).abs() / deviation));
    }
    let mode = table.mode();
    let seen =
        table.outward(mode, table.seen).find(|(outcome, _)| *outcome == table.seen).map_or(0.0, |(_, w)| w);
    let (mut all, mut as_rare) = (0.0, 0.0);
    let downward = table.outward(mode, table.least).skip(1);
    for (_, weight) in table.outward(mode, table.most).chain(downward) {
        all += weight;
        if weight <= seen * (1.0 + SLACK) {
            as_rare += weight;
        }
    }
    Probability::computed(as_rare / all)
}

/// Four cells whose margins are fixed; what varies is how many succeed in the first row.
struct Table {
    seen: f64,
    successes: f64,
    first: f64,
    second: f64,
    least: f64,
    most: f64,
}

impl Table {
    fn of(first: Proportion, second: Proportion) -> Table {
        let seen = first.successes() as f64;
        let successes = seen + second.successes() as f64;
        let (first, second) = (first.trials() as f64, second.trials() as f64);
        Table {
            seen,
            successes,
            first,
            second,
            least: (successes - second).max(0.0),
            most: successes.min(first),
        }
    }

    fn mean(&self) -> f64 {
        self.first * (self.successes / (self.first + self.second))
    }

    fn deviation(&self) -> f64 {
        let all = self.first + self.second;
        let failures = all - self.successes;
        (self.mean() * (self.second / all) * (failures / (all - 1.0).max(1.0))).sqrt()
    }

    fn mode(&self) -> f64 {
        let mode = ((self.successes + 1.0) * (self.first + 1.0) / (self.first + self.second + 2.0)).floor();
        mode.clamp(self.least, self.most)
    }

    /// Outcomes and their probabilities relative to that of the start, as far as they can be held.
    fn outward(&self, start: f64, end: f64) -> impl Iterator<Item = (f64, f64)> {
        let (mut outcome, mut weight) = (start, 1.0);
        let step = if end < start { -1.0 } else { 1.0 };
        let mut over = false;
        std::iter::from_fn(move || {
            if over || weight == 0.0 {
                return None;
            }
            let current = (outcome, weight);
            over = outcome == end;
            let (from, to) = if step > 0.0 { (outcome, outcome + 1.0) } else { (outcome - 1.0, outcome) };
            let up =
                (self.successes - from) * (self.first - from) / (to * (self.second - self.successes + to));
            weight *= if step > 0.0 { up } else { 1.0 / up };
            outcome += step;
            Some(current)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn test(a: u64, b: u64, c: u64, d: u64) -> f64 {
        let of = |x: u64, y: u64| Proportion::new(x, x + y).expect("a proportion");
        fisher_exact(of(a, b), of(c, d)).value()
    }

    /// domain_examples X10.6, X10.5.
    #[test]
    fn tables_agree_with_the_worked_examples() {
        let expected = [
            ((8, 2, 1, 5), 0.03496503496503),
            ((3, 1, 1, 3), 0.4857142857143),
            ((10, 0, 0, 10), 1.082508822447e-05),
            ((24, 36, 9, 31), 0.08423107941023),
        ];
        for ((a, b, c, d), expected) in expected {
            assert!((test(a, b, c, d) - expected).abs() < 1e-9);
        }
    }

    /// scipy.stats.fisher_exact([[a, b], [c, d]]).pvalue
    #[test]
    fn larger_tables_agree_with_scipy() {
        for ((a, b, c, d), expected) in SCIPY {
            let got = test(a, b, c, d);
            assert!((got - expected).abs() < 1e-9 * expected.max(1e-3), "{got} instead of {expected}");
        }
    }

    const SCIPY: [((u64, u64, u64, u64), f64); 4] = [
        ((60, 240, 190, 710), 0.7427616366834802),
        ((3, 997, 18, 982), 0.0014110652668705614),
        ((400, 1600, 5200, 14800), 2.157296967144137e-09),
        ((0, 25, 12, 8), 4.3800384129368815e-06),
    ];

    #[test]
    fn tables_without_a_choice_or_beyond_counting_have_an_answer() {
        assert_eq!(test(0, 0, 3, 4), 1.0);
        assert_eq!(test(5, 0, 7, 0), 1.0);
        assert_eq!(test(0, 5, 0, 7), 1.0);
        let half = u64::MAX / 2;
        assert!((test(half, half, half, half) - 1.0).abs() < 1e-6);
        assert_eq!(test(half, 0, 0, half), 0.0);
        assert!(test(1_000_000_000_000, 1_000_000_000_000, 1_000_003_000_000, 1_000_000_000_000) < 0.2);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_who_is_first(a in 0u64..300, b in 0u64..300, c in 0u64..300, d in 0u64..300) {
            let p_value = test(a, b, c, d);
            prop_assert!((0.0..=1.0).contains(&p_value));
            prop_assert!((p_value - test(c, d, a, b)).abs() < 1e-9);
            prop_assert!((p_value - test(b, a, d, c)).abs() < 1e-9);
        }
    }
}
