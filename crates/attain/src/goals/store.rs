//! Goals in the records: a chain of versions each. A version is added with its audit entry in one
//! transaction; afterwards only what was done to it is noted beside it. Whom a goal is about is told as of today:
//! the goals of somebody who was merged into another are that other's.

use std::collections::{BTreeMap, BTreeSet};

use attain_metrics::{Asker, Level, Period, Subject};
use attain_records::{Actor, RecordsError, WriteTransaction, audit};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde_json::json;

use super::party::Party;
use super::relief::{self, Relief};
use super::version::{End, Version};
use entity as goal_version;

/// A goal with its versions, oldest first, and the reliefs that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Goal {
    pub(super) number: i64,
    pub(super) subject: Subject,
    pub(super) metric: String,
    /// Key of the period.
    pub(super) period: String,
    pub(super) versions: Vec<Version>,
    pub(super) reliefs: Vec<Relief>,
}

/// A version as it is proposed.
pub(crate) struct Proposal<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) metric: &'a str,
    pub(crate) period: &'a str,
    pub(crate) value: Decimal,
    pub(crate) from: Date,
    pub(crate) reason: &'a str,
    /// Which of the two proposes; none where it is neither of them.
    pub(crate) by: Option<Party>,
    pub(crate) on: Date,
    /// The template it comes from.
    pub(crate) template: Option<i64>,
}

/// Lets nobody else change goals until the transaction ends.
pub(super) async fn alone(transaction: &WriteTransaction) -> Result<(), RecordsError> {
    transaction.alone_with("goal_version").await
}

/// The goals of a subject in a period, those of others who were merged into it among them.
pub(super) async fn of_subject(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    asker: &Asker,
    subject: &Subject,
    period: &str,
) -> Result<Vec<Goal>, RecordsError> {
    let ids = asker.organisation().ids_of(subject.id().unwrap_or_default());
    let condition = Condition::all()
        .add(goal_version::Column::Level.eq(subject.level().name()))
        .add(goal_version::Column::SubjectId.is_in(ids))
        .add(goal_version::Column::Period.eq(period));
    whole(connection, asker, condition).await
}

/// The goals of everybody by a metric in a period.
pub(super) async fn of_metric(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    asker: &Asker,
    metric: &str,
    period: &str,
) -> Result<Vec<Goal>, RecordsError> {
    let condition = Condition::all()
        .add(goal_version::Column::Metric.eq(metric))
        .add(goal_version::Column::Period.eq(period));
    whole(connection, asker, condition).await
}

/// Who has goals in a period, and by which metrics, as far as they were neither declined nor taken back.
pub(super) async fn metrics_in(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    asker: &Asker,
    period: &str,
) -> Result<BTreeSet<(Subject, String)>, RecordsError> {
    let found = goal_version::Entity::find()
        .filter(goal_version::Column::Period.eq(period))
        .filter(goal_version::Column::Outcome.is_null())
        .all(connection)
        .await?;
    let of_row = |row: goal_version::Model| Some((about_whom(asker, &row)?, row.metric));
    Ok(found.into_iter().filter_map(of_row).collect())
}

/// The goals that a template proposed versions of, each with the number of its version.
pub(super) async fn of_template(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    asker: &Asker,
    template: i64,
) -> Result<Vec<(i64, Goal)>, RecordsError> {
    let versions = goal_version::Entity::find()
        .filter(goal_version::Column::Template.eq(template))
        .order_by_asc(goal_version::Column::Number)
        .all(connection)
        .await?;
    let Some(one) = versions.first() else { return Ok(Vec::new()) };
    let mut goals: BTreeMap<i64, Goal> = BTreeMap::new();
    for goal in of_metric(connection, actor, asker, &one.metric, &one.period).await? {
        goals.insert(goal.number, goal);
    }
    let each = versions.iter().filter_map(|row| Some((row.number, goals.remove(&row.goal)?)));
    Ok(each.collect())
}

/// The goals of everybody in some periods.
pub(super) async fn of_periods(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    asker: &Asker,
    periods: &[Period],
) -> Result<Vec<Goal>, RecordsError> {
    let keys = periods.iter().map(|period| period.key());
    whole(connection, asker, Condition::all().add(goal_version::Column::Period.is_in(keys))).await
}

