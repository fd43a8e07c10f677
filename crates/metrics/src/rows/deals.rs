//! Opportunities behind a number, with the names of account, product and owner.

use attain_facts::canonical::Table;
use datafusion::common::JoinType;
use datafusion::functions::string::expr_fn::lower;
use datafusion::functions::unicode::expr_fn::strpos;
use datafusion::logical_expr::{SortExpr, when};
use datafusion::prelude::{DataFrame, Expr, lit};

use super::{DealRow, Marked, Row, Rows, RowsColumn, RowsPage};
use crate::ask::{Asker, MetricsError};
use crate::calendar::Period;
use crate::engine::{Cells, collect};
use crate::plan::column;

/// The view whose rows are shown as deals.
pub(crate) const RELATION: &str = "opportunity_credited";

impl Asker {
    pub(super) async fn deals(
        &self,
        marked: Marked,
        period: &Period,
        page: &RowsPage,
    ) -> Result<Rows, MetricsError> {
        let named = self.with_names(marked.rows).await?;
        let found = match page.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => named.filter(contains(text))?,
            None => named,
        };
        let matching = found.clone().count().await?;
        let sorted = found.sort(order(page))?.limit(page.offset.min(matching), page.limit)?;
        let result = collect(sorted).await?;
        let rows =
            result.rows().map(|row| self.deal(&row, period).map(Row::Deal)).collect::<Result<_, _>>()?;
        Ok(Rows {
            rows,
            matching,
            counted: marked.counted,
            numerators: marked.numerators,
            denominators: marked.denominators,
        })
    }

    pub(crate) async fn with_names(&self, view: DataFrame) -> Result<DataFrame, MetricsError> {
        let source = self.source();
        let mut named = view;
        for (table, id, shown, name) in [
            (Table::Account, "account_id", "name", "account_name"),
            (Table::Product, "product_id", "name", "product_name"),
            (Table::Employee, "owner_id", "display_name", "owner_name"),
        ] {
            let key = format!("{name}_key");
            let identifier = table.id_column().unwrap_or(id);
            let names = source.relation(table.name()).await?;
            let names = names.select(vec![column(identifier).alias(&key), column(shown).alias(name)])?;
            named = named.join_on(names, JoinType::Left, [column(id).eq(column(&key))])?;
        }
        let outcome_order = when(column("outcome").eq(lit("won")), lit(0))
            .when(column("outcome").eq(lit("lost")), lit(1))
            .otherwise(lit(2))?;
        Ok(named.with_column("outcome_order", outcome_order)?)
    }

    pub(super) fn deal(&self, row: &Cells<'_>, period: &Period) -> Result<DealRow, MetricsError> {
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
            recorded: self.recorded(row, period),
            numerator: row.boolean("numerator").unwrap_or_default(),
            denominator: row.boolean("denominator").unwrap_or_default(),
        })
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

fn order(page: &RowsPage) -> Vec<SortExpr> {
    let mut order = vec![sorted_by(page.sort).sort(!page.descending, false)];
    if page.sort == RowsColumn::Outcome {
        order.push(column("close_date").sort(false, false));
    }
    order.push(column("source_id").sort(true, false));
    order
}

fn sorted_by(shown: RowsColumn) -> Expr {
    column(match shown {
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
