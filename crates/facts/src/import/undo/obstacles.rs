//! What stands against undoing an import: later imports that build on it.
//!
//! A later import builds on it if it changed the same rows, said the same of some, brought rows that
//! refer to what would be gone, or brought rows that contradict what would be back.

use std::collections::BTreeMap;
use std::fmt;

use datafusion::arrow::array::{AsArray, Int64Array};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::common::JoinType;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::{DataFrame, col, ident, lit};

use super::super::compare::TableChanges;
use super::super::constraints::{KNOWN_FILE, claiming, judged};
use super::super::dangling::targets;
use super::changes::{TOUCHED, Undoing};
use crate::canonical::{Column, Constraint, Table};
use crate::store::schema::{self, RECORDED, SOURCE_ID};
use crate::store::{ImportRecord, Store, StoreError, Timeline, read_parquet};

/// Column of the identifiers of rows that are looked for.
const ROW: &str = "row_id";

/// One reason why a later import must be undone first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// Number of the later import.
    pub import: i64,
    /// The table whose rows it brought.
    pub table: Table,
    /// How it builds on the one to be undone.
    pub kind: Building,
    /// How many of its rows, where that is known.
    pub rows: Option<u64>,
}

/// How a later import builds on an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Building {
    /// It changed the same rows.
    Changed,
    /// It delivered rows of the table that were known by then, perhaps the same.
    Repeated,
    /// Its rows refer to rows of this table that would be gone.
    Refers(Table),
    /// Its rows would contradict those that are put back.
    Contradicts,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Obstacle { import, table, kind, .. } = self;
        let rows = match self.rows.unwrap_or_default() {
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        write!(formatter, "import {import} ")?;
        match kind {
            Building::Changed => {
                write!(formatter, "changed {rows} of {table} that it had brought or changed")
            }
            Building::Repeated => {
                write!(formatter, "delivered {rows} of {table} that it may have brought too")
            }
            Building::Refers(target) => {
                write!(formatter, "brought {rows} of {table} about {target} rows that it had brought")
            }
            Building::Contradicts => {
                write!(formatter, "changed {table} so that what it had replaced would contradict it")
            }
        }
    }
}

/// Everything that stands against an undo, by import, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obstacles(Vec<Obstacle>);

impl Obstacles {
    /// Whether nothing stands against it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The imports to be undone first, newest first.
    #[must_use]
    pub fn imports(&self) -> Vec<i64> {
        let mut imports: Vec<i64> = self.0.iter().map(|obstacle| obstacle.import).collect();
        imports.dedup();
        imports
    }

    /// What to do, as a sentence without its full stop.
    #[must_use]
    pub fn remedy(&self) -> String {
        let imports: Vec<String> = self.imports().iter().map(|import| format!("import {import}")).collect();
        format!("Undo {} first", imports.join(", then "))
    }
}

impl fmt::Display for Obstacles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&all.join("; "))
    }
}

/// A later import that counts.
pub(super) struct Later {
    record: ImportRecord,
    made: Option<i64>,
}

impl Later {
    fn changed(&self, table: Table) -> bool {
        self.made.is_some()
            && self.record.report.tables.iter().any(|of| of.table == table && of.changes() > 0)
    }

    /// How many rows of a table it delivered that were known already.
    fn repeated(&self, table: Table) -> Option<u64> {
        let of = self.record.report.tables.iter().find(|of| of.table == table)?;
        // Imports of earlier versions did not count them by table.
        let unknown = || {
            let files = self.record.files_of(table);
            let fed = self.record.report.files.iter().filter(|file| files.contains(&file.name.as_str()));
            fed.map(|file| file.rows.unchanged + file.rows.accepted).sum()
        };
        Some(of.unchanged.unwrap_or_else(unknown)).filter(|rows| *rows > 0)
    }
}

/// The imports after one that still count.
pub(super) async fn later(store: &Store, timeline: &Timeline, import: i64) -> Result<Vec<Later>, StoreError> {
    let counting = timeline.later(import);
    let after = if counting.is_empty() { Vec::new() } else { store.imports_after(import).await? };
    let later = after.into_iter().filter(|record| counting.contains(&record.number));
    Ok(later.map(|record| Later { made: timeline.made(record.number), record }).collect())
}

