//! What stands in a mapping file, before it means anything.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarFile {
    pub(super) kind: Spanned<String>,
    pub(super) first_month: Spanned<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoversFile {
    pub(super) from: Spanned<String>,
    pub(super) to: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileFile {
    pub(super) file: Spanned<String>,
    pub(super) mode: Option<ModeFile>,
    pub(super) blank: Option<Vec<String>>,
    #[serde(default)]
    pub(super) keep: Vec<Spanned<KeepFile>>,
    pub(super) tables: Vec<TableFile>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ModeFile {
    Full,
    Delta,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeepFile {
    pub(super) column: String,
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
    pub(super) columns: BTreeMap<String, Spanned<ColumnFile>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum KeyFile {
    One(String),
    Several(Vec<String>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ColumnFile {
    Source(String),
    Detailed(DetailedFile),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DetailedFile {
    pub(super) column: Option<String>,
    pub(super) constant: Option<String>,
    pub(super) format: Option<FormatFile>,
    pub(super) values: Option<BTreeMap<String, String>>,
    pub(super) others: Option<OthersFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum FormatFile {
    One(String),
    Several(Vec<String>),
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
