//! The rows a number rests on, as a receipt states them: how many stand on each side of the line,
//! and one hash over them.

use serde::{Deserialize, Serialize};

use super::text::{Hash, as_text};
use crate::evidence::EvidenceRow;

/// The rows of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// How many rows.
    #[serde(with = "as_text")]
    pub count: u64,
    /// SHA-256 over their row hashes: sorted, equal ones kept, a line feed after each.
    pub sha256: Hash,
}

impl Side {
    fn of<'a>(row_hashes: impl Iterator<Item = &'a str>) -> Side {
        let mut hashes: Vec<&str> = row_hashes.collect();
        hashes.sort_unstable();
        let text: String = hashes.iter().flat_map(|hash| [*hash, "\n"]).collect();
        Side { count: hashes.len() as u64, sha256: Hash::of(text.as_bytes()) }
    }
}

/// The rows of a number: above the line and below it, or those that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum RowsStated {
    /// Of a ratio.
    Sides {
        /// Above the line.
        numerator: Side,
        /// Below the line.
        denominator: Side,
    },
    /// Of anything else.
    Counted {
        /// All of them.
        counted: Side,
    },
}

impl RowsStated {
    /// States the rows of a ratio, or of a plain number.
    pub(super) fn of(rows: &[EvidenceRow], is_ratio: bool) -> RowsStated {
        let side = |counts: fn(&EvidenceRow) -> bool| {
            Side::of(rows.iter().filter(|row| counts(row)).map(|row| row.row_hash.as_str()))
        };
        match is_ratio {
            true => RowsStated::Sides {
                numerator: side(|row| row.numerator),
                denominator: side(|row| row.denominator),
            },
            false => RowsStated::Counted { counted: side(|row| row.numerator) },
        }
    }

    /// How many rows, and their hashes.
    pub(super) fn words(&self) -> String {
        match self {
            RowsStated::Sides { numerator, denominator } => {
                format!(
                    "{} above the line ({}), {} below ({})",
                    numerator.count, numerator.sha256, denominator.count, denominator.sha256
                )
            }
            RowsStated::Counted { counted } => format!("{} ({})", counted.count, counted.sha256),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_rows_changes_no_hash_and_equal_rows_count_twice() {
        let one = Side::of(["b", "a", "b"].into_iter());
        assert_eq!(one, Side::of(["b", "b", "a"].into_iter()));
        assert_eq!(one, Side { count: 3, sha256: Hash::of(b"a\nb\nb\n") });
        assert_ne!(one, Side::of(["b", "a"].into_iter()));
        assert_eq!(Side::of([].into_iter()), Side { count: 0, sha256: Hash::of(b"") });
    }
}
