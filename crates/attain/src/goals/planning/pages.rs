//! The page of planning: each figure a sentence, attainments as dots, and a line per person.

use attain_metrics::{Asker, Level, Metric, Period, Subject};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::figures::{Figures, OfPerson, figures, flag};
use super::people::{self, Basis, Person, Planned};
use super::sentences::{finding, per_cent, sentences};
use crate::goals::choosing::{Wanted, choices};
use crate::goals::entries::CREDITED;
use crate::goals::outlook::chance_words;
use crate::home;
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::components::number_path;
use crate::web::dot_chart::{Dot, DotChart, dot_chart};
use crate::web::extract::Query;
use crate::web::format::{days_of, figure, places, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Whose targets, of when, of what, and of which role.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Identifier of a manager; the company unless given.
    pub(super) manager: Option<String>,
    pub(super) period: Option<String>,
    pub(super) metric: Option<String>,
    pub(super) role: Option<String>,
}

/// Of whom and of when targets are planned, read.
pub(super) struct Opened {
    pub(super) subject: Subject,
    pub(super) name: String,
    pub(super) planned: Planned,
}

/// The page.
pub(super) async fn shown(app: App, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let asker = app.asker().await?;
    let opened = opened(&app, &asker, asked, "planning of targets").await?;
    Ok(whole(&app, &asker, &opened).into_response())
}

/// Reads what is asked: of the company for those who may open it, otherwise of a team, one's own unless named.
pub(super) async fn opened(app: &App, asker: &Asker, asked: Asked, what: &str) -> Result<Opened, PageError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let subject = match given(asked.manager) {
        Some(manager) => Subject::Manager(manager),
        None if app.reach().opens(&Subject::Company) => Subject::Company,
        None => own_team(app).ok_or(PageError::Hidden)?,
    };
    let period = Wanted { period: asked.period }.period(asker)?;
    if period.from.is_none() {
        return Err(PageError::Invalid {
            field: "period".into(),
            message: "targets are planned for a period with a first and a last day".into(),
        });
    }
    // People are opened here, so that aggregates alone are not enough.
    let (subject, name) = look::at(app, asker, &subject, Depth::Rows, what).await?;
    let (metric, role) = (given(asked.metric), given(asked.role));
    let planned = people::read(app, asker, &subject, &period, (metric.as_deref(), role.as_deref())).await?;
    Ok(Opened { subject, name, planned })
}

fn own_team(app: &App) -> Option<Subject> {
    let own = home::own_scorecard(app.viewer())?;
    own.strip_prefix("/scorecards/manager/").map(|manager| Subject::Manager(manager.to_owned()))
}

fn whole(app: &App, asker: &Asker, opened: &Opened) -> Markup {
    let Opened { subject, name, planned } = opened;
    let (figures, currency) = (figures(planned), &asker.company().currency);
    let period = &planned.period;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(goals_path(subject, period)) { "Goals of " (name) } } li aria-current="page" { "Planning" } } }
            div.head-line { h1 { "Planning targets" } span.meta { (name) ", " (period.label()) @if let Some(days) = days_of(period) { ", " (days) } } }
            p.finding { b { (finding(planned, &figures)) } }
        }
        (asking(app, asker, opened))
        section aria-labelledby="figures-title" {
            div.section-head { h2 id="figures-title" { "What the targets come to" } }
            dl.facts { @for (name, sentence) in sentences(planned, &figures, currency) { dt { (name) } dd { (sentence) } } }
        }
        @if let Some(last) = &planned.last { (dots(planned, &figures, last)) }
        @if !planned.people.is_empty() { (table(asker, planned, &figures)) }
        p.small.quiet {
            "A chance below 25 % is called unlikely, one above 90 % soft. The bounds of what is usual are the industry’s rules of thumb, not laws. "
            "Compared are people who were there for four fifths of a period. Targets stand here as delivered or agreed on: ramp, leave and joining within the period are in them."
        }
    };
    page(&Page {
        app,
        title: &format!("Planning targets, {}", period.label()),
        place: Some(Place::Goals),
        period: Some((period, "#period")),
        asker: Some(asker),
        main,
        sheet: None,
    })
}

/// The address of planning for a subject.
pub(in crate::goals) fn path(subject: &Subject, period: &Period) -> String {
    match subject {
        Subject::Manager(id) => format!("/goals/planning?manager={id}&period={period}"),
        _ => format!("/goals/planning?period={period}"),
    }
}

fn goals_path(subject: &Subject, period: &Period) -> String {
    match subject {
        Subject::Manager(id) => format!("/goals/manager/{id}?period={period}"),
        _ => format!("/goals?period={period}"),
    }
}

fn asking(app: &App, asker: &Asker, opened: &Opened) -> Markup {
    let planned = &opened.planned;
    let teams = asker.organisation().members(Level::Manager, &Subject::Company, &planned.period);
    let open: Vec<_> =
        teams.into_iter().filter(|team| app.reach().opens(&Subject::Manager(team.id.clone()))).collect();
    html! {
        form.filters id="period" method="get" action="/goals/planning" {
            div.field { label for="manager" { "Of" } select id="manager" name="manager" {
                @if app.reach().opens(&Subject::Company) { option value="" selected[opened.subject == Subject::Company] { (asker.company().name) } }
                @for team in open { option value=(team.id) selected[opened.subject.id() == Some(team.id.as_str())] { (team.name) } }
            } }
            div.field { label for="period-choice" { "Period" } select id="period-choice" name="period" {
                @for (group, periods) in choices(asker, &planned.period) { @if periods.iter().all(|one| one.from.is_some()) { optgroup label=(group) { @for one in periods { option value=(one.key()) selected[one == planned.period] { (one.label()) } } } } }
            } }
            @if planned.bases.len() > 1 {
                div.field { label for="metric" { "Targets" } select id="metric" name="metric" { @for basis in &planned.bases { option value=(basis_id(basis)) selected[*basis == planned.basis] { (basis_words(asker, basis)) } } } }
            }
            @if planned.roles.len() > 1 {
                div.field { label for="role" { "Role" } select id="role" name="role" {
                    option value="" selected[planned.role.is_none()] { "all" }
                    @for (role, count) in &planned.roles { option value=(role) selected[planned.role.as_ref() == Some(role)] { (role) " (" (count) ")" } }
                } }
            }
            button.button type="submit" { "Show" }
        }
    }
}

