//! Why a delivered file cannot be read as a whole.

use std::path::{Path, PathBuf};

use super::bytes::{Bomb, Damaged};

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
    /// It has a header and nothing else, although it is said to be complete or other files lead to its
    /// rows.
    #[error(
        "{0} has a header but no rows; export it again, or leave the file out of the delivery. Only a `delta` into which no other file leads may be without rows: of a complete one everything would be gone"
    )]
    HeaderOnly(PathBuf),
    /// It is of a format that is not read, or not of the one it was said to be.
    #[error("could not read {path}: {problem}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What it is and what to do.
        problem: String,
    },
    /// Two marks may be what separates its fields.
    #[error(
        "could not read {0}: its fields can be separated in two ways; say which in the mapping, as in `format: {{ delimiter: \";\" }}`"
    )]
    TwoDelimiters(PathBuf),
    /// It is a workbook with several sheets.
    #[error(
        "could not read {path}: it has several sheets: {}; say which in the mapping, as in `format: {{ sheet: {} }}`",
        quoted(.sheets),
        .sheets.first().map_or("Deals", String::as_str)
    )]
    SeveralSheets {
        /// The file.
        path: PathBuf,
        /// Their names.
        sheets: Vec<String>,
    },
    /// A column's name is no text in the encoding it should be in.
    #[error("{path}, line {line}: the column `{name}` {problem}")]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The name, as far as it reads.
        name: String,
        /// What it may be and what to do.
        problem: String,
    },
    /// There is a NUL byte.
    #[error(
        "{path}, line {line}: there is a NUL byte, which no text has; it is perhaps damaged or a binary file. Export it again"
    )]
    Nul {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// A record goes on and on.
    #[error(
        "{path}, line {line}: the row that begins here is longer than {mebibytes} MiB; the line ends seem to be missing. Export the file again"
    )]
    LongRecord {
        /// The file.
        path: PathBuf,
        /// Where it begins.
        line: u64,
        /// How long a record may be.
        mebibytes: u64,
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
    #[error("{path}, {place}: the column `{column}` stands in the header twice; rename one of them")]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// Where its header stands.
        place: String,
        /// The name.
        column: String,
    },
    /// A column the mapping reads is not there.
    #[error(
        "{path}, {place}: there is no column `{column}`{guess}; the header has: {header}. Correct the mapping or export the column"
    )]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// Where its header stands.
        place: String,
        /// The name.
        column: String,
        /// A suggestion, as half a sentence.
        guess: String,
        /// The columns that are there.
        header: String,
    },
    /// A file in which rows are looked up is not in the delivery.
    #[error("{file} looks rows up in {missing}, which is not in the delivery; deliver it too")]
    NotDelivered {
        /// The file whose rows lead there.
        file: String,
        /// The file that is missing.
        missing: String,
    },
    /// Rows cannot be looked up among those that were rejected.
    #[error(
        "other rows are looked up in {0}, which holds rejected rows only; correct them in the delivered file and import that"
    )]
    OnlyRejects(PathBuf),
    /// A row that others may lead to cannot be read.
    #[error("{path}, {place}: {problem}. Other rows lead to this one, so it has to be right")]
    LookedUp {
        /// The file.
        path: PathBuf,
        /// Where the row stands.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Two rows that others may lead to have the same key.
    #[error(
        "{path}, {second}: {key} leads here as well as to {first}; only one row may have this key where rows are looked up"
    )]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// What leads to both.
        key: String,
        /// The place of the first.
        first: String,
        /// The place of the second.
        second: String,
    },
}

impl SourceError {
    pub(super) fn format(path: &Path, problem: &str) -> SourceError {
        SourceError::Format { path: path.to_owned(), problem: problem.to_owned() }
    }

    /// What went wrong while bytes were read and unpacked.
    pub(super) fn while_reading(path: &Path, cause: std::io::Error) -> SourceError {
        let packed = cause.get_ref().and_then(|inner| {
            let bomb = inner.downcast_ref::<Bomb>().map(Bomb::to_string);
            bomb.or_else(|| inner.downcast_ref::<Damaged>().map(Damaged::to_string))
        });
        match packed {
            Some(problem) => SourceError::Format { path: path.to_owned(), problem },
            None => SourceError::Io { path: path.to_owned(), cause },
        }
    }
}

/// `a`, `b`
pub(super) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
