//! Fiscal years of 52 or 53 whole weeks (domain T9 kind 2, T10).

use std::ops::Range;

use attain_facts::calendar::{Anchor, FiscalWeeks, Month, Weekday, YearLabel};
use jiff::ToSpan;
use jiff::civil::Date;

use super::name::{Name, Part};
use super::period::{Grain, Period};

/// A fiscal year that ends by the end of this month has most of its days in the calendar year in which
/// it starts.
const LAST_MONTH_NAMED_BY_ITS_START: i8 = 6;

/// A fiscal year.
struct Year {
    name: i16,
    start: Date,
    weeks: i32,
}

/// The period in which a day falls; `None` at the ends of the time line.
pub(super) fn containing(calendar: &FiscalWeeks, day: Date, grain: Grain) -> Option<Period> {
    let year = year_of(calendar, day)?;
    let week = year.start.until(day).ok()?.get_days() / 7;
    let (part, weeks) = (1..=year.count(grain))
        .filter_map(|number| part(grain, number))
        .filter_map(|part| Some((part, weeks_of(calendar, &year, part)?)))
        .find(|(_, weeks)| weeks.contains(&week))?;
    period(Name { year: year.name, part }, year.start, &weeks)
}

/// The period of that name, if the calendar has it.
pub(super) fn named(calendar: &FiscalWeeks, name: Name) -> Option<Period> {
    let year = year_named(calendar, name.year)?;
    period(name, year.start, &weeks_of(calendar, &year, name.part)?)
}

/// What a period is compared with a year earlier when the prior year had a 53rd week: the same
/// weeks of the year, one week later (T9). It is no period of the calendar.
pub(super) fn restated_before(calendar: &FiscalWeeks, name: Name) -> Option<Period> {
    let prior = year_named(calendar, name.year.checked_sub(1)?)?;
    if prior.weeks == 52 {
        return None;
    }
    let weeks = weeks_of(calendar, &year_named(calendar, name.year)?, name.part)?;
    let name = Name { year: prior.name, part: name.part };
    let later = period(name, prior.start, &(weeks.start + 1..weeks.end + 1))?;
    Some(Period {
        key: format!("{}-restated", later.key).into(),
        label: format!("{} restated by a week", later.label).into(),
        ..later
    })
}

/// Whether the year is named by the calendar year in which it starts.
pub(super) fn is_named_by_its_start(calendar: &FiscalWeeks) -> bool {
    calendar.fy_label == YearLabel::Start && calendar.end_month.number() <= LAST_MONTH_NAMED_BY_ITS_START
}

impl Year {
    /// How many periods of a length it has.
    fn count(&self, grain: Grain) -> i32 {
        match grain {
            Grain::Week => self.weeks,
            Grain::Month => 12,
            Grain::Quarter => 4,
            Grain::Half => 2,
            Grain::Year => 1,
            Grain::All => 0,
        }
    }
}

fn part(grain: Grain, number: i32) -> Option<Part> {
    let number = i8::try_from(number).ok()?;
    match grain {
        Grain::Week => Some(Part::Week(number)),
        Grain::Month => Some(Part::FiscalMonth(number)),
        Grain::Quarter => Some(Part::Quarter(number)),
        Grain::Half => Some(Part::Half(number)),
        Grain::Year => Some(Part::Year),
        Grain::All => None,
    }
}

/// The weeks of a part of a year, counted from 0. The last part of each length takes a 53rd week in.
fn weeks_of(calendar: &FiscalWeeks, year: &Year, part: Part) -> Option<Range<i32>> {
    let until = |number: i32, end: i32, last: i32| if number == last { year.weeks } else { end };
    let equal = |number: i8, length: i32, last: i32| {
        let number = i32::from(number);
        (1..=last).contains(&number).then(|| length * (number - 1)..until(number, length * number, last))
    };
    match part {
        Part::Year => Some(0..year.weeks),
        Part::Half(number) => equal(number, 26, 2),
        Part::Quarter(number) => equal(number, 13, 4),
        Part::Week(number) => equal(number, 1, year.weeks),
        Part::FiscalMonth(number @ 1..=12) => {
            let number = i32::from(number);
            let pattern = calendar.pattern.weeks();
            let weeks_before =
                |months: i32| -> i32 { pattern.iter().cycle().zip(0..months).map(|(weeks, _)| weeks).sum() };
            Some(weeks_before(number - 1)..until(number, weeks_before(number), 12))
        }
        Part::FiscalMonth(_) | Part::Month(_) => None,
    }
}

fn period(name: Name, year_start: Date, weeks: &Range<i32>) -> Option<Period> {
    Some(Period {
        grain: name.grain(),
        from: Some(year_start.checked_add(weeks.start.weeks()).ok()?),
        to: Some(year_start.checked_add(weeks.end.weeks()).ok()?),
        key: name.to_string().into(),
        label: name.label(&name.fiscal_year()).into(),
    })
}

/// The fiscal year in which a day falls: a year ends at most a week away from the month it is
/// anchored to, so that month lies in the day's own calendar year or a neighbouring one.
fn year_of(calendar: &FiscalWeeks, day: Date) -> Option<Year> {
    let nearby = day.year().checked_sub(1)?..=day.year().checked_add(1)?;
    let anchored =
        nearby.into_iter().find(|year| last_day(calendar, *year).is_some_and(|last| day <= last))?;
    year_anchored(calendar, anchored)
}

fn year_named(calendar: &FiscalWeeks, name: i16) -> Option<Year> {
    year_anchored(calendar, name.checked_add(years_from_name_to_anchor(calendar))?)
}

/// The fiscal year that ends around the end month of a calendar year.
fn year_anchored(calendar: &FiscalWeeks, anchor: i16) -> Option<Year> {
    let start = last_day(calendar, anchor.checked_sub(1)?)?.tomorrow().ok()?;
    let end = last_day(calendar, anchor)?.tomorrow().ok()?;
    let name = anchor - years_from_name_to_anchor(calendar);
    Some(Year { name, start, weeks: start.until(end).ok()?.get_days() / 7 })
}

/// The calendar year with most of a fiscal year's days is the anchor's own from an end in July on.
/// With an end around 30 June neither has most of them every year; there the start names it, so
/// that no two years share a name.
fn years_from_name_to_anchor(calendar: &FiscalWeeks) -> i16 {
    i16::from(is_named_by_its_start(calendar))
}

/// The last day of the fiscal year that is anchored to the end month of a calendar year.
fn last_day(calendar: &FiscalWeeks, anchor: i16) -> Option<Date> {
    let month_end = end_of_month(anchor, calendar.end_month)?;
    let days_back = days_between(calendar.end_weekday, Weekday::of(month_end));
    let days = match calendar.anchor {
        Anchor::Nearest if days_back > 3 => 7 - days_back,
        Anchor::Nearest | Anchor::Last => -days_back,
    };
    month_end.checked_add(days.days()).ok()
}

fn end_of_month(year: i16, month: Month) -> Option<Date> {
    Date::new(year, month.number(), 1).ok().map(Date::last_of_month)
}

/// Days from one weekday to the next occurrence of another, 0–6.
fn days_between(earlier: Weekday, later: Weekday) -> i32 {
    (later as i32 - earlier as i32).rem_euclid(7)
}
