//! Rows in which a pattern may raise a question to the person they count for (domain 7.13): activities
//! close together, deals created and closed on one day, expected closes put off again and again,
//! discounts close to a limit.
//!
//! Here rows are found and nothing is concluded: what makes a pattern of them, and what is asked, is
//! decided by whoever asks. Thresholds come in as arguments. Each row carries the person it counts for
//! on its day (T2); rows that count for nobody are left out.

mod activities;
mod decided;
mod held;
mod pushes;

use attain_facts::store::schema::{SOURCE_ID, SOURCE_SYSTEM};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::difference::RowKey;
use crate::engine::Cells;

/// A piece of work, and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedActivity {
    /// Which row.
    pub key: RowKey,
    /// Whose.
    pub person: String,
    /// Call, email, meeting …
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// What came of it, where the source says it.
    pub outcome: Option<String>,
    /// How long it took, where the source says it.
    pub duration_s: Option<i64>,
}

/// A deal that was won or lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedDeal {
    /// Which row.
    pub key: RowKey,
    /// Whom it counts for.
    pub person: String,
    /// What people call it.
    pub name: Option<String>,
    /// `won` or `lost`.
    pub outcome: String,
    /// The day it closed.
    pub closed_on: Date,
    /// What it is worth, in its own currency.
    pub amount: Option<Decimal>,
    /// What it would be worth without discount, in the same currency.
    pub list_amount: Option<Decimal>,
    /// Its currency.
    pub currency: Option<String>,
}

/// A deal whose expected close was put off to later months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedDeal {
    /// Which row.
    pub key: RowKey,
    /// Who put it off.
    pub person: String,
    /// What people call it.
    pub name: Option<String>,
    /// When it was put off, oldest first.
    pub pushes: Vec<Push>,
}

/// That an expected close was put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Push {
    /// On which day; where it follows from deliveries, that of the delivery which showed it.
    pub on: Date,
    /// From which expected day.
    pub from: Date,
    /// To which.
    pub to: Date,
}

fn key_of(row: &Cells<'_>) -> Option<RowKey> {
    Some(RowKey { source_system: row.text(SOURCE_SYSTEM)?, source_id: row.text(SOURCE_ID)? })
}
