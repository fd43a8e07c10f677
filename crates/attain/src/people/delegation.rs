//! Standing in: who leads somebody's people while they are away, from one day to another.
//!
//! What it gives is computed anew each day from whom the absent one leads then
//! ([`crate::permissions::standing`]); here is only who stands in for whom, and when.

use std::collections::BTreeSet;

use attain_records::{Records, RecordsError, WriteTransaction, audit, to_micros};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use entity as delegation;

/// That somebody stands in for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delegation {
    pub(crate) number: i64,
    /// Who is away, by identifier in the roster.
    pub(crate) absent: String,
    /// Who stands in.
    pub(crate) deputy: String,
    /// First and last day.
    pub(crate) from: Date,
    pub(crate) to: Date,
}

/// Whom somebody stands in for on a day.
pub(crate) async fn stands_in_for(
    records: &Records,
    deputy: &str,
    day: Date,
) -> Result<BTreeSet<String>, RecordsError> {
    let day = day.to_string();
    let found = delegation::Entity::find()
        .filter(delegation::Column::Deputy.eq(deputy))
        .filter(delegation::Column::FromDay.lte(&day))
        .filter(delegation::Column::ToDay.gte(&day))
        .filter(delegation::Column::EndedAtUs.is_null());
    Ok(found.all(records.read()).await?.into_iter().map(|row| row.absent).collect())
}

/// What holds about somebody on a day or will later, whether they are away or stand in.
pub(super) async fn about(
    records: &Records,
    person: &str,
    day: Date,
) -> Result<Vec<Delegation>, RecordsError> {
    let either = Condition::any()
        .add(delegation::Column::Absent.eq(person))
        .add(delegation::Column::Deputy.eq(person));
    let found = delegation::Entity::find()
        .filter(either)
        .filter(delegation::Column::ToDay.gte(day.to_string()))
        .filter(delegation::Column::EndedAtUs.is_null())
        .order_by_asc(delegation::Column::FromDay);
    Ok(found.all(records.read()).await?.into_iter().filter_map(Delegation::read).collect())
}

/// Lets somebody stand in. Appends to the audit log last.
pub(super) async fn make(
    transaction: &WriteTransaction,
    (absent, deputy): (&str, &str),
    (from, to): (Date, Date),
    now: Timestamp,
) -> Result<(), RecordsError> {
    transaction.alone_with("delegation").await?;
    let connection = transaction.connection();
    let newest = delegation::Entity::find().order_by_desc(delegation::Column::Number).one(connection).await?;
    let row = delegation::ActiveModel {
        number: Set(newest.map_or(1, |newest| newest.number + 1)),
        absent: Set(absent.to_owned()),
        deputy: Set(deputy.to_owned()),
        from_day: Set(from.to_string()),
        to_day: Set(to.to_string()),
        given_by: Set(transaction.actor().to_string()),
        ended_at_us: Set(None),
    };
    delegation::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({ "deputy": deputy, "from": from.to_string(), "to": to.to_string() });
    audit::append(transaction, now, "delegation.give", &format!("person {absent}"), &detail).await?;
    Ok(())
}

/// Ends it at once; false where somebody is not the one who is away, or it has ended.
pub(super) async fn end(
    transaction: &WriteTransaction,
    absent: &str,
    number: i64,
    now: Timestamp,
) -> Result<bool, RecordsError> {
    let ended = delegation::Entity::update_many()
        .col_expr(delegation::Column::EndedAtUs, to_micros(now).into())
        .filter(delegation::Column::Number.eq(number))
        .filter(delegation::Column::Absent.eq(absent))
        .filter(delegation::Column::EndedAtUs.is_null())
        .exec(transaction.connection())
        .await?;
    if ended.rows_affected == 1 {
        let detail = json!({ "number": number });
        audit::append(transaction, now, "delegation.end", &format!("person {absent}"), &detail).await?;
    }
    Ok(ended.rows_affected == 1)
}

impl Delegation {
    fn read(row: delegation::Model) -> Option<Delegation> {
        Some(Delegation {
            number: row.number,
            absent: row.absent,
            deputy: row.deputy,
            from: row.from_day.parse().ok()?,
            to: row.to_day.parse().ok()?,
        })
    }
}

/// The table, and the only place that knows its columns. Days are ISO 8601, whose order is that of time.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delegation")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) absent: String,
        pub(crate) deputy: String,
        pub(crate) from_day: String,
        pub(crate) to_day: String,
        pub(crate) given_by: String,
        pub(crate) ended_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
