//! A company's database is a source: its tables and queries are imported like files.

use std::path::{Path, PathBuf};

use attain_testing::Postgres;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, Database};

use crate::program::Program;

const MAPPING: &str = "
source: crm
company:
  name: Small company
  time_zone: Europe/Berlin
  currency: EUR
  calendar: { kind: month_offset, first_month: 1 }
covers: { from: 2024-01-01, to: 2025-01-01 }
files:
  - file: sellers
    mode: full
    tables:
      - table: employee
        key: id
        columns: { display_name: name }
  - file: deals
    query: select d.id, d.seller, d.created, d.closed, d.stage, d.amount, d.amount / 4 as share from deal d where d.stage <> 'Test'
    mode: full
    tables:
      - table: opportunity
        key: id
        columns:
          owner_id: seller
          created_at: created
          outcome: { column: stage, values: { Open: open, Won: won, Lost: lost } }
          close_date: closed
          amount: amount
          amount_ccy: { constant: EUR }
        attributes:
          quarter: { column: share, type: number }
";

fn mapping(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("mapping.yaml");
    std::fs::write(&path, text).expect("a mapping");
    path
}

/// Two sellers and four deals, one a test.
fn fill(url: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let database = Database::connect(url).await.expect("a database");
        let statements = [
            "create table sellers (id integer primary key, name text)",
            "create table deal (id integer primary key, seller integer, created date, closed date, stage text, amount numeric(20, 2))",
            "insert into sellers values (1, 'Anna'), (2, 'Ben')",
            "insert into deal values (10, 1, '2024-01-02', '2024-02-01', 'Won', 100.25), (11, 2, '2024-01-02', '2024-02-02', 'Won', 0.10), (12, 2, '2024-01-02', null, 'Open', null), (13, 2, '2024-01-02', null, 'Test', 5)",
        ];
        for statement in statements {
            database.execute_unprepared(statement).await.expect(statement);
        }
    });
}

fn story(url: &str, read_from: &str) {
    fill(url);
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::new();
    let path = mapping(folder.path(), MAPPING);
    let said = program.import(Path::new(read_from), &path);
    assert!(said.contains("created") && !said.contains("rejected rows"), "{said}");
    let answer = program.ask(&["bookings", "deals_won"], "rep", "2024-Q1");
    let bookings = |rep: &str| answer.get(rep, "2024-Q1", "bookings").value;
    assert_eq!(bookings("Anna"), Some(Decimal::new(10_025, 2)));
    assert_eq!(bookings("Ben"), Some(Decimal::new(10, 2)));
    assert!(
        program.import(Path::new(read_from), &path).contains("0 changes"),
        "the same again is nothing new"
    );
    let left: Vec<_> = std::fs::read_dir(program.data()).expect("a folder").flatten().collect();
    assert!(!left.iter().any(|entry| entry.file_name().to_string_lossy().starts_with("database-")));
    let wrong = mapping(folder.path(), &MAPPING.replace("from deal d", "from no_such_table d"));
    let refused = program.import_refused(Path::new(read_from), &wrong);
    assert!(refused.contains("`deals` could not be read") && refused.contains("no_such_table"), "{refused}");
    let writing = MAPPING.replace("select d.id", "delete from deal; select d.id");
    let refused = program.import_refused(Path::new(read_from), &mapping(folder.path(), &writing));
    assert!(refused.contains("could not be read"), "{refused}");
    assert!(program.import(Path::new(read_from), &mapping(folder.path(), MAPPING)).contains("0 changes"));
}

#[test]
fn an_sqlite_file_is_imported_and_never_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("crm.db");
    story(&format!("sqlite://{}?mode=rwc", file.display()), &format!("sqlite://{}", file.display()));
}

#[test]
fn a_postgresql_database_is_imported_and_never_written() {
    if let Some(server) = Postgres::shared() {
        let url = server.create_database();
        story(&url, &url);
    }
}

#[test]
fn what_cannot_be_opened_is_said_without_the_password() {
    let program = Program::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = mapping(folder.path(), MAPPING);
    let refused = program.import_refused(Path::new("sqlite:no-such.db"), &path);
    assert!(refused.contains("could not open"), "{refused}");
    let refused = program.import_refused(Path::new("postgres://reader:secret@127.0.0.1:1/crm"), &path);
    assert!(refused.contains("PostgreSQL at 127.0.0.1:1") && !refused.contains("secret"), "{refused}");
}
