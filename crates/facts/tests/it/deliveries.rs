//! What deliveries leave behind: versions, files by month, coverage, what was ever supplied.

use std::fs::File;
use std::path::Path;

use attain_facts::canonical::Table;
use attain_facts::store::Snapshot;
use attain_records::Actor;
use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use jiff::civil::date;
use sea_orm::ConnectionTrait;

use crate::office::{HEAD, Office, at, plain_mapping, rejected, rows_of};

const ACTIVITIES: &str = "id,employee_id,occurred_at
A1,anna,2024-01-31T23:00:00Z
A2,anna,2024-02-01T00:00:00Z
A3,ben,2024-02-29T23:59:59Z
";

fn activities(lines: &str) -> String {
    plain_mapping(&[(Table::Activity, &["employee_id", "occurred_at"])], lines)
}

async fn with_people() -> Office {
    let office = Office::open().await;
    let path = office.deliver("employee.csv", "id,display_name\nanna,Anna\nben,Ben\n");
    office
        .import(&plain_mapping(&[(Table::Employee, &["display_name"])], ""), &[path])
        .await
        .expect("people");
    office
}

fn files(office: &Office, table: Table) -> Vec<String> {
    let entries = std::fs::read_dir(office.folder.path().join("facts").join(table.name())).expect("a folder");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Two complete files fill one table, as when managers have a list of their own.
#[tokio::test]
async fn rows_of_a_complete_file_that_is_not_delivered_are_not_missing() {
    let office = Office::open().await;
    let file = |name: &str| {
        format!(
            "  - {{ file: {name}, mode: full, tables: [{{ table: team, key: id, columns: {{ name: name }} }}] }}\n"
        )
    };
    let mapping = format!("{HEAD}files:\n{}{}", file("north.csv"), file("south.csv"));
    let north = |rows: &str| office.deliver("north.csv", format!("id,name\n{rows}"));
    let south = |rows: &str| office.deliver("south.csv", format!("id,name\n{rows}"));
    let teams = async || office.rows(Table::Team).await.into_keys().collect::<Vec<_>>().join(" ");

    office.import(&mapping, &[north("A,Alpha\nB,Beta\n"), south("C,Gamma\n")]).await.expect("imported");
    let report = office.import(&mapping, &[north("A,Alpha\n")]).await.expect("imported");
    assert_eq!(teams().await, "A B C", "the south has not said anything, and B may have moved there");
    assert_eq!(
        report.notes,
        [
            "rows of team missing from this full delivery were kept, because the mapping fills it from south.csv too"
        ]
    );
    office.import(&mapping, &[north("A,Alpha\n"), south("C,Gamma\n")]).await.expect("imported");
    assert_eq!(teams().await, "A C", "now both have said that B is gone");
}

/// Example X2.1 of the domain specification.
#[tokio::test]
async fn a_corrected_and_deleted_amount_is_known_as_it_was_at_each_instant() {
    let mapping = plain_mapping(&[(Table::Opportunity, &["outcome", "amount"])], "    mode: full\n");
    for office in Office::open_both().await {
        for (instant, rows) in [
            ("2026-02-01T00:00:00Z", "D1,open,100.00\nD2,open,1\n"),
            ("2026-04-05T09:00:00Z", "D1,open,80.00\nD2,open,1\n"),
            ("2026-05-01T00:00:00Z", "D2,open,1\n"),
        ] {
            let path = office.deliver("opportunity.csv", format!("id,outcome,amount\n{rows}"));
            office.import_at(instant, &mapping, &[path]).await.expect("imported");
        }
        let mut amounts = Vec::new();
        for k in [
            "2026-01-31T23:59:59Z",
            "2026-02-01T00:00:00Z",
            "2026-04-05T08:59:59Z",
            "2026-04-05T09:00:00Z",
            "2026-06-01T00:00:00Z",
        ] {
            amounts.push(match office.snapshot_at(at(k)).await {
                Some(snapshot) => amount_of(&snapshot).await,
                None => None,
            });
        }
        let amounts: Vec<_> = amounts.iter().map(Option::as_deref).collect();
        assert_eq!(amounts, [None, Some("100.000000"), Some("100.000000"), Some("80.000000"), None]);
    }
}

async fn amount_of(snapshot: &Snapshot) -> Option<String> {
    rows_of(snapshot, Table::Opportunity).await.get("D1")?.get("amount").cloned()
}

#[tokio::test]
async fn activities_lie_in_files_by_month_and_a_delivery_touches_only_its_own() {
    let office = with_people().await;
    let path = office.deliver("activity.csv", ACTIVITIES);
    office.import(&activities(""), &[path]).await.expect("imported");
    assert_eq!(
        files(&office, Table::Activity),
        ["current-2024-01-000002.parquet", "current-2024-02-000002.parquet"]
    );
    let path = office.deliver("activity.csv", "id,employee_id,occurred_at\nA4,ben,2024-02-10\n");
    office.import(&activities(""), &[path]).await.expect("imported");
    assert_eq!(
        files(&office, Table::Activity),
        [
            "current-2024-01-000002.parquet",
            "current-2024-02-000002.parquet",
            "current-2024-02-000003.parquet",
            "history-000003.parquet",
        ][..3]
    );
    assert_eq!(office.rows(Table::Activity).await.len(), 4);
}

#[tokio::test]
async fn an_appended_event_never_changes() {
    let office = with_people().await;
    let append = activities("    mode: append\n");
    let path = office.deliver("activity.csv", ACTIVITIES);
    office.import(&append, &[path]).await.expect("imported");
    let rewritten = "id,employee_id,occurred_at
A1,anna,2024-01-31T23:00:00Z
A2,ben,2024-02-01T00:00:00Z
A4,ben,2024-03-01
";
    let path = office.deliver("activity.csv", rewritten);
    let report = office.import(&append, &[path]).await.expect("imported");
    let total = report.total();
    assert_eq!((total.accepted, total.unchanged, total.rejected), (1, 1, 1));
    assert_eq!(
        rejected(&report),
        [
            "3|id|A2|was delivered before with other values, and rows of this file are only ever added; give the new row a key of its own, or say `mode: delta` in the mapping"
        ]
    );
    assert_eq!(office.rows(Table::Activity).await.len(), 4, "what is missing is not deleted");
    let rejects = report.files[0].rejects_file.clone().expect("a rejects file");
    let corrected = office.deliver("activity.csv", std::fs::read(rejects).expect("there"));
    let report = office.import(&append, &[corrected]).await.expect("imported");
    assert_eq!(report.total().rejected, 1, "nor does it change by way of the rejects file");
}

#[tokio::test]
async fn each_table_covers_the_time_its_own_deliveries_tell_about() {
    for office in Office::open_both().await {
        let tables: [(Table, &[&str]); 3] = [
            (Table::Employee, &["display_name"]),
            (Table::Activity, &["employee_id", "occurred_at"]),
            (Table::Opportunity, &["outcome", "created_at", "close_date"]),
        ];
        office.deliver("employee.csv", "id,display_name\nanna,Anna\n");
        office.deliver("activity.csv", "id,employee_id,occurred_at\nA1,anna,2024-02-01T03:00:00Z\n");
        office.deliver(
            "opportunity.csv",
            "id,outcome,created_at,close_date\nD1,open,2024-03-01,2023-01-01\nD2,won,2024-03-02,2024-03-05\n",
        );
        let import = |instant, mapping: String| {
            let office = &office;
            async move { office.import_at(instant, &mapping, &[office.input()]).await.expect("imported") }
        };
        import("2024-03-10T12:00:00Z", plain_mapping(&tables, "")).await;
        let first = office.snapshot().await;
        let days = |from, to| Some((from, to));
        assert_eq!(
            first.coverage_of(Table::Activity),
            days(date(2024, 1, 31), date(2024, 3, 11)),
            "in the company's time zone"
        );
        assert_eq!(first.coverage_of(Table::Opportunity), days(date(2024, 3, 1), date(2024, 3, 11)));
        assert_eq!(first.coverage(), first.coverage_of(Table::Opportunity));
        assert_eq!(first.coverage_of(Table::Employee), None, "a person is no event");
        assert_eq!(first.coverage_of(Table::InvoiceLine), None);
        let declared = plain_mapping(&tables, "")
            .replace("files:", "covers: { from: 2023-01-01, to: 2024-07-01 }\nfiles:");
        import("2024-06-10T12:00:00Z", declared).await;
        let second = office.snapshot().await;
        assert_eq!(second.coverage_of(Table::Activity), days(date(2023, 1, 1), date(2024, 7, 1)));
        let until_delivered =
            plain_mapping(&tables, "").replace("files:", "covers: { from: 2024-01-01 }\nfiles:");
        import("2024-08-10T12:00:00Z", until_delivered).await;
        let third = office.snapshot().await;
        assert_eq!(third.coverage_of(Table::Activity), days(date(2023, 1, 1), date(2024, 8, 11)));
        let then = office.snapshot_at(at("2024-04-01T00:00:00Z")).await.expect("a snapshot");
        assert_eq!(then.coverage_of(Table::Activity), first.coverage_of(Table::Activity));
    }
}

#[tokio::test]
async fn what_was_never_supplied_is_known_to_be_absent() {
    for office in Office::open_both().await {
        let deals = |columns: &[&str]| plain_mapping(&[(Table::Opportunity, columns)], "");
        let path = office.deliver("opportunity.csv", "id,outcome,amount\nD1,open,\n");
        let paths = [path];
        office.import_at("2024-01-01T00:00:00Z", &deals(&["outcome"]), &paths).await.expect("imported");
        office
            .import_at("2024-02-01T00:00:00Z", &deals(&["outcome", "amount"]), &paths)
            .await
            .expect("imported");
        office.import_at("2024-03-01T00:00:00Z", &deals(&["outcome"]), &paths).await.expect("imported");
        let supplied = async |instant: &str, column: &str| {
            let snapshot = office.snapshot_at(at(instant)).await.expect("a snapshot");
            snapshot.supplies(Table::Opportunity, column)
        };
        for column in ["outcome", "opportunity_id"] {
            assert!(supplied("2024-01-01T00:00:00Z", column).await, "{column}");
        }
        assert!(!supplied("2024-01-31T00:00:00Z", "amount").await);
        assert!(supplied("2024-02-01T00:00:00Z", "amount").await, "a blank column is supplied all the same");
        assert!(supplied("2024-03-01T00:00:00Z", "amount").await, "it was supplied once");
        let snapshot = office.snapshot().await;
        assert!(!snapshot.supplies(Table::Opportunity, "close_date"));
        assert!(!snapshot.supplies(Table::Lead, "lead_id"), "no delivery brought leads");
        assert!(!snapshot.supplies(Table::Opportunity, "no_such_column"));
    }
}

/// Takes a column out of a Parquet file, as if it had been written before the column existed.
fn forget_column(path: &Path, column: &str) {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("a file")).expect("Parquet");
    let batches: Vec<RecordBatch> =
        reader.build().expect("a reader").map(|batch| batch.expect("rows")).collect();
    let narrower: Vec<RecordBatch> = batches
        .into_iter()
        .map(|mut batch| {
            batch.remove_column(batch.schema().index_of(column).expect("the column"));
            batch
        })
        .collect();
    let file = File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, narrower[0].schema(), None).expect("a writer");
    narrower.iter().for_each(|batch| writer.write(batch).expect("written"));
    writer.close().expect("written");
}

