//! The people of a manager, as of the day each fact counts for (T4, T6): what a manager sells is
//! theirs and part of their people's.

use attain_metrics::Level;

use super::check::{Reading, agree};

/// The line manager of a row's person on a day; managers stand under themselves while they lead.
fn manager_on(day: &str) -> String {
    let valid = format!(
        "m.kind = 'line' AND coalesce(m.valid_from, '0000') <= x.{day} AND x.{day} < coalesce(m.valid_to, '9999')"
    );
    format!(
        "coalesce((SELECT max(m.manager_id) FROM manager_assignment m WHERE m.manager_id = x.rep AND {valid}),
                  (SELECT m.manager_id FROM manager_assignment m WHERE m.employee_id = x.rep AND {valid}))"
    )
}

fn agree_under_managers(metric: &str, reading: Reading, table: &str, day: &str, figures: &str) {
    let manager = manager_on(day);
    let query = format!("SELECT {manager} AS subject, quarter, {figures} FROM {table} x GROUP BY 1, 2");
    agree(metric, &[Level::Manager], reading, &query);
}

#[test]
fn bookings_of_a_managers_people() {
    agree_under_managers(
        "bookings",
        Reading::Money,
        "won",
        "close_date",
        "coalesce(sum(cents), 0) / 100.0 AS above",
    );
}

#[test]
fn credited_bookings_of_a_managers_people() {
    let primary = "(SELECT * FROM credited WHERE kind = 'primary')";
    agree_under_managers(
        "credited_bookings",
        Reading::Money,
        primary,
        "close_date",
        "sum(cents) / 100.0 AS above",
    );
}

#[test]
fn win_rate_count_of_a_managers_people() {
    let figures = "sum(outcome = 'won') AS above, count(*) AS below, count(*) AS n";
    agree_under_managers("win_rate_count", Reading::Ratio, "decided", "close_date", figures);
}

#[test]
fn calls_made_by_a_managers_people() {
    let calls = "(SELECT * FROM act WHERE kind = 'call' AND direction = 'out')";
    agree_under_managers("calls_made", Reading::Count, calls, "day", "count(*) AS above");
}

#[test]
fn leads_created_of_a_managers_people() {
    agree_under_managers("leads_created", Reading::Count, "lead_in", "created_at_on", "count(*) AS above");
}

#[test]
fn open_deals_with_a_next_step_of_a_managers_people() {
    let figures = "sum(coalesce(next_step_on > at_on, 0) OR EXISTS (
                     SELECT 1 FROM activity a WHERE a.opportunity_id = x.id AND a.occurred_at > x.at)) AS above,
                   count(*) AS below";
    agree_under_managers("next_step_rate", Reading::Ratio, "open_at", "at_on", figures);
}
