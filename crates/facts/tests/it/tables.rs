//! Every canonical table is filled from a small file and read back.

use attain_facts::canonical::{Attribute, AttributeType, ColumnType, Table};

use crate::office::{Office, Row, plain_mapping};

/// For each table a row as delivered, its key first, and the same as it is kept: the filled
/// columns in their order. Ids that are derived end in `#`.
const ROWS: [(Table, &str, &str); 30] = [
    (Table::Team, "T1,North,,2020-01-01,", "North|2020-01-01"),
    (
        Table::Employee,
        "anna,Anna,anna@example.org,AE,senior,2020-01-15,2021-06-01,,Europe/Berlin,de,0.8",
        "Anna|anna@example.org|AE|senior|2020-01-15|2021-06-01|Europe/Berlin|de|0.800000",
    ),
    (Table::EmployeeAttr, "1,anna,0.8,2020-01-15,2021-06-01", "person-1|0.800000|2020-01-15|2021-06-01"),
    (
        Table::EmployeeAbsence,
        "1,anna,2024-03-04,2024-03-11,parental",
        "person-1|2024-03-04|2024-03-11|parental",
    ),
    (Table::TeamAssignment, "1,anna,T1,2020-01-15,,yes", "person-1|team-1|2020-01-15|true"),
    (Table::ManagerAssignment, "1,anna,boss,,,line", "person-1|person-2|line"),
    (Table::Territory, "W,West,EMEA,,1500000.50,EUR", "West|EMEA|1500000.500000|EUR"),
    (Table::TerritoryAssignment, "1,W,anna,2024-01-01,,0.5", "territory-1|person-1|2024-01-01|0.500000"),
    (
        Table::Account,
        "acme,Acme,SMB,Retail,West,DE,120,,anna,2023-05-01,2024-02-01,EUR",
        "Acme|SMB|Retail|West|DE|120.000000|person-1|2023-05-01T04:00:00Z|2024-02-01|EUR",
    ),
    (Table::AccountOwner, "1,acme,anna,2023-05-01,", "account-1|person-1|2023-05-01"),
    (Table::AccountTerritory, "1,acme,W,2023-05-01,", "account-1|territory-1|2023-05-01"),
    (
        Table::Product,
        "disk,Disk,Storage,99.90,EUR,true,0.4,2020-01-01,",
        "Disk|Storage|99.900000|EUR|true|0.400000|2020-01-01",
    ),
    (
        Table::Lead,
        "L1,2024-01-02T09:00:00Z,web,spring,anna,converted,2024-01-03T09:00:00Z,,,2024-02-01T10:00:00Z,D1,acme,SMB,West,",
        "2024-01-02T09:00:00Z|web|spring|person-1|converted|2024-01-03T09:00:00Z|2024-02-01T10:00:00Z|deal-#|account-1|SMB|West",
    ),
    (
        Table::LeadOwner,
        "1,L1,anna,2024-01-02T09:00:00Z,2024-01-02T11:30:00Z",
        "lead-#|person-1|2024-01-02T09:00:00Z|2024-01-02T11:30:00Z",
    ),
    (
        Table::Opportunity,
        "D1,First,acme,anna,disk,new,2024-02-01,Won,won,2024-03-31,100.25,EUR,120,,rival,,L1,Storage,USD,60,EUR,0.9,closed",
        "First|account-1|person-1|product-1|new|2024-02-01T05:00:00Z|Won|won|2024-03-31|100.250000|EUR|120.000000|rival|lead-#|Storage|USD|60.000000|EUR|0.900000|closed",
    ),
    (Table::OpportunityOwner, "1,D1,anna,2024-02-01T09:00:00Z,", "deal-#|person-1|2024-02-01T09:00:00Z"),
    (Table::CreditSplit, "1,D1,anna,primary,1,,", "deal-#|person-1|primary|1.000000"),
    (
        Table::OpportunityStageHistory,
        "1,D1,2,Open,Won,2024-03-31T21:00:00Z,boss,100.25,2024-03-31,no",
        "deal-#|2|Open|Won|2024-03-31T21:00:00Z|person-2|100.250000|2024-03-31|false",
    ),
    (Table::OpportunityContact, "1,D1,C7,2024-02-02T00:00:00Z", "deal-#|C7|2024-02-02T00:00:00Z"),
    (
        Table::InvoiceLine,
        "I1-1,acme,D1,disk,anna,2024-04-01,2024-04-01,2025-04-01,2,60,-100.25,EUR,credit,2024-05-01",
        "account-1|deal-#|product-1|person-1|2024-04-01|2024-04-01|2025-04-01|2.000000|60.000000|-100.250000|EUR|credit|2024-05-01",
    ),
    (Table::Subscription, "S1,acme,disk,8.35,EUR,2024-04-01,", "account-1|product-1|8.350000|EUR|2024-04-01"),
    (
        Table::Activity,
        "A1,anna,call,out,2024-02-05T15:00:00Z,300,100,200,connected,L1,acme,D1,2024-02-05T16:00:00Z,t1",
        "person-1|call|out|2024-02-05T15:00:00Z|300|100|200|connected|lead-#|account-1|deal-#|2024-02-05T16:00:00Z|t1",
    ),
    (
        Table::Target,
        "Q1,bookings,team,T1,2024-Q1,50000,EUR,quota,0.5,2024-01-01,2024-04-01,boss,2023-12-20,same as last year",
        "bookings|team|team-1|2024-Q1|50000.000000|EUR|quota|0.500000|2024-01-01|2024-04-01|person-2|2023-12-20T05:00:00Z|same as last year",
    ),
    (
        Table::ForecastSubmission,
        "F1,anna,2024-Q1,bookings,45000,commit,2024-02-01T08:00:00Z",
        "person-1|2024-Q1|bookings|45000.000000|commit|2024-02-01T08:00:00Z",
    ),
    (
        Table::FxRate,
        "1,plan:2024,IDR,USD,2024-01-01,0.000061487213",
        "plan:2024|IDR|USD|2024-01-01|0.000061487213",
    ),
    (
        Table::Contract,
        "K1,acme,disk,2024-04-01,2025-04-01,2025-02-01",
        "account-1|product-1|2024-04-01|2025-04-01|2025-02-01",
    ),
    (Table::CampaignCost, "1,spring,2024-03,900,EUR", "spring|2024-03-01|900.000000|EUR"),
    (Table::SellingCost, "1,anna,2024-03,6000,250.75,EUR", "person-1|2024-03-01|6000.000000|250.750000|EUR"),
    (
        Table::SurveyResponse,
        "1,acme,anna,nps,9,2024-05-01T12:00:00Z",
        "account-1|person-1|nps|9.000000|2024-05-01T12:00:00Z",
    ),
    (
        Table::TrainingAssignment,
        "1,anna,Negotiation,2024-01-10,2024-02-10,2024-02-01",
        "person-1|Negotiation|2024-01-10|2024-02-10|2024-02-01",
    ),
];

