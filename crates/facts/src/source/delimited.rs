//! Delimited text: any delimiter, quotation mark, encoding and line ending, packed or not.

use std::path::{Path, PathBuf};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};

use super::bytes::Unpacked;
use super::delimiter::{Beginning, mark_name};
use super::encoding::{Decoder, Encoding};
use super::header_row::Sought;
use super::kind::Sample;
use super::misread::misread;
use super::record::{Record, Records};
use super::scanner::{Fault, Marks, RECORD_BYTES_MAX, Scanner};
use super::{Opened, Places, SourceError};
use crate::mapping::{DeclaredFormat, Header, Quote};
use crate::reject::{REJECT_COLUMNS, Reason, shown};

/// Bytes of decoded text that are read at once.
const BUFFER_BYTES: usize = 1 << 16;

/// A text being read.
struct Delimited {
    path: PathBuf,
    reader: Reader<Scanner<Decoder<Unpacked>>>,
    /// The first record, where it is no header.
    first: Option<(u64, StringRecord)>,
}

/// How a text is written.
struct Dialect {
    encoding: Encoding,
    marks: Marks,
    header: Header,
    /// What stands above the header, if that was found.
    titles: Vec<StringRecord>,
}

/// Opens a text as the mapping says, or else as it looks.
pub(super) fn open(
    path: &Path,
    sample: &Sample,
    declared: &DeclaredFormat,
    sought: Sought<'_>,
) -> Result<Opened, SourceError> {
    let dialect = Dialect::of(path, sample, declared, sought)?;
    let decoder = Decoder::new(Unpacked::open(path)?, dialect.encoding);
    let marks = dialect.marks;
    let first_line = match dialect.header {
        Header::First => 1,
        Header::Row(row) => row,
        Header::None { skip } => skip + 1,
    };
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(marks.delimiter)
        .quoting(marks.quote.is_some())
        .quote(marks.quote.unwrap_or(b'"'))
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(Scanner::new(decoder, marks, first_line));
    let encoding = dialect.encoding;
    let mut records = Delimited { path: path.to_owned(), reader, first: None };
    let mut first = StringRecord::new();
    let line = records.read(&mut first)?;
    let (Some(line), false) = (line, first.iter().all(|cell| cell.trim().is_empty())) else {
        return Err(SourceError::Empty(records.path));
    };
    let header = match dialect.header {
        Header::None { .. } => {
            let positions = (1..=first.len()).map(|position| position.to_string()).collect();
            records.first = Some((line, first));
            positions
        }
        Header::First | Header::Row(_) => {
            refuse_misread(path, line, &first, encoding)?;
            first
        }
    };
    let packed = if sample.is_gzip { ", gzip" } else { "" };
    let delimiter =
        if marks.delimiter == b'\t' { "tab".into() } else { format!("`{}`", char::from(marks.delimiter)) };
    let header_words = match dialect.header {
        Header::None { .. } => ", no header".to_owned(),
        Header::First | Header::Row(_) if dialect.titles.is_empty() => String::new(),
        Header::First | Header::Row(_) => format!(", header in line {line}"),
    };
    Ok(Opened {
        header,
        header_line: line,
        titles: dialect.titles,
        has_header: !matches!(dialect.header, Header::None { .. }),
        records: Box::new(records),
        places: Places::Lines,
        delimiter: Some(mark_name(marks.delimiter)),
        encoding,
        format: format!("CSV, {delimiter}, {encoding}{header_words}{packed}"),
    })
}

/// Refuses a header with bytes that are no text: which column it names would be a guess.
fn refuse_misread(
    path: &Path,
    line: u64,
    header: &StringRecord,
    encoding: Encoding,
) -> Result<(), SourceError> {
    let found = header.iter().find_map(|name| Some((name, misread(name, encoding)?)));
    match found {
        Some((name, reason)) => Err(SourceError::Encoding {
            path: path.to_owned(),
            line,
            name: shown(name.trim()),
            problem: Reason::to_string(&reason),
        }),
        None => Ok(()),
    }
}

