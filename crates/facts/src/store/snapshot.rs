//! A snapshot: the facts as they were known at one instant, read from the files it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{JoinType, ScalarValue};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::logical_expr::when;
use datafusion::prelude::{DataFrame, SessionContext, col, ident, lit};
use jiff::Timestamp;
use jiff::civil::Date;

use super::manifest::{FactFile, FileKind};
use super::restated::TouchedDeal;
use super::schema::{self, OPERATION, RECORDED, SOURCE_ID, SOURCE_SYSTEM, SUPERSEDED};
use super::supplied::{LastDelivery, Supplied};
use super::timeline::UndoneSnapshot;
use super::{DeliveredTable, NewFile, Redirects, RestatedCredit, StoreError};
use crate::canonical::{Attribute, Attributes, Table};
use crate::company::Company;
use crate::value::days_from_date;

/// Column of the snapshots that undone imports made.
const MADE: &str = "undone_made";
/// Column of the snapshots that their undos made.
const UNDONE: &str = "undone_at";

/// The facts as known at one instant. Files never change, so a snapshot reads the same for ever.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(super) number: i64,
    pub(super) committed_at: Timestamp,
    /// Number and instant of every snapshot up to this one, oldest first.
    pub(super) commits: Vec<(i64, Timestamp)>,
    /// The import that made each snapshot.
    pub(super) made_by: BTreeMap<i64, i64>,
    pub(super) company: Company,
    pub(super) supplied: Supplied,
    /// Snapshots of imports that were undone by then.
    pub(super) undone: Vec<UndoneSnapshot>,
    /// The merges of identities that hold.
    pub(super) redirects: Redirects,
    /// The restatements of credit that hold.
    pub(super) restated: RestatedCredit,
    pub(super) folder: PathBuf,
    pub(super) files: Vec<FactFile>,
    /// Whether the `current` files hold this very snapshot, or a later one.
    pub(super) newest: bool,
}

/// What a delivery would bring to the facts.
pub(crate) struct Following<'a> {
    /// The present.
    pub(crate) instant: Timestamp,
    /// Whose delivery it is.
    pub(crate) source_system: &'a str,
    /// The company as the delivery's mapping describes it.
    pub(crate) company: &'a Company,
    pub(crate) delivered: &'a [DeliveredTable],
    /// Where the new files lie.
    pub(crate) folder: &'a Path,
    pub(crate) new_files: &'a [NewFile],
    pub(crate) superseded_files: &'a [PathBuf],
}

impl Snapshot {
    /// The snapshot that would follow this one, the newest, with a delivery that was written and is
    /// not imported.
    pub(crate) fn followed_by(&self, following: &Following<'_>) -> Snapshot {
        let Following { instant, source_system, company, delivered, folder, new_files, superseded_files } =
            *following;
        let mut next = self.clone();
        next.number += 1;
        let earliest = self.committed_at.saturating_add(Duration::from_micros(1)).unwrap_or(Timestamp::MAX);
        next.committed_at = instant.max(earliest);
        next.commits.push((next.number, next.committed_at));
        next.company = company.clone();
        delivered.iter().for_each(|table| next.supplied.deliver(source_system, table, next.committed_at));
        next.files.retain(|file| !superseded_files.contains(&file.path));
        next.files.extend(new_files.iter().map(|file| FactFile {
            // Absolute, so that it is found outside the folder of the others.
            path: folder.join(&file.path),
            table: file.table,
            kind: file.kind,
            partition: file.partition.clone(),
            rows: file.rows,
        }));
        next.newest = true;
        next
    }

    /// The same snapshot as the undo of what another one recorded.
    pub(super) fn with_undone(mut self, made: Option<i64>, supplied: Supplied) -> Snapshot {
        self.undone.extend(made.map(|made| UndoneSnapshot { made, undone: self.number }));
        self.supplied = supplied;
        self
    }

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

    /// The import that made a snapshot up to this one: the one that brought its versions.
    #[must_use]
    pub fn import_of(&self, snapshot: i64) -> Option<i64> {
        self.made_by.get(&snapshot).copied()
    }

    /// The company as its mapping describes it.
    #[must_use]
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The half-open range of days for which the deliveries tell about deals.
    #[must_use]
    pub fn coverage(&self) -> Option<(Date, Date)> {
        self.coverage_of(Table::Opportunity)
    }

    /// The half-open range of days for which the deliveries tell about a table; `None` for tables
    /// of no events, and where none was delivered (domain 2.7).
    #[must_use]
    pub fn coverage_of(&self, table: Table) -> Option<(Date, Date)> {
        self.supplied.coverage(table)
    }

    /// What each source last told of a table, in the order of their names.
    #[must_use]
    pub fn last_deliveries(&self, table: Table) -> &[LastDelivery] {
        self.supplied.last_deliveries(table)
    }

