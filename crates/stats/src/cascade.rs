//! Cascade: a total shared out among those below, to the last minor unit (domain 6.1, T13b).
//!
//! What is shared out may be more than the total: that over-assignment is chosen and said, and children who
//! come to something else than their parent are shown so, never made to fit.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::exact::{add, divide, multiply, subtract, sum};
use crate::undefined::Undefined;

/// Digits to which weights are told apart.
const DIGITS: u32 = 18;

/// By what a total is shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighing {
    /// The same for each.
    Equal,
    /// By what could be sold.
    Potential,
    /// By what was attained.
    History,
    /// By both: so much of potential, the rest of history.
    Blend {
        /// λ, from 0 to 1; by default a half.
        of_potential: Decimal,
    },
}

/// What is known of one among whom a total is shared out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Child {
    /// What could be sold.
    pub potential: Decimal,
    /// What was attained.
    pub history: Decimal,
}

/// The weight of each child; all of them come to one, but for the last digit of a division.
///
/// # Errors
/// `Contradictory` where a weight is negative or λ is no share of one; `ZeroDenominator` where there is
/// nothing to weigh by; `NotFinite` where it is too large to be held.
pub fn weights(by: Weighing, children: &[Child]) -> Result<Vec<Decimal>, Undefined> {
    let potentials = || shares(children.iter().map(|child| child.potential));
    let histories = || shares(children.iter().map(|child| child.history));
    match by {
        Weighing::Equal => shares(children.iter().map(|_| Decimal::ONE)),
        Weighing::Potential => potentials(),
        Weighing::History => histories(),
        Weighing::Blend { of_potential } => {
            if !(Decimal::ZERO..=Decimal::ONE).contains(&of_potential) {
                return Err(Undefined::Contradictory);
            }
            let rest = subtract(Decimal::ONE, of_potential)?;
            let both = potentials()?.into_iter().zip(histories()?);
            both.map(|(potential, history)| add(multiply(of_potential, potential)?, multiply(rest, history)?))
                .collect()
        }
    }
}

fn shares(values: impl Iterator<Item = Decimal> + Clone) -> Result<Vec<Decimal>, Undefined> {
    if values.clone().any(|value| value < Decimal::ZERO) {
        return Err(Undefined::Contradictory);
    }
    let total = sum(values.clone())?;
    values.map(|value| divide(value, total)).collect()
}

/// What is shared out of a total: the total and the over-assignment, in whole minor units.
///
/// # Errors
/// `NotFinite` where it is too large to be held.
pub fn assigned(total_minor: i64, over_assignment: Decimal) -> Result<i64, Undefined> {
    let exact = multiply(Decimal::from(total_minor), add(Decimal::ONE, over_assignment)?)?;
    let whole = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
    i64::try_from(whole).map_err(|_| Undefined::NotFinite)
}

/// Shares out a total in minor units by weight: each gets the whole units of their share, then one more
/// goes to each of the largest remainders, of equal ones to the smallest key. What each gets does not depend on
/// the order they come in, and all of it together is the total.
///
/// # Errors
/// `Contradictory` where a weight or the total is negative; `ZeroDenominator` where nothing weighs anything;
/// `NotFinite` where it is too large to be held.
pub fn shared_out<K: Ord>(total_minor: i64, children: &[(K, Decimal)]) -> Result<Vec<i64>, Undefined> {
    let shares = shares(children.iter().map(|(_, weight)| *weight))?;
    let parts: Vec<i128> = shares.iter().map(|share| units(*share)).collect();
    let whole: i128 = parts.iter().sum();
    let total = i128::from(total_minor);
    if total < 0 {
        return Err(Undefined::Contradictory);
    }
    if whole == 0 {
        return Err(Undefined::ZeroDenominator);
    }
    let exact: Vec<i128> = parts
        .iter()
        .map(|part| total.checked_mul(*part).ok_or(Undefined::NotFinite))
        .collect::<Result<_, _>>()?;
    let mut given: Vec<i128> = exact.iter().map(|product| product / whole).collect();
    let missing = total - given.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..children.len()).collect();
    let remainder = |index: usize| exact[index] % whole;
    order.sort_by(|one, other| {
        remainder(*other).cmp(&remainder(*one)).then_with(|| children[*one].0.cmp(&children[*other].0))
    });
    // Fewer units are missing than there are children with a remainder.
    for (index, _) in order.iter().zip(0..missing) {
        given[*index] += 1;
    }
    given.into_iter().map(|units| i64::try_from(units).map_err(|_| Undefined::NotFinite)).collect()
}

/// A share in whole units of its last digit.
fn units(share: Decimal) -> i128 {
    let mut share = share.round_dp(DIGITS);
    share.rescale(DIGITS);
    share.mantissa()
}

