//! From evidence to a plan: which tables each file fills, and where their columns come from.
//!
//! [`file`] plans one file: [`columns`] says how single columns are read, [`references`] how they lead to
//! rows of other tables, [`documents`] what lines find in the file of their documents, [`people`] what a
//! list of people says besides, [`periods`] for which period a target is, [`completion`] what follows from other columns, [`own`] what becomes a field
//! of the company's own, [`identifiers`] that those of Salesforce are cut. [`shown`] tells people of it, [`writing`] how values are written.

pub(super) mod columns;
mod completion;
mod documents;
mod file;
mod identifiers;
mod own;
mod people;
mod periods;
mod references;
mod shown;
mod writing;

use std::collections::BTreeSet;

use super::choices::Choices;
use super::keys::KeyColumn;
use super::making;
use super::matching::{Match, matches};
use super::question::{Answer, Place, Question};
use super::samples::{Sample, Samples};
use super::subject::{FoundSubject, subject};
use super::{Known, Suggestion, UnreadFile};
use crate::canonical::{ColumnType, Table};
use documents::Listed;
use file::FilePlanner;

/// A file with what its rows are.
struct Subject<'s> {
    sample: &'s Sample,
    found: FoundSubject,
}

/// Proposes a mapping.
pub(super) fn suggestion(samples: &Samples, known: &Known, choices: &Choices) -> Suggestion {
    let subjects = samples.files.iter().map(|sample| {
        let found = subject(sample, &choices.of(&sample.name));
        Subject { sample, found }
    });
    let mut subjects: Vec<Subject> = subjects.collect();
    let keys = keys(&subjects, known, choices);
    let listed = listed(&subjects, &keys, choices);
    documents::set_apart(&mut subjects, &keys);
    let mut files = Vec::new();
    let mut plans = Vec::new();
    let mut questions: Vec<Question> =
        samples.unread.iter().filter_map(|unread| unread.question.clone()).collect();
    for subject in &subjects {
        questions.extend(subject.sample.questions.iter().cloned());
        questions.extend(ask_subject(subject, choices));
        let planner = FilePlanner::new(subject.sample, &subject.found, (&keys, &listed), known, choices);
        let planned = planner.plan();
        questions.extend(planned.questions);
        files.push(planned.file);
        plans.push(planned.plan);
    }
    let looked_up: BTreeSet<String> =
        plans.iter().flat_map(|plan| plan.lookups.iter().map(|lookup| lookup.file.clone())).collect();
    for plan in &mut plans {
        plan.is_looked_up = looked_up.contains(&plan.file);
    }
    // Their rows are of use already.
    questions
        .retain(|question| !matches!(&question.place, Place::Subject { file } if looked_up.contains(file)));
    own::settle_types(&mut plans);
    identifiers::cut(&mut plans, &samples.files);
    let tables: Vec<Option<Table>> = files.iter().map(|file| file.subject).collect();
    for (file, made) in files.iter_mut().zip(making::made(&plans, &tables)) {
        file.made = made;
    }
    questions.sort_by_key(|question| !question.is_needed);
    let unread = samples.unread.iter();
    let unread = unread.map(|file| UnreadFile { name: file.name.clone(), problem: file.problem.clone() });
    Suggestion { files, unread: unread.collect(), questions, plans }
}

/// The files with what their columns become.
fn listed<'s>(subjects: &[Subject<'s>], keys: &[KeyColumn], choices: &Choices) -> Vec<Listed<'s>> {
    let listed = subjects.iter().filter_map(|subject| {
        let (sample, table) = (subject.sample, subject.found.table?);
        Some(Listed { sample, table, matches: matches(sample, table, keys, &choices.of(&sample.name)) })
    });
    listed.collect()
}

/// Asks what a row is, where nothing says so.
fn ask_subject(subject: &Subject, choices: &Choices) -> Option<Question> {
    let file = subject.sample.name.clone();
    if subject.found.table.is_some() || choices.of(&file).subject.is_some() {
        return None;
    }
    let rest = [Table::Opportunity, Table::Account, Table::Employee, Table::Product, Table::Activity];
    let mut tables = subject.found.others.clone();
    tables.extend(rest.into_iter().filter(|table| !subject.found.others.contains(table)));
    let tables = tables.into_iter().map(|table| Answer::new(table.name(), table.meaning()));
    Some(Question {
        text: format!("What is a row of {file}? It is left out until you say."),
        place: Place::Subject { file },
        answers: tables.chain([Answer::new("none", "nothing: leave the file out")]).collect(),
        is_needed: false,
    })
}

