//! Watched folders: what other systems drop there is imported at set times and put away.
//!
//! [`schedule`] says when the folders are looked at, [`folder`] what has arrived in one and where
//! it goes. A delivery is read by the newest saved mapping of each source that names its files, or
//! by the mapping that lies in the folder, and imported as any other; what is refused stays in the
//! folder with the reason, and in the audit log. [`section`] shows it all among the imports.

mod folder;
mod schedule;
mod section;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use attain_facts::import::{self, Delivery, ImportError};
use attain_facts::mapping::Mapping;
use attain_records::{Actor, audit};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::mappings::store::{Version, keep, newest};
use super::uploads::file_name;
use crate::integrity::raising;
use crate::web::App;
use folder::{Arrival, DONE, MAPPING, REFUSED};
pub(crate) use schedule::Schedule;
pub(super) use section::section;

/// The folders that a server watches, and what it last found in each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched(Arc<Mutex<Vec<Folder>>>);

/// One of them.
#[derive(Clone, Debug)]
struct Folder {
    path: PathBuf,
    schedule: Schedule,
    looked_at: Option<Timestamp>,
    next_look: Option<Timestamp>,
    /// The newest delivery since the server started.
    last: Option<(Timestamp, Outcome)>,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was imported.
    Imported(i64),
    /// It was not; its files lie where the path leads.
    Refused { problem: String, put: PathBuf },
    /// It waits for the next look.
    Waiting(String),
}

impl Watched {
    /// Folders to be watched.
    ///
    /// # Errors
    /// Names a folder that is none.
    pub(crate) fn new(paths: &[PathBuf], schedule: Schedule) -> anyhow::Result<Watched> {
        let folder = |path: &PathBuf| {
            anyhow::ensure!(path.is_dir(), "{} is no folder that could be watched", path.display());
            let path = std::path::absolute(path)?;
            Ok(Folder { path, schedule, looked_at: None, next_look: None, last: None })
        };
        let folders = paths.iter().map(folder).collect::<anyhow::Result<_>>()?;
        Ok(Watched(Arc::new(Mutex::new(folders))))
    }

    fn folders(&self) -> Vec<Folder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, at: usize, note: impl FnOnce(&mut Folder)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(at).map(note);
    }
}

/// Looks at the watched folders, each by its schedule, as long as the server runs.
pub(crate) fn watch(app: &App) {
    for at in 0..app.watched().folders().len() {
        tokio::spawn(watch_one(app.clone(), at));
    }
}

async fn watch_one(app: App, at: usize) {
    let Some(Folder { schedule, .. }) = app.watched().folders().get(at).cloned() else { return };
    let time_zone = TimeZone::system();
    let mut next = schedule.first(Timestamp::now(), &time_zone);
    loop {
        app.watched().note(at, |folder| folder.next_look = Some(next));
        tokio::time::sleep(Duration::try_from(next - Timestamp::now()).unwrap_or_default()).await;
        let looking = app.clone();
        let runtime = tokio::runtime::Handle::current();
        // Reading files takes a thread of its own: it does not wait, it works.
        let look = move || runtime.block_on(look(&looking, at));
        if let Err(error) = tokio::task::spawn_blocking(look).await {
            tracing::error!(%error, "looking at a watched folder failed; it is looked at again");
        }
        next = schedule.after(Timestamp::now(), &time_zone);
    }
}

/// Looks at a folder and imports what has arrived in it.
async fn look(app: &App, at: usize) {
    let Some(Folder { path, .. }) = app.watched().folders().get(at).cloned() else { return };
    let found = match folder::arrival(&path, SystemTime::now()) {
        Ok(Arrival::Whole(files)) => take(app, &path, files).await,
        Ok(Arrival::Underway) => vec![Outcome::Waiting("files are still being written".to_owned())],
        Ok(Arrival::Nothing) => Vec::new(),
        Err(error) => vec![Outcome::Waiting(format!("the folder could not be read: {error}"))],
    };
    app.watched().note(at, |folder| {
        folder.looked_at = Some(Timestamp::now());
        if let Some(last) = found.into_iter().last() {
            folder.last = Some((Timestamp::now(), last));
        }
    });
}

