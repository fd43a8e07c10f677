//! Templates in the records: what was chosen, what came of it, and whether it was undone. Its goals are versions
//! like all others, which carry its number.

use attain_metrics::{Level, Subject};
use attain_records::{Actor, RecordsError, WriteTransaction, audit};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::json;

use crate::goals::store::about;
use entity as goal_template;

/// A template as it was committed.
#[derive(Clone, Debug)]
pub(super) struct Committed {
    pub(super) number: i64,
    pub(super) by: String,
    pub(super) on: Date,
    /// Whom it was used for.
    pub(super) subject: Subject,
    /// Whether it was the leader's own proposal, which thereby agreed.
    pub(super) by_leader: bool,
    pub(super) role: String,
    pub(super) metric: String,
    pub(super) period: String,
    /// How the targets came about, in words.
    pub(super) sharing: String,
    pub(super) reason: String,
    /// What they were held against, where there was anything.
    pub(super) plan: Option<Decimal>,
    /// Who was left out, and why.
    pub(super) left_out: Vec<(String, String)>,
    pub(super) undone: Option<(String, Date)>,
}

/// A template as it is committed.
pub(super) struct New<'a> {
    pub(super) subject: &'a Subject,
    pub(super) by_leader: bool,
    pub(super) role: &'a str,
    pub(super) metric: &'a str,
    pub(super) period: &'a str,
    pub(super) sharing: &'a str,
    pub(super) reason: &'a str,
    pub(super) plan: Option<Decimal>,
    pub(super) left_out: &'a [(String, String)],
    pub(super) people: usize,
}

/// All of them, newest first.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<Vec<Committed>, RecordsError> {
    let found = goal_template::Entity::find().order_by_desc(goal_template::Column::Number);
    Ok(found.all(connection).await?.into_iter().filter_map(read).collect())
}

/// One of them.
pub(super) async fn by_number(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    number: i64,
) -> Result<Option<Committed>, RecordsError> {
    Ok(goal_template::Entity::find_by_id(number).one(connection).await?.and_then(read))
}

/// Notes a template, before its goals are proposed. Returns its number. The caller is alone with the goals.
pub(super) async fn add(
    transaction: &WriteTransaction,
    new: &New<'_>,
    (on, now): (Date, Timestamp),
) -> Result<i64, RecordsError> {
    let connection = transaction.connection();
    let newest =
        goal_template::Entity::find().order_by_desc(goal_template::Column::Number).one(connection).await?;
    let number = newest.map_or(1, |newest| newest.number + 1);
    let row = goal_template::ActiveModel {
        number: Set(number),
        proposed_by: Set(transaction.actor().to_string()),
        proposed_on: Set(on.to_string()),
        level: Set(new.subject.level().name().to_owned()),
        subject_id: Set(new.subject.id().unwrap_or_default().to_owned()),
        by_leader: Set(new.by_leader),
        role: Set(new.role.to_owned()),
        metric: Set(new.metric.to_owned()),
        period: Set(new.period.to_owned()),
        sharing: Set(new.sharing.to_owned()),
        reason: Set(new.reason.to_owned()),
        plan: Set(new.plan.map(|plan| plan.normalize().to_string())),
        left_out: Set(json!(new.left_out).to_string()),
        undone_by: Set(None),
        undone_on: Set(None),
    };
    goal_template::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({
        "template": number,
        "role": new.role,
        "metric": new.metric,
        "period": new.period,
        "sharing": new.sharing,
        "people": new.people,
        "left_out": new.left_out.len(),
        "reason": new.reason,
    });
    audit::append(transaction, now, "goal_template.commit", &about(new.subject), &detail).await?;
    Ok(number)
}

/// Notes that a template was undone, as far as it could be.
pub(super) async fn undone(
    transaction: &WriteTransaction,
    template: &Committed,
    (taken_back, kept): (usize, usize),
    (on, now): (Date, Timestamp),
) -> Result<(), RecordsError> {
    let row = goal_template::ActiveModel {
        number: Set(template.number),
        undone_by: Set(Some(transaction.actor().to_string())),
        undone_on: Set(Some(on.to_string())),
        ..Default::default()
    };
    goal_template::Entity::update(row).exec(transaction.connection()).await?;
    let detail = json!({ "template": template.number, "taken_back": taken_back, "kept": kept });
    audit::append(transaction, now, "goal_template.undo", &about(&template.subject), &detail).await?;
    Ok(())
}

/// A template; of a row that a later program wrote, nothing.
fn read(row: goal_template::Model) -> Option<Committed> {
    let undone_on = row.undone_on.and_then(|day| day.parse().ok());
    Some(Committed {
        number: row.number,
        by: row.proposed_by,
        on: row.proposed_on.parse().ok()?,
        subject: Subject::at(Level::from_name(&row.level)?, row.subject_id),
        by_leader: row.by_leader,
        role: row.role,
        metric: row.metric,
        period: row.period,
        sharing: row.sharing,
        reason: row.reason,
        plan: row.plan.and_then(|plan| plan.parse().ok()),
        left_out: serde_json::from_str(&row.left_out).ok()?,
        undone: row.undone_by.zip(undone_on),
    })
}

/// The table, and the only place that knows its columns. Days are ISO 8601.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "goal_template")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) proposed_by: String,
        pub(crate) proposed_on: String,
        pub(crate) level: String,
        pub(crate) subject_id: String,
        pub(crate) by_leader: bool,
        pub(crate) role: String,
        pub(crate) metric: String,
        pub(crate) period: String,
        pub(crate) sharing: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) reason: String,
        pub(crate) plan: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub(crate) left_out: String,
        pub(crate) undone_by: Option<String>,
        pub(crate) undone_on: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
