//! The company's own fields (domain 2.2): columns that a mapping adds to a canonical table.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ColumnType, Table};

/// What an attribute holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// Text, normalised.
    #[default]
    Text,
    /// An exact decimal with at most six places.
    Number,
    /// A civil date.
    Date,
}

impl AttributeType {
    /// The type of column that holds it.
    #[must_use]
    pub fn column_type(self) -> ColumnType {
        match self {
            AttributeType::Text => ColumnType::Text,
            AttributeType::Number => ColumnType::Decimal,
            AttributeType::Date => ColumnType::Date,
        }
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            AttributeType::Text => "text",
            AttributeType::Number => "number",
            AttributeType::Date => "date",
        })
    }
}

/// A field of the company's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name in lower snake case, unique within its table.
    pub name: String,
    /// What it holds.
    pub kind: AttributeType,
}

impl Attribute {
    /// Name of the column that holds it. The dot is part of the name: plans refer to it as one
    /// identifier.
    #[must_use]
    pub fn column(&self) -> String {
        format!("attributes.{}", self.name)
    }
}

/// An attribute whose type contradicts the one it had.
#[derive(Debug)]
pub(crate) struct Retyped {
    pub(crate) table: Table,
    pub(crate) name: String,
    pub(crate) before: AttributeType,
    pub(crate) now: AttributeType,
}

impl Retyped {
    /// What the writer of a mapping is told that contradicts itself.
    pub(crate) fn within_mapping(&self) -> String {
        let Retyped { table, name, before, now } = self;
        format!("{name} is a {before} and a {now} attribute of {table} in this mapping; use one type")
    }
}

/// The attributes of all tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes(BTreeMap<Table, BTreeMap<String, AttributeType>>);

impl Attributes {
    /// Adds an attribute, which may be there already.
    pub(crate) fn add(&mut self, table: Table, attribute: &Attribute) -> Result<(), Retyped> {
        let known = self.0.entry(table).or_default().entry(attribute.name.clone()).or_insert(attribute.kind);
        let (name, before, now) = (attribute.name.clone(), *known, attribute.kind);
        if before == now { Ok(()) } else { Err(Retyped { table, name, before, now }) }
    }

    /// Adds all attributes of others.
    pub(crate) fn add_all(&mut self, others: &Attributes) -> Result<(), Retyped> {
        others
            .0
            .keys()
            .try_for_each(|table| others.of(*table).iter().try_for_each(|own| self.add(*table, own)))
    }

    /// Those of a table, in the order of their names.
    pub(crate) fn of(&self, table: Table) -> Vec<Attribute> {
        let own = self.0.get(&table).into_iter().flatten();
        own.map(|(name, kind)| Attribute { name: name.clone(), kind: *kind }).collect()
    }
}
