//! Domain 4.9: quality, process and development.

use attain_metrics::Code;

use super::Checked;
use super::check::{ALL, MEMBERS, checks};

checks! {
    // The text leaves the required fields open: account, amount, close date, next step, stage.
    crm_completeness: ALL, Figure,
        "SELECT {s} AS subject, quarter, sum((account_id IS NOT NULL) + (amount IS NOT NULL) + (close_date IS NOT NULL)
                + (next_step_on IS NOT NULL) + (stage IS NOT NULL)) / (5.0 * count(*)) AS value FROM open_at GROUP BY 1, 2";

    next_step_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(coalesce(next_step_on > at_on, 0) OR EXISTS (
                  SELECT 1 FROM activity a WHERE a.opportunity_id = o.id AND a.occurred_at > o.at)) AS above,
                count(*) AS below, count(*) AS n FROM open_at o GROUP BY 1, 2";

    logging_lag: MEMBERS, Figure,
        "SELECT subject, quarter, avg(hours) AS value, max(rows) AS n FROM (
           SELECT {s} AS subject, quarter, hours, count(*) OVER (PARTITION BY {s}, quarter) AS rows,
                  row_number() OVER (PARTITION BY {s}, quarter ORDER BY hours) AS place
           FROM (SELECT a.*, round((julianday(logged_at) - julianday(occurred_at)) * 86400) / 3600.0 AS hours
                 FROM act a WHERE logged_at IS NOT NULL))
         WHERE place IN ((rows + 1) / 2, (rows + 2) / 2) GROUP BY 1, 2";

    training_completion: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(completed_on IS NOT NULL) AS above, count(*) AS below, count(*) AS n FROM (
           SELECT t.*, t.employee_id AS rep, 'company' AS company, q.key AS quarter,
                  (SELECT p.region FROM placed p WHERE p.rep = t.employee_id AND p.since <= t.due_on AND t.due_on < p.until) AS region
           FROM training_assignment t JOIN quarter q ON t.due_on >= q.starts AND t.due_on < q.ends
           WHERE t.due_on <= '{known_on}') GROUP BY 1, 2";

    talk_ratio: MEMBERS, Ratio,
        "SELECT {s} AS subject, quarter, sum(talk_s_employee) AS above, sum(talk_s_employee + talk_s_customer) AS below
         FROM act WHERE talk_s_employee IS NOT NULL AND (kind = 'call' AND outcome = 'connected'
              OR kind IN ('meeting', 'demo', 'visit') AND outcome = 'held') GROUP BY 1, 2";
}

/// What Attain has no rows for answers that there is no data, and says which.
fn has_no_data(metric: &str) {
    for number in Checked::company().ask(metric, &[]) {
        assert_eq!((number.value, number.reason()), (None, Some(Code::NoData)), "{number:?}");
        assert!(
            number.missing.is_some_and(|missing| !missing.is_empty()),
            "`{metric}` does not say what is missing"
        );
    }
}

#[test]
fn coaching_sessions() {
    has_no_data("coaching_sessions");
}

#[test]
fn action_item_closure() {
    has_no_data("action_item_closure");
}

#[test]
fn feedback_response() {
    has_no_data("feedback_response");
}

#[test]
fn goal_progress() {
    has_no_data("goal_progress");
}

/// No table says that a lead was merged into another.
#[test]
fn duplicate_rate() {
    has_no_data("duplicate_rate");
}

/// No table says what was committed in a week that has passed.
#[test]
fn commit_conversion() {
    has_no_data("commit_conversion");
}
