//! Undoing an import in the browser: what it would change is shown first, and done when that is
//! confirmed. What stands against it is shown instead, with what to do.

use attain_facts::import::{self, Imported, TableReport, Undo, UndoError};
use attain_facts::store::{ImportRecord, StoreError};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::past::Past;
use super::past::page::section;
use crate::integrity::raising;
use crate::people::names::Names;
use crate::web::App;
use crate::web::extract::{Form, Path};
use crate::web::format::{instant, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// What the confirmation sends.
#[derive(Deserialize)]
pub(super) struct Confirmation {
    #[serde(default)]
    reason: String,
}

/// Undoes an import.
pub(super) async fn undo_import(app: &App, import: i64, reason: &str) -> Result<Imported, UndoError> {
    let clock = || app.now();
    let wanted = Undo { import, reason, clock: &clock };
    let undone = import::undo(app.store(), &app.actor(), &wanted, &|_| {}).await?;
    raising::after_change(app).await;
    Ok(undone)
}

/// What undoing it would change, past numbers included.
async fn previewed(app: &App, import: i64) -> Result<(Imported, Option<Past>), PageError> {
    let clock = || app.now();
    let wanted = Undo { import, reason: "", clock: &clock };
    let (preview, prospect) = import::preview_undo(app.store(), &app.actor(), &wanted, &|_| {}).await?;
    let Some(prospect) = prospect else { return Ok((preview, None)) };
    let past = Past::of_prospect(&prospect, app.definitions(), &app.actor(), app.now()).await?;
    Ok((preview, Some(past)))
}

/// What would be undone, to be confirmed.
pub(super) async fn confirm(app: App, Path(number): Path<i64>) -> Result<Markup, PageError> {
    let import = changeable(&app, number).await?;
    let outcome = match previewed(&app, number).await {
        Ok((preview, past)) => html! { (question(&import, &preview, past.as_ref())) },
        Err(PageError::Refused(problem)) => html! {
            div.notice role="alert" { p { b { "It cannot be undone as things are." } " " (problem) } }
            p.actions { a.button href=(format!("/data/imports/{number}")) { "Back to import " (number) } }
        },
        Err(other) => return Err(other),
    };
    let asker = app.asker().await?;
    let time_zone = &asker.company().time_zone;
    let names = Names::read(&app).await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li { a href=(format!("/data/imports/{number}")) { "Import " (number) } } li aria-current="page" { "Undo" } } }
            div.head-line { h1 { "Undo import " (number) } span.meta { (instant(import.finished_at, time_zone)) " by " (names.who(&import.actor)) ", source " (import.source_system) } }
            p.finding { "An undo is an import of its own: what was known until now stays known as of then, and signed numbers still verify." }
        }
        (outcome)
    };
    let title = format!("Undo import {number}");
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Data),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// Undoes what was confirmed.
pub(super) async fn confirmed(
    app: App,
    Path(number): Path<i64>,
    Form(confirmation): Form<Confirmation>,
) -> Result<Redirect, PageError> {
    changeable(&app, number).await?;
    let undone = undo_import(&app, number, &confirmation.reason).await?;
    Ok(Redirect::to(&format!("/data/imports/{}", undone.number.unwrap_or(number))))
}

/// The import, for those who may change facts; to others there is nothing.
pub(super) async fn changeable(app: &App, number: i64) -> Result<ImportRecord, PageError> {
    let actor = app.actor();
    app.store().import(&actor, number).await?.ok_or(PageError::NotFound)
}

fn question(import: &ImportRecord, preview: &Imported, past: Option<&Past>) -> Markup {
    let number = import.number;
    html! {
        section aria-labelledby="effect-title" {
            div.section-head { h2 id="effect-title" { "What would change" } }
            @if preview.report.changes() == 0 {
                p { "No row changes: the import brought nothing that was not known. The days it covers and what it supplied no longer count." }
            } @else {
                (changes(&preview.report.tables))
            }
        }
        @if let Some(past) = past { (section(past, None)) }
        form.editor method="post" action=(format!("/data/imports/{number}/undo")) {
            div.fields {
                div.field { label for="reason" { "Why, for whoever reads the history" } input id="reason" type="text" name="reason" placeholder="the wrong file"; }
            }
            p.actions {
                button.button.primary type="submit" { "Undo import " (number) ": " (whole(preview.report.changes().into())) " changes" }
                a.button.plain href=(format!("/data/imports/{number}")) { "Leave it" }
            }
        }
    }
}

/// What an undo does to each table.
pub(super) fn changes(tables: &[TableReport]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Tables" {
            table.table {
                caption.unseen { "Rows that go, are as before, and are back, per table" }
                thead { tr { th scope="col" { "Table" } th.num scope="col" { "Gone" } th.num scope="col" { "As before" } th.num scope="col" { "Back" } } }
                tbody {
                    @for table in tables {
                        tr { th scope="row" { (table.table) } td.num { (whole(table.deleted.into())) } td.num { (whole(table.changed.into())) } td.num { (whole(table.created.into())) } }
                    }
                }
            }
        }
    }
}

impl From<UndoError> for PageError {
    fn from(error: UndoError) -> PageError {
        match error {
            UndoError::Unknown(_) => PageError::NotFound,
            UndoError::Reason => PageError::Invalid { field: "reason".into(), message: error.to_string() },
            UndoError::Undone { .. }
            | UndoError::IsUndo { .. }
            | UndoError::IsMerge { .. }
            | UndoError::IsRestatement(_)
            | UndoError::BuiltOn { .. }
            | UndoError::Busy(_)
            | UndoError::Store(StoreError::Overtaken) => PageError::Refused(sentence(&error.to_string())),
            UndoError::Unconfirmed(_) | UndoError::Store(_) => PageError::Internal(error.to_string()),
        }
    }
}

/// A message as a sentence of a page.
pub(super) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
