//! The policy of which circumstances count: its versions, and the form of the next.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::policy::{Circumstance, Circumstances};
use super::store::{self, Version};
use crate::people::names::Names;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Form;
use crate::web::format::instant;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Letters of a reason at most.
const REASON_MAX: usize = 2_000;

/// What the form sends: circumstances in order, and why.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    first: String,
    #[serde(default)]
    second: String,
    #[serde(default)]
    third: String,
    #[serde(default)]
    fourth: String,
    #[serde(default)]
    reason: String,
}

impl Sent {
    fn names(&self) -> Vec<String> {
        [&self.first, &self.second, &self.third, &self.fourth].map(String::clone).to_vec()
    }
}

pub(super) async fn shown(app: App) -> Result<Markup, PageError> {
    whole_page(&app, None).await
}

/// Adds a version.
pub(super) async fn changed(app: App, Form(sent): Form<Sent>) -> Result<Response, PageError> {
    let reason = sent.reason.trim();
    let read = match Circumstances::read(&sent.names()) {
        _ if reason.is_empty() => {
            Err("Say why: who reads a number years later has nothing else to go by.".to_owned())
        }
        _ if reason.chars().count() > REASON_MAX => Err(format!("Say why in up to {REASON_MAX} letters.")),
        read => read,
    };
    let circumstances = match read {
        Ok(circumstances) => circumstances,
        Err(problem) => {
            let again = whole_page(&app, Some((&sent, &problem))).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
        }
    };
    let actor = app.viewer().acting(Act::Write, Object::Definitions);
    let transaction = app.records().begin(&actor).await?;
    store::add(&transaction, &circumstances, reason, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to("/circumstances/policy").into_response())
}

async fn whole_page(app: &App, refused: Option<(&Sent, &str)>) -> Result<Markup, PageError> {
    let versions = store::versions(app.records().read(), &app.actor()).await?;
    let names = Names::read(app).await?;
    let asker = app.asker().await.ok();
    let zone = asker.as_ref().map_or(jiff::tz::TimeZone::UTC, |asker| asker.company().time_zone.clone());
    let newest = versions.first().cloned().unwrap_or_default();
    let main = html! {
        div.head {
            h1 { "Circumstances that count" }
            p.finding { "What was to be expected of somebody is what everybody achieves with the same " b { (newest.circumstances.words()) } ". Things of the person are never among them, nor what the person decides." }
        }
        @if app.may(Act::Write, Object::Definitions) { (form(&newest, refused)) }
        section aria-labelledby="versions" {
            h2 id="versions" { "Versions" }
            div.scroll tabindex="0" role="region" aria-label="Versions" {
                table.table {
                    caption.unseen { "Versions of the policy" }
                    thead { tr { th scope="col" { "Version" } th scope="col" { "Circumstances" } th scope="col" { "Why" } th scope="col" { "Who" } th scope="col" { "When" } } }
                    tbody { @for version in &versions { tr {
                        th scope="row" { (version.number) }
                        td { (version.circumstances.words()) }
                        td { (version.reason) }
                        td { @match &version.by { Some((actor, _)) => (names.who(actor)), None => "Attain" } }
                        td { @match &version.by { Some((_, at)) => (instant(*at, &zone)), None => "–" } }
                    } } }
                }
            }
        }
    };
    Ok(page(&Page {
        app,
        title: "Circumstances that count",
        place: Some(Place::Metrics),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

fn form(newest: &Version, refused: Option<(&Sent, &str)>) -> Markup {
    let chosen: Vec<String> = match refused {
        Some((sent, _)) => sent.names(),
        None => newest.circumstances.each().iter().map(|one| one.dimension().to_owned()).collect(),
    };
    let fields = [("first", "First"), ("second", "Then"), ("third", "Then"), ("fourth", "Then")];
    html! {
        form.stacked method="post" action="/circumstances/policy" {
            h2 { "Change what counts" }
            p.small.quiet { "The last is given up first where fewer than twenty deals are alike. Every page shows which version it rests on." }
            @if let Some((_, problem)) = refused { p.problem role="alert" { (problem) } }
            @for (place, (field, label)) in fields.into_iter().enumerate() {
                div.field { label for=(field) { (label) } select id=(field) name=(field) {
                    option value="" { "–" }
                    @for one in Circumstance::ALL { option value=(one.dimension()) selected[chosen.get(place).is_some_and(|chosen| chosen == one.dimension())] { (one.words()) } }
                } }
            }
            div.field { label for="reason" { "Why" } input id="reason" name="reason" required maxlength=(REASON_MAX) value=(refused.map_or("", |(sent, _)| &sent.reason)); }
            button.button.primary type="submit" { "Let them count" }
        }
    }
}
