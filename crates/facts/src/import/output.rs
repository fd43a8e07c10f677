//! Writing a delivery: the current files of touched partitions anew, and history for what they
//! replace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::{JoinType, ScalarValue};
use datafusion::logical_expr::Cast;
use datafusion::prelude::{DataFrame, Expr, SessionContext, col, ident, lit};
use futures::TryStreamExt;

use super::ImportError;
use super::compare::{FATE, TableChanges, partition};
use super::fates::Fate;
use super::progress::{Progress, Watch, tell};
use crate::canonical::{Attributes, Layout, Table};
use crate::store::parquet::ParquetWriter;
use crate::store::schema::{self, OPERATION, RECORDED, SOURCE_ID, SOURCE_SYSTEM, SUPERSEDED};
use crate::store::{FileKind, NewFile, Snapshot, StoreError, read_parquet};

const PARTITION: &str = "partition_key";

/// What a table's output is made of.
pub(super) struct Output<'a> {
    pub(super) context: &'a SessionContext,
    pub(super) held: Option<&'a Snapshot>,
    /// The company's own fields, those of this delivery included.
    pub(super) attributes: &'a Attributes,
    pub(super) source_system: &'a str,
    /// Number of the snapshot to be.
    pub(super) number: i64,
    pub(super) folder: &'a Path,
}

/// The files of one table: written, and replaced by them.
#[derive(Default)]
pub(super) struct Written {
    pub(super) new: Vec<NewFile>,
    pub(super) superseded: Vec<PathBuf>,
}

