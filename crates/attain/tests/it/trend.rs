//! A metric over time: what is usual, what stands out, and limits drawn anew with a reason.

use serde_json::Value;

use crate::company_of_many::{account, files, mapping, person};
use crate::html;
use crate::program::{Program, Server};
use attain_testing::Postgres;

/// Anna decides twenty deals a month of the years 2022 and 2023: so many of them won.
fn deals(won: impl Fn(usize) -> usize, months: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for month in 0..months {
        let (year, of_year) = (2022 + month / 12, month % 12 + 1);
        for at in 0..20 {
            let outcome = if at < won(month) { "Won" } else { "Lost" };
            rows.push(format!(
                "D-{month}-{at},Deal,Acme,anna,{year}-{of_year:02}-01,{year}-{of_year:02}-20,{outcome},100"
            ));
        }
    }
    rows
}

fn delivered(program: &Program, won: impl Fn(usize) -> usize, months: usize) -> Server {
    let files = files();
    files.map(
        &mapping().replace("{ from: 2024-01-01, to: 2025-01-01 }", "{ from: 2022-01-01, to: 2024-01-01 }"),
    );
    files.deals(&deals(won, months).iter().map(String::as_str).collect::<Vec<_>>());
    files.deliver(program);
    Server::start(program)
}

fn trend(server: &Server, cookie: &str, metric: &str) -> Value {
    let path = format!("/api/v1/trend?level=rep&id={}&metric={metric}", person("anna"));
    let reply = server.get_as(cookie, &path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Ten or twelve of twenty, in turn: a process that does not change.
fn usual(month: usize) -> usize {
    10 + 2 * (month % 2)
}

#[test]
fn declined_is_said_only_with_a_signal() {
    let program = Program::new();
    let server = delivered(&program, |month| if month == 16 { 2 } else { usual(month) }, 17);
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    let found = trend(&server, &anna, "win_rate_count");
    let said = found["sentence"].as_str().expect("a sentence");
    assert!(said.starts_with("Win rate declined: ") && said.contains("below the lower limit"), "{said}");
    let fall = &found["points"][16];
    assert_eq!(fall["signals"][0].as_str(), Some("R1, below the lower limit"), "{fall}");
    let page = format!("/trend/rep/{}", person("anna"));
    let shown = server.get_as(&anna, &page).text();
    assert!(html::text(&shown).contains(said) && shown.contains("pt out"), "{shown}");
}

#[test]
fn what_varies_as_usual_neither_improved_nor_declined() {
    let program = Program::new();
    let server = delivered(&program, usual, 24);
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    let found = trend(&server, &anna, "win_rate_count");
    assert!(
        found["sentence"].as_str().is_some_and(|said| said.contains("nothing of late stands out")),
        "{found}"
    );
    assert!((found["limits"]["mean"].as_f64().expect("a mean") - 0.55).abs() < 1e-9, "{found}");
    assert_eq!(found["limits"]["provisional"], false);
}

#[test]
fn on_few_or_no_periods_nothing_is_said() {
    let program = Program::new();
    let server = delivered(&program, usual, 5);
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    for (metric, words) in
        [("win_rate_count", "at least eight are needed"), ("calls_made", "0 periods with a value")]
    {
        let found = trend(&server, &anna, metric);
        assert!(found["limits"].is_null(), "{found}");
        assert!(found["sentence"].as_str().is_some_and(|said| said.contains(words)), "{found}");
    }
    for path in ["/trend/rep/nobody", "/trend/planet/x", "/trend"] {
        assert_eq!(server.get_as(&anna, path).status, 404, "{path}");
    }
    let page = format!("/trend/rep/{}?by=day", person("anna"));
    assert_eq!(server.get_as(&anna, &page).status, 422);
}

#[test]
fn limits_are_drawn_anew_by_who_leads_and_with_a_reason() {
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        let server = delivered(program, |month| if month < 12 { usual(month) } else { 2 + month % 2 }, 24);
        let anna = account(program, &server, "anna", Some("anna"), &[]);
        let dora = account(program, &server, "dora", Some("dora"), &[]);
        let before = trend(&server, &anna, "win_rate_count");
        assert!(before["sentence"].as_str().is_some_and(|said| said.contains("declined")), "{before}");
        let path = format!("/trend/rep/{}/limits", person("anna"));
        let sent = |reason: &'static str| {
            [("metric", "win_rate_count"), ("by", "month"), ("from", "2023-01-01"), ("reason", reason)]
        };
        assert_eq!(server.submit_as(&anna, &path, &sent("I say so")).status, 404, "not by oneself");
        assert_eq!(server.submit_as(&dora, &path, &sent(" ")).status, 422, "not without a reason");
        let late =
            [("metric", "win_rate_count"), ("by", "month"), ("from", "9999-01-01"), ("reason", "soon")];
        assert_eq!(server.submit_as(&dora, &path, &late).status, 422, "not from a day with nothing after it");
        let unchanged = trend(&server, &anna, "win_rate_count");
        assert_eq!(unchanged["points"].as_array().map(Vec::len), Some(24));
        let reply = server.submit_as(&dora, &path, &sent("another territory since January"));
        assert_eq!(reply.status, 303, "{}", reply.text());
        let after = trend(&server, &anna, "win_rate_count");
        assert_eq!(after["points"].as_array().map(Vec::len), Some(12), "{after}");
        assert!(
            after["sentence"].as_str().is_some_and(|said| said.contains("nothing of late stands out")),
            "{after}"
        );
        let page = html::text(&server.get_as(&anna, &format!("/trend/rep/{}", person("anna"))).text());
        assert!(page.contains("another territory since January") && page.contains("by dora"), "{page}");
        let log = program.prints(&["audit", "export", "--format", "csv"]);
        assert!(log.contains("trend.limits"), "{log}");
    }
}
