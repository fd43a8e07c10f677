//! Questions about a pattern in somebody's rows: private to them until they answer, gone if they do not
//! (journeys, P7).

use std::time::{Duration, Instant};

use attain_records::{Actor, Records};
use attain_testing::Postgres;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::acting_for_others::day;
use crate::company_of_many::{PEOPLE, account, files, managers, person};
use crate::html;
use crate::migration::Migrator;
use crate::program::{Program, Server};
use crate::small_company::{Files, MAPPING};

/// Activities as files of their own, whose times are instants.
const ACTIVITIES: &str = "
  - file: activities.csv
    mode: append
    tables:
      - table: activity
        key: id
        columns: { employee_id: person, kind: kind, direction: { constant: out }, occurred_at: at, outcome: result }
";
const ACTIVITIES_HEADER: &str = "id,person,kind,at,result";

/// Moves of deals, with the close that was expected at each.
const MOVES: &str = "
  - file: moves.csv
    mode: append
    tables:
      - table: opportunity_stage_history
        key: [deal, number]
        columns: { opportunity_id: deal, seq: number, to_stage: stage, changed_at: at, close_date_at_change: expected }
";

/// The company of many, told about this year and last, with more files.
fn company(more: &str) -> Files {
    let files = files();
    let covered = format!("covers: {{ from: {}, to: {} }}", day(-200), day(1));
    let managers = std::fs::read_to_string(files.mapping()).expect("the mapping");
    let managers = managers.strip_prefix(MAPPING).expect("the rest of it");
    let mapping = MAPPING.replace("covers: { from: 2024-01-01, to: 2025-01-01 }", &covered).replace(
        "amount: amount\n",
        "amount: amount\n          list_amount: list\n          list_amount_ccy: { constant: EUR }\n",
    );
    files.map(&format!("{mapping}{managers}{more}"));
    deals(&files, &[]);
    files
}

