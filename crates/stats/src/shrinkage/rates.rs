//! Rates of events: gamma-Poisson shrinkage by moments (domain 7.6).

use super::{NotShrunk, Shrinkage, Shrunken, enough_subjects};
use crate::count::Count;
use crate::interval::Confidence;
use crate::ranking::Posterior;
use crate::undefined::Undefined;

/// What all subjects say about a rate together: a gamma distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaPrior {
    /// All events over all exposure, μ̂.
    pub pooled: f64,
    /// The variance of rates between subjects, τ², before the guard of domain 7.6.
    pub variance: f64,
    /// α = μ̂²/τ².
    pub shape: f64,
    /// β = μ̂/τ²: how much exposure the prior is worth.
    pub rate: f64,
}

/// Shrinks the rates of subjects toward their common rate.
///
/// # Errors
/// [`NotShrunk`] under five subjects with exposure, or where nothing happened to anybody: the exact
/// Poisson interval is shown instead.
pub fn shrink_rates(subjects: &[Count], confidence: Confidence) -> Result<Shrinkage<GammaPrior>, NotShrunk> {
    let (prior, no_detectable_difference) = prior(subjects)?;
    let drawn = subjects.iter().map(|subject| shrunken(&prior, *subject, confidence));
    Shrinkage::of(prior, no_detectable_difference, drawn)
}

fn prior(subjects: &[Count]) -> Result<(GammaPrior, bool), NotShrunk> {
    let observed: Vec<(f64, f64)> = subjects
        .iter()
        .filter(|subject| subject.exposure() > 0.0)
        .map(|subject| (subject.events() as f64, subject.exposure()))
        .collect();
    enough_subjects(observed.len())?;
    let exposure: f64 = observed.iter().map(|(_, e)| e).sum();
    let pooled = observed.iter().map(|(x, _)| x).sum::<f64>() / exposure;
    if pooled <= 0.0 {
        return Err(NotShrunk::NoVariation);
    }
    let spread: f64 = observed.iter().map(|(x, e)| e * (x / e - pooled).powi(2)).sum();
    let freedom = observed.len() as f64 - 1.0;
    let denominator = exposure - observed.iter().map(|(_, e)| e * e).sum::<f64>() / exposure;
    if denominator <= 0.0 {
        return Err(NotShrunk::Inseparable);
    }
    let variance = (spread - freedom * pooled) / denominator;
    if !variance.is_finite() {
        return Err(NotShrunk::NotFinite);
    }
    // With all exposure for its weight the prior is as strong as everything that was seen.
    let least = pooled / exposure;
    let held = variance.max(least);
    let prior = GammaPrior { pooled, variance, shape: pooled * pooled / held, rate: pooled / held };
    Ok((prior, variance <= least))
}

fn shrunken(prior: &GammaPrior, subject: Count, confidence: Confidence) -> Option<Shrunken> {
    let posterior = Posterior::gamma(prior.shape + subject.events() as f64, prior.rate + subject.exposure())?;
    let raw = if subject.exposure() > 0.0 {
        Ok(subject.events() as f64 / subject.exposure())
    } else {
        Err(Undefined::ZeroDenominator)
    };
    Some(Shrunken { raw, estimate: posterior.estimate(confidence), posterior })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shrunk(events: &[u64], exposure: &[f64]) -> Result<Shrinkage<GammaPrior>, NotShrunk> {
        let counts: Vec<Count> =
            events.iter().zip(exposure).map(|(x, e)| Count::new(*x, *e).expect("a count")).collect();
        shrink_rates(&counts, Confidence::NINETY_FIVE)
    }

    /// domain_examples X7.8.
    #[test]
    fn deals_per_working_day_agree_with_the_worked_example() {
        let got = shrunk(&[12, 30, 5, 22, 41, 9], &[60.0, 62.0, 30.0, 61.0, 58.0, 64.0]).expect("defined");
        let prior = [got.prior.pooled, got.prior.variance, got.prior.shape, got.prior.rate];
        for (one, other) in
            prior.iter().zip([0.355223880597, 0.0429483408014, 2.938041446814, 8.270957014141])
        {
            assert!((one - other).abs() < 1e-7);
        }
        let expected = [
            (0.2188052152795, 0.1222948956332, 0.3429256322689),
            (0.4687290859037, 0.3225275745837, 0.6418282772771),
            (0.2074168525203, 0.08919367551169, 0.3746683949134),
            (0.360007173594, 0.2328379721206, 0.5144427157696),
            (0.6630059897496, 0.4816239705995, 0.8729251059527),
            (0.1651844937445, 0.08518301003257, 0.2712344928593),
        ];
        for (subject, (value, low, high)) in got.subjects.iter().zip(expected) {
            let interval = subject.estimate.interval;
            let apart = [subject.estimate.value - value, interval.low - low, interval.high - high];
            assert!(apart.iter().all(|gap| gap.abs() < 1e-7), "{subject:?}");
        }
    }

    /// domain_examples X7.9.
    #[test]
    fn rates_alike_are_not_told_apart() {
        let got = shrunk(&[20, 21, 19, 20, 22], &[60.0, 60.0, 60.0, 60.0, 64.0]).expect("defined");
        assert!(got.no_detectable_difference);
        assert!((got.prior.variance - -0.005359848484848).abs() < 1e-9);
        assert!((got.prior.shape - 102.0).abs() < 1e-9 && (got.prior.rate - 304.0).abs() < 1e-9);
        let expected = [0.3351648351648, 0.3379120879121, 0.3324175824176, 0.3351648351648, 0.3369565217391];
        for (subject, expected) in got.subjects.iter().zip(expected) {
            assert!((subject.estimate.value - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn without_a_prior_nothing_is_shrunk() {
        assert_eq!(shrunk(&[1, 2, 3, 4], &[9.0; 4]), Err(NotShrunk::TooFewSubjects));
        assert_eq!(shrunk(&[0; 5], &[9.0; 5]), Err(NotShrunk::NoVariation));
        let new = shrunk(&[12, 30, 5, 22, 41, 0], &[60.0, 62.0, 30.0, 61.0, 58.0, 0.0]).expect("defined");
        assert_eq!(new.subjects[5].raw, Err(Undefined::ZeroDenominator));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Invariant I14, with counts and exposures however far apart.
        #[test]
        fn an_estimate_lies_between_the_raw_value_and_the_group(
            subjects in prop::collection::vec((0u64..1_000_000, 0.001f64..1e6), 0..12)
        ) {
            let (events, exposure): (Vec<u64>, Vec<f64>) = subjects.iter().copied().unzip();
            if let Ok(got) = shrunk(&events, &exposure) {
                for subject in &got.subjects {
                    let raw = subject.raw.expect("exposure");
                    let (low, high) = (raw.min(got.prior.pooled), raw.max(got.prior.pooled));
                    let slack = 1e-9 * high;
                    prop_assert!(low - slack <= subject.estimate.value && subject.estimate.value <= high + slack);
                }
            }
        }
    }
}
