//! The ground's promises, as one story told on both databases.

use std::time::Duration;

use attain_records::audit::Verdict;
use attain_records::{Actor, Migrator, Records, RecordsError, audit, jobs};
use attain_testing::Postgres;
use jiff::Timestamp;
use sea_orm::ConnectionTrait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use serde_json::json;

#[tokio::test]
async fn the_ground_holds_on_sqlite() {
    let folder = tempfile::tempdir().expect("temporary folder");
    story(&format!("sqlite://{}?mode=rwc", folder.path().join("records.db").display())).await;
}

#[tokio::test]
async fn the_ground_holds_on_postgresql() {
    let Some(postgres) = Postgres::shared() else { return };
    story(&postgres.create_database()).await;
}

async fn story(url: &str) {
    let records = Records::open::<Migrator>(url).await.expect("a new database opens");
    let again = Records::open::<Migrator>(url).await.expect("and opens again");
    entry_and_change_are_one(&records).await;
    many_writers_lose_nothing(&records, &again).await;
    jobs_are_done_once(&records).await;
    tampering_shows(&records).await;
    newer_data_is_refused(url).await;
}

fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("instant")
}

async fn append(records: &Records, subject: &str) -> Result<(), RecordsError> {
    let transaction = records.begin(&Actor::local_owner()).await?;
    audit::append(&transaction, noon(), "story.append", subject, &json!({ "of": subject })).await?;
    transaction.commit().await
}

async fn verdict(records: &Records) -> Verdict {
    audit::verify(records, &Actor::local_owner()).await.expect("the log reads")
}

async fn entries(records: &Records) -> u64 {
    match verdict(records).await {
        Verdict::Intact { entries, .. } => entries,
        broken @ Verdict::Broken { .. } => panic!("{broken:?}"),
    }
}

async fn entry_and_change_are_one(records: &Records) {
    assert_eq!(entries(records).await, 0);
    append(records, "first").await.expect("appended");
    let dropped = records.begin(&Actor::local_owner()).await.expect("begun");
    audit::append(&dropped, noon(), "story.append", "never", &json!({})).await.expect("appended");
    drop(dropped);
    assert_eq!(entries(records).await, 1, "what is not committed never happened");
    let newest = audit::entries(records, &Actor::local_owner(), None, 10).await.expect("entries");
    assert_eq!(
        (newest[0].actor.as_str(), newest[0].subject.as_str(), newest[0].at),
        ("local owner", "first", noon())
    );
}

/// Four writers on two handles append fifty entries each: none fails, none is lost.
async fn many_writers_lose_nothing(records: &Records, again: &Records) {
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let records = if writer % 2 == 0 { records.clone() } else { again.clone() };
            tokio::spawn(async move {
                for turn in 0..50 {
                    append(&records, &format!("writer {writer}, turn {turn}")).await.expect("appended");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("no writer fails");
    }
    assert_eq!(entries(records).await, 201);
}

fn job(id: &str, key: &str) -> jobs::NewJob {
    jobs::NewJob {
        id: id.into(),
        kind: "story".into(),
        payload: json!({}),
        run_at: noon(),
        idempotency_key: key.into(),
    }
}

async fn enqueue(records: &Records, job: jobs::NewJob) {
    let transaction = records.begin(&Actor::local_owner()).await.expect("begun");
    jobs::enqueue(&transaction, job, noon()).await.expect("enqueued");
    transaction.commit().await.expect("committed");
}

async fn lease(records: &Records, worker: &str, now: Timestamp) -> Option<jobs::Job> {
    jobs::lease(records, &Actor::local_owner(), worker, now, Duration::from_secs(60)).await.expect("leased")
}

async fn jobs_are_done_once(records: &Records) {
    let owner = Actor::local_owner();
    let seconds =
        |seconds: i64| noon().checked_add(jiff::SignedDuration::from_secs(seconds)).expect("instant");
    let dropped = records.begin(&owner).await.expect("begun");
    jobs::enqueue(&dropped, job("never", "never"), noon()).await.expect("enqueued");
    drop(dropped);
    assert_eq!(lease(records, "one", noon()).await, None, "a job of a dropped change does not exist");

    enqueue(records, job("a", "key")).await;
    enqueue(records, job("b", "key")).await;
    assert_eq!(lease(records, "one", seconds(-1)).await, None, "not before its time");
    let (one, other) = tokio::join!(lease(records, "one", noon()), lease(records, "other", noon()));
    let held =
        one.xor(other).expect("exactly one worker holds it, and the second of the key was not enqueued");
    assert_eq!((held.id.as_str(), held.attempts), ("a", 1));
    assert_eq!(lease(records, "other", seconds(59)).await, None, "held until the lease ends");
    let taken_over = lease(records, "other", seconds(61)).await.expect("then another takes over");
    assert_eq!(taken_over.attempts, 2);

    jobs::fail(records, &owner, &taken_over, "the disk was full", seconds(61)).await.expect("noted");
    assert_eq!(lease(records, "one", seconds(70)).await, None, "waits after a failure");
    let retried = lease(records, "one", seconds(90)).await.expect("and is tried again");
    jobs::finish(records, &owner, &retried, seconds(91)).await.expect("noted");
    assert_eq!(lease(records, "one", seconds(9_999)).await, None, "done once");

    enqueue(records, job("c", "hopeless")).await;
    let mut now = seconds(10_000);
    let mut tries = 0;
    while let Some(job) = lease(records, "one", now).await {
        tries += 1;
        jobs::fail(records, &owner, &job, "hopeless", now).await.expect("noted");
        now = now.checked_add(jiff::SignedDuration::from_hours(2)).expect("instant");
    }
    assert_eq!(tries, jobs::MAX_ATTEMPTS, "given up after so many failures");
}

async fn execute(records: &Records, sql: &str) {
    records.read().execute_unprepared(sql).await.expect(sql);
}

async fn tampering_shows(records: &Records) {
    execute(records, "update audit_entry set subject = 'another' where sequence = 7").await;
    assert_eq!(verdict(records).await, Verdict::Broken { sequence: 7, how: "the entry was altered" });
    execute(records, "delete from audit_entry where sequence = 5").await;
    assert_eq!(verdict(records).await, Verdict::Broken { sequence: 5, how: "the entry is missing" });
}

struct NewerMigrator;

struct Newer;

impl sea_orm_migration::MigrationName for Newer {
    fn name(&self) -> &str {
        "records_9999_newer"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Newer {
    async fn up(&self, _manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm::DbErr> {
        Ok(())
    }
}

impl MigratorTrait for NewerMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = attain_records::migrations();
        migrations.push(Box::new(Newer));
        migrations
    }
}

async fn newer_data_is_refused(url: &str) {
    Records::open::<NewerMigrator>(url).await.expect("a newer version opens it");
    let refused = Records::open::<Migrator>(url).await.expect_err("this one does not any more");
    assert!(refused.to_string().contains("newer version"), "{refused}");
}
