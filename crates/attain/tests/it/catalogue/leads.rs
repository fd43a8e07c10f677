//! Domain 4.3: lead generation.

use std::collections::BTreeMap;

use super::Checked;
use super::check::{ALL, COMPANY, Reading, agree, checks};
use super::ground::{figure, word};

checks! {
    leads_created: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM lead_in GROUP BY 1, 2";

    // A team's working days are those of its members while they were members; the company's are
    // those of everybody employed.
    lead_generation_rate: ALL, Ratio,
        "SELECT subject, quarter, sum(leads) AS above, sum(working) AS below FROM (
           SELECT {s} AS subject, quarter, count(*) AS leads, 0 AS working FROM lead_in GROUP BY 1, 2
           UNION ALL SELECT {s}, quarter, 0, count(*) FROM worked GROUP BY 1, 2) GROUP BY 1, 2";

    lead_qualification_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(is_mature AND coalesce(is_qualified, 0)) AS above, sum(is_mature) AS below,
                sum(NOT is_mature) AS immature, sum(is_mature) AS n
         FROM (SELECT *, date(created_at_on, '+30 days') <= '{known_on}' AS is_mature,
                      julianday(sql_at) - julianday(created_at) <= 30 AS is_qualified FROM lead_in)
         GROUP BY 1, 2";

    // No table says when a lead was disqualified, so a mature lead counts by its status of now.
    disqualification_rate: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(is_mature AND status = 'disqualified') AS above, sum(is_mature) AS below,
                sum(NOT is_mature) AS immature, sum(is_mature) AS n
         FROM (SELECT *, date(created_at_on, '+30 days') <= '{known_on}' AS is_mature FROM lead_in)
         GROUP BY 1, 2";

    speed_to_lead_sla: ALL, Ratio,
        "SELECT {s} AS subject, quarter, sum(touched_at IS NOT NULL AND minutes <= 60) AS above, count(*) AS below, count(*) AS n
         FROM lead_in WHERE julianday(created_at) + 60.0 / 1440 <= julianday('{known}') GROUP BY 1, 2";

    untouched_leads: ALL, Count,
        "SELECT {s} AS subject, quarter, count(*) AS above FROM lead_in
         WHERE touched_at IS NULL AND julianday(created_at) + 60.0 / 1440 < julianday('{known}') GROUP BY 1, 2";

    cost_per_lead: COMPANY, Ratio,
        "SELECT 'company' AS subject, key AS quarter,
                (SELECT sum(amount) / 100.0 FROM campaign_cost c WHERE c.month >= q.starts AND c.month < q.ends) AS above,
                (SELECT count(*) FROM lead_in l WHERE l.quarter = q.key) AS below
         FROM quarter q";

    // The text leaves `self_sources` to the company; the fixture's own is called `self`.
    sourced_pipeline: ALL, Money,
        "SELECT {s} AS subject, quarter, coalesce(sum(cents), 0) / 100.0 AS above, count(cents) AS rated,
                sum(amount IS NOT NULL AND cents IS NULL) AS unrated, sum(amount IS NULL) AS nulls, count(*) AS rows
         FROM created WHERE lead_id IN (SELECT id FROM lead WHERE source = 'self') GROUP BY 1, 2";
}

/// Minutes to the first touch, and whether there was one.
type Waiting = Vec<(f64, bool)>;

/// The smallest time at which at most half are untouched (Kaplan and Meier 1958): events before
/// censorings at ties. Without untouched leads it is the plain median.
fn median_wait(waiting: &mut Waiting) -> Option<f64> {
    waiting.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
    if waiting.iter().all(|(_, touched)| *touched) {
        let middle = waiting.len() / 2;
        return match waiting.len() % 2 {
            _ if waiting.is_empty() => None,
            1 => Some(waiting[middle].0),
            _ => Some((waiting[middle - 1].0 + waiting[middle].0) / 2.0),
        };
    }
    let mut survival = 1.0;
    let mut at_risk = waiting.len() as f64;
    for position in 0..waiting.len() {
        let (minutes, touched) = waiting[position];
        if touched {
            survival *= 1.0 - 1.0 / at_risk;
        }
        at_risk -= 1.0;
        let is_last_of_tie = waiting.get(position + 1).is_none_or(|next| *next != (minutes, true));
        if touched && is_last_of_tie && survival <= 0.5 + 1e-12 {
            return Some(minutes);
        }
    }
    None
}

/// The medians as a query of constants, so that they are compared like everything else.
fn medians(column: &str) -> String {
    let checked = Checked::company();
    let rows = checked.block_on(checked.ground.query(&format!(
        "SELECT {column} AS subject, quarter, minutes, touched_at IS NOT NULL AS touched FROM lead_in"
    )));
    let mut waiting: BTreeMap<(Option<String>, String), Waiting> = BTreeMap::new();
    for row in &rows {
        let minutes = figure(row, "minutes").expect("minutes");
        let touched = figure(row, "touched") == Some(1.0);
        let place = (word(row, "subject"), word(row, "quarter").expect("a quarter"));
        waiting.entry(place).or_default().push(((minutes * 60.0).round() / 60.0, touched));
    }
    let selects: Vec<String> = waiting
        .iter_mut()
        .map(|((subject, quarter), waiting)| {
            let subject = subject.as_ref().map_or("NULL".to_owned(), |subject| format!("'{subject}'"));
            let (value, code) = match median_wait(waiting) {
                Some(minutes) => (format!("{minutes:.12}"), "NULL"),
                None => ("NULL".to_owned(), "'E9'"),
            };
            format!("SELECT {subject} AS subject, '{quarter}' AS quarter, {value} AS value, {code} AS code")
        })
        .collect();
    selects.join(" UNION ALL ")
}

#[test]
fn speed_to_lead() {
    for level in ALL {
        agree("speed_to_lead", &[*level], Reading::Figure, &medians(super::check::column(*level)));
    }
}

/// X4.11: untouched leads wait at least until now; the median of the touched alone is biased.
#[test]
fn untouched_leads_count_as_waiting_in_the_check_itself() {
    let minutes = [5.0, 12.0, 30.0, 45.0, 60.0, 90.0, 200.0, 300.0, 400.0];
    let touched = [true, true, true, true, false, true, false, false, false];
    assert_eq!(median_wait(&mut minutes.into_iter().zip(touched).collect()), Some(90.0));
}
