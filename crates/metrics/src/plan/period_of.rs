//! The engine function that finds which of several periods a date falls in. A comparison for each
//! period would be planned and run one by one, and three years have 156 weeks.

use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::Int32Array;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::cast::{as_date32_array, as_list_array};
use datafusion::error::Result as EngineResult;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::{Expr, lit};
use jiff::civil::Date;

/// The position of the half-open range of days a date falls in, or null when it falls in none. Of
/// ranges that overlap it is the one that starts last.
pub(crate) fn position_among(date: Expr, ranges: impl IntoIterator<Item = (Date, Date)>) -> Expr {
    let bounds: Vec<ScalarValue> = ranges
        .into_iter()
        .flat_map(|(from, to)| [from, to])
        .map(|day| ScalarValue::Date32(Some(days_from_date(day))))
        .collect();
    let bounds = ScalarValue::List(ScalarValue::new_list_nullable(&bounds, &DataType::Date32));
    period_of().call(vec![date, lit(bounds)])
}

fn period_of() -> ScalarUDF {
    let bounds = DataType::new_list(DataType::Date32, true);
    create_udf(
        "period_of",
        vec![DataType::Date32, bounds],
        DataType::Int32,
        Volatility::Immutable,
        Arc::new(positions),
    )
}

fn positions(arguments: &[ColumnarValue]) -> EngineResult<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(&arguments[..1])?;
    let dates = as_date32_array(&arrays[0])?;
    let ranges = Ranges::read(&arguments[1])?;
    let positions: Int32Array = dates.iter().map(|date| ranges.position(date?)).collect();
    Ok(ColumnarValue::Array(Arc::new(positions)))
}

/// Ranges of days by their start, each with its position.
struct Ranges(Vec<(i32, i32, i32)>);

impl Ranges {
    fn read(bounds: &ColumnarValue) -> EngineResult<Ranges> {
        let lists = bounds.to_array(1)?;
        let Some(Some(days)) = as_list_array(&lists)?.iter().next() else { return Ok(Ranges(Vec::new())) };
        let days = as_date32_array(&days)?.values();
        let mut ranges: Vec<(i32, i32, i32)> =
            days.chunks_exact(2).zip(0..).map(|(range, position)| (range[0], range[1], position)).collect();
        ranges.sort_unstable();
        Ok(Ranges(ranges))
    }

    fn position(&self, day: i32) -> Option<i32> {
        let begun = self.0.partition_point(|(from, _, _)| *from <= day);
        let (_, to, position) = self.0.get(begun.checked_sub(1)?)?;
        (day < *to).then_some(*position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_belongs_to_the_range_that_holds_it_and_to_none_between_them() {
        let days = [30, 40, 0, 10, 10, 20].map(|day| ScalarValue::Date32(Some(day)));
        let list = ScalarValue::List(ScalarValue::new_list_nullable(&days, &DataType::Date32));
        let ranges = Ranges::read(&ColumnarValue::Scalar(list)).expect("ranges");
        let found = [-1, 0, 9, 10, 19, 20, 29, 30, 39, 40].map(|day| ranges.position(day));
        let expected = [None, Some(1), Some(1), Some(2), Some(2), None, None, Some(0), Some(0), None];
        assert_eq!(found, expected);
    }
}
