//! Whom rows count for: nobody, or somebody who was not there on the day. Both are asked of the rows
//! as numbers count them, with the owner of their day (T2).

use attain_facts::canonical::Table;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::logical_expr::{Cast, when};
use datafusion::prelude::{DataFrame, Expr, lit};

use super::check::{NOT_EMPLOYED, UNASSIGNED};
use super::ground::Ground;
use super::probe::{Among, Probe, Test};
use crate::ask::{MetricsError, leaf_models};
use crate::credited::RateMode;
use crate::definition::{Attribution, Model, Span, When};
use crate::plan::{CREDIT_DATE, Needed, OWN_DATE, Wanted, base_table, by_column, column};
use crate::subject::{Dimension, Subject};

/// The credited views of events that ought to be somebody's.
const OUGHT_TO_BE_SOMEBODYS: [&str; 5] = [
    "opportunity_credited",
    "lead_credited",
    "activity_credited",
    "invoice_line_credited",
    "survey_response_credited",
];
/// How many days somebody was away from their employment.
const DAYS_AWAY: &str = "quality_days_away";

pub(super) async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let mut probes: Vec<Probe> = Vec::new();
    for metric in ground.asker.catalogue().metrics() {
        for (model, when) in leaf_models(metric) {
            let Some((table, part)) = asked_of(ground, model, when) else { continue };
            let is_known = |probe: &Probe| probe.table == table && probe.part.as_deref() == Some(part);
            if probes.iter().any(is_known) {
                continue;
            }
            let rows = credited(ground, model, when).await?;
            probes.push(unassigned(table, part, rows.clone()));
            probes.push(not_employed(ground, table, part, rows).await?);
        }
    }
    Ok(probes)
}

/// The table of a model and the name of its date, where its rows ought to be somebody's.
fn asked_of<'m>(ground: &Ground<'_>, model: &Model, when: &'m When) -> Option<(Table, &'m str)> {
    let table = Table::from_name(base_table(&model.relation))?;
    // A state at the end of a period has no day of its own.
    let When::Dated { name, attribution, .. } = when else { return None };
    if *attribution == Attribution::Snapshot {
        return None;
    }
    let is_asked = OUGHT_TO_BE_SOMEBODYS.contains(&model.relation.as_str()) && ground.row_count(table) > 0;
    let splits = |by: &Dimension| ground.asker.source().splits(model, by).is_ok();
    (is_asked && splits(&Dimension::Rep) && splits(&ground.asker.assignment())).then_some((table, name))
}

/// All rows of a model with the person and, where there are teams, the team they count for.
async fn credited(ground: &Ground<'_>, model: &Model, when: &When) -> Result<DataFrame, MetricsError> {
    let (by, periods) = ([Dimension::Rep, ground.asker.assignment()], [ground.asker.calendar().all()]);
    let (subject, rates) = (Subject::Company, RateMode::default());
    let wanted = Wanted { subject: &subject, by: &by, periods: &periods, filter: None, rates: &rates };
    let source = ground.asker.source();
    let rows = source.rows_with(model, when, Span::Period, &wanted, &[], &Needed::Everything).await?;
    // Rows without the date count for today's owner, whoever that is.
    Ok(rows.filter(column(OWN_DATE).is_not_null())?)
}

fn day_shown(part: &str) -> (String, String) {
    (part.replace('_', " "), CREDIT_DATE.to_owned())
}

fn unassigned(table: Table, part: &str, rows: DataFrame) -> Probe {
    Probe {
        check: &UNASSIGNED,
        table,
        part: Some(part.to_owned()),
        wrong: "it counts for nobody, or for somebody without a team on the day".into(),
        shown: vec![day_shown(part), ("person".into(), by_column(0))],
        costs: Vec::new(),
        test: Test::Of(rows, Among::all(column(&by_column(1)).is_null())),
    }
}

async fn not_employed(
    ground: &Ground<'_>,
    table: Table,
    part: &str,
    rows: DataFrame,
) -> Result<Probe, MetricsError> {
    let columns = ["employee_id", "hire_date", "end_date"];
    let people = ground.asker.source().relation(Table::Employee.name()).await?;
    let named = columns.map(|name| column(name).alias(format!("quality_{name}")));
    let is_theirs = [column(&by_column(0)).eq(column("quality_employee_id"))];
    let (hired, left) = (column("quality_hire_date"), column("quality_end_date"));
    let day = || column(CREDIT_DATE);
    let away = when(day().lt(hired.clone()), number(hired.clone()) - number(day()))
        .when(day().gt(left.clone()), number(day()) - number(left.clone()))
        .otherwise(lit(0_i32))?;
    let rows = rows
        .join_on(people.select(named.to_vec())?, JoinType::Inner, is_theirs)?
        .with_column(DAYS_AWAY, away)?;
    Ok(Probe {
        check: &NOT_EMPLOYED,
        table,
        part: Some(part.to_owned()),
        wrong: "it counts for somebody who was not employed on the day".into(),
        shown: vec![
            ("person".into(), by_column(0)),
            day_shown(part),
            ("hired".into(), "quality_hire_date".into()),
            ("left".into(), "quality_end_date".into()),
            ("days away".into(), DAYS_AWAY.into()),
        ],
        costs: Vec::new(),
        test: Test::Of(rows, Among::all(column(DAYS_AWAY).gt(lit(0_i32)))),
    })
}

fn number(date: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(date), DataType::Int32))
}
