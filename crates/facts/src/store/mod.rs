//! The store of facts: immutable Parquet files in a folder, named by snapshots in the records.
//!
//! A table's `current` files hold the versions that hold now, large tables by month and sorted by
//! person; its `history` files hold every version that was superseded or deleted. A delivery
//! rewrites the current files it touches, appends history, and one transaction names the new
//! files together with its report and audit entry. Killed anywhere, the old snapshot stands.

mod belonging;
mod commit;
mod manifest;
mod migration;
pub(crate) mod parquet;
mod redirects;
mod resolved;
mod restated;
pub mod schema;
mod snapshot;
mod supplied;
mod timeline;

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use attain_records::{Actor, Records, RecordsError, from_micros, to_micros};
use datafusion::error::DataFusionError;
use jiff::Timestamp;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::canonical::Table;
use crate::company::{Company, CompanyRecord};
use crate::import::Identity;
use manifest::entity::{fact_file, identity, identity_merge, import_batch, snapshot as snapshot_entity};

pub(crate) use commit::{Commit, NewFile, Origin};
pub use manifest::{FactFile, FileKind, ImportRecord};
pub use redirects::{MergedIdentity, Redirects};
pub use restated::{RestatedCredit, RestatedDeal, Restatement};
pub use snapshot::Snapshot;
pub use snapshot::file_url;
pub(crate) use snapshot::{Following, read_parquet};
pub(crate) use supplied::DeliveredTable;
pub use supplied::LastDelivery;
pub(crate) use timeline::Timeline;

/// The migrations of records and facts together.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = attain_records::migrations();
        migrations.push(Box::new(migration::CreateManifest));
        migrations.push(Box::new(migration::DeliveredTables));
        migrations.push(Box::new(migration::Undos));
        migrations.push(Box::new(migration::Merges));
        migrations.push(Box::new(migration::Restatements));
        migrations
    }
}

/// The facts of one company: a folder of files and the records that name them.
#[derive(Clone, Debug)]
pub struct Store {
    records: Records,
    folder: PathBuf,
}

impl Store {
    /// The store whose records are open and whose files lie in `folder`.
    #[must_use]
    pub fn new(records: Records, folder: PathBuf) -> Store {
        Store { records, folder }
    }

    /// The records.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The folder of the files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Number of the newest snapshot, 0 before the first.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn newest_number(&self, _actor: &Actor) -> Result<i64, StoreError> {
        let newest = snapshot_entity::Entity::find()
            .order_by_desc(snapshot_entity::Column::Number)
            .one(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        Ok(newest.map_or(0, |snapshot| snapshot.number))
    }

    /// Number of the newest import, 0 before the first. It changes with everything that may
    /// change an answer, also when the snapshot stays.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn newest_import(&self, _actor: &Actor) -> Result<i64, StoreError> {
        let newest = import_batch::Entity::find()
            .select_only()
            .column_as(import_batch::Column::Number.max(), "newest")
            .into_tuple::<Option<i64>>()
            .one(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        Ok(newest.flatten().unwrap_or_default())
    }

