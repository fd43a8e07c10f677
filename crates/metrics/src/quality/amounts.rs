//! Figures that are far out of the usual, and deals won for nothing.
//!
//! Money and quantities of one source and currency are compared on a logarithmic scale, where they
//! are about as often so many times too large as too small: the modified z-score of Iglewicz and
//! Hoaglin, 0.6745 · |x − median| ÷ MAD. Its usual limit of 3.5 would find about one in 2,000 of
//! ordinary deals; at 5 it is one in 1.7 million where amounts are log-normal, so that what is found
//! is mostly a slip. Where almost all figures are list prices the MAD is next to nothing: what is
//! less than five times the median, or more than a fifth of it, is never far out.

use std::sync::Arc;

use attain_facts::canonical::Table;
use attain_facts::store::schema::SOURCE_SYSTEM;
use datafusion::arrow::array::{AsArray, Float64Array};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::JoinType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::{count, median, min};
use datafusion::logical_expr::{Cast, ColumnarValue, Volatility, create_udf, when};
use datafusion::prelude::{DataFrame, Expr, lit};

use super::check::{NOT_POSITIVE, OUTLYING};
use super::ground::Ground;
use super::probe::{Among, Probe, Test};
use crate::ask::MetricsError;
use crate::engine::collect;
use crate::plan::column;

/// The modified z-score beyond which a figure is far out.
const FAR_OUT: f64 = 5.0;
/// What makes the median of absolute deviations comparable with a standard deviation.
const CONSISTENT: f64 = 0.6745;
/// How many times the median a figure is at least, or a fraction of it, that is far out.
const TIMES_MIN: f64 = 5.0;
/// Figures below which nothing is usual yet.
const FIGURES_MIN: i64 = 30;

const GROUP: [&str; 2] = ["quality_source", "quality_currency"];
const LOGARITHM: &str = "quality_logarithm";
const USUAL: &str = "quality_usual";

/// Figures that are compared, and the column of their currency.
const COMPARED: [(Table, &str, Option<&str>); 4] = [
    (Table::Opportunity, "amount", Some("amount_ccy")),
    (Table::InvoiceLine, "net_amount", Some("net_amount_ccy")),
    (Table::InvoiceLine, "quantity", None),
    (Table::Subscription, "mrr", Some("mrr_ccy")),
];

pub(super) async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let mut probes = Vec::new();
    let deal = Table::Opportunity;
    if ground.row_count(deal) > 0 && ground.supplies(deal, "amount") {
        let fails = column("amount").lt_eq(lit(0_i64));
        let among = Among { applies: column("outcome").eq(lit("won")), fails };
        probes.push(Probe::rows(&NOT_POSITIVE, deal, &["amount"], "it was won for zero or less", among));
    }
    for (table, figure, currency) in COMPARED {
        if ground.row_count(table) > 0 && ground.supplies(table, figure) {
            probes.extend(outlying(ground, table, figure, currency).await?);
        }
    }
    Ok(probes)
}

/// What is usual in one source and currency.
struct Usual {
    source: String,
    currency: String,
    least: f64,
    most: f64,
}

impl Usual {
    /// Whether a row belongs here.
    fn is_of(&self) -> Expr {
        column(GROUP[0]).eq(lit(&self.source)).and(column(GROUP[1]).eq(lit(&self.currency)))
    }

    fn words(&self) -> String {
        format!("{} to {}", figure(self.least), figure(self.most))
    }
}

