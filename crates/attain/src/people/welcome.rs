//! Links that work once: the first admin makes the first account, others choose their password.

use attain_records::Actor;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::account::{self, Account, Change, Email, NewAccount};
use super::password::{self, LETTERS_AT_LEAST};
use super::secret::Secret;
use super::session;
use super::sign_in::{failed, notice, signed_in};
use super::ticket::{self, Purpose};
use crate::permissions::role::Role;
use crate::permissions::standing::Given;
use crate::web::App;
use crate::web::extract::{Form, Path};
use crate::web::layout::door;
use crate::web::problem::PageError;
use crate::web::visitor::Address;

/// What the form sends; name and address only of the first admin.
#[derive(Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// Whom a link is for.
enum Guest {
    FirstAdmin,
    Known(Box<Account>),
}

pub(super) async fn shown(app: App, Path(ticket): Path<String>) -> Result<Response, PageError> {
    let ticket = Secret::shown(&ticket);
    Ok(match guest(&app, &ticket).await? {
        Some(guest) => form(&guest, &ticket, &Chosen::default(), None).into_response(),
        None => over(),
    })
}

pub(super) async fn submitted(
    app: App,
    Path(ticket): Path<String>,
    Address(address): Address,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Result<Response, PageError> {
    let ticket = Secret::shown(&ticket);
    let Some(guest) = guest(&app, &ticket).await? else { return Ok(over()) };
    let refused = |words: &str| {
        let again = form(&guest, &ticket, &chosen, Some(words));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
    };
    let email = match &guest {
        Guest::FirstAdmin if chosen.name.trim().is_empty() => {
            return refused("Say your name: others see it beside what you do.");
        }
        Guest::FirstAdmin => match Email::read(&chosen.email) {
            Ok(email) => Some(email),
            Err(problem) => return refused(&format!("{problem}.")),
        },
        Guest::Known(_) => None,
    };
    let known = match &guest {
        Guest::FirstAdmin => {
            [chosen.name.as_str()].into_iter().chain(chosen.email.split(['@', '.'])).collect()
        }
        Guest::Known(account) => account.known_words(),
    };
    if let Some(flaw) = password::flaw(&chosen.password, &known) {
        return refused(&format!("Another password is needed. {flaw}"));
    }
    let hash = password::hashed(chosen.password.clone()).await.map_err(failed)?;
    match welcomed(&app, &guest, &ticket, email, &chosen, hash).await? {
        Some(account) if account.has_second_factor() => {
            Ok(axum::response::Redirect::to("/sign-in").into_response())
        }
        Some(account) => signed_in(&app, &account, &address, &headers, None).await,
        None => Ok(over()),
    }
}

/// Whom a link is for, while it works. The first admin's is over once anybody has an account.
async fn guest(app: &App, ticket: &Secret) -> Result<Option<Guest>, PageError> {
    let now = Timestamp::now();
    if ticket::opens(app.records(), Purpose::FirstAdmin, ticket, now).await?.is_some() {
        return Ok((!account::any(app.records()).await?).then_some(Guest::FirstAdmin));
    }
    let number = ticket::opens(app.records(), Purpose::Password, ticket, now).await?.flatten();
    let Some(number) = number else { return Ok(None) };
    let account = account::by_number(app.records(), number).await?.filter(|account| account.is_open);
    Ok(account.map(|account| Guest::Known(Box::new(account))))
}

/// Uses the link up and keeps the password; nothing where somebody was faster.
async fn welcomed(
    app: &App,
    guest: &Guest,
    ticket: &Secret,
    email: Option<Email>,
    chosen: &Chosen,
    hash: String,
) -> Result<Option<Account>, PageError> {
    let now = Timestamp::now();
    let number = match (guest, email) {
        (Guest::Known(account), _) => account.number,
        (Guest::FirstAdmin, Some(email)) => {
            let transaction = app.records().begin(&Actor::local_owner()).await?;
            if !ticket::used(&transaction, Purpose::FirstAdmin, ticket, now).await? {
                return Ok(None);
            }
            // Who begins alone also brings the data in; both roles can be handed on.
            let roles = [Role::Admin, Role::Operations].map(|role| Given { role, population: None });
            let name = chosen.name.clone();
            let wanted = NewAccount { email, name, person: None, roles: roles.into() };
            let number = account::make(&transaction, &wanted, now).await?.number;
            account::change(&transaction, number, Change::Password(hash), now).await?;
            transaction.commit().await?;
            return Ok(account::by_number(app.records(), number).await?);
        }
        (Guest::FirstAdmin, None) => return Ok(None),
    };
    let transaction = app.records().begin(&Actor::account(number, None)).await?;
    if !ticket::used(&transaction, Purpose::Password, ticket, now).await? {
        return Ok(None);
    }
    session::end_others(&transaction, number, None).await?;
    account::change(&transaction, number, Change::Password(hash), now).await?;
    transaction.commit().await?;
    Ok(account::by_number(app.records(), number).await?)
}

fn form(guest: &Guest, ticket: &Secret, chosen: &Chosen, problem: Option<&str>) -> Markup {
    let (title, finding) = match guest {
        Guest::FirstAdmin => (
            "Make the first account".to_owned(),
            "You will be the admin, and may bring data in. From then on everybody signs in.",
        ),
        Guest::Known(account) => {
            (format!("Welcome, {}", account.name), "Choose the password you will sign in with.")
        }
    };
    let main = html! {
        div.head { h1 { (title) } p.finding { (finding) } }
        (notice(problem))
        form.editor method="post" action=(format!("/welcome/{}", ticket.reveal())) {
            @match guest {
                Guest::FirstAdmin => {
                    div.field { label for="name" { "Your name" } input id="name" name="name" value=(chosen.name) required autocomplete="name" maxlength="200"; }
                    div.field { label for="email" { "Address of mail" } input id="email" type="email" name="email" value=(chosen.email) required autocomplete="username" maxlength="254"; }
                }
                Guest::Known(account) => input type="hidden" name="username" value=(account.email) autocomplete="username";,
            }
            div.field {
                label for="password" { "Password" }
                input id="password" type="password" name="password" required autocomplete="new-password" minlength=(LETTERS_AT_LEAST) maxlength="256" aria-describedby="password-help";
                span.small.quiet id="password-help" { "At least " (LETTERS_AT_LEAST) " characters; a few unrelated words are easy to remember." }
            }
            p.actions { button.button.primary type="submit" { @match guest { Guest::FirstAdmin => "Make the account", Guest::Known(_) => "Keep the password" } } }
        }
    };
    door(&title, &main)
}

/// A link that works no longer, or never did: both look the same.
fn over() -> Response {
    let main = html! {
        div.head { h1 { "This link works no longer" } p.finding { "Links work once and for a few days. Whoever runs Attain can give you another." } }
        p { a href="/sign-in" { "Sign in" } }
    };
    (StatusCode::NOT_FOUND, door("This link works no longer", &main)).into_response()
}
