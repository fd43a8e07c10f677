//! A record of a delivered file becomes rows of canonical tables, as a mapping says.
//!
//! [`cells`] finds what a mapping names, [`lookup`] the rows it leads to, [`total`] what these add up to;
//! [`table`] types it all, and
//! [`rules`] refuses rows that contradict themselves.

mod cells;
mod lookup;
mod rules;
mod table;
mod total;

use std::sync::Arc;

use csv::StringRecord;
use jiff::tz::TimeZone;

use crate::canonical::{Attributes, Table};
use crate::mapping::expression::Refusal;
use crate::mapping::{FileMapping, LocatedFile, Mode};
use crate::reject::Reject;
use crate::source::{Record, SourceError, SourceFile};
use crate::value::DeliveredRow;
use cells::{BoundRule, Cells, Named, Place, is_below_rows};
pub(crate) use lookup::Lookups;
use lookup::{BoundLookup, FoundRows};
use table::BoundTable;

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
    keep: Vec<BoundRule<'a>>,
    /// The columns that the rules look at.
    kept_by: Vec<usize>,
    /// The columns that the mapping reads.
    read: Vec<usize>,
    lookups: Vec<BoundLookup<'a>>,
    /// What each of them leads to.
    found: Arc<[FoundRows]>,
    tables: Vec<BoundTable<'a>>,
    time_zone: TimeZone,
}

impl<'a> RowSource<'a> {
    pub(crate) fn open(
        located: &LocatedFile<'a>,
        lookups: &Lookups,
        attributes: &Attributes,
        time_zone: &TimeZone,
    ) -> Result<RowSource<'a>, SourceError> {
        let source = SourceFile::open(located)?;
        let columns = source.columns()?;
        let mapping = located.mapping;
        let bind = |column: &str| {
            let found = mapping.looked_up_in(column).and_then(|(lookup, column)| {
                let position = mapping.lookups[lookup].taken.iter().position(|taken| taken == column)?;
                Some(Place::Found { lookup, position })
            });
            let place = match found {
                Some(found) => found,
                None => Place::Own(columns.position(column)?),
            };
            Ok(Named { name: column.to_owned(), place })
        };
        let keep: Vec<BoundRule> =
            mapping.keep.iter().map(|rule| BoundRule::bind(rule, &bind)).collect::<Result<_, _>>()?;
        let bound = mapping.lookups.iter().map(|lookup| BoundLookup::bind(lookup, &bind));
        let bound = bound.collect::<Result<_, _>>()?;
        let tables = mapping.tables.iter();
        let tables =
            tables.map(|table| BoundTable::bind(table, attributes, &bind)).collect::<Result<_, _>>()?;
        for column in &mapping.looked_up {
            columns.position(column)?;
        }
        Ok(RowSource {
            kept_by: keep.iter().flat_map(BoundRule::positions).collect(),
            read: columns.used(),
            source,
            mapping,
            keep,
            lookups: bound,
            found: lookups.of(mapping),
            tables,
            time_zone: time_zone.clone(),
        })
    }

    /// Reads the next record: the line it stands on and what it is.
    pub(crate) fn next_row(&mut self) -> Result<Option<(u64, Outcome)>, SourceError> {
        let Some(line) = self.source.next_record()? else {
            // Everything that it brought before would be gone.
            if self.mode() == Mode::Full {
                self.source.refuse_without_rows()?;
            }
            return Ok(None);
        };
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
        let mut cells = Cells {
            record: self.source.record(),
            blank: &self.mapping.blank,
            time_zone: &self.time_zone,
            found: Vec::new(),
        };
        if let Some(reason) = self.source.unfit() {
            let is_found = self.look_up(&mut cells).is_ok();
            return match is_found && is_below_rows(&self.source, &self.keep, &cells) {
                true => Outcome::Filtered,
                false => Outcome::Rejected(Reject { line, column: None, value: None, reason }),
            };
        }
        if let Some(reject) = self.unusable(&cells, &self.kept_by, line) {
            return Outcome::Rejected(reject);
        }
        // A row that is not kept may lead anywhere.
        let refusal = self.look_up(&mut cells).err();
        match self.is_kept(&cells) {
            Ok(true) => {}
            Ok(false) => return Outcome::Filtered,
            Err(refusal) => return rejected(line, refusal),
        }
        if let Some(reject) = self.unusable(&cells, &self.read, line) {
            return Outcome::Rejected(reject);
        }
        if let Some(refusal) = refusal {
            return rejected(line, refusal);
        }
        let mut rows = Vec::with_capacity(self.tables.len());
        for bound in &self.tables {
            match bound.row(&cells) {
                Ok(Some(row)) => rows.push((bound.table(), row)),
                Ok(None) => {}
                Err(refusal) => return rejected(line, refusal),
            }
        }
        Outcome::Mapped(rows)
    }

    /// Finds the rows that a row leads to; the first refusal, if any, says which it does not.
    fn look_up<'r>(&'r self, cells: &mut Cells<'r>) -> Result<(), Refusal> {
        let mut refused = Ok(());
        for (lookup, rows) in self.lookups.iter().zip(self.found.iter()) {
            let found = lookup.find(cells, rows).unwrap_or_else(|refusal| {
                refused = std::mem::replace(&mut refused, Ok(())).and(Err(refusal));
                None
            });
            cells.found.push(found);
        }
        refused
    }

    fn is_kept(&self, cells: &Cells<'_>) -> Result<bool, Refusal> {
        for rule in &self.keep {
            if !rule.holds(cells)? {
                return Ok(false);
            }
        }
        Ok(true)
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

fn rejected(line: u64, (column, value, reason): Refusal) -> Outcome {
    Outcome::Rejected(Reject { line, column, value, reason })
}
