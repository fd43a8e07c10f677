//! Examples about deals: outcomes, times, discounts, stages, pipeline.

use std::sync::Arc;

use super::{Example, add_deal, add_team, has, is};
use crate::catalogue::fixture::sheet::{Sheets, after, row};

/// X4.1: a deal without an amount counts, but not as money.
#[tokio::test]
async fn a_deal_without_amount_is_won_but_worth_nothing_known() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for (number, amount) in ["100", "250", "", "400"].iter().enumerate() {
        add_deal(&mut sheets, &format!("w{number}"), "anna", ("2026-01-05", "2026-02-10"), "won", amount);
    }
    for (number, amount) in ["300", "150"].iter().enumerate() {
        add_deal(&mut sheets, &format!("x{number}"), "anna", ("2026-01-05", "2026-02-12"), "lost", amount);
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("win_rate_count", "2026-Q1").await, 2.0 / 3.0);
    is(&example.number("win_rate_value", "2026-Q1").await, 0.625);
    let size = example.number("avg_deal_size", "2026-Q1").await;
    is(&size, 250.0);
    assert!(has(&size, "E15"), "a quarter of the deals has no amount: {}", size.codes_text());
}

/// X4.2: the quarter's decided deals, and the deals that began in it, are two questions.
#[tokio::test]
async fn a_win_rate_by_close_and_one_by_creation_are_two_questions() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    let deals = [
        ("2025-09-10", "2026-01-15", "won"),
        ("2025-11-01", "2026-02-20", "lost"),
        ("2026-01-10", "2026-03-01", "won"),
        ("2026-01-20", "2026-05-05", "won"),
        ("2026-02-01", "2026-02-25", "lost"),
        ("2026-01-25", "2026-07-30", "won"),
        ("2026-01-15", "", "open"),
        ("2026-03-10", "", "open"),
    ];
    for (number, (created, closed, outcome)) in deals.into_iter().enumerate() {
        add_deal(&mut sheets, &format!("o{number}"), "anna", (created, closed), outcome, "100");
    }
    let example = Example::known_on(&sheets, "2026-07-31").await;
    is(&example.number("win_rate_count", "2026-Q1").await, 0.5);
    is(&example.number("opps_created", "2026-Q1").await, 6.0);
    let created = example.number("win_rate_created", "2026-Q1").await;
    is(&created, 0.4);
    assert_eq!(created.not_matured, 1);
    assert!(has(&created, "E9"), "{}", created.codes_text());
}

/// X4.9: civil days from creation to close.
#[tokio::test]
async fn a_cycle_is_counted_in_civil_days() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    let deals = [
        ("2026-01-01", "2026-01-31"),
        ("2026-02-27", "2026-03-01"),
        ("2026-01-15", "2026-06-15"),
        ("2025-12-31", "2026-01-01"),
    ];
    for (number, term) in deals.into_iter().enumerate() {
        add_deal(&mut sheets, &format!("o{number}"), "anna", term, "won", "100");
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("cycle_time_mean", "2026").await, 46.0);
    is(&example.number("cycle_time_median", "2026").await, 16.0);
}

/// X4.12: only deals with both amounts have a discount.
#[tokio::test]
async fn a_discount_is_known_where_both_amounts_are() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for (number, (list, amount)) in
        [("1000", "900"), ("500", "500"), ("", "700"), ("2000", "1500")].into_iter().enumerate()
    {
        row!(sheets, Opportunity, id: number, owner_id: "anna", created_at: "2026-01-05", stage: "won", outcome: "won",
            close_date: "2026-02-10", amount: amount, amount_ccy: "EUR", list_amount: list);
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let discount = example.number("discount_rate", "2026-Q1").await;
    is(&discount, 6.0 / 35.0);
    assert!(has(&discount, "E15"), "{}", discount.codes_text());
}

/// X4.13: twenty deals came to a stage; nine moved on, six were lost there, five are still in it.
#[tokio::test]
async fn a_stage_converts_what_reached_a_later_one_of_what_is_decided() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for number in 0..20 {
        let later = match number {
            0 => &["Contract", "Won"][..],
            1..5 => &["Negotiation", "Contract", "Won"],
            5..9 => &["Negotiation"],
            9..15 => &["Lost"],
            _ => &[],
        };
        let stages = [&["Prospecting", "Proposal"][..], later].concat();
        let (last, id) = (stages[stages.len() - 1], format!("o{number:02}"));
        let outcome = match last {
            "Won" => "won",
            "Lost" => "lost",
            _ => "open",
        };
        let first: jiff::civil::Date = "2026-01-05".parse().expect("a date");
        let days = [0, 10, 40, 60, 90].map(|days| after(first, days));
        row!(sheets, Opportunity, id: id, owner_id: "anna", created_at: days[0], stage: last, outcome: outcome,
            close_date: if outcome == "open" { "2026-12-01".to_owned() } else { days[stages.len() - 1].to_string() }, amount: "100", amount_ccy: "EUR");
        for (position, stage) in stages.iter().enumerate() {
            row!(sheets, OpportunityStageHistory, id: format!("{id}-{position}"), opportunity_id: id, seq: position,
                from_stage: if position == 0 { "" } else { stages[position - 1] }, to_stage: stage,
                changed_at: days[position], derived: "false");
        }
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let proposal = example.of("stage_conversion", "stage", "Proposal", "2026-Q1").await;
    is(&proposal, 0.6);
    assert!(has(&proposal, "E9"), "{}", proposal.codes_text());
    assert_eq!(proposal.not_matured, 5);
}

