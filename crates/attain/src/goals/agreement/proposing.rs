//! Proposing a goal: the form, and what is wrong with what it sends.

use std::sync::Arc;

use attain_metrics::{Asker, Direction, Metric, Period, Subject, WorkingDays};
use attain_records::WriteTransaction;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::sent::{Proposed, REASON_MAX, amounts};
use super::{path, states};
use crate::goals::choosing::Wanted;
use crate::goals::pages;
use crate::goals::party::Party;
use crate::goals::store::{self, Goal, Proposal};
use crate::goals::template::budget::exceeded_by_one;
use crate::goals::version::State;
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::{Form, Path};
use crate::web::problem::PageError;

/// The form that proposes a goal.
pub(in crate::goals) fn form(
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

/// Proposes a goal for a subject.
pub(in crate::goals) async fn propose(
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
pub(in crate::goals) fn has_goals(metric: &Metric) -> bool {
    matches!(metric.direction, Direction::Up | Direction::Down)
}
