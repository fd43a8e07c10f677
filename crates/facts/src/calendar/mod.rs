//! How a company divides time, as its mapping describes it and its records keep it.
//!
//! Only the description: which kind of fiscal calendar with which parameters ([`FiscalCalendar`],
//! domain T9) and which days are worked ([`WorkCalendar`], domain T14). What follows from it, the
//! periods and the sums of working days, is computed by the metrics.

mod explicit;
mod work;

use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use explicit::{ExplicitPeriod, ExplicitPeriods, PeriodGrain, WrongPeriod};
pub use work::{WorkCalendar, WrongWorkCalendar};

/// A kind of fiscal calendar with its parameters (domain T9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FiscalCalendar {
    /// The fiscal year begins on the first day of a month; weeks are ISO weeks.
    MonthOffset(MonthOffset),
    /// The fiscal year has 52 or 53 whole weeks.
    Weeks(FiscalWeeks),
    /// ISO 8601 weeks; months, quarters and years are those of the calendar year.
    IsoWeek,
    /// A table of periods.
    Explicit {
        /// The table.
        periods: ExplicitPeriods,
    },
}

impl FiscalCalendar {
    /// Fiscal years that start in a month and are named by the calendar year in which they end.
    #[must_use]
    pub fn starting_in(first_month: Month) -> FiscalCalendar {
        FiscalCalendar::MonthOffset(MonthOffset { first_month, fy_label: YearLabel::End })
    }
}

impl Default for FiscalCalendar {
    /// The calendar year.
    fn default() -> FiscalCalendar {
        FiscalCalendar::starting_in(Month::JANUARY)
    }
}

/// Parameters of a calendar of whole months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthOffset {
    /// The month whose first day begins the fiscal year.
    pub first_month: Month,
    /// Which calendar year names the fiscal year.
    pub fy_label: YearLabel,
}

/// Parameters of a calendar of whole weeks. A 53rd week belongs to the last month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiscalWeeks {
    /// Weeks of the three months of each quarter.
    pub pattern: WeekPattern,
    /// The last day of every week, and so of the year.
    pub end_weekday: Weekday,
    /// The month around whose end the year ends.
    pub end_month: Month,
    /// Which `end_weekday` ends the year.
    pub anchor: Anchor,
    /// Which calendar year names the fiscal year.
    pub fy_label: YearLabel,
}

/// Which calendar year a fiscal year is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YearLabel {
    /// The one in which it ends.
    End,
    /// The one in which it starts; for whole weeks, the one that holds most of its days.
    Start,
}

impl YearLabel {
    /// Every label with its name in a mapping.
    pub const NAMES: [(&str, YearLabel); 2] = [("end", YearLabel::End), ("start", YearLabel::Start)];
}

/// How the 13 weeks of a quarter are divided into months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WeekPattern {
    /// Four weeks, four, five.
    #[serde(rename = "4-4-5")]
    FourFourFive,
    /// Four weeks, five, four.
    #[serde(rename = "4-5-4")]
    FourFiveFour,
    /// Five weeks, four, four.
    #[serde(rename = "5-4-4")]
    FiveFourFour,
}

impl WeekPattern {
    /// Every pattern with its name.
    pub const NAMES: [(&str, WeekPattern); 3] = [
        ("4-4-5", WeekPattern::FourFourFive),
        ("4-5-4", WeekPattern::FourFiveFour),
        ("5-4-4", WeekPattern::FiveFourFour),
    ];

    /// Weeks of the first, second and third month of a quarter.
    #[must_use]
    pub fn weeks(self) -> [i32; 3] {
        match self {
            WeekPattern::FourFourFive => [4, 4, 5],
            WeekPattern::FourFiveFour => [4, 5, 4],
            WeekPattern::FiveFourFour => [5, 4, 4],
        }
    }

    /// The name: `4-4-5`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            WeekPattern::FourFourFive => "4-4-5",
            WeekPattern::FourFiveFour => "4-5-4",
            WeekPattern::FiveFourFour => "5-4-4",
        }
    }
}

/// Which weekday ends a year of whole weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The one closest to the last day of the month, at most three days away.
    Nearest,
    /// The last one in the month.
    Last,
}

impl Anchor {
    /// Every anchor with its name in a mapping.
    pub const NAMES: [(&str, Anchor); 2] = [("nearest", Anchor::Nearest), ("last", Anchor::Last)];
}

/// A month of the year, 1–12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Month(i8);

impl Month {
    /// The first.
    pub const JANUARY: Month = Month(1);

    /// The month of that number, if there is one.
    #[must_use]
    pub fn new(number: i64) -> Option<Month> {
        i8::try_from(number).ok().filter(|number| (1..=12).contains(number)).map(Month)
    }

    /// 1–12.
    #[must_use]
    pub fn number(self) -> i8 {
        self.0
    }

    /// Its English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        NAMES[usize::from(self.0.unsigned_abs()) - 1]
    }
}

impl TryFrom<i64> for Month {
    type Error = String;

    fn try_from(number: i64) -> Result<Month, String> {
        Month::new(number).ok_or_else(|| format!("{number} is not a month from 1 to 12"))
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Month, String> {
        text.parse().ok().and_then(Month::new).ok_or_else(|| format!("`{text}` is not a month from 1 to 12"))
    }
}

impl From<Month> for i64 {
    fn from(month: Month) -> i64 {
        month.0.into()
    }
}

/// A day of the week, Monday first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All seven, Monday first.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// The weekday of a date.
    #[must_use]
    pub fn of(day: Date) -> Weekday {
        Weekday::ALL[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs()) % 7]
    }

    /// Reads `sat` or `Saturday`, whatever the letter case.
    #[must_use]
    pub fn from_name(text: &str) -> Option<Weekday> {
        Weekday::ALL
            .into_iter()
            .find(|day| text.eq_ignore_ascii_case(day.name()) || text.eq_ignore_ascii_case(&day.name()[..3]))
    }

    /// Its English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Weekday::Monday => "Monday",
            Weekday::Tuesday => "Tuesday",
            Weekday::Wednesday => "Wednesday",
            Weekday::Thursday => "Thursday",
            Weekday::Friday => "Friday",
            Weekday::Saturday => "Saturday",
            Weekday::Sunday => "Sunday",
        }
    }
}