    /// The newest snapshot, once something was imported.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn newest(&self, actor: &Actor) -> Result<Option<Snapshot>, StoreError> {
        self.as_known_at(actor, Timestamp::MAX).await
    }

    /// What was known at an instant: the last snapshot committed by then.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn as_known_at(
        &self,
        actor: &Actor,
        instant: Timestamp,
    ) -> Result<Option<Snapshot>, StoreError> {
        let found = snapshot_entity::Entity::find()
            .filter(snapshot_entity::Column::CommittedAtUs.lte(to_micros(instant)))
            .order_by_desc(snapshot_entity::Column::Number)
            .one(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let Some(found) = found else { return Ok(None) };
        let newest = self.newest_number(actor).await?;
        let timeline = self.timeline(instant).await?;
        Ok(Some(Snapshot {
            number: found.number,
            committed_at: from_micros(found.committed_at_us),
            commits: self.commits(found.number).await?,
            made_by: timeline.makers().clone(),
            company: company(&found)?,
            supplied: self.supplied(instant, &timeline.undone()).await?,
            undone: timeline.undone_snapshots(),
            redirects: timeline.redirects(),
            restated: self.restated_credit(&timeline).await?,
            folder: self.folder.clone(),
            files: self.live_files().await?,
            newest: newest == found.number,
        }))
    }

    /// Everything that was imported, newest first.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn imports(&self, _actor: &Actor, limit: u64) -> Result<Vec<ImportRecord>, StoreError> {
        let found = import_batch::Entity::find()
            .order_by_desc(import_batch::Column::Number)
            .limit(limit)
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        self.with_undos(found).await
    }

    /// Everything that was merged or taken apart, oldest first.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn merges(&self, _actor: &Actor) -> Result<Vec<ImportRecord>, StoreError> {
        let merges =
            Query::select().column(identity_merge::Column::Import).from(identity_merge::Entity).to_owned();
        let found = import_batch::Entity::find()
            .filter(import_batch::Column::Number.in_subquery(merges))
            .order_by_asc(import_batch::Column::Number)
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        self.with_undos(found).await
    }

    /// The imports after one, oldest first.
    pub(crate) async fn imports_after(&self, number: i64) -> Result<Vec<ImportRecord>, StoreError> {
        let found = import_batch::Entity::find()
            .filter(import_batch::Column::Number.gt(number))
            .order_by_asc(import_batch::Column::Number)
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        self.with_undos(found).await
    }

    /// The imports that made the snapshots after `earlier` and up to `later`, oldest first. Those
    /// that only confirmed a snapshot are not among them.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn imports_between(
        &self,
        _actor: &Actor,
        earlier: i64,
        later: i64,
    ) -> Result<Vec<ImportRecord>, StoreError> {
        let found = import_batch::Entity::find()
            .filter(import_batch::Column::Snapshot.gt(earlier))
            .filter(import_batch::Column::Snapshot.lte(later))
            .order_by_asc(import_batch::Column::Number)
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let mut imports = self.with_undos(found).await?;
        imports.dedup_by_key(|import| import.snapshot);
        Ok(imports)
    }

    /// One import by its number.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn import(&self, _actor: &Actor, number: i64) -> Result<Option<ImportRecord>, StoreError> {
        let found = import_batch::Entity::find_by_id(number)
            .one(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        Ok(self.with_undos(found.into_iter().collect()).await?.pop())
    }

    /// Imports as the history keeps them, each with the undo that undid it.
    async fn with_undos(&self, found: Vec<import_batch::Model>) -> Result<Vec<ImportRecord>, StoreError> {
        let timeline = self.timeline(Timestamp::MAX).await?;
        let record = |row: import_batch::Model| {
            let (undone_by, merged) = (timeline.undone_by(row.number), timeline.merged(row.number).cloned());
            let restatement = timeline.restatement(row.number);
            Ok(ImportRecord { restatement, ..ImportRecord::new(row, undone_by, merged)? })
        };
        found.into_iter().map(record).collect()
    }

    /// The company as it stood in a snapshot.
    pub(crate) async fn company_in(&self, snapshot: i64) -> Result<Option<Company>, StoreError> {
        let found = snapshot_entity::Entity::find_by_id(snapshot)
            .one(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        found.map(|found| company(&found)).transpose()
    }

    /// Attain's ids of the people whom a source, or Attain itself, identifies so.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn people_identified_by(&self, _actor: &Actor, id: &str) -> Result<Vec<String>, StoreError> {
        let identities = self.identities().await?;
        let people = identities.into_iter().filter(|known| known.table == Table::Employee);
        Ok(people.filter(|known| known.source_id == id || known.id == id).map(|known| known.id).collect())
    }

    /// Every entity that is known by a source's identifier.
    pub(crate) async fn identities(&self) -> Result<Vec<Identity>, StoreError> {
        let found = identity::Entity::find().all(self.records.read()).await.map_err(RecordsError::from)?;
        found.into_iter().map(Identity::try_from).collect()
    }

    /// When each snapshot up to a number was committed.
    async fn commits(&self, number: i64) -> Result<Vec<(i64, Timestamp)>, StoreError> {
        let found = snapshot_entity::Entity::find()
            .select_only()
            .columns([snapshot_entity::Column::Number, snapshot_entity::Column::CommittedAtUs])
            .filter(snapshot_entity::Column::Number.lte(number))
            .order_by_asc(snapshot_entity::Column::Number)
            .into_tuple::<(i64, i64)>()
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        Ok(found.into_iter().map(|(number, instant_us)| (number, from_micros(instant_us))).collect())
    }

    /// The files any snapshot is read from that are not whole: gone, empty or not closed as a Parquet
    /// file is.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn damaged_files(&self, _actor: &Actor) -> Result<Vec<PathBuf>, StoreError> {
        let files = self.live_files().await?.into_iter().map(|file| self.folder.join(file.path));
        Ok(files.filter(|path| !is_whole(path)).collect())
    }

    /// Current files of the newest snapshot, and all history: what any snapshot is read from.
    async fn live_files(&self) -> Result<Vec<FactFile>, StoreError> {
        let found = fact_file::Entity::find()
            .filter(fact_file::Column::LastSnapshot.is_null())
            .order_by_asc(fact_file::Column::Path)
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        found.into_iter().map(FactFile::try_from).collect()
    }
}

