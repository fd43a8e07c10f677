//! Metrics, their versions and changes of them as JSON.

use attain_metrics::{Asker, Direction, Formula, Metric, MetricsError, Number, Period, Reach, Unit};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::definition::{Reign, reigns};
use super::effect::{self, SideBySide};
use super::proposal::{ChangeError, Considered, Proposal, consider};
use super::store::{self, Recorded};
use crate::export::Exact;
use crate::permissions::{Act, Object};
use crate::scorecards::card;
use crate::web::App;
use crate::web::extract::{Body, Path};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let (reads, writes) =
        (Rule::May(Act::Read, Object::Definitions), Rule::May(Act::Write, Object::Definitions));
    Routes::new()
        .api(reads, routes!(metrics))
        .api(reads, routes!(metric))
        .api(reads, routes!(versions))
        .api(reads, routes!(changes))
        .api(writes, routes!(change))
}

/// A metric's definition.
#[derive(Serialize, ToSchema)]
struct MetricOut {
    id: String,
    label: String,
    description: String,
    version: u32,
    #[schema(value_type = String)]
    unit: Unit,
    #[schema(value_type = String)]
    direction: Direction,
    #[schema(value_type = String)]
    attribution: attain_metrics::Attribution,
    counter_metric: String,
    /// Metric above the line, for ratios.
    numerator: Option<String>,
    /// Metric below the line, for ratios.
    denominator: Option<String>,
    /// The definition as it stands in the file.
    definition: String,
}

impl From<&Metric> for MetricOut {
    fn from(metric: &Metric) -> MetricOut {
        let (numerator, denominator) = match metric.formula() {
            Formula::Ratio(above, below) => (Some(above.id.clone()), Some(below.id.clone())),
            _ => (None, None),
        };
        MetricOut {
            id: metric.id.clone(),
            label: metric.label.clone(),
            description: metric.description.clone(),
            version: metric.version,
            unit: metric.unit,
            direction: metric.direction,
            attribution: metric.attribution,
            counter_metric: metric.counter_metric.text().to_owned(),
            numerator,
            denominator,
            definition: metric.source_text.clone(),
        }
    }
}

/// Every metric's definition
#[utoipa::path(get, path = "/api/v1/metrics", responses((status = 200, body = Vec<MetricOut>)))]
async fn metrics(app: App) -> Result<Json<Vec<MetricOut>>, PageError> {
    let catalogue = app.catalogue().await?;
    Ok(Json(catalogue.metrics().map(|metric| MetricOut::from(&**metric)).collect()))
}

/// One metric's definition
#[utoipa::path(get, path = "/api/v1/metrics/{metric}", params(("metric" = String, Path, description = "Identifier of the metric")), responses((status = 200, body = MetricOut), (status = 404, body = Problem)))]
async fn metric(app: App, Path(id): Path<String>) -> Result<Json<MetricOut>, PageError> {
    let catalogue = app.catalogue().await?;
    catalogue.metric(&id).map(|metric| Json(MetricOut::from(&**metric))).ok_or(PageError::NotFound)
}

/// A version of a metric and the days it is in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct VersionOut {
    /// Its number.
    version: u32,
    /// First day it is in force; null for always.
    from: Option<String>,
    /// The definition as it stands in the file.
    definition: String,
}

impl From<&Reign> for VersionOut {
    fn from(reign: &Reign) -> VersionOut {
        VersionOut {
            version: reign.metric.version,
            from: reign.from.map(|from| from.to_string()),
            definition: reign.metric.source_text.clone(),
        }
    }
}

/// Which version of a metric is in force when, oldest first
#[utoipa::path(get, path = "/api/v1/metrics/{metric}/versions", params(("metric" = String, Path, description = "Identifier of the metric")), responses((status = 200, body = Vec<VersionOut>), (status = 404, body = Problem)))]
async fn versions(app: App, Path(id): Path<String>) -> Result<Json<Vec<VersionOut>>, PageError> {
    let found = reigns(&*app.definitions().now(&app.actor()).await?, &id);
    if found.is_empty() {
        return Err(PageError::NotFound);
    }
    Ok(Json(found.iter().map(VersionOut::from).collect()))
}

