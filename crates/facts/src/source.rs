//! A delivered file, read row by row in constant memory.

mod scanner;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::canonical::{ColumnType, Need, Table};
use crate::import::hex;
use crate::mapping::{
    ColumnMapping, ColumnReading, FileMapping, LocatedFile, Mode, TableMapping, is_currency, nearest,
};
use crate::reject::{REJECT_COLUMNS, Reason, Reject, is_rejects_header, shown};
use crate::value::{DeliveredRow, Value, normalise};
use scanner::{Fault, Scanner};

/// A file that cannot be read as a whole.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened or read.
    #[error("could not read {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// It is empty.
    #[error("{0} is empty; export it again")]
    Empty(PathBuf),
    /// It has a header and nothing else.
    #[error("{0} has a header but no rows; export it again, or leave the file out of the delivery")]
    HeaderOnly(PathBuf),
    /// It is not UTF-8 text.
    #[error(
        "{path}, line {line}: not UTF-8 text ({found}); save the file as “CSV UTF-8” and import it again"
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The first line that does not read.
        line: u64,
        /// What it looks like.
        found: &'static str,
    },
    /// A quotation that goes on to the end of the file.
    #[error(
        "{path}, line {line}: the quotation mark opened here is never closed; close it, or write two where one is meant"
    )]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// Where it begins.
        line: u64,
    },
    /// Two columns have the same name.
    #[error("{path}, line 1: the column `{column}` stands in the header twice; rename one of them")]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// A column the mapping reads is not there.
    #[error(
        "{path}, line 1: there is no column `{column}`{guess}; the header has: {header}. Correct the mapping or export the column"
    )]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
        /// A suggestion, as half a sentence.
        guess: String,
        /// The columns that are there.
        header: String,
    },
}

/// Bytes read from a file at once.
const BUFFER_BYTES: usize = 1 << 18;

/// What a row of a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Mapped(Vec<(Table, DeliveredRow)>),
    Filtered,
    Rejected(Reject),
}

/// A file being read.
pub(crate) struct SourceFile<'a> {
    path: PathBuf,
    reader: Reader<Scanner<CountingReader>>,
    header: StringRecord,
    raw: StringRecord,
    bytes_total: u64,
    corrected: bool,
    mapping: &'a FileMapping,
    keep: Vec<usize>,
    tables: Vec<BoundTable<'a>>,
    time_zone: TimeZone,
}

/// A table's mapping with the positions of its columns in this file.
struct BoundTable<'a> {
    mapping: &'a TableMapping,
    key: Vec<usize>,
    columns: Vec<Option<usize>>,
}

