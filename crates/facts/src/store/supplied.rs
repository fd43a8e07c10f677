//! What deliveries supplied up to an instant: tables, columns, the company's own fields, the days
//! they tell about, and when each source delivered.

use std::collections::{BTreeMap, BTreeSet};

use attain_records::{RecordsError, from_micros, to_micros};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef};

use super::manifest::entity::{delivered_table, import_batch};
use super::{Store, StoreError, manifest};
use crate::canonical::{Attribute, AttributeType, Attributes, Table};
use crate::mapping::Supply;
use crate::value::{date_from_days, days_from_date};

/// What one delivery brings of a table.
#[derive(Clone, Debug)]
pub(crate) struct DeliveredTable {
    pub(crate) table: Table,
    pub(crate) supply: Supply,
    /// The half-open range of days it tells about, if it tells of events.
    pub(crate) covers: Option<(Date, Date)>,
}

/// What a source last told of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDelivery {
    /// The source system.
    pub source_system: String,
    /// When it was committed, whether or not anything in the table had changed.
    pub at: Timestamp,
    /// The day after the last that the source's deliveries tell about, as they say themselves;
    /// nothing for tables of no events.
    pub covers_to: Option<Date>,
}

/// What all deliveries so far supplied.
#[derive(Clone, Debug, Default)]
pub(super) struct Supplied {
    columns: BTreeMap<Table, BTreeMap<String, BTreeSet<String>>>,
    coverage: BTreeMap<Table, (Date, Date)>,
    last_deliveries: BTreeMap<Table, Vec<LastDelivery>>,
    /// When each source delivered anything, oldest first.
    pub(super) delivery_instants: BTreeMap<String, Vec<Timestamp>>,
    pub(super) attributes: Attributes,
    /// Those too that only undone imports supplied: files still hold them with their types.
    pub(super) ever_attributes: Attributes,
}

impl Supplied {
    pub(super) fn coverage(&self, table: Table) -> Option<(Date, Date)> {
        self.coverage.get(&table).copied()
    }

    pub(super) fn last_deliveries(&self, table: Table) -> &[LastDelivery] {
        self.last_deliveries.get(&table).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn has(&self, table: Table, column: &str) -> bool {
        let mut sources = self.columns.get(&table).into_iter().flat_map(BTreeMap::values);
        sources.any(|columns| columns.contains(column))
            || self.attributes.of(table).iter().any(|attribute| attribute.column() == column)
    }

    pub(super) fn has_from(&self, source: &str, table: Table, column: &str) -> bool {
        let columns = self.columns.get(&table).and_then(|sources| sources.get(source));
        columns.is_some_and(|columns| columns.contains(column))
    }

    fn add(&mut self, row: SuppliedRow) -> Result<(), StoreError> {
        let (table, source, columns, attributes, from_day, to_day) = row;
        let table = manifest::table(&table)?;
        let columns: BTreeSet<String> = serde_json::from_str(&columns).map_err(StoreError::unreadable)?;
        self.columns.entry(table).or_default().entry(source).or_default().extend(columns);
        let attributes: BTreeMap<String, AttributeType> =
            serde_json::from_str(&attributes).map_err(StoreError::unreadable)?;
        for (name, kind) in attributes {
            self.attributes
                .add(table, &Attribute { name, kind })
                .map_err(|retyped| StoreError::unreadable(retyped.within_mapping()))?;
        }
        if let Some((from, to)) = from_day.zip(to_day) {
            self.cover(table, date_from_days(from), date_from_days(to));
        }
        Ok(())
    }
}

impl Supplied {
    /// Adds what a source's delivery brings at an instant. Its attributes are known to have the types
    /// they had.
    pub(super) fn deliver(&mut self, source: &str, delivered: &DeliveredTable, at: Timestamp) {
        let DeliveredTable { table, supply, covers } = delivered;
        let columns = self.columns.entry(*table).or_default().entry(source.to_owned()).or_default();
        columns.extend(supply.columns.iter().cloned());
        if let Some((from, to)) = *covers {
            self.cover(*table, from, to);
        }
        let last = self.last_deliveries.entry(*table).or_default();
        let before = last.iter().position(|delivery| delivery.source_system == source);
        let covered = before.and_then(|at| last.remove(at).covers_to);
        let covers_to = covers.map(|(_, to)| to).max(covered);
        last.push(LastDelivery { source_system: source.to_owned(), at, covers_to });
        last.sort_by(|one, other| one.source_system.cmp(&other.source_system));
    }

