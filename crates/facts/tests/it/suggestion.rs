//! A mapping is proposed from files, and imports them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use attain_facts::canonical::Table;
use attain_facts::suggestion::{
    Choices, Confidence, Head, Known, Place, Samples, Suggestion, SuggestionError, Target,
};
use attain_testing::shared_data;
use proptest::prelude::*;

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

/// What the proposed mapping imports is what the example's imports.
async fn assert_like_the_example(office: &Office, example: &Office, suggestion: &Suggestion) {
    assert!(suggestion.questions.is_empty(), "{:#?}", suggestion.questions);
    let text = suggestion.mapping_text(&head());
    let report =
        office.import(&text, &[office.input()]).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(rejected(&report), [""; 0], "{text}");
    for table in [
        Table::Team,
        Table::Employee,
        Table::TeamAssignment,
        Table::ManagerAssignment,
        Table::Account,
        Table::Product,
    ] {
        let [own, wanted] = [office.rows(table).await, example.rows(table).await]
            .map(|rows| rows.into_keys().collect::<BTreeSet<_>>());
        assert_eq!(own, wanted, "{table}\n{text}");
    }
    assert_eq!(totals(office).await, totals(example).await, "{text}");
}

#[tokio::test]
async fn renamed_and_shuffled_files_go_in_by_the_proposed_mapping() {
    let (Some(data), Some(example)) = (shared_data("maven_crm"), example().await) else { return };
    let office = Office::open().await;
    let deliver = |file: &str, original: &str, names: &[(&str, &str)]| {
        office.deliver(file, renamed(&data, original, names));
    };
    deliver(
        "export-3.csv",
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
    );
    deliver(
        "export-1.csv",
        "sales_teams.csv",
        &[("regional_office", "Office"), ("manager", "Boss"), ("sales_agent", "Rep")],
    );
    deliver(
        "export-4.csv",
        "products.csv",
        &[("sales_price", "Price"), ("product", "Item"), ("series", "Family")],
    );
    deliver(
        "export-2.csv",
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
    );
    let suggestion = suggestion(&office, &Choices::default());
    assert_like_the_example(&office, &example, &suggestion).await;
    let deals = suggestion.files.iter().find(|file| file.name == "export-3.csv").expect("the deals");
    let item = deals.columns.iter().find(|column| column.name == "Item").expect("a column");
    assert_eq!((&item.target, item.confidence), (&Target::Column("product_id".into()), Confidence::Sure));
    assert!(item.reason.contains("its 7 values are all among `Item` in export-4.csv"), "{}", item.reason);
    assert_eq!(item.values["GTXPro"], "GTX Pro");
}

#[tokio::test]
async fn german_files_go_in_by_the_proposed_mapping() {
    let (Some(data), Some(example)) = (shared_data("maven_crm"), example().await) else { return };
    let office = Office::open().await;
    let deliver = |file: &str, text: String| office.deliver(file, text);
    let deals = renamed(
        &data,
        "sales_pipeline.csv",
        &[
            ("deal_stage", "Phase"),
            ("opportunity_id", "Vorgangsnummer"),
            ("sales_agent", "Verkäufer"),
            ("account", "Kunde"),
            ("product", "Artikel"),
            ("engage_date", "Beginn"),
            ("close_date", "Abschlussdatum"),
            ("close_value", "Auftragswert"),
        ],
    );
    let german = [
        ("Won", "Gewonnen"),
        ("Lost", "Verloren"),
        ("Prospecting", "Akquise"),
        ("Engaging", "In Verhandlung"),
    ];
    let deals = german.iter().fold(deals, |text, (english, german)| {
        text.replace(&format!("\n{english},"), &format!("\n{german},"))
    });
    deliver("a.csv", deals);
    deliver(
        "b.csv",
        renamed(
            &data,
            "sales_teams.csv",
            &[
                ("manager", "Vorgesetzter"),
                ("sales_agent", "Mitarbeiter"),
                ("regional_office", "Niederlassung"),
            ],
        ),
    );
    deliver(
        "c.csv",
        renamed(
            &data,
            "products.csv",
            &[("series", "Produktlinie"), ("sales_price", "Listenpreis"), ("product", "Artikel")],
        ),
    );
    deliver(
        "d.csv",
        renamed(
            &data,
            "accounts.csv",
            &[
                ("sector", "Branche"),
                ("account", "Kunde"),
                ("revenue", "Jahresumsatz"),
                ("year_established", "Gründungsjahr"),
                ("employees", "Mitarbeiterzahl"),
                ("office_location", "Land"),
                ("subsidiary_of", "Muttergesellschaft"),
            ],
        ),
    );
    assert_like_the_example(&office, &example, &suggestion(&office, &Choices::default())).await;
}

