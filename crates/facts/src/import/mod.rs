//! A delivery becomes facts, or nothing.
//!
//! Files are read and typed ([`stage`]), each row's references resolved ([`identity`]) and its
//! content hashed ([`hash`]); staged rows are compared with the versions that hold now
//! ([`compare`]), new files are written ([`output`]), and one commit names them together with the
//! report ([`report`]) and the audit entry. Killed anywhere before the commit, nothing happened.

mod batch;
mod compare;
mod dangling;
mod fates;
mod hash;
mod identity;
mod output;
mod overlap;
mod report;
mod stage;

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use attain_records::{Actor, jobs};
use datafusion::prelude::SessionContext;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::canonical::Table;
use crate::mapping::{FileMapping, Mapping, MappingError, Mode};
use crate::reject::{Reason, Reject, file_name};
use crate::source::SourceError;
use crate::store::{Commit, Snapshot, Store, StoreError};
use compare::{Staged, TableChanges};
use identity::KnownEntities;
use output::Output;
use stage::Staging;

pub use fates::Tally;
pub(crate) use hash::hex;
pub use identity::Identity;
pub use report::{FileReport, ImportReport, TableReport};

/// Kind of the job that removes files no snapshot needs any more.
pub const SWEEP_JOB: &str = "facts.sweep";
/// How long a sweep may take before another worker tries.
const SWEEP_LEASE: Duration = Duration::from_secs(300);

/// Why a delivery was not taken. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The mapping cannot be used.
    #[error("{0}. Nothing was imported")]
    Mapping(#[from] MappingError),
    /// A file cannot be read.
    #[error("{0}. Nothing was imported")]
    Source(#[from] SourceError),
    /// Something could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many rows are rejected.
    #[error("{rejected} of {read} rows were rejected, more than the {allowed_percent} % the mapping allows. Nothing was imported; correct the rows and import the files again, or raise max_reject_share", rejected = .report.total().rejected, read = .report.total().read)]
    TooManyRejects {
        /// What became of every row.
        report: Box<ImportReport>,
        /// The limit, in per cent.
        allowed_percent: f64,
    },
    /// Another import is under way.
    #[error("another import is under way in {0}; wait until it has ended. Nothing was imported")]
    Busy(PathBuf),
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// Rows are being read.
    Reading {
        /// Name of the file.
        file: &'a str,
        /// Bytes read.
        bytes: u64,
        /// Bytes of the file.
        bytes_total: u64,
    },
    /// Rows are being compared with what is known.
    Comparing(Table),
    /// Files are being written.
    Writing(Table),
}

/// A delivery to be imported.
pub struct Delivery<'a> {
    /// How it is to be read.
    pub mapping: &'a Mapping,
    /// Its files, or the folder they lie in.
    pub inputs: &'a [PathBuf],
    /// Where rejects files go; `None` previews the import and writes nothing.
    pub rejects_folder: Option<&'a Path>,
    /// Says what time it is: what is imported is known from its commit on.
    pub clock: &'a (dyn Fn() -> Timestamp + Sync),
}

/// What an import did.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Number of the import; `None` in a preview.
    pub number: Option<i64>,
    /// The snapshot it made or confirmed; in a preview the one it was compared with.
    pub snapshot: i64,
    /// What became of every row.
    pub report: ImportReport,
}

/// Imports a delivery, all tables or none.
///
/// # Errors
/// When it cannot be taken; then nothing was.
pub async fn import(
    store: &Store,
    actor: &Actor,
    delivery: &Delivery<'_>,
    new_salt: &mut dyn FnMut() -> [u8; 16],
    progress: &dyn Fn(Progress),
) -> Result<Imported, ImportError> {
    let _lock = lock(store.folder())?;
    store.refuse_foreign_files(actor).await?;
    let scratch = Scratch::create(store.folder())?;
    let held = store.newest(actor).await?;
    let mapping = delivery.mapping;
    let (located, not_mapped) = mapping.locate(delivery.inputs)?;
    let known = KnownEntities::new(&mapping.source, store.identities().await?);
    let rejects_folder = delivery.rejects_folder.map(Path::to_owned);
    let mut staging = Staging::new(mapping, &scratch.0, rejects_folder, known, located.len());
    for file in &located {
        staging.meet(file, new_salt)?;
    }
    for file in &located {
        staging.stage(file, progress)?;
    }
    let mut work = Work { store, delivery, held, scratch: &scratch.0, staging, progress };
    let tables = work.staging.finish()?;
    work.reject_overlaps()?;
    work.reject_contradictions(&tables).await?;
    work.reject_dangling(&tables).await?;
    let mut report = ImportReport { not_mapped, ..ImportReport::default() };
    let changes =
        if work.too_many_rejects() { Vec::new() } else { work.compare(&tables, &mut report).await? };
    work.account(&changes, &mut report)?;
    if work.too_many_rejects() {
        // Rounded, for 0.07 times 100 is not quite 7.
        let allowed_percent = (mapping.max_reject_share * 1e6).round() / 1e4;
        return Err(ImportError::TooManyRejects { report: Box::new(report), allowed_percent });
    }
    if delivery.rejects_folder.is_none() {
        let snapshot = work.held.as_ref().map_or(0, Snapshot::number);
        return Ok(Imported { number: None, snapshot, report });
    }
    work.commit(actor, &changes, report).await
}

