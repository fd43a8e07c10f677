//! The same number as known at two instants (feature B5), and the rows between them.
//!
//! This module compares: two lists of rows by source system and identifier, each row with the hash
//! of its version, what it counts for and what it adds. [`between`] asks both instants and tells of
//! each row which versions made the difference. For metrics that add up, the value now is the value
//! then plus the sum of the rows' differences.

mod between;

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use rust_decimal::Decimal;

pub use between::difference;
pub(crate) use between::{additive, key};

use crate::answer::Number;

/// Rows a difference lists at most; its tallies are of all of them.
pub const ROWS_LISTED: usize = 500;

/// What identifies a row in every version of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// The source system.
    pub source_system: String,
    /// Its identifier there.
    pub source_id: String,
}

/// How a row came to differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It counts now and did not then.
    Added,
    /// It counted then and does not now.
    Gone,
    /// It counts at both instants, for something else.
    Changed,
}

impl Kind {
    /// The word that rows carry.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Added => "added",
            Kind::Gone => "gone",
            Kind::Changed => "changed",
        }
    }
}

/// A column of a row that holds something else now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The column as people call it.
    pub column: String,
    /// What it held then.
    pub then: Option<String>,
    /// What it holds now.
    pub now: Option<String>,
}

/// A row that makes the number now another one than then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferingRow {
    /// Which row.
    pub key: RowKey,
    /// How it came to differ.
    pub kind: Kind,
    /// Whether the row was known then, whether or not it counted.
    pub known_then: bool,
    /// Whether the row is known now, whether or not it counts.
    pub known_now: bool,
    /// What the row holds now; for a row that was deleted, what it held then.
    pub cells: Vec<(String, Option<String>)>,
    /// What changed in a row that is known at both instants. Nothing when the row itself is the
    /// same: then the day of asking, or where its person belonged, made the difference.
    pub changes: Vec<Change>,
    /// What it adds to the value, for metrics that add up.
    pub effect: Option<Decimal>,
    /// The snapshots in between that recorded a version of it, oldest first.
    pub snapshots: Vec<i64>,
}

/// Rows that differ in one way, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub rows: usize,
    /// What they add to the value, for metrics that add up.
    pub effect: Option<Decimal>,
}

/// A number at two instants, and what lies between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number as known then.
    pub then: Number,
    /// The number as known now.
    pub now: Number,
    /// The table whose rows it counts; a number made of others, or of accounts, has none to compare.
    pub table: Option<Table>,
    /// Rows that count now only.
    pub added: Tally,
    /// Rows that counted then only.
    pub gone: Tally,
    /// Rows that count for something else.
    pub changed: Tally,
    /// The first [`ROWS_LISTED`] of them.
    pub rows: Vec<DifferingRow>,
}

impl Difference {
    /// All rows that differ, listed or not.
    #[must_use]
    pub fn total(&self) -> usize {
        self.added.rows + self.gone.rows + self.changed.rows
    }

    /// What all of them add to the value, for metrics that add up.
    #[must_use]
    pub fn effect(&self) -> Option<Decimal> {
        Some(self.added.effect? + self.gone.effect? + self.changed.effect?)
    }
}

/// What a row counts for in a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    hash: String,
    numerator: bool,
    denominator: bool,
    /// What it adds, for metrics that add up.
    adds: Decimal,
}

impl Counted {
    /// What it adds to the number, if it counts above the line.
    pub(crate) fn adds_above(&self) -> Option<Decimal> {
        self.numerator.then_some(self.adds)
    }
}

/// The rows of a number by their keys.
pub(crate) type CountedRows = BTreeMap<RowKey, Counted>;

/// A row that is not the same at both instants, and by how much.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Differing {
    key: RowKey,
    kind: Kind,
    effect: Decimal,
}

