//! A delivered file, read record by record, in constant memory where its format allows.
//!
//! [`kind`] recognises what a file is; [`delimited`] reads text ([`encoding`] makes it UTF-8 and
//! [`misread`] finds what is none, [`delimiter`] finds the mark between fields, [`header_row`] the row with
//! the columns' names, [`scanner`] knows the lines that an editor shows), [`workbook`] reads sheets, [`json_lines`] and [`parquet`] what their
//! names say; [`bytes`] and [`packed`] unpack, within limits. Whatever the format, records come out
//! alike ([`record`], [`typed`]), [`header`] finds their columns and [`place`] says where they stand.

mod bytes;
mod delimited;
mod delimiter;
mod encoding;
mod error;
mod header;
mod header_row;
mod json_lines;
mod kind;
mod misread;
mod packed;
mod parquet;
mod place;
mod record;
mod scanner;
mod typed;
mod workbook;

use std::path::{Path, PathBuf};

use csv::StringRecord;

use crate::mapping::{DeclaredFormat, Labels, LocatedFile};
use crate::reject::{REJECT_COLUMNS, Reason, TYPED_COLUMN, is_rejects_header};
pub(crate) use encoding::Encoding;
pub use error::SourceError;
pub(crate) use header::Columns;
pub(crate) use header_row::Sought;
pub(crate) use kind::Kind;
use kind::Sample;
pub(crate) use misread::visible;
pub(crate) use packed::{is_archive, unpack};
pub(crate) use place::{Place, Places};
use record::Records;
pub(crate) use record::{Record, RecordList};

/// A file just opened, whatever its format.
struct Opened {
    /// The names of its columns, or their positions.
    header: StringRecord,
    /// The line or row in which the names stand, if they stand in one.
    header_line: u64,
    /// What stands above it, if that was found and not said.
    titles: Vec<StringRecord>,
    /// Whether the names stand in the file.
    has_header: bool,
    records: Box<dyn Records>,
    places: Places,
    /// What stands between the fields, in formats where a record may have too few or too many.
    delimiter: Option<&'static str>,
    /// What its texts are written in.
    encoding: Encoding,
    /// What it was read as, in words.
    format: String,
}

/// A file being read.
pub(crate) struct SourceFile {
    path: PathBuf,
    opened: Opened,
    /// The names of the delivered columns.
    header: StringRecord,
    record: Record,
    rows: u64,
    corrected: Option<Corrected>,
    /// What its columns are called instead of by the mapping's names.
    labels: Labels,
}

/// What a rejects file puts before the delivered columns.
#[derive(Clone, Copy, Debug)]
struct Corrected {
    columns: usize,
    /// Whether one of them says which cells were typed.
    says_typed: bool,
}

impl SourceFile {
    pub(crate) fn open(located: &LocatedFile<'_>) -> Result<SourceFile, SourceError> {
        let mapping = located.mapping;
        let names = mapping.column_names();
        let source = SourceFile::open_as(&located.path, &mapping.format, Sought::Columns(&names))?;
        Ok(SourceFile { labels: mapping.labels.clone(), ..source })
    }

    /// Opens a file as it was declared, and for the rest as it looks; its header is known by what is
    /// sought.
    pub(crate) fn open_as(
        path: &Path,
        declared: &DeclaredFormat,
        sought: Sought<'_>,
    ) -> Result<SourceFile, SourceError> {
        let path = path.to_owned();
        let sample = Sample::of(&path)?;
        let kind = sample.kind(&path)?;
        if let Some(declared) = declared.kind.filter(|declared| *declared != kind)
            && !delimited::is_rejects_file(&sample)
        {
            return Err(SourceError::format(
                &path,
                &format!(
                    "the mapping says `kind: {}`, but it looks like {}; correct one of them",
                    declared.name(),
                    kind.name()
                ),
            ));
        }
        let opened = match kind {
            Kind::Delimited => delimited::open(&path, &sample, declared, sought)?,
            Kind::Xlsx | Kind::Ods => workbook::open(&path, kind, declared, sought)?,
            Kind::JsonLines => json_lines::open(&path, &sample, declared)?,
            Kind::Parquet => parquet::open(&path)?,
        };
        let corrected = Corrected::of(&opened.header);
        let header = opened.header.iter().skip(corrected.map_or(0, |corrected| corrected.columns)).collect();
        Ok(SourceFile {
            path,
            opened,
            header,
            record: Record::default(),
            rows: 0,
            corrected,
            labels: Labels::new(),
        })
    }

    /// The columns by name.
    pub(crate) fn columns(&self) -> Result<Columns, SourceError> {
        let place = self.opened.places.of(self.opened.header_line, None);
        let place = place.beyond_line().unwrap_or_else(|| format!("line {}", self.opened.header_line));
        Columns::of_header_in(place, &self.path, &self.header, &self.labels)
    }