#[tokio::test]
async fn what_files_leave_open_is_asked_and_answered() {
    let office = Office::open().await;
    office.deliver(
        "deals.csv",
        "Deal ID,Owner,Customer,Stage,Closed,Amount\n\
         D1,Ann,Acme,Won,03/04/2017,1.200\n\
         D2,Ann,Moss,Lost,05/06/2017,3.400\n\
         D3,Bob,Moss,Zombie,07/08/2017,5.600\n",
    );
    let mut choices = Choices::default();
    let open = suggestion(&office, &choices);
    let asked: Vec<Place> = open.questions.iter().map(|question| question.place.clone()).collect();
    let file = || "deals.csv".to_owned();
    let places = [
        Place::Format { file: file(), column: "Closed".into() },
        Place::Format { file: file(), column: "Amount".into() },
        Place::Value { file: file(), column: "Stage".into(), value: "Zombie".into() },
    ];
    for place in &places {
        assert!(asked.contains(place), "{asked:?}");
    }
    let text = open.mapping_text(&head());
    let mapping = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(mapping.file_names(), ["deals.csv"]);
    assert!(!text.contains("close_date:") && !text.contains("amount:"), "nothing is guessed\n{text}");
    for (place, answer) in places.iter().zip(["%d/%m/%Y", "1.234,56", "lost"]) {
        choices.answer(place, answer);
    }
    let kept = serde_json::to_string(&choices).expect("JSON");
    let choices: Choices = serde_json::from_str(&kept).expect("choices");
    let answered = suggestion(&office, &choices);
    assert!(answered.questions.is_empty(), "{:#?}", answered.questions);
    let text = answered.mapping_text(&head());
    let report =
        office.import(&text, &[office.input()]).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(rejected(&report), [""; 0], "{text}");
    let deal = office.rows(Table::Opportunity).await.remove("D3").expect("the deal");
    let cells = ["outcome", "close_date", "amount"].map(|column| deal[column].as_str());
    assert_eq!(cells, ["lost", "2017-08-07", "5600.000000"], "{text}");
}

#[tokio::test]
async fn a_person_decides_what_a_column_becomes() {
    let office = Office::open().await;
    office.deliver(
        "deals.csv",
        "Deal ID,Owner,Stage,Closed,Betreff\nD1,Ann,Won,2017-03-04,x\nD2,Ann,Lost,2017-03-05,y\n",
    );
    let mut choices = Choices::default();
    let file = choices.files.entry("deals.csv".into()).or_default();
    file.columns.entry("Betreff".into()).or_default().target = Some(Target::Column("name".into()));
    file.columns.entry("Closed".into()).or_default().target = Some(Target::None);
    file.constants.insert("lost_reason".into(), "unknown".into());
    let suggestion = suggestion(&office, &choices);
    let text = suggestion.mapping_text(&head());
    office.import(&text, &[office.input()]).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
    let deal = office.rows(Table::Opportunity).await.remove("D1").expect("the deal");
    assert_eq!((deal["name"].as_str(), deal["lost_reason"].as_str()), ("x", "unknown"), "{text}");
    assert!(!deal.contains_key("close_date"), "{text}");
    assert!(text.contains("Not taken: `Closed`"), "{text}");
}