/// Imports files, those of each source by themselves; those that no mapping reads are refused.
async fn take(app: &App, folder: &Path, files: Vec<PathBuf>) -> Vec<Outcome> {
    let actor = app.actor();
    let mappings = match mappings(app, folder).await {
        Ok(mappings) => mappings,
        Err(problem) => return vec![refused(app, folder, &files, problem).await],
    };
    let mut outcomes = Vec::new();
    let mut left = files;
    for mapping in &mappings {
        let (read, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|path| mapping.reads(&file_name(path)));
        left = others;
        if !read.is_empty() {
            outcomes.push(deliver(app, &actor, folder, mapping, &read).await);
        }
    }
    if !left.is_empty() {
        let problem = "no mapping that is saved names these files. Import such files once by hand, or put \
                       their mapping.yaml into the watched folder";
        outcomes.push(refused(app, folder, &left, problem.to_owned()).await);
    }
    outcomes
}

/// The mappings by which a folder is read: its own, or the newest of every source.
async fn mappings(app: &App, folder: &Path) -> Result<Vec<Mapping>, String> {
    let own = folder.join(MAPPING);
    if own.is_file() {
        return Mapping::read(&own).map(|mapping| vec![mapping]).map_err(|error| error.to_string());
    }
    let saved = newest(app.store().records(), &app.actor()).await.map_err(|error| error.to_string())?;
    let parsed = |version: Version| {
        let name = format!("{}, version {}", version.source, version.version);
        Mapping::parse(Path::new(&name), version.text).map_err(|error| error.to_string())
    };
    saved.into_iter().map(parsed).collect()
}

async fn deliver(app: &App, actor: &Actor, folder: &Path, mapping: &Mapping, files: &[PathBuf]) -> Outcome {
    let now = Timestamp::now();
    let rejects = app.uploads().rejects_of(now);
    let delivery = Delivery {
        mapping,
        inputs: files,
        left_out: &[],
        rejects_folder: Some(&rejects),
        clock: &|| app.now(),
    };
    let mut new_salt = rand::random::<[u8; 16]>;
    let imported = match keep(app.store().records(), actor, app.now(), mapping).await {
        Ok(()) => {
            let watch = |_: import::Progress<'_>| ControlFlow::Continue(());
            import::import(app.store(), actor, &delivery, &mut new_salt, &watch).await
        }
        Err(error) => Err(ImportError::Store(error.into())),
    };
    match imported {
        Ok(imported) => {
            raising::after_change(app).await;
            // What could not be moved is imported again, which changes nothing.
            if let Err(error) = folder::put_away(folder, DONE, files, now) {
                tracing::warn!(%error, folder = %folder.display(), "imported files could not be put away");
            }
            Outcome::Imported(imported.number.unwrap_or_default())
        }
        Err(busy @ ImportError::Busy(_)) => Outcome::Waiting(busy.to_string()),
        Err(error) => refused(app, folder, files, error.to_string()).await,
    }
}

/// Puts files away that were refused, with the reason beside them and in the audit log.
async fn refused(app: &App, folder: &Path, files: &[PathBuf], problem: String) -> Outcome {
    let put = folder::put_away(folder, REFUSED, files, Timestamp::now());
    let put = put.and_then(|put| folder::explain(&put, &problem).map(|()| put));
    if let Err(error) = note_refusal(app, folder, files, &problem).await {
        tracing::warn!(%error, "a refused delivery could not be noted in the audit log");
    }
    match put {
        Ok(put) => Outcome::Refused { problem, put },
        Err(error) => Outcome::Waiting(format!("{problem}. The files could not be put away: {error}")),
    }
}

async fn note_refusal(
    app: &App,
    folder: &Path,
    files: &[PathBuf],
    problem: &str,
) -> Result<(), attain_records::RecordsError> {
    let names: Vec<String> = files.iter().map(|file| file_name(file)).collect();
    let detail = json!({ "files": names, "problem": problem });
    let transaction = app.store().records().begin(&app.actor()).await?;
    let subject = format!("folder {}", folder.display());
    audit::append(&transaction, app.now(), "delivery.refuse", &subject, &detail).await?;
    transaction.commit().await
}
