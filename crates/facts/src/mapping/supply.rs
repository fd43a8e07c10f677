//! What delivered files supply: which columns of which tables, and which of the company's own
//! fields. What no delivery supplied is absent, and numbers that need it say so (domain 2.1).

use std::collections::{BTreeMap, BTreeSet};

use super::Mapping;
use crate::canonical::{AttributeType, Table};

/// What is supplied of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Supply {
    /// Canonical columns, the identifier included.
    pub(crate) columns: BTreeSet<String>,
    /// The company's own fields.
    pub(crate) attributes: BTreeMap<String, AttributeType>,
}

impl Mapping {
    /// What the files of these names supply.
    pub(crate) fn supplied_by(&self, names: &[&str]) -> BTreeMap<Table, Supply> {
        let delivered = self.files.iter().filter(|file| {
            names.iter().any(|name| self.file_called(name).is_some_and(|called| std::ptr::eq(called, *file)))
        });
        let mut supplied: BTreeMap<Table, Supply> = BTreeMap::new();
        for mapping in delivered.flat_map(|file| &file.tables) {
            let table = mapping.table;
            let supply = supplied.entry(table).or_default();
            supply.columns.extend(table.id_column().map(str::to_owned));
            let mapped = table.columns().iter().zip(&mapping.columns).filter(|(_, mapped)| mapped.is_some());
            supply.columns.extend(mapped.map(|(column, _)| column.name.to_owned()));
            let own = self.attributes.of(table).into_iter();
            let own = own.filter(|attribute| mapping.attributes.contains_key(&attribute.name));
            supply.attributes.extend(own.map(|attribute| (attribute.name, attribute.kind)));
        }
        supplied
    }
}
