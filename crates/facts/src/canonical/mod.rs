//! The canonical tables (domain 2.8–2.22): what a row of each means and which columns it has.
//!
//! This is the vocabulary that mappings write and metrics read. Each table is a constant in the
//! file of its field: [`people`], [`customers`], [`deals`], [`work`], [`plans`], [`money`]. What a
//! company adds of its own is an [`Attribute`]. Columns common to every table (source, version,
//! hash; domain 2.2) belong to the store and are not listed here; calendars are the company's and
//! no table.

mod attribute;
mod column;
pub mod currency;
mod customers;
mod deals;
mod definition;
mod money;
mod people;
mod plans;
mod work;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use attribute::{Attribute, AttributeType};
pub(crate) use attribute::{Attributes, Retyped};
pub use column::{Column, ColumnType, Need};
pub(crate) use definition::{Constraint, Identifier, Layout};

/// A canonical table, in the order of reading: people, customers, deals, work, plans, money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// A group of people; a team without a parent is a region (domain 2.9).
    Team,
    /// A person who sells or leads sellers (domain 2.8).
    Employee,
    /// What changes about a person, from when to when (domain 2.8).
    EmployeeAttr,
    /// Leave, from when to when (domain 2.8, T17).
    EmployeeAbsence,
    /// Who belongs to which team, from when to when (domain 2.9).
    TeamAssignment,
    /// Who reports to whom, from when to when (domain 2.9).
    ManagerAssignment,
    /// A part of the market (domain 2.10).
    Territory,
    /// Who works which territory, from when to when (domain 2.10).
    TerritoryAssignment,
    /// A customer or prospect (domain 2.11).
    Account,
    /// Who owned an account, from when to when (domain 2.11).
    AccountOwner,
    /// Which territory an account lay in, from when to when (domain 2.10).
    AccountTerritory,
    /// Something that is sold (domain 2.12).
    Product,
    /// A possible customer's interest, before it is a deal (domain 2.13).
    Lead,
    /// Who owned a lead, from when to when (domain 2.13).
    LeadOwner,
    /// A deal: open, won or lost (domain 2.14).
    Opportunity,
    /// Who owned a deal, from when to when (domain 2.14).
    OpportunityOwner,
    /// Whom a deal is credited to, and to what share (domain 2.14, T3).
    CreditSplit,
    /// A move of a deal from stage to stage (domain 2.15).
    OpportunityStageHistory,
    /// A person of the customer's who takes part in a deal (domain 2.22).
    OpportunityContact,
    /// A line of an invoice or order (domain 2.16).
    InvoiceLine,
    /// Recurring revenue of an account, from when to when (domain 2.17).
    Subscription,
    /// A call, message, meeting or other piece of work (domain 2.18).
    Activity,
    /// What is to be reached, by whom and when (domain 2.19).
    Target,
    /// What somebody said they would reach (domain 2.19).
    ForecastSubmission,
    /// A rate of exchange on a day (domain 2.20).
    FxRate,
    /// An agreement with an account that ends or renews (domain 2.22).
    Contract,
    /// What a campaign cost in a month (domain 2.22).
    CampaignCost,
    /// What a person cost in a month (domain 2.22).
    SellingCost,
    /// A customer's answer to a survey (domain 2.22).
    SurveyResponse,
    /// A course somebody was to complete (domain 2.22).
    TrainingAssignment,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 30] = [
        Table::Team,
        Table::Employee,
        Table::EmployeeAttr,
        Table::EmployeeAbsence,
        Table::TeamAssignment,
        Table::ManagerAssignment,
        Table::Territory,
        Table::TerritoryAssignment,
        Table::Account,
        Table::AccountOwner,
        Table::AccountTerritory,
        Table::Product,
        Table::Lead,
        Table::LeadOwner,
        Table::Opportunity,
        Table::OpportunityOwner,
        Table::CreditSplit,
        Table::OpportunityStageHistory,
        Table::OpportunityContact,
        Table::InvoiceLine,
        Table::Subscription,
        Table::Activity,
        Table::Target,
        Table::ForecastSubmission,
        Table::FxRate,
        Table::Contract,
        Table::CampaignCost,
        Table::SellingCost,
        Table::SurveyResponse,
        Table::TrainingAssignment,
    ];

    /// The name used in mappings, files, definitions and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// What a row of the table is, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.definition().meaning
    }

    /// What several of its rows are called where people read: `deals`, `activities`.
    #[must_use]
    pub fn plural(self) -> String {
        let words = match self {
            Table::Employee => "people",
            Table::Opportunity => "deals",
            Table::OpportunityOwner => "owners of deals",
            Table::OpportunityStageHistory => "stage changes",
            Table::OpportunityContact => "contacts of deals",
            Table::EmployeeAttr => "working hours",
            Table::AccountOwner => "owners of accounts",
            Table::AccountTerritory => "territories of accounts",
            Table::LeadOwner => "owners of leads",
            Table::FxRate => "exchange rates",
            other => {
                let words = other.name().replace('_', " ");
                return match words.strip_suffix('y') {
                    Some(stem) => format!("{stem}ies"),
                    None => format!("{words}s"),
                };
            }
        };
        words.to_owned()
    }

    /// The table of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Whether its rows happen at a time, so that a range of days is covered or not.
    #[must_use]
    pub fn has_events(self) -> bool {
        !self.definition().events.is_empty()
    }

    /// Columns that say when its rows happened, the first of them when they came to be; none where
    /// a row is a state of affairs.
    #[must_use]
    pub fn events(self) -> &'static [&'static str] {
        self.definition().events
    }

    /// The columns that bound the half-open time for which a row holds, where it holds for a time.
    #[must_use]
    pub fn range(self) -> Option<(&'static str, &'static str)> {
        self.definition().range
    }

    /// The business columns, in their fixed order. The row's own identifier comes from the
    /// mapping's `key` and is not among them; nor are the company's attributes.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        self.definition().columns
    }

    /// Position and definition of a column.
    #[must_use]
    pub fn column(self, name: &str) -> Option<(usize, &'static Column)> {
        self.columns().iter().enumerate().find(|(_, column)| column.name == name)
    }

    /// Name of the identifier column, where rows of this table can be referred to.
    #[must_use]
    pub fn id_column(self) -> Option<&'static str> {
        match self.definition().identifier {
            Identifier::None => None,
            Identifier::Given { column, .. } | Identifier::Derived { column, .. } => Some(column),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
