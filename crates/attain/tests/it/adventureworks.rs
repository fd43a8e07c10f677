//! Adventure Works through import and query: quotas in windows of their own, orders that are
//! nobody's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use attain_testing::shared_data;
use flate2::read::GzDecoder;
use rust_decimal::Decimal;

use crate::program::Program;

const HEADERLESS: [&str; 8] = [
    "Employee.csv",
    "Department.csv",
    "EmployeeDepartmentHistory.csv",
    "SalesTerritory.csv",
    "SalesTerritoryHistory.csv",
    "Store.csv",
    "Customer.csv",
    "SalesPersonQuotaHistory.csv",
];

fn with_adventureworks(data: &Path) -> Program {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/adventureworks/mapping.yaml");
    let named = ["Salesperson.csv", "SalesOrderHeader.csv.gz"].map(|file| data.join(file));
    let headerless = HEADERLESS.map(|file| data.join("headerless_tab").join(file));
    let paths: Vec<PathBuf> = named.into_iter().chain(headerless).chain([example]).collect();
    let paths: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let (mapping, files) = paths.split_last().expect("paths");
    let mut arguments = vec!["import"];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(["--mapping", mapping]);
    let program = Program::new();
    program.prints(&arguments);
    program
}

fn records(reader: csv::Reader<impl std::io::Read>) -> Vec<csv::StringRecord> {
    reader.into_records().map(|record| record.expect("a record")).collect()
}

fn delimited(path: &Path, delimiter: u8, has_headers: bool) -> Vec<csv::StringRecord> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).quoting(false).has_headers(has_headers);
    records(builder.from_path(path).expect("the file"))
}

/// Day, salesperson if any, and net amount of every order.
fn orders(data: &Path) -> Vec<(String, Option<String>, Decimal)> {
    let file = std::fs::File::open(data.join("SalesOrderHeader.csv.gz")).expect("the orders");
    let orders = records(csv::Reader::from_reader(GzDecoder::new(file))).into_iter();
    let person = |text: &str| (text != "NULL").then(|| text.to_owned());
    orders
        .map(|order| (order[1].to_owned(), person(&order[8]), order[11].parse().expect("an amount")))
        .collect()
}

/// Names of the people who sell, by their number.
fn names(data: &Path) -> BTreeMap<String, String> {
    let named = delimited(&data.join("Salesperson.csv"), b'|', true);
    let named: BTreeMap<&str, &str> = named.iter().map(|row| (&row[0], &row[1])).collect();
    let people = delimited(&data.join("headerless_tab/Employee.csv"), b'\t', false);
    let name =
        |person: &csv::StringRecord| Some((person[0].to_owned(), (*named.get(&person[1])?).to_owned()));
    people.iter().filter_map(name).collect()
}

#[test]
fn attainment_is_measured_in_the_windows_of_the_quotas() {
    let Some(data) = shared_data("adventureworks") else { return };
    let program = with_adventureworks(&data);
    let answer = program.ask(&["credited_bookings", "quota", "quota_attainment"], "rep", "quarter");
    let (orders, names) = (orders(&data), names(&data));
    let mut quotas = delimited(&data.join("headerless_tab/SalesPersonQuotaHistory.csv"), b'\t', false);
    assert_eq!(quotas.len(), 163);
    quotas.sort_by(|one, other| (&one[0], &one[1]).cmp(&(&other[0], &other[1])));
    let mut prorated = Vec::new();
    for (position, quota) in quotas.iter().enumerate() {
        let (person, from) = (&quota[0], &quota[1][..10]);
        let next = quotas.get(position + 1).filter(|next| next[0] == *person);
        let to = next.map_or("2014-06-01", |next| &next[1][..10]);
        let own = orders.iter().filter(|(day, by, _)| {
            by.as_deref() == Some(person) && day.as_str() >= from && day.as_str() < to
        });
        let sold: Decimal = own.map(|(_, _, amount)| amount).sum();
        let quota: Decimal = quota[2].parse().expect("a quota");
        let (name, period) = (names[person].as_str(), format!("Q{from}"));
        assert_eq!(answer.get(name, &period, "credited_bookings").value, Some(sold), "{name} {period}");
        let asked = answer.get(name, &period, "quota");
        let applies = asked.value.expect("a quota");
        if applies != quota {
            // Who came within the window is asked for the part of it from the first day on.
            prorated.push((name, period.clone(), applies < quota));
        }
        let attained = answer.get(name, &period, "quota_attainment").value.expect("an attainment");
        assert!((attained - sold / applies).abs() < Decimal::new(5, 7), "{name} {period}: {attained}");
    }
    assert_eq!(prorated, [("Tete Mensa-Annan", "Q2012-08-30".to_owned(), true)], "hired on 30 September");
    // Rachel Valdez has quotas since she came, and none before.
    for metric in ["quota", "quota_attainment"] {
        let key = ("Rachel Valdez".to_owned(), "Q2012-02-29".to_owned(), metric.to_owned());
        assert_eq!(
            answer.values.get(&key).and_then(|value| value.value),
            None,
            "{metric} is missing, not zero"
        );
    }
}

#[test]
fn orders_without_a_salesperson_are_nobodys() {
    let Some(data) = shared_data("adventureworks") else { return };
    let program = with_adventureworks(&data);
    let orders = orders(&data);
    let company = program.ask(&["deals_won", "bookings"], "", "all");
    assert_eq!(company.get("", "all", "deals_won").value, Some(Decimal::from(31_465)));
    let total: Decimal = orders.iter().map(|(_, _, amount)| amount).sum();
    assert_eq!(company.get("", "all", "bookings").value, Some(total));

    let by_person = program.ask(&["deals_won", "bookings"], "rep", "all");
    let names = names(&data);
    let mut credited = Decimal::ZERO;
    for (number, name) in &names {
        let own = orders.iter().filter(|(_, by, _)| by.as_ref() == Some(number));
        let sold: Decimal = own.clone().map(|(_, _, amount)| amount).sum();
        if name == "Brian Welcker" {
            // The Vice President of Sales leads and sells nothing himself: he is no line among sellers.
            assert!(sold.is_zero() && !by_person.values.keys().any(|(listed, _, _)| listed == name));
            continue;
        }
        assert_eq!(by_person.get(name, "all", "bookings").value, Some(sold), "{name}");
        let deals = by_person.get(name, "all", "deals_won").value.expect("a count");
        assert_eq!(deals, Decimal::from(own.count()), "{name}");
        credited += deals;
    }
    assert_eq!(credited, Decimal::from(3_806), "27,659 orders are nobody's");
    assert!(names.values().any(|name| name == "José Saraiva"));
}
