//! The tables that are asked, behind one small trait: a snapshot of facts implements it, and so
//! does a folder of files without any data directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use attain_facts::canonical::Table;
use attain_facts::store::{LastDelivery, Snapshot};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::prelude::{DataFrame, SessionContext};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::ask::MetricsError;

/// Whether a table knows what happened in a range of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing of it was ever delivered.
    Nothing,
    /// The half-open range of days that deliveries cover.
    Days(Date, Date),
    /// Every day: a table that stands for itself.
    Always,
}

impl Coverage {
    /// Whether it touches a range; a missing bound is open.
    #[must_use]
    pub fn touches(self, from: Option<Date>, to: Option<Date>) -> bool {
        match self {
            Coverage::Nothing => false,
            Coverage::Always => true,
            Coverage::Days(first, end) => {
                from.is_none_or(|from| from < end) && to.is_none_or(|to| first < to)
            }
        }
    }
}

/// Named tables of rows.
#[async_trait]
pub trait Tables: Debug + Send + Sync {
    /// The columns of a table; `None` when there is no such table.
    fn schema(&self, name: &str) -> Option<SchemaRef>;

    /// The rows of a table.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn rows(&self, context: &SessionContext, name: &str) -> Result<DataFrame, MetricsError>;

    /// The days a table covers.
    fn coverage(&self, name: &str) -> Coverage;

    /// Whether the source ever supplied a column (domain 2.1: a column that was not is absent).
    fn supplies(&self, table: &str, column: &str) -> bool;

    /// Every version of a table's rows, with the days from and to which it was known
    /// (`recorded_on`, `superseded_on`), of those rows that ever changed; `None` where none did.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn superseded(
        &self,
        context: &SessionContext,
        name: &str,
    ) -> Result<Option<DataFrame>, MetricsError>;

    /// How many rows a table has, where that is known without reading it.
    fn row_count(&self, name: &str) -> Option<u64>;

    /// When the versions of a snapshot were recorded; tables that stand for themselves have no
    /// history.
    fn recorded_at(&self, _snapshot: i64) -> Option<Timestamp> {
        None
    }

    /// What each source last told of a table; tables that stand for themselves are what they are.
    fn last_deliveries(&self, _name: &str) -> &[LastDelivery] {
        &[]
    }

    /// When each source delivered anything, oldest first.
    fn delivery_instants(&self) -> BTreeMap<String, Vec<Timestamp>> {
        BTreeMap::new()
    }

    /// Whether one source ever supplied a column.
    fn supplies_from(&self, _source: &str, table: Table, column: &str) -> bool {
        self.supplies(table.name(), column)
    }

    /// The import that brought the versions of a snapshot.
    fn import_of(&self, _snapshot: i64) -> Option<i64> {
        None
    }

    /// Deals whose credit was restated: their ids (`thing`) and the persons they count for
    /// (`employee_id`); `None` where there are none.
    ///
    /// # Errors
    /// When they cannot be put together.
    fn restated_credit(&self) -> Result<Option<RecordBatch>, MetricsError> {
        Ok(None)
    }

    /// Source system, identifier and recording snapshot of every version that became known after
    /// an earlier snapshot, where there is a history.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn versions_since(
        &self,
        _context: &SessionContext,
        _table: Table,
        _earlier: i64,
    ) -> Result<Option<DataFrame>, MetricsError> {
        Ok(None)
    }
}

#[async_trait]
impl Tables for Snapshot {
    fn schema(&self, name: &str) -> Option<SchemaRef> {
        let table = Table::from_name(name)?;
        Some(attain_facts::store::schema::current(table, &self.attributes(table)))
    }

    async fn rows(&self, context: &SessionContext, name: &str) -> Result<DataFrame, MetricsError> {
        match Table::from_name(name) {
            Some(table) => Ok(self.resolved(context, table).await?),
            None => Err(MetricsError::UnknownTable(name.to_owned())),
        }
    }

    fn coverage(&self, name: &str) -> Coverage {
        let Some(table) = Table::from_name(name) else { return Coverage::Nothing };
        match self.coverage_of(table) {
            Some((from, to)) => Coverage::Days(from, to),
            // Tables of no events hold what they hold for every day, once they were delivered.
            None if table.has_events() || self.rows(table) == 0 => Coverage::Nothing,
            None => Coverage::Always,
        }
    }

    fn supplies(&self, table: &str, column: &str) -> bool {
        Table::from_name(table).is_some_and(|table| Snapshot::supplies(self, table, column))
    }

    async fn superseded(
        &self,
        context: &SessionContext,
        name: &str,
    ) -> Result<Option<DataFrame>, MetricsError> {
        match Table::from_name(name) {
            Some(table) => Ok(self.versions(context, table).await?),
            None => Ok(None),
        }
    }

    fn row_count(&self, name: &str) -> Option<u64> {
        Table::from_name(name).map(|table| Snapshot::rows(self, table))
    }

    fn last_deliveries(&self, name: &str) -> &[LastDelivery] {
        Table::from_name(name).map(|table| Snapshot::last_deliveries(self, table)).unwrap_or_default()
    }

    fn delivery_instants(&self) -> BTreeMap<String, Vec<Timestamp>> {
        Snapshot::delivery_instants(self).clone()
    }

    fn supplies_from(&self, source: &str, table: Table, column: &str) -> bool {
        Snapshot::supplies_from(self, source, table, column)
    }

    fn import_of(&self, snapshot: i64) -> Option<i64> {
        Snapshot::import_of(self, snapshot)
    }

    fn restated_credit(&self) -> Result<Option<RecordBatch>, MetricsError> {
        let restated = Snapshot::restated_credit(self);
        if restated.is_empty() {
            return Ok(None);
        }
        let deals = StringArray::from_iter_values(restated.holding().map(|(deal, _)| deal));
        let people = restated.holding().map(|(_, person)| self.redirects().kept(person));
        let people = StringArray::from_iter_values(people);
        let columns = [("thing", Arc::new(deals) as ArrayRef), ("employee_id", Arc::new(people) as ArrayRef)];
        Ok(Some(RecordBatch::try_from_iter(columns).map_err(DataFusionError::from)?))
    }

    fn recorded_at(&self, snapshot: i64) -> Option<Timestamp> {
        Snapshot::recorded_at(self, snapshot)
    }

    async fn versions_since(
        &self,
        context: &SessionContext,
        table: Table,
        earlier: i64,
    ) -> Result<Option<DataFrame>, MetricsError> {
        Ok(Some(Snapshot::versions_since(self, context, table, earlier).await?))
    }
}

/// Tables and columns a metric rests on.
pub(crate) type Needs = BTreeSet<(String, String)>;
