//! Cells that are empty although metrics need them. A column that a source's mapping does not fill is
//! not empty but not supplied; what may well be empty, as the end of something that goes on, is not
//! looked at.

use attain_facts::canonical::{Column, ColumnType, Table};
use datafusion::prelude::{Expr, lit};

use super::check::EMPTY;
use super::ground::Ground;
use super::probe::{Among, Probe};
use crate::plan::column;

pub(super) fn probes(ground: &Ground<'_>) -> Vec<Probe> {
    let mut probes = Vec::new();
    for table in ground.tables() {
        for name in ground.needed(table).into_iter().filter(|name| ground.supplies(table, name)) {
            let Some(applies) = expected(table, name) else { continue };
            let among = Among { applies, fails: column(name).is_null() };
            let wrong = format!("{} is empty", name.replace('_', " "));
            let probe = Probe { shown: Vec::new(), ..Probe::rows(&EMPTY, table, &[name], wrong, among) };
            probes.push(probe.part(name));
        }
    }
    probes
}

/// The columns of a table that metrics need and one source does not supply, though its rows ought to
/// have them.
pub(super) fn not_supplied(ground: &Ground<'_>, source: &str, table: Table) -> Vec<&'static str> {
    let needed = ground.needed(table).into_iter();
    needed
        .filter(|name| !ground.supplies_from(source, table, name) && expected(table, name).is_some())
        .collect()
}

/// Among which rows of a table a column ought to be filled; `None` where it may be empty in any.
fn expected(table: Table, name: &str) -> Option<Expr> {
    let (_, definition) = table.column(name)?;
    if may_be_empty(table, definition) {
        return None;
    }
    let outcome = |word: &str| column("outcome").eq(lit(word));
    Some(match (table, name) {
        (Table::Opportunity, "amount" | "list_amount") => column("outcome").not_eq(lit("lost")),
        (Table::Opportunity, "lost_reason") => outcome("lost"),
        (Table::Opportunity, "probability" | "forecast_category") => outcome("open"),
        (Table::OpportunityStageHistory, "amount_at_change" | "close_date_at_change") => return None,
        (Table::Activity, "duration_s" | "outcome") => {
            column("kind").in_list(["call", "meeting", "demo", "visit"].map(lit).to_vec(), false)
        }
        _ => lit(true),
    })
}

/// What has no value yet, or none of its own: ends, things that need not happen, currencies (blank is
/// the company's), references beside the one that a row is about. Owners have checks of their own,
/// and closed deals without a close date are rejected.
fn may_be_empty(table: Table, column: &Column) -> bool {
    let bounds = table.range().is_some_and(|(from, to)| [from, to].contains(&column.name));
    let about = [(Table::Opportunity, "account_id"), (Table::Opportunity, "product_id")];
    let is_reference = matches!(column.kind, ColumnType::Reference(_) | ColumnType::Subject(_));
    let need_not_happen = matches!(
        (table, column.name),
        (Table::Opportunity, "close_date" | "next_step_on" | "recurring_amount" | "competitor")
            | (Table::Lead, "mql_at" | "sql_at" | "first_touch_at" | "converted_at" | "disqualified_reason")
            | (Table::OpportunityStageHistory, "from_stage")
            | (Table::Activity, "talk_s_employee" | "talk_s_customer" | "thread_id")
            | (Table::InvoiceLine, "paid_on" | "service_from" | "service_to")
            | (Table::Contract, "renewal_due_on")
            | (Table::TrainingAssignment, "completed_on")
            | (Table::Target, "weight" | "rationale" | "approved_at")
            | (Table::Account, "became_customer_on")
            | (Table::Employee, "end_date")
    );
    bounds
        || need_not_happen
        || column.kind == ColumnType::Currency
        || (is_reference && !about.contains(&(table, column.name)))
}
