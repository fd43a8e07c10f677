//! A record of a delivered file becomes rows of canonical tables, as a mapping says.
//!
//! [`table`] types cells, [`rules`] refuses rows that contradict themselves.

mod rules;
mod table;

use csv::StringRecord;
use jiff::tz::TimeZone;

use crate::canonical::{Attributes, Table};
use crate::mapping::{FileMapping, LocatedFile, Mode};
use crate::reject::Reject;
use crate::source::{Record, SourceError, SourceFile};
use crate::value::DeliveredRow;
use table::{BoundTable, Cells};

/// What a record of a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Mapped(Vec<(Table, DeliveredRow)>),
    Filtered,
    Rejected(Reject),
}

/// A file being read as rows of tables.
pub(crate) struct RowSource<'a> {
    source: SourceFile,
    mapping: &'a FileMapping,
    keep: Vec<usize>,
    /// The columns that the mapping reads.
    read: Vec<usize>,
    tables: Vec<BoundTable<'a>>,
    time_zone: TimeZone,
}

impl<'a> RowSource<'a> {
    pub(crate) fn open(
        located: &LocatedFile<'a>,
        attributes: &Attributes,
        time_zone: &TimeZone,
    ) -> Result<RowSource<'a>, SourceError> {
        let source = SourceFile::open(located)?;
        let columns = source.columns()?;
        let bind = |column: &str| columns.position(column);
        let mapping = located.mapping;
        let keep = mapping.keep.iter().map(|rule| bind(&rule.column)).collect::<Result<_, _>>()?;
        let tables = mapping.tables.iter();
        let tables =
            tables.map(|table| BoundTable::bind(table, attributes, &bind)).collect::<Result<_, _>>()?;
        let read = columns.used();
        Ok(RowSource { source, mapping, keep, read, tables, time_zone: time_zone.clone() })
    }

    /// Reads the next record: the line it stands on and what it is.
    pub(crate) fn next_row(&mut self) -> Result<Option<(u64, Outcome)>, SourceError> {
        let Some(line) = self.source.next_record()? else { return Ok(None) };
        Ok(Some((line, self.outcome(line))))
    }

    /// The record just read, as it was delivered.
    pub(crate) fn raw(&self) -> &Record {
        self.source.record()
    }

    /// The header, as it was delivered.
    pub(crate) fn header(&self) -> &StringRecord {
        self.source.header()
    }

    /// How absence is to be understood: a corrected rejects file is never complete.
    pub(crate) fn mode(&self) -> Mode {
        match self.mapping.mode {
            Mode::Full if self.source.is_corrected() => Mode::Delta,
            mode => mode,
        }
    }

    /// The file itself.
    pub(crate) fn file(&self) -> &SourceFile {
        &self.source
    }

    /// Bytes read and to be read.
    pub(crate) fn progress(&self) -> (u64, u64) {
        self.source.progress()
    }

    /// SHA-256 of the bytes, once all are read.
    pub(crate) fn sha256(self) -> Result<String, SourceError> {
        self.source.sha256()
    }

    fn outcome(&self, line: u64) -> Outcome {
        if let Some(reason) = self.source.unfit() {
            return Outcome::Rejected(Reject { line, column: None, value: None, reason });
        }
        let cells = Cells { record: self.source.record(), blank: &self.mapping.blank };
        if let Some(reject) = self.unusable(&cells, &self.keep, line) {
            return Outcome::Rejected(reject);
        }
        let mut rules = self.mapping.keep.iter().zip(&self.keep);
        if !rules.all(|(rule, position)| rule.condition.holds(cells.text(*position).as_deref())) {
            return Outcome::Filtered;
        }
        if let Some(reject) = self.unusable(&cells, &self.read, line) {
            return Outcome::Rejected(reject);
        }
        let mut rows = Vec::with_capacity(self.tables.len());
        for bound in &self.tables {
            match bound.row(&cells, &self.time_zone) {
                Ok(Some(row)) => rows.push((bound.table(), row)),
                Ok(None) => {}
                Err((column, value, reason)) => {
                    return Outcome::Rejected(Reject { line, column, value, reason });
                }
            }
        }
        Outcome::Mapped(rows)
    }

    /// The first cell in one of the columns that says nothing sensible, whatever it should be.
    fn unusable(&self, cells: &Cells<'_>, columns: &[usize], line: u64) -> Option<Reject> {
        let (position, reason) = columns.iter().find_map(|position| {
            let reason = cells.unusable(*position).or_else(|| self.source.misread(*position))?;
            Some((*position, reason))
        })?;
        let column = self.source.header().get(position).map(|name| name.trim().to_owned());
        let value = cells.record.cells().get(position).map(str::to_owned);
        Some(Reject { line, column, value, reason })
    }
}
