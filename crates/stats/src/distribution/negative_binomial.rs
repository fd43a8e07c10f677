//! The negative binomial distribution: counts to come, the rate behind them known up to a gamma
//! distribution (domain 6.7).

use super::beta::Beta;
use super::binomial::smallest;
use super::is_proper;

/// Counts with a size above 0 and a success probability above 0, up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NegativeBinomial {
    size: f64,
    success: f64,
}

impl NegativeBinomial {
    pub(crate) fn new(size: f64, success: f64) -> Option<NegativeBinomial> {
        let possible = is_proper(size) && success > 0.0 && success <= 1.0;
        possible.then_some(NegativeBinomial { size, success })
    }

    /// The probability of `count` or fewer.
    pub(crate) fn at_most(self, count: u64) -> f64 {
        Beta::new(self.size, count as f64 + 1.0).map_or(1.0, |beta| beta.cdf(self.success))
    }

    /// The probability of `count` or more.
    pub(crate) fn at_least(self, count: u64) -> f64 {
        if count == 0 { 1.0 } else { 1.0 - self.at_most(count - 1) }
    }

    /// The smallest count with at least this probability at or below it.
    pub(crate) fn quantile(self, level: f64) -> u64 {
        let mut most = 1u64;
        while self.at_most(most) < level && most < u64::MAX / 2 {
            most *= 2;
        }
        smallest(most, |count| self.at_most(count) >= level)
    }
}
