//! Means: normal-normal shrinkage (DerSimonian & Laird 1986) and James & Stein's (1961) for equal
//! variances (domain 7.7). Amounts come on the logarithmic scale.

use super::{NotShrunk, Shrinkage, Shrunken, enough_subjects};
use crate::interval::Confidence;
use crate::ranking::Posterior;
use crate::undefined::{Undefined, finite};

/// A mean with its known sampling variance, s²/n.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    mean: f64,
    variance: f64,
}

impl Measured {
    /// A mean, finite, with a variance above 0.
    #[must_use]
    pub fn new(mean: f64, variance: f64) -> Option<Measured> {
        let possible =
            mean.is_finite() && variance.is_finite() && variance > 0.0 && (1.0 / variance).is_finite();
        possible.then_some(Measured { mean, variance })
    }
}

/// What all subjects say about a mean together: a normal distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalPrior {
    /// The mean weighted by sampling variances alone, ȳ_w.
    pub weighted: f64,
    /// The weighted spread around it, Q.
    pub spread: f64,
    /// The variance of means between subjects, τ².
    pub variance: f64,
    /// The mean that subjects are drawn toward, μ.
    pub mean: f64,
}

/// Shrinks the means of subjects toward their common mean.
///
/// # Errors
/// [`NotShrunk`] under five subjects.
pub fn shrink_means(
    subjects: &[Measured],
    confidence: Confidence,
) -> Result<Shrinkage<NormalPrior>, NotShrunk> {
    enough_subjects(subjects.len())?;
    let count = subjects.len() as f64;
    let weights: f64 = subjects.iter().map(|subject| 1.0 / subject.variance).sum();
    let squares: f64 = subjects.iter().map(|subject| (1.0 / subject.variance).powi(2)).sum();
    let weighted = mean(subjects, 0.0);
    let spread: f64 =
        subjects.iter().map(|subject| (subject.mean - weighted).powi(2) / subject.variance).sum();
    let between = (spread - (count - 1.0)) / (weights - squares / weights);
    if !between.is_finite() {
        return Err(NotShrunk::NotFinite);
    }
    let variance = between.max(0.0);
    let prior = NormalPrior { weighted, spread, variance, mean: mean(subjects, variance) };
    let all_weights: f64 = subjects.iter().map(|subject| 1.0 / (subject.variance + variance)).sum();
    let drawn = subjects.iter().map(|subject| shrunken(&prior, all_weights, *subject, confidence));
    Shrinkage::of(prior, variance == 0.0, drawn)
}

/// The mean of means, each weighted by one over its variance and the one between subjects.
fn mean(subjects: &[Measured], between: f64) -> f64 {
    let weight = |subject: &Measured| 1.0 / (subject.variance + between);
    let weights: f64 = subjects.iter().map(weight).sum();
    subjects.iter().map(|subject| weight(subject) / weights * subject.mean).sum()
}

fn shrunken(
    prior: &NormalPrior,
    weights: f64,
    subject: Measured,
    confidence: Confidence,
) -> Option<Shrunken> {
    let drawn = subject.variance / (subject.variance + prior.variance);
    let mean = drawn * prior.mean + (1.0 - drawn) * subject.mean;
    let posterior = Posterior::normal(mean, (1.0 - drawn) * subject.variance + drawn * drawn / weights)?;
    Some(Shrunken { raw: Ok(subject.mean), estimate: posterior.estimate(confidence), posterior })
}

/// Means after James & Stein's shrinkage.
#[derive(Clone, Debug, PartialEq)]
pub struct JamesStein {
    /// How much of each distance from the mean is left, from 0 to 1.
    pub factor: f64,
    /// The means, in the order they came.
    pub means: Vec<f64>,
}

