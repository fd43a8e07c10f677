//! Cards and scores as JSON.

use attain_metrics::{Level, Subject};
use attain_stats::Undefined;
use attain_stats::scorecard::Attained;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::card::{Weighted, way_name};
use super::components::Held;
use super::composition::Counted;
use super::counter::Counter;
use super::scored::{self, Beside, Outcome, Scored};
use super::store;
use super::table::towards;
use super::version::Version;
use super::words::{finding, missing, nothing};
use super::writing::{self, Sent};
use crate::goals::targets::Origin;
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::{Body, Query};
use crate::web::periods;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    Routes::new()
        .api(Rule::May(Act::Read, Object::Definitions), routes!(cards))
        .api(Rule::May(Act::Write, Object::Definitions), routes!(write))
        .api(Rule::May(Act::Read, Object::Values), routes!(score))
}

/// A version of the card of a role.
#[derive(Serialize, ToSchema)]
struct RoleCardOut {
    /// Number, over all roles.
    version: i64,
    /// The role.
    role: String,
    /// First day it holds; a later version takes its place from its own first day on.
    from: String,
    /// What becomes of a component that is missing: renormalise, neutral or exclude_subject.
    when_missing: &'static str,
    /// Metrics with their weights.
    components: Vec<RoleCardComponentOut>,
    /// Why.
    reason: String,
    /// When it was written.
    written_at: String,
}

/// A metric of a card.
#[derive(Serialize, ToSchema)]
struct RoleCardComponentOut {
    /// Metric.
    metric: String,
    /// Its weight, in percent.
    weight: String,
    /// The least its attainment counts as, in percent.
    floor: Option<String>,
    /// The most its attainment counts as, in percent.
    cap: Option<String>,
}

impl From<&Version> for RoleCardOut {
    fn from(version: &Version) -> RoleCardOut {
        let component = |one: &Weighted| RoleCardComponentOut {
            metric: one.metric.clone(),
            weight: text(one.weight),
            floor: one.floor.map(text),
            cap: one.cap.map(text),
        };
        RoleCardOut {
            version: version.number,
            role: version.role.clone(),
            from: version.from.to_string(),
            when_missing: way_name(version.card.when_missing()),
            components: version.card.components().iter().map(component).collect(),
            reason: version.reason.clone(),
            written_at: version.at.to_string(),
        }
    }
}

fn text(value: Decimal) -> String {
    value.normalize().to_string()
}

/// Every version of every role's card, the newest first.
#[utoipa::path(get, path = "/api/v1/role-cards", responses((status = 200, body = Vec<RoleCardOut>)))]
async fn cards(app: App) -> Result<Json<Vec<RoleCardOut>>, PageError> {
    let versions = store::all(app.records().read(), &app.actor()).await?;
    Ok(Json(versions.iter().map(RoleCardOut::from).collect()))
}

/// Writes a version of a role's card.
#[utoipa::path(post, path = "/api/v1/role-cards", request_body = Sent, responses((status = 201, body = RoleCardOut), (status = 422, body = Problem)))]
async fn write(app: App, Body(sent): Body<Sent>) -> Result<Response, PageError> {
    let number = match writing::add(&app, &sent).await? {
        Ok(number) => number,
        Err(wrong) => return Err(PageError::Invalid { field: wrong.field.into(), message: wrong.message }),
    };
    let versions = store::all(app.records().read(), &app.actor()).await?;
    let written = versions.iter().find(|version| version.number == number).ok_or(PageError::NotFound)?;
    Ok((StatusCode::CREATED, Json(RoleCardOut::from(written))).into_response())
}

/// Of whom, when, and by which card.
#[derive(Deserialize, IntoParams)]
struct ScoreQuery {
    /// company (the default), region, manager or rep.
    level: Option<String>,
    /// Identifier of the region, manager or rep.
    id: Option<String>,
    /// 2026-Q3, 2026-09 or 2026; the last quarter that is over unless given.
    period: Option<String>,
    /// Of more than one person: the role whose card is used; the most frequent that has one unless given.
    role: Option<String>,
}

/// A score with what it is made of.
#[derive(Serialize, ToSchema)]
struct ScoreOut {
    /// Period.
    period: String,
    /// What is to be said, in a sentence.
    sentence: String,
    /// The role whose card is used; null where there is none.
    role: Option<String>,
    /// Version of the card.
    card: Option<i64>,
    /// Weights times attainments as they count, divided by the weights that count; null where there is none.
    score: Option<String>,
    /// The part of the applicable weight that has a value.
    coverage: Option<String>,
    /// Codes: those of what is missing, E18 where too little of the weight has a value.
    codes: Vec<&'static str>,
    /// 95 % interval of the score, components taken as independent; null where it is not known.
    interval: Option<[f64; 2]>,
    /// What is missing or does not apply, with weights and reasons.
    missing: Vec<String>,
    /// In the order of the card.
    components: Vec<ScoreComponentOut>,
}

