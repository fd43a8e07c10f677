//! Domain 4.6: customers. The book of a seller or region is the accounts owned when the quarter
//! opens, whoever owns them later.

use super::check::{ALL, COMPANY, Reading, agree_by, checks};

checks! {
    retention_set: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(ending > 0) AS above, count(*) AS below, count(*) AS n
         FROM recurring WHERE opening > 0 GROUP BY 1, 2";

    // Acquired: the account had nothing recurring the day before and has something that day.
    retention_textbook: COMPANY, Figure,
        "SELECT 'company' AS subject, r.quarter, (sum(r.ending > 0) - (
           SELECT count(*) FROM (SELECT DISTINCT s.account_id, s.valid_from FROM subscription s JOIN quarter q ON q.key = r.quarter
             WHERE s.valid_from > q.starts AND s.valid_from <= q.through AND s.mrr > 0 AND NOT EXISTS (
               SELECT 1 FROM subscription b WHERE b.account_id = s.account_id AND b.mrr > 0
               AND b.valid_from < s.valid_from AND coalesce(b.valid_to, '9999') >= s.valid_from)))) * 1.0
           / sum(r.opening > 0) AS value
         FROM recurring r GROUP BY r.quarter";

    logo_churn: ALL, Figure,
        "SELECT {s} AS subject, quarter, 1 - sum(ending > 0) * 1.0 / count(*) AS value, count(*) AS n
         FROM recurring WHERE opening > 0 GROUP BY 1, 2";

    grr: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(min(ending, opening)) / 100.0 AS above, sum(opening) / 100.0 AS below
         FROM recurring WHERE opening > 0 GROUP BY 1, 2";

    nrr: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(ending) / 100.0 AS above, sum(opening) / 100.0 AS below
         FROM recurring WHERE opening > 0 GROUP BY 1, 2";

    expansion_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(max(ending - opening, 0)) / 100.0 AS above, sum(opening) / 100.0 AS below
         FROM recurring WHERE opening > 0 GROUP BY 1, 2";

    arr: ALL, Money,
        "SELECT {s} AS subject, quarter, 12 * sum(ending) / 100.0 AS above FROM recurring GROUP BY 1, 2";

    revenue_per_customer: ALL, Ratio,
        "SELECT subject, quarter, sum(cents) / 100.0 AS above, sum(cents <> 0) AS below FROM (
           SELECT {s} AS subject, quarter, account_id, coalesce(sum(cents), 0) AS cents FROM invoiced GROUP BY 1, 2, 3) GROUP BY 1, 2";

    bookings_per_customer: ALL, Ratio,
        "SELECT {s} AS subject, quarter, coalesce(sum(cents), 0) / 100.0 AS above, count(DISTINCT account_id) AS below, count(cents) AS rated,
                sum(amount IS NOT NULL AND cents IS NULL) AS unrated FROM won GROUP BY 1, 2";

    // First deal won or first invoice, where the source does not say; a credit note is no invoice.
    new_customers: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM (
           SELECT f.rep, 'company' AS company, q.key AS quarter,
                  (SELECT p.region FROM placed p WHERE p.rep = f.rep AND p.since <= f.since AND f.since < p.until) AS region
           FROM (SELECT c.*, (SELECT h.rep FROM account_held h WHERE h.account_id = c.id AND h.since <= c.since AND c.since < h.until) AS rep
                 FROM (SELECT a.id, coalesce(a.became_customer_on, min(
                         coalesce((SELECT min(d.close_date) FROM deal d WHERE d.account_id = a.id AND d.outcome = 'won'), '9999'),
                         coalesce((SELECT min(l.invoice_date) FROM invoice_line l WHERE l.account_id = a.id AND l.net_amount > 0), '9999'))) AS since
                       FROM account a) c) f
           JOIN quarter q ON f.since >= q.starts AND f.since < q.ends) GROUP BY 1, 2";

    // A credit note is no invoice.
    repeat_purchase_rate: ALL, Ratio,
        "SELECT subject, quarter, sum(dates >= 2) AS above, count(*) AS below, count(*) AS n FROM (
           SELECT {s} AS subject, quarter, account_id, count(DISTINCT invoice_date) AS dates FROM invoiced
           WHERE kind <> 'credit' GROUP BY 1, 2, 3) GROUP BY 1, 2";

    share_concentration: ALL, Ratio,
        "SELECT subject, quarter, max(cents) / 100.0 AS above, sum(cents) / 100.0 AS below,
                CASE WHEN sum(cents) < 0 THEN 'E17' END AS code FROM (
           SELECT {s} AS subject, quarter, account_id, sum(cents) AS cents FROM invoiced GROUP BY 1, 2, 3) GROUP BY 1, 2";

    multi_thread_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(contacts >= 3) AS above, count(*) AS below, count(*) AS n FROM (
           SELECT o.*, (SELECT count(DISTINCT c.contact_id) FROM opportunity_contact c
                        WHERE c.opportunity_id = o.id AND c.first_seen_at <= o.at) AS contacts FROM open_at o) GROUP BY 1, 2";

    csat: ALL, Figure,
        "SELECT {s} AS subject, quarter, avg(score) / 100.0 AS value, count(*) AS n FROM (
           SELECT r.*, r.employee_id AS rep, 'company' AS company, q.key AS quarter,
                  (SELECT p.region FROM placed p WHERE p.rep = r.employee_id AND p.since <= r.responded_at_on AND r.responded_at_on < p.until) AS region
           FROM survey_response r JOIN quarter q ON r.responded_at_on >= q.starts AND r.responded_at_on < q.ends
           WHERE r.kind = 'csat') GROUP BY 1, 2";

    nps: ALL, Figure,
        "SELECT {s} AS subject, quarter, 100.0 * (sum(score >= 900) - sum(score <= 600)) / count(*) AS value, count(*) AS n FROM (
           SELECT r.*, r.employee_id AS rep, 'company' AS company, q.key AS quarter,
                  (SELECT p.region FROM placed p WHERE p.rep = r.employee_id AND p.since <= r.responded_at_on AND r.responded_at_on < p.until) AS region
           FROM survey_response r JOIN quarter q ON r.responded_at_on >= q.starts AND r.responded_at_on < q.ends
           WHERE r.kind = 'nps') GROUP BY 1, 2";
}

/// What a group of accounts brings adds up to the whole.
#[test]
fn revenue_by_segment() {
    let query = "SELECT a.segment AS subject, i.quarter, coalesce(sum(i.cents), 0) / 100.0 AS above
       FROM invoiced i JOIN account a ON a.id = i.account_id GROUP BY 1, 2";
    agree_by("revenue", "account__segment", Reading::Money, query);
}
