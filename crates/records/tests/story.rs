//! The ground's promises, as one story told on both databases.

use std::time::Duration;

use attain_records::audit::{Flaw, Verdict};
use attain_records::{Actor, Migrator, Records, RecordsError, audit, jobs, sqlite_url};
use attain_testing::Postgres;
use jiff::Timestamp;
use sea_orm::ConnectionTrait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use serde_json::json;

#[tokio::test]
async fn the_ground_holds_on_sqlite() {
    let folder = tempfile::tempdir().expect("temporary folder");
    story(&sqlite_url(&folder.path().join("records of 100%?.db"))).await;
}

#[tokio::test]
async fn the_ground_holds_on_postgresql() {
    let Some(postgres) = Postgres::shared() else { return };
    story(&postgres.create_database()).await;
}

#[tokio::test]
async fn what_cannot_be_opened_says_where_and_no_password() {
    let refused = |url: &'static str| async move {
        Records::open::<Migrator>(url).await.expect_err("nothing is there").to_string()
    };
    let file = refused("sqlite:///no/such/folder/attain.db?mode=rwc").await;
    assert!(file.contains("/no/such/folder/attain.db"), "{file}");
    let server = refused("postgres://attain:s3cret@127.0.0.1:1/attain").await;
    assert!(
        server.contains("could not reach PostgreSQL at 127.0.0.1:1") && !server.contains("s3cret"),
        "{server}"
    );
}

#[tokio::test]
async fn sqlite_is_written_through_a_transaction_only() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let records = Records::open::<Migrator>(&sqlite_url(&folder.path().join("a.db"))).await.expect("opens");
    let refused = records.read().execute_unprepared("delete from job").await.expect_err("only read");
    assert!(refused.to_string().contains("readonly"), "{refused}");
}

async fn story(url: &str) {
    let records = open_by_several_at_once(url).await;
    let again = Records::open::<Migrator>(url).await.expect("and opens again");
    entry_and_change_are_one(&records).await;
    pages_do_not_wait_for_a_writer(&records).await;
    many_writers_lose_nothing(&records, &again).await;
    jobs_are_done_once(&records).await;
    a_late_worker_changes_nothing(&records).await;
    hopeless_jobs_are_given_up(&records).await;
    many_workers_share_the_jobs(&records, &again).await;
    tampering_shows(&records, url).await;
    newer_data_is_refused(url).await;
}

