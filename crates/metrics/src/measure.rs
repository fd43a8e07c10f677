//! Leaves of metrics, computed: all that share a model, a date and a window in one plan.
//!
//! A filter of a metric becomes the aggregate's own filter, so one scan answers many metrics and
//! nothing is joined after it was added up.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::functions_aggregate::expr_fn::{array_agg, count, max, median, min, sum};
use datafusion::logical_expr::{Cast, ExprFunctionExt};
use datafusion::prelude::{DataFrame, Expr, lit};
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::builtin::Builtin;
use crate::calendar::Grain;
use crate::conversion::{CONVERSIONS, Conversion, Part};
use crate::definition::{Aggregate, Aggregation, Computation, Metric, Span};
use crate::engine::{collect, counts, decimals, lists};
use crate::groups::{Cell, Groups};
use crate::plan::{CURRENCY_MISSING, DECIMAL, Needed, PERIOD, Source, Wanted, by_column, column, text};
use crate::retention;

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
            let distinct = self.distinct(wanted, *span, aggregates);
            if let Some((plan, _)) = simple_plan(source, wanted, *span, aggregates, &distinct).await? {
                plans.push((aggregates.keys().copied().collect(), plan));
            }
        }
        for (conversion, parts) in self.conversions.values() {
            let plan = conversion_plan(source, wanted, conversion, parts).await?;
            plans.push((parts.keys().copied().collect(), plan));
        }
        Ok(plans)
    }

    /// Computes every leaf for periods of one length, at their positions among those of the answer.
    pub(crate) async fn compute(
        &self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
        positions: &[usize],
        groups: &mut Groups,
    ) -> Result<(), MetricsError> {
        for ((_, _, span), aggregates) in &self.simple {
            let distinct = self.distinct(wanted, *span, aggregates);
            let Some((plan, outputs)) = simple_plan(source, wanted, *span, aggregates, &distinct).await?
            else {
                continue;
            };
            for part in collect(plan).await?.parts() {
                let places = groups.places(part, positions);
                for (metric, aggregate) in aggregates {
                    keep(part, &places, (metric, aggregate), &outputs, groups)?;
                }
            }
        }
        for (conversion, parts) in self.conversions.values() {
            let plan = conversion_plan(source, wanted, conversion, parts).await?;
            for part in collect(plan).await?.parts() {
                let places = groups.places(part, positions);
                for metric in parts.keys() {
                    groups.keep_counts(metric, &places, counts(part, metric).into_iter());
                }
            }
        }
        for (metric, builtin) in &self.builtin {
            builtin.compute(source, wanted, metric, positions, groups).await?;
        }
        for (name, (purchases, outputs)) in &self.retention {
            let outputs: Vec<(&str, retention::Output)> =
                outputs.iter().map(|(id, output)| (*id, *output)).collect();
            let buyers = self.simple.iter().flat_map(|((_, _, span), aggregates)| {
                self.distinct(wanted, *span, aggregates).into_iter().filter(|(_, of)| of == name)
            });
            let buyers: Vec<&str> = buyers.map(|(metric, _)| metric).collect();
            retention::compute(source, wanted, purchases, &outputs, &buyers, positions, groups).await?;
        }
        Ok(())
    }

    /// The distinct counts that retention counts along the way, with the purchases it does so for:
    /// who bought in a period is known once every account has a bit for it.
    fn distinct(
        &self,
        wanted: &Wanted<'_>,
        span: Span,
        aggregates: &BTreeMap<&'a str, &'a Aggregate>,
    ) -> BTreeMap<&'a str, &'a str> {
        let bounded = wanted.periods.iter().all(|period| period.grain != Grain::All);
        let counted = |aggregate: &Aggregate| {
            let same = |(purchases, _): &(&Aggregate, _)| aggregate.counts_things_of(purchases);
            self.retention.iter().find(|(_, retention)| same(retention)).map(|(name, _)| *name)
        };
        let distinct = aggregates.iter().filter(|_| bounded && span == Span::Period);
        distinct.filter_map(|(metric, aggregate)| Some((*metric, counted(aggregate)?))).collect()
    }
}

async fn simple_plan(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    span: Span,
    aggregates: &BTreeMap<&str, &Aggregate>,
    counted_elsewhere: &BTreeMap<&str, &str>,
) -> Result<Option<(DataFrame, Outputs)>, MetricsError> {
    let Some(first) = aggregates.values().next() else { return Ok(None) };
    let joined: Vec<String> =
        aggregates.values().flat_map(|aggregate| aggregate.joined.iter().cloned()).collect();
    let looked_at =
        aggregates.values().flat_map(|aggregate| aggregate.filter.iter().chain([&aggregate.expr]));
    let needed = Needed::by(looked_at);
    let rows = source.rows_with(&first.model, &first.when, span, wanted, &joined, &needed).await?;
    let mut outputs = Outputs::default();
    for (metric, aggregate) in aggregates {
        let mut columns = expressions(metric, aggregate)?;
        if counted_elsewhere.contains_key(metric) {
            columns.remove(0);
        }
        for (name, expr) in columns {
            outputs.add(name, expr);
        }
    }
    let plan = grouped(rows, wanted, outputs.columns())?;
    Ok(Some((plan, outputs)))
}

/// What a plan computes, each expression once however many metrics ask for it: those that count the
/// same rows differ in their names alone.
#[derive(Default)]
struct Outputs {
    expressions: Vec<(String, Expr)>,
    /// The name under which each column is computed.
    computed_as: HashMap<String, String>,
}

