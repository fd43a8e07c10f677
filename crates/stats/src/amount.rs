//! Amounts: the size of a typical deal. Amounts are skewed, so the default is an interval on the
//! logarithmic scale (domain 7.3). The plain t interval is [`Sample::mean_interval`], the bootstrap
//! [`crate::bootstrap`].

use crate::interval::{Confidence, Estimate, Interval};
use crate::sample::Sample;
use crate::undefined::Undefined;

/// The mean of amounts that are log-normally distributed, with the modified Cox interval (Olsson
/// 2005, domain 7.3): `exp(ȳ + s²/2 ± t √(s²/n + s⁴/(2(n−1))))` of `y = ln x`.
///
/// # Errors
/// `TooFew` under two amounts, `InvalidBase` where one is zero or less, `NotFinite` where the
/// amounts or the interval are no finite numbers.
pub fn log_normal_mean(amounts: &[f64], confidence: Confidence) -> Result<Estimate, Undefined> {
    let logs = logarithms(amounts)?;
    let variance = logs.variance();
    let centre = logs.mean() + variance / 2.0;
    let half =
        logs.t(confidence) * (logs.variance_of_mean() + variance * variance / (2.0 * logs.freedom())).sqrt();
    exponential(centre, half)
}

/// The geometric mean, which is the median of log-normal amounts, with its interval
/// `exp(ȳ ± t s/√n)` (domain 7.3).
///
/// # Errors
/// As [`log_normal_mean`].
pub fn geometric_mean(amounts: &[f64], confidence: Confidence) -> Result<Estimate, Undefined> {
    let logs = logarithms(amounts)?;
    exponential(logs.mean(), logs.t(confidence) * logs.variance_of_mean().sqrt())
}

/// How many times as large the mean of the second amounts is as that of the first, both log-normal: the
/// ratio of their modified Cox means with an interval from the variances of both logarithms (domain 7.3,
/// 8.6). It leaves room for no difference where it contains 1.
///
/// # Errors
/// As [`log_normal_mean`], of either.
pub fn log_normal_ratio(
    first: &[f64],
    second: &[f64],
    confidence: Confidence,
) -> Result<Estimate, Undefined> {
    let (first, second) = (logarithms(first)?, logarithms(second)?);
    let centre = |logs: &Sample| logs.mean() + logs.variance() / 2.0;
    let spread =
        |logs: &Sample| logs.variance_of_mean() + logs.variance() * logs.variance() / (2.0 * logs.freedom());
    // The quantile of the smaller sample: neither interval is made narrower by the other's size.
    let t = first.t(confidence).max(second.t(confidence));
    exponential(centre(&second) - centre(&first), t * (spread(&first) + spread(&second)).sqrt())
}

/// The sample of the natural logarithms of amounts.
///
/// # Errors
/// As [`log_normal_mean`].
pub fn logarithms(amounts: &[f64]) -> Result<Sample, Undefined> {
    if amounts.iter().any(|amount| *amount <= 0.0) {
        return Err(Undefined::InvalidBase);
    }
    let logs: Vec<f64> = amounts.iter().map(|amount| amount.ln()).collect();
    Sample::of(&logs)
}

fn exponential(centre: f64, half: f64) -> Result<Estimate, Undefined> {
    Estimate::of(centre.exp(), Interval { low: centre - half, high: centre + half }.map(f64::exp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_means_contains_one_unless_they_differ() {
        let doubled: Vec<f64> = AMOUNTS.iter().map(|amount| amount * 20.0).collect();
        let of =
            |second: &[f64]| log_normal_ratio(&AMOUNTS, second, Confidence::NINETY_FIVE).expect("defined");
        assert!(of(&AMOUNTS).interval.contains(1.0) && (of(&AMOUNTS).value - 1.0).abs() < 1e-12);
        assert!((of(&doubled).value - 20.0).abs() < 1e-9 && !of(&doubled).interval.contains(1.0));
        assert_eq!(log_normal_ratio(&[1.0], &AMOUNTS, Confidence::NINETY_FIVE), Err(Undefined::TooFew));
    }

    const AMOUNTS: [f64; 8] = [5000.0, 7200.0, 8100.0, 9900.0, 12000.0, 15500.0, 21000.0, 48000.0];

    fn agrees(got: Estimate, expected: [f64; 3]) {
        let all = [got.value, got.interval.low, got.interval.high];
        for (one, other) in all.iter().zip(expected) {
            assert!((one - other).abs() < 1e-8 * other, "{got:?}");
        }
    }

    /// domain_examples X7.3.
    #[test]
    fn deal_sizes_agree_with_the_worked_example() {
        let level = Confidence::NINETY_FIVE;
        agrees(
            log_normal_mean(&AMOUNTS, level).expect("defined"),
            [15872.42896043, 8107.463560113, 31074.33036682],
        );
        agrees(
            geometric_mean(&AMOUNTS, level).expect("defined"),
            [12350.21516207, 6830.804032521, 22329.40863525],
        );
        let plain = Sample::of(&AMOUNTS).and_then(|sample| sample.mean_interval(level)).expect("defined");
        agrees(plain, [15837.5, 4171.236385346, 27503.76361465]);
    }

    #[test]
    fn amounts_without_a_logarithm_have_no_interval() {
        let level = Confidence::NINETY_FIVE;
        assert_eq!(log_normal_mean(&[], level), Err(Undefined::TooFew));
        assert_eq!(log_normal_mean(&[5.0], level), Err(Undefined::TooFew));
        assert_eq!(log_normal_mean(&[5.0, 0.0], level), Err(Undefined::InvalidBase));
        assert_eq!(log_normal_mean(&[5.0, -1.0], level), Err(Undefined::InvalidBase));
        assert_eq!(log_normal_mean(&[5.0, f64::NAN], level), Err(Undefined::NotFinite));
        assert_eq!(log_normal_mean(&[f64::MIN_POSITIVE, f64::MAX], level), Err(Undefined::NotFinite));
        assert!(Sample::of(&[f64::MAX, -f64::MAX]).is_err());
    }

    #[test]
    fn equal_amounts_leave_no_doubt() {
        let got = geometric_mean(&[100.0, 100.0, 100.0], Confidence::NINETY_FIVE).expect("defined");
        agrees(got, [100.0, 100.0, 100.0]);
    }
}
