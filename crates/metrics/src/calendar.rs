//! Periods of the company's own calendar (domain 3.2, T9 kind 1).
//!
//! A period is a half-open range of civil dates with the name people type and read:
//! `2017-Q3`, `2017-03`, `2017`, `all`. With a fiscal year that does not start in January, the
//! year is named by the calendar year in which it ends.

use std::fmt;

use attain_facts::company::Company;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::{Serialize, Serializer};

/// The length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// A calendar month.
    Month,
    /// Three fiscal months.
    Quarter,
    /// Twelve fiscal months.
    Year,
    /// Everything there is.
    All,
}

impl Grain {
    /// The name used in questions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
            Grain::All => "all",
        }
    }

    fn months(self) -> i32 {
        match self {
            Grain::Month => 1,
            Grain::Quarter => 3,
            Grain::Year => 12,
            Grain::All => 0,
        }
    }
}

/// A period of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// Its length.
    pub grain: Grain,
    /// First day; `None` for `all`.
    pub from: Option<Date>,
    /// The day after the last; `None` for `all`.
    pub to: Option<Date>,
    key: String,
    label: String,
}

impl Period {
    /// What people type, and what stands in addresses and exports: `2017-Q3`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What people read: `Q3 2017`, or `Q3 FY26` under a shifted year.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether the day belongs to the period.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    /// The last day inside the period; `None` for `all`.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.to.and_then(|to| to.yesterday().ok())
    }
}

impl Period {
    /// The same period with some days before and after it, for looking at what it nearly holds.
    pub(crate) fn widened(&self, days: i16) -> Period {
        Period {
            from: self.from.map(|from| from.saturating_sub(days.days())),
            to: self.to.map(|to| to.saturating_add(days.days())),
            ..self.clone()
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.key)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.key)
    }
}

/// A period's name that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a period; write a quarter (2017-Q3), a month (2017-03), a year (2017) or `all`")]
pub struct PeriodError(String);

/// A fiscal calendar whose year starts on day one of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    first_month: i8,
}

impl Calendar {
    /// A calendar whose fiscal year starts in `first_month` (1–12).
    #[must_use]
    pub fn starting_in(first_month: i8) -> Option<Calendar> {
        (1..=12).contains(&first_month).then_some(Calendar { first_month })
    }

    /// The company's calendar.
    #[must_use]
    pub fn of(company: &Company) -> Calendar {
        Calendar { first_month: company.first_month.clamp(1, 12) }
    }

    /// The period with no bounds.
    #[must_use]
    pub fn all(&self) -> Period {
        Period { grain: Grain::All, from: None, to: None, key: "all".into(), label: "All time".into() }
    }

    /// Reads a period's name.
    ///
    /// # Errors
    /// When the text names no period of this calendar.
    pub fn parse(&self, text: &str) -> Result<Period, PeriodError> {
        let refused = || PeriodError(text.to_owned());
        let trimmed = text.trim();
        if trimmed.eq_ignore_ascii_case("all") {
            return Ok(self.all());
        }
        let (year_text, part) = match trimmed.split_once('-') {
            Some((year, part)) => (year, Some(part)),
            None => (trimmed, None),
        };
        let year: i16 = parse_digits(year_text, 4).ok_or_else(refused)?;
        let start = match part {
            None => self.year_start(year),
            Some(part) => match part.strip_prefix(['Q', 'q']) {
                Some(quarter) => {
                    let quarter: i16 =
                        parse_digits(quarter, 1).filter(|q| (1..=4).contains(q)).ok_or_else(refused)?;
                    self.year_start(year)
                        .and_then(|start| start.checked_add((3 * (i64::from(quarter) - 1)).months()).ok())
                }
                None => {
                    parse_digits(part, 2).and_then(|month| Date::new(year, i8::try_from(month).ok()?, 1).ok())
                }
            },
        }
        .ok_or_else(refused)?;
        let grain = match part {
            None => Grain::Year,
            Some(part) if part.starts_with(['Q', 'q']) => Grain::Quarter,
            Some(_) => Grain::Month,
        };
        // The last periods of the time line have no end.
        start.checked_add(grain.months().months()).map_err(|_| refused())?;
        Ok(self.containing(start, grain))
    }

    /// The period of that length in which a day falls.
    #[must_use]
    pub fn containing(&self, day: Date, grain: Grain) -> Period {
        if grain == Grain::All {
            return self.all();
        }
        let fiscal_month = i32::from(day.month() - self.first_month).rem_euclid(12);
        let months_back = fiscal_month.rem_euclid(grain.months());
        let from = shift_months(day.first_of_month(), -months_back);
        let to = shift_months(from, grain.months());
        let year = self.fiscal_year(from);
        let (key, label) = self.names(from, grain, year);
        Period { grain, from: Some(from), to: Some(to), key, label }
    }

    /// The period before; `None` for `all`.
    #[must_use]
    pub fn previous(&self, period: &Period) -> Option<Period> {
        let day = period.from?.yesterday().ok()?;
        Some(self.containing(day, period.grain))
    }

    /// The period after; `None` for `all`, and at the end of the time line.
    #[must_use]
    pub fn next(&self, period: &Period) -> Option<Period> {
        let next = self.containing(period.to?, period.grain);
        (next.from > period.from).then_some(next)
    }

    /// `count` periods ending with `last`, oldest first.
    #[must_use]
    pub fn trail(&self, last: &Period, count: usize) -> Vec<Period> {
        let mut periods = vec![last.clone()];
        while periods.len() < count {
            match self.previous(&periods[periods.len() - 1]) {
                Some(previous) => periods.push(previous),
                None => break,
            }
        }
        periods.reverse();
        periods
    }