impl Outputs {
    fn add(&mut self, name: String, expr: Expr) {
        let known = self.expressions.iter().find(|(_, known)| *known == expr);
        let computed_as = known.map_or(&name, |(known, _)| known).clone();
        if computed_as == name {
            self.expressions.push((name.clone(), expr));
        }
        self.computed_as.insert(name, computed_as);
    }

    fn columns(&self) -> Vec<Expr> {
        self.expressions.iter().map(|(name, expr)| expr.clone().alias(name)).collect()
    }

    /// The column of the result that stands for a column; its own name if nothing was computed.
    fn column<'n>(&'n self, name: &'n str) -> &'n str {
        self.computed_as.get(name).map_or(name, String::as_str)
    }
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

/// Rows added up by what they are split by and their period. A single period tells no groups apart,
/// and where it is the same for all rows the engine would take them for sorted by it and hand the
/// groups out a batch at a time, moving all that remain each time.
fn grouped(rows: DataFrame, wanted: &Wanted<'_>, outputs: Vec<Expr>) -> Result<DataFrame, MetricsError> {
    let groups = match wanted.periods {
        [_] if !wanted.by.is_empty() => {
            rows.aggregate(split_by(wanted).collect(), outputs)?.with_column(PERIOD, lit(0i32))?
        }
        _ => rows.aggregate(group_by(wanted, PERIOD), outputs)?,
    };
    named(groups, wanted)
}

/// What a question is split by, and one more column.
pub(crate) fn group_by(wanted: &Wanted<'_>, further: &str) -> Vec<Expr> {
    split_by(wanted).chain([column(further)]).collect()
}

fn split_by(wanted: &Wanted<'_>) -> impl Iterator<Item = Expr> {
    (0..wanted.by.len()).map(|position| column(&by_column(position)))
}

/// Groups with their members as text: few groups are put into words, not many rows.
pub(crate) fn named(groups: DataFrame, wanted: &Wanted<'_>) -> Result<DataFrame, MetricsError> {
    let mut groups = groups;
    for name in (0..wanted.by.len()).map(by_column) {
        let kind = groups.schema().field_with_unqualified_name(&name)?.data_type();
        if *kind != DataType::Utf8 {
            groups = groups.with_column(&name, text(column(&name)))?;
        }
    }
    Ok(groups)
}

/// The columns an aggregate needs: its value, and unless it merely counts rows, how many rows
/// passed, how many carried a value, and for money how many lack an exchange rate.
fn expressions(metric: &str, aggregate: &Aggregate) -> Result<Vec<(String, Expr)>, MetricsError> {
    let value = aggregate.expr.clone();
    let filter = aggregate.filter.clone();
    let counted = |value: Expr| filtered(count(value), aggregate.filter.clone());
    let aggregated = match (aggregate.aggregation, filter) {
        (Aggregation::Count, _) => return Ok(vec![(metric.to_owned(), counted(value)?)]),
        (Aggregation::SumBoolean, filter) => {
            let holds = filter.map_or(value.clone(), |filter| filter.and(value));
            return Ok(vec![(metric.to_owned(), filtered(count(lit(1)), Some(holds))?)]);
        }
        // The builder forgets that a count was distinct, so both are said at once.
        (Aggregation::CountDistinct, Some(filter)) => {
            count(value.clone()).distinct().filter(filter).build()?
        }
        (Aggregation::CountDistinct, None) => count(value.clone()).distinct().build()?,
        // A mean is a sum divided when it is read, so that it is exact.
        (Aggregation::Sum | Aggregation::Average, filter) => filtered(sum(exact(aggregate)), filter)?,
        (Aggregation::Median, filter) => filtered(median(exact(aggregate)), filter)?,
        // The values themselves: which of them it is, is decided when they are read.
        (Aggregation::Percentile(_), filter) => filtered(array_agg(exact(aggregate)), filter)?,
        (Aggregation::Min, filter) => filtered(min(exact(aggregate)), filter)?,
        (Aggregation::Max, filter) => filtered(max(exact(aggregate)), filter)?,
    };
    let mut columns = vec![
        (metric.to_owned(), aggregated),
        (format!("{metric}_rows"), counted(lit(1))?),
        (format!("{metric}_present"), counted(value)?),
    ];
    if aggregate.is_money() {
        let missing = aggregate.filter.clone().unwrap_or(lit(true)).and(column(CURRENCY_MISSING));
        columns.push((format!("{metric}_currency_missing"), filtered(count(lit(1)), Some(missing))?));
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

/// Keeps what an aggregate found.
fn keep(
    part: &RecordBatch,
    places: &[usize],
    (metric, aggregate): (&str, &Aggregate),
    outputs: &Outputs,
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    if matches!(aggregate.aggregation, Aggregation::Count | Aggregation::SumBoolean) {
        groups.keep_counts(metric, places, counts(part, outputs.column(metric)).into_iter());
        return Ok(());
    }
    let column = outputs.column(metric);
    let values = match aggregate.aggregation {
        Aggregation::Percentile(percentile) => {
            let lists = lists(part, column)?;
            lists.into_iter().map(|values| percentile.of(values)).collect()
        }
        _ => decimals(part, column)?,
    };
    let [rows, present, currency_missing] = ["rows", "present", "currency_missing"]
        .map(|kind| counts(part, outputs.column(&format!("{metric}_{kind}"))));
    let cells = groups.cells(metric);
    for (row, place) in places.iter().enumerate() {
        let value = match aggregate.aggregation {
            Aggregation::Average => {
                values[row].and_then(|total| total.checked_div(Decimal::from(present[row])))
            }
            _ => values[row],
        };
        cells[*place] =
            Cell { value, rows: rows[row], present: present[row], currency_missing: currency_missing[row] };
    }
    Ok(())
}
