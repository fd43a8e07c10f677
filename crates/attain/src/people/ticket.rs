//! Links that work once: the first admin's, an invitation, a way back in, and the step between
//! password and second factor.

use std::time::Duration;

use attain_records::{Actor, Records, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::account::subject;
use super::secret::Secret;
use entity as ticket;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Making the first account.
    FirstAdmin,
    /// Choosing a password: for somebody new, or who forgot theirs.
    Password,
    /// The code after the password.
    SecondFactor,
}

impl Purpose {
    fn key(self) -> &'static str {
        match self {
            Purpose::FirstAdmin => "first admin",
            Purpose::Password => "password",
            Purpose::SecondFactor => "second factor",
        }
    }

    /// How long it works.
    pub(crate) fn lasts(self) -> Duration {
        match self {
            Purpose::FirstAdmin => Duration::from_secs(24 * 3600),
            Purpose::Password => Duration::from_secs(72 * 3600),
            Purpose::SecondFactor => Duration::from_secs(10 * 60),
        }
    }
}

/// Makes a link, and ends those of the same purpose and account before it.
pub(crate) async fn make(
    transaction: &WriteTransaction,
    purpose: Purpose,
    account: Option<i64>,
    now: Timestamp,
) -> Result<Secret, RecordsError> {
    let earlier = ticket::Entity::delete_many().filter(ticket::Column::Purpose.eq(purpose.key())).filter(
        match account {
            Some(account) => ticket::Column::Account.eq(account),
            None => ticket::Column::Account.is_null(),
        },
    );
    earlier.exec(transaction.connection()).await?;
    let secret = Secret::new();
    let row = ticket::ActiveModel {
        hash: Set(secret.hash()),
        purpose: Set(purpose.key().to_owned()),
        account: Set(account),
        ends_at_us: Set(to_micros(now + purpose.lasts())),
        used_at_us: Set(None),
    };
    ticket::Entity::insert(row).exec_without_returning(transaction.connection()).await?;
    Ok(secret)
}

/// Makes a link by which somebody chooses a password, and notes it.
pub(crate) async fn make_noted(
    transaction: &WriteTransaction,
    account: i64,
    now: Timestamp,
) -> Result<Secret, RecordsError> {
    let secret = make(transaction, Purpose::Password, Some(account), now).await?;
    audit::append(transaction, now, "account.link", &subject(account), &json!({})).await?;
    Ok(secret)
}

/// The account a link is about, while it works; the inner is none for the first admin's.
pub(super) async fn opens(
    records: &Records,
    purpose: Purpose,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Option<i64>>, RecordsError> {
    let found = ticket::Entity::find_by_id(secret.hash()).one(records.read()).await?;
    Ok(found.filter(|row| row.works(purpose, now)).map(|row| row.account))
}

/// Uses a link up; false where somebody was faster or it is over.
pub(super) async fn used(
    transaction: &WriteTransaction,
    purpose: Purpose,
    secret: &Secret,
    now: Timestamp,
) -> Result<bool, RecordsError> {
    let used = ticket::Entity::update_many()
        .col_expr(ticket::Column::UsedAtUs, to_micros(now).into())
        .filter(ticket::Column::Hash.eq(secret.hash()))
        .filter(ticket::Column::Purpose.eq(purpose.key()))
        .filter(ticket::Column::UsedAtUs.is_null())
        .filter(ticket::Column::EndsAtUs.gt(to_micros(now)))
        .exec(transaction.connection())
        .await?;
    Ok(used.rows_affected == 1)
}

/// The link to make the first account by; the one before it works no longer.
///
/// # Errors
/// When the records cannot be written.
pub(crate) async fn first_admin(records: &Records, now: Timestamp) -> Result<Secret, RecordsError> {
    let transaction = records.begin(&Actor::local_owner()).await?;
    let secret = make(&transaction, Purpose::FirstAdmin, None, now).await?;
    transaction.commit().await?;
    Ok(secret)
}

impl ticket::Model {
    fn works(&self, purpose: Purpose, now: Timestamp) -> bool {
        self.purpose == purpose.key() && self.used_at_us.is_none() && now < from_micros(self.ends_at_us)
    }
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) hash: String,
        pub(crate) purpose: String,
        pub(crate) account: Option<i64>,
        pub(crate) ends_at_us: i64,
        pub(crate) used_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