impl Undoing<'_> {
    /// What stands against changing the tables like this.
    pub(super) async fn obstacles(
        &self,
        changes: &[TableChanges],
        later: &[Later],
    ) -> Result<Obstacles, StoreError> {
        let mut found = Vec::new();
        let own: Vec<&Later> =
            later.iter().filter(|later| later.record.source_system == self.source_system).collect();
        for change in changes {
            let table = change.table;
            let touched = self.touched(table).await?.select(vec![col(TOUCHED).alias(ROW)])?;
            found.extend(self.by_rows(table, touched, Building::Changed, &own).await?);
            found.extend(own.iter().filter_map(|later| {
                let (import, rows) = (later.record.number, Some(later.repeated(table)?));
                Some(Obstacle { import, table, rows, kind: Building::Repeated })
            }));
            found.extend(self.referring(change, changes, &own).await?);
            found.extend(self.contradicting(change, &own).await?);
        }
        found.sort_by_key(|obstacle| (std::cmp::Reverse(obstacle.import), *obstacle));
        Ok(Obstacles(found))
    }

    /// The later imports that made a version of some rows of a table, with how many.
    async fn by_rows(
        &self,
        table: Table,
        rows: DataFrame,
        kind: Building,
        later: &[&Later],
    ) -> Result<Vec<Obstacle>, StoreError> {
        let snapshots: BTreeMap<i64, i64> = later
            .iter()
            .filter(|later| later.changed(table))
            .filter_map(|later| Some((later.made?, later.record.number)))
            .collect();
        if snapshots.is_empty() {
            return Ok(Vec::new());
        }
        let in_later =
            || col(RECORDED).in_list(snapshots.keys().map(|snapshot| lit(*snapshot)).collect(), false);
        let version = || vec![col(SOURCE_ID), col(RECORDED)];
        let past = self.history(table).await?.filter(in_later())?.select(version())?;
        let versions = self.current(table).await?.filter(in_later())?.select(version())?.union(past)?;
        let found = versions
            .join_on(rows, JoinType::LeftSemi, [col(SOURCE_ID).eq(col(ROW))])?
            .aggregate(vec![col(RECORDED)], vec![count(col(SOURCE_ID)).alias("rows")])?
            .collect()
            .await?;
        let counted = found.iter().flat_map(|batch| {
            let recorded: &Int64Array = batch.column(0).as_primitive::<Int64Type>();
            let rows: &Int64Array = batch.column(1).as_primitive::<Int64Type>();
            (0..batch.num_rows())
                .map(|at| (recorded.value(at), rows.value(at).unsigned_abs()))
                .collect::<Vec<_>>()
        });
        let obstacles = counted.filter_map(|(snapshot, rows)| {
            Some(Obstacle { import: *snapshots.get(&snapshot)?, table, rows: Some(rows), kind })
        });
        Ok(obstacles.collect())
    }

    /// Later imports whose rows refer to rows that would be gone.
    async fn referring(
        &self,
        change: &TableChanges,
        changes: &[TableChanges],
        later: &[&Later],
    ) -> Result<Vec<Obstacle>, StoreError> {
        let (Some(id), true) = (change.table.id_column(), change.deleted > 0) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for table in Table::ALL.into_iter().filter(|table| later.iter().any(|later| later.changed(*table))) {
            let referring = table.columns().iter().flat_map(targets);
            for (column, _) in referring.filter(|(_, target)| *target == change.table) {
                let rows = self.standing_on(table, column, change, id, changes).await?;
                found.extend(self.by_rows(table, rows, Building::Refers(change.table), later).await?);
            }
        }
        Ok(found)
    }

    /// Rows of a table that hold now, hold after the undo as well, and refer to what would be gone.
    async fn standing_on(
        &self,
        table: Table,
        column: &Column,
        gone: &TableChanges,
        id: &str,
        changes: &[TableChanges],
    ) -> Result<DataFrame, StoreError> {
        let gone = self.gone(gone)?.select(vec![ident(id).alias("gone_id")])?;
        let mut rows = self.current(table).await?.join_on(
            gone,
            JoinType::LeftSemi,
            [ident(column.name).eq(col("gone_id"))],
        )?;
        if changes.iter().any(|change| change.table == table) {
            let touched = self.touched(table).await?;
            rows = rows.join_on(touched, JoinType::LeftAnti, [col(SOURCE_ID).eq(col(TOUCHED))])?;
        }
        Ok(rows.select(vec![col(SOURCE_ID).alias(ROW)])?)
    }

    /// The newest later import that changed a table, if its rows and those put back break a rule.
    async fn contradicting(
        &self,
        change: &TableChanges,
        later: &[&Later],
    ) -> Result<Option<Obstacle>, StoreError> {
        let table = change.table;
        let Some(newest) = later.iter().rev().find(|later| later.changed(table)) else { return Ok(None) };
        for constraint in table.definition().constraints {
            // Whether shares add up shows in what stays as well.
            let stays_in = match constraint {
                Constraint::ExactlyOne { .. } => 0,
                _ => KNOWN_FILE,
            };
            let touched = self.touched(table).await?;
            let staying = self.current(table).await?.join_on(
                touched,
                JoinType::LeftAnti,
                [col(SOURCE_ID).eq(col(TOUCHED))],
            )?;
            let staying = claiming(staying, table, *constraint, [lit(stays_in), lit(0i64)])?;
            let restored = claiming(self.before(table).await?, table, *constraint, [lit(0i32), lit(0i64)])?;
            if !judged(staying.union(restored)?, *constraint).await?.is_empty() {
                let import = newest.record.number;
                return Ok(Some(Obstacle { import, table, rows: None, kind: Building::Contradicts }));
            }
        }
        Ok(None)
    }

    /// The rows that would be gone.
    fn gone(&self, change: &TableChanges) -> Result<DataFrame, StoreError> {
        let paths: Vec<_> = change.gone.clone().into_iter().collect();
        read_parquet(self.context, &paths, schema::current(change.table, &self.attributes(change.table)))
    }
}
