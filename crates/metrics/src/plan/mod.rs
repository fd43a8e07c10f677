//! From a model to the rows a question is about: dated, credited, split and narrowed.
//!
//! [`period`] decides which period a row falls in, [`place`] whom and what it belongs to. What is
//! done with the rows (adding them up, listing them) is decided elsewhere.

mod period;
mod place;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use attain_facts::company::Company;
use attain_facts::value::days_from_date;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, ScalarValue};
use datafusion::prelude::{DataFrame, Expr, SessionContext, lit};
use jiff::civil::Date;

use crate::answer::AsOf;
use crate::ask::MetricsError;
use crate::calendar::{Calendar, Period};
use crate::credited;
use crate::definition::{Catalogue, Model, Span, When};
use crate::organisation::{Dimension, Organisation, Subject};
use crate::tables::Tables;
pub(crate) use period::{civil, range};

/// Exact decimals of facts: 28 significant digits, 6 of them after the point.
pub(crate) const DECIMAL: DataType = DataType::Decimal128(28, 6);
/// Name of the column that holds the position of a row's period among those asked for.
pub(crate) const PERIOD: &str = "period_index";
/// The day a row counts for.
pub(crate) const CREDIT_DATE: &str = "credit_date";
/// The last day that is known, for conditions about what has settled.
pub(crate) const AS_OF_DATE: &str = "as_of_date";
/// Name of the column that marks rows whose currency has no rate (E7).
pub(crate) const CURRENCY_MISSING: &str = "currency_missing";

/// Rows up to which a relation is kept in memory: opening dozens of small files for every
/// question costs more than the question, while large tables are read as fast from their files.
const ROWS_IN_MEMORY: u64 = 250_000;

/// What questions are answered from.
pub(crate) struct Source<'a> {
    pub(crate) context: &'a SessionContext,
    pub(crate) tables: &'a dyn Tables,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) organisation: &'a Organisation,
    pub(crate) company: &'a Company,
    pub(crate) as_of: AsOf,
    pub(crate) relations: &'a Relations,
}

/// Relations that were read already. A snapshot never changes, so neither do they.
#[derive(Debug, Default)]
pub(crate) struct Relations(Mutex<HashMap<String, DataFrame>>);

impl Relations {
    fn get(&self, name: &str) -> Option<DataFrame> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn keep(&self, name: &str, rows: &DataFrame) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name.to_owned(), rows.clone());
    }
}

/// What rows are wanted for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) by: &'a [Dimension],
    pub(crate) periods: &'a [Period],
    /// A condition of the question's own, as its text.
    pub(crate) filter: Option<&'a str>,
}

impl Source<'_> {
    /// The company's calendar.
    pub(crate) fn calendar(&self) -> Calendar {
        Calendar::of(self.company)
    }

    /// The rows of a table or credited view.
    pub(crate) async fn relation(&self, name: &str) -> Result<DataFrame, MetricsError> {
        if let Some(known) = self.relations.get(name) {
            return Ok(known);
        }
        let rows = match credited::View::named(name) {
            Some(view) => view.rows(self).await?,
            None => self.tables.rows(self.context, name).await?,
        };
        let rows = if self.is_small(name) { rows.cache().await? } else { rows };
        self.relations.keep(name, &rows);
        Ok(rows)
    }

    fn is_small(&self, relation: &str) -> bool {
        self.tables.row_count(base_table(relation)).is_some_and(|rows| rows <= ROWS_IN_MEMORY)
    }

    /// Rows of a model that count for the subject in one of the periods, each with its credit
    /// date, the position of its period, what it is split by (`by_0`, `by_1` …) and the joined
    /// columns that filters look at.
    pub(crate) async fn rows(
        &self,
        model: &Model,
        when: &When,
        span: Span,
        wanted: &Wanted<'_>,
        joined: &[String],
    ) -> Result<DataFrame, MetricsError> {
        let rows = self.relation(&model.relation).await?;
        let dated = period::dated(self, rows, model, when, span, wanted.periods)?;
        place::placed(self, dated, model, wanted, joined).await
    }

    /// Whether rows of a model can be split or narrowed by a dimension.
    pub(crate) fn splits(&self, model: &Model, dimension: &Dimension) -> Result<(), MetricsError> {
        place::resolve(self, model, dimension).map(|_| ())
    }
}

/// The table a relation's rows come from.
pub(crate) fn base_table(relation: &str) -> &str {
    credited::View::named(relation).map_or(relation, |view| view.table().name())
}

/// The column that holds what a question is split by at a position.
pub(crate) fn by_column(position: usize) -> String {
    format!("by_{position}")
}

/// A civil date as an engine literal.
pub(crate) fn day(day: Date) -> Expr {
    lit(ScalarValue::Date32(Some(days_from_date(day))))
}

/// A column by its exact name.
pub(crate) fn column(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}
