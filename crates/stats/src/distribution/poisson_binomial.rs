//! The Poisson binomial distribution: how many of several things happen, each with a probability of
//! its own (domain 6.7).

use crate::probability::Probability;

use super::gamma::Gamma;
use super::normal;

/// How many things are counted exactly; the recurrence takes the square of it.
const EXACT_UP_TO: u64 = 4_000;

/// The variance from which the normal distribution is the better approximation.
const NORMAL_FROM: f64 = 25.0;

/// The number of things that happen.
#[derive(Clone, Debug, PartialEq)]
pub struct PoissonBinomial {
    mean: f64,
    variance: f64,
    third_moment: f64,
    size: u64,
    /// `probabilities[y]` is that of exactly `y`; empty where the things are too many to count exactly.
    probabilities: Vec<f64>,
}

impl PoissonBinomial {
    /// The distribution of how many happen of things with these probabilities. Up to 4,000 things by
    /// the exact recurrence. Beyond that by the normal distribution with a correction for skewness (Volkova
    /// 1996), whose error goes with one over the variance; and where the variance is small, because things
    /// hardly ever happen or hardly ever do not, by the Poisson distribution (Le Cam 1960).
    #[must_use]
    pub fn of(things: &[Probability]) -> PoissonBinomial {
        let groups: Vec<(u64, Probability)> = things.iter().map(|happens| (1, *happens)).collect();
        PoissonBinomial::of_groups(&groups)
    }

    /// As [`PoissonBinomial::of`], of groups of so many things with the same probability.
    #[must_use]
    pub fn of_groups(groups: &[(u64, Probability)]) -> PoissonBinomial {
        let moment = |of: fn(f64) -> f64| groups.iter().map(|(size, q)| *size as f64 * of(q.value())).sum();
        let size = groups.iter().fold(0u64, |size, (more, _)| size.saturating_add(*more));
        let things = groups.iter().flat_map(|(size, q)| (0..*size).map(|_| q.value()));
        PoissonBinomial {
            mean: moment(|q| q),
            variance: moment(|q| q * (1.0 - q)),
            third_moment: moment(|q| q * (1.0 - q) * (1.0 - 2.0 * q)),
            size,
            probabilities: if size <= EXACT_UP_TO { probabilities(things) } else { Vec::new() },
        }
    }

    /// The expected number.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The probability of each number from none to all, while things are few enough to count exactly.
    #[must_use]
    pub fn probabilities(&self) -> Option<&[f64]> {
        (!self.probabilities.is_empty()).then_some(&self.probabilities)
    }

    /// The probability of `count` or fewer.
    #[must_use]
    pub fn at_most(&self, count: u64) -> Probability {
        if count >= self.size {
            return Probability::ONE;
        }
        if self.probabilities.is_empty() {
            return Probability::computed(self.approximate(count as f64));
        }
        Probability::computed(self.probabilities[..=count as usize].iter().sum())
    }

    /// The probability of `count` or more.
    #[must_use]
    pub fn at_least(&self, count: u64) -> Probability {
        if count == 0 {
            return Probability::ONE;
        }
        if count > self.size {
            return Probability::ZERO;
        }
        if self.probabilities.is_empty() {
            return self.at_most(count - 1).complement();
        }
        Probability::computed(self.probabilities[count as usize..].iter().sum())
    }

    /// The smallest count with at least this probability at or below it.
    #[must_use]
    pub fn quantile(&self, level: Probability) -> u64 {
        super::binomial::smallest(self.size, |count| self.at_most(count) >= level)
    }

    fn approximate(&self, count: f64) -> f64 {
        if self.variance >= NORMAL_FROM {
            self.refined_normal(count)
        } else if self.third_moment >= 0.0 {
            let certain = (self.mean - self.variance).floor();
            poisson_at_most(count - certain, self.mean - certain)
        } else {
            let possible = (self.mean + self.variance).ceil();
            1.0 - poisson_at_most(possible - count - 1.0, possible - self.mean)
        }
    }

