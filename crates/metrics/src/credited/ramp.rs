//! How long people took to carry most of a full target (domain 4.9): the ordinal of the first month
//! in their role by which three months together reached four fifths of their unramped targets.

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::{ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray};
use datafusion::prelude::DataFrame;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::forecast::reached;
use crate::ask::MetricsError;
use crate::calendar::{Grain, Period};
use crate::credited::RateMode;
use crate::engine::collect;
use crate::plan::{AS_OF_DATE, CREDIT_DATE, PERIOD, Source, day};

/// Months that are looked at together.
const TRAILING: usize = 3;

/// One row per person who was in their role during the period: the months it took by the period's
/// end, or how many have gone by without it.
pub(super) async fn dated(
    source: &Source<'_>,
    periods: &[Period],
    rates: &RateMode,
) -> Result<DataFrame, MetricsError> {
    let (known_from, known_to) = source.horizon();
    let calendar = source.calendar();
    let months = calendar.touching(known_from, known_to, Grain::Month);
    let mut credited: BTreeMap<(String, usize), Decimal> = BTreeMap::new();
    for row in collect(reached(source, &months, rates).await?).await?.rows() {
        let month = row.integer32(PERIOD).and_then(|month| usize::try_from(month).ok()).unwrap_or_default();
        let value = row.decimal("reached")?.unwrap_or_default();
        credited.insert((row.text("credited_id").unwrap_or_default(), month), value);
    }
    let targets = targets(source).await?;
    let mut rows = Rows::default();
    for person in collect(source.relation("employee").await?).await?.rows() {
        let Some(id) = person.text("employee_id") else { continue };
        let Some(start) = person.date("role_start_date").or(person.date("hire_date")) else { continue };
        let first = months.iter().position(|month| month.from.is_some_and(|from| from >= start));
        let Some(first) = first.filter(|_| start >= known_from) else { continue };
        for (position, period) in periods.iter().enumerate() {
            let end = period.to.unwrap_or(known_to).min(known_to);
            let over = months.iter().filter(|month| month.to.is_some_and(|to| to <= end)).count();
            if over <= first {
                continue;
            }
            let carried = (first + TRAILING - 1..over).find(|last| {
                let looked_at = last + 1 - TRAILING..=*last;
                let target: Option<Decimal> =
                    looked_at.clone().map(|month| target_of(&targets, source, &id, &months[month])).sum();
                let reached: Decimal = looked_at.filter_map(|month| credited.get(&(id.clone(), month))).sum();
                target.is_some_and(|target| target > Decimal::ZERO && reached >= target * Decimal::new(8, 1))
            });
            let ordinal = |month: usize| i32::try_from(month + 1 - first).unwrap_or(i32::MAX);
            rows.add(
                position,
                &id,
                period.from.unwrap_or(known_from),
                carried.map(ordinal),
                ordinal(over - 1),
            );
        }
    }
    Ok(source.context.read_batch(rows.batch()?)?.with_column(AS_OF_DATE, day(source.as_of.date))?)
}

/// Targets for bookings by person and the key of their period.
async fn targets(source: &Source<'_>) -> Result<BTreeMap<(String, String), Decimal>, MetricsError> {
    let mut found = BTreeMap::new();
    for row in collect(source.relation("target").await?).await?.rows() {
        let text = |name: &str| row.text(name).unwrap_or_default();
        let counts = matches!(text("kpi_id").as_str(), "credited_bookings" | "bookings")
            && matches!(text("kind").as_str(), "quota" | "target")
            && text("subject_kind") == "employee";
        if let Some(value) = row.decimal("value")?.filter(|_| counts) {
            found.insert((text("subject_id"), text("period_id")), value);
        }
    }
    Ok(found)
}

/// The full target of a month: its own, or a third of its quarter's.
fn target_of(
    targets: &BTreeMap<(String, String), Decimal>,
    source: &Source<'_>,
    person: &str,
    month: &Period,
) -> Option<Decimal> {
    let of = |period: &Period| targets.get(&(person.to_owned(), period.key().to_owned())).copied();
    of(month).or_else(|| {
        let quarter = source.calendar().containing(month.from?, Grain::Quarter)?;
        Some(of(&quarter)? / Decimal::from(3))
    })
}

#[derive(Default)]
struct Rows {
    periods: Vec<i32>,
    people: Vec<String>,
    days: Vec<i32>,
    carried: Vec<Option<i32>>,
    in_role: Vec<i32>,
}

impl Rows {
    fn add(&mut self, position: usize, person: &str, from: Date, carried: Option<i32>, in_role: i32) {
        self.periods.push(i32::try_from(position).unwrap_or(i32::MAX));
        self.people.push(person.to_owned());
        self.days.push(days_from_date(from));
        self.carried.push(carried);
        self.in_role.push(in_role);
    }

    fn batch(self) -> Result<RecordBatch, datafusion::error::DataFusionError> {
        let count = self.people.len();
        let text =
            |text: &'static str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, count)));
        let columns: [(&str, ArrayRef); 9] = [
            ("source_system", text("ramp")),
            ("source_id", Arc::new(StringArray::from_iter_values(&self.people))),
            ("row_hash", text("")),
            ("recorded_snapshot", Arc::new(Int64Array::from_iter_values(std::iter::repeat_n(0, count)))),
            (PERIOD, Arc::new(Int32Array::from(self.periods))),
            ("employee_id", Arc::new(StringArray::from_iter_values(&self.people))),
            (CREDIT_DATE, Arc::new(Date32Array::from(self.days))),
            ("months_to_ramp", Arc::new(Int32Array::from(self.carried))),
            ("months_in_role", Arc::new(Int32Array::from(self.in_role))),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}
