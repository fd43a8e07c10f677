//! Changing the organisation by hand: from a day on, whom somebody reports to and which region is theirs.
//!
//! A change is a delivery like any other, of a source of its own: it stands in the history of imports and
//! can be undone there. It holds from today or later, so that no past number moves; corrections of the past
//! come as files, which are previewed. What a source delivers later for a later day comes before it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use attain_facts::import::{self, BY_HAND, Delivery, ImportError, Imported, Progress};
use attain_facts::mapping::Mapping;
use attain_metrics::{Asker, Level, Subject};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::directory;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Form;
use crate::web::problem::PageError;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Sent {
    person: String,
    #[serde(default)]
    manager: String,
    #[serde(default)]
    region: String,
    from: String,
}

/// What is to change: ids and a day.
struct Change {
    person: String,
    manager: Option<String>,
    region: Option<String>,
    from: Date,
}

pub(super) async fn changed(app: App, Form(sent): Form<Sent>) -> Result<Response, PageError> {
    let asker = app.asker().await?;
    let done = match change(&asker, &sent) {
        Ok(change) => deliver(&app, &asker, &change).await?,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(number) if app.may(Act::Read, Object::Imports) => {
            Ok(Redirect::to(&format!("/data/imports/{number}")).into_response())
        }
        Ok(_) => Ok(Redirect::to(&format!("/people?on={}", sent.from.trim())).into_response()),
        Err(problem) => {
            let again = directory::saying(&app, &asker, &sent, &problem)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

/// What is to change, or why it cannot.
fn change(asker: &Asker, sent: &Sent) -> Result<Change, String> {
    let today = asker.as_of().asked_on;
    let person = named(asker, Level::Rep, &sent.person)?;
    let from: Date = sent
        .from
        .trim()
        .parse()
        .map_err(|_| format!("`{}` is no date; write it like 2026-03-31.", sent.from))?;
    if from < today {
        return Err("By hand the organisation changes from today or a later day on. Corrections of the past come as files, whose effect on past numbers is shown first.".to_owned());
    }
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let manager = given(&sent.manager).map(|manager| named(asker, Level::Rep, &manager)).transpose()?;
    let region = given(&sent.region).map(|region| named(asker, Level::Region, &region)).transpose()?;
    if let Some(manager) = &manager {
        if *manager == person {
            return Err("Nobody reports to themselves.".to_owned());
        }
        if asker.organisation().lines_on(from).below(&person).contains(manager.as_str()) {
            return Err("That would lead in a circle: the manager reports to this person, directly or through others.".to_owned());
        }
    }
    if manager.is_none() && region.is_none() {
        return Err("Say whom they report to or which region is theirs; nothing was changed.".to_owned());
    }
    Ok(Change { person, manager, region, from })
}

fn named(asker: &Asker, level: Level, text: &str) -> Result<String, String> {
    match asker.organisation().find(level, text.trim()).as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(format!("There is nobody and nothing called `{}`.", text.trim())),
        _ => Err(format!("There are several called `{}`; give the identifier.", text.trim())),
    }
}

/// Brings the change in. Returns its number among the imports, or why it was not taken.
async fn deliver(app: &App, asker: &Asker, change: &Change) -> Result<Result<i64, String>, PageError> {
    let internal = |error: &dyn std::fmt::Display| PageError::Internal(format!("{error:#}"));
    let folder = tempfile::tempdir().map_err(|error| internal(&error))?;
    let (mapping, inputs) = written(folder.path(), asker, change).map_err(|error| internal(&error))?;
    let (app, runtime) = (app.clone(), Handle::current());
    // Reading files takes a thread of its own: it does not wait, it works.
    let imported = spawn_blocking(move || runtime.block_on(import(&app, &mapping, &inputs))).await;
    match imported.map_err(|error| internal(&error))? {
        Ok(imported) => Ok(Ok(imported.number.unwrap_or_default())),
        Err(ImportError::Store(error)) => Err(error.into()),
        Err(refused) => Ok(Err(format!("{refused}."))),
    }
}

async fn import(app: &App, mapping: &Mapping, inputs: &[PathBuf]) -> Result<Imported, ImportError> {
    let rejects = app.uploads().rejects_of(Timestamp::now());
    let delivery =
        Delivery { mapping, inputs, left_out: &[], rejects_folder: Some(&rejects), clock: &|| app.now() };
    let mut new_salt = rand::random::<[u8; 16]>;
    let watch = |_: Progress<'_>| ControlFlow::Continue(());
    import::import(app.store(), &app.actor(), &delivery, &mut new_salt, &watch).await
}

/// The change as files with their mapping. The company is the one there is. What was entered before about
/// the same person is written again, each ending where the next begins: rows of one source must not
/// overlap.
fn written(folder: &Path, asker: &Asker, change: &Change) -> anyhow::Result<(Mapping, Vec<PathBuf>)> {
    let mut text = format!("source: {BY_HAND}\n{COMPANY}files:\n");
    let mut inputs = Vec::new();
    let organisation = asker.organisation();
    let managers = organisation.managers_by_hand(&change.person);
    let regions = organisation.regions_by_hand(&change.person);
    let parts = [
        (&change.manager, managers, "managers.csv", "manager_assignment", "manager_id"),
        (&change.region, regions, "teams.csv", "team_assignment", "team_id"),
    ];
    for (to, mut entered, file, table, column) in parts {
        let Some(to) = to else { continue };
        text.push_str(&format!("  - file: {file}\n    mode: delta\n    tables:\n      - table: {table}\n        key: [person, since]\n        columns: {{ employee_id: person, {column}: to, valid_from: since, valid_to: until }}\n"));
        let path = folder.join(file);
        let mut rows = csv::Writer::from_path(&path)?;
        rows.write_record(["person", "to", "since", "until"])?;
        entered.insert(change.from, to.clone());
        let ends = entered.keys().skip(1).map(Date::to_string).chain([String::new()]);
        for ((since, to), until) in entered.iter().zip(ends) {
            rows.write_record([&change.person, to, &since.to_string(), &until])?;
        }
        rows.flush()?;
        inputs.push(path);
    }
    let mut mapping = Mapping::parse(&folder.join("by-hand.yaml"), text)?;
    mapping.company = asker.company().clone();
    Ok((mapping, inputs))
}

/// A mapping names a company; which one it is here is known already.
const COMPANY: &str = "company:\n  name: here\n  time_zone: UTC\n  currency: EUR\n  calendar: { kind: month_offset, first_month: 1 }\n";

/// The form, for whom the organisation is to change.
pub(super) fn form(app: &App, asker: &Asker, sent: &Sent) -> Markup {
    if !app.may(Act::Write, Object::Organisation) {
        return html! {};
    }
    let today = asker.as_of().asked_on.to_string();
    let from = if sent.from.is_empty() { &today } else { &sent.from };
    let regions = asker.organisation().members(Level::Region, &Subject::Company, &asker.calendar().all());
    html! {
        section aria-labelledby="change-title" {
            div.section-head { h2 id="change-title" { "Change the organisation" } }
            p { "From a day on, as if it had been delivered. It stands among the imports, where operations undo it." }
            form.filters method="post" action="/people/changes" {
                div.field { label for="person" { "Who" } input id="person" name="person" value=(sent.person) required maxlength="200" autocomplete="off"; }
                div.field { label for="manager" { "Reports to" } input id="manager" name="manager" value=(sent.manager) maxlength="200" autocomplete="off"; }
                @if !regions.is_empty() {
                    div.field {
                        label for="region" { "Region" }
                        select id="region" name="region" {
                            option value="" { "as before" }
                            @for region in regions { option value=(region.id) selected[region.id == sent.region] { (region.name) } }
                        }
                    }
                }
                div.field { label for="from" { "From" } input id="from" type="date" name="from" value=(from) required; }
                button.button type="submit" { "Change" }
            }
        }
    }
}
