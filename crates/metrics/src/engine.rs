//! The engine session, and its columns as plain values. Nothing outside this crate's planning
//! modules and `facts::store` sees the engine.

use std::sync::Arc;

use attain_facts::value::date_from_days;
use datafusion::arrow::array::{
    Array, AsArray, BooleanArray, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::credited;

/// A session for one snapshot: text as plain strings, the functions of this crate registered.
/// Small facts are answered on one core: handing rows to a second one costs more than it saves.
/// One pass of the optimiser is all that plans as plain as ours gain from.
pub(crate) fn session(time_zone: &jiff::tz::TimeZone, small: bool) -> SessionContext {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut config = SessionConfig::new().with_target_partitions(if small { 1 } else { cores });
    config.options_mut().execution.parquet.schema_force_view_types = false;
    config.options_mut().optimizer.max_passes = 1;
    let context = SessionContext::new_with_config(config);
    context.register_udf(credited::civil_date(time_zone.clone()));
    context
}

/// Runs a plan and keeps the result in memory: answers are small.
pub(crate) async fn collect(frame: DataFrame) -> Result<Batches, MetricsError> {
    Ok(Batches(frame.collect().await?))
}

/// A result in memory.
pub(crate) struct Batches(Vec<RecordBatch>);

impl Batches {
    pub(crate) fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        self.0.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| Cells { batch, row }))
    }
}

/// One row of a result. A column that is not there reads as absent.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl Cells<'_> {
    fn column(&self, name: &str) -> Option<&Arc<dyn Array>> {
        self.batch.column_by_name(name).filter(|column| column.is_valid(self.row))
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let column = self.column(name)?;
        column.as_any().downcast_ref::<StringArray>().map(|texts| texts.value(self.row).to_owned())
    }

    pub(crate) fn date(&self, name: &str) -> Option<Date> {
        let column = self.column(name)?;
        column.as_any().downcast_ref::<Date32Array>().map(|dates| date_from_days(dates.value(self.row)))
    }

    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        let column = self.column(name)?;
        column.as_any().downcast_ref::<BooleanArray>().map(|truths| truths.value(self.row))
    }

    /// A whole number; counts come as such.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        let column = self.column(name)?;
        column.as_any().downcast_ref::<Int64Array>().map(|numbers| numbers.value(self.row))
    }

    pub(crate) fn integer32(&self, name: &str) -> Option<i32> {
        let column = self.column(name)?;
        column.as_any().downcast_ref::<Int32Array>().map(|numbers| numbers.value(self.row))
    }

    /// A count, absent read as none.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.integer(name).and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
    }

    /// An exact value. A total beyond 28 significant digits is refused, never rounded.
    pub(crate) fn decimal(&self, name: &str) -> Result<Option<Decimal>, MetricsError> {
        let Some(column) = self.column(name) else { return Ok(None) };
        let decimal = match column.data_type() {
            DataType::Decimal128(_, scale) => {
                let decimals: &Decimal128Array = column.as_primitive::<Decimal128Type>();
                let scale = u32::try_from(*scale).unwrap_or_default();
                Decimal::try_from_i128_with_scale(decimals.value(self.row), scale)
                    .map_err(|_| MetricsError::TooLarge)?
            }
            _ => Decimal::from(column.as_primitive::<Int64Type>().value(self.row)),
        };
        Ok(Some(decimal.normalize()))
    }
}
