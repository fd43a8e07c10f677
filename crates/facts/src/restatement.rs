//! Restating credit (domain 2.4, T2): closed deals that changed hands count for their new owner, on
//! somebody's word and for a stated reason.
//!
//! Without it a closed deal stays with whoever closed it. A restatement changes no row. Like a merge
//! it stands in the history beside the imports with a snapshot of its own, so that numbers as of
//! before do not know of it, and it can be taken back. It decides whose the credit of a closing is;
//! whose a deal was when it was created, or while it was open, stays as it was.

use std::collections::BTreeSet;
use std::path::PathBuf;

use attain_records::Actor;
use jiff::Timestamp;

use crate::import::{ImportError, ImportReport, lock};
use crate::store::{Commit, Origin, RestatedDeal, Restatement, Snapshot, Store, StoreError};

/// Letters of a reason at most.
const REASON_MAX: usize = 2_000;

/// Why no credit was restated or given back.
#[derive(Debug, thiserror::Error)]
pub enum RestateError {
    /// Nobody said why.
    #[error("say why, in at most {REASON_MAX} letters; nothing was changed")]
    Reason,
    /// No deal is concerned.
    #[error(
        "there is no deal to restate: their credit is with their new owners already. Nothing was changed"
    )]
    NoDeals,
    /// It is named twice.
    #[error("deal {0} is named twice; nothing was changed")]
    Twice(String),
    /// Nothing was restated under that number.
    #[error("import {0} is no restatement of credit; nothing was changed")]
    NoRestatement(i64),
    /// It was taken back before.
    #[error("import {import} was taken back already, by import {by}; nothing was changed")]
    TakenBack {
        /// The restatement.
        import: i64,
        /// Its end.
        by: i64,
    },
    /// Nothing was imported yet.
    #[error("nothing was imported yet, so there is no credit to restate")]
    NothingImported,
    /// An import is under way.
    #[error("an import is under way in {0}; wait until it has ended. Nothing was changed")]
    Busy(PathBuf),
    /// Something could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets closed deals count for other people from now on. Returns the number that it has in the
/// history of imports.
///
/// # Errors
/// When it cannot be; then nothing was changed.
pub async fn restate(
    store: &Store,
    actor: &Actor,
    deals: &[RestatedDeal],
    reason: &str,
    now: Timestamp,
) -> Result<i64, RestateError> {
    let reason = stated(reason)?;
    let first = deals.first().ok_or(RestateError::NoDeals)?;
    let mut met = BTreeSet::new();
    if let Some(twice) = deals.iter().find(|deal| !met.insert(&deal.opportunity_id)) {
        return Err(RestateError::Twice(twice.source_id.clone()));
    }
    let origin = Origin::Restatement { takes_back: None, deals, reason };
    commit(store, actor, &first.source_system, origin, now).await
}

/// Takes a restatement back: what it touched counts as it did before. Returns the number that this
/// has in the history of imports.
///
/// # Errors
/// When it cannot be; then nothing was changed.
pub async fn take_back(
    store: &Store,
    actor: &Actor,
    import: i64,
    reason: &str,
    now: Timestamp,
) -> Result<i64, RestateError> {
    let reason = stated(reason)?;
    let record = store.import(actor, import).await?.ok_or(RestateError::NoRestatement(import))?;
    match record.restatement {
        Some(Restatement { taken_back_by: Some(by), .. }) => Err(RestateError::TakenBack { import, by }),
        Some(Restatement { takes_back: None, .. }) => {
            let origin = Origin::Restatement { takes_back: Some(import), deals: &[], reason };
            commit(store, actor, &record.source_system, origin, now).await
        }
        _ => Err(RestateError::NoRestatement(import)),
    }
}

fn stated(reason: &str) -> Result<&str, RestateError> {
    let reason = reason.trim();
    let is_stated = !reason.is_empty() && reason.chars().count() <= REASON_MAX;
    is_stated.then_some(reason).ok_or(RestateError::Reason)
}

async fn commit(
    store: &Store,
    actor: &Actor,
    source_system: &str,
    origin: Origin<'_>,
    now: Timestamp,
) -> Result<i64, RestateError> {
    let _lock = lock(store.folder()).map_err(|error| match error {
        ImportError::Busy(folder) => RestateError::Busy(folder),
        ImportError::Store(error) => error.into(),
        other => RestateError::Store(StoreError::unreadable(other)),
    })?;
    let held: Snapshot = store.newest(actor).await?.ok_or(RestateError::NothingImported)?;
    let commit = Commit {
        base: held.number(),
        changes: true,
        company: held.company(),
        new_files: &[],
        superseded_files: &[],
        identities: &[],
        source_system,
        origin,
        report: &ImportReport::default(),
    };
    let (number, _) = store.commit(actor, now, &commit).await?;
    Ok(number)
}
