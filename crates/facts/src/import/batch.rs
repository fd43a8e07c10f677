//! Typed rows become columns: a batch of one table under construction.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder, Int64Builder, RecordBatch,
    StringBuilder, TimestampMicrosecondBuilder, new_null_array,
};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::error::DataFusionError;
use rust_decimal::Decimal;

use crate::canonical::{Attribute, Table};
use crate::store::schema;
use crate::value::{Value, days_from_date};

/// What a cell takes in memory beside its text, roughly.
const CELL_BYTES: usize = 8;

/// A row with its identity resolved and its hash computed.
pub(super) struct StagedRow<'a> {
    pub(super) id: Option<String>,
    pub(super) source_system: &'a str,
    pub(super) source_id: &'a str,
    pub(super) values: &'a [Option<Value>],
    pub(super) row_hash: &'a str,
    pub(super) file_index: i32,
    pub(super) line: i64,
}

/// Rows of one table, collected column by column.
pub(super) struct BatchBuilder {
    schema: SchemaRef,
    has_id: bool,
    columns: Vec<Column>,
    /// Rows of the batch under construction.
    rows: usize,
    /// What their texts take in memory.
    text_bytes: usize,
    /// Rows of all batches.
    all_rows: i64,
}

impl BatchBuilder {
    pub(super) fn new(table: Table, attributes: &[Attribute]) -> BatchBuilder {
        let schema = schema::staged(table, attributes);
        let columns = schema.fields().iter().map(|field| Column::of(field.data_type())).collect();
        BatchBuilder {
            schema,
            has_id: table.id_column().is_some(),
            columns,
            rows: 0,
            text_bytes: 0,
            all_rows: 0,
        }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// What the batch under construction takes in memory, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.text_bytes + self.rows * self.columns.len() * CELL_BYTES
    }

    /// Columns that no row filled.
    pub(super) fn blank_columns(&self) -> BTreeSet<String> {
        let blank = self.schema.fields().iter().zip(&self.columns).filter(|(_, column)| !column.is_filled);
        blank.map(|(field, _)| field.name().clone()).collect()
    }

    pub(super) fn append(&mut self, row: &StagedRow<'_>) {
        let mut columns = self.columns.iter_mut();
        let mut next = |value: Option<Cell<'_>>| {
            if let Some(column) = columns.next() {
                self.text_bytes += value.as_ref().map_or(0, Cell::text_bytes);
                column.append(value);
            }
        };
        if self.has_id {
            next(row.id.as_deref().map(Cell::Text));
        }
        next(Some(Cell::Text(row.source_system)));
        next(Some(Cell::Text(row.source_id)));
        for value in row.values {
            next(value.as_ref().map(Cell::Value));
        }
        next(Some(Cell::Text(row.row_hash)));
        next(Some(Cell::Whole(i64::from(row.file_index))));
        next(Some(Cell::Whole(row.line)));
        next(Some(Cell::Whole(self.all_rows)));
        self.rows += 1;
        self.all_rows += 1;
    }

    /// The batch so far; the builder starts anew.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, DataFusionError> {
        let rows = std::mem::take(&mut self.rows);
        self.text_bytes = 0;
        let columns = self.columns.iter_mut().zip(self.schema.fields());
        let arrays = columns.map(|(column, field)| column.finish(field.data_type(), rows));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), arrays.collect())?)
    }
}

enum Cell<'a> {
    Text(&'a str),
    Whole(i64),
    Value(&'a Value),
}

impl Cell<'_> {
    fn text_bytes(&self) -> usize {
        match self {
            Cell::Text(text) => text.len(),
            Cell::Value(Value::Text(text)) => text.len(),
            _ => 0,
        }
    }
}

/// A column under construction.
struct Column {
    values: Values,
    /// Blank cells behind the values: most columns of most deliveries have no others, and these cost
    /// next to nothing.
    blanks: usize,
    /// Whether any row filled it.
    is_filled: bool,
}

enum Values {
    Text(StringBuilder),
    Date(Date32Builder),
    Instant(TimestampMicrosecondBuilder),
    /// With its places.
    Decimal(Decimal128Builder, u32),
    Truth(BooleanBuilder),
    Whole(Int64Builder),
    SmallWhole(Int32Builder),
}

