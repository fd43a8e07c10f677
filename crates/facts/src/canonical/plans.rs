//! What is to be reached, and what people said they would reach (domain 2.19).

use super::ColumnType::{Amount, Choice, Currency, Decimal, Reference, Subject, Text, Timestamp};
use super::Table;
use super::column::{always, filled, optional};
use super::deals::FORECAST_CATEGORIES;
use super::definition::{Definition, Identifier, PLAIN, VALIDITY, one_at_a_time};
use super::people::{EMPLOYEE_ID, VALID_FROM, VALID_TO};

pub(super) const TARGET: Definition = Definition {
    name: "target",
    meaning: "what is to be reached in a period; `period_id` is the period's key, such as 2024-Q1",
    identifier: Identifier::Derived { column: "target_id", prefix: "target" },
    columns: &[
        always("kpi_id", Text),
        always("subject_kind", Choice(&["employee", "team", "territory", "company"])),
        always("subject_id", Subject("subject_kind")),
        always("period_id", Text),
        filled("value", Decimal),
        optional("currency", Currency),
        filled(
            "kind",
            Choice(&["quota", "target", "threshold", "stretch", "band_low", "band_high", "baseline"]),
        ),
        optional("weight", Amount),
        VALID_FROM,
        VALID_TO,
        optional("approved_by", Reference(Table::Employee)),
        optional("approved_at", Timestamp),
        optional("rationale", Text),
    ],
    range: VALIDITY,
    // Within a period a target may change (T16), but there is one at a time.
    constraints: &[one_at_a_time(&["subject_kind", "subject_id", "period_id", "kind", "kpi_id"])],
    ..PLAIN
};

pub(super) const FORECAST_SUBMISSION: Definition = Definition {
    name: "forecast_submission",
    meaning: "what a person said they would reach; a row per submission, never edited",
    columns: &[
        EMPLOYEE_ID,
        always("period_id", Text),
        always("kpi_id", Text),
        filled("value", Decimal),
        filled("category", Choice(FORECAST_CATEGORIES)),
        filled("submitted_at", Timestamp),
    ],
    events: &["submitted_at"],
    ..PLAIN
};
