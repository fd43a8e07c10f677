//! Student's t distribution.

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

use super::normal;
use super::solve::{Rising, beyond};

/// From here on the normal distribution is the same to 1e-6.
const NORMAL_FROM: f64 = 1e8;

/// Degrees of freedom, above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Freedom(f64);

impl Freedom {
    /// Degrees of freedom, which Welch's approximation makes fractions of.
    pub(crate) fn new(degrees: f64) -> Option<Freedom> {
        (degrees > 0.0).then_some(Freedom(degrees))
    }

    /// The probability of a value up to `t`.
    pub(crate) fn cdf(self, t: f64) -> f64 {
        match StudentsT::new(0.0, 1.0, self.0) {
            Ok(distribution) if self.0 < NORMAL_FROM && t.is_finite() => distribution.cdf(t),
            _ => normal::cdf(t),
        }
    }

    /// Where the distribution function reaches a probability.
    pub(crate) fn quantile(self, probability: f64) -> f64 {
        let normal = normal::quantile(probability);
        if self.0 >= NORMAL_FROM || probability <= 0.0 || probability >= 1.0 || probability == 0.5 {
            return normal;
        }
        if probability < 0.5 {
            return -self.quantile(1.0 - probability);
        }
        let distribution = Rising { cdf: |t| self.cdf(t), density: |t| self.density(t) };
        let high = beyond(|t| self.cdf(t), probability, 2.0 * normal.max(1.0));
        distribution.reaches(probability, 0.0, high, normal)
    }

    fn density(self, t: f64) -> f64 {
        StudentsT::new(0.0, 1.0, self.0)
            .map_or_else(|_| normal::density(t), |distribution| distribution.pdf(t))
    }

    /// The two-sided p-value of a statistic.
    pub(crate) fn two_sided(self, t: f64) -> f64 {
        (2.0 * self.cdf(-t.abs())).min(1.0)
    }
}
