//! Sign-ins that a browser has begun at the provider. Each is its own browser's, works once and for some
//! minutes.

use std::time::Duration;

use attain_records::{Actor, Records, RecordsError, to_micros};
use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::people::secret::Secret;
use crate::web::cookie::{self, Cookie};
use entity as attempt;

/// How long somebody may take at the provider.
const LASTS: Duration = Duration::from_secs(15 * 60);

/// The cookie by which a browser is known again.
const COOKIE: Cookie = Cookie { plain: "attain_provider", secure: "__Host-attain_provider" };

/// What must come back, and what must not leave this server.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    /// Comes back with the browser.
    pub(super) state: String,
    /// Comes back inside the token.
    pub(super) nonce: String,
    /// Proves that who exchanges the code began it (PKCE, RFC 7636).
    pub(super) verifier: String,
    /// Where somebody wanted to go.
    pub(super) next: Option<String>,
}

/// Keeps an attempt, and forgets those that are over. Returns the browser's secret.
pub(super) async fn keep(records: &Records, kept: Attempt, now: Timestamp) -> Result<Secret, RecordsError> {
    let secret = Secret::new();
    let transaction = records.begin(&Actor::nobody()).await?;
    let connection = transaction.connection();
    let over = attempt::Entity::delete_many().filter(attempt::Column::EndsAtUs.lt(to_micros(now)));
    over.exec(connection).await?;
    let row = attempt::ActiveModel {
        hash: Set(secret.hash()),
        state: Set(kept.state),
        nonce: Set(kept.nonce),
        verifier: Set(kept.verifier),
        next: Set(kept.next),
        ends_at_us: Set(to_micros(now + LASTS)),
    };
    attempt::Entity::insert(row).exec_without_returning(connection).await?;
    transaction.commit().await?;
    Ok(secret)
}

/// The attempt of a browser, which is over by that.
pub(super) async fn taken(
    records: &Records,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Attempt>, RecordsError> {
    let transaction = records.begin(&Actor::nobody()).await?;
    let connection = transaction.connection();
    let found = attempt::Entity::find_by_id(secret.hash()).one(connection).await?;
    let taken = attempt::Entity::delete_by_id(secret.hash()).exec(connection).await?;
    transaction.commit().await?;
    let found = found.filter(|row| taken.rows_affected == 1 && to_micros(now) < row.ends_at_us);
    Ok(found.map(|row| Attempt {
        state: row.state,
        nonce: row.nonce,
        verifier: row.verifier,
        next: row.next,
    }))
}

/// The secret a browser shows.
pub(super) fn shown(headers: &HeaderMap, is_secure: bool) -> Option<Secret> {
    cookie::shown(COOKIE, headers, is_secure).map(Secret::shown)
}

/// The header that hands it to the browser.
pub(super) fn handed(secret: &Secret, is_secure: bool) -> HeaderValue {
    cookie::handed(COOKIE, secret.reveal(), LASTS, is_secure)
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "provider_attempt")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) hash: String,
        pub(crate) state: String,
        pub(crate) nonce: String,
        pub(crate) verifier: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub(crate) next: Option<String>,
        pub(crate) ends_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
