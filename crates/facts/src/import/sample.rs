//! Rows as they will be: a sample of a delivery, typed, in which references are shown by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::prelude::{DataFrame, SessionContext, col, ident, lit};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::compare::{FATE, Staged, TableChanges};
use super::fates::{Fate, RowFates};
use super::identity::referred;
use crate::canonical::{Attributes, Table};
use crate::mapping::Mapping;
use crate::store::schema::{self, FILE_INDEX, LINE, SOURCE_ID};
use crate::store::{Snapshot, StoreError, read_parquet};
use crate::value::{Value, date_from_days};

/// Rows of a sample.
const SAMPLE_ROWS: usize = 20;

/// The first rows of a table that a delivery creates or changes, or that it confirms if it does
/// neither, in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSample {
    /// The table.
    pub table: Table,
    /// The columns that the mapping supplies.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<SampleRow>,
}

/// A row as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRow {
    /// Its identifier in the source.
    pub source_id: String,
    /// What happens to it.
    pub fate: SampleFate,
    /// A value per column; references by the name of what they lead to, or by its identifier in the
    /// source where it has no name.
    pub cells: Vec<Option<Value>>,
}

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFate {
    /// It is new.
    Created,
    /// It is known and now says something else.
    Changed,
    /// It says what is known.
    Unchanged,
}

/// What a sample is taken from.
pub(super) struct Sampling<'a> {
    pub(super) context: &'a SessionContext,
    pub(super) mapping: &'a Mapping,
    pub(super) held: Option<&'a Snapshot>,
    pub(super) attributes: &'a Attributes,
    /// Where the staged rows of each table lie.
    pub(super) staged: &'a BTreeMap<Table, PathBuf>,
}

impl Sampling<'_> {
    /// The sample of one table.
    pub(super) async fn of(
        &self,
        staged: &Staged<'_>,
        changes: &TableChanges,
        fates: &RowFates,
    ) -> Result<TableSample, StoreError> {
        let rows = match changes.created + changes.changed {
            0 => staged.accepted(fates)?.with_column(FATE, lit(Fate::Unchanged as i32))?,
            _ => changes.incoming_rows(self.context, &staged.attributes)?,
        };
        let order = vec![col(FILE_INDEX).sort(true, true), col(LINE).sort(true, true)];
        let found = rows.sort(order)?.limit(0, Some(SAMPLE_ROWS))?.collect().await?;
        let columns = self.columns(changes.table);
        let mut rows = Vec::new();
        for batch in &found {
            rows.extend(rows_of(batch, &columns)?);
        }
        self.name_references(changes.table, &columns, &mut rows).await?;
        Ok(TableSample { table: changes.table, columns, rows })
    }

    /// The columns that the mapping supplies, in the table's order, and the company's own behind.
    fn columns(&self, table: Table) -> Vec<String> {
        let mapped =
            || self.mapping.files.iter().flat_map(|file| &file.tables).filter(|into| into.table == table);
        let is_mapped = |position: usize| mapped().any(|into| into.columns[position].is_some());
        let business = table.columns().iter().enumerate().filter(|(position, _)| is_mapped(*position));
        let own = self.attributes.of(table).into_iter();
        let own = own.filter(|attribute| mapped().any(|into| into.attributes.contains_key(&attribute.name)));
        business
            .map(|(_, column)| column.name.to_owned())
            .chain(own.map(|attribute| attribute.column()))
            .collect()
    }

    /// Puts names where references hold ids.
    async fn name_references(
        &self,
        table: Table,
        columns: &[String],
        rows: &mut [SampleRow],
    ) -> Result<(), StoreError> {
        let mut wanted: BTreeMap<Table, BTreeSet<String>> = BTreeMap::new();
        for row in rows.iter() {
            for (target, position) in references(table, columns, row) {
                if let Some(Value::Text(id)) = &row.cells[position] {
                    wanted.entry(target).or_default().insert(id.clone());
                }
            }
        }
        let mut names = HashMap::new();
        for (target, ids) in &wanted {
            names.extend(self.names(*target, ids).await?);
        }
        for row in rows.iter_mut() {
            for (_, position) in references(table, columns, row) {
                if let Some(Value::Text(id)) = &mut row.cells[position]
                    && let Some(name) = names.get(id)
                {
                    *id = name.clone();
                }
            }
        }
        Ok(())
    }

    /// Names by id, those of the delivery before those that are known.
    async fn names(
        &self,
        table: Table,
        ids: &BTreeSet<String>,
    ) -> Result<HashMap<String, String>, StoreError> {
        let Some(id) = table.id_column() else { return Ok(HashMap::new()) };
        let mut names = HashMap::new();
        let mut add = async |rows: DataFrame| -> Result<(), StoreError> {
            let named = match ["display_name", "name"].into_iter().find(|name| table.column(name).is_some()) {
                Some(name) => coalesce(vec![ident(name), col(SOURCE_ID)]),
                None => col(SOURCE_ID),
            };
            let wanted = ids.iter().map(|id| lit(id.as_str())).collect();
            let rows = rows.filter(ident(id).in_list(wanted, false))?;
            for batch in rows.select(vec![ident(id), named.alias("named")])?.collect().await? {
                let (ids, found): (&StringArray, &StringArray) =
                    (batch.column(0).as_string(), batch.column(1).as_string());
                let pairs = ids.iter().flatten().zip(found.iter().flatten());
                names.extend(pairs.map(|(id, name)| (id.to_owned(), name.to_owned())));
            }
            Ok(())
        };
        if let Some(held) = self.held {
            add(held.view(self.context, table).await?).await?;
        }
        if let Some(path) = self.staged.get(&table) {
            let schema = schema::staged(table, &self.attributes.of(table));
            add(read_parquet(self.context, std::slice::from_ref(path), schema)?).await?;
        }
        Ok(names)
    }
}

