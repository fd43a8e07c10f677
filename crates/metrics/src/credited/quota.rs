//! Targets of people for periods, prorated to the time they apply (T15–T17). A region's target is its
//! own where one is set, else the sum of its members' (domain 6.2); one that is set stands in the
//! place of its members'. One in another currency counts at the rate of the first day it applies to (T12).

use std::collections::{BTreeMap, BTreeSet};
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
            let currency = row.text("currency");
            let key = Key {
                position,
                metric: text("kpi_id"),
                is_team: kind == "team",
                subject: text("subject_id"),
                currency,
            };
            let quota = found.entry(key).or_default();
            quota.versions.push(TargetVersion { value, valid });
            quota.source_id = text("source_id");
            quota.hash = text("row_hash");
        }
    }
    let mut rows = Rows::default();
    let sets_its_own: BTreeSet<(usize, &str, &str)> = found
        .keys()
        .filter(|key| key.is_team)
        .map(|key| (key.position, key.metric.as_str(), key.subject.as_str()))
        .collect();
    for (key, quota) in &found {
        let Key { position, metric, is_team, subject, .. } = key;
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
                rows.add(key, person, day, value, (Decimal::ONE, false), quota);
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
            if is_by_region && sets_its_own.contains(&(*position, metric.as_str(), team)) {
                continue;
            }
            let there = Applicable { assigned: vec![stay], ..applicable.clone() };
            if let Some(value) = working_days.weighted_target(period, &quota.versions, &there) {
                // A change of region scales the regions' targets, not the person's.
                let scaled = if is_by_region { &there } else { &applicable };
                let part = working_days.proration(period, scaled).is_some_and(|part| part.is_partial());
                let presence = (presence.unwrap_or(Decimal::ONE), part);
                rows.add(key, subject, stay.from.unwrap_or(from), value, presence, quota);
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

/// What makes rows one target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Of the period.
    position: usize,
    metric: String,
    is_team: bool,
    subject: String,
    currency: Option<String>,
}

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
    currencies: Vec<Option<String>>,
    days: Vec<i32>,
    values: Vec<i128>,
    presence: Vec<i128>,
    prorated: Vec<bool>,
}

impl Rows {
    fn add(
        &mut self,
        key: &Key,
        person: &str,
        from: Date,
        value: Decimal,
        (presence, is_part): (Decimal, bool),
        quota: &Quota,
    ) {
        self.sources.push(quota.source_id.clone());
        self.hashes.push(quota.hash.clone());
        self.periods.push(i32::try_from(key.position).unwrap_or(i32::MAX));
        self.people.push(person.to_owned());
        self.metrics.push(key.metric.clone());
        self.currencies.push(key.currency.clone());
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
        let columns: [(&str, ArrayRef); 12] = [
            ("source_system", Arc::new(StringArray::from_iter_values(std::iter::repeat_n("targets", count)))),
            ("source_id", Arc::new(StringArray::from_iter_values(&self.sources))),
            ("row_hash", Arc::new(StringArray::from_iter_values(&self.hashes))),
            ("recorded_snapshot", Arc::new(Int64Array::from_iter_values(std::iter::repeat_n(0, count)))),
            (PERIOD, Arc::new(Int32Array::from(self.periods))),
            ("employee_id", Arc::new(StringArray::from_iter_values(&self.people))),
            ("kpi_id", Arc::new(StringArray::from_iter_values(&self.metrics))),
            (CREDIT_DATE, Arc::new(Date32Array::from(self.days))),
            ("target_ccy", Arc::new(StringArray::from(self.currencies))),
            ("target_given", Arc::new(decimals(self.values)?)),
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
