//! What an import did, row by row accounted for.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::fates::Tally;
use super::totals::MoneyTotal;
use crate::canonical::Table;
use crate::reject::RejectedRow;

/// Rejected rows a report shows; the rejects file has them all.
pub(super) const SHOWN_REJECTS: usize = 20;

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Each delivered file.
    pub files: Vec<FileReport>,
    /// Each table that was delivered.
    pub tables: Vec<TableReport>,
    /// Files of the folder that the mapping does not name.
    pub not_mapped: Vec<String>,
    /// Sentences about what was done differently than one might expect.
    pub notes: Vec<String>,
}

/// What became of the rows of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Name of the file.
    pub name: String,
    /// What it was read as: `CSV, ;, Windows-1252, gzip`. Imports of earlier versions did not say.
    #[serde(default)]
    pub format: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How its rows were disposed of.
    pub rows: Tally,
    /// The first rejected rows.
    pub rejected: Vec<RejectedRow>,
    /// Where all rejected rows are, to be corrected and imported again.
    pub rejects_file: Option<PathBuf>,
}

/// What became of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReport {
    /// The table.
    pub table: Table,
    /// Rows seen for the first time.
    pub created: u64,
    /// New versions of known rows.
    pub changed: u64,
    /// Rows gone from a full delivery.
    pub deleted: u64,
    /// Rows that said what was known already. Imports of earlier versions did not count them.
    #[serde(default)]
    pub unchanged: Option<u64>,
    /// What its columns of money add up to before and after, over the rows of the source. Imports of
    /// earlier versions did not say.
    #[serde(default)]
    pub totals: Vec<MoneyTotal>,
}

impl TableReport {
    /// Rows created, changed or deleted.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.created + self.changed + self.deleted
    }
}

impl ImportReport {
    /// The rows of all files.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for file in &self.files {
            total.add(file.rows);
        }
        total
    }

    /// Rows created, changed or deleted in all tables.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.tables.iter().map(TableReport::changes).sum()
    }
}
