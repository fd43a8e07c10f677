//! The company's own fields.

use attain_facts::canonical::{AttributeType, Table};

use crate::office::{HEAD, Office, at, parse, rows_of};

/// A mapping of `deals.csv` with these attributes.
fn deals(attributes: &str) -> String {
    format!(
        "{HEAD}files:
  - file: deals.csv
    tables:
      - table: opportunity
        key: id
        columns: {{ outcome: stage }}
        attributes: {{ {attributes} }}
"
    )
}

const OWN: &str = "deal_desk: { column: Deal Desk }, headcount: { column: Headcount, type: number, format: \"1.234,56\" }, renewal_on: { column: Renewal, type: date, format: \"%d.%m.%Y\" }, origin: { constant: crm }";
const CONTENT: &str =
    "id,stage,Deal Desk,Headcount,Renewal\nD1,open, Carla ,\"1.200,5\",01.02.2025\nD2,open,,,\n";

fn check_refused(attributes: &str, expected: &str) {
    let message = parse(&deals(attributes)).expect_err("refused").to_string();
    assert!(message.contains("mapping.yaml, line") && message.contains(expected), "{message}");
}

#[tokio::test]
async fn own_numbers_may_be_in_per_cent() {
    let office = Office::open().await;
    let content = "id,stage,Growth\nD1,open,12 %\nD2,open,\"-7,5%\"\nD3,open,250 %\nD4,open,\n";
    let path = office.deliver("deals.csv", content);
    let mapping = deals("growth: { column: Growth, type: number, format: \"12,5 %\" }");
    office.import(&mapping, &[path]).await.expect("imported");
    let rows = office.rows(Table::Opportunity).await;
    let growth = |deal: &str| rows[deal].get("attributes.growth").map(String::as_str);
    assert_eq!(
        ["D1", "D2", "D3", "D4"].map(growth),
        [Some("0.120000"), Some("-0.075000"), Some("2.500000"), None]
    );
    check_refused("growth: { column: Growth, format: \"12,5 %\" }", "`format` is for dates");
}

#[tokio::test]
async fn own_fields_are_kept_with_their_types() {
    for office in Office::open_both().await {
        let path = office.deliver("deals.csv", CONTENT);
        let mapping = deals(OWN);
        office.import(&mapping, &[path]).await.expect("imported");
        let rows = office.rows(Table::Opportunity).await;
        let cell = |column: &str| rows["D1"].get(column).map(String::as_str);
        assert_eq!(cell("attributes.deal_desk"), Some("Carla"));
        assert_eq!(cell("attributes.headcount"), Some("1200.500000"));
        assert_eq!(cell("attributes.renewal_on"), Some("2025-02-01"));
        assert_eq!(cell("attributes.origin"), Some("crm"));
        assert_eq!(rows["D2"].get("attributes.deal_desk"), None);
        let snapshot = office.snapshot().await;
        let own = snapshot.attributes(Table::Opportunity);
        let own: Vec<_> = own.iter().map(|own| (own.name.as_str(), own.kind)).collect();
        assert_eq!(
            own,
            [
                ("deal_desk", AttributeType::Text),
                ("headcount", AttributeType::Number),
                ("origin", AttributeType::Text),
                ("renewal_on", AttributeType::Date),
            ]
        );
        assert!(snapshot.supplies(Table::Opportunity, "attributes.headcount"));
        assert!(!snapshot.supplies(Table::Opportunity, "attributes.floor"));
        assert!(snapshot.attributes(Table::Account).is_empty());
    }
}

#[tokio::test]
async fn an_own_field_that_is_mapped_later_leaves_earlier_rows_as_they_were() {
    for office in Office::open_both().await {
        let path = office.deliver("deals.csv", CONTENT);
        let paths = [path];
        office.import_at("2018-01-01T00:00:00Z", &deals(""), &paths).await.expect("imported");
        let later = deals("deal_desk: { column: Deal Desk }");
        let report = office.import_at("2018-02-01T00:00:00Z", &later, &paths).await.expect("imported");
        let total = report.total();
        assert_eq!((total.accepted, total.unchanged), (1, 1), "a row without the field hashes as before");
        assert_eq!(office.rows(Table::Opportunity).await["D1"]["attributes.deal_desk"], "Carla");
        let before = office.snapshot_at(at("2018-01-15T00:00:00Z")).await.expect("a snapshot");
        assert!(before.attributes(Table::Opportunity).is_empty());
        assert!(!before.supplies(Table::Opportunity, "attributes.deal_desk"));
        assert_eq!(rows_of(&before, Table::Opportunity).await.len(), 2);
        let other = deals("floor: { column: Headcount }");
        office.import_at("2018-03-01T00:00:00Z", &other, &paths).await.expect("imported");
        let rows = office.rows(Table::Opportunity).await;
        assert_eq!(rows["D1"].get("attributes.deal_desk"), None, "this delivery says nothing about it");
        assert_eq!(office.snapshot().await.attributes(Table::Opportunity).len(), 2);
        let between = office.snapshot_at(at("2018-02-15T00:00:00Z")).await.expect("a snapshot");
        assert_eq!(rows_of(&between, Table::Opportunity).await["D1"]["attributes.deal_desk"], "Carla");
    }
}

#[tokio::test]
async fn an_own_field_keeps_its_type() {
    let office = Office::open().await;
    let path = office.deliver("deals.csv", CONTENT);
    office.import(&deals("headcount: Headcount"), std::slice::from_ref(&path)).await.expect("imported");
    let error = office
        .import(&deals("headcount: { column: Headcount, type: number }"), &[path])
        .await
        .expect_err("another type");
    assert_eq!(
        error.to_string(),
        "the attribute headcount of opportunity was a text in earlier deliveries and is a number in this mapping; give it another name, or the type it had. Nothing was imported"
    );
}

#[test]
fn own_fields_have_names_of_their_own() {
    check_refused("amount: x", "opportunity has a column amount already");
    check_refused("opportunity_id: x", "opportunity has a column opportunity_id already");
    check_refused("Deal Desk: x", "`Deal Desk` is no name for an attribute");
    check_refused("2nd: x", "`2nd` is no name for an attribute");
    check_refused("size: { column: x, type: integer }", "unknown variant `integer`");
    check_refused("size: { column: x, format: \"1.234\" }", "size: `format` is for dates");
    let typed = deals("").replace("outcome: stage", "outcome: { column: stage, type: text }");
    let message = parse(&typed).expect_err("refused").to_string();
    assert!(message.contains("outcome: only attributes have a `type`"), "{message}");
    let twice = deals("size: x").replace(
        "files:\n",
        "files:\n  - file: other.csv\n    tables: [{ table: opportunity, key: id, columns: { outcome: o }, attributes: { size: { column: y, type: number } } }]\n",
    );
    let message = parse(&twice).expect_err("refused").to_string();
    assert!(message.contains("size is a number and a text attribute of opportunity"), "{message}");
}

#[tokio::test]
async fn cells_of_own_fields_are_read_as_strictly_as_others() {
    let office = Office::open().await;
    let path = office.deliver("deals.csv", "id,stage,n\nD1,open,many\n");
    let report = office.import(&deals("size: { column: n, type: number }"), &[path]).await.expect("imported");
    assert_eq!(crate::office::rejected(&report), ["2|n|many|is not a number as in 1234.56"]);
}
