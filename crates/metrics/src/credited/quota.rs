//! Targets of people for periods, prorated to the time they apply (T15–T17). A team's target is
//! the sum of its members' (domain 6.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::prelude::DataFrame;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::calendar::{Applicable, DateRange, Period, TargetVersion, WorkingDays};
use crate::engine::collect;
use crate::plan::{AS_OF_DATE, CREDIT_DATE, PERIOD, Source, day};
use crate::tables::Coverage;

/// The quotas of each period, by person and metric: one row each, weighted over its versions.
pub(super) async fn dated(source: &Source<'_>, periods: &[Period]) -> Result<DataFrame, MetricsError> {
    let targets = collect(source.relation("target").await?).await?;
    let people = employed(source).await?;
    let working_days = WorkingDays::of(source.company);
    let mut versions: BTreeMap<(usize, String, String), (Vec<TargetVersion>, String, String)> =
        BTreeMap::new();
    for row in targets.rows() {
        let text = |name: &str| row.text(name).unwrap_or_default();
        if text("subject_kind") != "employee" || !matches!(text("kind").as_str(), "quota" | "target") {
            continue;
        }
        let Some(value) = row.decimal("value")? else { continue };
        for (position, period) in periods.iter().enumerate() {
            if period.key() != text("period_id") {
                continue;
            }
            let valid = DateRange { from: row.date("valid_from"), to: row.date("valid_to") };
            let version = TargetVersion { value, valid };
            let key = (position, text("subject_id"), text("kpi_id"));
            let (found, source_id, hash) = versions.entry(key).or_default();
            found.push(version);
            *source_id = text("source_id");
            *hash = text("row_hash");
        }
    }
    let mut rows = Rows::default();
    for ((position, person, metric), (versions, source_id, hash)) in versions {
        let period = &periods[position];
        let applicable = people.get(&person).cloned().unwrap_or_else(Applicable::always);
        let target = working_days.weighted_target(period, &versions, &applicable);
        let partial =
            working_days.proration(period, &applicable).is_some_and(|proration| proration.is_partial());
        let (Some(from), Some(value)) = (period.from, target) else { continue };
        rows.add(position, &person, &metric, from, value, partial, &source_id, &hash);
    }
    let rows = source.context.read_batch(rows.batch()?)?;
    Ok(rows.with_column(AS_OF_DATE, day(source.as_of.date))?)
}

/// From when to when each person is employed, and their leave.
async fn employed(source: &Source<'_>) -> Result<BTreeMap<String, Applicable>, MetricsError> {
    let mut people = BTreeMap::new();
    for row in collect(source.relation("employee").await?).await?.rows() {
        let mut applicable = Applicable::always();
        applicable.employed = vec![DateRange {
            from: row.date("hire_date"),
            to: row.date("end_date").and_then(|last| last.tomorrow().ok()),
        }];
        people.insert(row.text("employee_id").unwrap_or_default(), applicable);
    }
    if source.tables.coverage("employee_absence") != Coverage::Nothing {
        for row in collect(source.relation("employee_absence").await?).await?.rows() {
            let person = row.text("employee_id").unwrap_or_default();
            if let Some(applicable) = people.get_mut(&person) {
                applicable.absences.push(DateRange { from: row.date("from"), to: row.date("to") });
            }
        }
    }
    Ok(people)
}

#[derive(Default)]
struct Rows {
    sources: Vec<String>,
    hashes: Vec<String>,
    periods: Vec<i32>,
    people: Vec<String>,
    metrics: Vec<String>,
    days: Vec<i32>,
    values: Vec<i128>,
    prorated: Vec<bool>,
}

impl Rows {
    #[expect(clippy::too_many_arguments, reason = "one argument per column")]
    fn add(
        &mut self,
        position: usize,
        person: &str,
        metric: &str,
        from: Date,
        mut value: Decimal,
        prorated: bool,
        source_id: &str,
        hash: &str,
    ) {
        value.rescale(6);
        self.sources.push(source_id.to_owned());
        self.hashes.push(hash.to_owned());
        self.periods.push(i32::try_from(position).unwrap_or(i32::MAX));
        self.people.push(person.to_owned());
        self.metrics.push(metric.to_owned());
        self.days.push(days_from_date(from));
        self.values.push(value.mantissa());
        self.prorated.push(prorated);
    }

    fn batch(self) -> Result<RecordBatch, datafusion::error::DataFusionError> {
        let values = Decimal128Array::from_iter_values(self.values).with_precision_and_scale(28, 6)?;
        let count = self.sources.len();
        let columns: [(&str, ArrayRef); 10] = [
            ("source_system", Arc::new(StringArray::from_iter_values(std::iter::repeat_n("targets", count)))),
            ("source_id", Arc::new(StringArray::from_iter_values(&self.sources))),
            ("row_hash", Arc::new(StringArray::from_iter_values(&self.hashes))),
            ("recorded_snapshot", Arc::new(Int64Array::from_iter_values(std::iter::repeat_n(0, count)))),
            (PERIOD, Arc::new(Int32Array::from(self.periods))),
            ("employee_id", Arc::new(StringArray::from_iter_values(&self.people))),
            ("kpi_id", Arc::new(StringArray::from_iter_values(&self.metrics))),
            (CREDIT_DATE, Arc::new(Date32Array::from(self.days))),
            ("target", Arc::new(values)),
            ("prorated", Arc::new(BooleanArray::from(self.prorated))),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}