/// The goal one of whose versions has a number.
pub(crate) async fn by_number(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    asker: &Asker,
    number: i64,
) -> Result<Option<Goal>, RecordsError> {
    let Some(one) = goal_version::Entity::find_by_id(number).one(connection).await? else { return Ok(None) };
    let condition = Condition::all().add(goal_version::Column::Goal.eq(one.goal));
    Ok(whole(connection, asker, condition).await?.pop())
}

/// The goals that reliefs were asked of, by number.
pub(super) async fn with_reliefs(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    asker: &Asker,
) -> Result<BTreeMap<i64, Goal>, RecordsError> {
    let condition = Condition::all().add(goal_version::Column::Goal.in_subquery(relief::relieved_goals()));
    let goals = whole(connection, asker, condition).await?;
    Ok(goals.into_iter().map(|goal| (goal.number, goal)).collect())
}

/// Goals with the reliefs that were asked for, however many by two questions.
async fn whole(
    connection: &impl ConnectionTrait,
    asker: &Asker,
    condition: Condition,
) -> Result<Vec<Goal>, RecordsError> {
    let of_them = goal_version::Entity::find().filter(condition);
    let numbers = of_them.clone().select_only().column(goal_version::Column::Goal).into_query();
    let rows = of_them.order_by_asc(goal_version::Column::Number).all(connection).await?;
    let mut goals = gathered(asker, rows);
    let mut reliefs =
        if goals.is_empty() { BTreeMap::new() } else { relief::of_goals(connection, numbers).await? };
    for goal in &mut goals {
        goal.reliefs = reliefs.remove(&goal.number).unwrap_or_default();
    }
    Ok(goals)
}

/// Adds a version, the first of a goal or another of one there is. Returns its number.
pub(crate) async fn propose(
    transaction: &WriteTransaction,
    proposal: &Proposal<'_>,
    goal: Option<i64>,
    now: Timestamp,
) -> Result<i64, RecordsError> {
    alone(transaction).await?;
    let connection = transaction.connection();
    let newest =
        goal_version::Entity::find().order_by_desc(goal_version::Column::Number).one(connection).await?;
    let number = newest.map_or(1, |newest| newest.number + 1);
    let agreed = |party: Party| (proposal.by == Some(party)).then(|| proposal.on.to_string());
    let row = goal_version::ActiveModel {
        number: Set(number),
        goal: Set(goal.unwrap_or(number)),
        level: Set(proposal.subject.level().name().to_owned()),
        subject_id: Set(proposal.subject.id().unwrap_or_default().to_owned()),
        metric: Set(proposal.metric.to_owned()),
        period: Set(proposal.period.to_owned()),
        value: Set(proposal.value.normalize().to_string()),
        from_day: Set(proposal.from.to_string()),
        reason: Set(proposal.reason.to_owned()),
        proposed_by: Set(transaction.actor().to_string()),
        proposed_on: Set(proposal.on.to_string()),
        subject_agreed_on: Set(agreed(Party::Subject)),
        leader_agreed_on: Set(agreed(Party::Leader)),
        outcome: Set(None),
        outcome_reason: Set(None),
        template: Set(proposal.template),
    };
    goal_version::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({
        "goal": goal.unwrap_or(number),
        "metric": proposal.metric,
        "period": proposal.period,
        "value": proposal.value.normalize().to_string(),
        "from": proposal.from.to_string(),
        "reason": proposal.reason,
        "template": proposal.template,
    });
    audit::append(transaction, now, "goal.propose", &about(proposal.subject), &detail).await?;
    Ok(number)
}

/// Notes that a party agrees to a version.
pub(crate) async fn agree(
    transaction: &WriteTransaction,
    goal: &Goal,
    version: i64,
    party: Party,
    (on, now): (Date, Timestamp),
) -> Result<(), RecordsError> {
    let mut row = goal_version::ActiveModel { number: Set(version), ..Default::default() };
    match party {
        Party::Subject => row.subject_agreed_on = Set(Some(on.to_string())),
        Party::Leader => row.leader_agreed_on = Set(Some(on.to_string())),
    }
    goal_version::Entity::update(row).exec(transaction.connection()).await?;
    let detail = json!({ "goal": goal.number, "version": version });
    audit::append(transaction, now, "goal.acknowledge", &about(&goal.subject), &detail).await?;
    Ok(())
}

