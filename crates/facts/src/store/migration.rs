//! The manifest's tables, on both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, integer_null, string, text};

/// Creates the manifest.
pub(super) struct CreateManifest;

impl MigrationName for CreateManifest {
    fn name(&self) -> &str {
        "facts_0001_manifest"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateManifest {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let snapshot = Table::create()
            .table("snapshot")
            .col(big_integer("number").primary_key())
            .col(big_integer("committed_at_us"))
            .col(text("company"))
            .to_owned();
        manager.create_table(snapshot).await?;
        let fact_file = Table::create()
            .table("fact_file")
            .col(string("path").primary_key())
            .col(string("fact_table"))
            .col(string("kind"))
            .col(string("part"))
            .col(big_integer("row_count"))
            .col(big_integer("first_snapshot"))
            .col(big_integer_null("last_snapshot"))
            .to_owned();
        manager.create_table(fact_file).await?;
        let identity = Table::create()
            .table("identity_map")
            .col(string("entity"))
            .col(string("source_system"))
            .col(string("source_id"))
            .col(string("id"))
            .col(string("salt"))
            .primary_key(Index::create().col("entity").col("source_system").col("source_id"))
            .to_owned();
        manager.create_table(identity).await?;
        let import_batch = Table::create()
            .table("import_batch")
            .col(big_integer("number").primary_key())
            .col(big_integer("snapshot"))
            .col(big_integer("finished_at_us"))
            .col(string("actor"))
            .col(string("source_system"))
            .col(text("mapping"))
            .col(string("mapping_sha256"))
            .col(integer_null("covers_from_day"))
            .col(integer_null("covers_to_day"))
            .col(text("report"))
            .to_owned();
        manager.create_table(import_batch).await
    }
}
