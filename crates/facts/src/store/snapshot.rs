//! A snapshot: the facts as they were known at one instant, read from the files it names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::prelude::{DataFrame, SessionContext, col, lit};
use jiff::Timestamp;
use jiff::civil::Date;

use super::StoreError;
use super::manifest::{FactFile, FileKind};
use super::schema::{self, OPERATION, RECORDED, SOURCE_ID, SOURCE_SYSTEM, SUPERSEDED};
use crate::canonical::Table;
use crate::company::Company;

/// The facts as known at one instant. Files never change, so a snapshot reads the same for ever.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(super) number: i64,
    pub(super) committed_at: Timestamp,
    /// Number and instant of every snapshot up to this one, oldest first.
    pub(super) commits: Vec<(i64, Timestamp)>,
    pub(super) company: Company,
    pub(super) coverage: Option<(Date, Date)>,
    pub(super) folder: PathBuf,
    pub(super) files: Vec<FactFile>,
    /// Whether the `current` files hold this very snapshot, or a later one.
    pub(super) newest: bool,
}

impl Snapshot {
    /// Its number; numbers and commit instants increase strictly.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }

    /// When it was committed.
    #[must_use]
    pub fn committed_at(&self) -> Timestamp {
        self.committed_at
    }

    /// When a snapshot up to this one was committed: the recorded time of the versions that name it.
    #[must_use]
    pub fn recorded_at(&self, snapshot: i64) -> Option<Timestamp> {
        let position = self.commits.binary_search_by_key(&snapshot, |(number, _)| *number).ok()?;
        self.commits.get(position).map(|(_, committed_at)| *committed_at)
    }

    /// The company as its mapping describes it.
    #[must_use]
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The half-open range of days the deliveries cover.
    #[must_use]
    pub fn coverage(&self) -> Option<(Date, Date)> {
        self.coverage
    }

    /// The rows of a table as known at this snapshot (`view(k)` of domain 2.3).
    ///
    /// # Errors
    /// When a file cannot be opened.
    pub async fn view(&self, context: &SessionContext, table: Table) -> Result<DataFrame, StoreError> {
        let current = self.read(context, table, FileKind::Current, &|_| true).await?;
        if self.newest {
            return Ok(current);
        }
        let number = lit(self.number);
        let columns: Vec<_> = schema::current(table).fields().iter().map(|field| col(field.name())).collect();
        let past = self
            .read(context, table, FileKind::History, &|_| true)
            .await?
            .filter(col(RECORDED).lt_eq(number.clone()).and(col(OPERATION).eq(lit("upsert"))))?
            .filter(col(SUPERSEDED).gt(number.clone()))?
            .select(columns)?;
        Ok(current.filter(col(RECORDED).lt_eq(number))?.union(past)?)
    }

    /// What became known of a table's rows after an earlier snapshot and up to this one: source
    /// system, identifier and recording snapshot of each new version, deletions included.
    ///
    /// # Errors
    /// When a file cannot be opened.
    pub async fn versions_since(
        &self,
        context: &SessionContext,
        table: Table,
        earlier: i64,
    ) -> Result<DataFrame, StoreError> {
        let since = || col(RECORDED).gt(lit(earlier)).and(col(RECORDED).lt_eq(lit(self.number)));
        let columns = || vec![col(SOURCE_SYSTEM), col(SOURCE_ID), col(RECORDED)];
        let current = self.read(context, table, FileKind::Current, &|_| true).await?;
        let past = self.read(context, table, FileKind::History, &|_| true).await?;
        let past = past.filter(since())?.select(columns())?;
        Ok(current.filter(since())?.select(columns())?.union(past)?)
    }

    /// How many rows of a table hold now.
    #[must_use]
    pub fn rows(&self, table: Table) -> u64 {
        self.current_files(table).map(|file| file.rows).sum()
    }

    /// The current versions in some partitions of a table.
    pub(crate) async fn partitions(
        &self,
        context: &SessionContext,
        table: Table,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<DataFrame, StoreError> {
        self.read(context, table, FileKind::Current, wanted).await
    }

    /// The files of a table that hold current versions.
    pub(crate) fn current_files(&self, table: Table) -> impl Iterator<Item = &FactFile> {
        self.files.iter().filter(move |file| file.table == table && file.kind == FileKind::Current)
    }

    async fn read(
        &self,
        context: &SessionContext,
        table: Table,
        kind: FileKind,
        wanted: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<DataFrame, StoreError> {
        let schema = match kind {
            FileKind::Current => schema::current(table),
            FileKind::History => schema::history(table),
        };
        let paths: Vec<PathBuf> = self
            .files
            .iter()
            .filter(|file| file.table == table && file.kind == kind && wanted(&file.partition))
            .map(|file| self.folder.join(&file.path))
            .collect();
        read_parquet(context, &paths, schema)
    }
}

/// A table over Parquet files of a known schema.
pub(crate) fn read_parquet(
    context: &SessionContext,
    paths: &[PathBuf],
    schema: SchemaRef,
) -> Result<DataFrame, StoreError> {
    if paths.is_empty() {
        return Ok(context.read_table(Arc::new(EmptyTable::new(schema)))?);
    }
    let urls = paths.iter().map(|path| file_url(path)).collect::<Result<_, _>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
    let config =
        ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(schema);
    let table = ListingTable::try_new(config)?
        .with_cache(context.runtime_env().cache_manager.get_file_statistic_cache());
    Ok(context.read_table(Arc::new(table))?)
}

/// The address of a file. In a path DataFusion would take `?`, `*` and `[` for a pattern, find no
/// file and say nothing.
///
/// # Errors
/// When the working directory, which a relative path starts from, is gone.
pub fn file_url(path: &Path) -> Result<ListingTableUrl, StoreError> {
    let absolute = std::path::absolute(path).map_err(|error| StoreError::io("find", path, error))?;
    let bytes = absolute.as_os_str().as_encoded_bytes().iter();
    let encoded: String = bytes
        .map(|byte| match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                char::from(*byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    Ok(ListingTableUrl::parse(format!("file://{encoded}"))?)
}
