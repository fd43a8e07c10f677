//! What a file is, by its first bytes: packed or not, and of which kind.

use std::io::Read;
use std::path::Path;

use super::SourceError;
use super::bytes::Unpacked;
use super::packed::workbook_kind;

/// Bytes that are looked at to recognise a file.
const SAMPLE_BYTES: u64 = 1 << 16;

/// A kind of file that rows are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text with a delimiter between the fields.
    Delimited,
    /// A workbook of Excel.
    Xlsx,
    /// A workbook in the OpenDocument format.
    Ods,
    /// A JSON object on every line.
    JsonLines,
    /// Parquet.
    Parquet,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] =
        [Kind::Delimited, Kind::Xlsx, Kind::Ods, Kind::JsonLines, Kind::Parquet];

    /// The kind's name in mappings.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Delimited => "csv",
            Kind::Xlsx => "xlsx",
            Kind::Ods => "ods",
            Kind::JsonLines => "json_lines",
            Kind::Parquet => "parquet",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The beginning of a file, unpacked.
pub(super) struct Sample {
    pub(super) bytes: Vec<u8>,
    /// Whether that is all there is.
    pub(super) is_whole: bool,
    pub(super) is_gzip: bool,
}

impl Sample {
    pub(super) fn of(path: &Path) -> Result<Sample, SourceError> {
        let unpacked = Unpacked::open(path)?;
        let is_gzip = unpacked.is_gzip();
        let mut bytes = Vec::new();
        let read = unpacked.take(SAMPLE_BYTES).read_to_end(&mut bytes);
        read.map_err(|cause| SourceError::while_reading(path, cause))?;
        if bytes.is_empty() {
            return Err(SourceError::Empty(path.to_owned()));
        }
        let is_whole = (bytes.len() as u64) < SAMPLE_BYTES;
        Ok(Sample { bytes, is_whole, is_gzip })
    }

    /// The kind of file that begins like this.
    pub(super) fn kind(&self, path: &Path) -> Result<Kind, SourceError> {
        let refused = |problem: &str| Err(SourceError::format(path, problem));
        match self.bytes.as_slice() {
            [b'P', b'A', b'R', b'1', ..] | [b'P', b'K', 3, 4, ..] if self.is_gzip => {
                refused("it is packed with gzip, which this kind of file needs no more; deliver it unpacked")
            }
            [b'P', b'A', b'R', b'1', ..] => Ok(Kind::Parquet),
            [b'P', b'K', 3, 4, ..] => workbook_kind(path)?.ok_or_else(|| {
                SourceError::format(path, "it is a zip archive and not a workbook; give it the name of its file and .zip behind it, or deliver it unpacked")
            }),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => refused(
                "it is an Excel workbook of the old format (.xls), or one with a password; save it as .xlsx without a password",
            ),
            [b'%', b'P', b'D', b'F', ..] => {
                refused("it is a PDF document; export the rows as CSV or as a workbook")
            }
            [b'<', ..] if self.begins_with(b"<?xml") || self.begins_with(b"<html") || self.begins_with(b"<!DOCTYPE") => {
                refused("it is a web page or XML, whatever its name says; export the rows as CSV or as a workbook")
            }
            text => Ok(match first_mark(text) {
                Some((b'{', Some(b'"' | b'}'))) => Kind::JsonLines,
                Some((b'[', Some(b'{'))) => {
                    return refused(
                        "it is one JSON list; write each of its objects on a line of its own (JSON lines)",
                    );
                }
                _ => Kind::Delimited,
            }),
        }
    }

    /// Whether it cannot be meant as text. Further down a NUL byte is a fault in a text, which is told
    /// with its line.
    pub(super) fn has_nul_in_first_line(&self) -> bool {
        let mut line = self.bytes.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r'));
        line.any(|byte| *byte == 0)
    }

    fn begins_with(&self, text: &[u8]) -> bool {
        self.bytes.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
    }
}

/// The first character of a text and the one after it, white space and byte order mark aside.
fn first_mark(text: &[u8]) -> Option<(u8, Option<u8>)> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut marks = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    Some((marks.next()?, marks.next()))
}
