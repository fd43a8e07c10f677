//! What a person decided about a proposal. Whatever they left alone is proposed.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::question::Place;
use crate::canonical::{AttributeType, Table};
use crate::mapping::Mode;

/// The decisions about the files of a delivery, by file name. Plain and serialisable: a form or a
/// record keeps it, and the same files with the same choices make the same suggestion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// By the name of the file.
    pub files: BTreeMap<String, FileChoices>,
}

/// The decisions about one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileChoices {
    /// What a row of it is.
    pub subject: Option<Subject>,
    /// Whether what it lacks is gone.
    pub mode: Option<Mode>,
    /// What stands between its fields.
    pub delimiter: Option<char>,
    /// What its text is written in, as mappings name it: `windows-1252`.
    pub encoding: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Where the names of its columns stand.
    pub header: Option<HeaderRow>,
    /// By the name of the column, as the file has it.
    pub columns: BTreeMap<String, ColumnChoices>,
    /// Texts that are the same for every row, by target: `role: AE`.
    pub constants: BTreeMap<String, String>,
}

/// The decisions about one column of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnChoices {
    /// What it becomes.
    pub target: Option<Target>,
    /// How its dates or numbers are written, as mappings say it: `%d.%m.%Y`, `1.234,56`.
    pub format: Option<String>,
    /// What single values of it mean.
    pub values: BTreeMap<String, String>,
    /// What it holds, if it becomes a field of the company's own.
    pub kind: Option<AttributeType>,
}

/// What a row of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A row of this table; it may say something about others too.
    Row(Table),
    /// Nothing that is taken.
    Nothing,
}

/// Where the names of the columns stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderRow {
    /// In this line or row, from 1.
    At(u64),
    /// Nowhere: columns are 1, 2, 3, …
    None,
}

/// What a column of a file becomes. Written as one word: `key`, `close_date`,
/// `attributes.deal_desk` or `none`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// What identifies the row.
    Key,
    /// A column of the table, or of a table that hangs on it: `manager_id` and `team_id` of people.
    Column(String),
    /// A field of the company's own.
    Attribute(String),
    /// It is not taken.
    None,
}

/// What is said of a text that is no target.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is nothing that a column can become; write key, a column, attributes.name or none")]
pub struct NoTarget(String);

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Key => formatter.write_str("key"),
            Target::Column(name) => formatter.write_str(name),
            Target::Attribute(name) => write!(formatter, "attributes.{name}"),
            Target::None => formatter.write_str("none"),
        }
    }
}

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Target, NoTarget> {
        match text {
            "key" => Ok(Target::Key),
            "none" => Ok(Target::None),
            "" => Err(NoTarget(text.to_owned())),
            name => Ok(match name.strip_prefix("attributes.") {
                Some(name) => Target::Attribute(name.to_owned()),
                None => Target::Column(name.to_owned()),
            }),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = NoTarget;

    fn try_from(text: String) -> Result<Target, NoTarget> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        target.to_string()
    }
}

impl Choices {
    /// Notes the answer to a question: the `value` of one of its answers, or another text of that
    /// kind. An answer that means nothing there is not noted.
    pub fn answer(&mut self, place: &Place, value: &str) {
        let file = self.files.entry(place.file().to_owned()).or_default();
        match place {
            Place::Delimiter { .. } => file.delimiter = value.chars().next(),
            Place::Encoding { .. } => file.encoding = Some(value.to_owned()),
            Place::Sheet { .. } => file.sheet = Some(value.to_owned()),
            Place::Subject { .. } => {
                file.subject = Some(Table::from_name(value).map_or(Subject::Nothing, Subject::Row));
            }
            Place::Column { target, .. } => {
                if let Some(constant) = value.strip_prefix("= ") {
                    file.constants.insert(target.clone(), constant.to_owned());
                } else if let Ok(target) = target.parse() {
                    file.columns.entry(value.to_owned()).or_default().target = Some(target);
                }
            }
            Place::Format { column, .. } => {
                file.columns.entry(column.clone()).or_default().format = Some(value.to_owned());
            }
            Place::Value { column, value: from, .. } => {
                let column = file.columns.entry(column.clone()).or_default();
                column.values.insert(from.clone(), value.to_owned());
            }
            Place::Constant { target, .. } => {
                file.constants.insert(target.clone(), value.to_owned());
            }
        }
    }

    /// What was decided about a file.
    pub(super) fn of(&self, file: &str) -> FileChoices {
        self.files.get(file).cloned().unwrap_or_default()
    }
}

impl FileChoices {
    /// What was decided about a column.
    pub(super) fn column(&self, column: &str) -> ColumnChoices {
        self.columns.get(column).cloned().unwrap_or_default()
    }
}
