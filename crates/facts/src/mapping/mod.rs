//! The mapping language: how the columns of a company's own files become canonical rows.
//!
//! A mapping is parsed from YAML ([`file`]) and resolved here into a form in which every target
//! exists, every format reads, and every constant has its type ([`reading`]). [`delivery`] finds the
//! files it reads. docs/mapping.md is its guide.

mod delivery;
mod file;
pub(crate) mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_saphyr::{Location, Spanned};
use sha2::{Digest, Sha256};

use crate::canonical::{Column, ColumnType, Need, Table};
use crate::company::Company;
use crate::import::hex;
use crate::value::{Value, normalise};
pub(crate) use delivery::LocatedFile;
use file::{
    ColumnFile, DetailedFile, FileFile, KeepFile, KeyFile, MappingFile, ModeFile, OthersFile, TableFile,
};
use reading::Reading;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Rows absent from the file are gone.
    Full,
    /// Absence means nothing.
    Delta,
}

/// How one source's files become canonical rows.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Name of the source system.
    pub source: String,
    /// The company.
    pub company: Company,
    /// The days a delivery covers, if the mapping says so.
    pub covers: Option<(Date, Date)>,
    /// Share of rejected rows above which a delivery fails.
    pub max_reject_share: f64,
    pub(crate) files: Vec<FileMapping>,
    path: PathBuf,
    text: String,
}

/// How one file becomes rows.
#[derive(Clone, Debug)]
pub(crate) struct FileMapping {
    pub(crate) file: String,
    pub(crate) mode: Mode,
    pub(crate) blank: Vec<String>,
    pub(crate) keep: Vec<Keep>,
    pub(crate) tables: Vec<TableMapping>,
}

impl FileMapping {
    /// The tables the file feeds.
    pub(crate) fn targets(&self) -> BTreeSet<Table> {
        self.tables.iter().map(|mapping| mapping.table).collect()
    }
}

/// A row rule: what must hold for a row to be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Keep {
    pub(crate) column: String,
    pub(crate) condition: Condition,
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
    pub(crate) key: Vec<String>,
    /// Whether a row with a blank key simply says nothing about this table.
    pub(crate) optional: bool,
    /// One per column of the table; `None` where the mapping supplies nothing.
    pub(crate) columns: Vec<Option<ColumnMapping>>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(crate) enum ColumnMapping {
    Constant(Value),
    Column(ColumnReading),
}

/// How a column's text becomes a value.
#[derive(Clone, Debug)]
pub(crate) struct ColumnReading {
    pub(crate) column: String,
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) reject_others: bool,
    pub(crate) reading: Reading,
}

impl Mapping {
    /// Whether rows of a table come from the file of that name.
    #[must_use]
    pub fn feeds(&self, file: &str, table: Table) -> bool {
        let named = self.files.iter().filter(|mapped| mapped.file.eq_ignore_ascii_case(file));
        named.into_iter().any(|mapped| mapped.targets().contains(&table))
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
        Resolver { path, time_zone: None }.mapping(file, text)
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
}

impl Resolver<'_> {
    fn mapping(mut self, file: MappingFile, text: String) -> Result<Mapping, MappingError> {
        let company = self.company(&file)?;
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
        Ok(Mapping { source, company, covers, max_reject_share, files, path: self.path.to_owned(), text })
    }

    fn company(&self, file: &MappingFile) -> Result<Company, MappingError> {
        let company = &file.company;
        let zone = &company.time_zone;
        let time_zone = TimeZone::get(&zone.value).map_err(|_| {
            self.wrong(zone, format!("`{}` is not a time zone; write for example Europe/Berlin", zone.value))
        })?;
        let currency = &company.currency;
        if !is_currency(&currency.value) {
            return Err(self.wrong(
                currency,
                format!("`{}` is not a currency code; write for example EUR", currency.value),
            ));
        }
        let kind = &company.calendar.kind;
        if kind.value != "month_offset" {
            return Err(
                self.wrong(kind, format!("`{}` is not a kind of calendar; write month_offset", kind.value))
            );
        }
        let month = &company.calendar.first_month;
        let first_month = i8::try_from(month.value)
            .ok()
            .filter(|month| (1..=12).contains(month))
            .ok_or_else(|| self.wrong(month, "first_month is a month from 1 to 12".into()))?;
        Ok(Company { name: company.name.clone(), time_zone, currency: currency.value.clone(), first_month })
    }

    fn covers(&self, covers: &file::CoversFile) -> Result<(Date, Date), MappingError> {
        let read = |written: &Spanned<String>| -> Result<Date, MappingError> {
            written.value.parse().map_err(|_| {
                self.wrong(written, format!("`{}` is not a date as in 2024-11-23", written.value))
            })
        };
        let (from, to) = (read(&covers.from)?, read(&covers.to)?);
        if to <= from {
            return Err(
                self.wrong(&covers.to, "covers ends before it starts; `to` is the day after the last".into())
            );
        }
        Ok((from, to))
    }

