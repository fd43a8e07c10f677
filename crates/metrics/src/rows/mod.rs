//! The rows behind a number: the same question, asked for rows instead of a sum.
//!
//! [`nearly`] lists the rows that one condition keeps from counting, [`condition`] says which.
//! [`deals`] shows opportunities, [`accounts`] the accounts of a retention, [`events`] the rows of
//! any other model. A derived number has no rows of its own: it opens to the numbers it is made of.

mod accounts;
mod condition;
mod deals;
mod events;
mod nearly;

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::when;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::{Asker, MetricsError, Reach};
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::definition::{Computation, Metric, Model};
use crate::engine::collect;
use crate::plan::{CREDIT_DATE, Wanted, column};
use crate::recorded::Recorded;
use crate::subject::Subject;
pub(crate) use deals::RELATION as DEALS;
pub use nearly::{NEARLY_DAYS, Nearly, NearlyRow};

/// Which rows to show: searched, sorted, a page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsPage {
    /// Text that deal, name, account or owner must contain, letter case aside.
    pub search: Option<String>,
    /// What they are sorted by.
    pub sort: RowsColumn,
    /// Greatest first.
    pub descending: bool,
    /// Rows to pass over.
    pub offset: usize,
    /// Rows to return; `None` for all.
    pub limit: Option<usize>,
}

/// What rows can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowsColumn {
    /// Won before lost before open, newest first within each.
    #[default]
    Outcome,
    /// Close date.
    Closed,
    /// Creation date.
    Created,
    /// The source's identifier.
    Deal,
    /// Account name.
    Account,
    /// Owner's name.
    Owner,
    /// Product name.
    Product,
    /// Value in the company's currency.
    Amount,
}

impl RowsColumn {
    /// Every column.
    pub const ALL: [RowsColumn; 8] = [
        RowsColumn::Outcome,
        RowsColumn::Closed,
        RowsColumn::Created,
        RowsColumn::Deal,
        RowsColumn::Account,
        RowsColumn::Owner,
        RowsColumn::Product,
        RowsColumn::Amount,
    ];

    /// The name used in addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RowsColumn::Outcome => "outcome",
            RowsColumn::Closed => "closed",
            RowsColumn::Created => "created",
            RowsColumn::Deal => "deal",
            RowsColumn::Account => "account",
            RowsColumn::Owner => "owner",
            RowsColumn::Product => "product",
            RowsColumn::Amount => "amount",
        }
    }

    /// The column of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<RowsColumn> {
        RowsColumn::ALL.into_iter().find(|column| column.name() == name)
    }
}

/// A deal behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DealRow {
    /// Identifier in the source system.
    pub deal: String,
    /// Name of the opportunity, where the source has one.
    pub name: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Owner.
    pub owner: Option<String>,
    /// Stage, as the source calls it.
    pub stage: Option<String>,
    /// `open`, `won` or `lost`.
    pub outcome: String,
    /// Civil creation date.
    pub created_on: Option<Date>,
    /// Close date; expected for open deals.
    pub closed_on: Option<Date>,
    /// Civil days from creation to close.
    pub cycle_days: Option<i32>,
    /// Value in the company's currency.
    pub value: Option<Decimal>,
    /// When this version of it became known.
    pub recorded: Option<Recorded>,
    /// Whether it stands above the line (for what is no ratio: whether it counts).
    pub numerator: bool,
    /// Whether it stands below the line.
    pub denominator: bool,
}

/// An account behind a number about retention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Name.
    pub account: String,
    /// Bought in the period before.
    pub before: bool,
    /// Bought in the period.
    pub now: bool,
    /// Its first purchase in this scope falls in the period.
    pub first_now: bool,
    /// Whether it stands above the line.
    pub numerator: bool,
    /// Whether it stands below the line.
    pub denominator: bool,
}

/// A row of another kind behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// What identifies it.
    pub id: String,
    /// The day it counts for.
    pub date: Option<Date>,
    /// Its person, account and dimensions: labels with values.
    pub cells: Vec<(String, Option<String>)>,
    /// What is added up, where rows are not merely counted.
    pub value: Option<Decimal>,
    /// When this version of it became known.
    pub recorded: Option<Recorded>,
    /// Whether it stands above the line (for what is no ratio: whether it counts).
    pub numerator: bool,
    /// Whether it stands below the line.
    pub denominator: bool,
}

