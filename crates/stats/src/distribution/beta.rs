//! The beta distribution, and through it the binomial ones.

use statrs::distribution::{Beta as Library, Continuous, ContinuousCDF};

use super::gamma::Gamma;
use super::solve::Rising;
use super::{is_proper, normal};

/// The larger shape from which the library's continued fraction, cut off after 140 terms, is no
/// longer exact. The approximations below are, to 1e-6 of one and mostly far better.
const EXACT_UP_TO: f64 = 50_000.0;

/// The smaller shape up to which the gamma distribution is the better approximation.
const WISE_UP_TO: f64 = 50.0;

/// The share of the way to an end at which, both shapes above 50, the probability beyond is below 1e-40.
const FAR_OUT: f64 = 0.05;

/// A beta distribution, both shapes above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Beta {
    first: f64,
    second: f64,
}

impl Beta {
    pub(crate) fn new(first: f64, second: f64) -> Option<Beta> {
        (is_proper(first) && is_proper(second)).then_some(Beta { first, second })
    }

    pub(crate) fn mean(self) -> f64 {
        self.first / (self.first + self.second)
    }

    pub(crate) fn variance(self) -> f64 {
        let both = self.first + self.second;
        self.mean() * (self.second / both) / (both + 1.0)
    }

    pub(crate) fn cdf(self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        if x >= 1.0 {
            return 1.0;
        }
        match Library::new(self.first, self.second) {
            Ok(distribution) if self.first.max(self.second) <= EXACT_UP_TO => distribution.cdf(x),
            _ => self.approximate_cdf(x),
        }
    }

    pub(crate) fn density(self, x: f64) -> f64 {
        Library::new(self.first, self.second).map_or(0.0, |distribution| distribution.pdf(x))
    }

    /// The quantile, found faster from a guess that is near.
    pub(crate) fn quantile_from(self, probability: f64, guess: f64) -> f64 {
        if probability <= 0.0 {
            return 0.0;
        }
        if probability >= 1.0 {
            return 1.0;
        }
        Rising { cdf: |x| self.cdf(x), density: |x| self.density(x) }.reaches(probability, 0.0, 1.0, guess)
    }

    /// For a large shape. The other one small: Wise's gamma (1950). Both large: Peizer and Pratt's normal
    /// (1968).
    fn approximate_cdf(self, x: f64) -> f64 {
        if self.first > self.second {
            return 1.0 - Beta { first: self.second, second: self.first }.approximate_cdf(1.0 - x);
        }
        if self.first < WISE_UP_TO {
            let waited = -(self.second + (self.first - 1.0) / 2.0) * (-x).ln_1p();
            return Gamma::new(self.first, 1.0).map_or(0.0, |gamma| gamma.cdf(waited));
        }
        // So far out nothing is left, and the approximation would divide rounding by rounding.
        let mean = self.mean();
        if x < FAR_OUT * mean {
            return 0.0;
        }
        if 1.0 - x < FAR_OUT * (1.0 - mean) {
            return 1.0;
        }
        normal::cdf(self.peizer_pratt(x))
    }

    fn peizer_pratt(self, x: f64) -> f64 {
        let (a, b, y) = (self.first, self.second, 1.0 - x);
        let n = a + b - 1.0;
        let centre = (n + 1.0 / 3.0) * x - a + 1.0 / 3.0 - 0.02 * (y / a - x / b + (y - 0.5) / (a + b));
        let weights = y * weight((a - 0.5) / (n * x)) + x * weight((b - 0.5) / (n * y));
        centre * ((1.0 + weights) / ((n + 1.0 / 6.0) * x * y)).sqrt()
    }
}

/// Peizer and Pratt's `(1 − r² + 2r ln r)/(1 − r)²`, as a series where that would cancel.
fn weight(ratio: f64) -> f64 {
    let away = 1.0 - ratio;
    if away.abs() > 0.05 {
        return (1.0 - ratio * ratio + 2.0 * ratio * ratio.ln()) / (away * away);
    }
    let term = |power: i32| 2.0 * away.powi(power) / f64::from((power + 1) * (power + 2));
    (1..10).map(term).sum()
}
