//! Domain 4.8: forecast.
//!
//! A pair is a person and a quarter with a submission made before the quarter began; the last such
//! one counts. The actual is the person's credited bookings of the quarter, wherever they moved in
//! it; the region is the one they were in when it began.

use super::check::{ALL, Reading, agree, checks};

const PAIRS: &str = "SELECT f.employee_id AS rep, f.period_id AS quarter, 'company' AS company, f.value AS said,
       (SELECT p.region FROM placed p WHERE p.rep = f.employee_id AND p.since <= q.starts AND q.starts < p.until) AS region,
       coalesce((SELECT sum(c.cents) FROM credited c WHERE c.kind = 'primary' AND c.rep = f.employee_id AND c.quarter = f.period_id), 0) AS actual
  FROM forecast_submission f JOIN quarter q ON q.key = f.period_id
  WHERE f.submitted_at_on < q.starts AND NOT EXISTS (
    SELECT 1 FROM forecast_submission l WHERE l.employee_id = f.employee_id AND l.period_id = f.period_id
    AND l.submitted_at_on < q.starts AND l.submitted_at > f.submitted_at)";

checks! {
    wape: ALL, Ratio,
        &format!("SELECT {{s}} AS subject, quarter, sum(abs(actual - said)) / 100.0 AS above, sum(abs(actual)) / 100.0 AS below
                  FROM ({PAIRS}) GROUP BY 1, 2");

    forecast_bias: ALL, Ratio,
        &format!("SELECT {{s}} AS subject, quarter, sum(said - actual) / 100.0 AS above, sum(actual) / 100.0 AS below,
                         CASE WHEN sum(actual) < 0 THEN 'E17' END AS code FROM ({PAIRS}) GROUP BY 1, 2");

    forecast_accuracy: ALL, Figure,
        &format!("SELECT {{s}} AS subject, quarter, max(0, 1 - sum(abs(actual - said)) * 1.0 / nullif(sum(abs(actual)), 0)) AS value
                  FROM ({PAIRS}) GROUP BY 1, 2");
}

/// Due from everyone with a quota in the quarter; in time before it begins.
#[test]
fn forecast_coverage() {
    let query = format!(
        "SELECT {{s}} AS subject, quarter, sum(is_made) AS above, count(*) AS below FROM (
           SELECT t.subject_id AS rep, t.period_id AS quarter, 'company' AS company,
                  (SELECT p.region FROM placed p WHERE p.rep = t.subject_id AND p.since <= q.starts AND q.starts < p.until) AS region,
                  EXISTS (SELECT 1 FROM ({PAIRS}) f WHERE f.rep = t.subject_id AND f.quarter = t.period_id) AS is_made
           FROM (SELECT DISTINCT subject_id, period_id FROM target WHERE subject_kind = 'employee' AND kind = 'quota') t
           JOIN quarter q ON q.key = t.period_id) GROUP BY 1, 2"
    );
    agree("forecast_coverage", ALL, Reading::Ratio, &query);
}