/// A change of definitions that was saved.
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedOut {
    /// Its number, from 1.
    number: i64,
    /// When it was saved.
    recorded_at: String,
    /// By whom.
    actor: String,
    /// First day it is in force.
    from: String,
    /// Why.
    reason: String,
    /// Whether days that were over are measured anew.
    restates: bool,
    /// The definitions, as a definition file.
    definition: String,
}

impl From<Recorded> for SavedOut {
    fn from(change: Recorded) -> SavedOut {
        SavedOut {
            number: change.number,
            recorded_at: change.recorded_at.to_string(),
            actor: change.actor,
            from: change.in_force_from.to_string(),
            reason: change.reason,
            restates: change.restates,
            definition: change.text,
        }
    }
}

/// Changes of definitions, oldest first
#[utoipa::path(get, path = "/api/v1/definitions/changes", responses((status = 200, body = Vec<SavedOut>)))]
async fn changes(app: App) -> Result<Json<Vec<SavedOut>>, PageError> {
    let found = store::known_at(app.definitions().records(), &app.actor(), Timestamp::MAX).await?;
    Ok(Json(found.into_iter().map(SavedOut::from).collect()))
}

/// A change that is to be saved, or only looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeIn {
    /// The definitions, as a definition file.
    definition: String,
    /// First day they are in force; today if absent.
    from: Option<String>,
    /// Why; needed to save.
    #[serde(default)]
    reason: String,
    /// Says openly that days that are over are measured anew.
    #[serde(default)]
    restate: bool,
    /// Looks at the effect and saves nothing.
    #[serde(default)]
    dry_run: bool,
    /// Period whose values are shown side by side; the last quarter that is over if absent.
    period: Option<String>,
}

/// What a change does.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeOut {
    /// Its number; null if it was only looked at.
    number: Option<i64>,
    /// First day it is in force.
    from: String,
    /// Whether days that are over are measured anew.
    restates: bool,
    /// The period whose values stand side by side.
    period: String,
    /// What it defines.
    defined: Vec<DefinedOut>,
    /// Identifiers of metrics that are made of these, and so are other numbers too.
    made_of_it: Vec<String>,
}

/// A metric that a change defines.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinedOut {
    /// Metric.
    metric: String,
    /// The version it had; null if it is new.
    version_before: Option<u32>,
    /// The version it has.
    version: u32,
    /// The company, and every region, manager and rep whose value is another one.
    values: Vec<SideBySideOut>,
    /// The company's value in quarters that are over and measured anew.
    restated: Vec<SideBySideOut>,
}

/// A value without a change and with it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SideBySideOut {
    /// Period.
    period: String,
    /// company, region, manager or rep.
    level: &'static str,
    /// Identifier; null for the company and for what is assigned to nobody.
    id: Option<String>,
    /// Name.
    name: Option<String>,
    /// Value without the change; null if there is none.
    #[schema(value_type = Option<String>)]
    before: Option<Exact>,
    /// Value with it; null if there is none.
    #[schema(value_type = Option<String>)]
    after: Option<Exact>,
}

impl From<&SideBySide> for SideBySideOut {
    fn from(found: &SideBySide) -> SideBySideOut {
        let value = |number: &Number| number.value.map(Exact);
        SideBySideOut {
            period: found.after.period.key().to_owned(),
            level: found.level.name(),
            id: found.member.as_ref().map(|member| member.id.clone()),
            name: found.member.as_ref().map(|member| member.name.clone()),
            before: found.before.as_ref().and_then(value),
            after: value(&found.after),
        }
    }
}

