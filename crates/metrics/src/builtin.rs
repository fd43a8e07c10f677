//! Plans in code for what none of the semantic layer's metric types is: amounts per account before
//! they are added up, and waiting times of which some are not over.

use std::collections::BTreeMap;

use datafusion::functions_aggregate::expr_fn::{count, max, sum};
use datafusion::logical_expr::{Cast, ExprFunctionExt, when};
use datafusion::prelude::{DataFrame, Expr, lit};
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::definition::{Aggregate, Span};
use crate::engine::{Batches, collect, counts, decimals};
use crate::groups::{Cell, Groups};
use crate::measure::{group_by, named};
use crate::plan::{CREDIT_DATE, DECIMAL, PERIOD, Source, Wanted, column};
use crate::receipt::FormulaKind;

/// A plan in code over the rows of a measure.
#[derive(Clone, Debug)]
pub(crate) struct Builtin {
    pub(crate) aggregate: Aggregate,
    pub(crate) plan: Plan,
}

/// What is done with the rows.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// Adds the measure up by a thing first.
    PerThing(Expr, Output),
    /// The middle waiting time where some still wait (domain 4.3): the measure is the time of those
    /// who were served, the expression how long the others wait so far.
    Waiting(Expr),
}

/// What is told about the things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// How many there are.
    Things,
    /// How many add up to something other than 0.
    NotZero,
    /// How many have rows on at least two days.
    Repeated,
    /// The greatest sum.
    Largest,
}

impl Plan {
    /// What a receipt can check of the value without the rows.
    pub(crate) fn formula(&self) -> FormulaKind {
        match self {
            Plan::PerThing(_, Output::Largest) => FormulaKind::Greatest,
            Plan::PerThing(..) => FormulaKind::Things,
            Plan::Waiting(_) => FormulaKind::Median,
        }
    }
}

impl Output {
    pub(crate) fn from_name(name: &str) -> Option<Output> {
        match name {
            "things" => Some(Output::Things),
            "not_zero" => Some(Output::NotZero),
            "repeated" => Some(Output::Repeated),
            "largest" => Some(Output::Largest),
            _ => None,
        }
    }
}

impl Builtin {
    /// Computes the metric's cells.
    pub(crate) async fn compute(
        &self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
        metric: &str,
        positions: &[usize],
        groups: &mut Groups,
    ) -> Result<(), MetricsError> {
        let found = match &self.plan {
            Plan::PerThing(thing, output) => {
                collect(self.per_thing(source, wanted, thing, *output).await?).await?
            }
            Plan::Waiting(so_far) => collect(self.waiting(source, wanted, so_far).await?).await?,
        };
        match &self.plan {
            Plan::PerThing(..) => keep_told(&found, metric, positions, groups),
            Plan::Waiting(_) => keep_middles(&found, metric, positions, groups),
        }
    }

    async fn rows(&self, source: &Source<'_>, wanted: &Wanted<'_>) -> Result<DataFrame, MetricsError> {
        let aggregate = &self.aggregate;
        let rows =
            source.rows(&aggregate.model, &aggregate.when, Span::Period, wanted, &aggregate.joined).await?;
        Ok(match &aggregate.filter {
            Some(filter) => rows.filter(filter.clone())?,
            None => rows,
        })
    }

    async fn per_thing(
        &self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
        thing: &Expr,
        output: Output,
    ) -> Result<DataFrame, MetricsError> {
        let rows = self.rows(source, wanted).await?.filter(thing.clone().is_not_null())?;
        let mut inner = group_by(wanted, PERIOD);
        inner.push(thing.clone().alias("thing"));
        let amount = Expr::Cast(Cast::new(Box::new(self.aggregate.expr.clone()), DECIMAL));
        let per_thing = rows.aggregate(
            inner,
            vec![
                sum(amount).alias("total"),
                count(column(CREDIT_DATE)).distinct().build()?.alias("days"),
                count(lit(1)).alias("lines"),
            ],
        )?;
        let counted = match output {
            Output::Things => count(lit(1)),
            Output::NotZero => {
                let differs = column("total").not_eq(lit(Decimal0::ZERO));
                count(when(differs, lit(1)).end()?)
            }
            Output::Repeated => count(when(column("days").gt_eq(lit(2i64)), lit(1)).end()?),
            Output::Largest => max(column("total")),
        };
        let outputs = vec![counted.alias("told"), sum(column("lines")).alias("lines")];
        named(per_thing.aggregate(group_by(wanted, PERIOD), outputs)?, wanted)
    }

