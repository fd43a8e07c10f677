//! Targets of people for periods, prorated to the time they apply (T15–T17). A region's target is its
//! own where one is set, else the sum of its members' (domain 6.2); one that is set stands in the
//! place of its members'.

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
use crate::organisation::{Belonging, of};
use crate::plan::{AS_OF_DATE, CREDIT_DATE, PERIOD, Source, day};
use crate::tables::Coverage;

/// The quotas of each period, by person and metric: one row each, weighted over its versions.
pub(super) async fn dated(
    source: &Source<'_>,
    periods: &[Period],
    is_by_region: bool,
) -> Result<DataFrame, MetricsError> {
    let targets = collect(source.relation("target").await?).await?;
    let people = employed(source).await?;
    let working_days = WorkingDays::of(source.company);
    let mut found: BTreeMap<Key, Quota> = BTreeMap::new();
    for row in targets.rows() {
        let text = |name: &str| row.text(name).unwrap_or_default();
        let kind = text("subject_kind");
        if !matches!(text("kind").as_str(), "quota" | "target")
            || !matches!(kind.as_str(), "employee" | "team")
        {
            continue;
        }
        let Some(value) = row.decimal("value")? else { continue };
        for (position, _) in
            periods.iter().enumerate().filter(|(_, period)| period.key() == text("period_id"))
        {
            let valid = DateRange { from: row.date("valid_from"), to: row.date("valid_to") };
            let key = (position, text("kpi_id"), kind == "team", text("subject_id"));
            let quota = found.entry(key).or_default();
            quota.versions.push(TargetVersion { value, valid });
            quota.source_id = text("source_id");
            quota.hash = text("row_hash");
        }
    }
    let mut rows = Rows::default();
    for ((position, metric, is_team, subject), quota) in &found {
        let period = &periods[*position];
        let (Some(from), Some(to)) = (period.from, period.to) else { continue };
        if *is_team {
            // Somebody of the region carries its target, so that it is found by region.
            let regions = &source.organisation.region_of;
            let carrier = stays(regions, from, to).find(|(_, team, _)| *team == subject);
            let Some((person, _, stay)) = carrier.filter(|_| is_by_region) else { continue };
            let everybody = Applicable::always();
            if let Some(value) = working_days.weighted_target(period, &quota.versions, &everybody) {
                let day = stay.from.unwrap_or(from);
                rows.add(*position, person, metric, day, value, (Decimal::ONE, false), quota);
            }
            continue;
        }
        let applicable = people.get(subject).cloned().unwrap_or_else(Applicable::always);
        let presence = working_days.proration(period, &applicable).and_then(|proration| proration.share());
        // Each region somebody worked in has its part of the target.
        let regions = of(&source.organisation.region_of, subject);
        let stays: Vec<(&str, DateRange)> =
            stays(regions, from, to).map(|(_, team, stay)| (team, stay)).collect();
        let whole = [("", DateRange { from: Some(from), to: Some(to) })];
        for (team, stay) in if stays.is_empty() { whole.to_vec() } else { stays } {
            let own = (*position, metric.clone(), true, team.to_owned());
            if is_by_region && found.contains_key(&own) {
                continue;
            }
            let there = Applicable { assigned: vec![stay], ..applicable.clone() };
            if let Some(value) = working_days.weighted_target(period, &quota.versions, &there) {
                // A change of region scales the regions' targets, not the person's.
                let scaled = if is_by_region { &there } else { &applicable };
                let part = working_days.proration(period, scaled).is_some_and(|part| part.is_partial());
                let presence = (presence.unwrap_or(Decimal::ONE), part);
                rows.add(*position, subject, metric, stay.from.unwrap_or(from), value, presence, quota);
            }
        }
    }
    let rows = source.context.read_batch(rows.batch()?)?;
    Ok(rows.with_column(AS_OF_DATE, day(source.as_of.date))?)
}

/// Which person was in which region when, within a range of days.
fn stays(belongings: &[Belonging], from: Date, to: Date) -> impl Iterator<Item = (&str, &str, DateRange)> {
    belongings.iter().filter_map(move |belonging| {
        let since = belonging.valid_from.unwrap_or(from).max(from);
        let until = belonging.valid_to.unwrap_or(to).min(to);
        let stay = DateRange { from: Some(since), to: Some(until) };
        (since < until).then_some((belonging.employee.as_str(), belonging.to.as_str(), stay))
    })
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

/// Position of the period, metric, whether the subject is a team, and the subject.
type Key = (usize, String, bool, String);

#[derive(Default)]
struct Quota {
    versions: Vec<TargetVersion>,
    source_id: String,
    hash: String,
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
    presence: Vec<i128>,
    prorated: Vec<bool>,
}

impl Rows {
    #[expect(clippy::too_many_arguments, reason = "a row has as many columns")]
    fn add(
        &mut self,
        position: usize,
        person: &str,
        metric: &str,
        from: Date,
        value: Decimal,
        (presence, is_part): (Decimal, bool),
        quota: &Quota,
    ) {
        self.sources.push(quota.source_id.clone());
        self.hashes.push(quota.hash.clone());
        self.periods.push(i32::try_from(position).unwrap_or(i32::MAX));
        self.people.push(person.to_owned());
        self.metrics.push(metric.to_owned());
        self.days.push(days_from_date(from));
        self.values.push(digits(value));
        self.presence.push(digits(presence));
        self.prorated.push(is_part);
    }

    fn batch(self) -> Result<RecordBatch, datafusion::error::DataFusionError> {
        let decimals = |digits: Vec<i128>| {
            Decimal128Array::from_iter_values(digits).with_precision_and_scale(28, PLACES as i8)
        };
        let count = self.sources.len();
        let columns: [(&str, ArrayRef); 11] = [
            ("source_system", Arc::new(StringArray::from_iter_values(std::iter::repeat_n("targets", count)))),
            ("source_id", Arc::new(StringArray::from_iter_values(&self.sources))),
            ("row_hash", Arc::new(StringArray::from_iter_values(&self.hashes))),
            ("recorded_snapshot", Arc::new(Int64Array::from_iter_values(std::iter::repeat_n(0, count)))),
            (PERIOD, Arc::new(Int32Array::from(self.periods))),
            ("employee_id", Arc::new(StringArray::from_iter_values(&self.people))),
            ("kpi_id", Arc::new(StringArray::from_iter_values(&self.metrics))),
            (CREDIT_DATE, Arc::new(Date32Array::from(self.days))),
            ("target", Arc::new(decimals(self.values)?)),
            ("presence", Arc::new(decimals(self.presence)?)),
            ("prorated", Arc::new(BooleanArray::from(self.prorated))),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

/// Places kept of a prorated target, which is no round sum (T13c).
const PLACES: u32 = 6;

fn digits(mut value: Decimal) -> i128 {
    value.rescale(PLACES);
    value.mantissa()
}
