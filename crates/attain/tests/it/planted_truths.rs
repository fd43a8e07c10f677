//! What is planted in the demo company, found on the pages where it must show (journeys P1 to P4 and P6).

use serde_json::Value;

use crate::html;
use crate::program::{Program, Server};

/// The identifier of one of the account executives.
fn person(server: &Server, name: &str) -> String {
    let compared = server.get("/api/v1/comparison?period=2026&role=AE").json();
    let people = compared["people"].as_array().expect("people").iter();
    let one = people.clone().find(|one| one["name"] == name);
    one.and_then(|one| one["id"].as_str()).unwrap_or_else(|| panic!("{name}: {compared}")).to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[test]
fn what_is_planted_in_the_demo_is_found() {
    let (program, files) = (Program::new(), tempfile::tempdir().expect("a folder"));
    let server = Server::demo(&program, files.path(), "127.0.0.1:0");
    first_by_bookings_as_expected(&server);
    third_on_six_deals(&server);
    all_conversion(&server);
    the_market(&server);
    the_win_rate_redefined(&server);
}

/// P1: Jonas Weidlinger tops bookings, and with his customers anybody would.
fn first_by_bookings_as_expected(server: &Server) {
    let expected = server.get("/api/v1/expectations?period=2026&role=AE").json();
    let people = expected["people"].as_array().expect("people");
    let observed = |one: &Value| one["observed"].as_f64().expect("a number");
    let first =
        people.iter().max_by(|one, other| observed(one).total_cmp(&observed(other))).expect("somebody");
    assert_eq!((text(&first["name"]), text(&first["verdict"])), ("Jonas Weidlinger", "cannot be told apart"));
    let page = format!("/circumstances/rep/{}?period=2026", text(&first["id"]));
    let shown = html::text(&server.get(&page).text());
    assert!(shown.contains("cannot be told apart from expected"), "{shown}");
}

/// P2: Nikos Stavridakos is third by bookings, on six deals.
fn third_on_six_deals(server: &Server) {
    let id = person(server, "Nikos Stavridakos");
    let expected = server.get("/api/v1/expectations?period=2026&role=AE").json();
    let mut people: Vec<&Value> = expected["people"].as_array().expect("people").iter().collect();
    people.sort_by(|one, other| {
        other["observed"].as_f64().partial_cmp(&one["observed"].as_f64()).expect("numbers")
    });
    assert_eq!((text(&people[2]["id"]), people[2]["decided"].as_u64()), (id.as_str(), Some(6)));
    for page in [format!("/compare/rep/{id}?period=2026"), format!("/circumstances/rep/{id}?period=2026")] {
        let shown = html::text(&server.get(&page).text());
        assert!(shown.contains("not enough to say"), "{page}: {shown}");
    }
}

/// P3: the fall of Priya Raghunandan is all conversion, to the cent.
fn all_conversion(server: &Server) {
    let id = person(server, "Priya Raghunandan");
    let why = server.get(&format!("/api/v1/why?level=rep&id={id}&period=2026-Q4")).json();
    let planted = "Down 41,200 EUR on Q3 FY26: conversion −41,200, opportunities 0, deal size 0.";
    assert_eq!(text(&why["sentence"]), planted);
}

/// P4: a segment fell by 18 %, Magdalena Wiśnicka by 17 %: what remains is none that could be told.
fn the_market(server: &Server) {
    let id = person(server, "Magdalena Wiśnicka");
    let market = server.get(&format!("/api/v1/market?level=rep&id={id}&period=2026-Q2")).json();
    let said = text(&market["sentence"]);
    assert!(said.contains("(−17.0 %)") && said.contains("cannot be told apart from none"), "{said}");
    let page = html::text(&server.get(&format!("/why/rep/{id}?period=2026-Q2")).text());
    assert!(page.contains(said), "{page}");
}

/// P6: the win rate of the sixth quarter on leaves renewals out; the fifth is measured as it was.
fn the_win_rate_redefined(server: &Server) {
    let ask = |metric: &str, period: &str| {
        let answer = server.get(&format!("/api/v1/numbers?metric={metric}&period={period}")).json();
        answer[0].clone()
    };
    let (fifth, sixth) = (ask("win_rate_count", "2026-Q1"), ask("win_rate_count", "2026-Q2"));
    assert_eq!(
        (fifth["definition_version"].as_u64(), sixth["definition_version"].as_u64()),
        (Some(1), Some(2))
    );
    assert_eq!(fifth["denominator"], ask("deals_decided", "2026-Q1")["value"], "as it was");
    assert_ne!(sixth["denominator"], ask("deals_decided", "2026-Q2")["value"], "renewals are left out");
    let change = html::text(&server.text("/definitions/changes/1"));
    assert!(change.contains("Renewals close by themselves") && change.contains("1 Oct 2025"), "{change}");
    // What it usually is begins with the new meaning.
    let trend = server.get("/api/v1/trend?metric=win_rate_count").json();
    assert_eq!(trend["points"][0]["period"].as_str(), Some("2025-10"), "{trend}");
}
