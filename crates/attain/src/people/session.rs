//! Sessions: whose browser a request comes from.
//!
//! A session is 256 bits of chance in a cookie, kept by its hash. It ends when it is not used, after
//! some days in any case, when it is ended by hand, and when the account or its password changes; a new
//! one begins at each sign-in.

use std::time::Duration;

use attain_records::{Records, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use axum::http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::account::subject;
use super::secret::Secret;
use crate::web::cookie::{self, Cookie};
use entity as session;

/// How long a session may stand still.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// How long it lasts at most.
const LASTS: Duration = Duration::from_secs(7 * 24 * 3600);
/// How exact the time of last use is: noting it at every page would be a write at every page.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// Bytes kept of what a browser calls itself.
const BROWSER_NAME: usize = 200;

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// Names it, without opening it.
    pub(super) hash: String,
    pub(super) begun_at: Timestamp,
    pub(super) seen_at: Timestamp,
    pub(super) address: String,
    pub(super) browser: String,
}

/// Begins a session, and notes the sign-in. Appends to the audit log last.
pub(crate) async fn begin(
    transaction: &WriteTransaction,
    account: i64,
    address: &str,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Secret, RecordsError> {
    let secret = Secret::new();
    let browser = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
    let row = session::ActiveModel {
        hash: Set(secret.hash()),
        account: Set(account),
        begun_at_us: Set(to_micros(now)),
        seen_at_us: Set(to_micros(now)),
        ends_at_us: Set(to_micros(now + LASTS)),
        address: Set(address.to_owned()),
        browser: Set(browser.chars().take(BROWSER_NAME).collect()),
        viewing_as: Set(None),
    };
    session::Entity::insert(row).exec_without_returning(transaction.connection()).await?;
    let over = session::Entity::delete_many().filter(session::Column::EndsAtUs.lt(to_micros(now)));
    over.exec(transaction.connection()).await?;
    let detail = json!({ "address": address });
    audit::append(transaction, now, "sign_in", &subject(account), &detail).await?;
    Ok(secret)
}

/// What a lasting session says of the one who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) account: i64,
    /// The account as which its pages are looked at.
    pub(crate) viewing_as: Option<i64>,
    /// Whether its use is to be noted.
    pub(crate) is_due: bool,
}

/// The account a session is of, while it lasts.
pub(crate) async fn account(
    records: &Records,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Shown>, RecordsError> {
    let found = session::Entity::find_by_id(secret.hash()).one(records.read()).await?;
    let lasting = found.filter(|row| {
        now < from_micros(row.ends_at_us) && now.duration_since(from_micros(row.seen_at_us)) < IDLE
    });
    Ok(lasting.map(|row| {
        let is_due = now.duration_since(from_micros(row.seen_at_us)) >= NOTED_EVERY;
        Shown { account: row.account, viewing_as: row.viewing_as, is_due }
    }))
}

/// Notes that a session was used.
pub(crate) async fn note(
    transaction: &WriteTransaction,
    secret: &Secret,
    now: Timestamp,
) -> Result<(), RecordsError> {
    let row = session::Entity::update_many()
        .col_expr(session::Column::SeenAtUs, to_micros(now).into())
        .filter(session::Column::Hash.eq(secret.hash()));
    row.exec(transaction.connection()).await?;
    Ok(())
}

/// The sessions of an account, the one used last first.
pub(super) async fn of_account(
    records: &Records,
    account: i64,
    now: Timestamp,
) -> Result<Vec<Session>, RecordsError> {
    let found = session::Entity::find()
        .filter(session::Column::Account.eq(account))
        .filter(session::Column::EndsAtUs.gt(to_micros(now)))
        .filter(session::Column::SeenAtUs.gt(to_micros(now - IDLE)))
        .order_by_desc(session::Column::SeenAtUs)
        .all(records.read())
        .await?;
    Ok(found.into_iter().map(Session::from).collect())
}

/// Ends one session of an account, by its hash.
pub(super) async fn end(
    transaction: &WriteTransaction,
    account: i64,
    hash: &str,
    now: Timestamp,
) -> Result<(), RecordsError> {
    session::Entity::delete_many()
        .filter(session::Column::Account.eq(account))
        .filter(session::Column::Hash.eq(hash))
        .exec(transaction.connection())
        .await?;
    audit::append(transaction, now, "sign_out", &subject(account), &json!({})).await?;
    Ok(())
}

/// Ends every session of an account but the one that asks, which goes on under a new secret: whoever else
/// has the old one, or was signed in before, has to sign in. Returns the new one.
pub(super) async fn renew(
    transaction: &WriteTransaction,
    account: i64,
    here: Option<&Secret>,
) -> Result<Option<Secret>, RecordsError> {
    end_others(transaction, account, here).await?;
    let Some(here) = here else { return Ok(None) };
    let secret = Secret::new();
    let renewed = session::Entity::update_many()
        .col_expr(session::Column::Hash, secret.hash().into())
        .filter(session::Column::Account.eq(account))
        .filter(session::Column::Hash.eq(here.hash()))
        .exec(transaction.connection())
        .await?;
    Ok((renewed.rows_affected == 1).then_some(secret))
}

/// Looks at pages as another account sees them, or no longer. Only the session that asks does.
pub(super) async fn view_as(
    transaction: &WriteTransaction,
    here: &Secret,
    other: Option<i64>,
) -> Result<(), RecordsError> {
    session::Entity::update_many()
        .col_expr(session::Column::ViewingAs, other.into())
        .filter(session::Column::Hash.eq(here.hash()))
        .exec(transaction.connection())
        .await?;
    Ok(())
}

/// Ends every session of an account but one.
pub(super) async fn end_others(
    transaction: &WriteTransaction,
    account: i64,
    but: Option<&Secret>,
) -> Result<(), RecordsError> {
    session::Entity::delete_many()
        .filter(session::Column::Account.eq(account))
        .filter(session::Column::Hash.ne(but.map(Secret::hash).unwrap_or_default()))
        .exec(transaction.connection())
        .await?;
    Ok(())
}

/// The cookie that holds it.
const COOKIE: Cookie = Cookie { plain: "attain_session", secure: "__Host-attain_session" };

/// The secret a browser shows.
pub(crate) fn shown(headers: &HeaderMap, is_secure: bool) -> Option<Secret> {
    cookie::shown(COOKIE, headers, is_secure).map(Secret::shown)
}

/// The header that hands a session to the browser.
pub(crate) fn handed(secret: &Secret, is_secure: bool) -> HeaderValue {
    cookie::handed(COOKIE, secret.reveal(), LASTS, is_secure)
}

/// The header that takes it back.
pub(super) fn taken_back(is_secure: bool) -> HeaderValue {
    cookie::taken_back(COOKIE, is_secure)
}

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Session {
        Session {
            hash: row.hash,
            begun_at: from_micros(row.begun_at_us),
            seen_at: from_micros(row.seen_at_us),
            address: row.address,
            browser: row.browser,
        }
    }
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) hash: String,
        pub(crate) account: i64,
        pub(crate) begun_at_us: i64,
        pub(crate) seen_at_us: i64,
        pub(crate) ends_at_us: i64,
        pub(crate) address: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) browser: String,
        pub(crate) viewing_as: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