/// A component of a score.
#[derive(Serialize, ToSchema)]
struct ScoreComponentOut {
    /// Metric.
    metric: String,
    /// Value.
    value: Option<String>,
    /// Target, for the days it applies.
    target: Option<String>,
    /// quota, goal or derived: added up from people's.
    target_from: Option<&'static str>,
    /// What counts towards the target, where that is not the value: a quota is of credited bookings.
    counts_towards: Option<String>,
    /// How much of the target it is, uncapped.
    attainment: Option<String>,
    /// Why there is none: a code of domain 5.
    code: Option<&'static str>,
    /// Why there is none, in words.
    why: Option<String>,
    /// The attainment as it counts, within floor and cap.
    counts_as: Option<String>,
    /// Its weight on the card, in percent.
    weight: String,
    /// Its part of the weight that counts.
    counts_for: Option<String>,
    /// What it adds to the score.
    adds: Option<String>,
    /// The metric that keeps it honest.
    counter_metric: Option<String>,
    /// The value of that metric.
    counter_value: Option<String>,
    /// Said where it got better and its counter-metric worse, beyond noise.
    warning: Option<String>,
}

/// The score by the card of a role, with everything it is made of.
#[utoipa::path(get, path = "/api/v1/score", params(ScoreQuery), responses((status = 200, body = ScoreOut), (status = 404, body = Problem)))]
async fn score(app: App, Query(query): Query<ScoreQuery>) -> Result<Json<ScoreOut>, PageError> {
    if !app.may(Act::Read, Object::Targets) {
        return Err(PageError::Hidden);
    }
    let asker = app.asker().await?;
    let period = periods::chosen(&asker, query.period.as_deref())?;
    let subject = match (Level::from_name(query.level.as_deref().unwrap_or("company")), query.id) {
        (Some(Level::Company), None) => Subject::Company,
        (Some(level @ (Level::Region | Level::Manager | Level::Rep)), Some(id)) => Subject::at(level, id),
        _ => return Err(PageError::NotFound),
    };
    let (subject, name) =
        look::at(&app, &asker, &subject, Depth::Rows, "score of the role, by the API").await?;
    let versions = store::all(app.records().read(), &app.actor()).await?;
    let role = query.role.as_deref();
    let key = period.key().to_owned();
    Ok(Json(match scored::of(&app, &asker, &versions, (&subject, &period), role).await? {
        Outcome::Nothing(why) => without(key, nothing(&why)),
        Outcome::Scored(scored) => {
            let beside = scored.beside(&app, &asker, &subject, &period).await?;
            made(key, finding(&scored, &format!("{name}’s")), &scored, &beside)
        }
    }))
}

fn without(period: String, sentence: String) -> ScoreOut {
    ScoreOut {
        period,
        sentence,
        role: None,
        card: None,
        score: None,
        coverage: None,
        codes: Vec::new(),
        interval: None,
        missing: Vec::new(),
        components: Vec::new(),
    }
}

fn made(period: String, sentence: String, scored: &Scored, beside: &Beside) -> ScoreOut {
    let scorecard = &scored.composition.scorecard;
    let components = scored.held.iter().zip(&scored.composition.parts).zip(&beside.counters);
    ScoreOut {
        period,
        sentence,
        role: Some(scored.version.role.clone()),
        card: Some(scored.version.number),
        score: scorecard.score.ok().map(text),
        coverage: scorecard.coverage.ok().map(text),
        codes: codes(scored),
        interval: beside.interval.map(|interval| [interval.low, interval.high]),
        missing: missing(scored),
        components: components
            .map(|((held, counted), counter)| component(held, counted, counter.as_ref()))
            .collect(),
    }
}

/// Why something is missing, each code once; too little of the weight at the end.
fn codes(scored: &Scored) -> Vec<&'static str> {
    let lacking = scored.held.iter().filter(|held| held.attained() == Attained::Missing);
    let mut codes: Vec<&'static str> =
        lacking.filter_map(|held| Some(held.attainment.as_ref().err()?.code())).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.extend((scored.composition.scorecard.score == Err(Undefined::InsufficientWeight)).then_some("E18"));
    codes
}

fn component(held: &Held, counted: &Counted, counter: Option<&Counter>) -> ScoreComponentOut {
    let lack = held.attainment.as_ref().err();
    let origin = held.target.map(|target| match target.origin {
        Origin::Quota => "quota",
        Origin::Goal(_) => "goal",
        Origin::AddedUp(_) => "derived",
    });
    ScoreComponentOut {
        metric: held.of.metric.clone(),
        value: held.number.as_ref().and_then(|number| number.value).map(text),
        target: held.target.map(|target| text(target.value)),
        target_from: origin,
        counts_towards: towards(held).map(|(_, value)| text(value)),
        attainment: held.attainment.as_ref().ok().copied().map(text),
        code: lack.map(|lack| lack.code()),
        why: lack.map(|lack| lack.words().to_owned()),
        counts_as: counted.score.map(text),
        weight: text(held.of.weight),
        counts_for: counted.share.map(text),
        adds: counted.adds.map(text),
        counter_metric: counter.map(|counter| counter.metric.id.clone()),
        counter_value: counter.and_then(|counter| counter.number.value).map(text),
        warning: counter.and_then(|counter| counter.sentence.clone()),
    }
}
