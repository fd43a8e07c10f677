//! The binomial distribution: how many of so many.

use crate::probability::Probability;

use super::beta::Beta;

/// How many of `trials` succeed, each with the same probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Binomial {
    trials: u64,
    probability: f64,
}

impl Binomial {
    pub(crate) fn new(trials: u64, probability: Probability) -> Binomial {
        Binomial { trials, probability: probability.value() }
    }

    /// The probability of `count` or fewer.
    pub(crate) fn at_most(self, count: u64) -> f64 {
        if count >= self.trials {
            return 1.0;
        }
        1.0 - self.at_least(count + 1)
    }

    /// The probability of `count` or more.
    pub(crate) fn at_least(self, count: u64) -> f64 {
        if count == 0 {
            return 1.0;
        }
        if count > self.trials {
            return 0.0;
        }
        // The count-th smallest of so many uniform numbers lies below the probability.
        Beta::new(count as f64, (self.trials - count) as f64 + 1.0)
            .map_or(0.0, |beta| beta.cdf(self.probability))
    }

    /// The smallest count with at least this probability at or below it (domain 6.7, 7.12).
    pub(crate) fn quantile(self, level: f64) -> u64 {
        smallest(self.trials, |count| self.at_most(count) >= level)
    }
}

/// The smallest count up to `most` that a condition holds for, which holds for all above it.
pub(crate) fn smallest(most: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
