//! A number beside a report of the company's CRM: which deals explain the difference, and why.
//!
//! [`known`] asks what is known of every deal that the report lists or the number counts,
//! [`matching`] finds the deal that a line means, [`compare`] tells for each deal what it adds to
//! either side and in what the two differ. The report's total is the number plus the sum of the
//! effects, to the cent. Reading reports is not done here, and nothing of them is kept.

mod compare;
mod known;
mod matching;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use known::{reconcilable, reconciliation};

use crate::answer::Number;

/// A line of a report: one deal, as far as the report tells about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportedDeal {
    /// Where the line stands in the report, for readers.
    pub line: u64,
    /// Identifier in the source system.
    pub id: Option<String>,
    /// Name of the opportunity.
    pub name: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// Owner.
    pub owner: Option<String>,
    /// Stage, as the source calls it.
    pub stage: Option<String>,
    /// Its value.
    pub amount: Option<Decimal>,
    /// Currency of the value, as ISO 4217 has it.
    pub currency: Option<String>,
    /// Close date.
    pub closed_on: Option<Date>,
}

/// Why a deal adds something else to the number than to the report, or is told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No delivery ever told about it.
    NotDelivered,
    /// Several deals could be meant: so many.
    Ambiguous(usize),
    /// A later delivery no longer had it.
    Deleted,
    /// It counts, and the report does not list it.
    NotReported,
    /// The report lists it so many times.
    Duplicate(usize),
    /// Another day decides; what the report says, if it does, and what is known.
    Date(Option<Date>, Option<Date>),
    /// It counts for somebody else.
    Owner(Option<String>, Option<String>),
    /// Another stage, or one that does not count.
    Stage(Option<String>, Option<String>),
    /// Another currency, or the report has not converted it.
    Currency(Option<String>, Option<String>),
    /// Another amount.
    Amount(Option<Decimal>, Option<Decimal>),
    /// Only a part of it counts here: the deal is shared.
    Share,
    /// It does not meet another condition of the metric.
    Condition,
}

impl Reason {
    /// The word by which files and programs know it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Reason::NotDelivered => "not_delivered",
            Reason::Ambiguous(_) => "ambiguous",
            Reason::Deleted => "deleted",
            Reason::NotReported => "not_in_report",
            Reason::Duplicate(_) => "duplicate",
            Reason::Date(..) => "date",
            Reason::Owner(..) => "owner",
            Reason::Stage(..) => "stage",
            Reason::Currency(..) => "currency",
            Reason::Amount(..) => "amount",
            Reason::Share => "share",
            Reason::Condition => "condition",
        }
    }
}

/// A deal that the report and the number tell otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferingDeal {
    /// Its identifier, or what the report calls it.
    pub deal: String,
    /// Name of the opportunity.
    pub name: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// The lines of the report that list it.
    pub lines: Vec<u64>,
    /// What it adds to the report's total.
    pub reported: Decimal,
    /// What it adds to the number.
    pub counted: Decimal,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

impl DifferingDeal {
    /// By how much it makes the report's total greater than the number.
    #[must_use]
    pub fn effect(&self) -> Decimal {
        self.reported - self.counted
    }
}

/// A number beside a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciliation {
    /// The number it is compared with.
    pub number: Number,
    /// The report's total: the sum of its amounts, or for a count of deals how many lines it has.
    pub reported: Decimal,
    /// What the rows of the number add up to.
    pub counted: Decimal,
    /// Deals told alike on both sides.
    pub agreeing: usize,
    /// Deals told otherwise, those with the greatest effect first.
    pub differing: Vec<DifferingDeal>,
}

impl Reconciliation {
    /// By how much the report's total is greater than the number.
    #[must_use]
    pub fn difference(&self) -> Decimal {
        self.reported - self.counted
    }
}
