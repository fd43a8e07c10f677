//! One's own account: password, second factor, and where one is signed in.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::account::{self, Account, Change};
use super::away;
use super::password::{self, LETTERS_AT_LEAST};
use super::second_factor;
use super::secret::Secret;
use super::session::{self, Session};
use super::sign_in::{failed, notice};
use super::throttle::{self, Tried};
use crate::permissions::Viewer;
use crate::web::App;
use crate::web::extract::Form;
use crate::web::format::instant;
use crate::web::layout::{Page, page};
use crate::web::problem::PageError;

/// What the password form sends.
#[derive(Deserialize)]
pub(super) struct NewPassword {
    current: String,
    password: String,
}

/// What the forms of the second factor send.
#[derive(Deserialize)]
pub(super) struct Factor {
    #[serde(default)]
    secret: String,
    code: String,
}

/// Which session ends.
#[derive(Deserialize)]
pub(super) struct Ended {
    session: String,
}

/// What was done, or why not.
enum Said {
    Nothing,
    Refused(String),
    Done(&'static str),
    Codes(Vec<String>),
}

pub(super) async fn shown(app: App, headers: HeaderMap) -> Result<Response, PageError> {
    let Some(account) = own(&app).await? else { return Ok(Redirect::to("/").into_response()) };
    Ok(whole(&app, &account, session::shown(&headers, app.site().is_secure()).as_ref(), Said::Nothing)
        .await?
        .into_response())
}

pub(super) async fn password(
    app: App,
    headers: HeaderMap,
    Form(sent): Form<NewPassword>,
) -> Result<Response, PageError> {
    let Some(account) = own(&app).await? else { return Err(PageError::NotFound) };
    let now = Timestamp::now();
    let tried = Tried::of(&account.email, "own password");
    let mut here = session::shown(&headers, app.site().is_secure());
    let said = if throttle::wait(app.records(), &tried, now).await?.is_some() {
        Said::Refused("There were too many tries that failed. Try again later.".to_owned())
    } else if !password::is_right(sent.current, account.password.clone()).await.map_err(failed)? {
        throttle::failed(app.records(), &tried, now).await?;
        Said::Refused("The password you have now is another one. Nothing was changed.".to_owned())
    } else if let Some(flaw) = password::flaw(&sent.password, &account.known_words()) {
        Said::Refused(format!("Another password is needed. {flaw}"))
    } else {
        let hash = password::hashed(sent.password).await.map_err(failed)?;
        let transaction = app.records().begin(&app.actor()).await?;
        here = session::renew(&transaction, account.number, here.as_ref()).await?;
        account::change(&transaction, account.number, Change::Password(hash), now).await?;
        transaction.commit().await?;
        Said::Done("Your password was changed, and you are signed out everywhere else.")
    };
    let cookie = here.as_ref().map(|secret| session::handed(secret, app.site().is_secure()));
    let cookie = cookie.map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, whole(&app, &account, here.as_ref(), said).await?).into_response())
}

pub(super) async fn second_factor(
    app: App,
    headers: HeaderMap,
    Form(sent): Form<Factor>,
) -> Result<Response, PageError> {
    let Some(account) = own(&app).await? else { return Err(PageError::NotFound) };
    let now = Timestamp::now();
    let said = match second_factor::step(&sent.secret, &sent.code, now) {
        _ if account.has_second_factor() => Said::Refused("You have a second factor already.".to_owned()),
        None => Said::Refused("That is not the code of now. Scan the picture below, which is a new one, and type the code it shows.".to_owned()),
        Some(step) => {
            let transaction = app.records().begin(&app.actor()).await?;
            let codes = second_factor::recovery_codes(&transaction, account.number).await?;
            account::change(&transaction, account.number, Change::SecondFactor(Some(sent.secret)), now).await?;
            account::change(&transaction, account.number, Change::SecondFactorStep(step), now).await?;
            transaction.commit().await?;
            Said::Codes(codes)
        }
    };
    let account = own(&app).await?.unwrap_or(account);
    Ok(whole(&app, &account, session::shown(&headers, app.site().is_secure()).as_ref(), said)
        .await?
        .into_response())
}

