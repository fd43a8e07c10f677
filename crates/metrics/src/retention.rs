//! Buyer retention, period over period (domain 4.6): a plan in code, because a set intersection
//! over time is none of the semantic layer's metric types. What a purchase is (a deal won, an
//! invoice) says the measure it is given.
//!
//! One pass: per account, a bit for each period it bought in and the date of its first purchase
//! in the scope; then accounts with the same bits are counted. No self-join (measured in the design: 0.23 s against
//! 0.85 s on ten million deals).

use std::collections::BTreeMap;

use datafusion::arrow::datatypes::DataType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::{bit_or, count, min};
use datafusion::logical_expr::Cast;
use datafusion::prelude::{DataFrame, Expr, lit};

use crate::ask::MetricsError;
use crate::calendar::{Calendar, Grain, Period};
use crate::definition::{Aggregate, Span};
use crate::engine::{collect, counts};
use crate::groups::Groups;
use crate::measure::{group_by, named};
use crate::plan::{CREDIT_DATE, Needed, Source, Wanted, column, position_among, text};

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

/// Purchases of an account in the scope: a bit for each period, and the bit of the first one.
#[derive(Clone, Copy, Debug)]
struct Purchased {
    mask: u64,
    first: u64,
}

impl Purchased {
    /// The purchases around the period at a position, counted from 1: bit 0 is the period before
    /// the earliest.
    fn around(self, position: usize) -> Around {
        let bit = 1 << position;
        Around {
            before: self.mask & (bit >> 1) != 0,
            now: self.mask & bit != 0,
            first_now: self.first & bit != 0,
        }
    }
}

/// An account behind a retention.
#[derive(Clone, Debug)]
pub(crate) struct Buyer {
    pub(crate) account: String,
    pub(crate) around: Around,
}

/// Counts accounts for each output, metric and period, into `groups`. `buyers` are metrics that
/// count everyone who bought in a period; how many rows they rest on was counted elsewhere.
pub(crate) async fn compute(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    purchases: &Aggregate,
    outputs: &[(&str, Output)],
    buyers: &[&str],
    positions: &[usize],
    groups: &mut Groups,
) -> Result<(), MetricsError> {
    for run in runs(&source.calendar(), wanted.periods) {
        let asked: Vec<Option<usize>> = run
            .periods
            .iter()
            .map(|period| wanted.periods.iter().position(|asked| asked == period))
            .map(|position| position.and_then(|position| positions.get(position).copied()))
            .collect();
        // Accounts that bought in the same periods are counted together.
        let mut alike = group_by(wanted, "mask");
        alike.push(column("first"));
        let accounts = purchased(source, wanted, purchases, &run.periods).await?;
        let counted = accounts.aggregate(alike, vec![count(lit(1)).alias("accounts")])?;
        let mut found: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for part in collect(named(counted, wanted)?).await?.parts() {
            let lines = groups.lines_of(part);
            let [masks, firsts, accounts] = ["mask", "first", "accounts"].map(|name| counts(part, name));
            for (row, line) in lines.into_iter().enumerate() {
                let purchased = Purchased { mask: masks[row], first: firsts[row] };
                for (position, asked) in asked.iter().enumerate().skip(1) {
                    let around = purchased.around(position);
                    let Some(asked) = asked.filter(|_| around.before || around.now) else { continue };
                    let place = groups.place(line, asked);
                    let found = found.entry(place).or_insert_with(|| vec![0; outputs.len() + 1]);
                    let counting = outputs.iter().map(|(_, output)| around.counts_for(*output));
                    for (found, counts) in found.iter_mut().zip(counting.chain([around.now])) {
                        *found += accounts[row] * u64::from(counts);
                    }
                }
            }
        }
        let places: Vec<usize> = found.keys().copied().collect();
        for (position, (metric, _)) in outputs.iter().enumerate() {
            groups.keep_counts(metric, &places, found.values().map(|counted| counted[position]));
        }
        for metric in buyers {
            let cells = groups.cells(metric);
            for (place, counted) in &found {
                cells[*place].value = Some(counted[outputs.len()].into());
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
        let asked = || periods.iter().filter(|period| period.grain == grain && calendar.contains(period));
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
    // One up to a day overlaps the whole it is part of.
    for period in periods.iter().filter(|period| !calendar.contains(period)) {
        let before = calendar.previous(period).into_iter();
        runs.push(Run { periods: before.chain([period.clone()]).collect() });
    }
    runs
}

/// Every account that ever bought in the scope, around the second of two consecutive periods.
pub(crate) async fn buyers(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    purchases: &Aggregate,
    periods: &[Period; 2],
) -> Result<Vec<Buyer>, MetricsError> {
    let accounts = purchased(source, wanted, purchases, periods).await?;
    let accounts = accounts.with_column("buyer", text(column("buyer")))?;
    let result = collect(accounts).await?;
    let buyers = result.rows().map(|row| Buyer {
        account: row.text("buyer").unwrap_or_default(),
        around: Purchased { mask: row.count("mask"), first: row.count("first") }.around(1),
    });
    Ok(buyers.collect())
}

/// Accounts with what they purchased in consecutive periods, at most 62.
async fn purchased(
    source: &Source<'_>,
    wanted: &Wanted<'_>,
    purchases: &Aggregate,
    periods: &[Period],
) -> Result<DataFrame, MetricsError> {
    let all = [source.calendar().all()];
    let ever = Wanted { periods: &all, ..*wanted };
    let needed = Needed::by(purchases.filter.iter().chain([&purchases.expr]));
    let rows = source
        .rows_with(&purchases.model, &purchases.when, Span::Period, &ever, &purchases.joined, &needed)
        .await?;
    let bought = purchases.expr.clone().is_not_null();
    let bought = purchases.filter.iter().fold(bought, |bought, filter| bought.and(filter.clone()));
    let rows = rows.filter(bought)?.with_column("buyer", purchases.expr.clone())?;
    let bits =
        vec![bit_or(mask(CREDIT_DATE, periods)).alias("mask"), min(column(CREDIT_DATE)).alias("first_date")];
    let accounts = rows.aggregate(group_by(wanted, "buyer"), bits)?;
    Ok(accounts.with_column("first", mask("first_date", periods))?)
}

/// The bit of the period a purchase falls in, 0 outside all of them.
fn mask(date: &str, periods: &[Period]) -> Expr {
    let ranges = periods.iter().filter_map(|period| period.from.zip(period.to));
    let position = Expr::Cast(Cast::new(Box::new(position_among(column(date), ranges)), DataType::Int64));
    coalesce(vec![lit(1i64) << position, lit(0i64)])
}
