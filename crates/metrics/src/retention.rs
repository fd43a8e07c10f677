//! Buyer retention, period over period (domain 4.6): a plan in code, because a set intersection
//! over time is none of the semantic layer's metric types. What a purchase is (a deal won, an
//! invoice) says the measure it is given.
//!
//! One pass: per account, a bit for each period it bought in and the date of its first purchase
//! in the scope; then the bits are counted. No self-join (measured in the design: 0.23 s against
//! 0.85 s on ten million deals).

use std::collections::HashMap;

use datafusion::arrow::datatypes::DataType;
use datafusion::functions_aggregate::expr_fn::{bit_or, min};
use datafusion::logical_expr::{Cast, when};
use datafusion::prelude::{Expr, lit};
use jiff::civil::Date;

use crate::ask::MetricsError;
use crate::calendar::{Calendar, Grain, Period};
use crate::definition::{Aggregate, Span};
use crate::engine::collect;
use crate::measure::{Cell, Groups};
use crate::plan::{CREDIT_DATE, Needed, PERIOD, Source, Wanted, by_column, column, day};

/// Bits of one mask that are used; the first is the period before the earliest.
const PERIODS_PER_MASK: usize = 62;

/// A count of accounts between two periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Bought in the period before.
    Previous,
    /// Bought in both periods.
    Retained,
    /// First purchase ever, in this scope, in the period.
    New,
    /// Bought before, skipped the period before, bought again.
    Reactivated,
    /// Bought in the period and at some time before it.
    NotNew,
}

impl Output {
    pub(crate) fn from_names(plan: &str, output: &str) -> Option<Output> {
        match (plan, output) {
            ("buyer_retention_v1", "previous") => Some(Output::Previous),
            ("buyer_retention_v1", "retained") => Some(Output::Retained),
            ("buyer_retention_v1", "new") => Some(Output::New),
            ("buyer_retention_v1", "reactivated") => Some(Output::Reactivated),
            ("buyer_retention_v1", "not_new") => Some(Output::NotNew),
            _ => None,
        }
    }
}

/// What counts as a purchase: the rows of a measure whose expression is the buyer.
#[derive(Debug)]
pub(crate) struct Purchases {
    /// The same for every metric over the same purchases, so that they share a plan.
    pub(crate) name: String,
    pub(crate) purchases: Aggregate,
}

/// An account's purchases around a period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    pub(crate) before: bool,
    pub(crate) now: bool,
    pub(crate) first_now: bool,
}

impl Around {
    /// Whether the account counts for an output.
    pub(crate) fn counts_for(self, output: Output) -> bool {
        match output {
            Output::Previous => self.before,
            Output::Retained => self.before && self.now,
            Output::New => self.now && self.first_now,
            Output::Reactivated => self.now && !self.first_now && !self.before,
            Output::NotNew => self.now && !self.first_now,
        }
    }
}

/// An account's purchases in the scope: a bit for each period, and the first date.
#[derive(Clone, Debug)]
pub(crate) struct Buyer {
    pub(crate) members: Vec<Option<String>>,
    pub(crate) account: String,
    mask: i64,
    first: Option<Date>,
}

impl Buyer {
    /// The purchases around the period at a position, counted from 1: bit 0 is the period before
    /// the earliest.
    pub(crate) fn around(&self, position: usize, period: &Period) -> Around {
        let bought = |bit: usize| self.mask & (1 << bit) != 0;
        Around {
            before: bought(position - 1),
            now: bought(position),
            first_now: self.first.is_some_and(|first| period.contains(first)),
        }
    }
}

