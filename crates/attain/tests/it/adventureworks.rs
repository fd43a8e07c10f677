//! Adventure Works through import and query: quotas in windows of their own, orders that are
//! nobody's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use attain_testing::shared_data;
use flate2::read::GzDecoder;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::program::{Program, Server};

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

/// The first days of the quotas' windows.
const WINDOWS: [&str; 12] = [
    "2011-05-31",
    "2011-08-31",
    "2011-12-01",
    "2012-02-29",
    "2012-05-30",
    "2012-08-30",
    "2012-11-30",
    "2013-02-28",
    "2013-05-30",
    "2013-08-30",
    "2013-11-30",
    "2014-03-01",
];

/// The probability that Student's t with so many degrees of freedom is `least` or more, by Simpson's rule on its
/// density, whose constant cancels out.
fn upper_tail(least: f64, freedom: f64) -> f64 {
    let density = |x: f64| (1.0 + x * x / freedom).powf(-(freedom + 1.0) / 2.0);
    let area = |from: f64, to: f64| {
        let steps = 400_000;
        let width = (to - from) / f64::from(steps);
        let weight = |step: i32| match step {
            0 => 1.0,
            last if last == steps => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        (0..=steps).map(|step| weight(step) * density(from + width * f64::from(step))).sum::<f64>() * width
            / 3.0
    };
    let half = area(0.0, 2_000.0);
    let beyond = area(0.0, least.abs()) / half / 2.0;
    if least > 0.0 { 0.5 - beyond } else { 0.5 + beyond }
}

/// Domain 9.1 and 9.2 of the window from 30 November 2013, worked out from the files alone.
#[test]
fn planning_is_what_the_quotas_and_orders_say() {
    let Some(data) = shared_data("adventureworks") else { return };
    let program = with_adventureworks(&data);
    let server = Server::start(&program);
    let (orders, names) = (orders(&data), names(&data));
    let reply = server.get("/api/v1/planning?period=Q2013-11-30");
    assert_eq!(reply.status, 200, "{}", reply.text());
    let planning = reply.json();
    let planned = 10;
    let sold = |person: &str, window: usize| -> f64 {
        let own = orders.iter().filter(|(day, by, _)| {
            by.as_deref() == Some(person)
                && day.as_str() >= WINDOWS[window]
                && WINDOWS.get(window + 1).is_none_or(|next| day.as_str() < *next)
        });
        own.map(|(_, _, amount)| amount).sum::<Decimal>().to_f64().expect("an amount")
    };
    let quotas = delimited(&data.join("headerless_tab/SalesPersonQuotaHistory.csv"), b'\t', false);
    let quotas: BTreeMap<&str, f64> = quotas
        .iter()
        .filter(|quota| &quota[1][..10] == WINDOWS[planned])
        .map(|quota| (&quota[0], quota[2].parse().expect("a quota")))
        .collect();
    let hired: BTreeMap<String, String> = delimited(&data.join("headerless_tab/Employee.csv"), b'\t', false)
        .iter()
        .map(|person| (person[0].to_owned(), person[9][..10].to_owned()))
        .collect();
    let people = planning["people"].as_array().expect("people");
    assert_eq!(people.len(), quotas.len(), "who has no quota is not held against one of nothing");
    let (mut shares, mut amounts, mut told) = (Vec::new(), Vec::new(), 0);
    for (person, quota) in &quotas {
        let name = names[*person].as_str();
        let got = people.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}"));
        amounts.push(sold(person, planned));
        shares.push(sold(person, planned) / quota);
        let attained = got["attained_before"].as_f64().expect("an attainment");
        assert!((attained - sold(person, planned) / quota).abs() < 1e-9, "{name}: {attained}");
        let past = (1..planned).map(|window| (window, sold(person, window)));
        let past = past.skip_while(|(_, sold)| *sold == 0.0);
        let past: Vec<f64> = past
            .filter(|(window, _)| WINDOWS[*window] >= hired[*person].as_str())
            .map(|(_, sold)| sold)
            .collect();
        let past = &past[past.len().saturating_sub(8)..];
        if past.len() < 5 {
            assert!(got["chance"].is_null(), "{name}: {} windows say too little", past.len());
            continue;
        }
        let n = past.len() as f64;
        let mean = past.iter().sum::<f64>() / n;
        let deviation = (past.iter().map(|sold| (sold - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let expected = upper_tail((quota - mean) / (deviation * (1.0 + 1.0 / n).sqrt()), n - 1.0);
        let chance = got["chance"].as_f64().unwrap_or_else(|| panic!("{name} has {n} windows: {got}"));
        assert!((chance - expected).abs() < 1e-6, "{name}: {chance} instead of {expected}");
        told += 1;
    }
    assert!(told >= 10, "{told} chances");
    let near = |figure: &str, expected: f64| {
        let got = planning[figure].as_f64().unwrap_or_else(|| panic!("{figure}: {planning}"));
        assert!((got - expected).abs() < 1e-9, "{figure}: {got} instead of {expected}");
    };
    let n = shares.len() as f64;
    near("participation", shares.iter().filter(|share| **share >= 1.0).count() as f64 / n);
    shares.sort_by(f64::total_cmp);
    let middle = shares.len() / 2;
    near(
        "median_attainment",
        if shares.len() % 2 == 1 { shares[middle] } else { (shares[middle - 1] + shares[middle]) / 2.0 },
    );
    let mean = shares.iter().sum::<f64>() / n;
    let deviation = (shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    near("coefficient_of_variation", deviation / mean);
    amounts.sort_by(|one, other| other.total_cmp(one));
    near(
        "top_fifth_share",
        amounts.iter().take(amounts.len().div_ceil(5)).sum::<f64>() / amounts.iter().sum::<f64>(),
    );
    assert!(planning["potential_gini"].is_null(), "the territories have no potential");
    let linda = people.iter().find(|one| one["name"] == "Linda Mitchell").and_then(|one| one["id"].as_str());
    let quota = format!("/goals/rep/{}/credited_bookings?period=Q2013-11-30", linda.expect("a seller"));
    let page = crate::html::text(&server.text(&quota));
    assert!(page.contains("The period is over") && page.contains("Earlier periods"), "{page}");
    assert!(!page.contains("Likely"), "what is over has no likely end: {page}");
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
