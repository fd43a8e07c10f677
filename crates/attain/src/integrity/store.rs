//! Questions in the records, with the rows each is about as they were known when it was asked. Whoever
//! is not to know of a question must not learn of it from the audit log either: that one was asked is
//! told by its number alone, and about whom only once it was answered.

use std::collections::{BTreeMap, BTreeSet};

use attain_metrics::RowKey;
use attain_records::{Actor, RecordsError, WriteTransaction, audit};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, sea_query::Expr,
};
use serde_json::json;

use super::pattern::{Occasion, OccasionRow, Pattern};
use super::question::{End, Question};
use super::stretch::Look;
use entity::{look, question, question_row};

/// Rows of one statement; SQLite binds at most 32,766 values.
const ROWS_PER_STATEMENT: usize = 1_000;

/// Lets nobody else ask or answer until the transaction ends.
pub(super) async fn alone(transaction: &WriteTransaction) -> Result<(), RecordsError> {
    transaction.alone_with("integrity_question").await
}

/// One question.
pub(super) async fn by_number(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    number: i64,
) -> Result<Option<Question>, RecordsError> {
    Ok(question::Entity::find_by_id(number).one(connection).await?.and_then(read))
}

/// Every question to a person, under any of the identifiers they have, newest first.
pub(super) async fn of_person(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    ids: Vec<String>,
) -> Result<Vec<Question>, RecordsError> {
    questions(question::Entity::find().filter(question::Column::Person.is_in(ids)), connection).await
}

