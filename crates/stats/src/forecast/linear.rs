//! Linear: the rest of the period brings what its days have brought so far (domain 6.7).

use super::predictive::Predictive;
use super::{Forecast, are_alike};
use crate::distribution::students_t::Freedom;
use crate::sample::Sample;
use crate::undefined::{Undefined, finite};

/// Fewer elapsed units than this foretell nothing.
const ELAPSED_MIN: usize = 5;

/// Whether what is done can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Increments {
    /// The end is no less than what is done.
    NeverNegative,
    /// Days may take away, such as returns.
    MayBeNegative,
}

/// What linear foretells as its point, `a + h·x̄`, of which only what is done and how many have elapsed must be
/// known: how it would have done in a period that is over.
///
/// # Errors
/// As [`linear`].
pub fn linear_point(done: f64, elapsed: usize, remaining: f64) -> Result<f64, Undefined> {
    if elapsed < ELAPSED_MIN {
        return Err(Undefined::TooFew);
    }
    if finite(remaining)? < 0.0 {
        return Err(Undefined::Contradictory);
    }
    finite(done + remaining * (done / elapsed as f64))
}

/// Foretells the end from the increments of elapsed days or weeks and how many remain:
/// `a + h·x̄ ± t s √(h + h²/n)`.
///
/// # Errors
/// `TooFew` under five elapsed, `Alike` where all brought the same and some remain, `Contradictory` where less than
/// none remain, `NotFinite`.
pub fn linear(elapsed: &[f64], remaining: f64, increments: Increments) -> Result<Forecast, Undefined> {
    ahead(elapsed, elapsed.iter().sum(), remaining, increments)
}

/// What is done, and as much more as remaining units bring that are like those that were seen.
pub(super) fn ahead(
    seen: &[f64],
    done: f64,
    remaining: f64,
    increments: Increments,
) -> Result<Forecast, Undefined> {
    if seen.len() < ELAPSED_MIN {
        return Err(Undefined::TooFew);
    }
    if finite(remaining)? < 0.0 {
        return Err(Undefined::Contradictory);
    }
    let sample = Sample::of(seen)?;
    let point = finite(done + remaining * sample.mean())?;
    let scale = sample.deviation() * (remaining + remaining * remaining / sample.size() as f64).sqrt();
    let freedom =
        Freedom::new(sample.freedom()).filter(|_| finite(scale).is_ok()).ok_or(Undefined::NotFinite)?;
    if remaining == 0.0 {
        return Forecast::of(point, Predictive::Known(point));
    }
    if scale == 0.0 || are_alike(seen) {
        return Err(Undefined::Alike);
    }
    let floor = (increments == Increments::NeverNegative).then_some(done);
    Forecast::of(point, Predictive::StudentsT { centre: point, scale, freedom, floor })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: [f64; 6] = [12.0, 8.0, 15.0, 11.0, 9.0, 14.0];

    /// domain_examples X6.12.
    #[test]
    fn six_days_agree_with_the_worked_example() {
        let got = linear(&DAYS, 7.0, Increments::NeverNegative).expect("defined");
        let numbers = [
            (got.point, 149.5),
            (got.eighty.low, 133.7591586539),
            (got.eighty.high, 165.2408413461),
            (got.ninety_five.low, 122.083807736),
            (got.ninety_five.high, 176.916192264),
            (got.probability_of(150.0).expect("a target").value(), 0.4822115822872),
        ];
        for (got, expected) in numbers {
            assert!((got - expected).abs() < 1e-8 * expected, "{got} instead of {expected}");
        }
    }

    #[test]
    fn the_point_takes_only_what_is_done() {
        assert_eq!(linear_point(69.0, 6, 7.0), Ok(149.5));
        assert_eq!(linear_point(69.0, 4, 7.0), Err(Undefined::TooFew));
        assert_eq!(linear_point(69.0, 6, -1.0), Err(Undefined::Contradictory));
        assert_eq!(linear_point(f64::NAN, 6, 7.0), Err(Undefined::NotFinite));
    }

    #[test]
    fn what_is_done_stays_done() {
        let wild = [100.0, 0.0, 0.0, 0.0, 0.0, 90.0];
        let kept = linear(&wild, 2.0, Increments::NeverNegative).expect("defined");
        assert_eq!(kept.ninety_five.low, 190.0);
        assert_eq!(kept.probability_of(190.0).map(|p| p.value()), Some(1.0));
        let lost = linear(&wild, 2.0, Increments::MayBeNegative).expect("defined");
        assert!(lost.ninety_five.low < 190.0);
        assert!(lost.probability_of(190.0).is_some_and(|p| p.value() < 1.0));
    }

    #[test]
    fn on_the_last_day_the_end_is_known() {
        let got = linear(&DAYS, 0.0, Increments::MayBeNegative).expect("defined");
        assert_eq!((got.ninety_five.low, got.ninety_five.high), (69.0, 69.0));
        assert_eq!(got.probability_of(69.0).map(|p| p.value()), Some(1.0));
        assert_eq!(got.probability_of(70.0).map(|p| p.value()), Some(0.0));
        assert_eq!(got.probability_of(f64::NAN), None);
    }

    #[test]
    fn days_that_are_all_alike_are_no_certainty() {
        assert_eq!(linear(&[0.1; 7], 3.0, Increments::NeverNegative), Err(Undefined::Alike));
        assert!(linear(&[0.1; 7], 0.0, Increments::NeverNegative).is_ok(), "nothing remains");
    }

    #[test]
    fn four_days_foretell_nothing() {
        let of = |elapsed: &[f64], remaining| {
            linear(elapsed, remaining, Increments::MayBeNegative).map(|got| got.point)
        };
        assert_eq!(of(&DAYS[..4], 7.0), Err(Undefined::TooFew));
        assert_eq!(of(&DAYS, -1.0), Err(Undefined::Contradictory));
        assert_eq!(of(&DAYS, f64::NAN), Err(Undefined::NotFinite));
        assert_eq!(of(&[f64::MAX; 6], 7.0), Err(Undefined::NotFinite));
        assert_eq!(of(&DAYS, 1e300), Err(Undefined::NotFinite));
    }
}
