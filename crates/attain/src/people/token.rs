//! Tokens by which programs act in somebody's name: for the API alone, to read or to write as well,
//! until a day. A token never may more than the person it belongs to.

use attain_records::{Records, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use axum::http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::account::subject;
use super::secret::Secret;
use entity as api_token;

/// What every token begins with, so that one that lies around is recognised.
const PREFIX: &str = "attain_";
/// Days a token lasts at most.
pub(super) const DAYS_AT_MOST: i64 = 366;
/// How exact the time of last use is.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// A token as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) number: i64,
    pub(super) label: String,
    pub(super) writes: bool,
    pub(super) made_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) used_at: Option<Timestamp>,
}

/// What a new token is for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) label: String,
    pub(super) writes: bool,
    pub(super) days: i64,
}

/// Whose a shown token is, while it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) account: i64,
    pub(crate) writes: bool,
    /// Whether its use is to be noted, and under which number.
    pub(crate) note: Option<i64>,
}

/// Makes a token: the text to hand out. Appends to the audit log last.
pub(super) async fn make(
    transaction: &WriteTransaction,
    account: i64,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<String, RecordsError> {
    transaction.alone_with("api_token").await?;
    let connection = transaction.connection();
    let newest = api_token::Entity::find().order_by_desc(api_token::Column::Number).one(connection).await?;
    let text = format!("{PREFIX}{}", Secret::new().reveal());
    let days = wanted.days.clamp(1, DAYS_AT_MOST);
    let row = api_token::ActiveModel {
        number: Set(newest.map_or(1, |newest| newest.number + 1)),
        hash: Set(Secret::shown(&text).hash()),
        account: Set(account),
        label: Set(wanted.label.trim().to_owned()),
        writes: Set(wanted.writes),
        made_at_us: Set(to_micros(now)),
        ends_at_us: Set(to_micros(now + SignedDuration::from_hours(24 * days))),
        used_at_us: Set(None),
    };
    api_token::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({ "label": wanted.label, "writes": wanted.writes, "days": days });
    audit::append(transaction, now, "token.create", &subject(account), &detail).await?;
    Ok(text)
}

/// Ends a token of an account.
pub(super) async fn end(
    transaction: &WriteTransaction,
    account: i64,
    number: i64,
    now: Timestamp,
) -> Result<(), RecordsError> {
    api_token::Entity::delete_many()
        .filter(api_token::Column::Account.eq(account))
        .filter(api_token::Column::Number.eq(number))
        .exec(transaction.connection())
        .await?;
    audit::append(transaction, now, "token.end", &subject(account), &json!({ "number": number })).await?;
    Ok(())
}

/// The tokens of an account, newest first.
pub(super) async fn of_account(records: &Records, account: i64) -> Result<Vec<Token>, RecordsError> {
    let found = api_token::Entity::find()
        .filter(api_token::Column::Account.eq(account))
        .order_by_desc(api_token::Column::Number)
        .all(records.read())
        .await?;
    Ok(found.into_iter().map(Token::from).collect())
}

/// The token that a program shows.
pub(crate) fn shown(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, token) = value.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| Secret::shown(token.trim()))
}

/// Whose a token is, while it works.
pub(crate) async fn account(
    records: &Records,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Shown>, RecordsError> {
    let found = api_token::Entity::find().filter(api_token::Column::Hash.eq(secret.hash()));
    let found = found.one(records.read()).await?.filter(|row| now < from_micros(row.ends_at_us));
    Ok(found.map(|row| {
        let is_due = |used| now.duration_since(from_micros(used)) >= NOTED_EVERY;
        let note = row.used_at_us.is_none_or(is_due).then_some(row.number);
        Shown { account: row.account, writes: row.writes, note }
    }))
}

/// Notes that a token was used.
pub(crate) async fn note(
    transaction: &WriteTransaction,
    number: i64,
    now: Timestamp,
) -> Result<(), RecordsError> {
    let row = api_token::Entity::update_many()
        .col_expr(api_token::Column::UsedAtUs, to_micros(now).into())
        .filter(api_token::Column::Number.eq(number));
    row.exec(transaction.connection()).await?;
    Ok(())
}

impl From<api_token::Model> for Token {
    fn from(row: api_token::Model) -> Token {
        Token {
            number: row.number,
            label: row.label,
            writes: row.writes,
            made_at: from_micros(row.made_at_us),
            ends_at: from_micros(row.ends_at_us),
            used_at: row.used_at_us.map(from_micros),
        }
    }
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_token")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) hash: String,
        pub(crate) account: i64,
        pub(crate) label: String,
        pub(crate) writes: bool,
        pub(crate) made_at_us: i64,
        pub(crate) ends_at_us: i64,
        pub(crate) used_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
