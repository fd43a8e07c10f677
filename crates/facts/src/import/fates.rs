//! What became of every delivered row, one byte each, so that a report adds up.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int32Type, Int64Type};
use datafusion::common::cast::as_int64_array;
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use datafusion::prelude::{Expr, col};
use serde::{Deserialize, Serialize};

use super::compare::TableChanges;
use crate::store::StoreError;
use crate::store::schema::{FILE_INDEX, LINE, STAGED_PLACE};

/// What became of a row. A row that feeds several tables has the greatest of its fates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Fate {
    /// No row stands on this line.
    None = 0,
    /// Set aside by the mapping's own rule.
    Filtered = 1,
    /// Said by another row of the delivery already.
    Repeated = 2,
    /// Known already.
    Unchanged = 3,
    /// A new version of a known row.
    Changed = 4,
    /// Seen for the first time.
    Created = 5,
    /// Not taken, with a reason.
    Rejected = 6,
}

/// How the rows of a file were disposed of: `read = accepted + unchanged + filtered + rejected`
/// (domain 2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows in the file.
    pub read: u64,
    /// Rows that created or changed something.
    pub accepted: u64,
    /// Rows that said what was known already.
    pub unchanged: u64,
    /// Rows set aside by the mapping's own rule.
    pub filtered: u64,
    /// Rows not taken.
    pub rejected: u64,
}

impl Tally {
    /// Adds another file's rows.
    pub fn add(&mut self, other: Tally) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.unchanged += other.unchanged;
        self.filtered += other.filtered;
        self.rejected += other.rejected;
    }
}

/// The fates of all rows of a delivery.
pub(super) struct RowFates {
    files: Vec<Vec<u8>>,
}

impl RowFates {
    pub(super) fn new(files: usize) -> RowFates {
        RowFates { files: vec![Vec::new(); files] }
    }

    /// Raises the fate of a line.
    pub(super) fn raise(&mut self, file_index: usize, line: u64, fate: Fate) {
        let line = usize::try_from(line).unwrap_or(usize::MAX - 1);
        let lines = &mut self.files[file_index];
        if lines.len() <= line {
            lines.resize(line + 1, Fate::None as u8);
        }
        lines[line] = lines[line].max(fate as u8);
    }

    /// Whether the row on a line was rejected.
    pub(super) fn is_rejected(&self, file_index: usize, line: u64) -> bool {
        let lines = &self.files[file_index];
        usize::try_from(line).ok().and_then(|line| lines.get(line)) == Some(&(Fate::Rejected as u8))
    }

    /// Notes the fates a comparison found, also by the staged rows' places, and counts what it changes.
    pub(super) fn note(
        &mut self,
        batch: &RecordBatch,
        staged: &mut StagedFates,
        changes: &mut TableChanges,
    ) -> Result<(), StoreError> {
        let places: &Int64Array = column(batch, STAGED_PLACE)?.as_primitive::<Int64Type>();
        let file_index: &Int32Array = column(batch, FILE_INDEX)?.as_primitive::<Int32Type>();
        let lines: &Int64Array = column(batch, LINE)?.as_primitive::<Int64Type>();
        let fates: &Int32Array = column(batch, "fate")?.as_primitive::<Int32Type>();
        for row in 0..batch.num_rows() {
            let fate = match fates.value(row) {
                found if found == Fate::Created as i32 => Fate::Created,
                found if found == Fate::Changed as i32 => Fate::Changed,
                found if found == Fate::Repeated as i32 => Fate::Repeated,
                _ => Fate::Unchanged,
            };
            changes.created += u64::from(fate == Fate::Created);
            changes.changed += u64::from(fate == Fate::Changed);
            changes.unchanged += u64::from(fate == Fate::Unchanged);
            staged.note(places.value(row), fate);
            let file = usize::try_from(file_index.value(row)).unwrap_or_default();
            self.raise(file, u64::try_from(lines.value(row)).unwrap_or_default(), fate);
        }
        Ok(())
    }

    /// How the rows of a file were disposed of.
    pub(super) fn tally(&self, file_index: usize) -> Tally {
        let count = |wanted: &[Fate]| {
            self.files[file_index]
                .iter()
                .filter(|fate| wanted.iter().any(|wanted| **fate == *wanted as u8))
                .count() as u64
        };
        let accepted = count(&[Fate::Changed, Fate::Created]);
        let (unchanged, filtered, rejected) =
            (count(&[Fate::Unchanged, Fate::Repeated]), count(&[Fate::Filtered]), count(&[Fate::Rejected]));
        Tally { read: accepted + unchanged + filtered + rejected, accepted, unchanged, filtered, rejected }
    }

    /// The rejected lines as a table, if there are any.
    pub(super) fn rejected_lines(&self) -> Result<Option<RecordBatch>, StoreError> {
        let rejected = || {
            (0i32..).zip(&self.files).flat_map(|(file, lines)| {
                (0i64..)
                    .zip(lines)
                    .filter(|(_, fate)| **fate == Fate::Rejected as u8)
                    .map(move |(line, _)| (file, line))
            })
        };
        if rejected().next().is_none() {
            return Ok(None);
        }
        let files: Int32Array = rejected().map(|(file, _)| Some(file)).collect();
        let lines: Int64Array = rejected().map(|(_, line)| Some(line)).collect();
        let batch = RecordBatch::try_from_iter([
            ("rejected_file", Arc::new(files) as ArrayRef),
            ("rejected_line", Arc::new(lines) as ArrayRef),
        ])?;
        Ok(Some(batch))
    }
}

/// What became of each of a table's staged rows, by its place among them.
#[derive(Clone, Debug, Default)]
pub(super) struct StagedFates(Vec<u8>);

impl StagedFates {
    pub(super) fn note(&mut self, place: i64, fate: Fate) {
        let place = usize::try_from(place).unwrap_or_default();
        if self.0.len() <= place {
            self.0.resize(place + 1, Fate::None as u8);
        }
        self.0[place] = fate as u8;
    }

    /// Whether a staged row is created or changed.
    pub(super) fn is_new(&self, place: i64) -> bool {
        let fate = usize::try_from(place).ok().and_then(|place| self.0.get(place));
        [Fate::Created, Fate::Changed].into_iter().any(|new| fate == Some(&(new as u8)))
    }

    /// The fate of a staged row.
    pub(super) fn fate(self: &Arc<Self>) -> Expr {
        let fates = Arc::clone(self);
        let fate = move |place: Option<i64>| {
            let place = usize::try_from(place?).ok()?;
            Some(i32::from(fates.0.get(place).copied().unwrap_or(Fate::None as u8)))
        };
        let function = move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let found: Int32Array = as_int64_array(&arrays[0])?.iter().map(&fate).collect();
            Ok(ColumnarValue::Array(Arc::new(found)))
        };
        create_udf(
            "fate_of_staged",
            vec![DataType::Int64],
            DataType::Int32,
            Volatility::Immutable,
            Arc::new(function),
        )
        .call(vec![col(STAGED_PLACE)])
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, StoreError> {
    batch.column_by_name(name).ok_or_else(|| StoreError::MissingColumn(name.to_owned()))
}
