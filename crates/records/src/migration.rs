//! The tables of this crate, and how a database is brought up to date.

use sea_orm::{DatabaseConnection, DbBackend, EntityTrait, Statement};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, string, string_null, string_uniq, text, text_null,
};
use sea_orm_migration::seaql_migrations;

use crate::connection::begin_immediate;
use crate::error::{RecordsError, reason};

/// PostgreSQL's advisory lock under which tables change; any fixed number.
const MIGRATION_LOCK: i64 = 0x6174_7461_696e;

/// The migrations of this crate's own tables. A crate with tables of its own appends them in its
/// `MigratorTrait`.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(CreateGround), Box::new(IndexAudit)]
}

/// Brings up this crate's tables alone.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        migrations()
    }
}

/// Applies the pending migrations of `M`, all or none, one process at a time. Where none is
/// pending nothing is locked.
pub(crate) async fn bring_up_to_date<M: MigratorTrait>(
    connection: &DatabaseConnection,
    place: &str,
) -> Result<(), RecordsError> {
    let failed = |error| RecordsError::Migration { place: place.to_owned(), reason: reason(&error) };
    let before = applied(connection).await.map_err(failed)?;
    if !is_pending::<M>(&before, place)? {
        return Ok(());
    }
    let transaction = begin_immediate(connection).await.map_err(failed)?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = format!("select pg_advisory_xact_lock({MIGRATION_LOCK})");
        let lock = Statement::from_string(DbBackend::Postgres, lock);
        transaction.execute_raw(lock).await.map_err(failed)?;
    }
    // Another process may have been first.
    let now = applied(&transaction).await.map_err(failed)?;
    if is_pending::<M>(&now, place)? {
        M::up(&transaction, None).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

async fn applied<'c>(connection: impl IntoSchemaManagerConnection<'c>) -> Result<Vec<String>, DbErr> {
    let manager = SchemaManager::new(connection);
    if !manager.has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let rows = seaql_migrations::Entity::find().all(manager.get_connection()).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

fn is_pending<M: MigratorTrait>(applied: &[String], place: &str) -> Result<bool, RecordsError> {
    let known: Vec<String> = M::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let unknown: Vec<&str> =
        applied.iter().filter(|name| !known.contains(name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(RecordsError::Newer { place: place.to_owned(), migrations: unknown.join(", ") });
    }
    Ok(known.iter().any(|name| !applied.contains(name)))
}

struct CreateGround;

impl MigrationName for CreateGround {
    fn name(&self) -> &str {
        "records_0001_ground"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateGround {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let audit_entry = Table::create()
            .table("audit_entry")
            .col(big_integer("sequence").primary_key())
            .col(big_integer("at_us"))
            .col(string("actor"))
            .col(string("action"))
            .col(string("subject"))
            .col(text("detail"))
            .col(string("previous_hash"))
            .col(string("hash"))
            .to_owned();
        manager.create_table(audit_entry).await?;
        let job = Table::create()
            .table("job")
            .col(string("id").primary_key())
            .col(string("kind"))
            .col(text("payload"))
            .col(string("state"))
            .col(big_integer("run_at_us"))
            .col(big_integer_null("leased_until_us"))
            .col(string_null("worker"))
            .col(integer("attempts"))
            .col(text_null("last_error"))
            .col(string_uniq("idempotency_key"))
            .col(big_integer("created_at_us"))
            .col(big_integer_null("finished_at_us"))
            .to_owned();
        manager.create_table(job).await?;
        let due = Index::create().name("job_due").table("job").col("state").col("run_at_us").to_owned();
        manager.create_index(due).await
    }
}

/// Makes the entries about one subject quick to find.
struct IndexAudit;

impl MigrationName for IndexAudit {
    fn name(&self) -> &str {
        "records_0002_audit_by_subject"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for IndexAudit {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let about = Index::create()
            .name("audit_about")
            .table("audit_entry")
            .col("subject")
            .col("sequence")
            .to_owned();
        manager.create_index(about).await
    }
}
