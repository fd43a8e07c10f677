//! Predictive distributions of the end of a period.

use crate::distribution::negative_binomial::NegativeBinomial;
use crate::distribution::poisson_binomial::PoissonBinomial;
use crate::distribution::students_t::Freedom;
use crate::interval::Interval;
use crate::probability::Probability;
use crate::ranking::Better;

/// What the end may be, and how probably.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Predictive {
    /// Nothing is open any more.
    Known(f64),
    /// Student's t; where a floor is set, the end cannot be below it.
    StudentsT { centre: f64, scale: f64, freedom: Freedom, floor: Option<f64> },
    /// Student's t of the natural logarithm; a floor as above.
    LogStudentsT { centre: f64, scale: f64, freedom: Freedom, floor: Option<f64> },
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
            Predictive::LogStudentsT { centre, scale, freedom, floor } => {
                let end = (centre + scale * freedom.quantile(level)).exp();
                floor.map_or(end, |floor| end.max(floor))
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
            Predictive::StudentsT { floor: Some(floor), .. }
            | Predictive::LogStudentsT { floor: Some(floor), .. }
                if target <= *floor =>
            {
                1.0
            }
            Predictive::StudentsT { centre, scale, freedom, .. } => freedom.cdf((centre - target) / scale),
            Predictive::LogStudentsT { .. } if target <= 0.0 => 1.0,
            Predictive::LogStudentsT { centre, scale, freedom, .. } => {
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

    /// The probability of an end of `target` or less.
    pub(super) fn at_most(&self, target: f64) -> f64 {
        match self {
            Predictive::Known(end) => f64::from(*end <= target),
            Predictive::StudentsT { centre, scale, freedom, floor } => match floor {
                Some(floor) if target < *floor => 0.0,
                _ => freedom.cdf((target - centre) / scale),
            },
            Predictive::LogStudentsT { .. } if target <= 0.0 => 0.0,
            Predictive::LogStudentsT { centre, scale, freedom, floor } => match floor {
                Some(floor) if target < *floor => 0.0,
                _ => freedom.cdf((target.ln() - centre) / scale),
            },
            Predictive::NegativeBinomial { .. } | Predictive::PoissonBinomial { .. } => {
                1.0 - self.at_least(target.floor() + 1.0)
            }
            Predictive::Drawn(ends) => {
                ends.iter().filter(|end| **end <= target).count() as f64 / ends.len() as f64
            }
        }
    }

    /// Whether ends are whole numbers.
    fn is_whole(&self) -> bool {
        matches!(self, Predictive::NegativeBinomial { .. } | Predictive::PoissonBinomial { .. })
    }

    /// From the least to the greatest target that is reached with a probability between two, `least` the smaller;
    /// none where no whole number is, or nothing is open any more.
    pub(super) fn reached_with(&self, better: Better, least: f64, most: f64) -> Option<Interval> {
        let step = if self.is_whole() { 1.0 } else { 0.0 };
        let (low, high) = match better {
            Better::Higher => (self.quantile(1.0 - most) + step, self.quantile(1.0 - least)),
            Better::Lower => (self.quantile(least), self.quantile(most) - step),
        };
        let is_open = !matches!(self, Predictive::Known(_));
        (is_open && low <= high).then_some(Interval { low, high })
    }
}

/// How many more a target takes; none where it is reached.
fn missing(so_far: u64, target: f64) -> Option<u64> {
    let missing = (target - so_far as f64).ceil();
    (missing > 0.0).then_some(missing as u64)
}
