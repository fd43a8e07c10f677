//! While somebody is away: who stands in for them. A manager says so themselves; for one who cannot, an
//! admin does.

use attain_metrics::{Asker, Level};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::account;
use super::delegation::{self, Delegation};
use crate::permissions::Viewer;
use crate::web::App;
use crate::web::extract::{Form, Path};
use crate::web::format::date;
use crate::web::problem::PageError;

/// Who stands in, and when.
#[derive(Deserialize)]
pub(super) struct Wanted {
    deputy: String,
    from: String,
    to: String,
}

/// Which ends.
#[derive(Deserialize)]
pub(super) struct Ended {
    number: i64,
}

/// Somebody says who stands in for them.
pub(super) async fn own(app: App, Form(sent): Form<Wanted>) -> Result<Response, PageError> {
    let absent = themselves(&app)?;
    agreed(&app, &absent, &sent).await?;
    Ok(Redirect::to("/account#away").into_response())
}

pub(super) async fn own_ended(app: App, Form(sent): Form<Ended>) -> Result<Response, PageError> {
    let absent = themselves(&app)?;
    ended(&app, &absent, sent.number).await?;
    Ok(Redirect::to("/account#away").into_response())
}

/// An admin says who stands in for somebody.
pub(super) async fn of_account(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<Wanted>,
) -> Result<Response, PageError> {
    let absent = person_of(&app, number).await?;
    agreed(&app, &absent, &sent).await?;
    Ok(Redirect::to(&format!("/people/accounts/{number}#away")).into_response())
}

pub(super) async fn of_account_ended(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<Ended>,
) -> Result<Response, PageError> {
    let absent = person_of(&app, number).await?;
    ended(&app, &absent, sent.number).await?;
    Ok(Redirect::to(&format!("/people/accounts/{number}#away")).into_response())
}

fn themselves(app: &App) -> Result<String, PageError> {
    match app.viewer() {
        Viewer::SignedIn(someone) => someone.person.clone().ok_or(PageError::NotFound),
        Viewer::Owner | Viewer::Nobody => Err(PageError::NotFound),
    }
}

async fn person_of(app: &App, number: i64) -> Result<String, PageError> {
    let account = account::by_number(app.records(), number).await?.ok_or(PageError::NotFound)?;
    account.person.ok_or(PageError::NotFound)
}

async fn agreed(app: &App, absent: &str, sent: &Wanted) -> Result<(), PageError> {
    let asker = app.asker().await?;
    let (from, to) = (day("from", &sent.from)?, day("to", &sent.to)?);
    let refused = |field: &'static str, message: String| PageError::Invalid { field: field.into(), message };
    if to < from || to < asker.as_of().asked_on {
        return Err(refused(
            "to",
            format!("Standing in would be over before it begins: {} to {}.", date(from), date(to)),
        ));
    }
    let deputy = match asker.organisation().find(Level::Rep, sent.deputy.trim()).as_slice() {
        [one] => one.id.clone(),
        [] => {
            return Err(refused("deputy", format!("The roster has nobody called `{}`.", sent.deputy.trim())));
        }
        _ => {
            return Err(refused(
                "deputy",
                format!("The roster has several called `{}`; give the identifier.", sent.deputy.trim()),
            ));
        }
    };
    if deputy == absent {
        return Err(refused("deputy", "Nobody stands in for themselves.".to_owned()));
    }
    let transaction = app.records().begin(&app.actor()).await?;
    delegation::make(&transaction, (absent, &deputy), (from, to), Timestamp::now()).await?;
    Ok(transaction.commit().await?)
}

async fn ended(app: &App, absent: &str, number: i64) -> Result<(), PageError> {
    let transaction = app.records().begin(&app.actor()).await?;
    if !delegation::end(&transaction, absent, number, Timestamp::now()).await? {
        return Err(PageError::NotFound);
    }
    Ok(transaction.commit().await?)
}

fn day(field: &'static str, text: &str) -> Result<Date, PageError> {
    let read = text.trim().parse();
    read.map_err(|_| PageError::Invalid {
        field: field.into(),
        message: format!("`{text}` is no date; write it like 2026-03-31."),
    })
}

/// Who stands in for somebody and for whom they do, with the form where they lead anybody.
pub(super) async fn section(
    app: &App,
    asker: &Asker,
    person: &str,
    path: &str,
    may_change: bool,
) -> Result<Markup, PageError> {
    let today = asker.as_of().asked_on;
    let found = delegation::about(app.records(), person, today).await?;
    let leads = asker.organisation().lines_on(today).reports_of(person).is_some();
    if found.is_empty() && !leads {
        return Ok(html! {});
    }
    let changes = may_change && leads;
    Ok(html! {
        section aria-labelledby="away" {
            div.section-head { h2 id="away" { "While away" } }
            p { "Who stands in sees the people and the team that the one who is away leads, on those days and as the roster has it then. What they open is noted under their own name." }
            @if !found.is_empty() { (table(asker, &found, person, path, may_change)) }
            @if changes {
                form.filters method="post" action=(path) {
                    div.field { label for="deputy" { "Who stands in" } input id="deputy" name="deputy" required maxlength="200" autocomplete="off"; }
                    div.field { label for="from" { "From" } input id="from" type="date" name="from" value=(today) required; }
                    div.field { label for="to" { "To" } input id="to" type="date" name="to" required; }
                    button.button type="submit" { "Let them stand in" }
                }
            }
        }
    })
}

fn table(asker: &Asker, found: &[Delegation], person: &str, path: &str, may_end: bool) -> Markup {
    let name = |id: &str| {
        let known = asker.organisation().person(id);
        known.map_or_else(|| id.to_owned(), |known| known.name.clone())
    };
    html! {
        table.table {
            caption.unseen { "Who stands in for whom" }
            thead { tr { th scope="col" { "Who is away" } th scope="col" { "Who stands in" } th scope="col" { "From" } th scope="col" { "To" } th scope="col" { span.unseen { "End" } } } }
            tbody {
                @for one in found {
                    tr {
                        td { (name(&one.absent)) }
                        td { (name(&one.deputy)) }
                        td { (date(one.from)) }
                        td { (date(one.to)) }
                        td { @if may_end && one.absent == person { form method="post" action=(format!("{path}/end")) { input type="hidden" name="number" value=(one.number); button.button type="submit" { "End" } } } }
                    }
                }
            }
        }
    }
}
