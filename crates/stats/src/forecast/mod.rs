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
mod whole;

pub use accuracy::{Pair, bias, wape};
pub use counts::{RatePrior, counts};
pub use linear::{Increments, linear, linear_point};
pub use method::{Method, best_method};
pub use pipeline::{Simulation, pipeline_count, pipeline_value};
pub use seasonal::{seasonal, seasonal_point};
pub use whole::{whole_count, whole_period};

use crate::interval::{Confidence, Interval};
use crate::probability::Probability;
use crate::ranking::Better;
use crate::stretch::STRETCH;
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

/// Whether observations are alike but for what was rounded off them.
fn are_alike(values: &[f64]) -> bool {
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    high - low <= 1e-12 * high.abs().max(low.abs())
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

    /// The probability that a target is reached: the end is no less than it where higher is better, no more
    /// where lower is; none of a target that is no number.
    #[must_use]
    pub fn chance(&self, better: Better, target: f64) -> Option<Probability> {
        match better {
            Better::Higher => self.probability_of(target),
            Better::Lower => {
                (!target.is_nan()).then(|| Probability::computed(self.predictive.at_most(target)))
            }
        }
    }

    /// The targets that are reached with a probability of 10–20 %, from the least to the greatest (domain 6.8);
    /// none where no whole number is, or nothing is open any more.
    #[must_use]
    pub fn stretch(&self, better: Better) -> Option<Interval> {
        let (least, most) = STRETCH.into_inner();
        self.predictive.reached_with(better, least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count::Count;
    use crate::stretch::is_a_stretch;

    fn days() -> Forecast {
        linear(&[12.0, 8.0, 15.0, 11.0, 9.0, 14.0], 7.0, Increments::NeverNegative).expect("defined")
    }

    #[test]
    fn a_stretch_of_an_amount_lies_where_its_chances_do() {
        let forecast = days();
        for better in [Better::Higher, Better::Lower] {
            let stretch = forecast.stretch(better).expect("a stretch");
            let mut chances = [stretch.low, stretch.high]
                .map(|target| forecast.chance(better, target).expect("a target").value());
            chances.sort_by(f64::total_cmp);
            assert!((chances[0] - 0.1).abs() < 1e-9 && (chances[1] - 0.2).abs() < 1e-9, "{chances:?}");
        }
    }

    #[test]
    fn a_stretch_of_a_count_is_every_whole_number_of_its_chances_and_no_other() {
        let prior = RatePrior::new(4.0, 20.0).expect("a prior");
        let forecast = counts(prior, Count::new(7, 35.0).expect("a count"), 29.0).expect("defined");
        for better in [Better::Higher, Better::Lower] {
            let stretch = forecast.stretch(better).expect("a stretch");
            for target in 0..60 {
                let target = f64::from(target);
                let chance = forecast.chance(better, target).expect("a target");
                assert_eq!(stretch.contains(target), is_a_stretch(chance), "{target}: {chance:?}");
            }
        }
    }

    #[test]
    fn what_is_known_leaves_nothing_to_stretch_for() {
        let known = linear(&[5.0; 6], 0.0, Increments::MayBeNegative).expect("defined");
        assert_eq!(known.stretch(Better::Higher), None);
        let chance = |better, target| known.chance(better, target).map(|chance| chance.value());
        assert_eq!((chance(Better::Lower, 30.0), chance(Better::Lower, 29.9)), (Some(1.0), Some(0.0)));
        assert_eq!(chance(Better::Lower, f64::NAN), None);
    }

    #[test]
    fn what_is_done_cannot_be_undone_to_stay_below_a_target() {
        let chance = |target| days().chance(Better::Lower, target).map(|chance| chance.value());
        assert_eq!(chance(68.9), Some(0.0), "69 are done");
        assert!(chance(149.5).is_some_and(|chance| (chance - 0.5).abs() < 1e-12));
    }
}
