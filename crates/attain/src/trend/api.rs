//! Trends as JSON.

use attain_metrics::{Level, Subject};
use attain_stats::control_chart::Firmness;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::limits::{self, Key};
use super::pages::{asked, rule_words, sentence};
use super::process;
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Values), routes!(trend))
}

/// Of whom, by what, in periods of which length.
#[derive(Deserialize, IntoParams)]
struct TrendQuery {
    /// company (the default), region, manager, rep or product.
    level: Option<String>,
    /// Identifier of the subject; none for the company.
    id: Option<String>,
    /// A metric; the win rate unless given.
    metric: Option<String>,
    /// week, month (the default) or quarter.
    by: Option<String>,
}

/// A process with its limits.
#[derive(Serialize, ToSchema)]
struct TrendOut {
    /// Metric.
    metric: String,
    /// What may be said, in a sentence.
    sentence: String,
    /// The limits; null on fewer than eight periods.
    limits: Option<LimitsOut>,
    /// Whole periods that are over, oldest first.
    points: Vec<PointOut>,
}

/// What is usual.
#[derive(Serialize, ToSchema)]
struct LimitsOut {
    /// Mean of the baseline.
    mean: f64,
    /// Upper natural process limit; null where it lies beyond what the metric can be.
    upper: Option<f64>,
    /// Lower natural process limit; null where it lies beyond what the metric can be.
    lower: Option<f64>,
    /// How many of the first periods they rest on.
    baseline: usize,
    /// Whether they rest on fewer than twelve.
    provisional: bool,
}

/// One period.
#[derive(Serialize, ToSchema)]
struct PointOut {
    /// Period.
    period: String,
    /// Value; null where there is none or it rests on too little.
    value: Option<f64>,
    /// Rules it breaks.
    signals: Vec<&'static str>,
}

/// A metric over time with the limits of what is usual, and what stands out.
#[utoipa::path(get, path = "/api/v1/trend", params(TrendQuery), responses((status = 200, body = TrendOut), (status = 404, body = Problem)))]
async fn trend(app: App, Query(query): Query<TrendQuery>) -> Result<Json<TrendOut>, PageError> {
    let asker = app.asker().await?;
    let (metric, grain) = asked(&asker, query.metric.as_deref(), query.by.as_deref())?;
    let subject = match (Level::from_name(query.level.as_deref().unwrap_or("company")), query.id) {
        (Some(Level::Company), None) => Subject::Company,
        (Some(level), Some(id)) if level != Level::Company => Subject::at(level, id),
        _ => return Err(PageError::NotFound),
    };
    let (subject, _) = look::at(&app, &asker, &subject, Depth::Values, "trend, by the API").await?;
    let key = Key { subject: &subject, metric: &metric, grain };
    let drawn = limits::newest(app.records().read(), &app.actor(), key).await?;
    let process =
        process::of(&asker, &subject, &metric, grain, drawn.map(|drawn| drawn.from), &app.reach()).await?;
    let limits = process.limits.as_ref().ok().map(|limits| LimitsOut {
        mean: limits.mean,
        upper: limits.upper,
        lower: limits.lower,
        baseline: process.baseline,
        provisional: limits.firmness == Firmness::Provisional,
    });
    let points = process.numbers.iter().enumerate().map(|(place, number)| PointOut {
        period: number.period.key().to_owned(),
        value: process.values[place],
        signals: process.shows(place).map(rule_words).collect(),
    });
    Ok(Json(TrendOut {
        metric: metric.id.clone(),
        sentence: sentence(&process, &metric),
        limits,
        points: points.collect(),
    }))
}
