//! The rows behind a number add up to it, and its parts make the whole.

use std::collections::BTreeSet;

use attain_testing::shared_data;
use rust_decimal::Decimal;

use super::{Number, Opened, RATE, Row, read};
use crate::html;
use crate::program::{Answer, Program, Server};
use crate::small_company::{DEALS, Files};

/// How a value that is no ratio follows from its rows.
fn recomputed(metric: &str, rows: &[&Row]) -> Option<Decimal> {
    let values = || rows.iter().filter_map(|row| row.value);
    let days = || rows.iter().filter_map(|row| row.cycle_days).map(Decimal::from);
    match metric {
        "bookings" | "cohort_bookings" | "open_pipeline" => total(rows, values().collect()),
        "won_cycle_days" | "lost_cycle_days" | "closed_cycle_days" => total(rows, days().collect()),
        "median_deal_size" => middle(values().collect()),
        "cycle_time_median" | "loss_cycle_time_median" | "closed_cycle_time_median" => {
            middle(days().collect())
        }
        "customers" => {
            let accounts: BTreeSet<&str> = rows.iter().filter_map(|row| row.account.as_deref()).collect();
            Some(accounts.len().into())
        }
        _ => Some(rows.len().into()),
    }
}

/// A sum; unknown where there are rows and none carries a value.
fn total(rows: &[&Row], values: Vec<Decimal>) -> Option<Decimal> {
    (rows.is_empty() || !values.is_empty()).then(|| values.iter().sum())
}

fn middle(mut values: Vec<Decimal>) -> Option<Decimal> {
    values.sort();
    let half = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[half]),
        _ => Some((values[half - 1] + values[half]) / Decimal::TWO),
    }
}

/// A number with all its rows, page by page.
fn open(server: &Server, metric: &str, subject: &str, period: &str) -> Opened {
    let path = format!("/api/v1/numbers/{metric}?{subject}&period={period}");
    let mut opened: Opened = read(server, &path);
    while opened.rows.len() < opened.matching {
        let next: Opened = read(server, &format!("{path}&from={}", opened.rows.len()));
        assert!(!next.rows.is_empty(), "{path}: fewer rows than it says");
        opened.rows.extend(next.rows);
    }
    opened
}

/// Whether the rows were compared, or there is rightly nothing to compare.
fn rows_agree(opened: &Opened, parts: Option<(&str, &str)>) -> bool {
    let marked = |mark: fn(&Row) -> bool| opened.rows.iter().filter(|row| mark(row)).collect::<Vec<_>>();
    let (above, below) = (marked(|row| row.numerator), marked(|row| row.denominator));
    assert_eq!((opened.counted, opened.matching), (opened.rows.len(), opened.rows.len()));
    assert_eq!((opened.numerators, opened.denominators), (above.len(), below.len()));
    let number = &opened.number;
    if number.codes.iter().any(|code| code == "E2") {
        assert!(number.value.is_none() && opened.rows.is_empty());
        return false;
    }
    match parts {
        None => assert_eq!(number.value, recomputed(&number.metric, &above)),
        Some((numerator, denominator)) => {
            let (above, below) = (recomputed(numerator, &above), recomputed(denominator, &below));
            assert_eq!((number.numerator, number.denominator), (above, below));
            assert_eq!(number.value, above.zip(below).and_then(|(above, below)| above.checked_div(below)));
        }
    }
    true
}

