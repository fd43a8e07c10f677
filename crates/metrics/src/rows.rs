//! The rows behind a number: the same question, asked for rows instead of a sum.

use std::collections::HashMap;

use attain_facts::canonical::Table;
use datafusion::common::JoinType;
use datafusion::functions::string::expr_fn::lower;
use datafusion::functions::unicode::expr_fn::strpos;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::when;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::{Asker, MetricsError, Reach};
use crate::calendar::Period;
use crate::credited::{Wanted, column};
use crate::definition::{Computation, Metric};
use crate::engine::{Cells, collect};
use crate::organisation::Subject;
use crate::retention::{self, Output};

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

    fn expression(self) -> Expr {
        column(match self {
            RowsColumn::Outcome => "outcome_order",
            RowsColumn::Closed => "close_date",
            RowsColumn::Created => "created_date",
            RowsColumn::Deal => "source_id",
            RowsColumn::Account => "account_name",
            RowsColumn::Owner => "owner_name",
            RowsColumn::Product => "product_name",
            RowsColumn::Amount => "value",
        })
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

/// The rows behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// One deal.
    Deal(DealRow),
    /// One account.
    Account(AccountRow),
}

/// A page of the rows behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let metric = self.metric(metric)?;
        if *reach == Reach::Nothing {
            return Ok(Rows { rows: Vec::new(), matching: 0, counted: 0, numerators: 0, denominators: 0 });
        }
        let (above, below) = parts(metric);
        match (retention_output(above), below.map(retention_output)) {
            (Some(output), below) => self.accounts(output, below.flatten(), subject, period, page).await,
            (None, _) => self.deals(above, below, subject, period, page).await,
        }
    }

    async fn deals(
        &self,
        above: &Metric,
        below: Option<&Metric>,
        subject: &Subject,
        period: &Period,
        page: &RowsPage,
    ) -> Result<Rows, MetricsError> {
        let mut view = self.counted(above, "numerator", subject, period).await?;
        if let Some(below) = below {
            view = match below.attribution == above.attribution {
                true => view.with_column("denominator", counts(below))?,
                false => self.beside(view, below, subject, period).await?,
            };
        } else {
            view = view.with_column("denominator", lit(false))?;
        }
        let view = view.filter(column("numerator").or(column("denominator")))?;
        let totals = collect(view.clone().aggregate(
            vec![],
            vec![
                count(lit(1)).alias("counted"),
                count(when(column("numerator"), lit(1)).end()?).alias("numerators"),
                count(when(column("denominator"), lit(1)).end()?).alias("denominators"),
            ],
        )?)
        .await?;
        let total = |name: &str| totals.rows().next().map_or(0, |row| row.count(name));
        let named = self.with_names(view).await?;
        let found = match page.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => named.filter(contains(text))?,
            None => named,
        };
        let matching = found.clone().count().await?;
        let sorted = found.sort(order(page))?.limit(page.offset.min(matching), page.limit)?;
        let rows =
            collect(sorted).await?.rows().map(|row| deal(&row).map(Row::Deal)).collect::<Result<_, _>>()?;
        let size = |name: &str| usize::try_from(total(name)).unwrap_or(usize::MAX);
        Ok(Rows {
            rows,
            matching,
            counted: size("counted"),
            numerators: size("numerators"),
            denominators: size("denominators"),
        })
    }

    /// The credited rows of a metric's date rule, with a column that marks those that count.
    async fn counted(
        &self,
        metric: &Metric,
        mark: &str,
        subject: &Subject,
        period: &Period,
    ) -> Result<DataFrame, MetricsError> {
        let periods = [period.clone()];
        let wanted = Wanted { attribution: metric.attribution, subject, by: &[], periods: &periods };
        Ok(self.source().credited(&wanted).await?.with_column(mark, counts(metric))?)
    }

    /// Rows of a second date rule beside those of the first, a deal in both standing twice.
    async fn beside(
        &self,
        above: DataFrame,
        below: &Metric,
        subject: &Subject,
        period: &Period,
    ) -> Result<DataFrame, MetricsError> {
        let shown =
            |frame: DataFrame, numerator: Expr, denominator: Expr| -> Result<DataFrame, MetricsError> {
                let mut columns: Vec<Expr> = SHOWN.iter().map(|name| column(name)).collect();
                columns.push(numerator.alias("numerator"));
                columns.push(denominator.alias("denominator"));
                Ok(frame.select(columns)?)
            };
        let below = self.counted(below, "denominator", subject, period).await?;
        let above = shown(above, column("numerator"), lit(false))?;
        Ok(above.union(shown(below, lit(false), column("denominator"))?)?)
    }

    async fn with_names(&self, view: DataFrame) -> Result<DataFrame, MetricsError> {
        let source = self.source();
        let mut named = view;
        for (table, id, name) in
            [(Table::Account, "account_id", "account_name"), (Table::Product, "product_id", "product_name")]
        {
            let key = format!("{name}_key");
            let names = source.snapshot.view(source.context, table).await?;
            let names = names.select(vec![column(id).alias(&key), column("name").alias(name)])?;
            named = named.join_on(names, JoinType::Left, [column(id).eq(column(&key))])?;
        }
        let people = source.snapshot.view(source.context, Table::Employee).await?;
        let people = people.select(vec![
            column("employee_id").alias("owner_key"),
            column("display_name").alias("owner_name"),
        ])?;
        named = named.join_on(people, JoinType::Left, [column("owner_id").eq(column("owner_key"))])?;
        let outcome_order = when(column("outcome").eq(lit("won")), lit(0))
            .when(column("outcome").eq(lit("lost")), lit(1))
            .otherwise(lit(2))?;
        Ok(named.with_column("outcome_order", outcome_order)?)
    }

    async fn accounts(
        &self,
        above: Output,
        below: Option<Output>,
        subject: &Subject,
        period: &Period,
        page: &RowsPage,
    ) -> Result<Rows, MetricsError> {
        let Some(before) = self.calendar().previous(period) else {
            return Ok(Rows { rows: Vec::new(), matching: 0, counted: 0, numerators: 0, denominators: 0 });
        };
        let source = self.source();
        let buyers = retention::buyers(&source, subject, &[], &[before, period.clone()]).await?;
        let names = self.account_names().await?;
        let mut rows: Vec<AccountRow> = buyers
            .iter()
            .map(|buyer| {
                let purchases = buyer.around(1, period);
                AccountRow {
                    account: names.get(&buyer.account).cloned().unwrap_or_else(|| buyer.account.clone()),
                    before: purchases.before,
                    now: purchases.now,
                    first_now: purchases.first_now,
                    numerator: purchases.counts_for(above),
                    denominator: below.is_some_and(|below| purchases.counts_for(below)),
                }
            })
            .filter(|row| row.numerator || row.denominator)
            .collect();
        rows.sort_by(|one, other| one.account.cmp(&other.account));
        if page.descending {
            rows.reverse();
        }
        let numerators = rows.iter().filter(|row| row.numerator).count();
        let denominators = rows.iter().filter(|row| row.denominator).count();
        let counted = rows.len();
        if let Some(text) = page.search.as_deref().map(|text| text.trim().to_lowercase()) {
            rows.retain(|row| row.account.to_lowercase().contains(&text));
        }
        let matching = rows.len();
        let rows = rows
            .into_iter()
            .skip(page.offset)
            .take(page.limit.unwrap_or(usize::MAX))
            .map(Row::Account)
            .collect();
        Ok(Rows { rows, matching, counted, numerators, denominators })
    }

    async fn account_names(&self) -> Result<HashMap<String, String>, MetricsError> {
        let source = self.source();
        let accounts = collect(source.snapshot.view(source.context, Table::Account).await?).await?;
        Ok(accounts.rows().filter_map(|row| Some((row.text("account_id")?, row.text("name")?))).collect())
    }
}

