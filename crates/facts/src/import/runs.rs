//! Staged rows lie in runs, each in the order of the files of facts. Rows of a table that has no files yet
//! are written by merging their runs: without a sort of them all, and without what such a sort spills.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, UnboundedMemoryPool};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use datafusion::parquet::errors::ParquetError;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::sorts::streaming_merge::StreamingMergeBuilder;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::fates::StagedFates;
use super::layout::{RowOrder, deciding};
use crate::canonical::Table;
use crate::store::StoreError;
use crate::store::schema::{FILE_INDEX, LINE};

/// Runs that are merged at once; each holds a page of every column in memory.
const RUNS_AT_ONCE: usize = 512;
/// Rows of a run that are read at once.
const READ_ROWS: usize = 1_024;
/// Rows of the merged runs that are handed on at once.
const MERGED_ROWS: usize = 8_192;

/// The runs of a table's staged rows.
pub(super) struct Runs<'a> {
    pub(super) table: Table,
    pub(super) path: &'a Path,
    pub(super) fates: &'a Arc<StagedFates>,
    /// Columns that no row fills, and that are left out unless they decide where a row lies.
    pub(super) blank: &'a BTreeSet<String>,
}

impl Runs<'_> {
    /// The rows that are new, in the order of the files of facts, each with its partition. `None` where
    /// there are too many runs for that.
    pub(super) fn merged(&self) -> Result<Option<SendableRecordBatchStream>, StoreError> {
        let file = File::open(self.path).map_err(|error| StoreError::io("read", self.path, error))?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(engine)?;
        let runs = metadata.metadata().num_row_groups();
        if runs == 0 || runs > RUNS_AT_ONCE {
            return Ok(None);
        }
        let deciding = deciding(self.table)?;
        let is_read = |name: &str| {
            (!self.blank.contains(name) || deciding.contains(name)) && name != FILE_INDEX && name != LINE
        };
        let fields = metadata.schema().fields().iter().enumerate();
        let read: Vec<usize> =
            fields.filter(|(_, field)| is_read(field.name())).map(|(position, _)| position).collect();
        // The last of them is the place among the staged rows, which is needed no further.
        let kept = read.iter().take(read.len() - 1).copied().collect::<Vec<_>>();
        let order = Arc::new(RowOrder::of(self.table, &Arc::new(metadata.schema().project(&kept)?))?);
        let columns = ProjectionMask::roots(metadata.parquet_schema(), read);
        let mut streams = Vec::with_capacity(runs);
        for run in 0..runs {
            let file = file.try_clone().map_err(|error| StoreError::io("read", self.path, error))?;
            let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
                .with_row_groups(vec![run])
                .with_projection(columns.clone())
                .with_batch_size(READ_ROWS)
                .build()
                .map_err(engine)?;
            let (fates, ordering) = (Arc::clone(self.fates), Arc::clone(&order));
            let rows = batches.map(move |batch| ordering.partitioned(&new_rows(batch?, &fates)?));
            let rows = RecordBatchStreamAdapter::new(Arc::clone(order.schema()), futures::stream::iter(rows));
            streams.push(Box::pin(rows) as SendableRecordBatchStream);
        }
        Ok(Some(merge(streams, &order)?))
    }
}

/// Those of the rows that are new, without their places among the staged ones.
fn new_rows(mut rows: RecordBatch, fates: &StagedFates) -> Result<RecordBatch, DataFusionError> {
    let places = rows.remove_column(rows.num_columns() - 1);
    let is_new: BooleanArray =
        places.as_primitive::<Int64Type>().values().iter().map(|place| Some(fates.is_new(*place))).collect();
    Ok(if is_new.true_count() == rows.num_rows() { rows } else { filter_record_batch(&rows, &is_new)? })
}

/// Merges runs. What they take in memory follows from their number, so that it is not counted.
fn merge(
    runs: Vec<SendableRecordBatchStream>,
    order: &RowOrder,
) -> Result<SendableRecordBatchStream, DataFusionError> {
    let memory: Arc<dyn MemoryPool> = Arc::new(UnboundedMemoryPool::default());
    StreamingMergeBuilder::new()
        .with_streams(runs)
        .with_schema(Arc::clone(order.schema()))
        .with_expressions(order.by())
        .with_metrics(BaselineMetrics::new(&ExecutionPlanMetricsSet::new(), 0))
        .with_batch_size(MERGED_ROWS)
        .with_reservation(MemoryConsumer::new("runs").register(&memory))
        .build()
}

