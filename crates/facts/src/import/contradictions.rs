//! Rows that contradict others with the same identifier: in this delivery or, where rows are only
//! ever added, in an earlier one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{ImportError, Work, compare};
use crate::canonical::Table;
use crate::mapping::{Mode, TableMapping};
use crate::reject::{Reason, Reject};

impl Work<'_> {
    /// Rejects rows whose identifier stands in the delivery with other values too.
    pub(super) async fn reject_contradictions(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<(), ImportError> {
        let context = compare::session(self.scratch)?;
        for (table, path) in tables {
            let mut by_file: BTreeMap<usize, Vec<Reject>> = BTreeMap::new();
            for conflict in self.staged(&context, *table, path).conflicts().await? {
                let (line, value) = (conflict.line, Some(conflict.key));
                let column = self.key_column(conflict.file_index, *table);
                let reject = Reject { line, column, value, reason: Reason::Contradiction };
                by_file.entry(conflict.file_index).or_default().push(reject);
            }
            for (file_index, rejects) in by_file {
                self.staging.reject_later(file_index, rejects)?;
            }
        }
        Ok(())
    }

    /// Rejects rows that would change what was delivered before, in files that only add rows.
    pub(super) async fn reject_rewritten(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<(), ImportError> {
        let Some(held) = &self.held else { return Ok(()) };
        let context = compare::session(self.scratch)?;
        let mut by_file: BTreeMap<usize, Vec<Reject>> = BTreeMap::new();
        for (table, path) in tables.iter().filter(|(table, _)| self.is_fed(**table, Mode::Append)) {
            let found = self.staged(&context, *table, path).rewritten(held, &self.staging.fates).await?;
            for row in found.into_iter().filter(|row| self.staging.files[row.file_index].mode == Mode::Append)
            {
                let column = self.key_column(row.file_index, *table);
                let (line, value) = (row.line, Some(row.key));
                let reject = Reject { line, column, value, reason: Reason::Rewritten };
                by_file.entry(row.file_index).or_default().push(reject);
            }
        }
        by_file
            .into_iter()
            .try_for_each(|(file_index, rejects)| self.staging.reject_later(file_index, rejects))
    }

    /// The source's column that identifies rows of a table in a file.
    fn key_column(&self, file_index: usize, table: Table) -> Option<String> {
        let mut tables = self.file_mapping(file_index)?.tables.iter();
        tables.find(|mapping| mapping.table == table).map(TableMapping::key_name)
    }
}