    /// When each source delivered anything, oldest first.
    #[must_use]
    pub fn delivery_instants(&self) -> &BTreeMap<String, Vec<Timestamp>> {
        &self.supplied.delivery_instants
    }

    /// Whether a delivery ever supplied a column: a canonical one, the identifier, or an attribute
    /// under the name of its column. What was never supplied is absent, not blank (domain 2.1).
    #[must_use]
    pub fn supplies(&self, table: Table, column: &str) -> bool {
        self.supplied.has(table, column)
    }

    /// Whether a delivery of one source ever supplied a canonical column.
    #[must_use]
    pub fn supplies_from(&self, source: &str, table: Table, column: &str) -> bool {
        self.supplied.has_from(source, table, column)
    }

    /// The company's own fields of a table, in the order of their names.
    #[must_use]
    pub fn attributes(&self, table: Table) -> Vec<Attribute> {
        self.supplied.attributes.of(table)
    }

    /// The attributes of all tables, those included that only undone imports supplied.
    pub(crate) fn ever_attributes(&self) -> &Attributes {
        &self.supplied.ever_attributes
    }

    /// The same snapshot, read as if its rows had these attributes too.
    pub(crate) fn with_attributes(mut self, attributes: &Attributes) -> Snapshot {
        self.supplied.attributes = attributes.clone();
        self
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
        let columns: Vec<_> = schema::current(table, &self.attributes(table))
            .fields()
            .iter()
            .map(|field| ident(field.name()))
            .collect();
        let past = self
            .read(context, table, FileKind::History, &|_| true)
            .await?
            .filter(col(RECORDED).lt_eq(number.clone()).and(col(OPERATION).eq(lit("upsert"))))?
            .filter(col(SUPERSEDED).gt(number.clone()))?
            .select(columns)?;
        Ok(current.filter(col(RECORDED).lt_eq(number))?.union(past)?)
    }

    /// Every version, as known at this snapshot, of the rows that ever changed, as questions see them, with the days in
    /// the company's time zone from and to which it was known (`recorded_on`, `superseded_on`);
    /// `None` where no row of the table ever did.
    ///
    /// # Errors
    /// When a file cannot be opened.
    pub async fn versions(
        &self,
        context: &SessionContext,
        table: Table,
    ) -> Result<Option<DataFrame>, StoreError> {
        let of_table = |file: &&FactFile| file.table == table && file.kind == FileKind::History;
        if !self.files.iter().any(|file| of_table(&file)) {
            return Ok(None);
        }
        let number = lit(self.number);
        let columns: Vec<_> = schema::history(table, &self.attributes(table))
            .fields()
            .iter()
            .map(|field| ident(field.name()))
            .collect();
        let past = self.read(context, table, FileKind::History, &|_| true).await?;
        let changed =
            past.clone().select(vec![col(SOURCE_SYSTEM).alias("of"), col(SOURCE_ID).alias("row")])?;
        let same = [col(SOURCE_SYSTEM).eq(col("of")), col(SOURCE_ID).eq(col("row"))];
        let current = self
            .read(context, table, FileKind::Current, &|_| true)
            .await?
            .join_on(changed, JoinType::LeftSemi, same)?
            .with_column(SUPERSEDED, lit(ScalarValue::Int64(None)))?
            .with_column(OPERATION, lit("upsert"))?
            .select(columns.clone())?;
        let versions = past
            .filter(col(OPERATION).eq(lit("upsert")))?
            .select(columns)?
            .union(current)?
            .filter(col(RECORDED).lt_eq(number))?;
        let mut versions = versions;
        if self.has_undone() {
            versions = self.without_undone(context, table, versions).await?;
        }
        if !self.redirects.is_empty() {
            versions = self.without_merged(context, table, versions).await?;
            versions = self.referring_to_kept(table, versions)?;
        }
        let recorded = context.read_batch(self.days("recorded", "recorded_on")?)?;
        let superseded = context.read_batch(self.days("superseded", "superseded_on")?)?;
        let dated = versions
            .join_on(recorded, JoinType::Left, [col(RECORDED).eq(col("recorded"))])?
            .join_on(superseded, JoinType::Left, [col(SUPERSEDED).eq(col("superseded"))])?;
        Ok(Some(dated))
    }

