//! The same as JSON.

use attain_stats::decomposition::Noise;
use axum::Json;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::levers::{self, Part};
use super::market::{self, Market};
use super::market_view;
use super::pages::{Wanted, named_subject};
use super::pipeline::{self, Movement, Part as Moved};
use super::pipeline_view;
use super::reference::{self, Against};
use super::words;
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    Routes::new()
        .api(Rule::May(Act::Read, Object::Values), routes!(why))
        .api(Rule::May(Act::Read, Object::Values), routes!(rep_or_market))
        .api(Rule::May(Act::Read, Object::Values), routes!(pipeline_moved))
}

/// Whose change, and of when.
#[derive(Deserialize, IntoParams)]
struct WhyQuery {
    /// company (the default), region, manager or rep.
    level: Option<String>,
    /// Identifier of the region, manager or rep.
    id: Option<String>,
    /// 2017-Q3, 2017-03 or 2017; the last quarter that is over unless given.
    period: Option<String>,
    /// before (the default), year, target, or, for a rep, peers.
    against: Option<String>,
    /// opportunities (the default), customers or activities; a target only by opportunities.
    by: Option<String>,
}

/// A change of bookings and its parts.
#[derive(Serialize, ToSchema)]
struct WhyOut {
    /// The period it is held against; that of peers and of a target is the same.
    before: String,
    /// before, year, peers or target.
    against: &'static str,
    /// opportunities, customers or activities.
    by: &'static str,
    /// What is compared: bookings or, where deals are shared, credited bookings; null where nothing can be.
    of: Option<&'static str>,
    /// Its values on both sides.
    #[schema(value_type = Option<[String; 2]>)]
    values: Option<[Decimal; 2]>,
    /// The period.
    after: String,
    /// Whether the period is not over, so that as many working days of both are compared, or what is due of a target.
    to_date: bool,
    /// How a target was to come about, in sentences; null without one.
    plan: Option<String>,
    /// The change and its parts in a sentence.
    sentence: String,
    /// What differs beyond chance, in a sentence.
    differs: String,
    /// The parts, which add up to the change; null where it cannot be taken apart.
    parts: Option<Vec<PartOut>>,
}

/// A lever.
#[derive(Serialize, ToSchema)]
struct PartOut {
    /// opportunities, conversion, deal size and what they are called by other ways; split effect of what is shared.
    lever: &'static str,
    /// Its value before.
    #[schema(value_type = Option<String>)]
    before: Option<Decimal>,
    /// Its value after.
    #[schema(value_type = Option<String>)]
    after: Option<Decimal>,
    /// What it contributes to the change.
    #[schema(value_type = String)]
    effect: Decimal,
    /// Whether it differs by more than chance would make it; null where it cannot be held against it.
    beyond_chance: Option<bool>,
}

impl From<Part> for PartOut {
    fn from(part: Part) -> PartOut {
        let [before, after] = part.values.map(|value| value.map(|value| value.normalize()));
        let beyond_chance = part.noise.map(|noise| noise == Noise::BeyondNoise);
        PartOut { lever: part.lever.name(), before, after, effect: part.effect, beyond_chance }
    }
}

/// Why bookings changed from the period before, or differ from a year ago, from peers or from the target: the levers
/// whose product they are.
#[utoipa::path(get, path = "/api/v1/why", params(WhyQuery), responses((status = 200, body = WhyOut), (status = 404, body = Problem)))]
async fn why(app: App, Query(query): Query<WhyQuery>) -> Result<Json<WhyOut>, PageError> {
    let asker = app.asker().await?;
    let subject = named_subject(query.level.as_deref().unwrap_or("company"), query.id)?;
    let wanted = Wanted { period: query.period, against: query.against, by: query.by };
    let period = wanted.period(&asker)?;
    let comparison = wanted.comparison()?;
    let (subject, _) =
        look::at(&app, &asker, &subject, Depth::Values, "why bookings changed, by the API").await?;
    let why = levers::why(&app, &asker, &subject, &period, comparison).await?;
    let currency = &asker.company().currency;
    Ok(Json(WhyOut {
        before: why.reference.period.key().to_owned(),
        against: comparison.0.name(),
        by: comparison.1.name(),
        of: why.found.as_ref().ok().map(|found| words::of_bookings(found.is_credited)),
        values: why.found.as_ref().ok().map(|found| found.values.map(|value| value.normalize())),
        after: why.after.key().to_owned(),
        to_date: why.is_to_date,
        plan: why.reference.plan.as_ref().map(|plan| words::of_plan(plan, currency)),
        sentence: words::sentence(&why, currency),
        differs: words::what_differs(&why),
        parts: why.found.ok().map(|found| found.parts.into_iter().map(PartOut::from).collect()),
    }))
}

