//! A delivery becomes facts, or nothing.
//!
//! Files are read and typed ([`stage`]), each row's references resolved ([`identity`]) and its
//! content hashed ([`hash`]); staged rows are compared with the versions that hold now
//! ([`compare`]), new files are written ([`output`]), and one commit names them together with the
//! report ([`report`]) and the audit entry. Killed anywhere before the commit, nothing happened.

mod archive;
mod batch;
mod claims;
mod compare;
mod completeness;
mod constraints;
mod contradictions;
mod dangling;
mod dormant;
mod fates;
mod folder;
mod hash;
mod identity;
mod layout;
mod output;
mod progress;
mod read_ahead;
mod repeats;
mod report;
mod runs;
mod sample;
mod stage;
mod sweep;
mod totals;
mod undo;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use attain_records::Actor;
use datafusion::prelude::SessionContext;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::canonical::{AttributeType, Attributes, Retyped, Table};
use crate::mapping::{FileMapping, Mapping, MappingError};
use crate::reject::file_name;
use crate::source::SourceError;
use crate::store::{Commit, DeliveredTable, Following, Origin, Snapshot, Store, StoreError};
use compare::{Staged, TableChanges};
use folder::Scratch;
use identity::KnownEntities;
use output::{Output, Written};
use progress::tell;
use sample::Sampling;
use stage::Staging;

pub use archive::unpack_archive;
pub(crate) use constraints::keep;
pub use fates::Tally;
pub(crate) use folder::lock;
pub(crate) use hash::hex;
pub use identity::{BY_HAND, Identity};
pub use progress::{Progress, Watch};
pub use report::{FileReport, ImportReport, TableReport};
pub use sample::{SampleFate, SampleRow, TableSample};
pub use sweep::{SWEEP_JOB, sweep_if_due};
pub use totals::MoneyTotal;
pub use undo::{Building, Obstacle, Obstacles, Undo, UndoError, preview_undo, undo};

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
    /// One of the company's own fields has another type than it had.
    #[error(
        "the attribute {name} of {table} was a {before} in earlier deliveries and is a {now} in this mapping; give it another name, or the type it had. Nothing was imported"
    )]
    Retyped {
        /// Its table.
        table: Table,
        /// Its name.
        name: String,
        /// What it was.
        before: AttributeType,
        /// What it is to be.
        now: AttributeType,
    },
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
    /// Somebody asked it to stop.
    #[error("the import was stopped. Nothing was imported")]
    Stopped,
}

/// A delivery to be imported.
pub struct Delivery<'a> {
    /// How it is to be read.
    pub mapping: &'a Mapping,
    /// Its files, or the folder they lie in.
    pub inputs: &'a [PathBuf],
    /// Names of delivered files that are not given as inputs, because the mapping does not read them;
    /// the report lists them.
    pub left_out: &'a [String],
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
    /// Rows as they will be, table by table; in a preview only.
    pub samples: Vec<TableSample>,
}

/// What a delivery would make, to be asked before it is imported. While it lives nothing else is
/// imported: its files lie where imports work.
pub struct Prospect {
    /// The facts as they would be.
    pub snapshot: Snapshot,
    /// What they are compared with: the facts as they are.
    pub held: Snapshot,
    // In this order: the folder goes before another import may use it.
    _scratch: Scratch,
    _lock: File,
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
    watch: &Watch<'_>,
) -> Result<Imported, ImportError> {
    let _lock = lock(store.folder())?;
    let scratch = Scratch::create(store.folder())?;
    let (mut work, considered) = consider(store, actor, delivery, &scratch.0, new_salt, watch).await?;
    match delivery.rejects_folder {
        None => work.previewed(considered).await,
        Some(_) => work.commit(actor, &considered.changes, considered.report).await,
    }
}

