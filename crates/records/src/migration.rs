//! The tables of this crate, on both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, string, string_null, string_uniq, text, text_null,
};

/// The migrations of this crate's own tables. A crate with tables of its own appends them in its
/// `MigratorTrait`.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(CreateGround)]
}

/// Brings up this crate's tables alone.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        migrations()
    }
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