#[tokio::test]
async fn lines_find_what_stands_in_their_document() {
    let Some(data) = shared_data("chinook") else { return };
    let office = Office::open().await;
    for file in ["Customer.csv", "Employee.csv", "Invoice.csv", "InvoiceLine.csv"] {
        office.deliver(file, fs::read(data.join(file)).expect("a file"));
    }
    let suggestion = suggestion(&office, &Choices::default());
    let text = suggestion.mapping_text(&head());
    assert!(suggestion.is_complete(), "{text}");
    let report =
        office.import(&text, &[office.input()]).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(rejected(&report), [""; 0], "{text}");
    let lines = office.rows(Table::InvoiceLine).await;
    let sold: f64 = lines.values().map(|line| line["net_amount"].parse::<f64>().expect("an amount")).sum();
    assert_eq!((lines.len(), format!("{sold:.2}")), (2_240, "2328.60".into()), "{text}");
    assert_eq!(office.rows(Table::ManagerAssignment).await.len(), 7);
}

fn read(office: &Office) -> Result<Samples, SuggestionError> {
    Samples::read(&[office.input()], &office.folder.path().join("scratch"), &Choices::default())
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named_and_keep_no_other_from_being_read() {
    let office = Office::open().await;
    assert!(read(&office).expect_err("no file").to_string().contains("there is no file to start from"));
    office.deliver("empty.csv", "");
    office.deliver("header.csv", "Deal ID,Stage\n");
    office.deliver("picture.csv", [0u8, 1, 2, 0xFF, 0, 9]);
    office.deliver("endless.csv", "x".repeat(5 << 20));
    office.deliver("marks.csv", "1;2,5;3,5\n2;3,5;4,5\n");
    office.deliver("teams.csv", "Team\nNorth\nSouth\n");
    let suggestion = suggestion(&office, &Choices::default());
    let unread: Vec<&str> = suggestion.unread.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(unread, ["empty.csv", "endless.csv", "header.csv", "marks.csv", "picture.csv"]);
    let marks = Place::Delimiter { file: "marks.csv".into() };
    assert!(suggestion.questions.iter().any(|question| question.place == marks && question.is_needed));
    let text = suggestion.mapping_text(&head());
    assert_eq!(parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")).file_names(), ["teams.csv"]);
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 .,:#'\\-_/%&@]{0,12}",
        Just("Won".to_owned()),
        Just("2024-03-01".to_owned()),
        Just("01/02/2024".to_owned()),
        Just("1.234".to_owned()),
        Just("NULL".to_owned()),
        "\\PC{0,6}",
    ]
}

fn column_name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "Id", "Owner", "Account", "Stage", "Status", "Amount", "Closed", "Created", "Product", "Name",
            "Manager", "Team", "Quota", "Period", "true", "no", "1", "a: b", "- x", "# y", "\"q\"", "Type",
            "Currency", "owner.id", "NULL",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
    ]
}

fn file() -> impl Strategy<Value = String> {
    (1usize..7).prop_flat_map(|columns| {
        let header = prop::collection::vec(column_name(), columns);
        let rows = prop::collection::vec(prop::collection::vec(cell(), columns), 0..8);
        (header, rows).prop_map(|(header, rows)| {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&header).expect("written");
            rows.iter().for_each(|row| writer.write_record(row).expect("written"));
            String::from_utf8(writer.into_inner().expect("written")).expect("text")
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Any folder makes a mapping, or is told what has to be answered first.
    #[test]
    fn whatever_the_files_the_text_is_a_mapping_or_says_what_is_missing(files in prop::collection::vec(file(), 1..4)) {
        let folder = tempfile::tempdir().expect("a folder");
        let names = ["deals.csv", "users.csv", "x.csv"];
        for (name, content) in names.iter().zip(&files) {
            fs::write(folder.path().join(name), content).expect("written");
        }
        let inputs = [folder.path().to_owned()];
        let samples = Samples::read(&inputs, &folder.path().join("scratch"), &Choices::default()).expect("samples");
        let suggestion = Suggestion::of(&samples, &Known::default(), &Choices::default());
        let text = suggestion.mapping_text(&head());
        if suggestion.is_complete() {
            prop_assert!(parse(&text).is_ok(), "{}\n{text}", parse(&text).expect_err("wrong"));
        }
    }
}
