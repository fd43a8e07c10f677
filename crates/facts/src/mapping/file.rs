//! What stands in a mapping file, before it means anything.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Error, Location, MessageFormatter, Spanned, UserMessageFormatter};

use super::format::FormatBlock;
use crate::canonical::AttributeType;

/// What is wrong with the shape of a mapping, in plainer words than YAML's.
pub(super) fn misshapen(error: &Error) -> String {
    match error.without_snippet() {
        Error::Unexpected { expected: "string scalar" | "scalar", .. } => "one text is expected here".into(),
        Error::Unexpected { expected: "sequence start", .. } => {
            "a list is expected here, each entry behind a dash or all of them in [ ]".into()
        }
        Error::Unexpected { expected: "mapping start", .. } => {
            "names with values are expected here, such as `column: x`".into()
        }
        Error::InvalidScalar { ty: "bool", .. } => "true or false is expected here".into(),
        Error::InvalidScalar { .. } => "a number is expected here".into(),
        other => UserMessageFormatter.format_message(other).into_owned(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingFile {
    pub(super) source: Spanned<String>,
    pub(super) company: CompanyFile,
    pub(super) covers: Option<CoversFile>,
    pub(super) max_reject_share: Option<Spanned<f64>>,
    pub(super) files: Vec<FileFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompanyFile {
    pub(super) name: String,
    pub(super) time_zone: Spanned<String>,
    pub(super) currency: Spanned<String>,
    pub(super) calendar: CalendarFile,
    pub(super) working_days: Option<Spanned<WorkingDaysFile>>,
}

/// The parameters of every kind; which of them belong together is decided later, where the place of
/// one that does not belong is still known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarFile {
    pub(super) kind: Spanned<String>,
    pub(super) first_month: Option<Spanned<i64>>,
    pub(super) fy_label: Option<Spanned<String>>,
    pub(super) pattern: Option<Spanned<String>>,
    pub(super) end_weekday: Option<Spanned<String>>,
    pub(super) end_month: Option<Spanned<i64>>,
    pub(super) anchor: Option<Spanned<String>>,
    pub(super) w53: Option<Spanned<String>>,
    pub(super) periods: Option<Spanned<Vec<Spanned<PeriodFile>>>>,
}

impl CalendarFile {
    /// The parameters that are written, with their places.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&'static str, Location)> {
        fn place<T>(parameter: &Option<Spanned<T>>) -> Option<Location> {
            parameter.as_ref().map(|written| written.referenced)
        }
        let places = [
            ("first_month", place(&self.first_month)),
            ("fy_label", place(&self.fy_label)),
            ("pattern", place(&self.pattern)),
            ("end_weekday", place(&self.end_weekday)),
            ("end_month", place(&self.end_month)),
            ("anchor", place(&self.anchor)),
            ("w53", place(&self.w53)),
            ("periods", place(&self.periods)),
        ];
        places.into_iter().filter_map(|(name, place)| Some((name, place?)))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeriodFile {
    pub(super) grain: Spanned<String>,
    pub(super) name: String,
    pub(super) label: Option<String>,
    pub(super) from: Spanned<String>,
    pub(super) to: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkingDaysFile {
    pub(super) weekdays: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) holidays: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) half_days: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoversFile {
    pub(super) from: Spanned<String>,
    pub(super) to: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileFile {
    pub(super) file: Spanned<String>,
    pub(super) query: Option<String>,
    pub(super) format: Option<FormatBlock>,
    pub(super) mode: Option<ModeFile>,
    pub(super) blank: Option<Vec<String>>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, Spanned<Texts>>,
    #[serde(default)]
    pub(super) keep: Vec<Spanned<KeepFile>>,
    #[serde(default)]
    pub(super) lookups: Vec<Spanned<LookupFile>>,
    #[serde(default)]
    pub(super) tables: Vec<TableFile>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ModeFile {
    Full,
    Delta,
    Append,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeepFile {
    #[serde(rename = "where")]
    pub(super) condition: Option<Spanned<String>>,
    pub(super) column: Option<String>,
    #[serde(rename = "in")]
    pub(super) one_of: Option<Vec<String>>,
    pub(super) not_in: Option<Vec<String>>,
    pub(super) blank: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableFile {
    pub(super) table: Spanned<String>,
    pub(super) key: Spanned<KeyFile>,
    #[serde(default)]
    pub(super) optional: bool,
    pub(super) unpivot: Option<Spanned<BTreeMap<String, String>>>,
    pub(super) columns: BTreeMap<String, Spanned<ColumnFile>>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, Spanned<ColumnFile>>,
}

/// A row that a row leads to: of any file by a key, or the next of the same file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookupFile {
    pub(super) name: Spanned<String>,
    pub(super) file: Option<Spanned<String>>,
    pub(super) key: Option<KeyFile>,
    pub(super) by: Option<KeyFile>,
    pub(super) missing: Option<MissingFile>,
    pub(super) same: Option<KeyFile>,
    pub(super) after: Option<KeyFile>,
    #[serde(default)]
    pub(super) totals: BTreeMap<String, Spanned<TotalFile>>,
}

/// What is added up of all rows with the key: one of these, of an expression.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TotalFile {
    pub(super) sum: Option<Spanned<String>>,
    pub(super) least: Option<Spanned<String>>,
    pub(super) greatest: Option<Spanned<String>>,
    pub(super) count: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MissingFile {
    Blank,
    Reject,
}

/// What identifies a row: columns, expressions, or some of both.
#[derive(Clone, Debug)]
pub(super) struct KeyFile(pub(super) Vec<KeyPartFile>);

#[derive(Clone, Debug)]
pub(super) enum KeyPartFile {
    Column(String),
    Expression(Spanned<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpressionFile {
    expression: Spanned<String>,
}

impl<'de> Deserialize<'de> for KeyFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<KeyFile, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = KeyFile;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a column, { expression: … } or a list of them")
            }

            fn visit_str<E>(self, name: &str) -> Result<KeyFile, E> {
                Ok(KeyFile(vec![KeyPartFile::Column(name.to_owned())]))
            }

            fn visit_u64<E>(self, position: u64) -> Result<KeyFile, E> {
                Ok(KeyFile(vec![KeyPartFile::Column(position.to_string())]))
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<KeyFile, A::Error> {
                let ExpressionFile { expression } =
                    ExpressionFile::deserialize(MapAccessDeserializer::new(entries))?;
                Ok(KeyFile(vec![KeyPartFile::Expression(expression)]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<KeyFile, A::Error> {
                let mut all = Vec::new();
                while let Some(KeyFile(part)) = parts.next_element()? {
                    all.extend(part);
                }
                Ok(KeyFile(all))
            }
        }
        deserializer.deserialize_any(KeyVisitor)
    }
}

#[derive(Clone, Debug)]
pub(super) enum ColumnFile {
    Source(String),
    Detailed(Box<DetailedFile>),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailedFile {
    pub(super) column: Option<String>,
    pub(super) expression: Option<Spanned<String>>,
    pub(super) constant: Option<String>,
    pub(super) format: Option<FormatFile>,
    pub(super) values: Option<BTreeMap<String, String>>,
    pub(super) others: Option<OthersFile>,
    #[serde(rename = "type")]
    pub(super) kind: Option<AttributeType>,
}

#[derive(Clone, Debug)]
pub(super) enum FormatFile {
    One(String),
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for FormatFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FormatFile, D::Error> {
        let Texts(mut formats) = Texts::deserialize(deserializer)?;
        Ok(if formats.len() == 1 { FormatFile::One(formats.remove(0)) } else { FormatFile::Several(formats) })
    }
}

impl FormatFile {
    pub(super) fn all(&self) -> Vec<String> {
        match self {
            FormatFile::One(format) => vec![format.clone()],
            FormatFile::Several(formats) => formats.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OthersFile {
    Keep,
    Reject,
}

impl ColumnFile {
    /// The same with everything spelled out.
    pub(super) fn detailed(&self) -> DetailedFile {
        match self {
            ColumnFile::Source(column) => {
                DetailedFile { column: Some(column.clone()), ..DetailedFile::default() }
            }
            ColumnFile::Detailed(detailed) => detailed.as_ref().clone(),
        }
    }
}

// Written out instead of `#[serde(untagged)]`, which forgets where a wrong option stands and which
// are allowed, and reads `Y: renewal` as a truth value.
impl<'de> Deserialize<'de> for ColumnFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ColumnFile, D::Error> {
        struct ColumnVisitor;
        impl<'de> Visitor<'de> for ColumnVisitor {
            type Value = ColumnFile;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a source column (in quotes if it looks like a number), { column: … }, { expression: … } or { constant: … }")
            }

            fn visit_str<E>(self, name: &str) -> Result<ColumnFile, E> {
                Ok(ColumnFile::Source(name.to_owned()))
            }

            /// The position of a column that has no name.
            fn visit_u64<E>(self, position: u64) -> Result<ColumnFile, E> {
                Ok(ColumnFile::Source(position.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<ColumnFile, A::Error> {
                let detailed = DetailedFile::deserialize(MapAccessDeserializer::new(entries))?;
                Ok(ColumnFile::Detailed(Box::new(detailed)))
            }
        }
        deserializer.deserialize_any(ColumnVisitor)
    }
}

/// One text or several.
#[derive(Clone, Debug)]
pub(super) struct Texts(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        struct TextsVisitor;
        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text (in quotes if it looks like a number) or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Texts, E> {
                Ok(Texts(vec![number.to_string()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, texts: A) -> Result<Texts, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(texts)).map(Texts)
            }
        }
        deserializer.deserialize_any(TextsVisitor)
    }
}