/// Shrinks means with the same known variance toward their mean: positive-part James–Stein (1961).
///
/// # Errors
/// `TooFew` under four means; `InvalidBase` where the variance is not above 0; `NotFinite`.
pub fn james_stein(means: &[f64], variance: f64) -> Result<JamesStein, Undefined> {
    if means.len() < 4 {
        return Err(Undefined::TooFew);
    }
    if variance <= 0.0 {
        return Err(Undefined::InvalidBase);
    }
    let count = means.len() as f64;
    let centre = means.iter().sum::<f64>() / count;
    let spread = finite(means.iter().map(|mean| (mean - centre).powi(2)).sum())?;
    let noise = finite((count - 3.0) * variance)?;
    let factor = if noise >= spread { 0.0 } else { 1.0 - noise / spread };
    let means = means.iter().map(|mean| centre + factor * (mean - centre)).collect();
    Ok(JamesStein { factor, means })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(means: &[f64], variances: &[f64]) -> Vec<Measured> {
        means.iter().zip(variances).map(|(y, v)| Measured::new(*y, *v).expect("a mean")).collect()
    }

    /// domain_examples X7.10.
    #[test]
    fn log_deal_sizes_agree_with_the_worked_example() {
        let subjects = of(&[9.8, 9.1, 10.4, 9.5, 8.7], &[0.04, 0.1, 0.09, 0.02, 0.25]);
        let got = shrink_means(&subjects, Confidence::NINETY_FIVE).expect("defined");
        let prior = [got.prior.weighted, got.prior.spread, got.prior.variance, got.prior.mean];
        for (one, other) in
            prior.iter().zip([9.602885682575, 14.35027746948, 0.1556341789052, 9.578128664979])
        {
            assert!((one - other).abs() < 1e-9, "{one}");
        }
        let expected = [
            (9.754635465794, 0.03378845571142),
            (9.287036282483, 0.06808160604213),
            (10.09886755792, 0.06334065646981),
            (9.508896749535, 0.01833265522902),
            (9.241207269164, 0.1137926300212),
        ];
        for (subject, (mean, variance)) in got.subjects.iter().zip(expected) {
            assert!((subject.estimate.value - mean).abs() < 1e-9);
            assert_eq!(
                Some(subject.posterior),
                Posterior::normal(subject.estimate.value, subject.posterior.variance())
            );
            assert!((subject.posterior.variance() - variance).abs() < 1e-9);
        }
    }

    /// domain_examples X7.11.
    #[test]
    fn equal_variances_agree_with_the_worked_example() {
        let means = [1.0, 2.0, 4.0, 2.5, 0.5];
        let got = james_stein(&means, 0.5).expect("defined");
        assert!((got.factor - 0.8666666666667).abs() < 1e-12);
        for (one, other) in got.means.iter().zip([1.133333333333, 2.0, 3.733333333333, 2.433333333333, 0.7]) {
            assert!((one - other).abs() < 1e-12);
        }
        assert_eq!(james_stein(&means, 10.0).expect("defined").means, vec![2.0; 5]);
    }

    #[test]
    fn a_variance_below_zero_is_never_used() {
        let got = shrink_means(&of(&[5.0, 5.01, 4.99, 5.0, 5.0], &[1.0; 5]), Confidence::NINETY_FIVE)
            .expect("defined");
        assert_eq!(got.prior.variance, 0.0);
        assert!(got.no_detectable_difference);
        assert!(got.subjects.iter().all(|subject| (subject.estimate.value - 5.0).abs() < 1e-12));
    }

    #[test]
    fn too_little_or_nothing_is_not_shrunk() {
        assert_eq!(
            shrink_means(&of(&[1.0; 4], &[1.0; 4]), Confidence::NINETY_FIVE),
            Err(NotShrunk::TooFewSubjects)
        );
        assert_eq!(james_stein(&[1.0, 2.0, 3.0], 1.0), Err(Undefined::TooFew));
        assert_eq!(james_stein(&[1.0, 2.0, 3.0, f64::NAN], 1.0), Err(Undefined::NotFinite));
        assert_eq!(james_stein(&[1.0; 4], 0.0), Err(Undefined::InvalidBase));
        assert_eq!(james_stein(&[1.0; 4], f64::NAN), Err(Undefined::NotFinite));
        assert_eq!(james_stein(&[7.0; 4], 1.0).expect("defined").means, vec![7.0; 4]);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-310] {
            assert_eq!(Measured::new(1.0, wrong), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Invariant I14.
        #[test]
        fn an_estimate_lies_between_the_raw_value_and_the_group(
            subjects in prop::collection::vec((-100.0f64..100.0, 0.001f64..100.0), 5..12)
        ) {
            let (means, variances): (Vec<f64>, Vec<f64>) = subjects.iter().copied().unzip();
            let got = shrink_means(&of(&means, &variances), Confidence::NINETY_FIVE).expect("defined");
            for (subject, raw) in got.subjects.iter().zip(&means) {
                let (low, high) = (raw.min(got.prior.mean), raw.max(got.prior.mean));
                prop_assert!(low - 1e-9 <= subject.estimate.value && subject.estimate.value <= high + 1e-9);
                prop_assert!(subject.estimate.interval.contains(subject.estimate.value));
            }
        }
    }
}
