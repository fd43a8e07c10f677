//! Domain 4.7: efficiency and discipline.

use super::check::{ALL, COMPANY, GROUPS, checks};

checks! {
    activities_per_win: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(linked) AS above, count(*) AS below FROM (
           SELECT w.*, (SELECT count(*) FROM activity a WHERE a.opportunity_id = w.id AND a.direction = 'out'
                        AND a.occurred_at <= '{known}') AS linked FROM won w) GROUP BY 1, 2";

    calls_per_meeting: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(kind = 'call' AND direction = 'out') AS above,
                sum(kind IN ('meeting', 'demo', 'visit') AND coalesce(outcome, '') = 'held') AS below FROM act GROUP BY 1, 2";

    revenue_per_working_day: ALL, Ratio,
        "SELECT subject, quarter, sum(cents) / 100.0 AS above, sum(working) AS below FROM (
           SELECT {s} AS subject, quarter, cents, 0 AS working FROM credited WHERE kind = 'primary'
           UNION ALL SELECT {s}, quarter, 0, count(*) FROM worked GROUP BY 1, 2) GROUP BY 1, 2";

    discount_rate: ALL, Figure,
        "SELECT {s} AS subject, quarter,
                1 - sum(CASE WHEN list_cents IS NOT NULL THEN cents END) * 1.0 / sum(CASE WHEN cents IS NOT NULL THEN list_cents END) AS value,
                sum(amount IS NULL OR list_amount IS NULL) AS nulls, count(*) AS rows FROM won GROUP BY 1, 2";

    discount_depth_tail: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(amount < 0.8 * list_amount) AS above, count(*) AS below, count(*) AS n
         FROM won WHERE amount IS NOT NULL AND list_amount IS NOT NULL GROUP BY 1, 2";

    // The last tenth begins with the working day that brings the share of days past nine tenths.
    end_of_period_share: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(CASE WHEN close_date >= last_tenth THEN cents ELSE 0 END) / 100.0 AS above,
                sum(cents) / 100.0 AS below
         FROM (SELECT c.*, (SELECT min(day) FROM (
                 SELECT d.day, row_number() OVER (ORDER BY d.day) AS place, count(*) OVER () AS days
                 FROM day d JOIN quarter q ON q.key = c.quarter WHERE d.working = 1 AND d.day >= q.starts AND d.day < q.ends)
                 WHERE place > 0.9 * days) AS last_tenth FROM credited c WHERE c.kind = 'primary')
         GROUP BY 1, 2";

    cost_of_sale: GROUPS, Ratio,
        "SELECT subject, quarter, sum(cost) / 100.0 AS above, sum(booked) / 100.0 AS below FROM (
           SELECT {s} AS subject, quarter, 0 AS cost, cents AS booked FROM won
           UNION ALL SELECT {s}, quarter, cost, 0 FROM (
             SELECT q.key AS quarter, 'company' AS company, c.pay + c.expense AS cost,
                    (SELECT p.region FROM placed p WHERE p.rep = c.employee_id AND p.since <= c.month AND c.month < p.until) AS region
             FROM selling_cost c JOIN quarter q ON c.month >= q.starts AND c.month < q.ends)) GROUP BY 1, 2";

    span_of_control: COMPANY, Ratio,
        "SELECT 'company' AS subject, q.key AS quarter, count(*) AS above, count(DISTINCT m.manager_id) AS below
         FROM manager_assignment m JOIN quarter q ON coalesce(m.valid_from, '0000') <= q.at_on AND q.at_on < coalesce(m.valid_to, '9999')
         WHERE m.kind = 'line' GROUP BY 2";
}