/// Removes files no snapshot needs any more, if that is due.
///
/// # Errors
/// When the records or a file cannot be reached.
pub async fn sweep_if_due(
    store: &Store,
    actor: &Actor,
    worker: &str,
    now: Timestamp,
) -> Result<(), ImportError> {
    let records = store.records();
    let Some(job) = jobs::lease(records, actor, worker, now, SWEEP_LEASE).await.map_err(StoreError::from)?
    else {
        return Ok(());
    };
    let snapshot = serde_json::from_str::<serde_json::Value>(&job.payload)
        .ok()
        .and_then(|payload| payload["snapshot"].as_i64());
    let swept = match (job.kind.as_str(), snapshot, lock(store.folder())) {
        (SWEEP_JOB, Some(snapshot), Ok(_lock)) => {
            store.sweep(snapshot).await.map(|_| ()).map_err(|error| error.to_string())
        }
        (SWEEP_JOB, Some(_), Err(busy)) => Err(busy.to_string()),
        (kind, _, _) => Err(format!("this version does not know the job {kind}")),
    };
    let noted = match swept {
        Ok(()) => jobs::finish(records, actor, &job, now).await,
        Err(error) => jobs::fail(records, actor, &job, &error, now).await,
    };
    Ok(noted.map_err(StoreError::from)?)
}

/// An import under way.
struct Work<'a> {
    store: &'a Store,
    delivery: &'a Delivery<'a>,
    held: Option<Snapshot>,
    scratch: &'a Path,
    staging: Staging<'a>,
    progress: &'a dyn Fn(Progress),
}

