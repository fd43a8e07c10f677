//! Percentiles of rows, exact: the engine's own are doubles, and money is not (T13e).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The share of values that lie below, and how it falls between two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Percentile {
    /// Between 0 and 1.
    pub(crate) share: Decimal,
    /// Whether the least value that at least the share does not exceed is taken, instead of the
    /// line between two (Hyndman & Fan 1996: type 1 instead of type 7).
    pub(crate) discrete: bool,
}

impl Percentile {
    /// The percentile of values; nothing where there are none, or where a difference of two has
    /// more digits than exact arithmetic keeps.
    pub(crate) fn of(self, mut values: Vec<Decimal>) -> Option<Decimal> {
        values.sort_unstable();
        let count = Decimal::from(values.len());
        if self.discrete {
            let reached = (self.share * count).ceil().max(Decimal::ONE) - Decimal::ONE;
            return values.get(reached.to_usize()?).copied();
        }
        let position = self.share * (count - Decimal::ONE).max(Decimal::ZERO);
        let below = *values.get(position.floor().to_usize()?)?;
        let Some(above) = values.get(position.ceil().to_usize()?) else { return Some(below) };
        let step = above.checked_sub(below)?.checked_mul(position.fract())?;
        below.checked_add(step).map(|value| value.normalize())
    }

    /// As a definition writes it, for readers: `0.9 percentile`.
    pub(crate) fn words(self) -> String {
        let kind = if self.discrete { "discrete " } else { "" };
        format!("{kind}{} percentile", self.share.normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn percentile(share: &str, discrete: bool, values: &[i64]) -> Option<String> {
        let percentile = Percentile { share: share.parse().expect("decimal"), discrete };
        let values = values.iter().map(|value| Decimal::from(*value)).collect();
        percentile.of(values).map(|value| value.to_string())
    }

    /// Values of R's `quantile` (types 7 and 1) over the same numbers.
    #[test]
    fn a_percentile_lies_on_the_line_between_two_values_and_a_discrete_one_is_a_value() {
        let values = [15, 20, 35, 40, 50];
        assert_eq!(percentile("0.4", false, &values).as_deref(), Some("29"));
        assert_eq!(percentile("0.9", false, &values).as_deref(), Some("46"));
        assert_eq!(percentile("0", false, &values).as_deref(), Some("15"));
        assert_eq!(percentile("1", false, &values).as_deref(), Some("50"));
        assert_eq!(percentile("0.4", true, &values).as_deref(), Some("20"));
        assert_eq!(percentile("0.41", true, &values).as_deref(), Some("35"));
        assert_eq!(percentile("0", true, &values).as_deref(), Some("15"));
        assert_eq!(percentile("1", true, &values).as_deref(), Some("50"));
        assert_eq!(percentile("0.333", false, &[1, 2]).as_deref(), Some("1.333"));
        assert_eq!(percentile("0.5", false, &[]), None);
        assert_eq!(percentile("0.5", true, &[]), None);
    }

    proptest! {
        /// By definition: the straight line through the points (k, x_k), in doubles.
        #[test]
        fn the_line_is_that_of_an_independent_computation(
            mut values in proptest::collection::vec(-1_000_000i64..1_000_000, 1..40), share in 0u32..=1_000
        ) {
            let share = Decimal::new(share.into(), 3);
            let exact = values.iter().map(|value| Decimal::from(*value)).collect();
            let found = Percentile { share, discrete: false }.of(exact).and_then(|value| value.to_f64());
            values.sort_unstable();
            let at = share.to_f64().unwrap_or_default() * (values.len() - 1) as f64;
            let weights = values.iter().enumerate().map(|(k, value)| {
                (1.0 - (at - k as f64).abs()).max(0.0) * *value as f64
            });
            let expected: f64 = weights.sum();
            prop_assert!((found.unwrap_or(f64::NAN) - expected).abs() <= 1e-6 * expected.abs().max(1.0));
        }
    }
}