/// The rows behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// One deal.
    Deal(DealRow),
    /// A row of another kind.
    Event(EventRow),
    /// One account.
    Account(AccountRow),
}

/// A page of the rows behind a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows of the page.
    pub rows: Vec<Row>,
    /// How many rows the search leaves, on all pages.
    pub matching: usize,
    /// How many rows stand behind the number.
    pub counted: usize,
    /// How many of them stand above the line.
    pub numerators: usize,
    /// How many of them stand below the line.
    pub denominators: usize,
}

/// The frame of a number's rows, marked with what they count for.
pub(crate) struct Marked {
    pub(crate) rows: DataFrame,
    counted: usize,
    numerators: usize,
    denominators: usize,
}

impl Asker {
    /// The rows behind the number of a metric for a subject and period.
    ///
    /// # Errors
    /// When the metric is unknown or the facts cannot be read. Outside the reach there are no
    /// rows.
    pub async fn rows(
        &self,
        metric: &str,
        subject: &Subject,
        period: &Period,
        page: &RowsPage,
        reach: &Reach,
    ) -> Result<Rows, MetricsError> {
        if !reach.opens(subject) {
            return Ok(Rows::default());
        }
        self.measuring(period).rows_of(metric, subject, period, page).await
    }

    /// The rows behind a number of a metric as this asker's edition defines it.
    async fn rows_of(
        &self,
        metric: &str,
        subject: &Subject,
        period: &Period,
        page: &RowsPage,
    ) -> Result<Rows, MetricsError> {
        let metric = self.metric(metric)?;
        let periods = [period.clone()];
        let wanted =
            Wanted { subject, by: &[], periods: &periods, filter: None, rates: &RateMode::default() };
        let (above, below) = parts(metric);
        let Some(model) = model(above) else { return Ok(Rows::default()) };
        if subject.dimension().is_some_and(|dimension| self.source().splits(model, &dimension).is_err()) {
            return Ok(Rows::default());
        }
        match &above.computation {
            Computation::BuyerRetention(purchases, output) => {
                let below = below.and_then(|below| match below.computation {
                    Computation::BuyerRetention(_, output) => Some(output),
                    _ => None,
                });
                self.accounts(&purchases.purchases, *output, below, &wanted, period, page).await
            }
            _ => {
                let marked = self.marked(above, below, &wanted).await?;
                match model.relation == deals::RELATION {
                    true => self.deals(marked, period, page).await,
                    false => self.events(marked, above, model, period, page).await,
                }
            }
        }
    }

    /// The rows of both sides, each marked with the side it counts for; others left out.
    pub(crate) async fn marked(
        &self,
        above: &Metric,
        below: Option<&Metric>,
        wanted: &Wanted<'_>,
    ) -> Result<Marked, MetricsError> {
        let rows = self.side(above, wanted).await?;
        let rows = match below {
            None => rows.with_column(NUMERATOR, counts(above))?.with_column(DENOMINATOR, lit(false))?,
            Some(below) if same_rows(above, below) => {
                rows.with_column(NUMERATOR, counts(above))?.with_column(DENOMINATOR, counts(below))?
            }
            // Two dates decide, so a row may stand once on each side.
            Some(below) => {
                let own = model(above).map(|model| model.schema.fields()).into_iter().flatten();
                let mut columns: Vec<Expr> = own.map(|field| column(field.name())).collect();
                columns.extend([CREDIT_DATE, NUMERATOR, DENOMINATOR].map(column));
                let above =
                    rows.with_column(NUMERATOR, counts(above))?.with_column(DENOMINATOR, lit(false))?;
                let below = self.side(below, wanted).await?.with_column(DENOMINATOR, counts(below))?;
                let below = below.with_column(NUMERATOR, lit(false))?;
                above.select(columns.clone())?.union(below.select(columns)?)?
            }
        };
        let rows = rows.filter(column(NUMERATOR).or(column(DENOMINATOR)))?;
        let total = |name: &str| -> Result<Expr, MetricsError> {
            Ok(count(when(column(name), lit(1)).end()?).alias(name))
        };
        let totals = rows.clone().aggregate(
            vec![],
            vec![count(lit(1)).alias("counted"), total(NUMERATOR)?, total(DENOMINATOR)?],
        )?;
        let totals = collect(totals).await?;
        let size = |name: &str| {
            let total = totals.rows().next().map_or(0, |row| row.count(name));
            usize::try_from(total).unwrap_or(usize::MAX)
        };
        let (counted, numerators, denominators) = (size("counted"), size(NUMERATOR), size(DENOMINATOR));
        Ok(Marked { rows, counted, numerators, denominators })
    }

