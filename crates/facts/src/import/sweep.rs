//! Removing files that no snapshot needs any more: a job that each commit enqueues.

use std::time::Duration;

use attain_records::{Actor, jobs};
use jiff::Timestamp;

use super::ImportError;
use super::folder::lock;
use crate::store::{Store, StoreError};

/// Kind of the job that removes files no snapshot needs any more.
pub const SWEEP_JOB: &str = "facts.sweep";
/// How long a sweep may take before another worker tries.
const SWEEP_LEASE: Duration = Duration::from_secs(300);

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
