//! Examples about who is credited with what: splits, currencies, transfers, roll-ups.

use std::collections::BTreeMap;

use attain_metrics::RateMode;

use super::{Example, add_deal, add_team, has, is, value};
use crate::catalogue::fixture::sheet::{Sheets, row};

/// X3.10: credit is allocated to the cent by largest remainder.
#[tokio::test]
async fn splits_add_up_to_the_deal_to_the_cent() {
    let cases: [(&str, &str, &[&str], &[f64]); 5] = [
        ("2026-01", "100.00", &["0.3333", "0.3333", "0.3334"], &[33.33, 33.33, 33.34]),
        ("2026-02", "1000.01", &["0.5", "0.3", "0.2"], &[500.01, 300.00, 200.00]),
        ("2026-03", "0.01", &["0.5", "0.5"], &[0.01, 0.0]),
        ("2026-04", "-1000.01", &["0.5", "0.3", "0.2"], &[-500.01, -300.00, -200.00]),
        ("2026-05", "0.05", &["0.25", "0.25", "0.25", "0.25"], &[0.02, 0.01, 0.01, 0.01]),
    ];
    let people = ["e1", "e2", "e3", "e4"];
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &people);
    for (month, amount, shares, _) in cases {
        add_deal(&mut sheets, month, "e1", ("2025-12-01", &format!("{month}-10")), "won", amount);
        for (person, share) in people.iter().zip(shares) {
            row!(sheets, CreditSplit, id: format!("{month}{person}"), opportunity_id: month, employee_id: person,
                kind: "primary", share: share);
        }
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    for (month, amount, _, credits) in cases {
        is(&example.number("credited_bookings", month).await, amount.parse().expect("a number"));
        for (person, credit) in people.iter().zip(credits) {
            is(&example.of("credited_bookings", "rep", person, month).await, *credit);
        }
    }
}

/// X3.11: directly, the other way round, through the pivot, and not at all.
#[tokio::test]
async fn amounts_are_converted_at_the_rate_of_their_day_and_rounded_one_by_one() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for (amount, currency, closed) in [
        ("1000.05", "USD", "2026-03-29"),
        ("2500000", "JPY", "2026-03-27"),
        ("1999.99", "CHF", "2026-03-27"),
        ("10.00", "BRL", "2026-03-27"),
    ] {
        row!(sheets, Opportunity, id: currency, name: currency, owner_id: "anna", created_at: "2026-01-05", stage: "won",
            outcome: "won", close_date: closed, amount: amount, amount_ccy: currency);
    }
    for (from, to, rate) in [("USD", "EUR", "0.92105"), ("EUR", "JPY", "161.25"), ("USD", "CHF", "0.8850")] {
        row!(sheets, FxRate, id: format!("{from}{to}"), rate_set: "spot", from_ccy: from, to_ccy: to,
            rate_date: "2026-03-27", rate: rate);
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let bookings = example.number("bookings", "2026-Q1").await;
    is(&bookings, 18_506.44);
    assert!(has(&bookings, "E7"), "{}", bookings.codes_text());
    is(&example.number("deals_won", "2026-Q1").await, 4.0);
}

/// X3.15: a team's win rate is computed from its deals, not from its members' rates.
#[tokio::test]
async fn a_teams_win_rate_is_not_the_mean_of_its_members() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna", "ben", "carl"]);
    for (person, won, closed) in [("anna", 6, 8), ("ben", 1, 5), ("carl", 30, 100)] {
        for number in 0..closed {
            let outcome = if number < won { "won" } else { "lost" };
            add_deal(
                &mut sheets,
                &format!("{person}{number}"),
                person,
                ("2026-01-05", "2026-02-10"),
                outcome,
                "10",
            );
        }
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.of("win_rate_count", "region", "team", "2026-Q1").await, 37.0 / 113.0);
}

/// X3.16: deals stay with whoever held them on the day, and count for the team of that day.
#[tokio::test]
async fn a_deal_stays_with_the_owner_and_team_of_its_day() {
    let mut sheets = Sheets::default();
    for team in ["north", "south"] {
        row!(sheets, Team, id: team, name: team);
    }
    for (person, team, from, to) in [
        ("r1", "north", "2025-01-01", "2026-02-01"),
        ("r1", "south", "2026-02-01", ""),
        ("r2", "north", "2025-01-01", ""),
    ] {
        row!(sheets, TeamAssignment, id: format!("{person}{team}"), employee_id: person, team_id: team, valid_from: from,
            valid_to: to, is_primary: "true");
    }
    for person in ["r1", "r2"] {
        row!(sheets, Employee, id: person, display_name: person, role: "AE", hire_date: "2025-01-01");
    }
    for (deal, owner, closed, amount) in [
        ("o1", "r2", "2026-02-10", "100"),
        ("o2", "r1", "2026-01-20", "50"),
        ("o3", "", "2026-03-31", "30"),
        ("o4", "r1", "2026-04-01", "70"),
    ] {
        add_deal(&mut sheets, deal, owner, ("2026-01-05", closed), "won", amount);
    }
    for (deal, owner, from, to) in [
        ("o1", "r1", "2026-01-05", "2026-02-01"),
        ("o1", "r2", "2026-02-01", ""),
        ("o2", "r1", "2026-01-05", ""),
        ("o4", "r1", "2026-01-05", ""),
    ] {
        row!(sheets, OpportunityOwner, id: format!("{deal}{owner}"), opportunity_id: deal, employee_id: owner, valid_from: from, valid_to: to);
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("bookings", "2026-Q1").await, 180.0);
    for (by, expected) in [
        ("rep", [("r1", 50.0), ("r2", 100.0), ("unassigned", 30.0)]),
        ("region", [("north", 150.0), ("south", 0.0), ("unassigned", 30.0)]),
    ] {
        let split = example.split("bookings", by, "2026-Q1").await;
        let split: BTreeMap<_, _> =
            split.iter().map(|(name, number)| (name.as_str(), value(number).expect("a value"))).collect();
        assert_eq!(split, expected.into(), "by {by}");
    }
}

/// X3.13: growth at the rates of each day, at one plan rate, and what currencies made of it.
#[tokio::test]
async fn growth_at_one_plan_rate_leaves_currencies_out() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for (closed, amount, rate) in [
        ("2025-02-10", "100000", "1.10"),
        ("2025-08-10", "50000", "1.08"),
        ("2026-02-10", "110000", "1.02"),
        ("2026-06-10", "60000", "1.00"),
    ] {
        row!(sheets, Opportunity, id: closed, name: closed, owner_id: "anna", created_at: "2025-01-05", stage: "won",
            outcome: "won", close_date: closed, amount: amount, amount_ccy: "USD");
        row!(sheets, FxRate, id: closed, rate_set: "spot", from_ccy: "USD", to_ccy: "EUR", rate_date: closed, rate: rate);
    }
    row!(sheets, FxRate, id: "plan", rate_set: "plan:2026", from_ccy: "USD", to_ccy: "EUR", rate_date: "2026-01-01",
        rate: "1.05");
    let example = Example::known_on(&sheets, "2026-12-31").await;
    for (period, at_spot, at_plan) in [("2025", 164_000.0, 157_500.0), ("2026", 172_200.0, 178_500.0)] {
        is(&example.number("bookings", period).await, at_spot);
        is(&example.number_at("bookings", period, RateMode::Constant("2026".to_owned())).await, at_plan);
    }
}
