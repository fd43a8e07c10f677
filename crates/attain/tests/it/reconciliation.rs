//! A report of the CRM beside Attain's number: every planted difference is found, with its reason.

use std::collections::BTreeMap;

use attain_testing::Postgres;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::program::{Program, Server};
use crate::small_company::Files;

const HEADER: &str = "Deal ID,Opportunity Name,Account Name,Owner,Stage,Amount,Currency,Close Date";

/// A quarter of twelve deals that are told alike, and one that later deliveries no longer have.
const DEALS: [&str; 13] = [
    "D-01,One,Acme,anna,2024-01-05,2024-01-20,Won,100",
    "D-02,Two,Bolt,anna,2024-01-05,2024-01-21,Won,200",
    "D-03,Three,Crux,ben,2024-01-05,2024-01-22,Won,300",
    "D-04,Four,Dune,ben,2024-01-05,2024-02-01,Won,400",
    "D-05,Five,Echo,anna,2024-01-05,2024-02-02,Won,500",
    "D-06,Six,Fern,anna,2024-01-05,2024-02-03,Won,600",
    "D-07,Seven,Gale,ben,2024-01-05,2024-04-02,Won,700",
    "D-08,Eight,Hive,ben,2024-01-05,2024-02-28,Open,800",
    "D-09,Nine,Iris,anna,2024-01-05,2024-03-01,Won,900",
    "D-10,Ten,Jade,anna,2024-01-05,2024-03-02,Won,1000",
    "D-11,Same,Kelp,ben,2024-01-05,2024-03-03,Won,1100",
    "D-12,Same,Kelp,ben,2024-01-05,2024-03-03,Won,1100",
    "D-13,Gone,Lark,ben,2024-01-05,2024-03-04,Won,1300",
];

/// The report of the first quarter with a difference of each kind.
const REPORT: [&str; 13] = [
    "D-01,One,Acme,Anna,Won,100,EUR,2024-01-20",
    "D-02,Two,Bolt,Ben,Won,200,EUR,2024-01-21",
    "D-03,Three,Crux,Ben,Won,350,EUR,2024-01-22",
    "D-04,Four,Dune,Ben,Won,400,USD,2024-02-01",
    "D-05,Five,Echo,Anna,Won,500,EUR,2024-02-02",
    "D-05,Five,Echo,Anna,Won,500,EUR,2024-02-02",
    "D-07,Seven,Gale,Ben,Won,700,EUR,2024-03-31",
    "D-08,Eight,Hive,Ben,Won,800,EUR,2024-02-28",
    "D-09,Nine,Iris,Anna,Won,900,EUR,2024-03-01",
    "D-10,Ten,Jade,Anna,Won,1000,EUR,2024-03-02",
    ",Same,Kelp,Ben,Won,1100,EUR,2024-03-03",
    "D-13,Gone,Lark,Ben,Won,1300,EUR,2024-03-04",
    "D-99,Unheard of,Moss,Anna,Won,42,EUR,2024-03-05",
];

#[derive(Debug, Deserialize)]
struct Found {
    metric: String,
    period: String,
    deals: Option<Deals>,
    totals: Option<Vec<Total>>,
}

#[derive(Debug, Deserialize)]
struct Deals {
    reported: Decimal,
    counted: Decimal,
    difference: Decimal,
    agreeing: usize,
    differing: Vec<Deal>,
}