pub(super) fn basis_id(basis: &Basis) -> &str {
    match basis {
        Basis::Quotas => CREDITED,
        Basis::Goals(metric) => metric,
    }
}

fn basis_words(asker: &Asker, basis: &Basis) -> String {
    match basis {
        Basis::Quotas => "Quotas, as delivered".to_owned(),
        Basis::Goals(id) => {
            let metric = asker.catalogue().metric(id);
            format!("Goals of {}", metric.map_or(id.as_str(), |metric| metric.label.as_str()))
        }
    }
}

/// Attainments of the last period, a dot a person.
fn dots(planned: &Planned, figures: &Figures, last: &Period) -> Markup {
    let dot = |(person, of): (&Person, &OfPerson)| {
        let at = of.attained.as_ref()?.as_ref().ok().copied()?;
        let was_there = person.last.is_some_and(|last| last.was_there);
        Some(Dot { at, words: format!("{}: {} %", person.member.name, per_cent(at)), is_compared: was_there })
    };
    let dots: Vec<Dot> = planned.people.iter().zip(&figures.people).filter_map(dot).collect();
    if dots.is_empty() {
        return html! {};
    }
    let spread = &figures.last;
    let title = format!(
        "Attainment in {}: {} of {} reached their target",
        last.label(),
        spread.reached,
        spread.people
    );
    html! {
        section aria-labelledby="dots-title" {
            div.section-head { h2 id="dots-title" { "Attainment in " (last.label()) } }
            figure {
                figcaption { p { (spread.reached) " of " (spread.people) " reached their target, the line at 100 %; the dashed line is the middle." } }
                (dot_chart(&DotChart { title: &title, dots: &dots, line: 1.0, middle: spread.median.as_ref().ok().copied() }))
                p.small.quiet { "A filled dot is somebody who was there for four fifths of the period, a hollow one somebody who was not and is not compared. The table is below." }
            }
        }
    }
}

fn table(asker: &Asker, planned: &Planned, figures: &Figures) -> Markup {
    let (metric, currency) = (&planned.metric, &asker.company().currency);
    let has_potential = figures.potential.is_some();
    let last = planned.last.as_ref().map_or("before", |last| last.label());
    html! {
        section aria-labelledby="people-title" {
            div.section-head { h2 id="people-title" { "Each target" } }
            div.scroll tabindex="0" role="region" aria-label="Each target" {
                table.table.goals {
                    caption.unseen { "Targets with their chances" }
                    thead { tr {
                        th scope="col" { "Who" } th scope="col" { "Role" } th.num scope="col" { "Target, " (unit_words(metric, currency)) } th.num scope="col" { "80 % of outcomes" }
                        th.num scope="col" { "Chance" } th scope="col" { "Said" } th.num scope="col" { "Attained in " (last) }
                        @if has_potential { th.num scope="col" { "Target ÷ potential" } }
                    } }
                    tbody { @for (person, of) in planned.people.iter().zip(&figures.people) { (row(planned, metric, person, of, has_potential)) } }
                }
            }
        }
    }
}

fn row(planned: &Planned, metric: &Metric, person: &Person, of: &OfPerson, has_potential: bool) -> Markup {
    let subject = Subject::Rep(person.member.id.clone());
    let goals = format!("/goals/rep/{}?period={}", person.member.id, planned.period);
    html! {
        tr {
            th scope="row" { a href=(goals) { (person.member.name) } }
            td.small { (person.role) }
            td.num { @match person.target { Some(target) => a.n.open href=(goals) { (figure(target, metric.unit)) }, None => "–" } }
            td.num { @match &person.whole { Ok(whole) => (crate::goals::outlook::between(whole.eighty, metric.unit)), Err(_) => span.quiet title="five periods before in which they were there, not all alike, are not known" { "–" } } }
            td.num { @match of.chance { Some(chance) => (chance_words(chance)), None => "–" } }
            td.small { @match of.chance { Some(chance) => (flag(chance).unwrap_or("plausible")), None if person.target.is_none() => span.quiet { "no target" }, None => span.quiet { "too little past" } } }
            td.num {
                @match (&of.attained, planned.last.as_ref()) {
                    (Some(Ok(share)), Some(last)) => a.n.open href=(number_path(&subject, &metric.id, last, "numbers")) { (per_cent(*share)) " %" },
                    (Some(Err(why)), _) => span.quiet { (why) },
                    _ => "–",
                }
            }
            @if has_potential { td.num { @match of.in_proportion { Some(held) => { (rust_decimal::Decimal::try_from(held.ratio).map_or_else(|_| "–".to_owned(), |ratio| places(ratio, 3))) @if !held.is_usual { small { " off by more than 25 %" } } }, None => "–" } } }
        }
    }
}