/// Every metric over deals, each for several subjects and periods in turn. What a CRM does not hold
/// (calls, invoices) has no rows here; the catalogue's own tests bring them.
#[test]
fn the_rows_of_every_metric_add_up_to_its_number() {
    let Some(files) = shared_data("maven_crm") else { return };
    let program = Program::with_maven(&files);
    let server = Server::start(&program);
    let subjects = [
        "level=company",
        "level=region&name=East",
        "level=manager&name=Dustin+Brinkmann",
        "level=rep&name=Anna+Snelling",
        "level=rep&name=Mei-Mei+Johns",
        "level=product&name=MG+Special",
        "level=rep&name=Darcel+Schlecht",
    ];
    let periods = ["2017-Q3", "2017-05", "all", "2017", "2017-Q2"];
    let metrics: Vec<serde_json::Value> = read(&server, "/api/v1/metrics");
    let over_deals = metrics.iter().position(|metric| metric["id"] == "calls_made").expect("it is listed");
    let metrics = &metrics[..over_deals];
    assert!(metrics.len() > 40, "{}", metrics.len());
    let mut compared = 0;
    for (turn, metric) in metrics.iter().enumerate() {
        let parts = metric["numerator"].as_str().zip(metric["denominator"].as_str());
        for (step, period) in periods.iter().enumerate() {
            let (id, subject) =
                (metric["id"].as_str().expect("an id"), subjects[(turn + step) % subjects.len()]);
            eprintln!("{id} of {subject} in {period}");
            compared += u32::from(rows_agree(&open(&server, id, subject, period), parts));
        }
    }
    assert!(compared > 190, "{compared}");
}

const ADDITIVE: [&str; 9] = [
    "opportunities",
    "deals_won",
    "deals_lost",
    "bookings",
    "won_cycle_days",
    "cohort_won",
    "cohort_bookings",
    "open_deals",
    "open_pipeline",
];
const RATIOS: [&str; 5] =
    [RATE, "avg_deal_size", "cycle_time_mean", "win_rate_cohort_all", "win_rate_cohort_decided"];

/// Domain T7 and rule 5: parts plus unassigned are the whole, and a ratio is that of the sums.
#[test]
fn parts_and_unassigned_make_the_whole() {
    let program = Program::new();
    let server = Server::demo(&program, &program.folder.path().join("files"), "127.0.0.1:0");
    let metrics = [&ADDITIVE[..], &RATIOS].concat().join(",");
    let path = format!("/api/v1/numbers?metric={metrics}&period=quarter,2026,all");
    let whole: Vec<Number> = read(&server, &path);
    assert!(whole.iter().filter(|number| number.value.is_some_and(|value| !value.is_zero())).count() > 100);
    for dimension in ["region", "manager", "rep", "product", "stage", "type", "segment"] {
        let parts: Vec<Number> = read(&server, &format!("{path}&by={dimension}"));
        for number in &whole {
            let same = |part: &&Number| part.metric == number.metric && part.period == number.period;
            let sum = |pick: fn(&Number) -> Option<Decimal>| -> Decimal {
                parts.iter().filter(same).filter_map(pick).sum()
            };
            let of = format!("{} by {dimension} in {}", number.metric, number.period);
            if RATIOS.contains(&number.metric.as_str()) {
                let (above, below) = (sum(|part| part.numerator), sum(|part| part.denominator));
                assert_eq!(number.value, above.checked_div(below), "{of}");
            } else {
                assert_eq!(number.value.unwrap_or_default(), sum(|part| part.value), "{of}");
            }
        }
    }
}

#[test]
fn what_belongs_to_nobody_is_part_of_the_whole() {
    let (program, files) = (Program::new(), Files::new());
    let nobodys = "D-9,Ninth,Dune,,2024-01-10,2024-02-20,Won,1000";
    let without_team = "D-8,Eighth,Dune,cleo,2024-01-10,2024-02-20,Won,30";
    files.people(&[
        "anna,Anna,North,2020-01-01,",
        "ben,Ben,South,2020-01-01,",
        "cleo,Cleo,South,2024-03-01,",
    ]);
    files.deals(&[&DEALS[..], &[nobodys, without_team]].concat());
    files.deliver(&program);
    let by = |dimension: &str, member: &str| {
        let answer: Answer = program.ask(&["bookings"], dimension, "2024-Q1");
        answer.get(member, "2024-Q1", "bookings").value.map(|value| value.to_string())
    };
    assert_eq!(by("", "").as_deref(), Some("1330"));
    assert_eq!(
        [by("rep", "unassigned"), by("region", "unassigned")].map(Option::unwrap_or_default),
        ["1000", "1030"]
    );
    let server = Server::start(&program);
    assert!(html::text(&server.text("/scorecards?period=2024-Q1")).contains("Unassigned"));
}
