//! The engine session, and its columns as plain values. Nothing outside this crate's planning
//! modules and `facts::store` sees the engine.

use std::sync::Arc;

use attain_facts::value::{date_from_days, days_from_date};
use datafusion::arrow::array::{
    Array, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type, TimeUnit};
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;

use crate::ask::MetricsError;

/// A session for one snapshot: text as plain strings, the functions of this crate registered.
/// Small facts are answered on one core: handing rows to a second one costs more than it saves.
/// One pass of the optimiser is all that plans as plain as ours gain from.
pub(crate) fn session(time_zone: &jiff::tz::TimeZone, small: bool) -> SessionContext {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut config = SessionConfig::new().with_target_partitions(if small { 1 } else { cores });
    config.options_mut().execution.parquet.schema_force_view_types = false;
    config.options_mut().optimizer.max_passes = 1;
    let context = SessionContext::new_with_config(config);
    context.register_udf(civil_date(time_zone.clone()));
    context.register_udf(day_start(time_zone.clone()));
    context.register_udf(day_end(time_zone.clone()));
    context
}

/// Memory of a session that reads tables as they are, whatever their size.
const MEMORY_LIMIT_BYTES: usize = 512 << 20;

/// A session for going through whole tables: sorted merges, which spill to disk, instead of hash
/// tables, which do not.
pub(crate) fn bounded_session() -> Result<SessionContext, MetricsError> {
    let pool = FairSpillPool::new(MEMORY_LIMIT_BYTES);
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build_arc()?;
    let mut config = SessionConfig::new().with_target_partitions(1);
    config.options_mut().execution.parquet.schema_force_view_types = false;
    config.options_mut().optimizer.prefer_hash_join = false;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// Plans and runs in a task of its own, so that questions asked at once use every core, and keeps the
/// result in memory: answers are small. Who no longer waits for it ends it.
pub(crate) async fn collect(frame: DataFrame) -> Result<Batches, MetricsError> {
    let task = SpawnedTask::spawn(frame.collect());
    let ended = |error| DataFusionError::ExecutionJoin(Box::new(error));
    Ok(Batches(task.join_unwind().await.map_err(ended)??))
}

/// A result in memory.
pub(crate) struct Batches(Vec<RecordBatch>);

impl Batches {
    /// The parts of the result.
    pub(crate) fn parts(&self) -> &[RecordBatch] {
        &self.0
    }

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

    pub(crate) fn instant(&self, name: &str) -> Option<Timestamp> {
        let column = self.column(name)?;
        let instants = column.as_any().downcast_ref::<TimestampMicrosecondArray>()?;
        Timestamp::from_microsecond(instants.value(self.row)).ok()
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

    pub(crate) fn double(&self, name: &str) -> Option<f64> {
        let column = self.column(name)?;
        column.as_any().downcast_ref::<Float64Array>().map(|numbers| numbers.value(self.row))
    }

    /// Whatever a column holds, as text for people and files.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        let column = self.column(name)?;
        Some(match column.data_type() {
            DataType::Utf8 => self.text(name)?,
            DataType::Date32 => self.date(name)?.to_string(),
            DataType::Timestamp(..) => self.instant(name)?.to_string(),
            DataType::Int32 => self.integer32(name)?.to_string(),
            DataType::Boolean => self.boolean(name)?.to_string(),
            DataType::Float64 => self.double(name)?.to_string(),
            _ => exact(column, self.row).ok()?.to_string(),
        })
    }

    /// A count, absent read as none.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.integer(name).and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
    }

    /// An exact value. A total beyond 28 significant digits is refused, never rounded.
    pub(crate) fn decimal(&self, name: &str) -> Result<Option<Decimal>, MetricsError> {
        self.column(name).map(|column| exact(column, self.row)).transpose()
    }
}

fn exact(column: &dyn Array, row: usize) -> Result<Decimal, MetricsError> {
    let decimal = match column.data_type() {
        DataType::Decimal128(_, scale) => {
            let decimals: &Decimal128Array = column.as_primitive::<Decimal128Type>();
            let scale = u32::try_from(*scale).unwrap_or_default();
            Decimal::try_from_i128_with_scale(decimals.value(row), scale)
                .map_err(|_| MetricsError::TooLarge)?
        }
        _ => Decimal::from(column.as_primitive::<Int64Type>().value(row)),
    };
    Ok(decimal.normalize())
}

