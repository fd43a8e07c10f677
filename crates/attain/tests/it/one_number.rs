//! One number has one value wherever it is read, and its rows add up to it.

mod rows;

use std::collections::BTreeMap;

use attain_testing::shared_data;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::html;
use crate::program::{Program, Server, Value};
use crate::small_company::Files;

/// A number as the API and `--format json` write it.
#[derive(Deserialize)]
struct Number {
    metric: String,
    members: Vec<Member>,
    period: String,
    #[serde(deserialize_with = "exact")]
    value: Option<Decimal>,
    #[serde(deserialize_with = "exact")]
    numerator: Option<Decimal>,
    #[serde(deserialize_with = "exact")]
    denominator: Option<Decimal>,
    n: u64,
    codes: Vec<String>,
}

#[derive(Deserialize)]
struct Member {
    id: Option<String>,
    name: String,
}

/// All digits of a number, or nothing where there is `null`.
fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let digits = Option::<Box<RawValue>>::deserialize(deserializer)?;
    digits.map(|digits| digits.get().parse().map_err(serde::de::Error::custom)).transpose()
}

impl Number {
    /// In the form that exports are read into.
    fn exported(&self) -> Value {
        let (value, numerator, denominator) = (self.value, self.numerator, self.denominator);
        Value { value, numerator, denominator, n: self.n, codes: self.codes.join(" "), rank: None }
    }
}

#[derive(Deserialize)]
struct Card {
    id: Option<String>,
    numbers: Vec<Number>,
}

impl Card {
    fn number(&self, metric: &str) -> &Number {
        self.numbers.iter().find(|number| number.metric == metric).expect("a line of the scorecard")
    }
}

/// A number with its rows.
#[derive(Deserialize)]
struct Opened {
    number: Number,
    formula: String,
    counted: usize,
    numerators: usize,
    denominators: usize,
    matching: usize,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    account: Option<String>,
    cycle_days: Option<u32>,
    #[serde(deserialize_with = "exact")]
    value: Option<Decimal>,
    numerator: bool,
    denominator: bool,
}

