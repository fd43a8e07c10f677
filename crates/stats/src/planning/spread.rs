//! How attainment, amounts and potential are spread (domain 9.2).

use crate::order::sorted;
use crate::sample::Sample;
use crate::undefined::{Undefined, finite};

/// The share of attainments of 1 or more.
///
/// # Errors
/// `ZeroDenominator` of none, `NotFinite` where one is no finite number.
pub fn participation(attainments: &[f64]) -> Result<f64, Undefined> {
    let ordered = sorted(attainments)?;
    if ordered.is_empty() {
        return Err(Undefined::ZeroDenominator);
    }
    Ok(ordered.iter().filter(|attainment| **attainment >= 1.0).count() as f64 / ordered.len() as f64)
}

/// Whether a participation is as usual, 0.50–0.70; outside it is warned of.
#[must_use]
pub fn is_usual_participation(participation: f64) -> bool {
    (0.50..=0.70).contains(&participation)
}

/// Whether a median attainment is as usual, 0.95–1.05.
#[must_use]
pub fn is_usual_median(median: f64) -> bool {
    (0.95..=1.05).contains(&median)
}

/// The coefficient of variation, s/x̄.
///
/// # Errors
/// `TooFew` under two values, `ZeroDenominator` around a mean of zero, `InvalidBase` around less.
pub fn variation(values: &[f64]) -> Result<f64, Undefined> {
    let sample = Sample::of(values)?;
    finite(sample.deviation() / above_zero(sample.mean())?)
}

/// The share of all that the top fifth has: the `⌈0.2·n⌉` largest.
///
/// # Errors
/// `ZeroDenominator` where all have nothing, `InvalidBase` where they have less together.
pub fn share_of_top_fifth(amounts: &[f64]) -> Result<f64, Undefined> {
    let ordered = sorted(amounts)?;
    let top: f64 = ordered.iter().rev().take(ordered.len().div_ceil(5)).sum();
    finite(top / above_zero(ordered.iter().sum())?)
}

/// The Gini coefficient, `Σ_i Σ_j |x_i − x_j| ÷ (2 n² x̄)`: 0 where all have the same.
///
/// # Errors
/// `ZeroDenominator` where all have nothing, `InvalidBase` where somebody has less.
pub fn gini(amounts: &[f64]) -> Result<f64, Undefined> {
    let ordered = sorted(amounts)?;
    if ordered.first().is_some_and(|least| *least < 0.0) {
        return Err(Undefined::InvalidBase);
    }
    let count = ordered.len() as f64;
    let weighted = |(place, amount): (usize, &f64)| (2.0 * place as f64 + 1.0 - count) * amount;
    let apart: f64 = ordered.iter().enumerate().map(weighted).sum();
    finite(apart / (count * above_zero(ordered.iter().sum())?))
}

fn above_zero(base: f64) -> Result<f64, Undefined> {
    if base == 0.0 {
        Err(Undefined::ZeroDenominator)
    } else if base < 0.0 {
        Err(Undefined::InvalidBase)
    } else {
        finite(base)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::order::median;

    const ATTAINMENTS: [f64; 10] = [1.31, 1.08, 1.02, 0.99, 0.97, 0.85, 0.74, 1.0, 0.66, 1.15];

    /// domain_examples X9.4.
    #[test]
    fn a_team_agrees_with_the_worked_example() {
        assert_eq!(participation(&ATTAINMENTS), Ok(0.5));
        assert!(
            is_usual_participation(0.5) && !is_usual_participation(0.49) && !is_usual_participation(0.71)
        );
        let middle = median(&ATTAINMENTS).expect("defined");
        assert!((middle - 0.995).abs() < 1e-12 && is_usual_median(middle) && !is_usual_median(0.9));
        let potential = gini(&[10.0, 12.0, 8.0, 15.0, 9.0, 11.0]).expect("defined");
        assert!((potential - 0.1153846153846).abs() < 1e-12);
    }

    #[test]
    fn few_may_have_most() {
        assert_eq!(share_of_top_fifth(&[60.0, 10.0, 10.0, 10.0, 10.0]), Ok(0.6));
        assert_eq!(share_of_top_fifth(&[60.0, 20.0, 10.0, 5.0, 3.0, 2.0]), Ok(0.8), "two of six");
        assert_eq!(share_of_top_fifth(&[5.0]), Ok(1.0));
        let spread = variation(&[8.0, 12.0]).expect("defined");
        assert!((spread - 8f64.sqrt() / 10.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_is_not_spread() {
        assert_eq!(participation(&[]), Err(Undefined::ZeroDenominator));
        assert_eq!(gini(&[]), Err(Undefined::ZeroDenominator));
        assert_eq!(gini(&[0.0, 0.0]), Err(Undefined::ZeroDenominator));
        assert_eq!(gini(&[1.0, -1.0]), Err(Undefined::InvalidBase));
        assert_eq!(share_of_top_fifth(&[]), Err(Undefined::ZeroDenominator));
        assert_eq!(share_of_top_fifth(&[1.0, -5.0]), Err(Undefined::InvalidBase));
        assert_eq!(variation(&[1.0]), Err(Undefined::TooFew));
        assert_eq!(participation(&[f64::NAN]), Err(Undefined::NotFinite));
    }

    proptest! {
        #[test]
        fn a_gini_coefficient_is_what_its_definition_says(amounts in prop::collection::vec(0.0f64..1000.0, 1..20)) {
            let count = amounts.len() as f64;
            let apart: f64 = amounts.iter().flat_map(|one| amounts.iter().map(move |other| (one - other).abs())).sum();
            let mean = amounts.iter().sum::<f64>() / count;
            if mean > 0.0 {
                let got = gini(&amounts).expect("defined");
                prop_assert!((got - apart / (2.0 * count * count * mean)).abs() < 1e-9);
                prop_assert!((-1e-12..1.0).contains(&got));
            }
        }
    }
}
