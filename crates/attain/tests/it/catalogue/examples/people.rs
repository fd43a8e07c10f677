//! Examples about people's own numbers: forecasts, first touches, ramp.

use super::{Example, add_deal, add_team, is};
use crate::catalogue::fixture::sheet::{Sheets, row};

/// X4.10: a pair without a submission is left out, not taken for a forecast of nothing.
#[tokio::test]
async fn forecasts_are_judged_where_they_were_made() {
    let mut sheets = Sheets::default();
    let people = ["p1", "p2", "p3", "p4", "p5"];
    add_team(&mut sheets, &people);
    let pairs = [("100", "120"), ("", "30"), ("250", "200"), ("80", "80"), ("60", "")];
    for (person, (actual, forecast)) in people.into_iter().zip(pairs) {
        if !actual.is_empty() {
            add_deal(&mut sheets, person, person, ("2026-01-05", "2026-02-10"), "won", actual);
        }
        if !forecast.is_empty() {
            row!(sheets, ForecastSubmission, id: person, employee_id: person, period_id: "2026-Q1", kpi_id: "credited_bookings",
                value: forecast, category: "commit", submitted_at: "2025-12-20");
        }
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("wape", "2026-Q1").await, 100.0 / 430.0);
    is(&example.number("forecast_bias", "2026-Q1").await, 0.0);
    is(&example.number("forecast_accuracy", "2026-Q1").await, 330.0 / 430.0);
}

/// X4.11: leads nobody touched yet still wait.
#[tokio::test]
async fn the_median_first_touch_counts_those_who_still_wait() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    let leads = [
        (5, true),
        (12, true),
        (30, true),
        (45, true),
        (60, false),
        (90, true),
        (200, false),
        (300, false),
        (400, false),
    ];
    for (number, (minutes, touched)) in leads.into_iter().enumerate() {
        // The example is known at 18:00.
        let since_morning = 18 * 60 - minutes;
        let instant = |minute: i32| format!("2026-02-10T{:02}:{:02}:00Z", minute / 60, minute % 60);
        row!(sheets, Lead, id: number, created_at: instant(since_morning), owner_id: "anna", status: "new",
            first_touch_at: if touched { instant(18 * 60) } else { String::new() });
    }
    let example = Example::known_on(&sheets, "2026-02-10").await;
    is(&example.number("speed_to_lead", "2026-Q1").await, 90.0);
}

/// X4.17: the fifth month is the first whose last three reach four fifths of their targets.
#[tokio::test]
async fn ramp_time_is_the_month_whose_last_three_reach_four_fifths() {
    let mut sheets = Sheets::default();
    row!(sheets, Team, id: "team", name: "team");
    row!(sheets, Employee, id: "new", display_name: "new", role: "AE", hire_date: "2025-12-15");
    row!(sheets, TeamAssignment, id: "new", employee_id: "new", team_id: "team", is_primary: "true");
    for (month, amount) in [200, 400, 600, 900, 1000, 900, 1000].into_iter().enumerate() {
        let closed = format!("2026-{:02}-15", month + 1);
        add_deal(&mut sheets, &closed, "new", ("2025-12-20", &closed), "won", &amount.to_string());
    }
    for quarter in ["2026-Q1", "2026-Q2", "2026-Q3"] {
        row!(sheets, Target, id: quarter, kpi_id: "credited_bookings", subject_kind: "employee", subject_id: "new",
            period_id: quarter, value: "3000", currency: "EUR", kind: "quota");
    }
    let example = Example::known_on(&sheets, "2026-08-10").await;
    is(&example.of("ramp_time", "rep", "new", "2026-Q2").await, 5.0);
}

/// X4.15: sixty working days with two half-days in them, and thirty and a half.
#[tokio::test]
async fn leads_are_divided_by_the_working_days_of_those_who_brought_them() {
    let mut sheets = Sheets::default();
    row!(sheets, Team, id: "team", name: "team");
    for (person, hired, leads) in [("old", "2020-01-01", 45), ("new", "2026-02-17", 20)] {
        row!(sheets, Employee, id: person, display_name: person, role: "SDR", hire_date: hired);
        row!(sheets, TeamAssignment, id: person, employee_id: person, team_id: "team", valid_from: hired, is_primary: "true");
        for number in 0..leads {
            row!(sheets, Lead, id: format!("{person}{number}"), created_at: "2026-03-02T09:00:00Z", owner_id: person, status: "new");
        }
    }
    let working_days =
        "{ holidays: [2026-01-01, 2026-01-02, 2026-01-05], half_days: [2026-01-30, 2026-03-31] }";
    let example = Example::working(&sheets, "2026-07-01", working_days).await;
    is(&example.of("lead_generation_rate", "rep", "old", "2026-Q1").await, 0.75);
    is(&example.of("lead_generation_rate", "rep", "new", "2026-Q1").await, 20.0 / 30.5);
    is(&example.of("lead_generation_rate", "region", "team", "2026-Q1").await, 65.0 / 90.5);
    is(&example.number("lead_generation_rate", "2026-Q1").await, 65.0 / 90.5);
}
