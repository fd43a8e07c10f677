//! Who and what there is to merge, and how people name it.

use std::collections::HashMap;

use datafusion::arrow::array::{Array, AsArray, StringArray};
use datafusion::prelude::ident;

use super::{MergeError, session};
use crate::canonical::Table;
use crate::store::{Snapshot, Store, StoreError};

/// Somebody or something that the records know by a source's identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its id in Attain.
    pub id: String,
    /// The system that named it.
    pub source_system: String,
    /// Its key there.
    pub source_id: String,
    /// Its name, while a row of it holds.
    pub name: Option<String>,
}

/// All entities of a table.
///
/// # Errors
/// When they cannot be read.
pub async fn entities(store: &Store, held: &Snapshot, table: Table) -> Result<Vec<Entity>, StoreError> {
    let mut names = names(held, table).await?;
    let known = store.identities().await?.into_iter().filter(|identity| identity.table == table);
    let entity = |identity: crate::import::Identity| Entity {
        name: names.remove(&identity.id),
        id: identity.id,
        source_system: identity.source_system,
        source_id: identity.source_id,
    };
    Ok(known.map(entity).collect())
}

async fn names(held: &Snapshot, table: Table) -> Result<HashMap<String, String>, StoreError> {
    let name = if table == Table::Employee { "display_name" } else { "name" };
    let Some(id) = table.id_column() else { return Ok(HashMap::new()) };
    let rows = held.view(&session(), table).await?;
    let mut names = HashMap::new();
    for batch in rows.select(vec![ident(id), ident(name)])?.collect().await? {
        let (ids, texts): (&StringArray, &StringArray) =
            (batch.column(0).as_string(), batch.column(1).as_string());
        for row in 0..batch.num_rows() {
            let name = if texts.is_null(row) { "" } else { texts.value(row) };
            names.insert(ids.value(row).to_owned(), name.to_owned());
        }
    }
    Ok(names)
}

/// The one that is called so: by its id, else by its key in a source, else by its name.
pub(super) fn find<'e>(known: &'e [Entity], table: Table, said: &str) -> Result<&'e Entity, MergeError> {
    let said = said.trim();
    let by_id = known.iter().find(|entity| entity.id == said);
    let called =
        |is_called: &dyn Fn(&Entity) -> bool| known.iter().filter(|entity| is_called(entity)).collect();
    let by_key: Vec<&Entity> = called(&|entity| entity.source_id == said);
    let lower = said.to_lowercase();
    let has_name = |name: &String| !lower.is_empty() && name.to_lowercase() == lower;
    let by_name: Vec<&Entity> = called(&|entity| entity.name.as_ref().is_some_and(has_name));
    let found = if by_key.is_empty() { by_name } else { by_key };
    match (by_id, found.as_slice()) {
        (Some(one), _) | (None, &[one]) => Ok(one),
        (None, []) => Err(MergeError::Unknown { table, said: said.to_owned() }),
        (None, several) => {
            let ids = several.iter().map(|entity| entity.id.clone()).collect();
            Err(MergeError::Ambiguous { table, said: said.to_owned(), ids })
        }
    }
}