#[derive(Debug, Deserialize)]
struct Deal {
    deal: String,
    effect: Decimal,
    reasons: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
struct Reason {
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Total {
    person: String,
    id: Option<String>,
    period: String,
    reported: Option<Decimal>,
    counted: Option<Decimal>,
    difference: Option<Decimal>,
}

/// Twelve deals, delivered once with a thirteenth that was deleted.
fn delivered(program: &Program) -> Files {
    let files = Files::new();
    files.deals(&DEALS);
    files.deliver_on(program, "2024-04-05");
    files.deals(&DEALS[..12]);
    files.deliver_on(program, "2024-04-20");
    files
}

fn report(files: &Files, header: &str, rows: &[&str]) -> String {
    let path = files.mapping().with_file_name("report.csv");
    std::fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).expect("a report");
    path.display().to_string()
}

fn reconcile(program: &Program, arguments: &[&str]) -> Found {
    let mut all = vec!["reconcile", "--format", "json"];
    all.extend(arguments);
    serde_json::from_str(&program.prints(&all)).expect("a reconciliation")
}

fn reasons(deals: &Deals) -> BTreeMap<&str, Vec<&str>> {
    let mut found = BTreeMap::new();
    for deal in &deals.differing {
        found.insert(deal.deal.as_str(), deal.reasons.iter().map(|reason| reason.reason.as_str()).collect());
    }
    found
}

#[test]
fn ten_differences_of_ten_kinds_are_found_each_with_its_reason() {
    let story = |program: &Program| {
        let files = delivered(program);
        let path = report(&files, HEADER, &REPORT);
        let found = reconcile(program, &[&path]);
        assert_eq!((found.metric.as_str(), found.period.as_str()), ("bookings", "2024-Q1"));
        let deals = found.deals.expect("deals");
        let expected = BTreeMap::from([
            ("D-02", vec!["owner"]),
            ("D-03", vec!["amount"]),
            ("D-04", vec!["currency"]),
            ("D-05", vec!["duplicate"]),
            ("D-06", vec!["not_in_report"]),
            ("D-07", vec!["date"]),
            ("D-08", vec!["stage"]),
            ("Same", vec!["ambiguous"]),
            ("D-11", vec!["not_in_report"]),
            ("D-12", vec!["not_in_report"]),
            ("D-13", vec!["deleted"]),
            ("D-99", vec!["not_delivered"]),
        ]);
        assert_eq!(reasons(&deals), expected);
        assert_eq!(deals.agreeing, 3, "D-01, D-09 and D-10");
        // From the files alone: won in the quarter here, and everything the report lists.
        assert_eq!(
            deals.counted,
            Decimal::from(100 + 200 + 300 + 400 + 500 + 600 + 900 + 1000 + 1100 + 1100)
        );
        let amounts = REPORT.iter().filter_map(|row| row.split(',').nth(5)?.parse::<Decimal>().ok());
        assert_eq!(deals.reported, amounts.sum::<Decimal>());
        assert_eq!(deals.differing.iter().map(|deal| deal.effect).sum::<Decimal>(), deals.difference);
        assert_eq!(deals.counted + deals.difference, deals.reported);
    };
    story(&Program::new());
    if let Some(server) = Postgres::shared() {
        story(&Program::on_postgres(server.create_database()));
    }
}

#[test]
fn a_persons_report_finds_what_counts_for_somebody_else() {
    let program = Program::new();
    let files = delivered(&program);
    let path = report(&files, "Deal ID,Amount,Close Date", &["D-01,100,2024-01-20", "D-03,300,2024-01-22"]);
    let found = reconcile(&program, &[&path, "--rep", "Anna", "--period", "2024-01"]);
    let deals = found.deals.expect("deals");
    let expected = BTreeMap::from([("D-02", vec!["not_in_report"]), ("D-03", vec!["owner"])]);
    assert_eq!(reasons(&deals), expected);
}

#[test]
fn totals_of_people_stand_beside_theirs() {
    let program = Program::new();
    let files = delivered(&program);
    let rows = ["Anna;2024-Q1;3300", "Ben;2024-Q1;1", "Cleo;2024-Q1;7"];
    let path = report(&files, "Seller;Quarter;Revenue", &rows);
    let found = reconcile(&program, &[&path]);
    let told: Vec<_> = found
        .totals
        .expect("totals")
        .into_iter()
        .map(|total| {
            (total.person, total.id.is_some(), total.period, total.reported, total.counted, total.difference)
        })
        .collect();
    let row = |person: &str, known, reported: i64, counted: Option<i64>, difference: i64| {
        let counted = counted.map(Decimal::from);
        (
            person.to_owned(),
            known,
            "2024-Q1".to_owned(),
            Some(reported.into()),
            counted,
            Some(difference.into()),
        )
    };
    let expected = [
        row("Anna", true, 3300, Some(3300), 0),
        row("Ben", true, 1, Some(2900), -2899),
        row("Cleo", false, 7, None, 7),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let program = Program::new();
    let files = delivered(&program);
    let path = report(&files, "Colour,Size", &["red,large", "blue,small"]);
    assert!(program.refuses(&["reconcile", &path]).contains("no column of deals"));
    let path = report(&files, "Deal ID,Amount,Close Date", &["D-01,100,03/04/2024", "D-02,200,05/06/2024"]);
    let asked = program.refuses(&["reconcile", &path]);
    assert!(asked.contains("--column-format \"Close Date="), "{asked}");
    let answered = reconcile(&program, &[&path, "--column-format", "Close Date=%d/%m/%Y"]);
    assert!(answered.deals.is_some());
    let refused = program.refuses(&[
        "reconcile",
        &path,
        "--metric",
        "win_rate_count",
        "--column-format",
        "Close Date=%d/%m/%Y",
    ]);
    assert!(refused.contains("does not add up over deals"), "{refused}");
    assert!(!program.refuses(&["reconcile", "no-such-file.csv"]).is_empty());
}

#[test]
fn the_page_and_the_endpoint_give_the_same_answer() {
    let program = Program::new();
    let _files = delivered(&program);
    let server = Server::start(&program);
    let text = format!("{HEADER}\n{}\n", REPORT.join("\n"));
    let sent = serde_json::json!({ "report": text });
    let json = [("content-type", "application/json")];
    let reply = server.send_body("POST", "/api/v1/reconciliations", &json, sent.to_string());
    let found: Found = serde_json::from_value(reply.json()).expect("a reconciliation");
    let deals = found.deals.expect("deals");
    let pasted = [("report", text.as_str()), ("metric", ""), ("subject", "")];
    let utf_16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let nothing_chosen: (&str, &[u8]) = ("", b"");
    for (fields, file) in [(&pasted[..], nothing_chosen), (&pasted[1..], ("report.csv", &utf_16[..]))] {
        let page = server.send_files("/data/reconciliation", fields, &[file]).text();
        for deal in &deals.differing {
            assert!(page.contains(&deal.deal), "{}", deal.deal);
        }
        assert!(page.contains("a later delivery no longer had it"));
        assert!(page.contains("/numbers/bookings?period=2024-Q1"), "leads to the number");
    }
    assert!(server.text("/data/imports").contains("/data/reconciliation"), "is found from Data");
}