async fn open_by_several_at_once(url: &str) -> Records {
    let open = || Records::open::<Migrator>(url);
    let (first, second, third) = tokio::join!(open(), open(), open());
    second.and(third).and(first).expect("a new database opens")
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

async fn pages_do_not_wait_for_a_writer(records: &Records) {
    let writing = records.begin(&Actor::local_owner()).await.expect("begun");
    audit::append(&writing, noon(), "story.append", "under way", &json!({})).await.expect("appended");
    assert_eq!(entries(records).await, 1, "and do not see what is not committed");
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

async fn enqueue(records: &Records, job: jobs::NewJob) -> bool {
    let transaction = records.begin(&Actor::local_owner()).await.expect("begun");
    let is_new = jobs::enqueue(&transaction, job, noon()).await.expect("enqueued");
    transaction.commit().await.expect("committed");
    is_new
}

async fn lease(records: &Records, worker: &str, now: Timestamp) -> Option<jobs::Job> {
    jobs::lease(records, &Actor::local_owner(), worker, now, Duration::from_secs(60)).await.expect("leased")
}

fn seconds(seconds: i64) -> Timestamp {
    noon().checked_add(jiff::SignedDuration::from_secs(seconds)).expect("instant")
}

async fn fail(records: &Records, job: &jobs::Job, now: Timestamp) -> Result<(), RecordsError> {
    jobs::fail(records, &Actor::local_owner(), job, "the disk was full", now).await
}

async fn finish(records: &Records, job: &jobs::Job, now: Timestamp) -> Result<(), RecordsError> {
    jobs::finish(records, &Actor::local_owner(), job, now).await
}

async fn jobs_are_done_once(records: &Records) {
    let dropped = records.begin(&Actor::local_owner()).await.expect("begun");
    jobs::enqueue(&dropped, job("never", "never"), noon()).await.expect("enqueued");
    drop(dropped);
    assert_eq!(lease(records, "one", noon()).await, None, "a job of a dropped change does not exist");

    assert!(enqueue(records, job("a", "key")).await);
    assert!(!enqueue(records, job("b", "key")).await, "a second job of the same key is none");
    assert_eq!(lease(records, "one", seconds(-1)).await, None, "not before its time");
    let (one, other) = tokio::join!(lease(records, "one", noon()), lease(records, "other", noon()));
    let held = one.xor(other).expect("exactly one worker holds it");
    assert_eq!((held.id.as_str(), held.attempts), ("a", 1));
    assert_eq!(lease(records, "other", seconds(59)).await, None, "held until the lease ends");
    let taken_over = lease(records, "other", seconds(60)).await.expect("then another takes over");
    assert_eq!(taken_over.attempts, 2);

    fail(records, &taken_over, seconds(60)).await.expect("noted");
    assert_eq!(lease(records, "one", seconds(79)).await, None, "waits after a failure");
    let retried = lease(records, "one", seconds(80)).await.expect("and is tried again");
    finish(records, &retried, seconds(81)).await.expect("noted");
    assert_eq!(lease(records, "one", seconds(9_999)).await, None, "done once");
}

async fn a_late_worker_changes_nothing(records: &Records) {
    enqueue(records, job("late", "late")).await;
    let late = lease(records, "late", noon()).await.expect("leased");
    let held = lease(records, "quick", seconds(60)).await.expect("taken over");
    for outcome in [fail(records, &late, seconds(61)).await, finish(records, &late, seconds(61)).await] {
        assert!(matches!(outcome, Err(RecordsError::LeaseLost { .. })), "{outcome:?}");
    }
    assert_eq!(lease(records, "third", seconds(61)).await, None, "still held by the quick one");
    finish(records, &held, seconds(62)).await.expect("noted");
    let twice = fail(records, &held, seconds(62)).await;
    assert!(matches!(twice, Err(RecordsError::LeaseLost { .. })), "an outcome is noted once");
}

/// One job always fails; the workers of the other die without a word.
async fn hopeless_jobs_are_given_up(records: &Records) {
    for name in ["failing", "deadly"] {
        enqueue(records, job(name, name)).await;
        let mut now = noon();
        let mut tries = 0;
        while let Some(job) = lease(records, "one", now).await {
            tries += 1;
            if name == "failing" {
                fail(records, &job, now).await.expect("noted");
            }
            now = now.checked_add(jiff::SignedDuration::from_hours(2)).expect("instant");
        }
        assert_eq!(tries, jobs::MAX_ATTEMPTS, "{name}");
    }
}

/// Four workers on two handles empty a queue of forty: each job is done by exactly one.
async fn many_workers_share_the_jobs(records: &Records, again: &Records) {
    for number in 0..40 {
        let name = format!("shared {number}");
        enqueue(records, job(&name, &name)).await;
    }
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let records = if worker % 2 == 0 { records.clone() } else { again.clone() };
            tokio::spawn(async move {
                let mut done = Vec::new();
                while let Some(job) = lease(&records, &format!("worker {worker}"), noon()).await {
                    finish(&records, &job, noon()).await.expect("noted");
                    done.push(job.id);
                }
                done
            })
        })
        .collect();
    let mut done = Vec::new();
    for worker in workers {
        done.extend(worker.await.expect("no worker fails"));
    }
    done.sort();
    done.dedup();
    assert_eq!(done.len(), 40);
}

/// Someone with the database's own tools changes the log; the newest tampering lies earliest.
async fn tampering_shows(records: &Records, url: &str) {
    let tools = sea_orm::Database::connect(url).await.expect("connected");
    let found = async |sql: &str| {
        tools.execute_unprepared(sql).await.expect(sql);
        verdict(records).await
    };
    let of = |sequence, flaw| Verdict::Broken { sequence, flaw };
    let rewritten = "update audit_entry set previous_hash = 'x' where sequence = 150";
    assert_eq!(found(rewritten).await, of(150, Flaw::Altered));
    let altered = "update audit_entry set subject = 'another' where sequence = 107";
    assert_eq!(found(altered).await, of(107, Flaw::Altered));
    assert_eq!(found("delete from audit_entry where sequence = 5").await, of(5, Flaw::Missing));
    assert_eq!(found("delete from audit_entry where sequence = 1").await, of(1, Flaw::Missing));
    let added = "insert into audit_entry select -7, at_us, actor, action, subject, detail, previous_hash, hash \
                 from audit_entry where sequence = 2";
    assert_eq!(found(added).await, of(-7, Flaw::Added));
    let emptied = found("delete from audit_entry").await;
    assert!(matches!(emptied, Verdict::Intact { entries: 0, .. }), "only a hash noted outside shows this");
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