fn engine(error: ParquetError) -> StoreError {
    StoreError::Engine(error.into())
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, RecordBatch, StringArray};
    use futures::TryStreamExt;
    use jiff::Timestamp;

    use super::*;
    use crate::import::batch::{BatchBuilder, StagedRow};
    use crate::import::fates::Fate;
    use crate::import::layout::PARTITION;
    use crate::store::parquet::ParquetWriter;
    use crate::store::schema::SOURCE_ID;
    use crate::value::Value;

    /// An activity: its partition, whose it is, and its identifier.
    type Key = (String, Option<String>, String);

    /// Some activity: of few people and months, in no order, now and then without a person or a day.
    fn activity(number: usize) -> Key {
        let mixed = (number + 1) * 7919 % 1_009;
        let month = if mixed.is_multiple_of(11) {
            "undated".to_owned()
        } else {
            format!("2025-{:02}", 1 + mixed % 5)
        };
        let person = (!mixed.is_multiple_of(7)).then(|| format!("employee-{}", mixed % 23));
        (month, person, format!("A-{mixed}"))
    }

    /// Stages activities, so many to a run.
    fn staged(path: &Path, activities: usize, run: usize) -> BTreeSet<String> {
        let mut builder = BatchBuilder::new(Table::Activity, &[]);
        let order = RowOrder::of(Table::Activity, builder.schema()).expect("an order");
        let schema = Arc::clone(builder.schema());
        let mut writer =
            ParquetWriter::runs(path.to_owned(), schema, move |rows| order.sorted(rows)).expect("a file");
        let position = |name: &str| Table::Activity.column(name).expect("a column").0;
        for number in 0..activities {
            let (month, person, source_id) = activity(number);
            let mut values = vec![None; Table::Activity.columns().len()];
            values[position("employee_id")] = person.map(Value::Text);
            let instant = format!("{month}-17T23:59:59Z").parse::<Timestamp>().ok();
            values[position("occurred_at")] = instant.map(Value::Timestamp);
            builder.append(&StagedRow {
                id: Some(format!("activity-{number}")),
                source_system: "crm",
                source_id: &source_id,
                values: &values,
                row_hash: "0123",
                file_index: 0,
                line: 2,
            });
            if builder.rows() == run || number + 1 == activities {
                writer.write(builder.finish().expect("a batch")).expect("written");
            }
        }
        writer.finish().expect("a file");
        builder.blank_columns()
    }

    fn keys(batch: &RecordBatch) -> Vec<Key> {
        let column = |name: &str| -> StringArray {
            batch.column_by_name(name).expect("a column").as_string::<i32>().clone()
        };
        let (partition, person, id) = (column(PARTITION), column("employee_id"), column(SOURCE_ID));
        let person = |row: usize| person.is_valid(row).then(|| person.value(row).to_owned());
        let key = |row| (partition.value(row).to_owned(), person(row), id.value(row).to_owned());
        (0..batch.num_rows()).map(key).collect()
    }

    #[tokio::test]
    async fn merged_runs_are_the_new_rows_as_a_sort_of_all_would_put_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("activity.parquet");
        for (activities, run) in [(1_000, 70), (70, 70), (1, 1_000)] {
            let blank = staged(&path, activities, run);
            assert!(blank.contains("kind") && !blank.contains("employee_id"), "{blank:?}");
            let fate = |place: usize| if place % 13 == 5 { Fate::Repeated } else { Fate::Created };
            let mut fates = StagedFates::default();
            (0..activities).for_each(|place| fates.note(place as i64, fate(place)));
            let runs = Runs { table: Table::Activity, path: &path, fates: &Arc::new(fates), blank: &blank };
            let merged = runs.merged().expect("runs").expect("few of them");
            assert!(merged.schema().column_with_name("kind").is_none(), "blank columns are left out");
            let merged: Vec<RecordBatch> = merged.try_collect().await.expect("rows");
            let mut expected: Vec<Key> =
                (0..activities).filter(|place| fate(*place) == Fate::Created).map(activity).collect();
            expected.sort();
            assert_eq!(merged.iter().flat_map(keys).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn too_many_runs_are_not_merged_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("activity.parquet");
        let blank = staged(&path, RUNS_AT_ONCE + 1, 1);
        let runs = Runs { table: Table::Activity, path: &path, fates: &Arc::default(), blank: &blank };
        assert!(runs.merged().expect("runs").is_none());
    }
}