/// Compares the rows of two instants: those gone, added and changed, in the order of their keys.
fn compared(then: &CountedRows, now: &CountedRows) -> Vec<Differing> {
    let mut found: Vec<Differing> = then
        .iter()
        .filter_map(|(key, before)| {
            let (kind, adds) = match now.get(key) {
                None => (Kind::Gone, Decimal::ZERO),
                Some(after) if after == before => return None,
                Some(after) => (Kind::Changed, after.adds),
            };
            Some(Differing { key: key.clone(), kind, effect: adds - before.adds })
        })
        .collect();
    let added = now.iter().filter(|(key, _)| !then.contains_key(key));
    found.extend(added.map(|(key, after)| Differing {
        key: key.clone(),
        kind: Kind::Added,
        effect: after.adds,
    }));
    found.sort_by(|one, other| (one.kind, &one.key).cmp(&(other.kind, &other.key)));
    found
}

/// How many rows differ in one way, and by how much.
fn tally(differing: &[Differing], kind: Kind, additive: bool) -> Tally {
    let of_kind = || differing.iter().filter(|row| row.kind == kind);
    let effect = additive.then(|| of_kind().map(|row| row.effect).sum());
    Tally { rows: of_kind().count(), effect }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(id: u32) -> RowKey {
        RowKey { source_system: "crm".into(), source_id: format!("D-{id}") }
    }

    fn counts(hash: &str, adds: i64) -> Counted {
        Counted { hash: hash.into(), numerator: true, denominator: false, adds: adds.into() }
    }

    fn differing(kind: Kind, id: u32, effect: i64) -> Differing {
        Differing { key: key(id), kind, effect: effect.into() }
    }

    #[test]
    fn rows_are_added_gone_or_changed_and_the_same_row_is_none_of_it() {
        let then = CountedRows::from([
            (key(1), counts("a", 100)),
            (key(2), counts("b", 20)),
            (key(3), counts("c", 3)),
        ]);
        let now = CountedRows::from([
            (key(1), counts("a", 100)),
            (key(2), counts("B", 25)),
            (key(4), counts("d", 7)),
        ]);
        let expected =
            [differing(Kind::Added, 4, 7), differing(Kind::Gone, 3, -3), differing(Kind::Changed, 2, 5)];
        assert_eq!(compared(&then, &now), expected);
    }

    #[test]
    fn a_version_that_adds_the_same_still_differs() {
        let then = CountedRows::from([(key(1), counts("a", 100))]);
        let now = CountedRows::from([(key(1), counts("b", 100))]);
        assert_eq!(compared(&then, &now), [differing(Kind::Changed, 1, 0)]);
    }

    #[test]
    fn a_row_of_the_same_name_in_another_source_is_another_row() {
        let elsewhere = RowKey { source_system: "erp".into(), ..key(1) };
        let then = CountedRows::from([(key(1), counts("a", 1))]);
        let now = CountedRows::from([(elsewhere, counts("a", 1))]);
        assert_eq!(compared(&then, &now).len(), 2);
    }

    fn rows() -> impl Strategy<Value = CountedRows> {
        proptest::collection::btree_map(0u32..12, (0u8..3, -50i64..50), 0..10).prop_map(|rows| {
            let row = |(id, (hash, adds)): (u32, (u8, i64))| (key(id), counts(&hash.to_string(), adds));
            rows.into_iter().map(row).collect()
        })
    }

    proptest! {
        /// The value now is the value then plus the differences, and each row differs once.
        #[test]
        fn the_differences_lead_from_then_to_now(then in rows(), now in rows()) {
            let sum = |rows: &CountedRows| rows.values().map(|row| row.adds).sum::<Decimal>();
            let differing = compared(&then, &now);
            let tallies = [Kind::Added, Kind::Gone, Kind::Changed].map(|kind| tally(&differing, kind, true));
            let effect: Decimal = tallies.iter().filter_map(|tally| tally.effect).sum();
            prop_assert_eq!(sum(&then) + effect, sum(&now));
            prop_assert_eq!(tallies.iter().map(|tally| tally.rows).sum::<usize>(), differing.len());
            prop_assert!(compared(&now, &now).is_empty());
        }
    }
}