#[tokio::test]
async fn files_from_before_a_column_existed_are_read_as_if_it_were_blank() {
    let office = with_people().await;
    let current = office.folder.path().join("facts/employee/current-all-000001.parquet");
    for column in ["fte", "time_zone"] {
        forget_column(&current, column);
    }
    let rows = office.rows(Table::Employee).await;
    assert_eq!((rows.len(), rows["anna"].get("fte")), (2, None));
    let path = office.deliver("employee.csv", "id,display_name,fte\nanna,Anna,0.5\nben,Ben,\n");
    let mapping = plain_mapping(&[(Table::Employee, &["display_name", "fte"])], "");
    let report = office.import(&mapping, &[path]).await.expect("imported");
    assert_eq!((report.total().accepted, report.total().unchanged), (1, 1));
    let rows = office.rows(Table::Employee).await;
    assert_eq!((rows["anna"]["fte"].as_str(), rows["ben"].get("fte")), ("0.500000", None));
}

#[tokio::test]
async fn a_store_of_the_first_version_opens_and_says_what_it_was_supplied() {
    for office in Office::open_both().await {
        let tables: [(Table, &[&str]); 2] =
            [(Table::Account, &["name"]), (Table::Opportunity, &["outcome", "account_id"])];
        office.deliver("account.csv", "id,name\nacme,Acme\n");
        let deals = office.deliver("opportunity.csv", "id,outcome,account_id\nD1,open,acme\n");
        let mapping = plain_mapping(&tables, "");
        office.import(&mapping, &[office.input()]).await.expect("imported");
        office.import(&mapping, &[deals]).await.expect("only deals");
        return_to_first_version(&office).await;
        let office = office.reopen().await;
        let snapshot = office.snapshot().await;
        assert_eq!(snapshot.coverage(), Some((date(2017, 1, 1), date(2018, 1, 1))));
        assert_eq!(snapshot.coverage_of(Table::Account), None);
        for (table, column) in [(Table::Account, "name"), (Table::Opportunity, "account_id")] {
            assert!(snapshot.supplies(table, column), "{table}.{column}");
        }
        assert!(!snapshot.supplies(Table::Opportunity, "amount"));
        assert_eq!(office.rows(Table::Opportunity).await.len(), 1);
        let report = office.import(&mapping, &[office.input()]).await.expect("imported");
        assert_eq!(report.changes(), 0);
    }
}

/// What the records held before deliveries were noted table by table.
async fn return_to_first_version(office: &Office) {
    let transaction = office.store.records().begin(&Actor::local_owner()).await.expect("a transaction");
    for statement in [
        "drop table delivered_table",
        "alter table import_batch add column covers_from_day integer",
        "alter table import_batch add column covers_to_day integer",
        // 2017-01-01 and 2018-01-01
        "update import_batch set covers_from_day = 17167, covers_to_day = 17532",
        "delete from seaql_migrations where version = 'facts_0002_delivered_tables'",
    ] {
        transaction.connection().execute_unprepared(statement).await.expect(statement);
    }
    transaction.commit().await.expect("committed");
}
