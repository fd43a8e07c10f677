//! Rows that refer to something whose own rows were all rejected: they are rejected as well, and
//! so on with those that refer to them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::compare::session;
use super::identity::is_named;
use super::{ImportError, Work};
use crate::canonical::{ColumnType, Table};
use crate::reject::{Reason, Reject};

impl Work<'_> {
    /// Rejects what refers to rejected rows, until nothing does. What is lost here is not known
    /// to later deliveries either.
    pub(super) async fn reject_dangling(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<(), ImportError> {
        while self.staging.rejected() > 0 && !self.too_many_rejects() {
            let lost = self.lost(tables).await?;
            if lost.is_empty() {
                break;
            }
            self.reject_referring(tables, &lost).await?;
        }
        Ok(())
    }

    /// What this delivery brought first and no row of it is left of: source identifiers by table
    /// and id.
    async fn lost(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<BTreeMap<Table, HashMap<String, String>>, ImportError> {
        let context = session(self.scratch)?;
        let mut lost = BTreeMap::new();
        for table in Table::ALL.into_iter().filter(|table| is_named(*table)) {
            let accepted = match tables.get(&table) {
                Some(path) => self.staged(&context, table, path).accepted_ids(&self.staging.fates).await?,
                None => Default::default(),
            };
            let forgotten = self.staging.known.forget_new(table, |source_id| !accepted.contains(source_id));
            if !forgotten.is_empty() {
                lost.insert(table, forgotten);
            }
        }
        Ok(lost)
    }

    async fn reject_referring(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
        lost: &BTreeMap<Table, HashMap<String, String>>,
    ) -> Result<(), ImportError> {
        let context = session(self.scratch)?;
        let mut by_file: BTreeMap<usize, Vec<Reject>> = BTreeMap::new();
        for (table, path) in tables {
            for column in table.columns() {
                let ColumnType::Reference(target) = column.kind else { continue };
                let Some(lost) = lost.get(&target) else { continue };
                let ids = lost.keys().map(String::as_str);
                let staged = self.staged(&context, *table, path);
                for row in staged.referring(column.name, ids, &self.staging.fates).await? {
                    let reject = Reject {
                        line: row.line,
                        column: self.source_column(row.file_index, *table, column.name),
                        value: lost.get(&row.key).cloned(),
                        reason: Reason::RejectedItself { table: target },
                    };
                    by_file.entry(row.file_index).or_default().push(reject);
                }
            }
        }
        by_file
            .into_iter()
            .try_for_each(|(file_index, rejects)| self.staging.reject_later(file_index, rejects))
    }
}