impl ChangeOut {
    /// Measures what a change does.
    pub(crate) async fn of(
        asker: &Asker,
        considered: &Considered,
        period: &Period,
        reach: &Reach,
    ) -> Result<ChangeOut, MetricsError> {
        let mut defined = Vec::new();
        for metric in &considered.defined {
            let found = effect::effect(asker, considered, metric, period, reach).await?;
            let restated = effect::restated(asker, considered, metric, reach).await?;
            let moved = found.members.iter().filter(|member| member.moves());
            defined.push(DefinedOut {
                metric: metric.after.id.clone(),
                version_before: metric.before.as_ref().map(|before| before.version),
                version: metric.after.version,
                values: std::iter::once(&found.company).chain(moved).map(SideBySideOut::from).collect(),
                restated: restated.iter().map(|restated| SideBySideOut::from(&restated.company)).collect(),
            });
        }
        Ok(ChangeOut {
            number: None,
            from: considered.in_force_from.to_string(),
            restates: considered.restates,
            period: period.key().to_owned(),
            defined,
            made_of_it: considered.made_of_it.iter().map(|metric| metric.id.clone()).collect(),
        })
    }
}

impl ChangeOut {
    /// The values as rows: metric, what (values or restated), period, level, name, before, after.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let digits = |value: &Option<Exact>| value.as_ref().map(|value| value.0.normalize().to_string());
        let row = |metric: &str, what: &str, found: &SideBySideOut| {
            let name = found.name.clone().unwrap_or_default();
            let (before, after) = (digits(&found.before), digits(&found.after));
            vec![
                metric.to_owned(),
                what.to_owned(),
                found.period.clone(),
                found.level.to_owned(),
                name,
                before.unwrap_or_default(),
                after.unwrap_or_default(),
            ]
        };
        let of_metric = |defined: &DefinedOut| -> Vec<Vec<String>> {
            let values = defined.values.iter().map(|found| row(&defined.metric, "values", found));
            let restated = defined.restated.iter().map(|found| row(&defined.metric, "restated", found));
            values.chain(restated).collect()
        };
        self.defined.iter().flat_map(of_metric).collect()
    }
}

impl From<ChangeError> for PageError {
    fn from(error: ChangeError) -> PageError {
        match error {
            ChangeError::Definitions(super::DefinitionsError::Wrong(wrong)) => {
                PageError::Invalid { field: "definition".into(), message: wrong.to_string() }
            }
            ChangeError::Definitions(error) => error.into(),
            ChangeError::Outdated | ChangeError::Restates(_) => PageError::Refused(error.to_string()),
            ChangeError::Reason => PageError::Invalid { field: "reason".into(), message: error.to_string() },
            ChangeError::TooLong | ChangeError::NothingChanges(_) => {
                PageError::Invalid { field: "definition".into(), message: error.to_string() }
            }
        }
    }
}

/// Changes definitions from a day on, or only shows what that would do
#[utoipa::path(post, path = "/api/v1/definitions/changes", request_body = ChangeIn, responses((status = 200, body = ChangeOut, description = "Looked at, with dry_run"), (status = 201, body = ChangeOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn change(app: App, Body(wanted): Body<ChangeIn>) -> Result<Response, PageError> {
    let actor = app.actor();
    let asker = app.asker().await?;
    let today = asker.as_of().asked_on;
    let in_force_from = match wanted.from.as_deref() {
        Some(day) => day.parse().map_err(|_| PageError::Invalid {
            field: "from".into(),
            message: format!("`{day}` is no day; write 2026-11-26"),
        })?,
        None => today,
    };
    let period = match wanted.period.as_deref() {
        Some(named) => asker.calendar().parse(named)?,
        None => card::default_period(&asker),
    };
    let proposal = Proposal { text: wanted.definition, in_force_from };
    let considered = consider(app.definitions(), &actor, proposal, today).await?;
    let effect = ChangeOut::of(&asker, &considered, &period, &app.reach()).await?;
    if wanted.dry_run {
        return Ok(Json(effect).into_response());
    }
    let now = app.now();
    let number = considered.save(app.definitions(), &actor, now, &wanted.reason, wanted.restate).await?;
    let place = [(header::LOCATION, format!("/definitions/changes/{number}"))];
    let saved = ChangeOut { number: Some(number), ..effect };
    Ok((StatusCode::CREATED, place, Json(saved)).into_response())
}
