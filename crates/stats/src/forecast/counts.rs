//! Counts: what peers' rates and what happened so far say about the rest (gamma-Poisson, domain 6.7).

use super::Forecast;
use super::predictive::Predictive;
use crate::count::Count;
use crate::distribution::is_proper;
use crate::distribution::negative_binomial::NegativeBinomial;
use crate::shrinkage::GammaPrior;
use crate::undefined::{Undefined, finite};

/// What peers say about a rate of events: a gamma distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePrior {
    shape: f64,
    rate: f64,
}

impl RatePrior {
    /// Shape α and rate β, both above 0 and of a size to compute with.
    #[must_use]
    pub fn new(shape: f64, rate: f64) -> Option<RatePrior> {
        (is_proper(shape) && is_proper(rate)).then_some(RatePrior { shape, rate })
    }

    /// The prior that the peers' own rates make (domain 7.6).
    #[must_use]
    pub fn of(peers: &GammaPrior) -> Option<RatePrior> {
        RatePrior::new(peers.shape, peers.rate)
    }

    /// What is known of a rate once so much happened.
    pub(super) fn after(self, seen: Count) -> Option<RatePrior> {
        RatePrior::new(self.shape + seen.events() as f64, self.rate + seen.exposure())
    }
}

/// Foretells a count from what happened so far, in which exposure, and how much exposure remains. Before
/// the start, with nothing in no exposure, it is what peers would do (domain 9.1).
///
/// # Errors
/// `Contradictory` where less than no exposure remains, `NotFinite`.
pub fn counts(prior: RatePrior, so_far: Count, remaining: f64) -> Result<Forecast, Undefined> {
    if finite(remaining)? < 0.0 {
        return Err(Undefined::Contradictory);
    }
    let events = so_far.events();
    let (size, known) = (prior.shape + events as f64, prior.rate + so_far.exposure());
    let more = NegativeBinomial::new(size, known / (known + remaining)).ok_or(Undefined::NotFinite)?;
    let point = events as f64 + remaining * size / known;
    Forecast::of(point, Predictive::NegativeBinomial { so_far: events, more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast(shape: f64, rate: f64, events: u64, exposure: f64, remaining: f64) -> Forecast {
        let prior = RatePrior::new(shape, rate).expect("a prior");
        counts(prior, Count::new(events, exposure).expect("a count"), remaining).expect("defined")
    }

    /// domain_examples X6.14.
    #[test]
    fn deals_to_come_agree_with_the_worked_example() {
        let got = forecast(4.0, 20.0, 7, 35.0, 29.0);
        assert!((got.point - 12.8).abs() < 1e-12);
        assert!((got.probability_of(14.0).expect("a target").value() - 0.3652456258046).abs() < 1e-9);
        assert_eq!((got.ninety_five.low, got.ninety_five.high), (8.0, 20.0));
        assert_eq!((got.eighty.low, got.eighty.high), (9.0, 17.0));
    }

    #[test]
    fn at_the_end_the_count_is_known() {
        let got = forecast(4.0, 20.0, 7, 60.0, 0.0);
        assert_eq!((got.point, got.ninety_five.low, got.ninety_five.high), (7.0, 7.0, 7.0));
        assert_eq!(got.probability_of(7.0).map(|p| p.value()), Some(1.0));
        assert_eq!(got.probability_of(7.5).map(|p| p.value()), Some(0.0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let prior = RatePrior::new(4.0, 20.0).expect("a prior");
        let count = Count::new(7, 35.0).expect("a count");
        assert_eq!(counts(prior, count, -1.0), Err(Undefined::Contradictory));
        assert_eq!(counts(prior, count, f64::INFINITY), Err(Undefined::NotFinite));
        assert!(counts(prior, Count::new(u64::MAX, 1e-9).expect("a count"), 1e9).is_ok());
        assert_eq!(RatePrior::new(0.0, 1.0), None);
        assert_eq!(RatePrior::new(1.0, f64::NAN), None);
    }
}
