//! Domain 4.4: pipeline.

use super::check::{ALL, COMPANY, Reading, agree_by, agree_from, checks};

/// Entries to an open stage, and what became of them: later in a further stage or won, lost, or
/// neither yet.
const ENTRIES: &str = "SELECT e.id, e.to_stage AS stage, 'company' AS company, e.rep, q.key AS quarter,
       (SELECT p.region FROM placed p WHERE p.rep = e.rep AND p.since <= e.changed_at_on AND e.changed_at_on < p.until) AS region,
       (d.outcome = 'won' OR EXISTS (SELECT 1 FROM move l WHERE l.opportunity_id = e.opportunity_id
                                     AND l.place > e.place AND l.step > e.step)) AS is_converted,
       d.outcome = 'open' AS is_open
  FROM (SELECT m.*, coalesce((SELECT o.employee_id FROM owned o WHERE o.opportunity_id = m.opportunity_id
                              AND o.since <= m.changed_at AND m.changed_at < o.until), d.owner_id) AS rep
        FROM move m JOIN deal d ON d.id = m.opportunity_id) e
  JOIN deal d ON d.id = e.opportunity_id
  JOIN quarter q ON e.changed_at_on >= q.starts AND e.changed_at_on < q.ends
  WHERE e.step BETWEEN 1 AND 4";

const TRAILING: &str = "SELECT {s} AS subject, q.key AS quarter, w.outcome, w.cents, w.cycle_days
  FROM decided w JOIN quarter p ON p.key = w.quarter JOIN quarter q
  ON p.starts <= q.starts AND p.starts > date(q.starts, '-12 months')";

