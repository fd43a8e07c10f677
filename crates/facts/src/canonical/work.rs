//! What sellers do before and around deals: leads and activities (domain 2.13, 2.18).

use super::ColumnType::{Choice, Count, Reference, Text, Timestamp};
use super::Table;
use super::column::{always, filled, optional};
use super::definition::{Definition, Identifier, Layout, PLAIN, VALIDITY, one_at_a_time};
use super::people::EMPLOYEE_ID;

pub(super) const LEAD: Definition = Definition {
    name: "lead",
    meaning: "a possible customer's interest, before it is a deal",
    identifier: Identifier::Derived { column: "lead_id", prefix: "lead" },
    columns: &[
        filled("created_at", Timestamp),
        optional("source", Text),
        optional("campaign", Text),
        optional("owner_id", Reference(Table::Employee)),
        filled("status", Choice(&["new", "working", "qualified", "converted", "disqualified", "recycled"])),
        optional("mql_at", Timestamp),
        optional("sql_at", Timestamp),
        optional("first_touch_at", Timestamp),
        optional("converted_at", Timestamp),
        optional("converted_opportunity_id", Reference(Table::Opportunity)),
        optional("converted_account_id", Reference(Table::Account)),
        optional("segment", Text),
        optional("region", Text),
        optional("disqualified_reason", Text),
    ],
    events: &["created_at"],
    layout: Layout::Monthly { of: "created_at", sorted_by: "owner_id" },
    ..PLAIN
};

/// Ownership changes hands within a day, so its times are instants.
pub(super) const LEAD_OWNER: Definition = Definition {
    name: "lead_owner",
    meaning: "a person owned a lead",
    columns: &[
        always("lead_id", Reference(Table::Lead)),
        EMPLOYEE_ID,
        optional("valid_from", Timestamp),
        optional("valid_to", Timestamp),
    ],
    range: VALIDITY,
    constraints: &[one_at_a_time(&["lead_id"])],
    ..PLAIN
};

pub(super) const ACTIVITY: Definition = Definition {
    name: "activity",
    meaning: "a call, message, meeting or other piece of work; never its text",
    identifier: Identifier::Derived { column: "activity_id", prefix: "activity" },
    columns: &[
        EMPLOYEE_ID,
        filled("kind", Choice(&["call", "email", "meeting", "demo", "visit", "message", "other"])),
        filled("direction", Choice(&["in", "out", "internal"])),
        always("occurred_at", Timestamp),
        optional("duration_s", Count),
        optional("talk_s_employee", Count),
        optional("talk_s_customer", Count),
        optional(
            "outcome",
            Choice(&["connected", "no_answer", "held", "no_show", "cancelled", "replied", "bounced"]),
        ),
        optional("lead_id", Reference(Table::Lead)),
        optional("account_id", Reference(Table::Account)),
        optional("opportunity_id", Reference(Table::Opportunity)),
        optional("logged_at", Timestamp),
        optional("thread_id", Text),
    ],
    events: &["occurred_at"],
    layout: Layout::Monthly { of: "occurred_at", sorted_by: "employee_id" },
    ..PLAIN
};
