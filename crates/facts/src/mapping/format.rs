//! How a delivered file is written, where a mapping says so: the `format` block of a file. What it
//! leaves open is recognised by the file's content.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

use super::{MappingError, Resolver};
use crate::source::{Encoding, Kind};

/// What a mapping says about how a file is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeclaredFormat {
    pub(crate) kind: Option<Kind>,
    pub(crate) delimiter: Option<u8>,
    pub(crate) quote: Option<Quote>,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) header: Header,
    /// Name of the sheet of a workbook.
    pub(crate) sheet: Option<String>,
}

/// What stands around a field in which the delimiter occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// This mark.
    Mark(u8),
    /// Nothing: marks are text.
    None,
}

/// Where the names of the columns stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Header {
    /// In the first row; in a workbook in the first row that has the mapping's columns.
    #[default]
    First,
    /// In this row or line, from 1.
    Row(u64),
    /// Nowhere: columns are named by their position, from 1. So many rows or lines before the first
    /// do not count.
    None { skip: u64 },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormatBlock {
    kind: Option<Spanned<String>>,
    delimiter: Option<Spanned<String>>,
    quote: Option<Spanned<String>>,
    encoding: Option<Spanned<String>>,
    header: Option<Spanned<HeaderFile>>,
    skip: Option<Spanned<u64>>,
    sheet: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug)]
enum HeaderFile {
    None,
    Row(u64),
}

impl<'de> Deserialize<'de> for HeaderFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HeaderFile, D::Error> {
        struct HeaderVisitor;
        impl Visitor<'_> for HeaderVisitor {
            type Value = HeaderFile;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the number of the row with the columns' names, or none")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<HeaderFile, E> {
                match text {
                    "none" => Ok(HeaderFile::None),
                    _ => Err(E::custom(format!(
                        "`{text}` is no header; write the number of its row, from 1, or none"
                    ))),
                }
            }

            fn visit_u64<E: Error>(self, row: u64) -> Result<HeaderFile, E> {
                match row {
                    0 => Err(E::custom("rows are counted from 1; without a header, write none")),
                    row => Ok(HeaderFile::Row(row)),
                }
            }
        }
        deserializer.deserialize_any(HeaderVisitor)
    }
}

impl Resolver<'_> {
    pub(super) fn format(&self, block: &FormatBlock) -> Result<DeclaredFormat, MappingError> {
        let format = DeclaredFormat {
            kind: block.kind.as_ref().map(|kind| self.kind(kind)).transpose()?,
            delimiter: block.delimiter.as_ref().map(|mark| self.delimiter(mark)).transpose()?,
            quote: block.quote.as_ref().map(|mark| self.quote(mark)).transpose()?,
            encoding: block.encoding.as_ref().map(|name| self.encoding(name)).transpose()?,
            header: self.header(block)?,
            sheet: block.sheet.as_ref().map(|sheet| sheet.value.clone()),
        };
        self.check_kind(block, &format)?;
        if let (Some(delimiter), Some(quote), Some(Quote::Mark(mark))) =
            (format.delimiter, &block.quote, format.quote)
            && delimiter == mark
        {
            return Err(self.wrong(quote, "delimiter and quote cannot be the same mark".into()));
        }
        Ok(format)
    }

    fn kind(&self, kind: &Spanned<String>) -> Result<Kind, MappingError> {
        Kind::from_name(&kind.value)
            .ok_or_else(|| self.unknown(kind, "kind of file", &kind.value, Kind::ALL.map(Kind::name)))
    }

    fn delimiter(&self, mark: &Spanned<String>) -> Result<u8, MappingError> {
        match (mark.value.as_str(), mark.value.as_bytes()) {
            ("tab", _) => Ok(b'\t'),
            (_, [byte]) if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Ok(*byte),
            (text, _) => Err(self.wrong(
                mark,
                format!("`{text}` is no delimiter; write one character such as \";\" or \"|\", or tab"),
            )),
        }
    }

    fn quote(&self, mark: &Spanned<String>) -> Result<Quote, MappingError> {
        match (mark.value.as_str(), mark.value.as_bytes()) {
            ("none", _) => Ok(Quote::None),
            (_, [byte]) if byte.is_ascii_punctuation() => Ok(Quote::Mark(*byte)),
            (text, _) => Err(self.wrong(
                mark,
                format!("`{text}` is no quotation mark; write one character such as \"'\", or none"),
            )),
        }
    }

    fn encoding(&self, name: &Spanned<String>) -> Result<Encoding, MappingError> {
        Encoding::from_name(&name.value).ok_or_else(|| {
            let problem = format!(
                "`{}` is no encoding; write for example utf-8, utf-16, windows-1252 or latin-1",
                name.value
            );
            self.wrong(name, problem)
        })
    }

    fn header(&self, block: &FormatBlock) -> Result<Header, MappingError> {
        match (block.header.as_ref().map(|header| header.value), &block.skip) {
            (Some(HeaderFile::None), skip) => {
                Ok(Header::None { skip: skip.as_ref().map_or(0, |skip| skip.value) })
            }
            (_, Some(skip)) => Err(self.wrong(
                skip,
                "`skip` goes with `header: none`; otherwise `header` is the number of the row with the columns' names".into(),
            )),
            (Some(HeaderFile::Row(row)), None) => Ok(Header::Row(row)),
            (None, None) => Ok(Header::First),
        }
    }

    /// Refuses what has no meaning in a file of the declared kind.
    fn check_kind(&self, block: &FormatBlock, format: &DeclaredFormat) -> Result<(), MappingError> {
        let Some(kind) = format.kind else { return Ok(()) };
        let written =
            |name, place: &Option<Spanned<String>>| place.as_ref().map(|place| (name, place.referenced));
        let text = [written("delimiter", &block.delimiter), written("quote", &block.quote)];
        let header = block.header.as_ref().map(|header| ("header", header.referenced));
        let misplaced = match kind {
            Kind::Delimited => vec![written("sheet", &block.sheet)],
            Kind::Xlsx | Kind::Ods => {
                text.into_iter().chain([written("encoding", &block.encoding)]).collect()
            }
            Kind::JsonLines => text.into_iter().chain([written("sheet", &block.sheet), header]).collect(),
            Kind::Parquet => text
                .into_iter()
                .chain([written("encoding", &block.encoding), written("sheet", &block.sheet), header])
                .collect(),
        };
        match misplaced.into_iter().flatten().next() {
            Some((name, place)) => Err(self
                .wrong_at(place, format!("`{name}` does not belong to a file of the kind {}", kind.name()))),
            None => Ok(()),
        }
    }
}
