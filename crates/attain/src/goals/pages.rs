//! The goals of a person or a team in a period, each as one line; of the company, its teams.

use std::sync::Arc;

use attain_metrics::{
    Asker, Code, Dimension, Grain, Level, Member, Metric, Period, Question, RateMode, Reach, Subject,
    TargetVersion, WorkingDays,
};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::agreement;
use super::line::{self, Line};
use super::outlook::{self, Outlooks};
use super::party::Party;
use super::planning;
use super::quota;
use super::relief::relieved;
use super::store::{self, Goal};
use super::version::{State, in_force};
use crate::home;
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::offered;
use crate::web::App;
use crate::web::charts::{Bullet, bullet};
use crate::web::components::{metric_name, number_path, value_link};
use crate::web::extract::{Path, Query};
use crate::web::format::{days_of, figure, figure_with_unit, places, share, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Which period.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) period: Option<String>,
}

impl Wanted {
    /// The period chosen, or the quarter under way.
    pub(super) fn period(&self, asker: &Asker) -> Result<Period, PageError> {
        if let Some(text) = self.period.as_deref().filter(|text| !text.is_empty()) {
            return Ok(asker.calendar().parse(text)?);
        }
        let grains = [Grain::Quarter, Grain::Month, Grain::Year];
        let today = asker.as_of().asked_on;
        let here = grains.into_iter().find_map(|grain| asker.calendar().containing(today, grain));
        Ok(here.unwrap_or_else(|| asker.calendar().all()))
    }
}

/// A line with what it is about.
pub(super) struct Entry {
    pub(super) subject: Subject,
    pub(super) name: String,
    pub(super) line: Line,
    pub(super) standing: Standing,
}

/// Where a target comes from.
pub(super) enum Standing {
    /// A quota as it was delivered.
    Delivered,
    /// A goal, with the version that counts or is proposed.
    Agreed { number: i64, state: State },
}

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
        @if matches!(subject, Subject::Manager(_)) { (onward(app, &period)) }
        @if entries.is_empty() { p.quiet { "No goals yet: none were delivered as quotas, and none were agreed on." } }
        @else { (table(&asker, &entries, &outlooks, matches!(subject, Subject::Manager(_)))) }
        (sums(&asker, &entries, &subject))
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

/// The quota of a subject and its goals, and those of a team's people.
pub(super) async fn entries(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    name: &str,
    period: &Period,
) -> Result<Vec<Entry>, PageError> {
    let mut entries = quotas(asker, subject, None, period, &app.reach()).await?;
    entries.extend(goals(app, asker, subject, name, period).await?);
    if let Subject::Manager(_) = subject {
        let reach = app.reach();
        let mut by_person = quotas(asker, subject, Some(Dimension::Rep), period, &reach).await?;
        for member in people(asker, subject, period) {
            let person = Subject::Rep(member.id);
            if !reach.includes(&person) {
                continue;
            }
            entries.extend(by_person.extract_if(.., |entry| entry.subject == person));
            entries.extend(goals(app, asker, &person, &member.name, period).await?);
        }
        // Of who belongs to the team no more, what it holds of them.
        entries.extend(by_person);
    }
    Ok(entries)
}

/// Everybody of a team who may have goals of their own: who sells, and the managers inside of it, who sell as well
/// and whose own the team's hold too (T4).
fn people(asker: &Asker, team: &Subject, period: &Period) -> Vec<Member> {
    let organisation = asker.organisation();
    let mut people = organisation.members(Level::Rep, team, period);
    people.extend(organisation.members(Level::Manager, team, period));
    people.extend(team.id().and_then(|id| organisation.member(Level::Rep, id)));
    people.sort();
    people.dedup();
    people
}

