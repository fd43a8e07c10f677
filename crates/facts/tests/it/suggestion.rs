//! A mapping is proposed from files, and imports them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use attain_facts::canonical::Table;
use attain_facts::suggestion::{Choices, Head, Known, Samples, Suggestion};
use attain_testing::shared_data;

use crate::office::{Office, Row, parse, rejected};

fn head() -> Head {
    Head::new("crm", "Example company", "America/New_York", "USD").expect("a head")
}

fn suggestion(office: &Office, choices: &Choices) -> Suggestion {
    let scratch = office.folder.path().join("scratch");
    let samples =
        Samples::read(&[office.input()], &scratch, choices).unwrap_or_else(|error| panic!("{error}"));
    Suggestion::of(&samples, &Known::default(), choices)
}

/// A file with other names for its columns, the columns in another order.
fn renamed(data: &Path, file: &str, names: &[(&str, &str)]) -> String {
    let mut reader = csv::Reader::from_path(data.join(file)).expect("the file");
    let header = reader.headers().expect("a header").clone();
    let place = |column: &str| header.iter().position(|name| name == column).expect("a column");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names.iter().map(|(_, new)| new)).expect("written");
    for record in reader.records() {
        let record = record.expect("a row");
        writer.write_record(names.iter().map(|(old, _)| &record[place(old)])).expect("written");
    }
    String::from_utf8(writer.into_inner().expect("written")).expect("text")
}

/// What the deals come to, by outcome and owner's name.
async fn totals(office: &Office) -> BTreeMap<(String, String), (u64, f64)> {
    let by_id = |rows: BTreeMap<String, Row>, id: &str, name: &str| -> BTreeMap<String, String> {
        rows.into_values().map(|row| (row[id].clone(), row[name].clone())).collect()
    };
    let people = by_id(office.rows(Table::Employee).await, "employee_id", "display_name");
    let products = by_id(office.rows(Table::Product).await, "product_id", "name");
    let mut totals: BTreeMap<(String, String), (u64, f64)> = BTreeMap::new();
    for row in office.rows(Table::Opportunity).await.into_values() {
        let amount: f64 = row.get("amount").map_or(0.0, |amount| amount.parse().expect("an amount"));
        for split in [
            &people[&row["owner_id"]],
            &products[&row["product_id"]],
            &row.get("close_date").cloned().unwrap_or_default(),
            &row.get("account_id").cloned().unwrap_or_default(),
        ] {
            let total = totals.entry((row["outcome"].clone(), split.clone())).or_default();
            total.0 += 1;
            total.1 += amount;
        }
    }
    totals
}

async fn example() -> Option<Office> {
    let data = shared_data("maven_crm")?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maven_crm/mapping.yaml");
    let mapping = fs::read_to_string(path).expect("the example");
    let office = Office::open().await;
    office.import(&mapping, &[data]).await.unwrap_or_else(|error| panic!("{error}"));
    Some(office)
}

#[tokio::test]
async fn renamed_and_shuffled_files_go_in_by_the_proposed_mapping() {
    let (Some(data), Some(example)) = (shared_data("maven_crm"), example().await) else { return };
    let office = Office::open().await;
    office.deliver(
        "export-3.csv",
        renamed(
            &data,
            "sales_pipeline.csv",
            &[
                ("close_value", "Revenue"),
                ("deal_stage", "Status"),
                ("sales_agent", "Rep"),
                ("close_date", "Closed"),
                ("product", "Item"),
                ("account", "Customer"),
                ("opportunity_id", "Deal Ref"),
                ("engage_date", "Started"),
            ],
        ),
    );
    office.deliver(
        "export-1.csv",
        renamed(
            &data,
            "sales_teams.csv",
            &[("regional_office", "Office"), ("manager", "Boss"), ("sales_agent", "Rep")],
        ),
    );
    office.deliver(
        "export-4.csv",
        renamed(
            &data,
            "products.csv",
            &[("sales_price", "Price"), ("product", "Item"), ("series", "Family")],
        ),
    );
    office.deliver(
        "export-2.csv",
        renamed(
            &data,
            "accounts.csv",
            &[
                ("subsidiary_of", "Parent company"),
                ("office_location", "Headquarters"),
                ("revenue", "Turnover"),
                ("account", "Customer"),
                ("employees", "Headcount"),
                ("year_established", "Founded"),
                ("sector", "Sector"),
            ],
        ),
    );
    let suggestion = suggestion(&office, &Choices::default());
    let text = suggestion.mapping_text(&head());
    println!("{text}");
    assert!(suggestion.questions.is_empty(), "{:#?}", suggestion.questions);
    let report =
        office.import(&text, &[office.input()]).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(rejected(&report), [""; 0], "{text}");
    let names = |rows: BTreeMap<String, Row>| rows.into_keys().collect::<BTreeSet<_>>();
    for table in [
        Table::Team,
        Table::Employee,
        Table::TeamAssignment,
        Table::ManagerAssignment,
        Table::Account,
        Table::Product,
    ] {
        assert_eq!(names(office.rows(table).await), names(example.rows(table).await), "{table}");
    }
    assert_eq!(totals(&office).await, totals(&example).await);
    parse(&text).expect("a mapping");
}
