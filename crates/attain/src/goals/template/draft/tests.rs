use std::sync::Arc;

use attain_metrics::{Calendar, Catalogue};
use attain_stats::cascade::Weighing;
use jiff::civil::date;

use super::*;
use crate::goals::template::words::{self, Sum};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Bookings of the second quarter of 2026, 300,000 for each.
fn template() -> Template {
    let catalogue = Catalogue::shipped().expect("the catalogue");
    Template {
        role: "AE".to_owned(),
        metric: Arc::clone(catalogue.metric("bookings").expect("bookings")),
        period: Calendar::starting_in(1).expect("a month").parse("2026-Q2").expect("a quarter"),
        sharing: Sharing::Each,
        amount: decimal("300000"),
        over: Decimal::ZERO,
        ramp: None,
        changes_existing: false,
        reason: "plan".to_owned(),
    }
}

fn ramp() -> Option<RampProfile> {
    RampProfile::new(["0", "0.25", "0.5", "0.75", "1"].map(decimal).to_vec())
}

fn all_of(days: i64) -> Proration {
    Proration { whole: Decimal::from(days), applicable: Decimal::from(days) }
}

/// Somebody of the role, there throughout and long beyond any ramp.
fn somebody(name: &str) -> Candidate {
    Candidate {
        id: name.to_owned(),
        name: name.to_owned(),
        role: Some("AE".to_owned()),
        leader: None,
        is_meant: true,
        hired_on: Some(date(2020, 1, 1)),
        left_on: None,
        has_role_start: true,
        part_of_full_time: Decimal::ONE,
        days: all_of(64),
        months: [60, 61, 62].map(|tenure_months| Month { tenure_months, days: all_of(21) }).to_vec(),
        goal: Known::Nothing,
        history: None,
        potential: None,
    }
}

fn drafted(template: &Template, candidates: Vec<Candidate>) -> Draft {
    Draft::of(template, candidates, decimal("0.01")).expect("a draft")
}

fn values(draft: &Draft) -> Vec<Decimal> {
    draft.rows.iter().map(|row| row.value.normalize()).collect()
}

/// domain_examples X6.7: in the role since 10 February, so 1, 2 and 3 full months.
#[test]
fn a_ramp_asks_half_a_target_of_the_first_full_quarter() {
    let months = [1, 2, 3].map(|tenure_months| Month { tenure_months, days: all_of(21) }).to_vec();
    let template = Template { ramp: ramp(), ..template() };
    let draft = drafted(&template, vec![Candidate { months, ..somebody("new") }, somebody("old")]);
    assert_eq!(values(&draft), [decimal("150000"), decimal("300000")]);
    assert_eq!(words::reduced(&draft.rows[0]), ["ramp, by month 25 %, 50 %, 75 %"]);
    assert!(draft.rows[1].reasons.is_empty());
}

/// domain_examples X3.7 (T15): hired on 17 February, 30.5 of 60.5 working days.
#[test]
fn who_joins_has_the_target_of_the_days_left() {
    let days = Proration { whole: decimal("60.5"), applicable: decimal("30.5") };
    let joins = Candidate { days, hired_on: Some(date(2026, 4, 17)), ..somebody("joins") };
    let draft = drafted(&template(), vec![joins]);
    assert_eq!(values(&draft), [decimal("300000")], "the target of the whole period stays that");
    assert_eq!(draft.rows[0].applies.round_dp(2), decimal("151239.67"));
    assert_eq!(words::reduced(&draft.rows[0]), ["joins 17 Apr 2026: 30.5 of 60.5 working days"]);
}

/// A month that does not apply asks for nothing, and the days are not taken off twice.
#[test]
fn a_ramp_counts_each_month_as_far_as_it_applies() {
    let none = Proration { whole: Decimal::from(21), applicable: Decimal::ZERO };
    let half = Proration { whole: Decimal::from(20), applicable: Decimal::TEN };
    let months = vec![
        Month { tenure_months: 0, days: none },
        Month { tenure_months: 1, days: half },
        Month { tenure_months: 2, days: all_of(22) },
    ];
    let days = Proration { whole: Decimal::from(63), applicable: Decimal::from(32) };
    let template = Template { ramp: ramp(), ..template() };
    let draft = drafted(&template, vec![Candidate { months, days, ..somebody("new") }]);
    // 100,000 · (0 + 0.25 · ½ + 0.5).
    assert_eq!(draft.rows[0].applies.round_dp(0), decimal("62500"));
}

