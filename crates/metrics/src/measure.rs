//! Simple metrics, computed: all that share a date rule in one plan over the credited view.
//!
//! A filter of a metric becomes the aggregate's own filter, so one scan answers many metrics and
//! nothing is joined after it was added up.

use std::collections::HashMap;

use datafusion::functions_aggregate::expr_fn::{count, median, sum};
use datafusion::logical_expr::{Cast, ExprFunctionExt};
use datafusion::prelude::{Expr, lit};
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::credited::{CURRENCY_MISSING, DECIMAL, PERIOD, Source, Wanted, column, dimension_column};
use crate::definition::{Aggregate, Aggregation};
use crate::engine::{Cells, collect};
use crate::organisation::Dimension;

/// What one aggregate found in one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The aggregated value; absent when no row carried one.
    pub(crate) value: Option<Decimal>,
    /// Rows that passed the filter.
    pub(crate) rows: u64,
    /// Rows among them that carried a value.
    pub(crate) present: u64,
    /// Rows among them left out because their currency has no rate.
    pub(crate) currency_missing: u64,
}

/// One group of an answer: a member per dimension and the position of the period.
pub(crate) type GroupKey = (Vec<Option<String>>, usize);

/// Cells by group and metric.
pub(crate) type Groups = HashMap<GroupKey, HashMap<String, Cell>>;

/// Computes aggregates that share an attribution, each under its metric's name, into `groups`.
pub(crate) async fn compute(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    aggregates: &[(&str, &Aggregate)],
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    let view = source.credited(wanted).await?;
    let mut group_by: Vec<Expr> =
        wanted.by.iter().map(|dimension| column(dimension_column(*dimension))).collect();
    group_by.push(column(PERIOD));
    let mut outputs = Vec::new();
    for (metric, aggregate) in aggregates {
        outputs.extend(expressions(metric, aggregate)?);
    }
    let result = collect(view.aggregate(group_by, outputs)?).await?;
    for row in result.rows() {
        let cells = groups.entry(group_key(&row, wanted.by)).or_default();
        for (metric, aggregate) in aggregates {
            cells.insert((*metric).to_owned(), cell(&row, metric, aggregate)?);
        }
    }
    Ok(())
}

/// The group a result row belongs to.
pub(crate) fn group_key(row: &Cells<'_>, by: &[Dimension]) -> GroupKey {
    let members = by.iter().map(|dimension| row.text(dimension_column(*dimension))).collect();
    let period = row.integer32(PERIOD).and_then(|index| usize::try_from(index).ok()).unwrap_or_default();
    (members, period)
}

/// The columns an aggregate needs: its value, and unless it merely counts rows, how many rows
/// passed, how many carried a value, and for money how many lack an exchange rate.
fn expressions(metric: &str, aggregate: &Aggregate) -> Result<Vec<Expr>, MetricsError> {
    let value = aggregate.expr.clone();
    let counted = |value: Expr| filtered(count(value), aggregate.filter.clone());
    let aggregated = match (aggregate.aggregation, aggregate.filter.clone()) {
        (Aggregation::Count, _) => return Ok(vec![counted(value)?.alias(metric)]),
        // The builder forgets that a count was distinct, so both are said at once.
        (Aggregation::CountDistinct, Some(filter)) => {
            count(value.clone()).distinct().filter(filter).build()?
        }
        (Aggregation::CountDistinct, None) => count(value.clone()).distinct().build()?,
        (Aggregation::Sum, filter) => filtered(sum(exact(value.clone())), filter)?,
        (Aggregation::Median, filter) => filtered(median(exact(value.clone())), filter)?,
    };
    let mut columns = vec![
        aggregated.alias(metric),
        counted(lit(1))?.alias(format!("{metric}_rows")),
        counted(value)?.alias(format!("{metric}_present")),
    ];
    if aggregate.is_money() {
        let missing = aggregate.filter.clone().unwrap_or(lit(true)).and(column(CURRENCY_MISSING));
        columns.push(filtered(count(lit(1)), Some(missing))?.alias(format!("{metric}_currency_missing")));
    }
    Ok(columns)
}

/// Decimal arithmetic throughout: an integer median would be cut, a double one inexact.
fn exact(value: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(value), DECIMAL))
}

fn filtered(aggregate: Expr, filter: Option<Expr>) -> Result<Expr, MetricsError> {
    Ok(match filter {
        Some(filter) => aggregate.filter(filter).build()?,
        None => aggregate,
    })
}

fn cell(row: &Cells<'_>, metric: &str, aggregate: &Aggregate) -> Result<Cell, MetricsError> {
    let value = row.decimal(metric)?;
    if aggregate.aggregation == Aggregation::Count {
        let rows = row.count(metric);
        return Ok(Cell { value, rows, present: rows, currency_missing: 0 });
    }
    Ok(Cell {
        value,
        rows: row.count(&format!("{metric}_rows")),
        present: row.count(&format!("{metric}_present")),
        currency_missing: row.count(&format!("{metric}_currency_missing")),
    })
}
