//! Fiscal calendars given as a table (domain T9 kind 4).

use attain_facts::calendar::{ExplicitPeriod, ExplicitPeriods, PeriodGrain};
use jiff::civil::Date;

use super::period::{Grain, Period};

/// The period in which a day falls; `None` outside the table, or where it lacks the grain.
pub(super) fn containing(table: &ExplicitPeriods, day: Date, grain: PeriodGrain) -> Option<Period> {
    let row = table.of(grain);
    let position = row.partition_point(|period| period.to <= day);
    row.get(position).filter(|period| period.from <= day).map(period)
}

/// The period of that name, whatever its letter case.
pub(super) fn named(table: &ExplicitPeriods, name: &str) -> Option<Period> {
    table.all().find(|period| period.name.eq_ignore_ascii_case(name)).map(period)
}

/// The period at the same place in the year before; `None` if the table lacks years or that place.
pub(super) fn a_year_before(table: &ExplicitPeriods, from: Date, grain: PeriodGrain) -> Option<Period> {
    let years = table.of(PeriodGrain::Year);
    let year = years.partition_point(|year| year.to <= from);
    let prior = years.get(year.checked_sub(1)?)?;
    let within = |year: &ExplicitPeriod| {
        let row = table.of(grain);
        let first = row.partition_point(|period| period.from < year.from);
        let end = row.partition_point(|period| period.from < year.to);
        &row[first..end]
    };
    let position = within(years.get(year)?).iter().position(|period| period.from == from)?;
    within(prior).get(position).map(period)
}

/// What the table holds, in words: `2 years, 8 quarters and 24 months from 2025-01-05 to 2027-01-03`.
pub(super) fn describe(table: &ExplicitPeriods) -> String {
    let counted = |(name, grain): (&str, PeriodGrain)| match table.of(grain).len() {
        0 => None,
        1 => Some(format!("1 {name}")),
        several if grain == PeriodGrain::Half => Some(format!("{several} halves")),
        several => Some(format!("{several} {name}s")),
    };
    let counts: Vec<String> = PeriodGrain::NAMES.into_iter().rev().filter_map(counted).collect();
    let first_day = table.all().map(|period| period.from).min();
    let end = table.all().map(|period| period.to).max();
    let range = first_day.zip(end).map(|(from, to)| format!(" from {from} until {to}")).unwrap_or_default();
    format!("a table of {}{range}", counts.join(", "))
}

/// One name of each grain, to show what a period is called.
pub(super) fn examples(table: &ExplicitPeriods) -> String {
    let of_each = table.grains().filter_map(|grain| table.of(grain).first());
    let named = of_each.map(|period| format!("a {} ({})", period.grain.name(), period.name));
    named.collect::<Vec<_>>().join(", ")
}

fn period(period: &ExplicitPeriod) -> Period {
    Period {
        grain: Grain::from(period.grain),
        from: Some(period.from),
        to: Some(period.to),
        key: period.name.as_str().into(),
        label: period.label.as_str().into(),
    }
}