/// The columns of a row in their order, ids without their digest.
fn shown(table: Table, row: &Row) -> String {
    let cells = table.columns().iter().filter_map(|column| row.get(column.name));
    cells.map(|cell| without_digest(cell)).collect::<Vec<_>>().join("|")
}

fn without_digest(cell: &str) -> String {
    match cell.rsplit_once('-') {
        Some((prefix, digest)) if digest.len() == 20 => format!("{prefix}-#"),
        _ => cell.to_owned(),
    }
}

fn columns(table: Table) -> Vec<&'static str> {
    table.columns().iter().map(|column| column.name).collect()
}

/// A mapping of every column of every table.
fn mapping() -> String {
    let all: Vec<(Table, Vec<&str>)> = Table::ALL.into_iter().map(|table| (table, columns(table))).collect();
    let all: Vec<(Table, &[&str])> =
        all.iter().map(|(table, columns)| (*table, columns.as_slice())).collect();
    plain_mapping(&all, "    mode: full\n")
}

fn deliver_everything(office: &Office) {
    for (table, row, _) in ROWS {
        let boss = match table {
            Table::Employee => "boss,Bo,,manager,,,,,,,\n",
            _ => "",
        };
        office.deliver(&format!("{table}.csv"), format!("id,{}\n{row}\n{boss}", columns(table).join(",")));
    }
}

#[tokio::test]
async fn every_table_is_filled_from_a_small_file() {
    assert_eq!(ROWS.map(|(table, _, _)| table), Table::ALL);
    for office in Office::open_both().await {
        deliver_everything(&office);
        let report = office.import(&mapping(), &[office.input()]).await.expect("imported");
        let total = report.total();
        assert_eq!((total.read, total.accepted), (31, 31), "{:?}", crate::office::rejected(&report));
        for (table, delivered, kept) in ROWS {
            let rows = office.rows(table).await;
            let row = &rows[delivered.split(',').next().expect("a key")];
            assert_eq!(shown(table, row), kept, "{table}");
            if let Some(id) = table.id_column() {
                assert!(row[id].contains('-'), "{table} {}", row[id]);
            }
        }
    }
}

#[tokio::test]
async fn the_same_files_twice_change_nothing_in_any_table() {
    let office = Office::open().await;
    deliver_everything(&office);
    office.import(&mapping(), &[office.input()]).await.expect("imported");
    let before = office.snapshot().await.number();
    let report = office.import(&mapping(), &[office.input()]).await.expect("imported again");
    assert_eq!((report.changes(), report.total().unchanged), (0, 31));
    assert_eq!(office.snapshot().await.number(), before);
}

#[tokio::test]
async fn what_refers_to_a_deal_or_lead_refers_to_its_id() {
    let office = Office::open().await;
    deliver_everything(&office);
    office.import(&mapping(), &[office.input()]).await.expect("imported");
    let deals = office.rows(Table::Opportunity).await;
    let leads = office.rows(Table::Lead).await;
    let activities = office.rows(Table::Activity).await;
    assert_eq!(activities["A1"]["opportunity_id"], deals["D1"]["opportunity_id"]);
    assert_eq!(activities["A1"]["lead_id"], leads["L1"]["lead_id"]);
    assert_eq!(leads["L1"]["converted_opportunity_id"], deals["D1"]["opportunity_id"]);
}

#[test]
fn every_table_and_column_has_a_name_of_its_own() {
    let mut names: Vec<&str> = Table::ALL.iter().map(|table| table.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Table::ALL.len());
    for table in Table::ALL {
        assert_eq!(Table::from_name(table.name()), Some(table));
        let mut columns = columns(table);
        columns.extend(table.id_column().filter(|id| !columns.contains(id)));
        let count = columns.len();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(columns.len(), count, "{table} has a column twice");
    }
}

#[test]
fn money_has_its_currency_beside_it() {
    for table in Table::ALL {
        for column in table.columns().iter().filter(|column| column.name.ends_with("_ccy")) {
            assert_eq!(column.kind, ColumnType::Currency, "{table}.{}", column.name);
            let amount = column.name.trim_end_matches("_ccy");
            let is_pair = matches!(amount, "from" | "to");
            assert!(is_pair || table.column(amount).is_some(), "{table}.{}", column.name);
        }
    }
}

#[test]
fn an_attributes_column_is_named_after_it() {
    let attribute = Attribute { name: "deal_desk".into(), kind: AttributeType::Text };
    assert_eq!(attribute.column(), "attributes.deal_desk");
}
