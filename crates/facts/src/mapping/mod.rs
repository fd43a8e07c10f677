//! The mapping language: how the columns of a company's own files become canonical rows.
//!
//! A mapping is parsed from YAML ([`file`]) and resolved here into a form in which every target
//! exists ([`table`]; [`format`] for the file itself), every format reads, and every constant has its type ([`reading`]), and every [`expression`] too; [`lookup`] leads from row to
//! row, [`total`] makes one row of several and [`unpivot`] several of one; [`company`]
//! resolves the company and its calendars. [`delivery`] finds the files it reads, [`supply`] tells
//! what they bring, [`outline`] what stands in a mapping, [`made`](mod@made) what it makes of files in words. docs/mapping.md is its guide.

mod company;
mod delivery;
pub(crate) mod expression;
mod file;
mod format;
mod lookup;
pub(crate) mod made;
mod number;
mod number_marks;
pub(crate) mod outline;
pub(crate) mod reading;
mod supply;
mod table;
mod total;
mod unpivot;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_saphyr::{Location, Spanned};
use sha2::{Digest, Sha256};

use crate::canonical::{Attributes, Table};
use crate::company::Company;
use crate::import::hex;
use crate::value::{Value, normalise};
pub(crate) use delivery::LocatedFile;
use expression::Expression;
use file::MappingFile;
pub(crate) use format::{DeclaredFormat, Header, Quote};
pub(crate) use lookup::{Lead, Lookup};
pub use made::{MadeField, MadeFile, MadeTable, made};
pub(crate) use number_marks::{Negative, NumberMarks};
use reading::Reading;
pub(crate) use supply::Supply;
pub(crate) use total::{Total, TotalFunction};

/// Share of rejected rows above which a delivery fails (domain 19).
const MAX_REJECT_SHARE: f64 = 0.02;

/// A mapping that cannot be used, with the place and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The mapping file cannot be read.
    #[error("could not read the mapping {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// Not YAML, at no place in particular.
    #[error("{path}: {problem}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Something in it cannot be right.
    #[error("{path}, line {line}, column {column}: {problem}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line in it.
        line: u64,
        /// Column in that line.
        column: u64,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// What was given as the delivery cannot be read.
    #[error("could not read {path}: {cause}")]
    NoDelivery {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A delivered file is not in the mapping.
    #[error(
        "{name} is not in the mapping {path}, which names: {known}; add it there, or leave it out of the delivery"
    )]
    UnknownFile {
        /// The mapping.
        path: PathBuf,
        /// The delivered file.
        name: String,
        /// The files it names.
        known: String,
    },
    /// Two delivered files have the same name.
    #[error("{name} is given twice; import one after the other")]
    GivenTwice {
        /// The name.
        name: String,
    },
    /// A file of the mapping is not in the folder.
    #[error("{folder} lacks {missing}, which the mapping {path} names; add it, or give the files one by one")]
    MissingFile {
        /// The mapping.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// What is missing.
        missing: String,
    },
}

/// Whether absence from a file means deletion (domain 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Rows absent from the file are gone.
    Full,
    /// Absence means nothing.
    Delta,
    /// Rows are only ever added: absence means nothing, and a known row never changes.
    Append,
}

/// How one source's files become canonical rows.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Name of the source system.
    pub source: String,
    /// The company.
    pub company: Company,
    /// The days a delivery covers, if the mapping says so: the first, and the day after the last
    /// unless that is the day of delivery.
    pub covers: Option<(Date, Option<Date>)>,
    /// Share of rejected rows above which a delivery fails.
    pub max_reject_share: f64,
    pub(crate) files: Vec<FileMapping>,
    /// The company's own fields of all tables.
    pub(crate) attributes: Attributes,
    path: PathBuf,
    text: String,
}

/// Columns by the names that a mapping has for them, each with what exports call it instead: the first
/// that is there is meant, where the name itself is not.
pub(crate) type Labels = BTreeMap<String, Vec<String>>;

/// How one file becomes rows.
#[derive(Clone, Debug)]
pub(crate) struct FileMapping {
    pub(crate) file: String,
    /// What is read of a database; the table of the file's name if nothing is said.
    pub(crate) query: Option<String>,
    /// How it is written, as far as the mapping says.
    pub(crate) format: DeclaredFormat,
    pub(crate) mode: Mode,
    pub(crate) blank: Vec<String>,
    /// What exports call its columns instead of by the names that the mapping has for them.
    pub(crate) labels: Labels,
    pub(crate) keep: Vec<Keep>,
    /// Rows that its rows lead to; those behind may use those before.
    pub(crate) lookups: Vec<Lookup>,
    pub(crate) tables: Vec<TableMapping>,
    /// Its columns that lookups use, of this file and of others.
    pub(crate) looked_up: BTreeSet<String>,
}