    fn cover(&mut self, table: Table, from: Date, to: Date) {
        let range = self.coverage.entry(table).or_insert((from, to));
        *range = (range.0.min(from), range.1.max(to));
    }
}

/// Table, source, columns and attributes as JSON, first day told about and day after the last.
type SuppliedRow = (String, String, String, String, Option<i32>, Option<i32>);

/// The import that brought rows of a table.
fn of_import() -> RelationDef {
    delivered_table::Entity::belongs_to(import_batch::Entity)
        .from(delivered_table::Column::Import)
        .to(import_batch::Column::Number)
        .into()
}

impl Store {
    /// What the imports up to an instant supplied, those that only confirmed a snapshot included and
    /// those that were undone by then left out.
    pub(super) async fn supplied(&self, instant: Timestamp, undone: &[i64]) -> Result<Supplied, StoreError> {
        let mut supplied = self.supplied_without(instant, undone).await?;
        supplied.last_deliveries = self.last_deliveries(instant, undone).await?;
        supplied.delivery_instants = self.delivery_instants(instant, undone).await?;
        supplied.ever_attributes = match undone {
            [] => supplied.attributes.clone(),
            _ => self.supplied_without(instant, &[]).await?.attributes,
        };
        Ok(supplied)
    }

    async fn supplied_without(&self, instant: Timestamp, undone: &[i64]) -> Result<Supplied, StoreError> {
        // Deliveries repeat: one row for each different supply, however many imports there are.
        let rows = delivered_table::Entity::find()
            .select_only()
            .join(JoinType::InnerJoin, of_import())
            .column(delivered_table::Column::FactTable)
            .column(import_batch::Column::SourceSystem)
            .column(delivered_table::Column::ColumnNames)
            .column(delivered_table::Column::AttributeTypes)
            .column_as(delivered_table::Column::CoversFromDay.min(), "from_day")
            .column_as(delivered_table::Column::CoversToDay.max(), "to_day")
            .filter(import_batch::Column::FinishedAtUs.lte(to_micros(instant)))
            .filter(delivered_table::Column::Import.is_not_in(undone.iter().copied()))
            .group_by(delivered_table::Column::FactTable)
            .group_by(import_batch::Column::SourceSystem)
            .group_by(delivered_table::Column::ColumnNames)
            .group_by(delivered_table::Column::AttributeTypes)
            .into_tuple::<SuppliedRow>()
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let mut supplied = Supplied::default();
        rows.into_iter().try_for_each(|row| supplied.add(row))?;
        Ok(supplied)
    }

    /// What each source had last told of each table by then, in the order of their names.
    async fn last_deliveries(
        &self,
        instant: Timestamp,
        undone: &[i64],
    ) -> Result<BTreeMap<Table, Vec<LastDelivery>>, StoreError> {
        let newest = delivered_table::Entity::find()
            .select_only()
            .join(JoinType::InnerJoin, of_import())
            .column(delivered_table::Column::FactTable)
            .column(import_batch::Column::SourceSystem)
            .column_as(import_batch::Column::FinishedAtUs.max(), "at_us")
            .column_as(delivered_table::Column::CoversToDay.max(), "to_day")
            .filter(import_batch::Column::FinishedAtUs.lte(to_micros(instant)))
            .filter(delivered_table::Column::Import.is_not_in(undone.iter().copied()))
            .group_by(delivered_table::Column::FactTable)
            .group_by(import_batch::Column::SourceSystem)
            .order_by_asc(import_batch::Column::SourceSystem)
            .into_tuple::<(String, String, i64, Option<i32>)>()
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let mut found: BTreeMap<Table, Vec<LastDelivery>> = BTreeMap::new();
        for (table, source_system, at_us, to_day) in newest {
            let delivery =
                LastDelivery { source_system, at: from_micros(at_us), covers_to: to_day.map(date_from_days) };
            found.entry(manifest::table(&table)?).or_default().push(delivery);
        }
        Ok(found)
    }

    /// When each source delivered by then, oldest first.
    async fn delivery_instants(
        &self,
        instant: Timestamp,
        undone: &[i64],
    ) -> Result<BTreeMap<String, Vec<Timestamp>>, StoreError> {
        let delivered =
            Query::select().column(delivered_table::Column::Import).from(delivered_table::Entity).to_owned();
        let imports = import_batch::Entity::find()
            .select_only()
            .columns([import_batch::Column::SourceSystem, import_batch::Column::FinishedAtUs])
            .filter(import_batch::Column::FinishedAtUs.lte(to_micros(instant)))
            .filter(import_batch::Column::Number.in_subquery(delivered))
            .filter(import_batch::Column::Number.is_not_in(undone.iter().copied()))
            .order_by_asc(import_batch::Column::FinishedAtUs)
            .into_tuple::<(String, i64)>()
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let mut found: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
        for (source, at_us) in imports {
            found.entry(source).or_default().push(from_micros(at_us));
        }
        Ok(found)
    }
}

impl DeliveredTable {
    /// The row of the records that says so.
    pub(super) fn record(&self, import: i64) -> Result<delivered_table::ActiveModel, serde_json::Error> {
        use sea_orm::ActiveValue::Set;
        Ok(delivered_table::ActiveModel {
            import: Set(import),
            fact_table: Set(self.table.name().to_owned()),
            covers_from_day: Set(self.covers.map(|(from, _)| days_from_date(from))),
            covers_to_day: Set(self.covers.map(|(_, to)| days_from_date(to))),
            column_names: Set(serde_json::to_string(&self.supply.columns)?),
            attribute_types: Set(serde_json::to_string(&self.supply.attributes)?),
        })
    }
}
