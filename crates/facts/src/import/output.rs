//! Writing a delivery: the current files of touched partitions anew, and history for what they
//! replace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, new_null_array};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::{JoinType, ScalarValue};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::{DataFrame, Expr, SessionContext, col, ident, lit};
use futures::{StreamExt, TryStreamExt};

use super::ImportError;
use super::compare::{FATE, Incoming, TableChanges};
use super::fates::Fate;
use super::layout::{PARTITION, order, partition};
use super::progress::{Progress, Watch, tell};
use super::runs::Runs;
use crate::canonical::{Attributes, Table};
use crate::store::parquet::{Closing, ParquetWriter};
use crate::store::schema::{self, OPERATION, RECORDED, SOURCE_ID, SOURCE_SYSTEM, SUPERSEDED};
use crate::store::{FileKind, NewFile, Snapshot, StoreError, read_parquet};

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
        let Some(held) = self.held.filter(|held| held.current_files(table).next().is_some()) else {
            let new = self.write_current(self.all_new(changes).await?, table).await?;
            return Ok(Written { new, superseded: Vec::new() });
        };
        let incoming = self.incoming(changes)?;
        let mut touched = self.partitions_of(incoming.clone(), table).await?;
        let replaced = self.replaced(held, changes).await?;
        touched.extend(self.partitions_of(replaced.clone(), table).await?);
        let kept = held.partitions(self.context, table, &|part| touched.contains(part)).await?;
        let keys = replaced
            .clone()
            .select(vec![col(SOURCE_SYSTEM).alias("replaced_system"), col(SOURCE_ID).alias("replaced_id")])?;
        let same = [col(SOURCE_SYSTEM).eq(col("replaced_system")), col(SOURCE_ID).eq(col("replaced_id"))];
        let rows = keys
            .join_on(kept, JoinType::RightAnti, same)?
            .select(columns(&self.current_schema(table)))?
            .union(incoming)?;
        let superseded = held
            .current_files(table)
            .filter(|file| touched.contains(&file.partition))
            .map(|file| file.path.clone())
            .collect();
        let mut new: Vec<NewFile> = self.write_history(replaced, changes).await?.into_iter().collect();
        new.extend(self.write_current(self.sorted(rows, table).await?, table).await?);
        Ok(Written { new, superseded })
    }

    /// The rows of a table that has none yet, in their order.
    async fn all_new(&self, changes: &TableChanges) -> Result<SendableRecordBatchStream, StoreError> {
        if let Incoming::Staged { path, fates, blank } = &changes.incoming
            && let Some(rows) = (Runs { table: changes.table, path, fates, blank }).merged()?
        {
            return self.completed(rows, changes.table);
        }
        self.sorted(self.incoming(changes)?, changes.table).await
    }

    /// Rows with the columns that all of them have alike: which snapshot made them known, and blank ones.
    fn completed(
        &self,
        rows: SendableRecordBatchStream,
        table: Table,
    ) -> Result<SendableRecordBatchStream, StoreError> {
        let current = self.current_schema(table);
        let partition = Arc::new(Field::new(PARTITION, DataType::Utf8, false));
        let fields: Vec<FieldRef> = current.fields().iter().cloned().chain([partition]).collect();
        let schema = Arc::new(Schema::new(fields));
        let (whole, number) = (Arc::clone(&schema), self.number);
        let complete = move |rows: RecordBatch| {
            let column = |field: &FieldRef| match rows.column_by_name(field.name()) {
                Some(column) => Arc::clone(column),
                None if field.name() == RECORDED => {
                    Arc::new(Int64Array::from_value(number, rows.num_rows())) as ArrayRef
                }
                None => new_null_array(field.data_type(), rows.num_rows()),
            };
            let columns = whole.fields().iter().map(column).collect();
            Ok(RecordBatch::try_new(Arc::clone(&whole), columns)?)
        };
        let rows = rows.map(move |rows| complete(rows?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    /// Rows in their order, each with its partition.
    async fn sorted(&self, rows: DataFrame, table: Table) -> Result<SendableRecordBatchStream, StoreError> {
        let order = [PARTITION].into_iter().chain(order(table)).map(|name| ident(name).sort(true, true));
        let rows = rows.with_column(PARTITION, partition(table)?)?.sort(order.collect())?;
        Ok(rows.execute_stream().await?)
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
            writer.write(conformed(&batch, &self.history_schema(changes.table))?)?;
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

    /// Writes rows that come in their order, each with its partition.
    async fn write_current(
        &self,
        mut rows: SendableRecordBatchStream,
        table: Table,
    ) -> Result<Vec<NewFile>, StoreError> {
        let schema = self.current_schema(table);
        let mut files: Vec<NewFile> = Vec::new();
        let mut open: Option<(String, ParquetWriter)> = None;
        // The end of a file is written while the next one is begun.
        let mut closing: Option<(String, Closing)> = None;
        while let Some(batch) = rows.try_next().await? {
            for (part, rows) in runs(&batch)? {
                if open.as_ref().is_none_or(|(name, _)| *name != part) {
                    files.extend(self.closed(closing.take(), table)?);
                    closing = open.take().map(|(part, writer)| (part, writer.close()));
                    let path = self.folder.join(self.path(table, &part));
                    let writer = ParquetWriter::create(path, SchemaRef::clone(&schema))?;
                    open = Some((part, writer));
                }
                if let Some((_, writer)) = &mut open {
                    writer.write(conformed(&rows, &schema)?)?;
                }
            }
        }
        files.extend(self.closed(closing, table)?);
        files.extend(self.closed(open.map(|(part, writer)| (part, writer.close())), table)?);
        Ok(files)
    }

    /// A current file once it is complete.
    fn closed(
        &self,
        closing: Option<(String, Closing)>,
        table: Table,
    ) -> Result<Option<NewFile>, StoreError> {
        let Some((partition, file)) = closing else { return Ok(None) };
        let rows = file.finish()?;
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
        let found = rows.select(vec![partition(table)?.alias(PARTITION)])?.distinct()?.collect().await?;
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
