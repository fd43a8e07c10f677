//! Entities that only undone imports brought: they keep their ids for the day they are delivered
//! again, and until then nothing can refer to them.

use std::collections::HashSet;
use std::path::Path;

use datafusion::arrow::array::{AsArray, StringArray};
use datafusion::prelude::ident;

use super::compare::session;
use super::identity::is_named;
use crate::canonical::Table;
use crate::import::Identity;
use crate::store::{Snapshot, StoreError};

/// The ids of those among the known ones.
pub(super) async fn dormant(
    held: Option<&Snapshot>,
    identities: &[Identity],
    scratch: &Path,
) -> Result<HashSet<String>, StoreError> {
    let Some(held) = held.filter(|held| held.has_undone()) else { return Ok(HashSet::new()) };
    let mut dormant: HashSet<String> = identities.iter().map(|identity| identity.id.clone()).collect();
    let context = session(scratch)?;
    for table in Table::ALL.into_iter().filter(|table| is_named(*table)) {
        let Some(id) = table.id_column() else { continue };
        let brought = held.ever(&context, table, id).await?.select(vec![ident(id)])?.distinct()?;
        for batch in brought.collect().await? {
            let ids: &StringArray = batch.column(0).as_string();
            ids.iter().flatten().for_each(|id| {
                dormant.remove(id);
            });
        }
    }
    Ok(dormant)
}
