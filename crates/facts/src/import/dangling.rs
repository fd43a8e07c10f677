//! Rows that refer to something that no file brought, or whose own rows were all rejected: they
//! are rejected as well, and so on with those that refer to them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use datafusion::prelude::{DataFrame, SessionContext, ident};

use super::compare::{FoundRow, KNOWN_ID, session};
use super::identity::is_named;
use super::{ImportError, Work};
use crate::canonical::{Column, ColumnType, Identifier, Table};
use crate::reject::{Reason, Reject};
use crate::store::StoreError;

impl Work<'_> {
    /// Rejects what refers to things whose ids the records keep and whose rows were all rejected.
    /// What is lost here is not known to later deliveries either.
    pub(super) async fn reject_lost(&mut self, tables: &BTreeMap<Table, PathBuf>) -> Result<(), ImportError> {
        if self.staging.rejected() == 0 {
            return Ok(());
        }
        let lost = self.lost(tables).await?;
        if lost.is_empty() { Ok(()) } else { self.reject_referring(tables, &lost).await }
    }

    /// Rejects what refers to deals, leads and the like that neither this delivery nor an earlier
    /// one brought.
    pub(super) async fn reject_unresolved(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<(), ImportError> {
        for (table, path) in tables {
            for column in table.columns() {
                let ColumnType::Reference(target) = column.kind else { continue };
                let Identifier::Derived { column: id, .. } = target.definition().identifier else { continue };
                if !self.maps(*table, column) {
                    continue;
                }
                let context = session(self.scratch)?;
                let known = self.known_ids(&context, target, id, tables).await?;
                let staged = self.staged(&context, *table, path);
                let found = staged.unresolved(column.name, known, &self.staging.fates).await?;
                let delivered = self.delivered_ids(&context, target, &found, tables).await?;
                self.reject_found(*table, column, target, found, &delivered)?;
            }
        }
        Ok(())
    }

    /// Whether any file of the mapping fills a column.
    fn maps(&self, table: Table, column: &Column) -> bool {
        let mut mappings = self.mapping().files.iter().flat_map(|file| &file.tables);
        mappings.any(|mapping| {
            let position = table.column(column.name).map(|(position, _)| position);
            mapping.table == table && position.is_some_and(|position| mapping.columns[position].is_some())
        })
    }

    /// Every id that a reference to a table may hold.
    async fn known_ids(
        &self,
        context: &SessionContext,
        target: Table,
        id: &str,
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<DataFrame, StoreError> {
        let delivered = match tables.get(&target) {
            Some(path) => self.staged(context, target, path).known_ids(&self.staging.fates)?,
            None => None,
        };
        let held = match &self.held {
            Some(held) => {
                Some(held.ever(context, target, id).await?.select(vec![ident(id).alias(KNOWN_ID)])?)
            }
            None => None,
        };
        match (delivered, held) {
            (Some(delivered), Some(held)) => Ok(delivered.union(held)?),
            (Some(one), None) | (None, Some(one)) => Ok(one),
            (None, None) => super::compare::no_ids(context),
        }
    }

    /// Those of the ids found that stand in this delivery, rejected or not.
    async fn delivered_ids(
        &self,
        context: &SessionContext,
        target: Table,
        found: &[FoundRow],
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<HashSet<String>, StoreError> {
        match tables.get(&target) {
            Some(path) if !found.is_empty() => {
                let wanted = found.iter().map(|row| row.key.as_str());
                self.staged(context, target, path).standing(wanted).await
            }
            _ => Ok(HashSet::new()),
        }
    }

    fn reject_found(
        &mut self,
        table: Table,
        column: &Column,
        target: Table,
        found: Vec<FoundRow>,
        delivered: &HashSet<String>,
    ) -> Result<(), ImportError> {
        let mut by_file: BTreeMap<usize, Vec<Reject>> = BTreeMap::new();
        for row in found {
            let reason = match delivered.contains(&row.key) {
                true => Reason::RejectedItself { table: target },
                false => Reason::Dangling { table: target },
            };
            let source = self.source_column(row.file_index, table, column.name);
            // Its value is the source's identifier, which only the file still holds.
            let reject = Reject { line: row.line, column: source, value: None, reason };
            by_file.entry(row.file_index).or_default().push(reject);
        }
        by_file
            .into_iter()
            .try_for_each(|(file_index, rejects)| self.staging.reject_later(file_index, rejects))
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
            for (column, target) in table.columns().iter().flat_map(targets) {
                let Some(lost) = lost.get(&target) else { continue };
                for (row, value) in self.referring(&context, (*table, path), column, lost).await? {
                    let reject = Reject {
                        line: row.line,
                        column: self.source_column(row.file_index, *table, column.name),
                        value,
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

    /// Rows whose column holds one of the lost ids, with the source identifier it stood for.
    async fn referring(
        &self,
        context: &SessionContext,
        (table, path): (Table, &Path),
        column: &Column,
        lost: &HashMap<String, String>,
    ) -> Result<Vec<(FoundRow, Option<String>)>, StoreError> {
        let ids = lost.keys().map(String::as_str);
        let found =
            self.staged(context, table, path).referring(column.name, ids, &self.staging.fates).await?;
        let with_source = |row: FoundRow| {
            let source = lost.get(&row.key).cloned();
            (row, source)
        };
        Ok(found.into_iter().map(with_source).collect())
    }
}

/// The tables that a column may refer to. Ids of different tables never meet, so that a subject
/// can be looked for in each.
pub(super) fn targets(column: &Column) -> Vec<(&Column, Table)> {
    match column.kind {
        ColumnType::Reference(target) => vec![(column, target)],
        ColumnType::Subject(_) => {
            [Table::Employee, Table::Team, Table::Territory].map(|target| (column, target)).to_vec()
        }
        _ => Vec::new(),
    }
}
