//! What there is to say about a canonical table besides its columns: how its rows are identified,
//! when they happened, how their files are laid out, and what must hold across rows.

use super::{Column, Table};

/// Everything about one canonical table.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    /// What a row is, as a noun phrase for the guide.
    pub(crate) meaning: &'static str,
    pub(crate) identifier: Identifier,
    pub(crate) columns: &'static [Column],
    /// Columns that say when the row happened; the earliest one starts the default coverage
    /// (domain 2.7). Empty where a row is a state of affairs and not an event.
    pub(crate) events: &'static [&'static str],
    /// The columns that bound the half-open time for which a row holds, where it holds for a time.
    pub(crate) range: Option<(&'static str, &'static str)>,
    pub(crate) layout: Layout,
    pub(crate) constraints: &'static [Constraint],
}

/// How rows of a table are referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identifier {
    /// Not at all.
    None,
    /// By an id that the records give on first sight: few rows, which people know by name.
    Given { column: &'static str, prefix: &'static str },
    /// By an id derived from source and identifier: many rows.
    Derived { column: &'static str, prefix: &'static str },
}

/// How the current rows of a table lie in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In one file.
    Together,
    /// In a file per month of a date or instant (UTC), sorted by a column so that what belongs
    /// together is read together; rows without the date in a file of their own.
    Monthly { of: &'static str, sorted_by: &'static str },
    /// Deals: in a file per month in which they closed and one of those open, sorted by owner.
    Deals,
}

/// What must hold across the rows of a table (domain 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constraint {
    /// The shares of rows about the same thing add up to at most 1 at every instant. Without a
    /// share column each row has it all: no two may hold at the same time.
    AtMostOne {
        /// The columns that say what a row is about; the last one names it.
        per: &'static [&'static str],
        share: Option<&'static str>,
        /// A column and the value with which a row does not count.
        except: Option<(&'static str, &'static str)>,
    },
    /// The shares of those rows about the same thing that have this value add up to exactly 1
    /// whenever one of them holds (T3).
    ExactlyOne { per: &'static str, share: &'static str, only: (&'static str, &'static str) },
    /// Following this column from row to row never comes back.
    Forest { parent: &'static str },
    /// Nobody leads themselves at any instant, directly or through others, as far as rows of this
    /// kind say so.
    Chain { member: &'static str, leader: &'static str, except: (&'static str, &'static str) },
}

/// A table of small size whose rows nothing refers to and nothing restricts.
pub(super) const PLAIN: Definition = Definition {
    name: "",
    meaning: "",
    identifier: Identifier::None,
    columns: &[],
    events: &[],
    range: None,
    layout: Layout::Together,
    constraints: &[],
};

/// The half-open time for which a state of affairs holds.
pub(super) const VALIDITY: Option<(&str, &str)> = Some(("valid_from", "valid_to"));

/// No two rows about the same thing hold at the same time.
pub(super) const fn one_at_a_time(per: &'static [&'static str]) -> Constraint {
    Constraint::AtMostOne { per, share: None, except: None }
}

impl Table {
    pub(crate) fn definition(self) -> &'static Definition {
        use super::{customers, deals, money, people, plans, work};
        match self {
            Table::Team => &people::TEAM,
            Table::Employee => &people::EMPLOYEE,
            Table::EmployeeAttr => &people::EMPLOYEE_ATTR,
            Table::EmployeeAbsence => &people::EMPLOYEE_ABSENCE,
            Table::TeamAssignment => &people::TEAM_ASSIGNMENT,
            Table::ManagerAssignment => &people::MANAGER_ASSIGNMENT,
            Table::TrainingAssignment => &people::TRAINING_ASSIGNMENT,
            Table::Territory => &customers::TERRITORY,
            Table::TerritoryAssignment => &customers::TERRITORY_ASSIGNMENT,
            Table::Account => &customers::ACCOUNT,
            Table::AccountOwner => &customers::ACCOUNT_OWNER,
            Table::AccountTerritory => &customers::ACCOUNT_TERRITORY,
            Table::Contract => &customers::CONTRACT,
            Table::SurveyResponse => &customers::SURVEY_RESPONSE,
            Table::Product => &deals::PRODUCT,
            Table::Opportunity => &deals::OPPORTUNITY,
            Table::OpportunityOwner => &deals::OPPORTUNITY_OWNER,
            Table::OpportunityStageHistory => &deals::OPPORTUNITY_STAGE_HISTORY,
            Table::OpportunityContact => &deals::OPPORTUNITY_CONTACT,
            Table::CreditSplit => &deals::CREDIT_SPLIT,
            Table::Lead => &work::LEAD,
            Table::LeadOwner => &work::LEAD_OWNER,
            Table::Activity => &work::ACTIVITY,
            Table::Target => &plans::TARGET,
            Table::ForecastSubmission => &plans::FORECAST_SUBMISSION,
            Table::InvoiceLine => &money::INVOICE_LINE,
            Table::Subscription => &money::SUBSCRIPTION,
            Table::FxRate => &money::FX_RATE,
            Table::CampaignCost => &money::CAMPAIGN_COST,
            Table::SellingCost => &money::SELLING_COST,
        }
    }
}