    /// Versions without those that an undone import made, and those put back by undos before its own:
    /// the version from before holds until the undo, which put it back.
    async fn without_undone(
        &self,
        context: &SessionContext,
        table: Table,
        versions: DataFrame,
    ) -> Result<DataFrame, StoreError> {
        let columns: Vec<_> = versions.schema().fields().iter().map(|field| ident(field.name())).collect();
        let pairs = || self.undone_pairs(context);
        let row =
            || vec![col(SOURCE_SYSTEM).alias("of"), col(SOURCE_ID).alias("row"), col(MADE), col(UNDONE)];
        let past = self.history(context, table).await?;
        let current = self.read(context, table, FileKind::Current, &|_| true).await?;
        let replaced =
            past.clone().join_on(pairs()?, JoinType::Inner, [col(SUPERSEDED).eq(col(MADE))])?.select(row())?;
        let made = past.join_on(pairs()?, JoinType::Inner, [col(RECORDED).eq(col(MADE))])?.select(row())?;
        let held = current.join_on(pairs()?, JoinType::Inner, [col(RECORDED).eq(col(MADE))])?.select(row())?;
        let touched = replaced.union(made)?.union(held)?.distinct()?;
        let meanwhile = [
            col(SOURCE_SYSTEM).eq(col("of")),
            col(SOURCE_ID).eq(col("row")),
            col(RECORDED).gt_eq(col(MADE)),
            col(RECORDED).lt(col(UNDONE)),
        ];
        let until = when(col(UNDONE).is_not_null(), col(UNDONE)).otherwise(col(SUPERSEDED))?;
        Ok(versions
            .join_on(touched, JoinType::LeftAnti, meanwhile)?
            .join_on(pairs()?, JoinType::Left, [col(SUPERSEDED).eq(col(MADE))])?
            .with_column(SUPERSEDED, until)?
            .select(columns)?)
    }

    /// The snapshots of undone imports, and of their undos.
    fn undone_pairs(&self, context: &SessionContext) -> Result<DataFrame, StoreError> {
        let numbers = |number: fn(&UndoneSnapshot) -> i64| {
            Arc::new(Int64Array::from_iter_values(self.undone.iter().map(number))) as ArrayRef
        };
        let columns = [(MADE, numbers(|pair| pair.made)), (UNDONE, numbers(|pair| pair.undone))];
        Ok(context.read_batch(RecordBatch::try_from_iter(columns)?)?)
    }

    /// The days on which snapshots were committed, by number.
    fn days(&self, number: &str, day: &str) -> Result<RecordBatch, StoreError> {
        let numbers = Int64Array::from_iter_values(self.commits.iter().map(|(number, _)| *number));
        let days = self
            .commits
            .iter()
            .map(|(_, instant)| days_from_date(self.company.time_zone.to_datetime(*instant).date()));
        let days = Date32Array::from_iter_values(days);
        let columns = [(number, Arc::new(numbers) as ArrayRef), (day, Arc::new(days) as ArrayRef)];
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    /// Whether an import was undone, so that what was known once may count for nothing.
    pub(crate) fn has_undone(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Every superseded version of a table's rows, deletions included.
    pub(crate) async fn history(
        &self,
        context: &SessionContext,
        table: Table,
    ) -> Result<DataFrame, StoreError> {
        self.read(context, table, FileKind::History, &|_| true).await
    }

    /// One column of every version of a table's rows, also of those deleted since. What only an
    /// undone import brought is not among them.
    pub(crate) async fn ever(
        &self,
        context: &SessionContext,
        table: Table,
        column: &str,
    ) -> Result<DataFrame, StoreError> {
        let current = self.read(context, table, FileKind::Current, &|_| true).await?;
        let mut past = self.history(context, table).await?;
        if self.has_undone() {
            let snapshots = self.undone.iter().flat_map(|pair| [lit(pair.made), lit(pair.undone)]);
            past = past.filter(col(RECORDED).in_list(snapshots.collect(), true))?;
        }
        Ok(current.select(vec![ident(column)])?.union(past.select(vec![ident(column)])?)?)
    }

    /// What became known of a table's rows after an earlier snapshot and up to this one: source
    /// system, identifier and recording snapshot of each new version, deletions included; of deals also
    /// the snapshots that restated their credit.
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
        let versions = current.filter(since())?.select(columns())?.union(past)?;
        match table {
            Table::Opportunity => {
                Ok(versions.union(context.read_batch(self.restated_since(earlier)?)?.select(columns())?)?)
            }
            _ => Ok(versions),
        }
    }

    /// Deals that were restated or taken back after an earlier snapshot, as if they had new versions.
    fn restated_since(&self, earlier: i64) -> Result<RecordBatch, StoreError> {
        let touched = || self.restated.touched_between(earlier, self.number);
        let texts = |text: fn(&TouchedDeal) -> &str| {
            Arc::new(StringArray::from_iter_values(touched().map(text))) as ArrayRef
        };
        let snapshots = Int64Array::from_iter_values(touched().map(|deal| deal.snapshot));
        let columns = [
            (SOURCE_SYSTEM, texts(|deal| deal.source_system.as_str())),
            (SOURCE_ID, texts(|deal| deal.source_id.as_str())),
            (RECORDED, Arc::new(snapshots) as ArrayRef),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
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
            FileKind::Current => schema::current(table, &self.attributes(table)),
            FileKind::History => schema::history(table, &self.attributes(table)),
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
