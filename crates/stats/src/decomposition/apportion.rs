//! Effects to the cent: what is shown adds up to what is shown (domain 8.6).

use crate::undefined::{Undefined, finite};

/// How far the effects may be from the difference before rounding, as a share of the largest (I4).
const DRIFT_MAX: f64 = 1e-9;

/// Rounds effects in minor units to whole ones that add up to the difference: each is rounded down, then
/// the units still missing go to those with the largest fractions, of equal ones to the first.
///
/// # Errors
/// `Contradictory` where the effects do not add up to the difference before rounding; `NotFinite` where
/// one is no finite number or too large to be held in minor units.
pub fn apportion(effects_minor: &[f64], difference_minor: i64) -> Result<Vec<i64>, Undefined> {
    let whole =
        effects_minor.iter().map(|effect| rounded_down(*effect)).collect::<Result<Vec<i64>, Undefined>>()?;
    if !adds_up(effects_minor, difference_minor as f64) {
        return Err(Undefined::Contradictory);
    }
    let fraction = |index: usize| effects_minor[index] - effects_minor[index].floor();
    let mut order: Vec<usize> = (0..whole.len()).collect();
    order.sort_by(|one, other| fraction(*other).total_cmp(&fraction(*one)));
    hand_out(whole, &order, difference_minor)
}

fn adds_up(effects: &[f64], difference: f64) -> bool {
    let largest = effects.iter().fold(difference.abs(), |most, effect| most.max(effect.abs()));
    let drift = (effects.iter().sum::<f64>() - difference).abs();
    drift <= (DRIFT_MAX * largest).max(0.5)
}

/// Hands out what is missing, a unit each in this order. Beyond 2⁵³ minor units a double's last bit is worth
/// more than one, and everybody may get several.
fn hand_out(mut whole: Vec<i64>, order: &[usize], total: i64) -> Result<Vec<i64>, Undefined> {
    let missing = i128::from(total) - whole.iter().copied().map(i128::from).sum::<i128>();
    let count = order.len() as i128;
    if count == 0 {
        return if missing == 0 { Ok(whole) } else { Err(Undefined::Contradictory) };
    }
    let (each, more) = (missing.div_euclid(count), missing.rem_euclid(count));
    for (place, index) in (0i128..).zip(order) {
        let units = each + i128::from(place < more);
        whole[*index] = i64::try_from(i128::from(whole[*index]) + units).map_err(|_| Undefined::NotFinite)?;
    }
    Ok(whole)
}

fn rounded_down(effect: f64) -> Result<i64, Undefined> {
    const LIMIT: f64 = 9.2e18;
    let whole = finite(effect)?.floor();
    if whole.abs() < LIMIT { Ok(whole as i64) } else { Err(Undefined::NotFinite) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decomposition::{Factor, Levers, shapley};

    /// domain_examples X8.8.
    #[test]
    fn displayed_effects_agree_with_the_worked_example() {
        assert_eq!(apportion(&[33.4, -12.7, 5.9, -1.6], 25), Ok(vec![33, -13, 6, -1]));
    }

    #[test]
    fn of_equal_fractions_the_first_factor_gets_the_unit() {
        assert_eq!(apportion(&[0.5, 0.5], 1), Ok(vec![1, 0]));
        assert_eq!(apportion(&[-0.5, -0.5], -1), Ok(vec![0, -1]));
        assert_eq!(apportion(&[0.25, 0.25, 0.25, 0.25], 1), Ok(vec![1, 0, 0, 0]));
    }

    #[test]
    fn effects_that_do_not_add_up_are_not_made_to() {
        assert_eq!(apportion(&[10.0, 5.0], 40), Err(Undefined::Contradictory));
        assert_eq!(apportion(&[], 1), Err(Undefined::Contradictory));
        assert_eq!(apportion(&[], 0), Ok(vec![]));
        assert_eq!(apportion(&[f64::NAN], 0), Err(Undefined::NotFinite));
        assert_eq!(apportion(&[1e19], i64::MAX), Err(Undefined::NotFinite));
    }

    proptest! {
        /// Invariant I4: exactly, after rounding, for any amounts of money.
        #[test]
        fn shown_effects_add_up_to_the_shown_difference(
            sides in prop::collection::vec((-1000i32..1000, -1000i32..1000), 1..=6), scale in 1.0f64..1e6
        ) {
            let factor = |(reference, subject): &(i32, i32)| Factor {
                reference: Some(f64::from(*reference) / 17.0),
                subject: Some(f64::from(*subject) / 17.0),
            };
            let mut factors: Vec<Factor> = sides.iter().map(factor).collect();
            factors[0].reference = factors[0].reference.map(|value| value * scale);
            factors[0].subject = factors[0].subject.map(|value| value * scale);
            let taken = shapley(&Levers::new(&factors).expect("levers")).expect("defined");
            let difference = (taken.subject - taken.reference).round();
            prop_assume!(difference.abs() < 9e18);
            let shown = apportion(&taken.effects, difference as i64);
            if taken.effects.iter().all(|effect| effect.abs() < 9e18) {
                let shown = shown.expect("adds up");
                prop_assert_eq!(shown.iter().copied().map(i128::from).sum::<i128>(), i128::from(difference as i64));
            }
        }
    }
}
