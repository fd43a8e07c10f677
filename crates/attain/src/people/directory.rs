//! The organisation on a day: everybody with region and manager, as the roster has it. Who may see
//! somebody's numbers finds them from here.

use attain_metrics::{Asker, Level, Reach, Subject};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::by_hand::{self, Sent};
use super::parts::{Part, tabs};
use super::sign_in::notice;
use crate::web::App;
use crate::web::extract::Query;
use crate::web::format::date;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// The day, and what is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    on: Option<String>,
    q: Option<String>,
}

pub(super) async fn shown(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    let asker = match app.asker().await {
        Ok(asker) => Some(asker),
        Err(PageError::NothingImported) => None,
        Err(failed) => return Err(failed),
    };
    let main = match &asker {
        Some(asker) => organisation(&app, asker, &wanted, (&Sent::default(), None))?,
        None => html! {
            div.head { h1 { "People" } p.finding { "Nobody is known yet: import the roster, and who reports to whom stands here." } }
            (tabs(&app, Part::Organisation))
        },
    };
    Ok(framed(&app, asker.as_deref(), main))
}

/// The same with what is wrong with a change that was to be made by hand.
pub(super) fn saying(app: &App, asker: &Asker, sent: &Sent, problem: &str) -> Result<Markup, PageError> {
    let main = organisation(app, asker, &Wanted::default(), (sent, Some(problem)))?;
    Ok(framed(app, Some(asker), main))
}

fn framed(app: &App, asker: Option<&Asker>, main: Markup) -> Markup {
    let place = Some(Place::People);
    page(&Page { app, title: "People", place, period: None, asker, main, sheet: None })
}

fn organisation(
    app: &App,
    asker: &Asker,
    wanted: &Wanted,
    (change, problem): (&Sent, Option<&str>),
) -> Result<Markup, PageError> {
    let day: Date = match wanted.on.as_deref().filter(|text| !text.is_empty()) {
        None => asker.as_of().asked_on,
        Some(text) => text.parse().map_err(|_| PageError::Invalid {
            field: "on".into(),
            message: format!("`{text}` is no date; write it like 2026-03-31."),
        })?,
    };
    let (organisation, reach) = (asker.organisation(), app.reach());
    let sought = wanted.q.as_deref().unwrap_or_default().trim().to_lowercase();
    let mut people: Vec<_> = organisation
        .people()
        .filter(|(id, person)| person.is_there_on(day) && is_sought(&sought, id, &person.name))
        .collect();
    people.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    Ok(html! {
        div.head {
            h1 { "People" }
            p.finding { b { (people.len()) " people on " (date(day)) "." } " Who reports to whom decides who sees whose numbers, from the day it holds to the day it ends." }
        }
        (tabs(app, Part::Organisation))
        (notice(problem))
        form.filters method="get" action="/people" {
            div.field { label for="on" { "On" } input id="on" type="date" name="on" value=(day); }
            div.field { label for="q" { "Find" } input id="q" type="search" name="q" value=(wanted.q.as_deref().unwrap_or_default()); }
            button.button type="submit" { "Show" }
        }
        @if people.is_empty() { p.quiet { "Nobody." } } @else {
            div.scroll tabindex="0" role="region" aria-label="People" {
                table.table {
                    caption.unseen { "People, by name" }
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Reports to" } th scope="col" { "Region" } th scope="col" { "Identifier" } } }
                    tbody {
                        @for (id, person) in people {
                            tr {
                                th scope="row" { (linked(organisation.is_manager(id), id, &person.name, &reach)) }
                                td { (person.role.as_deref().unwrap_or("–")) }
                                td { (organisation.manager_on(id, day).map_or_else(|| "–".to_owned(), |manager| manager.name)) }
                                td { (organisation.region_on(id, day).map_or_else(|| "–".to_owned(), |region| region.name)) }
                                td.quiet { (id) }
                            }
                        }
                    }
                }
            }
        }
        (by_hand::form(app, asker, change))
    })
}

/// A name, which leads to a scorecard where the one who asks may see it.
fn linked(is_manager: bool, id: &str, name: &str, reach: &Reach) -> Markup {
    let level = if is_manager { Level::Manager } else { Level::Rep };
    let subject = Subject::at(level, id.to_owned());
    html! {
        @if reach.includes(&subject) { a href=(format!("/scorecards/{}/{id}", level.name())) { (name) } } @else { (name) }
    }
}

fn is_sought(sought: &str, id: &str, name: &str) -> bool {
    sought.is_empty() || name.to_lowercase().contains(sought) || id.to_lowercase() == *sought
}
