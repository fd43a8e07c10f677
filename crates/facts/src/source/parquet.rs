//! Parquet: rows with types.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Float32Type, Float64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::bytes::sha256;
use super::encoding::Encoding;
use super::record::{Nature, Record, Records};
use super::typed::number_text;
use super::{Opened, Places, SourceError};

/// Rows decoded at once.
const BATCH_ROWS: usize = 1024;

/// A file being read.
struct Parquet {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    /// The next row of the batch.
    position: usize,
    rows: u64,
    rows_total: u64,
}

pub(super) fn open(path: &Path) -> Result<Opened, SourceError> {
    let file = File::open(path).map_err(|cause| SourceError::Io { path: path.to_owned(), cause })?;
    let damaged = |error: &dyn std::error::Error| damaged(path, error);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
    let header: StringRecord = builder.schema().fields().iter().map(|field| field.name()).collect();
    let rows_total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default();
    let batches = builder.with_batch_size(BATCH_ROWS).build().map_err(|error| damaged(&error))?;
    let path = path.to_owned();
    Ok(Opened {
        header,
        header_line: 1,
        titles: Vec::new(),
        has_header: true,
        records: Box::new(Parquet { path, batches, batch: None, position: 0, rows: 0, rows_total }),
        places: Places::Rows,
        delimiter: None,
        encoding: Encoding::UTF_8,
        format: "Parquet".to_owned(),
    })
}

fn damaged(path: &Path, error: &dyn std::error::Error) -> SourceError {
    SourceError::format(path, &format!("it is damaged or cut off ({error}); deliver it again"))
}

impl Records for Parquet {
    fn next(&mut self, record: &mut Record) -> Result<Option<u64>, SourceError> {
        let is_done = |batch: &RecordBatch, position| position >= batch.num_rows();
        while self.batch.as_ref().is_none_or(|batch| is_done(batch, self.position)) {
            match self.batches.next() {
                Some(Ok(batch)) => (self.batch, self.position) = (Some(batch), 0),
                Some(Err(error)) => return Err(damaged(&self.path, &error)),
                None => return Ok(None),
            }
        }
        *record = Record::default();
        for column in self.batch.iter().flat_map(RecordBatch::columns) {
            let cell = cell(column, self.position).map_err(|error| damaged(&self.path, &error))?;
            record.push(&cell.0, cell.1);
        }
        self.position += 1;
        self.rows += 1;
        Ok(Some(self.rows))
    }

    fn progress(&self) -> (u64, u64) {
        (self.rows, self.rows_total)
    }

    fn sha256(self: Box<Self>) -> Result<String, SourceError> {
        sha256(&self.path)
    }
}

/// The text of a value and what is known of it.
fn cell(column: &dyn Array, position: usize) -> Result<(String, Nature), ArrowError> {
    if column.is_null(position) {
        return Ok((String::new(), Nature::Text));
    }
    let text = match column.data_type() {
        DataType::Float64 => number_text(column.as_primitive::<Float64Type>().value(position)),
        DataType::Float32 => column.as_primitive::<Float32Type>().value(position).to_string(),
        DataType::Timestamp(unit, zone) => {
            let instant = instant(column, *unit, position)
                .ok_or_else(|| ArrowError::CastError("a point in time that no calendar has".into()))?;
            match zone {
                Some(_) => instant.to_string(),
                // Whatever clock was read: the company's, as with text.
                None => TimeZone::UTC.to_datetime(instant).to_string(),
            }
        }
        _ => array_value_to_string(column, position)?,
    };
    let is_text = match column.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => **values == DataType::Utf8 || **values == DataType::LargeUtf8,
        _ => false,
    };
    Ok((text, if is_text { Nature::Text } else { Nature::Typed }))
}

fn instant(column: &dyn Array, unit: TimeUnit, position: usize) -> Option<Timestamp> {
    match unit {
        TimeUnit::Second => {
            Timestamp::from_second(column.as_primitive::<TimestampSecondType>().value(position))
        }
        TimeUnit::Millisecond => {
            Timestamp::from_millisecond(column.as_primitive::<TimestampMillisecondType>().value(position))
        }
        TimeUnit::Microsecond => {
            Timestamp::from_microsecond(column.as_primitive::<TimestampMicrosecondType>().value(position))
        }
        TimeUnit::Nanosecond => {
            let nanoseconds = column.as_primitive::<TimestampNanosecondType>().value(position);
            Timestamp::from_nanosecond(i128::from(nanoseconds))
        }
    }
    .ok()
}
