//! The company block of a mapping: name, zone, currency, fiscal calendar and working days.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_saphyr::Spanned;

use super::file::{CalendarFile, CompanyFile, PeriodFile, WorkingDaysFile};
use super::{MappingError, Resolver};
use crate::calendar::{
    Anchor, ExplicitPeriod, ExplicitPeriods, FiscalCalendar, FiscalWeeks, Month, MonthOffset, PeriodGrain,
    WeekPattern, Weekday, WorkCalendar, WrongWorkCalendar, YearLabel,
};
use crate::canonical::currency::minor_unit;
use crate::company::Company;

/// The kinds of calendar, each with its parameters.
const KINDS: [(&str, &[&str]); 4] = [
    ("month_offset", &["first_month", "fy_label"]),
    ("weeks", &["pattern", "end_weekday", "end_month", "anchor", "w53", "fy_label"]),
    ("iso_week", &[]),
    ("explicit", &["periods"]),
];

impl Resolver<'_> {
    pub(super) fn company(&self, company: &CompanyFile) -> Result<Company, MappingError> {
        let zone = &company.time_zone;
        let time_zone = TimeZone::get(&zone.value).map_err(|_| {
            self.wrong(zone, format!("`{}` is not a time zone; write for example Europe/Berlin", zone.value))
        })?;
        let currency = &company.currency;
        if minor_unit(&currency.value).is_none() {
            return Err(self.wrong(
                currency,
                format!("`{}` is not a currency code; write for example EUR", currency.value),
            ));
        }
        Ok(Company {
            name: company.name.clone(),
            time_zone,
            currency: currency.value.clone(),
            calendar: self.calendar(&company.calendar)?,
            work_calendar: match &company.working_days {
                Some(days) => self.work_calendar(days)?,
                None => WorkCalendar::default(),
            },
        })
    }

    fn calendar(&self, calendar: &CalendarFile) -> Result<FiscalCalendar, MappingError> {
        let kind = &calendar.kind;
        let Some((name, allowed)) = KINDS.into_iter().find(|(name, _)| *name == kind.value) else {
            let known = alternatives(&KINDS.map(|(name, _)| name));
            return Err(
                self.wrong(kind, format!("`{}` is not a kind of calendar; write {known}", kind.value))
            );
        };
        if let Some((parameter, place)) = calendar.parameters().find(|(name, _)| !allowed.contains(name)) {
            let takes = if allowed.is_empty() { "no parameters".into() } else { allowed.join(", ") };
            return Err(self.wrong_at(
                place,
                format!(
                    "`{parameter}` does not belong to a calendar of the kind {name}, which takes {takes}"
                ),
            ));
        }
        match name {
            "month_offset" => self.month_offset(calendar).map(FiscalCalendar::MonthOffset),
            "weeks" => self.weeks(calendar).map(FiscalCalendar::Weeks),
            "iso_week" => Ok(FiscalCalendar::IsoWeek),
            _ => self.explicit(calendar).map(|periods| FiscalCalendar::Explicit { periods }),
        }
    }

    fn month_offset(&self, calendar: &CalendarFile) -> Result<MonthOffset, MappingError> {
        Ok(MonthOffset {
            first_month: self.month(calendar, "first_month", &calendar.first_month)?,
            fy_label: match &calendar.fy_label {
                Some(label) => self.one_of(label, "fy_label", &YearLabel::NAMES)?,
                None => YearLabel::End,
            },
        })
    }

    fn weeks(&self, calendar: &CalendarFile) -> Result<FiscalWeeks, MappingError> {
        if let Some(w53) = &calendar.w53 {
            self.one_of(w53, "w53", &[("last", ())])?;
        }
        Ok(FiscalWeeks {
            pattern: self.choice(calendar, "pattern", &calendar.pattern, &WeekPattern::NAMES)?,
            end_weekday: {
                let written =
                    self.needed(calendar, "end_weekday", &calendar.end_weekday, "such as saturday")?;
                self.weekday(written)?
            },
            end_month: self.month(calendar, "end_month", &calendar.end_month)?,
            anchor: self.choice(calendar, "anchor", &calendar.anchor, &Anchor::NAMES)?,
            fy_label: self.choice(calendar, "fy_label", &calendar.fy_label, &YearLabel::NAMES)?,
        })
    }

    fn explicit(&self, calendar: &CalendarFile) -> Result<ExplicitPeriods, MappingError> {
        let written =
            self.needed(calendar, "periods", &calendar.periods, "a list of { grain, name, from, to }")?;
        let periods = written.value.iter().map(|period| self.period(&period.value));
        ExplicitPeriods::new(periods.collect::<Result<_, _>>()?).map_err(|wrong| {
            let place =
                written.value.get(wrong.position).map_or(written.referenced, |period| period.referenced);
            self.wrong_at(place, wrong.problem)
        })
    }

    fn period(&self, period: &PeriodFile) -> Result<ExplicitPeriod, MappingError> {
        Ok(ExplicitPeriod {
            grain: self.one_of(&period.grain, "grain", &PeriodGrain::NAMES)?,
            name: period.name.clone(),
            label: period.label.clone().unwrap_or_else(|| period.name.clone()),
            from: self.date(&period.from)?,
            to: self.date(&period.to)?,
        })
    }

    fn work_calendar(&self, block: &Spanned<WorkingDaysFile>) -> Result<WorkCalendar, MappingError> {
        let days = &block.value;
        let weekdays = match &days.weekdays {
            Some(written) => written.value.iter().map(|day| self.weekday(day)).collect::<Result<_, _>>()?,
            None => Weekday::ALL[..5].iter().copied().collect(),
        };
        let dates = |written: &[Spanned<String>]| {
            written.iter().map(|day| self.date(day)).collect::<Result<BTreeSet<Date>, _>>()
        };
        WorkCalendar::new(weekdays, dates(&days.holidays)?, dates(&days.half_days)?).map_err(|wrong| {
            let place = match wrong {
                WrongWorkCalendar::NoWeekday => days.weekdays.as_ref().map(|written| written.referenced),
                WrongWorkCalendar::HolidayAndHalfDay(day) => {
                    let is_day = |written: &&Spanned<String>| {
                        written.value.parse().is_ok_and(|written: Date| written == day)
                    };
                    days.half_days.iter().find(is_day).map(|written| written.referenced)
                }
            };
            self.wrong_at(place.unwrap_or(block.referenced), wrong.to_string())
        })
    }

    fn month(
        &self,
        calendar: &CalendarFile,
        name: &str,
        written: &Option<Spanned<i64>>,
    ) -> Result<Month, MappingError> {
        let month = self.needed(calendar, name, written, "a month from 1 to 12")?;
        Month::new(month.value).ok_or_else(|| self.wrong(month, format!("{name} is a month from 1 to 12")))
    }

    fn weekday(&self, written: &Spanned<String>) -> Result<Weekday, MappingError> {
        Weekday::from_name(&written.value).ok_or_else(|| {
            let known = alternatives(&Weekday::ALL.map(|day| &day.name()[..3]));
            self.wrong(written, format!("`{}` is not a weekday; write {known}", written.value))
        })
    }

    /// A parameter without which the kind of calendar means nothing.
    fn needed<'p, T>(
        &self,
        calendar: &CalendarFile,
        name: &str,
        written: &'p Option<Spanned<T>>,
        expected: &str,
    ) -> Result<&'p Spanned<T>, MappingError> {
        let kind = &calendar.kind;
        written.as_ref().ok_or_else(|| {
            self.wrong(kind, format!("a calendar of the kind {} needs `{name}`: {expected}", kind.value))
        })
    }

    fn choice<T: Copy>(
        &self,
        calendar: &CalendarFile,
        name: &str,
        written: &Option<Spanned<String>>,
        known: &[(&str, T)],
    ) -> Result<T, MappingError> {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        self.one_of(self.needed(calendar, name, written, &alternatives(&names))?, name, known)
    }

    fn one_of<T: Copy>(
        &self,
        written: &Spanned<String>,
        name: &str,
        known: &[(&str, T)],
    ) -> Result<T, MappingError> {
        match known.iter().find(|(name, _)| *name == written.value) {
            Some((_, value)) => Ok(*value),
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                let known = alternatives(&names);
                Err(self.wrong(written, format!("`{}` cannot be the {name}; write {known}", written.value)))
            }
        }
    }
}

/// `one, two or three`.
fn alternatives(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
