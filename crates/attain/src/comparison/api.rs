//! Comparisons as JSON.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::pages::{Asked, asked, finding, verdict_words};
use super::peers::{self, NotCompared, Person};
use crate::permissions::{Act, Object};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};
use attain_metrics::{Level, Subject};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Values), routes!(comparison))
}

/// Whose people, by what, and of when.
#[derive(Deserialize, IntoParams)]
struct ComparisonQuery {
    /// company (the default), region or manager.
    level: Option<String>,
    /// Identifier of the region or manager.
    id: Option<String>,
    /// A metric that is a share of a set; the win rate unless given.
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
    /// The role whose people are compared.
    role: String,
    /// What may be said of all of them, in a sentence or two.
    finding: String,
    /// Each of them.
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
    /// 95 % score interval around the share.
    interval: Option<[f64; 2]>,
    /// The share after shrinkage.
    shrunken: Option<f64>,
    /// Ranks from 5 % to 95 % of their distribution.
    rank: Option<[usize; 2]>,
    /// clearly above, cannot be told apart or clearly below; null where nobody may say.
    verdict: Option<&'static str>,
    /// Why not, where there is no verdict.
    not_compared: Option<&'static str>,
}

impl From<Person> for PersonOut {
    fn from(person: Person) -> PersonOut {
        let verdict = person.verdict().map(verdict_words);
        let standing = person.standing.as_ref().ok();
        let not_compared = person.standing.as_ref().err().map(|why| match why {
            NotCompared::HardlyThere => "hardly there",
            NotCompared::TooFew => "too few",
            NotCompared::Nobody => "nobody is",
        });
        PersonOut {
            id: person.member.id.clone(),
            name: person.member.name.clone(),
            numerator: person.number.numerator.map(|value| value.normalize().to_string()),
            denominator: person.number.denominator.map(|value| value.normalize().to_string()),
            interval: person.interval.map(|interval| [interval.low, interval.high]),
            shrunken: standing.map(|standing| standing.shrunken.estimate.value),
            rank: standing.map(|standing| [*standing.rank_range().start(), *standing.rank_range().end()]),
            verdict,
            not_compared,
        }
    }
}

/// People of a role below a subject, side by side, with what may be said of each.
#[utoipa::path(get, path = "/api/v1/comparison", params(ComparisonQuery), responses((status = 200, body = ComparisonOut), (status = 404, body = Problem)))]
async fn comparison(
    app: App,
    Query(query): Query<ComparisonQuery>,
) -> Result<Json<ComparisonOut>, PageError> {
    let asker = app.asker().await?;
    let Asked { metric, period } = asked(&asker, query.metric.as_deref(), query.period.as_deref())?;
    let level = query.level.as_deref().unwrap_or("company");
    let subject = match (Level::from_name(level), query.id) {
        (Some(Level::Company), None) => Subject::Company,
        (Some(level @ (Level::Region | Level::Manager)), Some(id)) => Subject::at(level, id),
        _ => return Err(PageError::NotFound),
    };
    let (subject, _) =
        look::at(&app, &asker, &subject, Depth::Rows, "comparison of people, by the API").await?;
    let role = query.role.as_deref();
    let compared = peers::compare(&asker, &subject, &metric, &period, role, &app.reach()).await?;
    Ok(Json(ComparisonOut {
        metric: metric.id.clone(),
        period: period.key().to_owned(),
        finding: finding(&compared, &metric),
        role: compared.role,
        people: compared.people.into_iter().map(PersonOut::from).collect(),
    }))
}
