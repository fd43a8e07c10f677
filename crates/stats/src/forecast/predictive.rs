//! Predictive distributions of the end of a period.

use crate::distribution::negative_binomial::NegativeBinomial;
use crate::distribution::poisson_binomial::PoissonBinomial;
use crate::distribution::students_t::Freedom;
use crate::probability::Probability;

/// What the end may be, and how probably.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Predictive {
    /// Nothing is open any more.
    Known(f64),
    /// Student's t; where a floor is set, the end cannot be below it.
    StudentsT { centre: f64, scale: f64, freedom: Freedom, floor: Option<f64> },
    /// Student's t of the natural logarithm.
    LogStudentsT { centre: f64, scale: f64, freedom: Freedom },
    /// So much, and a negative binomial number more.
    NegativeBinomial { so_far: u64, more: NegativeBinomial },
    /// So much, and as many more as happen.
    PoissonBinomial { so_far: u64, more: PoissonBinomial },
    /// Simulated ends, in order, at least one.
    Drawn(Vec<f64>),
}

impl Predictive {
    pub(super) fn quantile(&self, level: f64) -> f64 {
        match self {
            Predictive::Known(end) => *end,
            Predictive::StudentsT { centre, scale, freedom, floor } => {
                let end = centre + scale * freedom.quantile(level);
                floor.map_or(end, |floor| end.max(floor))
            }
            Predictive::LogStudentsT { centre, scale, freedom } => {
                (centre + scale * freedom.quantile(level)).exp()
            }
            Predictive::NegativeBinomial { so_far, more } => *so_far as f64 + more.quantile(level) as f64,
            Predictive::PoissonBinomial { so_far, more } => {
                *so_far as f64 + more.quantile(Probability::computed(level)) as f64
            }
            Predictive::Drawn(ends) => {
                let place = (level * ends.len() as f64).ceil() as usize;
                ends[place.saturating_sub(1).min(ends.len() - 1)]
            }
        }
    }

    /// The probability of an end of `target` or more.
    pub(super) fn at_least(&self, target: f64) -> f64 {
        match self {
            Predictive::Known(end) => f64::from(*end >= target),
            Predictive::StudentsT { floor: Some(floor), .. } if target <= *floor => 1.0,
            Predictive::StudentsT { centre, scale, freedom, .. } => freedom.cdf((centre - target) / scale),
            Predictive::LogStudentsT { .. } if target <= 0.0 => 1.0,
            Predictive::LogStudentsT { centre, scale, freedom } => {
                freedom.cdf((centre - target.ln()) / scale)
            }
            Predictive::NegativeBinomial { so_far, more } => {
                missing(*so_far, target).map_or(1.0, |missing| more.at_least(missing))
            }
            Predictive::PoissonBinomial { so_far, more } => {
                missing(*so_far, target).map_or(1.0, |missing| more.at_least(missing).value())
            }
            Predictive::Drawn(ends) => {
                ends.iter().filter(|end| **end >= target).count() as f64 / ends.len() as f64
            }
        }
    }
}

/// How many more a target takes; none where it is reached.
fn missing(so_far: u64, target: f64) -> Option<u64> {
    let missing = (target - so_far as f64).ceil();
    (missing > 0.0).then_some(missing as u64)
}
