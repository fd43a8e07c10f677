//! Domain 4.2: activity.

use super::check::{ALL, REP, checks};

checks! {
    calls_made: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM act
         WHERE kind = 'call' AND direction = 'out' GROUP BY 1, 2";

    connect_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(coalesce(outcome, '') = 'connected') AS above, count(*) AS below, count(*) AS n
         FROM act WHERE kind = 'call' AND direction = 'out' GROUP BY 1, 2";

    emails_sent: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM act
         WHERE kind = 'email' AND direction = 'out' GROUP BY 1, 2";

    // A thread belongs to whoever sent its first mail; 14 days are 14 times 24 hours, and a thread
    // is mature when 14 civil days have passed.
    reply_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(is_mature AND is_answered) AS above, sum(is_mature) AS below,
                sum(NOT is_mature) AS immature, sum(is_mature) AS n
         FROM (SELECT f.*, date(f.day, '+14 days') <= '{known_on}' AS is_mature,
                      EXISTS (SELECT 1 FROM act r WHERE r.thread_id = f.thread_id AND r.kind = 'email' AND r.direction = 'in'
                        AND r.occurred_at >= f.occurred_at
                        AND julianday(r.occurred_at) - julianday(f.occurred_at) <= 14) AS is_answered
               FROM act f WHERE f.kind = 'email' AND f.direction = 'out' AND f.thread_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM activity e WHERE e.thread_id = f.thread_id AND e.kind = 'email'
                               AND e.occurred_at < f.occurred_at))
         GROUP BY 1, 2";

    meetings_held: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM act
         WHERE kind IN ('meeting', 'demo', 'visit') AND outcome = 'held' GROUP BY 1, 2";

    meetings_unknown: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM act
         WHERE kind IN ('meeting', 'demo', 'visit') AND outcome IS NULL GROUP BY 1, 2";

    no_show_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(outcome = 'no_show') AS above, count(*) AS below, count(*) AS n FROM act
         WHERE kind IN ('meeting', 'demo', 'visit') AND outcome IN ('held', 'no_show') GROUP BY 1, 2";

    // Working days of a quarter that is not over count up to the day of asking.
    active_days: REP, Ratio,
        "SELECT subject, quarter, sum(active) AS above, sum(working) AS below FROM (
           SELECT rep AS subject, quarter, count(DISTINCT day) AS active, 0 AS working FROM act WHERE direction = 'out' GROUP BY 1, 2
           UNION ALL SELECT rep, quarter, 0, count(*) FROM worked GROUP BY 1, 2) GROUP BY 1, 2";

    accounts_touched: ALL, Count,
        "SELECT {s} AS subject, quarter, count(DISTINCT account_id) AS above FROM act
         WHERE direction = 'out' GROUP BY 1, 2";
}
