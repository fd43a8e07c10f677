//! From a model to the rows a question is about: dated, credited, split and narrowed.
//!
//! [`period`] decides which period a row falls in, [`place`] whom and what it belongs to; [`early`] says
//! which rows need not be read for that. What is done with the rows (adding them up, listing them) is
//! decided elsewhere.

mod early;
mod needed;
mod period;
mod period_of;
mod place;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use attain_facts::company::Company;
use attain_facts::value::days_from_date;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, ScalarValue};
use datafusion::prelude::{DataFrame, Expr, SessionContext, lit};
use jiff::civil::Date;

use crate::answer::AsOf;
use crate::ask::MetricsError;
use crate::calendar::{Calendar, Grain, Period};
use crate::credited::{self, RateMode};
use crate::definition::{Catalogue, Model, Span, When};
use crate::organisation::Organisation;
use crate::subject::{Dimension, Subject};
use crate::tables::{Coverage, Tables};
pub(crate) use needed::Needed;
pub(crate) use period::{civil, range};
pub(crate) use period_of::position_among;
pub(crate) use place::{reachable, text};

/// Exact decimals of facts: 28 significant digits, 6 of them after the point.
pub(crate) const DECIMAL: DataType = DataType::Decimal128(28, 6);
/// Name of the column that holds the position of a row's period among those asked for.
pub(crate) const PERIOD: &str = "period_index";
/// The day a row counts for.
pub(crate) const CREDIT_DATE: &str = "credit_date";
/// The date a row carries itself, where it carries one.
pub(crate) const OWN_DATE: &str = "own_date";
/// The instant of that day at which a row happened, where it is known.
pub(crate) const CREDIT_INSTANT: &str = "credit_instant";
/// First day of the period, the day after its last, and the first day of the last tenth of its
/// working days, where conditions ask for them.
pub(crate) const BOUNDS: [&str; 3] = ["period_from", "period_to", "period_last_tenth"];
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
pub(crate) struct Relations(Mutex<HashMap<String, Option<DataFrame>>>);

impl Relations {
    /// What was kept under a name: rows, or that there are none.
    pub(crate) fn get(&self, name: &str) -> Option<Option<DataFrame>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(crate) fn keep(&self, name: &str, rows: Option<&DataFrame>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name.to_owned(), rows.cloned());
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
    /// Which rates money is converted at.
    pub(crate) rates: &'a RateMode,
}

impl Wanted<'_> {
    /// Whether numbers are about regions.
    pub(crate) fn is_by_region(&self) -> bool {
        self.by.contains(&Dimension::Region) || matches!(self.subject, Subject::Region(_))
    }
}

