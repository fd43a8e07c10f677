//! What people call things: for each table, the words that exports use for its columns, in English
//! and German, in a file for each field. A column's own name always counts and does not stand here.

mod customers;
mod deals;
mod files;
mod money;
mod people;
mod work;

use std::sync::LazyLock;

use super::names::Words;
use crate::canonical::Table;

/// How much a column of that name says about what the rows are.
const TELLING: f64 = 3.0;
const USUAL: f64 = 1.0;
/// Names that stand in files of every kind.
const COMMON: f64 = 0.4;

/// What a column can become in a table, and what it is called.
pub(super) struct Field {
    pub(super) target: &'static str,
    pub(super) weight: f64,
    pub(super) words: Vec<Words>,
}

/// The fields of a table, its columns in their order behind the key.
pub(super) fn fields(table: Table) -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Vec<Field>>> =
        LazyLock::new(|| Table::ALL.iter().map(|table| all_fields(*table)).collect());
    let position = Table::ALL.iter().position(|known| *known == table).unwrap_or_default();
    &FIELDS[position]
}

/// Every word that a header is known by.
pub(super) fn all_words() -> &'static [&'static str] {
    static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let entries = all_entries().flat_map(|(_, entries)| entries.iter());
        entries.flat_map(|(_, _, words)| words.split(", ")).collect()
    });
    &WORDS
}

/// Words in the names of files that say what their rows are.
pub(super) fn file_words(table: Table) -> &'static str {
    let found = files::FILES.iter().find(|(known, _)| *known == table);
    found.map_or("", |(_, words)| words)
}

/// Targets that a table has besides its own columns: what hangs on a person, and names in two parts.
pub(super) fn extra_targets(table: Table) -> &'static [&'static str] {
    match table {
        Table::Employee => &["manager_id", "team_id", "first_name", "last_name", "valid_from", "valid_to"],
        Table::Account => &["first_name", "last_name"],
        _ => &[],
    }
}

fn all_fields(table: Table) -> Vec<Field> {
    let own = table.columns().iter().map(|column| column.name);
    let targets = std::iter::once("key").chain(own).chain(extra_targets(table).iter().copied());
    targets.map(|target| field(table, target)).collect()
}

fn field(table: Table, target: &'static str) -> Field {
    let entries = all_entries().filter(|(known, _)| *known == table).flat_map(|(_, entries)| entries.iter());
    let entry = entries.clone().find(|(known, ..)| *known == target);
    let (weight, written) = entry.map_or((USUAL, ""), |(_, weight, words)| (*weight, *words));
    let own_name = match target {
        "key" => table.id_column().unwrap_or("id"),
        name => name,
    };
    let mut words = vec![Words::of(own_name)];
    if let Some(short) = own_name.strip_suffix("_id").filter(|_| target != "key") {
        words.push(Words::of(short));
    }
    words.extend(written.split(", ").filter(|word| !word.is_empty()).map(Words::of));
    Field { target, weight, words }
}

/// A column, how telling its name is, and what it is called.
type Entry = (&'static str, f64, &'static str);

fn all_entries() -> impl Iterator<Item = &'static (Table, &'static [Entry])> + Clone {
    let fields = [people::ENTRIES, customers::ENTRIES, deals::ENTRIES, work::ENTRIES, money::ENTRIES];
    fields.into_iter().flatten()
}
