//! One goal with all its versions: acknowledging, declining, countering and changing it. [`proposing`] makes one,
//! [`page`] shows it, [`sent`] reads what forms send.

mod page;
mod proposing;
mod sent;

use std::sync::Arc;

use attain_metrics::{Asker, Metric, Period, WorkingDays};
use attain_records::WriteTransaction;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::party::Party;
use super::store::{self, Goal, Proposal};
use super::version::{End, State, Version};
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::{Form, Path};
use crate::web::problem::PageError;

pub(super) use page::shown;
pub(super) use proposing::{form, has_goals, propose};
pub(super) use sent::{Proposed, REASON_MAX, number};

use page::whole;
use sent::amounts;

/// Why somebody says no.
#[derive(Deserialize)]
pub(super) struct Declined {
    reason: String,
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
