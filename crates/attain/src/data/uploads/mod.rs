//! Uploads: files that came in through the browser or the API and are on their way to an import.
//!
//! [`receiving`] streams them to a folder of their own below the data directory; an [`upload`] is
//! that folder, with what was decided about it. The way is: [`sending`] files, [`mapping`] their
//! columns (by a [`form`] over what is proposed, [`proposal`], with how values are written, [`writing`], [`constants`], and what is [`made`] of several columns, or as text), looking at what would happen and importing ([`run`], in the background, with [`watching`]
//! and stopping). [`api`] goes the same way for programs. Nothing of an upload is a fact before its
//! import commits; one that is left alone is removed a day later ([`Uploads::sweep`]).

pub(super) mod api;
mod constants;
mod form;
mod made;
mod mapping;
mod preview;
mod proposal;
mod receiving;
mod run;
mod sending;
mod upload;
mod watching;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::DefaultBodyLimit;
use jiff::Timestamp;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};
pub(super) use made::of_text as made_of_text;
use run::Runs;
pub(super) use upload::name as file_name;
use upload::{DRAFT, UploadId};

/// How long an upload stays that nobody does anything with.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let writes = Rule::May(Act::Write, Object::Imports);
    Routes::new()
        .merge(api::routes())
        .get("/data/imports/new", writes, sending::new)
        .get("/data/uploads", writes, sending::new)
        .post_of_size("/data/uploads", writes, DefaultBodyLimit::disable(), sending::sent)
        .get("/data/uploads/{id}", writes, mapping::shown)
        .post("/data/uploads/{id}", writes, mapping::submitted)
        .get("/data/uploads/{id}/run", writes, watching::shown)
        .post("/data/uploads/{id}/run", writes, watching::import)
        .post("/data/uploads/{id}/run/stop", writes, watching::stop)
        .get("/data/uploads/{id}/past/deals.csv", writes, watching::deals)
        .get("/data/uploads/{id}/past/numbers.csv", writes, watching::numbers)
        .post("/data/uploads/{id}/discard", writes, mapping::discard)
}

/// Where uploads lie and what runs over them.
#[derive(Clone)]
pub(crate) struct Uploads {
    folder: Arc<Path>,
    /// Where rejected rows go: a folder for each import that starts.
    rejects: Arc<Path>,
    limit_bytes: u64,
    runs: Arc<Runs>,
}

impl Uploads {
    /// The uploads of a data directory; each may have as many bytes as `limit_bytes`.
    pub(crate) fn new(data: &Path, limit_bytes: u64) -> Uploads {
        // Reports name the folder of rejects, so it must not depend on where the program was started.
        let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
        Uploads {
            folder: data.join("uploads").into(),
            rejects: data.join("rejects").into(),
            limit_bytes,
            runs: Arc::default(),
        }
    }

    /// Removes uploads that were left alone for a day, and those that never arrived in whole and
    /// have not grown since `begun`.
    pub(crate) fn sweep(&self, begun: SystemTime) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for folder in entries.flatten().map(|entry| entry.path()) {
            let draft = folder.join(DRAFT);
            let is_over = match modified(&draft) {
                Some(at) => at.elapsed().is_ok_and(|age| age > KEPT),
                None => modified(&folder).is_none_or(|at| at < begun),
            };
            let id: Option<UploadId> =
                folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
            let runs = id.as_ref().is_some_and(|id| self.runs.is_running(id));
            if is_over && !runs {
                if let Some(id) = &id {
                    self.runs.forget(id);
                }
                if let Err(error) = std::fs::remove_dir_all(&folder) {
                    tracing::warn!(%error, folder = %folder.display(), "an abandoned upload could not be removed");
                }
            }
        }
    }

    /// Where rejected rows of an import go that starts now. By the real time, also where the present
    /// stands still: no two imports share a folder.
    pub(crate) fn rejects_of(&self, now: Timestamp) -> PathBuf {
        self.rejects.join(now.strftime("%Y-%m-%dT%H-%M-%S%.3fZ").to_string())
    }

    /// Ends what runs: nothing of it is imported.
    pub(crate) fn stop_all(&self) {
        self.runs.stop_all();
    }

    fn folder_of(&self, id: &UploadId) -> PathBuf {
        self.folder.join(id.to_string())
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|about| about.modified()).ok()
}
