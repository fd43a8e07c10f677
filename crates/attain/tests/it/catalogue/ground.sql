-- The rules of domain 3 in plain SQL, over the rows as the fixture made them. Instants are UTC
-- text; the civil date of each is beside it as NAME_on; amounts are whole hundredths.

CREATE TABLE placed AS -- T6: the region somebody belonged to; a region is a root team
SELECT a.employee_id AS rep, coalesce(t.parent_team_id, t.id) AS region,
       coalesce(a.valid_from, '0000') AS since, coalesce(a.valid_to, '9999') AS until
FROM team_assignment a JOIN team t ON t.id = a.team_id WHERE a.is_primary = 'true';

CREATE TABLE owned AS
SELECT opportunity_id, employee_id, coalesce(valid_from, '0000') AS since, coalesce(valid_to, '9999') AS until
FROM opportunity_owner;
CREATE INDEX owned_by ON owned (opportunity_id);

CREATE TABLE present AS -- T14, T17, T18: working days of each person, leave of five days or more taken off
SELECT e.id AS rep, d.day, q.key AS quarter, 'company' AS company,
       (SELECT p.region FROM placed p WHERE p.rep = e.id AND p.since <= d.day AND d.day < p.until) AS region
FROM employee e JOIN day d ON d.working = 1 AND d.day >= e.hire_date AND d.day <= coalesce(e.end_date, '9999')
JOIN quarter q ON d.day >= q.starts AND d.day < q.ends
WHERE NOT EXISTS (
  SELECT 1 FROM employee_absence a WHERE a.employee_id = e.id AND d.day >= a."from" AND d.day < a."to"
  AND (SELECT count(*) FROM day x WHERE x.working = 1 AND x.day >= a."from" AND x.day < a."to") >= 5);
CREATE TABLE worked AS -- the same up to the day of asking
SELECT * FROM present WHERE day <= '{known_on}';

CREATE TABLE deal AS -- T11: a close after the day of asking is an error of the source
SELECT * FROM opportunity WHERE outcome = 'open' OR close_date <= '{known_on}';
CREATE UNIQUE INDEX deal_by ON deal (id);

CREATE TABLE move AS
SELECT h.*, row_number() OVER (PARTITION BY opportunity_id ORDER BY changed_at, seq) AS place,
       CASE to_stage WHEN 'Prospecting' THEN 1 WHEN 'Qualified' THEN 2 WHEN 'Proposal' THEN 3
                     WHEN 'Negotiation' THEN 4 WHEN 'Won' THEN 9 ELSE 0 END AS step
FROM opportunity_stage_history h JOIN deal d ON d.id = h.opportunity_id;
CREATE INDEX move_by ON move (opportunity_id, place);

CREATE TABLE closing AS -- T1: the credit instant of every closed deal
SELECT d.id, coalesce(
  (SELECT m.changed_at FROM move m WHERE m.opportunity_id = d.id AND m.to_stage IN ('Won', 'Lost')
     AND m.place = (SELECT max(l.place) FROM move l WHERE l.opportunity_id = d.id AND l.to_stage IN ('Won', 'Lost'))
     AND m.changed_at_on = d.close_date),
  (SELECT last_second FROM day WHERE day = d.close_date)) AS instant
FROM deal d WHERE d.outcome <> 'open';

CREATE TABLE decided AS -- T2: owner at the credit instant, else the owner of now
SELECT x.*, 'company' AS company, q.key AS quarter,
       (SELECT p.region FROM placed p WHERE p.rep = x.rep AND p.since <= x.close_date AND x.close_date < p.until) AS region,
       (SELECT cents FROM worth w WHERE w.amount = x.amount AND w.ccy = x.amount_ccy AND w.day = x.close_date) AS cents,
       (SELECT cents FROM worth w WHERE w.amount = x.list_amount AND w.ccy = x.amount_ccy AND w.day = x.close_date) AS list_cents,
       julianday(x.close_date) - julianday(x.created_at_on) AS cycle_days
FROM (SELECT d.*, coalesce((SELECT o.employee_id FROM owned o WHERE o.opportunity_id = d.id
                            AND o.since <= c.instant AND c.instant < o.until), d.owner_id) AS rep
      FROM deal d JOIN closing c ON c.id = d.id) x
JOIN quarter q ON x.close_date >= q.starts AND x.close_date < q.ends;
CREATE TABLE won AS SELECT * FROM decided WHERE outcome = 'won';

CREATE TABLE created AS -- T5: owner at creation
SELECT x.*, 'company' AS company, q.key AS quarter,
       (SELECT p.region FROM placed p WHERE p.rep = x.rep AND p.since <= x.created_at_on AND x.created_at_on < p.until) AS region,
       (SELECT cents FROM worth w WHERE w.amount = x.amount AND w.ccy = x.amount_ccy AND w.day = x.created_at_on) AS cents,
       (SELECT cents FROM worth w WHERE w.amount = x.first_amount AND w.ccy = x.amount_ccy AND w.day = x.created_at_on) AS first_cents
FROM (SELECT d.*, coalesce((SELECT o.employee_id FROM owned o WHERE o.opportunity_id = d.id
                            AND o.since <= d.created_at AND d.created_at < o.until), d.owner_id) AS rep,
             CASE WHEN EXISTS (SELECT 1 FROM move m WHERE m.opportunity_id = d.id)
                  THEN (SELECT m.amount_at_change FROM move m WHERE m.opportunity_id = d.id AND m.place = 1)
                  ELSE d.amount END AS first_amount
      FROM deal d) x
JOIN quarter q ON x.created_at_on >= q.starts AND x.created_at_on < q.ends;

