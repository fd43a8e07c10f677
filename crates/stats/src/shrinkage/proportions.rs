//! Proportions: beta-binomial shrinkage by moments (Kleinman 1973, domain 7.5).

use super::{NotShrunk, Shrinkage, Shrunken, enough_subjects};
use crate::interval::Confidence;
use crate::proportion::Proportion;
use crate::ranking::Posterior;

/// What all subjects say about a proportion together: a beta distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaPrior {
    /// The share of all successes among all trials, p̂.
    pub pooled: f64,
    /// How alike trials of the same subject are, ρ̂, before the guards of domain 7.5.
    pub correlation: f64,
    /// How many trials the prior is worth, M.
    pub size: f64,
}

impl BetaPrior {
    /// α = p̂M.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.pooled * self.size
    }

    /// β = (1 − p̂)M.
    #[must_use]
    pub fn beta(&self) -> f64 {
        (1.0 - self.pooled) * self.size
    }
}

/// The correlation from which on it is held.
const CORRELATION_MAX: f64 = 0.99;

/// Shrinks the proportions of subjects toward their common share.
///
/// # Errors
/// [`NotShrunk`] where the guards of domain 7.5 forbid it: Wilson's interval is shown instead.
pub fn shrink_proportions(
    subjects: &[Proportion],
    confidence: Confidence,
) -> Result<Shrinkage<BetaPrior>, NotShrunk> {
    let (prior, no_detectable_difference) = prior(subjects)?;
    let drawn = subjects.iter().map(|subject| shrunken(&prior, *subject, confidence));
    Shrinkage::of(prior, no_detectable_difference, drawn)
}

fn prior(subjects: &[Proportion]) -> Result<(BetaPrior, bool), NotShrunk> {
    let observed: Vec<(f64, f64)> = subjects
        .iter()
        .filter(|subject| subject.trials() > 0)
        .map(|subject| (subject.successes() as f64, subject.trials() as f64))
        .collect();
    enough_subjects(observed.len())?;
    let trials: f64 = observed.iter().map(|(_, n)| n).sum();
    let pooled = observed.iter().map(|(x, _)| x).sum::<f64>() / trials;
    if pooled <= 0.0 || pooled >= 1.0 {
        return Err(NotShrunk::NoVariation);
    }
    let spread: f64 = observed.iter().map(|(x, n)| n * (x / n - pooled).powi(2)).sum();
    let freedom = observed.len() as f64 - 1.0;
    let denominator = trials - observed.iter().map(|(_, n)| n * n).sum::<f64>() / trials - freedom;
    if denominator <= 0.0 {
        return Err(NotShrunk::Inseparable);
    }
    let correlation = (spread / (pooled * (1.0 - pooled)) - freedom) / denominator;
    let no_detectable_difference = correlation <= 1.0 / (1.0 + trials);
    let size = if no_detectable_difference { trials } else { 1.0 / correlation.min(CORRELATION_MAX) - 1.0 };
    Ok((BetaPrior { pooled, correlation, size }, no_detectable_difference))
}

