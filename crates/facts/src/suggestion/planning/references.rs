//! How a column leads to rows of another table: by their key, by a lookup where it holds their name,
//! or to rows that it makes itself, where no file lists them.

use std::collections::BTreeMap;

use super::super::keys::{KeyColumn, Overlap};
use super::super::matching::best_overlap;
use super::super::plan::{ColumnPlan, LookupPlan, Source, TablePlan, quoted_column};
use super::super::profile::Profile;
use super::super::question::{Answer, Place, Question};
use super::file::FilePlanner;
use crate::canonical::Table;

/// Values without a row that are asked about one by one.
const ASKED_VALUES: usize = 5;
/// Rows that might be meant.
const PROPOSED: usize = 5;

/// How a column refers to rows of a table.
pub(super) enum Reference {
    /// As this.
    Read(ColumnPlan),
    /// It leads nowhere, and this is why.
    Nowhere(String),
}

impl<'s> FilePlanner<'s> {
    /// How a column refers to rows of a table; notes the lookups, tables and questions that it needs.
    pub(super) fn refer(&mut self, column: &Profile, referred: Table, reason: &str) -> Reference {
        let reason = |said: &str| match reason.is_empty() {
            true => said.to_owned(),
            false => reason.to_owned(),
        };
        if let Some((key, overlap)) = best_overlap(column, referred, self.keys) {
            let (key, overlap) = (key.clone(), overlap);
            return match key.is_key {
                true => Reference::Read(self.by_key(column, &key, overlap, reason(""))),
                false => self.by_lookup(column, &key, &overlap, reason("")),
            };
        }
        let listed = self.keys.iter().filter(|key| key.table == referred).map(KeyColumn::place);
        let listed: Vec<String> = listed.collect();
        match listed.as_slice() {
            [] => self.by_itself(column, referred, reason("")),
            places => Reference::Nowhere(format!("none of its values is among {}", places.join(" or "))),
        }
    }

    fn by_key(&mut self, column: &Profile, key: &KeyColumn, overlap: Overlap, reason: String) -> ColumnPlan {
        let chosen = self.choices.column(&column.name).values;
        let missing = overlap.missing.iter().filter(|value| !chosen.contains_key(*value));
        let asked: Vec<Question> =
            missing.take(ASKED_VALUES).map(|value| self.ask_row(column, key, value)).collect();
        self.questions.extend(asked);
        let mut values = overlap.spelled;
        values.extend(chosen.into_iter().filter(|(value, _)| column.values.contains_key(value)));
        let mut plan = ColumnPlan::column(&column.name, reason);
        plan.values = values.into_iter().collect();
        plan
    }

    fn ask_row(&self, column: &Profile, key: &KeyColumn, value: &str) -> Question {
        let likeness = |known: &&String| strsim::jaro_winkler(&known.to_lowercase(), &value.to_lowercase());
        let mut nearest: Vec<&String> = key.values.iter().collect();
        nearest.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
        let times = column.values.get(value).copied().unwrap_or_default();
        Question {
            place: Place::Value {
                file: self.sample.name.clone(),
                column: column.name.clone(),
                value: value.to_owned(),
            },
            text: format!(
                "`{value}` in `{}` of {} is not among {}. What is meant? Rows with it ({times} of those looked at) are rejected until you say.",
                column.name,
                self.sample.name,
                key.place()
            ),
            answers: nearest.into_iter().take(PROPOSED).map(|known| Answer::plain(known)).collect(),
            is_needed: false,
        }
    }

    /// By what stands in the other file beside its key.
    fn by_lookup(
        &mut self,
        column: &Profile,
        key: &KeyColumn,
        overlap: &Overlap,
        reason: String,
    ) -> Reference {
        let own_key =
            self.keys.iter().find(|known| known.is_key && known.file == key.file && known.table == key.table);
        let (Some(file), Some(Source::Column(taken))) = (&key.file, own_key.map(|known| &known.source))
        else {
            return Reference::Nowhere(format!("{}, which has no key of its own", overlap.in_words(key)));
        };
        let by = Source::Column(column.name.clone());
        let name = self.lookup(file, &key.source, &by, key.table.name());
        Reference::Read(ColumnPlan::of(Source::Column(format!("{name}.{taken}")), reason))
    }

    /// The name of a lookup of this file, which is made if there is none yet.
    pub(super) fn lookup(&mut self, file: &str, key: &Source, by: &Source, called: &str) -> String {
        let is_same = |known: &&LookupPlan| known.file == file && known.key == *key && known.by == *by;
        if let Some(known) = self.lookups.iter().find(is_same) {
            return known.name.clone();
        }
        let is_free = |name: &String| {
            let prefix = format!("{name}.");
            let columns = self.sample.columns.iter();
            !columns.map(|column| &column.name).any(|column| column.starts_with(&prefix))
                && !self.lookups.iter().any(|known| known.name == *name)
        };
        let mut number = 1;
        let name = loop {
            let name = if number == 1 { called.to_owned() } else { format!("{called}_{number}") };
            if is_free(&name) {
                break name;
            }
            number += 1;
        };
        self.lookups.push(LookupPlan {
            name: name.clone(),
            file: file.to_owned(),
            key: key.clone(),
            by: by.clone(),
        });
        name
    }

    /// The column with the names of what a column identifies, if each has one name.
    fn name_beside(&self, column: &Profile) -> Option<&'s str> {
        let words = column.words.of_names()?;
        let position = |is_it: &dyn Fn(&Profile) -> bool| self.sample.columns.iter().position(is_it);
        let names =
            position(&|other| other.words.joined() == words.joined() && other.filled >= column.filled)?;
        let keys = position(&|other| other.name == column.name)?;
        let is_free = !self.matches.iter().any(|found| found.column == names);
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        let mut pairs = self.sample.pairs(keys, names).filter(|(key, _)| !key.is_empty());
        let is_one = pairs.all(|(key, name)| !name.is_empty() && *known.entry(key).or_insert(name) == name);
        (is_free && is_one).then(|| self.sample.columns[names].name.as_str())
    }

    /// No file lists the rows it refers to: the column does.
    fn by_itself(&mut self, column: &Profile, referred: Table, reason: String) -> Reference {
        let name = match referred {
            Table::Employee => "display_name",
            Table::Account | Table::Product | Table::Team | Table::Territory => "name",
            _ if self.known.0.is_empty() => {
                return Reference::Nowhere(format!("no file has rows of {referred} to refer to"));
            }
            // Delivered before, perhaps.
            _ => return Reference::Read(ColumnPlan::column(&column.name, reason)),
        };
        let said = format!("no file lists them, so `{}` does", column.name);
        let named = self.name_beside(column).unwrap_or(&column.name).to_owned();
        self.looked_at.extend((named != column.name).then(|| named.clone()));
        let mut table = TablePlan::new(referred, vec![Source::Column(column.name.clone())])
            .with(name, ColumnPlan::column(&named, ""));
        table.optional = column.blank > 0;
        table.reason = Some(said);
        self.tables_before.push(table);
        Reference::Read(ColumnPlan::column(&column.name, reason))
    }
}

/// What is blank where a column is, so that such rows say nothing.
pub(super) fn where_filled(part: &Source, column: &str) -> Source {
    let column = quoted_column(column);
    Source::Expression(format!("case when {column} is not blank then {} end", part.in_expression()))
}
