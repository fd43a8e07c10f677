//! Samples: how many values, around what, how far apart.

use crate::distribution::students_t::Freedom;
use crate::interval::{Confidence, Estimate, Interval};
use crate::undefined::{Undefined, finite};

/// A sample of at least two finite values, as far as intervals of means need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    size: usize,
    mean: f64,
    variance: f64,
}

impl Sample {
    /// A sample.
    ///
    /// # Errors
    /// `TooFew` under two values; `NotFinite` where one is no finite number or they are too far apart
    /// for their variance to be one.
    pub fn of(values: &[f64]) -> Result<Sample, Undefined> {
        if values.len() < 2 {
            return Err(Undefined::TooFew);
        }
        let size = values.len() as f64;
        let mean = finite(mean(values))?;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        Ok(Sample { size: values.len(), mean, variance: finite(squares / (size - 1.0))? })
    }

    /// How many values.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Their mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their variance, with n − 1.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Their standard deviation.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.variance.sqrt()
    }

    /// The variance of the mean, s²/n.
    #[must_use]
    pub fn variance_of_mean(&self) -> f64 {
        self.variance / self.size as f64
    }

    /// The mean with its t interval `x̄ ± t s/√n` (domain 7.3): right for what is about symmetric.
    ///
    /// # Errors
    /// `NotFinite` where the interval is too wide to be held.
    pub fn mean_interval(&self, confidence: Confidence) -> Result<Estimate, Undefined> {
        let half = self.t(confidence) * self.variance_of_mean().sqrt();
        Estimate::of(self.mean, Interval { low: self.mean - half, high: self.mean + half })
    }

    pub(crate) fn freedom(&self) -> f64 {
        self.size as f64 - 1.0
    }

    /// The t quantile of a two-sided interval.
    pub(crate) fn t(&self, confidence: Confidence) -> f64 {
        Freedom::new(self.freedom())
            .map_or(f64::INFINITY, |freedom| freedom.quantile(confidence.upper_tail()))
    }
}

/// The mean of values, which is exactly theirs where they are all the same: rounding must not look like
/// spread. Of none it is no number.
pub(crate) fn mean(values: &[f64]) -> f64 {
    match values {
        [first, rest @ ..] if rest.iter().all(|value| value == first) => *first,
        _ => values.iter().sum::<f64>() / values.len() as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_no_spread_at_all() {
        for value in [0.1, 1e9 / 3.0, -7.7] {
            for size in 2..30 {
                assert_eq!(Sample::of(&vec![value; size]).map(|sample| sample.variance()), Ok(0.0));
            }
        }
    }
}
