//! Each subject against the rest of its peer set: the p-values that verdicts are made of (domain 7.8).

use super::{fisher_exact, welch};
use crate::count::Count;
use crate::distribution::binomial::Binomial;
use crate::interval::Confidence;
use crate::probability::Probability;
use crate::proportion::Proportion;
use crate::sample::Sample;
use crate::undefined::Undefined;

/// Fisher's exact test of each subject against all others together, in the order they came. Subjects
/// without trials, or without others, differ from nobody (p = 1).
#[must_use]
pub fn proportions_against_the_rest(subjects: &[Proportion]) -> Vec<Probability> {
    let successes = subjects.iter().fold(0u64, |sum, subject| sum.saturating_add(subject.successes()));
    let failures = subjects.iter().fold(0u64, |sum, subject| sum.saturating_add(subject.failures()));
    subjects
        .iter()
        .map(|subject| {
            let others = successes - subject.successes();
            let rest = Proportion::new(others, others.saturating_add(failures - subject.failures()));
            rest.map_or(Probability::ONE, |rest| fisher_exact(*subject, rest))
        })
        .collect()
}

/// The exact test of each subject's rate against that of all others together: given all events, those
/// of one subject are binomial with its share of the exposure. Two-sided, `min(1, 2·min(P(X ≤ x), P(X ≥
/// x)))`. Subjects without exposure, or without others, differ from nobody (p = 1).
#[must_use]
pub fn rates_against_the_rest(subjects: &[Count]) -> Vec<Probability> {
    let events = subjects.iter().fold(0u64, |sum, subject| sum.saturating_add(subject.events()));
    let exposure: f64 = subjects.iter().map(|subject| subject.exposure()).sum();
    subjects
        .iter()
        .map(|subject| match Probability::new(subject.exposure() / exposure) {
            Some(share) if share.value() > 0.0 && share.value() < 1.0 => {
                let expected = Binomial::new(events, share);
                let (below, above) =
                    (expected.at_most(subject.events()), expected.at_least(subject.events()));
                Probability::computed(2.0 * below.min(above))
            }
            _ => Probability::ONE,
        })
        .collect()
}

/// Welch's test of each subject's values against those of all others together; amounts come on the
/// logarithmic scale.
///
/// # Errors
/// A subject has none under two values, or where the others have fewer (`TooFew`), where neither varies
/// (`ZeroDenominator`), or where a value is no finite number (`NotFinite`).
#[must_use]
pub fn means_against_the_rest(subjects: &[&[f64]]) -> Vec<Result<Probability, Undefined>> {
    (0..subjects.len())
        .map(|index| {
            let others = subjects.iter().enumerate().filter(|(other, _)| *other != index);
            let rest: Vec<f64> = others.flat_map(|(_, values)| values.iter().copied()).collect();
            let (own, rest) = (Sample::of(subjects[index])?, Sample::of(&rest)?);
            welch(&own, &rest, Confidence::NINETY_FIVE).map(|compared| compared.p_value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.fisher_exact([[30, 15], [70, 155]]), scipy.stats.binom of 41 of 119 at 58/335.
    #[test]
    fn each_is_tested_against_all_others_together() {
        let shares =
            [(30, 45), (40, 120), (30, 105)].map(|(x, n)| Proportion::new(x, n).expect("a proportion"));
        assert!((proportions_against_the_rest(&shares)[0].value() - 1.4157187038868277e-05).abs() < 1e-9);
        let counts = [(12, 60.0), (30, 62.0), (5, 30.0), (22, 61.0), (41, 58.0), (9, 64.0)]
            .map(|(x, e)| Count::new(x, e).expect("a count"));
        let got = rates_against_the_rest(&counts)[4].value();
        assert!((got / 1.0246846229592803e-05 - 1.0).abs() < 1e-9, "{got}");
    }

    #[test]
    fn nobody_differs_from_nobody() {
        let alone = [Proportion::new(3, 4).expect("a proportion")];
        assert_eq!(proportions_against_the_rest(&alone), vec![Probability::ONE]);
        assert_eq!(rates_against_the_rest(&[Count::new(0, 0.0).expect("a count")]), vec![Probability::ONE]);
        assert_eq!(rates_against_the_rest(&[Count::new(7, 3.0).expect("a count")]), vec![Probability::ONE]);
        assert_eq!(means_against_the_rest(&[&[1.0, 2.0]]), vec![Err(Undefined::TooFew)]);
        assert!(proportions_against_the_rest(&[]).is_empty());
        let huge = [Proportion::new(u64::MAX, u64::MAX).expect("a proportion"); 3];
        assert_eq!(proportions_against_the_rest(&huge).len(), 3);
    }

    #[test]
    fn a_mean_far_from_the_others_shows() {
        let p_values = means_against_the_rest(&[&[9.0, 9.2, 9.1], &[1.0, 1.3, 0.8], &[1.1, 0.9, 1.2]]);
        assert!(p_values[0].is_ok_and(|p_value| p_value.value() < 1e-6));
        assert!(p_values[1].is_ok_and(|p_value| p_value.value() > 0.01));
    }
}