/// Writes deals: a dozen that closed weeks after they were created, and others.
fn deals(files: &Files, others: &[String]) {
    let usual = (1..=12)
        .map(|number| format!("U-{number},Usual {number},Acme,ben,{},{},Won,100,100", day(-60), day(-40)));
    let rows: Vec<String> = usual.chain(others.iter().cloned()).collect();
    let header = "deal,title,account,owner,created,closed,stage,amount,list";
    files.write("deals.csv", header, &rows.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Calls of a person on a day, so many seconds apart, from three in the afternoon in Berlin's winter.
fn calls(who: &str, on: &str, count: usize, apart_s: usize) -> Vec<String> {
    let call = |number: usize| {
        let second = number * apart_s;
        let at = format!("{on}T{:02}:{:02}:{:02}Z", 14 + second / 3600, second / 60 % 60, second % 60);
        format!("{who}-{on}-{number},{who},call,{at},no_answer")
    };
    (0..count).map(call).collect()
}

fn activities(files: &Files, rows: &[String]) {
    files.write("activities.csv", ACTIVITIES_HEADER, &rows.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Anna logged 140 calls within nine minutes, Ben 59 in one; of Kim's only the day is known.
fn with_a_burst() -> Files {
    let files = company(ACTIVITIES);
    let kims = (0..80).map(|number| format!("kim-{number},kim,call,{},no_answer", day(-10)));
    let rows: Vec<String> = calls("anna", &day(-10), 140, 3)
        .into_iter()
        .chain(calls("ben", &day(-10), 59, 1))
        .chain(kims)
        .collect();
    activities(&files, &rows);
    files
}

fn on_both(story: impl Fn(&Program, &Server, &Files), files: impl Fn() -> Files) {
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        let files = files();
        files.deliver(program);
        story(program, &Server::start(program), &files);
    }
}

fn text(server: &Server, cookie: &str, path: &str) -> String {
    html::text(&server.get_as(cookie, path).text())
}

/// The questions somebody reads, by the API.
fn questions(server: &Server, cookie: &str) -> Vec<Value> {
    let reply = server.get_as(cookie, "/api/v1/integrity-questions");
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json().as_array().expect("questions").clone()
}

fn answer(server: &Server, cookie: &str, number: i64, answer: &str) -> u16 {
    server.submit_as(cookie, &format!("/questions/{number}/answer"), &[("answer", answer)]).status
}

/// Changes the records behind the program's back.
fn alter(program: &Program, statement: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let records = Records::open::<Migrator>(&program.records_url()).await.expect("records");
        let transaction = records.begin(&Actor::local_owner()).await.expect("a transaction");
        transaction.connection().execute_unprepared(statement).await.expect("altered");
        transaction.commit().await.expect("committed");
    });
}

#[test]
fn a_burst_is_asked_about_in_private_and_read_by_others_with_its_answer_only() {
    on_both(private_then_answered, with_a_burst);
}

fn private_then_answered(program: &Program, server: &Server, files: &Files) {
    let [anna, ben, dora, carla, emil] =
        ["anna", "ben", "dora", "carla", "emil"].map(|name| account(program, server, name, Some(name), &[]));
    let [hanna, ada, otto, erik, eve] =
        [("hanna", "hrbp"), ("ada", "admin"), ("otto", "ops"), ("erik", "exec"), ("eve", "auditor")]
            .map(|(name, role)| account(program, server, name, None, &[role]));
    let pattern = "140 calls were logged within 7 minutes";
    let never = [&ben, &carla, &emil, &ada, &otto, &erik];
    let answered_only = [&dora, &hanna, &eve];

    let page = text(server, &anna, "/questions/1");
    assert!(page.contains(pattern) && page.contains("Dora, who manages you"), "{page}");
    assert!(
        page.contains("anna-") && page.contains("no answer") && page.contains("All 140 as CSV"),
        "{page}"
    );
    let own = format!("/scorecards/rep/{}", person("anna"));
    let start = text(server, &anna, &own);
    assert!(start.contains("A question to you") && start.contains(pattern), "{start}");
    let file = server.get_as(&anna, "/questions/1/rows.csv");
    assert_eq!(file.text().lines().count(), 141, "{}", file.text());
    assert!(file.text().starts_with("source,row,name,day,what"), "{}", file.text());
    let asked = questions(server, &anna);
    assert_eq!(asked.len(), 1, "{asked:?}");
    let is = |field: &str| asked[0][field].as_str();
    assert_eq!(
        (is("state"), is("pattern"), asked[0]["rows"].as_i64()),
        (Some("asked"), Some("burst"), Some(140))
    );
    assert_eq!(questions(server, &ben), Vec::<Value>::new(), "59 calls are no burst");

    for other in never.iter().chain(&answered_only) {
        for path in ["/questions/1", "/questions/1/rows.csv", "/api/v1/integrity-questions/1/rows"] {
            assert_eq!(server.get_as(other, path).status, 404, "{path}");
        }
        assert_eq!(answer(server, other, 1, "it was me"), 404);
        for path in ["/questions", own.as_str(), "/audit", "/audit/seen"] {
            let page = text(server, other, path);
            assert!(
                !page.contains("140 calls")
                    && !page.contains("integrity.answer")
                    && !page.contains("A question to"),
                "{path}: {page}"
            );
        }
    }
    for other in answered_only {
        assert_eq!(questions(server, other), Vec::<Value>::new());
    }
    assert_eq!(server.get("/questions").status, 303, "nobody without signing in");
    // Nobody reads it by looking as her, and nobody answers in her name.
    for who in [&ada, &eve] {
        assert_eq!(server.submit_as(who, "/people/accounts/1/view", &[]).status, 303);
        assert_eq!(server.get_as(who, "/questions/1").status, 404);
        assert!(!text(server, who, "/questions").contains(pattern));
        assert!(!text(server, who, &own).contains(pattern));
        assert_eq!(server.submit_as(who, "/view-as/end", &[]).status, 303);
    }
    let log = program.prints(&["audit", "export"]);
    let asking = log.lines().find(|line| line.contains("integrity.ask")).expect("an entry");
    assert!(asking.contains("integrity question 1") && !asking.contains(&person("anna")), "{asking}");

    let empty = server.submit_as(&anna, "/questions/1/answer", &[("answer", "  ")]);
    assert!(empty.status == 422 && empty.text().contains("Write an answer"), "{}", empty.text());
    assert_eq!(answer(server, &anna, 1, "The dialler wrote them down at once."), 303);
    assert_eq!(answer(server, &anna, 1, "Something else."), 409, "an answer stays");
    assert!(!text(server, &anna, &own).contains("A question to you"), "nothing waits any more");
    for reader in answered_only {
        let page = text(server, reader, "/questions/1");
        assert!(page.contains(pattern) && page.contains("The dialler wrote them down at once."), "{page}");
        assert!(text(server, reader, "/questions").contains("Anna, question 1"));
        let file = server.get_as(reader, "/questions/1/rows.csv").text();
        let told =
            |line: &str| line.contains(pattern) && line.contains("The dialler wrote them down at once.");
        assert!(file.starts_with("question,answer,source,row,name,day,what"), "{file}");
        assert!(file.lines().skip(1).all(told), "{file}");
        let rows = server.get_as(reader, "/api/v1/integrity-questions/1/rows").json();
        assert_eq!(rows[139]["answer"], "The dialler wrote them down at once.", "{rows}");
        assert!(rows[139]["question"].as_str().is_some_and(|question| question.contains(pattern)), "{rows}");
        let read = questions(server, reader);
        assert_eq!(read[0]["answer"], "The dialler wrote them down at once.");
        assert_eq!(answer(server, reader, 1, "no"), 404);
    }
    for other in never {
        assert_eq!(server.get_as(other, "/questions/1").status, 404);
        assert!(!text(server, other, "/questions").contains("Anna"));
    }
    let seen = text(server, &anna, "/audit/seen");
    assert!(seen.contains("dora") && seen.contains("an answered question"), "{seen}");
    let log = program.prints(&["audit", "export"]);
    let answering = log.lines().find(|line| line.contains("integrity.answer")).expect("an entry");
    assert!(answering.contains(&format!("person {}", person("anna"))), "{answering}");

    files.deliver(program);
    files.deliver(program);
    assert_eq!(questions(server, &anna).len(), 1, "the same rows are asked about once");
    assert_eq!(program.prints(&["audit", "export"]).matches("integrity.ask").count(), 1);

    // Who managed her reads it no longer, who manages her now does.
    let led = PEOPLE.iter().filter(|[id, .., manager]| *id != "anna" && !manager.is_empty());
    let others = led.map(|[id, .., manager]| format!("{id},{manager},2020-01-01,"));
    let moved = [format!("anna,dora,2020-01-01,{}", day(-2)), format!("anna,emil,{},", day(-2))];
    managers(files, &others.chain(moved).collect::<Vec<_>>());
    files.deliver(program);
    let status = |cookie: &str| server.get_as(cookie, "/questions/1").status;
    assert_eq!((status(&dora), status(&emil), status(&anna)), (404, 200, 200));
    assert!(program.prints(&["audit", "verify"]).contains("intact"));
}

#[test]
fn what_is_not_answered_expires_and_nobody_ever_reads_it() {
    on_both(expires, with_a_burst);
}

fn expires(program: &Program, server: &Server, files: &Files) {
    let anna = account(program, server, "anna", Some("anna"), &[]);
    let dora = account(program, server, "dora", Some("dora"), &[]);
    let others = [("hanna", "hrbp"), ("eve", "auditor")]
        .map(|(name, role)| account(program, server, name, None, &[role]));
    // Forty days have at least twenty working days.
    alter(program, &format!("update integrity_question set asked_on = '{}'", day(-40)));
    let page = text(server, &anna, "/questions");
    assert!(page.contains("Nothing waits for your answer") && page.contains("seen by nobody"), "{page}");
    let asked = questions(server, &anna);
    assert_eq!(asked[0]["state"], "expired", "{asked:?}");
    assert_eq!(answer(server, &anna, 1, "too late"), 409);
    let token = server.send_body(
        "POST",
        "/api/v1/integrity-questions/1/answer",
        &[("Cookie", &anna), ("Content-Type", "application/json")],
        r#"{"answer": "too late"}"#,
    );
    assert_eq!(token.status, 409, "{}", token.text());
    for other in others.iter().chain([&dora]) {
        assert_eq!(server.get_as(other, "/questions/1").status, 404);
        assert_eq!(questions(server, other), Vec::<Value>::new());
        assert!(!text(server, other, "/audit").contains("140 calls"));
    }
    files.deliver(program);
    assert_eq!(questions(server, &anna).len(), 1, "it is not asked a second time");
}

#[test]
fn a_program_answers_with_a_token_that_may_change_things() {
    let program = Program::new();
    with_a_burst().deliver(&program);
    let server = Server::start(&program);
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    let send = |body: &str| {
        let headers = [("Cookie", anna.as_str()), ("Content-Type", "application/json")];
        server.send_body("POST", "/api/v1/integrity-questions/1/answer", &headers, body)
    };
    let empty = send(r#"{"answer": ""}"#);
    assert_eq!((empty.status, empty.json()["field"].as_str()), (422, Some("answer")), "{}", empty.text());
    let answered = send(r#"{"answer": "A campaign."}"#);
    assert_eq!(answered.status, 200, "{}", answered.text());
    assert_eq!(answered.json()["state"], "answered");
    let rows = server.get_as(&anna, "/api/v1/integrity-questions/1/rows").json();
    assert_eq!(rows.as_array().map(Vec::len), Some(140));
    assert_eq!(send(r#"{"answer": "Another."}"#).status, 409);
}

#[test]
fn a_question_goes_with_the_import_that_raised_it_and_comes_again_with_the_rows() {
    let without = || {
        let files = company(ACTIVITIES);
        activities(&files, &[]);
        files
    };
    on_both(
        |program, server, files| {
            let anna = account(program, server, "anna", Some("anna"), &[]);
            assert_eq!(questions(server, &anna), Vec::<Value>::new());
            activities(files, &calls("anna", &day(-10), 140, 3));
            files.deliver_only(program, "activities.csv");
            assert_eq!(questions(server, &anna)[0]["state"], "asked");
            program.prints(&["import", "undo", "2"]);
            assert_eq!(questions(server, &anna)[0]["state"], "withdrawn");
            assert!(text(server, &anna, "/questions/1").contains("rows are gone"));
            assert_eq!(answer(server, &anna, 1, "late"), 409);
            files.deliver_only(program, "activities.csv");
            let states: Vec<Value> =
                questions(server, &anna).iter().map(|question| question["state"].clone()).collect();
            assert_eq!(states, ["asked", "withdrawn"]);
            assert!(program.prints(&["audit", "export"]).contains("integrity.withdraw"));
        },
        without,
    );
}

#[test]
fn what_comes_in_through_the_server_is_asked_about_and_taken_back_there_too() {
    let program = Program::new();
    let files = company(ACTIVITIES);
    activities(&files, &[]);
    files.deliver(&program);
    let server = Server::start(&program);
    activities(&files, &calls("anna", &day(-10), 140, 3));
    let calls = std::fs::read(files.input().join("activities.csv")).expect("the file");
    let pushed = server.send_files("/api/v1/imports", &[("mapping", "crm")], &[("activities.csv", &calls)]);
    let state = pushed.header("location").unwrap_or_else(|| panic!("{}", pushed.text())).to_owned();
    let began = Instant::now();
    while server.get(&state).json()["state"] != "imported" {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", server.get(&state).text());
        std::thread::sleep(Duration::from_millis(50));
    }
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    let otto = account(&program, &server, "otto", None, &["ops"]);
    assert_eq!(questions(&server, &anna)[0]["state"], "asked");
    let headers = [("Cookie", otto.as_str()), ("Content-Type", "application/json")];
    let undone = server.send_body("POST", "/api/v1/imports/2/undo", &headers, r#"{"reason": "not ours"}"#);
    assert_eq!(undone.status, 201, "{}", undone.text());
    assert_eq!(questions(&server, &anna)[0]["state"], "withdrawn");
}

#[test]
fn what_waits_stands_where_a_person_begins_and_on_no_page_of_others() {
    let program = Program::new();
    let files = company(ACTIVITIES);
    activities(&files, &["carla", "dora"].map(|who| calls(who, &day(-10), 140, 3)).concat());
    files.deliver(&program);
    let server = Server::start(&program);
    let [carla, dora] = ["carla", "dora"].map(|name| account(&program, &server, name, Some(name), &[]));
    let waits = |cookie: &str, path: &str| text(&server, cookie, path).contains("A question to you");
    for (who, name) in [(&carla, "carla"), (&dora, "dora")] {
        let start = server.get_as(who, "/");
        let start = start.header("location").expect("where they begin");
        assert!(waits(who, start), "{name} begins at {start}");
    }
    assert!(!waits(&carla, &format!("/scorecards/manager/{}", person("dora"))));
    assert!(!waits(&carla, &format!("/scorecards/rep/{}", person("dora"))));
}

#[test]
fn history_is_nobodys_to_remember() {
    let program = Program::new();
    let files = company(ACTIVITIES);
    let rows: Vec<String> =
        calls("anna", &day(-100), 140, 3).into_iter().chain(calls("ben", &day(-80), 140, 3)).collect();
    activities(&files, &rows);
    files.deliver(&program);
    let server = Server::start(&program);
    let asked = |name: &str| questions(&server, &account(&program, &server, name, Some(name), &[])).len();
    assert_eq!((asked("anna"), asked("ben")), (0, 1));
}

/// The sentences somebody is asked, in the order of asking.
fn sentences(server: &Server, cookie: &str) -> Vec<String> {
    let mut asked = questions(server, cookie);
    asked.reverse();
    asked.iter().map(|question| question["sentence"].as_str().expect("a sentence").to_owned()).collect()
}

/// A day of the month in which `day` lies, or of one so many months before.
fn in_month(months_before: i64, number: i8) -> String {
    let today: jiff::civil::Date = day(0).parse().expect("a day");
    let month = today.first_of_month().saturating_sub(jiff::Span::new().months(months_before));
    month.with().day(number).build().expect("a day").to_string()
}

/// A day in the middle of the quarter that ended last.
fn last_quarter() -> String {
    let today: jiff::civil::Date = day(0).parse().expect("a day");
    in_month(i64::from((today.month() - 1) % 3) + 2, 15)
}

fn same_day_deal(number: usize, owner: &str, on: &str) -> String {
    format!("S-{number},Same {number},Acme,{owner},{on},{on},Won,100,100")
}

#[test]
fn deals_closed_on_the_day_of_their_creation_are_one_question_when_the_month_is_over() {
    on_both(
        |program, server, files| {
            let anna = account(program, server, "anna", Some("anna"), &[]);
            let ben = account(program, server, "ben", Some("ben"), &[]);
            let [first, second, late] = [10, 20, 25].map(|number| in_month(1, number));
            let mut rows = vec![
                same_day_deal(1, "anna", &first),
                same_day_deal(2, "anna", &second),
                same_day_deal(3, "ben", &day(0)),
            ];
            deals(files, &rows);
            files.deliver(program);
            let asked = sentences(server, &anna);
            assert!(
                asked.len() == 1
                    && asked[0].starts_with("2 deals were created and closed on the same day in"),
                "{asked:?}"
            );
            assert_eq!(sentences(server, &ben), Vec::<String>::new(), "this month is not over");
            for number in 4..7 {
                rows.push(same_day_deal(number, "anna", &late));
                deals(files, &rows);
                files.deliver(program);
            }
            assert_eq!(sentences(server, &anna), asked, "what comes late is asked about with the next month");
        },
        || company(""),
    );
}

#[test]
fn what_came_late_of_a_month_is_asked_about_with_the_next() {
    on_both(
        |program, server, files| {
            let anna = account(program, server, "anna", Some("anna"), &[]);
            let mut rows = vec![same_day_deal(1, "anna", &in_month(2, 20))];
            deals(files, &rows);
            files.deliver(program);
            assert_eq!(sentences(server, &anna).len(), 1);
            // As if that had been asked when the month before was over.
            alter(program, &format!("update integrity_look set from_day = '{}'", in_month(2, 1)));
            rows.push(same_day_deal(2, "anna", &in_month(2, 21)));
            rows.push(same_day_deal(3, "anna", &in_month(1, 7)));
            deals(files, &rows);
            files.deliver(program);
            let asked = sentences(server, &anna);
            assert!(asked.len() == 2 && asked[1].starts_with("2 deals were created and closed"), "{asked:?}");
            assert!(asked[1].contains(" from "), "{asked:?}");
        },
        || company(""),
    );
}

#[test]
fn where_most_deals_close_as_they_are_created_nobody_is_asked() {
    let program = Program::new();
    let files = company("");
    let many: Vec<String> = (1..30).map(|number| same_day_deal(number, "ben", &in_month(1, 10))).collect();
    deals(&files, &many);
    files.deliver(&program);
    let server = Server::start(&program);
    let ben = account(&program, &server, "ben", Some("ben"), &[]);
    assert_eq!(sentences(&server, &ben), Vec::<String>::new());
}

#[test]
fn closes_put_off_three_times_are_asked_about_as_the_history_or_the_deliveries_tell() {
    let month = |months: i64| {
        let today: jiff::civil::Date = day(0).parse().expect("a day");
        today.first_of_month().saturating_add(jiff::Span::new().months(months)).to_string()
    };
    let open = |expected: &str| format!("P-1,Put off,Acme,anna,{},{expected},Open,50,50", day(-60));

    let told = Program::new();
    let files = company(MOVES);
    deals(&files, &[open(&month(5))]);
    let moved = |number: i64| {
        format!("P-1,{number},Stage {number},{}T10:00:00Z,{}", day(-40 + number), month(number))
    };
    let moves: Vec<String> = (1..=4).map(moved).collect();
    files.write(
        "moves.csv",
        "deal,number,stage,at,expected",
        &moves.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    files.deliver(&told);
    let server = Server::start(&told);
    let anna = account(&told, &server, "anna", Some("anna"), &[]);
    assert_eq!(sentences(&server, &anna), ["The expected close of 1 deal was put off 3 times."]);
    let page = text(&server, &anna, "/questions/1");
    assert!(page.contains("P-1") && page.contains("Put off") && page.contains("then"), "{page}");
    drop(server);

    let seen = Program::new();
    let files = company("");
    for months in 1..=3 {
        deals(&files, &[open(&month(months))]);
        files.deliver(&seen);
    }
    let server = Server::start(&seen);
    let anna = account(&seen, &server, "anna", Some("anna"), &[]);
    assert_eq!(sentences(&server, &anna), Vec::<String>::new(), "twice is not three times");
    deals(&files, &[open(&month(4))]);
    files.deliver(&seen);
    assert_eq!(sentences(&server, &anna), ["The expected close of 1 deal was put off 3 times."]);
    deals(&files, &[open(&month(5))]);
    files.deliver(&seen);
    assert_eq!(sentences(&server, &anna).len(), 1, "a deal is asked about once");
}

/// A deal sold at such an amount of a thousand.
fn sold(owner: &str, number: usize, amount: usize, on: &str) -> String {
    format!("H-{owner}-{number},Sold,Acme,{owner},{},{on},Won,{amount},1000", day(-190))
}

#[test]
fn discounts_heaped_at_the_limit_are_asked_about_when_the_quarter_is_over() {
    on_both(
        |program, server, files| {
            let [anna, ben, carla] =
                ["anna", "ben", "carla"].map(|name| account(program, server, name, Some(name), &[]));
            let quarter = last_quarter();
            let annas = (0..10).map(|number| sold("anna", number, 800 + number, &quarter));
            let bens = (0..10).map(|number| sold("ben", number, 795 + number, &quarter));
            let carlas = (0..10).map(|number| sold("carla", number, 800 + number, &day(0)));
            deals(files, &annas.chain(bens).chain(carlas).collect::<Vec<_>>());
            files.deliver(program);
            let asked = sentences(server, &anna);
            let expected = "Of 10 deals won at a discount within one point of 20 %, 10 keep to that limit and 0 exceed it.";
            assert_eq!(asked, [expected]);
            assert_eq!(sentences(server, &ben), Vec::<String>::new());
            assert_eq!(sentences(server, &carla), Vec::<String>::new(), "this quarter is not over");
            assert!(text(server, &anna, "/questions/1").contains("discount 20.0 %: 800 of 1,000 EUR"));
        },
        || company(""),
    );
}

/// Each look is a chance of a false alarm: of a quarter there is one, however many deliveries bring its rows.
#[test]
fn discounts_of_a_quarter_are_looked_at_once_however_many_files_bring_them() {
    on_both(
        |program, server, files| {
            let ben = account(program, server, "ben", Some("ben"), &[]);
            let quarter = last_quarter();
            let mut rows: Vec<String> = vec![sold("ben", 0, 795, &quarter), sold("ben", 1, 800, &quarter)];
            for number in 2..14 {
                rows.push(sold("ben", number, 800, &quarter));
                deals(files, &rows);
                files.deliver(program);
            }
            assert_eq!(
                sentences(server, &ben),
                Vec::<String>::new(),
                "13 of 14 would be asked about at once"
            );
            let log = program.prints(&["audit", "export"]);
            let looks: Vec<&str> = log.lines().filter(|line| line.contains("integrity.look")).collect();
            let [look] = looks.as_slice() else { panic!("{looks:?}") };
            assert!(!look.contains(&person("ben")), "{look}");
        },
        || company(""),
    );
}

#[test]
fn the_limit_is_the_one_of_the_companys_own_definition() {
    const TENTH: &str = "\
metrics:
  - name: deals_won_below_policy
    label: Deals won below policy
    description: Opportunities won with a discount of more than 10 %.
    type: simple
    type_params: { measure: closed }
    filter: outcome = 'won' and list_value > 0 and value < 0.9 * list_value
    meta: { unit: count, direction: down, counter_metric: win_rate_value, gaming: lowering list amounts, term: below policy }
";
    let program = Program::new();
    let files = company("");
    let definition = files.input().join("policy.yaml").display().to_string();
    std::fs::write(&definition, TENTH).expect("a file");
    files.deliver(&program);
    let from = day(-200);
    let change = ["metrics", "change", &definition, "--from", &from, "--restate", "--reason", "ten percent"];
    program.prints(&change);
    std::fs::remove_file(&definition).expect("a file");
    let quarter = last_quarter();
    let annas = (0..10).map(|number| sold("anna", number, 900 + number, &quarter));
    let bens = (0..10).map(|number| sold("ben", number, 800 + number, &quarter));
    deals(&files, &annas.chain(bens).collect::<Vec<_>>());
    files.deliver(&program);
    let server = Server::start(&program);
    let asked = |name: &str| sentences(&server, &account(&program, &server, name, Some(name), &[]));
    let expected =
        "Of 10 deals won at a discount within one point of 10 %, 10 keep to that limit and 0 exceed it.";
    assert_eq!(asked("anna"), [expected]);
    assert_eq!(asked("ben"), Vec::<String>::new());
}

/// Planted truth P7, and nothing of the kind where nothing is planted.
#[test]
fn the_demo_asks_r07_about_her_140_calls_and_nobody_else_reads_it() {
    let program = Program::new();
    let server = Server::demo(&program, &program.folder.path().join("files"), "127.0.0.1:0");
    let people = server.text("/demo/people");
    let be = |name: &str| {
        // The nearest button before a name or a title is that person's.
        let (before, _) = people.split_once(&format!(">{name}<")).unwrap_or_else(|| panic!("{name}"));
        let (_, id) = before.rsplit_once("value=\"").expect("an identifier");
        let (id, _) = id.split_once('"').expect("its end");
        let reply = server.submit("/demo/people", &[("person", id)]);
        crate::company_of_many::cookie(&reply)
    };
    let nadia = be("Nadia Khoshravi");
    let asked = questions(&server, &nadia);
    let [question] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((question["pattern"].as_str(), question["state"].as_str()), (Some("burst"), Some("asked")));
    let sentence = question["sentence"].as_str().expect("a sentence");
    assert_eq!(sentence, "140 calls were logged within 9 minutes on 18 Aug 2026, from 17:41.");
    assert_eq!(question["until"], "2026-09-18");
    let path = format!("/questions/{}", question["number"]);
    assert!(text(&server, &nadia, &path).contains(sentence));
    assert!(!server.text("/questions").contains("calls"), "the owner of the machine reads answers alone");
    assert_eq!(server.get(&path).status, 404);
    for name in ["HR Partner", "Sales Operations", "Chief Revenue Officer", "Priya Raghunandan"] {
        let other = be(name);
        assert_eq!(server.get_as(&other, &path).status, 404, "{name}");
        assert!(!text(&server, &other, "/questions").contains("140 calls"), "{name}");
    }
}
