//! Working days on which a source that has rows of a table day by day has none.
//!
//! A day is a hole when at least six of the eight same weekdays in the four weeks before and after it
//! had rows, and those eight had ten rows or more on average. Where rows come independently of one
//! another, a day without any has then a chance of at most e⁻¹⁰, one in 22,000: about one false alarm
//! in 85 years of working days. Days off in the company's calendar, and half of them, are no holes; a
//! day without rows in all of a source's tables, where there are several, is told apart: it may be a
//! day off that the calendar does not list.

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use attain_facts::store::schema::SOURCE_SYSTEM;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::lit;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::check::{Check, HOLES, SILENT_DAYS};
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

/// What one table of a source has day by day.
struct DayByDay {
    source: String,
    table: Table,
    /// Days whose weekday usually has rows: whether each has some, and how many are usual.
    judged: BTreeMap<Date, Judged>,
}

#[derive(Clone, Copy, Debug)]
struct Judged {
    has_rows: bool,
    usual: Decimal,
}

impl Judged {
    /// Whether rows are so many that there is hardly a day without any by chance.
    fn has_enough(&self) -> bool {
        self.usual >= Decimal::from(USUAL_MIN)
    }
}

pub(super) async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let working_days = WorkingDays::of(ground.asker.company());
    let mut tables = Vec::new();
    for table in ground.tables() {
        let Some(event) = table.events().first().filter(|event| ground.supplies(table, event)) else {
            continue;
        };
        for (source, rows) in rows_by_day(ground, table, event).await? {
            tables.push(DayByDay { source, table, judged: judged(&working_days, &rows) });
        }
    }
    let mut probes: Vec<Probe> = Vec::new();
    for of in &tables {
        let (silent, holes): (Vec<MissedDay>, Vec<MissedDay>) =
            missed(of).into_iter().partition(|missed| is_silent(&tables, of, missed.day));
        add(&mut probes, &HOLES, of.table, format!("no {}", of.table.plural()), holes);
        // Such a day is told once, by the first of the source's tables.
        let is_first = |missed: &MissedDay| {
            let mut others = tables.iter().filter(|other| other.source == of.source);
            others
                .find(|other| other.judged.contains_key(&missed.day))
                .is_some_and(|first| first.table == of.table)
        };
        let silent = silent.into_iter().filter(is_first).collect();
        add(&mut probes, &SILENT_DAYS, of.table, "nothing happened".into(), silent);
    }
    Ok(probes)
}

/// Adds days to the probe of a check and table.
fn add(probes: &mut Vec<Probe>, check: &'static Check, table: Table, wrong: String, days: Vec<MissedDay>) {
    let is_same = |probe: &&mut Probe| probe.check == check && probe.table == table;
    match probes.iter_mut().find(is_same).map(|probe| &mut probe.test) {
        Some(Test::Days(known)) => known.extend(days),
        _ => probes.push(Probe {
            check,
            table,
            part: None,
            wrong,
            shown: Vec::new(),
            costs: Vec::new(),
            test: Test::Days(days),
        }),
    }
}

fn missed(of: &DayByDay) -> Vec<MissedDay> {
    let enough = || of.judged.iter().filter(|(_, judged)| judged.has_enough());
    let looked_at = enough().count() as u64;
    let without = enough().filter(|(_, judged)| !judged.has_rows);
    let missed = |(day, judged): (&Date, &Judged)| MissedDay {
        source: of.source.clone(),
        day: *day,
        usual: judged.usual,
        of: looked_at,
    };
    without.map(missed).collect()
}

/// Whether none of several tables of a source that usually have rows on a day has any.
fn is_silent(tables: &[DayByDay], of: &DayByDay, day: Date) -> bool {
    let of_source = tables.iter().filter(|other| other.source == of.source);
    let judged: Vec<&Judged> = of_source.filter_map(|other| other.judged.get(&day)).collect();
    judged.len() > 1 && judged.iter().all(|judged| !judged.has_rows)
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

/// The full working days between the first and the last with rows whose weekday usually has some.
fn judged(working_days: &WorkingDays, rows: &BTreeMap<Date, u64>) -> BTreeMap<Date, Judged> {
    let (Some((first, _)), Some((last, _))) = (rows.first_key_value(), rows.last_key_value()) else {
        return BTreeMap::new();
    };
    let days = std::iter::successors(Some(*first), |day| day.tomorrow().ok()).take_while(|day| day <= last);
    let worked = days.filter(|day| working_days.worth(*day) == Decimal::ONE);
    let judged = worked.filter_map(|day| {
        let around: Vec<u64> = (-WEEKS..=WEEKS)
            .filter(|weeks| *weeks != 0)
            .filter_map(|weeks| day.checked_add(weeks.weeks()).ok())
            .map(|neighbour| rows.get(&neighbour).copied().unwrap_or_default())
            .collect();
        let with_rows = around.iter().filter(|rows| **rows > 0).count();
        let usual = Decimal::from(around.iter().sum::<u64>()).checked_div(Decimal::from(around.len()))?;
        (with_rows >= WITH_ROWS_MIN).then(|| (day, Judged { has_rows: rows.contains_key(&day), usual }))
    });
    judged.collect()
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
        let judged = judged(&working_days, &rows);
        judged
            .into_iter()
            .filter(|(_, judged)| judged.has_enough() && !judged.has_rows)
            .map(|(day, _)| day)
            .collect()
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