impl<'a> SourceFile<'a> {
    pub(crate) fn open(
        located: &LocatedFile<'a>,
        time_zone: &TimeZone,
    ) -> Result<SourceFile<'a>, SourceError> {
        let path = located.path.clone();
        let file = open(&path)?;
        let bytes_total =
            file.metadata().map_err(|cause| SourceError::Io { path: path.clone(), cause })?.len();
        refuse_other_encodings(&path)?;
        let input = CountingReader {
            file: BufReader::with_capacity(BUFFER_BYTES, file),
            digest: Sha256::new(),
            bytes: 0,
        };
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(Scanner::new(input));
        let written = header_of(&path, &mut reader)?;
        if written.iter().all(|name| name.trim().is_empty()) {
            return Err(SourceError::Empty(path));
        }
        let corrected = is_rejects_header(written.iter());
        let skipped = if corrected { REJECT_COLUMNS.len() } else { 0 };
        let header: StringRecord = written.iter().skip(skipped).collect();
        let positions = positions(&path, &header)?;
        let bind = |column: &str| bind(&path, &header, &positions, column).map(|position| position + skipped);
        let mapping = located.mapping;
        let keep = mapping.keep.iter().map(|rule| bind(&rule.column)).collect::<Result<_, _>>()?;
        let tables =
            mapping.tables.iter().map(|table| BoundTable::bind(table, &bind)).collect::<Result<_, _>>()?;
        let time_zone = time_zone.clone();
        Ok(SourceFile {
            path,
            reader,
            header,
            raw: StringRecord::new(),
            bytes_total,
            corrected,
            mapping,
            keep,
            tables,
            time_zone,
        })
    }

    /// Reads the next row.
    pub(crate) fn next_row(&mut self) -> Result<Option<(u64, Outcome)>, SourceError> {
        let more = self.reader.read_record(&mut self.raw);
        let line = self.reader.get_mut().next_record_line();
        let more =
            more.map_err(|error| unreadable(&self.path, error, self.reader.get_ref().fault(), line))?;
        if !more {
            return match self.reader.position().record() {
                0 | 1 => Err(SourceError::HeaderOnly(self.path.clone())),
                _ => Ok(None),
            };
        }
        let outcome = self.outcome(line);
        Ok(Some((line, outcome)))
    }

    /// The row just read, as it was delivered.
    pub(crate) fn raw(&self) -> StringRecord {
        self.raw.iter().skip(if self.corrected { REJECT_COLUMNS.len() } else { 0 }).collect()
    }

    /// The header, as it was delivered.
    pub(crate) fn header(&self) -> &StringRecord {
        &self.header
    }

    /// How absence is to be understood: a corrected rejects file only adds.
    pub(crate) fn mode(&self) -> Mode {
        if self.corrected { Mode::Delta } else { self.mapping.mode }
    }

    /// Bytes read and to be read.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (self.reader.get_ref().inner().bytes, self.bytes_total)
    }

    /// SHA-256 of the bytes, once all are read.
    pub(crate) fn sha256(self) -> String {
        hex(&self.reader.into_inner().into_inner().digest.finalize())
    }

    fn outcome(&self, line: u64) -> Outcome {
        let header = self.header.len() + if self.corrected { REJECT_COLUMNS.len() } else { 0 };
        if self.raw.len() != header {
            let reason = Reason::Ragged { fields: self.raw.len(), header };
            return Outcome::Rejected(Reject { line, column: None, value: None, reason });
        }
        let kept = self
            .mapping
            .keep
            .iter()
            .zip(&self.keep)
            .all(|(rule, position)| rule.condition.holds(self.text(*position).as_deref()));
        if !kept {
            return Outcome::Filtered;
        }
        let mut rows = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            match self.delivered(table) {
                Ok(Some(row)) => rows.push((table.mapping.table, row)),
                Ok(None) => {}
                Err((column, value, reason)) => {
                    return Outcome::Rejected(Reject { line, column, value, reason });
                }
            }
        }
        Outcome::Mapped(rows)
    }

    fn delivered(&self, bound: &BoundTable<'_>) -> Result<Option<DeliveredRow>, Refusal> {
        let Some(source_id) = self.source_id(bound)? else { return Ok(None) };
        let table = bound.mapping.table;
        let mut values = Vec::with_capacity(table.columns().len());
        for ((column, mapped), position) in
            table.columns().iter().zip(&bound.mapping.columns).zip(&bound.columns)
        {
            let value = match (mapped, position) {
                (Some(ColumnMapping::Constant(value)), _) => Some(value.clone()),
                (Some(ColumnMapping::Column(reading)), Some(position)) => {
                    let value = self.read(reading, *position, column.kind)?;
                    if value.is_none() && column.need != Need::Never {
                        return Err((Some(reading.column.clone()), None, Reason::Blank));
                    }
                    value
                }
                _ => None,
            };
            values.push(value);
        }
        check(bound.mapping, &values, &self.time_zone)?;
        Ok(Some(DeliveredRow { source_id, values }))
    }

    fn read(
        &self,
        reading: &ColumnReading,
        position: usize,
        kind: ColumnType,
    ) -> Result<Option<Value>, Refusal> {
        let Some(text) = self.text(position) else { return Ok(None) };
        let refused = |reason| (Some(reading.column.clone()), Some(text.clone()), reason);
        let mapped = reading.values.get(&text);
        if mapped.is_none()
            && !reading.values.is_empty()
            && (reading.reject_others || matches!(kind, ColumnType::Choice(_)))
        {
            let allowed = reading.values.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(refused(Reason::UnknownValue { allowed }));
        }
        reading.reading.read(mapped.unwrap_or(&text)).map_err(refused)
    }

    /// A cell's text; a null token is blank.
    fn text(&self, position: usize) -> Option<String> {
        let text = normalise(self.raw.get(position)?)?;
        (!self.mapping.blank.contains(&text)).then_some(text)
    }

    /// The row's identifier: the key column as it is, or the hash of several (domain 2.6).
    fn source_id(&self, bound: &BoundTable<'_>) -> Result<Option<String>, Refusal> {
        let mapping = bound.mapping;
        if let ([column], [position]) = (mapping.key.as_slice(), bound.key.as_slice()) {
            return match self.text(*position) {
                None if mapping.optional => Ok(None),
                None => Err((Some(column.clone()), None, Reason::Blank)),
                key => Ok(key),
            };
        }
        let parts: serde_json::Map<String, serde_json::Value> = mapping
            .key
            .iter()
            .zip(&bound.key)
            .filter_map(|(column, position)| Some((column.clone(), self.text(*position)?.into())))
            .collect();
        if parts.is_empty() {
            return if mapping.optional {
                Ok(None)
            } else {
                Err((Some(mapping.key.join(", ")), None, Reason::Blank))
            };
        }
        let canonical = serde_json::Value::Object(parts).to_string();
        Ok(Some(format!("h:{}", &hex(&Sha256::digest(canonical.as_bytes()))[..32])))
    }
}