impl Work<'_> {
    fn mapping(&self) -> &Mapping {
        self.delivery.mapping
    }

    fn reject_overlaps(&mut self) -> Result<(), ImportError> {
        let mut by_file: BTreeMap<usize, Vec<Reject>> = BTreeMap::new();
        for (file_index, reject) in self.staging.assignments.overlapping() {
            by_file.entry(file_index).or_default().push(reject);
        }
        by_file
            .into_iter()
            .try_for_each(|(file_index, rejects)| self.staging.reject_later(file_index, rejects))
    }

    async fn reject_contradictions(&mut self, tables: &BTreeMap<Table, PathBuf>) -> Result<(), ImportError> {
        let context = compare::session(self.scratch)?;
        for (table, path) in tables {
            let mut by_file: BTreeMap<usize, Vec<Reject>> = BTreeMap::new();
            for conflict in self.staged(&context, *table, path).conflicts().await? {
                let (line, value) = (conflict.line, Some(conflict.key));
                let column = self.key_column(conflict.file_index, *table);
                let reject = Reject { line, column, value, reason: Reason::Contradiction };
                by_file.entry(conflict.file_index).or_default().push(reject);
            }
            for (file_index, rejects) in by_file {
                self.staging.reject_later(file_index, rejects)?;
            }
        }
        Ok(())
    }

    /// The source's column that identifies rows of a table in a file.
    fn key_column(&self, file_index: usize, table: Table) -> Option<String> {
        let mut tables = self.file_mapping(file_index)?.tables.iter();
        tables.find(|mapping| mapping.table == table).map(|mapping| mapping.key.join(", "))
    }

    /// The source's name of a target column in a file.
    fn source_column(&self, file_index: usize, table: Table, target: &str) -> Option<String> {
        stage::source_column(self.file_mapping(file_index)?, table, target)
    }

    fn file_mapping(&self, file_index: usize) -> Option<&FileMapping> {
        let name = file_name(&self.staging.files[file_index].path);
        self.mapping().files.iter().find(|file| file.file.eq_ignore_ascii_case(&name))
    }

    fn staged<'a>(&'a self, context: &'a SessionContext, table: Table, path: &Path) -> Staged<'a> {
        Staged { context, table, path: path.to_owned(), source_system: &self.delivery.mapping.source }
    }

    fn too_many_rejects(&self) -> bool {
        let mut total = Tally::default();
        (0..self.staging.files.len()).for_each(|file| total.add(self.staging.fates.tally(file)));
        total.rejected as f64 > self.mapping().max_reject_share * total.read as f64
    }

    async fn compare(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
        report: &mut ImportReport,
    ) -> Result<Vec<TableChanges>, ImportError> {
        let context = compare::session(self.scratch)?;
        let mut all = Vec::new();
        for (table, path) in tables {
            (self.progress)(Progress::Comparing(*table));
            let full = self.deletes_missing(*table, report);
            let staged = Staged {
                context: &context,
                table: *table,
                path: path.clone(),
                source_system: &self.delivery.mapping.source,
            };
            all.push(staged.compare(self.held.as_ref(), &mut self.staging.fates, full, self.scratch).await?);
        }
        Ok(all)
    }

    /// Whether rows missing from the delivery are gone: in full mode, unless rejected rows make
    /// it unsure which are missing.
    fn deletes_missing(&self, table: Table, report: &mut ImportReport) -> bool {
        let feeding =
            || self.staging.files.iter().enumerate().filter(|(_, file)| file.targets.contains(&table));
        if !feeding().all(|(_, file)| file.mode == Mode::Full) {
            return false;
        }
        let unsure = feeding().any(|(index, _)| self.staging.fates.tally(index).rejected > 0);
        if unsure {
            report.notes.push(format!("rows of {table} missing from this full delivery were kept, because rejected rows may be among them"));
        }
        !unsure
    }

    fn account(&mut self, changes: &[TableChanges], report: &mut ImportReport) -> Result<(), ImportError> {
        for (index, file) in self.staging.files.iter_mut().enumerate() {
            let rejects_file = file.rejects.take().map(|rejects| rejects.finish()).transpose()?;
            report.files.push(FileReport {
                name: file_name(&file.path),
                sha256: file.sha256.clone(),
                rows: self.staging.fates.tally(index),
                rejected: std::mem::take(&mut file.rejected),
                rejects_file,
            });
        }
        report.tables = changes
            .iter()
            .map(|c| TableReport {
                table: c.table,
                created: c.created,
                changed: c.changed,
                deleted: c.deleted,
            })
            .collect();
        Ok(())
    }

    async fn commit(
        &self,
        actor: &Actor,
        changes: &[TableChanges],
        report: ImportReport,
    ) -> Result<Imported, ImportError> {
        let mapping = self.mapping();
        let base = self.held.as_ref().map_or(0, Snapshot::number);
        let context = compare::session(self.scratch)?;
        let output = Output {
            context: &context,
            held: self.held.as_ref(),
            source_system: &mapping.source,
            number: base + 1,
            folder: self.store.folder(),
        };
        let written = output.write_all(changes, self.progress).await?;
        let same_company = self.held.as_ref().is_some_and(|held| *held.company() == mapping.company);
        let commit = Commit {
            base,
            changes: report.changes() > 0 || !same_company,
            company: &mapping.company,
            new_files: &written.new,
            superseded_files: &written.superseded,
            identities: self.staging.known.new_identities(),
            source_system: &mapping.source,
            mapping: mapping.text(),
            mapping_sha256: &mapping.sha256(),
            covers: self.covers(),
            report: &report,
        };
        let (number, snapshot) = self.store.commit(actor, (self.delivery.clock)(), &commit).await?;
        // It is committed; what cannot be noted now is noted by the next import.
        let _ = self.store.note_records(actor).await;
        Ok(Imported { number: Some(number), snapshot, report })
    }

    /// The days the delivery covers (domain 2.7): what the mapping says, else from the first
    /// event to the day of delivery.
    fn covers(&self) -> Option<(Date, Date)> {
        let dated = self.staging.files.iter().any(|file| file.targets.contains(&Table::Opportunity));
        let today = self.mapping().company.time_zone.to_datetime((self.delivery.clock)()).date();
        let by_default = self.staging.earliest_event.map(|from| (from, today.tomorrow().unwrap_or(today)));
        self.mapping().covers.or(by_default).filter(|_| dated)
    }
}

/// One import at a time in a folder.
fn lock(folder: &Path) -> Result<File, ImportError> {
    std::fs::create_dir_all(folder).map_err(|error| StoreError::io("create", folder, error))?;
    let path = folder.join("import.lock");
    let file = File::create(&path).map_err(|error| StoreError::io("create", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ImportError::Busy(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path, error).into()),
    }
}

/// A folder for what is only needed while an import runs.
struct Scratch(PathBuf);

impl Scratch {
    /// Made anew: whatever an import that was killed left in it goes.
    fn create(folder: &Path) -> Result<Scratch, StoreError> {
        let path = folder.join("staging");
        if path.exists() {
            std::fs::remove_dir_all(&path).map_err(|error| StoreError::io("empty", &path, error))?;
        }
        std::fs::create_dir_all(&path).map_err(|error| StoreError::io("create", &path, error))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is removed by the next import.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
