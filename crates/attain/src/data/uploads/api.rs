//! Data pushed by programs: the same way as in the browser, in one request.

use attain_facts::import::ImportReport;
use attain_facts::mapping::{Mapping, MappingError};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::receiving::{ReceiveError, receive};
use super::run::{Busy, Kind, Outcome, Run, reads_nothing, start};
use super::sending::{sentence, unsaved};
use super::upload::{Draft, Upload};
use crate::data::mappings::store;
use crate::data::past::api::PastOut;
use crate::data::sample::SampleOut;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Multipart, Path, Query};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let writes = Rule::May(Act::Write, Object::Imports);
    Routes::new()
        .api_of_any_size(writes, routes!(push))
        .api(writes, routes!(state))
        .api(writes, routes!(stop))
}

/// What is sent, as `multipart/form-data`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes a form that is read as a stream")]
struct ImportIn {
    /// The text of a mapping, or the source of a saved one, whose newest version is taken.
    mapping: String,
    /// The files, each with its name; or one zip archive.
    #[schema(format = Binary)]
    files: Vec<String>,
}

/// How it is to be taken.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PushQuery {
    /// Only says what would happen, and keeps nothing
    #[serde(default)]
    preview: bool,
}

/// How far what was pushed is.
#[derive(Serialize, ToSchema)]
struct StateOut {
    /// Its name.
    id: String,
    /// waiting, looking, importing, imported or failed.
    state: &'static str,
    /// What is being done, in words.
    step: Option<String>,
    /// The part of the file that was read, from 0 to 1.
    share: Option<f64>,
    /// Number of the import that it became.
    import: Option<i64>,
    /// Why nothing was imported.
    problem: Option<String>,
    /// What became of every row, if so many were rejected that nothing was imported.
    #[schema(value_type = Option<Object>)]
    report: Option<ImportReport>,
}

/// What would happen.
#[derive(Serialize, ToSchema)]
struct PreviewOut {
    /// What would become of every row.
    #[schema(value_type = Object)]
    report: ImportReport,
    /// The first rows of each table.
    samples: Vec<SampleOut>,
    /// What would become of past numbers; null where there are none yet, or nothing changes.
    past: Option<PastOut>,
}

impl StateOut {
    fn of(upload: &Upload, run: Option<&Run>) -> StateOut {
        let out = StateOut {
            id: upload.id.to_string(),
            state: "waiting",
            step: None,
            share: None,
            import: upload.draft.imported,
            problem: None,
            report: None,
        };
        if out.import.is_some() {
            return StateOut { state: "imported", ..out };
        }
        let Some(run) = run else { return out };
        match run.outcome() {
            None => {
                let step = run.step();
                let state = if run.kind == Kind::Import { "importing" } else { "looking" };
                StateOut { state, step: Some(step.words), share: step.share, ..out }
            }
            Some(Outcome::Done { imported, .. }) => match imported.number {
                Some(number) => StateOut { state: "imported", import: Some(number), ..out },
                None => out,
            },
            Some(Outcome::Failed { problem, report }) => StateOut {
                state: "failed",
                problem: Some(sentence(&problem)),
                report: report.map(|report| *report),
                ..out
            },
        }
    }
}

impl From<ReceiveError> for PageError {
    fn from(error: ReceiveError) -> PageError {
        let message = sentence(&error.to_string());
        match error {
            ReceiveError::TooLarge { .. } | ReceiveError::LongText(_) => PageError::TooLarge(message),
            ReceiveError::Io(_) => PageError::Internal(message),
            _ => PageError::Invalid { field: "files".into(), message },
        }
    }
}

impl From<Busy> for PageError {
    fn from(busy: Busy) -> PageError {
        PageError::Refused(sentence(&busy.to_string()))
    }
}

fn wrong_mapping(error: &MappingError) -> PageError {
    PageError::Invalid { field: "mapping".into(), message: format!("{error}. Nothing was kept") }
}

