//! The credited views: the rows of canonical tables with what metrics need beside them.
//!
//! A [`View`] is a query over canonical tables ([`queries`]), whom its rows count for
//! ([`person`], T2, T5) and which amounts are converted ([`money`], T12). What depends on the day a
//! row counts for is added once that day is known ([`View::finish`]); which team the person was in
//! on that day is decided in [`crate::plan`].

mod attainment;
mod book;
mod forecast;
mod history;
mod money;
mod person;
mod queries;
mod quota;
mod ramp;
mod split;
mod view;
mod working_days;

use std::sync::Arc;

use attain_facts::canonical::Table;
use attain_facts::store::schema;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};

pub(crate) use money::newest_rates;
pub use money::{NewestRate, RateMode};
pub(crate) use person::CREDITED;
pub(crate) use view::View;

/// The columns of a canonical table or credited view.
pub(crate) fn schema_of(name: &str) -> Option<SchemaRef> {
    match View::named(name) {
        None => Table::from_name(name).map(|table| schema::current(table, &[])),
        Some(view) => {
            let mut fields: Vec<Field> = schema::current(view.table(), &[])
                .fields()
                .iter()
                .map(|field| field.as_ref().clone())
                .collect();
            fields.extend(view.derived());
            Some(Arc::new(Schema::new(fields)))
        }
    }
}

/// The table and column that a relation's column comes from; `None` for what the program itself
/// supplies.
pub(crate) fn origin(relation: &str, column: &str) -> Option<(String, String)> {
    match View::named(relation) {
        None => Some((relation.to_owned(), column.to_owned())),
        Some(view) => {
            let (table, column) = view.origin(column)?;
            Some((table.name().to_owned(), column.to_owned()))
        }
    }
}
