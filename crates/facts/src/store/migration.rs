//! The manifest's tables, on both databases.

use std::collections::BTreeMap;
use std::path::Path;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer_null, string, string_null, text, text_null,
};
use sea_orm_migration::sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::canonical;
use crate::import::ImportReport;
use crate::mapping::{Mapping, Supply};

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

/// Notes what each import brought, table by table: until now it was one range of days, meant for
/// deals. What earlier imports supplied stands in their mappings.
pub(super) struct DeliveredTables;

impl MigrationName for DeliveredTables {
    fn name(&self) -> &str {
        "facts_0002_delivered_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for DeliveredTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let delivered = Table::create()
            .table("delivered_table")
            .col(big_integer("import"))
            .col(string("fact_table"))
            .col(integer_null("covers_from_day"))
            .col(integer_null("covers_to_day"))
            .col(text("column_names"))
            .col(text("attribute_types"))
            .primary_key(Index::create().col("import").col("fact_table"))
            .to_owned();
        manager.create_table(delivered).await?;
        for import in earlier_imports(manager).await? {
            for (table, supply) in import.supplied()? {
                manager.execute(import.insertion(table, &supply)?).await?;
            }
        }
        for column in ["covers_from_day", "covers_to_day"] {
            let without = Table::alter().table("import_batch").drop_column(column).to_owned();
            manager.alter_table(without).await?;
        }
        Ok(())
    }
}

/// Lets an import say that it undoes another one, and why. An import is undone once.
pub(super) struct Undos;

impl MigrationName for Undos {
    fn name(&self) -> &str {
        "facts_0003_undos"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Undos {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [big_integer_null("undoes"), text_null("reason")] {
            let with = Table::alter().table("import_batch").add_column(column).to_owned();
            manager.alter_table(with).await?;
        }
        let once =
            Index::create().name("undone_once").table("import_batch").col("undoes").unique().to_owned();
        manager.create_index(once).await
    }
}

/// Keeps which identities are one and the same, by the import number under which that was said.
pub(super) struct Merges;

impl MigrationName for Merges {
    fn name(&self) -> &str {
        "facts_0004_merges"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Merges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let merge = Table::create()
            .table("identity_merge")
            .col(big_integer("import").primary_key())
            .col(string("entity"))
            .col(string("id"))
            .col(string_null("into_id"))
            .to_owned();
        manager.create_table(merge).await
    }
}

/// Keeps whose credit was restated, by the import number under which that was done. A restatement is
/// taken back once.
pub(super) struct Restatements;

impl MigrationName for Restatements {
    fn name(&self) -> &str {
        "facts_0005_restatements"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Restatements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let restatement = Table::create()
            .table("credit_restatement")
            .col(big_integer("import").primary_key())
            .col(big_integer_null("takes_back").unique_key())
            .to_owned();
        manager.create_table(restatement).await?;
        let deal = Table::create()
            .table("restated_credit")
            .col(big_integer("import"))
            .col(string("opportunity_id"))
            .col(string("source_system"))
            .col(string("source_id"))
            .col(string_null("from_employee_id"))
            .col(string("to_employee_id"))
            .primary_key(Index::create().col("import").col("opportunity_id"))
            .to_owned();
        manager.create_table(deal).await
    }
}

/// An import as the first version of the manifest kept it.
struct EarlierImport {
    number: i64,
    mapping: String,
    report: String,
    covers: [Option<i32>; 2],
}

async fn earlier_imports(manager: &SchemaManager<'_>) -> Result<Vec<EarlierImport>, DbErr> {
    let connection = manager.get_connection();
    let all = "select number, mapping, report, covers_from_day, covers_to_day from import_batch";
    let statement = Statement::from_string(connection.get_database_backend(), all);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(EarlierImport::from_row).collect()
}

impl EarlierImport {
    fn from_row(row: &QueryResult) -> Result<EarlierImport, DbErr> {
        Ok(EarlierImport {
            number: row.try_get("", "number")?,
            mapping: row.try_get("", "mapping")?,
            report: row.try_get("", "report")?,
            covers: [row.try_get("", "covers_from_day")?, row.try_get("", "covers_to_day")?],
        })
    }

    fn supplied(&self) -> Result<BTreeMap<canonical::Table, Supply>, DbErr> {
        let unreadable = |cause: &dyn std::fmt::Display| {
            DbErr::Custom(format!("what import {} delivered cannot be read: {cause}", self.number))
        };
        let place = Path::new("its mapping");
        let mapping = Mapping::parse(place, self.mapping.clone()).map_err(|error| unreadable(&error))?;
        let report: ImportReport = serde_json::from_str(&self.report).map_err(|error| unreadable(&error))?;
        let names: Vec<&str> = report.files.iter().map(|file| file.name.as_str()).collect();
        Ok(mapping.supplied_by(&names))
    }

    fn insertion(&self, table: canonical::Table, supply: &Supply) -> Result<InsertStatement, DbErr> {
        let json = |written: Result<String, serde_json::Error>| {
            written.map_err(|error| DbErr::Custom(error.to_string()))
        };
        let [from, to] = if table == canonical::Table::Opportunity { self.covers } else { [None, None] };
        let columns =
            ["import", "fact_table", "covers_from_day", "covers_to_day", "column_names", "attribute_types"];
        Query::insert()
            .into_table("delivered_table")
            .columns(columns)
            .values([
                self.number.into(),
                table.name().into(),
                from.into(),
                to.into(),
                json(serde_json::to_string(&supply.columns))?.into(),
                json(serde_json::to_string(&supply.attributes))?.into(),
            ])
            .map(|statement| statement.to_owned())
            .map_err(|error| DbErr::Custom(error.to_string()))
    }
}