/// Counts accounts for each output, metric and period, into `groups`.
pub(crate) async fn compute(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    purchases: &Aggregate,
    outputs: &[(&str, Output)],
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    for run in runs(&source.calendar(), wanted.periods) {
        let buyers = buyers(source, wanted, purchases, &run.periods).await?;
        let mut counted: HashMap<(Vec<Option<String>>, usize), Vec<u64>> = HashMap::new();
        for buyer in &buyers {
            for (position, period) in run.periods.iter().enumerate().skip(1) {
                let Some(asked) = wanted.periods.iter().position(|p| p == period) else { continue };
                let purchases = buyer.around(position, period);
                let counts =
                    counted.entry((buyer.members.clone(), asked)).or_insert_with(|| vec![0; outputs.len()]);
                for (count, (_, output)) in counts.iter_mut().zip(outputs) {
                    *count += u64::from(purchases.counts_for(*output));
                }
            }
        }
        for (key, counts) in counted {
            let cells = groups.entry(key).or_default();
            for ((metric, _), count) in outputs.iter().zip(counts) {
                let cell =
                    Cell { value: Some(count.into()), rows: count, present: count, currency_missing: 0 };
                cells.insert((*metric).to_owned(), cell);
            }
        }
    }
    Ok(())
}

/// Consecutive periods that share a mask; the first of each is only looked back at.
struct Run {
    periods: Vec<Period>,
}

/// The periods asked for, of each grain, as runs without holes.
fn runs(calendar: &Calendar, periods: &[Period]) -> Vec<Run> {
    let mut runs = Vec::new();
    for grain in Grain::BOUNDED {
        let asked = || periods.iter().filter(|period| period.grain == grain);
        let Some((from, to)) = asked().filter_map(|p| p.from).min().zip(asked().filter_map(|p| p.to).max())
        else {
            continue;
        };
        let whole = calendar.touching(from, to, grain);
        for part in whole.chunks(PERIODS_PER_MASK - 1) {
            let before = part.first().and_then(|first| calendar.previous(first));
            let periods = before.into_iter().chain(part.iter().cloned()).collect();
            runs.push(Run { periods });
        }
    }
    runs
}

/// Every account that ever bought in the scope. `periods` are consecutive, at most 62.
pub(crate) async fn buyers(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    purchases: &Aggregate,
    periods: &[Period],
) -> Result<Vec<Buyer>, MetricsError> {
    let all = [source.calendar().all()];
    let ever = Wanted { periods: &all, ..*wanted };
    let needed = Needed::by(purchases.filter.iter().chain([&purchases.expr]));
    let rows = source
        .rows_with(&purchases.model, &purchases.when, Span::Period, &ever, &purchases.joined, &needed)
        .await?;
    let bought = purchases.expr.clone().is_not_null();
    let bought = purchases.filter.iter().fold(bought, |bought, filter| bought.and(filter.clone()));
    let mut group_by: Vec<Expr> = (0..wanted.by.len()).map(|position| column(&by_column(position))).collect();
    group_by.push(purchases.expr.clone().alias("buyer"));
    let outputs = vec![bit_or(mask(periods)?).alias("mask"), min(column(CREDIT_DATE)).alias("first")];
    let rows = rows.filter(bought)?.drop_columns(&[PERIOD])?;
    let result = collect(rows.aggregate(group_by, outputs)?).await?;
    Ok(result
        .rows()
        .map(|row| Buyer {
            members: (0..wanted.by.len()).map(|position| row.text(&by_column(position))).collect(),
            account: row.text("buyer").unwrap_or_default(),
            mask: row.integer("mask").unwrap_or_default(),
            first: row.date("first"),
        })
        .collect())
}

/// The bit of the period a purchase falls in, 0 outside all of them.
fn mask(periods: &[Period]) -> Result<Expr, MetricsError> {
    let bit = |index: usize| lit(1i64 << index);
    let within = |period: &Period| match (period.from, period.to) {
        (Some(from), Some(to)) => column(CREDIT_DATE).gt_eq(day(from)).and(column(CREDIT_DATE).lt(day(to))),
        _ => lit(true),
    };
    let Some((first, rest)) = periods.split_first() else { return Ok(lit(0i64)) };
    let mut case = when(within(first), bit(0));
    for (index, period) in rest.iter().enumerate() {
        case = case.when(within(period), bit(index + 1));
    }
    Ok(Expr::Cast(Cast::new(Box::new(case.otherwise(lit(0i64))?), DataType::Int64)))
}
