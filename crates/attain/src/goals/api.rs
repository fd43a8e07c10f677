//! Goals as JSON.

use attain_metrics::Dimension;
use axum::Json;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::choosing::Wanted;
use super::entries::{Entry, Standing, entries};
use super::line::Line;
use super::outlook::{self, Chosen, NotForetold, Outlooks};
use super::pages;
use super::words::state_words;
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Targets), routes!(goals))
}

/// Whose goals, and of when.
#[derive(Deserialize, IntoParams)]
struct GoalsQuery {
    /// manager or rep.
    level: String,
    /// Identifier of the manager or rep.
    id: String,
    /// 2017-Q3, 2017-03 or 2017; the quarter under way unless given.
    period: Option<String>,
}

/// What somebody is to reach, and how far they are.
#[derive(Serialize, ToSchema)]
struct GoalOut {
    /// Number of the goal; null for a quota as it was delivered.
    goal: Option<i64>,
    /// manager or rep.
    level: String,
    /// Identifier of whom it is about.
    id: Option<String>,
    /// Their name.
    name: String,
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// What is attained so far.
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// What is to be reached, for the days it applies.
    #[schema(value_type = Option<String>)]
    target: Option<Decimal>,
    /// Whether the target is that of a part of the period (E12).
    prorated: bool,
    /// What must be known beside value and target, such as E4 where no target is in force and E16 where it is zero.
    codes: Vec<&'static str>,
    /// Attained ÷ target in the direction of the metric, uncapped.
    #[schema(value_type = Option<String>)]
    attainment: Option<Decimal>,
    /// Share of the target that should be done by now.
    #[schema(value_type = Option<String>)]
    share_due: Option<Decimal>,
    /// Working days that remain.
    #[schema(value_type = String)]
    days_left: Decimal,
    /// Where it will end; null where nothing is foretold.
    likely_end: Option<LikelyEndOut>,
    /// Why nothing is foretold, where nothing is.
    not_foretold: Option<String>,
    /// delivered; proposed; in force, or in force, not acknowledged; closed, or closed, never acknowledged;
    /// not agreed on before the period ended.
    state: String,
}

/// The end of a period as it is foretold.
#[derive(Serialize, ToSchema)]
struct LikelyEndOut {
    /// linear, seasonal or peers’ rate.
    method: &'static str,
    /// The likely end.
    value: f64,
    /// 80 % interval.
    interval_80: [f64; 2],
    /// 95 % interval.
    interval_95: [f64; 2],
    /// The chance that the target is reached, 0 to 1.
    chance: Option<f64>,
    /// How far the method was off at this point of earlier periods, as a share of what came.
    error: Option<f64>,
    /// Over how many periods.
    judged_on: Option<usize>,
}

impl LikelyEndOut {
    fn of(line: &Line, chosen: &Chosen<'_>) -> LikelyEndOut {
        let forecast = chosen.forecast;
        let chance = line.target.and_then(|target| outlook::chance(&line.metric, forecast, target));
        LikelyEndOut {
            method: outlook::method_words(chosen.method),
            value: forecast.point,
            interval_80: [forecast.eighty.low, forecast.eighty.high],
            interval_95: [forecast.ninety_five.low, forecast.ninety_five.high],
            chance: chance.map(|chance| chance.value()),
            error: chosen.error.map(|(error, _)| error),
            judged_on: chosen.error.map(|(_, judged)| judged),
        }
    }
}

impl GoalOut {
    fn of(entry: Entry, outlooks: &Outlooks) -> GoalOut {
        let chosen = outlooks.of(&entry.subject, &entry.line.metric);
        let chosen = chosen.and_then(|foretold| foretold.chosen().ok_or(NotForetold::NoMethod));
        let likely_end = chosen.as_ref().ok().map(|chosen| LikelyEndOut::of(&entry.line, chosen));
        let not_foretold = chosen.err().map(outlook::why_not);
        let (goal, state) = match &entry.standing {
            Standing::Delivered => (None, "delivered".to_owned()),
            Standing::Agreed { number, state } => (Some(*number), state_words(state)),
        };
        let line = entry.line;
        GoalOut {
            goal,
            level: entry.subject.level().name().to_owned(),
            id: entry.subject.id().map(str::to_owned),
            name: entry.name,
            metric: line.metric.id.clone(),
            period: line.period.key().to_owned(),
            value: line.number.value,
            target: line.target,
            prorated: line.is_prorated,
            codes: line.codes(),
            attainment: line.attainment.and_then(Result::ok),
            share_due: line.pace.map(|pace| pace.share_due),
            days_left: line.days_left.normalize(),
            likely_end,
            not_foretold,
            state,
        }
    }
}

/// The goals of a person, or of a team and its people, in a period.
#[utoipa::path(get, path = "/api/v1/goals", params(GoalsQuery), responses((status = 200, body = [GoalOut]), (status = 404, body = Problem)))]
async fn goals(app: App, Query(query): Query<GoalsQuery>) -> Result<Json<Vec<GoalOut>>, PageError> {
    let asker = app.asker().await?;
    let period = Wanted { period: query.period }.period(&asker)?;
    let subject = pages::subject(&query.level, query.id)?;
    let (subject, name) = look::at(&app, &asker, &subject, Depth::Values, "goals, by the API").await?;
    let found = entries(&app, &asker, &subject, &name, &period).await?;
    let outlooks =
        outlook::of_entries(&asker, &subject, Dimension::Rep, &period, &found, &app.reach()).await?;
    Ok(Json(found.into_iter().map(|entry| GoalOut::of(entry, &outlooks)).collect()))
}
