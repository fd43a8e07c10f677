//! The changes that were saved, newest first, and what each did.

use attain_metrics::{Asker, Period};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::effect_view::{from_when, view};
use super::proposal::{Considered, saved};
use super::store::{self, Recorded, VersionOf};
use crate::people::names::Names;
use crate::scorecards::card;
use crate::web::App;
use crate::web::extract::{Path, Query};
use crate::web::format::{date, instant, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let (records, actor) = (app.definitions().records(), app.actor());
    let changes = store::known_at(records, &actor, Timestamp::MAX).await?;
    let made = store::versions_made(records, &actor).await?;
    let restatements = changes.iter().filter(|change| change.restates).count();
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/metrics" { "Metrics" } } li aria-current="page" { "Changes" } } }
            h1 { "Changes of definitions" }
            p.finding { @match changes.len() {
                0 => "No definition was changed: everything is measured as Attain defines it.",
                1 => { b { "One change" } ", " (restatement_words(restatements)) "." }
                several => { b { (whole(several.into())) " changes" } ", " (restatement_words(restatements)) "." }
            } }
        }
        @if !changes.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Changes" { (table(&asker, &Names::read(&app).await?, &changes, &made)) }
        }
    };
    Ok(framed(&app, "Changes of definitions", &asker, main))
}

fn restatement_words(count: usize) -> String {
    match count {
        0 => "none of which restates days that were over".to_owned(),
        1 => "one of which restates days that were over".to_owned(),
        several => format!("{several} of which restate days that were over"),
    }
}

fn table(asker: &Asker, names: &Names, changes: &[Recorded], made: &[VersionOf]) -> Markup {
    let time_zone = &asker.company().time_zone;
    html! {
        table.table.tight {
            caption.unseen { "Changes of definitions, newest first" }
            thead { tr { th scope="col" { "Change" } th scope="col" { "In force from" } th scope="col" { "New versions" } th scope="col" { "Why" } th scope="col" { "Saved" } } }
            tbody {
                @for change in changes.iter().rev() {
                    tr {
                        th scope="row" { a href=(format!("/definitions/changes/{}", change.number)) { "Change " (change.number) } }
                        td { (date(change.in_force_from)) @if change.restates { " " b { "restates" } } }
                        td { (versions(change, made)) }
                        td { (change.reason) }
                        td.nowrap { (instant(change.recorded_at, time_zone)) " by " (names.who(&change.actor)) }
                    }
                }
            }
        }
    }
}

fn versions(change: &Recorded, made: &[VersionOf]) -> Markup {
    let of_change: Vec<&VersionOf> = made.iter().filter(|of| of.change == change.number).collect();
    html! {
        @if of_change.is_empty() { "none: reworded, or as it was once" }
        @for (place, of) in of_change.iter().enumerate() {
            @if place > 0 { ", " }
            a href=(format!("/metrics/{}", of.metric)) { (of.metric) " " (of.version) }
        }
    }
}

/// The period to look at.
#[derive(Debug, Deserialize)]
pub(super) struct PeriodChoice {
    period: Option<String>,
}

pub(super) async fn one(
    app: App,
    Path(number): Path<i64>,
    Query(choice): Query<PeriodChoice>,
) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let found = saved(app.definitions(), &app.actor(), number).await?;
    let (change, considered) = found.ok_or(PageError::NotFound)?;
    let period = match choice.period.as_deref().map(str::trim).filter(|named| !named.is_empty()) {
        Some(named) => asker.calendar().parse(named)?,
        None => card::default_period(&asker),
    };
    let effect = view(&asker, &considered, &period, &app.reach()).await?;
    let names = Names::read(&app).await?;
    let title = format!("Change {number}");
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/metrics" { "Metrics" } } li { a href="/definitions/changes" { "Changes" } } li aria-current="page" { (title) } } }
            h1 { (title) ": " (defined(&considered)) }
            p.finding { (change.reason) }
            p.meta { "Saved " (instant(change.recorded_at, &asker.company().time_zone)) " by " (names.who(&change.actor)) ". " (from_when(&considered)) }
        }
        section aria-labelledby="effect-title" {
            div.section-head { h2 id="effect-title" { "Effect" } (period_form(number, &period)) }
            (effect)
        }
        (texts(&considered))
    };
    Ok(framed(&app, &title, &asker, main))
}

fn defined(considered: &Considered) -> String {
    let labels = considered.defined.iter().map(|defined| defined.after.label.as_str());
    labels.collect::<Vec<_>>().join(", ")
}

fn period_form(number: i64, period: &Period) -> Markup {
    html! {
        form.filters method="get" action=(format!("/definitions/changes/{number}")) aria-label="Period to look at" {
            div.field { label for="period" { "Period" } input id="period" type="text" name="period" value=(period.key()) size="8"; }
            button.button type="submit" { "Show" }
        }
    }
}

/// The definitions before and after, as they are written.
fn texts(considered: &Considered) -> Markup {
    html! {
        @for defined in &considered.defined {
            section aria-label=(format!("{} as written", defined.after.label)) {
                div.section-head { h2 { (defined.after.label) ", as written" } }
                div.beside {
                    @if let Some(before) = &defined.before { div { h3 { "Version " (before.version) } pre.definition { (before.source_text) } } }
                    div { h3 { "Version " (defined.after.version) } pre.definition { (defined.after.source_text) } }
                }
            }
        }
    }
}

fn framed(app: &App, title: &str, asker: &Asker, main: Markup) -> Markup {
    page(&Page {
        app,
        title,
        place: Some(Place::Metrics),
        period: None,
        asker: Some(asker),
        main,
        sheet: None,
    })
}
