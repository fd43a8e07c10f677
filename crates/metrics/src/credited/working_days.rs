//! A row per person and day they work: the denominator of everything "per working day" (T14, T18),
//! half-days as half, part time as its part. Leave that lasts long enough to change a target takes
//! its days out (T17).

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::prelude::DataFrame;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::calendar::WorkingDays;
use crate::engine::{Batches, collect};
use crate::plan::Source;
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
    Ok(source.context.read_batch(rows.batch()?)?)
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
        let worked =
            Decimal128Array::from_iter_values(self.worked.iter().copied()).with_precision_and_scale(28, 6)?;
        let count = self.people.len();
        let ids: Vec<String> =
            self.people.iter().zip(&self.days).map(|(person, day)| format!("{person} {day}")).collect();
        let contents = ids.iter().zip(&self.worked).map(|(id, worked)| format!("{id} {worked}"));
        let hashes = contents.map(|content| Hash::of(content.as_bytes()).to_string());
        let columns: [(&str, ArrayRef); 7] = [
            (
                "source_system",
                Arc::new(StringArray::from_iter_values(std::iter::repeat_n("calendar", count))),
            ),
            ("source_id", Arc::new(StringArray::from_iter_values(&ids))),
            ("row_hash", Arc::new(StringArray::from_iter_values(hashes))),
            ("recorded_snapshot", Arc::new(Int64Array::from_iter_values(std::iter::repeat_n(0, count)))),
            ("employee_id", Arc::new(StringArray::from_iter_values(&self.people))),
            ("day", Arc::new(Date32Array::from_iter_values(self.days.iter().copied()))),
            ("worked", Arc::new(worked)),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}
