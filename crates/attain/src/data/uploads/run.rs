//! Looking at what an upload would do, and importing it: in the background, one at a time, and
//! stopped when somebody asks for it. Both are the same import; a look writes nothing.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use attain_facts::import::{self, Delivery, ImportError, ImportReport, Imported, Progress, Prospect};
use attain_facts::mapping::Mapping;
use jiff::Timestamp;
use tokio::sync::watch;

use super::upload::{Upload, UploadId};
use crate::data::mappings::store::keep;
use crate::data::past::Past;
use crate::integrity::raising;
use crate::web::App;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Finding out what would happen.
    Look,
    /// Importing.
    Import,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    /// What is being done, in words.
    pub(super) words: String,
    /// The part of a file that was read, from 0 to 1, while one is read.
    pub(super) share: Option<f64>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// It was looked at or imported.
    Done {
        /// What happened, or would.
        imported: Arc<Imported>,
        /// What would become of past numbers; only of what is looked at, and only where there are some.
        past: Option<Arc<Past>>,
    },
    /// It was not, and nothing was imported.
    Failed {
        /// Why.
        problem: String,
        /// What became of every row, if so many were rejected that nothing was imported.
        report: Option<Box<ImportReport>>,
    },
}

/// Something that runs, or ran.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) kind: Kind,
    /// The text it reads the files by.
    pub(super) mapping_sha256: String,
    step: Mutex<Step>,
    stop: AtomicBool,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Run {
    fn new(kind: Kind, mapping: &Mapping) -> Run {
        let step = Step { words: "Starting".to_owned(), share: None };
        Run {
            kind,
            mapping_sha256: mapping.sha256(),
            step: Mutex::new(step),
            stop: AtomicBool::new(false),
            outcome: watch::Sender::new(None),
        }
    }

    /// How far it is.
    pub(super) fn step(&self) -> Step {
        self.step.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came of it, once it has ended.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    /// Asks it to end.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Waits until it has ended: what came of it.
    pub(super) async fn ended(&self) -> Outcome {
        let mut outcome = self.outcome.subscribe();
        let ended = outcome.wait_for(Option::is_some).await;
        let outcome = ended.ok().and_then(|outcome| outcome.clone());
        outcome.expect("the sender lives as long as the run, which has ended with an outcome")
    }

    /// Waits until it has ended, but no longer than that.
    pub(super) async fn ended_within(&self, time: Duration) {
        // Either way the page shows how far it is.
        let _ = tokio::time::timeout(time, self.ended()).await;
    }

    /// What is being done, where there is no telling how far it is.
    fn says(&self, words: &str) {
        let step = Step { words: words.to_owned(), share: None };
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    fn watch(&self, progress: Progress<'_>) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = Step::of(progress);
        ControlFlow::Continue(())
    }
}

impl Step {
    fn of(progress: Progress<'_>) -> Step {
        let share = |bytes: u64, total: u64| (total > 0).then(|| bytes as f64 / total as f64);
        match progress {
            Progress::Meeting { file, bytes, bytes_total } => {
                Step { words: format!("Looking through {file}"), share: share(bytes, bytes_total) }
            }
            Progress::Reading { file, bytes, bytes_total } => {
                Step { words: format!("Reading {file}"), share: share(bytes, bytes_total) }
            }
            Progress::Comparing(table) => {
                Step { words: format!("Comparing {table} with what is known"), share: None }
            }
            Progress::Writing(table) => Step { words: format!("Writing {table}"), share: None },
        }
    }
}

/// Something runs already.
#[derive(Debug, thiserror::Error)]
#[error(
    "another import is under way on this server; nothing was started. Wait until it has ended, or stop it"
)]
pub(super) struct Busy;

/// What runs, and what ran last for each upload.
#[derive(Debug, Default)]
pub(super) struct Runs(Mutex<HashMap<UploadId, Arc<Run>>>);

impl Runs {
    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<UploadId, Arc<Run>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What ran last for an upload.
    pub(super) fn of(&self, id: &UploadId) -> Option<Arc<Run>> {
        self.held().get(id).cloned()
    }

    pub(super) fn is_running(&self, id: &UploadId) -> bool {
        self.of(id).is_some_and(|run| run.outcome().is_none())
    }

    pub(super) fn forget(&self, id: &UploadId) {
        self.held().remove(id);
    }

    pub(super) fn stop_all(&self) {
        self.held().values().for_each(|run| run.stop());
    }

