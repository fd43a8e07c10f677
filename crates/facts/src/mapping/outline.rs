//! A mapping as it is written, before anything is made of it: what a proposal takes over from one that
//! ships with Attain.

use jiff::tz::TimeZone;

use super::Labels;
use super::expression::{Scope, condition, expression};
use super::file::{ColumnFile, DetailedFile, FileFile, KeyPartFile, MappingFile, TableFile};
use crate::canonical::Table;

/// A file of a mapping.
#[derive(Clone, Debug)]
pub(crate) struct FileOutline {
    pub(crate) labels: Labels,
    /// Conditions that rows have to meet.
    pub(crate) keep: Vec<Written>,
    pub(crate) tables: Vec<TableOutline>,
}

/// A table that a file fills.
#[derive(Clone, Debug)]
pub(crate) struct TableOutline {
    pub(crate) table: Table,
    /// What identifies its rows, if that is one thing.
    pub(crate) key: Option<Written>,
    pub(crate) columns: Vec<(String, ColumnOutline)>,
}

/// A column of it.
#[derive(Clone, Debug)]
pub(crate) struct ColumnOutline {
    pub(crate) written: Written,
    pub(crate) values: Vec<(String, String)>,
    pub(crate) format: Option<String>,
}

/// A column of the file, or an expression over some, or the same text for every row.
#[derive(Clone, Debug)]
pub(crate) enum Written {
    Column(String),
    Expression { text: String, columns: Vec<String> },
    Constant(String),
}

/// The files of a mapping; none if it is not one.
pub(crate) fn outline(text: &str) -> Vec<FileOutline> {
    let file: Option<MappingFile> = serde_saphyr::from_str(text).ok();
    file.iter().flat_map(|mapping| &mapping.files).map(file_outline).collect()
}

fn file_outline(file: &FileFile) -> FileOutline {
    let labels = file.labels.iter().map(|(name, labels)| (name.clone(), labels.value.0.clone()));
    let conditions = file.keep.iter().filter_map(|rule| rule.value.condition.as_ref());
    FileOutline {
        labels: labels.collect(),
        keep: conditions.map(|written| expression_outline(&written.value, true)).collect(),
        tables: file.tables.iter().filter_map(table_outline).collect(),
    }
}

fn table_outline(table: &TableFile) -> Option<TableOutline> {
    let key = match table.key.value.0.as_slice() {
        [KeyPartFile::Column(name)] => Some(Written::Column(name.clone())),
        [KeyPartFile::Expression(written)] => Some(expression_outline(&written.value, false)),
        _ => None,
    };
    let columns = table.columns.iter();
    let columns = columns.filter_map(|(name, column)| Some((name.clone(), column_outline(&column.value)?)));
    Some(TableOutline { table: Table::from_name(&table.table.value)?, key, columns: columns.collect() })
}

fn column_outline(column: &ColumnFile) -> Option<ColumnOutline> {
    let DetailedFile { column, expression, constant, format, values, .. } = column.detailed();
    let written = match (column, expression, constant) {
        (Some(name), ..) => Written::Column(name),
        (_, Some(written), _) => expression_outline(&written.value, false),
        (_, _, Some(text)) => Written::Constant(text),
        _ => return None,
    };
    let format = format.and_then(|format| format.all().into_iter().next());
    Some(ColumnOutline { written, values: values.into_iter().flatten().collect(), format })
}

fn expression_outline(text: &str, is_condition: bool) -> Written {
    let scope = Scope { time_zone: &TimeZone::UTC };
    let read = match is_condition {
        true => condition(text, &scope).ok(),
        false => expression(text, &scope).ok().map(|(origin, _)| origin),
    };
    let columns = read.iter().flat_map(|origin| origin.columns().into_iter().cloned()).collect();
    Written::Expression { text: text.to_owned(), columns }
}
