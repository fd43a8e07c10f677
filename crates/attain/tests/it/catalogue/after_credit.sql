-- What rests on credit that was allocated to the cent beforehand (T3, T13b).

CREATE TABLE credited AS
SELECT c.opportunity_id, c.rep, c.kind, c.cents, w.close_date, w.quarter, 'company' AS company,
       (SELECT p.region FROM placed p WHERE p.rep = c.rep AND p.since <= w.close_date AND w.close_date < p.until) AS region
FROM credit c JOIN won w ON w.id = c.opportunity_id;

CREATE TABLE invoiced AS
SELECT c.rep, c.cents, l.id, l.account_id, l.invoice_date, l.kind, l.margin, l.quarter, 'company' AS company,
       l.net_amount, l.net_amount_ccy,
       (SELECT p.region FROM placed p WHERE p.rep = c.rep AND p.since <= l.invoice_date AND l.invoice_date < p.until) AS region
FROM line_credit c JOIN line l ON l.id = c.line_id;

CREATE TABLE quota AS -- T15, T16: each version for its working days, less leave and days not employed
SELECT e.subject_id AS rep, e.quarter, e.region, 'company' AS company, sum(e.value * e.days * 1.0 / e.all_days) AS cents,
       sum(e.days) AS days, max(e.all_days) AS all_days
FROM (SELECT t.subject_id, t.period_id AS quarter, p.region, t.value, t.id, count(*) AS days,
             (SELECT count(*) FROM day d JOIN quarter q ON q.key = t.period_id WHERE d.working = 1 AND d.day >= q.starts AND d.day < q.ends) AS all_days
      FROM target t JOIN present p ON p.rep = t.subject_id AND p.quarter = t.period_id
           AND p.day >= coalesce(t.valid_from, '0000') AND p.day < coalesce(t.valid_to, '9999')
      WHERE t.kpi_id = 'credited_bookings' AND t.kind = 'quota' AND t.subject_kind = 'employee'
      GROUP BY t.id, p.region) e
GROUP BY 1, 2, 3;

CREATE TABLE quota_of AS -- domain 6.2: a group's target is its own row, else the sum of its members'
SELECT 'rep' AS level, rep AS subject, quarter, sum(cents) AS cents, sum(days) < max(all_days) AS prorated
  FROM quota GROUP BY 2, 3
UNION ALL SELECT 'company', 'company', quarter, sum(cents), max(days < all_days)
  FROM (SELECT rep, quarter, sum(cents) AS cents, sum(days) AS days, max(all_days) AS all_days FROM quota GROUP BY 1, 2) GROUP BY 3
UNION ALL SELECT 'region', t.subject_id, t.period_id, t.value, 0 FROM target t WHERE t.subject_kind = 'team'
UNION ALL SELECT 'region', region, quarter, sum(cents), max(days < all_days) FROM quota q
  WHERE NOT EXISTS (SELECT 1 FROM target t WHERE t.subject_kind = 'team' AND t.subject_id = q.region AND t.period_id = q.quarter)
  GROUP BY 2, 3;

CREATE TABLE attained AS
SELECT q.subject AS rep, q.quarter, q.cents AS quota,
       coalesce((SELECT sum(c.cents) FROM credited c WHERE c.kind = 'primary' AND c.rep = q.subject AND c.quarter = q.quarter), 0) AS credit
FROM quota_of q WHERE q.level = 'rep';
