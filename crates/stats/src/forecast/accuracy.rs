//! How far forecasts were off (domain 4.8). Pairs without a forecast are left to whoever lists them.

use crate::undefined::{Undefined, finite};

/// An actual value and what was foretold of it.
pub type Pair = (f64, f64);

/// The weighted absolute percentage error, `Σ|A − F| ÷ Σ|A|`.
///
/// # Errors
/// `ZeroDenominator` where nothing actually happened, `NotFinite`.
pub fn wape(pairs: &[Pair]) -> Result<f64, Undefined> {
    let off: f64 = pairs.iter().map(|(actual, forecast)| (actual - forecast).abs()).sum();
    let all: f64 = pairs.iter().map(|(actual, _)| actual.abs()).sum();
    if all == 0.0 { Err(Undefined::ZeroDenominator) } else { finite(off / all) }
}

/// The bias, `Σ(F − A) ÷ ΣA`: above zero, too much was foretold.
///
/// # Errors
/// `ZeroDenominator` where actual values add up to nothing, `InvalidBase` to less, `NotFinite`.
pub fn bias(pairs: &[Pair]) -> Result<f64, Undefined> {
    let over: f64 = pairs.iter().map(|(actual, forecast)| forecast - actual).sum();
    let all: f64 = pairs.iter().map(|(actual, _)| actual).sum();
    if all == 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    if all < 0.0 {
        return Err(Undefined::InvalidBase);
    }
    finite(over / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain_examples X4.10.
    #[test]
    fn four_forecasts_agree_with_the_worked_example() {
        let pairs = [(100.0, 120.0), (0.0, 30.0), (250.0, 200.0), (80.0, 80.0)];
        assert!((wape(&pairs).expect("defined") - 0.2325581395349).abs() < 1e-12);
        assert!(bias(&pairs).expect("defined").abs() < 1e-12);
    }

    #[test]
    fn where_nothing_happened_nothing_is_off_by_a_share() {
        assert_eq!(wape(&[]), Err(Undefined::ZeroDenominator));
        assert_eq!(wape(&[(0.0, 5.0)]), Err(Undefined::ZeroDenominator));
        assert_eq!(bias(&[(-3.0, 5.0)]), Err(Undefined::InvalidBase));
        assert_eq!(wape(&[(f64::NAN, 5.0)]), Err(Undefined::NotFinite));
    }
}
