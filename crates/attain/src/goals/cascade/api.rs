//! The cascade as JSON.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::reading::Cascade;
use super::tree::Node;
use crate::goals::choosing::Wanted;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of the cascade.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Targets), routes!(cascade))
}

/// Which targets, and of when.
#[derive(Deserialize, IntoParams)]
struct CascadeQuery {
    /// A metric whose targets add up over people; bookings unless given.
    metric: Option<String>,
    /// 2017-Q3, 2017-03 or 2017; the quarter under way unless given.
    period: Option<String>,
}

/// A target with what stands right below it.
#[derive(Serialize, ToSchema)]
struct CascadeOut {
    /// company, manager or rep.
    level: &'static str,
    /// Identifier; null for the company.
    id: Option<String>,
    /// Name.
    name: String,
    /// Identifier of the one right above, where that is a manager.
    above: Option<String>,
    /// How far from the top it stands.
    depth: usize,
    /// The target that holds, for the days it applies.
    target: Option<String>,
    /// The goal; null for a quota as it was delivered.
    goal: Option<i64>,
    /// Whether the target is no more than the sum of the quotas below it; it has no difference then.
    derived: bool,
    /// Whether a part of what stands below is not yours to see; no sum is told then.
    partly_hidden: bool,
    /// What the targets right below add up to.
    below: Option<String>,
    /// How much more that is than the target; less is negative.
    difference: Option<String>,
    /// The same as a share of the target.
    over_assignment: Option<String>,
    /// So many right below have no target.
    without: usize,
}

impl CascadeOut {
    fn of(depth: usize, above: Option<&Node>, node: &Node) -> CascadeOut {
        let text = |value: rust_decimal::Decimal| value.normalize().to_string();
        CascadeOut {
            level: node.subject.level().name(),
            id: node.subject.id().map(str::to_owned),
            name: node.name.clone(),
            above: above.and_then(|above| above.subject.id()).map(str::to_owned),
            depth,
            target: node.own.as_ref().map(|own| text(own.target)),
            goal: node.own.as_ref().and_then(|own| own.goal),
            derived: node.is_derived(),
            partly_hidden: node.is_partly_hidden(),
            below: node.sum().map(text),
            difference: node.difference().map(text),
            over_assignment: node.over_assignment().map(text),
            without: node.without(),
        }
    }
}

/// The targets of everybody below you, from above, each with what stands right below it
#[utoipa::path(get, path = "/api/v1/goals/cascade", params(CascadeQuery), responses((status = 200, body = [CascadeOut]), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn cascade(app: App, Query(query): Query<CascadeQuery>) -> Result<Json<Vec<CascadeOut>>, PageError> {
    let wanted = Wanted { period: query.period };
    let cascade = Cascade::of(&app, query.metric.as_deref(), &wanted).await?;
    let flat = cascade.root.flat();
    Ok(Json(flat.into_iter().map(|(depth, above, node)| CascadeOut::of(depth, above, node)).collect()))
}