/// The positions of a row's references and the tables they lead to.
fn references(table: Table, columns: &[String], row: &SampleRow) -> Vec<(Table, usize)> {
    let position = |name: &str| columns.iter().position(|column| column == name);
    let value = |name: &str| position(name).and_then(|position| row.cells[position].clone());
    let values: Vec<Option<Value>> = table.columns().iter().map(|column| value(column.name)).collect();
    let referring = table
        .columns()
        .iter()
        .filter_map(|column| Some((referred(table, column.kind, &values)?, position(column.name)?)));
    referring.collect()
}

fn rows_of(batch: &RecordBatch, columns: &[String]) -> Result<Vec<SampleRow>, StoreError> {
    let column =
        |name: &str| batch.column_by_name(name).ok_or_else(|| StoreError::MissingColumn(name.to_owned()));
    let ids: &StringArray = column(SOURCE_ID)?.as_string();
    let fates: &Int32Array = column(FATE)?.as_primitive::<Int32Type>();
    let arrays = columns.iter().map(|name| column(name)).collect::<Result<Vec<&ArrayRef>, _>>()?;
    let row = |row: usize| SampleRow {
        source_id: ids.value(row).to_owned(),
        fate: match fates.value(row) {
            fate if fate == Fate::Created as i32 => SampleFate::Created,
            fate if fate == Fate::Changed as i32 => SampleFate::Changed,
            _ => SampleFate::Unchanged,
        },
        cells: arrays.iter().map(|array| value(array, row)).collect(),
    };
    Ok((0..batch.num_rows()).map(row).collect())
}

/// The value in a row of a column.
fn value(array: &ArrayRef, row: usize) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 => Some(Value::Text(array.as_string::<i32>().value(row).to_owned())),
        DataType::Date32 => Some(Value::Date(date_from_days(array.as_primitive::<Date32Type>().value(row)))),
        DataType::Timestamp(..) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            Timestamp::from_microsecond(micros).ok().map(Value::Timestamp)
        }
        DataType::Decimal128(_, scale) => {
            let units = array.as_primitive::<Decimal128Type>().value(row);
            let decimal = Decimal::try_from_i128_with_scale(units, u32::from(scale.unsigned_abs()));
            decimal.ok().map(|decimal| Value::Decimal(decimal.normalize()))
        }
        DataType::Boolean => Some(Value::Boolean(array.as_boolean().value(row))),
        DataType::Int64 => Some(Value::Whole(array.as_primitive::<Int64Type>().value(row))),
        _ => None,
    }
}
