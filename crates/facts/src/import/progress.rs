//! How far an import is, and whether it goes on: it may be stopped at any step before its commit.

use std::ops::ControlFlow;

use super::ImportError;
use crate::canonical::Table;

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A file is looked through for the people, teams, accounts and products it brings.
    Meeting {
        /// Name of the file.
        file: &'a str,
        /// Bytes read.
        bytes: u64,
        /// Bytes of the file.
        bytes_total: u64,
    },
    /// Rows are being read.
    Reading {
        /// Name of the file.
        file: &'a str,
        /// Bytes read.
        bytes: u64,
        /// Bytes of the file.
        bytes_total: u64,
    },
    /// Rows are being compared with what is known.
    Comparing(Table),
    /// Files are being written.
    Writing(Table),
}

/// Is told how far an import is, and says whether it goes on.
pub type Watch<'a> = dyn Fn(Progress<'_>) -> ControlFlow<()> + Sync + 'a;

/// Tells how far it is, and ends the import if it is to stop.
pub(super) fn tell(watch: &Watch<'_>, progress: Progress<'_>) -> Result<(), ImportError> {
    if watch(progress).is_break() { Err(ImportError::Stopped) } else { Ok(()) }
}
