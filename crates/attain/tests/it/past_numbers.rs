//! What a delivery does to past numbers: told before it is imported and after; closed deals of other
//! hands stay with whoever closed them until their credit is restated, which can be taken back.

mod anything;

use attain_records::{Actor, Records, audit};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::html;
use crate::migration::Migrator;
use crate::program::{Program, Server};
use crate::small_company::{DEALS, Files};
use crate::two_times::on_both;

/// Anna's first deal, closed in the first quarter, is said to be Ben's; Ben's deal of the second
/// quarter turns out to be worth 450 and not 400.
fn handed_over(files: &Files) {
    let given = DEALS[0].replace(",anna,", ",ben,");
    let corrected = DEALS[2].replace(",400", ",450");
    files.deals(&[&given, DEALS[1], &corrected, DEALS[3]]);
}

fn looked_at(program: &Program, files: &Files) -> Value {
    let (input, mapping) = (files.input(), files.mapping());
    let (input, mapping) = (input.to_string_lossy(), mapping.to_string_lossy());
    let said = program.prints(&["import", &input, "--mapping", &mapping, "--dry-run", "--format", "json"]);
    serde_json::from_str::<Value>(&said).expect("a preview")["past"].take()
}

fn past_of(program: &Program, import: &str) -> Value {
    let said = program.prints(&["import", "past", import, "--format", "json"]);
    serde_json::from_str(&said).expect("past numbers")
}

/// Whose, metric, period, before, after, change: as one line each.
fn moves(past: &Value) -> Vec<String> {
    let text = |value: &Value| value.to_string().replace('"', "");
    let line = |moved: &Value| {
        let who = if moved["level"] == "company" { &moved["level"] } else { &moved["member"]["name"] };
        let cells =
            [who, &moved["metric"], &moved["period"], &moved["before"], &moved["after"], &moved["change"]];
        cells.map(text).join(" ")
    };
    past["moves"].as_array().expect("moves").iter().map(line).collect()
}

/// What every person and both teams reached, quarter by quarter.
fn numbers(program: &Program, as_of: Option<&str>) -> String {
    let ask = |by: &str| {
        let metrics = "bookings,deals_won,deals_lost,win_rate_count,opps_created,credited_bookings";
        let mut arguments =
            vec!["query", "--metric", metrics, "--by", by, "--period", "2024-Q1,2024-Q2,2024"];
        arguments.extend(["--format", "csv"]);
        arguments.extend(as_of.into_iter().flat_map(|instant| ["--as-of", instant]));
        program.prints(&arguments)
    };
    [ask("rep"), ask("region")].concat()
}

fn bookings(program: &Program, name: &str) -> String {
    let card = program.prints(&["scorecard", "--rep", name, "--period", "2024-Q1", "--format", "csv"]);
    let line = card.lines().find(|line| line.starts_with("bookings,")).expect("bookings");
    line.split(',').nth(2).expect("a value").to_owned()
}

#[test]
fn a_delivery_says_beforehand_and_afterwards_what_it_does_to_the_past() {
    on_both(|program, files| {
        files.deliver(program);
        assert_eq!(looked_at(program, files), Value::Null, "the same again changes nothing");
        handed_over(files);
        let before = looked_at(program, files);
        let deals = before["deals"].as_array().expect("deals");
        let [deal] = deals.as_slice() else { panic!("one deal: {before}") };
        let named = |person: &str| deal[person]["name"].clone();
        assert_eq!(
            (&deal["deal"], &deal["closed_on"], &deal["period"]),
            (&json!("D-1"), &json!("2024-02-01"), &json!("2024-Q1"))
        );
        assert_eq!(
            ["from", "to", "counted_for", "counts_for"].map(named),
            ["Anna", "Ben", "Anna", "Anna"].map(Value::from)
        );
        let group = &before["reassignments"][0];
        assert_eq!(
            (&group["deals"], &group["won"], &group["value"], &group["staying"]),
            (&json!(1), &json!(1), &json!(100), &json!(1))
        );
        let moved = [
            "Ben bookings 2024-Q2 400 450 50",
            "South bookings 2024-Q2 400 450 50",
            "company bookings 2024-Q2 400 450 50",
        ];
        assert_eq!(moves(&before), moved, "and nothing in the first quarter");
        files.deliver(program);
        assert_eq!(past_of(program, "2"), before, "what was said beforehand is what happened");
        assert_eq!(past_of(program, "1")["moves"], json!([]), "before the first delivery there was no past");
        let said = program.prints(&["import", "past", "2"]);
        assert!(said.contains("stays with Anna") && said.contains("450"), "{said}");
    });
}

