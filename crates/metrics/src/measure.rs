//! Leaves of metrics, computed: all that share a model, a date and a window in one plan.
//!
//! A filter of a metric becomes the aggregate's own filter, so one scan answers many metrics and
//! nothing is joined after it was added up.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::functions_aggregate::expr_fn::{count, max, median, min, sum};
use datafusion::logical_expr::{Cast, ExprFunctionExt};
use datafusion::prelude::{DataFrame, Expr, lit};
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::builtin::Builtin;
use crate::conversion::{CONVERSIONS, Conversion, Part};
use crate::definition::{Aggregate, Aggregation, Computation, Metric, Span};
use crate::engine::{Cells, collect};
use crate::plan::{CURRENCY_MISSING, DECIMAL, Needed, PERIOD, Source, Wanted, by_column, column};
use crate::retention;

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

/// The cells of one group by metric.
pub(crate) type Counts<'a> = &'a HashMap<String, Cell>;

/// Cells by group and metric.
pub(crate) type Groups = HashMap<GroupKey, HashMap<String, Cell>>;

/// The leaves that metrics rest on, each once, by what they can be computed with.
#[derive(Default)]
pub(crate) struct Leaves<'a> {
    simple: BTreeMap<(&'a str, &'a str, Span), BTreeMap<&'a str, &'a Aggregate>>,
    conversions: BTreeMap<&'a str, (&'a Arc<Conversion>, BTreeMap<&'a str, Part>)>,
    builtin: BTreeMap<&'a str, &'a Builtin>,
    retention: BTreeMap<&'a str, (&'a Aggregate, BTreeMap<&'a str, retention::Output>)>,
}

impl<'a> Leaves<'a> {
    /// Adds the leaves of a metric.
    pub(crate) fn add(&mut self, metric: &'a Metric) {
        match &metric.computation {
            Computation::Simple { aggregate, span } => {
                let plan = (aggregate.model.name.as_str(), aggregate.when.name(), *span);
                self.simple.entry(plan).or_default().insert(&metric.id, aggregate);
            }
            Computation::Conversion(conversion, part) => {
                let (_, parts) =
                    self.conversions.entry(&conversion.name).or_insert_with(|| (conversion, BTreeMap::new()));
                parts.insert(&metric.id, *part);
            }
            Computation::BuyerRetention(purchases, output) => {
                let (_, outputs) = self
                    .retention
                    .entry(&purchases.name)
                    .or_insert_with(|| (&purchases.purchases, BTreeMap::new()));
                outputs.insert(&metric.id, *output);
            }
            Computation::Builtin(builtin) => {
                self.builtin.insert(&metric.id, builtin);
            }
            Computation::Ratio { .. } | Computation::Derived { .. } | Computation::NotKept(_) => {}
        }
        for input in metric.inputs() {
            self.add(input);
        }
    }

