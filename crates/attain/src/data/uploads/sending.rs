//! The first step: choosing files and sending them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::proposal;
use super::receiving::{ReceiveError, Received, receive};
use super::upload::{Draft, Upload};
use crate::data::mappings::store::{self, Version};
use crate::web::App;
use crate::web::extract::{Multipart, Query};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// What the next upload is to be read by.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    /// The mapping of this import.
    mapping_of: Option<i64>,
}

pub(super) async fn new(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    Ok(shown(&app, wanted.mapping_of, None).await)
}

/// The page, with what was wrong with what was sent.
async fn shown(app: &App, mapping_of: Option<i64>, problem: Option<&str>) -> Markup {
    let asker = app.asker().await.ok();
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li aria-current="page" { "Import files" } } }
            h1 { "Import files" }
            p.finding { b { "Nothing is imported before you have seen what would happen." } " Send the files of one delivery as your systems export them." }
        }
        @if let Some(problem) = problem { div.notice role="alert" { p { b { "Nothing was sent. " } (sentence(problem)) } } }
        form.editor.upload method="post" action="/data/uploads" enctype="multipart/form-data" {
            @if let Some(number) = mapping_of {
                input type="hidden" name="mapping_of" value=(number);
                p { "They are read by the mapping of " a href=(format!("/data/imports/{number}")) { "import " (number) } ". Corrected rejects files go in like this too." }
            }
            div.drop {
                label for="files" { "Choose files, or drop them here" }
                input id="files" type="file" name="files" multiple required aria-describedby="files-help";
                p.small.quiet id="files-help" { "CSV and other text, Excel, OpenDocument, JSON lines, Parquet; packed or not; several files or one zip archive, at most " (limit(app.uploads().limit_bytes)) "." }
            }
            p.actions { button.button.primary type="submit" { "Send the files" } a.button.plain href="/data/imports" { "Leave it" } }
        }
    };
    page(&Page {
        app,
        title: "Import files",
        place: Some(Place::Data),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    })
}

fn limit(bytes: u64) -> String {
    if bytes >= 1 << 30 && bytes.is_multiple_of(1 << 30) {
        format!("{} GiB", bytes >> 30)
    } else {
        format!("{} MiB", bytes >> 20)
    }
}

/// A refusal with a capital and a full stop.
pub(super) fn sentence(problem: &str) -> String {
    let mut letters = problem.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

pub(super) async fn sent(app: App, sent: Multipart) -> Result<Response, PageError> {
    let received = match receive(app.uploads(), sent).await {
        Ok(received) => received,
        Err(error) => {
            let page = shown(&app, None, Some(&error.to_string())).await;
            return Ok((error.status(), page).into_response());
        }
    };
    let wanted = received.texts.get("mapping_of").and_then(|number| number.parse().ok());
    let upload = arrived(&app, received, wanted).await?;
    Ok(Redirect::to(&format!("/data/uploads/{}", upload.id)).into_response())
}

/// Begins the draft of what was received: by the mapping of an import, by a saved one that fits, or by
/// a proposal.
async fn arrived(app: &App, received: Received, mapping_of: Option<i64>) -> Result<Upload, PageError> {
    let import = match mapping_of {
        Some(number) => app.store().import(&app.actor(), number).await?,
        None => None,
    };
    let draft = Draft {
        actor: app.actor().to_string(),
        mapping: import.as_ref().map(|import| import.mapping.clone()).unwrap_or_default(),
        form: None,
        origin: import.map(|import| format!("the mapping of import {}", import.number)),
        imported: None,
    };
    let id = received.id;
    let mut upload = Upload::arrived(id, &received.keep(), draft).map_err(unsaved)?;
    if upload.draft.mapping.is_empty() && !choose_saved(app, &mut upload).await? {
        upload.draft.form = Some(proposal::begin(app).await?);
    }
    upload.save().map_err(unsaved)?;
    Ok(upload)
}

/// Takes the saved mapping that was written for these files, if there is one.
async fn choose_saved(app: &App, upload: &mut Upload) -> Result<bool, PageError> {
    for saved in store::newest(app.store().records(), &app.actor()).await? {
        upload.draft.mapping = saved.text.clone();
        let files = upload.files();
        if upload.mapping().is_ok_and(|mapping| mapping.fits(&files)) {
            let Version { source, version, .. } = saved;
            upload.draft.origin = Some(format!("the saved mapping of {source}, version {version}"));
            return Ok(true);
        }
    }
    upload.draft.mapping = String::new();
    Ok(false)
}

/// What was decided could not be written.
pub(super) fn unsaved(error: std::io::Error) -> PageError {
    PageError::Internal(format!("an upload could not be saved: {error}"))
}

impl ReceiveError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            ReceiveError::TooLarge { .. } | ReceiveError::LongText(_) => StatusCode::PAYLOAD_TOO_LARGE,
            ReceiveError::Io(_) => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}
