//! Domain 4.5: conversion and outcome.

use super::check::{ALL, COMPANY, GROUPS, Reading, agree_by, agree_from, checks};

/// The median of `figure` over rows of a table, by subject and quarter.
fn median(figure: &str, rows: &str) -> String {
    format!(
        "SELECT subject, quarter, avg(figure) AS value, max(rows) AS n FROM (
           SELECT {{s}} AS subject, quarter, {figure} AS figure, count(*) OVER (PARTITION BY {{s}}, quarter) AS rows,
                  row_number() OVER (PARTITION BY {{s}}, quarter ORDER BY {figure}) AS place
           FROM {rows} AND {figure} IS NOT NULL)
         WHERE place IN ((rows + 1) / 2, (rows + 2) / 2) GROUP BY 1, 2"
    )
}

/// Leads with what they came to: within so many civil days, and whether those have passed (4.10).
fn conversion(days: u32, date: &str, condition: &str) -> String {
    format!(
        "SELECT {{s}} AS subject, quarter, sum(is_mature AND is_converted) AS above, sum(is_mature) AS below,
                sum(NOT is_mature) AS immature, sum(is_mature) AS n
         FROM (SELECT b.*, date(b.created_at_on, '+{days} days') <= '{{known_on}}' AS is_mature,
                 EXISTS (SELECT 1 FROM deal c WHERE (c.lead_id = b.id OR c.id = b.converted_opportunity_id) AND {condition}
                         AND c.{date} >= b.created_at_on AND c.{date} < date(b.created_at_on, '+{days} days')) AS is_converted
               FROM lead_in b)
         GROUP BY 1, 2"
    )
}

/// Columns from which the codes of money follow.
const CODES: &str = "count(cents) AS rated, sum(amount IS NOT NULL AND cents IS NULL) AS unrated,
                     sum(amount IS NULL) AS nulls, count(*) AS rows";