/// The counts in a column of a part of a result, absent ones read as none.
pub(crate) fn counts(part: &RecordBatch, name: &str) -> Vec<u64> {
    match part.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>()) {
        Some(counts) => {
            counts.iter().map(|count| u64::try_from(count.unwrap_or_default()).unwrap_or_default()).collect()
        }
        None => vec![0; part.num_rows()],
    }
}

/// The exact values in a column of a part of a result.
pub(crate) fn decimals(part: &RecordBatch, name: &str) -> Result<Vec<Option<Decimal>>, MetricsError> {
    let Some(column) = part.column_by_name(name) else { return Ok(vec![None; part.num_rows()]) };
    (0..part.num_rows()).map(|row| column.is_valid(row).then(|| exact(column, row)).transpose()).collect()
}

/// The exact values of each list in a column of a part of a result, absent ones left out.
pub(crate) fn lists(part: &RecordBatch, name: &str) -> Result<Vec<Vec<Decimal>>, MetricsError> {
    let Some(column) = part.column_by_name(name) else { return Ok(vec![Vec::new(); part.num_rows()]) };
    let lists = column.as_list::<i32>();
    let list = |row: usize| match lists.is_valid(row) {
        true => {
            let values = lists.value(row);
            let present = (0..values.len()).filter(|place| values.is_valid(*place));
            present.map(|place| exact(&values, place)).collect()
        }
        false => Ok(Vec::new()),
    };
    (0..part.num_rows()).map(list).collect()
}

/// The engine function that turns an instant into the civil date of a time zone (T8).
pub(crate) fn civil_date(time_zone: TimeZone) -> ScalarUDF {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    create_udf(
        "civil_date",
        vec![instant],
        DataType::Date32,
        Volatility::Immutable,
        Arc::new(move |arguments: &[ColumnarValue]| civil_dates(arguments, &time_zone)),
    )
}

/// The engine function that turns a day into its first instant in a time zone.
pub(crate) fn day_start(time_zone: TimeZone) -> ScalarUDF {
    instant_of_day("day_start", time_zone, 0)
}

/// The engine function that turns a day into its last microsecond in a time zone.
pub(crate) fn day_end(time_zone: TimeZone) -> ScalarUDF {
    instant_of_day("day_end", time_zone, 1)
}

/// The first instant of the day so many days later, less a microsecond for each of them.
fn instant_of_day(name: &str, time_zone: TimeZone, days_later: i64) -> ScalarUDF {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    create_udf(
        name,
        vec![DataType::Date32],
        instant.clone(),
        Volatility::Immutable,
        Arc::new(move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let days = datafusion::common::cast::as_date32_array(&arrays[0])?;
            let instants: TimestampMicrosecondArray = days
                .iter()
                .map(|day| {
                    let day = date_from_days(day?).checked_add(days_later.days()).ok()?;
                    let start = time_zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
                    Some(start.as_microsecond() - days_later)
                })
                .collect();
            Ok(ColumnarValue::Array(Arc::new(instants.with_timezone("UTC"))))
        }),
    )
}

fn civil_dates(arguments: &[ColumnarValue], time_zone: &TimeZone) -> EngineResult<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let instants = datafusion::common::cast::as_timestamp_microsecond_array(&arrays[0])?;
    Ok(ColumnarValue::Array(Arc::new(dates_of(instants, time_zone))))
}

fn dates_of(instants: &TimestampMicrosecondArray, time_zone: &TimeZone) -> Date32Array {
    instants
        .iter()
        .map(|instant| {
            let instant = Timestamp::from_microsecond(instant?).ok()?;
            Some(days_from_date(time_zone.to_datetime(instant).date()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain_examples X3.14: the civil date of an instant in the reporting zone.
    #[test]
    fn an_evening_signature_counts_on_the_companys_own_day() {
        let cases = [
            ("2026-03-31T22:30:00Z", "Europe/Berlin", "2026-04-01"),
            ("2026-04-01T03:30:00Z", "America/New_York", "2026-03-31"),
            ("2026-03-28T23:30:00Z", "Europe/Berlin", "2026-03-29"),
            ("2026-12-31T15:00:00Z", "Asia/Tokyo", "2027-01-01"),
        ];
        for (instant, zone, expected) in cases {
            let instant: Timestamp = instant.parse().expect("instant");
            let zone = TimeZone::get(zone).expect("zone");
            let array = TimestampMicrosecondArray::from(vec![Some(instant.as_microsecond()), None]);
            let dates = dates_of(&array, &zone);
            assert_eq!(date_from_days(dates.value(0)).to_string(), expected);
            assert!(datafusion::arrow::array::Array::is_null(&dates, 1));
        }
    }
}
