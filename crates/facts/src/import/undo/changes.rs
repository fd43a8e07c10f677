//! What the undo of an import changes in a table, from the versions that the import recorded and
//! those that it replaced.

use std::path::Path;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::common::{JoinType, ScalarValue};
use datafusion::logical_expr::when;
use datafusion::prelude::{DataFrame, Expr, SessionContext, col, ident, lit};
use futures::TryStreamExt;

use super::super::compare::{FATE, HELD_ID, Incoming, TableChanges};
use super::super::fates::Fate;
use super::super::output::Output;
use crate::canonical::{Attribute, Table};
use crate::store::parquet::ParquetWriter;
use crate::store::schema::{
    self, FILE_INDEX, LINE, OPERATION, RECORDED, SOURCE_ID, SOURCE_SYSTEM, STAGED_PLACE, SUPERSEDED,
};
use crate::store::{Snapshot, StoreError};

/// Column of the rows that the import touched.
pub(super) const TOUCHED: &str = "touched_id";

/// The undo of an import, being prepared.
pub(super) struct Undoing<'a> {
    pub(super) context: &'a SessionContext,
    /// What holds now.
    pub(super) held: &'a Snapshot,
    /// The snapshot that the import made; `None` if it changed nothing.
    pub(super) made: Option<i64>,
    pub(super) source_system: &'a str,
    pub(super) scratch: &'a Path,
}

impl Undoing<'_> {
    /// What the undo changes in a table: rows put back, and rows that are gone with the import.
    pub(super) async fn changes(&self, table: Table) -> Result<TableChanges, StoreError> {
        let restored = self.scratch.join(format!("{table}-restored.parquet"));
        let mut changes = TableChanges {
            table,
            incoming: Incoming::Written(restored.clone()),
            gone: None,
            created: 0,
            changed: 0,
            deleted: 0,
            unchanged: 0,
            totals: Vec::new(),
        };
        self.write_restored(&restored, &mut changes).await?;
        self.write_gone(&mut changes).await?;
        Ok(changes)
    }

    /// The rows of the import's source that hold now.
    pub(super) async fn current(&self, table: Table) -> Result<DataFrame, StoreError> {
        let rows = self.held.view(self.context, table).await?;
        Ok(rows.filter(col(SOURCE_SYSTEM).eq(lit(self.source_system)))?)
    }

    /// Their superseded versions, deletions included.
    pub(super) async fn history(&self, table: Table) -> Result<DataFrame, StoreError> {
        let rows = self.held.history(self.context, table).await?;
        Ok(rows.filter(col(SOURCE_SYSTEM).eq(lit(self.source_system)))?)
    }

    /// The rows that the import created, changed or deleted, by identifier.
    pub(super) async fn touched(&self, table: Table) -> Result<DataFrame, StoreError> {
        let id = || vec![col(SOURCE_ID).alias(TOUCHED)];
        let made = self.made();
        let past = self.history(table).await?;
        let past = past.filter(col(RECORDED).eq(made.clone()).or(col(SUPERSEDED).eq(made.clone())))?;
        let current = self.current(table).await?.filter(col(RECORDED).eq(made))?;
        Ok(past.select(id())?.union(current.select(id())?)?.distinct()?)
    }

    /// The versions that the import replaced or deleted.
    pub(super) async fn before(&self, table: Table) -> Result<DataFrame, StoreError> {
        let replaced = col(SUPERSEDED).eq(self.made()).and(col(OPERATION).eq(lit("upsert")));
        Ok(self.history(table).await?.filter(replaced)?)
    }

    fn made(&self) -> Expr {
        lit(ScalarValue::Int64(self.made))
    }

    /// Where the undo is written.
    pub(super) fn output<'o>(&'o self, folder: &'o Path) -> Output<'o> {
        Output {
            context: self.context,
            held: Some(self.held),
            attributes: self.held.ever_attributes(),
            source_system: self.source_system,
            number: self.held.number() + 1,
            folder,
        }
    }

    /// The company's own fields of a table.
    pub(super) fn attributes(&self, table: Table) -> Vec<Attribute> {
        self.held.attributes(table)
    }

    /// Writes the versions from before the import, as if they were delivered.
    async fn write_restored(&self, path: &Path, changes: &mut TableChanges) -> Result<(), StoreError> {
        let table = changes.table;
        let now = self.current(table).await?.select(vec![col(SOURCE_ID).alias(HELD_ID)])?;
        let fate =
            when(col(HELD_ID).is_null(), lit(Fate::Created as i32)).otherwise(lit(Fate::Changed as i32))?;
        let mut columns: Vec<Expr> = schema::staged(table, &self.attributes(table))
            .fields()
            .iter()
            .map(|field| ident(field.name()))
            .collect();
        columns.push(col(FATE));
        let restored = self
            .before(table)
            .await?
            .join_on(now, JoinType::Left, [col(SOURCE_ID).eq(col(HELD_ID))])?
            .with_column(FATE, fate)?
            .with_column(FILE_INDEX, lit(0i32))?
            .with_column(LINE, lit(0i64))?
            .with_column(STAGED_PLACE, lit(0i64))?
            .select(columns)?;
        let mut stream = restored.execute_stream().await?;
        let mut writer: Option<ParquetWriter> = None;
        while let Some(batch) = stream.try_next().await? {
            let created = count(&batch, Fate::Created)?;
            changes.created += created;
            changes.changed += batch.num_rows() as u64 - created;
            let writer = match writer.as_mut() {
                Some(writer) => writer,
                None => writer.insert(ParquetWriter::scratch(path.to_owned(), batch.schema())?),
            };
            writer.write(batch)?;
        }
        writer.map(ParquetWriter::finish).transpose()?;
        Ok(())
    }

    /// Writes the rows that hold now and did not before the import.
    async fn write_gone(&self, changes: &mut TableChanges) -> Result<(), StoreError> {
        let table = changes.table;
        let touched = self.touched(table).await?;
        let before = self.before(table).await?.select(vec![col(SOURCE_ID).alias("before_id")])?;
        let gone = self
            .current(table)
            .await?
            .join_on(touched, JoinType::LeftSemi, [col(SOURCE_ID).eq(col(TOUCHED))])?
            .join_on(before, JoinType::LeftAnti, [col(SOURCE_ID).eq(col("before_id"))])?;
        let path = self.scratch.join(format!("{table}-gone.parquet"));
        let mut writer =
            ParquetWriter::scratch(path.clone(), schema::current(table, &self.attributes(table)))?;
        let mut stream = gone.execute_stream().await?;
        while let Some(batch) = stream.try_next().await? {
            writer.write(batch)?;
        }
        changes.deleted = writer.finish()?;
        changes.gone = Some(path);
        Ok(())
    }
}

fn count(batch: &RecordBatch, wanted: Fate) -> Result<u64, StoreError> {
    let fates = batch.column_by_name(FATE).ok_or_else(|| StoreError::MissingColumn(FATE.into()))?;
    let fates = fates.as_primitive::<Int32Type>().iter();
    Ok(fates.filter(|fate| *fate == Some(wanted as i32)).count() as u64)
}