impl FileMapping {
    /// The tables the file feeds.
    pub(crate) fn targets(&self) -> BTreeSet<Table> {
        self.tables.iter().map(|mapping| mapping.table).collect()
    }

    /// The columns that the mapping names in this file and in the rows its rows lead to, each once.
    fn named_columns(&self) -> BTreeSet<&str> {
        let tables = self.tables.iter().flat_map(|table| {
            let mapped = table.columns.iter().flatten().chain(table.attributes.values());
            let columns = mapped.flat_map(|mapped| match mapped {
                ColumnMapping::Column(reading) => reading.origin.columns(),
                ColumnMapping::Constant(_) => Vec::new(),
            });
            key_columns(&table.key).chain(&table.cell).chain(columns)
        });
        let keep = self.keep.iter().flat_map(Keep::columns);
        let lookups = self.lookups.iter().flat_map(|lookup| key_columns(lookup.lead.here()));
        tables.chain(keep).chain(lookups).map(String::as_str).collect()
    }

    /// The columns of the file that the mapping names, by whichever name, to recognise its header by.
    pub(crate) fn column_names(&self) -> Vec<&str> {
        let labels = self.labels.values().flatten().map(String::as_str);
        self.own_columns().into_iter().chain(labels).collect()
    }

    /// The columns of the file that the mapping reads, and others by lookups.
    fn own_columns(&self) -> BTreeSet<&str> {
        let own = self.named_columns().into_iter().filter(|column| self.looked_up_in(column).is_none());
        own.chain(self.looked_up.iter().map(String::as_str)).collect()
    }

    /// The lookup, by position, and the column of the row it leads to, if a name means that.
    pub(crate) fn looked_up_in<'n>(&self, column: &'n str) -> Option<(usize, &'n str)> {
        let (name, column) = column.split_once('.')?;
        let lookup = self.lookups.iter().position(|lookup| lookup.name == name)?;
        Some((lookup, column))
    }
}

/// The columns that a key looks at.
fn key_columns(key: &[KeyPart]) -> impl Iterator<Item = &String> {
    key.iter().flat_map(|part| part.origin.columns())
}

/// A row rule: what must hold for a row to be looked at.
#[derive(Clone, Debug)]
pub(crate) enum Keep {
    Cell { column: String, condition: Condition },
    Where(Expression<String>),
}

