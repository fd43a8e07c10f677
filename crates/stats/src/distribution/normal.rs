//! The standard normal distribution.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// Φ.
pub(crate) fn cdf(x: f64) -> f64 {
    Normal::standard().cdf(x)
}

/// The density.
pub(crate) fn density(x: f64) -> f64 {
    Normal::standard().pdf(x)
}

/// Φ⁻¹ of a probability.
pub(crate) fn quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability.clamp(0.0, 1.0))
}
