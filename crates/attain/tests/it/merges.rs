//! Two of the sources that are one person: merged by command, in the browser, by a program, and taken
//! apart; seen by numbers, their difference and what was signed.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::html;
use crate::program::{Program, Server};
use crate::small_company::{DEALS, Files};
use crate::two_times::on_both;

/// Ben's second deal is of a B. Burns, who is he.
fn named_twice(program: &Program, files: &Files) {
    files.people(&[
        "anna,Anna,North,2020-01-01,",
        "ben,Ben,South,2020-01-01,",
        "burns,B. Burns,South,2020-01-01,",
    ]);
    let other = "D-5,Fifth,Dune,burns,2024-03-01,2024-05-03,Won,1000";
    files.deals(&[DEALS[0], DEALS[1], DEALS[2], DEALS[3], other]);
    files.deliver(program);
}

fn bookings(program: &Program, name: &str) -> String {
    let card = program.prints(&["scorecard", "--rep", name, "--period", "2024", "--format", "csv"]);
    let line = card.lines().find(|line| line.starts_with("bookings,")).expect("bookings");
    line.split(',').nth(2).expect("a value").to_owned()
}

#[test]
fn a_command_merges_and_takes_apart() {
    on_both(|program, files| {
        named_twice(program, files);
        assert_eq!((bookings(program, "Ben"), bookings(program, "B. Burns")), ("400".into(), "1000".into()));
        let before = Timestamp::now().to_string();
        let said =
            program.prints(&["identity", "merge", "employee", "B. Burns", "Ben", "--reason", "one person"]);
        assert_eq!(said, "Import 2: person-3 is merged into person-2\n");
        assert_eq!(bookings(program, "Ben"), "1400");
        assert_eq!(bookings(program, "b. burns"), "1400", "he is still found by his other name");
        let company = ["query", "--metric", "bookings", "--period", "2024", "--by", "rep", "--format", "csv"];
        let now = program.prints(&company);
        let then = program.prints(&[&company[..], &["--as-of", &before]].concat());
        assert!(!now.contains("Burns") && then.contains("B. Burns"), "{now}\n{then}");
        let difference =
            ["difference", "--metric", "bookings", "--rep", "Ben", "--period", "2024", "--from", &before];
        let said = program.prints(&[&difference[..], &["--format", "csv"]].concat());
        let row = said.lines().find(|line| line.contains("D-5")).expect("the deal that came to him");
        assert!(row.contains(",1000,2,"), "it is the merge, number 2, that made it so: {said}");
        let said = program.prints(&["identity", "unmerge", "employee", "burns"]);
        assert_eq!(said, "Import 3: person-3 is of its own again\n");
        assert_eq!((bookings(program, "Ben"), bookings(program, "B. Burns")), ("400".into(), "1000".into()));
    });
}

#[test]
fn what_is_signed_knows_of_a_merge_and_holds_when_it_is_taken_apart() {
    let (program, files) = (Program::new(), Files::new());
    named_twice(&program, &files);
    program.prints(&["identity", "merge", "employee", "burns", "ben"]);
    let file = program.folder.path().join("receipt.json");
    let file = file.to_string_lossy();
    program.prints(&["sign", "--metric", "bookings", "--rep", "Ben", "--period", "2024", "-o", &file]);
    program.prints(&["identity", "unmerge", "employee", "burns"]);
    let key = program.prints(&["key"]);
    let said = program.prints(&["verify", &file, "--key", key.trim()]);
    assert!(
        said.contains("Small company), 2024: 1400")
            && said.contains("the data gives the same figures and rows"),
        "{said}"
    );
}

#[test]
fn a_page_lists_what_is_merged_and_merges_more() {
    let (program, files) = (Program::new(), Files::new());
    named_twice(&program, &files);
    let server = Server::start(&program);
    let page = html::text(&server.text("/data/merged"));
    assert!(page.contains("Nothing is merged."), "{page}");
    let send = |body: &str| {
        let headers =
            [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        server.send_body("POST", "/data/merged", &headers, body)
    };
    let refused = send("table=employee&one=Ben&into=Nobody&reason=");
    let text = html::text(&refused.text());
    assert!(text.contains("There is no employee `Nobody`, neither as id nor as key nor as name"), "{text}");
    let done = send("table=employee&one=B.+Burns&into=Ben&reason=one+person");
    assert_eq!((done.status, done.header("location")), (303, Some("/data/merged")), "{}", done.text());
    let page = html::text(&server.text("/data/merged"));
    assert!(page.contains("B. Burns person-3, burns of crm Ben person-2, ben of crm"), "{page}");
    assert!(page.contains("one person"), "{page}");
    let card = server.get("/api/v1/scorecards?level=rep&name=Ben&period=2024").text();
    assert!(card.contains("1400"), "{card}");
    for kept in ["person-2", "person-3"] {
        let page = server.text(&format!("/scorecards/rep/{kept}?period=2024"));
        assert!(html::text(&page).contains("Ben") && page.contains("/scorecards/rep/person-2/"), "{page}");
    }
    let history = html::text(&server.text("/data/imports"));
    assert!(history.contains("merges employee person-3 into person-2: one person"), "{history}");
    assert_eq!(send("table=employee&one=person-3").status, 303);
    let page = html::text(&server.text("/data/merged"));
    assert!(page.contains("Nothing is merged."), "{page}");
    for page in ["/data/imports/2", "/data/imports/3"] {
        server.text(page);
    }
}

#[test]
fn a_program_merges_and_lists() {
    let (program, files) = (Program::new(), Files::new());
    named_twice(&program, &files);
    let server = Server::start(&program);
    let post = |body: Value| {
        let headers = [("Content-Type", "application/json")];
        let reply = server.send_body("POST", "/api/v1/merges", &headers, body.to_string());
        (reply.status, reply.json())
    };
    let (status, made) =
        post(json!({ "table": "employee", "one": "burns", "into": "ben", "reason": "twice" }));
    assert_eq!((status, &made["merged"]["into"]), (201, &json!("person-2")), "{made}");
    let merges = server.get("/api/v1/merges").json();
    assert_eq!((&merges[0]["id"], &merges[0]["reason"]), (&json!("person-3"), &json!("twice")), "{merges}");
    let (status, problem) = post(json!({ "table": "planet", "one": "a", "into": "b" }));
    assert_eq!((status, &problem["field"]), (422, &json!("table")), "{problem}");
    assert_eq!(post(json!({ "table": "employee", "one": "burns", "into": "ben" })).0, 409);
    assert_eq!(post(json!({ "table": "employee", "one": "burns" })).0, 201);
    assert_eq!(server.get("/api/v1/merges").json(), json!([]));
}
