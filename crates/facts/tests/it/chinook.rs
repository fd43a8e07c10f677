//! The files of Chinook go in by their mapping alone: credit goes through the customer.

use std::collections::BTreeMap;
use std::path::Path;

use attain_facts::canonical::Table;
use attain_testing::shared_data;
use rust_decimal::Decimal;

use crate::office::{Office, rejected};

/// The rows of a file by the column that identifies them.
fn file(data: &Path, name: &str, key: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(data.join(name)).expect("the file");
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| row.expect("a row"));
    rows.map(|row| (row[key].clone(), row)).collect()
}

#[tokio::test]
async fn invoices_and_their_lines_are_credited_to_who_looks_after_the_customer() {
    let Some(data) = shared_data("chinook") else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/chinook/mapping.yaml");
    let mapping = std::fs::read_to_string(path).expect("the example");
    let office = Office::open().await;
    let report =
        office.import(&mapping, std::slice::from_ref(&data)).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rejected(&report), [""; 0]);
    assert_eq!((report.total().read, report.total().accepted), (8 + 59 + 412 + 2_240, 8 + 59 + 412 + 2_240));

    let customers = file(&data, "Customer.csv", "CustomerId");
    let invoices = file(&data, "Invoice.csv", "InvoiceId");
    let people: BTreeMap<String, String> = office
        .rows(Table::Employee)
        .await
        .into_iter()
        .map(|(number, row)| (row["employee_id"].clone(), number))
        .collect();
    let mut expected: BTreeMap<&str, Decimal> = BTreeMap::new();
    for invoice in invoices.values() {
        let person = customers[&invoice["CustomerId"]]["SupportRepId"].as_str();
        *expected.entry(person).or_default() += invoice["Total"].parse::<Decimal>().expect("a total");
    }
    assert_eq!(expected.len(), 3, "people who look after customers");
    for (table, person, amount) in
        [(Table::Opportunity, "owner_id", "amount"), (Table::InvoiceLine, "employee_id", "net_amount")]
    {
        let mut sold: BTreeMap<&str, Decimal> = BTreeMap::new();
        for row in office.rows(table).await.values() {
            let amount: Decimal = row[amount].parse().expect("an amount");
            *sold.entry(people[&row[person]].as_str()).or_default() += amount;
        }
        assert_eq!(sold, expected, "{table}");
    }
    assert_eq!(office.rows(Table::ManagerAssignment).await.len(), 7, "one of eight reports to nobody");
    assert_eq!(office.rows(Table::Account).await["1"]["name"], customers["1"]["Company"]);
    assert_eq!(office.rows(Table::Account).await["2"]["name"], "Leonie Köhler");
}