#[test]
fn a_membership_that_began_earlier_moves_teams_and_says_so() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    files.people(&[
        "anna,Anna,North,2020-01-01,2024-02-10",
        "anna,Anna,South,2024-02-10,",
        "ben,Ben,South,2020-01-01,",
    ]);
    let before = looked_at(&program, &files);
    assert_eq!(
        before["belonging"],
        json!([{ "table": "team_assignment", "rows": 2, "since": "2024-02-10" }]),
        "{before}"
    );
    let moved = moves(&before);
    for team in ["North bookings 2024-Q1 300 100 -200", "South bookings 2024-Q1 0 200 200"] {
        assert!(moved.iter().any(|line| line == team), "{moved:?}");
    }
    assert!(!moved.iter().any(|line| line.starts_with("company") || line.starts_with("Anna")), "{moved:?}");
    files.people(&["anna,Anna,North,2020-01-01,2999-01-01", "ben,Ben,South,2020-01-01,"]);
    assert_eq!(looked_at(&program, &files)["belonging"], json!([]), "an end to come is no past");
}

#[test]
fn restated_credit_counts_for_the_new_owner_until_it_is_taken_back() {
    on_both(|program, files| {
        files.deliver(program);
        handed_over(files);
        files.deliver(program);
        let (before, then) = (numbers(program, None), Timestamp::now().to_string());
        assert_eq!([bookings(program, "Anna"), bookings(program, "Ben")], ["300", "0"]);
        let tried = program.prints(&["restate", "2", "--dry-run"]);
        assert!(tried.contains("Preview: 1 deal would be restated. Nothing was written"), "{tried}");
        assert_eq!(numbers(program, None), before);
        let said = program.prints(&["restate", "2", "--reason", "a handover both agreed to"]);
        assert!(said.contains("Import 3 restates the credit of 1 deal"), "{said}");
        assert_eq!([bookings(program, "Anna"), bookings(program, "Ben")], ["200", "100"]);
        assert_eq!(numbers(program, Some(&then)), before, "what was known before does not know of it");
        let past = past_of(program, "3");
        let people = [
            "Anna bookings 2024-Q1 300 200 -100",
            "Ben bookings 2024-Q1 0 100 100",
            "Anna deals_won 2024-Q1 2 1 -1",
            "Ben deals_won 2024-Q1 0 1 1",
        ];
        assert_eq!(moves(&past)[..4], people, "and not who created it");
        assert_eq!(
            (&past["deals"][0]["counted_for"]["name"], &past["deals"][0]["counts_for"]["name"]),
            (&json!("Anna"), &json!("Ben"))
        );
        let difference = [
            "difference",
            "--metric",
            "bookings",
            "--rep",
            "Anna",
            "--period",
            "2024-Q1",
            "--from",
            &then,
            "--format",
            "csv",
        ];
        let said = program.prints(&difference);
        let row = said.lines().find(|line| line.contains("D-1")).expect("the restated deal");
        assert!(row.contains("its credit was restated"), "{said}");
        assert!(row.contains(",-100,3,"), "it is the restatement, number 3, that made it so: {said}");
        let said = program.prints(&["restate", "take-back", "3", "--reason", "not agreed after all"]);
        assert_eq!(said, "Import 4 takes back the restatement of import 3\n");
        assert_eq!(numbers(program, None), before, "as if nothing had happened");
    });
}

