//! The files of Adventure Works go in by their mapping alone: rows as whoever knows the company
//! expects them, computed here from the files without Attain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use attain_facts::canonical::Table;
use attain_testing::shared_data;
use rust_decimal::Decimal;

use crate::office::{Office, rejected};

const FILES: [&str; 10] = [
    "Salesperson.csv",
    "SalesOrderHeader.csv.gz",
    "headerless_tab/Employee.csv",
    "headerless_tab/Department.csv",
    "headerless_tab/EmployeeDepartmentHistory.csv",
    "headerless_tab/SalesTerritory.csv",
    "headerless_tab/SalesTerritoryHistory.csv",
    "headerless_tab/Store.csv",
    "headerless_tab/Customer.csv",
    "headerless_tab/SalesPersonQuotaHistory.csv",
];

fn mapping() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/adventureworks/mapping.yaml");
    std::fs::read_to_string(path).expect("the example")
}

fn inputs(data: &Path) -> Vec<PathBuf> {
    FILES.iter().map(|file| data.join(file)).collect()
}

/// The rows of a file without a header.
fn headerless(data: &Path, file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .has_headers(false)
        .from_path(data.join("headerless_tab").join(file))
        .expect("the file");
    reader.records().map(|record| record.expect("a record")).collect()
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

#[tokio::test]
async fn every_row_is_accounted_for_and_the_totals_are_the_known_ones() {
    let Some(data) = shared_data("adventureworks") else { return };
    let office = Office::open().await;
    let report = office
        .import_at("2014-07-01T12:00:00Z", &mapping(), &inputs(&data))
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rejected(&report), [""; 0]);
    let read: BTreeMap<&str, (u64, u64)> =
        report.files.iter().map(|file| (file.name.as_str(), (file.rows.read, file.rows.filtered))).collect();
    assert_eq!(read["SalesOrderHeader.csv.gz"], (31_465, 0));
    assert_eq!(read["Customer.csv"], (19_820, 0));
    assert_eq!(read["Store.csv"], (701, 701), "stores are only looked up");
    assert_eq!(read["Employee.csv"], (290, 271), "the others do not sell");
    assert_eq!(read["SalesPersonQuotaHistory.csv"], (163, 0));

    let deals = office.rows(Table::Opportunity).await;
    let total: Decimal = deals.values().map(|deal| decimal(&deal["attributes.total_due"])).sum();
    assert_eq!(total, decimal("123216786.1159"), "Microsoft's known total");
    assert_eq!(deals.values().filter(|deal| !deal.contains_key("owner_id")).count(), 27_659);

    // SalesPerson.csv is not read; what it says about this year is a check inside the files.
    let identifiers = by_person(&office).await;
    for person in headerless(&data, "SalesPerson.csv") {
        let own = deals.values().filter(|deal| {
            deal.get("owner_id") == identifiers.get(&person[0]) && deal["close_date"].as_str() >= "2013-05-30"
        });
        let sold: Decimal = own.map(|deal| decimal(&deal["amount"])).sum();
        assert_eq!(sold.round_dp(4), decimal(&person[5]), "{}", &person[0]);
    }
}

/// Attain's identifier of each person, by that of the files.
async fn by_person(office: &Office) -> BTreeMap<String, String> {
    let people = office.rows(Table::Employee).await.into_iter();
    people.map(|(number, row)| (number, row["employee_id"].clone())).collect()
}

#[tokio::test]
async fn names_managers_territories_and_quotas_come_from_the_files() {
    let Some(data) = shared_data("adventureworks") else { return };
    let office = Office::open().await;
    office
        .import_at("2014-07-01T12:00:00Z", &mapping(), &inputs(&data))
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let people = office.rows(Table::Employee).await;
    assert_eq!(people.len(), 19);
    assert_eq!(people["282"]["display_name"], "José Saraiva");
    assert_eq!(people["1"]["display_name"], "ken0", "who does not sell has no name in the files");

    let identifiers = by_person(&office).await;
    let managers = office.rows(Table::ManagerAssignment).await;
    let manager = |number: &str| {
        let assigned = &managers.get(number)?["manager_id"];
        identifiers.iter().find(|(_, identifier)| *identifier == assigned).map(|(number, _)| number.as_str())
    };
    for (managing, numbers) in [
        ("1", vec!["273"]),
        ("273", vec!["274", "285", "287"]),
        ("274", vec!["275", "276", "277", "278", "279", "280", "281", "282", "283", "284"]),
        ("285", vec!["286"]),
        ("287", vec!["288", "289", "290"]),
    ] {
        for number in numbers {
            assert_eq!(manager(number), Some(managing), "{number}");
        }
    }
    assert_eq!(managers.len(), 18, "nobody manages the chief executive");

    let territories = office.rows(Table::TerritoryAssignment).await;
    let mut jose: Vec<(&str, &str)> = territories
        .values()
        .filter(|row| row["employee_id"] == identifiers["282"])
        .map(|row| (row["valid_from"].as_str(), row.get("valid_to").map_or("", String::as_str)))
        .collect();
    jose.sort_unstable();
    assert_eq!(jose, [("2011-05-31", "2012-05-30"), ("2012-05-30", "")], "the day after the last");

    let quotas = office.rows(Table::Target).await;
    assert_eq!(quotas.len(), 163);
    let mut windows: BTreeMap<String, Vec<(String, Option<String>)>> = BTreeMap::new();
    for quota in quotas.values() {
        let window = (quota["valid_from"].clone(), quota.get("valid_to").cloned());
        windows.entry(quota["subject_id"].clone()).or_default().push(window);
    }
    let mut starts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in headerless(&data, "SalesPersonQuotaHistory.csv") {
        starts.entry(identifiers[&row[0]].clone()).or_default().push(row[1][..10].to_owned());
    }
    for (person, starts) in &mut starts {
        starts.sort_unstable();
        let ends = starts.iter().skip(1).cloned().map(Some).chain([None]);
        let expected: Vec<(String, Option<String>)> = starts.iter().cloned().zip(ends).collect();
        let found = windows.get_mut(person).expect("quotas");
        found.sort_unstable();
        assert_eq!(*found, expected, "each holds until the next");
    }
    assert_eq!(windows[&identifiers["284"]].len(), 7, "a quota that is missing is no row");
}

/// The whole tree: everybody is as far below the chief executive as the file says.
#[tokio::test]
async fn managers_by_path_are_those_of_the_file_for_everybody() {
    let Some(data) = shared_data("adventureworks") else { return };
    let office = Office::open().await;
    let everybody = mapping().replace("starts_with(hierarchyid(\\\"4\\\"), '/6/')", "\\\"1\\\" is not blank");
    office
        .import_at("2014-07-01T12:00:00Z", &everybody, &inputs(&data))
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let identifiers = by_person(&office).await;
    let managers: BTreeMap<String, String> = office
        .rows(Table::ManagerAssignment)
        .await
        .into_values()
        .map(|row| (row["employee_id"].clone(), row["manager_id"].clone()))
        .collect();
    let people = headerless(&data, "Employee.csv");
    assert_eq!((people.len(), managers.len()), (290, 289));
    for person in people {
        let mut above = 0;
        let mut identifier = &identifiers[&person[0]];
        while let Some(manager) = managers.get(identifier) {
            (above, identifier) = (above + 1, manager);
        }
        assert_eq!(above.to_string(), &person[4], "{}", &person[0]);
    }
}
