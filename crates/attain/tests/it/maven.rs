//! The sample company's 21 independently computed tables, reproduced through import and query.

use std::collections::BTreeMap;
use std::path::Path;

use attain_testing::shared_data;
use rust_decimal::Decimal;

use crate::program::{Answer, MAVEN_FILES, Program, copy_files, maven_mapping};

/// Columns of the expected tables and the metrics that reproduce them.
const TOTAL: &[(&str, &str)] = &[
    ("opportunities", "opportunities"),
    ("created_dated", "opps_created"),
    ("won", "deals_won"),
    ("lost", "deals_lost"),
    ("win_rate_closed", "win_rate_count"),
    ("won_per_created", "won_per_created"),
    ("revenue", "bookings"),
    ("avg_deal_size", "avg_deal_size"),
    ("median_deal_size", "median_deal_size"),
    ("cycle_days_won_mean", "cycle_time_mean"),
    ("cycle_days_won_median", "cycle_time_median"),
    ("cycle_days_lost_mean", "loss_cycle_time_mean"),
    ("cycle_days_closed_mean", "closed_cycle_time_mean"),
    ("cycle_days_closed_median", "closed_cycle_time_median"),
    ("customers", "customers"),
    ("revenue_per_customer", "bookings_per_customer"),
];
const BY_CLOSE: &[(&str, &str)] = &[
    ("created", "opps_created"),
    ("won", "deals_won"),
    ("lost", "deals_lost"),
    ("win_rate_closed", "win_rate_count"),
    ("revenue", "bookings"),
    ("avg_deal_size", "avg_deal_size"),
    ("cycle_days_won_mean", "cycle_time_mean"),
    ("cycle_days_won_median", "cycle_time_median"),
    ("customers", "customers"),
    ("revenue_per_customer", "bookings_per_customer"),
];
const BY_COHORT: &[(&str, &str)] = &[
    ("created", "opps_created"),
    ("won", "cohort_won"),
    ("lost", "cohort_lost"),
    ("still_open", "cohort_open"),
    ("win_rate_cohort_all", "win_rate_cohort_all"),
    ("win_rate_cohort_decided", "win_rate_cohort_decided"),
    ("cohort_revenue", "cohort_bookings"),
];
const RETENTION: &[(&str, &str)] = &[
    ("customers_prev", "customers_previous"),
    ("customers_cur", "customers"),
    ("retained", "customers_retained"),
    ("new_first_ever", "customers_new"),
    ("reactivated", "customers_reactivated"),
    ("retention_set", "buyer_retention"),
    ("retention_textbook", "buyer_retention_textbook"),
];
const BY_MONTH: &[(&str, &str)] = &[("won", "deals_won"), ("lost", "deals_lost"), ("revenue", "bookings")];
const PRODUCT: &[(&str, &str)] = &[
    ("opportunities", "opportunities"),
    ("won", "deals_won"),
    ("lost", "deals_lost"),
    ("revenue", "bookings"),
];

/// A table: its file, what it is split by, which of its columns hold member and period.
struct Expected {
    file: String,
    by: &'static str,
    period: &'static str,
    period_column: Option<&'static str>,
    columns: &'static [(&'static str, &'static str)],
}

/// The 18 tables of metrics; three more are about ranks and people without deals.
fn tables() -> Vec<Expected> {
    let mut tables = Vec::new();
    for level in ["company", "region", "manager", "rep"] {
        let by = if level == "company" { "" } else { level };
        let mut add = |name: &str, period, period_column, columns| {
            tables.push(Expected { file: format!("{level}_{name}.csv"), by, period, period_column, columns });
        };
        add("total", "all", None, TOTAL);
        add("by_close_quarter", "quarter", Some("quarter"), BY_CLOSE);
        add("by_created_cohort", "quarter", Some("created_quarter"), BY_COHORT);
        add("retention_by_quarter", "quarter", Some("period"), RETENTION);
    }
    tables.push(Expected {
        file: "company_by_close_month.csv".into(),
        by: "",
        period: "month",
        period_column: Some("month"),
        columns: BY_MONTH,
    });
    tables.push(Expected {
        file: "product_total.csv".into(),
        by: "product",
        period: "all",
        period_column: None,
        columns: PRODUCT,
    });
    tables
}

type Cells = BTreeMap<(String, String, String), Option<Decimal>>;