impl<'a> BoundTable<'a> {
    fn bind(
        mapping: &'a TableMapping,
        bind: &dyn Fn(&str) -> Result<usize, SourceError>,
    ) -> Result<BoundTable<'a>, SourceError> {
        let key = mapping.key.iter().map(|column| bind(column)).collect::<Result<_, _>>()?;
        let columns = mapping
            .columns
            .iter()
            .map(|column| match column {
                Some(ColumnMapping::Column(reading)) => bind(&reading.column).map(Some),
                Some(ColumnMapping::Constant(_)) | None => Ok(None),
            })
            .collect::<Result<_, _>>()?;
        Ok(BoundTable { mapping, key, columns })
    }
}

/// Column, value and reason of a refused row.
type Refusal = (Option<String>, Option<String>, Reason);

/// The rules of domain 2.7 and 2.14 that need nothing but the row itself.
fn check(mapping: &TableMapping, values: &[Option<Value>], time_zone: &TimeZone) -> Result<(), Refusal> {
    let table = mapping.table;
    let value = |name: &str| table.column(name).and_then(|(position, _)| values[position].as_ref());
    let refuse = |name: &str, reason| {
        let source = table.column(name).and_then(|(position, _)| match &mapping.columns[position] {
            Some(ColumnMapping::Column(reading)) => Some(reading.column.clone()),
            _ => None,
        });
        Err((source, value(name).map(Value::canonical_text), reason))
    };
    for name in ["amount_ccy", "list_price_ccy"] {
        if matches!(value(name), Some(Value::Text(currency)) if !is_currency(currency)) {
            return refuse(name, Reason::NotACurrency);
        }
    }
    if let (Some(Value::Date(from)), Some(Value::Date(to))) = (value("valid_from"), value("valid_to"))
        && to <= from
    {
        return refuse("valid_to", Reason::EmptyRange);
    }
    if table != Table::Opportunity || value("outcome") == Some(&Value::Text("open".into())) {
        return Ok(());
    }
    match (value("created_at"), value("close_date")) {
        (_, None) if maps(mapping, "close_date") => refuse("close_date", Reason::ClosedWithoutDate),
        (Some(Value::Timestamp(created)), Some(Value::Date(closed)))
            if *closed < time_zone.to_datetime(*created).date() =>
        {
            refuse("close_date", Reason::ClosedBeforeCreated)
        }
        _ => Ok(()),
    }
}

fn maps(mapping: &TableMapping, name: &str) -> bool {
    mapping.table.column(name).is_some_and(|(position, _)| mapping.columns[position].is_some())
}

/// Fetches rows by line, as they were delivered, for reasons that only show later.
pub(crate) fn raw_rows(path: &Path, lines: &[u64]) -> Result<Vec<StringRecord>, SourceError> {
    let file = Scanner::new(BufReader::with_capacity(BUFFER_BYTES, open(path)?));
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
    let corrected = is_rejects_header(header_of(path, &mut reader)?.iter());
    let skipped = if corrected { REJECT_COLUMNS.len() } else { 0 };
    let mut found = Vec::new();
    let mut record = StringRecord::new();
    loop {
        let more = reader.read_record(&mut record);
        let line = reader.get_mut().next_record_line();
        if !more.map_err(|error| unreadable(path, error, reader.get_ref().fault(), line))? {
            break;
        }
        if lines.binary_search(&line).is_ok() {
            found.push(record.iter().skip(skipped).collect());
        }
    }
    Ok(found)
}

