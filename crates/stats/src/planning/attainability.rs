//! Attainability: the probability of each target before its period starts (domain 9.1), by
//! [`crate::forecast::counts`] or another forecast of a whole period.

use crate::probability::Probability;
use crate::undefined::Undefined;

/// What a target's probability makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attainability {
    /// Below 0.25.
    Unlikely,
    /// In between.
    Plausible,
    /// Above 0.90.
    Soft,
}

impl Attainability {
    /// The flag of a target by `P(actual ≥ target)`.
    #[must_use]
    pub fn of(probability: Probability) -> Attainability {
        match probability.value() {
            low if low < 0.25 => Attainability::Unlikely,
            high if high > 0.90 => Attainability::Soft,
            _ => Attainability::Plausible,
        }
    }
}

/// The share of targets to be expected to be reached: the mean of their probabilities.
///
/// # Errors
/// `ZeroDenominator` without targets.
pub fn expected_participation(probabilities: &[Probability]) -> Result<Probability, Undefined> {
    if probabilities.is_empty() {
        return Err(Undefined::ZeroDenominator);
    }
    let sum: f64 = probabilities.iter().map(|probability| probability.value()).sum();
    Ok(Probability::computed(sum / probabilities.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count::Count;
    use crate::forecast::{RatePrior, counts};

    /// domain_examples X9.5.
    #[test]
    fn targets_agree_with_the_worked_example() {
        use Attainability::{Plausible, Soft, Unlikely};
        let prior = RatePrior::new(3.2, 20.0).expect("a prior");
        let period = counts(prior, Count::new(0, 0.0).expect("a count"), 62.0).expect("defined");
        let expected = [
            (2.0, 0.9625841328048, Soft),
            (4.0, 0.8654581183474, Plausible),
            (9.0, 0.516191934901, Plausible),
            (14.0, 0.2431469867565, Unlikely),
            (22.0, 0.05551892882461, Unlikely),
        ];
        let mut probabilities = Vec::new();
        for (target, probability, flag) in expected {
            let got = period.probability_of(target).expect("a target");
            assert!((got.value() - probability).abs() < 1e-8, "{got:?}");
            assert_eq!(Attainability::of(got), flag);
            probabilities.push(got);
        }
        let share = expected_participation(&probabilities).expect("defined").value();
        assert!((share - 0.5285800203).abs() < 1e-9, "{share}");
        assert_eq!(expected_participation(&[]), Err(Undefined::ZeroDenominator));
    }
}