fn read<T: DeserializeOwned>(server: &Server, path: &str) -> T {
    serde_json::from_str(&server.text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A share as people read it.
fn percent(share: Decimal) -> String {
    format!("{:.1} %", (share * Decimal::ONE_HUNDRED).round_dp(1))
}

const RATE: &str = "win_rate_count";
const QUARTER: &str = "2017-Q3";

#[test]
fn a_win_rate_is_the_same_wherever_it_is_read() {
    let Some(files) = shared_data("maven_crm") else { return };
    let program = Program::with_maven(&files);
    let server = Server::start(&program);
    let csv = program.ask(&[RATE], "rep", QUARTER);
    let query = ["query", "--metric", RATE, "--by", "rep", "--period", QUARTER, "--format"];
    let printed = |format: &str| program.prints(&[&query[..], &[format]].concat());
    let json: Vec<Number> = serde_json::from_str(&printed("json")).expect("numbers");
    let table = printed("table");
    let api: Vec<Number> = read(&server, &format!("/api/v1/numbers?metric={RATE}&by=rep&period={QUARTER}"));
    assert_eq!((csv.values.len(), json.len(), api.len()), (35, 35, 35), "everybody on the list");
    assert_eq!(table.lines().count(), 35 + 4, "a line each between head and foot:\n{table}");
    for (number, same) in api.iter().zip(&json) {
        let member = &number.members[0];
        let expected = csv.get(&member.name, QUARTER, RATE);
        assert_eq!((&number.exported(), &same.exported()), (expected, expected), "{}", member.name);
        in_the_table(&table, &member.name, expected);
        opened_over_the_api(&server, member, expected);
        on_the_page(&server, member, expected);
        in_the_rows_file(&server, member, expected);
    }
    for number in api.iter().step_by(8) {
        on_the_scorecard_command(&program, &number.members[0].name, number);
    }
}

/// The cells of a line of a table for reading.
fn cells(line: &str) -> Vec<String> {
    line.split("  ").map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
}

/// A line has name, period, metric, figure.
fn in_the_table(table: &str, name: &str, expected: &Value) {
    let line = table.lines().map(cells).find(|cells| cells.first().is_some_and(|first| first == name));
    let shown = expected.value.map_or("–".to_owned(), percent);
    assert_eq!(line.expect("a line per rep")[3], shown, "{name}");
}

fn opened_over_the_api(server: &Server, member: &Member, expected: &Value) {
    let id = member.id.as_deref().expect("an id");
    let subject = format!("level=rep&id={id}&period={QUARTER}");
    let opened: Opened = read(server, &format!("/api/v1/numbers/{RATE}?{subject}"));
    assert_eq!(opened.number.exported(), *expected, "{id}");
    let parts = (expected.numerator.expect("won"), expected.denominator.expect("decided"));
    let value = expected.value.map_or("–".to_owned(), |value| value.normalize().to_string());
    assert_eq!(opened.formula, format!("{} won ÷ {} decided = {value}", parts.0, parts.1));
    let card: Card = read(server, &format!("/api/v1/scorecards?{subject}"));
    assert_eq!(card.number(RATE).exported(), *expected, "{id}");
}

/// The number sheet, and the scorecard it lies on.
fn on_the_page(server: &Server, member: &Member, expected: &Value) {
    let id = member.id.as_deref().expect("an id");
    let path = format!("/scorecards/rep/{id}/numbers/{RATE}?period={QUARTER}");
    let sheet = server.text(&path);
    let [won, decided] = [expected.numerator, expected.denominator].map(|part| part.expect("a count"));
    let shown = expected.value.map_or("– (0 decided)".to_owned(), percent);
    let formula = format!("{won} won divided by {decided} decided equals {shown}");
    assert!(html::labels(&sheet).contains(&formula), "{path}: no {formula} in {:?}", html::labels(&sheet));
    let line = html::link_text(&sheet, &path);
    match expected.value {
        Some(value) => {
            assert!(line.starts_with(percent(value).trim_end_matches(" %")), "{path}: {line}");
            let shown = html::text(&sheet).matches(&percent(value)).count();
            assert!(shown >= 2, "{path}: as the figure and as the result of the formula");
        }
        None => assert!(line.starts_with('–') && html::text(&sheet).contains("0 decided"), "{path}: {line}"),
    }
}

fn in_the_rows_file(server: &Server, member: &Member, expected: &Value) {
    let id = member.id.as_deref().expect("an id");
    let text = server.text(&format!("/scorecards/rep/{id}/rows/{RATE}?period={QUARTER}"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().expect("rows");
    let count = |column: &str| Decimal::from(rows.iter().filter(|row| row[column] == "true").count());
    assert_eq!(
        (Some(count("numerator")), Some(count("denominator"))),
        (expected.numerator, expected.denominator)
    );
    assert!(rows.iter().all(|row| row["owner"] == member.name), "{id}");
}

fn on_the_scorecard_command(program: &Program, name: &str, number: &Number) {
    let printed = |format: &str| {
        program.prints(&["scorecard", "--rep", name, "--period", &number.period, "--format", format])
    };
    let card: Card = serde_json::from_str(&printed("json")).expect("a scorecard");
    assert_eq!(card.number(RATE).exported(), number.exported(), "{name}");
    let text = |value: Option<Decimal>| value.map(|value| value.normalize().to_string()).unwrap_or_default();
    let (value, won, decided) = (text(number.value), text(number.numerator), text(number.denominator));
    let line = format!("{RATE},% of decided,{value},{won},{decided},{},{}", number.n, number.codes.join(" "));
    assert!(printed("csv").lines().any(|given| given == line), "{name}: {line}");
    let shown =
        number.value.map_or("–".to_owned(), |value| percent(value).trim_end_matches(" %").to_owned());
    let table = printed("table");
    let line = table.lines().find(|line| line.trim_start().starts_with("Win rate  ")).expect("a line");
    assert!(line.split_whitespace().any(|cell| cell == shown), "{name}: {shown} in {line}");
}

#[test]
fn a_scorecard_page_shows_what_the_command_prints() {
    let Some(files) = shared_data("maven_crm") else { return };
    let program = Program::with_maven(&files);
    let server = Server::start(&program);
    let metrics: Vec<serde_json::Value> = read(&server, "/api/v1/metrics");
    let label =
        |id: &str| metrics.iter().find(|metric| metric["id"] == id).expect("a metric")["label"].clone();
    for (level, name) in
        [("company", ""), ("region", "East"), ("manager", "Cara Losch"), ("rep", "Darcel Schlecht")]
    {
        let subject = [format!("--{level}"), name.to_owned()];
        let mut arguments = vec!["scorecard", "--period", "2017-05"];
        arguments.extend(subject.iter().map(String::as_str).filter(|argument| !argument.is_empty()));
        let printed = program.prints(&arguments);
        let card: Card = read(
            &server,
            &format!("/api/v1/scorecards?level={level}&name={}&period=2017-05", name.replace(' ', "+")),
        );
        let base = card.id.map_or("/scorecards".to_owned(), |id| format!("/scorecards/{level}/{id}"));
        let page = server.text(&format!("{base}?period=2017-05"));
        for number in &card.numbers {
            let label = label(&number.metric);
            let line =
                printed.lines().find(|line| cells(line).first().is_some_and(|first| label == first.as_str()));
            let shown = &cells(line.expect("a line per metric"))[2];
            let linked = html::link_text(&page, &format!("{base}/numbers/{}?period=2017-05", number.metric));
            assert!(linked.starts_with(shown), "{name} {label}: {linked}, not {shown}");
        }
    }
}

/// A metric of each kind: sum, ratios, count, medians, distinct count, retention, cohort, snapshot.
const KINDS: &str = "bookings,win_rate_count,deals_lost,median_deal_size,cycle_time_median,customers,\
    avg_deal_size,buyer_retention,customers_new,win_rate_cohort_all,open_deals";

#[test]
fn an_answer_has_the_same_numbers_in_every_form() {
    let Some(files) = shared_data("maven_crm") else { return };
    let program = Program::with_maven(&files);
    let server = Server::start(&program);
    for dimension in ["region", "manager", "rep", "product"] {
        let metrics: Vec<&str> = KINDS.split(',').collect();
        let csv = program.ask(&metrics, dimension, "2017-Q2,2017-11,all");
        let query = ["query", "--metric", KINDS, "--by", dimension, "--period", "2017-Q2,2017-11,all"];
        let json: serde_json::Value =
            serde_json::from_str(&program.prints(&[&query[..], &["--format", "json"]].concat()))
                .expect("numbers");
        let path = format!("/api/v1/numbers?metric={KINDS}&by={dimension}&period=2017-Q2,2017-11,all");
        assert_eq!(server.get(&path).json(), json, "{dimension}");
        let api: Vec<Number> = read(&server, &path);
        assert_eq!(api.len(), csv.values.len(), "{dimension}");
        for number in api {
            let exported = csv.get(&number.members[0].name, &number.period, &number.metric);
            assert_eq!(number.exported(), *exported, "{} {}", number.metric, number.members[0].name);
        }
    }
}

/// Domain 5: what cannot be computed says why, and is a 0 nowhere.
#[test]
fn undefined_is_never_zero() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    let server = Server::start(&program);
    // Nobody won or lost in the third quarter; nothing is known about 2031.
    for (period, code, reason) in [("2024-Q3", "E3", "0 decided"), ("2031-Q1", "E1", "no data")] {
        let csv = program.prints(&["query", "--metric", RATE, "--period", period, "--format", "csv"]);
        let row = csv.lines().nth(1).expect("a row").to_owned();
        assert!(
            row.starts_with(&format!("{period},{RATE},,")) && row.ends_with(&format!(",{code},")),
            "{row}"
        );
        let raw = server.text(&format!("/api/v1/numbers/{RATE}?period={period}"));
        assert!(raw.contains("\"value\":null") && raw.contains(&format!("\"codes\":[\"{code}\"]")), "{raw}");
        let table = program.prints(&["query", "--metric", RATE, "--period", period]);
        assert!(table.lines().any(|line| line.contains(" – ")), "{table}");
        let card = program.prints(&["scorecard", "--period", period, "--format", "csv"]);
        let line = card.lines().find(|line| line.starts_with(RATE)).expect("a line");
        assert!(line.starts_with(&format!("{RATE},% of decided,,")) && line.ends_with(code), "{line}");
        let path = format!("/scorecards/numbers/{RATE}?period={period}");
        let page = server.text(&path);
        assert!(html::link_text(&page, &path).starts_with('–'), "{path}");
        assert!(html::text(&page).contains(reason), "{path}: no {reason} in {}", html::text(&page));
    }
}

/// Code E6: for reading the counts stand for a rate that rests on too few; exports keep the value.
#[test]
fn too_few_for_a_rate_shows_the_counts() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    let server = Server::start(&program);
    let path = format!("/scorecards/numbers/{RATE}?period=2024-Q2");
    let page = server.text(&path);
    assert!(html::link_text(&page, &path).starts_with("1 of 2"), "{}", html::link_text(&page, &path));
    assert!(html::text(&page).contains("too few"), "{}", html::text(&page));
    let query = ["query", "--metric", RATE, "--period", "2024-Q2"];
    for table in [program.prints(&query), program.prints(&["scorecard", "--period", "2024-Q2"])] {
        assert!(table.contains("1 of 2") && !table.contains("50.0"), "{table}");
    }
    let exported = program.ask(&[RATE], "", "2024-Q2").get("", "2024-Q2", RATE).clone();
    assert_eq!((exported.value, exported.codes.as_str()), (Some(Decimal::new(5, 1)), "E6"));
}
