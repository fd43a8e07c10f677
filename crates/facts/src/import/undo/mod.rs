//! The undo of an import as a unit: what it created is gone, what it changed is as it was before,
//! what it deleted is back.
//!
//! Nothing is taken out of the past. An undo is a delivery of its own, made from the versions of
//! before ([`changes`]) and committed like any other, so that whoever asks as of an earlier instant
//! sees what was known then. Coverage, columns and company settings follow from the imports that
//! still count ([`crate::store::Timeline`]); identities stay, so that the same files imported again are the same
//! facts. What later imports build on is not taken away from under them ([`obstacles`]).

mod changes;
mod obstacles;

use std::ops::ControlFlow;

use std::path::{Path, PathBuf};

use attain_records::{Actor, RecordsError};
use datafusion::prelude::SessionContext;
use jiff::Timestamp;

use super::compare::{TableChanges, session};
use super::folder::{Scratch, lock};
use super::output::Written;
use super::{ImportError, ImportReport, Imported, Progress, Prospect, TableReport};
use crate::canonical::Table;
use crate::company::Company;
use crate::store::{
    Commit, Following, ImportRecord, MergedIdentity, Origin, Snapshot, Store, StoreError, Timeline,
};
use changes::Undoing;
pub use obstacles::{Building, Obstacle, Obstacles};

/// Letters of a reason at most.
const REASON_MAX: usize = 2_000;

/// An undo that is asked for.
pub struct Undo<'a> {
    /// Number of the import.
    pub import: i64,
    /// Why, for whoever reads the history; may be empty.
    pub reason: &'a str,
    /// Says what time it is: what was before is known again from the commit on.
    pub clock: &'a (dyn Fn() -> Timestamp + Sync),
}

/// Why an import was not undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is none of that number.
    #[error("there is no import {0}; nothing was undone")]
    Unknown(i64),
    /// It was undone before.
    #[error(
        "import {import} was undone already, by import {by}; nothing was changed. To have it again, import its files again"
    )]
    Undone {
        /// The import.
        import: i64,
        /// Its undo.
        by: i64,
    },
    /// It is an undo itself.
    #[error(
        "import {import} is the undo of import {undoes}, and an undo is not undone; nothing was changed. To have import {undoes} again, import its files again"
    )]
    IsUndo {
        /// The undo.
        import: i64,
        /// What it undid.
        undoes: i64,
    },
    /// It is no delivery but a restatement of credit.
    #[error(
        "import {0} is no delivery: it restated credit or took that back, and `attain restate take-back` takes restatements back. Nothing was undone"
    )]
    IsRestatement(i64),
    /// It is no delivery but a merge of identities.
    #[error(
        "import {import} is no delivery: it merged or took apart {table} {id}, and `attain identity` takes merges apart. Nothing was undone"
    )]
    IsMerge {
        /// Its number.
        import: i64,
        /// The table.
        table: Table,
        /// What was merged or taken apart.
        id: String,
    },
    /// The reason is too long.
    #[error("a reason has at most {REASON_MAX} letters; nothing was undone")]
    Reason,
    /// Later imports build on it.
    #[error("import {import} cannot be undone while later imports build on it: {obstacles}. {remedy}. Nothing was undone", remedy = .obstacles.remedy())]
    BuiltOn {
        /// The import.
        import: i64,
        /// What stands against it.
        obstacles: Obstacles,
    },
    /// An import is under way.
    #[error("an import is under way in {0}; wait until it has ended. Nothing was undone")]
    Busy(PathBuf),
    /// The records did not say whether they took it.
    #[error("{0}. Undoing it again is safe: an import is undone once")]
    Unconfirmed(RecordsError),
    /// Something could not be read or written.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for UndoError {
    fn from(error: StoreError) -> UndoError {
        match error {
            StoreError::Unconfirmed(cause) => UndoError::Unconfirmed(cause),
            other => UndoError::Store(other),
        }
    }
}

/// What goes wrong as in an import.
fn of_import(error: ImportError) -> UndoError {
    match error {
        ImportError::Busy(folder) => UndoError::Busy(folder),
        ImportError::Store(error) => error.into(),
        other => UndoError::Store(StoreError::unreadable(other)),
    }
}