    /// What stands above the header, if that was found and not said.
    pub(crate) fn titles(&self) -> &[StringRecord] {
        &self.opened.titles
    }

    /// The line or row in which the names of the columns stand.
    pub(crate) fn header_line(&self) -> u64 {
        self.opened.header_line
    }

    /// Reads the next record; the line or row it stands on.
    pub(crate) fn next_record(&mut self) -> Result<Option<u64>, SourceError> {
        let Some(line) = self.opened.records.next(&mut self.record)? else {
            return match (self.rows, self.opened.has_header) {
                (0, false) => Err(SourceError::Empty(self.path.clone())),
                _ => Ok(None),
            };
        };
        self.rows += 1;
        if let Some(corrected) = self.corrected {
            self.record = corrected.strip(&self.record);
        }
        Ok(Some(line))
    }

    /// Refuses a file that has a header and nothing else, once it is read.
    pub(crate) fn refuse_without_rows(&self) -> Result<(), SourceError> {
        if self.rows == 0 { Err(SourceError::HeaderOnly(self.path.clone())) } else { Ok(()) }
    }

    /// The record just read, as it was delivered.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// Why a cell of the record just read is not the text that was meant, if it is not.
    pub(crate) fn misread(&self, position: usize) -> Option<Reason> {
        misread::misread(self.record.cells().get(position)?, self.opened.encoding)
    }

    /// Why the record just read is none that fits the header, if it is not.
    pub(crate) fn unfit(&self) -> Option<Reason> {
        if let Some(reason) = self.record.unreadable() {
            return Some(reason.clone());
        }
        let delimiter = self.opened.delimiter?;
        let (fields, header) = (self.record.cells().len(), self.header.len());
        let skipped = self.corrected.map_or(0, |corrected| corrected.columns);
        let first = if self.opened.has_header { "the header" } else { "the first row" };
        let (fields, header) = (fields + skipped, header + skipped);
        (fields != header).then_some(Reason::Ragged { fields, header, first, delimiter })
    }

    /// The only field of a record that lacks all others, as lines below a report do.
    pub(crate) fn only_field(&self) -> Option<&str> {
        let is_blank = |cell: &str| cell.trim().is_empty();
        let cells = self.record.cells();
        let is_cut = self.record.unreadable().is_none() && cells.len() < self.header.len();
        let first = cells.get(0).filter(|first| is_cut && !is_blank(first))?;
        cells.iter().skip(1).all(is_blank).then_some(first)
    }

    /// The header, as it was delivered.
    pub(crate) fn header(&self) -> &StringRecord {
        &self.header
    }

    /// Whether it is a rejects file that was corrected.
    pub(crate) fn is_corrected(&self) -> bool {
        self.corrected.is_some()
    }

    /// How its places are called.
    pub(crate) fn places(&self) -> &Places {
        &self.opened.places
    }

    /// What it is read as, in words: `CSV, ;, Windows-1252, gzip`.
    pub(crate) fn format(&self) -> &str {
        &self.opened.format
    }

    /// Whether its rejects file has to say which cells are typed.
    pub(crate) fn has_types(&self) -> bool {
        self.opened.delimiter.is_none() || self.corrected.is_some_and(|corrected| corrected.says_typed)
    }

    /// Bytes read and to be read.
    pub(crate) fn progress(&self) -> (u64, u64) {
        self.opened.records.progress()
    }

    /// SHA-256 of the bytes as they were delivered, once all records are read.
    pub(crate) fn sha256(self) -> Result<String, SourceError> {
        self.opened.records.sha256()
    }
}

impl Corrected {
    fn of(header: &StringRecord) -> Option<Corrected> {
        if !is_rejects_header(header.iter()) {
            return None;
        }
        let says_typed = header.get(REJECT_COLUMNS.len()) == Some(TYPED_COLUMN);
        Some(Corrected { columns: REJECT_COLUMNS.len() + usize::from(says_typed), says_typed })
    }

    /// The record as it was delivered.
    fn strip(self, record: &Record) -> Record {
        let typed = record.cells().get(self.columns - 1).filter(|_| self.says_typed).unwrap_or_default();
        let typed: Vec<usize> =
            typed.split_whitespace().filter_map(|position| position.parse().ok()).collect();
        record.behind(self.columns, &typed)
    }
}

/// Fetches records by line, as they were delivered, for reasons that only show later.
pub(crate) fn raw_rows(located: &LocatedFile<'_>, lines: &[u64]) -> Result<Vec<Record>, SourceError> {
    let mut source = SourceFile::open(located)?;
    let mut found = Vec::new();
    while let Some(line) = source.next_record()? {
        if lines.binary_search(&line).is_ok() {
            found.push(source.record().clone());
        }
    }
    Ok(found)
}
