//! Values of canonical rows and the canonical text they are hashed as.

use std::borrow::Cow;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

/// A typed value of a canonical row. A reference holds the source's identifier of the row it
/// points at until identity is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, a choice, or a reference.
    Text(String),
    /// A civil date.
    Date(Date),
    /// An instant in UTC, cut to microseconds.
    Timestamp(Timestamp),
    /// An exact decimal.
    Decimal(Decimal),
    /// A whole number.
    Whole(i64),
    /// A truth value.
    Boolean(bool),
}

impl Value {
    /// The one spelling a value is hashed as: independent of how the source wrote it.
    #[must_use]
    pub fn canonical_text(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Date(date) => date.to_string(),
            Value::Timestamp(instant) => instant.as_microsecond().to_string(),
            Value::Decimal(decimal) => decimal.normalize().to_string(),
            Value::Whole(number) => number.to_string(),
            Value::Boolean(truth) => truth.to_string(),
        }
    }
}

/// Text as the canonical tables keep it: NFC, trimmed, inner white space collapsed (domain 2.5).
/// Blank text is no value.
#[must_use]
pub fn normalise(text: &str) -> Option<String> {
    normal(text).map(Cow::into_owned)
}

/// The same without a copy of what is normal as it stands.
pub(crate) fn normal(text: &str) -> Option<Cow<'_, str>> {
    if is_plain(text) {
        return Some(Cow::Borrowed(text));
    }
    let composed: String = text.nfc().collect();
    let mut words = composed.split_whitespace();
    let mut normal = words.next()?.to_owned();
    for word in words {
        normal.push(' ');
        normal.push_str(word);
    }
    Some(Cow::Owned(normal))
}

/// Whether a text is ASCII and normal as it stands, as nearly all cells are. Both passes go to the end
/// whatever they find, for that compiles to looking at many bytes at once.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    let is_printable = bytes.iter().fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
    let has_single_spaces =
        bytes.iter().zip(&bytes[1..]).fold(true, |all, (one, next)| all & ((*one != b' ') | (*next != b' ')));
    is_printable && has_single_spaces && *first != b' ' && *last != b' '
}

const EPOCH: Date = date(1970, 1, 1);

/// The civil date that many days after 1 January 1970.
#[must_use]
pub fn date_from_days(days: i32) -> Date {
    EPOCH.saturating_add(days.days())
}

/// Days from 1 January 1970 to a civil date.
#[must_use]
pub fn days_from_date(day: Date) -> i32 {
    (day - EPOCH).get_days()
}

/// A row as delivered: typed, but not yet compared with what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredRow {
    /// Identifier of the row in its source system.
    pub source_id: String,
    /// One value per column of the table, in the table's order, and then one per attribute.
    pub values: Vec<Option<Value>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_equal_whatever_the_spacing_and_composition() {
        assert_eq!(normalise("  Anna \u{a0} Snelling\n"), Some("Anna Snelling".to_owned()));
        assert_eq!(normalise("Jose\u{301}"), Some("José".to_owned()));
        assert_eq!(normalise(" \t "), None);
        assert_eq!(normalise(""), None);
        assert_eq!(normalise("Anna  Snelling"), Some("Anna Snelling".to_owned()));
        assert_eq!(normalise("Anna Snelling "), Some("Anna Snelling".to_owned()));
    }

    #[test]
    fn decimals_hash_alike_whatever_their_trailing_zeros() {
        let written = |text: &str| Value::Decimal(text.parse().expect("decimal"));
        assert_eq!(written("1054.00").canonical_text(), written("1054").canonical_text());
    }
}