/// Every question that was answered, newest first.
pub(super) async fn answered(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<Vec<Question>, RecordsError> {
    let found = question::Entity::find().filter(question::Column::Answer.is_not_null());
    questions(found, connection).await
}

/// Every question that was neither answered nor withdrawn.
pub(super) async fn unanswered(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<Vec<Question>, RecordsError> {
    let found = question::Entity::find()
        .filter(question::Column::Answer.is_null())
        .filter(question::Column::WithdrawnOn.is_null());
    questions(found, connection).await
}

async fn questions(
    found: Select<question::Entity>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Question>, RecordsError> {
    let rows = found.order_by_desc(question::Column::Number).all(connection).await?;
    Ok(rows.into_iter().filter_map(read).collect())
}

/// The rows a question is about, the first of them or all.
pub(super) async fn rows(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    number: i64,
    limit: Option<u64>,
) -> Result<Vec<OccasionRow>, RecordsError> {
    let found = question_row::Entity::find()
        .filter(question_row::Column::Question.eq(number))
        .order_by_asc(question_row::Column::Place)
        .limit(limit);
    Ok(found.all(connection).await?.into_iter().filter_map(read_row).collect())
}

/// Which rows each of some questions is about.
pub(super) async fn rows_of(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
    numbers: &[i64],
) -> Result<BTreeMap<i64, BTreeSet<RowKey>>, RecordsError> {
    let mut rows: BTreeMap<i64, BTreeSet<RowKey>> = BTreeMap::new();
    for some in numbers.chunks(ROWS_PER_STATEMENT) {
        let found = question_row::Entity::find()
            .filter(question_row::Column::Question.is_in(some.iter().copied()))
            .all(connection)
            .await?;
        for row in found {
            let key = RowKey { source_system: row.source_system, source_id: row.source_id };
            rows.entry(row.question).or_default().insert(key);
        }
    }
    Ok(rows)
}

/// What was looked through already.
pub(super) async fn looks(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<BTreeSet<Look>, RecordsError> {
    let rows = look::Entity::find().all(connection).await?;
    let read = |row: look::Model| {
        let pattern = Pattern::from_key(&row.pattern)?;
        Some(Look { pattern, person: row.person, from: row.from_day.parse().ok()? })
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// The rows that somebody was asked about, by pattern. Those of withdrawn questions may come again.
pub(super) async fn asked_rows(
    connection: &impl ConnectionTrait,
    _actor: &Actor,
) -> Result<BTreeSet<(Pattern, RowKey)>, RecordsError> {
    let patterns: Vec<(i64, String)> = question::Entity::find()
        .filter(question::Column::WithdrawnOn.is_null())
        .select_only()
        .columns([question::Column::Number, question::Column::Pattern])
        .into_tuple()
        .all(connection)
        .await?;
    let patterns: BTreeMap<i64, Pattern> = patterns
        .into_iter()
        .filter_map(|(number, pattern)| Some((number, Pattern::from_key(&pattern)?)))
        .collect();
    let rows: Vec<(i64, String, String)> = question_row::Entity::find()
        .select_only()
        .columns([
            question_row::Column::Question,
            question_row::Column::SourceSystem,
            question_row::Column::SourceId,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    let asked = rows.into_iter().filter_map(|(question, source_system, source_id)| {
        Some((*patterns.get(&question)?, RowKey { source_system, source_id }))
    });
    Ok(asked.collect())
}

/// Asks questions, about rows of a snapshot. Returns their numbers, in the same order.
pub(super) async fn ask(
    transaction: &WriteTransaction,
    occasions: &[&Occasion],
    snapshot: i64,
    (on, now): (Date, Timestamp),
) -> Result<Vec<i64>, RecordsError> {
    let connection = transaction.connection();
    let newest = question::Entity::find().order_by_desc(question::Column::Number).one(connection).await?;
    let numbered: Vec<(i64, &Occasion)> =
        (newest.map_or(1, |newest| newest.number + 1)..).zip(occasions.iter().copied()).collect();
    for some in numbered.chunks(ROWS_PER_STATEMENT) {
        let asked = some.iter().map(|(number, occasion)| question_of(*number, occasion, snapshot, on));
        question::Entity::insert_many(asked).exec_without_returning(connection).await?;
    }
    let rows: Vec<question_row::ActiveModel> =
        numbered.iter().flat_map(|(number, occasion)| rows_of_question(*number, occasion)).collect();
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        question_row::Entity::insert_many(some.iter().cloned()).exec_without_returning(connection).await?;
    }
    let detail = json!({ "snapshot": snapshot });
    for (number, _) in &numbered {
        audit::append(transaction, now, "integrity.ask", &by_its_number(*number), &detail).await?;
    }
    Ok(numbered.into_iter().map(|(number, _)| number).collect())
}

fn question_of(number: i64, occasion: &Occasion, snapshot: i64, on: Date) -> question::ActiveModel {
    question::ActiveModel {
        number: Set(number),
        person: Set(occasion.person.clone()),
        pattern: Set(occasion.pattern.key().to_owned()),
        sentence: Set(occasion.sentence.clone()),
        asked_on: Set(on.to_string()),
        snapshot: Set(snapshot),
        rows: Set(i64::try_from(occasion.rows.len()).unwrap_or(i64::MAX)),
        answer: Set(None),
        answered_on: Set(None),
        withdrawn_on: Set(None),
    }
}

fn rows_of_question(number: i64, occasion: &Occasion) -> impl Iterator<Item = question_row::ActiveModel> {
    (0..).zip(&occasion.rows).map(move |(place, row)| question_row::ActiveModel {
        question: Set(number),
        place: Set(place),
        source_system: Set(row.key.source_system.clone()),
        source_id: Set(row.key.source_id.clone()),
        name: Set(row.name.clone()),
        happened_on: Set(row.day.to_string()),
        what: Set(row.what.clone()),
    })
}

/// Keeps what was looked through, with the number of the question that came of it, if one did. The log tells
/// of how many people, and of nobody.
pub(super) async fn look_through(
    transaction: &WriteTransaction,
    looks: &[(Look, Option<i64>)],
    now: Timestamp,
) -> Result<(), RecordsError> {
    for some in looks.chunks(ROWS_PER_STATEMENT) {
        let models = some.iter().map(|(look, question)| look::ActiveModel {
            pattern: Set(look.pattern.key().to_owned()),
            person: Set(look.person.clone()),
            from_day: Set(look.from.to_string()),
            question: Set(*question),
        });
        look::Entity::insert_many(models).exec_without_returning(transaction.connection()).await?;
    }
    let mut people: BTreeMap<(Pattern, Date), usize> = BTreeMap::new();
    for (look, _) in looks {
        *people.entry((look.pattern, look.from)).or_default() += 1;
    }
    for ((pattern, from), people) in people {
        let detail = json!({ "from": from.to_string(), "people": people });
        let subject = format!("integrity pattern {}", pattern.key());
        audit::append(transaction, now, "integrity.look", &subject, &detail).await?;
    }
    Ok(())
}

/// Takes questions back, because rows they are about are gone. What they came of may be looked through again.
pub(super) async fn withdraw(
    transaction: &WriteTransaction,
    numbers: &[i64],
    (on, now): (Date, Timestamp),
) -> Result<(), RecordsError> {
    let connection = transaction.connection();
    for some in numbers.chunks(ROWS_PER_STATEMENT) {
        question::Entity::update_many()
            .col_expr(question::Column::WithdrawnOn, Expr::value(on.to_string()))
            .filter(question::Column::Number.is_in(some.iter().copied()))
            .exec(connection)
            .await?;
        let looks = look::Entity::delete_many();
        looks.filter(look::Column::Question.is_in(some.iter().copied())).exec(connection).await?;
    }
    for number in numbers {
        audit::append(transaction, now, "integrity.withdraw", &by_its_number(*number), &json!({})).await?;
    }
    Ok(())
}

/// Keeps the answer to a question.
pub(super) async fn answer(
    transaction: &WriteTransaction,
    question: &Question,
    answer: &str,
    (on, now): (Date, Timestamp),
) -> Result<(), RecordsError> {
    let row = question::ActiveModel {
        number: Set(question.number),
        answer: Set(Some(answer.to_owned())),
        answered_on: Set(Some(on.to_string())),
        ..Default::default()
    };
    question::Entity::update(row).exec(transaction.connection()).await?;
    let detail = json!({ "question": question.number, "pattern": question.pattern.key() });
    let subject = format!("person {}", question.person);
    audit::append(transaction, now, "integrity.answer", &subject, &detail).await?;
    Ok(())
}

/// What the log calls a question that nobody else may know of.
fn by_its_number(number: i64) -> String {
    format!("integrity question {number}")
}

/// A question; of a row that a later program wrote, nothing.
fn read(row: question::Model) -> Option<Question> {
    let end = match (row.answer, row.answered_on, row.withdrawn_on) {
        (Some(answer), Some(on), _) => Some(End::Answered { answer, on: on.parse().ok()? }),
        (_, _, Some(on)) => Some(End::Withdrawn { on: on.parse().ok()? }),
        _ => None,
    };
    Some(Question {
        number: row.number,
        person: row.person,
        pattern: Pattern::from_key(&row.pattern)?,
        sentence: row.sentence,
        asked_on: row.asked_on.parse().ok()?,
        snapshot: row.snapshot,
        rows: row.rows,
        end,
    })
}

fn read_row(row: question_row::Model) -> Option<OccasionRow> {
    Some(OccasionRow {
        key: RowKey { source_system: row.source_system, source_id: row.source_id },
        name: row.name,
        day: row.happened_on.parse().ok()?,
        what: row.what,
    })
}

/// The tables, and the only place that knows their columns. Days are ISO 8601.
mod entity {
    pub(crate) mod question {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "integrity_question")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i64,
            pub(crate) person: String,
            pub(crate) pattern: String,
            #[sea_orm(column_type = "Text")]
            pub(crate) sentence: String,
            pub(crate) asked_on: String,
            pub(crate) snapshot: i64,
            pub(crate) rows: i64,
            #[sea_orm(column_type = "Text", nullable)]
            pub(crate) answer: Option<String>,
            pub(crate) answered_on: Option<String>,
            pub(crate) withdrawn_on: Option<String>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod question_row {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "integrity_question_row")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) question: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) place: i64,
            pub(crate) source_system: String,
            pub(crate) source_id: String,
            #[sea_orm(column_type = "Text", nullable)]
            pub(crate) name: Option<String>,
            pub(crate) happened_on: String,
            #[sea_orm(column_type = "Text")]
            pub(crate) what: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod look {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "integrity_look")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) pattern: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) person: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) from_day: String,
            pub(crate) question: Option<i64>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}