/// Ends a version.
pub(super) async fn end(
    transaction: &WriteTransaction,
    goal: &Goal,
    version: i64,
    end: &End,
    now: Timestamp,
) -> Result<(), RecordsError> {
    let (word, reason, action) = match end {
        End::Declined(reason) => ("declined", Some(reason.clone()), "goal.decline"),
        End::Withdrawn => ("withdrawn", None, "goal.withdraw"),
        End::Countered => ("countered", None, "goal.counter"),
    };
    let row = goal_version::ActiveModel {
        number: Set(version),
        outcome: Set(Some(word.to_owned())),
        outcome_reason: Set(reason.clone()),
        ..Default::default()
    };
    goal_version::Entity::update(row).exec(transaction.connection()).await?;
    let detail = json!({ "goal": goal.number, "version": version, "reason": reason });
    audit::append(transaction, now, action, &about(&goal.subject), &detail).await?;
    Ok(())
}

/// What the log calls a subject, as looks do.
pub(super) fn about(subject: &Subject) -> String {
    match (subject, subject.id()) {
        (Subject::Rep(_), Some(id)) => format!("person {id}"),
        (_, id) => format!("{} {}", subject.level().name(), id.unwrap_or_default()),
    }
}

/// Rows as goals, in the order of their numbers.
fn gathered(asker: &Asker, rows: Vec<goal_version::Model>) -> Vec<Goal> {
    let mut goals: BTreeMap<i64, Goal> = BTreeMap::new();
    for row in rows {
        let Some(subject) = about_whom(asker, &row) else { continue };
        let (number, metric, period) = (row.goal, row.metric.clone(), row.period.clone());
        let Some(version) = read(row) else { continue };
        let blank = || Goal { number, subject, metric, period, versions: Vec::new(), reliefs: Vec::new() };
        goals.entry(number).or_insert_with(blank).versions.push(version);
    }
    goals.into_values().collect()
}

/// Whom a row is about: of one who was merged into another, that other.
fn about_whom(asker: &Asker, row: &goal_version::Model) -> Option<Subject> {
    let level = Level::from_name(&row.level)?;
    let kept = asker.organisation().member(level, &row.subject_id).map(|member| member.id);
    Some(Subject::at(level, kept.unwrap_or_else(|| row.subject_id.clone())))
}

/// A version; of a row that a later program wrote, nothing.
fn read(row: goal_version::Model) -> Option<Version> {
    let end = match (row.outcome.as_deref(), row.outcome_reason) {
        (None, _) => None,
        (Some("declined"), reason) => Some(End::Declined(reason.unwrap_or_default())),
        (Some("withdrawn"), _) => Some(End::Withdrawn),
        (Some("countered"), _) => Some(End::Countered),
        (Some(_), _) => return None,
    };
    let day = |text: Option<String>| text.and_then(|text| text.parse().ok());
    Some(Version {
        number: row.number,
        goal: row.goal,
        value: row.value.parse().ok()?,
        from: row.from_day.parse().ok()?,
        reason: row.reason,
        proposed_by: row.proposed_by,
        proposed_on: row.proposed_on.parse().ok()?,
        subject_agreed_on: day(row.subject_agreed_on),
        leader_agreed_on: day(row.leader_agreed_on),
        end,
    })
}

/// The table, and the only place that knows its columns. Days are ISO 8601.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "goal_version")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) goal: i64,
        pub(crate) level: String,
        pub(crate) subject_id: String,
        pub(crate) metric: String,
        pub(crate) period: String,
        pub(crate) value: String,
        pub(crate) from_day: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) reason: String,
        pub(crate) proposed_by: String,
        pub(crate) proposed_on: String,
        pub(crate) subject_agreed_on: Option<String>,
        pub(crate) leader_agreed_on: Option<String>,
        pub(crate) outcome: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub(crate) outcome_reason: Option<String>,
        pub(crate) template: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
