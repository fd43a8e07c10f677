//! Reliefs as JSON.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::pages::{self, Listed, ReliefIn};
use super::{Answer, Relief};
use crate::goals::agreement;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Body, Path};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of reliefs.
pub(super) fn routes() -> Routes {
    Routes::new()
        .api(Rule::May(Act::Read, Object::Reliefs), routes!(list))
        .api(Rule::May(Act::Write, Object::Targets), routes!(ask))
        .api(Rule::May(Act::Write, Object::Reliefs), routes!(decide))
}

/// A relief.
#[derive(Serialize, ToSchema)]
struct ReliefOut {
    /// Number.
    number: i64,
    /// The goal.
    goal: i64,
    /// Whom it is about.
    name: String,
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// First day.
    from: String,
    /// Last day.
    to: String,
    /// The part of the target that is taken off, 0–1.
    share: String,
    /// Why.
    reason: String,
    /// asked, approved or refused.
    state: &'static str,
    /// Why it was refused.
    refused_because: Option<String>,
    /// Whether it waits for the decision of the one who asks.
    waits_for_you: bool,
}

impl From<Listed> for ReliefOut {
    fn from(listed: Listed) -> ReliefOut {
        let Listed { relief, goal, name, waits, .. } = listed;
        let (state, refused_because) = state(&relief);
        ReliefOut {
            number: relief.number,
            goal: goal.number,
            name,
            metric: goal.metric,
            period: goal.period,
            from: relief.from.to_string(),
            to: relief.to.to_string(),
            share: relief.share.normalize().to_string(),
            reason: relief.reason,
            state,
            refused_because,
            waits_for_you: waits,
        }
    }
}

fn state(relief: &Relief) -> (&'static str, Option<String>) {
    match relief.decision.as_ref().map(|decision| &decision.answer) {
        None => ("asked", None),
        Some(Answer::Approved) => ("approved", None),
        Some(Answer::Refused(reason)) => ("refused", Some(reason.clone())),
    }
}

/// The number of what was asked for.
#[derive(Serialize, ToSchema)]
struct ReliefAskedOut {
    /// Number of the relief.
    relief: i64,
}

/// Yes, or no and why.
#[derive(Deserialize, ToSchema)]
struct ReliefDecisionIn {
    /// Whether it is approved.
    approve: bool,
    /// Why not, where it is refused.
    #[serde(default)]
    reason: String,
}

/// A decision that was taken.
#[derive(Serialize, ToSchema)]
struct ReliefDecisionOut {
    /// approved or refused.
    state: &'static str,
}

/// Reliefs that you may see or decide on
#[utoipa::path(get, path = "/api/v1/goals/reliefs", responses((status = 200, body = [ReliefOut]), (status = 404, body = Problem)))]
async fn list(app: App) -> Result<Json<Vec<ReliefOut>>, PageError> {
    Ok(Json(pages::listed(&app).await?.into_iter().map(ReliefOut::from).collect()))
}

/// Asks for relief of a goal
#[utoipa::path(post, path = "/api/v1/goals/{number}/reliefs", params(("number" = i64, Path, description = "Number of the goal")), request_body = ReliefIn, responses((status = 201, body = ReliefAskedOut), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn ask(app: App, Path(number): Path<i64>, Body(wanted): Body<ReliefIn>) -> Result<Response, PageError> {
    let opened = agreement::opened(&app, number).await?;
    let relief = pages::asked(&app, &opened, &wanted).await?.map_err(PageError::Refused)?;
    Ok((StatusCode::CREATED, Json(ReliefAskedOut { relief })).into_response())
}

/// Decides on a relief
#[utoipa::path(post, path = "/api/v1/goals/reliefs/{number}/decision", params(("number" = i64, Path, description = "Number of the relief")), request_body = ReliefDecisionIn, responses((status = 200, body = ReliefDecisionOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn decide(
    app: App,
    Path(number): Path<i64>,
    Body(sent): Body<ReliefDecisionIn>,
) -> Result<Json<ReliefDecisionOut>, PageError> {
    let (answer, state) = match sent.approve {
        true => (Answer::Approved, "approved"),
        false => (Answer::Refused(sent.reason), "refused"),
    };
    pages::decided(&app, number, answer).await?;
    Ok(Json(ReliefDecisionOut { state }))
}
