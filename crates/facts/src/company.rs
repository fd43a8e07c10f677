//! The company whose facts these are, as the mapping of a delivery describes it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::calendar::{FiscalCalendar, Month, WorkCalendar};

/// What every date, period and sum of the company depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Name for people.
    pub name: String,
    /// The reporting time zone, which decides the civil date of an instant (T8).
    pub time_zone: TimeZone,
    /// The reporting currency, ISO 4217.
    pub currency: String,
    /// The fiscal calendar (T9).
    pub calendar: FiscalCalendar,
    /// The days that are worked (T14).
    pub work_calendar: WorkCalendar,
}

/// A company as the records keep it.
#[derive(Serialize, Deserialize)]
pub(crate) struct CompanyRecord {
    name: String,
    time_zone: String,
    currency: String,
    /// Snapshots of earlier versions have `first_month` instead.
    calendar: Option<FiscalCalendar>,
    #[serde(default, skip_serializing)]
    first_month: Option<Month>,
    #[serde(default)]
    work_calendar: WorkCalendar,
}

impl From<&Company> for CompanyRecord {
    fn from(company: &Company) -> CompanyRecord {
        CompanyRecord {
            name: company.name.clone(),
            time_zone: company.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            currency: company.currency.clone(),
            calendar: Some(company.calendar.clone()),
            first_month: None,
            work_calendar: company.work_calendar.clone(),
        }
    }
}

impl TryFrom<CompanyRecord> for Company {
    type Error = jiff::Error;

    fn try_from(record: CompanyRecord) -> Result<Company, jiff::Error> {
        Ok(Company {
            name: record.name,
            time_zone: TimeZone::get(&record.time_zone)?,
            currency: record.currency,
            calendar: record
                .calendar
                .or(record.first_month.map(FiscalCalendar::starting_in))
                .unwrap_or_default(),
            work_calendar: record.work_calendar,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::calendar::{
        Anchor, ExplicitPeriod, ExplicitPeriods, FiscalWeeks, PeriodGrain, WeekPattern, Weekday, YearLabel,
    };

    fn company(calendar: FiscalCalendar) -> Company {
        let work_calendar = WorkCalendar::new(
            BTreeSet::from([Weekday::Monday, Weekday::Saturday]),
            BTreeSet::from([date(2026, 1, 1)]),
            BTreeSet::from([date(2026, 12, 24)]),
        );
        Company {
            name: "Example company".into(),
            time_zone: TimeZone::get("Europe/Berlin").expect("a zone"),
            currency: "EUR".into(),
            calendar,
            work_calendar: work_calendar.expect("a work calendar"),
        }
    }

    #[test]
    fn a_company_reads_back_from_the_records_with_every_kind_of_calendar() {
        let year = ExplicitPeriod {
            grain: PeriodGrain::Year,
            name: "2026".into(),
            label: "Year 26".into(),
            from: date(2026, 1, 5),
            to: date(2027, 1, 4),
        };
        let weeks = FiscalWeeks {
            pattern: WeekPattern::FourFiveFour,
            end_weekday: Weekday::Saturday,
            end_month: Month::JANUARY,
            anchor: Anchor::Nearest,
            fy_label: YearLabel::Start,
        };
        for calendar in [
            FiscalCalendar::default(),
            FiscalCalendar::Weeks(weeks),
            FiscalCalendar::IsoWeek,
            FiscalCalendar::Explicit { periods: ExplicitPeriods::new(vec![year]).expect("a table") },
        ] {
            let company = company(calendar);
            let text = serde_json::to_string(&CompanyRecord::from(&company)).expect("JSON");
            let record: CompanyRecord =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(Company::try_from(record).expect("a company"), company);
        }
    }

    #[test]
    fn a_snapshot_that_kept_only_the_first_month_still_reads() {
        let text = r#"{"name":"Old","time_zone":"Europe/Berlin","currency":"EUR","first_month":7}"#;
        let record: CompanyRecord = serde_json::from_str(text).expect("a record");
        let company = Company::try_from(record).expect("a company");
        let july = Month::new(7).expect("a month");
        assert_eq!(company.calendar, FiscalCalendar::starting_in(july));
        assert_eq!(company.work_calendar, WorkCalendar::default());
    }
}
