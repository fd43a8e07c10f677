//! A row of a file becomes a row of a table: its identifier and one typed value per column.

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::rules;
use crate::canonical::{Attributes, ColumnType, Need, Table};
use crate::import::hex;
use crate::mapping::{ColumnMapping, ColumnReading, TableMapping};
use crate::reject::Reason;
use crate::source::{Record, SourceError};
use crate::value::{DeliveredRow, Value, normalise};

/// Column, value and reason of a refused row.
pub(super) type Refusal = (Option<String>, Option<String>, Reason);

/// What spreadsheets write where they could not compute, also into text files they save.
const SPREADSHEET_ERRORS: [&str; 11] = [
    "#REF!",
    "#N/A",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#DATA!",
];

/// The cells of a delivered row.
pub(super) struct Cells<'r> {
    pub(super) record: &'r Record,
    /// Texts that stand for nothing.
    pub(super) blank: &'r [String],
}

impl Cells<'_> {
    /// A cell's text; a null token is blank.
    pub(super) fn text(&self, position: usize) -> Option<String> {
        let text = normalise(self.record.cells().get(position)?)?;
        (!self.blank.contains(&text)).then_some(text)
    }

    /// Why a cell says nothing sensible, whatever it should be.
    pub(super) fn unusable(&self, position: usize) -> Option<Reason> {
        if let Some(reason) = self.record.without_value(position) {
            return Some(reason);
        }
        let text = self.text(position)?;
        if SPREADSHEET_ERRORS.contains(&text.as_str()) {
            return Some(Reason::CellError);
        }
        text.contains('\0').then_some(Reason::NulCharacter)
    }
}

/// A table's mapping with the positions of its columns in a file.
pub(super) struct BoundTable<'a> {
    mapping: &'a TableMapping,
    key: Vec<usize>,
    /// Canonical columns and then attributes.
    columns: Vec<BoundColumn<'a>>,
}

struct BoundColumn<'a> {
    kind: ColumnType,
    need: Need,
    origin: Origin<'a>,
}

/// Where the values of a column come from.
enum Origin<'a> {
    Nowhere,
    Constant(&'a Value),
    Cell(&'a ColumnReading, usize),
}

impl<'a> BoundTable<'a> {
    pub(super) fn bind(
        mapping: &'a TableMapping,
        attributes: &Attributes,
        bind: &dyn Fn(&str) -> Result<usize, SourceError>,
    ) -> Result<BoundTable<'a>, SourceError> {
        let key = mapping.key.iter().map(|column| bind(column)).collect::<Result<_, _>>()?;
        let origin = |mapped: Option<&'a ColumnMapping>| match mapped {
            Some(ColumnMapping::Column(reading)) => Ok(Origin::Cell(reading, bind(&reading.column)?)),
            Some(ColumnMapping::Constant(value)) => Ok(Origin::Constant(value)),
            None => Ok(Origin::Nowhere),
        };
        let mut columns = Vec::new();
        for (column, mapped) in mapping.table.columns().iter().zip(&mapping.columns) {
            let origin = origin(mapped.as_ref())?;
            columns.push(BoundColumn { kind: column.kind, need: column.need, origin });
        }
        for attribute in attributes.of(mapping.table) {
            let origin = origin(mapping.attributes.get(&attribute.name))?;
            columns.push(BoundColumn { kind: attribute.kind.column_type(), need: Need::Never, origin });
        }
        Ok(BoundTable { mapping, key, columns })
    }

    pub(super) fn table(&self) -> Table {
        self.mapping.table
    }

    /// The row of the table, if the cells say anything about it.
    pub(super) fn row(
        &self,
        cells: &Cells<'_>,
        time_zone: &TimeZone,
    ) -> Result<Option<DeliveredRow>, Refusal> {
        let Some(source_id) = self.source_id(cells)? else { return Ok(None) };
        let values: Vec<Option<Value>> =
            self.columns.iter().map(|column| column.value(cells)).collect::<Result<_, _>>()?;
        rules::check(self.mapping, &values, time_zone)?;
        Ok(Some(DeliveredRow { source_id, values }))
    }

    /// The row's identifier: the key column as it is, or the hash of several (domain 2.6).
    fn source_id(&self, cells: &Cells<'_>) -> Result<Option<String>, Refusal> {
        let mapping = self.mapping;
        let key = match self.key.as_slice() {
            [position] => cells.text(*position),
            several => {
                let texts = several.iter().map(|position| cells.text(*position));
                synthetic_id(mapping.key.iter().map(String::as_str).zip(texts))
            }
        };
        match key {
            None if mapping.optional => Ok(None),
            None => Err((Some(mapping.key.join(", ")), None, Reason::Blank)),
            key => Ok(key),
        }
    }
}

