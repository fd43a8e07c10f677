//! The score of a person, a team, a region or the company, opened: what it is made of. The section of it on a
//! person's scorecard is the same in short.

use std::sync::Arc;

use attain_metrics::{Asker, Level, Period, Subject};
use maud::{Markup, html};
use serde::Deserialize;

use super::card::way_words;
use super::form::role_path;
use super::scored::{self, Beside, Nothing, Outcome, Scored};
use super::store;
use super::table::{self, About};
use super::team;
use super::words::{finding, missing, nothing};
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::components::{path_segment, scorecard_path};
use crate::web::extract::{Path, Query};
use crate::web::format::{date, days_of, instant, places};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// When, and by the card of which role.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    period: Option<String>,
    role: Option<String>,
}

pub(super) async fn company(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    whole_page(&app, &Subject::Company, &wanted).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, PageError> {
    whole_page(&app, &named(&level, id)?, &wanted).await
}

/// Whom an address is about.
pub(super) fn named(level: &str, id: String) -> Result<Subject, PageError> {
    let level =
        Level::from_name(level).filter(|level| matches!(level, Level::Region | Level::Manager | Level::Rep));
    Ok(Subject::at(level.ok_or(PageError::NotFound)?, id))
}

/// The address of a score.
pub(super) fn score_path(subject: &Subject, period: &Period) -> String {
    View::Score.path(subject, period)
}

/// A score as it is looked at: of whom, and what came of it; of a manager with their people.
pub(super) struct Found {
    asker: Arc<Asker>,
    pub(super) period: Period,
    pub(super) subject: Subject,
    pub(super) name: String,
    pub(super) outcome: Outcome,
    pub(super) people: Vec<team::Row>,
}

/// Finds what may be looked at.
///
/// # Errors
/// When it may not, or facts or records cannot be read.
pub(super) async fn found(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Found, PageError> {
    if !app.may(Act::Read, Object::Targets) {
        return Err(PageError::Hidden);
    }
    let asker = app.asker().await?;
    let period = periods::chosen(&asker, wanted.period.as_deref())?;
    let (subject, name) = look::at(app, &asker, subject, Depth::Rows, "score of the role").await?;
    let versions = store::all(app.records().read(), &app.actor()).await?;
    let outcome = scored::of(app, &asker, &versions, (&subject, &period), wanted.role.as_deref()).await?;
    let people = match subject {
        Subject::Manager(_) => team::rows(app, &asker, &versions, &subject, &period).await?,
        _ => Vec::new(),
    };
    Ok(Found { asker, period, subject, name, outcome, people })
}

/// The address of the same as a file.
fn file_path(subject: &Subject, period: &Period, outcome: &Outcome) -> String {
    let role = match (subject, outcome) {
        (Subject::Rep(_), _) | (_, Outcome::Nothing(_)) => String::new(),
        (_, Outcome::Scored(scored)) => format!("&role={}", path_segment(&scored.version.role)),
    };
    format!("{}.csv?period={}{role}", View::Score.action(subject), period.key())
}

async fn whole_page(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let Found { asker, period, subject, name, outcome, people } = found(app, subject, wanted).await?;
    let about = About { asker: &asker, subject: &subject, period: &period };
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Score" } } }
            div.head-line { h1 { "Score of the role" } span.meta { (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding { (said(&outcome, &subject, &name)) }
        }
        (views::nav(app, &subject, &period, View::Score))
        (choices(&about, &outcome))
        p.actions { a.button href=(file_path(&subject, &period, &outcome)) { "CSV" } }
        @match &outcome {
            Outcome::Scored(scored) => (opened(&about, scored, &scored.beside(app, &asker, &subject, &period).await?)),
            Outcome::Nothing(why) => (next_step(app, why)),
        }
        (team::tables(&people, &period))
    };
    let title = format!("Score of {name}, {}", period.label());
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Scorecards),
        period: Some((&period, "#period")),
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// The score of a person's role on their scorecard; nothing where their role has no card, or who asks may not
/// see their targets.
///
/// # Errors
/// When facts or records cannot be read.
pub(crate) async fn section(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    name: &str,
    period: &Period,
) -> Result<Markup, PageError> {
    if !app.may(Act::Read, Object::Targets) || !app.reach().opens(subject) {
        return Ok(html! {});
    }
    let versions = store::all(app.records().read(), &app.actor()).await?;
    let Outcome::Scored(scored) = scored::of(app, asker, &versions, (subject, period), None).await? else {
        return Ok(html! {});
    };
    let about = About { asker, subject, period };
    Ok(html! {
        section aria-labelledby="score-title" {
            div.section-head { h2 id="score-title" { "Score of the role" } a href=(score_path(subject, period)) { "How it is made" } }
            p { a href=(score_path(subject, period)) { (finding(&scored, &whose(subject, name))) } }
            (table::components(&about, &scored, &[]))
            (sentences(&missing(&scored)))
        }
    })
}

fn said(outcome: &Outcome, subject: &Subject, name: &str) -> String {
    match outcome {
        Outcome::Scored(scored) => finding(scored, &whose(subject, name)),
        Outcome::Nothing(why) => nothing(why),
    }
}

/// Whose score it is, as a sentence begins.
fn whose(subject: &Subject, name: &str) -> String {
    match subject {
        Subject::Manager(_) => format!("{name}’s team’s"),
        _ => format!("{name}’s"),
    }
}

/// The period, and of several roles the one whose card is used.
fn choices(about: &About<'_>, outcome: &Outcome) -> Markup {
    let roles = match about.subject {
        Subject::Rep(_) => Vec::new(),
        _ => scored::roles(about.asker, about.subject, about.period).into_keys().collect(),
    };
    let used = match outcome {
        Outcome::Scored(scored) => Some(scored.version.role.as_str()),
        Outcome::Nothing(Nothing::NoCard(role)) => role.as_deref(),
        Outcome::Nothing(_) => None,
    };
    html! {
        form.filters id="period" aria-label="Period" method="get" action=(View::Score.action(about.subject)) {
            (periods::field(about.asker, about.period))
            @if roles.len() > 1 {
                div.field { label for="role-choice" { "Card of the role" } select id="role-choice" name="role" {
                    @for role in &roles { option value=(role) selected[used == Some(role)] { (role) } }
                } }
            }
            button.button type="submit" { "Show" }
        }
    }
}

/// What is to be done where there is no card.
fn next_step(app: &App, why: &Nothing) -> Markup {
    let is_without = matches!(why, Nothing::NoCard(_));
    html! {
        @if is_without && app.may(Act::Write, Object::Definitions) { p.actions { a.button.primary href="/scorecards/roles" { "Write a card" } } }
        @else if is_without { p.quiet { "Operations or an admin write the cards of roles: " a href="/scorecards/roles" { "those there are" } "." } }
    }
}

fn opened(about: &About<'_>, scored: &Scored, beside: &Beside) -> Markup {
    let warnings = beside.counters.iter().flatten().filter_map(|counter| counter.sentence.as_ref());
    html! {
        @for warning in warnings { p.notice { (warning) } }
        (table::components(about, scored, &beside.counters))
        (sentences(&missing(scored)))
        (table::formula(about, scored))
        (rule(about, scored, beside))
    }
}

fn sentences(all: &[String]) -> Markup {
    html! { @for sentence in all { p.small { (sentence) } } }
}

/// By which rule the score came about.
fn rule(about: &About<'_>, scored: &Scored, beside: &Beside) -> Markup {
    let (version, as_of) = (&scored.version, about.asker.as_of());
    html! {
        dl.facts {
            dt { "Card" } dd { a href=(role_path(&version.role)) { (version.role) ", version " (version.number) } ", from " (date(version.from)) ": " (version.reason) }
            dt { "Rule" } dd { "Weights times attainments within floor and cap, divided by the weights that count. Where a component is missing, " (way_words(version.card.when_missing())) "; below 70 % of the weight there is no score. The card is the one in force on the period’s last day." }
            @if !matches!(about.subject, Subject::Rep(_)) { dt { "Together" } dd { "What all of them attained, from the rows, against what they are to attain together; never a mean of their scores." } }
            dt { "Interval" } dd { @match beside.interval {
                Some(interval) => { "95 % interval " b { (bounds(interval.low, interval.high)) } ", of chance in shares and typical values, taken as independent of each other. Sums and counts are full counts and have none." },
                None => "None: what counts are full counts, or how sure one of the components is, is not known.",
            } }
            dt { "As of" } dd { (instant(as_of.committed_at, &about.asker.company().time_zone)) ", facts to " (date(as_of.date)) }
        }
    }
}

fn bounds(low: f64, high: f64) -> String {
    let written = |value: f64| {
        rust_decimal::Decimal::try_from(value).map_or_else(|_| "–".to_owned(), |value| places(value, 2))
    };
    format!("{} – {}", written(low), written(high))
}