checks! {
    opps_created: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM created GROUP BY 1, 2";

    open_pipeline: ALL, Money,
        "SELECT {s} AS subject, quarter, coalesce(sum(cents), 0) / 100.0 AS above, count(cents) AS rated,
                sum(amount IS NOT NULL AND cents IS NULL) AS unrated, sum(amount IS NULL) AS nulls, count(*) AS rows
         FROM open_at GROUP BY 1, 2";

    // The probability of a stage is the company's: won ÷ decided by then, of all deals that were
    // ever in it. Every rep has had fewer than twenty deals in a stage, or is close to it.
    weighted_pipeline: COMPANY, Figure,
        "SELECT 'company' AS subject, o.quarter, sum(o.cents * p.won / p.decided) / 100.0 AS value
         FROM open_at o JOIN (
           SELECT q.key AS quarter, m.to_stage, sum(d.outcome = 'won') * 1.0 AS won, count(*) AS decided
           FROM (SELECT DISTINCT opportunity_id, to_stage FROM move WHERE step BETWEEN 1 AND 4) m
           JOIN deal d ON d.id = m.opportunity_id AND d.outcome <> 'open' JOIN quarter q ON d.close_date <= q.at_on
           GROUP BY 1, 2) p ON p.quarter = o.quarter AND p.to_stage = o.stage_then
         GROUP BY 2";

    pipeline_coverage: ALL, Ratio,
        "SELECT q.subject, q.quarter, q.unsaid, q.opened AS above, max(q.quota - q.credit, 0) / 100.0 AS below,
                CASE WHEN q.quota IS NULL THEN 'E4' END AS code
         FROM (SELECT s.subject, k.key AS quarter,
                 (SELECT o.cents FROM quota_of o WHERE o.level = '{s}' AND o.subject = s.subject AND o.quarter = k.key) AS quota,
                 coalesce((SELECT sum(c.cents) FROM credited c WHERE c.kind = 'primary' AND c.{s} = s.subject AND c.quarter = k.key), 0) AS credit,
                 coalesce((SELECT sum(o.cents) / 100.0 FROM open_at o WHERE o.{s} = s.subject AND o.quarter = k.key
                           AND o.expected >= k.starts AND o.expected < k.ends), 0) AS opened,
                 (SELECT count(*) > 0 AND count(o.amount) = 0 FROM open_at o WHERE o.{s} = s.subject AND o.quarter = k.key
                           AND o.expected >= k.starts AND o.expected < k.ends) AS unsaid
               FROM (SELECT DISTINCT {s} AS subject FROM present WHERE {s} IS NOT NULL
                     UNION SELECT NULL WHERE '{s}' <> 'company') s JOIN quarter k) q";

    pipeline_created_value: ALL, Money,
        "SELECT {s} AS subject, quarter, coalesce(sum(first_cents), 0) / 100.0 AS above, count(first_cents) AS rated,
                sum(first_amount IS NOT NULL AND first_cents IS NULL) AS unrated, sum(first_amount IS NULL) AS nulls, count(*) AS rows,
                sum(NOT EXISTS (SELECT 1 FROM move m WHERE m.opportunity_id = created.id)) AS truncated
         FROM created GROUP BY 1, 2";

    stale_pipeline_share: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(CASE WHEN is_stale THEN cents ELSE 0 END) / 100.0 AS above,
                sum(cents) / 100.0 AS below, count(cents) AS rated, sum(amount IS NOT NULL AND cents IS NULL) AS unrated
         FROM (SELECT *, expected < at_on OR NOT EXISTS (
                 SELECT 1 FROM activity a WHERE a.opportunity_id = o.id AND a.occurred_at <= o.at
                 AND julianday(o.at) - julianday(a.occurred_at) < 30) AS is_stale FROM open_at o)
         GROUP BY 1, 2";

    // A postponement is a move whose expected close lies in a later month than the move before said.
    pushes_per_deal: ALL, Ratio,
        "SELECT subject, quarter, sum(pushes) AS above, sum(open) AS below FROM (
           SELECT {s} AS subject, quarter, 0 AS pushes, count(*) AS open FROM open_at GROUP BY 1, 2
           UNION ALL
           SELECT {s}, quarter, count(*), 0 FROM (
             SELECT m.rep, 'company' AS company, q.key AS quarter,
                    (SELECT p.region FROM placed p WHERE p.rep = m.rep AND p.since <= m.changed_at_on AND m.changed_at_on < p.until) AS region
             FROM (SELECT m.*, lag(close_date_at_change) OVER (PARTITION BY opportunity_id ORDER BY place) AS said,
                          coalesce((SELECT o.employee_id FROM owned o WHERE o.opportunity_id = m.opportunity_id
                                    AND o.since <= m.changed_at AND m.changed_at < o.until), d.owner_id) AS rep
                   FROM move m JOIN deal d ON d.id = m.opportunity_id WHERE m.close_date_at_change IS NOT NULL) m
             JOIN quarter q ON m.changed_at_on >= q.starts AND m.changed_at_on < q.ends
             WHERE substr(m.close_date_at_change, 1, 7) > substr(m.said, 1, 7)) GROUP BY 1, 2)
         GROUP BY 1, 2";

    // Both amounts at the rate of the close date; deals without a known amount thirty days before are left out.
    amount_slippage: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(cents - before) / 100.0 AS above, sum(before) / 100.0 AS below
         FROM (SELECT w.*, (SELECT x.cents FROM worth x WHERE x.ccy = w.amount_ccy AND x.day = w.close_date AND x.amount =
                 (SELECT m.amount_at_change FROM move m WHERE m.opportunity_id = w.id
                  AND m.changed_at_on <= date(w.close_date, '-30 days') ORDER BY m.place DESC LIMIT 1)) AS before FROM won w)
         WHERE before IS NOT NULL AND cents IS NOT NULL GROUP BY 1, 2";

    stage_conversion: ALL, Ratio,
        &format!("SELECT {{s}} AS subject, quarter, sum(is_converted) AS above, sum(is_converted OR NOT is_open) AS below,
                         sum(NOT is_converted AND is_open) AS immature FROM ({ENTRIES}) GROUP BY 1, 2");

    // Civil days from the move into a stage to the move out of it; leaving a closed stage is none.
    time_in_stage: ALL, Figure,
        "SELECT subject, quarter, avg(days) AS value, max(rows) AS n FROM (
           SELECT {s} AS subject, quarter, days, row_number() OVER (PARTITION BY {s}, quarter ORDER BY days) AS place,
                  count(*) OVER (PARTITION BY {s}, quarter) AS rows
           FROM (SELECT m.rep, 'company' AS company, q.key AS quarter, m.days,
                        (SELECT p.region FROM placed p WHERE p.rep = m.rep AND p.since <= m.changed_at_on AND m.changed_at_on < p.until) AS region
                 FROM (SELECT m.*, julianday(m.changed_at_on) - julianday(f.changed_at_on) AS days,
                              coalesce((SELECT o.employee_id FROM owned o WHERE o.opportunity_id = m.opportunity_id
                                        AND o.since <= m.changed_at AND m.changed_at < o.until), d.owner_id) AS rep
                       FROM move m JOIN move f ON f.opportunity_id = m.opportunity_id AND f.place = m.place - 1 AND f.step BETWEEN 1 AND 4
                       JOIN deal d ON d.id = m.opportunity_id) m
                 JOIN quarter q ON m.changed_at_on >= q.starts AND m.changed_at_on < q.ends))
         WHERE place IN ((rows + 1) / 2, (rows + 2) / 2) GROUP BY 1, 2";
}

#[test]
fn stage_conversion_by_stage() {
    let query = format!(
        "SELECT stage AS subject, quarter, sum(is_converted) AS above, sum(is_converted OR NOT is_open) AS below,
                sum(NOT is_converted AND is_open) AS immature FROM ({ENTRIES}) GROUP BY 1, 2"
    );
    agree_by("stage_conversion", "stage", Reading::Ratio, &query);
}

/// Outcomes of the last four quarters, open deals of now: known from the fourth quarter on.
#[test]
fn sales_velocity() {
    let query = format!(
        "SELECT f.subject, f.quarter, coalesce(o.open, 0) * f.win_rate * f.size / f.cycle AS value FROM (
           SELECT subject, quarter, sum(outcome = 'won') * 1.0 / count(*) AS win_rate,
                  avg(CASE WHEN outcome = 'won' THEN cents END) / 100.0 AS size,
                  avg(CASE WHEN outcome = 'won' THEN cycle_days END) AS cycle
           FROM ({TRAILING}) GROUP BY 1, 2) f
         LEFT JOIN (SELECT {{s}} AS subject, quarter, count(*) AS open FROM open_at GROUP BY 1, 2) o
         ON o.subject IS f.subject AND o.quarter = f.quarter"
    );
    agree_from("sales_velocity", ALL, Reading::Figure, &query, "2024-Q4");
}
