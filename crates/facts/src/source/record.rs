//! A record as it was delivered: the texts of its cells, and which of them are typed.
//!
//! Workbooks, JSON, Parquet and databases know numbers, dates and truth values. Such a cell is kept
//! as the one exact text of its value (`1234.5`, `2024-11-23`, `2024-11-23T09:30:00`, `true`) and
//! marked as typed, so that the formats of a mapping, which say how *text* is written, leave it alone.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::SourceError;
use crate::reject::Reason;

/// What is known of a cell besides its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Nature {
    /// Nothing.
    #[default]
    Text,
    /// The text is that of a typed value.
    Typed,
    /// The cell is merged with others.
    Merged,
    /// The cell is a formula that was never computed.
    NotComputed,
}

/// A record as it was delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    cells: StringRecord,
    /// One per cell; cells behind its end are text.
    natures: Vec<Nature>,
    /// Why no cells could be made of what was delivered, which then stands behind the last column.
    unreadable: Option<Reason>,
}

impl Record {
    /// A record whose cells are all text.
    pub(crate) fn of_text(cells: StringRecord) -> Record {
        Record { cells, ..Record::default() }
    }

    /// The texts of the cells.
    pub(crate) fn cells(&self) -> &StringRecord {
        &self.cells
    }

    /// Whether a cell has a type of its own.
    pub(crate) fn is_typed(&self, position: usize) -> bool {
        self.natures.get(position) == Some(&Nature::Typed)
    }

    /// Why a cell has no value of its own, if it has none.
    pub(crate) fn without_value(&self, position: usize) -> Option<Reason> {
        match self.natures.get(position)? {
            Nature::Merged => Some(Reason::Merged),
            Nature::NotComputed => Some(Reason::NotComputed),
            Nature::Text | Nature::Typed => None,
        }
    }

    /// Why the record is none.
    pub(crate) fn unreadable(&self) -> Option<&Reason> {
        self.unreadable.as_ref()
    }

    /// The positions of typed cells, from 1.
    pub(crate) fn typed_positions(&self) -> impl Iterator<Item = usize> + '_ {
        (1..=self.natures.len()).filter(|position| self.is_typed(position - 1))
    }

    /// The cells, to be filled with text.
    pub(super) fn text_mut(&mut self) -> &mut StringRecord {
        self.natures.clear();
        self.unreadable = None;
        &mut self.cells
    }

    /// Gives the record so many cells: blank ones are added, those beyond have no column.
    pub(super) fn set_width(&mut self, width: usize) {
        self.cells.truncate(width);
        self.natures.truncate(width);
        while self.cells.len() < width {
            self.push("", Nature::Text);
        }
    }

    /// A text that no cells could be made of, behind so many empty ones: as a row with too many
    /// fields it is rejected again as long as nobody corrects it.
    pub(super) fn of_unreadable(text: &str, columns: usize, reason: Reason) -> Record {
        let cells = std::iter::repeat_n("", columns).chain([text]).collect();
        Record { cells, natures: Vec::new(), unreadable: Some(reason) }
    }

    pub(super) fn push(&mut self, cell: &str, nature: Nature) {
        self.cells.push_field(cell);
        self.natures.push(nature);
    }

    /// The record without its first cells, those at the given positions (from 1) typed.
    pub(super) fn behind(&self, cells: usize, typed: &[usize]) -> Record {
        let cells: StringRecord = self.cells.iter().skip(cells).collect();
        let nature = |position| if typed.contains(&position) { Nature::Typed } else { Nature::Text };
        let natures = (1..=cells.len()).map(nature).collect();
        Record { cells, natures, unreadable: None }
    }
}

/// Records, one behind the other in the same memory: they are many, and hardly one of them is asked for.
#[derive(Debug, Default)]
pub(crate) struct RecordList {
    cells: StringRecord,
    natures: Vec<Nature>,
    /// Where the cells and the natures of each record end.
    ends: Vec<(usize, usize)>,
    /// Why those are none of which no cells could be made.
    unreadable: BTreeMap<usize, Reason>,
}

impl RecordList {
    pub(crate) fn push(&mut self, record: &Record) {
        self.cells.extend(&record.cells);
        self.natures.extend(&record.natures);
        if let Some(reason) = &record.unreadable {
            self.unreadable.insert(self.ends.len(), reason.clone());
        }
        self.ends.push((self.cells.len(), self.natures.len()));
    }

    /// A record by its position.
    pub(crate) fn get(&self, position: usize) -> Record {
        let before = position.checked_sub(1).map_or((0, 0), |before| self.ends[before]);
        let end = self.ends[position];
        Record {
            cells: (before.0..end.0).filter_map(|cell| self.cells.get(cell)).collect(),
            natures: self.natures[before.1..end.1].to_vec(),
            unreadable: self.unreadable.get(&position).cloned(),
        }
    }

    /// Bytes of their cells.
    pub(crate) fn bytes(&self) -> usize {
        self.cells.as_slice().len()
    }
}

/// The records of a file, whatever its format.
pub(super) trait Records: Send {
    /// Reads the next record; the line or row it stands on, from 1.
    fn next(&mut self, record: &mut Record) -> Result<Option<u64>, SourceError>;

    /// Bytes read and to be read, as they were delivered.
    fn progress(&self) -> (u64, u64);

    /// SHA-256 of the bytes as they were delivered.
    fn sha256(self: Box<Self>) -> Result<String, SourceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_in_a_list_are_those_that_were_put_there() {
        let mut typed = Record::default();
        typed.push("1.5", Nature::Typed);
        typed.push("", Nature::Merged);
        let unreadable = Record::of_unreadable("{", 2, Reason::NotComputed);
        let records = [
            Record::of_text(vec!["a", "", "ü"].into()),
            typed,
            Record::default(),
            unreadable,
            Record::of_text(vec!["b"].into()),
        ];
        let mut list = RecordList::default();
        records.iter().for_each(|record| list.push(record));
        for (position, record) in records.iter().enumerate() {
            assert_eq!(list.get(position), *record);
        }
        assert_eq!(list.bytes(), "aü1.5{b".len());
    }
}