fn open(path: &Path) -> Result<File, SourceError> {
    let failed = |cause| SourceError::Io { path: path.to_owned(), cause };
    let file = File::open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_dir() {
        true => Err(failed(std::io::Error::other("it is a folder, not a file"))),
        false => Ok(file),
    }
}

/// Text in two bytes per character shows in its first bytes.
fn refuse_other_encodings(path: &Path) -> Result<(), SourceError> {
    let mut start = Vec::new();
    open(path)?
        .take(4_096)
        .read_to_end(&mut start)
        .map_err(|cause| SourceError::Io { path: path.to_owned(), cause })?;
    if start.is_empty() {
        return Err(SourceError::Empty(path.to_owned()));
    }
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) || start.contains(&0) {
        return Err(SourceError::Encoding {
            path: path.to_owned(),
            line: 1,
            found: "it looks like UTF-16 or a binary file",
        });
    }
    Ok(())
}

/// The names that stand in the first record.
fn header_of<R: Read>(path: &Path, reader: &mut Reader<Scanner<R>>) -> Result<StringRecord, SourceError> {
    let header = reader.headers().cloned();
    let line = reader.get_mut().next_record_line();
    header.map_err(|error| unreadable(path, error, reader.get_ref().fault(), line))
}

fn unreadable(path: &Path, error: csv::Error, fault: Option<Fault>, line: u64) -> SourceError {
    let path = path.to_owned();
    match fault {
        Some(Fault::OpenQuote { line }) => return SourceError::OpenQuote { path, line },
        Some(Fault::Nul { line }) => {
            return SourceError::Encoding {
                path,
                line,
                found: "there is a NUL byte, so it is perhaps UTF-16 or a binary file",
            };
        }
        None => {}
    }
    match error.into_kind() {
        ErrorKind::Utf8 { .. } => SourceError::Encoding {
            path,
            line,
            found: "perhaps Windows-1252 or Latin-1, as Excel writes plain CSV",
        },
        ErrorKind::Io(cause) => SourceError::Io { path, cause },
        other => SourceError::Io { path, cause: std::io::Error::other(format!("{other:?}")) },
    }
}

/// The header's names and where they stand, letter case and surrounding space aside.
fn positions(path: &Path, header: &StringRecord) -> Result<HashMap<String, usize>, SourceError> {
    let mut positions = HashMap::new();
    for (position, name) in header.iter().enumerate() {
        if positions.insert(plain(name), position).is_some() {
            return Err(SourceError::DuplicateColumn { path: path.to_owned(), column: shown(name.trim()) });
        }
    }
    Ok(positions)
}

fn bind(
    path: &Path,
    header: &StringRecord,
    positions: &HashMap<String, usize>,
    column: &str,
) -> Result<usize, SourceError> {
    positions.get(&plain(column)).copied().ok_or_else(|| SourceError::MissingColumn {
        path: path.to_owned(),
        column: column.to_owned(),
        guess: guess(column, header),
        header: shown(&header.iter().map(str::trim).collect::<Vec<_>>().join(", ")),
    })
}

/// What may be wrong when a column is missing, as half a sentence.
fn guess(column: &str, header: &StringRecord) -> String {
    let separated = |mark: char| header.len() == 1 && header[0].matches(mark).count() > 0;
    if let Some((_, name)) =
        [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")].into_iter().find(|(mark, _)| separated(*mark))
    {
        return format!(" (the fields seem to be separated by {name}; save the file with commas)");
    }
    nearest(column, header.iter()).map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

fn plain(name: &str) -> String {
    normalise(name.trim_start_matches('\u{feff}')).unwrap_or_default().to_lowercase()
}

/// Counts and hashes what passes.
struct CountingReader {
    file: BufReader<File>,
    digest: Sha256,
    bytes: u64,
}

impl Read for CountingReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.digest.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
