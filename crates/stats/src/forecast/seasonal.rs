//! Seasonal: the end follows from the share of it that earlier periods had reached by now (domain 6.7).

use super::predictive::Predictive;
use super::{Forecast, Increments, are_alike};
use crate::distribution::students_t::Freedom;
use crate::sample::Sample;
use crate::undefined::{Undefined, finite};

/// Fewer earlier periods than this make no season.
const PERIODS_MIN: usize = 3;

/// Foretells the end from what is done and the shares of their ends that earlier periods had reached at
/// the same point: `a·exp(ḡ ± t s_g √(1 + 1/m))` of `g = −ln c`. Shares of zero or less are dropped.
///
/// # Errors
/// `TooFew` under three shares above zero, `Alike` where these are the same, `InvalidBase` where nothing is done
/// yet, `NotFinite`.
pub fn seasonal(done: f64, shares: &[f64], increments: Increments) -> Result<Forecast, Undefined> {
    let growth = growth(done, shares)?;
    let sample = Sample::of(&growth)?;
    let centre = done.ln() + sample.mean();
    let scale = sample.deviation() * (1.0 + 1.0 / sample.size() as f64).sqrt();
    let above: Vec<f64> = shares.iter().copied().filter(|share| *share > 0.0).collect();
    if scale == 0.0 || are_alike(&above) {
        return Err(Undefined::Alike);
    }
    let freedom = Freedom::new(sample.freedom()).ok_or(Undefined::TooFew)?;
    let floor = (increments == Increments::NeverNegative).then_some(done);
    let point = done * sample.mean().exp();
    let point = floor.map_or(point, |floor| point.max(floor));
    Forecast::of(point, Predictive::LogStudentsT { centre, scale, freedom, floor })
}

/// What seasonal foretells as its point, `a·exp(ḡ)`, where shares may also be alike: how it would have done in a
/// period that is over.
///
/// # Errors
/// As [`seasonal`].
pub fn seasonal_point(done: f64, shares: &[f64]) -> Result<f64, Undefined> {
    finite(done * Sample::of(&growth(done, shares)?)?.mean().exp())
}

/// How far earlier periods went on from where they were, as natural logarithms.
fn growth(done: f64, shares: &[f64]) -> Result<Vec<f64>, Undefined> {
    if finite(done)? <= 0.0 {
        return Err(Undefined::InvalidBase);
    }
    let shares = shares.iter().map(|share| finite(*share)).collect::<Result<Vec<f64>, Undefined>>()?;
    let growth: Vec<f64> = shares.iter().filter(|share| **share > 0.0).map(|share| -share.ln()).collect();
    if growth.len() < PERIODS_MIN { Err(Undefined::TooFew) } else { Ok(growth) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::Better;

    /// domain_examples X6.13; the probability by `scipy.stats.t.sf((ln 500 − ln point)/scale, 3)`.
    #[test]
    fn four_quarters_agree_with_the_worked_example() {
        let got = seasonal(200.0, &[0.42, 0.5, 0.38, 0.45], Increments::MayBeNegative).expect("defined");
        let numbers = [
            (got.point, 459.437187169),
            (got.ninety_five.low, 304.5759159766),
            (got.ninety_five.high, 693.0374920715),
            (got.probability_of(500.0).expect("a target").value(), 0.27960814817958984),
        ];
        for (got, expected) in numbers {
            assert!((got - expected).abs() < 1e-8 * expected, "{got} instead of {expected}");
        }
        assert_eq!(got.probability_of(-1.0).map(|p| p.value()), Some(1.0));
    }

    #[test]
    fn a_season_takes_three_periods_and_a_start() {
        let of =
            |done, shares: &[f64]| seasonal(done, shares, Increments::NeverNegative).map(|got| got.point);
        assert_eq!(of(200.0, &[0.4, 0.5, 0.0, -0.1]), Err(Undefined::TooFew));
        assert_eq!(of(0.0, &[0.4, 0.5, 0.6]), Err(Undefined::InvalidBase));
        assert_eq!(of(1.0, &[0.4, 0.5, f64::NAN]), Err(Undefined::NotFinite));
        assert_eq!(of(f64::MAX, &[0.4, 0.5, 0.6]), Err(Undefined::NotFinite));
    }

    #[test]
    fn periods_that_were_all_alike_are_no_certainty_and_yet_have_a_point() {
        let thirds = [1.0 / 3.0; 5];
        assert_eq!(seasonal(100.0, &thirds, Increments::NeverNegative), Err(Undefined::Alike));
        assert!(seasonal_point(100.0, &thirds).is_ok_and(|point| (point - 300.0).abs() < 1e-9));
    }

    /// With shares near all of it the interval would reach below what is done.
    #[test]
    fn what_is_done_stays_done() {
        let shares = [0.99, 0.8, 1.0, 0.95];
        let kept = seasonal(200.0, &shares, Increments::NeverNegative).expect("defined");
        assert_eq!(kept.ninety_five.low, 200.0);
        assert_eq!(kept.probability_of(200.0).map(|p| p.value()), Some(1.0));
        let below = |target| kept.chance(Better::Lower, target).map(|chance| chance.value());
        assert_eq!(below(199.9), Some(0.0));
        assert!(below(200.0).is_some_and(|chance| chance > 0.0), "nothing more may come");
        let lost = seasonal(200.0, &shares, Increments::MayBeNegative).expect("defined");
        assert!(lost.ninety_five.low < 200.0);
        assert!(lost.probability_of(200.0).is_some_and(|p| p.value() < 1.0));
    }
}
