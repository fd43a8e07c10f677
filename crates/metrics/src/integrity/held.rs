//! Whether rows that were found once still hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use attain_facts::canonical::Table;
use attain_facts::store::schema::{SOURCE_ID, SOURCE_SYSTEM};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::common::JoinType;
use datafusion::error::DataFusionError;

use super::key_of;
use crate::ask::{Asker, MetricsError};
use crate::difference::RowKey;
use crate::engine::collect;
use crate::plan::column;

impl Asker {
    /// Those of some rows of a table that it still has: an import that is undone takes its rows along.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn still_held(
        &self,
        table: Table,
        keys: &BTreeSet<RowKey>,
    ) -> Result<BTreeSet<RowKey>, MetricsError> {
        if keys.is_empty() {
            return Ok(BTreeSet::new());
        }
        let of = |text: fn(&RowKey) -> &str| Arc::new(StringArray::from_iter_values(keys.iter().map(text)));
        let systems = of(|key| &key.source_system) as ArrayRef;
        let wanted = [("of_system", systems), ("of_id", of(|key| &key.source_id) as ArrayRef)];
        let wanted = RecordBatch::try_from_iter(wanted).map_err(DataFusionError::from)?;
        let source = self.source();
        let same = [column(SOURCE_SYSTEM).eq(column("of_system")), column(SOURCE_ID).eq(column("of_id"))];
        let held = source
            .relation(table.name())
            .await?
            .join_on(source.context.read_batch(wanted)?, JoinType::LeftSemi, same)?
            .select(vec![column(SOURCE_SYSTEM), column(SOURCE_ID)])?;
        Ok(collect(held).await?.rows().filter_map(|row| key_of(&row)).collect())
    }
}
