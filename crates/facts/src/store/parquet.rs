//! Immutable Parquet files: written, synced, and only then named.

use std::fs::File;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

use super::StoreError;
use super::schema::{ROW_HASH, SOURCE_ID};

/// Rows of a row group: single-person questions skip whole groups (measured in the design).
const ROW_GROUP_ROWS: usize = 131_072;

/// A Parquet file being written.
pub(crate) struct ParquetWriter {
    path: PathBuf,
    writer: ArrowWriter<File>,
    rows: u64,
    lasts: bool,
}

impl ParquetWriter {
    /// Starts a file that is to last.
    pub(crate) fn create(path: PathBuf, schema: SchemaRef) -> Result<ParquetWriter, StoreError> {
        ParquetWriter::open(path, schema, true)
    }

    /// Starts a file that goes with the import that writes it: the disk is not waited for.
    pub(crate) fn scratch(path: PathBuf, schema: SchemaRef) -> Result<ParquetWriter, StoreError> {
        ParquetWriter::open(path, schema, false)
    }

    fn open(path: PathBuf, schema: SchemaRef, lasts: bool) -> Result<ParquetWriter, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::io("create", folder, error))?;
        }
        let file = File::create(&path).map_err(|error| StoreError::io("create", &path, error))?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
        // No two rows have the same: a dictionary of them is made only to be given up.
        for column in [SOURCE_ID, ROW_HASH] {
            properties = properties.set_column_dictionary_enabled(column.into(), false);
        }
        let properties = properties.build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties))
            .map_err(|error| not_written(&path, &error))?;
        Ok(ParquetWriter { path, writer, rows: 0, lasts })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|error| not_written(&self.path, &error))
    }

    /// Completes the file, and waits until the disk has it if it is to last. Returns its rows.
    pub(crate) fn finish(self) -> Result<u64, StoreError> {
        let ParquetWriter { path, mut writer, rows, lasts } = self;
        writer.finish().map_err(|error| not_written(&path, &error))?;
        if !lasts {
            return Ok(rows);
        }
        writer.inner().sync_all().map_err(|error| StoreError::io("write", &path, error))?;
        if let Some(folder) = path.parent() {
            sync_folder(folder)?;
        }
        Ok(rows)
    }
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