/// A change divided between somebody and the market.
#[derive(Serialize, ToSchema)]
struct MarketOut {
    /// The period it is held against.
    before: String,
    /// The period.
    after: String,
    /// What may be said, in sentences.
    sentence: String,
    /// Bookings before.
    #[schema(value_type = String)]
    value_before: Decimal,
    /// Bookings after.
    #[schema(value_type = String)]
    value_after: Decimal,
    /// What growing like everybody would have brought.
    #[schema(value_type = String)]
    market: Decimal,
    /// What the customers' segments brought by growing differently.
    #[schema(value_type = String)]
    mix: Decimal,
    /// What remains.
    #[schema(value_type = String)]
    remainder: Decimal,
    /// 95 % interval of what remains.
    interval: [f64; 2],
}

impl MarketOut {
    fn of(market: &Market, currency: &str) -> MarketOut {
        MarketOut {
            before: market.before.key().to_owned(),
            after: market.after.key().to_owned(),
            sentence: market_view::sentence(market, currency),
            value_before: market.values[0],
            value_after: market.values[1],
            market: market.market,
            mix: market.mix,
            remainder: market.own,
            interval: [market.interval.low, market.interval.high],
        }
    }
}

/// Whose change, and from when.
#[derive(Deserialize, IntoParams)]
struct MarketQuery {
    /// company (the default), region, manager or rep.
    level: Option<String>,
    /// Identifier of the region, manager or rep.
    id: Option<String>,
    /// 2017-Q3, 2017-03 or 2017; the last quarter that is over unless given.
    period: Option<String>,
    /// before (the default) or year.
    against: Option<String>,
}

/// How much of a change of bookings others who sell to the same customers saw too; null where nothing was
/// booked before.
#[utoipa::path(get, path = "/api/v1/market", params(MarketQuery), responses((status = 200, body = Option<MarketOut>), (status = 404, body = Problem)))]
async fn rep_or_market(
    app: App,
    Query(query): Query<MarketQuery>,
) -> Result<Json<Option<MarketOut>>, PageError> {
    let asker = app.asker().await?;
    let subject = named_subject(query.level.as_deref().unwrap_or("company"), query.id)?;
    let period = Wanted { period: query.period, ..Wanted::default() }.period(&asker)?;
    let against = Against::named(query.against.as_deref())?;
    if matches!(against, Against::Peers | Against::Target) {
        return Err(PageError::Invalid {
            field: "against".into(),
            message: "the market is of another time; write before or year".to_owned(),
        });
    }
    let (subject, _) = look::at(&app, &asker, &subject, Depth::Values, "rep or market, by the API").await?;
    let before = reference::period(&asker, &period, against)?;
    let market = market::of(&asker, &subject, &before, &period, &app.reach()).await?;
    Ok(Json(market.map(|market| MarketOut::of(&market, &asker.company().currency))))
}

/// Whose pipeline, and in which period.
#[derive(Deserialize, IntoParams)]
struct PipelineQuery {
    /// company (the default), region, manager or rep.
    level: Option<String>,
    /// Identifier of the region, manager or rep.
    id: Option<String>,
    /// 2017-Q3, 2017-03 or 2017; the last quarter that is over unless given.
    period: Option<String>,
}

/// How open pipeline became what it is.
#[derive(Serialize, ToSchema)]
struct PipelineOut {
    /// The period.
    period: String,
    /// What happened, in a sentence.
    sentence: String,
    /// Open when the period began.
    #[schema(value_type = String)]
    before: Decimal,
    /// Open at its end, or now.
    #[schema(value_type = String)]
    after: Decimal,
    /// The parts, which add up to the difference.
    parts: Vec<MovedOut>,
}

/// A part.
#[derive(Serialize, ToSchema)]
struct MovedOut {
    /// created, won, lost, changed, came or left.
    part: &'static str,
    /// How many deals.
    deals: usize,
    /// What it adds.
    #[schema(value_type = String)]
    effect: Decimal,
}

impl PipelineOut {
    fn of(movement: &Movement, period: &attain_metrics::Period, currency: &str) -> PipelineOut {
        let part = |part: Moved| {
            let (deals, effect) = movement.part(part);
            MovedOut { part: part.name(), deals, effect }
        };
        PipelineOut {
            period: period.key().to_owned(),
            sentence: pipeline_view::sentence(movement, currency),
            before: movement.before.1,
            after: movement.after.1,
            parts: Moved::ALL.map(part).into(),
        }
    }
}

/// How open pipeline moved in a period: created, won, lost, changed, come from and gone to others.
#[utoipa::path(get, path = "/api/v1/pipeline", params(PipelineQuery), responses((status = 200, body = PipelineOut), (status = 404, body = Problem)))]
async fn pipeline_moved(
    app: App,
    Query(query): Query<PipelineQuery>,
) -> Result<Json<PipelineOut>, PageError> {
    let asker = app.asker().await?;
    let period = Wanted { period: query.period, ..Wanted::default() }.period(&asker)?;
    let subject = named_subject(query.level.as_deref().unwrap_or("company"), query.id)?;
    let (subject, _) =
        look::at(&app, &asker, &subject, Depth::Rows, "movement of pipeline, by the API").await?;
    let movement = pipeline::of(&asker, &subject, &period, &app.reach()).await?;
    Ok(Json(PipelineOut::of(&movement, &period, &asker.company().currency)))
}
