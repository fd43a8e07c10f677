//! Changes of definitions in the records: what was written, by whom, from when on and why. They
//! are added in one transaction with the versions they count and their audit entry, and never
//! changed: what was in force at any past instant can be built again.

use attain_metrics::{DefinitionChange, NewVersion, Versions};
use attain_records::{Actor, Records, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::DefinitionsError;
use entity::{definition_change, definition_version};

/// A change as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// Its number, from 1.
    pub(crate) number: i64,
    /// When it was saved.
    pub(crate) recorded_at: Timestamp,
    /// By whom.
    pub(crate) actor: String,
    /// First day it is in force.
    pub(crate) in_force_from: Date,
    /// Why, in the words of who saved it.
    pub(crate) reason: String,
    /// Whether it was saved as a restatement: values of days that were over move.
    pub(crate) restates: bool,
    /// The definitions as written.
    pub(crate) text: String,
}

impl Recorded {
    /// The change as the catalogue takes it.
    pub(crate) fn change(&self) -> DefinitionChange {
        DefinitionChange {
            name: format!("change {}", self.number),
            text: self.text.clone(),
            in_force_from: self.in_force_from,
        }
    }
}

/// A change that is to be saved.
#[derive(Clone, Debug)]
pub(crate) struct New<'a> {
    pub(crate) in_force_from: Date,
    pub(crate) reason: &'a str,
    pub(crate) restates: bool,
    pub(crate) text: &'a str,
    /// The metrics it defines.
    pub(crate) metrics: &'a [String],
    /// The versions it counts.
    pub(crate) versions: &'a [NewVersion],
}

/// A version of a metric and the change that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionOf {
    pub(crate) metric: String,
    pub(crate) version: u32,
    /// Number of the change.
    pub(crate) change: i64,
}

/// Number of the newest change, 0 before the first.
pub(crate) async fn newest(records: &Records, _actor: &Actor) -> Result<i64, RecordsError> {
    let newest = definition_change::Entity::find()
        .select_only()
        .column_as(definition_change::Column::Number.max(), "newest")
        .into_tuple::<Option<i64>>()
        .one(records.read())
        .await?;
    Ok(newest.flatten().unwrap_or_default())
}

/// What was saved up to an instant, in the order of saving.
pub(crate) async fn known_at(
    records: &Records,
    _actor: &Actor,
    instant: Timestamp,
) -> Result<Vec<Recorded>, DefinitionsError> {
    let found = definition_change::Entity::find()
        .filter(definition_change::Column::RecordedAtUs.lte(to_micros(instant)))
        .order_by_asc(definition_change::Column::Number)
        .all(records.read())
        .await
        .map_err(RecordsError::from)?;
    found.into_iter().map(Recorded::try_from).collect()
}

/// The versions that were counted, by meaning. Numbers are never given twice, so all of them
/// serve whatever was known when.
pub(crate) async fn versions(records: &Records, _actor: &Actor) -> Result<Versions, DefinitionsError> {
    let mut versions = Versions::default();
    let found = definition_version::Entity::find().all(records.read()).await.map_err(RecordsError::from)?;
    for row in found {
        versions.add(NewVersion {
            meaning: row.meaning.parse().map_err(|_| unreadable("a version"))?,
            version: u32::try_from(row.version).map_err(|_| unreadable("a version"))?,
            metric: row.metric,
        });
    }
    Ok(versions)
}

/// The versions each change counted, oldest change first.
pub(crate) async fn versions_made(
    records: &Records,
    _actor: &Actor,
) -> Result<Vec<VersionOf>, DefinitionsError> {
    let found = definition_version::Entity::find()
        .order_by_asc(definition_version::Column::Change)
        .order_by_asc(definition_version::Column::Metric)
        .all(records.read())
        .await
        .map_err(RecordsError::from)?;
    let made = found.into_iter().map(|row| {
        let version = u32::try_from(row.version).map_err(|_| unreadable("a version"))?;
        Ok(VersionOf { metric: row.metric, version, change: row.change })
    });
    made.collect()
}

/// Saves a change that was looked at when `upto` was the newest. Returns its number, or nothing
/// if another change was saved meanwhile: its effect would not be what was looked at.
pub(crate) async fn save(
    records: &Records,
    actor: &Actor,
    now: Timestamp,
    upto: i64,
    new: &New<'_>,
) -> Result<Option<i64>, RecordsError> {
    let transaction = records.begin(actor).await?;
    if newest_now(&transaction).await? != upto {
        return Ok(None);
    }
    let number = upto + 1;
    definition_change::Entity::insert(definition_change::ActiveModel {
        number: Set(number),
        recorded_at_us: Set(to_micros(now)),
        actor: Set(actor.to_string()),
        in_force_from: Set(new.in_force_from.to_string()),
        reason: Set(new.reason.to_owned()),
        restates: Set(new.restates),
        content: Set(new.text.to_owned()),
    })
    .exec_without_returning(transaction.connection())
    .await?;
    for counted in new.versions {
        definition_version::Entity::insert(definition_version::ActiveModel {
            metric: Set(counted.metric.clone()),
            meaning: Set(counted.meaning.to_string()),
            version: Set(i64::from(counted.version)),
            change: Set(number),
        })
        .exec_without_returning(transaction.connection())
        .await?;
    }
    let detail = json!({
        "metrics": new.metrics,
        "in_force_from": new.in_force_from.to_string(),
        "reason": new.reason,
        "restates": new.restates,
    });
    audit::append(&transaction, now, "definition.change", &format!("change {number}"), &detail).await?;
    transaction.commit().await?;
    Ok(Some(number))
}

/// The newest number, with nobody else able to add one before the transaction ends.
async fn newest_now(transaction: &WriteTransaction) -> Result<i64, RecordsError> {
    transaction.alone_with("definition_change").await?;
    let newest = definition_change::Entity::find()
        .order_by_desc(definition_change::Column::Number)
        .one(transaction.connection())
        .await?;
    Ok(newest.map_or(0, |newest| newest.number))
}

fn unreadable(what: &str) -> DefinitionsError {
    DefinitionsError::Unreadable(format!("{what} of a definition"))
}

impl TryFrom<definition_change::Model> for Recorded {
    type Error = DefinitionsError;

    fn try_from(row: definition_change::Model) -> Result<Recorded, DefinitionsError> {
        Ok(Recorded {
            number: row.number,
            recorded_at: from_micros(row.recorded_at_us),
            actor: row.actor,
            in_force_from: row.in_force_from.parse().map_err(|_| unreadable("the date"))?,
            reason: row.reason,
            restates: row.restates,
            text: row.content,
        })
    }
}

/// The tables, and the only place that knows their columns.
mod entity {
    pub(super) mod definition_change {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "definition_change")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i64,
            pub(crate) recorded_at_us: i64,
            pub(crate) actor: String,
            pub(crate) in_force_from: String,
            #[sea_orm(column_type = "Text")]
            pub(crate) reason: String,
            pub(crate) restates: bool,
            #[sea_orm(column_type = "Text")]
            pub(crate) content: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(super) mod definition_version {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "definition_version")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) metric: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) meaning: String,
            pub(crate) version: i64,
            pub(crate) change: i64,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}
