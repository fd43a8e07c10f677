//! Templates as JSON.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::choice::{Chosen, Wrong};
use super::committed::{self, Proposed, Undone, taken_back_words};
use super::draft::Row;
use super::preview::Preview;
use super::store::Committed;
use super::words;
use crate::goals::words::state_words;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Body, Path};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of templates.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::GoalTemplates);
    let writes = Rule::May(Act::Write, Object::GoalTemplates);
    Routes::new()
        .api(reads, routes!(list))
        .api(writes, routes!(commit))
        .api(writes, routes!(preview))
        .api(reads, routes!(shown))
        .api(writes, routes!(undo))
}

/// A template that was committed.
#[derive(Serialize, ToSchema)]
struct GoalTemplateOut {
    /// Number.
    number: i64,
    /// The role it was for.
    role: String,
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// How the targets came about.
    sharing: String,
    /// Why.
    reason: String,
    /// What they are held against.
    plan: Option<String>,
    /// Day of the commit.
    proposed_on: String,
    /// Day of the undo.
    undone_on: Option<String>,
    /// Who was left out, and why.
    left_out: Vec<LeftOutOut>,
}

/// Somebody who gets no goal.
#[derive(Serialize, ToSchema)]
struct LeftOutOut {
    /// Name.
    name: String,
    /// Why.
    why: String,
}

impl From<Committed> for GoalTemplateOut {
    fn from(template: Committed) -> GoalTemplateOut {
        let left_out = template.left_out.into_iter().map(|(name, why)| LeftOutOut { name, why });
        GoalTemplateOut {
            number: template.number,
            role: template.role,
            metric: template.metric,
            period: template.period,
            sharing: template.sharing,
            reason: template.reason,
            plan: template.plan.map(|plan| plan.normalize().to_string()),
            proposed_on: template.on.to_string(),
            undone_on: template.undone.map(|(_, on)| on.to_string()),
            left_out: left_out.collect(),
        }
    }
}

/// What a template would do.
#[derive(Serialize, ToSchema)]
struct GoalPreviewOut {
    /// What is to be said of all of it.
    finding: String,
    /// What that is made of.
    explained: String,
    /// What the targets add up to, for the days they apply.
    sum: String,
    /// What they are held against.
    plan: Option<String>,
    /// Who gets which target.
    goals: Vec<DraftedGoalOut>,
    /// Who is left out of the role, or not meant at all, and why.
    left_out: Vec<LeftOutOut>,
}

/// A goal as it would be proposed.
#[derive(Serialize, ToSchema)]
struct DraftedGoalOut {
    /// Identifier of the person.
    id: String,
    /// Name.
    name: String,
    /// The target that holds now; null also where it is not yours to see.
    before: Option<String>,
    /// The share, before part time and ramp.
    share: String,
    /// The target of the whole period.
    target: String,
    /// The target for the days it applies.
    applies: String,
    /// Why it is less than the share.
    because: Vec<String>,
}

impl From<&Row> for DraftedGoalOut {
    fn from(row: &Row) -> DraftedGoalOut {
        DraftedGoalOut {
            id: row.id.clone(),
            name: row.name.clone(),
            before: row.before.and_then(|(_, value)| value).map(|value| value.normalize().to_string()),
            share: row.share.normalize().to_string(),
            target: row.value.normalize().to_string(),
            applies: row.applies.normalize().to_string(),
            because: words::reduced(row),
        }
    }
}

/// A template with what became of its goals.
#[derive(Serialize, ToSchema)]
struct GoalTemplateOpenedOut {
    /// The template.
    template: GoalTemplateOut,
    /// Its goals.
    goals: Vec<TemplateGoalOut>,
}

/// A goal of a template.
#[derive(Serialize, ToSchema)]
struct TemplateGoalOut {
    /// Number of the goal.
    goal: i64,
    /// Whom it is about.
    name: String,
    /// Target of the whole period.
    target: String,
    /// What became of it; null of those who are not yours to see.
    state: Option<String>,
    /// yes, or why it cannot be taken back; just no of those who are not yours to see.
    can_be_taken_back: String,
}