/// Imports files by a mapping, or only says what would happen
#[utoipa::path(post, path = "/api/v1/imports", params(PushQuery), request_body(content = ImportIn, content_type = "multipart/form-data"), responses((status = 200, body = PreviewOut, description = "Looked at, with preview"), (status = 202, body = StateOut, description = "Begun; its Location says how far it is"), (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
async fn push(app: App, Query(query): Query<PushQuery>, sent: Multipart) -> Result<Response, PageError> {
    let actor = app.actor();
    let received = receive(app.uploads(), sent).await?;
    let given = received.texts.get("mapping").cloned().unwrap_or_default();
    let mapping = mapping_text(&app, given).await?;
    let draft = Draft { actor: actor.to_string(), mapping, form: None, origin: None, imported: None };
    let upload = Upload::arrived(received.id, &received.keep(), draft).map_err(unsaved)?;
    let answer = begin(&app, &upload, query.preview).await;
    if query.preview || answer.is_err() {
        app.uploads().runs.forget(&upload.id);
        upload.remove().map_err(unsaved)?;
    }
    answer
}

/// The text of a mapping, or of the saved one of that source.
async fn mapping_text(app: &App, given: String) -> Result<String, PageError> {
    if given.trim().is_empty() {
        let message = "Send a mapping: its text, or the source of a saved one, in the field `mapping`. Nothing was kept.";
        return Err(PageError::Invalid { field: "mapping".into(), message: message.to_owned() });
    }
    let saved = store::newest(app.store().records(), &app.actor()).await?;
    let named = saved.into_iter().find(|saved| saved.source == given.trim());
    Ok(named.map_or(given, |saved| saved.text))
}

async fn begin(app: &App, upload: &Upload, preview: bool) -> Result<Response, PageError> {
    let mapping: Mapping = upload.mapping().map_err(|error| wrong_mapping(&error))?;
    if let Some(problem) = reads_nothing(upload, &mapping) {
        return Err(PageError::Invalid { field: "files".into(), message: sentence(&problem) });
    }
    if !preview {
        let run = start(app, upload, mapping, Kind::Import)?;
        let place = [(header::LOCATION, format!("/api/v1/uploads/{}", upload.id))];
        return Ok((StatusCode::ACCEPTED, place, Json(StateOut::of(upload, Some(&run)))).into_response());
    }
    let run = start(app, upload, mapping, Kind::Look)?;
    match run.ended().await {
        Outcome::Done { imported, past } => {
            let samples = imported.samples.iter().map(SampleOut::from).collect();
            let past = past.as_deref().map(PastOut::from);
            Ok(Json(PreviewOut { report: imported.report.clone(), samples, past }).into_response())
        }
        Outcome::Failed { problem, .. } => {
            Err(PageError::Invalid { field: "files".into(), message: sentence(&problem) })
        }
    }
}

fn opened(app: &App, id: &str) -> Result<Upload, PageError> {
    super::mapping::opened(app, id)
}

/// How far what was pushed is
#[utoipa::path(get, path = "/api/v1/uploads/{id}", params(("id" = String, Path, description = "Its name")), responses((status = 200, body = StateOut), (status = 404, body = Problem)))]
async fn state(app: App, Path(id): Path<String>) -> Result<Json<StateOut>, PageError> {
    let upload = opened(&app, &id)?;
    let run = app.uploads().runs.of(&upload.id);
    Ok(Json(StateOut::of(&upload, run.as_deref())))
}

/// Stops it, unless it is imported already, and removes what was sent
#[utoipa::path(delete, path = "/api/v1/uploads/{id}", params(("id" = String, Path, description = "Its name")), responses((status = 204, description = "Nothing of it is left"), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn stop(app: App, Path(id): Path<String>) -> Result<StatusCode, PageError> {
    super::mapping::removed(&app, opened(&app, &id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