impl Output<'_> {
    /// Writes what changed in all tables, or leaves nothing behind.
    pub(super) async fn write_all(
        &self,
        changes: &[TableChanges],
        watch: &Watch<'_>,
    ) -> Result<Written, ImportError> {
        self.remove_leftovers()?;
        let mut written = Written::default();
        for change in changes.iter().filter(|change| !change.is_empty()) {
            let table = match tell(watch, Progress::Writing(change.table)) {
                Ok(()) => self.write(change).await.map_err(ImportError::from),
                Err(stopped) => Err(stopped),
            };
            match table {
                Ok(table) => {
                    written.new.extend(table.new);
                    written.superseded.extend(table.superseded);
                }
                Err(error) => {
                    // What cannot be removed now goes before the next import writes.
                    let _ = self.remove_leftovers();
                    return Err(error);
                }
            }
        }
        Ok(written)
    }

    /// Removes files with the number of the snapshot to be: an import that failed or was killed
    /// left them, and no snapshot names them.
    fn remove_leftovers(&self) -> Result<(), StoreError> {
        let ending = self.ending();
        for table in Table::ALL {
            let Ok(entries) = std::fs::read_dir(self.folder.join(table.name())) else { continue };
            for entry in
                entries.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(&ending))
            {
                let path = entry.path();
                std::fs::remove_file(&path).map_err(|error| StoreError::io("remove", &path, error))?;
            }
        }
        Ok(())
    }

    fn current_schema(&self, table: Table) -> SchemaRef {
        schema::current(table, &self.attributes.of(table))
    }

    fn history_schema(&self, table: Table) -> SchemaRef {
        schema::history(table, &self.attributes.of(table))
    }

    /// How the names of the files end that this import writes.
    fn ending(&self) -> String {
        format!("-{:06}.parquet", self.number)
    }

    /// Writes what changed in a table.
    async fn write(&self, changes: &TableChanges) -> Result<Written, StoreError> {
        let table = changes.table;
        let incoming = self.incoming(changes)?;
        let mut written = Written::default();
        let mut rows = incoming.clone();
        let mut touched = self.partitions_of(incoming, table).await?;
        if let Some(held) = self.held {
            let replaced = self.replaced(held, changes).await?;
            touched.extend(self.partitions_of(replaced.clone(), table).await?);
            let kept = held.partitions(self.context, table, &|part| touched.contains(part)).await?;
            let keys = replaced.clone().select(vec![
                col(SOURCE_SYSTEM).alias("replaced_system"),
                col(SOURCE_ID).alias("replaced_id"),
            ])?;
            let same = [col(SOURCE_SYSTEM).eq(col("replaced_system")), col(SOURCE_ID).eq(col("replaced_id"))];
            rows = keys
                .join_on(kept, JoinType::RightAnti, same)?
                .select(columns(&self.current_schema(table)))?
                .union(rows)?;
            written.superseded = held
                .current_files(table)
                .filter(|file| touched.contains(&file.partition))
                .map(|file| file.path.clone())
                .collect();
            written.new.extend(self.write_history(replaced, changes).await?);
        }
        written.new.extend(self.write_current(rows, table).await?);
        Ok(written)
    }

    fn incoming(&self, changes: &TableChanges) -> Result<DataFrame, StoreError> {
        let rows = self.staged(changes, None)?.with_column(RECORDED, lit(self.number))?;
        Ok(rows.select(columns(&self.current_schema(changes.table)))?)
    }

    /// Rows created or changed, or only those of one fate.
    fn staged(&self, changes: &TableChanges, only: Option<Fate>) -> Result<DataFrame, StoreError> {
        let rows = changes.incoming_rows(self.context, &self.attributes.of(changes.table))?;
        Ok(match only {
            Some(fate) => rows.filter(col(FATE).eq(lit(fate as i32)))?,
            None => rows,
        })
    }

    /// Versions that hold no longer: those changed and those gone.
    async fn replaced(&self, held: &Snapshot, changes: &TableChanges) -> Result<DataFrame, StoreError> {
        let own = held
            .view(self.context, changes.table)
            .await?
            .filter(col(SOURCE_SYSTEM).eq(lit(self.source_system)))?;
        let changed =
            self.staged(changes, Some(Fate::Changed))?.select(vec![col(SOURCE_ID).alias("changed_id")])?;
        let replaced = changed.join_on(own, JoinType::RightSemi, [col("changed_id").eq(col(SOURCE_ID))])?;
        let replaced = replaced.select(columns(&self.current_schema(changes.table)))?;
        match &changes.gone {
            Some(_) => Ok(replaced.union(self.gone(changes)?)?),
            None => Ok(replaced),
        }
    }

    fn gone(&self, changes: &TableChanges) -> Result<DataFrame, StoreError> {
        let paths: Vec<PathBuf> = changes.gone.clone().into_iter().collect();
        read_parquet(self.context, &paths, self.current_schema(changes.table))
    }

    async fn write_history(
        &self,
        replaced: DataFrame,
        changes: &TableChanges,
    ) -> Result<Option<NewFile>, StoreError> {
        if changes.changed + changes.deleted == 0 {
            return Ok(None);
        }
        let schema = self.history_schema(changes.table);
        let closed = replaced
            .with_column(SUPERSEDED, lit(self.number))?
            .with_column(OPERATION, lit("upsert"))?
            .select(columns(&schema))?;
        let deletions = self
            .gone(changes)?
            .with_column(RECORDED, lit(self.number))?
            .with_column(SUPERSEDED, lit(ScalarValue::Int64(None)))?
            .with_column(OPERATION, lit("delete"))?
            .select(columns(&schema))?;
        let path = PathBuf::from(changes.table.name()).join(format!("history{}", self.ending()));
        let mut writer = ParquetWriter::create(self.folder.join(&path), schema)?;
        let mut stream = closed.union(deletions)?.execute_stream().await?;
        while let Some(batch) = stream.try_next().await? {
            writer.write(&conformed(&batch, &self.history_schema(changes.table))?)?;
        }
        let rows = writer.finish()?;
        Ok(Some(NewFile {
            path,
            table: changes.table,
            kind: FileKind::History,
            partition: "all".into(),
            rows,
        }))
    }

    async fn write_current(&self, rows: DataFrame, table: Table) -> Result<Vec<NewFile>, StoreError> {
        let mut order = vec![col(PARTITION).sort(true, true)];
        match table.definition().layout {
            Layout::Together => {}
            Layout::Monthly { sorted_by, .. } => order.push(ident(sorted_by).sort(true, true)),
            // One person's deals lie together, so that their questions read little.
            Layout::Deals => order.push(col("owner_id").sort(true, true)),
        }
        order.push(col(SOURCE_ID).sort(true, true));
        let mut stream =
            rows.with_column(PARTITION, text(partition(table)?))?.sort(order)?.execute_stream().await?;
        let schema = self.current_schema(table);
        let mut files: Vec<NewFile> = Vec::new();
        let mut open: Option<(String, ParquetWriter)> = None;
        while let Some(batch) = stream.try_next().await? {
            for (part, rows) in runs(&batch)? {
                if open.as_ref().is_none_or(|(name, _)| *name != part) {
                    files.extend(self.close(open.take(), table)?);
                    let path = self.folder.join(self.path(table, &part));
                    let writer = ParquetWriter::create(path, SchemaRef::clone(&schema))?;
                    open = Some((part, writer));
                }
                if let Some((_, writer)) = &mut open {
                    writer.write(&conformed(&rows, &schema)?)?;
                }
            }
        }
        files.extend(self.close(open.take(), table)?);
        Ok(files)
    }

    fn close(
        &self,
        open: Option<(String, ParquetWriter)>,
        table: Table,
    ) -> Result<Option<NewFile>, StoreError> {
        let Some((partition, writer)) = open else { return Ok(None) };
        let rows = writer.finish()?;
        Ok(Some(NewFile {
            path: self.path(table, &partition),
            table,
            kind: FileKind::Current,
            partition,
            rows,
        }))
    }

    fn path(&self, table: Table, partition: &str) -> PathBuf {
        PathBuf::from(table.name()).join(format!("current-{partition}{}", self.ending()))
    }

    async fn partitions_of(&self, rows: DataFrame, table: Table) -> Result<BTreeSet<String>, StoreError> {
        let found =
            rows.select(vec![text(partition(table)?).alias(PARTITION)])?.distinct()?.collect().await?;
        let names = found.iter().flat_map(|batch| {
            let parts: &StringArray = batch.column(0).as_string();
            (0..batch.num_rows()).map(|row| parts.value(row).to_owned()).collect::<Vec<_>>()
        });
        Ok(names.collect())
    }
}

fn columns(schema: &Schema) -> Vec<Expr> {
    schema.fields().iter().map(|field| ident(field.name())).collect()
}

fn text(expression: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expression), DataType::Utf8))
}

/// The batch as a file of a fixed schema holds it: its columns in their order.
fn conformed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, StoreError> {
    let arrays = schema
        .fields()
        .iter()
        .map(|field| {
            batch
                .column_by_name(field.name())
                .cloned()
                .ok_or_else(|| StoreError::MissingColumn(field.name().clone()))
        })
        .collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new(std::sync::Arc::clone(schema), arrays)?)
}

/// Consecutive rows of the same partition, in a batch that is sorted by it.
fn runs(batch: &RecordBatch) -> Result<Vec<(String, RecordBatch)>, StoreError> {
    let parts = batch.column_by_name(PARTITION).ok_or_else(|| StoreError::MissingColumn(PARTITION.into()))?;
    let parts: &StringArray = parts.as_string();
    let mut runs = Vec::new();
    let mut start = 0;
    for row in 1..=batch.num_rows() {
        if row == batch.num_rows() || parts.value(row) != parts.value(start) {
            runs.push((parts.value(start).to_owned(), batch.slice(start, row - start)));
            start = row;
        }
    }
    Ok(runs)
}
