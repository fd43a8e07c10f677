//! Why a delivered file cannot be read as a whole.

use std::path::PathBuf;

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