impl Source<'_> {
    /// The company's calendar.
    pub(crate) fn calendar(&self) -> Calendar {
        Calendar::of(self.company)
    }

    /// The days anything is known about: from the fiscal year of the first that a table of events
    /// covers to the last day that is known.
    pub(crate) fn horizon(&self) -> (Date, Date) {
        let covered = attain_facts::canonical::Table::ALL.into_iter().filter_map(|table| {
            match self.tables.coverage(table.name()) {
                Coverage::Days(from, _) => Some(from),
                Coverage::Nothing | Coverage::Always => None,
            }
        });
        let from = covered.min().unwrap_or(self.as_of.date);
        let year = |day| self.calendar().containing(day, Grain::Year);
        let first = year(from).and_then(|year| year.from).unwrap_or(from);
        (first, self.as_of.date.tomorrow().unwrap_or(self.as_of.date))
    }

    /// The rows of a table or credited view.
    pub(crate) async fn relation(&self, name: &str) -> Result<DataFrame, MetricsError> {
        if let Some(Some(known)) = self.relations.get(name) {
            return Ok(known);
        }
        let rows = match credited::View::named(name) {
            Some(view) => Box::pin(view.rows(self)).await?,
            None => self.tables.rows(self.context, name).await?,
        };
        let rows = if self.is_small(name) { rows.cache().await? } else { rows };
        self.relations.keep(name, Some(&rows));
        Ok(rows)
    }

    /// The rows of a fixed query over tables and views.
    pub(crate) async fn query(&self, tables: &[&str], query: &str) -> Result<DataFrame, MetricsError> {
        for table in tables {
            if !self.context.table_exist(*table)? {
                let rows = Box::pin(self.relation(table)).await?;
                // Another question may have been faster; the table is the same.
                if let Err(error) = self.context.register_table(*table, rows.into_view())
                    && !self.context.table_exist(*table)?
                {
                    return Err(error.into());
                }
            }
        }
        unqualified(self.context.sql(query).await?)
    }

    /// The rows of a fixed query over rows that have no name; the query is told one.
    pub(crate) async fn query_over(
        &self,
        rows: DataFrame,
        query: impl FnOnce(&str) -> String,
    ) -> Result<DataFrame, MetricsError> {
        let name = self.named(rows)?;
        let result = self.context.sql(&query(&name)).await;
        self.forget(&name)?;
        unqualified(result?)
    }

    /// Gives rows a name for a query.
    pub(crate) fn named(&self, rows: DataFrame) -> Result<String, MetricsError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("rows_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.context.register_table(&name, rows.into_view())?;
        Ok(name)
    }

    /// Takes the name away again; plans made with it keep the rows.
    pub(crate) fn forget(&self, name: &str) -> Result<(), MetricsError> {
        self.context.deregister_table(name)?;
        Ok(())
    }

    fn is_small(&self, relation: &str) -> bool {
        // Days are many more than people, and in memory already.
        credited::View::named(relation) != Some(credited::View::WorkingDay)
            && self.tables.row_count(base_table(relation)).is_some_and(|rows| rows <= ROWS_IN_MEMORY)
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
        self.rows_with(model, when, span, wanted, joined, &Needed::Everything).await
    }

    /// The same with no more columns than are needed: planning takes most of a small question's
    /// time, and takes longer with every column.
    pub(crate) async fn rows_with(
        &self,
        model: &Model,
        when: &When,
        span: Span,
        wanted: &Wanted<'_>,
        joined: &[String],
        needed: &Needed,
    ) -> Result<DataFrame, MetricsError> {
        let needed = needed.with_dimensions(self, model, when, wanted, joined)?;
        let mut dated = match self.counting_for(model, when, wanted.rates).await? {
            Some(rows) => period::in_periods(self, needed.of_finished(rows)?, span, wanted.periods)?,
            None => self.finished(model, when, span, wanted, &needed).await?,
        };
        if joined.iter().any(|name| BOUNDS.contains(&name.as_str())) {
            dated = period::bounded(self, dated, wanted.periods)?;
        }
        place::placed(self, dated, model, wanted, joined).await
    }

    /// Rows of a model in their periods, with whom they count for and what they are worth.
    async fn finished(
        &self,
        model: &Model,
        when: &When,
        span: Span,
        wanted: &Wanted<'_>,
        needed: &Needed,
    ) -> Result<DataFrame, MetricsError> {
        let view = credited::View::named(&model.relation);
        let made = match view {
            Some(view) => view.of_periods(self, wanted).await?,
            None => None,
        };
        let dated = match made {
            Some(made) => made,
            None => {
                let rows = self.relation(&model.relation).await?;
                let rows = early::of_days(self, rows, view, when, span, wanted.periods)?;
                let rows = needed.of(view, rows)?;
                period::dated(self, rows, model, when, span, wanted.periods)?
            }
        };
        match view {
            Some(view) => {
                let people = early::people(self, wanted.subject).filter(|_| place::is_of_credited(model));
                view.finish(self, dated, when, wanted.rates, (needed, people.as_deref())).await
            }
            None => Ok(dated),
        }
    }

    /// The rows of a small view by one of its dates, finished once for all questions: the day a row
    /// counts for, its person and its money are the same whichever periods are asked.
    async fn counting_for(
        &self,
        model: &Model,
        when: &When,
        rates: &RateMode,
    ) -> Result<Option<DataFrame>, MetricsError> {
        let (Some(view), When::Dated { name, date, attribution }) =
            (credited::View::named(&model.relation), when)
        else {
            return Ok(None);
        };
        if !view.finishes_rows_apart() || !self.is_small(&model.relation) {
            return Ok(None);
        }
        let relation = &model.relation;
        let name = format!("{relation} by {name}, which is {date}, {attribution:?}, at rates {rates:?}");
        if let Some(known) = self.relations.get(&name) {
            return Ok(known);
        }
        let rows = period::on_their_day(self, self.relation(relation).await?, when)?;
        let rows = view.finish(self, rows, when, rates, (&Needed::Everything, None)).await?.cache().await?;
        self.relations.keep(&name, Some(&rows));
        Ok(Some(rows))
    }

    /// The rows of a credited view that meet a condition, by one of its dates, each with the person it
    /// counts for: for what is found among rows instead of counted.
    pub(crate) async fn credited(
        &self,
        relation: &str,
        when: &When,
        among: Expr,
    ) -> Result<DataFrame, MetricsError> {
        let rows = period::on_their_day(self, self.relation(relation).await?.filter(among)?, when)?;
        match credited::View::named(relation) {
            Some(view) => {
                let person = Needed::by([&column(credited::CREDITED)]);
                view.finish(self, rows, when, &RateMode::default(), (&person, None)).await
            }
            None => Ok(rows),
        }
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

/// Columns by their bare names, so that later steps need not know which query they came from.
fn unqualified(rows: DataFrame) -> Result<DataFrame, MetricsError> {
    let columns: Vec<Expr> = rows
        .schema()
        .columns()
        .into_iter()
        .map(|column| {
            let name = column.name.clone();
            Expr::Column(column).alias(name)
        })
        .collect();
    Ok(rows.select(columns)?)
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
