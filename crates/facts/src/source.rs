//! A delivered file, read row by row in constant memory.
//!
//! [`scanner`] knows the lines that an editor shows, [`header`] finds columns.

mod error;
mod header;
mod scanner;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use sha2::{Digest, Sha256};

use crate::import::hex;
use crate::mapping::LocatedFile;
use crate::reject::{REJECT_COLUMNS, Reason, is_rejects_header};
pub use error::SourceError;
pub(crate) use header::Columns;
use scanner::{Fault, Scanner};

/// Bytes read from a file at once.
const BUFFER_BYTES: usize = 1 << 18;

/// A file being read.
pub(crate) struct SourceFile {
    path: PathBuf,
    reader: Reader<Scanner<CountingReader>>,
    header: StringRecord,
    raw: StringRecord,
    bytes_total: u64,
    corrected: bool,
}

impl SourceFile {
    pub(crate) fn open(located: &LocatedFile<'_>) -> Result<SourceFile, SourceError> {
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
        let header = written.iter().skip(skipped(corrected)).collect();
        Ok(SourceFile { path, reader, header, raw: StringRecord::new(), bytes_total, corrected })
    }

    /// The columns by name.
    pub(crate) fn columns(&self) -> Result<Columns, SourceError> {
        Columns::of(&self.path, &self.header)
    }

    /// Reads the next record; the line it begins on.
    pub(crate) fn next_record(&mut self) -> Result<Option<u64>, SourceError> {
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
        if self.corrected {
            self.raw = self.raw.iter().skip(skipped(true)).collect();
        }
        Ok(Some(line))
    }

    /// The record just read, as it was delivered.
    pub(crate) fn record(&self) -> &StringRecord {
        &self.raw
    }

    /// Why the record just read does not fit the header, if it does not.
    pub(crate) fn ragged(&self) -> Option<Reason> {
        let (fields, header) = (self.raw.len(), self.header.len());
        let skipped = skipped(self.corrected);
        (fields != header).then_some(Reason::Ragged { fields: fields + skipped, header: header + skipped })
    }

    /// The header, as it was delivered.
    pub(crate) fn header(&self) -> &StringRecord {
        &self.header
    }

    /// Whether it is a rejects file that was corrected.
    pub(crate) fn is_corrected(&self) -> bool {
        self.corrected
    }

    /// Bytes read and to be read.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (self.reader.get_ref().inner().bytes, self.bytes_total)
    }

    /// SHA-256 of the bytes, once all are read.
    pub(crate) fn sha256(self) -> String {
        hex(&self.reader.into_inner().into_inner().digest.finalize())
    }
}

/// Columns that do not count: those that a rejects file puts before the delivered ones.
fn skipped(corrected: bool) -> usize {
    if corrected { REJECT_COLUMNS.len() } else { 0 }
}

/// Fetches rows by line, as they were delivered, for reasons that only show later.
pub(crate) fn raw_rows(path: &Path, lines: &[u64]) -> Result<Vec<StringRecord>, SourceError> {
    let file = Scanner::new(BufReader::with_capacity(BUFFER_BYTES, open(path)?));
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
    let corrected = is_rejects_header(header_of(path, &mut reader)?.iter());
    let skipped = skipped(corrected);
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
