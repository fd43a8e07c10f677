//! How the current rows of a table lie: in which file, and in which order there.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::row::{Row, RowConverter, SortField};
use datafusion::common::DFSchema;
use datafusion::error::DataFusionError;
use datafusion::functions::unicode::expr_fn::left;
use datafusion::logical_expr::{Cast, when};
use datafusion::physical_expr::expressions::col as column;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::prelude::{Expr, SessionContext, col, ident, lit};

use crate::canonical::{Layout, Table};
use crate::store::StoreError;
use crate::store::schema::SOURCE_ID;

/// Column of the partition that a row belongs to, which names its file.
pub(super) const PARTITION: &str = "partition_key";

/// The partition that a row of a table belongs to.
pub(super) fn partition(table: Table) -> Result<Expr, StoreError> {
    let partition = match table.definition().layout {
        Layout::Together => lit("all"),
        Layout::Monthly { of, .. } => when(ident(of).is_not_null(), month(of)).otherwise(lit("undated"))?,
        Layout::Deals => {
            let closed = col("outcome").not_eq(lit("open")).and(col("close_date").is_not_null());
            when(closed, month("close_date")).otherwise(lit("open"))?
        }
    };
    Ok(cast(partition, DataType::Utf8))
}

/// The month of a date or instant, as in 2024-11. By way of its day, an instant is written at a fraction of
/// the cost.
fn month(column: &str) -> Expr {
    left(cast(cast(ident(column), DataType::Date32), DataType::Utf8), lit(7i64))
}

fn cast(expression: Expr, data_type: DataType) -> Expr {
    Expr::Cast(Cast::new(Box::new(expression), data_type))
}

/// The columns that the rows of a partition are ordered by.
pub(super) fn order(table: Table) -> Vec<&'static str> {
    let sorted_by = match table.definition().layout {
        Layout::Together => None,
        Layout::Monthly { sorted_by, .. } => Some(sorted_by),
        // One person's deals lie together, so that their questions read little.
        Layout::Deals => Some("owner_id"),
    };
    sorted_by.into_iter().chain([SOURCE_ID]).collect()
}

/// The columns that decide where a row of a table lies.
pub(super) fn deciding(table: Table) -> Result<HashSet<String>, StoreError> {
    let partition = partition(table)?;
    let named = partition.column_refs().into_iter().map(|column| column.name.clone());
    Ok(named.chain(order(table).into_iter().map(str::to_owned)).collect())
}

/// Puts batches of a table's rows in order.
pub(super) struct RowOrder {
    partition: Arc<dyn PhysicalExpr>,
    /// The columns of the rows, and their partition behind.
    schema: SchemaRef,
    by: LexOrdering,
}

impl RowOrder {
    /// `rows` are the columns that the rows have.
    pub(super) fn of(table: Table, rows: &SchemaRef) -> Result<RowOrder, StoreError> {
        let named = DFSchema::try_from(Arc::clone(rows))?;
        let partition = SessionContext::new().create_physical_expr(partition(table)?, &named)?;
        let behind = [Arc::new(Field::new(PARTITION, DataType::Utf8, false))];
        let schema = Arc::new(Schema::new(rows.fields().iter().cloned().chain(behind).collect::<Vec<_>>()));
        let by = [PARTITION].into_iter().chain(order(table)).map(|name| column(name, &schema));
        let by = by.map(|by| by.map(PhysicalSortExpr::new_default)).collect::<Result<Vec<_>, _>>()?;
        let by = LexOrdering::new(by).ok_or_else(|| StoreError::MissingColumn(PARTITION.to_owned()))?;
        Ok(RowOrder { partition, schema, by })
    }

    /// The columns of the rows, and their partition behind.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn by(&self) -> &LexOrdering {
        &self.by
    }

    /// Rows with the partition that they belong to.
    pub(super) fn partitioned(&self, rows: &RecordBatch) -> Result<RecordBatch, DataFusionError> {
        let partition: ArrayRef = self.partition.evaluate(rows)?.into_array(rows.num_rows())?;
        let columns = rows.columns().iter().cloned().chain([partition]).collect();
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    /// Rows in their order.
    pub(super) fn sorted(&self, rows: &RecordBatch) -> Result<RecordBatch, DataFusionError> {
        let rows_and_partition = self.partitioned(rows)?;
        let columns = self.by.iter().map(|by| by.evaluate_to_sort_column(&rows_and_partition));
        let columns: Vec<ArrayRef> = columns.map(|by| by.map(|by| by.values)).collect::<Result<_, _>>()?;
        let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
        // As bytes that compare like the columns do all together.
        let keys = RowConverter::new(fields.collect())?.convert_columns(&columns)?;
        let mut order: Vec<(Row<'_>, u32)> = keys.iter().zip(0..).collect();
        order.sort_unstable();
        let order: UInt32Array = order.into_iter().map(|(_, row)| Some(row)).collect();
        Ok(take_record_batch(rows, &order)?)
    }
}
