//! Forecasts to the end of a period (domain 6.7). Each method gives a point, an 80 % and a 95 % interval
//! and the probability to reach a target, all from the same predictive distribution, and which method is
//! used is decided by how well it did before ([`best_method`]).

mod accuracy;
mod counts;
mod linear;
mod method;
mod pipeline;
mod predictive;
mod seasonal;

pub use accuracy::{Pair, bias, wape};
pub use counts::{RatePrior, counts};
pub use linear::{Increments, linear};
pub use method::{Method, best_method};
pub use pipeline::{Simulation, pipeline_count, pipeline_value};
pub use seasonal::seasonal;

use crate::interval::{Confidence, Interval};
use crate::probability::Probability;
use crate::undefined::{Undefined, finite};
use predictive::Predictive;

/// What the end of a period may bring.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The best single number.
    pub point: f64,
    /// Four times in five the end lies here.
    pub eighty: Interval,
    /// Nineteen times in twenty it lies here.
    pub ninety_five: Interval,
    predictive: Predictive,
}

impl Forecast {
    fn of(point: f64, predictive: Predictive) -> Result<Forecast, Undefined> {
        let within = |confidence: Confidence| {
            let low = finite(predictive.quantile(confidence.lower_tail()))?;
            let high = finite(predictive.quantile(confidence.upper_tail()))?;
            Ok(Interval { low, high })
        };
        let (eighty, ninety_five) = (within(Confidence::EIGHTY)?, within(Confidence::NINETY_FIVE)?);
        Ok(Forecast { point: finite(point)?, eighty, ninety_five, predictive })
    }

    /// The probability that the end is the target or more; none of a target that is no number.
    #[must_use]
    pub fn probability_of(&self, target: f64) -> Option<Probability> {
        (!target.is_nan()).then(|| Probability::computed(self.predictive.at_least(target)))
    }
}
