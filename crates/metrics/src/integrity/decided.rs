//! Deals that were decided: on the day of their creation, or at a price close to a limit.

use std::ops::Range;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::Cast;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{DecidedDeal, key_of};
use crate::ask::{Asker, MetricsError};
use crate::definition::{Attribution, When};
use crate::engine::{Cells, collect};
use crate::plan::{column, day};

/// The view they stand in.
const RELATION: &str = "opportunity_credited";

impl Asker {
    /// The deals of some days, up to but not including the last, that were decided on the day they were
    /// created, in the order of person and day, and how many were decided at all.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn decided_when_created(
        &self,
        days: Range<Date>,
    ) -> Result<(Vec<DecidedDeal>, usize), MetricsError> {
        let is_within = within(days);
        let decided = self.source().relation(RELATION).await?.filter(is_within.clone())?.count().await?;
        let same_day = column("created_date").eq(column("closed_date"));
        Ok((self.decided(is_within.and(same_day)).await?, decided))
    }

    /// The deals won on days from one up to, not including, another, whose discount lies above one share of
    /// the list amount and at most at another, in the order of person and day.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn won_at_discount(
        &self,
        (above, at_most): (Decimal, Decimal),
        days: Range<Date>,
    ) -> Result<Vec<DecidedDeal>, MetricsError> {
        let has_discount =
            column("outcome").eq(lit("won")).and(column("list_amount").gt(lit(0_i64))).and(within(days));
        let same_currency = column("amount_ccy").eq(column("list_amount_ccy"));
        let priced = has_discount.and(same_currency.or(column("list_amount_ccy").is_null()));
        // Doubles narrow down what is then looked at exactly.
        let price = double("amount") / double("list_amount");
        let near = |discount: Decimal| 1.0 - discount.to_f64().unwrap_or_default();
        let close = price.clone().gt_eq(lit(near(at_most) - 1e-6)).and(price.lt_eq(lit(near(above) + 1e-6)));
        let mut deals = self.decided(priced.and(close)).await?;
        deals.retain(|deal| deal.discount().is_some_and(|discount| above < discount && discount <= at_most));
        Ok(deals)
    }

    async fn decided(&self, among: Expr) -> Result<Vec<DecidedDeal>, MetricsError> {
        let when = When::Dated {
            name: "close_date".to_owned(),
            date: column("closed_date"),
            attribution: Attribution::Close,
        };
        let credited: DataFrame = self.source().credited(RELATION, &when, among).await?;
        let order = ["credited_id", "closed_date", "source_system", "source_id"];
        let sorted = credited.sort(order.map(|name| column(name).sort(true, false)).to_vec())?;
        let found = collect(sorted).await?;
        let deals = found.rows().map(|row| deal(&row)).collect::<Result<Vec<_>, _>>()?;
        Ok(deals.into_iter().flatten().collect())
    }
}

impl DecidedDeal {
    /// The share of the list amount that was let off, where both amounts are known.
    #[must_use]
    pub fn discount(&self) -> Option<Decimal> {
        Some(Decimal::ONE - self.amount?.checked_div(self.list_amount?)?)
    }
}

fn within(days: Range<Date>) -> Expr {
    column("closed_date").gt_eq(day(days.start)).and(column("closed_date").lt(day(days.end)))
}

fn double(name: &str) -> Expr {
    Expr::Cast(Cast::new(Box::new(column(name)), DataType::Float64))
}

fn deal(row: &Cells<'_>) -> Result<Option<DecidedDeal>, MetricsError> {
    let (Some(key), Some(person), Some(closed_on)) =
        (key_of(row), row.text("credited_id"), row.date("closed_date"))
    else {
        return Ok(None);
    };
    Ok(Some(DecidedDeal {
        key,
        person,
        name: row.text("name"),
        outcome: row.text("outcome").unwrap_or_default(),
        closed_on,
        amount: row.decimal("amount")?,
        list_amount: row.decimal("list_amount")?,
        currency: row.text("amount_ccy"),
    }))
}