pub(super) async fn second_factor_off(
    app: App,
    headers: HeaderMap,
    Form(sent): Form<Factor>,
) -> Result<Response, PageError> {
    let Some(account) = own(&app).await? else { return Err(PageError::NotFound) };
    let now = Timestamp::now();
    let tried = Tried::of(&format!("code of {}", account.number), "own second factor");
    if throttle::wait(app.records(), &tried, now).await?.is_some() {
        let said = Said::Refused("There were too many tries that failed. Try again later.".to_owned());
        return Ok(whole(&app, &account, session::shown(&headers, app.site().is_secure()).as_ref(), said)
            .await?
            .into_response());
    }
    let transaction = app.records().begin(&app.actor()).await?;
    let said = if second_factor::opens(&transaction, &account, &sent.code, now).await? {
        second_factor::forget_recovery_codes(&transaction, account.number).await?;
        account::change(&transaction, account.number, Change::SecondFactor(None), now).await?;
        transaction.commit().await?;
        Said::Done("Your second factor was taken off.")
    } else {
        drop(transaction);
        throttle::failed(app.records(), &tried, now).await?;
        Said::Refused("That code does not open the account. Nothing was changed.".to_owned())
    };
    let account = own(&app).await?.unwrap_or(account);
    Ok(whole(&app, &account, session::shown(&headers, app.site().is_secure()).as_ref(), said)
        .await?
        .into_response())
}

pub(super) async fn end_session(app: App, Form(sent): Form<Ended>) -> Result<Redirect, PageError> {
    let number = app.actor().account_number().ok_or(PageError::NotFound)?;
    let transaction = app.records().begin(&app.actor()).await?;
    session::end(&transaction, number, &sent.session, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to("/account"))
}

async fn own(app: &App) -> Result<Option<Account>, PageError> {
    match app.actor().account_number() {
        Some(number) => Ok(account::by_number(app.records(), number).await?),
        None => Ok(None),
    }
}

