//! Restating credit: deals of a delivery that changed hands after they were closed count for their
//! new owner from now on, for a reason; and taking that back. What would move is shown first.

use std::sync::Arc;

use attain_facts::restatement::{RestateError, restate, take_back};
use attain_facts::store::{ImportRecord, RestatedDeal, Store, StoreError};
use attain_metrics::{Asker, Reach, ReassignedDeal, credit_of};
use attain_records::Actor;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::numbers::numbers;
use super::page::reassigned_deals;
use super::{EVERYTHING, Listed, Past, PastError};
use crate::data::undo::{changeable, sentence};
use crate::definitions::Definitions;
use crate::web::App;
use crate::web::extract::{Form, Path, Query};
use crate::web::format::{instant, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Which of a delivery's reassigned deals are meant; all where nothing is said.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    /// Those of one who owned them, by id or name.
    #[serde(default)]
    pub(crate) from: String,
    /// Those of one who owns them now, by id or name.
    #[serde(default)]
    pub(crate) to: String,
    /// One deal, by its key in the source.
    #[serde(default)]
    pub(crate) deal: String,
}

impl Chosen {
    fn includes(&self, deal: &ReassignedDeal) -> bool {
        let is_meant = |said: &str, person: &Option<attain_metrics::Member>| {
            let said = said.trim();
            let named = |person: &attain_metrics::Member| {
                person.id == said || person.name.to_lowercase() == said.to_lowercase()
            };
            said.is_empty() || person.as_ref().is_some_and(named)
        };
        let is_deal = self.deal.trim().is_empty() || deal.key.source_id == self.deal.trim();
        is_meant(&self.from, &deal.from) && is_meant(&self.to, &deal.to) && is_deal
    }
}

