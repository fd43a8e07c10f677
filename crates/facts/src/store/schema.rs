//! How canonical rows look in Parquet: the business columns of the table and the company's own
//! attributes between the columns every fact has (domain 2.2). Files written before a column
//! existed lack it, and are read as if it were blank.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::canonical::{Attribute, ColumnType, Table};

/// Name of the source system.
pub const SOURCE_SYSTEM: &str = "source_system";
/// The row's identifier in that system.
pub const SOURCE_ID: &str = "source_id";
/// SHA-256 of the canonical row.
pub const ROW_HASH: &str = "row_hash";
/// Number of the snapshot that made this version known.
pub const RECORDED: &str = "recorded_snapshot";
/// Number of the snapshot that replaced or deleted this version; history files only.
pub const SUPERSEDED: &str = "superseded_snapshot";
/// `upsert`, or `delete` for the version that says that a row is gone; history files only.
pub const OPERATION: &str = "op";
/// Position of the delivered file a staged row came from.
pub(crate) const FILE_INDEX: &str = "file_index";
/// Line of that file.
pub(crate) const LINE: &str = "line";
/// Which of the staged rows of its table a row is, from 0.
pub(crate) const STAGED_PLACE: &str = "staged_place";

/// Columns of a `current` file: the versions that hold now.
#[must_use]
pub fn current(table: Table, attributes: &[Attribute]) -> SchemaRef {
    let mut fields = identifying(table, attributes);
    fields.push(Field::new(RECORDED, DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// Columns of a `history` file: versions that held once.
#[must_use]
pub fn history(table: Table, attributes: &[Attribute]) -> SchemaRef {
    let mut fields = identifying(table, attributes);
    fields.push(Field::new(RECORDED, DataType::Int64, false));
    fields.push(Field::new(SUPERSEDED, DataType::Int64, true));
    fields.push(Field::new(OPERATION, DataType::Utf8, false));
    Arc::new(Schema::new(fields))
}

/// Columns of rows that were read but not yet compared with what is known.
pub(crate) fn staged(table: Table, attributes: &[Attribute]) -> SchemaRef {
    let mut fields = identifying(table, attributes);
    fields.push(Field::new(FILE_INDEX, DataType::Int32, false));
    fields.push(Field::new(LINE, DataType::Int64, false));
    fields.push(Field::new(STAGED_PLACE, DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// Identifier, source, business columns and attributes, and the hash.
fn identifying(table: Table, attributes: &[Attribute]) -> Vec<Field> {
    let identifier = table.id_column().map(|name| Field::new(name, DataType::Utf8, false));
    let source = [SOURCE_SYSTEM, SOURCE_ID].map(|name| Field::new(name, DataType::Utf8, false));
    let business = table.columns().iter().map(|column| Field::new(column.name, data_type(column.kind), true));
    let own = attributes
        .iter()
        .map(|attribute| Field::new(attribute.column(), data_type(attribute.kind.column_type()), true));
    let hash = Field::new(ROW_HASH, DataType::Utf8, false);
    identifier.into_iter().chain(source).chain(business).chain(own).chain([hash]).collect()
}

fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text
        | ColumnType::PersonalText
        | ColumnType::TimeZone
        | ColumnType::Currency
        | ColumnType::Choice(_)
        | ColumnType::Reference(_)
        | ColumnType::Subject(_) => DataType::Utf8,
        ColumnType::Date | ColumnType::Month => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Decimal | ColumnType::Amount | ColumnType::Share | ColumnType::Rate => {
            DataType::Decimal128(28, kind.places() as i8)
        }
        ColumnType::Count => DataType::Int64,
        ColumnType::Boolean => DataType::Boolean,
    }
}
