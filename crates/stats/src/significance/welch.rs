//! Welch's comparison of two means whose spreads differ (Welch 1947, domain 10.9, 11.3).

use crate::distribution::students_t::Freedom;
use crate::interval::{Confidence, Estimate, Interval};
use crate::probability::Probability;
use crate::sample::Sample;
use crate::undefined::{Undefined, finite};

/// By how much one mean exceeds another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    /// The difference with its interval.
    pub difference: Estimate,
    /// Degrees of freedom (Satterthwaite).
    pub degrees: f64,
    /// The two-sided p-value of no difference.
    pub p_value: Probability,
}

/// Compares the means of two samples.
///
/// # Errors
/// `ZeroDenominator` where neither sample varies, so that there is nothing to measure the difference by;
/// `NotFinite` where the interval cannot be held.
pub fn welch(first: &Sample, second: &Sample, confidence: Confidence) -> Result<Welch, Undefined> {
    let (one, other) = (first.variance_of_mean(), second.variance_of_mean());
    let variance = finite(one + other)?;
    if variance == 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    let (share, rest) = (one / variance, other / variance);
    let degrees = 1.0 / (share * share / first.freedom() + rest * rest / second.freedom());
    let freedom = Freedom::new(degrees).ok_or(Undefined::NotFinite)?;
    let (value, deviation) = (first.mean() - second.mean(), variance.sqrt());
    let half = freedom.quantile(confidence.upper_tail()) * deviation;
    Ok(Welch {
        difference: Estimate::of(value, Interval { low: value - half, high: value + half })?,
        degrees,
        p_value: Probability::computed(freedom.two_sided(value / deviation)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(first: &[f64], second: &[f64]) -> Result<Welch, Undefined> {
        welch(&Sample::of(first)?, &Sample::of(second)?, Confidence::NINETY_FIVE)
    }

    fn agrees(got: &Welch, [value, low, high, degrees]: [f64; 4]) {
        let Estimate { value: difference, interval } = got.difference;
        let apart = [difference - value, interval.low - low, interval.high - high, got.degrees - degrees];
        assert!(apart.iter().all(|gap| gap.abs() < 1e-8), "{got:?}");
    }

    /// domain_examples X10.7; the p-value by scipy.stats.ttest_ind(a, b, equal_var=False).
    #[test]
    fn rating_differences_agree_with_the_worked_example() {
        let a = [3.0, 4.0, 3.0, 5.0, 4.0, 3.0, 4.0, 4.0, 3.0, 4.0];
        let b = [3.0, 3.0, 2.0, 4.0, 3.0, 3.0, 4.0, 2.0, 3.0, 3.0, 3.0];
        let got = compare(&a, &b).expect("defined");
        agrees(&got, [0.7, 0.09983783523609, 1.300162164764, 18.49603332073]);
        assert!((got.p_value.value() - 0.024658854468527554).abs() < 1e-9, "{got:?}");
    }

    /// domain_examples X11.1: changes of the coached against changes of the others.
    #[test]
    fn coaching_agrees_with_the_worked_example() {
        let got = compare(&[30.0, 15.0, 10.0, 35.0], &[6.0, 7.0, -2.0, 9.0, 2.0, 12.0, -2.0, 7.0])
            .expect("defined");
        agrees(&got, [17.625, -0.5112017512765, 35.76120175128, 3.559448444981]);
    }

    #[test]
    fn without_spread_there_is_no_measure() {
        assert_eq!(compare(&[3.0, 3.0], &[4.0, 4.0]), Err(Undefined::ZeroDenominator));
        assert_eq!(compare(&[3.0], &[4.0, 4.0]), Err(Undefined::TooFew));
        assert!(compare(&[3.0, 3.0], &[4.0, 5.0]).is_ok());
        assert!(compare(&[f64::MAX, 0.0], &[4.0, 5.0]).is_err());
    }
}
