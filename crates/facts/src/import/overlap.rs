//! Effective-dated rows about one person must not overlap (domain 2.7): a day has one primary
//! team and one line manager.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::canonical::Table;
use crate::reject::{Reason, Reject};
use crate::value::{DeliveredRow, Value};

/// The assignments of a delivery; they are few.
#[derive(Default)]
pub(super) struct Assignments {
    ranges: HashMap<(Table, String), Vec<Range>>,
}

struct Range {
    from: Date,
    to: Date,
    source_id: String,
    file_index: usize,
    line: u64,
}

impl Assignments {
    /// Notes a row, if it is one that must not overlap.
    pub(super) fn note(&mut self, table: Table, row: &DeliveredRow, file_index: usize, line: u64) {
        let value = |name: &str| table.column(name).and_then(|(position, _)| row.values[position].as_ref());
        let exclusive = match table {
            Table::TeamAssignment => value("is_primary") != Some(&Value::Boolean(false)),
            Table::ManagerAssignment => value("kind") != Some(&Value::Text("dotted".into())),
            _ => return,
        };
        let (true, Some(Value::Text(person))) = (exclusive, value("employee_id")) else { return };
        let day = |name: &str, always: Date| match value(name) {
            Some(Value::Date(day)) => *day,
            _ => always,
        };
        self.ranges.entry((table, person.clone())).or_default().push(Range {
            from: day("valid_from", Date::MIN),
            to: day("valid_to", Date::MAX),
            source_id: row.source_id.clone(),
            file_index,
            line,
        });
    }

    /// Rows that overlap an earlier one about the same person, with their files.
    pub(super) fn overlapping(&mut self) -> Vec<(usize, Reject)> {
        let mut rejects = Vec::new();
        for ranges in self.ranges.values_mut() {
            ranges.sort_by_key(|range| (range.from, range.line));
            let mut last: Option<&Range> = None;
            for range in ranges.iter() {
                match last {
                    // The same row delivered twice is no overlap.
                    Some(earlier) if earlier.source_id == range.source_id => {}
                    Some(earlier) if range.from < earlier.to => {
                        let reason = Reason::Overlap { line: earlier.line };
                        rejects.push((
                            range.file_index,
                            Reject { line: range.line, column: None, value: None, reason },
                        ));
                    }
                    _ => last = Some(range),
                }
            }
        }
        rejects
    }
}