checks! {
    win_rate_count: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(outcome = 'won') AS above, count(*) AS below, count(*) AS n
         FROM decided GROUP BY 1, 2";

    // Codes of both sides of the line come together (domain 5).
    win_rate_value: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(CASE WHEN outcome = 'won' THEN coalesce(cents, 0) ELSE 0 END) / 100.0 AS above,
                sum(cents) / 100.0 AS below, count(cents) AS rated, sum(amount IS NOT NULL AND cents IS NULL) AS unrated,
                sum(amount IS NULL) > 0.05 * count(*)
                OR sum(outcome = 'won' AND amount IS NULL) > 0.05 * sum(outcome = 'won') AS incomplete
         FROM decided GROUP BY 1, 2";

    // Won at most 180 civil days after creation; no fixture row lies on the edge.
    win_rate_created: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(is_mature AND is_won) AS above, sum(is_mature) AS below,
                sum(NOT is_mature) AS immature, sum(is_mature) AS n
         FROM (SELECT *, date(created_at_on, '+180 days') <= '{known_on}' AS is_mature,
                      outcome = 'won' AND close_date <= date(created_at_on, '+180 days') AS is_won FROM created)
         GROUP BY 1, 2";

    lead_to_opp_rate: ALL, Ratio, &conversion(90, "created_at_on", "1");

    lead_to_win_rate: ALL, Ratio, &conversion(180, "close_date", "c.outcome = 'won'");

    meeting_to_opp_rate: ALL, Ratio,
        "SELECT subject, quarter, sum(is_mature AND is_followed) AS above, sum(is_mature) AS below, sum(NOT is_mature) AS immature
         FROM (SELECT {s} AS subject, quarter, account_id, max(mature) AS is_mature, max(mature AND followed) AS is_followed
               FROM (SELECT a.*, date(a.day, '+30 days') <= '{known_on}' AS mature,
                       EXISTS (SELECT 1 FROM deal d WHERE d.account_id = a.account_id AND d.created_at_on >= a.day
                               AND d.created_at_on <= date(a.day, '+30 days')) AS followed
                     FROM act a WHERE a.kind IN ('meeting', 'demo', 'visit') AND a.outcome = 'held' AND a.account_id IS NOT NULL)
               GROUP BY 1, 2, 3)
         GROUP BY 1, 2";

    competitive_win_rate: GROUPS, Ratio,
        "SELECT {s} AS subject, quarter, sum(outcome = 'won') AS above, count(*) AS below, count(*) AS n
         FROM decided WHERE competitor IS NOT NULL GROUP BY 1, 2";

    bookings: ALL, Money,
        &format!("SELECT {{s}} AS subject, quarter, coalesce(sum(cents), 0) / 100.0 AS above, {CODES} FROM won GROUP BY 1, 2");

    credited_bookings: ALL, Money,
        "SELECT {s} AS subject, quarter, sum(cents) / 100.0 AS above FROM credited WHERE kind = 'primary' GROUP BY 1, 2";

    credited_bookings_overlay: ALL, Money,
        "SELECT {s} AS subject, quarter, sum(cents) / 100.0 AS above FROM credited WHERE kind = 'overlay' GROUP BY 1, 2";

    revenue: ALL, Money,
        "SELECT {s} AS subject, quarter, coalesce(sum(cents), 0) / 100.0 AS above, count(cents) AS rated,
                sum(cents IS NULL) AS unrated FROM invoiced GROUP BY 1, 2";

    gross_margin_rate: GROUPS, Ratio,
        "SELECT {s} AS subject, quarter, sum(cents * margin) / 100.0 AS above,
                sum(CASE WHEN margin IS NOT NULL THEN cents END) / 100.0 AS below,
                sum(margin IS NULL) AS nulls, count(*) AS rows FROM invoiced GROUP BY 1, 2";

    deals_won: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM won GROUP BY 1, 2";

    avg_deal_size: ALL, Ratio,
        &format!("SELECT {{s}} AS subject, quarter, sum(cents) / 100.0 AS above, count(cents) AS below, count(cents) AS n, {CODES}
                  FROM won GROUP BY 1, 2");

    median_deal_size: ALL, Figure, &median("cents / 100.0", "won WHERE 1");

    cycle_time_mean: ALL, Figure,
        "SELECT {s} AS subject, quarter, avg(cycle_days) AS value, count(cycle_days) AS n,
                sum(cycle_days IS NULL) AS nulls, count(*) AS rows FROM won GROUP BY 1, 2";

    cycle_time_median: ALL, Figure, &median("cycle_days", "won WHERE 1");

    loss_cycle_time_mean: ALL, Figure,
        "SELECT {s} AS subject, quarter, avg(cycle_days) AS value, count(cycle_days) AS n,
                sum(cycle_days IS NULL) AS nulls, count(*) AS rows FROM decided WHERE outcome = 'lost' GROUP BY 1, 2";

    loss_cycle_time_median: ALL, Figure, &median("cycle_days", "decided WHERE outcome = 'lost'");

    // Read as the median, like most of what the text says about times.
    loss_cycle_time: ALL, Figure, &median("cycle_days", "decided WHERE outcome = 'lost'");

    quota_attainment: ALL, Ratio,
        "SELECT s.subject, k.key AS quarter, q.cents / 100.0 AS below, q.prorated,
                coalesce((SELECT sum(c.cents) FROM credited c WHERE c.kind = 'primary' AND c.{s} = s.subject AND c.quarter = k.key), 0) / 100.0 AS above,
                CASE WHEN q.cents IS NULL THEN 'E4' WHEN q.cents = 0 THEN 'E16' END AS code
         FROM (SELECT DISTINCT {s} AS subject FROM present WHERE {s} IS NOT NULL
               UNION SELECT NULL WHERE '{s}' <> 'company') s JOIN quarter k
         LEFT JOIN quota_of q ON q.level = '{s}' AND q.subject = s.subject AND q.quarter = k.key";

    // Comparable: present on four fifths of the quarter's working days (T20).
    participation_rate: COMPANY, Ratio,
        "SELECT 'company' AS subject, a.quarter, sum(a.credit >= a.quota) AS above, count(*) AS below
         FROM attained a JOIN quarter q ON q.key = a.quarter
         WHERE a.quota > 0 AND (SELECT count(*) FROM present p WHERE p.rep = a.rep AND p.quarter = a.quarter)
               >= 0.8 * (SELECT sum(working) FROM day d WHERE d.day >= q.starts AND d.day < q.ends)
         GROUP BY 2";

    new_business_share: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(CASE WHEN type = 'new' THEN coalesce(cents, 0) ELSE 0 END) / 100.0 AS above,
                sum(cents) / 100.0 AS below, sum(type = 'new') > 0 AND sum(type = 'new' AND amount IS NOT NULL) = 0 AS unsaid
         FROM won GROUP BY 1, 2";

    // A renewal belongs to the account's owner on the day it is due; it is in time when a renewal of
    // the account is won after the contract began and not after it ends.
    renewal_rate_on_time: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(is_renewed) AS above, count(*) AS below FROM (
           SELECT c.rep, c.quarter, 'company' AS company, c.is_renewed,
                  (SELECT p.region FROM placed p WHERE p.rep = c.rep AND p.since <= c.renewal_due_on AND c.renewal_due_on < p.until) AS region
           FROM (SELECT k.*, q.key AS quarter,
                   (SELECT h.rep FROM account_held h WHERE h.account_id = k.account_id AND h.since <= k.renewal_due_on AND k.renewal_due_on < h.until) AS rep,
                   EXISTS (SELECT 1 FROM deal d WHERE d.account_id = k.account_id AND d.type = 'renewal' AND d.outcome = 'won'
                           AND d.close_date > k.\"from\" AND d.close_date <= k.\"to\") AS is_renewed
                 FROM contract k JOIN quarter q ON k.renewal_due_on >= q.starts AND k.renewal_due_on < q.ends) c)
         GROUP BY 1, 2";
}

/// No reason is a reason of its own.
#[test]
fn loss_reason_share() {
    let query =
        "SELECT r.lost_reason AS subject, t.quarter, (SELECT count(*) FROM decided d WHERE d.outcome = 'lost'
         AND d.quarter = t.quarter AND d.lost_reason IS r.lost_reason) AS above, t.lost AS below FROM
       (SELECT DISTINCT lost_reason FROM decided WHERE outcome = 'lost') r
       JOIN (SELECT quarter, count(*) AS lost FROM decided WHERE outcome = 'lost' GROUP BY 1) t";
    agree_by("loss_reason_share", "lost_reason", Reading::Ratio, query);
}

const BUYERS: &str =
    "SELECT DISTINCT {s} AS subject, quarter, account_id FROM won WHERE account_id IS NOT NULL";
const CONSECUTIVE: &str = "quarter p JOIN quarter q ON q.starts = p.ends";

/// Nothing is known of the quarter before the first.
#[test]
fn buyer_retention() {
    let query = format!(
        "WITH buyers AS ({BUYERS}) SELECT b.subject, q.key AS quarter, count(a.account_id) AS above, count(*) AS below, count(*) AS n
         FROM {CONSECUTIVE} JOIN buyers b ON b.quarter = p.key
         LEFT JOIN buyers a ON a.quarter = q.key AND a.subject IS b.subject AND a.account_id = b.account_id GROUP BY 1, 2"
    );
    agree_from("buyer_retention", ALL, Reading::Ratio, &query, "2024-Q2");
}

#[test]
fn buyer_retention_textbook() {
    let query = format!(
        "WITH buyers AS ({BUYERS}), firsts AS (SELECT subject, account_id, min(quarter) AS quarter FROM buyers GROUP BY 1, 2)
         SELECT b.subject, q.key AS quarter, count(*) AS below,
                (SELECT count(*) FROM buyers a WHERE a.quarter = q.key AND a.subject IS b.subject)
                - (SELECT count(*) FROM firsts f WHERE f.quarter = q.key AND f.subject IS b.subject) AS above
         FROM {CONSECUTIVE} JOIN buyers b ON b.quarter = p.key GROUP BY 1, 2"
    );
    agree_from("buyer_retention_textbook", ALL, Reading::Ratio, &query, "2024-Q2");
}