/// X4.18: what deals were worth thirty days before they were won.
#[tokio::test]
async fn slippage_is_what_changed_in_the_last_thirty_days() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for (number, (before, won)) in [("1000", "900"), ("2000", "2000"), ("500", "700")].into_iter().enumerate()
    {
        add_deal(&mut sheets, &format!("o{number}"), "anna", ("2026-01-05", "2026-03-20"), "won", won);
        for (seq, stage, day, amount) in
            [(1, "Proposal", "2026-01-05", before), (2, "won", "2026-03-20", won)]
        {
            row!(sheets, OpportunityStageHistory, id: format!("{number}-{seq}"), opportunity_id: format!("o{number}"), seq: seq,
                to_stage: stage, changed_at: day, amount_at_change: amount, derived: "false");
        }
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("amount_slippage", "2026-Q1").await, 0.1 / 3.5);
}

/// X4.7: what is open for the period against what remains to be sold.
#[tokio::test]
async fn coverage_needs_a_target_and_something_left_to_sell() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna", "ben", "carl"]);
    for (person, open, target, credited) in [
        ("anna", "900000", "500000", "200000"),
        ("ben", "100000", "500000", "500000"),
        ("carl", "100000", "", ""),
    ] {
        add_deal(&mut sheets, &format!("{person}-open"), person, ("2026-01-05", "2026-03-20"), "open", open);
        if !target.is_empty() {
            add_deal(
                &mut sheets,
                &format!("{person}-won"),
                person,
                ("2026-01-05", "2026-02-20"),
                "won",
                credited,
            );
            row!(sheets, Target, id: person, kpi_id: "credited_bookings", subject_kind: "employee", subject_id: person,
                period_id: "2026-Q1", value: target, currency: "EUR", kind: "quota");
        }
    }
    let example = Example::known_on(&sheets, "2026-03-10").await;
    is(&example.of("pipeline_coverage", "rep", "anna", "2026-Q1").await, 3.0);
    let met = example.of("pipeline_coverage", "rep", "ben", "2026-Q1").await;
    assert_eq!(met.reason().map(|code| code.code()), Some("E3"));
    let without = example.of("pipeline_coverage", "rep", "carl", "2026-Q1").await;
    assert_eq!(without.reason().map(|code| code.code()), Some("E4"));
}

/// X4.8: forty deals open, a quarter won, 18,000 each, sixty days.
#[tokio::test]
async fn velocity_is_four_factors() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    add_deal(&mut sheets, "won", "anna", ("2026-02-01", "2026-04-02"), "won", "18000");
    for number in 0..3 {
        add_deal(&mut sheets, &format!("lost{number}"), "anna", ("2026-02-01", "2026-04-10"), "lost", "9000");
    }
    for number in 0..40 {
        add_deal(&mut sheets, &format!("open{number}"), "anna", ("2026-02-01", "2026-12-10"), "open", "1000");
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("sales_velocity", "2026-Q2").await, 3000.0);
}

/// Pages and exports ask at the same time; none may be turned away for it.
#[tokio::test(flavor = "multi_thread")]
async fn questions_asked_at_once_are_all_answered() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    add_deal(&mut sheets, "won", "anna", ("2026-01-05", "2026-02-10"), "won", "100");
    for number in 0..40 {
        row!(sheets, Activity, id: number, employee_id: "anna", kind: "call", direction: "out",
            occurred_at: "2026-02-03T09:00:00Z", outcome: "connected");
    }
    let example = Arc::new(Example::known_on(&sheets, "2026-07-01").await);
    let metrics = ["calls_made", "connect_rate", "active_days", "accounts_touched", "deals_won", "bookings"];
    let asked: Vec<_> = metrics
        .into_iter()
        .map(|metric| {
            let example = Arc::clone(&example);
            tokio::spawn(async move { example.split(metric, "rep", "2026-Q1").await.len() })
        })
        .collect();
    for asked in asked {
        assert!(asked.await.expect("answered") > 0);
    }
}
