//! From when on limits are drawn anew, and why: they are frozen until somebody says that the process is
//! another one from a day on (domain 7.11). What was said before stays.

use attain_metrics::{Grain, Metric, Subject};
use attain_records::{Actor, RecordsError, WriteTransaction, audit, to_micros};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::audit::seen::about;
use entity as trend_limits;

/// That limits were drawn anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    /// First day of the first period they rest on.
    pub(super) from: Date,
    pub(super) reason: String,
    /// In whose name.
    pub(super) by: String,
}

/// What a process is of.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) subject: &'a Subject,
    pub(super) metric: &'a Metric,
    pub(super) grain: Grain,
}

/// The newest time that limits were drawn anew, if they ever were.
pub(super) async fn newest(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    key: Key<'_>,
) -> Result<Option<Drawn>, RecordsError> {
    let found = trend_limits::Entity::find()
        .filter(trend_limits::Column::Level.eq(key.subject.level().name()))
        .filter(trend_limits::Column::SubjectId.eq(key.subject.id().unwrap_or_default()))
        .filter(trend_limits::Column::Metric.eq(key.metric.id.as_str()))
        .filter(trend_limits::Column::Grain.eq(key.grain.name()))
        .order_by_desc(trend_limits::Column::Number)
        .one(connection)
        .await?;
    let drawn = |row: trend_limits::Model| {
        Some(Drawn { from: row.from_day.parse().ok()?, reason: row.reason, by: row.actor })
    };
    Ok(found.and_then(drawn))
}

/// Keeps that limits are drawn anew from a day on.
pub(super) async fn draw(
    transaction: &WriteTransaction,
    key: Key<'_>,
    from: Date,
    reason: &str,
    now: Timestamp,
) -> Result<(), RecordsError> {
    transaction.alone_with("trend_limits").await?;
    let connection = transaction.connection();
    let newest =
        trend_limits::Entity::find().order_by_desc(trend_limits::Column::Number).one(connection).await?;
    let row = trend_limits::ActiveModel {
        number: Set(newest.map_or(1, |newest| newest.number + 1)),
        level: Set(key.subject.level().name().to_owned()),
        subject_id: Set(key.subject.id().unwrap_or_default().to_owned()),
        metric: Set(key.metric.id.clone()),
        grain: Set(key.grain.name().to_owned()),
        from_day: Set(from.to_string()),
        reason: Set(reason.to_owned()),
        actor: Set(transaction.actor().to_string()),
        at_us: Set(to_micros(now)),
    };
    trend_limits::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({
        "metric": key.metric.id,
        "periods": key.grain.name(),
        "from": from.to_string(),
        "reason": reason,
    });
    audit::append(transaction, now, "trend.limits", &about(key.subject), &detail).await?;
    Ok(())
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "trend_limits")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) level: String,
        pub(crate) subject_id: String,
        pub(crate) metric: String,
        pub(crate) grain: String,
        pub(crate) from_day: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) reason: String,
        pub(crate) actor: String,
        pub(crate) at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
