//! The hash of a canonical row (domain 2.2): SHA-256 of the RFC 8785 JSON object of its business
//! columns as text, blank columns left out. References enter by the source's identifier, texts
//! about people only as commitments, so that an erasure later reveals nothing and changes no hash
//! (domain 2.23).

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::identity::{KnownEntities, referred};
use crate::canonical::{Attribute, ColumnType, Table};
use crate::value::Value;

/// Computes row hashes of one table.
pub(super) struct RowHasher {
    table: Table,
    /// Columns in the order of their names, as RFC 8785 sorts members.
    members: Vec<Member>,
    text: String,
}

struct Member {
    /// The name as it is written before its value: `"amount":`.
    name: String,
    kind: ColumnType,
    position: usize,
}

impl RowHasher {
    pub(super) fn new(table: Table, attributes: &[Attribute]) -> RowHasher {
        let business = table.columns().iter().map(|column| (column.name.to_owned(), column.kind));
        let own = attributes.iter().map(|own| (own.column(), own.kind.column_type()));
        let all = business.chain(own).enumerate();
        let mut members: Vec<Member> =
            all.map(|(position, (name, kind))| Member { name, kind, position }).collect();
        members.sort_by(|one, other| one.name.cmp(&other.name));
        for member in &mut members {
            let mut written = String::new();
            push_json_text(&mut written, &member.name);
            member.name = written + ":";
        }
        RowHasher { table, members, text: String::new() }
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
        for member in &self.members {
            let Some(value) = &values[member.position] else { continue };
            if self.text.len() > 1 {
                self.text.push(',');
            }
            self.text.push_str(&member.name);
            let text = match value {
                Value::Text(text) => Cow::Borrowed(text.as_str()),
                value => value.canonical_text().into(),
            };
            let written = match member.kind {
                ColumnType::PersonalText => known.commitment(self.table, source_id, &text).into(),
                kind if referred(self.table, kind, values) == Some(Table::Employee) => known.person(&text),
                _ => text,
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
    // To the end whatever is found, for that compiles to looking at many bytes at once.
    let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if !text.bytes().fold(false, |special, byte| special | is_special(byte)) {
        out.push_str(text);
        out.push('"');
        return;
    }
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
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = Vec::with_capacity(2 * bytes.len());
    for byte in bytes {
        digits.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0x0f)]]);
    }
    String::from_utf8(digits).expect("hexadecimal digits are ASCII")
}
