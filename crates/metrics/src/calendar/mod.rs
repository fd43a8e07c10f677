//! Periods and working days of the company's own calendar (domain 3.2, 3.4).
//!
//! A [`Period`] is a half-open range of civil dates with the name people type and read. Which periods
//! there are follows from the kind of calendar (T9), one file each: [`months`] (`2017-Q3`, `2017-03`),
//! [`weeks`] (`2023-P03`, `2023-W53`), [`iso_weeks`] (`2026-W05`), and [`explicit`] tables. Calendars of
//! months, and tables without weeks, have ISO weeks (T10); those straddle months and so are nobody's
//! children. [`working_days`], [`proration`], [`period_days`] and [`tenure`] count within a period.
//!
//! What a calendar is described by lives with the facts; metrics and their codes live elsewhere.

mod explicit;
mod iso_weeks;
mod months;
mod name;
mod period;
mod period_days;
mod proration;
mod tenure;
#[cfg(test)]
mod tests;
mod weeks;
mod working_days;

use attain_facts::calendar::{Anchor, FiscalCalendar, FiscalWeeks, Month, PeriodGrain, YearLabel};
use attain_facts::company::Company;
use jiff::civil::Date;

use months::CALENDAR_YEAR;
use name::Name;
pub use period::{Grain, Period, PeriodError};
pub use period_days::{DatedTarget, PeriodDays};
pub use proration::{Applicable, DateRange, Proration, TargetVersion};
pub use tenure::tenure_months;
pub use working_days::WorkingDays;

/// A fiscal calendar: what periods there are, and how they follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    kind: FiscalCalendar,
}

impl Calendar {
    /// The calendar of that kind.
    #[must_use]
    pub fn new(kind: FiscalCalendar) -> Calendar {
        Calendar { kind }
    }

    /// A calendar whose fiscal year starts in `first_month` (1–12) and is named by its end.
    #[must_use]
    pub fn starting_in(first_month: i8) -> Option<Calendar> {
        Month::new(first_month.into()).map(FiscalCalendar::starting_in).map(Calendar::new)
    }

    /// The company's calendar.
    #[must_use]
    pub fn of(company: &Company) -> Calendar {
        Calendar::new(company.calendar.clone())
    }

