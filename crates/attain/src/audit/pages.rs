//! The log, the security events in it, and what a person is shown of it: who has seen them.

use attain_records::audit::{self, Entry};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;

use super::security::SECURITY;
use super::seen::{LOOK, about, concerning};
use crate::people::names::{Names, acted_as};
use crate::people::parts::{Part, tabs};
use crate::permissions::matrix::Extent;
use crate::permissions::{Act, Object, Viewer};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::format::instant;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Entries of a page.
const SHOWN: u64 = 100;
/// Actions that are about how things are set up.
const SETTINGS: [&str; 5] = ["account.", "role.", "token.", "definition.", "mapping."];

/// From where on the log is shown.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct From {
    /// Entries before this one.
    before: Option<i64>,
}

/// The whole log, for whom all of it is; what is about settings, or about the people of a population, for
/// whom that is.
pub(super) async fn log(app: App, Query(from): Query<From>) -> Result<Markup, PageError> {
    let (records, actor) = (app.records(), app.actor());
    let entries = match seen_by(app.viewer()) {
        Some(Extent::All) => audit::entries(records, &actor, from.before, SHOWN).await?,
        Some(Extent::Settings) => audit::entries_of(records, &actor, &SETTINGS, from.before, SHOWN).await?,
        Some(Extent::Population) => about_people(&app, from.before).await?,
        _ => return Err(PageError::Hidden),
    };
    let is_whole = seen_by(app.viewer()) == Some(Extent::All);
    let head =
        entries.first().filter(|_| is_whole && from.before.is_none()).map(|newest| newest.hash.clone());
    let main = html! {
        div.head {
            h1 { "People" }
            p.finding { b { "Each entry of the audit log carries the hash of the one before." } " An entry that was altered, added or taken out is found by " code { "attain audit verify" } "." }
        }
        (tabs(&app, Part::AuditLog))
        @if let Some(head) = head {
            p.small { "Hash of the newest entry: " code { (head) } ". Noted elsewhere, it also shows that none were cut off the end." }
        }
        (table(&app, &entries).await?)
        (earlier("/audit", &entries))
    };
    shown(&app, "Audit log", main).await
}

/// What happened about the people whom an HR partner was assigned, and about their groups.
async fn about_people(app: &App, before: Option<i64>) -> Result<Vec<Entry>, PageError> {
    let subjects: Vec<String> = app.viewer().population().subjects().map(about).collect();
    Ok(audit::about_any(app.records(), &app.actor(), &subjects, before, SHOWN).await?)
}

/// Refused sign-ins and looks at what was not theirs.
pub(super) async fn security(app: App, Query(from): Query<From>) -> Result<Markup, PageError> {
    let entries = audit::entries_of(app.records(), &app.actor(), &[SECURITY], from.before, SHOWN).await?;
    let main = html! {
        div.head {
            h1 { "People" }
            p.finding { b { "Security events." } " Sign-ins that were refused, and addresses that somebody asked for without having any business there." }
        }
        (tabs(&app, Part::SecurityEvents))
        @if entries.is_empty() { p.quiet { "Nothing of the kind happened." } } @else { (table(&app, &entries).await?) }
        (earlier("/audit/security", &entries))
    };
    shown(&app, "Security events", main).await
}

/// Who has seen the numbers of the one who asks.
pub(super) async fn seen(app: App) -> Result<Markup, PageError> {
    let person = match app.viewer() {
        Viewer::SignedIn(someone) => someone.person.clone(),
        Viewer::Owner | Viewer::Nobody => None,
    };
    let entries = match &person {
        Some(person) => looks(&app, person).await?,
        None => Vec::new(),
    };
    let zone = zone(&app).await;
    let names = Names::read(&app).await?;
    let main = html! {
        div.head {
            h1 { "Who has seen this" }
            p.finding { b { "Everybody who opened your numbers, on a page, as a file or by a program." } " Nobody can take an entry out." }
        }
        @if person.is_none() {
            p.quiet { "Your account is not linked to a person of the roster, so there are no numbers about you." }
        } @else if entries.is_empty() {
            p.quiet { "Nobody but you has opened your numbers." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Who has seen this" {
                table.table {
                    caption.unseen { "Who has seen this, newest first" }
                    thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "As" } th scope="col" { "What" } } }
                    tbody {
                        @for entry in &entries {
                                                        tr { td { (instant(entry.at, &zone)) } td { (names.who(&entry.actor)) } td { (acted_as(&entry.actor).map(|role| role.to_string()).unwrap_or_default()) } td { (what(entry)) @if !entry.subject.starts_with("person ") { ", of the whole " (group(entry)) } } }
                        }
                    }
                }
            }
        }
    };
    shown(&app, "Who has seen this", main).await
}