/// The cells of an expected table by member, period and metric.
fn expected_cells(folder: &Path, table: &Expected) -> Cells {
    let mut reader = csv::Reader::from_path(folder.join(&table.file)).expect("expected table");
    let header = reader.headers().expect("header").clone();
    let position = |name: &str| {
        header.iter().position(|column| column == name).unwrap_or_else(|| panic!("{name} in {}", table.file))
    };
    let mut cells = Cells::new();
    for record in reader.records() {
        let record = record.expect("record");
        let member = if table.by.is_empty() { "" } else { &record[0] };
        let period = table.period_column.map_or("all", |column| &record[position(column)]);
        for (column, metric) in table.columns {
            let cell = &record[position(column)];
            let value = (!cell.is_empty()).then(|| cell.parse().expect("decimal"));
            cells.insert((member.to_owned(), period.to_owned(), (*metric).to_owned()), value);
        }
    }
    cells
}

/// Every cell in which an answer differs from a table: money and counts exactly, ratios as the
/// table rounds them.
fn differences(cells: &Cells, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    for ((member, period, metric), expected) in cells {
        let given = answer.get(member, period, metric).value;
        let equal = match (expected, given) {
            (Some(expected), Some(given)) => (*expected - given).abs() <= Decimal::new(5, 7),
            (None, None) => true,
            _ => false,
        };
        if !equal {
            found.push(format!("{member} {period} {metric}: expected {expected:?}, got {given:?}"));
        }
    }
    for ((member, period, metric), value) in &answer.values {
        let listed = cells.contains_key(&(member.clone(), period.clone(), metric.clone()));
        if !listed
            && value.value.is_some_and(|value| !value.is_zero())
            && !metric.starts_with("customers")
            && !cells.keys().any(|(m, p, _)| m == member && p == period)
            && !is_first_retention_period(metric)
        {
            found.push(format!("{member} {period} {metric}: {:?} where nothing is expected", value.value));
        }
    }
    found
}

/// Retention tables start with the second quarter.
fn is_first_retention_period(metric: &str) -> bool {
    metric.starts_with("buyer_retention")
}

fn answer(program: &Program, table: &Expected) -> Answer {
    let metrics: Vec<&str> = table.columns.iter().map(|(_, metric)| *metric).collect();
    program.ask(&metrics, table.by, table.period)
}

#[test]
fn every_expected_table_is_reproduced() {
    let (Some(files), Some(expected)) = (shared_data("maven_crm"), shared_data("expected/maven_crm")) else {
        return;
    };
    let program = Program::with_maven(&files);
    for table in tables() {
        let cells = expected_cells(&expected, &table);
        assert!(!cells.is_empty(), "{} is empty", table.file);
        let found = differences(&cells, &answer(&program, &table));
        assert!(
            found.is_empty(),
            "{}: {} cells differ: {:#?}",
            table.file,
            found.len(),
            &found[..found.len().min(10)]
        );
    }
    open_deals_by_stage(&program, &expected);
    ranks(&program, &expected, "rep_rank_revenue.csv", "bookings");
    ranks(&program, &expected, "rep_rank_win_rate.csv", "win_rate_count");
}

fn open_deals_by_stage(program: &Program, expected: &Path) {
    for (level, by) in
        [("company", "stage"), ("region", "region,stage"), ("manager", "manager,stage"), ("rep", "rep,stage")]
    {
        let answer = program.ask(&["open_deals"], by, "all");
        let mut reader =
            csv::Reader::from_path(expected.join(format!("{level}_total.csv"))).expect("expected table");
        for record in reader.deserialize::<BTreeMap<String, String>>() {
            let record = record.expect("record");
            for (column, stage) in [("open_prospecting", "Prospecting"), ("open_engaging", "Engaging")] {
                let members =
                    if level == "company" { stage.to_owned() } else { format!("{}|{stage}", record[level]) };
                let key = (members, "all".to_owned(), "open_deals".to_owned());
                let given = answer.values.get(&key).and_then(|value| value.value).unwrap_or_default();
                assert_eq!(given.to_string(), record[column], "{key:?}");
            }
        }
    }
}

fn ranks(program: &Program, expected: &Path, file: &str, metric: &str) {
    let answer = Answer::read(
        &program.prints(&["query", "--metric", metric, "--by", "rep", "--rank", "--format", "csv"]),
    );
    let mut reader = csv::Reader::from_path(expected.join(file)).expect("expected table");
    let mut ranked = 0;
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        let record = record.expect("record");
        let given = answer.get(&record["rep"], "all", metric);
        assert_eq!(given.rank.as_deref(), Some(record["rank"].as_str()), "{file}: {}", record["rep"]);
        ranked += 1;
    }
    assert_eq!(ranked, 30);
}

