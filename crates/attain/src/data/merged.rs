//! *Merged*: who and what of the sources is one and the same, since when and in whose name; merging
//! and taking apart.

use attain_facts::canonical::Table;
use attain_facts::merge::{Entity, Merge, MergeError, entities, merge};
use attain_facts::store::{ImportRecord, MergedIdentity, StoreError};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;

use super::undo::sentence;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Form, Query};
use crate::web::format::instant;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Tables whose rows can be merged, and what a row is called.
pub(super) const MERGEABLE: [(Table, &str); 5] = [
    (Table::Employee, "person"),
    (Table::Team, "team"),
    (Table::Territory, "territory"),
    (Table::Account, "account"),
    (Table::Product, "product"),
];

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    table: String,
    #[serde(default)]
    one: String,
    /// Empty to take a merge apart.
    #[serde(default)]
    into: String,
    #[serde(default)]
    reason: String,
}

/// A merge that holds.
pub(super) struct Holding {
    pub(super) merged: MergedIdentity,
    pub(super) into: String,
    /// Where it stands in the history.
    pub(super) import: ImportRecord,
}

/// The merges that hold, newest first.
pub(super) async fn holding(app: &App) -> Result<Vec<Holding>, PageError> {
    let actor = app.actor();
    let Some(snapshot) = app.store().newest(&actor).await? else { return Ok(Vec::new()) };
    let mut merges = app.store().merges(&actor).await?;
    merges.reverse();
    let mut holding: Vec<Holding> = Vec::new();
    for import in merges {
        let Some(merged) = import.merged.clone() else { continue };
        let Some(into) = snapshot.redirects().merged_into(&merged.id).map(str::to_owned) else { continue };
        if merged.into.is_some() && !holding.iter().any(|known| known.merged.id == merged.id) {
            holding.push(Holding { merged, into, import });
        }
    }
    Ok(holding)
}

/// Merges what a form or a program names, or takes it apart. Returns its number in the history.
pub(super) async fn merge_named(
    app: &App,
    table: &str,
    [one, into]: [&str; 2],
    reason: &str,
) -> Result<i64, PageError> {
    let actor = app.actor();
    let unknown = || PageError::Invalid {
        field: "table".into(),
        message: format!(
            "There is no table `{table}`; employee, team, territory, account and product are merged."
        ),
    };
    let table = Table::from_name(table).ok_or_else(unknown)?;
    let into = Some(into.trim()).filter(|into| !into.is_empty());
    let wanted = Merge { table, one, into, reason, now: app.now() };
    let (number, _) = merge(app.store(), &actor, &wanted).await?;
    Ok(number)
}

pub(super) async fn list(app: App, Query(fields): Query<Fields>) -> Result<Markup, PageError> {
    shown(&app, &fields, None).await
}

/// Does what the form says, or shows it again with what stands against it.
pub(super) async fn submitted(app: App, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let done = merge_named(&app, &fields.table, [&fields.one, &fields.into], &fields.reason).await;
    match done {
        Ok(_) => Ok(Redirect::to("/data/merged").into_response()),
        Err(PageError::Refused(problem)) => Ok(shown(&app, &fields, Some(problem)).await?.into_response()),
        Err(other) => Err(other),
    }
}

async fn shown(app: &App, fields: &Fields, problem: Option<String>) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let holding = holding(app).await?;
    let names = names(app, &holding).await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li aria-current="page" { "Merged" } } }
            h1 { "Merged" }
            p.finding { "Who and what is one and the same, though the sources name it twice. No row changes: numbers count both as one from the merge on, and as of before they do not." }
        }
        @if let Some(problem) = problem { div.notice role="alert" { p { b { "Nothing was merged or taken apart." } " " (problem) } } }
        @if holding.is_empty() {
            p { "Nothing is merged." }
        } @else {
            (table(&holding, &names, &asker.company().time_zone, app.may(Act::Write, Object::Imports)))
        }
        @if app.may(Act::Write, Object::Imports) { (form(fields)) }
    };
    Ok(page(&Page {
        app,
        title: "Merged",
        place: Some(Place::Data),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// The entities of the tables that have merges.
async fn names(app: &App, holding: &[Holding]) -> Result<Vec<Entity>, PageError> {
    let Some(snapshot) = app.store().newest(&app.actor()).await? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for (table, _) in MERGEABLE {
        if holding.iter().any(|known| known.merged.table == table) {
            all.extend(entities(app.store(), &snapshot, table).await?);
        }
    }
    Ok(all)
}

fn table(holding: &[Holding], names: &[Entity], time_zone: &TimeZone, may_change: bool) -> Markup {
    let called = |id: &str| {
        let entity = names.iter().find(|entity| entity.id == id);
        html! {
            (entity.and_then(|entity| entity.name.as_deref()).unwrap_or("–"))
            small { (id) @if let Some(entity) = entity { ", " (entity.source_id) " of " (entity.source_system) } }
        }
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Merged" {
            table.table {
                caption.unseen { "What is merged, newest first" }
                thead { tr { th scope="col" { "What" } th scope="col" { "Merged" } th scope="col" { "Into" } th scope="col" { "When" } th scope="col" { "By" } th scope="col" { "Why" } @if may_change { th scope="col" { span.unseen { "Take apart" } } } } }
                tbody {
                    @for known in holding {
                        @let id = &known.merged.id;
                        tr {
                            td { (known.merged.table) }
                            th scope="row" { (called(id)) }
                            td { (called(&known.into)) }
                            td.nowrap { a href=(format!("/data/imports/{}", known.import.number)) { (instant(known.import.finished_at, time_zone)) } }
                            td { (known.import.actor) }
                            td { @if known.import.reason.is_empty() { "–" } @else { (known.import.reason) } }
                            @if may_change {
                                td {
                                    form method="post" action="/data/merged" {
                                        input type="hidden" name="table" value=(known.merged.table.name());
                                        input type="hidden" name="one" value=(id);
                                        button.button type="submit" aria-label=(format!("Take {id} apart from {}", known.into)) { "Take apart" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(fields: &Fields) -> Markup {
    let line = |name: &str, words: &str, value: &str, required: bool| {
        html! { div.field { label for=(name) { (words) } input id=(name) type="text" name=(name) value=(value) required[required]; } }
    };
    html! {
        form.editor method="post" action="/data/merged" {
            h2 { "Merge two" }
            p.small.quiet { "Name each by its id in Attain, its key in the source, or its name." }
            div.fields {
                div.field { label for="table" { "What they are" }
                    select id="table" name="table" { @for (table, words) in MERGEABLE { option value=(table.name()) selected[fields.table == table.name()] { (words) } } }
                }
                (line("one", "This one", &fields.one, true))
                (line("into", "is the same as, and becomes part of", &fields.into, true))
                (line("reason", "Why, for whoever reads the history", &fields.reason, false))
            }
            p.actions { button.button.primary type="submit" { "Merge" } }
        }
    }
}

impl From<MergeError> for PageError {
    fn from(error: MergeError) -> PageError {
        match error {
            MergeError::Reason => PageError::Invalid { field: "reason".into(), message: error.to_string() },
            MergeError::NothingImported => PageError::NothingImported,
            MergeError::Store(StoreError::Overtaken) => PageError::Refused(sentence(&error.to_string())),
            MergeError::Store(_) => PageError::Internal(error.to_string()),
            _ => PageError::Refused(sentence(&error.to_string())),
        }
    }
}