#[test]
fn a_total_is_shared_among_those_who_get_a_goal_and_adds_up_to_the_cent() {
    let template = Template {
        sharing: Sharing::Total(Weighing::History),
        amount: decimal("1000.01"),
        over: decimal("0.04"),
        ..template()
    };
    let with = |name: &str, history: &str| Candidate { history: Some(decimal(history)), ..somebody(name) };
    let half = Candidate { part_of_full_time: decimal("0.5"), ..with("carol", "10") };
    let candidates = vec![with("anna", "10"), with("ben", "10"), half, with("dan", "0"), somebody("eve")];
    let draft = drafted(&template, candidates);
    assert_eq!(draft.shared(), decimal("1040.01"), "1000.01 and 4 %, to the cent");
    assert_eq!(values(&draft)[2], (draft.rows[2].share / Decimal::TWO).round_dp(2).normalize());
    assert_eq!(
        draft.left_out,
        [("dan".to_owned(), LeftOut::NothingAttained), ("eve".to_owned(), LeftOut::NoHistory)]
    );
    let sum = Sum::of(&draft, Some(template.amount));
    assert_eq!(sum.finding(), "Assigned 86.7 % of plan, 2 left out.");
    let said = sum.explained(&template.metric, "EUR");
    assert!(said.contains("less than the plan of 1,000.01 EUR"), "{said}");
    assert!(said.contains("Before part time, ramp and days it is 104.0 % of it."), "{said}");
}

/// Who brought half as much in half of full time, or in a ramp that asked for half, brought as much as the others and
/// has the same share, of which part time and ramp are taken off once.
#[test]
fn a_history_is_that_of_full_time_after_the_ramp() {
    let half = decimal("0.5");
    let months =
        |tenures: [u32; 3]| tenures.map(|tenure_months| Month { tenure_months, days: all_of(21) }).to_vec();
    let settled = months([60, 61, 62]);
    assert_eq!(asked_before(None, half, (&all_of(64), &settled)), Some(half));
    let (new, ramp) = (months([1, 2, 3]), ramp());
    let in_ramp = asked_before(ramp.as_ref(), Decimal::ONE, (&all_of(63), &new)).expect("asked");
    assert_eq!(in_ramp.round_dp(6), half);
    let before_it = months([0, 0, 0]);
    assert_eq!(asked_before(ramp.as_ref(), Decimal::ONE, (&all_of(63), &before_it)), None, "asked nothing");

    let template =
        Template { sharing: Sharing::Total(Weighing::History), amount: decimal("1000"), ..template() };
    let attained = |name: &str, history: Decimal| Candidate { history: Some(history), ..somebody(name) };
    let carol = Candidate { part_of_full_time: half, ..attained("carol", decimal("5") / half) };
    let draft = drafted(&template, vec![attained("anna", decimal("10")), carol]);
    assert_eq!(values(&draft), [decimal("500"), decimal("250")], "not 667 and 167");
}

#[test]
fn whoever_gets_no_goal_is_named_with_the_reason() {
    let template = Template { ramp: ramp(), ..template() };
    let first = [0, 0, 0].map(|tenure_months| Month { tenure_months, days: all_of(21) }).to_vec();
    let nothing = Proration { whole: Decimal::from(64), applicable: Decimal::ZERO };
    let holds = Known::Holds { goal: 7, value: Some(Decimal::TEN) };
    let cases = [
        (
            Candidate { is_meant: false, leader: Some("Dora".to_owned()), ..somebody("a") },
            LeftOut::LedBy(Some("Dora".to_owned())),
        ),
        (
            Candidate { role: Some("SDR".to_owned()), ..somebody("b") },
            LeftOut::OtherRole(Some("SDR".to_owned())),
        ),
        (Candidate { left_on: Some(date(2026, 3, 31)), ..somebody("c") }, LeftOut::Left(date(2026, 3, 31))),
        (Candidate { hired_on: Some(date(2026, 7, 1)), ..somebody("d") }, LeftOut::Joins(date(2026, 7, 1))),
        (Candidate { days: nothing, ..somebody("e") }, LeftOut::NotThere),
        (Candidate { goal: holds, ..somebody("f") }, LeftOut::HasGoal),
        (Candidate { goal: Known::Waits { goal: 8 }, ..somebody("g") }, LeftOut::GoalWaits),
        (Candidate { has_role_start: false, ..somebody("h") }, LeftOut::NoRoleStart),
        (Candidate { months: first, ..somebody("i") }, LeftOut::RampAsksNothing),
    ];
    for (candidate, why) in cases {
        let name = candidate.name.clone();
        assert_eq!(drafted(&template, vec![candidate]).left_out, [(name, why)]);
    }
    let changes = Template { changes_existing: true, ..template };
    let draft = drafted(&changes, vec![Candidate { goal: holds, ..somebody("f") }]);
    assert_eq!(draft.rows[0].before, Some((7, Some(Decimal::TEN))));
}
