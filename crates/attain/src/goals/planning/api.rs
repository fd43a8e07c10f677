//! Planning as JSON.

use axum::Json;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::figures::{Figures, OfPerson, figures, flag};
use super::pages::{Asked, basis_id, opened};
use super::people::{Person, Planned};
use super::sentences::sentences;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoint of this room.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Targets), routes!(planning))
}

/// Whose targets, of when, of what, and of which role.
#[derive(Deserialize, IntoParams)]
struct PlanningQuery {
    /// Identifier of a manager; the company, or one's own team, unless given.
    manager: Option<String>,
    /// 2017-Q3, 2017-03 or 2017; the quarter under way unless given.
    period: Option<String>,
    /// credited_bookings for quotas, or a metric with goals; quotas first unless given.
    metric: Option<String>,
    /// The role whose people are shown; all unless given.
    role: Option<String>,
}

/// What planned targets come to.
#[derive(Serialize, ToSchema)]
struct PlanningOut {
    /// Metric the targets are of.
    metric: String,
    /// The planned period.
    period: String,
    /// The last period that is over, of which attainments are.
    last_period: Option<String>,
    /// The share of targets that can be expected to be reached.
    expected_participation: Option<f64>,
    /// People who reached their target in the last period ÷ those with one who were there.
    participation: Option<f64>,
    /// The middle attainment of the last period.
    median_attainment: Option<f64>,
    /// Standard deviation of attainments ÷ their mean.
    coefficient_of_variation: Option<f64>,
    /// The share of all that the fifth brought who brought most.
    top_fifth_share: Option<f64>,
    /// Growth of targets per over-attainment before.
    ratchet_slope: Option<f64>,
    /// Rank correlation of target and potential.
    potential_correlation: Option<f64>,
    /// Gini coefficient of potential.
    potential_gini: Option<f64>,
    /// What can be expected of the people there are.
    #[schema(value_type = Option<String>)]
    capacity: Option<Decimal>,
    /// What it is held against.
    #[schema(value_type = Option<String>)]
    plan: Option<Decimal>,
    /// Each figure as a sentence.
    sentences: Vec<SentenceOut>,
    /// Each person with a target in either period.
    people: Vec<PlannedOut>,
}

/// A figure in words.
#[derive(Serialize, ToSchema)]
struct SentenceOut {
    /// Its name.
    figure: &'static str,
    /// What it says.
    says: String,
}

/// A person's target.
#[derive(Serialize, ToSchema)]
struct PlannedOut {
    /// Identifier.
    id: String,
    /// Name.
    name: String,
    /// Role.
    role: String,
    /// Target of the planned period, for the days it applies.
    #[schema(value_type = Option<String>)]
    target: Option<Decimal>,
    /// The chance to reach it, before the period begins; null where the past is too short.
    chance: Option<f64>,
    /// unlikely below 0.25, soft above 0.90.
    flag: Option<&'static str>,
    /// Attained ÷ target of the last period, uncapped.
    attained_before: Option<f64>,
    /// Target ÷ potential of their territories.
    target_to_potential: Option<f64>,
}

impl PlannedOut {
    fn of(person: &Person, of: &OfPerson) -> PlannedOut {
        PlannedOut {
            id: person.member.id.clone(),
            name: person.member.name.clone(),
            role: person.role.clone(),
            target: person.target,
            chance: of.chance.map(|chance| chance.value()),
            flag: of.chance.and_then(flag),
            attained_before: of.attained.as_ref().and_then(|share| share.as_ref().ok().copied()),
            target_to_potential: of.in_proportion.map(|held| held.ratio),
        }
    }
}

impl PlanningOut {
    fn of(planned: &Planned, figures: &Figures, currency: &str) -> PlanningOut {
        let last = &figures.last;
        let potential = figures.potential.as_ref();
        let capacity = figures.capacity.as_ref().ok();
        let said = sentences(planned, figures, currency).into_iter();
        PlanningOut {
            metric: basis_id(&planned.basis).to_owned(),
            period: planned.period.key().to_owned(),
            last_period: planned.last.as_ref().map(|last| last.key().to_owned()),
            expected_participation: figures.expected.as_ref().ok().map(|expected| expected.value()),
            participation: last.participation.as_ref().ok().copied(),
            median_attainment: last.median.as_ref().ok().copied(),
            coefficient_of_variation: last.variation.as_ref().ok().copied(),
            top_fifth_share: last.top_fifth.as_ref().ok().copied(),
            ratchet_slope: figures.ratchet.as_ref().ok().copied(),
            potential_correlation: potential.and_then(|potential| potential.correlation.ok()),
            potential_gini: potential.and_then(|potential| potential.gini.ok()),
            capacity: capacity.map(|capacity| capacity.capacity.round_dp(2).normalize()),
            plan: capacity.map(|capacity| capacity.plan.normalize()),
            sentences: said.map(|(figure, says)| SentenceOut { figure, says }).collect(),
            people: planned
                .people
                .iter()
                .zip(&figures.people)
                .map(|(person, of)| PlannedOut::of(person, of))
                .collect(),
        }
    }
}

/// Whether the targets of a team or the company can be reached, are spread sensibly, and can be brought.
#[utoipa::path(get, path = "/api/v1/planning", params(PlanningQuery), responses((status = 200, body = PlanningOut), (status = 404, body = Problem)))]
async fn planning(app: App, Query(query): Query<PlanningQuery>) -> Result<Json<PlanningOut>, PageError> {
    let asker = app.asker().await?;
    let PlanningQuery { manager, period, metric, role } = query;
    let asked = Asked { manager, period, metric, role };
    let opened = opened(&app, &asker, asked, "planning of targets, by the API").await?;
    let figures = figures(&opened.planned);
    Ok(Json(PlanningOut::of(&opened.planned, &figures, &asker.company().currency)))
}