/// Looks at a person, or at a group they are in, by others; newest first.
async fn looks(app: &App, person: &str) -> Result<Vec<Entry>, PageError> {
    let concerning = match app.asker().await {
        Ok(asker) => concerning(asker.organisation(), person, asker.as_of().asked_on),
        Err(PageError::NothingImported) => Vec::new(),
        Err(failed) => return Err(failed),
    };
    let mut found = Vec::new();
    for subject in concerning {
        found.extend(audit::about(app.records(), &app.actor(), LOOK, &subject, SHOWN).await?);
    }
    let own = app.viewer().actor().account_number().map(|number| format!("account {number}"));
    let is_own = |entry: &Entry| entry.actor.split(" as ").next() == own.as_deref();
    found.retain(|entry| !is_own(entry));
    found.sort_by_key(|entry| std::cmp::Reverse(entry.sequence));
    Ok(found)
}

/// How much of the log somebody reads beside what is about them.
fn seen_by(viewer: &Viewer) -> Option<Extent> {
    match viewer {
        Viewer::Owner => Some(Extent::All),
        Viewer::SignedIn(someone) => {
            let extent = someone.extent(Act::Read, Object::AuditLog);
            extent.filter(|extent| matches!(extent, Extent::All | Extent::Settings | Extent::Population))
        }
        Viewer::Nobody => None,
    }
}

/// Whether the log is of use to somebody beside what is about them.
pub(crate) fn reads_log(viewer: &Viewer) -> bool {
    seen_by(viewer).is_some()
}

async fn table(app: &App, entries: &[Entry]) -> Result<Markup, PageError> {
    let (zone, names) = (zone(app).await, Names::read(app).await?);
    Ok(html! {
        div.scroll tabindex="0" role="region" aria-label="Entries" {
            table.table {
                caption.unseen { "Entries, newest first" }
                thead { tr { th.num scope="col" { "No." } th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "As" } th scope="col" { "Did" } th scope="col" { "To" } th scope="col" { "Particulars" } } }
                tbody {
                    @for entry in entries {
                                                tr {
                            td.num { (entry.sequence) }
                            td { (instant(entry.at, &zone)) }
                            td { (names.who(&entry.actor)) }
                            td { (acted_as(&entry.actor).map(|role| role.to_string()).unwrap_or_default()) }
                            td { (entry.action) }
                            td { (entry.subject) }
                            td { span.small { (entry.detail) } }
                        }
                    }
                }
            }
        }
    })
}

fn earlier(path: &str, entries: &[Entry]) -> Markup {
    let last = entries.last().filter(|_| entries.len() as u64 == SHOWN).map(|entry| entry.sequence);
    html! {
        @if let Some(last) = last { nav.pager aria-label="Entries" { a href=(format!("{path}?before={last}")) { "Earlier entries" } } }
    }
}

/// What somebody looked at, in words.
fn what(entry: &Entry) -> String {
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    detail["what"].as_str().unwrap_or_default().to_owned()
}

/// Which group somebody looked at.
fn group(entry: &Entry) -> &str {
    match entry.subject.split(' ').next().unwrap_or_default() {
        "manager" => "team",
        other => other,
    }
}

async fn zone(app: &App) -> TimeZone {
    app.asker().await.map_or(TimeZone::UTC, |asker| asker.company().time_zone.clone())
}

async fn shown(app: &App, title: &str, main: Markup) -> Result<Markup, PageError> {
    let asker = app.asker().await.ok();
    Ok(page(&Page {
        app,
        title,
        place: Some(Place::People),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}