/// Why no credit was restated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestatingError {
    /// The delivery gave no closed deal that was meant to somebody else.
    #[error("import {0} gave no such closed deal to another owner; nothing was changed")]
    NoneReassigned(i64),
    /// It could not be done.
    #[error(transparent)]
    Restate(#[from] RestateError),
    /// What is concerned could not be told.
    #[error(transparent)]
    Past(#[from] PastError),
}

/// Deals of a delivery whose credit can be restated, and what that would move.
pub(crate) struct Proposed {
    deals: Vec<RestatedDeal>,
    /// What would move.
    pub(crate) past: Past,
}

/// What restating would do to the numbers of now. Deals that count for their new owner already are
/// left alone, and so are those that are no longer closed.
pub(crate) async fn proposed(
    store: &Store,
    definitions: &Definitions,
    actor: &Actor,
    import: &ImportRecord,
    chosen: &Chosen,
    now: Timestamp,
) -> Result<Proposed, RestatingError> {
    let past = Past::of_entry(store, definitions, actor, import).await?.unwrap_or_default();
    let is_restatement = import.restatement.is_some();
    let meant = past.deals.iter().filter(|deal| !is_restatement && chosen.includes(deal));
    let meant: Vec<&ReassignedDeal> = meant.filter(|deal| deal.to.is_some()).collect();
    if meant.is_empty() {
        return Err(RestatingError::NoneReassigned(import.number));
    }
    let held = store.newest(actor).await.map_err(PastError::from)?.ok_or(RestateError::NothingImported)?;
    let editions = definitions.now(actor).await.map_err(PastError::from)?;
    let open = async |snapshot| {
        let opened = Asker::open(Arc::new(snapshot), Arc::clone(&editions), now).await;
        opened.map_err(PastError::from)
    };
    let before = open(held.clone()).await?;
    let deals = restatable(&before, &meant, &EVERYTHING).await?;
    if deals.is_empty() {
        return Err(RestateError::NoDeals.into());
    }
    let after = open(held.with_restated(&deals)).await?;
    let past = Past::between(&before, &after, Listed::OtherCredit, &EVERYTHING).await?;
    Ok(Proposed { deals, past })
}

async fn restatable(
    now: &Asker,
    meant: &[&ReassignedDeal],
    reach: &Reach,
) -> Result<Vec<RestatedDeal>, PastError> {
    let ids: Vec<&str> = meant.iter().map(|deal| deal.opportunity_id.as_str()).collect();
    let credit = credit_of(now, &ids, reach).await?;
    let restated = |deal: &&ReassignedDeal| {
        let from = credit.get(&deal.opportunity_id)?.clone();
        let to = deal.to.as_ref()?.id.clone();
        (from.as_ref() != Some(&to)).then(|| RestatedDeal {
            source_system: deal.key.source_system.clone(),
            source_id: deal.key.source_id.clone(),
            opportunity_id: deal.opportunity_id.clone(),
            from,
            to,
        })
    };
    Ok(meant.iter().filter_map(restated).collect())
}

impl Proposed {
    /// How many deals are concerned.
    pub(crate) fn deals(&self) -> usize {
        self.deals.len()
    }

    /// Does it. Returns its number in the history of imports.
    pub(crate) async fn restate(
        &self,
        store: &Store,
        actor: &Actor,
        reason: &str,
        now: Timestamp,
    ) -> Result<i64, RestatingError> {
        Ok(restate(store, actor, &self.deals, reason, now).await?)
    }
}

/// Proposes for whoever may restate.
pub(super) async fn proposed_on(app: &App, number: i64, chosen: &Chosen) -> Result<Proposed, PageError> {
    let import = changeable(app, number).await?;
    let found = proposed(app.store(), app.definitions(), &app.actor(), &import, chosen, app.now()).await;
    Ok(found?)
}

/// Restates for whoever may. Returns the number that it has in the history.
pub(super) async fn restate_on(
    app: &App,
    number: i64,
    chosen: &Chosen,
    reason: &str,
) -> Result<i64, PageError> {
    let proposed = proposed_on(app, number, chosen).await?;
    Ok(proposed.restate(app.store(), &app.actor(), reason, app.now()).await?)
}

/// Takes a restatement back for whoever may. Returns the number that this has in the history.
pub(super) async fn take_back_on(app: &App, number: i64, reason: &str) -> Result<i64, PageError> {
    changeable(app, number).await?;
    let taken = take_back(app.store(), &app.actor(), number, reason, app.now()).await;
    Ok(taken.map_err(RestatingError::from)?)
}

/// What would be restated, to be confirmed.
pub(in crate::data) async fn confirm(
    app: App,
    Path(number): Path<i64>,
    Query(chosen): Query<Chosen>,
) -> Result<Markup, PageError> {
    shown(&app, number, &chosen, None).await
}

/// What the confirmation sends.
#[derive(Deserialize)]
pub(in crate::data) struct Confirmation {
    #[serde(flatten)]
    chosen: Chosen,
    #[serde(default)]
    reason: String,
}

/// Restates what was confirmed, or shows it again with what stands against it.
pub(in crate::data) async fn confirmed(
    app: App,
    Path(number): Path<i64>,
    Form(Confirmation { chosen, reason }): Form<Confirmation>,
) -> Result<Response, PageError> {
    match restate_on(&app, number, &chosen, &reason).await {
        Ok(restated) => Ok(Redirect::to(&format!("/data/imports/{restated}/past")).into_response()),
        Err(PageError::Invalid { message, .. }) => {
            Ok(shown(&app, number, &chosen, Some(message)).await?.into_response())
        }
        Err(other) => Err(other),
    }
}

async fn shown(
    app: &App,
    number: i64,
    chosen: &Chosen,
    problem: Option<String>,
) -> Result<Markup, PageError> {
    let import = changeable(app, number).await?;
    let outcome = match proposed_on(app, number, chosen).await {
        Ok(proposed) => question(number, chosen, &proposed, problem.as_deref()),
        Err(PageError::Refused(problem)) => html! {
            div.notice role="alert" { p { b { "There is nothing to restate." } " " (problem) } }
            p.actions { a.button href=(format!("/data/imports/{number}/past")) { "Back to the past numbers of import " (number) } }
        },
        Err(other) => return Err(other),
    };
    let asker = app.asker().await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li { a href=(format!("/data/imports/{number}")) { "Import " (number) } } li { a href=(format!("/data/imports/{number}/past")) { "Past numbers" } } li aria-current="page" { "Restate credit" } } }
            div.head-line { h1 { "Restate credit" } span.meta { "deals that import " (number) " gave to others, " (instant(import.finished_at, &asker.company().time_zone)) } }
            p.finding { "From now on these deals count for their new owner, in the period in which they closed. Numbers as of before stay, and signed numbers still verify. It can be taken back." }
        }
        (outcome)
    };
    Ok(page(&Page {
        app,
        title: "Restate credit",
        place: Some(Place::Data),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

fn question(number: i64, chosen: &Chosen, proposed: &Proposed, problem: Option<&str>) -> Markup {
    let deals = proposed.deals();
    html! {
        @if let Some(problem) = problem { div.notice role="alert" { p { b { "Nothing was restated." } " " (problem) } } }
        (numbers(&proposed.past, "What would move", None))
        (reassigned_deals(&proposed.past, None, None))
        section aria-labelledby="act-title" {
            div.section-head { h2 id="act-title" { "Restate" } }
            form.editor method="post" action=(format!("/data/imports/{number}/restatement")) {
                input type="hidden" name="from" value=(chosen.from);
                input type="hidden" name="to" value=(chosen.to);
                input type="hidden" name="deal" value=(chosen.deal);
                div.fields {
                    div.field { label for="reason" { "Why, for those whose numbers move" } input id="reason" type="text" name="reason" required maxlength="2000" placeholder="agreed handover, signed by both managers"; }
                }
                p.actions {
                    button.button.primary type="submit" { "Restate " (whole(deals.into())) @if deals == 1 { " deal" } @else { " deals" } }
                    a.button.plain href=(format!("/data/imports/{number}/past")) { "Leave credit where it is" }
                }
            }
        }
    }
}

/// Why a restatement is taken back.
#[derive(Deserialize)]
pub(in crate::data) struct TakingBack {
    #[serde(default)]
    reason: String,
}

/// Takes a restatement back.
pub(in crate::data) async fn taken_back(
    app: App,
    Path(number): Path<i64>,
    Form(TakingBack { reason }): Form<TakingBack>,
) -> Result<Redirect, PageError> {
    let taken = take_back_on(&app, number, &reason).await?;
    Ok(Redirect::to(&format!("/data/imports/{taken}/past")))
}

/// The offer to take a restatement back.
pub(in crate::data) fn take_back_offered(number: i64) -> Markup {
    html! {
        form.editor method="post" action=(format!("/data/imports/{number}/take-back")) {
            div.fields {
                div.field { label for="reason" { "Why it is taken back" } input id="reason" type="text" name="reason" required maxlength="2000"; }
            }
            p.actions { button.button type="submit" { "Take this restatement back" } }
        }
    }
}

impl From<RestatingError> for PageError {
    fn from(error: RestatingError) -> PageError {
        let message = sentence(&error.to_string());
        match error {
            RestatingError::Restate(RestateError::Reason) => {
                PageError::Invalid { field: "reason".into(), message }
            }
            RestatingError::Restate(RestateError::NothingImported) => PageError::NothingImported,
            RestatingError::Restate(RestateError::Store(StoreError::Overtaken)) => {
                PageError::Refused(message)
            }
            RestatingError::Restate(RestateError::Store(_)) => PageError::Internal(message),
            RestatingError::Past(past) => past.into(),
            RestatingError::Restate(_) | RestatingError::NoneReassigned(_) => PageError::Refused(message),
        }
    }
}

impl From<PastError> for PageError {
    fn from(error: PastError) -> PageError {
        match error {
            PastError::Metrics(error) => error.into(),
            PastError::Store(error) => error.into(),
            PastError::Definitions(error) => error.into(),
        }
    }
}
