//! Decimal arithmetic that cannot fail silently: what does not fit says so.

use rust_decimal::Decimal;

use crate::undefined::Undefined;

/// `a + b`.
pub(crate) fn add(a: Decimal, b: Decimal) -> Result<Decimal, Undefined> {
    a.checked_add(b).ok_or(Undefined::NotFinite)
}

/// `a − b`.
pub(crate) fn subtract(a: Decimal, b: Decimal) -> Result<Decimal, Undefined> {
    a.checked_sub(b).ok_or(Undefined::NotFinite)
}

/// `a · b`.
pub(crate) fn multiply(a: Decimal, b: Decimal) -> Result<Decimal, Undefined> {
    a.checked_mul(b).ok_or(Undefined::NotFinite)
}

/// `a ÷ b`, to 28 digits.
pub(crate) fn divide(a: Decimal, b: Decimal) -> Result<Decimal, Undefined> {
    if b.is_zero() {
        return Err(Undefined::ZeroDenominator);
    }
    a.checked_div(b).ok_or(Undefined::NotFinite)
}

/// The sum of all.
pub(crate) fn sum(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, Undefined> {
    values.into_iter().try_fold(Decimal::ZERO, add)
}
