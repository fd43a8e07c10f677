//! The store of facts: immutable Parquet files in a folder, named by snapshots in the records.
//!
//! A table's `current` files hold the versions that hold now, deals by closing month and sorted
//! by owner; its `history` files hold every version that was superseded or deleted. A delivery
//! rewrites the current files it touches, appends history, and one transaction names the new
//! files together with its report and audit entry. Killed anywhere, the old snapshot stands.

mod manifest;
mod migration;
pub(crate) mod parquet;
pub mod schema;
mod snapshot;

use std::path::{Path, PathBuf};

use datafusion::error::DataFusionError;

pub use manifest::{FactFile, FileKind};
pub use snapshot::Snapshot;
pub(crate) use snapshot::read_parquet;

/// Why facts could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be used.
    #[error("could not {action} {path}: {cause}; nothing was changed")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A file could not be written.
    #[error("could not write {path}: {cause}; nothing was changed")]
    Write {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        cause: String,
    },
    /// The engine could not read files.
    #[error("could not read the facts: {0}")]
    Engine(#[from] DataFusionError),
    /// A file lacks a column every file of its kind has.
    #[error("a facts file lacks the column `{0}`; it was not written by this program")]
    MissingColumn(String),
}

impl From<datafusion::arrow::error::ArrowError> for StoreError {
    fn from(error: datafusion::arrow::error::ArrowError) -> StoreError {
        StoreError::Engine(error.into())
    }
}

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &Path, cause: std::io::Error) -> StoreError {
        StoreError::Io { action, path: path.to_owned(), cause }
    }

    pub(crate) fn write(path: &Path, cause: &dyn std::fmt::Display) -> StoreError {
        StoreError::Write { path: path.to_owned(), cause: cause.to_string() }
    }
}
