//! Versions of cards in the records. One is added with its audit entry in one transaction.

use attain_records::{Actor, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::card::{RoleCard, Weighted, way_name, way_named};
use super::version::Version;
use entity as role_card_version;

/// A version as it is added.
pub(crate) struct New<'a> {
    pub(crate) role: &'a str,
    pub(crate) from: Date,
    pub(crate) card: &'a RoleCard,
    pub(crate) reason: &'a str,
}

/// Every version of every role, the newest first.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<Vec<Version>, RecordsError> {
    let found = role_card_version::Entity::find().order_by_desc(role_card_version::Column::Number);
    Ok(found.all(connection).await?.into_iter().filter_map(read).collect())
}

/// Lets nobody else change cards until the transaction ends.
pub(super) async fn alone(transaction: &WriteTransaction) -> Result<(), RecordsError> {
    transaction.alone_with("role_card_version").await
}

/// Adds a version. Returns its number. The caller is alone with the cards.
pub(crate) async fn add(
    transaction: &WriteTransaction,
    new: &New<'_>,
    now: Timestamp,
) -> Result<i64, RecordsError> {
    let connection = transaction.connection();
    let newest = role_card_version::Entity::find()
        .order_by_desc(role_card_version::Column::Number)
        .one(connection)
        .await?;
    let number = newest.map_or(1, |newest| newest.number + 1);
    let components: Vec<Kept> = new.card.components().iter().map(Kept::of).collect();
    let row = role_card_version::ActiveModel {
        number: Set(number),
        role: Set(new.role.to_owned()),
        from_day: Set(new.from.to_string()),
        when_missing: Set(way_name(new.card.when_missing()).to_owned()),
        components: Set(json!(components).to_string()),
        reason: Set(new.reason.to_owned()),
        actor: Set(transaction.actor().to_string()),
        at_us: Set(to_micros(now)),
    };
    role_card_version::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({
        "version": number,
        "from": new.from.to_string(),
        "when_missing": way_name(new.card.when_missing()),
        "components": components,
        "reason": new.reason,
    });
    audit::append(transaction, now, "role_card.change", &format!("role {}", new.role), &detail).await?;
    Ok(number)
}

/// A component as it is kept.
#[derive(Deserialize, Serialize)]
struct Kept {
    metric: String,
    weight: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<Decimal>,
}

impl Kept {
    fn of(one: &Weighted) -> Kept {
        let plain = |value: Decimal| value.normalize();
        Kept {
            metric: one.metric.clone(),
            weight: plain(one.weight),
            floor: one.floor.map(plain),
            cap: one.cap.map(plain),
        }
    }
}

/// A version; of a row that a later program wrote, nothing.
fn read(row: role_card_version::Model) -> Option<Version> {
    let kept: Vec<Kept> = serde_json::from_str(&row.components).ok()?;
    let components = kept.into_iter().map(|one| Weighted {
        metric: one.metric,
        weight: one.weight,
        floor: one.floor,
        cap: one.cap,
    });
    Some(Version {
        number: row.number,
        role: row.role,
        from: row.from_day.parse().ok()?,
        card: RoleCard::new(components.collect(), way_named(&row.when_missing).ok()?).ok()?,
        reason: row.reason,
        by: row.actor,
        at: from_micros(row.at_us),
    })
}

/// The table, and the only place that knows its columns. Days are ISO 8601; components are JSON.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "role_card_version")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) role: String,
        pub(crate) from_day: String,
        pub(crate) when_missing: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) components: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) reason: String,
        pub(crate) actor: String,
        pub(crate) at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