    /// Every period of that length that touches `[from, to)`, oldest first.
    #[must_use]
    pub fn touching(&self, from: Date, to: Date, grain: Grain) -> Vec<Period> {
        let mut periods = vec![self.containing(from, grain)];
        while let Some(next) = self.next(&periods[periods.len() - 1]) {
            if next.from.is_none_or(|start| start >= to) {
                break;
            }
            periods.push(next);
        }
        periods
    }

    /// First day of the fiscal year named `year` (the calendar year in which it ends).
    fn year_start(&self, year: i16) -> Option<Date> {
        let starts_in = if self.first_month == 1 { year } else { year.checked_sub(1)? };
        Date::new(starts_in, self.first_month, 1).ok()
    }

    fn fiscal_year(&self, day: Date) -> i16 {
        if self.first_month > 1 && day.month() >= self.first_month { day.year() + 1 } else { day.year() }
    }

    fn names(&self, from: Date, grain: Grain, year: i16) -> (String, String) {
        let readable_year =
            if self.first_month == 1 { year.to_string() } else { format!("FY{:02}", year.rem_euclid(100)) };
        match grain {
            Grain::Month => (from.strftime("%Y-%m").to_string(), from.strftime("%b %Y").to_string()),
            Grain::Quarter => {
                let quarter = i32::from(from.month() - self.first_month).rem_euclid(12) / 3 + 1;
                (format!("{year:04}-Q{quarter}"), format!("Q{quarter} {readable_year}"))
            }
            Grain::Year => (format!("{year:04}"), readable_year),
            Grain::All => ("all".into(), "All time".into()),
        }
    }
}

fn parse_digits(text: &str, length: usize) -> Option<i16> {
    let digits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Moves the first of a month by whole months, stopping at the ends of the representable time
/// line (years −9999 to 9999), which no company's calendar reaches.
fn shift_months(first: Date, months: i32) -> Date {
    first.saturating_add(months.months()).first_of_month().max(date(-9999, 1, 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calendar(first_month: i8) -> Calendar {
        Calendar::starting_in(first_month).expect("a month")
    }

    fn bounds(first_month: i8, text: &str) -> (String, String, String) {
        let period = calendar(first_month).parse(text).expect("a period");
        let shown = |day: Option<Date>| day.expect("bounded").to_string();
        (shown(period.from), shown(period.to), period.label().to_owned())
    }

    #[test]
    fn a_calendar_year_has_calendar_quarters() {
        assert_eq!(bounds(1, "2017-Q3"), ("2017-07-01".into(), "2017-10-01".into(), "Q3 2017".into()));
        assert_eq!(bounds(1, "2017-03"), ("2017-03-01".into(), "2017-04-01".into(), "Mar 2017".into()));
        assert_eq!(bounds(1, "2017"), ("2017-01-01".into(), "2018-01-01".into(), "2017".into()));
    }

    #[test]
    fn a_shifted_year_is_named_by_the_year_it_ends_in() {
        assert_eq!(bounds(7, "2026-Q1"), ("2025-07-01".into(), "2025-10-01".into(), "Q1 FY26".into()));
        assert_eq!(bounds(7, "2026-Q4"), ("2026-04-01".into(), "2026-07-01".into(), "Q4 FY26".into()));
        assert_eq!(bounds(2, "2026"), ("2025-02-01".into(), "2026-02-01".into(), "FY26".into()));
        let january = calendar(2).containing(date(2026, 1, 31), Grain::Quarter);
        assert_eq!(january.key(), "2026-Q4");
    }

    #[test]
    fn what_is_no_period_is_refused_with_what_is() {
        let texts = ["", "2017-Q5", "2017-13", "Q3", "17-Q3", "2017-Q", "2017-1", "yesterday", "2017-Q3-1"];
        for text in texts.into_iter().chain(["9999", "9999-Q4", "9999-12"]) {
            let refused = calendar(1).parse(text).expect_err("refused");
            assert!(refused.to_string().contains("2017-Q3"), "{refused}");
        }
    }

    #[test]
    fn a_trail_ends_with_the_period_asked_for() {
        let calendar = calendar(7);
        let last = calendar.parse("2026-Q2").expect("a period");
        let keys: Vec<String> = calendar.trail(&last, 3).iter().map(ToString::to_string).collect();
        assert_eq!(keys, ["2025-Q4", "2026-Q1", "2026-Q2"]);
        assert_eq!(calendar.trail(&calendar.all(), 8).len(), 1);
    }

    proptest! {
        /// Invariant I19: periods tile the time line, and each reads back from its own name.
        #[test]
        fn periods_tile_the_time_line(first_month in 1i8..=12, days in -200_000i32..200_000, grain in 0usize..3) {
            let calendar = calendar(first_month);
            let grain = [Grain::Month, Grain::Quarter, Grain::Year][grain];
            let day = date(2020, 1, 1).saturating_add(days.days());
            prop_assume!(day.year() >= 1000 && day.year() < 9000);
            let period = calendar.containing(day, grain);
            prop_assert!(period.contains(day));
            prop_assert_eq!(calendar.parse(period.key()), Ok(period.clone()));
            let next = calendar.next(&period).expect("bounded");
            prop_assert_eq!(next.from, period.to);
            prop_assert_eq!(calendar.previous(&next), Some(period));
        }
    }
}