    /// Notes a run, if nothing else runs.
    fn begin(&self, id: UploadId, run: &Arc<Run>) -> Result<(), Busy> {
        let mut held = self.held();
        if held.values().any(|run| run.outcome().is_none()) {
            return Err(Busy);
        }
        held.insert(id, Arc::clone(run));
        Ok(())
    }
}

/// Starts it in the background.
pub(super) fn start(app: &App, upload: &Upload, mapping: Mapping, kind: Kind) -> Result<Arc<Run>, Busy> {
    let run = Arc::new(Run::new(kind, &mapping));
    app.uploads().runs.begin(upload.id, &run)?;
    let (app, upload, watched) = (app.clone(), upload.clone(), Arc::clone(&run));
    let runtime = tokio::runtime::Handle::current();
    // Reading files takes a thread of its own: it does not wait, it works.
    tokio::task::spawn_blocking(move || {
        let work =
            std::panic::AssertUnwindSafe(|| runtime.block_on(deliver(&app, &upload, &mapping, &watched)));
        let outcome = std::panic::catch_unwind(work).unwrap_or_else(|_| {
            let problem = "something failed inside; nothing was imported, and the server's log has the cause";
            Outcome::Failed { problem: problem.to_owned(), report: None }
        });
        watched.outcome.send_replace(Some(outcome));
    });
    Ok(run)
}

async fn deliver(app: &App, upload: &Upload, mapping: &Mapping, run: &Run) -> Outcome {
    let (inputs, left_out) = upload.read_by(mapping);
    let rejects = app.uploads().rejects_of(Timestamp::now());
    let rejects = (run.kind == Kind::Import).then_some(rejects.as_path());
    let delivery = Delivery {
        mapping,
        inputs: &inputs,
        left_out: &left_out,
        rejects_folder: rejects,
        clock: &|| app.now(),
    };
    match taken(app, &delivery, run).await {
        Ok((imported, past)) => {
            if let Some(number) = imported.number
                && let Err(error) = upload.clone().became(number)
            {
                tracing::warn!(%error, "the files of an import could not be removed; they go with the upload");
            }
            Outcome::Done { imported: Arc::new(imported), past: past.map(Arc::new) }
        }
        Err(error) => failed(upload, error),
    }
}

async fn taken(
    app: &App,
    delivery: &Delivery<'_>,
    run: &Run,
) -> Result<(Imported, Option<Past>), ImportError> {
    let actor = app.actor();
    let mut new_salt = rand::random::<[u8; 16]>;
    let watch = |progress: Progress<'_>| run.watch(progress);
    if run.kind == Kind::Look {
        let (imported, prospect) =
            import::preview(app.store(), &actor, delivery, &mut new_salt, &watch).await?;
        return Ok((imported, past(app, run, prospect).await));
    }
    keep(app.store().records(), &actor, app.now(), delivery.mapping)
        .await
        .map_err(attain_facts::store::StoreError::from)?;
    let imported = import::import(app.store(), &actor, delivery, &mut new_salt, &watch).await?;
    run.says("Looking for patterns that somebody is to be asked about");
    raising::after_change(app).await;
    Ok((imported, None))
}

/// What would become of past numbers. A look is worth having without them.
async fn past(app: &App, run: &Run, prospect: Option<Prospect>) -> Option<Past> {
    let prospect = prospect?;
    run.says("Comparing numbers of periods that are over");
    let past = Past::of_prospect(&prospect, app.definitions(), &app.actor(), app.now()).await;
    past.inspect_err(|error| tracing::error!(%error, "past numbers could not be compared")).ok()
}

fn failed(upload: &Upload, error: ImportError) -> Outcome {
    let problem = match &error {
        ImportError::Busy(_) => Busy.to_string(),
        error => upload.without_path(&error.to_string()),
    };
    let report = match error {
        ImportError::TooManyRejects { report, .. } => Some(report),
        _ => None,
    };
    Outcome::Failed { problem, report }
}

/// The files that a mapping reads, for a refusal before anything runs.
pub(super) fn reads_nothing(upload: &Upload, mapping: &Mapping) -> Option<String> {
    let (inputs, _): (Vec<PathBuf>, _) = upload.read_by(mapping);
    inputs.is_empty().then(|| {
        format!(
            "the mapping reads none of the files that were sent; it names: {}",
            mapping.file_names().join(", ")
        )
    })
}
