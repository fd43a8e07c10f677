//! Versions of the policy in the records: each with who, when and why. None is ever changed.

use attain_records::{Actor, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::json;

use super::policy::Circumstances;
use entity as circumstance_policy;

/// A version of the policy.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// From 1; what holds before anybody chose anything is version 0.
    pub(super) number: i64,
    pub(super) circumstances: Circumstances,
    pub(super) reason: String,
    /// In whose name, and when.
    pub(super) by: Option<(String, Timestamp)>,
}

impl Default for Version {
    fn default() -> Version {
        Version {
            number: 0,
            circumstances: Circumstances::default(),
            reason: "as delivered".to_owned(),
            by: None,
        }
    }
}

/// Every version, the newest first; the one that was delivered last.
pub(super) async fn versions(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<Vec<Version>, RecordsError> {
    let found = circumstance_policy::Entity::find()
        .order_by_desc(circumstance_policy::Column::Number)
        .all(connection)
        .await?;
    let version = |row: circumstance_policy::Model| {
        let names: Vec<String> = row.dimensions.split(',').map(str::to_owned).collect();
        // What was written was read before; a circumstance that no longer exists falls back to those delivered.
        let circumstances = Circumstances::read(&names).unwrap_or_default();
        Version {
            number: row.number,
            circumstances,
            reason: row.reason,
            by: Some((row.actor, from_micros(row.at_us))),
        }
    };
    Ok(found.into_iter().map(version).chain([Version::default()]).collect())
}

/// The version that holds.
pub(super) async fn in_force(
    connection: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Version, RecordsError> {
    Ok(versions(connection, actor).await?.into_iter().next().unwrap_or_default())
}

/// Adds a version. Returns its number.
pub(super) async fn add(
    transaction: &WriteTransaction,
    circumstances: &Circumstances,
    reason: &str,
    now: Timestamp,
) -> Result<i64, RecordsError> {
    transaction.alone_with("circumstance_policy").await?;
    let connection = transaction.connection();
    let newest = circumstance_policy::Entity::find()
        .order_by_desc(circumstance_policy::Column::Number)
        .one(connection)
        .await?;
    let number = newest.map_or(1, |newest| newest.number + 1);
    let dimensions: Vec<&str> = circumstances.each().iter().map(|one| one.dimension()).collect();
    let row = circumstance_policy::ActiveModel {
        number: Set(number),
        dimensions: Set(dimensions.join(",")),
        reason: Set(reason.to_owned()),
        actor: Set(transaction.actor().to_string()),
        at_us: Set(to_micros(now)),
    };
    circumstance_policy::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({ "version": number, "circumstances": dimensions, "reason": reason });
    audit::append(transaction, now, "circumstances.change", "policy", &detail).await?;
    Ok(number)
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "circumstance_policy")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) dimensions: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) reason: String,
        pub(crate) actor: String,
        pub(crate) at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
