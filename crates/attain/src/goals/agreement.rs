//! One goal with all its versions: proposing, acknowledging, declining, countering and changing it.

use std::sync::Arc;

use attain_metrics::{Asker, Direction, Metric, Period, Subject, WorkingDays};
use attain_records::WriteTransaction;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::choosing::Wanted;
use super::entries::of_goal;
use super::line::Line;
use super::outlook;
use super::pages;
use super::party::Party;
use super::relief;
use super::store::{self, Goal, Proposal};
use super::template::budget::exceeded_by_one;
use super::version::{End, State, Version};
use super::words::{attained, pace_words, state_words};
use crate::people::names::Names;
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::components::number_path;
use crate::web::extract::{Form, Path, Query};
use crate::web::format::{date, figure_with_unit};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Letters of a reason at most.
pub(super) const REASON_MAX: usize = 2_000;
/// No target is larger.
const TARGET_MAX: Decimal = Decimal::from_parts(0xA4C6_8000, 0x0003_8D7E, 0, false, 0);

/// What the form of a proposal sends.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Proposed {
    #[serde(default)]
    metric: String,
    #[serde(default)]
    period: String,
    value: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    reason: String,
}

/// A target whose chance somebody wants to know.
#[derive(Default, Deserialize)]
pub(super) struct Tried {
    pub(super) value: Option<String>,
}

/// Why somebody says no.
#[derive(Deserialize)]
pub(super) struct Declined {
    reason: String,
}

/// Proposes a goal for a subject.
pub(super) async fn propose(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Form(sent): Form<Proposed>,
) -> Result<Response, PageError> {
    let (asker, subject) = (app.asker().await?, pages::subject(&level, id)?);
    let (subject, _) = look::at(&app, &asker, &subject, Depth::Values, "goals").await?;
    let by = Party::of(app.viewer(), &subject).ok_or(PageError::Hidden)?;
    let period = asker.calendar().parse(&sent.period)?;
    let (metric, value, from) = match proposal(&asker, &sent, &period) {
        Ok(read) => read,
        Err(problem) => return refused(&app, &subject, &sent, &problem).await,
    };
    let transaction = app.records().begin(&app.actor()).await?;
    store::alone(&transaction).await?;
    if let Some(goal) = holds_already(&transaction, &asker, &subject, &metric, &period).await? {
        return Ok(Redirect::to(&path(goal)).into_response());
    }
    if let Subject::Rep(person) = &subject {
        let of = (metric.as_ref(), &period);
        if let Some(problem) = exceeded_by_one(&app, &transaction, &asker, person, of).await? {
            drop(transaction);
            return refused(&app, &subject, &sent, &problem).await;
        }
    }
    let proposal = Proposal {
        subject: &subject,
        metric: &metric.id,
        period: period.key(),
        value,
        from,
        reason: sent.reason.trim(),
        by: Some(by),
        on: asker.as_of().asked_on,
        template: None,
    };
    let number = store::propose(&transaction, &proposal, None, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to(&path(number)).into_response())
}

