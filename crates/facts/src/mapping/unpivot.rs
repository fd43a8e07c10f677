//! Wide tables: several columns of a row that say the same about different things, such as a target
//! for each month, become a row each.

use std::convert::Infallible;

use super::expression::Expression;
use super::{ColumnMapping, ColumnReading, KeyPart, TableMapping};
use crate::value::Value;

/// Stands for the cell, in the mapping of a table that is unpivoted.
const CELL: &str = "cell";
/// Stands for what the mapping calls its column.
const LABEL: &str = "label";

impl TableMapping {
    /// The same table for one of the columns: rows whose cell is blank say nothing.
    pub(super) fn unpivoted(&self, column: &str, label: &str) -> TableMapping {
        let replaced = |expression: &Expression<String>| replaced(expression, column, label);
        let mapped = |mapping: &ColumnMapping| match mapping {
            ColumnMapping::Constant(value) => ColumnMapping::Constant(value.clone()),
            ColumnMapping::Column(reading) => {
                let origin = replaced(&reading.origin);
                ColumnMapping::Column(ColumnReading { origin, ..reading.clone() })
            }
        };
        let key = self.key.iter();
        let attributes = self.attributes.iter();
        TableMapping {
            table: self.table,
            key: key
                .map(|part| KeyPart { name: part.name.clone(), origin: replaced(&part.origin) })
                .collect(),
            optional: self.optional,
            cell: Some(column.to_owned()),
            columns: self.columns.iter().map(|mapping| mapping.as_ref().map(mapped)).collect(),
            attributes: attributes.map(|(name, mapping)| (name.clone(), mapped(mapping))).collect(),
        }
    }
}

fn replaced(expression: &Expression<String>, column: &str, label: &str) -> Expression<String> {
    let place = &mut |name: &String| {
        Ok::<_, Infallible>(match name.as_str() {
            CELL => Expression::Column(column.to_owned()),
            LABEL => Expression::Constant(Some(Value::Text(label.to_owned()))),
            _ => Expression::Column(name.clone()),
        })
    };
    let Ok(replaced) = expression.bind(place);
    replaced
}
