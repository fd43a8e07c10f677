//! Immutable Parquet files: written, synced, and only then named.

use std::fs::File;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use super::StoreError;
use super::schema::{ROW_HASH, SOURCE_ID, SOURCE_SYSTEM};

/// Rows of a row group: single-person questions skip whole groups (measured in the design).
const ROW_GROUP_ROWS: usize = 131_072;
/// Rows of a page in a file whose row groups are read many at once.
const RUN_PAGE_ROWS: usize = 1_024;
/// Batches that wait to be written.
const BATCHES_AHEAD: usize = 1;

/// A Parquet file being written, in a thread of its own: encoding takes about as long as making the rows.
pub(crate) struct ParquetWriter {
    batches: SyncSender<RecordBatch>,
    closing: Closing,
}

/// A file that takes no more rows, while those it took are written.
pub(crate) struct Closing {
    path: PathBuf,
    /// Until it is asked how it ended.
    encoding: Option<JoinHandle<Result<(), ParquetError>>>,
    rows: u64,
    lasts: bool,
}

impl ParquetWriter {
    /// Starts a file that is to last.
    pub(crate) fn create(path: PathBuf, schema: SchemaRef) -> Result<ParquetWriter, StoreError> {
        let compression = Compression::ZSTD(ZstdLevel::default());
        let mut properties = WriterProperties::builder()
            .set_compression(compression)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
        for column in unique_columns(&schema) {
            properties = properties.set_column_dictionary_enabled(column.into(), false);
        }
        ParquetWriter::open(path, schema, properties, true, |writer, batch| writer.write(&batch))
    }

    /// Starts a file that goes with the import that writes it: it is read once or twice, so that writing
    /// it fast counts for more than its size, and the disk is not waited for.
    pub(crate) fn scratch(path: PathBuf, schema: SchemaRef) -> Result<ParquetWriter, StoreError> {
        ParquetWriter::open(path, schema, fast(), false, |writer, batch| writer.write(&batch))
    }

    /// The same with a row group for each batch, whose rows are put in order: the groups are merged later.
    pub(crate) fn runs(
        path: PathBuf,
        schema: SchemaRef,
        sorted: impl Fn(&RecordBatch) -> Result<RecordBatch, DataFusionError> + Send + 'static,
    ) -> Result<ParquetWriter, StoreError> {
        let properties = fast().set_data_page_row_count_limit(RUN_PAGE_ROWS);
        ParquetWriter::open(path, schema, properties, false, move |writer, batch| {
            let sorted = sorted(&batch).map_err(|error| ParquetError::External(error.into()))?;
            writer.write(&sorted)?;
            writer.flush()
        })
    }

    fn open(
        path: PathBuf,
        schema: SchemaRef,
        properties: WriterPropertiesBuilder,
        lasts: bool,
        put: impl Fn(&mut ArrowWriter<File>, RecordBatch) -> Result<(), ParquetError> + Send + 'static,
    ) -> Result<ParquetWriter, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::io("create", folder, error))?;
        }
        let file = File::create(&path).map_err(|error| StoreError::io("create", &path, error))?;
        let mut writer = ArrowWriter::try_new(file, schema, Some(properties.build()))
            .map_err(|error| not_written(&path, &error))?;
        let (batches, waiting) = sync_channel(BATCHES_AHEAD);
        let encoding = thread::spawn(move || {
            waiting.into_iter().try_for_each(|batch| put(&mut writer, batch))?;
            writer.finish()?;
            if lasts {
                writer.inner().sync_all()?;
            }
            Ok(())
        });
        let closing = Closing { path, encoding: Some(encoding), rows: 0, lasts };
        Ok(ParquetWriter { batches, closing })
    }

    /// Hands over rows to be written.
    ///
    /// # Errors
    /// When those before could not be written.
    pub(crate) fn write(&mut self, batch: RecordBatch) -> Result<(), StoreError> {
        self.closing.rows += batch.num_rows() as u64;
        match self.batches.send(batch) {
            Ok(()) => Ok(()),
            // The thread ends before its batches do only when it cannot write them.
            Err(_) => self.closing.ended(),
        }
    }

    /// Says that no more rows come.
    pub(crate) fn close(self) -> Closing {
        self.closing
    }

    /// Completes the file, and waits until the disk has it if it is to last. Returns its rows.
    ///
    /// # Errors
    /// When anything of it could not be written.
    pub(crate) fn finish(self) -> Result<u64, StoreError> {
        self.close().finish()
    }
}

impl Closing {
    /// Waits until the file is complete, and the disk has it if it is to last. Returns its rows.
    ///
    /// # Errors
    /// When anything of it could not be written.
    pub(crate) fn finish(mut self) -> Result<u64, StoreError> {
        self.ended()?;
        if let (true, Some(folder)) = (self.lasts, self.path.parent()) {
            sync_folder(folder)?;
        }
        Ok(self.rows)
    }

    /// How the thread that writes it ended.
    fn ended(&mut self) -> Result<(), StoreError> {
        let Some(encoding) = self.encoding.take() else {
            return Err(StoreError::write(&self.path, &"rows before these were not written"));
        };
        let encoded = encoding.join().unwrap_or_else(|panic| resume_unwind(panic));
        encoded.map_err(|error| not_written(&self.path, &error))
    }
}

/// How a file is written that is read once or twice, and not for long.
fn fast() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        // Nothing compresses a hash.
        .set_column_compression(ROW_HASH.into(), Compression::UNCOMPRESSED)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_dictionary_enabled(false)
}

/// Columns of which no two rows have the same: a dictionary of them is made only to be given up.
fn unique_columns(schema: &Schema) -> impl Iterator<Item = &str> {
    let id = schema.fields().first().map(|field| field.name().as_str()).filter(|name| *name != SOURCE_SYSTEM);
    id.into_iter().chain([SOURCE_ID, ROW_HASH])
}

fn not_written(path: &Path, error: &ParquetError) -> StoreError {
    match error {
        // What the operating system said, without the layers it passed through.
        ParquetError::External(cause) => StoreError::write(path, cause),
        other => StoreError::write(path, other),
    }
}

/// A file's name is only safe once its folder is on disk.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(|error| StoreError::io("write", folder, error))
}
