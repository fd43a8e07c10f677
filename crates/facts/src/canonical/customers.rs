//! Customers and the parts of the market they lie in (domain 2.10, 2.11, contracts and surveys of
//! 2.22).

use super::ColumnType::{Amount, Choice, Currency, Date, Decimal, Reference, Share, Text, Timestamp};
use super::column::{always, filled, optional};
use super::definition::{Constraint, Definition, Identifier, PLAIN, VALIDITY, one_at_a_time};
use super::people::{EMPLOYEE_ID, VALID_FROM, VALID_TO};
use super::{Column, Table};

/// The account that a row is about.
pub(super) const ACCOUNT_ID: Column = always("account_id", Reference(Table::Account));

pub(super) const TERRITORY: Definition = Definition {
    name: "territory",
    meaning: "a part of the market, with what could be sold there in a year",
    identifier: Identifier::Given { column: "territory_id", prefix: "territory" },
    columns: &[
        filled("name", Text),
        filled("region", Text),
        optional("parent_id", Reference(Table::Territory)),
        optional("potential", Amount),
        optional("potential_ccy", Currency),
    ],
    constraints: &[Constraint::Forest { parent: "parent_id" }],
    ..PLAIN
};

pub(super) const TERRITORY_ASSIGNMENT: Definition = Definition {
    name: "territory_assignment",
    meaning: "a person works a share of a territory",
    columns: &[
        always("territory_id", Reference(Table::Territory)),
        EMPLOYEE_ID,
        VALID_FROM,
        VALID_TO,
        filled("share", Share),
    ],
    range: VALIDITY,
    constraints: &[Constraint::AtMostOne { per: &["territory_id"], share: Some("share"), except: None }],
    ..PLAIN
};

pub(super) const ACCOUNT: Definition = Definition {
    name: "account",
    meaning: "a customer or prospect",
    identifier: Identifier::Given { column: "account_id", prefix: "account" },
    columns: &[
        always("name", Text),
        optional("segment", Text),
        optional("industry", Text),
        optional("region", Text),
        optional("country", Text),
        optional("employee_count", Decimal),
        optional("parent_account_id", Reference(Table::Account)),
        optional("owner_id", Reference(Table::Employee)),
        filled("created_at", Timestamp),
        optional("became_customer_on", Date),
        optional("currency", Currency),
    ],
    events: &["created_at"],
    ..PLAIN
};

pub(super) const ACCOUNT_OWNER: Definition = Definition {
    name: "account_owner",
    meaning: "a person owned an account",
    columns: &[ACCOUNT_ID, EMPLOYEE_ID, VALID_FROM, VALID_TO],
    range: VALIDITY,
    constraints: &[one_at_a_time(&["account_id"])],
    ..PLAIN
};

pub(super) const ACCOUNT_TERRITORY: Definition = Definition {
    name: "account_territory",
    meaning: "an account lay in a territory",
    columns: &[ACCOUNT_ID, always("territory_id", Reference(Table::Territory)), VALID_FROM, VALID_TO],
    range: VALIDITY,
    constraints: &[one_at_a_time(&["account_id"])],
    ..PLAIN
};

pub(super) const CONTRACT: Definition = Definition {
    name: "contract",
    meaning: "an agreement with an account that ends or renews; `to` is the day after the last",
    identifier: Identifier::Derived { column: "contract_id", prefix: "contract" },
    columns: &[
        ACCOUNT_ID,
        optional("product_id", Reference(Table::Product)),
        filled("from", Date),
        optional("to", Date),
        optional("renewal_due_on", Date),
    ],
    range: Some(("from", "to")),
    events: &["from"],
    ..PLAIN
};

pub(super) const SURVEY_RESPONSE: Definition = Definition {
    name: "survey_response",
    meaning: "a customer's answer to a survey",
    columns: &[
        ACCOUNT_ID,
        optional("employee_id", Reference(Table::Employee)),
        filled("kind", Choice(&["csat", "nps"])),
        filled("score", Decimal),
        filled("responded_at", Timestamp),
    ],
    events: &["responded_at"],
    ..PLAIN
};
