//! The logarithmic mean Divisia index (LMDI-I, Ang 2005, domain 8.4), with analytical limits where a
//! factor is zero (Ang & Liu 2007; Wood & Lenzen 2006) instead of small numbers in its place.

use super::levers::{Decomposition, Levers};
use crate::undefined::Undefined;

/// Below this difference of logarithms both sides are as good as equal.
const EQUAL: f64 = 1e-9;

/// Takes a difference apart: `effect_i = Lg(V¹, V⁰) · ln(x_i¹/x_i⁰)`.
///
/// # Errors
/// `InvalidBase` where a factor is negative (use [`super::shapley`]), `NotFinite` where a product is too
/// small to be held.
pub fn lmdi(levers: &Levers) -> Result<Decomposition, Undefined> {
    if levers.reference.iter().chain(&levers.subject).any(|factor| *factor < 0.0) {
        return Err(Undefined::InvalidBase);
    }
    let (before, after) = (levers.reference_product(), levers.subject_product());
    let count = levers.reference.len();
    let effects = match (before > 0.0, after > 0.0) {
        (true, true) => {
            let mean = logarithmic_mean(after, before);
            (0..count).map(|factor| mean * (levers.subject[factor] / levers.reference[factor]).ln()).collect()
        }
        (false, true) => shared_by_zeros(after, &levers.reference)?,
        (true, false) => shared_by_zeros(-before, &levers.subject)?,
        (false, false) => vec![0.0; count],
    };
    levers.decomposed(effects)
}

/// Takes the difference of a total apart, segment by segment: each is taken apart by itself and the
/// effects of the same factor are added.
///
/// # Errors
/// `TooFew` without segments, `Contradictory` where they have different numbers of factors, otherwise as
/// [`lmdi`].
pub fn lmdi_of_segments(segments: &[Levers]) -> Result<Decomposition, Undefined> {
    let (first, others) = segments.split_first().ok_or(Undefined::TooFew)?;
    others.iter().try_fold(lmdi(first)?, |total, segment| add(total, &lmdi(segment)?))
}

fn add(total: Decomposition, more: &Decomposition) -> Result<Decomposition, Undefined> {
    if total.effects.len() != more.effects.len() {
        return Err(Undefined::Contradictory);
    }
    Ok(Decomposition {
        reference: total.reference + more.reference,
        subject: total.subject + more.subject,
        effects: total.effects.iter().zip(&more.effects).map(|(one, other)| one + other).collect(),
    })
}

/// `(a − b)/(ln a − ln b)`, which lies between the geometric and the arithmetic mean.
fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let apart = (a / b).ln();
    if apart.abs() < EQUAL { a / 2.0 + b / 2.0 } else { (a - b) / apart }
}

/// The factors that are zero on a side share the whole change equally.
fn shared_by_zeros(change: f64, side: &[f64]) -> Result<Vec<f64>, Undefined> {
    let zeros = side.iter().filter(|factor| **factor == 0.0).count();
    if zeros == 0 {
        return Err(Undefined::NotFinite);
    }
    Ok(side.iter().map(|factor| if *factor == 0.0 { change / zeros as f64 } else { 0.0 }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decomposition::levers::levers;

    fn agree(got: Result<Decomposition, Undefined>, expected: &[f64]) {
        for (got, expected) in got.expect("defined").effects.iter().zip(expected) {
            assert!((got - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{got} instead of {expected}");
        }
    }

    const REFERENCE: [f64; 4] = [200.0, 0.25, 0.3, 12000.0];
    const SUBJECT: [f64; 4] = [240.0, 0.2, 0.35, 11000.0];

    /// domain_examples X8.3.
    #[test]
    fn four_levers_agree_with_the_worked_example() {
        assert!((logarithmic_mean(184_800.0, 180_000.0) - 182389.4731982).abs() < 1e-4);
        agree(
            lmdi(&levers(&REFERENCE, &SUBJECT)),
            &[33253.53269632, -40699.03477177, 28115.46128684, -15869.95921139],
        );
    }

    /// domain_examples X8.4.
    #[test]
    fn zeros_take_their_limits() {
        agree(lmdi(&levers(&[0.0, 0.25, 0.3, 12000.0], &SUBJECT)), &[184800.0, 0.0, 0.0, 0.0]);
        agree(lmdi(&levers(&[0.0, 0.0, 0.3, 12000.0], &SUBJECT)), &[92400.0, 92400.0, 0.0, 0.0]);
        agree(lmdi(&levers(&REFERENCE, &[240.0, 0.2, 0.0, 12000.0])), &[0.0, 0.0, -180000.0, 0.0]);
        agree(lmdi(&levers(&[0.0, 1.0], &[1.0, 0.0])), &[0.0, 0.0]);
    }

    #[test]
    fn negative_factors_are_refused() {
        assert_eq!(lmdi(&levers(&[2.0, 3.0], &[2.0, -3.0])), Err(Undefined::InvalidBase));
        let vanishing = levers(&[1e-200, 1e-200], &[1.0, 1.0]);
        assert_eq!(lmdi(&vanishing), Err(Undefined::NotFinite));
    }

    #[test]
    fn segments_are_added() {
        let segments = [levers(&[2.0, 3.0], &[2.0, 5.0]), levers(&[1.0, 7.0], &[1.0, 0.0])];
        let got = lmdi_of_segments(&segments).expect("defined");
        assert_eq!((got.reference, got.subject), (13.0, 10.0));
        agree(Ok(got), &[0.0, -3.0]);
        assert_eq!(lmdi_of_segments(&[]), Err(Undefined::TooFew));
        let uneven = [levers(&[2.0], &[3.0]), levers(&[1.0, 7.0], &[1.0, 0.0])];
        assert_eq!(lmdi_of_segments(&uneven), Err(Undefined::Contradictory));
    }

    proptest! {
        /// Invariants I4 and I5, zeros among the factors.
        #[test]
        fn effects_add_up_and_turn_round(sides in prop::collection::vec((0u32..1000, 0u32..1000), 1..=6)) {
            let (reference, subject): (Vec<f64>, Vec<f64>) =
                sides.into_iter().map(|(one, other)| (f64::from(one) / 8.0, f64::from(other) / 8.0)).unzip();
            let there = lmdi(&levers(&reference, &subject)).expect("defined");
            let back = lmdi(&levers(&subject, &reference)).expect("defined");
            let scale = there.reference.max(there.subject).max(1.0);
            let sum: f64 = there.effects.iter().sum();
            prop_assert!((sum - (there.subject - there.reference)).abs() <= 1e-9 * scale);
            for (effect, turned) in there.effects.iter().zip(&back.effects) {
                prop_assert!((effect + turned).abs() <= 1e-9 * scale);
            }
        }

        #[test]
        fn a_logarithmic_mean_lies_between(a in 1e-6f64..1e9, ratio in 0.999_999f64..1.000_001) {
            let b = a * ratio;
            let mean = logarithmic_mean(a, b);
            prop_assert!(a.min(b) * (1.0 - 1e-7) <= mean && mean <= a.max(b) * (1.0 + 1e-7));
        }
    }
}
