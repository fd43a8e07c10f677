//! An import taken back: by command, in the browser, by a program; killed in the middle; and what
//! was known and signed before it.

use std::process::Stdio;
use std::time::Instant;

use attain_testing::Postgres;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::faults::deliveries::Deliveries;
use crate::faults::{kills, moments, state};
use crate::html;
use crate::program::{Program, Server};
use crate::small_company::{DEALS, Files};
use crate::two_times::{bookings, on_both};

/// Import 2 makes D-1 dearer, D-2 goes and with it its account, D-5 comes.
fn corrected(program: &Program, files: &Files) {
    files.deliver(program);
    let dearer = DEALS[0].replace(",100", ",150");
    files.deals(&[&dearer, DEALS[2], DEALS[3], "D-5,Fifth,Acme,ben,2024-03-01,2024-05-01,Won,1000"]);
    files.deliver(program);
}

#[test]
fn the_numbers_are_as_before_and_stay_what_they_were_as_of_before_the_undo() {
    on_both(|program, files| {
        corrected(program, files);
        let with = Timestamp::now();
        assert_eq!(bookings(program, None), Some(1550));
        let said = program.prints(&["import", "undo", "2", "--dry-run"]);
        assert!(said.ends_with("Preview: undoing import 2 makes 4 changes. Nothing was written\n"), "{said}");
        assert_eq!(bookings(program, None), Some(1550));
        let said = program.prints(&["import", "undo", "2", "--reason", "last year's file"]);
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("account 0 0 1 opportunity 1 1 1"), "{said}");
        assert!(said.ends_with("Import 3 undoes import 2: 4 changes, snapshot 3\n"), "{said}");
        assert_eq!((bookings(program, None), bookings(program, Some(with))), (Some(700), Some(1550)));
        let said = program.refuses(&["import", "undo", "2"]);
        assert!(said.contains("import 2 was undone already, by import 3"), "{said}");
        let again = files.deliver(program);
        assert!(
            again.contains("Import 4: 4 changes (1 created, 1 changed, 2 deleted), snapshot 4"),
            "{again}"
        );
        assert_eq!(bookings(program, None), Some(1550));
    });
}

#[test]
fn what_was_signed_on_an_import_still_holds_when_it_is_undone() {
    let (program, files) = (Program::new(), Files::new());
    corrected(&program, &files);
    let file = program.folder.path().join("receipt.json");
    let file = file.to_string_lossy();
    program.prints(&["sign", "--metric", "bookings", "--period", "2024", "-o", &file]);
    program.prints(&["import", "undo", "2"]);
    let key = program.prints(&["key"]);
    let said = program.prints(&["verify", &file, "--key", key.trim()]);
    assert!(said.contains("The receipt holds, and the data gives the same figures and rows."), "{said}");
}

#[test]
fn it_is_undone_in_the_browser_after_what_goes_was_shown() {
    let (program, files) = (Program::new(), Files::new());
    corrected(&program, &files);
    let server = Server::start(&program);
    let report = server.text("/data/imports/2");
    assert_eq!(html::link_text(&report, "/data/imports/2/undo"), "Undo this import");
    let question = html::text(&server.text("/data/imports/2/undo"));
    assert!(
        question.contains("opportunity 1 1 1") && question.contains("Undo import 2: 4 changes"),
        "{question}"
    );
    let refused = html::text(&server.text("/data/imports/1/undo"));
    assert!(
        refused.contains("import 2 changed 2 rows of opportunity") && refused.contains("Undo import 2 first"),
        "{refused}"
    );
    assert!(!refused.contains("Undo import 1:"), "nothing to press: {refused}");
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
    let reply = server.send_body("POST", "/data/imports/2/undo", &form, "reason=the+wrong+year");
    assert_eq!((reply.status, reply.header("location")), (303, Some("/data/imports/3")), "{}", reply.text());
    let undo = html::text(&server.text("/data/imports/3"));
    assert!(undo.contains("undoes import 2: the wrong year."), "{undo}");
    let history = html::text(&server.text("/data/imports"));
    assert!(history.contains("undoes import 2") && history.contains("undone by import 3"), "{history}");
    let undone = server.text("/data/imports/2");
    assert!(html::text(&undone).contains("It was undone by import 3"), "{undone}");
    let again = server.send_body("POST", "/data/imports/2/undo", &form, "reason=");
    assert_eq!(again.status, 409);
    let elsewhere = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(server.send_body("POST", "/data/imports/1/undo", &elsewhere, "reason=").status, 403);
}

