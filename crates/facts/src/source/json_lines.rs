//! JSON lines: an object on every line. Objects within objects are columns with a dot, as in
//! `owner.name`; lists stay JSON text.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::bytes::Unpacked;
use super::encoding::{Decoder, Encoding};
use super::kind::Sample;
use super::record::{Nature, Record, Records};
use super::scanner::RECORD_BYTES_MAX;
use super::typed::plain_number;
use super::{Opened, Places, SourceError};
use crate::mapping::DeclaredFormat;
use crate::reject::Reason;

/// A file being read.
struct JsonLines {
    path: PathBuf,
    lines: BufReader<Decoder<Unpacked>>,
    line: u64,
    columns: Vec<String>,
}

/// A cell: the path of its column, its text and what is known of it.
type Cell = (String, String, Nature);

/// Opens a file and looks which columns its objects have, in the order in which they appear.
pub(super) fn open(path: &Path, sample: &Sample, declared: &DeclaredFormat) -> Result<Opened, SourceError> {
    let shown = Encoding::shown_by(&sample.bytes);
    let encoding = shown.or(declared.encoding).unwrap_or(Encoding::UTF_8);
    let mut columns: Vec<String> = Vec::new();
    let mut scan = JsonLines::open(path, encoding, Vec::new())?;
    let mut text = String::new();
    while scan.next_line(&mut text)?.is_some() {
        for (name, ..) in cells(&text).into_iter().flatten() {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
    }
    let packed = if sample.is_gzip { ", gzip" } else { "" };
    Ok(Opened {
        header: columns.iter().collect::<StringRecord>(),
        header_line: 1,
        titles: Vec::new(),
        has_header: false,
        records: Box::new(JsonLines::open(path, encoding, columns)?),
        places: Places::Lines,
        delimiter: None,
        encoding,
        format: format!("JSON lines, {encoding}{packed}"),
    })
}

impl JsonLines {
    fn open(path: &Path, encoding: Encoding, columns: Vec<String>) -> Result<JsonLines, SourceError> {
        let lines = BufReader::new(Decoder::new(Unpacked::open(path)?, encoding));
        Ok(JsonLines { path: path.to_owned(), lines, line: 0, columns })
    }

    /// Reads the next line that is not blank; its number.
    fn next_line(&mut self, text: &mut String) -> Result<Option<u64>, SourceError> {
        loop {
            text.clear();
            let mut line = (&mut self.lines).take(RECORD_BYTES_MAX + 1);
            line.read_line(text).map_err(|cause| SourceError::while_reading(&self.path, cause))?;
            if text.is_empty() {
                return Ok(None);
            }
            self.line += 1;
            if text.len() as u64 > RECORD_BYTES_MAX {
                let (path, line) = (self.path.clone(), self.line);
                return Err(SourceError::LongRecord { path, line, mebibytes: RECORD_BYTES_MAX >> 20 });
            }
            if !text.trim().is_empty() {
                return Ok(Some(self.line));
            }
        }
    }
}

impl Records for JsonLines {
    fn next(&mut self, record: &mut Record) -> Result<Option<u64>, SourceError> {
        let mut text = String::new();
        let Some(line) = self.next_line(&mut text)? else { return Ok(None) };
        *record = match cells(&text) {
            Ok(cells) => {
                let mut record = Record::default();
                for column in &self.columns {
                    match cells.iter().find(|(name, ..)| name == column) {
                        Some((_, text, nature)) => record.push(text, *nature),
                        None => record.push("", Nature::Text),
                    }
                }
                record
            }
            Err(problem) => {
                Record::of_unreadable(text.trim(), self.columns.len(), Reason::NotAnObject { problem })
            }
        };
        Ok(Some(line))
    }

    fn progress(&self) -> (u64, u64) {
        self.lines.get_ref().inner().progress()
    }

    fn sha256(self: Box<Self>) -> Result<String, SourceError> {
        let path = self.path;
        let unpacked = self.lines.into_inner().into_inner();
        unpacked.sha256().map_err(|cause| SourceError::Io { path, cause })
    }
}

/// The cells of an object, or what is wrong with the text.
fn cells(text: &str) -> Result<Vec<Cell>, String> {
    let mut cells = Vec::new();
    add_cells("", text, &mut cells).map_err(|error| error.to_string())?;
    Ok(cells)
}

fn add_cells(prefix: &str, text: &str, cells: &mut Vec<Cell>) -> serde_json::Result<()> {
    let Object(members) = serde_json::from_str(text)?;
    for (name, value) in members {
        let name = format!("{prefix}{name}");
        let value = value.get();
        if value.starts_with('{') {
            add_cells(&format!("{name}."), value, cells)?;
            continue;
        }
        if cells.iter().any(|(known, ..)| *known == name) {
            return Err(serde_json::Error::custom(format!("`{name}` stands in it twice")));
        }
        let (text, nature) = match value.as_bytes().first() {
            Some(b'"') => (serde_json::from_str(value)?, Nature::Text),
            Some(b'n') => (String::new(), Nature::Text),
            Some(b'[') => (value.to_owned(), Nature::Text),
            _ => (plain_number(value), Nature::Typed),
        };
        cells.push((name, text, nature));
    }
    Ok(())
}

/// The members of an object, each value as it is written, so that numbers stay exact.
struct Object(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = entries.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_cells_and_numbers_stay_exact() {
        let found = cells(
            r#"{"id":"D1","owner":{"name":"Ann","tags":["a"]},"amount":12345678901234567.89,"won":true,"x":null}"#,
        );
        let found = found.expect("an object");
        let found: Vec<(&str, &str, Nature)> =
            found.iter().map(|(name, text, nature)| (name.as_str(), text.as_str(), *nature)).collect();
        let expected = [
            ("id", "D1", Nature::Text),
            ("owner.name", "Ann", Nature::Text),
            ("owner.tags", "[\"a\"]", Nature::Text),
            ("amount", "12345678901234567.89", Nature::Typed),
            ("won", "true", Nature::Typed),
            ("x", "", Nature::Text),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_object_is_refused_with_the_reason() {
        for (text, says) in [
            ("[1]", "expected an object"),
            (r#"{"id":1"#, "EOF"),
            (r#"{"id":1,"id":2}"#, "`id` stands in it twice"),
            (r#"{"id":1} x"#, "trailing characters"),
        ] {
            let problem = cells(text).expect_err(text);
            assert!(problem.contains(says), "{text}: {problem}");
        }
    }
}
