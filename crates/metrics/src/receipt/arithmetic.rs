//! The arithmetic of a receipt, exact: rounding once, half to even, to twelve digits after the
//! point (domain T13).

use rust_decimal::{Decimal, RoundingStrategy};

/// Digits after the point that a receipt keeps of a quotient.
pub(super) const PLACES: u32 = 12;

/// Numerator ÷ denominator. Nothing when the denominator is 0 or the quotient has more digits
/// than a decimal holds.
///
/// Long division with its remainder: rounding an already rounded quotient would miss ties.
pub(super) fn quotient(numerator: Decimal, denominator: Decimal) -> Option<Decimal> {
    let (above, below) = (numerator.mantissa().unsigned_abs(), denominator.mantissa().unsigned_abs());
    // numerator ÷ denominator · 10^12 = above · 10^shift ÷ below
    let shift = i64::from(PLACES) + i64::from(denominator.scale()) - i64::from(numerator.scale());
    let below = match shift {
        0.. => below,
        _ => below.checked_mul(10u128.checked_pow(u32::try_from(-shift).ok()?)?)?,
    };
    let mut whole = above.checked_div(below)?;
    let mut rest = above % below;
    for _ in 0..shift.max(0) {
        rest = rest.checked_mul(10)?;
        whole = whole.checked_mul(10)?.checked_add(rest / below)?;
        rest %= below;
    }
    let rounds_up = match rest.cmp(&(below - rest)) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => !whole.is_multiple_of(2),
        std::cmp::Ordering::Less => false,
    };
    let magnitude = i128::try_from(whole.checked_add(u128::from(rounds_up))?).ok()?;
    let negative = numerator.is_sign_negative() != denominator.is_sign_negative();
    let rounded = Decimal::try_from_i128_with_scale(if negative { -magnitude } else { magnitude }, PLACES);
    Some(rounded.ok()?.normalize())
}

/// A part or plain value as a receipt keeps it: sums exactly, longer ones to twelve places.
pub(super) fn kept(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(PLACES, RoundingStrategy::MidpointNearestEven).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn divided(above: &str, below: &str) -> Option<String> {
        let read = |text: &str| text.parse::<Decimal>().expect("decimal");
        quotient(read(above), read(below)).map(|quotient| quotient.to_string())
    }

    #[test]
    fn a_quotient_is_rounded_half_to_even_at_the_twelfth_digit() {
        assert_eq!(divided("92", "143").as_deref(), Some("0.643356643357"));
        assert_eq!(divided("1", "2000000000000").as_deref(), Some("0"), "half a unit, to even");
        assert_eq!(divided("3", "2000000000000").as_deref(), Some("0.000000000002"));
        assert_eq!(divided("-3", "2000000000000").as_deref(), Some("-0.000000000002"));
        assert_eq!(divided("300.50", "2").as_deref(), Some("150.25"));
        assert_eq!(
            divided("0.0000000000000000000000000005", "0.0000000000000000000000000001").as_deref(),
            Some("5")
        );
    }

    /// Just above a tie: rounding to 28 digits first would lose what is above.
    #[test]
    fn a_quotient_just_above_a_tie_is_rounded_up() {
        assert_eq!(divided("5", "10000000000000").as_deref(), Some("0"));
        assert_eq!(
            divided("5.000000000000000000000000001", "10000000000000").as_deref(),
            Some("0.000000000001")
        );
    }

    #[test]
    fn nothing_is_divided_by_nothing_and_nothing_overflows() {
        assert_eq!(divided("1", "0"), None);
        assert_eq!(divided("0", "0"), None);
        assert_eq!(divided("79228162514264337593543950335", "0.0000000000000000000000000001"), None);
        assert_eq!(divided("0", "7").as_deref(), Some("0"));
    }

    proptest! {
        #[test]
        fn no_other_twelve_digits_are_nearer(above in -1_000_000_000i64..1_000_000_000, below in 1i64..1_000_000) {
            let rounded = quotient(above.into(), below.into()).expect("small");
            let off = (rounded * Decimal::from(below) - Decimal::from(above)).abs();
            let half_a_unit = Decimal::from(below) * Decimal::new(5, PLACES + 1);
            prop_assert!(off <= half_a_unit, "{above} / {below} = {rounded}");
        }
    }
}