#[test]
fn a_program_undoes_an_import_and_is_told_why_not() {
    let (program, files) = (Program::new(), Files::new());
    corrected(&program, &files);
    let server = Server::start(&program);
    let post = |path: &str, body: &str| {
        let reply = server.send_body("POST", path, &[("Content-Type", "application/json")], body);
        (reply.status, reply.json())
    };
    let (status, problem) = post("/api/v1/imports/1/undo", "{}");
    assert_eq!((status, &problem["type"]), (409, &json!("/problems/refused")), "{problem}");
    assert!(
        problem["detail"].as_str().is_some_and(|words| words.contains("Undo import 2 first")),
        "{problem}"
    );
    let long = json!({ "reason": "x".repeat(2_001) }).to_string();
    let (status, problem) = post("/api/v1/imports/2/undo", &long);
    assert_eq!((status, &problem["field"]), (422, &json!("reason")), "{problem}");
    let (status, undo) = post("/api/v1/imports/2/undo", r#"{"reason": "twice"}"#);
    assert_eq!(status, 201, "{undo}");
    assert_eq!((&undo["number"], &undo["undoes"], &undo["reason"]), (&json!(3), &json!(2), &json!("twice")));
    assert_eq!(undo["mapping_sha256"], Value::Null);
    let undone = server.get("/api/v1/imports/2").json();
    assert_eq!((&undone["undone_by"], &undone["undoes"]), (&json!(3), &Value::Null));
    assert_eq!(post("/api/v1/imports/99/undo", "{}").0, 404);
}

#[test]
fn a_company_without_its_only_import_still_has_pages() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    program.prints(&["import", "undo", "1"]);
    let server = Server::start(&program);
    for page in ["/scorecards", "/metrics", "/data/imports", "/data/imports/1", "/data/imports/2"] {
        server.text(page);
    }
    let number = server.get("/api/v1/numbers?metric=bookings&period=2024").json();
    assert_eq!((&number[0]["value"], &number[0]["codes"]), (&Value::Null, &json!(["E1"])), "{number}");
}

/// Killed at random moments: all of the undo is there or nothing, and then it can be undone.
fn kill_undos(program: &Program, count: usize) {
    let deliveries = Deliveries::write();
    program.import(&deliveries.first, &deliveries.mapping);
    let before = state(program);
    program.import(&deliveries.second, &deliveries.mapping);
    let with = state(program);
    let start = Instant::now();
    program.prints(&["import", "undo", "2"]);
    let within = start.elapsed();
    assert_eq!(state(program), before);
    for at in moments(count, within) {
        let report = program.import(&deliveries.second, &deliveries.mapping);
        let newest = report.split("Import ").nth(1).and_then(|rest| rest.split(':').next());
        let newest = newest.expect("a number").to_owned();
        let mut undo = program.command(&["import", "undo", &newest]);
        let mut undo = undo.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        std::thread::sleep(at);
        undo.kill().expect("killed");
        undo.wait().expect("ended");
        let found = state(program);
        assert!(found == before || found == with, "half of an undo is there:\n{found}");
        if found == with {
            program.prints(&["import", "undo", &newest]);
        } else {
            assert!(program.refuses(&["import", "undo", &newest]).contains("was undone already"));
        }
        assert_eq!(state(program), before);
    }
}

#[test]
fn an_undo_that_is_killed_is_there_as_a_whole_or_not_at_all() {
    kill_undos(&Program::new(), kills());
    if let Some(server) = Postgres::shared() {
        kill_undos(&Program::on_postgres(server.create_database()), kills().div_ceil(2));
    }
}
