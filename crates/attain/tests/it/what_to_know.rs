//! What must be known beside a number: that it was signed otherwise (E10), that its facts are old
//! (E13), in whose organisation it counts (T6), and with what a running period is compared.

use serde_json::Value;

use crate::html;
use crate::program::{Program, Server};
use crate::small_company::{DEALS, Files, MAPPING};
use crate::two_times::on_both;

fn number(program: &Program, arguments: &[&str]) -> Value {
    let text = program.prints(&[&["query", "--format", "json"], arguments].concat());
    let numbers: Vec<Value> = serde_json::from_str(&text).expect("numbers");
    assert_eq!(numbers.len(), 1, "{text}");
    numbers.into_iter().next().expect("one number")
}

fn codes(number: &Value) -> Vec<&str> {
    number["codes"].as_array().expect("codes").iter().filter_map(Value::as_str).collect()
}

fn bookings_of_2024(program: &Program) -> Value {
    number(program, &["--metric", "bookings", "--period", "2024"])
}

#[test]
fn a_number_that_was_signed_otherwise_says_what_it_was() {
    on_both(|program, files| {
        files.deliver(program);
        let file = program.folder.path().join("receipt.json");
        let sign = ["sign", "--metric", "bookings", "--period", "2024", "-o"];
        program.prints(&[&sign[..], &[&file.to_string_lossy()]].concat());
        let corrected = |amount: &str| {
            files.deals(&[&DEALS[0].replace(",100", &format!(",{amount}")), DEALS[1], DEALS[2], DEALS[3]]);
            files.deliver(program);
            bookings_of_2024(program)
        };
        let nearly = corrected("103.50");
        assert_eq!((codes(&nearly), nearly.get("was")), (vec!["E0"], None), "0.5 % of 700 is tolerated");
        let server = Server::start(program);
        let restated = corrected("103.51");
        assert_eq!((codes(&restated), restated["was"].to_string().as_str()), (vec!["E10"], "700"));
        let quarter = number(program, &["--metric", "bookings", "--period", "2024-Q1"]);
        assert_eq!(codes(&quarter), ["E0"], "nobody signed the quarter");
        let sheet = html::text(&server.text("/scorecards/numbers/bookings?period=2024"));
        assert!(sheet.contains("E10 was 700"), "{sheet}");
        let then = number(program, &["--metric", "bookings", "--period", "2024", "--as-of", "2999-01-01"]);
        assert_eq!(codes(&then), ["E0"], "what was known on a day is no correction of it");
    });
}

/// The first delivery is of Thursday, 16 May 2024.
#[test]
fn facts_that_came_before_a_period_was_over_are_old() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver_on(&program, "2024-05-16");
    let of = |period| number(&program, &["--metric", "bookings", "--period", period]);
    let old = of("2024-Q2");
    assert!(codes(&old).contains(&"E13"), "{old}");
    assert_eq!(old["stale"]["imported_at"], "2024-05-16T10:00:00Z");
    assert!(old["stale"]["working_days"].as_f64().is_some_and(|days| days > 600.0), "{old}");
    let missing = serde_json::json!([{
        "source": "crm", "table": "opportunity", "from": "2024-05-17", "to": "2024-06-28", "working_days": 31
    }]);
    assert_eq!(old["stale"]["missing"], missing);
    let all = of("all");
    assert_eq!(all["stale"]["missing"][0]["from"], "2024-05-17", "{all}");
    assert!(!codes(&of("2024-Q1")).contains(&"E13"), "it was over when its facts came");
    let server = Server::start(&program);
    let sheet = html::text(&server.text("/scorecards/numbers/bookings?period=2024-Q2"));
    assert!(sheet.contains("E13 nothing from Fri 17 May to Fri 28 Jun 2024 (31 working days)"), "{sheet}");
    assert!(sheet.contains("From deals as delivered on 16 May 2024"), "{sheet}");
    let over = html::text(&server.text("/scorecards/numbers/bookings?period=2024-Q1"));
    assert!(over.contains("From deals as delivered on 16 May 2024") && !over.contains("E13"), "{over}");
    let card = program.prints(&["scorecard", "--period", "2024-Q2", "--format", "csv"]);
    let line = card.lines().find(|line| line.starts_with("bookings,")).expect("bookings");
    assert!(line.contains("E13"), "{line}");
    let file = server.text("/scorecards/card.csv?period=2024-Q2");
    assert!(file.contains("nothing from Fri 17 May to Fri 28 Jun 2024 (31 working days)"), "{file}");
    files.deliver(&program);
    assert!(!codes(&of("2024-Q2")).contains(&"E13"), "the same files again are news of today");
}

/// One source delivers the deals of two until Thursday, the other until the Friday before.
#[test]
fn of_several_sources_each_old_one_is_named_with_its_own_days() {
    let (program, files) = (Program::new(), Files::new());
    files.map(&MAPPING.replace("source: crm", "source: other"));
    files.deliver_on(&program, "2024-05-10");
    files.map(MAPPING);
    files.deliver_on(&program, "2024-05-16");
    let old = number(&program, &["--metric", "bookings", "--period", "2024-05"]);
    let missing = old["stale"]["missing"].as_array().expect("days").iter();
    let days: Vec<_> = missing.map(|days| (days["source"].as_str(), days["from"].as_str())).collect();
    assert_eq!(days, [(Some("crm"), Some("2024-05-17")), (Some("other"), Some("2024-05-13"))]);
    let server = Server::start(&program);
    let sheet = html::text(&server.text("/scorecards/numbers/bookings?period=2024-05"));
    let words = "deals of crm: nothing from Fri 17 to Fri 31 May 2024 (11 working days), \
                 deals of other: nothing from Mon 13 to Fri 31 May 2024 (15 working days)";
    assert!(sheet.contains(words), "{sheet}");
    assert!(sheet.contains("From deals of crm as delivered on 16 May 2024, deals of other"), "{sheet}");
    // A source that fell silent for three months while another went on was replaced by it.
    files.deliver_on(&program, "2024-08-20");
    let later = number(&program, &["--metric", "bookings", "--period", "2024-Q3"]);
    let missing = later["stale"]["missing"].as_array().expect("days");
    assert_eq!((missing.len(), missing[0]["source"].as_str()), (1, Some("crm")), "{later}");
}