/// The columns of a deal that are shown or searched.
const SHOWN: &[&str] = &[
    "source_id",
    "name",
    "account_id",
    "product_id",
    "owner_id",
    "stage",
    "outcome",
    "created_date",
    "close_date",
    "cycle_days",
    "value",
];

/// What stands above and below the line; the value itself where there is no line.
pub(crate) fn parts(metric: &Metric) -> (&Metric, Option<&Metric>) {
    match &metric.computation {
        Computation::Ratio { numerator, denominator } => (numerator, Some(denominator)),
        Computation::Simple(_) | Computation::BuyerRetention(_) => (metric, None),
    }
}

pub(crate) fn retention_output(metric: &Metric) -> Option<Output> {
    match metric.computation {
        Computation::BuyerRetention(output) => Some(output),
        Computation::Simple(_) | Computation::Ratio { .. } => None,
    }
}

/// Whether a row of the credited view counts for a simple metric.
pub(crate) fn counts(metric: &Metric) -> Expr {
    match &metric.computation {
        // Not `is_true`: the engine disagrees with itself about whether that may be null.
        Computation::Simple(aggregate) => match aggregate.filter.clone() {
            Some(filter) => when(filter, lit(true)).otherwise(lit(false)).unwrap_or(lit(false)),
            None => lit(true),
        },
        Computation::Ratio { .. } | Computation::BuyerRetention(_) => lit(false),
    }
}

fn contains(text: &str) -> Expr {
    let wanted = text.to_lowercase();
    ["source_id", "name", "account_name", "owner_name", "product_name"]
        .into_iter()
        .map(|name| strpos(lower(column(name)), lit(wanted.clone())).gt(lit(0)).is_true())
        .reduce(Expr::or)
        .unwrap_or_else(|| lit(true))
}

fn order(page: &RowsPage) -> Vec<datafusion::logical_expr::SortExpr> {
    let mut order = vec![page.sort.expression().sort(!page.descending, false)];
    if page.sort == RowsColumn::Outcome {
        order.push(column("close_date").sort(false, false));
    }
    order.push(column("source_id").sort(true, false));
    order
}

fn deal(row: &Cells<'_>) -> Result<DealRow, MetricsError> {
    Ok(DealRow {
        deal: row.text("source_id").unwrap_or_default(),
        name: row.text("name"),
        account: row.text("account_name"),
        product: row.text("product_name"),
        owner: row.text("owner_name"),
        stage: row.text("stage"),
        outcome: row.text("outcome").unwrap_or_default(),
        created_on: row.date("created_date"),
        closed_on: row.date("close_date"),
        cycle_days: row.integer32("cycle_days"),
        value: row.decimal("value")?,
        numerator: row.boolean("numerator").unwrap_or_default(),
        denominator: row.boolean("denominator").unwrap_or_default(),
    })
}
