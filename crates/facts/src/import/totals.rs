//! What money adds up to before a delivery and after it, so that an import reconciles with the
//! totals of the system it came from.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, Decimal128Array, StringArray};
use datafusion::arrow::datatypes::Decimal128Type;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::Cast;
use datafusion::prelude::{DataFrame, Expr, ident};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::canonical::{Column, ColumnType, Table};
use crate::store::StoreError;

/// What a column of money adds up to, in one currency, over the rows of the delivery's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyTotal {
    /// The column.
    pub column: String,
    /// The currency; `None` where rows do not say theirs.
    pub currency: Option<String>,
    /// Before the delivery.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub before: Decimal,
    /// After it.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub after: Decimal,
}

/// Written with all its digits: JSON's numbers lose some on the way through most readers.
fn as_text<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.normalize())
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// Sums by column and currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums(BTreeMap<(&'static str, Option<String>), Decimal>);

impl Sums {
    /// What the money of some rows adds up to.
    pub(super) async fn of(table: Table, rows: &DataFrame) -> Result<Sums, StoreError> {
        let mut sums = Sums::default();
        for (column, currency) in money(table) {
            let filled = rows.clone().filter(ident(column.name).is_not_null())?;
            let found = filled
                .aggregate(vec![currency.alias("currency")], vec![sum(ident(column.name)).alias("total")])?
                .collect()
                .await?;
            for batch in &found {
                let currencies: &StringArray = batch.column(0).as_string();
                let totals: &Decimal128Array = batch.column(1).as_primitive::<Decimal128Type>();
                for row in (0..batch.num_rows()).filter(|row| totals.is_valid(*row)) {
                    let currency = currencies.is_valid(row).then(|| currencies.value(row).to_owned());
                    // A total of more digits than that is no total of a company's money.
                    let scale = column.kind.places();
                    let total = Decimal::try_from_i128_with_scale(totals.value(row), scale);
                    sums.0.insert((column.name, currency), total.unwrap_or(Decimal::MAX));
                }
            }
        }
        Ok(sums)
    }

    /// The totals before and after rows come and go.
    pub(super) fn totals(&self, added: &Sums, removed: &Sums) -> Vec<MoneyTotal> {
        let mut after = self.0.clone();
        for (of, amount) in &added.0 {
            let total = after.entry(of.clone()).or_default();
            *total = total.saturating_add(*amount);
        }
        for (of, amount) in &removed.0 {
            let total = after.entry(of.clone()).or_default();
            *total = total.saturating_sub(*amount);
        }
        let total = |((column, currency), after): ((&str, Option<String>), Decimal)| {
            let before = self.0.get(&(column, currency.clone())).copied().unwrap_or_default();
            MoneyTotal { column: column.to_owned(), currency, before, after }
        };
        after.into_iter().map(total).collect()
    }

    /// Both together.
    pub(super) fn and(mut self, other: Sums) -> Sums {
        for (of, amount) in other.0 {
            let total = self.0.entry(of).or_default();
            *total = total.saturating_add(amount);
        }
        self
    }
}

/// The columns of a table that hold money, each with its currency: `amount` has `amount_ccy`, or
/// else the `ccy` of the row; other amounts of a deal without a currency are in that of the deal.
fn money(table: Table) -> Vec<(&'static Column, Expr)> {
    let text = |name: &str| {
        Expr::Cast(Cast::new(Box::new(ident(name)), datafusion::arrow::datatypes::DataType::Utf8))
    };
    let is_number = |column: &&Column| matches!(column.kind, ColumnType::Amount | ColumnType::Decimal);
    let currency = |column: &'static Column| {
        let own = format!("{}_ccy", column.name);
        let names = [own.as_str(), "ccy"];
        let named = names.into_iter().find(|name| table.column(name).is_some())?;
        let of_the_deal = table == Table::Opportunity && named != "amount_ccy";
        let currency =
            if of_the_deal { coalesce(vec![text(named), text("amount_ccy")]) } else { text(named) };
        Some((column, currency))
    };
    table.columns().iter().filter(is_number).filter_map(currency).collect()
}

/// Whether a table holds money at all.
pub(super) fn has_money(table: Table) -> bool {
    !money(table).is_empty()
}
