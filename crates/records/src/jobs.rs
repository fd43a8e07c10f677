//! Jobs: work to be done later, at least once, enqueued in the transaction that asks for it.
//!
//! A worker leases a due job for a while; if it dies, the lease runs out and another takes over.
//! Only the newest lease may note an outcome: a job is known by its number of attempts as much as
//! by its identifier. A failed job waits longer each time. After [`MAX_ATTEMPTS`], whether they
//! failed or their workers never came back, it is given up.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, UpdateMany};

use crate::Actor;
use crate::connection::{Records, WriteTransaction};
use crate::error::RecordsError;
use crate::instant::to_micros;

/// Attempts after which a job is given up.
pub const MAX_ATTEMPTS: i32 = 8;

const WAITING: &str = "waiting";
const DONE: &str = "done";
const FAILED: &str = "failed";

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: String,
        pub(super) kind: String,
        #[sea_orm(column_type = "Text")]
        pub(super) payload: String,
        pub(super) state: String,
        pub(super) run_at_us: i64,
        pub(super) leased_until_us: Option<i64>,
        pub(super) worker: Option<String>,
        pub(super) attempts: i32,
        #[sea_orm(column_type = "Text", nullable)]
        pub(super) last_error: Option<String>,
        #[sea_orm(unique)]
        pub(super) idempotency_key: String,
        pub(super) created_at_us: i64,
        pub(super) finished_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A job to be enqueued.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Identifier.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// Particulars.
    pub payload: serde_json::Value,
    /// Not before.
    pub run_at: Timestamp,
    /// A second job with the same key is not enqueued, also when the first is done.
    pub idempotency_key: String,
}

/// A job that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Identifier.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// Particulars, as JSON text.
    pub payload: String,
    /// Times it was tried, this one included.
    pub attempts: i32,
}

/// Enqueues a job with the change a transaction makes. Returns whether it is new: a second job with
/// the same key is not enqueued.
///
/// # Errors
/// When it cannot be written.
pub async fn enqueue(
    transaction: &WriteTransaction,
    job: NewJob,
    now: Timestamp,
) -> Result<bool, RecordsError> {
    let row = entity::ActiveModel {
        id: Set(job.id),
        kind: Set(job.kind),
        payload: Set(job.payload.to_string()),
        state: Set(WAITING.to_owned()),
        run_at_us: Set(to_micros(job.run_at)),
        leased_until_us: Set(None),
        worker: Set(None),
        attempts: Set(0),
        last_error: Set(None),
        idempotency_key: Set(job.idempotency_key),
        created_at_us: Set(to_micros(now)),
        finished_at_us: Set(None),
    };
    let inserted = entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::IdempotencyKey).do_nothing().to_owned())
        .exec_without_returning(transaction.connection())
        .await;
    match inserted {
        Ok(rows) => Ok(rows == 1),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes the job that has been due the longest, if any, for a while.
///
/// # Errors
/// When the records cannot be read or written.
pub async fn lease(
    records: &Records,
    actor: &Actor,
    worker: &str,
    now: Timestamp,
    for_how_long: Duration,
) -> Result<Option<Job>, RecordsError> {
    let now_us = to_micros(now);
    let until_us = now_us.saturating_add(micros(for_how_long));
    // Looks before it writes, so that an idle worker never stands in the writers' line. Another
    // worker may take the job in between; then it looks again.
    while let Some(found) = entity::Entity::find()
        .filter(entity::Column::State.eq(WAITING))
        .filter(free(now_us))
        .order_by_asc(entity::Column::RunAtUs)
        .order_by_asc(entity::Column::Id)
        .one(records.read())
        .await?
    {
        let found = Job::from(found);
        if found.attempts >= MAX_ATTEMPTS {
            let silent = entity::Entity::update_many()
                .col_expr(entity::Column::State, Expr::value(FAILED))
                .col_expr(entity::Column::FinishedAtUs, Expr::value(now_us))
                .col_expr(entity::Column::LastError, Expr::value("its workers never came back"));
            update(records, actor, silent.filter(free(now_us)), &found).await?;
            continue;
        }
        let claim = entity::Entity::update_many()
            .col_expr(entity::Column::LeasedUntilUs, Expr::value(until_us))
            .col_expr(entity::Column::Worker, Expr::value(worker))
            .col_expr(entity::Column::Attempts, Expr::col(entity::Column::Attempts).add(1));
        if update(records, actor, claim.filter(free(now_us)), &found).await? {
            return Ok(Some(Job { attempts: found.attempts + 1, ..found }));
        }
    }
    Ok(None)
}

/// Notes that a leased job is done.
///
/// # Errors
/// [`RecordsError::LeaseLost`] when another worker has taken it over; or when the records cannot be
/// written.
pub async fn finish(records: &Records, actor: &Actor, job: &Job, now: Timestamp) -> Result<(), RecordsError> {
    let done = entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(DONE))
        .col_expr(entity::Column::LeasedUntilUs, Expr::value(None::<i64>))
        .col_expr(entity::Column::FinishedAtUs, Expr::value(to_micros(now)));
    settle(records, actor, done, job).await
}

