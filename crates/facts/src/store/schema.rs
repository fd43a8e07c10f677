//! How canonical rows look in Parquet: the business columns of the table between the columns
//! every fact has (domain 2.2).

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::canonical::{ColumnType, Table};

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

/// Columns of a `current` file: the versions that hold now.
#[must_use]
pub fn current(table: Table) -> SchemaRef {
    let mut fields = identifying(table);
    fields.push(Field::new(RECORDED, DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// Columns of a `history` file: versions that held once.
#[must_use]
pub fn history(table: Table) -> SchemaRef {
    let mut fields = identifying(table);
    fields.push(Field::new(RECORDED, DataType::Int64, false));
    fields.push(Field::new(SUPERSEDED, DataType::Int64, true));
    fields.push(Field::new(OPERATION, DataType::Utf8, false));
    Arc::new(Schema::new(fields))
}

/// Columns of rows that were read but not yet compared with what is known.
pub(crate) fn staged(table: Table) -> SchemaRef {
    let mut fields = identifying(table);
    fields.push(Field::new(FILE_INDEX, DataType::Int32, false));
    fields.push(Field::new(LINE, DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// Identifier, source and business columns, and the hash.
fn identifying(table: Table) -> Vec<Field> {
    let identifier = table.id_column().map(|name| Field::new(name, DataType::Utf8, false));
    let source = [SOURCE_SYSTEM, SOURCE_ID].map(|name| Field::new(name, DataType::Utf8, false));
    let business = table.columns().iter().map(|column| Field::new(column.name, data_type(column.kind), true));
    let hash = Field::new(ROW_HASH, DataType::Utf8, false);
    identifier.into_iter().chain(source).chain(business).chain([hash]).collect()
}

fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text | ColumnType::PersonalText | ColumnType::Choice(_) | ColumnType::Reference(_) => {
            DataType::Utf8
        }
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Decimal | ColumnType::Amount => DataType::Decimal128(28, 6),
        ColumnType::Boolean => DataType::Boolean,
    }
}
