//! An office that maps, delivers and imports.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use attain_facts::canonical::Table;
use attain_facts::import::{Delivery, ImportError, ImportReport, Imported, Undo, UndoError, import, undo};
use attain_facts::mapping::{Mapping, MappingError};
use attain_facts::store::{Migrator, Snapshot, Store};
use attain_records::{Actor, Records};
use attain_testing::Postgres;
use datafusion::arrow::array::Array;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;
use jiff::Timestamp;
use tempfile::TempDir;

pub(crate) const HEAD: &str = "source: crm
company:
  name: Example company
  time_zone: America/New_York
  currency: USD
  calendar: { kind: month_offset, first_month: 1 }
max_reject_share: 1
";

pub(crate) fn parse(text: &str) -> Result<Mapping, MappingError> {
    Mapping::parse(Path::new("mapping.yaml"), text.to_owned())
}

/// An instant written down.
pub(crate) fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

/// A row as text by column.
pub(crate) type Row = BTreeMap<String, String>;

/// A folder with delivered files and a store that they are imported into.
pub(crate) struct Office {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    url: String,
}

impl Office {
    pub(crate) async fn open() -> Office {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("attain.db").display());
        Office::open_in(folder, url).await
    }

    /// One on SQLite and one on PostgreSQL, where that is installed.
    pub(crate) async fn open_both() -> Vec<Office> {
        let mut offices = vec![Office::open().await];
        if let Some(server) = Postgres::shared() {
            let folder = tempfile::tempdir().expect("a folder");
            offices.push(Office::open_in(folder, server.create_database()).await);
        }
        offices
    }

    async fn open_in(folder: TempDir, url: String) -> Office {
        fs::create_dir(folder.path().join("in")).expect("a folder for deliveries");
        let records = Records::open::<Migrator>(&url).await.expect("records");
        let store = Store::new(records, folder.path().join("facts"));
        Office { folder, store, url }
    }

    /// The same office after a restart of the program.
    pub(crate) async fn reopen(self) -> Office {
        let records = Records::open::<Migrator>(&self.url).await.expect("records");
        let store = Store::new(records, self.folder.path().join("facts"));
        Office { store, ..self }
    }

    pub(crate) fn input(&self) -> PathBuf {
        self.folder.path().join("in")
    }

    pub(crate) fn deliver(&self, file: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.input().join(file);
        fs::write(&path, content).expect("written");
        path
    }

    pub(crate) async fn import(
        &self,
        mapping: &str,
        inputs: &[PathBuf],
    ) -> Result<ImportReport, ImportError> {
        self.import_at("2018-01-01T12:00:00Z", mapping, inputs).await
    }

    pub(crate) async fn import_at(
        &self,
        instant: &str,
        mapping: &str,
        inputs: &[PathBuf],
    ) -> Result<ImportReport, ImportError> {
        let mapping = parse(mapping).unwrap_or_else(|error| panic!("{error}\n{mapping}"));
        let rejects = self.folder.path().join("rejects");
        let clock = || at(instant);
        let delivery = Delivery {
            mapping: &mapping,
            inputs,
            left_out: &[],
            rejects_folder: Some(&rejects),
            clock: &clock,
        };
        let imported = import(&self.store, &Actor::local_owner(), &delivery, &mut || [7; 16], &|_| {
            ControlFlow::Continue(())
        })
        .await?;
        Ok(imported.report)
    }

    pub(crate) async fn undo_at(&self, instant: &str, import: i64) -> Result<Imported, UndoError> {
        let clock = || at(instant);
        let wanted = Undo { import, reason: "the wrong file", clock: &clock };
        undo(&self.store, &Actor::local_owner(), &wanted, &|_| {}).await
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.snapshot_at(Timestamp::MAX).await.expect("something was imported")
    }

    pub(crate) async fn snapshot_at(&self, instant: Timestamp) -> Option<Snapshot> {
        self.store.as_known_at(&Actor::local_owner(), instant).await.expect("a readable store")
    }

    /// The rows of a table that hold now, by identifier, blank columns left out.
    pub(crate) async fn rows(&self, table: Table) -> BTreeMap<String, Row> {
        rows_of(&self.snapshot().await, table).await
    }
}

/// The rows of a table in a snapshot, by identifier, blank columns left out.
pub(crate) async fn rows_of(snapshot: &Snapshot, table: Table) -> BTreeMap<String, Row> {
    let view = snapshot.view(&SessionContext::new(), table).await.expect("a view");
    let mut rows = BTreeMap::new();
    for batch in view.collect().await.expect("rows") {
        for position in 0..batch.num_rows() {
            let schema = batch.schema();
            let cells = schema.fields().iter().zip(batch.columns());
            let row: Row = cells
                .filter(|(_, column)| column.is_valid(position))
                .map(|(field, column)| {
                    (field.name().clone(), array_value_to_string(column, position).expect("text"))
                })
                .collect();
            rows.insert(row["source_id"].clone(), row);
        }
    }
    rows
}

/// What a report says about rejected rows: line, column, value and reason.
pub(crate) fn rejected(report: &ImportReport) -> Vec<String> {
    let rows = report.files.iter().flat_map(|file| &file.rejected);
    rows.map(|row| {
        let (column, value) = (row.column.as_deref().unwrap_or("-"), row.value.as_deref().unwrap_or("-"));
        format!("{}|{column}|{value}|{}", row.line, row.reason)
    })
    .collect()
}

/// A mapping of `NAME.csv` to each of these tables: key and columns are called as they are here.
/// `lines` go before the tables of each file.
pub(crate) fn plain_mapping(tables: &[(Table, &[&str])], lines: &str) -> String {
    let mut mapping = format!("{HEAD}files:\n");
    for (table, columns) in tables {
        let columns: Vec<String> = columns.iter().map(|column| format!("{column}: {column}")).collect();
        mapping.push_str(&format!(
            "  - file: {table}.csv\n{lines}    tables: [{{ table: {table}, key: id, columns: {{ {} }} }}]\n",
            columns.join(", ")
        ));
    }
    mapping
}