/// 35 people are on the list, 30 have deals; the other five appear, with zeros and without rates.
#[test]
fn people_without_deals_appear_with_zeros_and_undefined_rates() {
    let (Some(files), Some(expected)) = (shared_data("maven_crm"), shared_data("expected/maven_crm")) else {
        return;
    };
    let program = Program::with_maven(&files);
    let answer = program.ask(&["opportunities", "deals_won", "bookings", "win_rate_count"], "rep", "all");
    let mut reader =
        csv::Reader::from_path(expected.join("reps_without_opportunities.csv")).expect("expected table");
    let mut people = 0;
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        let name = record.expect("record")["sales_agent"].clone();
        for metric in ["opportunities", "deals_won", "bookings"] {
            assert_eq!(answer.get(&name, "all", metric).value, Some(Decimal::ZERO), "{name} {metric}");
        }
        let rate = answer.get(&name, "all", "win_rate_count");
        assert_eq!((rate.value, rate.codes.as_str()), (None, "E3"), "{name}");
        people += 1;
    }
    assert_eq!(people, 5);
}

#[test]
fn deals_without_a_date_are_accepted() {
    let Some(files) = shared_data("maven_crm") else { return };
    let program = Program::new();
    let report = program.import(&files, &maven_mapping());
    let pipeline = report.lines().find(|line| line.contains("sales_pipeline.csv")).expect("a line per file");
    let counts: Vec<&str> = pipeline.split_whitespace().collect();
    assert_eq!(counts, ["sales_pipeline.csv", "8800", "8800", "0", "0", "0"]);
    assert_eq!(program.ask(&["open_deals"], "stage", "all").get("Prospecting", "all", "open_deals").n, 500);
}

/// Nothing is hard-coded: one changed amount moves exactly the figures it is part of.
#[test]
fn editing_one_amount_changes_exactly_its_figures() {
    let (Some(files), Some(expected)) = (shared_data("maven_crm"), shared_data("expected/maven_crm")) else {
        return;
    };
    let copy = tempfile::tempdir().expect("temporary folder");
    copy_files(&files, &MAVEN_FILES, copy.path());
    let pipeline = copy.path().join("sales_pipeline.csv");
    let text = std::fs::read_to_string(&pipeline).expect("pipeline");
    // The first deal of the file: won in March 2017, created in the last quarter of 2016.
    let deal: Vec<&str> = text.lines().nth(1).expect("a deal").split(',').collect();
    let [id, rep, product, _, "Won", "2016-10-20", "2017-03-01", amount] = deal[..] else {
        panic!("another file: {deal:?}")
    };
    let dearer: u32 = amount.parse::<u32>().expect("amount") + 1000;
    let edited = text.replacen(&format!("2017-03-01,{amount}"), &format!("2017-03-01,{dearer}"), 1);
    assert!(
        edited.lines().nth(1).is_some_and(|line| line.starts_with(id) && line.ends_with(&dearer.to_string()))
    );
    std::fs::write(&pipeline, &edited).expect("write");
    let teams = std::fs::read_to_string(files.join("sales_teams.csv")).expect("teams");
    let team: Vec<&str> =
        teams.lines().find(|line| line.starts_with(rep)).expect("the rep").split(',').collect();
    let program = Program::with_maven(copy.path());
    let moved = |member: &str, period: &str, metric: &str| {
        let money =
            ["bookings", "avg_deal_size", "median_deal_size", "bookings_per_customer", "cohort_bookings"]
                .contains(&metric);
        let subject = member.is_empty() || member == product || team.contains(&member);
        let cohort = metric.starts_with("cohort");
        let when = period == "all"
            || (cohort && period == "2016-Q4")
            || (!cohort && (period == "2017-Q1" || period == "2017-03"));
        money && subject && when
    };
    let mut bookings_moved = 0;
    for table in tables() {
        let cells = expected_cells(&expected, &table);
        let answer = answer(&program, &table);
        for ((member, period, metric), value) in &cells {
            let given = answer.get(member, period, metric).value;
            let difference = given.unwrap_or_default() - value.unwrap_or_default();
            if metric == "bookings" || metric == "cohort_bookings" {
                let by = if moved(member, period, metric) { Decimal::from(1000) } else { Decimal::ZERO };
                assert_eq!(difference, by, "{}: {member} {period} {metric}", table.file);
                bookings_moved += i32::from(!by.is_zero());
            } else if !moved(member, period, metric) {
                assert!(
                    difference.abs() <= Decimal::new(5, 7),
                    "{}: {member} {period} {metric} moved by {difference}",
                    table.file
                );
            }
        }
    }
    assert_eq!(bookings_moved, 4 + 4 + 4 + 1 + 1, "totals, close quarters, cohorts, month, product");
}
