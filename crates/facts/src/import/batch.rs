//! Typed rows become columns: a batch of one table under construction.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder, Int64Builder,
    RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::error::DataFusionError;
use rust_decimal::Decimal;

use crate::canonical::{Attribute, Table};
use crate::store::schema;
use crate::value::{Value, days_from_date};

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
    /// Rows of all batches.
    all_rows: i64,
}

impl BatchBuilder {
    pub(super) fn new(table: Table, attributes: &[Attribute]) -> BatchBuilder {
        let schema = schema::staged(table, attributes);
        let columns = schema.fields().iter().map(|field| Column::of(field.data_type())).collect();
        BatchBuilder { schema, has_id: table.id_column().is_some(), columns, rows: 0, all_rows: 0 }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn append(&mut self, row: &StagedRow<'_>) {
        let mut columns = self.columns.iter_mut();
        let mut next = |value: Option<Cell<'_>>| {
            if let Some(column) = columns.next() {
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
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(|column| column.builder.finish()).collect();
        let arrays = arrays
            .into_iter()
            .zip(self.schema.fields())
            .map(|(array, field)| with_zone(array, field.data_type()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays.collect())?;
        self.rows = 0;
        Ok(batch)
    }
}

enum Cell<'a> {
    Text(&'a str),
    Whole(i64),
    Value(&'a Value),
}

/// A column under construction.
struct Column {
    builder: Box<dyn ArrayBuilder>,
    /// Decimal places, where it holds decimals.
    places: u32,
}

impl Column {
    fn of(data_type: &DataType) -> Column {
        let places = match data_type {
            DataType::Decimal128(_, scale) => u32::from(scale.unsigned_abs()),
            _ => 0,
        };
        Column { builder: builder(data_type), places }
    }

    fn append(&mut self, cell: Option<Cell<'_>>) {
        append(self.builder.as_mut(), self.places, cell);
    }
}

fn builder(data_type: &DataType) -> Box<dyn ArrayBuilder> {
    match data_type {
        DataType::Date32 => Box::new(Date32Builder::new()),
        DataType::Timestamp(..) => Box::new(TimestampMicrosecondBuilder::new()),
        DataType::Decimal128(..) => Box::new(Decimal128Builder::new().with_data_type(data_type.clone())),
        DataType::Boolean => Box::new(BooleanBuilder::new()),
        DataType::Int32 => Box::new(Int32Builder::new()),
        DataType::Int64 => Box::new(Int64Builder::new()),
        _ => Box::new(StringBuilder::new()),
    }
}

/// Appends a value to the builder of its type. The mapping has typed every value for its column,
/// so a value and its builder always agree; a disagreement is written as blank.
fn append(column: &mut dyn ArrayBuilder, places: u32, cell: Option<Cell<'_>>) {
    let any = column.as_any_mut();
    if let Some(texts) = any.downcast_mut::<StringBuilder>() {
        texts.append_option(cell.and_then(|cell| match cell {
            Cell::Text(text) => Some(text),
            Cell::Value(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        }));
    } else if let Some(dates) = any.downcast_mut::<Date32Builder>() {
        dates.append_option(cell.and_then(|cell| match cell {
            Cell::Value(Value::Date(day)) => Some(days_from_date(*day)),
            _ => None,
        }));
    } else if let Some(instants) = any.downcast_mut::<TimestampMicrosecondBuilder>() {
        instants.append_option(cell.and_then(|cell| match cell {
            Cell::Value(Value::Timestamp(instant)) => Some(instant.as_microsecond()),
            _ => None,
        }));
    } else if let Some(decimals) = any.downcast_mut::<Decimal128Builder>() {
        decimals.append_option(cell.and_then(|cell| match cell {
            Cell::Value(Value::Decimal(decimal)) => Some(units(*decimal, places)),
            _ => None,
        }));
    } else if let Some(truths) = any.downcast_mut::<BooleanBuilder>() {
        truths.append_option(cell.and_then(|cell| match cell {
            Cell::Value(Value::Boolean(truth)) => Some(*truth),
            _ => None,
        }));
    } else if let Some(wholes) = any.downcast_mut::<Int64Builder>() {
        wholes.append_option(whole(&cell));
    } else if let Some(wholes) = any.downcast_mut::<Int32Builder>() {
        wholes.append_option(whole(&cell).and_then(|number| i32::try_from(number).ok()));
    }
}

fn whole(cell: &Option<Cell<'_>>) -> Option<i64> {
    match cell {
        Some(Cell::Whole(number) | Cell::Value(Value::Whole(number))) => Some(*number),
        _ => None,
    }
}

fn with_zone(array: ArrayRef, data_type: &DataType) -> ArrayRef {
    use datafusion::arrow::array::{AsArray, TimestampMicrosecondArray};
    use datafusion::arrow::datatypes::TimestampMicrosecondType;
    match data_type {
        DataType::Timestamp(_, Some(zone)) => {
            let instants: &TimestampMicrosecondArray = array.as_primitive::<TimestampMicrosecondType>();
            Arc::new(instants.clone().with_timezone(zone.as_ref()))
        }
        _ => array,
    }
}

/// A decimal as a whole number of its last place; the mapping refused finer ones.
fn units(decimal: Decimal, places: u32) -> i128 {
    let scale = decimal.scale();
    let factor = 10i128.pow(places.saturating_sub(scale));
    decimal.mantissa().saturating_mul(factor) / 10i128.pow(scale.saturating_sub(places))
}