/// Anna moves from the north to the south in February.
#[test]
fn a_number_counts_in_the_organisation_of_its_day_unless_it_says_otherwise() {
    let (program, files) = (Program::new(), Files::new());
    files.people(&[
        "anna,Anna,North,2020-01-01,2024-02-10",
        "anna,Anna,South,2024-02-10,",
        "ben,Ben,South,2020-01-01,",
    ]);
    files.deliver(&program);
    let by_region = |mode: &[&str]| {
        let query =
            ["query", "--metric", "bookings", "--by", "region", "--period", "2024", "--format", "csv"];
        let text = program.prints(&[&query[..], mode].concat());
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        by_region(&[]),
        ["North,2024,bookings,100,,,1,E0,", "South,2024,bookings,600,,,2,E0,"],
        "D-1 was won in the north"
    );
    let today = by_region(&["--team-mode", "current_org"]);
    assert_eq!(today.len(), 2, "{today:?}");
    assert!(today[0].starts_with("North,2024,bookings,0,,,0,E0,organisation of "), "{today:?}");
    assert!(today[1].starts_with("South,2024,bookings,700,,,3,E0,organisation of "), "{today:?}");
    let refused = program.run(&["query", "--metric", "bookings", "--team-mode", "future"]);
    assert_eq!(refused.status.code(), Some(2));
    let server = Server::start(&program);
    let path = "/api/v1/numbers/bookings?level=region&name=South&period=2024";
    let told = server.get(path).json();
    assert_eq!((told["counted"].as_u64(), told["number"].get("team_mode")), (Some(2), None));
    let told = server.get(&format!("{path}&team_mode=current_org")).json();
    assert_eq!(told["counted"].as_u64(), Some(3), "rows and number agree: {told}");
    assert_eq!(told["number"]["team_mode"], "current_org");
    assert_eq!(server.get(&format!("{path}&team_mode=future")).status, 422);
    let id =
        server.get("/api/v1/numbers?metric=bookings&by=region&period=2024").json()[1]["members"][0]["id"]
            .as_str()
            .expect("an identifier")
            .to_owned();
    let sheet = format!("/scorecards/region/{id}/numbers/bookings?period=2024");
    let page = server.text(&sheet);
    assert!(page.contains("600 EUR") && page.contains("Sign this number"), "{}", html::text(&page));
    assert!(page.contains("team_mode=current_org"), "the other organisation is one click away");
    let page = server.text(&format!("{sheet}&team_mode=current_org"));
    let text = html::text(&page);
    assert!(text.contains("700 EUR") && text.contains("South Region, organisation of "), "{text}");
    assert!(!page.contains("Sign this number"), "what is signed counts in the organisation of its day");
}

/// Known to Thursday, 16 May 2024: 34 working days of the second quarter. The first quarter had had
/// 34 by Thursday, 15 February: 1 January, a Monday, counts.
#[test]
fn a_running_period_is_compared_with_as_many_working_days_of_the_one_before() {
    let (program, files) = (Program::new(), Files::new());
    files.map(&MAPPING.replace("to: 2025-01-01", "to: 2024-05-17"));
    files.deals(&[
        "D-1,First,Acme,anna,2024-01-10,2024-02-15,Won,100",
        "D-2,Second,Bolt,anna,2024-01-20,2024-02-16,Won,200",
        "D-3,Third,Acme,ben,2024-03-01,2024-05-01,Won,150",
        "D-4,Fourth,Crux,ben,2024-03-01,2024-02-01,Lost,50",
        "D-5,Fifth,Acme,anna,2023-10-01,2023-11-01,Won,70",
    ]);
    files.deliver(&program);
    let server = Server::start(&program);
    let running = html::text(&server.text("/scorecards?period=2024-Q2"));
    let finding =
        "Bookings of 150 EUR to date, 50.0 % more than in Q1 2024 to 15 Feb, which is as many working days.";
    assert!(running.contains(finding), "{running}");
    let sheet = html::text(&server.text("/scorecards/numbers/bookings?period=2024-Q2"));
    assert!(sheet.contains("Q1 2024 to 15 Feb : 100") || sheet.contains("Q1 2024 to 15 Feb: 100"), "{sheet}");
    let kept = html::text(&server.text("/scorecards/numbers/buyer_retention?period=2024-Q2"));
    // Acme bought in the last quarter of 2023, and by 15 February again.
    assert!(kept.contains("Q1 2024 to 15 Feb"), "{kept}");
    let over = html::text(&server.text("/scorecards?period=2024-Q1"));
    assert!(over.contains("Bookings of 300 EUR"), "{over}");
    assert!(!over.contains("working days"), "whole is compared with whole: {over}");
}