/// Says what an import of a delivery would do, and makes the facts it would lead to, if there are
/// facts that it would change. Nothing of it stays once they are dropped.
///
/// # Errors
/// When it could not be taken.
pub async fn preview(
    store: &Store,
    actor: &Actor,
    delivery: &Delivery<'_>,
    new_salt: &mut dyn FnMut() -> [u8; 16],
    watch: &Watch<'_>,
) -> Result<(Imported, Option<Prospect>), ImportError> {
    let delivery = &Delivery { rejects_folder: None, ..*delivery };
    let lock = lock(store.folder())?;
    let scratch = Scratch::create(store.folder())?;
    let (mut work, considered) = consider(store, actor, delivery, &scratch.0, new_salt, watch).await?;
    let prospect = work.prospect(&considered).await?.zip(work.held.clone());
    let imported = work.previewed(considered).await?;
    drop(work);
    let prospect =
        prospect.map(|(snapshot, held)| Prospect { snapshot, held, _scratch: scratch, _lock: lock });
    Ok((imported, prospect))
}

/// A delivery that was read and compared.
struct Considered {
    tables: BTreeMap<Table, PathBuf>,
    changes: Vec<TableChanges>,
    report: ImportReport,
}

/// Reads a delivery and compares it with what is known.
async fn consider<'a>(
    store: &'a Store,
    actor: &Actor,
    delivery: &'a Delivery<'a>,
    scratch: &'a Path,
    new_salt: &mut dyn FnMut() -> [u8; 16],
    watch: &'a Watch<'a>,
) -> Result<(Work<'a>, Considered), ImportError> {
    store.refuse_foreign_files(actor).await?;
    let held = store.newest(actor).await?;
    let mapping = delivery.mapping;
    let attributes = attributes(held.as_ref(), mapping)?;
    let held = held.map(|held| held.with_attributes(&attributes));
    let inputs = archive::unpack_delivery(delivery.inputs, mapping, scratch)?;
    let (mut located, mut not_mapped) = mapping.locate(&inputs)?;
    archive::unpack_files(&mut located, scratch)?;
    not_mapped.extend_from_slice(delivery.left_out);
    let identities = store.identities().await?;
    let dormant = dormant::dormant(held.as_ref(), &identities, scratch).await?;
    let known = KnownEntities::new(&mapping.source, identities, &dormant);
    let rejects_folder = delivery.rejects_folder.map(Path::to_owned);
    let mut staging = Staging::new(mapping, scratch, rejects_folder, known, attributes, &located)?;
    for file in &located {
        staging.meet(file, new_salt, watch)?;
    }
    staging.known.name_all_met();
    for file in &located {
        staging.stage(file, watch)?;
    }
    let mut work = Work { store, delivery, held, scratch, staging, watch };
    let tables = work.staging.finish()?;
    work.reject_contradictions(&tables).await?;
    work.reject_rewritten(&tables).await?;
    work.reject_across_rows(&tables).await?;
    let mut report = ImportReport { not_mapped, ..ImportReport::default() };
    let changes =
        if work.too_many_rejects() { Vec::new() } else { work.compare(&tables, &mut report).await? };
    work.account(&changes, &mut report)?;
    if work.too_many_rejects() {
        // Rounded, for 0.07 times 100 is not quite 7.
        let allowed_percent = (mapping.max_reject_share * 1e6).round() / 1e4;
        return Err(ImportError::TooManyRejects { report: Box::new(report), allowed_percent });
    }
    Ok((work, Considered { tables, changes, report }))
}

/// An import under way.
struct Work<'a> {
    store: &'a Store,
    delivery: &'a Delivery<'a>,
    held: Option<Snapshot>,
    scratch: &'a Path,
    staging: Staging<'a>,
    watch: &'a Watch<'a>,
}