/// The form again, with what is wrong with it.
async fn refused(
    app: &App,
    subject: &Subject,
    sent: &Proposed,
    problem: &str,
) -> Result<Response, PageError> {
    let wanted = Wanted { period: Some(sent.period.clone()) };
    let again = pages::whole(app, subject, &wanted, Some((sent, problem))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

/// A goal there is already for the same metric and period, which is changed instead.
async fn holds_already(
    transaction: &WriteTransaction,
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
) -> Result<Option<i64>, PageError> {
    let goals =
        store::of_subject(transaction.connection(), transaction.actor(), asker, subject, period.key())
            .await?;
    let (today, days) = (asker.as_of().asked_on, WorkingDays::of(asker.company()));
    let lives = |goal: &&Goal| {
        let states = states(goal, period, today, &days);
        goal.metric == metric.id && states.iter().any(|state| !matches!(state, State::Ended(_)))
    };
    Ok(goals.iter().find(lives).map(|goal| goal.number))
}

/// What a form proposes, or what is wrong with it.
fn proposal(asker: &Asker, sent: &Proposed, period: &Period) -> Result<(Arc<Metric>, Decimal, Date), String> {
    let metric = asker.catalogue_for(period).metric(&sent.metric).cloned();
    let metric = metric.filter(|metric| has_goals(metric));
    let metric =
        metric.ok_or_else(|| "Choose a metric of which it is known which way is good.".to_owned())?;
    // The first version is for the whole period.
    let (value, first) = amounts(asker, &Proposed { from: String::new(), ..sent.clone() }, period)?;
    Ok((metric, value, first))
}

/// Whether goals can be held against a metric: whether more or less of it is better.
pub(super) fn has_goals(metric: &Metric) -> bool {
    matches!(metric.direction, Direction::Up | Direction::Down)
}

/// A number as people type it, with commas between thousands.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let is_grouped = groups.len() == 1
        || (groups[0] != "0" && groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let value: Decimal =
        text.replace(',', "").parse().ok().filter(|_| is_grouped && !fraction.contains(','))?;
    (value.abs() <= TARGET_MAX && value.normalize().scale() <= 6).then_some(value)
}

/// Target and first day.
fn amounts(asker: &Asker, sent: &Proposed, period: &Period) -> Result<(Decimal, Date), String> {
    let value = number(&sent.value).ok_or_else(|| {
        format!(
            "`{}` is no number; write it like 120000 or 0.25, with at most fifteen digits and six decimals.",
            sent.value
        )
    })?;
    if value <= Decimal::ZERO {
        return Err("A target is more than zero.".to_owned());
    }
    let (Some(first), Some(last)) = (period.from, period.last_day()) else {
        return Err("A goal has a period with a first and a last day.".to_owned());
    };
    if last < asker.as_of().asked_on {
        return Err("That period is over; goals are agreed on before.".to_owned());
    }
    let from = match sent.from.trim() {
        "" => first,
        text => text.parse().map_err(|_| format!("`{text}` is no date; write it like 2026-03-31."))?,
    };
    if from < first || from > last {
        return Err(format!("The first day lies outside the period, {} to {}.", date(first), date(last)));
    }
    if sent.reason.trim().is_empty() || sent.reason.chars().count() > REASON_MAX {
        return Err(format!(
            "Say why, in at most {REASON_MAX} letters: whoever reads it later has only that."
        ));
    }
    Ok((value, from))
}

/// A goal as it is opened: with its party, names and line.
pub(super) struct Opened {
    pub(super) asker: Arc<Asker>,
    pub(super) goal: Goal,
    name: String,
    pub(super) metric: Arc<Metric>,
    pub(super) period: Period,
    pub(super) party: Option<Party>,
}

pub(super) async fn opened(app: &App, number: i64) -> Result<Opened, PageError> {
    let asker = app.asker().await?;
    let goal = store::by_number(app.records().read(), &app.actor(), &asker, number)
        .await?
        .ok_or(PageError::NotFound)?;
    let (subject, name) = look::at(app, &asker, &goal.subject, Depth::Rows, "a goal").await?;
    let period = asker.calendar().parse(&goal.period)?;
    let metric = asker.catalogue_for(&period).metric(&goal.metric).cloned().ok_or(PageError::NotFound)?;
    let party = Party::of(app.viewer(), &subject).filter(|_| app.may(Act::Write, Object::Targets));
    Ok(Opened { asker, goal: Goal { subject, ..goal }, name, metric, period, party })
}

impl Opened {
    fn states(&self) -> Vec<State> {
        let days = WorkingDays::of(self.asker.company());
        states(&self.goal, &self.period, self.asker.as_of().asked_on, &days)
    }

    /// Whether its period is over, so that nothing about it changes any more.
    pub(super) fn is_over(&self) -> bool {
        self.period.last_day().is_none_or(|last| last < self.asker.as_of().asked_on)
    }

    /// The version that is proposed and holds not yet.
    fn proposed(&self) -> Option<&Version> {
        let states = self.states();
        let mut each = self.goal.versions.iter().zip(&states).rev();
        each.find(|(_, state)| **state == State::Proposed).map(|(version, _)| version)
    }

    /// The newest version that somebody has not agreed to, whether or not it holds by silence.
    fn waiting(&self) -> Option<&Version> {
        let states = self.states();
        let mut waiting = self.goal.versions.iter().zip(&states).rev();
        let unanswered = |(version, state): &(&Version, &State)| {
            **state == State::Proposed
                || (**state == State::InForce { agreed: false } && !version.is_agreed())
        };
        waiting.find(unanswered).map(|(version, _)| version)
    }
}

/// What has become of each version of a goal.
pub(super) fn states(goal: &Goal, period: &Period, today: Date, days: &WorkingDays) -> Vec<State> {
    let each = goal.versions.iter().enumerate();
    each.map(|(at, version)| version.state(&goal.versions[at + 1..], period, today, days)).collect()
}

fn agreed_on(version: &Version, party: Party) -> Option<Date> {
    match party {
        Party::Subject => version.subject_agreed_on,
        Party::Leader => version.leader_agreed_on,
    }
}

pub(super) async fn shown(
    app: App,
    Path(number): Path<i64>,
    Query(tried): Query<Tried>,
) -> Result<Markup, PageError> {
    let opened = opened(&app, number).await?;
    whole(&app, &opened, None, tried.value.as_deref()).await
}

pub(super) async fn acknowledge(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    let opened = opened(&app, number).await?;
    let party = opened.party.ok_or(PageError::Hidden)?;
    let waiting = opened.waiting().filter(|version| agreed_on(version, party).is_none() && !opened.is_over());
    let Some(version) = waiting else { return conflict(&app, &opened, NOTHING_WAITS).await };
    let when = (opened.asker.as_of().asked_on, Timestamp::now());
    let Some(transaction) = unchanged(&app, &opened).await? else {
        return conflict(&app, &opened, NOTHING_WAITS).await;
    };
    store::agree(&transaction, &opened.goal, version.number, party, when).await?;
    transaction.commit().await?;
    Ok(Redirect::to(&path(opened.goal.number)).into_response())
}

pub(super) async fn decline(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<Declined>,
) -> Result<Response, PageError> {
    let opened = opened(&app, number).await?;
    let party = opened.party.ok_or(PageError::Hidden)?;
    let reason = sent.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return conflict(&app, &opened, "Say why not; nothing was changed.").await;
    }
    let proposed = opened.proposed().filter(|version| agreed_on(version, party).is_none());
    let Some(version) = proposed else { return conflict(&app, &opened, NOTHING_WAITS).await };
    ended(&app, &opened, version.number, &End::Declined(reason)).await
}

/// Takes back what one proposed oneself, while the other has not agreed to it.
pub(super) async fn withdraw(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    let opened = opened(&app, number).await?;
    let party = opened.party.ok_or(PageError::Hidden)?;
    let own = opened.waiting().filter(|version| agreed_on(version, party).is_some() && !opened.is_over());
    let Some(version) = own else { return conflict(&app, &opened, NOTHING_WAITS).await };
    ended(&app, &opened, version.number, &End::Withdrawn).await
}

/// Proposes another version: in the place of one that waits for an answer, or of one that holds.
pub(super) async fn change(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<Proposed>,
) -> Result<Response, PageError> {
    let opened = opened(&app, number).await?;
    let by = opened.party.ok_or(PageError::Hidden)?;
    let (value, from) = match amounts(&opened.asker, &sent, &opened.period) {
        Ok(read) => read,
        Err(problem) => return conflict(&app, &opened, &problem).await,
    };
    let Some(transaction) = unchanged(&app, &opened).await? else {
        return conflict(&app, &opened, NOTHING_WAITS).await;
    };
    if let Some(proposed) = opened.proposed() {
        store::end(&transaction, &opened.goal, proposed.number, &End::Countered, Timestamp::now()).await?;
    }
    let proposal = Proposal {
        subject: &opened.goal.subject,
        metric: &opened.goal.metric,
        period: &opened.goal.period,
        value,
        from,
        reason: sent.reason.trim(),
        by: Some(by),
        on: opened.asker.as_of().asked_on,
        template: None,
    };
    store::propose(&transaction, &proposal, Some(opened.goal.number), Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to(&path(opened.goal.number)).into_response())
}

/// What is said where an act comes too late, or from the wrong side.
pub(super) const NOTHING_WAITS: &str = "There is no version that waits for this from you; it may have been answered meanwhile. Nothing was changed.";

/// Begins a change of a goal that is still as it was opened; none where somebody was faster.
pub(super) async fn unchanged(app: &App, opened: &Opened) -> Result<Option<WriteTransaction>, PageError> {
    let transaction = app.records().begin(&app.actor()).await?;
    store::alone(&transaction).await?;
    let (asker, goal) = (&opened.asker, &opened.goal);
    let now = store::by_number(transaction.connection(), &app.actor(), asker, goal.number).await?;
    Ok(now
        .is_some_and(|now| (&now.versions, &now.reliefs) == (&goal.versions, &goal.reliefs))
        .then_some(transaction))
}

async fn ended(app: &App, opened: &Opened, version: i64, end: &End) -> Result<Response, PageError> {
    let Some(transaction) = unchanged(app, opened).await? else {
        return conflict(app, opened, NOTHING_WAITS).await;
    };
    store::end(&transaction, &opened.goal, version, end, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to(&path(opened.goal.number)).into_response())
}

pub(super) async fn conflict(app: &App, opened: &Opened, problem: &str) -> Result<Response, PageError> {
    Ok((StatusCode::CONFLICT, whole(app, opened, Some(problem), None).await?).into_response())
}

/// The address of a goal.
pub(super) fn path(number: i64) -> String {
    format!("/goal/{number}")
}

async fn whole(
    app: &App,
    opened: &Opened,
    problem: Option<&str>,
    tried: Option<&str>,
) -> Result<Markup, PageError> {
    let Opened { asker, goal, name, metric, period, .. } = opened;
    let line = of_goal(app, asker, goal, metric, period).await?;
    let found = outlook::of_one(asker, &goal.subject, metric, period, &app.reach()).await?;
    let path = path(goal.number);
    let outlook = outlook::Shown {
        asker,
        subject: &goal.subject,
        line: &line,
        found: found.as_ref(),
        proposed: opened.proposed().map(|version| version.value),
        tried,
        path: &path,
    };
    let names = Names::read(app).await?;
    let relief = relief::section(app, opened, &line, &names).await?;
    let subject_path = format!(
        "/goals/{}/{}?period={period}",
        goal.subject.level().name(),
        goal.subject.id().unwrap_or_default()
    );
    let other_periods = format!("{subject_path}#period");
    let title = format!("{} of {name}, {}", metric.label, period.label());
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li { a href=(subject_path) { (name) } } li aria-current="page" { (metric.label) } } }
            div.head-line { h1 { (metric.label) " of " (name) } span.meta { (period.label()) } }
            p.finding { (finding(&line, opened)) }
        }
        @if let Some(problem) = problem { div.notice role="alert" { p { (problem) } } }
        (outlook::section(&outlook))
        (versions(opened, &names))
        (relief)
        (acts(opened))
    };
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Goals),
        period: Some((period, &other_periods)),
        asker: Some(asker),
        main,
        sheet: None,
    }))
}

