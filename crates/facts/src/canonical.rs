//! The canonical tables (domain 2.8–2.14): what a row of each means and which columns it has.
//!
//! This is the vocabulary that mappings write and metrics read. Columns common to every table
//! (source, version, hash; domain 2.2) belong to the store and are not listed here.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A canonical table. The order is the order of dependency: a table only refers to tables
/// before it (or to itself).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// A group of people; a team without a parent is a region (domain 2.9).
    Team,
    /// A person who sells or leads sellers (domain 2.8).
    Employee,
    /// Who belongs to which team, from when to when (domain 2.9).
    TeamAssignment,
    /// Who reports to whom, from when to when (domain 2.9).
    ManagerAssignment,
    /// A customer or prospect (domain 2.11).
    Account,
    /// Something that is sold (domain 2.12).
    Product,
    /// A deal: open, won or lost (domain 2.14).
    Opportunity,
}

/// What a column holds, and how its text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text, NFC-normalised and trimmed.
    Text,
    /// Text about a person: it enters hashes only as a salted commitment (domain 2.23).
    PersonalText,
    /// A civil date without zone.
    Date,
    /// An instant; a bare date means midnight in the company's time zone (domain 2.7).
    Timestamp,
    /// An exact decimal with at most six places.
    Decimal,
    /// An exact decimal that must not be negative.
    Amount,
    /// `true` or `false`.
    Boolean,
    /// One of a closed list.
    Choice(&'static [&'static str]),
    /// The source's identifier of a row in another table.
    Reference(Table),
}

/// A column of a canonical table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, as in domain 2.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnType,
    /// Whether a row without it is rejected. A column that the mapping does not supply at all
    /// is absent and nothing is rejected for it, unless [`Need::Always`] (domain 2.1).
    pub need: Need,
}

/// When a value must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The mapping has to supply it and no row may leave it blank.
    Always,
    /// Where the mapping supplies it, no row may leave it blank.
    WhereMapped,
    /// It may be blank.
    Never,
}

const fn column(name: &'static str, kind: ColumnType, need: Need) -> Column {
    Column { name, kind, need }
}

use ColumnType::{Amount, Boolean, Choice, Date, Decimal, PersonalText, Reference, Text, Timestamp};
use Need::{Always, Never, WhereMapped};

const TEAM: &[Column] =
    &[column("name", Text, Always), column("parent_team_id", Reference(Table::Team), Never)];

const EMPLOYEE: &[Column] = &[
    column("display_name", PersonalText, Always),
    column("email", PersonalText, Never),
    column("role", Text, WhereMapped),
    column("level", Text, Never),
    column("hire_date", Date, Never),
    column("role_start_date", Date, Never),
    column("end_date", Date, Never),
];

const TEAM_ASSIGNMENT: &[Column] = &[
    column("employee_id", Reference(Table::Employee), Always),
    column("team_id", Reference(Table::Team), Always),
    column("valid_from", Date, Never),
    column("valid_to", Date, Never),
    column("is_primary", Boolean, WhereMapped),
];

const MANAGER_ASSIGNMENT: &[Column] = &[
    column("employee_id", Reference(Table::Employee), Always),
    column("manager_id", Reference(Table::Employee), Always),
    column("valid_from", Date, Never),
    column("valid_to", Date, Never),
    column("kind", Choice(&["line", "dotted"]), WhereMapped),
];

const ACCOUNT: &[Column] = &[
    column("name", Text, Always),
    column("segment", Text, Never),
    column("industry", Text, Never),
    column("region", Text, Never),
    column("country", Text, Never),
    column("employee_count", Decimal, Never),
];

const PRODUCT: &[Column] = &[
    column("name", Text, Always),
    column("family", Text, Never),
    column("list_price", Amount, Never),
    column("list_price_ccy", Text, Never),
];

const OPPORTUNITY: &[Column] = &[
    column("name", Text, Never),
    column("account_id", Reference(Table::Account), Never),
    column("owner_id", Reference(Table::Employee), Never),
    column("product_id", Reference(Table::Product), Never),
    column("type", Choice(&["new", "expansion", "renewal"]), Never),
    column("created_at", Timestamp, Never),
    column("stage", Text, WhereMapped),
    column("outcome", Choice(&["open", "won", "lost"]), Always),
    column("close_date", Date, Never),
    column("amount", Decimal, Never),
    column("amount_ccy", Text, Never),
    column("list_amount", Decimal, Never),
    column("lost_reason", Text, Never),
    column("competitor", Text, Never),
    column("next_step_on", Date, Never),
];

impl Table {
    /// Every table, in order of dependency.
    pub const ALL: [Table; 7] = [
        Table::Team,
        Table::Employee,
        Table::TeamAssignment,
        Table::ManagerAssignment,
        Table::Account,
        Table::Product,
        Table::Opportunity,
    ];

    /// The name used in mappings, files, definitions and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Table::Team => "team",
            Table::Employee => "employee",
            Table::TeamAssignment => "team_assignment",
            Table::ManagerAssignment => "manager_assignment",
            Table::Account => "account",
            Table::Product => "product",
            Table::Opportunity => "opportunity",
        }
    }

    /// The table of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The business columns, in their fixed order. The row's own identifier comes from the
    /// mapping's `key` and is not among them.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Table::Team => TEAM,
            Table::Employee => EMPLOYEE,
            Table::TeamAssignment => TEAM_ASSIGNMENT,
            Table::ManagerAssignment => MANAGER_ASSIGNMENT,
            Table::Account => ACCOUNT,
            Table::Product => PRODUCT,
            Table::Opportunity => OPPORTUNITY,
        }
    }

    /// Position and definition of a column.
    #[must_use]
    pub fn column(self, name: &str) -> Option<(usize, &'static Column)> {
        self.columns().iter().enumerate().find(|(_, column)| column.name == name)
    }

    /// Name of the identifier column, where rows of this table can be referred to.
    #[must_use]
    pub fn id_column(self) -> Option<&'static str> {
        match self {
            Table::Team => Some("team_id"),
            Table::Employee => Some("employee_id"),
            Table::Account => Some("account_id"),
            Table::Product => Some("product_id"),
            Table::Opportunity => Some("opportunity_id"),
            Table::TeamAssignment | Table::ManagerAssignment => None,
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
