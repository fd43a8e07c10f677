//! The grid as JSON.

use axum::Json;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::asked::Asked;
use super::pages::ROWS_SHOWN;
use super::reading::{Grid, Own};
use super::table::{Cell, Column, Row, Sum};
use crate::goals::entries::Standing;
use crate::goals::targets::Origin;
use crate::goals::words::{pace_word, state_words};
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoint of the grid.
pub(super) fn routes() -> Routes {
    Routes::new().api(Rule::May(Act::Read, Object::Targets), routes!(grid))
}

/// Goals side by side.
#[derive(Serialize, ToSchema)]
struct GoalGridOut {
    /// So many rows there are in all.
    rows_in_all: usize,
    /// So many more are not yours to see.
    hidden: usize,
    /// `from` of the next rows; null after the last.
    next: Option<usize>,
    /// A hundred of the rows.
    rows: Vec<GoalRowOut>,
    /// What all rows come to, by column.
    together: Vec<GoalSumOut>,
}

/// Somebody, or a team.
#[derive(Serialize, ToSchema)]
struct GoalRowOut {
    /// rep or manager.
    level: &'static str,
    /// Identifier.
    id: Option<String>,
    /// Name.
    name: String,
    /// Role.
    role: Option<String>,
    /// Whom they report to.
    leader: Option<String>,
    /// A cell of each column.
    cells: Vec<GoalCellOut>,
}

/// What somebody is to reach by a metric in a period, and has.
#[derive(Serialize, ToSchema)]
struct GoalCellOut {
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// Number of the goal; null for a quota as it was delivered, and where there is no target.
    goal: Option<i64>,
    /// What is attained so far.
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// What is to be reached, for the days it applies.
    #[schema(value_type = Option<String>)]
    target: Option<Decimal>,
    /// Attained ÷ target in the direction of the metric, uncapped.
    #[schema(value_type = Option<String>)]
    attainment: Option<Decimal>,
    /// on pace, at risk, behind or just begun.
    pace: Option<&'static str>,
    /// What must be known beside value and target; E4 where there is no target.
    codes: Vec<&'static str>,
    /// What has become of the goal; delivered for a quota; null where there is no target.
    state: Option<String>,
}

/// What a column comes to.
#[derive(Serialize, ToSchema)]
struct GoalSumOut {
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// So many have a target.
    with_target: usize,
    /// So many have none.
    without_target: usize,
    /// The sum of the targets; null where targets do not add up over people.
    #[schema(value_type = Option<String>)]
    target: Option<Decimal>,
    /// What those with a target attained together.
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// What the leader's team, or the company, is to reach itself.
    #[schema(value_type = Option<String>)]
    own_target: Option<Decimal>,
    /// Number of that goal; null for a quota as it was delivered.
    own_goal: Option<i64>,
    /// How much more the sum of the targets is than that; less is negative.
    #[schema(value_type = Option<String>)]
    difference: Option<Decimal>,
}

impl GoalCellOut {
    fn of(column: &Column, cell: &Cell) -> GoalCellOut {
        let (metric, period) = (column.metric.id.clone(), column.period.key().to_owned());
        match cell {
            Cell::Held { line, standing } => {
                let (goal, state) = match standing {
                    Standing::Delivered => (None, "delivered".to_owned()),
                    Standing::Agreed { number, state } => (Some(*number), state_words(state)),
                };
                GoalCellOut {
                    metric,
                    period,
                    goal,
                    value: line.number.value,
                    target: line.target,
                    attainment: line.attainment.as_ref().and_then(|share| share.as_ref().ok().copied()),
                    pace: pace_word(line),
                    codes: line.codes(),
                    state: Some(state),
                }
            }
            Cell::NoTarget(number) => GoalCellOut {
                metric,
                period,
                goal: None,
                value: number.as_ref().and_then(|number| number.value),
                target: None,
                attainment: None,
                pace: None,
                codes: vec!["E4"],
                state: None,
            },
        }
    }
}

impl GoalRowOut {
    fn of(columns: &[Column], row: &Row) -> GoalRowOut {
        GoalRowOut {
            level: row.subject.level().name(),
            id: row.subject.id().map(str::to_owned),
            name: row.name.clone(),
            role: row.role.clone(),
            leader: row.leader.as_ref().map(|leader| leader.id.clone()),
            cells: columns
                .iter()
                .zip(&row.cells)
                .map(|(column, cell)| GoalCellOut::of(column, cell))
                .collect(),
        }
    }
}

impl GoalSumOut {
    fn of(column: &Column, sum: &Sum, own: Option<Own>) -> GoalSumOut {
        let own_goal = match own.map(|own| own.origin) {
            Some(Origin::Goal(number)) => Some(number),
            Some(Origin::Quota | Origin::AddedUp(_)) | None => None,
        };
        let own_target = own.map(|own| own.target);
        GoalSumOut {
            metric: column.metric.id.clone(),
            period: column.period.key().to_owned(),
            with_target: sum.with,
            without_target: sum.without,
            target: sum.target,
            value: sum.attained,
            own_target,
            own_goal,
            difference: sum.target.zip(own_target).map(|(sum, own)| sum - own),
        }
    }
}

/// The goals of everybody below you side by side, a hundred rows at a time
#[utoipa::path(get, path = "/api/v1/goals/grid", params(Asked), responses((status = 200, body = GoalGridOut), (status = 404, body = Problem), (status = 422, body = Problem)))]
async fn grid(app: App, Query(asked): Query<Asked>) -> Result<Json<GoalGridOut>, PageError> {
    let grid = Grid::of(&app, &asked).await?;
    let (in_all, from) = (grid.rows.len(), asked.from());
    let shown = grid.rows.iter().skip(from).take(ROWS_SHOWN);
    let sums = grid.columns.iter().zip(&grid.sums).zip(&grid.own);
    let next = from.saturating_add(ROWS_SHOWN);
    Ok(Json(GoalGridOut {
        rows_in_all: in_all,
        hidden: grid.whom.hidden,
        next: (next < in_all).then_some(next),
        rows: shown.map(|row| GoalRowOut::of(&grid.columns, row)).collect(),
        together: sums.map(|((column, sum), own)| GoalSumOut::of(column, sum, *own)).collect(),
    }))
}
