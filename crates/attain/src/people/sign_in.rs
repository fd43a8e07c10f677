//! Signing in with a password and, where there is one, a second factor; and signing out.
//!
//! Every refusal reads the same, whether the address, the password or the account is at fault.

use attain_records::Actor;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::account::{self, Account, Email};
use super::secret::Secret;
use super::throttle::{self, Tried};
use super::ticket::{self, Purpose};
use super::{password, second_factor, session};
use crate::audit::security;
use crate::permissions::Viewer;
use crate::web::App;
use crate::web::extract::{Form, Query};
use crate::web::layout::door;
use crate::web::problem::PageError;
use crate::web::visitor::Address;

/// What is said of a sign-in that was refused, whatever the reason.
const REFUSED: &str = "That address and password do not open an account. Check both; whoever runs Attain can send you a link to choose a new password.";

/// Where somebody wanted to go.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) next: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
    next: Option<String>,
}

/// What the second form sends.
#[derive(Deserialize)]
pub(super) struct Code {
    code: String,
    ticket: String,
    next: Option<String>,
}

pub(super) async fn shown(app: App, Query(wanted): Query<Wanted>) -> Response {
    if matches!(app.viewer(), Viewer::SignedIn(_)) {
        return Redirect::to(&inside(wanted.next.as_deref())).into_response();
    }
    form(&app, wanted.next.as_deref(), "", None).into_response()
}

pub(super) async fn submitted(
    app: App,
    Address(address): Address,
    headers: HeaderMap,
    Form(sent): Form<Credentials>,
) -> Result<Response, PageError> {
    let now = Timestamp::now();
    let refused = |status: StatusCode, words: &str| {
        (status, form(&app, sent.next.as_deref(), &sent.email, Some(words))).into_response()
    };
    let tried = Tried::of(&sent.email, &address);
    if let Some(wait) = throttle::wait(app.records(), &tried, now).await? {
        return Ok(refused(StatusCode::TOO_MANY_REQUESTS, &waiting(wait)));
    }
    let found = match Email::read(&sent.email) {
        Ok(email) => account::by_email(app.records().read(), &email).await?,
        Err(_) => None,
    };
    let hash = found.as_ref().and_then(|account| account.password.clone());
    let is_right = password::is_right(sent.password.clone(), hash).await.map_err(failed)?;
    let Some(account) = found.as_ref().filter(|account| is_right && account.is_open) else {
        throttle::failed(app.records(), &tried, now).await?;
        security::sign_in_refused(app.records(), &address, found.map(|account| account.number)).await;
        return Ok(refused(StatusCode::UNAUTHORIZED, REFUSED));
    };
    throttle::succeeded(app.records(), &tried).await?;
    if account.has_second_factor() {
        let transaction = app.records().begin(&Actor::account(account.number, None)).await?;
        let ticket = ticket::make(&transaction, Purpose::SecondFactor, Some(account.number), now).await?;
        transaction.commit().await?;
        return Ok(code_form(sent.next.as_deref(), ticket.reveal(), None).into_response());
    }
    signed_in(&app, account, &address, &headers, sent.next.as_deref()).await
}

pub(super) async fn code_submitted(
    app: App,
    Address(address): Address,
    headers: HeaderMap,
    Form(sent): Form<Code>,
) -> Result<Response, PageError> {
    let now = Timestamp::now();
    let ticket = Secret::shown(&sent.ticket);
    let next = sent.next.as_deref();
    let number = ticket::opens(app.records(), Purpose::SecondFactor, &ticket, now).await?.flatten();
    let account = match number {
        Some(number) => account::by_number(app.records(), number).await?.filter(|account| account.is_open),
        None => None,
    };
    let Some(account) = account else {
        let over = "This took too long, or was done already. Sign in once more.";
        return Ok((StatusCode::UNAUTHORIZED, form(&app, next, "", Some(over))).into_response());
    };
    let tried = Tried::of(&format!("code of {}", account.number), &address);
    if let Some(wait) = throttle::wait(app.records(), &tried, now).await? {
        let again = code_form(next, &sent.ticket, Some(&waiting(wait)));
        return Ok((StatusCode::TOO_MANY_REQUESTS, again).into_response());
    }
    let transaction = app.records().begin(&Actor::account(account.number, None)).await?;
    let opens = second_factor::opens(&transaction, &account, &sent.code, now).await?
        && ticket::used(&transaction, Purpose::SecondFactor, &ticket, now).await?;
    if !opens {
        drop(transaction);
        throttle::failed(app.records(), &tried, now).await?;
        security::sign_in_refused(app.records(), &address, Some(account.number)).await;
        let words = "That code does not open the account. Codes change every 30 seconds and work once; a recovery code will do as well.";
        return Ok((StatusCode::UNAUTHORIZED, code_form(next, &sent.ticket, Some(words))).into_response());
    }
    transaction.commit().await?;
    throttle::succeeded(app.records(), &tried).await?;
    signed_in(&app, &account, &address, &headers, next).await
}

