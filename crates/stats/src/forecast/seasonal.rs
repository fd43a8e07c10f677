//! Seasonal: the end follows from the share of it that earlier periods had reached by now (domain 6.7).

use super::Forecast;
use super::predictive::Predictive;
use crate::distribution::students_t::Freedom;
use crate::sample::Sample;
use crate::undefined::{Undefined, finite};

/// Fewer earlier periods than this make no season.
const PERIODS_MIN: usize = 3;

/// Foretells the end from what is done and the shares of their ends that earlier periods had reached at
/// the same point: `a·exp(ḡ ± t s_g √(1 + 1/m))` of `g = −ln c`. Shares of zero or less are dropped.
///
/// # Errors
/// `TooFew` under three shares above zero, `InvalidBase` where nothing is done yet, `NotFinite`.
pub fn seasonal(done: f64, shares: &[f64]) -> Result<Forecast, Undefined> {
    if finite(done)? <= 0.0 {
        return Err(Undefined::InvalidBase);
    }
    let shares = shares.iter().map(|share| finite(*share)).collect::<Result<Vec<f64>, Undefined>>()?;
    let growth: Vec<f64> = shares.iter().filter(|share| **share > 0.0).map(|share| -share.ln()).collect();
    if growth.len() < PERIODS_MIN {
        return Err(Undefined::TooFew);
    }
    let sample = Sample::of(&growth)?;
    let centre = done.ln() + sample.mean();
    let scale = sample.deviation() * (1.0 + 1.0 / sample.size() as f64).sqrt();
    let point = done * sample.mean().exp();
    if scale == 0.0 {
        return Forecast::of(point, Predictive::Known(point));
    }
    let freedom = Freedom::new(sample.freedom()).ok_or(Undefined::TooFew)?;
    Forecast::of(point, Predictive::LogStudentsT { centre, scale, freedom })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain_examples X6.13; the probability by `scipy.stats.t.sf((ln 500 − ln point)/scale, 3)`.
    #[test]
    fn four_quarters_agree_with_the_worked_example() {
        let got = seasonal(200.0, &[0.42, 0.5, 0.38, 0.45]).expect("defined");
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
        let of = |done, shares: &[f64]| seasonal(done, shares).map(|got| got.point);
        assert_eq!(of(200.0, &[0.4, 0.5, 0.0, -0.1]), Err(Undefined::TooFew));
        assert_eq!(of(0.0, &[0.4, 0.5, 0.6]), Err(Undefined::InvalidBase));
        assert_eq!(of(1.0, &[0.4, 0.5, f64::NAN]), Err(Undefined::NotFinite));
        assert_eq!(of(f64::MAX, &[0.4, 0.5, 0.6]), Err(Undefined::NotFinite));
        let end = seasonal(200.0, &[1.0, 1.0, 1.0]).expect("defined");
        assert_eq!((end.point, end.eighty.high), (200.0, 200.0));
    }
}
