//! Then and now: a number as known at two instants, and the rows that lie between, each with the
//! import that made the difference.
//!
//! [`page`] is the tab of the number sheet, [`api`] the endpoint, [`records`] the same as lines of a
//! file and of the command line. Before the first import nothing was known, which is said and never
//! taken for zero.

mod api;
mod page;
mod records;

pub(crate) use api::{DifferenceOut, routes};
pub(super) use page::panel;
pub(crate) use records::{COLUMNS, records};
pub(super) use records::{company_file, subject_file};

use attain_facts::canonical::Table;
use attain_facts::store::{ImportRecord, Store, StoreError};
use attain_metrics::{
    Asker, Difference, DifferingRow, Kind, MetricsError, Period, Reach, Subject, difference,
};
use attain_records::Actor;

/// What is asked at both instants.
pub(crate) struct Asked<'a> {
    pub(crate) metric: &'a str,
    pub(crate) subject: &'a Subject,
    pub(crate) period: &'a Period,
}

/// The difference between two instants, with the imports in between.
pub(crate) struct Between {
    pub(crate) difference: Difference,
    /// Those that made a snapshot, oldest first.
    imports: Vec<ImportRecord>,
}

/// Why the difference could not be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BetweenError {
    /// The question has no answer.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The imports could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks both instants, and which imports came between.
pub(crate) async fn between(
    store: &Store,
    actor: &Actor,
    then: &Asker,
    now: &Asker,
    asked: &Asked<'_>,
    reach: &Reach,
) -> Result<Between, BetweenError> {
    let difference = difference(then, now, asked.metric, asked.subject, asked.period, reach).await?;
    let (earlier, later) = (then.as_of().snapshot, now.as_of().snapshot);
    let imports = store.imports_between(actor, earlier, later).await?;
    Ok(Between { difference, imports })
}

impl Between {
    /// The imports that made a row differ: those that recorded a version of it, or, for a row that
    /// is the same, those that changed where people belong.
    pub(crate) fn imports_of(&self, row: &DifferingRow) -> Vec<&ImportRecord> {
        let of_row = |import: &&ImportRecord| row.snapshots.contains(&import.snapshot);
        match row.snapshots.is_empty() {
            false => self.imports.iter().filter(of_row).collect(),
            true => self.imports.iter().filter(|import| moves_people(import)).collect(),
        }
    }

    /// What is said of a row that is the same at both instants and counts for something else.
    pub(crate) fn why_same(&self, row: &DifferingRow) -> &'static str {
        match self.imports_of(row).iter().any(|import| import.restatement.is_some()) {
            true => "the row is the same: its credit was restated, or a restatement taken back",
            false => SAME_ROW,
        }
    }

    /// The delivered files that told of a row, by name.
    pub(crate) fn files_of<'i>(&self, import: &'i ImportRecord, row: &DifferingRow) -> Vec<&'i str> {
        let tables = match (row.snapshots.is_empty(), self.difference.table) {
            (false, Some(table)) => vec![table],
            _ => BELONGING.to_vec(),
        };
        let mut files: Vec<&str> = tables.into_iter().flat_map(|table| import.files_of(table)).collect();
        files.dedup();
        files
    }
}

/// Tables that say where people belong.
const BELONGING: [Table; 4] = [Table::Team, Table::Employee, Table::TeamAssignment, Table::ManagerAssignment];

fn moves_people(import: &ImportRecord) -> bool {
    let changes = import.report.tables.iter().filter(|of| of.created + of.changed + of.deleted > 0);
    import.merged.is_some() || changes.into_iter().any(|of| BELONGING.contains(&of.table))
}

/// Why a row differs, in a word or two.
pub(crate) fn reason(row: &DifferingRow) -> &'static str {
    match (row.kind, row.known_then, row.known_now) {
        (Kind::Added, false, _) => "new",
        (Kind::Added, true, _) => "counts now",
        (Kind::Gone, _, false) => "deleted",
        (Kind::Gone, _, true) => "counts no longer",
        (Kind::Changed, ..) => "changed",
    }
}

/// Why that is, where nothing was restated.
const SAME_ROW: &str = "the row is the same: where its person belonged, or the day of asking, differs";

/// Whether a row differs although nothing in it does.
pub(crate) fn is_same_row(row: &DifferingRow) -> bool {
    row.known_then && row.known_now && row.changes.is_empty()
}
