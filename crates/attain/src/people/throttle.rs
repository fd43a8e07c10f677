//! How often somebody may try to sign in: after a few failures each further one costs waiting time,
//! for the account that is tried, whether or not it exists, and for the address it is tried from.

use std::time::Duration;

use attain_records::{Actor, Records, RecordsError, from_micros, to_micros};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use entity as attempts;

/// Failures that cost nothing, of an account and of an address. Behind one address there may be an
/// office.
const FREE_OF_ACCOUNT: i32 = 5;
const FREE_OF_ADDRESS: i32 = 30;
/// What the first failure after these costs; each further one twice as much.
const FIRST_WAIT: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// After so long without a failure they are forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What tries are counted about.
#[derive(Clone, Debug)]
pub(super) struct Tried(Vec<(String, i32)>);

impl Tried {
    /// An account, by what was typed, and an address of the network. The typed name is kept as a hash:
    /// people type passwords into the wrong field.
    pub(super) fn of(typed: &str, address: &str) -> Tried {
        let hash: String =
            Sha256::digest(typed.trim().to_lowercase()).iter().map(|b| format!("{b:02x}")).collect();
        Tried(vec![
            (format!("account {hash}"), FREE_OF_ACCOUNT),
            (format!("address {address}"), FREE_OF_ADDRESS),
        ])
    }

    /// An address of the network alone, where nobody is named.
    pub(super) fn from(address: &str) -> Tried {
        Tried(vec![(format!("address {address}"), FREE_OF_ADDRESS)])
    }
}

/// How long to wait before another try is looked at; nothing if it may be now.
pub(super) async fn wait(
    records: &Records,
    tried: &Tried,
    now: Timestamp,
) -> Result<Option<Duration>, RecordsError> {
    let mut longest = None;
    for (about, free) in &tried.0 {
        let found = attempts::Entity::find_by_id(about.clone()).one(records.read()).await?;
        let left = found.and_then(|found| {
            let over = from_micros(found.last_at_us) + cost(found.failed - free);
            Duration::try_from(over.duration_since(now)).ok().filter(|left| !left.is_zero())
        });
        longest = longest.max(left);
    }
    Ok(longest)
}

/// Counts a failure.
pub(super) async fn failed(records: &Records, tried: &Tried, now: Timestamp) -> Result<(), RecordsError> {
    let transaction = records.begin(&Actor::nobody()).await?;
    for (about, _) in &tried.0 {
        let found = attempts::Entity::find_by_id(about.clone()).one(transaction.connection()).await?;
        let recent =
            found.filter(|found| now.duration_since(from_micros(found.last_at_us)) < FORGOTTEN_AFTER);
        let row = attempts::ActiveModel {
            about: Set(about.clone()),
            failed: Set(recent.map_or(1, |found| found.failed.saturating_add(1))),
            last_at_us: Set(to_micros(now)),
        };
        let again = OnConflict::column(attempts::Column::About)
            .update_columns([attempts::Column::Failed, attempts::Column::LastAtUs])
            .to_owned();
        attempts::Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(transaction.connection())
            .await?;
    }
    transaction.commit().await
}

/// Forgets the failures of an account that was signed in to.
pub(super) async fn succeeded(records: &Records, tried: &Tried) -> Result<(), RecordsError> {
    let transaction = records.begin(&Actor::nobody()).await?;
    let account = tried.0.first().map(|(about, _)| about.clone()).unwrap_or_default();
    attempts::Entity::delete_by_id(account).exec(transaction.connection()).await?;
    transaction.commit().await
}

/// The waiting time after a number of failures that cost.
fn cost(failures: i32) -> Duration {
    match u32::try_from(failures) {
        Ok(failures @ 1..) => FIRST_WAIT.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST_WAIT),
        _ => Duration::ZERO,
    }
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_attempts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) about: String,
        pub(crate) failed: i32,
        pub(crate) last_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = (-1..9).map(|failures| cost(failures).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 15, 30, 60, 120, 240, 480, 900, 900]);
    }
}
