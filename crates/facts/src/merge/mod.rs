//! Merges of identities (domain 2.5): two people, teams, territories, accounts or products of the
//! sources that are one and the same.
//!
//! A merge changes no row. It is a link from the one to the other, in the history beside the imports
//! with a snapshot of its own, so that numbers as of before do not know of it, and it can be taken
//! apart again. [`crate::store::Snapshot::resolved`] reads rows through the links. Rows delivered later
//! keep the id of their source's identifier and are read the same way.

mod entities;

use std::path::PathBuf;

use attain_records::Actor;
use datafusion::prelude::{SessionConfig, SessionContext};
use jiff::Timestamp;

use crate::canonical::{Constraint, Identifier, Table};
use crate::import::{ImportError, ImportReport, keep, lock};
use crate::store::{Commit, MergedIdentity, Origin, Redirects, Snapshot, Store, StoreError};
pub use entities::{Entity, entities};

/// Letters of a reason at most.
const REASON_MAX: usize = 2_000;

/// A merge that is asked for, or its end.
pub struct Merge<'a> {
    /// The table whose rows they are.
    pub table: Table,
    /// The one that is to be part of the other, or of its own again: its id in Attain, its key in the
    /// source, or its name.
    pub one: &'a str,
    /// The one that is kept, said likewise; `None` to take a merge apart.
    pub into: Option<&'a str>,
    /// Why, for whoever reads the history; may be empty.
    pub reason: &'a str,
    /// The present.
    pub now: Timestamp,
}

/// Why nothing was merged or taken apart.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// Rows of the table have no identity that the records keep.
    #[error(
        "rows of {0} are not merged: only people, teams, territories, accounts and products are. Nothing was changed"
    )]
    NotMerged(Table),
    /// There is nobody and nothing of that name.
    #[error("there is no {table} `{said}`, neither as id nor as key nor as name; nothing was changed")]
    Unknown {
        /// The table.
        table: Table,
        /// What was said.
        said: String,
    },
    /// There are several of that name.
    #[error("several rows of {table} are called `{said}`: {ids}; name one by its id. Nothing was changed", ids = .ids.join(", "))]
    Ambiguous {
        /// The table.
        table: Table,
        /// What was said.
        said: String,
        /// Their ids.
        ids: Vec<String>,
    },
    /// They are one already.
    #[error("{0} is {0}: name two different ones. Nothing was changed")]
    Same(String),
    /// It is part of another already.
    #[error("{id} is merged into {into} already; take that apart first. Nothing was changed")]
    Already {
        /// The one.
        id: String,
        /// What it is part of.
        into: String,
    },
    /// The other is part of it.
    #[error(
        "{into} is merged into {id}, so {id} cannot become part of it; take that apart first. Nothing was changed"
    )]
    Circle {
        /// The one.
        id: String,
        /// The other.
        into: String,
    },
    /// Nothing holds of the one that was to be kept.
    #[error(
        "{0} has no row any more, so nothing would be left of either; merge the other way round. Nothing was changed"
    )]
    Gone(String),
    /// Chains of rows would come back to their start.
    #[error(
        "as one, {id} and {into} would stand above themselves in {table}; correct that in the source first. Nothing was changed"
    )]
    AboveItself {
        /// The one.
        id: String,
        /// The other.
        into: String,
        /// The table that says who stands above whom.
        table: Table,
    },
    /// It is part of no other.
    #[error("{0} is not merged into another; nothing was changed")]
    OfItsOwn(String),
    /// The reason is too long.
    #[error("a reason has at most {REASON_MAX} letters; nothing was changed")]
    Reason,
    /// Nothing was imported yet.
    #[error("nothing was imported yet, so there is nobody and nothing to merge")]
    NothingImported,
    /// An import is under way.
    #[error("an import is under way in {0}; wait until it has ended. Nothing was changed")]
    Busy(PathBuf),
    /// Something could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Merges two identities, or takes a merge apart. Returns the number that it has in the history of
/// imports, and what it says.
///
/// # Errors
/// When it cannot be; then nothing was changed.
pub async fn merge(
    store: &Store,
    actor: &Actor,
    wanted: &Merge<'_>,
) -> Result<(i64, MergedIdentity), MergeError> {
    let (table, reason) = (wanted.table, wanted.reason.trim());
    if reason.chars().count() > REASON_MAX {
        return Err(MergeError::Reason);
    }
    if !matches!(table.definition().identifier, Identifier::Given { .. }) {
        return Err(MergeError::NotMerged(table));
    }
    let _lock = lock(store.folder()).map_err(|error| match error {
        ImportError::Busy(folder) => MergeError::Busy(folder),
        ImportError::Store(error) => error.into(),
        other => MergeError::Store(StoreError::unreadable(other)),
    })?;
    let held = store.newest(actor).await?.ok_or(MergeError::NothingImported)?;
    let known = entities(store, &held, table).await?;
    let one = entities::find(&known, table, wanted.one)?;
    let into = wanted.into.map(|into| entities::find(&known, table, into)).transpose()?;
    let merged = MergedIdentity { table, id: one.id.clone(), into: into.map(|into| into.id.clone()) };
    match into {
        Some(into) => may_merge(&held, one, into, &merged).await?,
        None if held.redirects().merged_into(&one.id).is_none() => {
            return Err(MergeError::OfItsOwn(one.id.clone()));
        }
        None => {}
    }
    let commit = Commit {
        base: held.number(),
        changes: true,
        company: held.company(),
        new_files: &[],
        superseded_files: &[],
        identities: &[],
        source_system: &one.source_system,
        origin: Origin::Merge { merged: &merged, reason },
        report: &ImportReport::default(),
    };
    let (number, _) = store.commit(actor, wanted.now, &commit).await?;
    Ok((number, merged))
}

async fn may_merge(
    held: &Snapshot,
    one: &Entity,
    into: &Entity,
    merged: &MergedIdentity,
) -> Result<(), MergeError> {
    let redirects = held.redirects();
    let (id, other) = (one.id.clone(), into.id.clone());
    if id == other {
        return Err(MergeError::Same(id));
    }
    if let Some(into) = redirects.merged_into(&id) {
        return Err(MergeError::Already { id, into: into.to_owned() });
    }
    if redirects.kept(&other) == id {
        return Err(MergeError::Circle { id, into: other });
    }
    if into.name.is_none() {
        return Err(MergeError::Gone(other));
    }
    let mut redirects: Redirects = redirects.clone();
    redirects.add(merged);
    let together = held.clone().with_redirects(redirects);
    match standing_above_itself(&together).await? {
        Some(table) => Err(MergeError::AboveItself { id, into: other, table }),
        None => Ok(()),
    }
}

/// A session in which texts are plain strings.
fn session() -> SessionContext {
    let mut config = SessionConfig::new();
    config.options_mut().execution.parquet.schema_force_view_types = false;
    SessionContext::new_with_config(config)
}

/// A table in which something stands above itself, directly or through others.
async fn standing_above_itself(snapshot: &Snapshot) -> Result<Option<Table>, StoreError> {
    let context = session();
    for table in Table::ALL {
        for constraint in table.definition().constraints {
            if !matches!(constraint, Constraint::Forest { .. } | Constraint::Chain { .. }) {
                continue;
            }
            let rows = snapshot.resolved(&context, table).await?;
            if !keep(rows, table, *constraint).await? {
                return Ok(Some(table));
            }
        }
    }
    Ok(None)
}
