//! What deliveries supplied up to an instant: tables, columns, the company's own fields, and the
//! days they tell about.

use std::collections::{BTreeMap, BTreeSet};

use attain_records::{RecordsError, from_micros, to_micros};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

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

/// What all deliveries so far supplied.
#[derive(Clone, Debug, Default)]
pub(super) struct Supplied {
    columns: BTreeMap<Table, BTreeSet<String>>,
    coverage: BTreeMap<Table, (Date, Date)>,
    delivered_at: BTreeMap<Table, Timestamp>,
    pub(super) attributes: Attributes,
    /// Those too that only undone imports supplied: files still hold them with their types.
    pub(super) ever_attributes: Attributes,
}

impl Supplied {
    pub(super) fn coverage(&self, table: Table) -> Option<(Date, Date)> {
        self.coverage.get(&table).copied()
    }

    pub(super) fn delivered_at(&self, table: Table) -> Option<Timestamp> {
        self.delivered_at.get(&table).copied()
    }

    pub(super) fn has(&self, table: Table, column: &str) -> bool {
        self.columns.get(&table).is_some_and(|columns| columns.contains(column))
            || self.attributes.of(table).iter().any(|attribute| attribute.column() == column)
    }

    fn add(&mut self, row: SuppliedRow) -> Result<(), StoreError> {
        let (table, columns, attributes, from_day, to_day) = row;
        let table = manifest::table(&table)?;
        let columns: BTreeSet<String> = serde_json::from_str(&columns).map_err(StoreError::unreadable)?;
        self.columns.entry(table).or_default().extend(columns);
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
    /// Adds what a delivery brings at an instant. Its attributes are known to have the types they had.
    pub(super) fn deliver(&mut self, delivered: &DeliveredTable, instant: Timestamp) {
        let DeliveredTable { table, supply, covers } = delivered;
        self.columns.entry(*table).or_default().extend(supply.columns.iter().cloned());
        if let Some((from, to)) = *covers {
            self.cover(*table, from, to);
        }
        self.delivered_at.insert(*table, instant);
    }

    fn cover(&mut self, table: Table, from: Date, to: Date) {
        let range = self.coverage.entry(table).or_insert((from, to));
        *range = (range.0.min(from), range.1.max(to));
    }
}

/// Table, columns and attributes as JSON, first day told about and day after the last.
type SuppliedRow = (String, String, String, Option<i32>, Option<i32>);

impl Store {
    /// What the imports up to an instant supplied, those that only confirmed a snapshot included and
    /// those that were undone by then left out.
    pub(super) async fn supplied(&self, instant: Timestamp, undone: &[i64]) -> Result<Supplied, StoreError> {
        let mut supplied = self.supplied_without(instant, undone).await?;
        supplied.delivered_at = self.delivered_at(instant, undone).await?;
        supplied.ever_attributes = match undone {
            [] => supplied.attributes.clone(),
            _ => self.supplied_without(instant, &[]).await?.attributes,
        };
        Ok(supplied)
    }

    async fn supplied_without(&self, instant: Timestamp, undone: &[i64]) -> Result<Supplied, StoreError> {
        let known = Query::select()
            .column(import_batch::Column::Number)
            .from(import_batch::Entity)
            .and_where(import_batch::Column::FinishedAtUs.lte(to_micros(instant)))
            .and_where(import_batch::Column::Number.is_not_in(undone.iter().copied()))
            .to_owned();
        // Deliveries repeat: one row for each different supply, however many imports there are.
        let rows = delivered_table::Entity::find()
            .select_only()
            .column(delivered_table::Column::FactTable)
            .column(delivered_table::Column::ColumnNames)
            .column(delivered_table::Column::AttributeTypes)
            .column_as(delivered_table::Column::CoversFromDay.min(), "from_day")
            .column_as(delivered_table::Column::CoversToDay.max(), "to_day")
            .filter(delivered_table::Column::Import.in_subquery(known))
            .group_by(delivered_table::Column::FactTable)
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

    /// When each table was last delivered by then.
    async fn delivered_at(
        &self,
        instant: Timestamp,
        undone: &[i64],
    ) -> Result<BTreeMap<Table, Timestamp>, StoreError> {
        let imports: BTreeMap<i64, i64> = import_batch::Entity::find()
            .select_only()
            .columns([import_batch::Column::Number, import_batch::Column::FinishedAtUs])
            .filter(import_batch::Column::FinishedAtUs.lte(to_micros(instant)))
            .into_tuple::<(i64, i64)>()
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?
            .into_iter()
            .collect();
        let newest = delivered_table::Entity::find()
            .select_only()
            .column(delivered_table::Column::FactTable)
            .column_as(delivered_table::Column::Import.max(), "newest")
            .filter(delivered_table::Column::Import.lte(imports.keys().next_back().copied()))
            .filter(delivered_table::Column::Import.is_not_in(undone.iter().copied()))
            .group_by(delivered_table::Column::FactTable)
            .into_tuple::<(String, i64)>()
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let instants = newest.into_iter().filter_map(|(table, import)| Some((table, *imports.get(&import)?)));
        instants.map(|(table, at_us)| Ok((manifest::table(&table)?, from_micros(at_us)))).collect()
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