    /// The plans of the leaves with what each computes, for readers. Retention is counted in code
    /// from the purchases and has no plan of its own to show.
    pub(crate) async fn plans(
        &self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<(Vec<&str>, DataFrame)>, MetricsError> {
        let mut plans = Vec::new();
        for ((_, _, span), aggregates) in &self.simple {
            if let Some(plan) = simple_plan(source, wanted, *span, aggregates).await? {
                plans.push((aggregates.keys().copied().collect(), plan));
            }
        }
        for (conversion, parts) in self.conversions.values() {
            let plan = conversion_plan(source, wanted, conversion, parts).await?;
            plans.push((parts.keys().copied().collect(), plan));
        }
        Ok(plans)
    }

    /// Computes every leaf for periods of one length.
    pub(crate) async fn compute(
        &self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<Groups, MetricsError> {
        let mut groups = Groups::new();
        for ((_, _, span), aggregates) in &self.simple {
            simple(source, wanted, *span, aggregates, &mut groups).await?;
        }
        for (conversion, parts) in self.conversions.values() {
            converted(source, wanted, conversion, parts, &mut groups).await?;
        }
        for (metric, builtin) in &self.builtin {
            builtin.compute(source, wanted, metric, &mut groups).await?;
        }
        for (purchases, outputs) in self.retention.values() {
            let outputs: Vec<(&str, retention::Output)> =
                outputs.iter().map(|(id, output)| (*id, *output)).collect();
            retention::compute(source, wanted, purchases, &outputs, &mut groups).await?;
        }
        Ok(groups)
    }
}

/// Computes aggregates that share a model, a date and a window.
async fn simple(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    span: Span,
    aggregates: &BTreeMap<&str, &Aggregate>,
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    let Some(plan) = simple_plan(source, wanted, span, aggregates).await? else { return Ok(()) };
    read(plan, wanted, groups, |row, cells| {
        for (metric, aggregate) in aggregates {
            cells.insert((*metric).to_owned(), cell(row, metric, aggregate)?);
        }
        Ok(())
    })
    .await
}

async fn simple_plan(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    span: Span,
    aggregates: &BTreeMap<&str, &Aggregate>,
) -> Result<Option<DataFrame>, MetricsError> {
    let Some(first) = aggregates.values().next() else { return Ok(None) };
    let joined: Vec<String> =
        aggregates.values().flat_map(|aggregate| aggregate.joined.iter().cloned()).collect();
    let looked_at =
        aggregates.values().flat_map(|aggregate| aggregate.filter.iter().chain([&aggregate.expr]));
    let needed = Needed::by(looked_at);
    let rows = source.rows_with(&first.model, &first.when, span, wanted, &joined, &needed).await?;
    let mut outputs = Vec::new();
    for (metric, aggregate) in aggregates {
        outputs.extend(expressions(metric, aggregate)?);
    }
    grouped(rows, wanted, outputs).map(Some)
}

/// Counts the parts of a conversion.
async fn converted(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    conversion: &Conversion,
    parts: &BTreeMap<&str, Part>,
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    let plan = conversion_plan(source, wanted, conversion, parts).await?;
    read(plan, wanted, groups, |row, cells| {
        for metric in parts.keys() {
            let counted = row.count(metric);
            let cell =
                Cell { value: Some(counted.into()), rows: counted, present: counted, currency_missing: 0 };
            cells.insert((*metric).to_owned(), cell);
        }
        Ok(())
    })
    .await
}

async fn conversion_plan(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    conversion: &Conversion,
    parts: &BTreeMap<&str, Part>,
) -> Result<DataFrame, MetricsError> {
    let rows = conversion.rows(source, wanted).await?;
    let mut outputs = Vec::new();
    for (metric, part) in parts {
        let counted = match (part, conversion.every_conversion) {
            (Part::Converted, true) => sum(column(CONVERSIONS)),
            _ => count(lit(1)),
        };
        outputs.push(filtered(counted, Some(conversion.counts_for(*part)))?.alias(*metric));
    }
    grouped(rows, wanted, outputs)
}

/// Rows added up by what they are split by and their period.
fn grouped(rows: DataFrame, wanted: &Wanted<'_>, outputs: Vec<Expr>) -> Result<DataFrame, MetricsError> {
    let mut group_by: Vec<Expr> = (0..wanted.by.len()).map(|position| column(&by_column(position))).collect();
    group_by.push(column(PERIOD));
    Ok(rows.aggregate(group_by, outputs)?)
}

/// Runs a plan and reads its groups.
async fn read(
    plan: DataFrame,
    wanted: &Wanted<'_>,
    groups: &mut Groups,
    read: impl Fn(&Cells<'_>, &mut HashMap<String, Cell>) -> Result<(), MetricsError>,
) -> Result<(), MetricsError> {
    let result = collect(plan).await?;
    for row in result.rows() {
        read(&row, groups.entry(group_key(&row, wanted.by.len())).or_default())?;
    }
    Ok(())
}

/// The group a result row belongs to.
pub(crate) fn group_key(row: &Cells<'_>, dimensions: usize) -> GroupKey {
    let members = (0..dimensions).map(|position| row.text(&by_column(position))).collect();
    let period = row.integer32(PERIOD).and_then(|index| usize::try_from(index).ok()).unwrap_or_default();
    (members, period)
}

/// The columns an aggregate needs: its value, and unless it merely counts rows, how many rows
/// passed, how many carried a value, and for money how many lack an exchange rate.
fn expressions(metric: &str, aggregate: &Aggregate) -> Result<Vec<Expr>, MetricsError> {
    let value = aggregate.expr.clone();
    let filter = aggregate.filter.clone();
    let counted = |value: Expr| filtered(count(value), aggregate.filter.clone());
    let aggregated = match (aggregate.aggregation, filter) {
        (Aggregation::Count, _) => return Ok(vec![counted(value)?.alias(metric)]),
        (Aggregation::SumBoolean, filter) => {
            let holds = filter.map_or(value.clone(), |filter| filter.and(value));
            return Ok(vec![filtered(count(lit(1)), Some(holds))?.alias(metric)]);
        }
        // The builder forgets that a count was distinct, so both are said at once.
        (Aggregation::CountDistinct, Some(filter)) => {
            count(value.clone()).distinct().filter(filter).build()?
        }
        (Aggregation::CountDistinct, None) => count(value.clone()).distinct().build()?,
        // A mean is a sum divided when it is read, so that it is exact.
        (Aggregation::Sum | Aggregation::Average, filter) => filtered(sum(exact(aggregate)), filter)?,
        (Aggregation::Median, filter) => filtered(median(exact(aggregate)), filter)?,
        (Aggregation::Min, filter) => filtered(min(exact(aggregate)), filter)?,
        (Aggregation::Max, filter) => filtered(max(exact(aggregate)), filter)?,
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

/// Decimal arithmetic throughout: an integer median would be cut, a double one inexact. Times are
/// no round sums, so they keep twelve places.
fn exact(aggregate: &Aggregate) -> Expr {
    let kind = if aggregate.is_fraction { DataType::Decimal128(28, 12) } else { DECIMAL };
    Expr::Cast(Cast::new(Box::new(aggregate.expr.clone()), kind))
}

fn filtered(aggregate: Expr, filter: Option<Expr>) -> Result<Expr, MetricsError> {
    Ok(match filter {
        Some(filter) => aggregate.filter(filter).build()?,
        None => aggregate,
    })
}

fn cell(row: &Cells<'_>, metric: &str, aggregate: &Aggregate) -> Result<Cell, MetricsError> {
    let value = row.decimal(metric)?;
    if matches!(aggregate.aggregation, Aggregation::Count | Aggregation::SumBoolean) {
        let rows = row.count(metric);
        return Ok(Cell { value, rows, present: rows, currency_missing: 0 });
    }
    let present = row.count(&format!("{metric}_present"));
    let value = match aggregate.aggregation {
        Aggregation::Average => value.and_then(|total| total.checked_div(Decimal::from(present))),
        _ => value,
    };
    Ok(Cell {
        value,
        rows: row.count(&format!("{metric}_rows")),
        present,
        currency_missing: row.count(&format!("{metric}_currency_missing")),
    })
}
