//! The hash of a canonical row (domain 2.2): SHA-256 of the RFC 8785 JSON object of its business
//! columns as text, blank columns left out. References enter by the source's identifier, texts
//! about people only as commitments, so that an erasure later reveals nothing and changes no hash
//! (domain 2.23).

use sha2::{Digest, Sha256};

use super::identity::KnownEntities;
use crate::canonical::{ColumnType, Table};
use crate::value::Value;

/// Computes row hashes of one table.
pub(super) struct RowHasher {
    table: Table,
    /// Positions of the columns in the order of their names, as RFC 8785 sorts members.
    order: Vec<usize>,
    text: String,
}

impl RowHasher {
    pub(super) fn new(table: Table) -> RowHasher {
        let mut order: Vec<usize> = (0..table.columns().len()).collect();
        order.sort_by_key(|position| table.columns()[*position].name);
        RowHasher { table, order, text: String::new() }
    }

    /// The hash of a delivered row, references still holding source identifiers.
    pub(super) fn hash(
        &mut self,
        source_id: &str,
        values: &[Option<Value>],
        known: &KnownEntities,
    ) -> String {
        self.text.clear();
        self.text.push('{');
        for position in &self.order {
            let column = &self.table.columns()[*position];
            let Some(value) = &values[*position] else { continue };
            if self.text.len() > 1 {
                self.text.push(',');
            }
            push_json_text(&mut self.text, column.name);
            self.text.push(':');
            let written = match (column.kind, value) {
                (ColumnType::PersonalText, value) => {
                    known.commitment(self.table, source_id, &value.canonical_text())
                }
                (ColumnType::Reference(Table::Employee), Value::Text(person)) => {
                    known.commitment(Table::Employee, person, person)
                }
                (_, value) => value.canonical_text(),
            };
            push_json_text(&mut self.text, &written);
        }
        self.text.push('}');
        hex(&Sha256::digest(self.text.as_bytes()))
    }
}

/// JSON text as RFC 8785 writes it: the shortest escapes, everything else as it is.
fn push_json_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