impl BoundColumn<'_> {
    fn value(&self, cells: &Cells<'_>) -> Result<Option<Value>, Refusal> {
        let (reading, position) = match &self.origin {
            Origin::Nowhere => return Ok(None),
            Origin::Constant(value) => return Ok(Some((*value).clone())),
            Origin::Cell(reading, position) => (reading, *position),
        };
        let value = match cells.text(position) {
            Some(text) => self.read(reading, text, cells.record.is_typed(position))?,
            None => None,
        };
        if value.is_none() && self.need != Need::Never {
            return Err((Some(reading.column.clone()), None, Reason::Blank));
        }
        Ok(value)
    }

    fn read(&self, reading: &ColumnReading, text: String, is_typed: bool) -> Result<Option<Value>, Refusal> {
        let mapped = reading.values.get(&text);
        let is_closed = reading.reject_others || matches!(self.kind, ColumnType::Choice(_));
        let read = if mapped.is_none() && !reading.values.is_empty() && is_closed {
            Err(Reason::UnknownValue {
                allowed: reading.values.keys().cloned().collect::<Vec<_>>().join(", "),
            })
        } else {
            match mapped {
                None if is_typed => reading.reading.of_typed().read(&text),
                mapped => reading.reading.read(mapped.unwrap_or(&text)),
            }
        };
        read.map_err(|reason| (Some(reading.column.clone()), Some(text), reason))
    }
}

/// The identifier of a row that has none: the hash of its key columns, blank ones left out;
/// `None` if all are (domain 2.6).
fn synthetic_id<'k>(key: impl Iterator<Item = (&'k str, Option<String>)>) -> Option<String> {
    let parts: serde_json::Map<String, serde_json::Value> =
        key.filter_map(|(column, text)| Some((column.to_owned(), text?.into()))).collect();
    if parts.is_empty() {
        return None;
    }
    // Its members are sorted, its texts written as RFC 8785 says.
    let canonical = serde_json::Value::Object(parts).to_string();
    Some(format!("h:{}", &hex(&Sha256::digest(canonical.as_bytes()))[..32]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Example X2.2 of the domain specification.
    #[test]
    fn a_row_without_an_identifier_is_known_by_its_key_columns() {
        let record = Record::of_text(csv::StringRecord::from(vec![" 2026-03", "Acme  GmbH ", "NULL"]));
        let cells = Cells { record: &record, blank: &["NULL".to_owned()] };
        let id = |key: &[(&'static str, usize)]| {
            synthetic_id(key.iter().map(|(column, position)| (*column, cells.text(*position))))
        };
        let expected = Some("h:29e8e70f8ce4d243112b0543fae5b096".to_owned());
        assert_eq!(id(&[("month", 0), ("account", 1)]), expected);
        assert_eq!(id(&[("account", 1), ("month", 0)]), expected, "in whatever order they are declared");
        assert_eq!(id(&[("month", 0), ("account", 1), ("region", 2)]), expected, "a blank cell is absent");
        assert_eq!(id(&[("region", 2)]), None);
    }
}
