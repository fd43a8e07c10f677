//! The rows between two answers to the same question: added, gone and changed ones.

use std::collections::BTreeMap;

use crate::evidence::EvidenceRow;

/// A row that stands otherwise in two answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// Counts in the later answer only.
    Added(EvidenceRow),
    /// Counts in the earlier answer only.
    Gone(EvidenceRow),
    /// Counts in both, with another content or on another side of the line.
    Changed {
        /// As it was.
        before: EvidenceRow,
        /// As it is.
        after: EvidenceRow,
    },
}

/// A row as it stands in the earlier and in the later answer.
type Pair<'a> = (Option<&'a EvidenceRow>, Option<&'a EvidenceRow>);

/// The rows between an earlier answer and a later one, by table, source and identifier.
#[must_use]
pub fn between(before: &[EvidenceRow], after: &[EvidenceRow]) -> Vec<RowChange> {
    let mut rows: BTreeMap<(&str, &str, &str), Pair<'_>> = BTreeMap::new();
    for row in before {
        rows.entry(row.key()).or_default().0 = Some(row);
    }
    for row in after {
        rows.entry(row.key()).or_default().1 = Some(row);
    }
    rows.into_values()
        .filter_map(|pair| match pair {
            (Some(before), Some(after)) if before.stands_as(after) => None,
            (Some(before), Some(after)) => {
                Some(RowChange::Changed { before: before.clone(), after: after.clone() })
            }
            (Some(before), None) => Some(RowChange::Gone(before.clone())),
            (None, Some(after)) => Some(RowChange::Added(after.clone())),
            (None, None) => None,
        })
        .collect()
}

impl EvidenceRow {
    fn key(&self) -> (&str, &str, &str) {
        (&self.table, &self.source_system, &self.source_id)
    }

    fn stands_as(&self, other: &EvidenceRow) -> bool {
        (&self.row_hash, self.numerator, self.denominator)
            == (&other.row_hash, other.numerator, other.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, hash: &str, numerator: bool) -> EvidenceRow {
        EvidenceRow {
            table: "opportunity".into(),
            source_system: "crm".into(),
            source_id: id.into(),
            row_hash: hash.into(),
            recorded_snapshot: 1,
            value: None,
            numerator,
            denominator: true,
        }
    }

    #[test]
    fn rows_are_added_gone_or_changed_in_content_or_side() {
        let before = [row("1", "a", true), row("2", "b", true), row("3", "c", true), row("4", "d", true)];
        let after = [row("5", "e", true), row("3", "c", false), row("2", "B", true), row("1", "a", true)];
        let changes = between(&before, &after);
        assert_eq!(
            changes,
            [
                RowChange::Changed { before: before[1].clone(), after: after[2].clone() },
                RowChange::Changed { before: before[2].clone(), after: after[1].clone() },
                RowChange::Gone(before[3].clone()),
                RowChange::Added(after[0].clone()),
            ]
        );
        assert!(between(&before, &before).is_empty());
    }
}