CREATE TABLE open_at AS -- Open(t) of domain 4.1, t = min(end of the quarter, instant of asking)
SELECT x.*, 'company' AS company,
       (SELECT p.region FROM placed p WHERE p.rep = x.rep AND p.since <= x.at_on AND x.at_on < p.until) AS region,
       (SELECT cents FROM worth w WHERE w.amount = x.amount AND w.ccy = x.amount_ccy AND w.day = x.at_on) AS cents
FROM (SELECT d.*, q.key AS quarter, q.at, q.at_on, q.starts, q.ends,
             coalesce((SELECT o.employee_id FROM owned o WHERE o.opportunity_id = d.id
                       AND o.since <= q.at AND q.at < o.until), d.owner_id) AS rep,
             coalesce((SELECT m.close_date_at_change FROM move m WHERE m.opportunity_id = d.id AND m.changed_at <= q.at
                       AND m.close_date_at_change IS NOT NULL ORDER BY m.place DESC LIMIT 1), d.close_date) AS expected,
             coalesce((SELECT m.to_stage FROM move m WHERE m.opportunity_id = d.id AND m.changed_at <= q.at
                       ORDER BY m.place DESC LIMIT 1), d.stage) AS stage_then
      FROM deal d JOIN quarter q
      WHERE d.created_at <= q.at AND (d.outcome = 'open' OR d.close_date > q.at_on)) x
WHERE stage_then NOT IN ('Won', 'Lost') OR (outcome <> 'open' AND NOT EXISTS (
  SELECT 1 FROM move m WHERE m.opportunity_id = x.id AND m.changed_at <= x.at AND m.to_stage IN ('Won', 'Lost')));

CREATE TABLE act AS
SELECT a.*, a.employee_id AS rep, 'company' AS company, q.key AS quarter, a.occurred_at_on AS day,
       (SELECT p.region FROM placed p WHERE p.rep = a.employee_id AND p.since <= a.occurred_at_on AND a.occurred_at_on < p.until) AS region
FROM activity a JOIN quarter q ON a.occurred_at_on >= q.starts AND a.occurred_at_on < q.ends;
CREATE INDEX act_by ON act (opportunity_id);

CREATE TABLE lead_in AS -- T5: owner at creation
SELECT x.*, 'company' AS company, q.key AS quarter,
       (SELECT p.region FROM placed p WHERE p.rep = x.rep AND p.since <= x.created_at_on AND x.created_at_on < p.until) AS region,
       (julianday(coalesce(x.touched_at, '{known}')) - julianday(x.created_at)) * 1440 AS minutes
FROM (SELECT l.id, l.created_at, l.created_at_on, l.source, l.campaign, l.status, l.sql_at, l.converted_opportunity_id,
             coalesce((SELECT o.employee_id FROM lead_owner o WHERE o.lead_id = l.id
               AND coalesce(o.valid_from, '0000') <= l.created_at AND l.created_at < coalesce(o.valid_to, '9999')), l.owner_id) AS rep,
             coalesce(l.first_touch_at, (SELECT min(a.occurred_at) FROM activity a WHERE a.lead_id = l.id
               AND a.direction = 'out' AND a.kind <> 'other')) AS touched_at
      FROM lead l) x
JOIN quarter q ON x.created_at_on >= q.starts AND x.created_at_on < q.ends;

CREATE TABLE account_held AS -- who owned an account, and when
SELECT a.id AS account_id, coalesce(o.employee_id, a.owner_id) AS rep, coalesce(o.valid_from, '0000') AS since,
       coalesce(o.valid_to, '9999') AS until
FROM account a LEFT JOIN account_owner o ON o.account_id = a.id;
CREATE INDEX account_held_by ON account_held (account_id);

CREATE TABLE line AS -- T5: the seller on the line, else the deal's splits, else the account's owner
SELECT l.*, q.key AS quarter,
       (SELECT cents FROM worth w WHERE w.amount = l.net_amount AND w.ccy = l.net_amount_ccy AND w.day = l.invoice_date) AS cents,
       (SELECT h.rep FROM account_held h WHERE h.account_id = l.account_id AND h.since <= l.invoice_date AND l.invoice_date < h.until) AS account_owner,
       (SELECT p.margin_rate FROM product p WHERE p.id = l.product_id) AS margin
FROM invoice_line l JOIN quarter q ON l.invoice_date >= q.starts AND l.invoice_date < q.ends;

CREATE TABLE recurring AS -- recurring revenue of each account at the opening and the end of each quarter
SELECT x.*, 'company' AS company,
       (SELECT p.region FROM placed p WHERE p.rep = x.rep AND p.since <= x.starts AND x.starts < p.until) AS region
FROM (SELECT a.id AS account_id, q.key AS quarter, q.starts, q.through,
        (SELECT h.rep FROM account_held h WHERE h.account_id = a.id AND h.since <= q.starts AND q.starts < h.until) AS rep,
        coalesce((SELECT sum(w.cents) FROM subscription s JOIN worth w ON w.amount = s.mrr AND w.ccy = s.mrr_ccy AND w.day = q.starts
          WHERE s.account_id = a.id AND s.valid_from <= q.starts AND q.starts < coalesce(s.valid_to, '9999')), 0) AS opening,
        coalesce((SELECT sum(w.cents) FROM subscription s JOIN worth w ON w.amount = s.mrr AND w.ccy = s.mrr_ccy AND w.day = q.through
          WHERE s.account_id = a.id AND s.valid_from <= q.through AND q.through < coalesce(s.valid_to, '9999')), 0) AS ending
      FROM account a JOIN quarter q) x
WHERE opening > 0 OR ending > 0;
