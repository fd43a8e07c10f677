//! A row per person and day they work: the denominator of everything "per working day" (T14, T18),
//! half-days as half, part time as its part. Leave that lasts long enough to change a target takes
//! its days out (T17).

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::cast::{as_decimal128_array, as_string_array};
use datafusion::functions::string::expr_fn::concat;
use datafusion::logical_expr::{Cast, ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::calendar::WorkingDays;
use crate::engine::{Batches, collect};
use crate::plan::{DECIMAL, Source, column};
use crate::receipt::Hash;
use crate::tables::Coverage;

/// Working days of leave from which it counts as such (domain 19, `leave_min_days`).
const LEAVE_DAYS: i64 = 5;

pub(super) async fn rows(source: &Source<'_>) -> Result<DataFrame, MetricsError> {
    let people = collect(source.relation("employee").await?).await?;
    let absences = match source.tables.coverage("employee_absence") {
        Coverage::Nothing => BTreeMap::new(),
        _ => absences(&collect(source.relation("employee_absence").await?).await?),
    };
    let working_days = WorkingDays::of(source.company);
    let (from, to) = source.horizon();
    let mut rows = Rows::default();
    for person in people.rows() {
        let Some(id) = person.text("employee_id") else { continue };
        let part = person.decimal("fte")?.unwrap_or(Decimal::ONE);
        let first = person.date("hire_date").unwrap_or(from).max(from);
        let end = person.date("end_date").and_then(|last| last.tomorrow().ok()).unwrap_or(to).min(to);
        let leave: Vec<&(Date, Date)> = absences
            .get(&id)
            .into_iter()
            .flatten()
            .filter(|(from, to)| working_days.between(*from, *to) >= Decimal::from(LEAVE_DAYS))
            .collect();
        let mut day = first;
        while day < end {
            let Ok(next) = day.tomorrow() else { break };
            let away = leave.iter().any(|(from, to)| *from <= day && day < *to);
            let worked = working_days.between(day, next) * part;
            if !away && !worked.is_zero() {
                rows.add(&id, day, worked);
            }
            day = next;
        }
    }
    Ok(stored(source.context.read_batch(rows.batch()?)?)?)
}

fn absences(rows: &Batches) -> BTreeMap<String, Vec<(Date, Date)>> {
    let mut absences: BTreeMap<String, Vec<(Date, Date)>> = BTreeMap::new();
    for row in rows.rows() {
        let (Some(person), Some(from)) = (row.text("employee_id"), row.date("from")) else { continue };
        absences.entry(person).or_default().push((from, row.date("to").unwrap_or(Date::MAX)));
    }
    absences
}

#[derive(Default)]
struct Rows {
    people: Vec<String>,
    days: Vec<i32>,
    worked: Vec<i128>,
}

impl Rows {
    fn add(&mut self, person: &str, day: Date, mut worked: Decimal) {
        worked.rescale(6);
        self.people.push(person.to_owned());
        self.days.push(days_from_date(day));
        self.worked.push(worked.mantissa());
    }

    fn batch(self) -> Result<RecordBatch, datafusion::error::DataFusionError> {
        let worked = Decimal128Array::from_iter_values(self.worked).with_precision_and_scale(28, 6)?;
        let columns: [(&str, ArrayRef); 3] = [
            ("employee_id", Arc::new(StringArray::from_iter_values(&self.people))),
            ("day", Arc::new(Date32Array::from(self.days))),
            ("worked", Arc::new(worked)),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

/// Rows with what every row has: where it comes from, its name there, and the hash of its contents. Only who lists
/// rows asks for these, and large companies have millions of days.
fn stored(rows: DataFrame) -> Result<DataFrame, datafusion::error::DataFusionError> {
    let number = Expr::Cast(Cast::new(Box::new(column("day")), DataType::Int32));
    let day = Expr::Cast(Cast::new(Box::new(number), DataType::Utf8));
    let name = concat(vec![column("employee_id"), lit(" "), day]);
    rows.with_column("source_system", lit("calendar"))?
        .with_column("source_id", name.clone())?
        .with_column("row_hash", content_hash().call(vec![name, column("worked")]))?
        .with_column("recorded_snapshot", lit(0i64))
}

/// The engine function that hashes the name of a row and what was worked on it.
fn content_hash() -> ScalarUDF {
    create_udf(
        "hash_of_working_day",
        vec![DataType::Utf8, DECIMAL],
        DataType::Utf8,
        Volatility::Immutable,
        Arc::new(|arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let (names, worked) = (as_string_array(&arrays[0])?, as_decimal128_array(&arrays[1])?);
            let hashes: StringArray = names
                .iter()
                .zip(worked.iter())
                .map(|(name, worked)| Some(Hash::of(format!("{} {}", name?, worked?).as_bytes()).to_string()))
                .collect();
            Ok(ColumnarValue::Array(Arc::new(hashes)))
        }),
    )
}