/// Notes that a leased job failed: it waits and is tried again, or is given up.
///
/// # Errors
/// [`RecordsError::LeaseLost`] when another worker has taken it over; or when the records cannot be
/// written.
pub async fn fail(
    records: &Records,
    actor: &Actor,
    job: &Job,
    error: &str,
    now: Timestamp,
) -> Result<(), RecordsError> {
    let now_us = to_micros(now);
    let failed = entity::Entity::update_many()
        .col_expr(entity::Column::LeasedUntilUs, Expr::value(None::<i64>))
        .col_expr(entity::Column::LastError, Expr::value(error));
    let failed = if job.attempts >= MAX_ATTEMPTS {
        failed
            .col_expr(entity::Column::State, Expr::value(FAILED))
            .col_expr(entity::Column::FinishedAtUs, Expr::value(now_us))
    } else {
        let run_at_us = now_us.saturating_add(micros(backoff(job.attempts)));
        failed.col_expr(entity::Column::RunAtUs, Expr::value(run_at_us))
    };
    settle(records, actor, failed, job).await
}

/// Due, and in nobody's hands.
fn free(now_us: i64) -> Condition {
    let unleased = entity::Column::LeasedUntilUs.is_null().or(entity::Column::LeasedUntilUs.lte(now_us));
    Condition::all().add(entity::Column::RunAtUs.lte(now_us)).add(unleased)
}

async fn settle(
    records: &Records,
    actor: &Actor,
    outcome: UpdateMany<entity::Entity>,
    job: &Job,
) -> Result<(), RecordsError> {
    if update(records, actor, outcome.filter(entity::Column::LeasedUntilUs.is_not_null()), job).await? {
        return Ok(());
    }
    Err(RecordsError::LeaseLost { job: job.id.clone() })
}

/// Changes a waiting job unless someone else has leased it since. Returns whether it did.
async fn update(
    records: &Records,
    actor: &Actor,
    change: UpdateMany<entity::Entity>,
    job: &Job,
) -> Result<bool, RecordsError> {
    let transaction = records.begin(actor).await?;
    let changed = change
        .filter(entity::Column::Id.eq(&job.id))
        .filter(entity::Column::State.eq(WAITING))
        .filter(entity::Column::Attempts.eq(job.attempts))
        .exec(transaction.connection())
        .await?;
    transaction.commit().await?;
    Ok(changed.rows_affected == 1)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl From<entity::Model> for Job {
    fn from(row: entity::Model) -> Job {
        Job { id: row.id, kind: row.kind, payload: row.payload, attempts: row.attempts }
    }
}

/// How long a job waits after so many failures: ten seconds, doubled each time, at most an hour.
fn backoff(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or_default().clamp(0, 16);
    Duration::from_secs(10).saturating_mul(1 << doublings).min(Duration::from_secs(3_600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_twice_as_long_up_to_an_hour() {
        let seconds: Vec<u64> = (1..=10).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
    }
}