#[test]
fn a_restatement_needs_a_reason_deals_and_is_taken_back_once() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    handed_over(&files);
    files.deliver(&program);
    let refused = |arguments: &[&str]| program.refuses(&[&["restate"], arguments].concat());
    assert!(refused(&["2", "--reason", "  "]).contains("say why"));
    assert!(refused(&["1", "--reason", "x"]).contains("import 1 gave no such closed deal to another owner"));
    assert!(refused(&["2", "--from", "Ben", "--reason", "x"]).contains("gave no such closed deal"));
    assert!(refused(&["2", "--deal", "D-2", "--reason", "x"]).contains("gave no such closed deal"));
    assert!(refused(&["take-back", "2", "--reason", "x"]).contains("import 2 is no restatement of credit"));
    program.prints(&["restate", "2", "--from", "anna", "--to", "Ben", "--deal", "D-1", "--reason", "agreed"]);
    assert!(refused(&["2", "--reason", "again"]).contains("with their new owners already"));
    let undo = program.refuses(&["import", "undo", "3"]);
    assert!(undo.contains("`attain restate take-back` takes restatements back"), "{undo}");
    program.prints(&["restate", "take-back", "3", "--reason", "x"]);
    assert!(refused(&["take-back", "3", "--reason", "x"]).contains("taken back already, by import 4"));
    assert!(refused(&["take-back", "4", "--reason", "x"]).contains("import 4 is no restatement"));
}

#[test]
fn a_later_delivery_keeps_a_restatement_and_what_was_signed_still_verifies() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    handed_over(&files);
    files.deliver(&program);
    let file = program.folder.path().join("receipt.json");
    let file = file.to_string_lossy();
    program.prints(&["sign", "--metric", "bookings", "--rep", "Anna", "--period", "2024-Q1", "-o", &file]);
    program.prints(&["restate", "2", "--reason", "agreed"]);
    let key = program.prints(&["key"]);
    let said = program.prints(&["verify", &file, "--key", key.trim()]);
    assert!(said.contains("2024-Q1: 300") || said.contains("Q1 2024: 300"), "{said}");
    assert!(said.contains("the data gives the same figures and rows"), "{said}");
    files.deals(&[
        &DEALS[0].replace(",anna,", ",ben,").replace(",100", ",110"),
        DEALS[1],
        DEALS[2],
        DEALS[3],
    ]);
    files.deliver(&program);
    assert_eq!([bookings(&program, "Anna"), bookings(&program, "Ben")], ["200", "110"]);
}

#[test]
fn the_undo_of_an_import_says_beforehand_what_it_does_to_the_past() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    let as_it_was = numbers(&program, None);
    handed_over(&files);
    files.deliver(&program);
    let said = program.prints(&["import", "undo", "2", "--dry-run"]);
    assert!(said.contains("Anna") && said.contains("South") && said.contains("−50"), "{said}");
    let server = Server::start(&program);
    let page = html::text(&server.text("/data/imports/2/undo"));
    assert!(page.contains("Past numbers One closed deal changes hands."), "{page}");
    program.prints(&["import", "undo", "2"]);
    let moved = ["Ben bookings 2024-Q2 450 400 -50", "South bookings 2024-Q2 450 400 -50"];
    assert_eq!(moves(&past_of(&program, "3"))[..2], moved);
    assert_eq!(numbers(&program, None), as_it_was);
}

#[test]
fn restating_is_part_of_the_audit_log() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    handed_over(&files);
    files.deliver(&program);
    program.prints(&["restate", "2", "--reason", "agreed"]);
    program.prints(&["restate", "take-back", "3", "--reason", "not agreed"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let records = Records::open::<Migrator>(&program.records_url()).await.expect("records");
        let entries = audit::entries(&records, &Actor::local_owner(), None, 2).await.expect("entries");
        let said: Vec<String> = entries.iter().map(|entry| format!("{entry:?}")).collect();
        assert!(said[0].contains("credit.take_back") && said[0].contains("not agreed"), "{said:?}");
        assert!(said[1].contains("credit.restate") && said[1].contains("D-1"), "{said:?}");
    });
}

