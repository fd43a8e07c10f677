//! Shapley's decomposition (Shapley 1953; Shorrocks 2013, domain 8.3), the default: it takes zeros and
//! negative factors.

use super::levers::{Decomposition, Levers};
use crate::undefined::Undefined;

/// Takes a difference apart: the effect of a factor is the mean of what changing it does, over all orders
/// in which the factors could have changed.
///
/// # Errors
/// `NotFinite` where a product in between is too large to be held.
pub fn shapley(levers: &Levers) -> Result<Decomposition, Undefined> {
    levers.decomposed((0..levers.reference.len()).map(|factor| effect(levers, factor)).collect())
}

fn effect(levers: &Levers, factor: usize) -> f64 {
    let count = levers.reference.len();
    let without = (0..1usize << count).filter(|changed| changed & (1 << factor) == 0);
    let step = levers.subject[factor] - levers.reference[factor];
    without.map(|changed| weight(changed.count_ones(), count) * step * product(levers, changed, factor)).sum()
}

/// The product of all factors but one, those changed with the subject's value.
fn product(levers: &Levers, changed: usize, but: usize) -> f64 {
    let value = |factor: usize| {
        if changed & (1 << factor) == 0 { levers.reference[factor] } else { levers.subject[factor] }
    };
    (0..levers.reference.len()).filter(|factor| *factor != but).map(value).product()
}

/// `|S|! (n − |S| − 1)! / n!`, the share of orders in which just these changed before.
fn weight(changed: u32, count: usize) -> f64 {
    let factorial = |number: u64| (1..=number).product::<u64>() as f64;
    let (changed, count) = (u64::from(changed), count as u64);
    factorial(changed) * factorial(count - changed - 1) / factorial(count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decomposition::Factor;
    use crate::decomposition::levers::levers;

    fn agree(got: &Decomposition, expected: &[f64]) {
        for (got, expected) in got.effects.iter().zip(expected) {
            assert!((got - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{got} instead of {expected}");
        }
    }

    /// domain_examples X8.1.
    #[test]
    fn four_levers_agree_with_the_worked_example() {
        let got =
            shapley(&levers(&[200.0, 0.25, 0.3, 12000.0], &[240.0, 0.2, 0.35, 11000.0])).expect("defined");
        agree(&got, &[33558.33333333, -41108.33333333, 28375.0, -16025.0]);
        assert!((got.effects.iter().sum::<f64>() - 4800.0).abs() < 1e-6);
    }

    /// domain_examples X8.2.
    #[test]
    fn without_wins_the_win_yield_carries_the_loss() {
        let of = |reference: f64, subject: Option<f64>| Factor { reference: Some(reference), subject };
        let factors = [of(200.0, Some(240.0)), of(0.25, Some(0.2)), of(0.3, Some(0.0)), of(12000.0, None)];
        let got = shapley(&Levers::new(&factors).expect("levers")).expect("defined");
        agree(&got, &[16800.0, -19200.0, -177600.0, 0.0]);
    }

    #[test]
    fn one_lever_carries_everything() {
        agree(&shapley(&levers(&[3.0], &[-4.0])).expect("defined"), &[-7.0]);
    }

    #[test]
    fn products_in_between_may_not_fit() {
        let extreme = levers(&[1e200, 1e-200], &[1e-200, 1e200]);
        assert_eq!(shapley(&extreme), Err(Undefined::NotFinite));
    }

    proptest! {
        /// Invariants I4 and I5, with zeros and negative factors.
        #[test]
        fn effects_add_up_and_turn_round(sides in prop::collection::vec((-1e3f64..1e3, -1e3f64..1e3), 1..=6), zero in 0usize..6) {
            let (mut reference, subject): (Vec<f64>, Vec<f64>) = sides.into_iter().unzip();
            if let Some(factor) = reference.get_mut(zero) {
                *factor = 0.0;
            }
            let there = shapley(&levers(&reference, &subject)).expect("defined");
            let back = shapley(&levers(&subject, &reference)).expect("defined");
            let scale = there.effects.iter().fold(1.0f64, |scale, effect| scale.max(effect.abs()));
            let sum: f64 = there.effects.iter().sum();
            prop_assert!((sum - (there.subject - there.reference)).abs() <= 1e-9 * scale);
            for (effect, turned) in there.effects.iter().zip(&back.effects) {
                prop_assert!((effect + turned).abs() <= 1e-9 * scale);
            }
        }
    }
}
