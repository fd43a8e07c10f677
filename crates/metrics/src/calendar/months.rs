//! Fiscal years of whole months (domain T9 kind 1).

use attain_facts::calendar::{Month, MonthOffset, YearLabel};
use jiff::ToSpan;
use jiff::civil::Date;

use super::name::{Name, Part};
use super::period::{Grain, Period};

/// The calendar year.
pub(super) const CALENDAR_YEAR: MonthOffset =
    MonthOffset { first_month: Month::JANUARY, fy_label: YearLabel::End };

/// The period of whole months in which a day falls; `None` at the ends of the time line.
pub(super) fn containing(calendar: &MonthOffset, day: Date, grain: Grain) -> Option<Period> {
    let length = length_months(grain)?;
    let since_start = months_since_start(calendar, day);
    let from = day.first_of_month().checked_sub((since_start % length).months()).ok()?;
    let to = from.checked_add(length.months()).ok()?;
    let number = i8::try_from(since_start / length + 1).ok()?;
    let fiscal = |part| Name { year: fiscal_year(calendar, from), part };
    let name = match grain {
        Grain::Month => Name { year: from.year(), part: Part::Month(Month::new(from.month().into())?) },
        Grain::Quarter => fiscal(Part::Quarter(number)),
        Grain::Half => fiscal(Part::Half(number)),
        _ => fiscal(Part::Year),
    };
    let of_calendar_year = grain == Grain::Month || is_calendar_year(calendar);
    let label = name.label(&if of_calendar_year { name.year.to_string() } else { name.fiscal_year() });
    Some(Period { grain, from: Some(from), to: Some(to), key: name.to_string().into(), label: label.into() })
}

/// The period of that name, if the calendar has it.
pub(super) fn named(calendar: &MonthOffset, name: Name) -> Option<Period> {
    let start = year_start(calendar, name.year);
    let after = |number: i8, length: i8| start?.checked_add((length * (number - 1)).months()).ok();
    let from = match name.part {
        Part::Year => start,
        Part::Half(number @ 1..=2) => after(number, 6),
        Part::Quarter(number @ 1..=4) => after(number, 3),
        Part::Month(month) => Date::new(name.year, month.number(), 1).ok(),
        Part::Half(_) | Part::Quarter(_) | Part::FiscalMonth(_) | Part::Week(_) => None,
    }?;
    containing(calendar, from, name.grain())
}

fn length_months(grain: Grain) -> Option<i32> {
    match grain {
        Grain::Month => Some(1),
        Grain::Quarter => Some(3),
        Grain::Half => Some(6),
        Grain::Year => Some(12),
        Grain::Week | Grain::All => None,
    }
}

/// Whole months of the fiscal year that are over on the day, 0–11.
fn months_since_start(calendar: &MonthOffset, day: Date) -> i32 {
    i32::from(day.month() - calendar.first_month.number()).rem_euclid(12)
}

/// The name of the fiscal year in which a day falls.
fn fiscal_year(calendar: &MonthOffset, day: Date) -> i16 {
    let starts_in = if day.month() >= calendar.first_month.number() { day.year() } else { day.year() - 1 };
    starts_in + years_from_start_to_label(calendar)
}

/// First day of the fiscal year of that name.
fn year_start(calendar: &MonthOffset, year: i16) -> Option<Date> {
    let starts_in = year.checked_sub(years_from_start_to_label(calendar))?;
    Date::new(starts_in, calendar.first_month.number(), 1).ok()
}

fn years_from_start_to_label(calendar: &MonthOffset) -> i16 {
    match calendar.fy_label {
        YearLabel::End if !is_calendar_year(calendar) => 1,
        YearLabel::End | YearLabel::Start => 0,
    }
}

fn is_calendar_year(calendar: &MonthOffset) -> bool {
    calendar.first_month == Month::JANUARY
}
