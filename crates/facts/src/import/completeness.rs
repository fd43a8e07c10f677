//! Whether a delivery says everything there is to say about a table, so that what it no longer has
//! is gone.

use super::Work;
use super::report::ImportReport;
use crate::canonical::Table;
use crate::mapping::{FileMapping, Mode};

impl Work<'_> {
    /// Whether a delivered file of that mode feeds a table.
    pub(super) fn is_fed(&self, table: Table, mode: Mode) -> bool {
        self.staging.files.iter().any(|file| file.mode == mode && file.targets.contains(&table))
    }

    /// Whether this delivery says everything there is to say about a table: every file that fills it
    /// was delivered, and each is complete.
    pub(super) fn is_complete(&self, table: Table) -> bool {
        self.says_all_it_has(table) && self.not_delivered(table).next().is_none()
    }

    /// Whether rows missing from the delivery are gone: where it is complete, unless rejected rows
    /// make it unsure which are missing.
    pub(super) fn deletes_missing(&self, table: Table, report: &mut ImportReport) -> bool {
        if !self.says_all_it_has(table) {
            return false;
        }
        let absent: Vec<&str> = self.not_delivered(table).map(|file| file.file.as_str()).collect();
        let mut files = self.staging.files.iter().enumerate();
        let has_rejects = files.any(|(index, file)| {
            file.targets.contains(&table) && self.staging.fates.tally(index).rejected > 0
        });
        let why = match (absent.as_slice(), has_rejects) {
            ([], false) => return true,
            ([], true) => "rejected rows may be among them".to_owned(),
            (absent, _) => format!("the mapping fills it from {} too", absent.join(", ")),
        };
        report
            .notes
            .push(format!("rows of {table} missing from this full delivery were kept, because {why}"));
        false
    }

    /// Whether every delivered file that feeds a table is complete.
    fn says_all_it_has(&self, table: Table) -> bool {
        self.is_fed(table, Mode::Full)
            && ![Mode::Delta, Mode::Append].iter().any(|mode| self.is_fed(table, *mode))
    }

    /// The files that fill a table, as the mapping says, and are not in this delivery: their rows are
    /// not missing.
    fn not_delivered(&self, table: Table) -> impl Iterator<Item = &FileMapping> {
        let feeding = self.mapping().files.iter().filter(move |file| file.targets().contains(&table));
        feeding
            .filter(|file| !self.staging.files.iter().any(|staged| staged.located.mapping.file == file.file))
    }
}