    /// The calendar in words, with all its parameters: two calendars of the same text have the same
    /// periods, save for tables, of which it gives the extent.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            FiscalCalendar::MonthOffset(months) => {
                let named = match months.fy_label {
                    _ if months.first_month == Month::JANUARY => "",
                    YearLabel::End => ", year named by its end",
                    YearLabel::Start => ", year named by its start",
                };
                format!("calendar months, year starting 1 {}{named}", months.first_month.name())
            }
            FiscalCalendar::Weeks(weeks) => describe_weeks(weeks),
            FiscalCalendar::IsoWeek => "ISO weeks, with the months and quarters of the calendar year".into(),
            FiscalCalendar::Explicit { periods } => explicit::describe(periods),
        }
    }

    /// The lengths of period the calendar has, shortest first; `All` is not among them.
    #[must_use]
    pub fn grains(&self) -> Vec<Grain> {
        match &self.kind {
            FiscalCalendar::Explicit { periods } => {
                let longer = periods.grains().filter(|grain| *grain != PeriodGrain::Week);
                std::iter::once(Grain::Week).chain(longer.map(Grain::from)).collect()
            }
            _ => Grain::BOUNDED.to_vec(),
        }
    }

    /// The period with no bounds.
    #[must_use]
    pub fn all(&self) -> Period {
        Period { grain: Grain::All, from: None, to: None, key: "all".into(), label: "All time".into() }
    }

    /// Reads a period's name.
    ///
    /// # Errors
    /// When the text names no period of this calendar; says which names it has.
    pub fn parse(&self, text: &str) -> Result<Period, PeriodError> {
        let trimmed = text.trim();
        if trimmed.eq_ignore_ascii_case("all") {
            return Ok(self.all());
        }
        let of_table = match &self.kind {
            FiscalCalendar::Explicit { periods } => explicit::named(periods, trimmed),
            _ => None,
        };
        of_table
            .or_else(|| self.named(Name::parse(trimmed)?))
            .ok_or_else(|| PeriodError { text: text.to_owned(), right: self.names() })
    }

    /// The period of that length in which a day falls; `None` outside an explicit table, for a length
    /// it lacks, and at the ends of the time line (years −9999 to 9999).
    #[must_use]
    pub fn containing(&self, day: Date, grain: Grain) -> Option<Period> {
        if grain == Grain::All {
            return Some(self.all());
        }
        if grain == Grain::Week && self.has_iso_weeks() {
            return iso_weeks::containing(day);
        }
        match &self.kind {
            FiscalCalendar::MonthOffset(months) => months::containing(months, day, grain),
            FiscalCalendar::IsoWeek => months::containing(&CALENDAR_YEAR, day, grain),
            FiscalCalendar::Weeks(weeks) => weeks::containing(weeks, day, grain),
            FiscalCalendar::Explicit { periods } => explicit::containing(periods, day, grain.in_table()?),
        }
    }

    /// The period before; `None` for `all`, and at the start of a table. Before a period up to a day
    /// ([`Period::through`]) comes the whole one before.
    #[must_use]
    pub fn previous(&self, period: &Period) -> Option<Period> {
        let whole = self.containing(period.from?, period.grain)?;
        let is_up_to_a_day = whole.from == period.from && period.to < whole.to;
        let before = || self.containing(period.from?.yesterday().ok()?, period.grain);
        (whole == *period || is_up_to_a_day).then(before).flatten()
    }

    /// The period after; `None` for `all`, and at the end of a table or of the time line.
    #[must_use]
    pub fn next(&self, period: &Period) -> Option<Period> {
        self.contains(period).then(|| self.containing(period.to?, period.grain)).flatten()
    }

    /// `count` periods ending with `last`, oldest first.
    #[must_use]
    pub fn trail(&self, last: &Period, count: usize) -> Vec<Period> {
        let before = |period: &Period| self.previous(period);
        let mut periods: Vec<Period> =
            std::iter::successors(Some(last.clone()), before).take(count.max(1)).collect();
        periods.reverse();
        periods
    }

    /// Every period of that length that touches `[from, to)`, oldest first, and at least the one in
    /// which `from` falls.
    #[must_use]
    pub fn touching(&self, from: Date, to: Date, grain: Grain) -> Vec<Period> {
        let start = self.first_day(grain).map_or(from, |first_day| from.max(first_day));
        let touches = |period: &Period| period.from.is_none_or(|first| first < to || first <= from);
        let first = self.containing(start, grain).filter(touches);
        std::iter::successors(first, |period| self.next(period).filter(touches)).collect()
    }

    /// The shorter periods that tile a period, oldest first; none where that length does not nest,
    /// as ISO weeks do not in months (T10), and none of `all`.
    #[must_use]
    pub fn children(&self, parent: &Period, grain: Grain) -> Vec<Period> {
        let nests = grain < parent.grain && !(grain == Grain::Week && self.has_iso_weeks());
        match (parent.from, parent.to) {
            (Some(from), Some(to)) if nests && self.contains(parent) => self.touching(from, to, grain),
            _ => Vec::new(),
        }
    }

    /// Period *n* of the year before for period *n* (T9); `None` if that year lacks it, as most lack a
    /// week 53.
    #[must_use]
    pub fn same_period_last_year(&self, period: &Period) -> Option<Period> {
        if !self.contains(period) {
            return None;
        }
        if let (FiscalCalendar::Explicit { periods }, Some(grain)) = (&self.kind, period.grain.in_table())
            && !(period.grain == Grain::Week && self.has_iso_weeks())
        {
            return explicit::a_year_before(periods, period.from?, grain);
        }
        let name = Name::parse(&period.key)?;
        self.named(Name { year: name.year.checked_sub(1)?, part: name.part })
    }

    /// [`Calendar::same_period_last_year`], restated: after a year of 53 weeks, the prior year's weeks
    /// one later, so that like weeks are compared (T9, National Retail Federation practice). Such a
    /// range is no period of the calendar: its name says so and does not read back.
    #[must_use]
    pub fn restated_last_year(&self, period: &Period) -> Option<Period> {
        let restated = match &self.kind {
            FiscalCalendar::Weeks(weeks) if self.contains(period) => {
                Name::parse(&period.key).and_then(|name| weeks::restated_before(weeks, name))
            }
            _ => None,
        };
        restated.or_else(|| self.same_period_last_year(period))
    }

    /// Whether a period is one of this calendar, and neither restated nor of another one.
    pub(crate) fn contains(&self, period: &Period) -> bool {
        let first_day = period.from.unwrap_or(Date::ZERO);
        self.containing(first_day, period.grain).as_ref() == Some(period)
    }

    fn named(&self, name: Name) -> Option<Period> {
        if let (name::Part::Week(week), true) = (name.part, self.has_iso_weeks()) {
            return iso_weeks::named(name.year, week);
        }
        match &self.kind {
            FiscalCalendar::MonthOffset(months) => months::named(months, name),
            FiscalCalendar::IsoWeek => months::named(&CALENDAR_YEAR, name),
            FiscalCalendar::Weeks(weeks) => weeks::named(weeks, name),
            FiscalCalendar::Explicit { .. } => None,
        }
    }

    fn has_iso_weeks(&self) -> bool {
        match &self.kind {
            FiscalCalendar::MonthOffset(_) | FiscalCalendar::IsoWeek => true,
            FiscalCalendar::Weeks(_) => false,
            FiscalCalendar::Explicit { periods } => periods.of(PeriodGrain::Week).is_empty(),
        }
    }

    /// The first day of a table.
    fn first_day(&self, grain: Grain) -> Option<Date> {
        match &self.kind {
            FiscalCalendar::Explicit { periods } => Some(periods.of(grain.in_table()?).first()?.from),
            _ => None,
        }
    }

    /// What may be written for a period.
    fn names(&self) -> String {
        let (month, week) = match &self.kind {
            FiscalCalendar::Explicit { periods } => {
                let week = if self.has_iso_weeks() { ", a week (2017-W05)" } else { "" };
                return format!("{}{week} or `all`", explicit::examples(periods));
            }
            FiscalCalendar::Weeks(_) => ("a fiscal month (2017-P03)", "a fiscal week (2017-W05)"),
            FiscalCalendar::MonthOffset(_) | FiscalCalendar::IsoWeek => {
                ("a month (2017-03)", "a week (2017-W05)")
            }
        };
        format!("a quarter (2017-Q3), {month}, {week}, a half (2017-H1), a year (2017) or `all`")
    }
}

/// `4-5-4 weeks, ending Saturday nearest 31 January, year named by its start`.
fn describe_weeks(calendar: &FiscalWeeks) -> String {
    let (weekday, month) = (calendar.end_weekday.name(), calendar.end_month.name());
    let ending = match (calendar.anchor, calendar.end_month.number()) {
        (Anchor::Last, _) => format!("last {weekday} of {month}"),
        (Anchor::Nearest, 2) => format!("{weekday} nearest the end of {month}"),
        (Anchor::Nearest, 4 | 6 | 9 | 11) => format!("{weekday} nearest 30 {month}"),
        (Anchor::Nearest, _) => format!("{weekday} nearest 31 {month}"),
    };
    let named = match calendar.fy_label {
        YearLabel::End => "its end",
        YearLabel::Start if weeks::is_named_by_its_start(calendar) => "its start",
        YearLabel::Start => "the calendar year with most of its days",
    };
    format!("{} weeks, ending {ending}, year named by {named}", calendar.pattern.name())
}
