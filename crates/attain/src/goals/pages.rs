//! The goals of a person or a team in a period, each as one line; of the company, its teams.

use attain_metrics::{Asker, Dimension, Level, Period, Subject};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::agreement;
use super::choosing::{Wanted, periods};
use super::entries::{Entry, Standing, entries, quotas};
use super::line::Line;
use super::outlook::{self, Outlooks};
use super::party::Party;
use super::planning;
use super::quota;
use super::words::{attained, pace_words, state_words};
use crate::home;
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::charts::{Bullet, bullet};
use crate::web::components::{metric_name, number_path, value_link};
use crate::web::extract::{Path, Query};
use crate::web::format::{days_of, figure, figure_with_unit, places, share, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Everybody begins at what is theirs.
pub(super) async fn start(app: App, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    if app.viewer().layout().includes(&Subject::Company) {
        return Ok(company(&app, &wanted).await?.into_response());
    }
    let own = home::own_scorecard(app.viewer()).map(|path| path.replacen("/scorecards", "/goals", 1));
    match own.filter(|path| path.starts_with("/goals/manager/") || path.starts_with("/goals/rep/")) {
        Some(own) => Ok(Redirect::to(&own).into_response()),
        None => Err(PageError::Hidden),
    }
}

pub(super) async fn shown(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, PageError> {
    whole(&app, &subject(&level, id)?, &wanted, None).await
}

/// Goals are a person's or a team's.
pub(super) fn subject(level: &str, id: String) -> Result<Subject, PageError> {
    match Level::from_name(level) {
        Some(level @ (Level::Rep | Level::Manager)) => Ok(Subject::at(level, id)),
        _ => Err(PageError::NotFound),
    }
}

/// The page of a subject's goals, with what is wrong with one that was to be proposed.
pub(super) async fn whole(
    app: &App,
    subject: &Subject,
    wanted: &Wanted,
    refused: Option<(&agreement::Proposed, &str)>,
) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let period = wanted.period(&asker)?;
    let (subject, name) = look::at(app, &asker, subject, Depth::Values, "goals").await?;
    let entries = entries(app, &asker, &subject, &name, &period).await?;
    let outlooks =
        outlook::of_entries(&asker, &subject, Dimension::Rep, &period, &entries, &app.reach()).await?;
    let main = html! {
        div.head {
            div.head-line { h1 { (name) } span.meta { "Goals of " (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding { (finding(&entries, &subject)) }
        }
        (periods(&asker, &format!("/goals/{}/{}", subject.level().name(), subject.id().unwrap_or_default()), &period))
        @if matches!(subject, Subject::Manager(_)) { (onward(app, &subject, &period)) }
        @if entries.is_empty() { p.quiet { "No goals yet: none were delivered as quotas, and none were agreed on." } }
        @else { (table(&asker, &entries, &outlooks, matches!(subject, Subject::Manager(_)))) }
        @if !matches!(subject, Subject::Rep(_)) { (sums(&asker, &entries, &subject)) }
        (to_planning(app, &subject, &period))
        @if app.may(Act::Write, Object::Targets) && Party::of(app.viewer(), &subject).is_some() {
            (agreement::form(&asker, &subject, &period, refused))
        }
    };
    let title = format!("Goals of {name}, {}", period.label());
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Goals),
        period: Some((&period, "#period")),
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// The company: its teams' quotas, each leading to its goals.
async fn company(app: &App, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let period = wanted.period(&asker)?;
    look::at(app, &asker, &Subject::Company, Depth::Values, "goals").await?;
    let reach = app.reach();
    let mut entries = quotas(&asker, &Subject::Company, None, &period, &reach).await?;
    entries.extend(quotas(&asker, &Subject::Company, Some(Dimension::Manager), &period, &reach).await?);
    let outlooks =
        outlook::of_entries(&asker, &Subject::Company, Dimension::Manager, &period, &entries, &reach).await?;
    let teams = asker.organisation().members(Level::Manager, &Subject::Company, &period);
    let main = html! {
        div.head {
            div.head-line { h1 { (asker.company().name) } span.meta { "Goals of " (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding { (finding(&entries, &Subject::Company)) }
        }
        (periods(&asker, "/goals", &period))
        (onward(app, &Subject::Company, &period))
        @if entries.is_empty() { p.quiet { "No quotas were delivered for this period. Choose a team for the goals that were agreed on." } }
        @else { (table(&asker, &entries, &outlooks, true)) }
        (to_planning(app, &Subject::Company, &period))
        section aria-labelledby="teams-title" {
            div.section-head { h2 id="teams-title" { "Teams" } }
            ul.plain-list.links { @for team in teams { @if reach.includes(&Subject::Manager(team.id.clone())) { li { a href=(format!("/goals/manager/{}?period={period}", team.id)) { (team.name) } } } } }
        }
    };
    let title = format!("Goals, {}", period.label());
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Goals),
        period: Some((&period, "#period")),
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// Where many goals are seen or set at once, for whom that is of use.
fn onward(app: &App, of: &Subject, period: &Period) -> Markup {
    let leader = of.id().map(|id| format!("&leader={id}")).unwrap_or_default();
    let grid_path = format!("/goals/grid?period={period}{leader}");
    html! {
        p.actions {
            a.button href=(grid_path) { "Grid" }
            a.button href=(format!("/goals/cascade?period={period}")) { "Cascade" }
            @if app.may(Act::Write, Object::GoalTemplates) { a.button href=(format!("/goals/templates/new?period={period}")) { "Goals for a role" } }
            @if app.may(Act::Read, Object::GoalTemplates) { a.button href="/goals/templates" { "Templates" } }
            @if app.may(Act::Read, Object::Reliefs) { a.button href="/goals/reliefs" { "Reliefs" } }
        }
    }
}

/// Leads to the planning of targets, of a team or the company.
fn to_planning(app: &App, subject: &Subject, period: &Period) -> Markup {
    let is_planned = !matches!(subject, Subject::Rep(_)) && app.reach().opens(subject);
    html! { @if is_planned { p.actions { a.button href=(planning::path(subject, period)) { "Plan targets" } } } }
}

/// The page in a sentence.
fn finding(entries: &[Entry], subject: &Subject) -> Markup {
    let of_subject = entries.iter().filter(|entry| entry.subject == *subject);
    let held: Vec<&Entry> = of_subject.filter(|entry| entry.line.attainment.is_some()).collect();
    let Some(first) = held.first() else {
        return html! { "Nothing can be held against a goal in this period yet." };
    };
    html! {
        b { (first.line.metric.label) ": " (attained(&first.line)) "." } " " (pace_words(&first.line))
        @if held.len() > 1 { " " (held.len() - 1) " more below." }
    }
}

fn table(asker: &Asker, entries: &[Entry], outlooks: &Outlooks, is_named: bool) -> Markup {
    let currency = &asker.company().currency;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Goals" {
            table.table.goals {
                caption.unseen { "Goals" }
                thead { tr {
                    @if is_named { th scope="col" { "Who" } }
                    th scope="col" { "Goal" } th scope="col" { "Of the target" } th.num scope="col" { "Attained" } th.num scope="col" { "Target" }
                    th scope="col" { "Pace" } th scope="col" { "Likely end" } th.num scope="col" { "Days left" } th scope="col" { "Standing" }
                } }
                tbody { @for entry in entries { (row(entry, outlooks, is_named, currency)) } }
            }
        }
    }
}

fn row(entry: &Entry, outlooks: &Outlooks, is_named: bool, currency: &str) -> Markup {
    let (line, metric) = (&entry.line, &entry.line.metric);
    let path = number_path(&entry.subject, &metric.id, &line.period, "numbers");
    let goal = html! { (metric_name(metric)) " " small.quiet { (unit_words(metric, currency)) } };
    html! {
        tr {
            @if is_named { th scope="row" { (who(entry)) @if matches!(entry.subject, Subject::Manager(_)) { small { "the team" } } } td { (goal) } } @else { th scope="row" { (goal) } }
            td.chart { (share_of_target(line)) }
            td.num { (value_link(&line.number, metric, Some(&path), &format!("{}, {}", entry.name, metric.label))) }
            td.num { @match line.target { Some(target) => (figure(target, metric.unit)), None => "–" } @if line.is_prorated { small.quiet { " for the days it applies" } } }
            td.small { (pace_words(line)) }
            td.small { (outlook::end_cell(line, outlooks.of(&entry.subject, metric), opens(entry).as_deref())) }
            td.num { (line.days_left.normalize()) }
            td.small { (standing(entry)) }
        }
    }
}

/// Whose goal it is, which leads to their goals.
fn who(entry: &Entry) -> Markup {
    let level = entry.subject.level().name();
    html! { @match (&entry.subject, entry.subject.id()) {
        (Subject::Rep(_) | Subject::Manager(_), Some(id)) => a href=(format!("/goals/{level}/{id}?period={}", entry.line.period)) { (entry.name) },
        _ => (entry.name),
    } }
}

/// The share of the target as a figure and a bar, whose mark is the target.
fn share_of_target(line: &Line) -> Markup {
    let Some(Ok(attainment)) = &line.attainment else { return html! { span.quiet { (attained(line)) } } };
    // A quarter beyond the target has room.
    let end = Decimal::new(125, 2);
    let title = format!("{}: {}", line.metric.label, attained(line));
    html! {
        b { (places(*attainment * Decimal::ONE_HUNDRED, 1)) " %" }
        (bullet(&Bullet { title: &title, value: share(*attainment, end), over: *attainment > end, interval: None, target: Some(share(Decimal::ONE, end)), wide: false }))
    }
}

/// The address of a goal's own page; the company's quota has none.
fn opens(entry: &Entry) -> Option<String> {
    match &entry.standing {
        Standing::Delivered => quota::path(&entry.subject, &entry.line.period),
        Standing::Agreed { number, .. } => Some(format!("/goal/{number}")),
    }
}

fn standing(entry: &Entry) -> Markup {
    let words = match &entry.standing {
        Standing::Delivered => "quota, as delivered".to_owned(),
        Standing::Agreed { state, .. } => state_words(state),
    };
    html! { @match opens(entry) { Some(path) => a href=(path) { (words) }, None => span.quiet { (words) } } }
}

/// What the people's targets come to beside the team's, for each metric that adds up (features A2).
fn sums(asker: &Asker, entries: &[Entry], subject: &Subject) -> Markup {
    let currency = &asker.company().currency;
    let lines = entries.iter().filter(|entry| entry.subject == *subject && entry.line.metric.accumulates());
    let sums: Vec<String> = lines.filter_map(|team| sum(team, entries, currency)).collect();
    html! { @for sum in &sums { p.sum { (sum) } } }
}

fn sum(team: &Entry, entries: &[Entry], currency: &str) -> Option<String> {
    let own = team.line.target.filter(|target| *target > Decimal::ZERO)?;
    let is_delivered = |entry: &Entry| matches!(entry.standing, Standing::Delivered);
    let of_people = entries.iter().filter(|entry| {
        matches!(entry.subject, Subject::Rep(_))
            && entry.line.metric.id == team.line.metric.id
            && is_delivered(entry) == is_delivered(team)
    });
    let targets: Vec<Decimal> = of_people.filter_map(|entry| entry.line.target).collect();
    let sum: Decimal = targets.iter().copied().sum();
    // A team without a quota of its own has that of its people, which says nothing beside it.
    if targets.is_empty() || (is_delivered(team) && (sum - own).abs() < Decimal::ONE) {
        return None;
    }
    let unit = team.line.metric.unit;
    let (difference, assigned) = (sum - own, sum.checked_div(own)? * Decimal::ONE_HUNDRED);
    let beside = match difference {
        none if none.is_zero() => "exactly the team's".to_owned(),
        over if over > Decimal::ZERO => {
            format!("{} more than the team's", figure_with_unit(over, unit, currency))
        }
        under => format!("{} less than the team's", figure_with_unit(-under, unit, currency)),
    };
    Some(format!(
        "{}: the people's targets add up to {}, {} % of the team's: {beside}.",
        team.line.metric.label,
        figure_with_unit(sum, unit, currency),
        places(assigned, 1)
    ))
}
