//! A way back in for who forgot their password, where mail is set up. What the page answers is the same
//! whether or not the address has an account.

use attain_records::Actor;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::account::{self, Account, Email};
use super::sign_in::{notice, waiting};
use super::throttle::{self, Tried};
use super::{letters, ticket};
use crate::mail::Mail;
use crate::web::App;
use crate::web::extract::Form;
use crate::web::layout::door;
use crate::web::problem::PageError;
use crate::web::visitor::Address;

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Forgot {
    email: String,
}

pub(super) async fn shown(app: App) -> Result<Markup, PageError> {
    app.mail().ok_or(PageError::NotFound)?;
    Ok(form("", None))
}

pub(super) async fn submitted(
    app: App,
    Address(address): Address,
    Form(sent): Form<Forgot>,
) -> Result<Response, PageError> {
    let mail = app.mail().ok_or(PageError::NotFound)?.clone();
    let refused =
        |status: StatusCode, words: &str| Ok((status, form(&sent.email, Some(words))).into_response());
    let email = match Email::read(&sent.email) {
        Ok(email) => email,
        Err(problem) => return refused(StatusCode::UNPROCESSABLE_ENTITY, &format!("{problem}.")),
    };
    // Every letter counts, so that nobody's mailbox is filled from here.
    let (now, tried) = (
        Timestamp::now(),
        Tried::of(&format!("letter to {}", email.as_str()), &format!("{address} for letters")),
    );
    if let Some(wait) = throttle::wait(app.records(), &tried, now).await? {
        return refused(StatusCode::TOO_MANY_REQUESTS, &waiting(wait));
    }
    throttle::failed(app.records(), &tried, now).await?;
    // How long that takes would tell whether there is an account.
    tokio::spawn(async move {
        if let Err(error) = send(&app, &mail, &email).await {
            tracing::error!(%error, "a letter with a link was not sent");
        }
    });
    Ok(sent_page().into_response())
}

async fn send(app: &App, mail: &Mail, email: &Email) -> anyhow::Result<()> {
    let found = account::by_email(app.records().read(), email).await?;
    // Who has no password signs in elsewhere, and a letter is no way around that.
    let has_password = |account: &Account| account.is_open && account.password.is_some();
    let Some(account) = found.filter(has_password) else { return Ok(()) };
    let transaction = app.records().begin(&Actor::nobody()).await?;
    let secret = ticket::make_noted(&transaction, account.number, Timestamp::now()).await?;
    transaction.commit().await?;
    let link = app.site().link(&format!("/welcome/{}", secret.reveal()));
    Ok(letters::forgotten(mail, &account, &link).await?)
}

fn form(email: &str, problem: Option<&str>) -> Markup {
    let main = html! {
        div.head { h1 { "A new password" } p.finding { "A link to choose one is mailed to you." } }
        (notice(problem))
        form.editor method="post" action="/sign-in/forgotten" {
            div.field { label for="email" { "Address of mail" } input id="email" type="email" name="email" value=(email) required autocomplete="username" maxlength="254"; }
            p.actions { button.button.primary type="submit" { "Mail me a link" } a.button.plain href="/sign-in" { "Back" } }
        }
    };
    door("A new password", &main)
}

fn sent_page() -> Markup {
    let main = html! {
        div.head { h1 { "Look into your mail" } p.finding { "If that address has an account, a link is on its way. It works once, for three days." } }
        p { a href="/sign-in" { "Sign in" } }
    };
    door("Look into your mail", &main)
}
