//! Watches the bytes on their way to the CSV reader, for what that reader cannot tell: on which
//! line a record begins, and quotations, NUL bytes and endless records that make a file unusable.

use std::collections::VecDeque;
use std::io::{self, Read};

/// A quotation longer than this is taken for one that was never closed.
const QUOTED_BYTES_MAX: u64 = 1 << 20;
/// A record longer than this is none: it would have to be held in memory.
pub(super) const RECORD_BYTES_MAX: u64 = 4 << 20;

/// What makes a file unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A NUL byte.
    Nul { line: u64 },
    /// A quotation without end, and where it begins.
    OpenQuote { line: u64 },
    /// A record without end, and where it begins.
    LongRecord { line: u64 },
}

/// The marks that a text is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
}

/// Where in the grammar of CSV a byte stands. Mirrors the lenient reading of the `csv` crate: a
/// quotation mark opens a quotation only at the start of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    RecordStart,
    FieldStart,
    Field,
    Quoted {
        since_line: u64,
        bytes: u64,
    },
    /// After a mark that either closes the quotation or is the first of two.
    QuoteInQuoted {
        since_line: u64,
        bytes: u64,
    },
}

/// A reader that passes bytes on.
#[derive(Debug)]
pub(super) struct Scanner<R> {
    inner: R,
    marks: Marks,
    /// Lines before it are passed over.
    first_line: u64,
    is_before_first: bool,
    place: Place,
    line: u64,
    /// Bytes of the record that have passed.
    record_bytes: u64,
    record_line: u64,
    after_return: bool,
    /// Lines on which records begin that have not been asked for.
    record_lines: VecDeque<u64>,
    fault: Option<Fault>,
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(inner: R, marks: Marks, first_line: u64) -> Scanner<R> {
        Scanner {
            inner,
            marks,
            first_line,
            place: Place::RecordStart,
            line: 1,
            is_before_first: first_line > 1,
            record_bytes: 0,
            record_line: 1,
            after_return: false,
            record_lines: VecDeque::new(),
            fault: None,
        }
    }

    /// The line of the next record, from 1; to be called once per record.
    pub(super) fn next_record_line(&mut self) -> u64 {
        self.record_lines.pop_front().unwrap_or(self.line)
    }

    /// The reader behind it.
    pub(super) fn inner(&self) -> &R {
        &self.inner
    }

    /// The reader behind it, once this one has done its work.
    pub(super) fn into_inner(self) -> R {
        self.inner
    }

    /// Why reading failed, if not for the machine's reasons.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    fn step(&mut self, byte: u8) -> Result<(), Fault> {
        if byte == 0 {
            return Err(Fault::Nul { line: self.line });
        }
        self.place = match (self.place, byte) {
            (Place::Quoted { since_line, .. }, _) if self.is_too_long() => {
                return Err(Fault::OpenQuote { line: since_line });
            }
            (Place::Quoted { since_line, bytes }, _) if Some(byte) == self.marks.quote => {
                Place::QuoteInQuoted { since_line, bytes }
            }
            (Place::Quoted { since_line, bytes }, _) => Place::Quoted { since_line, bytes: bytes + 1 },
            (Place::QuoteInQuoted { since_line, bytes }, _) if Some(byte) == self.marks.quote => {
                Place::Quoted { since_line, bytes: bytes + 2 }
            }
            (_, b'\r' | b'\n') => Place::RecordStart,
            (Place::RecordStart, _) => {
                self.record_lines.push_back(self.line);
                (self.record_bytes, self.record_line) = (0, self.line);
                self.field_start(byte)
            }
            (Place::FieldStart, _) => self.field_start(byte),
            (Place::Field | Place::QuoteInQuoted { .. }, _) if byte == self.marks.delimiter => {
                Place::FieldStart
            }
            (Place::Field | Place::QuoteInQuoted { .. }, _) => Place::Field,
        };
        self.record_bytes += 1;
        if self.record_bytes > RECORD_BYTES_MAX && self.place != Place::RecordStart {
            return Err(Fault::LongRecord { line: self.record_line });
        }
        self.count_line(byte);
        Ok(())
    }

    /// Passes over the lines before the first; how many bytes they are.
    fn pass_over(&mut self, bytes: &[u8]) -> usize {
        let mut passed = 0;
        for byte in bytes {
            let ends_pair = *byte == b'\n' && self.after_return;
            if self.line >= self.first_line && !ends_pair {
                break;
            }
            self.count_line(*byte);
            passed += 1;
        }
        passed
    }

    fn field_start(&self, byte: u8) -> Place {
        match byte {
            _ if Some(byte) == self.marks.quote => Place::Quoted { since_line: self.line, bytes: 0 },
            _ if byte == self.marks.delimiter => Place::FieldStart,
            _ => Place::Field,
        }
    }

    fn is_too_long(&self) -> bool {
        matches!(self.place, Place::Quoted { bytes, .. } if bytes > QUOTED_BYTES_MAX)
    }

    /// Lines end with `\n`, `\r\n` or `\r`.
    fn count_line(&mut self, byte: u8) {
        let second_of_pair = byte == b'\n' && self.after_return;
        if matches!(byte, b'\r' | b'\n') && !second_of_pair {
            self.line += 1;
        }
        self.after_return = byte == b'\r';
    }

    /// Reads what stands behind the lines that are passed over.
    fn read_lines(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.inner.read(buffer)?;
            let passed = if self.is_before_first { self.pass_over(&buffer[..count]) } else { 0 };
            buffer.copy_within(passed..count, 0);
            if count == 0 || passed < count {
                self.is_before_first = false;
                return Ok(count - passed);
            }
        }
    }

    fn fail(&mut self, fault: Fault) -> io::Error {
        self.fault = Some(fault);
        io::Error::from(io::ErrorKind::InvalidData)
    }
}

