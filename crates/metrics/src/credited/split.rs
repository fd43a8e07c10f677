//! The credit of a deal divided among people (T3, T13b): whole minor units by share, then one unit
//! each to the largest remainders, ties by ascending person, so that the parts are the deal's value
//! to the last unit. Overlay credit is beside the total (T4) and rounded for itself.

use std::sync::Arc;

use attain_facts::canonical::currency::minor_unit;
use datafusion::arrow::array::Decimal128Array;
use datafusion::common::cast::as_decimal128_array;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::DataFrame;

use crate::ask::MetricsError;
use crate::plan::{DECIMAL, PERIOD, Source, column};

/// Whether any credit was ever said to be shared.
pub(super) fn is_delivered(source: &Source<'_>) -> bool {
    source.tables.supplies("credit_split", "share")
}

/// Adds the part of the whole's value (a deal's, a line's) that each row's person is credited with.
pub(super) async fn shared(
    source: &Source<'_>,
    rows: DataFrame,
    whole_is: &str,
    person: &str,
) -> Result<DataFrame, MetricsError> {
    if !is_delivered(source) {
        return Ok(rows.with_column("value", column("deal_value"))?);
    }
    let unit = 10i128.pow(6 - minor_unit(&source.company.currency).unwrap_or(2).min(6));
    source.context.register_udf(units("whole_units", unit, whole));
    source.context.register_udf(units("remaining_units", unit, remaining));
    source.context.register_udf(units("rounded_units", unit, rounded));
    let minor = format!("cast({unit} as decimal(28, 6)) / 1000000");
    let of_deal = format!("partition by {whole_is}, {PERIOD}, credit_kind");
    source
        .query_over(rows, |rows| {
            format!(
                "with shared as (select *, whole_units(deal_value, share) as whole, \
                   row_number() over ({of_deal} order by remaining_units(deal_value, share) desc, {person}) as place \
                 from {rows}), \
                 summed as (select *, abs(deal_value) - sum(whole) over ({of_deal}) as rest from shared) \
                 select *, case when credit_kind is null then deal_value \
                   when credit_kind = 'overlay' then rounded_units(deal_value, share) \
                   else (case when deal_value < 0 then -1 else 1 end) \
                     * (whole + case when place * ({minor}) <= rest then {minor} else 0 end) end as value \
                 from summed"
            )
        })
        .await
}

/// An engine function of a deal's value and a share.
fn units(name: &str, unit: i128, part: fn(i128, i128, i128) -> Option<i128>) -> ScalarUDF {
    create_udf(
        name,
        vec![DECIMAL, DECIMAL],
        DECIMAL,
        Volatility::Immutable,
        Arc::new(move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let (values, shares) = (as_decimal128_array(&arrays[0])?, as_decimal128_array(&arrays[1])?);
            let parts: Decimal128Array =
                values.iter().zip(shares.iter()).map(|(value, share)| part(value?, share?, unit)).collect();
            Ok(ColumnarValue::Array(Arc::new(parts.with_precision_and_scale(28, 6)?)))
        }),
    )
}

/// Whole units of the absolute value by share, in millionths like everything here.
fn whole(value: i128, share: i128, unit: i128) -> Option<i128> {
    let exact = value.checked_abs()?.checked_mul(share)?;
    Some(exact / 1_000_000 / unit * unit)
}

/// What whole units leave of the share: only its order matters.
fn remaining(value: i128, share: i128, unit: i128) -> Option<i128> {
    let exact = value.checked_abs()?.checked_mul(share)?;
    Some(exact % (1_000_000 * unit) / unit)
}

/// The share alone, rounded half to even to a unit.
fn rounded(value: i128, share: i128, unit: i128) -> Option<i128> {
    let exact = value.checked_mul(share)?;
    let step = 1_000_000 * unit;
    let (below, rest) = (exact.div_euclid(step), exact.rem_euclid(step));
    let up = match (rest * 2).cmp(&step) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => below % 2 != 0,
    };
    Some((below + i128::from(up)) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain_examples X3.10, the parts before the remaining units are dealt out.
    #[test]
    fn whole_units_and_remainders_of_a_share() {
        let cents = |value: i128| value * 10_000;
        let third = 333_300;
        assert_eq!(whole(cents(10_000), third, 10_000), Some(cents(3_333)));
        assert_eq!(remaining(cents(10_000), third, 10_000), Some(0));
        assert_eq!(whole(cents(100_001), 500_000, 10_000), Some(cents(50_000)));
        assert_eq!(remaining(cents(100_001), 500_000, 10_000), Some(500_000));
        assert_eq!(whole(cents(-100_001), 300_000, 10_000), Some(cents(30_000)));
        assert_eq!(rounded(cents(-5), 500_000, 10_000), Some(cents(-2)));
    }
}