/// Quotas as delivered, of a subject or of each of its members, for those who have one.
pub(super) async fn quotas(
    asker: &Asker,
    subject: &Subject,
    by: Option<Dimension>,
    period: &Period,
    reach: &Reach,
) -> Result<Vec<Entry>, PageError> {
    let Some(metric) = asker.catalogue().metric(CREDITED) else { return Ok(Vec::new()) };
    let question = Question {
        metrics: vec![QUOTA.to_owned(), CREDITED.to_owned()],
        subject: subject.clone(),
        by: by.iter().cloned().collect(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, reach).await?;
    let mut entries = Vec::new();
    for pair in answer.numbers.chunks(2) {
        let [quota, credited] = pair else { continue };
        let Some(target) = quota.value.filter(|value| !value.is_zero()) else { continue };
        let whom = match (&by, quota.members.first().cloned().flatten()) {
            (None, _) => {
                let found = subject.id().and_then(|id| asker.organisation().member(subject.level(), id));
                let company = || asker.company().name.clone();
                Some((subject.clone(), found.map_or_else(company, |member| member.name)))
            }
            (Some(dimension), Some(member)) => {
                let level = dimension.level();
                level.map(|level| (Subject::at(level, member.id.clone()), member.name.clone()))
            }
            (Some(_), None) => None,
        };
        let Some((subject, name)) = whom else { continue };
        let is_prorated = quota.codes.contains(&Code::Prorated);
        let applicable = line::applicable(asker, &subject);
        let line = line::against(asker, metric, credited.clone(), Some(target), (&applicable, is_prorated));
        entries.push(Entry { subject, name, line, standing: Standing::Delivered });
    }
    Ok(entries)
}

/// Metrics of the catalogue: what is to be reached, and what counts toward it.
pub(super) const QUOTA: &str = "quota";
pub(crate) const CREDITED: &str = "credited_bookings";

async fn goals(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    name: &str,
    period: &Period,
) -> Result<Vec<Entry>, PageError> {
    let mut entries = Vec::new();
    // A goal is more than an aggregate: who may not open its subject sees none.
    if !app.reach().opens(subject) {
        return Ok(entries);
    }
    for goal in store::of_subject(app.records().read(), &app.actor(), asker, subject, period.key()).await? {
        let Some((metric, state)) = counted(asker, &goal, period) else { continue };
        let line = of_goal(app, asker, &goal, &metric, period).await?;
        let standing = Standing::Agreed { number: goal.number, state };
        entries.push(Entry { subject: subject.clone(), name: name.to_owned(), line, standing });
    }
    Ok(entries)
}

/// The line of a goal, after what was relieved.
pub(super) async fn of_goal(
    app: &App,
    asker: &Asker,
    goal: &Goal,
    metric: &Arc<Metric>,
    period: &Period,
) -> Result<Line, PageError> {
    let versions = relieved(versions(asker, goal, period), &goal.reliefs);
    Ok(line::of(asker, &goal.subject, metric, period, &versions, &app.reach()).await?)
}

/// The target of a goal for the days it applies, after what was relieved; none where no version holds.
pub(super) fn target_of(asker: &Asker, goal: &Goal, metric: &Metric, period: &Period) -> Option<Decimal> {
    let versions = relieved(versions(asker, goal, period), &goal.reliefs);
    let applicable = line::applicable(asker, &goal.subject);
    let (known_to, days) = (asker.as_of().date, WorkingDays::of(asker.company()));
    line::target(metric, period, &versions, &applicable, known_to, &days)
}

/// The versions of a goal that hold, each on its days.
fn versions(asker: &Asker, goal: &Goal, period: &Period) -> Vec<TargetVersion> {
    in_force(&goal.versions, period, asker.as_of().asked_on, &WorkingDays::of(asker.company()))
}

/// The same as if nothing had been relieved.
pub(super) async fn before_relief(
    app: &App,
    asker: &Asker,
    goal: &Goal,
    metric: &Arc<Metric>,
    period: &Period,
) -> Result<Line, PageError> {
    let versions = versions(asker, goal, period);
    Ok(line::of(asker, &goal.subject, metric, period, &versions, &app.reach()).await?)
}

/// The metric of a goal and the state of its newest version, unless all of it was declined or taken back.
fn counted(asker: &Asker, goal: &Goal, period: &Period) -> Option<(Arc<Metric>, State)> {
    let (days, today) = (WorkingDays::of(asker.company()), asker.as_of().asked_on);
    let states = goal
        .versions
        .iter()
        .enumerate()
        .rev()
        .map(|(position, version)| version.state(&goal.versions[position + 1..], period, today, &days));
    let alive: Vec<State> = states.filter(|state| !matches!(state, State::Ended(_))).collect();
    // What holds says more than a change that waits.
    let holds = |state: &&State| matches!(state, State::InForce { .. } | State::Closed { .. });
    let state = alive.iter().find(holds).or(alive.first())?.clone();
    Some((Arc::clone(asker.catalogue_for(period).metric(&goal.metric)?), state))
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
        (onward(app, &period))
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
fn onward(app: &App, period: &Period) -> Markup {
    html! {
        p.actions {
            a.button href=(format!("/goals/cascade?period={period}")) { "Cascade" }
            @if app.may(Act::Write, Object::GoalTemplates) { a.button href=(format!("/goals/templates/new?period={period}")) { "Goals for a role" } }
            @if app.may(Act::Read, Object::GoalTemplates) { a.button href="/goals/templates" { "Templates" } }
            @if app.may(Act::Read, Object::Reliefs) { a.button href="/goals/reliefs" { "Reliefs" } }
        }
    }
}

fn periods(asker: &Asker, path: &str, period: &Period) -> Markup {
    html! {
        form.filters method="get" action=(path) {
            div.field { label for="period" { "Period" } select id="period" name="period" {
                @for (group, periods) in choices(asker, period) { optgroup label=(group) { @for one in periods { option value=(one.key()) selected[one == *period] { (one.label()) } } } }
             } }
            button.button type="submit" { "Show" }
        }
    }
}

/// The periods to choose from, the one under way and the next among them: goals are about what is to come.
pub(super) fn choices(asker: &Asker, shown: &Period) -> Vec<(&'static str, Vec<Period>)> {
    let today = asker.as_of().asked_on;
    let mut choices = offered(asker);
    choices.retain(|(_, periods)| periods.iter().any(|period| period.from.is_some()));
    for (_, periods) in &mut choices {
        let grain = periods.first().map(|period| period.grain);
        let here = grain.and_then(|grain| asker.calendar().containing(today, grain));
        let next = here.as_ref().and_then(|here| asker.calendar().next(here));
        for period in here.into_iter().chain(next) {
            if !periods.contains(&period) {
                periods.insert(0, period);
            }
        }
        if grain == Some(shown.grain) && !periods.contains(shown) {
            periods.insert(0, shown.clone());
        }
    }
    choices
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

/// How much of a target is reached, in words.
pub(super) fn attained(line: &Line) -> String {
    match (&line.attainment, line.target) {
        (Some(Ok(share)), _) => format!("{} % of the target", places(*share * Decimal::ONE_HUNDRED, 1)),
        (Some(Err(why)), _) => why.to_string(),
        (None, None) => "no target holds yet".to_owned(),
        (None, Some(_)) => "nothing to hold against the target".to_owned(),
    }
}

/// Whether a target is on its way, in words.
pub(super) fn pace_words(line: &Line) -> String {
    use attain_stats::pace::Status;
    let Some(pace) = &line.pace else { return String::new() };
    let due = places(pace.share_due * Decimal::ONE_HUNDRED, 0);
    if line.is_over {
        return "The period is over.".to_owned();
    }
    match pace.status {
        Some(Status::OnPace) => format!("On pace: {due} % should be done by now."),
        Some(Status::AtRisk) => format!("At risk: {due} % should be done by now."),
        Some(Status::Behind) => format!("Behind: {due} % should be done by now."),
        None => format!("{due} % should be done by now, too little to say more."),
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

/// What has become of a version, in words.
pub(super) fn state_words(state: &State) -> String {
    use super::version::End;
    match state {
        State::Proposed => "proposed".to_owned(),
        State::InForce { agreed: true } => "in force".to_owned(),
        State::InForce { agreed: false } => "in force, not acknowledged".to_owned(),
        State::Superseded => "superseded".to_owned(),
        State::Lapsed => "not agreed on before the period ended".to_owned(),
        State::Closed { agreed: true } => "closed".to_owned(),
        State::Closed { agreed: false } => "closed, never acknowledged".to_owned(),
        State::Ended(End::Declined(reason)) => format!("declined: {reason}"),
        State::Ended(End::Withdrawn) => "withdrawn".to_owned(),
        State::Ended(End::Countered) => "countered".to_owned(),
    }
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
