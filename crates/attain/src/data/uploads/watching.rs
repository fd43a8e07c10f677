//! Looking on: how far a look or an import is, what came of it, and the ways to begin and end it.

use std::sync::Arc;
use std::time::Duration;

use attain_facts::import::ImportReport;
use attain_metrics::Asker;
use axum::http::HeaderName;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::mapping::opened;
use super::preview;
use super::run::{Kind, Outcome, Run, start};
use super::sending::sentence;
use super::upload::Upload;
use crate::data::past::Past;
use crate::data::past::files::{deals_file, numbers_file};
use crate::data::report::rejected_rows;
use crate::web::App;
use crate::web::components::with_code;
use crate::web::extract::{Form, Path};
use crate::web::format::places;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// How long a request waits for the end before it shows how far things are.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits a moment for a run to end: the address that shows it.
pub(super) async fn shown_within(upload: &Upload, run: &Run) -> String {
    run.ended_within(PATIENCE).await;
    format!("/data/uploads/{}/run", upload.id)
}

pub(super) async fn shown(app: App, Path(id): Path<String>) -> Result<Response, PageError> {
    let upload = opened(&app, &id)?;
    if let Some(number) = upload.draft.imported {
        return Ok(Redirect::to(&format!("/data/imports/{number}")).into_response());
    }
    let back = || Redirect::to(&format!("/data/uploads/{id}")).into_response();
    let Some(run) = app.uploads().runs.of(&upload.id) else { return Ok(back()) };
    let asker = app.asker().await.ok();
    let asker = asker.as_deref();
    Ok(match run.outcome() {
        None => ([asks_again(&id)], progress(&app, asker, &upload, &run)).into_response(),
        Some(Outcome::Failed { problem, report }) => {
            failed(&app, asker, &upload, run.kind, &problem, report.as_deref()).into_response()
        }
        Some(Outcome::Done { imported, past }) => match (imported.number, upload.mapping()) {
            (Some(number), _) => Redirect::to(&format!("/data/imports/{number}")).into_response(),
            (None, Ok(mapping)) if mapping.sha256() == run.mapping_sha256 => {
                preview::shown(&app, asker, &upload, &mapping, &imported, past.as_deref()).into_response()
            }
            // Another text was written since: what was looked at is not what would be imported.
            (None, _) => back(),
        },
    })
}

/// The past of a look that has ended.
fn looked_at(app: &App, id: &str) -> Result<Arc<Past>, PageError> {
    let upload = opened(app, id)?;
    match app.uploads().runs.of(&upload.id).and_then(|run| run.outcome()) {
        Some(Outcome::Done { past: Some(past), .. }) => Ok(past),
        _ => Err(PageError::NotFound),
    }
}

/// Closed deals that would change hands, as a file.
pub(super) async fn deals(app: App, Path(id): Path<String>) -> Result<Response, PageError> {
    deals_file(&*looked_at(&app, &id)?, "preview-deals")
}

/// Numbers that would move, as a file.
pub(super) async fn numbers(app: App, Path(id): Path<String>) -> Result<Response, PageError> {
    numbers_file(&*looked_at(&app, &id)?, "preview-numbers")
}

/// The page asks again by itself: it has no script. The address is written out, for one with a
/// fragment would only be scrolled to.
fn asks_again(id: &str) -> (HeaderName, String) {
    (HeaderName::from_static("refresh"), format!("2; url=/data/uploads/{id}/run"))
}

/// What the preview sends.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    /// The mapping whose effect was looked at.
    seen: String,
}

/// Imports what was looked at.
pub(super) async fn import(
    app: App,
    Path(id): Path<String>,
    Form(Seen { seen }): Form<Seen>,
) -> Result<Redirect, PageError> {
    let upload = opened(&app, &id)?;
    if let Some(number) = upload.draft.imported {
        return Ok(Redirect::to(&format!("/data/imports/{number}")));
    }
    let mapping = upload.mapping().map_err(|error| PageError::Refused(error.to_string()))?;
    if mapping.sha256() != seen {
        let problem = "The mapping is another one than you looked at; nothing was imported. Look at what would happen again.";
        return Err(PageError::Refused(problem.to_owned()));
    }
    let run = start(&app, &upload, mapping, Kind::Import)
        .map_err(|busy| PageError::Refused(sentence(&busy.to_string())))?;
    Ok(Redirect::to(&shown_within(&upload, &run).await))
}

/// Asks a run to end.
pub(super) async fn stop(app: App, Path(id): Path<String>) -> Result<Redirect, PageError> {
    let upload = opened(&app, &id)?;
    let address = format!("/data/uploads/{id}/run");
    if let Some(run) = app.uploads().runs.of(&upload.id) {
        run.stop();
        run.ended_within(PATIENCE).await;
    }
    Ok(Redirect::to(&address))
}

fn framed(app: &App, asker: Option<&Asker>, title: &str, main: Markup) -> Markup {
    page(&Page { app, title, place: Some(Place::Data), period: None, asker, main, sheet: None })
}

fn crumbs(upload: &Upload, here: &str) -> Markup {
    html! {
        nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li { a href=(format!("/data/uploads/{}", upload.id)) { "Columns" } } li aria-current="page" { (here) } } }
    }
}

fn progress(app: &App, asker: Option<&Asker>, upload: &Upload, run: &Arc<Run>) -> Markup {
    let step = run.step();
    let title = match run.kind {
        Kind::Look => "Looking at what would happen",
        Kind::Import => "Importing",
    };
    let main = html! {
        div.head {
            (crumbs(upload, title))
            h1 { (title) }
            p.finding { "Nothing is imported before all of it is." }
        }
        section.progress aria-label="Progress" aria-live="polite" {
            label for="share" { (step.words) @if let Some(share) = step.share { ", " (percent(share)) " %" } }
            @match step.share {
                Some(share) => progress id="share" max="1" value=(share) {},
                None => progress id="share" {},
            }
        }
        form method="post" action=(format!("/data/uploads/{}/run/stop", upload.id)) {
            p.actions { button.button type="submit" { "Stop" } a.button.plain href=(format!("/data/uploads/{}/run", upload.id)) { "Show how far it is" } }
        }
    };
    framed(app, asker, title, main)
}

fn percent(share: f64) -> String {
    places(rust_decimal::Decimal::try_from(share * 100.0).unwrap_or_default(), 0)
}

fn failed(
    app: &App,
    asker: Option<&Asker>,
    upload: &Upload,
    kind: Kind,
    problem: &str,
    report: Option<&ImportReport>,
) -> Markup {
    let title = match kind {
        Kind::Look => "This would not be imported",
        Kind::Import => "Nothing was imported",
    };
    let address = format!("/data/uploads/{}", upload.id);
    let main = html! {
        div.head {
            (crumbs(upload, title))
            h1 { (title) }
            p.finding role="alert" { (with_code(&sentence(problem))) }
        }
        p.actions { a.button.primary href=(address) { "Change the mapping" } a.button.plain href="/data/imports/new" { "Send other files" } }
        @if let Some(report) = report { (rejected_rows(report)) }
    };
    framed(app, asker, title, main)
}

/// The preview in its frame.
pub(super) fn preview_page(
    app: &App,
    asker: Option<&Asker>,
    upload: &Upload,
    finding: &Markup,
    main: &Markup,
) -> Markup {
    let title = "What would happen";
    let main = html! {
        div.head {
            (crumbs(upload, title))
            h1 { (title) }
            p.finding { (finding) }
        }
        (main)
    };
    framed(app, asker, title, main)
}
