//! The company whose facts these are, as the mapping of a delivery describes it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// What every date, period and sum of the company depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Name for people.
    pub name: String,
    /// The reporting time zone, which decides the civil date of an instant (T8).
    pub time_zone: TimeZone,
    /// The reporting currency, ISO 4217.
    pub currency: String,
    /// First month of the fiscal year, 1–12 (T9).
    pub first_month: i8,
}

/// A company as the records keep it.
#[derive(Serialize, Deserialize)]
pub(crate) struct CompanyRecord {
    name: String,
    time_zone: String,
    currency: String,
    first_month: i8,
}

impl From<&Company> for CompanyRecord {
    fn from(company: &Company) -> CompanyRecord {
        CompanyRecord {
            name: company.name.clone(),
            time_zone: company.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            currency: company.currency.clone(),
            first_month: company.first_month,
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
            first_month: record.first_month,
        })
    }
}
