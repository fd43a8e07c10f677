//! Reliefs in the records: asked for once, decided once.

use std::collections::BTreeMap;

use attain_metrics::Subject;
use attain_records::{Actor, RecordsError, WriteTransaction, audit};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde_json::json;

use super::{Answer, Decision, Relief};
use crate::goals::store::about;
use entity as goal_relief;

/// A relief as it is asked for.
pub(super) struct Asked<'a> {
    pub(super) goal: i64,
    pub(super) subject: &'a Subject,
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) share: Decimal,
    pub(super) reason: &'a str,
    pub(super) asker: Option<&'a str>,
}

/// The reliefs of goals, by goal, oldest first; `goals` asks for the numbers of these. Goals are read for whoever
/// asks, and these with them.
pub(in crate::goals) async fn of_goals(
    connection: &impl ConnectionTrait,
    goals: SelectStatement,
) -> Result<BTreeMap<i64, Vec<Relief>>, RecordsError> {
    let of_them = goal_relief::Entity::find()
        .filter(goal_relief::Column::Goal.in_subquery(goals))
        .order_by_asc(goal_relief::Column::Number);
    let mut found: BTreeMap<i64, Vec<Relief>> = BTreeMap::new();
    for relief in of_them.all(connection).await?.into_iter().filter_map(read) {
        found.entry(relief.goal).or_default().push(relief);
    }
    Ok(found)
}

/// Asks for the numbers of the goals that reliefs were asked of.
pub(in crate::goals) fn relieved_goals() -> SelectStatement {
    goal_relief::Entity::find().select_only().column(goal_relief::Column::Goal).into_query()
}

/// All of them, newest first.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<Vec<Relief>, RecordsError> {
    let found = goal_relief::Entity::find().order_by_desc(goal_relief::Column::Number);
    Ok(found.all(connection).await?.into_iter().filter_map(read).collect())
}

/// One of them.
pub(super) async fn by_number(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    number: i64,
) -> Result<Option<Relief>, RecordsError> {
    Ok(goal_relief::Entity::find_by_id(number).one(connection).await?.and_then(read))
}

/// Asks for a relief. The caller is alone with the goals. Returns its number.
pub(super) async fn ask(
    transaction: &WriteTransaction,
    asked: &Asked<'_>,
    (on, now): (Date, Timestamp),
) -> Result<i64, RecordsError> {
    let connection = transaction.connection();
    let newest =
        goal_relief::Entity::find().order_by_desc(goal_relief::Column::Number).one(connection).await?;
    let number = newest.map_or(1, |newest| newest.number + 1);
    let share = asked.share.normalize().to_string();
    let row = goal_relief::ActiveModel {
        number: Set(number),
        goal: Set(asked.goal),
        from_day: Set(asked.from.to_string()),
        to_day: Set(asked.to.to_string()),
        share: Set(share.clone()),
        reason: Set(asked.reason.to_owned()),
        asked_by: Set(transaction.actor().to_string()),
        asker: Set(asked.asker.map(str::to_owned)),
        asked_on: Set(on.to_string()),
        outcome: Set(None),
        decided_by: Set(None),
        decided_on: Set(None),
        outcome_reason: Set(None),
    };
    goal_relief::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({
        "relief": number,
        "goal": asked.goal,
        "from": asked.from.to_string(),
        "to": asked.to.to_string(),
        "share": share,
        "reason": asked.reason,
    });
    audit::append(transaction, now, "goal_relief.ask", &about(asked.subject), &detail).await?;
    Ok(number)
}

/// Decides on a relief. The caller is alone with the goals.
pub(super) async fn decide(
    transaction: &WriteTransaction,
    relief: &Relief,
    subject: &Subject,
    answer: &Answer,
    (on, now): (Date, Timestamp),
) -> Result<(), RecordsError> {
    let (word, reason, action) = match answer {
        Answer::Approved => ("approved", None, "goal_relief.approve"),
        Answer::Refused(reason) => ("refused", Some(reason.clone()), "goal_relief.refuse"),
    };
    let row = goal_relief::ActiveModel {
        number: Set(relief.number),
        outcome: Set(Some(word.to_owned())),
        decided_by: Set(Some(transaction.actor().to_string())),
        decided_on: Set(Some(on.to_string())),
        outcome_reason: Set(reason.clone()),
        ..Default::default()
    };
    goal_relief::Entity::update(row).exec(transaction.connection()).await?;
    let detail = json!({ "relief": relief.number, "goal": relief.goal, "reason": reason });
    audit::append(transaction, now, action, &about(subject), &detail).await?;
    Ok(())
}

/// A relief; of a row that a later program wrote, nothing.
fn read(row: goal_relief::Model) -> Option<Relief> {
    let answer = match (row.outcome.as_deref(), row.outcome_reason) {
        (None, _) => None,
        (Some("approved"), _) => Some(Answer::Approved),
        (Some("refused"), reason) => Some(Answer::Refused(reason.unwrap_or_default())),
        (Some(_), _) => return None,
    };
    let decision = match answer {
        Some(answer) => Some(Decision { answer, by: row.decided_by?, on: row.decided_on?.parse().ok()? }),
        None => None,
    };
    Some(Relief {
        number: row.number,
        goal: row.goal,
        from: row.from_day.parse().ok()?,
        to: row.to_day.parse().ok()?,
        share: row.share.parse().ok()?,
        reason: row.reason,
        asked_by: row.asked_by,
        asker: row.asker,
        asked_on: row.asked_on.parse().ok()?,
        decision,
    })
}

/// The table, and the only place that knows its columns. Days are ISO 8601.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "goal_relief")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) goal: i64,
        pub(crate) from_day: String,
        pub(crate) to_day: String,
        pub(crate) share: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) reason: String,
        pub(crate) asked_by: String,
        pub(crate) asker: Option<String>,
        pub(crate) asked_on: String,
        pub(crate) outcome: Option<String>,
        pub(crate) decided_by: Option<String>,
        pub(crate) decided_on: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub(crate) outcome_reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