fn finding(line: &Line, opened: &Opened) -> Markup {
    let currency = &opened.asker.company().currency;
    html! {
        b {
            @match (line.number.value, line.target) {
                (Some(value), Some(target)) => {
                    a href=(number_path(&opened.goal.subject, &line.metric.id, &line.period, "numbers")) { (figure_with_unit(value, line.metric.unit, currency)) }
                    " of " (figure_with_unit(target, line.metric.unit, currency)) ", " (attained(line)) "."
                },
                (_, None) => { "No target holds yet." },
                (None, Some(_)) => { "There is nothing to hold against the target yet." },
            }
        }
        " " (pace_words(line))
        @if line.is_prorated { " The target is that of the days it applies." }
    }
}

fn versions(opened: &Opened, names: &Names) -> Markup {
    let currency = &opened.asker.company().currency;
    let (versions, states) = (opened.goal.versions.iter(), opened.states());
    let day = |day: Option<Date>| day.map_or_else(|| "–".to_owned(), date);
    html! {
        section aria-labelledby="versions-title" {
            div.section-head { h2 id="versions-title" { "Versions" } }
            div.scroll tabindex="0" role="region" aria-label="Versions" {
                table.table {
                    caption.unseen { "Versions, newest first" }
                    thead { tr { th.num scope="col" { "Target" } th scope="col" { "From" } th scope="col" { "Why" } th scope="col" { "Proposed" } th scope="col" { (opened.name) " agreed" } th scope="col" { "Leader agreed" } th scope="col" { "State" } } }
                    tbody {
                        @for (version, state) in versions.zip(&states).rev() {
                            tr {
                                td.num { (figure_with_unit(version.value, opened.metric.unit, currency)) }
                                td { (date(version.from)) }
                                td { (version.reason) }
                                td { (date(version.proposed_on)) " by " (names.who(&version.proposed_by)) }
                                td { (day(version.subject_agreed_on)) }
                                td { (day(version.leader_agreed_on)) }
                                td { (state_words(state)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the one who looks can do now: only acts that would be taken are offered.
fn acts(opened: &Opened) -> Markup {
    let Some(party) = opened.party else { return html! {} };
    if opened.is_over() {
        return html! {};
    }
    let to = |act: &str| format!("{}/{act}", path(opened.goal.number));
    let waiting = opened.waiting();
    let (for_them, own) = match waiting {
        Some(version) => (agreed_on(version, party).is_none(), agreed_on(version, party).is_some()),
        None => (false, false),
    };
    html! {
        section aria-labelledby="acts-title" {
            div.section-head { h2 id="acts-title" { @if for_them { "Your answer" } @else { "Change it" } } }
            @if for_them {
                div.actions {
                    form method="post" action=(to("acknowledge")) { button.button.primary type="submit" { "Acknowledge" } }
                }
                @if opened.proposed().is_some() {
                    form.filters method="post" action=(to("decline")) {
                        div.field { label for="no" { "Why not" } input id="no" name="reason" required maxlength=(REASON_MAX); }
                        button.button type="submit" { "Decline" }
                    }
                }
            }
            @if own { form.act method="post" action=(to("withdraw")) { button.button type="submit" { "Take the proposal back" } } }
            form.filters method="post" action=(to("change")) {
                div.field { label for="value" { "Another target" } input id="value" name="value" required inputmode="decimal" maxlength="30"; }
                div.field { label for="from" { "From" } input id="from" type="date" name="from" value=[opened.period.from.map(|from| from.to_string())] required; }
                div.field { label for="reason" { "Why" } input id="reason" name="reason" required maxlength=(REASON_MAX); }
                button.button type="submit" { @if for_them { "Propose this instead" } @else { "Propose a change" } }
            }
            p.small.quiet { "Both sides agree to a version; without an answer it holds after ten working days, and says so. Every version stays." }
        }
    }
}

/// The form that proposes a goal.
pub(super) fn form(
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    refused: Option<(&Proposed, &str)>,
) -> Markup {
    let blank = Proposed::default();
    let (sent, problem) = refused.map_or((&blank, None), |(sent, problem)| (sent, Some(problem)));
    let metrics = asker.catalogue_for(period).metrics().filter(|metric| has_goals(metric));
    let mut sections: Vec<(&str, Vec<&Arc<Metric>>)> = Vec::new();
    for metric in metrics {
        match sections.iter_mut().find(|(section, _)| *section == metric.section) {
            Some((_, of_section)) => of_section.push(metric),
            None => sections.push((&metric.section, vec![metric])),
        }
    }
    // Most goals are about what is sold.
    let chosen = if sent.metric.is_empty() { "bookings" } else { &sent.metric };
    html! {
        section aria-labelledby="propose-title" {
            div.section-head { h2 id="propose-title" { "Propose a goal" } }
            @if let Some(problem) = problem { div.notice role="alert" { p { (problem) } } }
            form.editor method="post" action=(format!("/goals/{}/{}", subject.level().name(), subject.id().unwrap_or_default())) {
                input type="hidden" name="period" value=(period.key());
                div.fields {
                    div.field { label for="metric" { "Metric" } select id="metric" name="metric" { @for (section, metrics) in sections { optgroup label=(section) { @for metric in metrics { option value=(metric.id) selected[metric.id == chosen] { (metric.label) } } } } } }
                    div.field { label for="target" { "Target of the whole period" } input id="target" name="value" value=(sent.value) required inputmode="decimal" maxlength="30"; }
                    div.field { label for="why" { "Why" } input id="why" name="reason" value=(sent.reason) required maxlength=(REASON_MAX); }
                }
                p.small.quiet { "Rates are written as fractions: 0.25 for 25 %." }
                p.actions { button.button.primary type="submit" { "Propose" } }
            }
        }
    }
}