async fn whole(app: &App, account: &Account, here: Option<&Secret>, said: Said) -> Result<Markup, PageError> {
    let asker = app.asker().await.ok();
    let zone = asker.as_ref().map_or(TimeZone::UTC, |asker| asker.company().time_zone.clone());
    let sessions = session::of_account(app.records(), account.number, Timestamp::now()).await?;
    let here = here.map(Secret::hash);
    let away = match (&asker, &account.person) {
        (Some(asker), Some(person)) => away::section(app, asker, person, "/account/away", true).await?,
        _ => html! {},
    };
    let main = html! {
        div.head {
            div.head-line { h1 { (account.name) } span.meta { (account.email) } }
            p.finding { (roles(app.viewer())) " " a href="/audit/seen" { "Who has seen your numbers" } ". " a href="/account/tokens" { "Tokens for programs" } "." }
            form.act method="post" action="/sign-out" { button.button type="submit" { "Sign out" } }
        }
        @match &said {
            Said::Nothing => {},
            Said::Refused(words) => (notice(Some(words))),
            Said::Done(words) => div.notice role="status" { p { (words) } },
            Said::Codes(codes) => (codes_section(codes)),
        }
        (away)
        (password_section())
        (factor_section(account))
        (sessions_section(&sessions, here.as_deref(), &zone))
    };
    Ok(page(&Page {
        app,
        title: "Your account",
        place: None,
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

fn roles(viewer: &Viewer) -> String {
    let Viewer::SignedIn(someone) = viewer else { return String::new() };
    let roles: Vec<String> =
        someone.standing.roles().map(|role| format!("{role}: {}", role.meaning())).collect();
    if roles.is_empty() {
        return "You have no role yet, so there is little to see. Whoever runs Attain gives roles."
            .to_owned();
    }
    format!("{}.", roles.join(". "))
}

fn password_section() -> Markup {
    html! {
        section aria-labelledby="password-title" {
            div.section-head { h2 id="password-title" { "Password" } }
            form.editor method="post" action="/account/password" {
                div.fields {
                    div.field { label for="current" { "The one you have now" } input id="current" type="password" name="current" required autocomplete="current-password" maxlength="256"; }
                    div.field { label for="new-password" { "The new one, " (LETTERS_AT_LEAST) " characters or more" } input id="new-password" type="password" name="password" required autocomplete="new-password" minlength=(LETTERS_AT_LEAST) maxlength="256"; }
                }
                p.actions { button.button type="submit" { "Change the password" } }
            }
        }
    }
}

fn factor_section(account: &Account) -> Markup {
    let secret = second_factor::new_secret();
    html! {
        section aria-labelledby="factor-title" {
            div.section-head { h2 id="factor-title" { "Second factor" } }
            @if account.has_second_factor() {
                p { "Signing in asks for a code of your authenticator." }
                form.editor method="post" action="/account/second-factor/off" {
                    div.field { label for="off-code" { "Code of now, or a recovery code" } input id="off-code" name="code" required autocomplete="one-time-code" maxlength="40"; }
                    p.actions { button.button type="submit" { "Take the second factor off" } }
                }
            } @else {
                p { "With it, a password somebody saw is not enough to sign in. Scan the picture with an authenticator, or type its secret, and enter the code it shows." }
                div.second-factor {
                    @if let Some(picture) = second_factor::picture(&secret, account) { figure role="img" aria-label="The secret, for an authenticator to scan" { (PreEscaped(picture)) } }
                    form.editor method="post" action="/account/second-factor" {
                        p.small { "Secret: " code { (grouped(&secret)) } }
                        input type="hidden" name="secret" value=(secret);
                        div.field { label for="on-code" { "Code it shows" } input id="on-code" name="code" required inputmode="numeric" autocomplete="one-time-code" maxlength="10"; }
                        p.actions { button.button type="submit" { "Turn the second factor on" } }
                    }
                }
            }
        }
    }
}

fn codes_section(codes: &[String]) -> Markup {
    html! {
        div.notice role="status" {
            p { b { "The second factor is on." } " Write these recovery codes down: each opens your account once when the authenticator is lost. They are not shown again." }
            ul.codes { @for code in codes { li { code { (code) } } } }
        }
    }
}

fn sessions_section(sessions: &[Session], here: Option<&str>, zone: &TimeZone) -> Markup {
    html! {
        section aria-labelledby="sessions-title" {
            div.section-head { h2 id="sessions-title" { "Where you are signed in" } }
            div.scroll tabindex="0" role="region" aria-label="Where you are signed in" {
                table.table {
                    caption.unseen { "Sessions, the one used last first" }
                    thead { tr { th scope="col" { "Browser" } th scope="col" { "From" } th scope="col" { "Since" } th scope="col" { "Last used" } th scope="col" { span.unseen { "End" } } } }
                    tbody {
                        @for session in sessions {
                            @let is_here = here == Some(session.hash.as_str());
                            tr {
                                td { (browser(&session.browser)) @if is_here { " " b { "(this one)" } } }
                                td { (session.address) }
                                td { (instant(session.begun_at, zone)) }
                                td { (instant(session.seen_at, zone)) }
                                td { @if !is_here { form method="post" action="/account/sessions/end" { input type="hidden" name="session" value=(session.hash); button.button type="submit" { "Sign out there" } } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a browser calls itself, cut to what people recognise.
fn browser(name: &str) -> String {
    let known = ["Firefox", "Edg", "Chrome", "Safari", "curl"].into_iter().find(|known| name.contains(known));
    let system = ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"]
        .into_iter()
        .find(|system| name.contains(system));
    match (known, system) {
        (Some("Edg"), Some(system)) => format!("Edge on {system}"),
        (Some(known), Some(system)) => format!("{known} on {system}"),
        (Some(known), None) => known.to_owned(),
        _ if name.is_empty() => "Unknown".to_owned(),
        _ => name.chars().take(40).collect(),
    }
}

fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