/// By how much the children come to more than the parent, as a share of it: negative where to less.
///
/// # Errors
/// `ZeroTarget` where the parent has none; `NotFinite` where it is too large to be held.
pub fn over_assignment(
    children: impl IntoIterator<Item = Decimal>,
    parent: Decimal,
) -> Result<Decimal, Undefined> {
    if parent <= Decimal::ZERO {
        return Err(Undefined::ZeroTarget);
    }
    subtract(divide(sum(children)?, parent)?, Decimal::ONE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn child(potential: i64, history: i64) -> Child {
        Child { potential: Decimal::from(potential), history: Decimal::from(history) }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn keyed(weights: &[Decimal]) -> Vec<(usize, Decimal)> {
        weights.iter().copied().enumerate().collect()
    }

    /// domain_examples X6.16.
    #[test]
    fn a_total_is_shared_out_by_potential_and_history_together() {
        let children = [child(5, 2), child(3, 5), child(2, 3)];
        let by = Weighing::Blend { of_potential: decimal("0.5") };
        let weights = weights(by, &children).expect("weights");
        assert_eq!(weights, ["0.35", "0.4", "0.25"].map(decimal));
        assert_eq!(shared_out(1_000_001, &keyed(&weights)), Ok(vec![350_000, 400_001, 250_000]));
    }

    /// domain_examples X3.10 (T13b), by weights.
    #[test]
    fn the_units_that_are_left_go_to_the_largest_remainders_and_then_by_key() {
        let shared = |total: i64, weights: &[&str]| {
            let weights: Vec<Decimal> = weights.iter().map(|weight| decimal(weight)).collect();
            shared_out(total, &keyed(&weights))
        };
        assert_eq!(shared(10_000, &["0.3333", "0.3333", "0.3334"]), Ok(vec![3_333, 3_333, 3_334]));
        assert_eq!(shared(100_001, &["0.5", "0.3", "0.2"]), Ok(vec![50_001, 30_000, 20_000]));
        assert_eq!(shared(1, &["0.5", "0.5"]), Ok(vec![1, 0]));
        assert_eq!(shared(5, &["0.25", "0.25", "0.25", "0.25"]), Ok(vec![2, 1, 1, 1]));
    }

    #[test]
    fn each_way_of_weighing_weighs_what_it_says() {
        let children = [child(6, 1), child(2, 3)];
        let of = |by: Weighing| weights(by, &children).expect("weights");
        assert_eq!(of(Weighing::Equal), ["0.5", "0.5"].map(decimal));
        assert_eq!(of(Weighing::Potential), ["0.75", "0.25"].map(decimal));
        assert_eq!(of(Weighing::History), ["0.25", "0.75"].map(decimal));
        let most = Weighing::Blend { of_potential: Decimal::ONE };
        assert_eq!(of(most), of(Weighing::Potential));
    }

    #[test]
    fn over_assignment_is_chosen_and_said() {
        assert_eq!(assigned(1_000_000, decimal("0.04")), Ok(1_040_000));
        assert_eq!(assigned(333, decimal("0.1")), Ok(366), "half-even, to a whole unit");
        assert_eq!(over_assignment([decimal("700"), decimal("340")], decimal("1000")), Ok(decimal("0.04")));
        assert_eq!(over_assignment([decimal("900")], decimal("1000")), Ok(decimal("-0.1")));
        assert_eq!(over_assignment([decimal("1")], Decimal::ZERO), Err(Undefined::ZeroTarget));
        assert_eq!(assigned(i64::MAX, Decimal::ONE), Err(Undefined::NotFinite));
    }

    #[test]
    fn what_weighs_nothing_shares_nothing_out() {
        assert_eq!(shared_out(10, &keyed(&[])), Err(Undefined::ZeroDenominator));
        assert_eq!(weights(Weighing::History, &[child(1, 0)]), Err(Undefined::ZeroDenominator));
        assert_eq!(weights(Weighing::History, &[child(1, -1)]), Err(Undefined::Contradictory));
        let beyond = Weighing::Blend { of_potential: Decimal::TWO };
        assert_eq!(weights(beyond, &[child(1, 1)]), Err(Undefined::Contradictory));
        assert_eq!(shared_out(-1, &keyed(&[Decimal::ONE])), Err(Undefined::Contradictory));
    }

    proptest! {
        /// The parts are total × (1 + o) to the last minor unit, and nobody is further from their exact share
        /// than a unit.
        #[test]
        fn parts_add_up_to_the_total_with_its_over_assignment(
            total in 0i64..1_000_000_000_000_000, over in 0i64..=5_000,
            children in prop::collection::vec((0i64..1_000_000_000, 0i64..1_000_000_000), 1..60),
            of_potential in 0i64..=100,
        ) {
            let children: Vec<Child> = children.iter().map(|(one, other)| child(*one, *other)).collect();
            let by = Weighing::Blend { of_potential: Decimal::new(of_potential, 2) };
            let Ok(weights) = weights(by, &children) else { return Ok(()) };
            let assigned = assigned(total, Decimal::new(over, 4)).expect("assigned");
            let parts = shared_out(assigned, &keyed(&weights)).expect("shared out");
            prop_assert_eq!(parts.iter().sum::<i64>(), assigned);
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = Decimal::from(assigned) * weight;
                prop_assert!((Decimal::from(*part) - exact).abs() < decimal("1.01"), "{} for {}", part, exact);
            }
        }

        /// Who comes first gets no more for it.
        #[test]
        fn what_each_gets_does_not_depend_on_their_order(
            total in 0i64..1_000_000, weights in prop::collection::vec(0i64..50, 1..20), turn in 0usize..20,
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let children: Vec<(usize, Decimal)> =
                weights.iter().map(|weight| Decimal::from(*weight)).enumerate().collect();
            let mut turned = children.clone();
            turned.rotate_left(turn % children.len());
            turned.reverse();
            let parts = shared_out(total, &children).expect("shared out");
            let again = shared_out(total, &turned).expect("shared out");
            for ((key, _), part) in turned.iter().zip(again) {
                prop_assert_eq!(part, parts[*key]);
            }
        }
    }
}