pub(super) async fn out(app: App, headers: HeaderMap) -> Result<Response, PageError> {
    if let (Some(number), Some(secret)) =
        (app.actor().account_number(), session::shown(&headers, app.site().is_secure()))
    {
        let transaction = app.records().begin(&app.actor()).await?;
        session::end(&transaction, number, &secret.hash(), Timestamp::now()).await?;
        transaction.commit().await?;
    }
    let cookie = [(header::SET_COOKIE, session::taken_back(app.site().is_secure()))];
    Ok((cookie, Redirect::to("/sign-in")).into_response())
}

/// Begins a new session, and goes where somebody wanted to go.
pub(super) async fn signed_in(
    app: &App,
    account: &Account,
    address: &str,
    headers: &HeaderMap,
    next: Option<&str>,
) -> Result<Response, PageError> {
    let transaction = app.records().begin(&Actor::account(account.number, None)).await?;
    let secret = session::begin(&transaction, account.number, address, headers, Timestamp::now()).await?;
    transaction.commit().await?;
    let cookie = [(header::SET_COOKIE, session::handed(&secret, app.site().is_secure()))];
    Ok((cookie, Redirect::to(&inside(next))).into_response())
}

/// The address of the sign-in page, which leads on to another.
pub(crate) fn path(next: Option<&str>) -> String {
    with_next("/sign-in", next)
}

fn with_next(path: &str, next: Option<&str>) -> String {
    let next = next.filter(|next| *next != "/" && inside(Some(next)) == **next);
    match next {
        Some(next) => format!("{path}?{}", crate::web::extract::form_urlencoded(&[("next", next)])),
        None => path.to_owned(),
    }
}

/// An address of this site; whatever leads elsewhere, or could be read as if it did, is the start.
fn inside(next: Option<&str>) -> String {
    let is_inside = |next: &&str| {
        next.starts_with('/')
            && !next.starts_with("//")
            && !next.contains(|letter: char| letter == '\\' || letter.is_control() || letter.is_whitespace())
    };
    next.filter(is_inside).unwrap_or("/").to_owned()
}

pub(super) fn waiting(wait: std::time::Duration) -> String {
    let minutes = wait.as_secs().div_ceil(60);
    let when = if wait.as_secs() < 60 { "in a minute".to_owned() } else { format!("in {minutes} minutes") };
    format!("There were too many tries that failed. Try again {when}; nothing was looked at.")
}

pub(super) fn failed(error: anyhow::Error) -> PageError {
    PageError::Internal(error.to_string())
}

/// The sign-in page with words about why it is shown.
pub(super) fn form_saying(app: &App, words: &str) -> Markup {
    form(app, None, "", Some(words))
}

fn form(app: &App, next: Option<&str>, email: &str, problem: Option<&str>) -> Markup {
    let main = html! {
        div.head { h1 { "Sign in" } }
        (notice(problem))
        @if let Some(provider) = app.identity_provider() {
            p.actions { a.button.primary href=(with_next("/sign-in/provider", next)) { "Sign in with " (provider.name()) } }
            p.quiet.or { "Or with a password of your own:" }
        }
        form.editor method="post" action="/sign-in" {
            @if let Some(next) = next { input type="hidden" name="next" value=(next); }
            div.field { label for="email" { "Address of mail" } input id="email" type="email" name="email" value=(email) required autocomplete="username" maxlength="254"; }
            div.field { label for="password" { "Password" } input id="password" type="password" name="password" required autocomplete="current-password" maxlength="1024"; }
            p.actions {
                button type="submit" class=(if app.identity_provider().is_some() { "button" } else { "button primary" }) { "Sign in" }
                @if app.mail().is_some() { a.button.plain href="/sign-in/forgotten" { "I forgot my password" } }
            }
        }
    };
    door("Sign in", &main)
}

fn code_form(next: Option<&str>, ticket: &str, problem: Option<&str>) -> Markup {
    let main = html! {
        div.head { h1 { "The code of your second factor" } p.finding { "Your authenticator shows it. A recovery code will do as well." } }
        (notice(problem))
        form.editor method="post" action="/sign-in/code" {
            @if let Some(next) = next { input type="hidden" name="next" value=(next); }
            input type="hidden" name="ticket" value=(ticket);
            div.field { label for="code" { "Code" } input id="code" name="code" required autocomplete="one-time-code" maxlength="40" autofocus; }
            p.actions { button.button.primary type="submit" { "Go on" } a.button.plain href="/sign-in" { "Start again" } }
        }
    };
    door("The code of your second factor", &main)
}

/// Words about what was refused, which a screen reader says at once.
pub(super) fn notice(problem: Option<&str>) -> Markup {
    html! { @if let Some(problem) = problem { div.notice role="alert" { p { (problem) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        for next in ["/scorecards?period=2017-Q3", "/people/accounts/7"] {
            assert_eq!(inside(Some(next)), next);
        }
        for next in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\nhttp",
            "evil",
            "",
            "/ x",
            "\\\\evil",
        ] {
            assert_eq!(inside(Some(next)), "/", "{next:?}");
        }
        assert_eq!(path(Some("/metrics?a=b&c")), "/sign-in?next=%2Fmetrics%3Fa%3Db%26c");
        assert_eq!(path(Some("//evil.example")), "/sign-in");
    }
}
