//! What is sold, and the deals (domain 2.12, 2.14, 2.15, contacts of 2.22).
//!
//! All amounts of a deal are in its `amount_ccy`, unless they have a currency column of their own
//! that is filled.

use super::ColumnType::{
    Amount, Boolean, Choice, Count, Currency, Date, Decimal, Reference, Share, Text, Timestamp,
};
use super::column::{always, filled, optional};
use super::definition::{Constraint, Definition, Identifier, Layout, PLAIN, VALIDITY, one_at_a_time};
use super::people::{EMPLOYEE_ID, VALID_FROM, VALID_TO};
use super::{Column, Table};

/// What a seller expects of a deal.
pub(super) const FORECAST_CATEGORIES: &[&str] = &["omitted", "pipeline", "best_case", "commit", "closed"];

/// The deal that a row is about.
const OPPORTUNITY_ID: Column = always("opportunity_id", Reference(Table::Opportunity));

pub(super) const PRODUCT: Definition = Definition {
    name: "product",
    meaning: "something that is sold",
    identifier: Identifier::Given { column: "product_id", prefix: "product" },
    columns: &[
        always("name", Text),
        optional("family", Text),
        optional("list_price", Amount),
        optional("list_price_ccy", Currency),
        filled("recurring", Boolean),
        optional("margin_rate", Share),
        VALID_FROM,
        VALID_TO,
    ],
    range: VALIDITY,
    ..PLAIN
};

pub(super) const OPPORTUNITY: Definition = Definition {
    name: "opportunity",
    meaning: "a deal: open, won or lost",
    identifier: Identifier::Derived { column: "opportunity_id", prefix: "deal" },
    columns: &[
        optional("name", Text),
        optional("account_id", Reference(Table::Account)),
        optional("owner_id", Reference(Table::Employee)),
        optional("product_id", Reference(Table::Product)),
        optional("type", Choice(&["new", "expansion", "renewal"])),
        optional("created_at", Timestamp),
        filled("stage", Text),
        always("outcome", Choice(&["open", "won", "lost"])),
        optional("close_date", Date),
        optional("amount", Decimal),
        optional("amount_ccy", Currency),
        optional("list_amount", Decimal),
        optional("lost_reason", Text),
        optional("competitor", Text),
        optional("next_step_on", Date),
        optional("lead_id", Reference(Table::Lead)),
        optional("product_family", Text),
        optional("list_amount_ccy", Currency),
        optional("recurring_amount", Decimal),
        optional("recurring_amount_ccy", Currency),
        optional("probability", Share),
        optional("forecast_category", Choice(FORECAST_CATEGORIES)),
    ],
    events: &["created_at", "close_date"],
    layout: Layout::Deals,
    ..PLAIN
};

/// Ownership changes hands within a day, so its times are instants.
pub(super) const OPPORTUNITY_OWNER: Definition = Definition {
    name: "opportunity_owner",
    meaning: "a person owned a deal",
    columns: &[
        OPPORTUNITY_ID,
        EMPLOYEE_ID,
        optional("valid_from", Timestamp),
        optional("valid_to", Timestamp),
    ],
    range: VALIDITY,
    constraints: &[one_at_a_time(&["opportunity_id"])],
    ..PLAIN
};

pub(super) const CREDIT_SPLIT: Definition = Definition {
    name: "credit_split",
    meaning: "a person has a share of a deal; the primary shares of a deal add up to 1",
    columns: &[
        OPPORTUNITY_ID,
        EMPLOYEE_ID,
        filled("kind", Choice(&["primary", "overlay"])),
        filled("share", Share),
        VALID_FROM,
        VALID_TO,
    ],
    range: VALIDITY,
    constraints: &[Constraint::ExactlyOne {
        per: "opportunity_id",
        share: "share",
        only: ("kind", "primary"),
    }],
    ..PLAIN
};

pub(super) const OPPORTUNITY_STAGE_HISTORY: Definition = Definition {
    name: "opportunity_stage_history",
    meaning: "a move of a deal from stage to stage; `seq` orders moves of the same instant",
    columns: &[
        OPPORTUNITY_ID,
        filled("seq", Count),
        optional("from_stage", Text),
        filled("to_stage", Text),
        filled("changed_at", Timestamp),
        optional("changed_by", Reference(Table::Employee)),
        optional("amount_at_change", Decimal),
        optional("close_date_at_change", Date),
        filled("derived", Boolean),
    ],
    events: &["changed_at"],
    layout: Layout::Monthly { of: "changed_at", sorted_by: "opportunity_id" },
    ..PLAIN
};

pub(super) const OPPORTUNITY_CONTACT: Definition = Definition {
    name: "opportunity_contact",
    meaning: "a person of the customer's takes part in a deal",
    columns: &[OPPORTUNITY_ID, always("contact_id", Text), filled("first_seen_at", Timestamp)],
    events: &["first_seen_at"],
    ..PLAIN
};