    fn file(&self, entry: &FileFile) -> Result<FileMapping, MappingError> {
        let keep = entry.keep.iter().map(|rule| self.keep(rule)).collect::<Result<_, _>>()?;
        if entry.tables.is_empty() {
            return Err(self.wrong(&entry.file, format!("{} fills no table", entry.file.value)));
        }
        let tables = entry.tables.iter().map(|table| self.table(table)).collect::<Result<_, _>>()?;
        let mode = match entry.mode {
            Some(ModeFile::Full) => Mode::Full,
            Some(ModeFile::Delta) | None => Mode::Delta,
        };
        let blank = entry.blank.iter().flatten().filter_map(|token| normalise(token)).collect();
        Ok(FileMapping { file: entry.file.value.clone(), mode, blank, keep, tables })
    }

    fn keep(&self, rule: &Spanned<KeepFile>) -> Result<Keep, MappingError> {
        let condition = match &rule.value {
            KeepFile { one_of: Some(values), not_in: None, blank: None, .. } => {
                Condition::OneOf(values.clone())
            }
            KeepFile { one_of: None, not_in: Some(values), blank: None, .. } => {
                Condition::NotIn(values.clone())
            }
            KeepFile { one_of: None, not_in: None, blank: Some(blank), .. } => Condition::Blank(*blank),
            _ => return Err(self.wrong(rule, "a row rule has one condition: in, not_in or blank".into())),
        };
        Ok(Keep { column: rule.value.column.clone(), condition })
    }

    fn table(&self, entry: &TableFile) -> Result<TableMapping, MappingError> {
        let table = Table::from_name(&entry.table.value).ok_or_else(|| {
            self.unknown(&entry.table, "table", &entry.table.value, Table::ALL.map(Table::name))
        })?;
        let mut columns = vec![None; table.columns().len()];
        for (name, source) in &entry.columns {
            let (position, column) = table.column(name).ok_or_else(|| {
                self.unknown(
                    source,
                    &format!("column of {table}"),
                    name,
                    table.columns().iter().map(|column| column.name),
                )
            })?;
            columns[position] = Some(self.column(column, source)?);
        }
        for (column, mapped) in table.columns().iter().zip(&columns) {
            if column.need == Need::Always && mapped.is_none() {
                return Err(self.wrong(&entry.table, format!("{table} needs the column {}", column.name)));
            }
        }
        let key = match &entry.key.value {
            KeyFile::One(column) => vec![column.clone()],
            KeyFile::Several(columns) if !columns.is_empty() => columns.clone(),
            KeyFile::Several(_) => {
                return Err(self.wrong(&entry.key, "a key names at least one column".into()));
            }
        };
        Ok(TableMapping { table, key, optional: entry.optional, columns })
    }

    fn column(&self, target: &Column, source: &Spanned<ColumnFile>) -> Result<ColumnMapping, MappingError> {
        let detailed = match &source.value {
            ColumnFile::Source(column) => DetailedFile {
                column: Some(column.clone()),
                constant: None,
                format: None,
                values: None,
                others: None,
            },
            ColumnFile::Detailed(detailed) => detailed.as_ref().clone(),
        };
        let formats = detailed.format.as_ref().map(file::FormatFile::all).unwrap_or_default();
        let zone = self.time_zone.clone().unwrap_or(TimeZone::UTC);
        let reading = Reading::of(target.kind, &formats, &zone)
            .map_err(|problem| self.wrong(source, format!("{}: {problem}", target.name)))?;
        match (detailed.column, detailed.constant) {
            (None, Some(constant)) => self.constant(target, &reading, &constant, source),
            (Some(column), None) => {
                let values = detailed.values.unwrap_or_default();
                self.check_values(target, &reading, &values, source)?;
                let reject_others = detailed.others == Some(OthersFile::Reject);
                Ok(ColumnMapping::Column(ColumnReading { column, values, reject_others, reading }))
            }
            _ => Err(self.wrong(source, format!("{} comes from a `column` or is a `constant`", target.name))),
        }
    }

    fn constant(
        &self,
        target: &Column,
        reading: &Reading,
        constant: &str,
        place: &Spanned<ColumnFile>,
    ) -> Result<ColumnMapping, MappingError> {
        let read = reading.read(constant);
        let currency_refused = target.name.ends_with("_ccy") && !is_currency(constant);
        match read {
            Ok(Some(value)) if !currency_refused => Ok(ColumnMapping::Constant(value)),
            Ok(Some(_)) => Err(self
                .wrong(place, format!("{}: `{constant}` is not a currency code such as EUR", target.name))),
            Ok(None) => Err(self.wrong(place, format!("{}: a constant cannot be blank", target.name))),
            Err(reason) => Err(self.wrong(place, format!("{}: `{constant}` {reason}", target.name))),
        }
    }

    /// What a value map leads to has to be readable too.
    fn check_values(
        &self,
        target: &Column,
        reading: &Reading,
        values: &BTreeMap<String, String>,
        place: &Spanned<ColumnFile>,
    ) -> Result<(), MappingError> {
        for (from, to) in values {
            if matches!(
                target.kind,
                ColumnType::Choice(_) | ColumnType::Boolean | ColumnType::Date | ColumnType::Decimal
            ) && let Err(reason) = reading.read(to)
            {
                return Err(
                    self.wrong(place, format!("{}: `{from}` becomes `{to}`, which {reason}", target.name))
                );
            }
        }
        Ok(())
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
        let location: &Location = &place.referenced;
        MappingError::Wrong {
            path: self.path.to_owned(),
            line: location.line(),
            column: location.column(),
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

/// Whether a text has the form of an ISO 4217 code.
pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
