//! Jobs: work to be done later, at least once, enqueued in the transaction that asks for it.
//!
//! A worker leases a due job for a while; if it dies, the lease runs out and another takes over.
//! A failed job waits longer each time and is given up after [`MAX_ATTEMPTS`].

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, Condition, QueryOrder};

use crate::Actor;
use crate::connection::{Records, RecordsError, WriteTransaction};
use crate::instant::to_micros;

/// Failures after which a job is given up.
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
    /// A second job with the same key is not enqueued.
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

/// Enqueues a job with the change a transaction makes.
///
/// # Errors
/// When it cannot be written.
pub async fn enqueue(
    transaction: &WriteTransaction,
    job: NewJob,
    now: Timestamp,
) -> Result<(), RecordsError> {
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
    entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::IdempotencyKey).do_nothing().to_owned())
        .exec_without_returning(transaction.connection())
        .await
        .map(|_| ())
        .or_else(|error| if matches!(error, DbErr::RecordNotInserted) { Ok(()) } else { Err(error.into()) })
}

/// Takes the job that has been due the longest, if any, for a while.
///
/// # Errors
/// When the records cannot be read or written.
pub async fn lease(
    records: &Records,
    _actor: &Actor,
    worker: &str,
    now: Timestamp,
    for_how_long: Duration,
) -> Result<Option<Job>, RecordsError> {
    let now_us = to_micros(now);
    let free = || {
        let unleased = entity::Column::LeasedUntilUs.is_null().or(entity::Column::LeasedUntilUs.lte(now_us));
        Condition::all()
            .add(entity::Column::State.eq(WAITING))
            .add(entity::Column::RunAtUs.lte(now_us))
            .add(unleased)
    };
    let until = now_us.saturating_add(i64::try_from(for_how_long.as_micros()).unwrap_or(i64::MAX));
    // Another worker may take the job between the look and the claim; then look again.
    while let Some(job) = entity::Entity::find()
        .filter(free())
        .order_by_asc(entity::Column::RunAtUs)
        .one(records.read())
        .await?
    {
        let claimed = entity::Entity::update_many()
            .col_expr(entity::Column::LeasedUntilUs, Expr::value(until))
            .col_expr(entity::Column::Worker, Expr::value(worker))
            .col_expr(entity::Column::Attempts, Expr::col(entity::Column::Attempts).add(1))
            .filter(free().add(entity::Column::Id.eq(&job.id)))
            .exec(records.read())
            .await?;
        if claimed.rows_affected == 1 {
            return Ok(Some(Job {
                id: job.id,
                kind: job.kind,
                payload: job.payload,
                attempts: job.attempts + 1,
            }));
        }
    }
    Ok(None)
}

/// Notes that a leased job is done.
///
/// # Errors
/// When the records cannot be written.
pub async fn finish(
    records: &Records,
    _actor: &Actor,
    job: &Job,
    now: Timestamp,
) -> Result<(), RecordsError> {
    entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(DONE))
        .col_expr(entity::Column::FinishedAtUs, Expr::value(to_micros(now)))
        .filter(entity::Column::Id.eq(&job.id))
        .exec(records.read())
        .await?;
    Ok(())
}

/// Notes that a leased job failed: it waits and is tried again, or is given up.
///
/// # Errors
/// When the records cannot be written.
pub async fn fail(
    records: &Records,
    _actor: &Actor,
    job: &Job,
    error: &str,
    now: Timestamp,
) -> Result<(), RecordsError> {
    let given_up = job.attempts >= MAX_ATTEMPTS;
    let wait = i64::try_from(backoff(job.attempts).as_micros()).unwrap_or(i64::MAX);
    entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(if given_up { FAILED } else { WAITING }))
        .col_expr(entity::Column::RunAtUs, Expr::value(to_micros(now).saturating_add(wait)))
        .col_expr(entity::Column::LeasedUntilUs, Expr::value(None::<i64>))
        .col_expr(entity::Column::LastError, Expr::value(error))
        .filter(entity::Column::Id.eq(&job.id))
        .exec(records.read())
        .await?;
    Ok(())
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
