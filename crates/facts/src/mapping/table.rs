//! What a mapping says about one file and its tables: every column exists, every option fits it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_saphyr::Spanned;

use super::file::{self, ColumnFile, FileFile, KeepFile, KeyFile, ModeFile, OthersFile, TableFile};
use super::reading::Reading;
use super::{
    ColumnMapping, ColumnReading, Condition, FileMapping, Keep, MappingError, Mode, Resolver, TableMapping,
};
use crate::canonical::{Attribute, ColumnType, Need, Table};
use crate::value::normalise;

impl Resolver<'_> {
    pub(super) fn file(&mut self, entry: &FileFile) -> Result<FileMapping, MappingError> {
        let keep = entry.keep.iter().map(|rule| self.keep(rule)).collect::<Result<_, _>>()?;
        if entry.tables.is_empty() {
            return Err(self.wrong(&entry.file, format!("{} fills no table", entry.file.value)));
        }
        let tables = entry.tables.iter().map(|table| self.table(table)).collect::<Result<_, _>>()?;
        let mode = match entry.mode {
            Some(ModeFile::Full) => Mode::Full,
            Some(ModeFile::Append) => Mode::Append,
            Some(ModeFile::Delta) | None => Mode::Delta,
        };
        let format = entry.format.as_ref().map(|block| self.format(block)).transpose()?.unwrap_or_default();
        let blank = entry.blank.iter().flatten().filter_map(|token| normalise(token)).collect();
        Ok(FileMapping { file: entry.file.value.clone(), format, mode, blank, keep, tables })
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
        let key = match &entry.key.value {
            KeyFile::One(column) => vec![column.clone()],
            KeyFile::Several(columns) if !columns.is_empty() => columns.clone(),
            KeyFile::Several(_) => {
                return Err(self.wrong(&entry.key, "a key names at least one column".into()));
            }
        };
        let attributes = self.attributes(table, entry)?;
        Ok(TableMapping { table, key, optional: entry.optional, columns, attributes })
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
            mapped.insert(name.clone(), self.column(name, kind.column_type(), source)?);
        }
        Ok(mapped)
    }

    fn column(
        &self,
        name: &str,
        kind: ColumnType,
        source: &Spanned<ColumnFile>,
    ) -> Result<ColumnMapping, MappingError> {
        let detailed = source.value.detailed();
        let formats = detailed.format.as_ref().map(file::FormatFile::all).unwrap_or_default();
        let zone = self.time_zone.clone().unwrap_or(TimeZone::UTC);
        let reading = Reading::of(kind, &formats, &zone)
            .map_err(|problem| self.wrong(source, format!("{name}: {problem}")))?;
        match (detailed.column, detailed.constant) {
            (None, Some(constant)) => self.constant(name, &reading, &constant, source),
            (Some(column), None) => {
                let values = detailed.values.unwrap_or_default();
                self.check_values(name, &reading, &values, source)?;
                let reject_others = detailed.others == Some(OthersFile::Reject);
                Ok(ColumnMapping::Column(ColumnReading { column, values, reject_others, reading }))
            }
            _ => Err(self.wrong(source, format!("{name} comes from a `column` or is a `constant`"))),
        }
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

/// Whether a text is a name as attributes have them.
fn is_snake_case(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(allowed)
}
