//! Which days a company works (domain 2.21, T14).

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Weekday;

/// Working weekdays, holidays and half-days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WorkCalendarRecord", into = "WorkCalendarRecord")]
pub struct WorkCalendar {
    weekdays: BTreeSet<Weekday>,
    holidays: BTreeSet<Date>,
    half_days: BTreeSet<Date>,
}

/// Why days cannot be a work calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongWorkCalendar {
    /// No weekday is worked.
    #[error("no weekday is a working day; name at least one, or leave `weekdays` out for Monday to Friday")]
    NoWeekday,
    /// A day cannot be both.
    #[error("{0} stands under holidays and under half_days; leave it in one of them")]
    HolidayAndHalfDay(Date),
}

impl Default for WorkCalendar {
    /// Monday to Friday, without holidays.
    fn default() -> WorkCalendar {
        WorkCalendar {
            weekdays: Weekday::ALL[..5].iter().copied().collect(),
            holidays: BTreeSet::new(),
            half_days: BTreeSet::new(),
        }
    }
}

impl WorkCalendar {
    /// A work calendar. A holiday or half-day on a weekday that is not worked changes nothing.
    ///
    /// # Errors
    /// When no weekday is worked, or a day is both a holiday and a half-day.
    pub fn new(
        weekdays: BTreeSet<Weekday>,
        holidays: BTreeSet<Date>,
        half_days: BTreeSet<Date>,
    ) -> Result<WorkCalendar, WrongWorkCalendar> {
        if weekdays.is_empty() {
            return Err(WrongWorkCalendar::NoWeekday);
        }
        match holidays.intersection(&half_days).next() {
            Some(day) => Err(WrongWorkCalendar::HolidayAndHalfDay(*day)),
            None => Ok(WorkCalendar { weekdays, holidays, half_days }),
        }
    }

    /// The calendar in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let weekdays: Vec<String> = self.weekdays.iter().map(|day| format!("{day:?}")).collect();
        let count = |days: usize, one: &str, several: &str| match days {
            0 => String::new(),
            1 => format!(", one {one}"),
            more => format!(", {more} {several}"),
        };
        let holidays = count(self.holidays.len(), "holiday", "holidays");
        let halves = count(self.half_days.len(), "half-day", "half-days");
        format!("{}{holidays}{halves}", weekdays.join(", "))
    }

    /// Whether any work is done on the day.
    #[must_use]
    pub fn is_worked(&self, day: Date) -> bool {
        self.weekdays.contains(&Weekday::of(day)) && !self.holidays.contains(&day)
    }

    /// Whether the day is worked by half.
    #[must_use]
    pub fn is_half(&self, day: Date) -> bool {
        self.is_worked(day) && self.half_days.contains(&day)
    }
}

/// A work calendar as the records keep it.
#[derive(Clone, Serialize, Deserialize)]
struct WorkCalendarRecord {
    weekdays: BTreeSet<Weekday>,
    holidays: Vec<String>,
    half_days: Vec<String>,
}

impl From<WorkCalendar> for WorkCalendarRecord {
    fn from(work: WorkCalendar) -> WorkCalendarRecord {
        let texts = |days: BTreeSet<Date>| days.iter().map(Date::to_string).collect();
        WorkCalendarRecord {
            weekdays: work.weekdays,
            holidays: texts(work.holidays),
            half_days: texts(work.half_days),
        }
    }
}

impl TryFrom<WorkCalendarRecord> for WorkCalendar {
    type Error = String;

    fn try_from(record: WorkCalendarRecord) -> Result<WorkCalendar, String> {
        let dates = |texts: Vec<String>| {
            let read = |text: String| text.parse::<Date>().map_err(|error| error.to_string());
            texts.into_iter().map(read).collect::<Result<BTreeSet<Date>, String>>()
        };
        WorkCalendar::new(record.weekdays, dates(record.holidays)?, dates(record.half_days)?)
            .map_err(|error| error.to_string())
    }
}
