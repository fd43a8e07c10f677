//! ISO 8601 weeks, labelled by the year of their Thursday (domain T9 kind 3, T10).

use jiff::ToSpan;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::name::{Name, Part};
use super::period::{Grain, Period};

/// The week in which a day falls; `None` at the ends of the time line.
pub(super) fn containing(day: Date) -> Option<Period> {
    let week = day.iso_week_date();
    named(week.year(), week.week())
}

/// A week by its number; `None` if the year has no such week.
pub(super) fn named(year: i16, week: i8) -> Option<Period> {
    let from = ISOWeekDate::new(year, week, Weekday::Monday).ok()?.date();
    let to = from.checked_add(7.days()).ok()?;
    let name = Name { year, part: Part::Week(week) };
    let label = name.label(&year.to_string());
    Some(Period {
        grain: Grain::Week,
        from: Some(from),
        to: Some(to),
        key: name.to_string().into(),
        label: label.into(),
    })
}
