//! Observed and expected as JSON.

use attain_metrics::{Level, Subject};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::expectation::{self, Expected, NotExpected, Outcome};
use super::pages::sentence;
use super::store;
use crate::comparison::{LeftOut, verdict_words};
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::periods;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Values), routes!(expected))
}

/// Of whom, of what, and when.
#[derive(Deserialize, IntoParams)]
struct ExpectationQuery {
    /// company (the default), region, manager or rep.
    level: Option<String>,
    /// Identifier of the region, manager or rep.
    id: Option<String>,
    /// bookings (the default) or deals_won.
    metric: Option<String>,
    /// 2017-Q3, 2017-03 or 2017; the last quarter that is over unless given.
    period: Option<String>,
    /// The role whose people are peers; the most frequent unless given.
    role: Option<String>,
}

/// People against what was to be expected of them.
#[derive(Serialize, ToSchema)]
struct ExpectationsOut {
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// The role whose people are peers.
    role: String,
    /// Version of the policy, and the circumstances that count by it.
    policy: i64,
    /// The circumstances, the one given up first at the end.
    circumstances: Vec<&'static str>,
    /// Peers whose deals expectations are made of.
    peers: usize,
    /// The subject's people.
    people: Vec<ExpectedOut>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
struct ExpectedOut {
    /// Identifier.
    id: String,
    /// Name.
    name: String,
    /// What may be said, in a sentence.
    sentence: String,
    /// What was achieved: deals won, or bookings in the company's currency.
    observed: f64,
    /// How many deals were decided.
    decided: u64,
    /// What was to be expected.
    expected: Option<f64>,
    /// Observed over expected.
    ratio: Option<f64>,
    /// 95 % interval of the ratio.
    interval: Option<[f64; 2]>,
    /// The result in everybody's circumstances: a win rate, or bookings.
    adjusted: Option<f64>,
    /// clearly above, cannot be told apart or clearly below what was to be expected.
    verdict: Option<&'static str>,
    /// Why not, where there is none.
    not_expected: Option<&'static str>,
}

/// What people achieved against what anybody would have in the same circumstances.
#[utoipa::path(get, path = "/api/v1/expectations", params(ExpectationQuery), responses((status = 200, body = ExpectationsOut), (status = 404, body = Problem)))]
async fn expected(
    app: App,
    Query(query): Query<ExpectationQuery>,
) -> Result<Json<ExpectationsOut>, PageError> {
    let asker = app.asker().await?;
    let outcome = Outcome::named(query.metric.as_deref())?;
    let period = periods::chosen(&asker, query.period.as_deref())?;
    let subject = match (Level::from_name(query.level.as_deref().unwrap_or("company")), query.id) {
        (Some(Level::Company), None) => Subject::Company,
        (Some(level @ (Level::Region | Level::Manager | Level::Rep)), Some(id)) => Subject::at(level, id),
        _ => return Err(PageError::NotFound),
    };
    let (subject, _) =
        look::at(&app, &asker, &subject, Depth::Rows, "results against circumstances, by the API").await?;
    let version = store::in_force(app.records().read(), &app.actor()).await?;
    let found =
        expectation::of(&asker, &subject, outcome, &version.circumstances, &period, query.role.as_deref())
            .await?;
    let (reach, metric) = (app.reach(), asker.metric(outcome.metric())?);
    let currency = &asker.company().currency;
    let person = |one: &Expected| {
        let got = one.found.as_ref().ok();
        ExpectedOut {
            id: one.member.id.clone(),
            name: one.member.name.clone(),
            sentence: sentence(one, outcome, metric, currency),
            observed: one.observed,
            decided: one.decided,
            expected: got.map(|got| got.expected),
            ratio: got.map(|got| got.ratio.value),
            interval: got.map(|got| [got.ratio.interval.low, got.ratio.interval.high]),
            adjusted: got.map(|got| got.adjusted),
            verdict: got.map(|got| verdict_words(got.verdict())),
            not_expected: one.found.as_ref().err().map(|why| match why {
                NotExpected::LeftOut(LeftOut::HardlyThere) => "hardly there",
                NotExpected::LeftOut(LeftOut::Ramping(_)) => "too new",
                NotExpected::TooFew => "too few",
            }),
        }
    };
    let shown = found
        .people
        .iter()
        .filter(|one| one.is_of_subject && reach.opens(&Subject::Rep(one.member.id.clone())));
    Ok(Json(ExpectationsOut {
        metric: metric.id.clone(),
        period: period.key().to_owned(),
        policy: version.number,
        circumstances: version.circumstances.each().iter().map(|one| one.dimension()).collect(),
        peers: found.peers,
        people: shown.map(person).collect(),
        role: found.role.clone(),
    }))
}