impl Column {
    fn of(data_type: &DataType) -> Column {
        let values = match data_type {
            DataType::Date32 => Values::Date(Date32Builder::new()),
            DataType::Timestamp(..) => {
                Values::Instant(TimestampMicrosecondBuilder::new().with_data_type(data_type.clone()))
            }
            DataType::Decimal128(_, scale) => Values::Decimal(
                Decimal128Builder::new().with_data_type(data_type.clone()),
                u32::from(scale.unsigned_abs()),
            ),
            DataType::Boolean => Values::Truth(BooleanBuilder::new()),
            DataType::Int32 => Values::SmallWhole(Int32Builder::new()),
            DataType::Int64 => Values::Whole(Int64Builder::new()),
            _ => Values::Text(StringBuilder::new()),
        };
        Column { values, blanks: 0, is_filled: false }
    }

    /// Appends a cell. The mapping has typed every value for its column, so that both always agree; a
    /// disagreement is written as blank.
    fn append(&mut self, cell: Option<Cell<'_>>) {
        let Some(cell) = cell else {
            self.blanks += 1;
            return;
        };
        self.append_blanks();
        self.is_filled = true;
        match (&mut self.values, cell) {
            (Values::Text(texts), Cell::Text(text)) => texts.append_value(text),
            (Values::Text(texts), Cell::Value(Value::Text(text))) => texts.append_value(text),
            (Values::Date(dates), Cell::Value(Value::Date(day))) => dates.append_value(days_from_date(*day)),
            (Values::Instant(instants), Cell::Value(Value::Timestamp(instant))) => {
                instants.append_value(instant.as_microsecond());
            }
            (Values::Decimal(decimals, places), Cell::Value(Value::Decimal(decimal))) => {
                decimals.append_value(units(*decimal, *places));
            }
            (Values::Truth(truths), Cell::Value(Value::Boolean(truth))) => truths.append_value(*truth),
            (Values::Whole(wholes), Cell::Whole(number) | Cell::Value(&Value::Whole(number))) => {
                wholes.append_value(number);
            }
            (Values::SmallWhole(wholes), Cell::Whole(number) | Cell::Value(&Value::Whole(number))) => {
                wholes.append_option(i32::try_from(number).ok());
            }
            _ => self.blanks += 1,
        }
    }

    fn append_blanks(&mut self) {
        if self.blanks == 0 {
            return;
        }
        let blanks = std::mem::take(&mut self.blanks);
        match &mut self.values {
            Values::Text(texts) => texts.append_nulls(blanks),
            Values::Date(dates) => dates.append_nulls(blanks),
            Values::Instant(instants) => instants.append_nulls(blanks),
            Values::Decimal(decimals, _) => decimals.append_nulls(blanks),
            Values::Truth(truths) => truths.append_nulls(blanks),
            Values::Whole(wholes) => wholes.append_nulls(blanks),
            Values::SmallWhole(wholes) => wholes.append_nulls(blanks),
        }
    }

    fn finish(&mut self, data_type: &DataType, rows: usize) -> ArrayRef {
        if self.blanks == rows {
            self.blanks = 0;
            return new_null_array(data_type, rows);
        }
        self.append_blanks();
        match &mut self.values {
            Values::Text(texts) => Arc::new(texts.finish()),
            Values::Date(dates) => Arc::new(dates.finish()),
            Values::Instant(instants) => Arc::new(instants.finish()),
            Values::Decimal(decimals, _) => Arc::new(decimals.finish()),
            Values::Truth(truths) => Arc::new(truths.finish()),
            Values::Whole(wholes) => Arc::new(wholes.finish()),
            Values::SmallWhole(wholes) => Arc::new(wholes.finish()),
        }
    }
}

/// A decimal as a whole number of its last place; the mapping refused finer ones.
fn units(decimal: Decimal, places: u32) -> i128 {
    let scale = decimal.scale();
    let factor = 10i128.pow(places.saturating_sub(scale));
    decimal.mantissa().saturating_mul(factor) / 10i128.pow(scale.saturating_sub(places))
}