    /// The rows one side of a number is taken from, before its filter.
    pub(crate) async fn side(&self, metric: &Metric, wanted: &Wanted<'_>) -> Result<DataFrame, MetricsError> {
        let source = self.source();
        match &metric.computation {
            Computation::Conversion(conversion, _) => conversion.rows(&source, wanted).await,
            Computation::Simple { aggregate, span } => {
                source.rows(&aggregate.model, &aggregate.when, *span, wanted, &aggregate.joined).await
            }
            Computation::BuyerRetention(purchases, _) => {
                let purchases = &purchases.purchases;
                let span = crate::definition::Span::Period;
                source.rows(&purchases.model, &purchases.when, span, wanted, &purchases.joined).await
            }
            Computation::Builtin(builtin) => {
                let aggregate = &builtin.aggregate;
                let span = crate::definition::Span::Period;
                source.rows(&aggregate.model, &aggregate.when, span, wanted, &aggregate.joined).await
            }
            // `parts` only hands out metrics that have rows.
            Computation::Ratio { .. } | Computation::Derived { .. } | Computation::NotKept(_) => {
                Err(MetricsError::UnknownTable(metric.id.clone()))
            }
        }
    }
}

pub(crate) const NUMERATOR: &str = "numerator";
pub(crate) const DENOMINATOR: &str = "denominator";

/// What stands above and below the line, as far as both are rows of one model; the value itself
/// where there is no line. The rows of another model open with the metric that counts them.
pub(crate) fn parts(metric: &Metric) -> (&Metric, Option<&Metric>) {
    match &metric.computation {
        Computation::Ratio { numerator, denominator } => {
            let same =
                model(numerator).map(|model| &model.name) == model(denominator).map(|model| &model.name);
            (numerator, same.then_some(denominator.as_ref()))
        }
        _ => (metric, None),
    }
}

/// The model whose rows a metric counts itself.
pub(crate) fn model(metric: &Metric) -> Option<&Model> {
    match &metric.computation {
        Computation::Simple { aggregate, .. } => Some(&aggregate.model),
        Computation::Conversion(conversion, _) => Some(&conversion.base.model),
        Computation::BuyerRetention(purchases, _) => Some(&purchases.purchases.model),
        Computation::Builtin(builtin) => Some(&builtin.aggregate.model),
        Computation::Ratio { .. } | Computation::Derived { .. } | Computation::NotKept(_) => None,
    }
}

/// Whether both metrics are taken from the very same rows.
fn same_rows(one: &Metric, other: &Metric) -> bool {
    match (&one.computation, &other.computation) {
        (
            Computation::Simple { aggregate, span },
            Computation::Simple { aggregate: other, span: other_span },
        ) => aggregate.when.name() == other.when.name() && span == other_span,
        (Computation::Conversion(one, _), Computation::Conversion(other, _)) => one.name == other.name,
        _ => false,
    }
}

/// Whether a row counts for a metric.
pub(crate) fn counts(metric: &Metric) -> Expr {
    let condition = match &metric.computation {
        Computation::Simple { aggregate, .. } => aggregate.filter.clone(),
        Computation::Conversion(conversion, part) => Some(conversion.counts_for(*part)),
        Computation::Builtin(builtin) => builtin.aggregate.filter.clone(),
        Computation::Ratio { .. }
        | Computation::Derived { .. }
        | Computation::BuyerRetention(..)
        | Computation::NotKept(_) => None,
    };
    // Not `is_true`: the engine disagrees with itself about whether that may be null.
    match condition {
        Some(condition) => when(condition, lit(true)).otherwise(lit(false)).unwrap_or(lit(false)),
        None => lit(true),
    }
}