fn shrunken(prior: &BetaPrior, subject: Proportion, confidence: Confidence) -> Option<Shrunken> {
    let (successes, failures) = (subject.successes() as f64, subject.failures() as f64);
    let posterior = Posterior::beta(prior.alpha() + successes, prior.beta() + failures)?;
    Some(Shrunken { raw: subject.share(), estimate: posterior.estimate(confidence), posterior })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::undefined::Undefined;

    fn of(won: &[u64], closed: &[u64]) -> Vec<Proportion> {
        won.iter()
            .zip(closed)
            .map(|(x, n)| Proportion::new(*x, *n).expect("no more won than closed"))
            .collect()
    }

    fn shrunk(won: &[u64], closed: &[u64]) -> Result<Shrinkage<BetaPrior>, NotShrunk> {
        shrink_proportions(&of(won, closed), Confidence::NINETY_FIVE)
    }

    /// domain_examples X7.6.
    #[test]
    fn eight_win_rates_agree_with_the_worked_example() {
        let got = shrunk(&[18, 9, 40, 3, 22, 30, 2, 25], &[40, 30, 80, 25, 60, 45, 4, 100]).expect("defined");
        assert!((got.prior.pooled - 0.3880208333333).abs() < 1e-12);
        assert!((got.prior.correlation - 0.0946363662719).abs() < 1e-9);
        assert!((got.prior.size - 9.566762433871).abs() < 1e-7);
        assert!((got.prior.alpha() - 3.712103131893).abs() < 1e-7);
        assert!((got.prior.beta() - 5.854659301978).abs() < 1e-7);
        let expected = [
            (0.4380375490705, 0.3042791666482, 0.5765354951111),
            (0.321282368077, 0.187121957353, 0.4725514263943),
            (0.4880393345039, 0.3855945713148, 0.5909903024211),
            (0.1941779518615, 0.08242969944882, 0.3392896761861),
            (0.3696032736371, 0.2609251316933, 0.4853853171954),
            (0.6178138784163, 0.4865178025956, 0.7409263052881),
            (0.421036570791, 0.1831861345358, 0.6809108873535),
            (0.2620512142012, 0.1844321457872, 0.3478953792392),
        ];
        for (subject, (value, low, high)) in got.subjects.iter().zip(expected) {
            let Estimate { value: got, interval } = subject.estimate;
            let apart = [got - value, interval.low - low, interval.high - high];
            assert!(apart.iter().all(|gap| gap.abs() < 1e-7), "{subject:?}");
        }
    }

    /// domain_examples X7.7.
    #[test]
    fn subjects_alike_are_not_told_apart() {
        let got = shrunk(&[10, 11, 9, 10, 20], &[40, 41, 38, 40, 80]).expect("defined");
        assert!(got.no_detectable_difference);
        assert!((got.prior.correlation - -0.02142105109707).abs() < 1e-9);
        assert_eq!(got.prior.size, 239.0);
        let expected = [0.2508960573477, 0.2535714285714, 0.2490974729242, 0.2508960573477, 0.2507836990596];
        for (subject, expected) in got.subjects.iter().zip(expected) {
            assert!((subject.estimate.value - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn three_of_four_stays_below_sixty_of_a_hundred() {
        let got = shrunk(&[3, 60, 30, 45, 20, 38], &[4, 100, 100, 90, 80, 100]).expect("defined");
        assert!(got.subjects[0].estimate.value < got.subjects[1].estimate.value);
    }

    #[test]
    fn without_a_prior_nothing_is_shrunk() {
        assert_eq!(shrunk(&[], &[]), Err(NotShrunk::TooFewSubjects));
        assert_eq!(shrunk(&[1, 2, 3, 4, 0], &[9, 9, 9, 9, 0]), Err(NotShrunk::TooFewSubjects));
        assert_eq!(shrunk(&[0; 6], &[10; 6]), Err(NotShrunk::NoVariation));
        assert_eq!(shrunk(&[10; 6], &[10; 6]), Err(NotShrunk::NoVariation));
        assert_eq!(shrunk(&[1, 0, 1, 0, 1], &[1; 5]), Err(NotShrunk::Inseparable));
    }

    #[test]
    fn a_subject_without_trials_gets_the_prior() {
        let got = shrunk(&[18, 9, 40, 3, 22, 0], &[40, 30, 80, 25, 60, 0]).expect("defined");
        assert_eq!(got.subjects[5].raw, Err(Undefined::ZeroDenominator));
        assert!((got.subjects[5].estimate.value - got.prior.pooled).abs() < 1e-12);
    }

    use crate::interval::Estimate;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Invariant I14.
        #[test]
        fn an_estimate_lies_between_the_raw_value_and_the_group(
            subjects in prop::collection::vec((0u64..200, 0u64..200), 0..12)
        ) {
            let (won, closed): (Vec<u64>, Vec<u64>) = subjects.iter().map(|(x, more)| (*x, x + more)).unzip();
            if let Ok(got) = shrunk(&won, &closed) {
                for subject in &got.subjects {
                    let raw = subject.raw.unwrap_or(got.prior.pooled);
                    let (low, high) = (raw.min(got.prior.pooled), raw.max(got.prior.pooled));
                    prop_assert!(low - 1e-12 <= subject.estimate.value && subject.estimate.value <= high + 1e-12);
                    prop_assert!(subject.estimate.interval.contains(subject.estimate.value) || got.prior.size < 2.0);
                }
            }
        }

        /// Invariant I14: at equal distance, fewer observations are drawn further.
        #[test]
        fn fewer_observations_are_drawn_further(few in 1u64..20, times in 2u64..20) {
            let got = shrunk(&[few, few * times, 10, 40, 25], &[2 * few, 2 * few * times, 60, 60, 80]).expect("defined");
            let away = |index: usize| (got.subjects[index].estimate.value - 0.5).abs();
            prop_assert!(away(0) >= away(1) - 1e-12);
        }
    }
}