fn figure(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

async fn outlying(
    ground: &Ground<'_>,
    table: Table,
    name: &str,
    currency: Option<&str>,
) -> Result<Option<Probe>, MetricsError> {
    let company = lit(&ground.asker.company().currency);
    let currency =
        currency.map_or_else(|| company.clone(), |name| coalesce(vec![column(name), company.clone()]));
    let double = Expr::Cast(Cast::new(Box::new(column(name)), DataType::Float64));
    let rows = ground
        .rows(table)
        .await?
        .filter(column(name).gt(lit(0_i64)))?
        .with_column(GROUP[0], column(SOURCE_SYSTEM))?
        .with_column(GROUP[1], currency)?
        .with_column(LOGARITHM, logarithm(double.clone()))?;
    let usual = usual(rows.clone()).await?;
    let Some(first) = usual.first() else { return Ok(None) };
    let far = |usual: &Usual| {
        usual.is_of().and(double.clone().lt(lit(usual.least)).or(double.clone().gt(lit(usual.most))))
    };
    let any = |conditions: Vec<Expr>| conditions.into_iter().reduce(Expr::or).unwrap_or_else(|| lit(false));
    let mut words = when(first.is_of(), lit(first.words()));
    for other in &usual[1..] {
        words = words.when(other.is_of(), lit(other.words()));
    }
    let rows = rows.with_column(USUAL, words.end()?)?;
    let applies = any(usual.iter().map(Usual::is_of).collect());
    let fails = any(usual.iter().map(far).collect());
    let called = name.replace('_', " ");
    Ok(Some(Probe {
        check: &OUTLYING,
        table,
        part: Some(name.to_owned()),
        wrong: format!("its {called} is far out"),
        shown: vec![(called, name.to_owned()), ("usual".into(), USUAL.into())],
        costs: vec![name.to_owned()],
        test: Test::Of(rows, Among { applies, fails }),
    }))
}

/// What is usual in each source and currency that has enough figures that differ.
async fn usual(rows: DataFrame) -> Result<Vec<Usual>, MetricsError> {
    let groups = || GROUP.map(column).to_vec();
    let of = |name: &str| format!("{name}_of");
    let medians = rows
        .clone()
        .aggregate(
            groups(),
            vec![median(column(LOGARITHM)).alias("middle"), count(lit(1_i64)).alias("figures")],
        )?
        .filter(column("figures").gt_eq(lit(FIGURES_MIN)))?
        .select(vec![
            column(GROUP[0]).alias(of(GROUP[0])),
            column(GROUP[1]).alias(of(GROUP[1])),
            column("middle"),
        ])?;
    let same = GROUP.map(|name| column(name).eq(column(&of(name))));
    let difference = column(LOGARITHM) - column("middle");
    let deviation =
        when(difference.clone().lt(lit(0.0)), lit(0.0) - difference.clone()).otherwise(difference)?;
    let deviations =
        rows.join_on(medians, JoinType::Inner, same)?.with_column("deviation", deviation)?.aggregate(
            groups(),
            vec![median(column("deviation")).alias("mad"), min(column("middle")).alias("middle")],
        )?;
    let mut usual = Vec::new();
    for row in collect(deviations).await?.rows() {
        let (Some(mad), Some(middle)) = (row.double("mad"), row.double("middle")) else { continue };
        let reach = (FAR_OUT * mad / CONSISTENT).max(TIMES_MIN.ln());
        if mad > 0.0 {
            usual.push(Usual {
                source: row.text(GROUP[0]).unwrap_or_default(),
                currency: row.text(GROUP[1]).unwrap_or_default(),
                least: (middle - reach).exp(),
                most: (middle + reach).exp(),
            });
        }
    }
    usual.sort_by(|one, other| (&one.source, &one.currency).cmp(&(&other.source, &other.currency)));
    Ok(usual)
}

fn logarithm(double: Expr) -> Expr {
    let function = |arguments: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let doubles: &Float64Array = arrays[0].as_primitive::<Float64Type>();
        let logarithms: Float64Array = doubles.iter().map(|value| value.map(f64::ln)).collect();
        Ok(ColumnarValue::Array(Arc::new(logarithms)))
    };
    let kind = vec![DataType::Float64];
    create_udf("natural_logarithm", kind, DataType::Float64, Volatility::Immutable, Arc::new(function))
        .call(vec![double])
}