impl<R: Read> Read for Scanner<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read_lines(buffer)?;
        for byte in &buffer[..count] {
            self.step(*byte).map_err(|fault| self.fail(fault))?;
        }
        match self.place {
            Place::Quoted { since_line, .. } if count == 0 && !buffer.is_empty() => {
                Err(self.fail(Fault::OpenQuote { line: since_line }))
            }
            _ => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reader(text: &[u8]) -> csv::Reader<Scanner<&[u8]>> {
        let marks = Marks { delimiter: b',', quote: Some(b'"') };
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Scanner::new(text, marks, 1))
    }

    /// The first field of every record with the line on which it begins.
    fn lines(text: &str) -> Vec<(u64, String)> {
        let mut reader = reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut lines = Vec::new();
        while reader.read_record(&mut record).expect("readable") {
            lines.push((reader.get_mut().next_record_line(), record[0].to_owned()));
        }
        lines
    }

    fn check(text: &str, expected: &[(u64, &str)]) {
        let expected: Vec<(u64, String)> =
            expected.iter().map(|(line, field)| (*line, (*field).to_owned())).collect();
        assert_eq!(lines(text), expected, "{text:?}");
    }

    #[test]
    fn records_have_the_lines_that_an_editor_shows() {
        check("a,b\nc,d\n", &[(1, "a"), (2, "c")]);
        check("a,b\r\nc,d\r\ne,f", &[(1, "a"), (2, "c"), (3, "e")]);
        check("a,b\rc,d\r", &[(1, "a"), (2, "c")]);
        check("a\n\n\nb\n", &[(1, "a"), (4, "b")]);
        check("\"a\nb\",c\nd,e\n", &[(1, "a\nb"), (3, "d")]);
        check("\"a \"\"b\"\"\r\n\",c\r\nd\r\n", &[(1, "a \"b\"\r\n"), (3, "d")]);
        check("5\" disk,x\ny\n", &[(1, "5\" disk"), (2, "y")]);
    }

    fn fault(text: &[u8]) -> Option<Fault> {
        let mut reader = reader(text);
        let failed = reader.byte_records().any(|record| record.is_err());
        assert_eq!(failed, reader.get_ref().fault().is_some());
        reader.get_ref().fault()
    }

    #[test]
    fn a_quotation_without_end_is_found_where_it_begins() {
        assert_eq!(fault(b"a,b\nc,\"d\ne,f\n"), Some(Fault::OpenQuote { line: 2 }));
        assert_eq!(fault(b"a,\"b\"\n"), None);
        assert_eq!(fault(b"a,\"b\""), None);
        let endless = format!("a\n\"{}", "x".repeat(3 << 20));
        assert_eq!(fault(endless.as_bytes()), Some(Fault::OpenQuote { line: 2 }));
    }

    #[test]
    fn a_record_without_end_is_found_before_it_fills_the_memory() {
        let endless = format!("a,b\nc,{}\ne,f\n", "x".repeat(5 << 20));
        assert_eq!(fault(endless.as_bytes()), Some(Fault::LongRecord { line: 2 }));
        let many = "x,y\n".repeat(2 << 20);
        assert_eq!(fault(many.as_bytes()), None);
    }

    #[test]
    fn lines_before_the_first_are_passed_over_and_counted() {
        for text in ["Deals\n\nid;name\n1;x\n", "Deals\r\n\r\nid;name\r\n1;x\r\n"] {
            let marks = Marks { delimiter: b';', quote: None };
            let scanner = Scanner::new(text.as_bytes(), marks, 3);
            let mut reader =
                csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(scanner);
            let mut record = csv::StringRecord::new();
            assert!(reader.read_record(&mut record).expect("a record"));
            assert_eq!(
                (reader.get_mut().next_record_line(), &record),
                (3, &csv::StringRecord::from(vec!["id", "name"]))
            );
            assert!(reader.read_record(&mut record).expect("a record"));
            assert_eq!(reader.get_mut().next_record_line(), 4);
        }
    }

    #[test]
    fn nul_bytes_are_found() {
        assert_eq!(fault(b"a,b\nc,\0\n"), Some(Fault::Nul { line: 2 }));
    }

    proptest! {
        /// However strange the text, each record that the CSV reader finds has a line of its own.
        #[test]
        fn it_finds_as_many_records_as_the_csv_reader(text in "[a,\"\\r\\n]{0,30}") {
            let mut reader = reader(text.as_bytes());
            let mut record = csv::ByteRecord::new();
            let mut last_line = 0;
            while let Ok(true) = reader.read_byte_record(&mut record) {
                let line = reader.get_mut().record_lines.pop_front();
                prop_assert!(line.is_some_and(|line| line > last_line), "{text:?}");
                last_line = line.unwrap_or_default();
            }
            if reader.get_ref().fault().is_none() {
                prop_assert!(reader.get_ref().record_lines.is_empty(), "{text:?}");
            }
        }
    }
}