/// Whether a file ends as every finished Parquet file does.
fn is_whole(path: &Path) -> bool {
    let ending = || -> std::io::Result<[u8; 4]> {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::End(-4))?;
        let mut ending = [0; 4];
        file.read_exact(&mut ending)?;
        Ok(ending)
    };
    ending().is_ok_and(|ending| ending == *b"PAR1")
}

fn company(snapshot: &snapshot_entity::Model) -> Result<Company, StoreError> {
    let record: CompanyRecord = serde_json::from_str(&snapshot.company).map_err(StoreError::unreadable)?;
    Company::try_from(record).map_err(StoreError::unreadable)
}

/// Why facts could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be used.
    #[error("could not {action} {path}: {cause}; nothing was changed")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A file could not be written.
    #[error("could not write {path}: {cause}; nothing was changed")]
    Write {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        cause: String,
    },
    /// The engine could not read files.
    #[error("could not read the facts: {0}")]
    Engine(#[from] DataFusionError),
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The records did not say whether they took an import.
    #[error("{0}. Importing the same files again is safe: what is known already changes nothing")]
    Unconfirmed(RecordsError),
    /// A row of the records does not read.
    #[error("the records hold something this program did not write: {0}")]
    Unreadable(String),
    /// The files of the folder belong to other records.
    #[error(
        "the facts in {0} belong to other records than the ones opened; nothing was changed. Name those with --records or ATTAIN_RECORDS, or give another data directory"
    )]
    Foreign(PathBuf),
    /// Another import was committed while this one was prepared.
    #[error("another import was committed meanwhile; nothing was changed. Run the import again")]
    Overtaken,
    /// A file lacks a column every file of its kind has.
    #[error("a facts file lacks the column `{0}`; it was not written by this program")]
    MissingColumn(String),
}

impl From<datafusion::arrow::error::ArrowError> for StoreError {
    fn from(error: datafusion::arrow::error::ArrowError) -> StoreError {
        StoreError::Engine(error.into())
    }
}

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &Path, cause: std::io::Error) -> StoreError {
        StoreError::Io { action, path: path.to_owned(), cause }
    }

    pub(crate) fn unreadable(cause: impl std::fmt::Display) -> StoreError {
        StoreError::Unreadable(cause.to_string())
    }

    pub(crate) fn write(path: &Path, cause: &dyn std::fmt::Display) -> StoreError {
        StoreError::Write { path: path.to_owned(), cause: cause.to_string() }
    }
}
