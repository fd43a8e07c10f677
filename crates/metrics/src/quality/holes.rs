//! Working days on which a source that has rows of a table day by day has none.
//!
//! A day is a hole when at least six of the eight same weekdays in the four weeks before and after it
//! had rows, and those eight had ten rows or more on average. Where rows come independently of one
//! another, a day without any has then a chance of at most e⁻¹⁰, one in 22,000: about one false alarm
//! in 85 years of working days. Days off in the company's calendar, and half of them, are no holes.

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use attain_facts::store::schema::SOURCE_SYSTEM;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::lit;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::check::HOLES;
use super::ground::Ground;
use super::probe::{MissedDay, Probe, Test};
use crate::ask::MetricsError;
use crate::calendar::WorkingDays;
use crate::engine::collect;
use crate::plan::{column, day};

/// Weeks before and after a day that are looked at.
const WEEKS: i32 = 4;
/// Same weekdays around a day that must have rows.
const WITH_ROWS_MIN: usize = 6;
/// Rows that those weekdays must have on average.
const USUAL_MIN: u64 = 10;

pub(super) async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let working_days = WorkingDays::of(ground.asker.company());
    let mut probes = Vec::new();
    for table in ground.tables() {
        let Some(event) = table.events().first().filter(|event| ground.supplies(table, event)) else {
            continue;
        };
        let mut missed = Vec::new();
        for (source, rows) in rows_by_day(ground, table, event).await? {
            missed.extend(holes(&working_days, &source, &rows));
        }
        probes.push(Probe {
            check: &HOLES,
            table,
            part: None,
            wrong: format!("no {}", table.plural()),
            shown: Vec::new(),
            costs: Vec::new(),
            test: Test::Days(missed),
        });
    }
    Ok(probes)
}

async fn rows_by_day(
    ground: &Ground<'_>,
    table: Table,
    event: &str,
) -> Result<BTreeMap<String, BTreeMap<Date, u64>>, MetricsError> {
    let on = "quality_day";
    let possible = column(on).between(day(date(1990, 1, 1)), day(ground.asker.as_of().asked_on));
    let rows = ground
        .rows(table)
        .await?
        .select(vec![column(SOURCE_SYSTEM), ground.day(table, event).alias(on)])?
        .filter(possible)?
        .aggregate(vec![column(SOURCE_SYSTEM), column(on)], vec![count(lit(1_i64)).alias("found")])?;
    let mut found: BTreeMap<String, BTreeMap<Date, u64>> = BTreeMap::new();
    for row in collect(rows).await?.rows() {
        if let (Some(source), Some(day)) = (row.text(SOURCE_SYSTEM), row.date(on)) {
            found.entry(source).or_default().insert(day, row.count("found"));
        }
    }
    Ok(found)
}

/// The holes of one source, oldest first.
fn holes(working_days: &WorkingDays, source: &str, rows: &BTreeMap<Date, u64>) -> Vec<MissedDay> {
    let (Some((first, _)), Some((last, _))) = (rows.first_key_value(), rows.last_key_value()) else {
        return Vec::new();
    };
    let mut looked_at = 0;
    let mut holes = Vec::new();
    let days = std::iter::successors(Some(*first), |day| day.tomorrow().ok()).take_while(|day| day <= last);
    for day in days.filter(|day| working_days.worth(*day) == Decimal::ONE) {
        let around: Vec<u64> = (-WEEKS..=WEEKS)
            .filter(|weeks| *weeks != 0)
            .filter_map(|weeks| day.checked_add(weeks.weeks()).ok())
            .map(|neighbour| rows.get(&neighbour).copied().unwrap_or_default())
            .collect();
        let with_rows = around.iter().filter(|rows| **rows > 0).count();
        let all: u64 = around.iter().sum();
        if with_rows < WITH_ROWS_MIN || all < USUAL_MIN * around.len() as u64 {
            continue;
        }
        looked_at += 1;
        if !rows.contains_key(&day) {
            let usual = Decimal::from(all) / Decimal::from(around.len());
            holes.push(MissedDay { source: source.to_owned(), day, usual, of: 0 });
        }
    }
    holes.iter_mut().for_each(|hole| hole.of = looked_at);
    holes
}

#[cfg(test)]
mod tests {
    use attain_facts::calendar::WorkCalendar;

    use super::*;

    /// So many rows on every working day of twelve weeks from Monday, 1 January 2024, but for some.
    fn holes_of(rows_a_day: u64, without: &[Date]) -> Vec<Date> {
        let working_days = WorkingDays::new(WorkCalendar::default());
        let days = std::iter::successors(Some(date(2024, 1, 1)), |day| day.tomorrow().ok()).take(84);
        let worked = days.filter(|day| working_days.is_worked(*day) && !without.contains(day));
        let rows = worked.map(|day| (day, rows_a_day)).collect();
        holes(&working_days, "crm", &rows).into_iter().map(|hole| hole.day).collect()
    }

    #[test]
    fn a_day_without_rows_is_a_hole_where_its_weekday_has_always_enough() {
        let missing = date(2024, 2, 7);
        assert_eq!(holes_of(14, &[missing]), [missing]);
        assert_eq!(holes_of(14, &[]), [], "weekends are none");
        assert_eq!(holes_of(9, &[missing]), [], "nine a day may be none a day by chance");
    }

    #[test]
    fn two_weeks_without_rows_are_holes_and_the_days_after_the_last_are_not() {
        let days = |from: Date, count: usize| -> Vec<Date> {
            let days = std::iter::successors(Some(from), |day| day.tomorrow().ok()).take(count);
            days.filter(|day| WorkingDays::new(WorkCalendar::default()).is_worked(*day)).collect()
        };
        let missing = days(date(2024, 2, 5), 14);
        assert_eq!(holes_of(20, &missing), missing);
        assert_eq!(holes_of(20, &days(date(2024, 3, 11), 14)), []);
    }
}
