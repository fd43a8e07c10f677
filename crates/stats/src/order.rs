//! Values in order: quantiles and medians (domain 0: Hyndman & Fan 1996, type 7).

use crate::probability::Probability;
use crate::undefined::{Undefined, finite};

/// The values from smallest to largest.
///
/// # Errors
/// `NotFinite` where one of them is no finite number.
pub(crate) fn sorted(values: &[f64]) -> Result<Vec<f64>, Undefined> {
    let mut ordered = values.iter().map(|value| finite(*value)).collect::<Result<Vec<f64>, Undefined>>()?;
    ordered.sort_by(f64::total_cmp);
    Ok(ordered)
}

/// The quantile of values in any order, by linear interpolation between neighbours (type 7).
///
/// # Errors
/// `TooFew` of none, `NotFinite` where one is no finite number.
pub fn quantile(values: &[f64], level: Probability) -> Result<f64, Undefined> {
    quantile_of_sorted(&sorted(values)?, level)
}

/// The middle value, or half-way between the two in the middle.
///
/// # Errors
/// As [`quantile`].
pub fn median(values: &[f64]) -> Result<f64, Undefined> {
    quantile(values, Probability::computed(0.5))
}

pub(crate) fn quantile_of_sorted(ordered: &[f64], level: Probability) -> Result<f64, Undefined> {
    let last = ordered.len().checked_sub(1).ok_or(Undefined::TooFew)?;
    let position = level.value() * last as f64;
    let below = (position.floor() as usize).min(last);
    let (low, high) = (ordered[below], ordered[(below + 1).min(last)]);
    let part = position - below as f64;
    Ok(if part == 0.0 { low } else { low * (1.0 - part) + high * part })
}

/// The rank of each value from 1, equal values sharing the mean of theirs. `values` are finite.
pub(crate) fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|one, other| values[*one] == values[*other]) {
        for index in equal {
            ranks[*index] = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        }
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy.quantile([3, 1, 4, 1, 5], p): linear interpolation is its default.
    #[test]
    fn quantiles_lie_between_neighbours() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0];
        for (level, expected) in [(0.0, 1.0), (0.1, 1.0), (0.3, 1.4), (0.5, 3.0), (0.9, 4.6), (1.0, 5.0)] {
            let level = Probability::new(level).expect("a probability");
            let got = quantile(&values, level).expect("defined");
            assert!((got - expected).abs() < 1e-12, "{got}");
        }
    }

    #[test]
    fn nothing_has_no_middle() {
        assert_eq!(median(&[]), Err(Undefined::TooFew));
        assert_eq!(median(&[1.0, f64::NAN]), Err(Undefined::NotFinite));
        assert_eq!(median(&[f64::MAX, f64::MAX]), Ok(f64::MAX));
    }

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(mean_ranks(&[10.0, 20.0, 10.0, 5.0]), vec![2.5, 4.0, 2.5, 1.0]);
    }
}
