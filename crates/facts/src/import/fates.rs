//! What became of every delivered row, one byte each, so that a report adds up.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use serde::{Deserialize, Serialize};

use super::compare::TableChanges;
use crate::store::StoreError;
use crate::store::schema::{FILE_INDEX, LINE};

/// What became of a row. A row that feeds several tables has the greatest of its fates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Fate {
    /// No row stands on this line.
    None = 0,
    /// Set aside by the mapping's own rule.
    Filtered = 1,
    /// Known already.
    Unchanged = 2,
    /// A new version of a known row.
    Changed = 3,
    /// Seen for the first time.
    Created = 4,
    /// Not taken, with a reason.
    Rejected = 5,
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

    /// Notes the fates a comparison found, and counts what it changes.
    pub(super) fn note(&mut self, batch: &RecordBatch, changes: &mut TableChanges) -> Result<(), StoreError> {
        let file_index: &Int32Array = column(batch, FILE_INDEX)?.as_primitive::<Int32Type>();
        let lines: &Int64Array = column(batch, LINE)?.as_primitive::<Int64Type>();
        let fates: &Int32Array = column(batch, "fate")?.as_primitive::<Int32Type>();
        for row in 0..batch.num_rows() {
            let fate = match fates.value(row) {
                found if found == Fate::Created as i32 => Fate::Created,
                found if found == Fate::Changed as i32 => Fate::Changed,
                _ => Fate::Unchanged,
            };
            changes.created += u64::from(fate == Fate::Created);
            changes.changed += u64::from(fate == Fate::Changed);
            changes.unchanged += u64::from(fate == Fate::Unchanged);
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
            (count(&[Fate::Unchanged]), count(&[Fate::Filtered]), count(&[Fate::Rejected]));
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

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, StoreError> {
    batch.column_by_name(name).ok_or_else(|| StoreError::MissingColumn(name.to_owned()))
}
