//! Comparisons as JSON.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::held::{Found, NotCompared};
use super::pages::{asked, comparison};
use super::peers::{LeftOut, Peer};
use super::words::{finding, verdict_words};
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::periods;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};
use attain_metrics::{Level, Subject};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Values), routes!(compared))
}

/// Whose people, by what, and of when.
#[derive(Deserialize, IntoParams)]
struct ComparisonQuery {
    /// company (the default), region, manager or rep; a rep sees themselves among peers without names.
    level: Option<String>,
    /// Identifier of the region, manager or rep.
    id: Option<String>,
    /// A metric with a good direction that is a share of things counted one by one, events by working day,
    /// or typical of values of rows; the win rate unless given.
    metric: Option<String>,
    /// 2017-Q3, 2017-03 or 2017; the last quarter that is over unless given.
    period: Option<String>,
    /// The role whose people are compared; the most frequent unless given.
    role: Option<String>,
}

/// People held against each other.
#[derive(Serialize, ToSchema)]
struct ComparisonOut {
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// The role whose people are peers.
    role: String,
    /// How many peers were compared, wherever they are.
    compared: usize,
    /// What all peers have in common: share, events per working day, or typical value.
    all: Option<f64>,
    /// What may be said of those shown, in a sentence or two.
    finding: String,
    /// Each of the subject's people.
    people: Vec<PersonOut>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
struct PersonOut {
    /// Identifier.
    id: String,
    /// Name.
    name: String,
    /// Above the line.
    numerator: Option<String>,
    /// Below it.
    denominator: Option<String>,
    /// What is compared: share, events per working day, or typical value.
    value: Option<f64>,
    /// What must be known beside its number, such as E6 where it rests on too little.
    codes: Vec<&'static str>,
    /// 95 % interval around it.
    interval: Option<[f64; 2]>,
    /// How many trials, working days or values it rests on.
    rests_on: f64,
    /// The value after shrinkage.
    shrunken: Option<f64>,
    /// Ranks from 5 % to 95 % of their distribution among all peers.
    rank: Option<[usize; 2]>,
    /// clearly above, cannot be told apart or clearly below; null where nobody may say.
    verdict: Option<&'static str>,
    /// Why not, where there is no verdict.
    not_compared: Option<&'static str>,
}

fn person((peer, found): (&Peer, &Found)) -> PersonOut {
    let standing = found.standing.as_ref();
    PersonOut {
        id: peer.member.id.clone(),
        name: peer.member.name.clone(),
        numerator: peer.number.numerator.map(|value| value.normalize().to_string()),
        denominator: peer.number.denominator.map(|value| value.normalize().to_string()),
        value: found.compared,
        codes: peer.number.codes.iter().map(|code| code.code()).collect(),
        interval: found.interval.map(|interval| [interval.low, interval.high]),
        rests_on: found.rests_on,
        shrunken: found.shrunken.map(|shrunken| shrunken.value),
        rank: standing.ok().map(|standing| [*standing.rank_range().start(), *standing.rank_range().end()]),
        verdict: found.verdict().map(verdict_words),
        not_compared: standing.err().map(|why| match why {
            NotCompared::LeftOut(LeftOut::HardlyThere) => "hardly there",
            NotCompared::LeftOut(LeftOut::Ramping(_)) => "too new",
            NotCompared::TooFew => "too few",
            NotCompared::NotPositive => "a value of zero or less",
            NotCompared::Nobody => "nobody is",
        }),
    }
}

/// People of a role below a subject, side by side, with what may be said of each.
#[utoipa::path(get, path = "/api/v1/comparison", params(ComparisonQuery), responses((status = 200, body = ComparisonOut), (status = 404, body = Problem)))]
async fn compared(app: App, Query(query): Query<ComparisonQuery>) -> Result<Json<ComparisonOut>, PageError> {
    let asker = app.asker().await?;
    let metric = asked(&asker, query.metric.as_deref())?;
    let period = periods::chosen(&asker, query.period.as_deref())?;
    let level = query.level.as_deref().unwrap_or("company");
    let subject = match (Level::from_name(level), query.id) {
        (Some(Level::Company), None) => Subject::Company,
        (Some(level @ (Level::Region | Level::Manager | Level::Rep)), Some(id)) => Subject::at(level, id),
        _ => return Err(PageError::NotFound),
    };
    let (subject, _) =
        look::at(&app, &asker, &subject, Depth::Rows, "comparison of people, by the API").await?;
    let comparison = comparison(&asker, &subject, metric, &period, query.role.as_deref()).await?;
    let reach = app.reach();
    let people = comparison.shown(&reach);
    let together = comparison.together().as_ref().ok();
    Ok(Json(ComparisonOut {
        metric: metric.id.clone(),
        period: period.key().to_owned(),
        finding: finding(&comparison, metric, &reach),
        compared: together.map_or(0, |together| together.compared),
        all: together.map(|together| together.centre),
        people: people.map(person).collect(),
        role: comparison.peers.role.clone(),
    }))
}