/// Undoes an import, all of it or nothing. The result is the import that undoes it.
///
/// # Errors
/// When it cannot be undone; then nothing was.
pub async fn undo(
    store: &Store,
    actor: &Actor,
    undo: &Undo<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Imported, UndoError> {
    let _lock = lock(store.folder()).map_err(of_import)?;
    let scratch = Scratch::create(store.folder())?;
    let taken = Taken::prepare(store, actor, undo, &scratch.0, progress).await?;
    let written = taken.write(store.folder(), progress).await?;
    let commit = Commit {
        base: taken.held.number(),
        changes: taken.makes_snapshot(),
        company: &taken.company,
        new_files: &written.new,
        superseded_files: &written.superseded,
        identities: &[],
        source_system: &taken.record.source_system,
        origin: Origin::Undo { import: undo.import, reason: undo.reason.trim() },
        report: &taken.report,
    };
    let (number, snapshot) = store.commit(actor, (undo.clock)(), &commit).await?;
    Ok(Imported { number: Some(number), snapshot, report: taken.report, samples: Vec::new() })
}

/// Says what the undo of an import would do, and makes the facts it would lead to, if they are others.
///
/// # Errors
/// When it could not be undone.
pub async fn preview_undo(
    store: &Store,
    actor: &Actor,
    undo: &Undo<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Imported, Option<Prospect>), UndoError> {
    let lock = lock(store.folder()).map_err(of_import)?;
    let scratch = Scratch::create(store.folder())?;
    let taken = Taken::prepare(store, actor, undo, &scratch.0, progress).await?;
    let imported = taken.previewed();
    if !taken.makes_snapshot() {
        return Ok((imported, None));
    }
    let folder = scratch.0.join("prospect");
    let written = taken.write(&folder, progress).await?;
    let following = Following {
        instant: (undo.clock)(),
        source_system: &taken.record.source_system,
        company: &taken.company,
        delivered: &[],
        folder: &folder,
        new_files: &written.new,
        superseded_files: &written.superseded,
    };
    let snapshot = store.without(taken.held.followed_by(&following), &taken.timeline, undo.import).await?;
    let held = taken.held.clone();
    drop(taken);
    Ok((imported, Some(Prospect { snapshot, held, _scratch: scratch, _lock: lock })))
}

/// An import being taken back: what is known, and what changes in it.
struct Taken<'a> {
    record: ImportRecord,
    held: Snapshot,
    timeline: Timeline,
    context: SessionContext,
    scratch: &'a Path,
    changes: Vec<TableChanges>,
    report: ImportReport,
    /// The company as it is without the import.
    company: Company,
}

impl<'a> Taken<'a> {
    async fn prepare(
        store: &Store,
        actor: &Actor,
        undo: &Undo<'_>,
        scratch: &'a Path,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Taken<'a>, UndoError> {
        if undo.reason.trim().chars().count() > REASON_MAX {
            return Err(UndoError::Reason);
        }
        store.refuse_foreign_files(actor).await?;
        let (record, held) = undoable(store, actor, undo.import).await?;
        let timeline = store.timeline(Timestamp::MAX).await?;
        let company = match timeline.newest_without(undo.import) {
            Some(snapshot) => store.company_in(snapshot).await?,
            None => None,
        };
        let company = company.unwrap_or_else(|| held.company().clone());
        let (context, changes, report) = (session(scratch)?, Vec::new(), ImportReport::default());
        let mut taken = Taken { record, held, timeline, context, scratch, changes, report, company };
        for table in taken.record.report.tables.iter().filter(|table| table.changes() > 0) {
            progress(Progress::Comparing(table.table));
            let change = taken.undoing().changes(table.table).await?;
            taken.changes.push(change);
        }
        let later = obstacles::later(store, &taken.timeline, undo.import).await?;
        let obstacles = taken.undoing().obstacles(&taken.changes, &later).await?;
        if !obstacles.is_empty() {
            return Err(UndoError::BuiltOn { import: undo.import, obstacles });
        }
        taken.report.tables = taken.changes.iter().map(reported).collect();
        Ok(taken)
    }

    fn undoing(&self) -> Undoing<'_> {
        Undoing {
            context: &self.context,
            held: &self.held,
            made: self.timeline.made(self.record.number),
            source_system: &self.record.source_system,
            scratch: self.scratch,
        }
    }

    fn makes_snapshot(&self) -> bool {
        self.report.changes() > 0 || self.company != *self.held.company()
    }

    fn previewed(&self) -> Imported {
        let snapshot = self.held.number();
        Imported { number: None, snapshot, report: self.report.clone(), samples: Vec::new() }
    }

    /// Writes what changes to a folder of facts.
    async fn write(&self, folder: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Written, UndoError> {
        let watch = |step: Progress<'_>| {
            progress(step);
            ControlFlow::Continue(())
        };
        self.undoing().output(folder).write_all(&self.changes, &watch).await.map_err(of_import)
    }
}

fn reported(changes: &TableChanges) -> TableReport {
    let TableChanges { table, created, changed, deleted, .. } = *changes;
    TableReport { table, created, changed, deleted, unchanged: None, totals: Vec::new() }
}

/// The import, if it can be undone at all, and what holds now.
async fn undoable(store: &Store, actor: &Actor, import: i64) -> Result<(ImportRecord, Snapshot), UndoError> {
    let record = store.import(actor, import).await?.ok_or(UndoError::Unknown(import))?;
    if let Some(by) = record.undone_by {
        return Err(UndoError::Undone { import, by });
    }
    if let Some(undoes) = record.undoes {
        return Err(UndoError::IsUndo { import, undoes });
    }
    if let Some(MergedIdentity { table, id, .. }) = record.merged {
        return Err(UndoError::IsMerge { import, table, id });
    }
    if record.restatement.is_some() {
        return Err(UndoError::IsRestatement(import));
    }
    let held = store.newest(actor).await?.ok_or(UndoError::Unknown(import))?;
    let attributes = held.ever_attributes().clone();
    Ok((record, held.with_attributes(&attributes)))
}