/// What rows of each table are known by, in the files and in the facts.
fn keys(subjects: &[Subject], known: &Known, choices: &Choices) -> Vec<KeyColumn> {
    let mut keys: Vec<KeyColumn> = known
        .0
        .iter()
        .map(|(table, values)| KeyColumn {
            table: *table,
            file: None,
            source: super::plan::Source::Column(String::new()),
            is_key: true,
            values: values.clone(),
        })
        .collect();
    for subject in subjects {
        let Some(table) = subject.found.table else { continue };
        let found = matches(subject.sample, table, &[], &choices.of(&subject.sample.name));
        keys.extend(keys_of(subject.sample, table, &found));
    }
    let elsewhere = listed_elsewhere(subjects, choices, &keys);
    keys.retain(|key| {
        !elsewhere.iter().any(|file| key.table == Table::Employee && key.file.as_ref() == Some(file))
    });
    keys.extend(people::keys_behind(subjects, choices, &keys));
    keys
}

/// Lists that say where people belong whom another file lists: they have no names.
fn listed_elsewhere(subjects: &[Subject], choices: &Choices, keys: &[KeyColumn]) -> Vec<String> {
    let people = subjects.iter().filter(|subject| subject.found.table == Some(Table::Employee));
    let nameless = people.filter(|subject| {
        let found = matches(subject.sample, Table::Employee, keys, &choices.of(&subject.sample.name));
        !found.iter().any(|m| ["display_name", "first_name", "last_name"].contains(&m.target))
    });
    let names = nameless.map(|subject| subject.sample.name.clone());
    let is_elsewhere = |file: &String| {
        let own = keys.iter().find(|key| key.table == Table::Employee && key.file.as_ref() == Some(file));
        let mut others =
            keys.iter().filter(|key| key.table == Table::Employee && key.file.as_ref() != Some(file));
        own.is_some_and(|own| others.any(|other| other.is_key && own.values.is_subset(&other.values)))
    };
    names.filter(is_elsewhere).collect()
}

/// What rows of a file are known by.
fn keys_of(sample: &Sample, table: Table, found: &[Match]) -> Vec<KeyColumn> {
    let position = |target: &str| found.iter().find(|m| m.target == target).map(|m| m.column);
    let key = key_column(sample, table, found);
    let of = |at: usize, is_key| KeyColumn::of_column(table, &sample.name, &sample.columns[at], is_key);
    let mut keys: Vec<KeyColumn> = key.map(|at| of(at, true)).into_iter().collect();
    let names = ["display_name", "name", "email"].into_iter().filter_map(position);
    let names = names.filter(|at| Some(*at) != key && sample.columns[*at].is_unique());
    keys.extend(names.map(|at| of(at, false)));
    if let (Some(first), Some(last), Some(_)) = (position("first_name"), position("last_name"), key) {
        keys.push(KeyColumn::of_full_names(table, sample, first, last));
    }
    keys
}

/// The one column that identifies rows, if there is one: what is called so, or else their name.
fn key_column(sample: &Sample, table: Table, found: &[Match]) -> Option<usize> {
    let position = |target: &str| found.iter().find(|m| m.target == target).map(|m| m.column);
    let named = || ["display_name", "name"].into_iter().filter_map(position);
    let unique_name = || named().find(|at| sample.columns[*at].is_unique());
    position("key").or_else(unique_name).or_else(|| only_unique(sample, table, found))
}

/// The only column whose values tell rows apart, where rows have an identifier. What is measured does so
/// by chance.
fn only_unique(sample: &Sample, table: Table, found: &[Match]) -> Option<usize> {
    table.id_column()?;
    let is_whole = |text: &String| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_measure = |at: usize| {
        let mut targets = found.iter().filter(|m| m.column == at).filter_map(|m| table.column(m.target));
        targets.any(|(_, column)| matches!(column.kind, ColumnType::Decimal | ColumnType::Amount))
    };
    let unique =
        |at: &usize| sample.columns[*at].is_unique() && !sample.columns[*at].is_date() && !is_measure(*at);
    let numbers = |at: &usize| sample.columns[*at].values.keys().all(is_whole);
    let unique: Vec<usize> = (0..sample.columns.len()).filter(unique).collect();
    let numbered: Vec<usize> = unique.iter().copied().filter(numbers).collect();
    match (numbered.as_slice(), unique.as_slice()) {
        ([only], _) | (_, [only]) => Some(*only),
        _ => None,
    }
}