    async fn waiting(
        &self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
        so_far: &Expr,
    ) -> Result<DataFrame, MetricsError> {
        let decimal = |expr: &Expr| Expr::Cast(Cast::new(Box::new(expr.clone()), DECIMAL));
        let mut columns = group_by(wanted, PERIOD);
        columns.push(decimal(&self.aggregate.expr).alias("served_after"));
        columns.push(decimal(so_far).alias("waits_since"));
        named(self.rows(source, wanted).await?.select(columns)?, wanted)
    }
}

fn keep_told(
    found: &Batches,
    metric: &str,
    positions: &[usize],
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    for part in found.parts() {
        let places = groups.places(part, positions);
        let (told, lines) = (decimals(part, "told")?, counts(part, "lines"));
        let cells = groups.cells(metric);
        for ((place, value), rows) in places.into_iter().zip(told).zip(lines) {
            cells[place] = Cell { value, rows, present: rows, currency_missing: 0 };
        }
    }
    Ok(())
}

fn keep_middles(
    found: &Batches,
    metric: &str,
    positions: &[usize],
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    let mut times: BTreeMap<usize, Vec<(Decimal, bool)>> = BTreeMap::new();
    for part in found.parts() {
        let places = groups.places(part, positions);
        let (served, waiting) = (decimals(part, "served_after")?, decimals(part, "waits_since")?);
        for ((place, served), waiting) in places.into_iter().zip(served).zip(waiting) {
            if let Some(time) = served.or(waiting) {
                times.entry(place).or_default().push((time, served.is_some()));
            }
        }
    }
    let cells = groups.cells(metric);
    for (place, times) in times {
        let count = u64::try_from(times.len()).unwrap_or(u64::MAX);
        cells[place] = Cell { value: middle(times), rows: count, present: count, currency_missing: 0 };
    }
    Ok(())
}

/// Zero as the engine's exact decimal.
struct Decimal0;

impl Decimal0 {
    const ZERO: datafusion::common::ScalarValue = datafusion::common::ScalarValue::Decimal128(Some(0), 28, 6);
}

/// The middle of times where none still waits; else the smallest time by which at most half still
/// wait (Kaplan & Meier 1958, events before censorings at ties), if there is one.
fn middle(mut times: Vec<(Decimal, bool)>) -> Option<Decimal> {
    times.sort_unstable_by(|(one, one_served), (other, other_served)| {
        one.cmp(other).then(other_served.cmp(one_served))
    });
    if times.iter().all(|(_, served)| *served) {
        let half = times.len() / 2;
        return match times.len() % 2 {
            1 => Some(times[half].0),
            _ => times.get(half.checked_sub(1)?).map(|(below, _)| (*below + times[half].0) / Decimal::TWO),
        };
    }
    let mut waiting = Decimal::from(times.len());
    let mut surviving = Decimal::ONE;
    for (time, served) in times {
        if served {
            surviving = surviving.checked_mul(waiting - Decimal::ONE)?.checked_div(waiting)?;
            if surviving.round_dp(20) <= Decimal::new(5, 1) {
                return Some(time);
            }
        }
        waiting -= Decimal::ONE;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain_examples X4.11: untouched leads are censored, not left out.
    #[test]
    fn leads_that_still_wait_lengthen_the_middle_waiting_time() {
        let minutes = [5, 12, 30, 45, 60, 90, 200, 300, 400];
        let touched = [true, true, true, true, false, true, false, false, false];
        let times = minutes.iter().zip(touched).map(|(time, touched)| (Decimal::from(*time), touched));
        assert_eq!(middle(times.collect()), Some(Decimal::from(90)));
        let only_waiting = vec![(Decimal::from(5), true), (Decimal::TEN, false), (Decimal::TEN, false)];
        assert_eq!(middle(only_waiting), None);
        let all_touched = vec![(Decimal::from(4), true), (Decimal::TWO, true)];
        assert_eq!(middle(all_touched), Some(Decimal::from(3)));
    }
}
