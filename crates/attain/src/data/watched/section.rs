//! The watched folders, as the page of imports shows them.

use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{Folder, Outcome};
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::format::instant;

/// The folders with what was last found in them; nothing if none is watched.
pub(in crate::data) fn section(app: &App, time_zone: &TimeZone) -> Markup {
    let folders = app.watched().folders();
    if folders.is_empty() || !app.may(Act::Write, Object::Imports) {
        return Markup::default();
    }
    html! {
        section aria-labelledby="watched-title" {
            div.section-head { h2 id="watched-title" { "Watched folders" } }
            div.scroll tabindex="0" role="region" aria-label="Watched folders" {
                table.table {
                    caption.unseen { "Watched folders and what came in them" }
                    thead { tr { th scope="col" { "Folder" } th scope="col" { "Looked at" } th scope="col" { "Next look" } th scope="col" { "What came last" } } }
                    tbody { @for folder in &folders { (row(folder, time_zone)) } }
                }
            }
        }
    }
}

fn row(folder: &Folder, time_zone: &TimeZone) -> Markup {
    let when =
        |at: Option<jiff::Timestamp>| at.map_or_else(|| "not yet".to_owned(), |at| instant(at, time_zone));
    html! {
        tr {
            th scope="row" { (folder.path.display()) small { (folder.schedule.words()) } }
            td.nowrap { (when(folder.looked_at)) }
            td.nowrap { (when(folder.next_look)) }
            td { @match &folder.last {
                None => { "nothing since the server started" }
                Some((at, outcome)) => { (instant(*at, time_zone)) ": " (told(outcome)) }
            } }
        }
    }
}

fn told(outcome: &Outcome) -> Markup {
    html! {
        @match outcome {
            Outcome::Imported(number) => a href=(format!("/data/imports/{number}")) { "Import " (number) },
            Outcome::Refused { problem, put } => { b { "Refused. " } (problem) small { "The files lie in " (put.display()) } },
            Outcome::Waiting(problem) => { "Waits for the next look: " (problem) },
        }
    }
}