impl Keep {
    /// The columns that it looks at.
    fn columns(&self) -> Vec<&String> {
        match self {
            Keep::Cell { column, .. } => vec![column],
            Keep::Where(condition) => condition.columns(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Condition {
    OneOf(Vec<String>),
    NotIn(Vec<String>),
    Blank(bool),
}

impl Condition {
    pub(crate) fn holds(&self, text: Option<&str>) -> bool {
        match self {
            Condition::OneOf(values) => text.is_some_and(|text| values.iter().any(|value| value == text)),
            Condition::NotIn(values) => !text.is_some_and(|text| values.iter().any(|value| value == text)),
            Condition::Blank(blank) => text.is_none() == *blank,
        }
    }
}

/// How rows of a file become rows of one table.
#[derive(Clone, Debug)]
pub(crate) struct TableMapping {
    pub(crate) table: Table,
    pub(crate) key: Vec<KeyPart>,
    /// Whether a row with a blank key simply says nothing about this table.
    pub(crate) optional: bool,
    /// The column without which a row says nothing about this table, where it is one of several.
    pub(crate) cell: Option<String>,
    /// One per column of the table; `None` where the mapping supplies nothing.
    pub(crate) columns: Vec<Option<ColumnMapping>>,
    /// The company's own fields by name.
    pub(crate) attributes: BTreeMap<String, ColumnMapping>,
}

impl TableMapping {
    /// What identifies its rows, for people.
    pub(crate) fn key_name(&self) -> String {
        self.key.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A part of what identifies a row.
#[derive(Clone, Debug)]
pub(crate) struct KeyPart {
    /// Its column, or the text of its expression.
    pub(crate) name: String,
    pub(crate) origin: Expression<String>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(crate) enum ColumnMapping {
    Constant(Value),
    Column(ColumnReading),
}

impl ColumnMapping {
    /// The column of the source, if it comes from one.
    pub(crate) fn source_column(&self) -> Option<&str> {
        match self {
            ColumnMapping::Constant(_) => None,
            ColumnMapping::Column(reading) => reading.source_column(),
        }
    }
}

/// How what is computed of a row, or just a cell of it, becomes a value.
#[derive(Clone, Debug)]
pub(crate) struct ColumnReading {
    pub(crate) origin: Expression<String>,
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) reject_others: bool,
    pub(crate) reading: Reading,
}

impl ColumnReading {
    pub(crate) fn source_column(&self) -> Option<&str> {
        self.origin.only_column().map(String::as_str)
    }
}

impl Mapping {
    /// Whether rows of a table come from the file of that name.
    #[must_use]
    pub fn feeds(&self, file: &str, table: Table) -> bool {
        self.file_called(file).is_some_and(|mapped| mapped.targets().contains(&table))
    }

    /// Reads a mapping file.
    ///
    /// # Errors
    /// Names file, line and column of what cannot be right, and what would be.
    pub fn read(path: &Path) -> Result<Mapping, MappingError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| MappingError::Io { path: path.to_owned(), cause })?;
        Mapping::parse(path, text)
    }

    /// Reads the text of a mapping that stands at `path`.
    ///
    /// # Errors
    /// As [`Mapping::read`].
    pub fn parse(path: &Path, text: String) -> Result<Mapping, MappingError> {
        let file: MappingFile = serde_saphyr::from_str(&text).map_err(|error| {
            let (path, problem) = (path.to_owned(), file::misshapen(&error));
            match error.location() {
                Some(place) => {
                    MappingError::Wrong { path, line: place.line(), column: place.column(), problem }
                }
                None => MappingError::Shape { path, problem },
            }
        })?;
        Resolver { path, time_zone: None, attributes: Attributes::default() }.mapping(file, text)
    }

    /// The text of the mapping file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of that text.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(self.text.as_bytes()))
    }
}

/// Turns what stands in the file into what it means.
struct Resolver<'a> {
    path: &'a Path,
    time_zone: Option<TimeZone>,
    /// Those met so far.
    attributes: Attributes,
}

impl Resolver<'_> {
    fn mapping(mut self, file: MappingFile, text: String) -> Result<Mapping, MappingError> {
        let company = self.company(&file.company)?;
        self.time_zone = Some(company.time_zone.clone());
        let source = normalise(&file.source.value)
            .ok_or_else(|| self.wrong(&file.source, "the source needs a name, such as `crm`".into()))?;
        let covers = file.covers.as_ref().map(|covers| self.covers(covers)).transpose()?;
        let max_reject_share = match &file.max_reject_share {
            Some(share) if !(0.0..=1.0).contains(&share.value) => {
                return Err(self.wrong(share, "max_reject_share is a share between 0 and 1".into()));
            }
            Some(share) => share.value,
            None => MAX_REJECT_SHARE,
        };
        if file.files.is_empty() {
            return Err(self.wrong(&file.source, "the mapping names no file under `files`".into()));
        }
        let mut files: Vec<FileMapping> = Vec::new();
        for entry in &file.files {
            if files.iter().any(|known| known.file.eq_ignore_ascii_case(&entry.file.value)) {
                return Err(self.wrong(
                    &entry.file,
                    format!("{} stands here twice; put all its tables under one entry", entry.file.value),
                ));
            }
            files.push(self.file(entry)?);
        }
        self.connect(&file.files, &mut files)?;
        let (attributes, path) = (self.attributes, self.path.to_owned());
        Ok(Mapping { source, company, covers, max_reject_share, files, attributes, path, text })
    }

    fn covers(&self, covers: &file::CoversFile) -> Result<(Date, Option<Date>), MappingError> {
        let from = self.date(&covers.from)?;
        let Some(written) = &covers.to else { return Ok((from, None)) };
        let to = self.date(written)?;
        if to <= from {
            return Err(
                self.wrong(written, "covers ends before it starts; `to` is the day after the last".into())
            );
        }
        Ok((from, Some(to)))
    }

    fn date(&self, written: &Spanned<String>) -> Result<Date, MappingError> {
        let not_a_date =
            |_| self.wrong(written, format!("`{}` is not a date as in 2024-11-23", written.value));
        written.value.parse().map_err(not_a_date)
    }

    fn unknown<'n, T>(
        &self,
        place: &Spanned<T>,
        what: &str,
        found: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> MappingError {
        let known: Vec<&str> = known.into_iter().collect();
        let guess = nearest(found, known.iter().copied())
            .map_or_else(|| ".".to_owned(), |name| format!("; did you mean `{name}`?"));
        self.wrong(place, format!("unknown {what} `{found}`{guess} Known are: {}", known.join(", ")))
    }

    fn wrong<T>(&self, place: &Spanned<T>, problem: String) -> MappingError {
        self.wrong_at(place.referenced, problem)
    }

    fn wrong_at(&self, place: Location, problem: String) -> MappingError {
        MappingError::Wrong {
            path: self.path.to_owned(),
            line: place.line(),
            column: place.column(),
            problem,
        }
    }
}

/// The candidate that differs little enough from a word to be what was meant.
pub(crate) fn nearest<'n>(found: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let found = found.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&found, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}
