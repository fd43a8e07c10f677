//! Lines and the documents they belong to: what a line does not say stands in its document, and a
//! document whose lines are delivered is not counted beside them.

use super::super::keys::KeyColumn;
use super::super::matching::{Match, best_overlap, referred_table};
use super::super::names::Words;
use super::super::plan::{ColumnPlan, Source};
use super::super::profile::Profile;
use super::super::samples::Sample;
use super::Subject;
use super::columns::read;
use super::file::FilePlanner;
use crate::canonical::{ColumnType, Table};

/// Share of the values of a column that have to be keys for it to lead to a document.
const LEADING_SHARE: f64 = 0.9;
/// Likeness of the names of a key and of what leads to it.
const LIKENESS_MIN: f64 = 0.9;

/// A file with what its columns become, for those that lead to it.
pub(super) struct Listed<'s> {
    pub(super) sample: &'s Sample,
    pub(super) table: Table,
    pub(super) matches: Vec<Match>,
}

/// Leaves out documents whose lines stand in another file: only the lines count.
pub(super) fn set_apart(subjects: &mut [Subject], keys: &[KeyColumn]) {
    let lines: Vec<&Sample> = subjects
        .iter()
        .filter(|subject| subject.found.table == Some(Table::InvoiceLine))
        .map(|subject| subject.sample)
        .collect();
    let lines_of = |document: &Sample| {
        let key =
            keys.iter().find(|key| key.is_key && key.file.as_deref() == Some(document.name.as_str()))?;
        let mut others = lines.iter().filter(|line| line.name != document.name);
        others
            .find(|line| line.columns.iter().any(|column| leads_to(column, key)))
            .map(|line| line.name.clone())
    };
    let found: Vec<Option<String>> = subjects.iter().map(|subject| lines_of(subject.sample)).collect();
    for (subject, lines) in subjects.iter_mut().zip(found) {
        if let (Some(Table::InvoiceLine), false, Some(lines)) =
            (subject.found.table, subject.found.is_chosen, lines)
        {
            subject.found.table = None;
            subject.found.reason = format!("its lines stand in {lines}, and both would count twice");
            subject.found.others = vec![Table::Opportunity];
        }
    }
}

/// Whether the values of a column are keys of a document and it is called like them.
fn leads_to(column: &Profile, key: &KeyColumn) -> bool {
    let Source::Column(name) = &key.source else { return false };
    !column.is_unique()
        && column.words.likeness(&Words::of(name)) >= LIKENESS_MIN
        && key.overlap(column).share() >= LEADING_SHARE
}

impl FilePlanner<'_> {
    /// The column that leads to documents in another file.
    pub(super) fn leading(&self, table: Table) -> Option<&Profile> {
        let is_elsewhere = |key: &&KeyColumn| {
            key.is_key
                && key.table == table
                && key.file.as_ref().is_some_and(|file| *file != self.sample.name)
        };
        let mut documents = self.keys.iter().filter(is_elsewhere);
        documents.find_map(|key| self.sample.columns.iter().find(|column| leads_to(column, key)))
    }

    /// What a line does not say and its document does: whose it is, and of which day.
    pub(super) fn reach(&mut self, target: &str, kind: ColumnType) -> Option<ColumnPlan> {
        for listed in self.listed.iter().filter(|listed| listed.sample.name != self.sample.name) {
            let file = &listed.sample.name;
            let said = listed.matches.iter().find(|found| found.target == target);
            let key = self.keys.iter().find(|key| key.is_key && key.file.as_ref() == Some(file));
            let (Some(said), Some(key)) = (said, key) else { continue };
            let Some(leading) = self.sample.columns.iter().find(|column| leads_to(column, key)) else {
                continue;
            };
            let there = &listed.sample.columns[said.column];
            if let Some(table) = referred_table(listed.table, target)
                && !best_overlap(there, table, self.keys).is_some_and(|(key, _)| key.is_key)
            {
                continue;
            }
            let reason = format!("by `{}`, it stands in {file}", leading.name);
            let Ok(read) = read(file, there, kind, &Default::default(), &reason) else { continue };
            let Source::Column(column) = &read.source else { continue };
            let stem = Words::of(file.split('.').next().unwrap_or(file)).snake_case()?;
            let (by, key) = (Source::Column(leading.name.clone()), key.source.clone());
            let lookup = self.lookup(file, &key, &by, &stem);
            return Some(ColumnPlan { source: Source::Column(format!("{lookup}.{column}")), ..read });
        }
        None
    }
}
