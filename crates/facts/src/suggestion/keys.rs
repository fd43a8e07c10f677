//! Which columns refer to which: a column whose values are keys or names in another file leads there.

use std::collections::{BTreeMap, BTreeSet};

use super::names::essence;
use super::plan::{Source, quoted_column};
use super::profile::Profile;
use super::samples::Sample;
use crate::canonical::Table;

/// Values of which none is a key, so that other spellings are not looked for.
const STRANGERS: usize = 100;

/// What rows of a table are known by in a file: their key, or a name that no two of them share.
#[derive(Clone, Debug)]
pub(super) struct KeyColumn {
    pub(super) table: Table,
    /// The file; `None` for what the facts have already.
    pub(super) file: Option<String>,
    pub(super) source: Source,
    /// Whether it is the key, so that others refer to it as it is.
    pub(super) is_key: bool,
    pub(super) values: BTreeSet<String>,
}

/// How the values of a column meet those of a key.
#[derive(Clone, Debug)]
pub(super) struct Overlap {
    pub(super) values: usize,
    pub(super) found: usize,
    /// Values that are keys in another spelling, with those.
    pub(super) spelled: BTreeMap<String, String>,
    /// Values that are no keys.
    pub(super) missing: Vec<String>,
}

impl KeyColumn {
    pub(super) fn of_column(table: Table, file: &str, column: &Profile, is_key: bool) -> KeyColumn {
        KeyColumn {
            table,
            file: Some(file.to_owned()),
            source: Source::Column(column.name.clone()),
            is_key,
            values: column.values.keys().cloned().collect(),
        }
    }

    /// Names in two parts.
    pub(super) fn of_full_names(table: Table, sample: &Sample, first: usize, last: usize) -> KeyColumn {
        let names = [first, last].map(|at| quoted_column(&sample.columns[at].name));
        KeyColumn {
            table,
            file: Some(sample.name.clone()),
            source: Source::Expression(format!("concat({}, ' ', {})", names[0], names[1])),
            is_key: false,
            values: sample
                .pairs(first, last)
                .map(|(first, last)| format!("{first} {last}").trim().to_owned())
                .collect(),
        }
    }

    /// Whether it is that column.
    pub(super) fn is_column(&self, file: &str, column: &str) -> bool {
        self.file.as_deref() == Some(file) && self.source == Source::Column(column.to_owned())
    }

    /// What it is called for people: `account` in accounts.csv.
    pub(super) fn place(&self) -> String {
        match (&self.file, &self.source) {
            (Some(file), Source::Column(column)) => format!("`{column}` in {file}"),
            (Some(file), _) => format!("the names in {file}"),
            (None, _) => format!("the keys of {} that are known already", self.table),
        }
    }

    pub(super) fn overlap(&self, column: &Profile) -> Overlap {
        let mut overlap =
            Overlap { values: column.values.len(), found: 0, spelled: BTreeMap::new(), missing: Vec::new() };
        let absent = column.values.keys().filter(|value| !self.values.contains(*value));
        let absent: Vec<&String> = absent.collect();
        overlap.found = column.values.len() - absent.len();
        if absent.is_empty() || (overlap.found == 0 && absent.len() > STRANGERS) {
            overlap.missing = absent.into_iter().cloned().collect();
            return overlap;
        }
        let mut spellings: BTreeMap<String, Option<&String>> = BTreeMap::new();
        for value in &self.values {
            // Two keys that differ in spelling alone lead nowhere.
            spellings.entry(essence(value)).and_modify(|known| *known = None).or_insert(Some(value));
        }
        for value in absent {
            let text = essence(value);
            match spellings.get(&text).copied().flatten().filter(|_| !text.is_empty()) {
                Some(key) => {
                    overlap.spelled.insert(value.clone(), key.clone());
                }
                None => overlap.missing.push(value.clone()),
            }
        }
        overlap
    }
}

impl Overlap {
    /// Share of the values that are keys, whatever their spelling.
    pub(super) fn share(&self) -> f64 {
        if self.values == 0 { 0.0 } else { (self.found + self.spelled.len()) as f64 / self.values as f64 }
    }

    /// What it says, for people.
    pub(super) fn in_words(&self, key: &KeyColumn) -> String {
        let (place, count) = (key.place(), self.values);
        let mut words = match (self.found + self.spelled.len(), count) {
            (1, 1) => format!("its one value is among {place}"),
            (found, _) if found == count => format!("its {count} values are all among {place}"),
            (found, _) => format!("{found} of its {count} values are among {place}"),
        };
        if let Some((from, to)) = self.spelled.first_key_value() {
            words.push_str(&format!(", where `{from}` is spelt `{to}`"));
        }
        words
    }
}