impl TemplateGoalOut {
    fn of(app: &App, proposed: Proposed) -> TemplateGoalOut {
        let opens = app.reach().opens(&proposed.goal.subject);
        TemplateGoalOut {
            goal: proposed.goal.number,
            name: proposed.name,
            target: proposed.value.normalize().to_string(),
            state: opens.then(|| state_words(&proposed.state)),
            can_be_taken_back: taken_back_words(&proposed.taken_back, opens),
        }
    }
}

/// What an undo did.
#[derive(Serialize, ToSchema)]
struct GoalTemplateUndoneOut {
    /// So many goals were taken back.
    taken_back: usize,
    /// So many stay; the template says why of each.
    stays: usize,
}

impl From<Wrong> for PageError {
    fn from(wrong: Wrong) -> PageError {
        PageError::Invalid { field: wrong.field.into(), message: wrong.message }
    }
}

/// Templates of goals that were committed
#[utoipa::path(get, path = "/api/v1/goals/templates", responses((status = 200, body = [GoalTemplateOut]), (status = 404, body = Problem)))]
async fn list(app: App) -> Result<Json<Vec<GoalTemplateOut>>, PageError> {
    Ok(Json(committed::theirs(&app).await?.into_iter().map(GoalTemplateOut::from).collect()))
}

/// Says what a template would do
#[utoipa::path(post, path = "/api/v1/goals/templates/preview", request_body = Chosen, responses((status = 200, body = GoalPreviewOut), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn preview(app: App, Body(chosen): Body<Chosen>) -> Result<Json<GoalPreviewOut>, PageError> {
    let preview = Preview::of(&app, &chosen).await??;
    let left_out = preview.draft.left_out.iter();
    let left_out = left_out.map(|(name, why)| LeftOutOut { name: name.clone(), why: words::left_out(why) });
    Ok(Json(GoalPreviewOut {
        finding: preview.sum.finding(),
        explained: preview.sum.explained(&preview.template.metric, &preview.asker.company().currency),
        sum: preview.sum.applies.normalize().to_string(),
        plan: preview.sum.plan.map(|plan| plan.normalize().to_string()),
        goals: preview.draft.rows.iter().map(DraftedGoalOut::from).collect(),
        left_out: left_out.collect(),
    }))
}

/// Proposes the goals of a template
#[utoipa::path(post, path = "/api/v1/goals/templates", request_body = Chosen, responses((status = 201, body = GoalTemplateOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn commit(app: App, Body(chosen): Body<Chosen>) -> Result<Response, PageError> {
    let preview = Preview::of(&app, &chosen).await??;
    if preview.draft.rows.is_empty() {
        return Err(PageError::Refused("Nobody would get a goal, so nothing was proposed.".to_owned()));
    }
    let number = preview.commit(&app).await?.ok_or_else(|| {
        PageError::Refused("Goals changed meanwhile, and nothing was proposed. Try again.".to_owned())
    })?;
    let opened = committed::opened(&app, number).await?;
    let place = [(header::LOCATION, format!("/api/v1/goals/templates/{number}"))];
    Ok((StatusCode::CREATED, place, Json(GoalTemplateOut::from(opened.template))).into_response())
}

/// One template with what became of its goals
#[utoipa::path(get, path = "/api/v1/goals/templates/{number}", params(("number" = i64, Path, description = "Number of the template")), responses((status = 200, body = GoalTemplateOpenedOut), (status = 404, body = Problem)))]
async fn shown(app: App, Path(number): Path<i64>) -> Result<Json<GoalTemplateOpenedOut>, PageError> {
    let opened = committed::opened(&app, number).await?;
    let goals = opened.goals.into_iter().map(|proposed| TemplateGoalOut::of(&app, proposed)).collect();
    Ok(Json(GoalTemplateOpenedOut { template: opened.template.into(), goals }))
}

/// Takes back what nobody has acknowledged of a template
#[utoipa::path(post, path = "/api/v1/goals/templates/{number}/undo", params(("number" = i64, Path, description = "Number of the template")), responses((status = 200, body = GoalTemplateUndoneOut), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn undo(app: App, Path(number): Path<i64>) -> Result<Json<GoalTemplateUndoneOut>, PageError> {
    match committed::undone(&app, number).await? {
        Undone::Done { taken_back, stays } => Ok(Json(GoalTemplateUndoneOut { taken_back, stays })),
        Undone::Nothing => Err(PageError::Refused(committed::NOTHING_LEFT.to_owned())),
    }
}