#[test]
fn pages_show_past_numbers_and_restate_them() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    handed_over(&files);
    let server = Server::start(&program);
    let mapping = std::fs::read_to_string(files.mapping()).expect("a mapping");
    let fields = [("written_as", "text"), ("text", mapping.as_str()), ("act", "look")];
    let looked = server.submit(&server.upload(&files.input()), &fields);
    let preview = looked.header("location").expect("a preview").trim_end_matches("#problem").to_owned();
    while server.get(&preview).header("refresh").is_some() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let seen = html::text(&server.text(&preview));
    assert!(
        seen.contains("Past numbers One closed deal changes hands. Past credit stays with Anna"),
        "{seen}"
    );
    let folder = preview.trim_end_matches("/run");
    assert!(server.text(&format!("{folder}/past/deals.csv")).contains("crm,D-1,First"));
    assert!(
        server
            .text(&format!("{folder}/past/numbers.csv"))
            .contains("rep,person-2,Ben,bookings,2024-Q2,400,450,50")
    );
    files.deliver(&program);
    let page = html::text(&server.text("/data/imports/2/past"));
    assert!(page.contains("One closed deal changes hands. Past credit stays with Anna"), "{page}");
    assert!(page.contains("One number of a person in a period that is over moves."), "{page}");
    let confirm = html::text(&server.text("/data/imports/2/restatement?from=person-1&to=person-2"));
    assert!(confirm.contains("Restate 1 deal") && confirm.contains("−100"), "{confirm}");
    let refused = server.submit("/data/imports/2/restatement", &[("reason", "")]);
    assert!(html::text(&refused.text()).contains("Say why"), "{}", refused.text());
    let done = server.submit("/data/imports/2/restatement", &[("reason", "agreed"), ("deal", "D-1")]);
    assert_eq!(
        (done.status, done.header("location")),
        (303, Some("/data/imports/3/past")),
        "{}",
        done.text()
    );
    let page = html::text(&server.text("/data/imports/3/past"));
    assert!(page.contains("One closed deal counts for somebody else.") && page.contains("agreed"), "{page}");
    assert!(page.contains("Take this restatement back"), "{page}");
    let history = html::text(&server.text("/data/imports"));
    assert!(history.contains("restates credit of closed deals: agreed"), "{history}");
    let file = server.text("/data/imports/3/past/numbers.csv");
    assert!(file.contains("rep,person-1,Anna,bookings,2024-Q1,300,200,-100"), "{file}");
    assert!(
        server
            .text("/data/imports/2/past/deals.csv")
            .contains("crm,D-1,First,Acme,won,2024-02-01,2024-Q1,100,Anna,Ben,Anna,Anna,stays")
    );
    assert_eq!(server.submit("/data/imports/3/take-back", &[("reason", "no")]).status, 303);
    server.text("/data/imports/4/past");
    assert!(html::text(&server.text("/data/imports/3")).contains("taken back by import 4"));
}

#[test]
fn a_program_reads_past_numbers_and_restates_them() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    handed_over(&files);
    files.deliver(&program);
    let server = Server::start(&program);
    assert_eq!(server.get("/api/v1/imports/2/past").json(), past_of(&program, "2"));
    let post = |path: &str, body: Value| {
        let reply = server.send_body("POST", path, &[("Content-Type", "application/json")], body.to_string());
        (reply.status, reply.json())
    };
    let (status, would) = post("/api/v1/imports/2/restatement", json!({ "preview": true }));
    assert_eq!((status, moves(&would)[0].as_str()), (200, "Anna bookings 2024-Q1 300 200 -100"));
    let (status, problem) = post("/api/v1/imports/2/restatement", json!({}));
    assert_eq!((status, &problem["field"]), (422, &json!("reason")), "{problem}");
    let (status, made) = post("/api/v1/imports/2/restatement", json!({ "reason": "agreed" }));
    assert_eq!(
        (status, &made["number"], &made["restatement"]["takes_back"]),
        (201, &json!(3), &Value::Null),
        "{made}"
    );
    assert_eq!(post("/api/v1/imports/2/restatement", json!({ "reason": "agreed" })).0, 409);
    let (status, made) = post("/api/v1/imports/3/take-back", json!({ "reason": "no" }));
    assert_eq!((status, &made["restatement"]["takes_back"]), (201, &json!(3)), "{made}");
    assert_eq!(post("/api/v1/imports/3/take-back", json!({ "reason": "no" })).0, 409);
    assert_eq!(server.get("/api/v1/imports/9/past").status, 404);
}
