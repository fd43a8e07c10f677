//! What stands around the files of a mapping: whose they are, and what is known of them already.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use crate::calendar::{FiscalCalendar, WorkCalendar};
use crate::canonical::Table;
use crate::canonical::currency::minor_unit;
use crate::company::Company;
use crate::store::{Store, StoreError};
use crate::value::normalise;

/// Whose files they are: the head of the mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// A short name of the system that the files come from.
    pub source: String,
    /// The company.
    pub company: Company,
}

/// What cannot stand in the head of a mapping.
#[derive(Debug, thiserror::Error)]
pub enum WrongHead {
    /// A name is blank.
    #[error("the {0} needs a name")]
    Blank(&'static str),
    /// The time zone is none.
    #[error("`{0}` is not a time zone; write for example Europe/Berlin")]
    TimeZone(String),
    /// The currency is none.
    #[error("`{0}` is not a currency code; write for example EUR")]
    Currency(String),
}

impl Head {
    /// The head for a company that is new here: calendar years, Monday to Friday.
    ///
    /// # Errors
    /// When a name is blank, or time zone or currency are none.
    pub fn new(source: &str, company: &str, time_zone: &str, currency: &str) -> Result<Head, WrongHead> {
        let name = normalise(company).ok_or(WrongHead::Blank("company"))?;
        let source = normalise(source).ok_or(WrongHead::Blank("source"))?;
        let zone = TimeZone::get(time_zone).map_err(|_| WrongHead::TimeZone(time_zone.to_owned()))?;
        if minor_unit(currency).is_none() {
            return Err(WrongHead::Currency(currency.to_owned()));
        }
        let company = Company {
            name,
            time_zone: zone,
            currency: currency.to_owned(),
            calendar: FiscalCalendar::default(),
            work_calendar: WorkCalendar::default(),
        };
        Ok(Head { source, company })
    }
}

/// The identifiers that the facts have of a source already: files may refer to them.
#[derive(Clone, Debug, Default)]
pub struct Known(pub(super) BTreeMap<Table, BTreeSet<String>>);

impl Known {
    /// Those of a source system.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn of(store: &Store, source: &str) -> Result<Known, StoreError> {
        let mut known: BTreeMap<Table, BTreeSet<String>> = BTreeMap::new();
        let identities = store.identities().await?.into_iter();
        for identity in identities.filter(|identity| identity.source_system == source) {
            known.entry(identity.table).or_default().insert(identity.source_id);
        }
        Ok(Known(known))
    }
}