    fn refined_normal(&self, count: f64) -> f64 {
        let deviation = self.variance.sqrt();
        let z = (count + 0.5 - self.mean) / deviation;
        let skewness = self.third_moment / (self.variance * deviation);
        normal::cdf(z) + skewness * (1.0 - z * z) * normal::density(z) / 6.0
    }
}

/// The probability of at most `count` events where `mean` are expected.
fn poisson_at_most(count: f64, mean: f64) -> f64 {
    if count < 0.0 {
        return 0.0;
    }
    Gamma::new(count.floor() + 1.0, 1.0).map_or(1.0, |waiting| 1.0 - waiting.cdf(mean))
}

/// The recurrence of domain 6.7: one thing after the other happens or does not.
fn probabilities(things: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut counted = vec![1.0];
    for happens in things {
        add(&mut counted, happens);
    }
    counted
}

fn add(counted: &mut Vec<f64>, happens: f64) {
    counted.push(0.0);
    for number in (0..counted.len()).rev() {
        let one_fewer = if number == 0 { 0.0 } else { counted[number - 1] };
        counted[number] = counted[number] * (1.0 - happens) + one_fewer * happens;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(things: &[f64]) -> Vec<Probability> {
        things.iter().map(|q| Probability::new(*q).expect("a probability")).collect()
    }

    /// domain_examples X6.15.
    #[test]
    fn wins_from_an_open_pipeline_agree_with_the_worked_example() {
        let wins = PoissonBinomial::of(&of(&[0.8, 0.5, 0.3, 0.3, 0.1]));
        let expected = [0.0441, 0.2632, 0.4022, 0.2332, 0.0537, 0.0036];
        for (got, expected) in wins.probabilities().expect("few").iter().zip(expected) {
            assert!((got - expected).abs() < 1e-12);
        }
        assert!((wins.mean() - 2.0).abs() < 1e-12);
        assert!((wins.at_least(3).value() - 0.2905).abs() < 1e-12);
        assert_eq!(wins.quantile(Probability::computed(0.5)), 2);
    }

    /// scipy.stats.binom.cdf(3, 5000, 0.001), and the recurrence in numpy over `[0.02] * 3000 + [0.4] * 2000`.
    #[test]
    fn many_things_are_counted_by_the_refined_normal() {
        let (rare, often) = (Probability::computed(0.02), Probability::computed(0.4));
        let many = PoissonBinomial::of_groups(&[(3000, rare), (2000, often)]);
        assert_eq!(many.probabilities(), None);
        for (count, expected) in MANY {
            let got = many.at_most(count).value();
            assert!((got - expected).abs() < 1e-4, "{count}: {got}");
        }
        let (hardly, almost) = (Probability::computed(0.001), Probability::computed(0.999));
        let few = PoissonBinomial::of_groups(&[(5000, hardly)]);
        assert!((few.at_most(3).value() - 0.26488547585650707).abs() < 1e-3);
        let most = PoissonBinomial::of_groups(&[(5000, almost)]);
        assert!((most.at_least(4997).value() - 0.26488547585650707).abs() < 1e-3);
        let huge = PoissonBinomial::of_groups(&[(u64::MAX, often), (u64::MAX, rare)]);
        assert_eq!(huge.at_most(0), Probability::ZERO);
    }

    const MANY: [(u64, f64); 3] =
        [(812, 0.02003007911182781), (860, 0.5094025341387816), (905, 0.9746886968963488)];

    #[test]
    fn nothing_open_wins_nothing() {
        let nothing = PoissonBinomial::of(&[]);
        assert_eq!(nothing.at_least(1), Probability::ZERO);
        assert_eq!(nothing.at_most(0), Probability::ONE);
        assert_eq!(nothing.mean(), 0.0);
    }

    proptest! {
        #[test]
        fn something_happens_for_certain(things in prop::collection::vec(0.0f64..=1.0, 0..40)) {
            let number = PoissonBinomial::of(&of(&things));
            let all: f64 = number.probabilities().expect("few").iter().sum();
            prop_assert!((all - 1.0).abs() < 1e-12);
            for count in 0..things.len() as u64 {
                let both = number.at_most(count).value() + number.at_least(count + 1).value();
                prop_assert!((both - 1.0).abs() < 1e-12);
            }
        }
    }
}