impl Work<'_> {
    fn mapping(&self) -> &Mapping {
        self.delivery.mapping
    }

    /// Rejects rows for what shows only together with others, until that rejects no more.
    async fn reject_across_rows(&mut self, tables: &BTreeMap<Table, PathBuf>) -> Result<(), ImportError> {
        loop {
            let before = self.staging.rejected();
            self.reject_lost(tables).await?;
            self.reject_unresolved(tables).await?;
            self.reject_violations(tables).await?;
            if self.staging.rejected() == before || self.too_many_rejects() {
                return Ok(());
            }
        }
    }

    /// The source's name of a target column in a file.
    fn source_column(&self, file_index: usize, table: Table, target: &str) -> Option<String> {
        stage::source_column(self.file_mapping(file_index)?, table, target)
    }

    fn file_mapping(&self, file_index: usize) -> Option<&FileMapping> {
        Some(self.staging.files.get(file_index)?.located.mapping)
    }

    fn staged<'a>(&'a self, context: &'a SessionContext, table: Table, path: &Path) -> Staged<'a> {
        let attributes = self.staging.attributes.of(table);
        let source_system = &self.delivery.mapping.source;
        let repeats = self.staging.repeats_in(table);
        let blank = self.staging.blank_in(table);
        Staged { context, table, attributes, path: path.to_owned(), repeats, blank, source_system }
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
        let mut all = Vec::new();
        for (table, path) in tables {
            tell(self.watch, Progress::Comparing(*table))?;
            let context = compare::session_for(self.scratch, self.staging.key_bytes(*table))?;
            let full = self.deletes_missing(*table, report);
            let staged = Staged {
                context: &context,
                table: *table,
                attributes: self.staging.attributes.of(*table),
                path: path.clone(),
                repeats: self.staging.repeats_in(*table),
                blank: self.staging.blank_in(*table),
                source_system: &self.delivery.mapping.source,
            };
            all.push(staged.compare(self.held.as_ref(), &mut self.staging.fates, full, self.scratch).await?);
        }
        Ok(all)
    }

    /// The first rows of every table, as they will be.
    async fn samples(
        &self,
        tables: &BTreeMap<Table, PathBuf>,
        changes: &[TableChanges],
    ) -> Result<Vec<TableSample>, ImportError> {
        let context = compare::session(self.scratch)?;
        let sampling = Sampling {
            context: &context,
            mapping: self.mapping(),
            held: self.held.as_ref(),
            attributes: &self.staging.attributes,
            staged: tables,
        };
        let mut samples = Vec::new();
        for change in changes {
            let Some(path) = tables.get(&change.table) else { continue };
            let staged = self.staged(&context, change.table, path);
            samples.push(sampling.of(&staged, change, &self.staging.fates).await?);
        }
        Ok(samples)
    }

    fn account(&mut self, changes: &[TableChanges], report: &mut ImportReport) -> Result<(), ImportError> {
        for (index, file) in self.staging.files.iter_mut().enumerate() {
            let rejects_file = file.rejects.take().map(|rejects| rejects.finish()).transpose()?;
            report.files.push(FileReport {
                name: file_name(&file.located.path),
                format: file.format.clone(),
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
                unchanged: Some(c.unchanged),
                totals: c.totals.clone(),
            })
            .collect();
        Ok(())
    }

    /// What would be said of it.
    async fn previewed(&mut self, considered: Considered) -> Result<Imported, ImportError> {
        let samples = self.samples(&considered.tables, &considered.changes).await?;
        Ok(Imported { number: None, snapshot: self.base(), report: considered.report, samples })
    }

    /// The facts as they would be, written beside the delivery's own staging; nothing where there is
    /// nothing to compare them with, and where they would be the same.
    async fn prospect(&self, considered: &Considered) -> Result<Option<Snapshot>, ImportError> {
        let Some(held) = self.held.as_ref().filter(|_| self.makes_snapshot(&considered.report)) else {
            return Ok(None);
        };
        let folder = self.scratch.join("prospect");
        let written = self.write(&considered.changes, &folder).await?;
        let following = Following {
            instant: (self.delivery.clock)(),
            source_system: &self.mapping().source,
            company: &self.mapping().company,
            delivered: &self.delivered_tables(),
            folder: &folder,
            new_files: &written.new,
            superseded_files: &written.superseded,
        };
        Ok(Some(held.followed_by(&following)))
    }

    /// Whether what is known changes, or is only confirmed.
    fn makes_snapshot(&self, report: &ImportReport) -> bool {
        let same_company = self.held.as_ref().is_some_and(|held| *held.company() == self.mapping().company);
        report.changes() > 0 || !same_company
    }

    /// Number of the snapshot that it is compared with.
    fn base(&self) -> i64 {
        self.held.as_ref().map_or(0, Snapshot::number)
    }

    /// Writes what changed to a folder of facts.
    async fn write(&self, changes: &[TableChanges], folder: &Path) -> Result<Written, ImportError> {
        let key_bytes = changes
            .iter()
            .map(|change| self.staging.key_bytes(change.table) + change.deleted as usize * stage::KEY_BYTES);
        let context = compare::session_for(self.scratch, key_bytes.sum())?;
        let output = Output {
            context: &context,
            held: self.held.as_ref(),
            attributes: &self.staging.attributes,
            source_system: &self.mapping().source,
            number: self.base() + 1,
            folder,
        };
        output.write_all(changes, self.watch).await
    }

    async fn commit(
        &self,
        actor: &Actor,
        changes: &[TableChanges],
        report: ImportReport,
    ) -> Result<Imported, ImportError> {
        let mapping = self.mapping();
        let base = self.base();
        let written = self.write(changes, self.store.folder()).await?;
        let commit = Commit {
            base,
            changes: self.makes_snapshot(&report),
            company: &mapping.company,
            new_files: &written.new,
            superseded_files: &written.superseded,
            identities: self.staging.known.new_identities(),
            source_system: &mapping.source,
            origin: Origin::Delivery {
                mapping: mapping.text(),
                mapping_sha256: &mapping.sha256(),
                delivered: &self.delivered_tables(),
            },
            report: &report,
        };
        let (number, snapshot) = self.store.commit(actor, (self.delivery.clock)(), &commit).await?;
        // It is committed; what cannot be noted now is noted by the next import.
        let _ = self.store.note_records(actor).await;
        Ok(Imported { number: Some(number), snapshot, report, samples: Vec::new() })
    }

    /// What the delivery supplies, table by table.
    fn delivered_tables(&self) -> Vec<DeliveredTable> {
        let names: Vec<String> =
            self.staging.files.iter().map(|file| file_name(&file.located.path)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let supplied = self.mapping().supplied_by(&names).into_iter();
        supplied.map(|(table, supply)| DeliveredTable { table, supply, covers: self.covers(table) }).collect()
    }

    /// The days for which the delivery tells about a table (domain 2.7): what the mapping says, else
    /// from its first event to the day of delivery.
    fn covers(&self, table: Table) -> Option<(Date, Date)> {
        if table.definition().events.is_empty() {
            return None;
        }
        let today = self.mapping().company.time_zone.to_datetime((self.delivery.clock)()).date();
        let tomorrow = today.tomorrow().unwrap_or(today);
        let (from, to) = match self.mapping().covers {
            Some((from, to)) => (from, to.unwrap_or(tomorrow)),
            None => (*self.staging.earliest_events.get(&table)?, tomorrow),
        };
        (from < to).then_some((from, to))
    }
}

/// The company's own fields, known ones and those of the mapping together.
fn attributes(held: Option<&Snapshot>, mapping: &Mapping) -> Result<Attributes, ImportError> {
    let mut attributes = held.map(Snapshot::ever_attributes).cloned().unwrap_or_default();
    attributes
        .add_all(&mapping.attributes)
        .map_err(|Retyped { table, name, before, now }| ImportError::Retyped { table, name, before, now })?;
    Ok(attributes)
}
