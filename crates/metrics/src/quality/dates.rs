//! Dates that cannot be: in the future of their import, in an impossible year, ending before they
//! start, moved before created, closed otherwise than moved.

use attain_facts::canonical::{ColumnType, Table};
use attain_facts::store::schema::SOURCE_ID;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::Cast;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::date;

use super::check::{
    CLOSED_OTHERWISE, ENDS_BEFORE_START, IMPOSSIBLE_YEAR, IN_THE_FUTURE, MOVED_BEFORE_CREATED,
};
use super::ground::Ground;
use super::probe::{Among, Probe, Test};
use crate::ask::MetricsError;
use crate::plan::{column, day};

pub(super) async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let mut probes = in_the_future(ground);
    probes.extend(impossible_years(ground));
    probes.extend(ends_before_starts(ground));
    probes.extend(of_moves(ground).await?);
    Ok(probes)
}

fn is_closed() -> Expr {
    column("outcome").in_list(vec![lit("won"), lit("lost")], false)
}

fn has(ground: &Ground<'_>, table: Table, columns: &[&str]) -> bool {
    ground.row_count(table) > 0 && columns.iter().all(|name| ground.supplies(table, name))
}

/// Days on which something happened or came to be; expected ones may lie ahead.
fn happenings(ground: &Ground<'_>) -> Vec<(Table, &'static str, Expr)> {
    let happened = [
        (Table::Opportunity, "created_at"),
        (Table::Opportunity, "close_date"),
        (Table::OpportunityStageHistory, "changed_at"),
        (Table::Lead, "created_at"),
        (Table::Activity, "occurred_at"),
        (Table::Account, "created_at"),
        (Table::SurveyResponse, "responded_at"),
        (Table::ForecastSubmission, "submitted_at"),
    ];
    let there = happened.into_iter().filter(|(table, name)| has(ground, *table, &[name]));
    there
        .map(|(table, name)| {
            let applies = if name == "close_date" { is_closed() } else { lit(true) };
            (table, name, applies)
        })
        .collect()
}

fn in_the_future(ground: &Ground<'_>) -> Vec<Probe> {
    let probe = |(table, name, applies): (Table, &'static str, Expr)| {
        let after = ground.day(table, name).gt(ground.imported_on());
        let among = Among { applies, fails: after };
        Probe::rows(&IN_THE_FUTURE, table, &[name], "it lies after the day of its import", among).part(name)
    };
    happenings(ground).into_iter().map(probe).collect()
}

fn impossible_years(ground: &Ground<'_>) -> Vec<Probe> {
    let (first, after) = (date(1990, 1, 1), date(2101, 1, 1));
    let mut probes = Vec::new();
    for table in ground.tables() {
        for dated in table.columns().iter().filter(|column| ground.supplies(table, column.name)) {
            let is_date = matches!(dated.kind, ColumnType::Date | ColumnType::Month | ColumnType::Timestamp);
            // That something always held, or holds for ever, is written as a year far away.
            let is_bound = table.range().is_some_and(|(from, to)| [from, to].contains(&dated.name));
            let began_long_ago = ["hire_date", "role_start_date"].contains(&dated.name);
            if !is_date || is_bound || began_long_ago {
                continue;
            }
            let year = ground.day(table, dated.name);
            let outside = year.clone().lt(day(first)).or(year.gt_eq(day(after)));
            let among = Among::all(outside);
            let wrong = "its year is before 1990 or after 2100";
            probes.push(Probe::rows(&IMPOSSIBLE_YEAR, table, &[dated.name], wrong, among).part(dated.name));
        }
    }
    probes
}

fn ends_before_starts(ground: &Ground<'_>) -> Vec<Probe> {
    let pairs = [
        (Table::Employee, "hire_date", "end_date"),
        (Table::Lead, "created_at", "converted_at"),
        (Table::InvoiceLine, "service_from", "service_to"),
        (Table::TrainingAssignment, "assigned_on", "completed_on"),
    ];
    let there = pairs.into_iter().filter(|(table, from, to)| has(ground, *table, &[from, to]));
    there
        .map(|(table, from, to)| {
            let before = ground.day(table, to).lt(ground.day(table, from));
            let among = Among::all(before);
            Probe::rows(&ENDS_BEFORE_START, table, &[from, to], "it ends before it starts", among).part(to)
        })
        .collect()
}

/// Stage changes beside the deals they are of.
async fn of_moves(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let moves = Table::OpportunityStageHistory;
    if !has(ground, moves, &["changed_at"]) || ground.row_count(Table::Opportunity) == 0 {
        return Ok(Vec::new());
    }
    let mut probes = Vec::new();
    if has(ground, Table::Opportunity, &["created_at"]) {
        let created = ground.day(Table::Opportunity, "created_at");
        let named = column(SOURCE_ID);
        let deals = deals(ground, &[("quality_created", created), ("quality_named", named)]).await?;
        let of_deal = [column("opportunity_id").eq(column("quality_deal"))];
        let rows = ground.rows(moves).await?.join_on(deals, JoinType::Inner, of_deal)?;
        let before = ground.day(moves, "changed_at").lt(column("quality_created"));
        probes.push(Probe {
            check: &MOVED_BEFORE_CREATED,
            table: moves,
            part: None,
            wrong: "the deal changed its stage before it was created".into(),
            shown: vec![
                ("deal".into(), "quality_named".into()),
                ("changed at".into(), "changed_at".into()),
                ("created on".into(), "quality_created".into()),
            ],
            costs: vec!["changed_at".into()],
            test: Test::Found(rows.filter(before)?),
        });
    }
    if has(ground, Table::Opportunity, &["close_date"]) {
        probes.push(closed_otherwise(ground).await?);
    }
    Ok(probes)
}

async fn deals(ground: &Ground<'_>, columns: &[(&str, Expr)]) -> Result<DataFrame, MetricsError> {
    let mut wanted = vec![column("opportunity_id").alias("quality_deal")];
    wanted.extend(columns.iter().map(|(name, expr)| expr.clone().alias(*name)));
    Ok(ground.rows(Table::Opportunity).await?.select(wanted)?)
}

/// Closed deals whose last move lies more than a day away from the close date (T1).
async fn closed_otherwise(ground: &Ground<'_>) -> Result<Probe, MetricsError> {
    let moves = Table::OpportunityStageHistory;
    let last = ground.rows(moves).await?.aggregate(
        vec![column("opportunity_id").alias("quality_deal")],
        vec![max(ground.day(moves, "changed_at")).alias("quality_moved")],
    )?;
    let of_deal = [column("opportunity_id").eq(column("quality_deal"))];
    let closed = ground.rows(Table::Opportunity).await?.filter(is_closed())?;
    let rows = closed.join_on(last, JoinType::Inner, of_deal)?;
    let number = |name: &str| Expr::Cast(Cast::new(Box::new(column(name)), DataType::Int32));
    let days = number("close_date") - number("quality_moved");
    let away = days.clone().lt(lit(-1_i32)).or(days.gt(lit(1_i32)));
    Ok(Probe {
        check: &CLOSED_OTHERWISE,
        table: Table::Opportunity,
        part: None,
        wrong: "its last stage change is more than a day away from its close date".into(),
        shown: vec![
            ("close date".into(), "close_date".into()),
            ("last stage change".into(), "quality_moved".into()),
        ],
        costs: vec!["close_date".into()],
        test: Test::Found(rows.filter(away)?),
    })
}
