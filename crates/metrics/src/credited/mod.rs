//! The credited views: the rows of a canonical table with what metrics need beside them. Which
//! person a row counts for (T2–T5) and what it is worth live here and nowhere else; which team
//! that person was in on the day is decided where the day is known ([`crate::plan`]).

mod opportunity;

use std::sync::Arc;

use attain_facts::canonical::Table;
use attain_facts::store::schema;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::prelude::DataFrame;

use crate::ask::MetricsError;
use crate::plan::Source;

/// A view that catalogue models stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Deals with civil dates, value in the company's currency and cycle length.
    Opportunity,
}

impl View {
    const ALL: [View; 1] = [View::Opportunity];

    /// The view of that name.
    pub(crate) fn named(name: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            View::Opportunity => "opportunity_credited",
        }
    }

    /// The table whose rows it has.
    pub(crate) fn table(self) -> Table {
        match self {
            View::Opportunity => Table::Opportunity,
        }
    }

    /// The columns it adds to those of its table.
    fn derived(self) -> Vec<Field> {
        match self {
            View::Opportunity => opportunity::derived(),
        }
    }

    /// The column of its table that a derived column comes from.
    pub(crate) fn origin(self, derived: &str) -> Option<&'static str> {
        match self {
            View::Opportunity => opportunity::origin(derived),
        }
    }

    /// The date on which a row is expected to have what it has no date of yet.
    pub(crate) fn expected(self, derived: &str) -> Option<&'static str> {
        match self {
            View::Opportunity => opportunity::expected(derived),
        }
    }

    /// Its rows.
    pub(crate) async fn rows(self, source: &Source<'_>) -> Result<DataFrame, MetricsError> {
        match self {
            View::Opportunity => opportunity::rows(source).await,
        }
    }
}

/// The columns of a canonical table or credited view.
pub(crate) fn schema_of(name: &str) -> Option<SchemaRef> {
    match View::named(name) {
        None => Table::from_name(name).map(schema::current),
        Some(view) => {
            let mut fields: Vec<Field> =
                schema::current(view.table()).fields().iter().map(|field| field.as_ref().clone()).collect();
            fields.extend(view.derived());
            Some(Arc::new(Schema::new(fields)))
        }
    }
}

fn date(name: &str) -> Field {
    Field::new(name, DataType::Date32, true)
}

/// The table and column that a relation's column comes from; `None` for what the program itself
/// supplies.
pub(crate) fn origin(relation: &str, column: &str) -> Option<(String, String)> {
    match View::named(relation) {
        None => Some((relation.to_owned(), column.to_owned())),
        Some(view) => {
            let own = schema::current(view.table()).field_with_name(column).is_ok().then_some(column);
            let column = view.origin(column).or(own)?;
            Some((view.table().name().to_owned(), column.to_owned()))
        }
    }
}
