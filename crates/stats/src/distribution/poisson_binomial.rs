//! The Poisson binomial distribution: how many of several things happen, each with a probability of
//! its own (domain 6.7).

use crate::probability::Probability;

use super::normal;

/// How many things are counted exactly; the recurrence takes the square of it.
const EXACT_UP_TO: usize = 4_000;

/// The number of things that happen.
#[derive(Clone, Debug, PartialEq)]
pub struct PoissonBinomial {
    mean: f64,
    variance: f64,
    third_moment: f64,
    size: usize,
    /// `probabilities[y]` is that of exactly `y`; empty where the things are too many to count exactly.
    probabilities: Vec<f64>,
}

impl PoissonBinomial {
    /// The distribution of how many happen of things with these probabilities. Up to 4,000 things by
    /// the exact recurrence, beyond that by the normal distribution with a correction for skewness
    /// (Volkova 1996), whose error is below 1e-4.
    #[must_use]
    pub fn of(things: &[Probability]) -> PoissonBinomial {
        let values = || things.iter().map(|thing| thing.value());
        let exact = things.len() <= EXACT_UP_TO;
        PoissonBinomial {
            mean: values().sum(),
            variance: values().map(|q| q * (1.0 - q)).sum(),
            third_moment: values().map(|q| q * (1.0 - q) * (1.0 - 2.0 * q)).sum(),
            size: things.len(),
            probabilities: if exact { probabilities(values()) } else { Vec::new() },
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
        if count >= self.size as u64 {
            return Probability::ONE;
        }
        if self.probabilities.is_empty() {
            return Probability::computed(self.refined_normal(count as f64));
        }
        Probability::computed(self.probabilities[..=count as usize].iter().sum())
    }

    /// The probability of `count` or more.
    #[must_use]
    pub fn at_least(&self, count: u64) -> Probability {
        if count == 0 {
            return Probability::ONE;
        }
        if count > self.size as u64 {
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
        super::binomial::smallest(self.size as u64, |count| self.at_most(count) >= level)
    }

    fn refined_normal(&self, count: f64) -> f64 {
        if self.variance <= 0.0 {
            return if count >= self.mean.round() { 1.0 } else { 0.0 };
        }
        let deviation = self.variance.sqrt();
        let z = (count + 0.5 - self.mean) / deviation;
        let skewness = self.third_moment / (self.variance * deviation);
        normal::cdf(z) + skewness * (1.0 - z * z) * normal::density(z) / 6.0
    }
}

/// The recurrence of domain 6.7: one thing after the other happens or does not.
pub(crate) fn probabilities(things: impl Iterator<Item = f64>) -> Vec<f64> {
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
