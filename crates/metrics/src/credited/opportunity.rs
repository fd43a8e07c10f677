//! Opportunities with civil dates, value in the company's currency and cycle length.

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::logical_expr::{Cast, when};
use datafusion::prelude::{DataFrame, Expr, col, lit};

use crate::ask::MetricsError;
use crate::engine::civil_date;
use crate::plan::{CURRENCY_MISSING, DECIMAL, Source, day};

pub(super) fn derived() -> Vec<Field> {
    vec![
        super::date("created_date"),
        super::date("closed_date"),
        Field::new("value", DECIMAL, true),
        Field::new(CURRENCY_MISSING, DataType::Boolean, true),
        Field::new("cycle_days", DataType::Int32, true),
    ]
}

pub(super) fn origin(column: &str) -> Option<&'static str> {
    match column {
        "created_date" | "cycle_days" => Some("created_at"),
        "closed_date" => Some("close_date"),
        "value" => Some("amount"),
        _ => None,
    }
}

/// Open deals have a day on which they are expected to close.
pub(super) fn expected(column: &str) -> Option<&'static str> {
    (column == "closed_date").then_some("close_date")
}

/// Deals closed after the day of asking are data errors and stay out (T11).
pub(super) async fn rows(source: &Source<'_>) -> Result<DataFrame, MetricsError> {
    let company = source.company;
    let created = civil_date(company.time_zone.clone()).call(vec![col("created_at")]);
    let in_currency = col("amount_ccy").is_null().or(col("amount_ccy").eq(lit(company.currency.clone())));
    let value = when(in_currency.clone(), col("amount")).end()?;
    let missing = col("amount").is_not_null().and(Expr::Not(Box::new(in_currency)));
    let closed = when(col("outcome").not_eq(lit("open")), col("close_date")).end()?;
    let days = |column: &str| Expr::Cast(Cast::new(Box::new(col(column)), DataType::Int32));
    Ok(source
        .tables
        .rows(source.context, "opportunity")
        .await?
        .with_column("created_date", created)?
        .with_column("closed_date", closed)?
        .filter(col("closed_date").gt(day(source.as_of.asked_on)).is_not_true())?
        .with_column("value", value)?
        .with_column(CURRENCY_MISSING, missing)?
        .with_column("cycle_days", days("close_date") - days("created_date"))?)
}
