//! One's own tokens for programs: making one, seeing when each was last used, ending them.

use axum::response::Redirect;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;

use super::sign_in::notice;
use super::token::{self, DAYS_AT_MOST, Token, Wanted};
use crate::web::App;
use crate::web::extract::Form;
use crate::web::format::instant;
use crate::web::layout::{Page, page};
use crate::web::problem::PageError;

/// What the form of a new token sends.
#[derive(Deserialize)]
pub(super) struct Made {
    label: String,
    scope: String,
    days: String,
}

/// Which token ends.
#[derive(Deserialize)]
pub(super) struct Ended {
    number: i64,
}

pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    whole(&app, None, None).await
}

pub(super) async fn make(app: App, Form(sent): Form<Made>) -> Result<Markup, PageError> {
    let account = own(&app)?;
    let days = sent.days.trim().parse().ok().filter(|days| (1..=DAYS_AT_MOST).contains(days));
    let problem = match days {
        _ if sent.label.trim().is_empty() => {
            Some("Say what the token is for, so that it is recognised later.".to_owned())
        }
        None => Some(format!("Give the days it works, 1 to {DAYS_AT_MOST}.")),
        Some(_) => None,
    };
    let (Some(days), None) = (days, &problem) else {
        return whole(&app, problem.as_deref(), None).await;
    };
    let wanted = Wanted { label: sent.label, writes: sent.scope == "write", days };
    let transaction = app.records().begin(&app.actor()).await?;
    let text = token::make(&transaction, account, &wanted, Timestamp::now()).await?;
    transaction.commit().await?;
    whole(&app, None, Some(&text)).await
}

pub(super) async fn end(app: App, Form(sent): Form<Ended>) -> Result<Redirect, PageError> {
    let account = own(&app)?;
    let transaction = app.records().begin(&app.actor()).await?;
    token::end(&transaction, account, sent.number, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to("/account/tokens"))
}

fn own(app: &App) -> Result<i64, PageError> {
    app.actor().account_number().ok_or(PageError::NotFound)
}

async fn whole(app: &App, problem: Option<&str>, made: Option<&str>) -> Result<Markup, PageError> {
    let tokens = token::of_account(app.records(), own(app)?).await?;
    let asker = app.asker().await.ok();
    let zone = asker.as_ref().map_or(TimeZone::UTC, |asker| asker.company().time_zone.clone());
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/account" { "Your account" } } li aria-current="page" { "Tokens" } } }
            h1 { "Tokens for programs" }
            p.finding { b { "With a token a program asks the " a href="/api" { "API" } " in your name." } " It sees what you see, and nothing else." }
        }
        (notice(problem))
        @if let Some(made) = made {
            div.notice role="status" {
                p { b { "The token was made." } " Copy it now: it is not shown again. Programs send it as " code { "Authorization: Bearer TOKEN" } "." }
                p { code.link { (made) } }
            }
        }
        @if tokens.is_empty() { p.quiet { "You have none." } } @else { (table(&tokens, &zone)) }
        (form())
    };
    Ok(page(&Page {
        app,
        title: "Tokens for programs",
        place: None,
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

fn table(tokens: &[Token], zone: &TimeZone) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Tokens" {
            table.table {
                caption.unseen { "Tokens, newest first" }
                thead { tr { th scope="col" { "For" } th scope="col" { "May" } th scope="col" { "Made" } th scope="col" { "Works until" } th scope="col" { "Last used" } th scope="col" { span.unseen { "End" } } } }
                tbody {
                    @for token in tokens {
                        tr {
                            th scope="row" { (token.label) }
                            td { @if token.writes { "read and write" } @else { "read" } }
                            td { (instant(token.made_at, zone)) }
                            td { (instant(token.ends_at, zone)) @if token.ends_at < Timestamp::now() { " " b { "over" } } }
                            td { @match token.used_at { Some(used) => (instant(used, zone)), None => span.quiet { "never" } } }
                            td { form method="post" action="/account/tokens/end" { input type="hidden" name="number" value=(token.number); button.button type="submit" aria-label=(format!("End the token {}", token.label)) { "End" } } }
                        }
                    }
                }
            }
        }
    }
}

fn form() -> Markup {
    html! {
        section aria-labelledby="token-title" {
            div.section-head { h2 id="token-title" { "Make one" } }
            form.editor method="post" action="/account/tokens" {
                div.fields {
                    div.field { label for="label" { "What for" } input id="label" name="label" required maxlength="200" autocomplete="off"; }
                    div.field { label for="scope" { "May" } select id="scope" name="scope" { option value="read" { "read" } option value="write" { "read and write" } } }
                    div.field { label for="days" { "Days it works" } input id="days" name="days" type="number" min="1" max=(DAYS_AT_MOST) value="90" required; }
                }
                p.actions { button.button.primary type="submit" { "Make the token" } }
            }
        }
    }
}