impl Dialect {
    fn of(
        path: &Path,
        sample: &Sample,
        declared: &DeclaredFormat,
        sought: Sought<'_>,
    ) -> Result<Dialect, SourceError> {
        let shown = Encoding::shown_by(&sample.bytes);
        if let Some(delimiter) = rejects_delimiter(&shown.unwrap_or(Encoding::UTF_8).lossy(&sample.bytes)) {
            // Whatever the delivered file was: this one was written by Attain and saved by a spreadsheet.
            let marks = Marks { delimiter, quote: Some(b'"') };
            let encoding = shown.unwrap_or(Encoding::UTF_8);
            return Ok(Dialect { encoding, marks, header: Header::First, titles: Vec::new() });
        }
        if shown.is_none() && sample.has_nul_in_first_line() {
            return Err(SourceError::format(
                path,
                "it is neither text nor another format that Attain reads; export the rows as CSV or as a workbook",
            ));
        }
        let encoding = match (shown, declared.encoding) {
            (Some(shown), _) => shown,
            (None, Some(declared)) => declared,
            (None, None) => Encoding::UTF_8,
        };
        let quote = match declared.quote {
            Some(Quote::Mark(mark)) => Some(mark),
            Some(Quote::None) => None,
            None => Some(b'"'),
        };
        let text = encoding.lossy(&sample.bytes);
        let text = whole_lines(&text, declared.header, sample.is_whole);
        let beginning = Beginning { text, quote, header: declared.header, sought };
        let layout = match declared.delimiter {
            Some(delimiter) => beginning.layout_with(delimiter),
            None => beginning.layout().ok_or_else(|| SourceError::TwoDelimiters(path.to_owned()))?,
        };
        let header = match declared.header {
            Header::First if layout.header_line > 1 => Header::Row(layout.header_line),
            header => header,
        };
        let marks = Marks { delimiter: layout.delimiter, quote };
        Ok(Dialect { encoding, marks, header, titles: layout.titles })
    }
}

/// Whether a file is a rejects file, whatever the file was that its rows are from.
pub(super) fn is_rejects_file(sample: &Sample) -> bool {
    let encoding = Encoding::shown_by(&sample.bytes).unwrap_or(Encoding::UTF_8);
    rejects_delimiter(&encoding.lossy(&sample.bytes)).is_some()
}

/// The delimiter of a rejects file, if the text is one.
fn rejects_delimiter(text: &str) -> Option<u8> {
    let unquoted = |text: &'_ str, name: &str| {
        let text = text.strip_prefix('"').unwrap_or(text);
        text.strip_prefix(name).map(|rest| rest.strip_prefix('"').unwrap_or(rest).to_owned())
    };
    let rest = unquoted(text, REJECT_COLUMNS[0])?;
    let delimiter = rest.bytes().next().filter(u8::is_ascii)?;
    unquoted(&rest[1..], REJECT_COLUMNS[1]).map(|_| delimiter)
}

/// The whole lines of a beginning, from the header or first row on.
fn whole_lines(text: &str, header: Header, is_whole: bool) -> &str {
    let passed = match header {
        Header::First => 0,
        Header::Row(row) => row - 1,
        Header::None { skip } => skip,
    };
    let mut text = text;
    for _ in 0..passed {
        text = text.split_once('\n').map_or("", |(_, rest)| rest);
    }
    match text.rfind(['\n', '\r']) {
        Some(end) if !is_whole => &text[..end],
        _ => text,
    }
}

impl Delimited {
    /// Reads a record; the line it begins on.
    fn read(&mut self, record: &mut StringRecord) -> Result<Option<u64>, SourceError> {
        let more = self.reader.read_record(record);
        let line = self.reader.get_mut().next_record_line();
        let more = more.map_err(|error| self.unreadable(error))?;
        Ok(more.then_some(line))
    }

    fn unreadable(&self, error: csv::Error) -> SourceError {
        let path = self.path.clone();
        match (self.reader.get_ref().fault(), error.into_kind()) {
            (Some(Fault::OpenQuote { line }), _) => SourceError::OpenQuote { path, line },
            (Some(Fault::LongRecord { line }), _) => {
                SourceError::LongRecord { path, line, mebibytes: RECORD_BYTES_MAX >> 20 }
            }
            (Some(Fault::Nul { line }), _) => SourceError::Nul { path, line },
            (None, ErrorKind::Io(cause)) => SourceError::while_reading(&path, cause),
            (None, other) => SourceError::Io { path, cause: std::io::Error::other(format!("{other:?}")) },
        }
    }
}

impl Records for Delimited {
    fn next(&mut self, record: &mut Record) -> Result<Option<u64>, SourceError> {
        if let Some((line, first)) = self.first.take() {
            *record = Record::of_text(first);
            return Ok(Some(line));
        }
        self.read(record.text_mut())
    }

    fn progress(&self) -> (u64, u64) {
        self.reader.get_ref().inner().inner().progress()
    }

    fn sha256(self: Box<Self>) -> Result<String, SourceError> {
        let path = self.path;
        let unpacked = self.reader.into_inner().into_inner().into_inner();
        unpacked.sha256().map_err(|cause| SourceError::Io { path, cause })
    }
}
