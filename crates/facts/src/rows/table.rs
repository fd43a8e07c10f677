//! A row of a file becomes a row of a table: its identifier and one typed value per column.

use sha2::{Digest, Sha256};

use super::cells::{Bind, BoundKey, Cells, Named, bound};
use super::rules;
use crate::canonical::{Attributes, ColumnType, Need, Table};
use crate::import::hex;
use crate::mapping::expression::{Expression, Refusal, Row, spelled};
use crate::mapping::{ColumnMapping, ColumnReading, TableMapping};
use crate::reject::Reason;
use crate::source::SourceError;
use crate::value::{DeliveredRow, Value};

/// A table's mapping with the positions of its columns in a file.
pub(super) struct BoundTable<'a> {
    mapping: &'a TableMapping,
    key: BoundKey,
    /// The cell without which the row says nothing.
    cell: Option<Named>,
    /// The columns that the mapping fills, with their positions among the canonical ones and the
    /// attributes behind.
    filled: Vec<(usize, BoundColumn<'a>)>,
    /// How many columns there are.
    columns: usize,
}

struct BoundColumn<'a> {
    kind: ColumnType,
    need: Need,
    origin: Origin<'a>,
}

/// Where the values of a column come from.
enum Origin<'a> {
    Constant(&'a Value),
    Read(&'a ColumnReading, Expression<Named>),
}

impl<'a> BoundTable<'a> {
    pub(super) fn bind(
        mapping: &'a TableMapping,
        attributes: &Attributes,
        bind: &Bind<'_>,
    ) -> Result<BoundTable<'a>, SourceError> {
        let key = BoundKey::bind(&mapping.key, bind)?;
        let cell = mapping.cell.as_deref().map(bind).transpose()?;
        let canonical = mapping.table.columns().iter().zip(&mapping.columns);
        let canonical = canonical.map(|(column, mapped)| (column.kind, column.need, mapped.as_ref()));
        let attributes = attributes.of(mapping.table);
        let own = attributes.iter().map(|attribute| {
            let kind = attribute.kind.column_type();
            (kind, Need::Never, mapping.attributes.get(&attribute.name))
        });
        let columns = canonical.len() + own.len();
        let mut filled = Vec::new();
        for (position, (kind, need, mapped)) in canonical.chain(own).enumerate() {
            let origin = match mapped {
                Some(ColumnMapping::Column(reading)) => Origin::Read(reading, bound(&reading.origin, bind)?),
                Some(ColumnMapping::Constant(value)) => Origin::Constant(value),
                None => continue,
            };
            filled.push((position, BoundColumn { kind, need, origin }));
        }
        Ok(BoundTable { mapping, key, cell, filled, columns })
    }

    pub(super) fn table(&self) -> Table {
        self.mapping.table
    }

    /// The row of the table, if the cells say anything about it.
    pub(super) fn row(&self, cells: &Cells<'_>) -> Result<Option<DeliveredRow>, Refusal> {
        if self.cell.as_ref().is_some_and(|cell| cells.value(cell).is_none()) {
            return Ok(None);
        }
        let Some(source_id) = self.source_id(cells)? else { return Ok(None) };
        let mut values = vec![None; self.columns];
        for (position, column) in &self.filled {
            values[*position] = column.value(cells)?;
        }
        rules::check(self.mapping, &values, cells.time_zone)?;
        Ok(Some(DeliveredRow { source_id, values }))
    }

    /// The row's identifier: the key as it is, or the hash of several parts (domain 2.6).
    fn source_id(&self, cells: &Cells<'_>) -> Result<Option<String>, Refusal> {
        let mut parts = self.key.texts(cells)?;
        let key = match parts.as_mut_slice() {
            [(_, only)] => only.take(),
            _ => synthetic_id(parts.into_iter()),
        };
        match key {
            None if self.mapping.optional => Ok(None),
            None => Err((Some(self.key.name()), None, Reason::Blank)),
            key => Ok(key),
        }
    }
}

impl BoundColumn<'_> {
    fn value(&self, cells: &Cells<'_>) -> Result<Option<Value>, Refusal> {
        let (reading, origin) = match &self.origin {
            Origin::Constant(value) => return Ok(Some((*value).clone())),
            Origin::Read(reading, origin) => (reading, origin),
        };
        let value = match origin.evaluate(cells)? {
            Some(value) => {
                let is_typed = matches!(origin, Expression::Column(column) if cells.is_typed(column));
                self.read(reading, &value, is_typed)?
            }
            None => None,
        };
        if value.is_none() && self.need != Need::Never {
            return Err((reading.source_column().map(str::to_owned), None, Reason::Blank));
        }
        Ok(value)
    }

    fn read(&self, reading: &ColumnReading, value: &Value, is_typed: bool) -> Result<Option<Value>, Refusal> {
        let text = spelled(value);
        let mapped = reading.values.get(text.as_ref());
        let is_closed = reading.reject_others || matches!(self.kind, ColumnType::Choice(_));
        let read = match mapped {
            Some(mapped) => reading.reading.read(mapped),
            None if !reading.values.is_empty() && is_closed => Err(Reason::UnknownValue {
                allowed: reading.values.keys().cloned().collect::<Vec<_>>().join(", "),
            }),
            None if is_typed => reading.reading.of_typed().fit(value),
            None => reading.reading.fit(value),
        };
        read.map_err(|reason| (reading.source_column().map(str::to_owned), Some(text.into_owned()), reason))
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
    use jiff::tz::TimeZone;

    use super::*;
    use crate::source::Record;

    /// Example X2.2 of the domain specification.
    #[test]
    fn a_row_without_an_identifier_is_known_by_its_key_columns() {
        let record = Record::of_text(csv::StringRecord::from(vec![" 2026-03", "Acme  GmbH ", "NULL"]));
        let blank = ["NULL".to_owned()];
        let cells = Cells { record: &record, blank: &blank, time_zone: &TimeZone::UTC, found: Vec::new() };
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
