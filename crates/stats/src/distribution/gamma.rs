//! The gamma distribution, and through it intervals of Poisson counts (Garwood 1936).

use statrs::distribution::{Continuous, ContinuousCDF, Gamma as Library};

use super::solve::{Rising, beyond};
use super::{is_proper, normal};

/// Shapes from which Wilson and Hilferty's cube root (1931) is as good as the series, which would
/// take ever longer.
const CUBE_ROOT_FROM: f64 = 1e6;

/// A gamma distribution by shape and rate, both above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Gamma {
    shape: f64,
    rate: f64,
}

impl Gamma {
    pub(crate) fn new(shape: f64, rate: f64) -> Option<Gamma> {
        (is_proper(shape) && is_proper(rate)).then_some(Gamma { shape, rate })
    }

    pub(crate) fn mean(self) -> f64 {
        self.shape / self.rate
    }

    pub(crate) fn variance(self) -> f64 {
        self.mean() / self.rate
    }

    pub(crate) fn cdf(self, x: f64) -> f64 {
        self.standard_cdf(x * self.rate)
    }

    pub(crate) fn density(self, x: f64) -> f64 {
        self.rate * self.standard_density(x * self.rate)
    }

    pub(crate) fn quantile(self, probability: f64) -> f64 {
        self.quantile_from(probability, f64::NAN)
    }

    /// The quantile, found faster from a guess that is near.
    pub(crate) fn quantile_from(self, probability: f64, guess: f64) -> f64 {
        if probability <= 0.0 {
            return 0.0;
        }
        if probability >= 1.0 {
            return f64::INFINITY;
        }
        let ninth = 1.0 / (9.0 * self.shape);
        let root = (1.0 - ninth + normal::quantile(probability) * ninth.sqrt()).max(0.0);
        let near = self.shape * root * root * root;
        if self.shape >= CUBE_ROOT_FROM {
            return near / self.rate;
        }
        let cdf = |x| self.standard_cdf(x);
        let high = beyond(cdf, probability, 2.0 * near.max(f64::MIN_POSITIVE));
        let start = if guess.is_nan() { near } else { guess * self.rate };
        Rising { cdf, density: |x| self.standard_density(x) }.reaches(probability, 0.0, high, start)
            / self.rate
    }

    /// The distribution function at rate 1.
    fn standard_cdf(self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match Library::new(self.shape, 1.0) {
            Ok(distribution) if self.shape < CUBE_ROOT_FROM => distribution.cdf(x),
            _ => {
                let ninth = 1.0 / (9.0 * self.shape);
                normal::cdf(((x / self.shape).cbrt() - (1.0 - ninth)) / ninth.sqrt())
            }
        }
    }

    fn standard_density(self, x: f64) -> f64 {
        Library::new(self.shape, 1.0).map_or(0.0, |distribution| distribution.pdf(x))
    }
}
