//! What a mapping says about one file and its tables: every column exists, every option fits it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde_saphyr::Spanned;

use super::expression::{Expression, Type};
use super::file::{self, ColumnFile, FileFile, KeepFile, ModeFile, OthersFile, TableFile};
use super::reading::Reading;
use super::{
    ColumnMapping, ColumnReading, Condition, FileMapping, Keep, MappingError, Mode, Resolver, TableMapping,
};
use crate::canonical::{Attribute, ColumnType, Need, Table};
use crate::value::normalise;

impl Resolver<'_> {
    pub(super) fn file(&mut self, entry: &FileFile) -> Result<FileMapping, MappingError> {
        let keep = entry.keep.iter().map(|rule| self.keep(rule)).collect::<Result<_, _>>()?;
        let lookups = entry.lookups.iter().map(|lookup| self.lookup(&entry.file.value, lookup));
        let lookups = lookups.collect::<Result<_, _>>()?;
        let mut tables = Vec::new();
        for table in &entry.tables {
            tables.extend(self.tables(table)?);
        }
        let mode = match entry.mode {
            Some(ModeFile::Full) => Mode::Full,
            Some(ModeFile::Append) => Mode::Append,
            Some(ModeFile::Delta) | None => Mode::Delta,
        };
        let format = entry.format.as_ref().map(|block| self.format(block)).transpose()?.unwrap_or_default();
        let blank = entry.blank.iter().flatten().filter_map(|token| normalise(token)).collect();
        Ok(FileMapping {
            file: entry.file.value.clone(),
            query: entry.query.clone(),
            format,
            mode,
            blank,
            labels: entry
                .labels
                .iter()
                .map(|(name, labels)| (name.clone(), labels.value.0.clone()))
                .collect(),
            keep,
            lookups,
            tables,
            looked_up: BTreeSet::new(),
        })
    }

    fn keep(&self, rule: &Spanned<KeepFile>) -> Result<Keep, MappingError> {
        let KeepFile { condition: whole, column, one_of, not_in, blank } = &rule.value;
        let (column, condition) = match (whole, column, one_of, not_in, blank) {
            (Some(whole), None, None, None, None) => return Ok(Keep::Where(self.condition(whole)?)),
            (None, Some(column), Some(values), None, None) => (column, Condition::OneOf(values.clone())),
            (None, Some(column), None, Some(values), None) => (column, Condition::NotIn(values.clone())),
            (None, Some(column), None, None, Some(blank)) => (column, Condition::Blank(*blank)),
            _ => {
                let problem = "a row rule has a `where`, or a column and one condition: in, not_in or blank";
                return Err(self.wrong(rule, problem.into()));
            }
        };
        Ok(Keep::Cell { column: column.clone(), condition })
    }

    /// A table, or one for each column that is unpivoted.
    fn tables(&mut self, entry: &TableFile) -> Result<Vec<TableMapping>, MappingError> {
        let table = self.table(entry)?;
        match &entry.unpivot {
            None => Ok(vec![table]),
            Some(columns) if columns.value.is_empty() => {
                Err(self.wrong(columns, "name the columns, each with what stands for it in `label`".into()))
            }
            Some(columns) => {
                Ok(columns.value.iter().map(|(column, label)| table.unpivoted(column, label)).collect())
            }
        }
    }

    fn table(&mut self, entry: &TableFile) -> Result<TableMapping, MappingError> {
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
            if source.value.detailed().kind.is_some() {
                return Err(self.wrong(source, format!("{name}: only attributes have a `type` of their own")));
            }
            columns[position] = Some(self.column(column.name, column.kind, source)?);
        }
        for (column, mapped) in table.columns().iter().zip(&columns) {
            if column.need == Need::Always && mapped.is_none() {
                return Err(self.wrong(&entry.table, format!("{table} needs the column {}", column.name)));
            }
        }
        let key = self.key(&entry.key, &entry.key.value)?;
        let attributes = self.attributes(table, entry)?;
        Ok(TableMapping { table, key, optional: entry.optional, cell: None, columns, attributes })
    }

    /// The company's own fields of a table.
    fn attributes(
        &mut self,
        table: Table,
        entry: &TableFile,
    ) -> Result<BTreeMap<String, ColumnMapping>, MappingError> {
        let mut mapped = BTreeMap::new();
        for (name, source) in &entry.attributes {
            if !is_snake_case(name) {
                let problem =
                    format!("`{name}` is no name for an attribute; write lower case, as in deal_desk");
                return Err(self.wrong(source, problem));
            }
            if table.column(name).is_some() || table.id_column() == Some(name) {
                let problem =
                    format!("{table} has a column {name} already; map that, or choose another name");
                return Err(self.wrong(source, problem));
            }
            let kind = source.value.detailed().kind.unwrap_or_default();
            let attribute = Attribute { name: name.clone(), kind };
            self.attributes
                .add(table, &attribute)
                .map_err(|retyped| self.wrong(source, retyped.within_mapping()))?;
            let reading = Reading::of_attribute(kind, &formats(source), &self.zone());
            mapped.insert(name.clone(), self.column_read(name, reading, source)?);
        }
        Ok(mapped)
    }

    fn column(
        &self,
        name: &str,
        kind: ColumnType,
        source: &Spanned<ColumnFile>,
    ) -> Result<ColumnMapping, MappingError> {
        self.column_read(name, Reading::of(kind, &formats(source), &self.zone()), source)
    }

    fn column_read(
        &self,
        name: &str,
        reading: Result<Reading, String>,
        source: &Spanned<ColumnFile>,
    ) -> Result<ColumnMapping, MappingError> {
        let reading = reading.map_err(|problem| self.wrong(source, format!("{name}: {problem}")))?;
        let (detailed, formats) = (source.value.detailed(), formats(source));
        let (origin, found) = match (detailed.column, detailed.expression, detailed.constant) {
            (None, None, Some(constant)) => return self.constant(name, &reading, &constant, source),
            (Some(column), None, None) => (Expression::Column(column), Type::Cell),
            (None, Some(written), None) => {
                let (origin, found) = self.expression(&written)?;
                reading
                    .check_type(found)
                    .map_err(|problem| self.wrong(&written, format!("{name}: {problem}")))?;
                (origin, found)
            }
            _ => {
                let problem = "comes from a `column` or an `expression`, or is a `constant`";
                return Err(self.wrong(source, format!("{name} {problem}")));
            }
        };
        if !formats.is_empty() && !matches!(found, Type::Cell | Type::Text) {
            let problem = format!("{name}: the expression comes to {found}, which needs no `format`");
            return Err(self.wrong(source, problem));
        }
        let values = detailed.values.unwrap_or_default();
        self.check_values(name, &reading, &values, source)?;
        let reject_others = detailed.others == Some(OthersFile::Reject);
        Ok(ColumnMapping::Column(ColumnReading { origin, values, reject_others, reading }))
    }

    /// The company's time zone.
    pub(super) fn zone(&self) -> TimeZone {
        self.time_zone.clone().unwrap_or(TimeZone::UTC)
    }

    fn constant(
        &self,
        name: &str,
        reading: &Reading,
        constant: &str,
        place: &Spanned<ColumnFile>,
    ) -> Result<ColumnMapping, MappingError> {
        match reading.read(constant) {
            Ok(Some(value)) => Ok(ColumnMapping::Constant(value)),
            Ok(None) => Err(self.wrong(place, format!("{name}: a constant cannot be blank"))),
            Err(reason) => Err(self.wrong(place, format!("{name}: `{constant}` {reason}"))),
        }
    }

    /// What a value map leads to has to be readable too.
    fn check_values(
        &self,
        name: &str,
        reading: &Reading,
        values: &BTreeMap<String, String>,
        place: &Spanned<ColumnFile>,
    ) -> Result<(), MappingError> {
        for (from, to) in values {
            if let Err(reason) = reading.read(to) {
                return Err(self.wrong(place, format!("{name}: `{from}` becomes `{to}`, which {reason}")));
            }
        }
        Ok(())
    }
}

/// The formats that are written for a column.
fn formats(source: &Spanned<ColumnFile>) -> Vec<String> {
    source.value.detailed().format.as_ref().map(file::FormatFile::all).unwrap_or_default()
}

/// Whether a text is a name as attributes have them.
pub(super) fn is_snake_case(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(allowed)
}
