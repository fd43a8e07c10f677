//! The tables of the program's own features, after those of the crates below.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, string, string_null, string_uniq, text, text_null,
};

/// The migrations of records, facts and program together.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = attain_facts::store::Migrator::migrations();
        migrations.push(Box::new(CreateReceipts));
        migrations.push(Box::new(CreateDefinitions));
        migrations.push(Box::new(CreateMappings));
        migrations.push(Box::new(CreatePeople));
        migrations.push(Box::new(CreateIdentities));
        migrations.push(Box::new(CreateDelegations));
        migrations.push(Box::new(CreateGoals));
        migrations.push(Box::new(CreateTrendLimits));
        migrations.push(Box::new(CreateCircumstances));
        migrations.push(Box::new(CreateTemplatesAndReliefs));
        migrations.push(Box::new(CreateIntegrityQuestions));
        migrations.push(Box::new(CreateRoleCards));
        migrations.push(Box::new(CreateIntegrityLooks));
        migrations
    }
}

/// Creates the tables of signed numbers and the rows they rest on.
struct CreateReceipts;

impl MigrationName for CreateReceipts {
    fn name(&self) -> &str {
        "receipts_0001_receipts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateReceipts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let receipt = Table::create()
            .table("receipt")
            .col(big_integer("number").primary_key())
            .col(string_uniq("sha256"))
            .col(big_integer("signed_at_us"))
            .col(string("actor"))
            .col(string("fingerprint"))
            .col(string("metric"))
            .col(string("level"))
            .col(string_null("subject_id"))
            .col(string("period"))
            .col(text("content"))
            .to_owned();
        manager.create_table(receipt).await?;
        let of_number =
            Index::create().name("receipt_of_number").table("receipt").col("metric").col("period").to_owned();
        manager.create_index(of_number).await?;
        let row = Table::create()
            .table("receipt_row")
            .col(big_integer("receipt"))
            .col(big_integer("position"))
            .col(string("fact_table"))
            .col(string("source_system"))
            .col(string("source_id"))
            .col(string("row_hash"))
            .col(big_integer("recorded_snapshot"))
            .col(text_null("amount"))
            .col(boolean("numerator"))
            .col(boolean("denominator"))
            .primary_key(Index::create().col("receipt").col("position"))
            .to_owned();
        manager.create_table(row).await
    }
}

/// Creates the tables of the company's own definitions and of the versions they count.
struct CreateDefinitions;

impl MigrationName for CreateDefinitions {
    fn name(&self) -> &str {
        "definitions_0001_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateDefinitions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = Table::create()
            .table("definition_change")
            .col(big_integer("number").primary_key())
            .col(big_integer("recorded_at_us"))
            .col(string("actor"))
            .col(string("in_force_from"))
            .col(text("reason"))
            .col(boolean("restates"))
            .col(text("content"))
            .to_owned();
        manager.create_table(change).await?;
        let version = Table::create()
            .table("definition_version")
            .col(string("metric"))
            .col(string("meaning"))
            .col(big_integer("version"))
            .col(big_integer("change"))
            .primary_key(Index::create().col("metric").col("meaning"))
            .to_owned();
        manager.create_table(version).await
    }
}

/// Creates the table of saved mappings.
struct CreateMappings;

impl MigrationName for CreateMappings {
    fn name(&self) -> &str {
        "data_0001_mappings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateMappings {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = Table::create()
            .table("mapping_version")
            .col(string("source"))
            .col(big_integer("version"))
            .col(big_integer("saved_at_us"))
            .col(string("actor"))
            .col(string("sha256"))
            .col(text("content"))
            .primary_key(Index::create().col("source").col("version"))
            .to_owned();
        manager.create_table(version).await
    }
}

/// Creates the tables of accounts, sessions and links.
struct CreatePeople;

impl MigrationName for CreatePeople {
    fn name(&self) -> &str {
        "people_0001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreatePeople {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let account = Table::create()
            .table("account")
            .col(big_integer("number").primary_key())
            .col(string_uniq("email"))
            .col(string("name"))
            .col(string_null("person"))
            .col(text_null("password"))
            .col(text_null("second_factor"))
            .col(big_integer_null("second_factor_step"))
            .col(boolean("is_open"))
            .col(big_integer("created_at_us"))
            .to_owned();
        manager.create_table(account).await?;
        let role = Table::create()
            .table("account_role")
            .col(big_integer("number").primary_key())
            .col(big_integer("account"))
            .col(string("role"))
            .col(text_null("population"))
            .col(big_integer("given_at_us"))
            .col(string("given_by"))
            .col(big_integer_null("ended_at_us"))
            .to_owned();
        manager.create_table(role).await?;
        let session = Table::create()
            .table("session")
            .col(string("hash").primary_key())
            .col(big_integer("account"))
            .col(big_integer("begun_at_us"))
            .col(big_integer("seen_at_us"))
            .col(big_integer("ends_at_us"))
            .col(string("address"))
            .col(text("browser"))
            .to_owned();
        manager.create_table(session).await?;
        let of_account =
            Index::create().name("session_of_account").table("session").col("account").to_owned();
        manager.create_index(of_account).await?;
        let ticket = Table::create()
            .table("ticket")
            .col(string("hash").primary_key())
            .col(string("purpose"))
            .col(big_integer_null("account"))
            .col(big_integer("ends_at_us"))
            .col(big_integer_null("used_at_us"))
            .to_owned();
        manager.create_table(ticket).await?;
        let token = Table::create()
            .table("api_token")
            .col(big_integer("number").primary_key())
            .col(string_uniq("hash"))
            .col(big_integer("account"))
            .col(string("label"))
            .col(boolean("writes"))
            .col(big_integer("made_at_us"))
            .col(big_integer("ends_at_us"))
            .col(big_integer_null("used_at_us"))
            .to_owned();
        manager.create_table(token).await?;
        let attempts = Table::create()
            .table("sign_in_attempts")
            .col(string("about").primary_key())
            .col(integer("failed"))
            .col(big_integer("last_at_us"))
            .to_owned();
        manager.create_table(attempts).await?;
        let recovery = Table::create()
            .table("recovery_code")
            .col(string("hash").primary_key())
            .col(big_integer("account"))
            .to_owned();
        manager.create_table(recovery).await
    }
}

/// Creates the tables of who somebody is at the company's identity provider.
struct CreateIdentities;

impl MigrationName for CreateIdentities {
    fn name(&self) -> &str {
        "people_0002_identities"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateIdentities {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let identity = Table::create()
            .table("account_identity")
            .col(string("issuer"))
            .col(string("subject"))
            .col(big_integer("account"))
            .col(big_integer("linked_at_us"))
            .primary_key(Index::create().col("issuer").col("subject"))
            .to_owned();
        manager.create_table(identity).await?;
        let attempt = Table::create()
            .table("provider_attempt")
            .col(string("hash").primary_key())
            .col(string("state"))
            .col(string("nonce"))
            .col(string("verifier"))
            .col(text_null("next"))
            .col(big_integer("ends_at_us"))
            .to_owned();
        manager.create_table(attempt).await
    }
}

/// Creates the table of who stands in for whom, and lets a session be looked at as somebody else's.
struct CreateDelegations;

impl MigrationName for CreateDelegations {
    fn name(&self) -> &str {
        "people_0003_delegations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateDelegations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let delegation = Table::create()
            .table("delegation")
            .col(big_integer("number").primary_key())
            .col(string("absent"))
            .col(string("deputy"))
            .col(string("from_day"))
            .col(string("to_day"))
            .col(string("given_by"))
            .col(big_integer_null("ended_at_us"))
            .to_owned();
        manager.create_table(delegation).await?;
        let of_deputy =
            Index::create().name("delegation_of_deputy").table("delegation").col("deputy").to_owned();
        manager.create_index(of_deputy).await?;
        let viewing = Table::alter().table("session").add_column(big_integer_null("viewing_as")).to_owned();
        manager.alter_table(viewing).await
    }
}

/// Creates the table of goals.
struct CreateGoals;

impl MigrationName for CreateGoals {
    fn name(&self) -> &str {
        "goals_0001_versions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateGoals {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = Table::create()
            .table("goal_version")
            .col(big_integer("number").primary_key())
            .col(big_integer("goal"))
            .col(string("level"))
            .col(string("subject_id"))
            .col(string("metric"))
            .col(string("period"))
            .col(string("value"))
            .col(string("from_day"))
            .col(text("reason"))
            .col(string("proposed_by"))
            .col(string("proposed_on"))
            .col(string_null("subject_agreed_on"))
            .col(string_null("leader_agreed_on"))
            .col(string_null("outcome"))
            .col(text_null("outcome_reason"))
            .to_owned();
        manager.create_table(version).await?;
        let of_subject = Index::create()
            .name("goal_of_subject")
            .table("goal_version")
            .col("level")
            .col("subject_id")
            .col("period")
            .to_owned();
        manager.create_index(of_subject).await?;
        let of_goal = Index::create().name("version_of_goal").table("goal_version").col("goal").to_owned();
        manager.create_index(of_goal).await
    }
}

/// Creates the table of limits that were drawn anew.
struct CreateTrendLimits;

impl MigrationName for CreateTrendLimits {
    fn name(&self) -> &str {
        "trend_0001_limits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateTrendLimits {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let limits = Table::create()
            .table("trend_limits")
            .col(big_integer("number").primary_key())
            .col(string("level"))
            .col(string("subject_id"))
            .col(string("metric"))
            .col(string("grain"))
            .col(string("from_day"))
            .col(text("reason"))
            .col(string("actor"))
            .col(big_integer("at_us"))
            .to_owned();
        manager.create_table(limits).await
    }
}

/// Creates the table of which circumstances count.
struct CreateCircumstances;

impl MigrationName for CreateCircumstances {
    fn name(&self) -> &str {
        "circumstances_0001_policy"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateCircumstances {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let policy = Table::create()
            .table("circumstance_policy")
            .col(big_integer("number").primary_key())
            .col(string("dimensions"))
            .col(text("reason"))
            .col(string("actor"))
            .col(big_integer("at_us"))
            .to_owned();
        manager.create_table(policy).await
    }
}

/// Creates the tables of goals for many at once, and of reliefs.
struct CreateTemplatesAndReliefs;

impl MigrationName for CreateTemplatesAndReliefs {
    fn name(&self) -> &str {
        "goals_0002_templates_and_reliefs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateTemplatesAndReliefs {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let template = Table::create()
            .table("goal_template")
            .col(big_integer("number").primary_key())
            .col(string("proposed_by"))
            .col(string("proposed_on"))
            .col(string("level"))
            .col(string("subject_id"))
            .col(boolean("by_leader"))
            .col(string("role"))
            .col(string("metric"))
            .col(string("period"))
            .col(string("sharing"))
            .col(text("reason"))
            .col(string_null("plan"))
            .col(text("left_out"))
            .col(string_null("undone_by"))
            .col(string_null("undone_on"))
            .to_owned();
        manager.create_table(template).await?;
        let of_template =
            Table::alter().table("goal_version").add_column(big_integer_null("template")).to_owned();
        manager.alter_table(of_template).await?;
        let of_period = Index::create()
            .name("goal_of_period")
            .table("goal_version")
            .col("metric")
            .col("period")
            .to_owned();
        manager.create_index(of_period).await?;
        let relief = Table::create()
            .table("goal_relief")
            .col(big_integer("number").primary_key())
            .col(big_integer("goal"))
            .col(string("from_day"))
            .col(string("to_day"))
            .col(string("share"))
            .col(text("reason"))
            .col(string("asked_by"))
            .col(string_null("asker"))
            .col(string("asked_on"))
            .col(string_null("outcome"))
            .col(string_null("decided_by"))
            .col(string_null("decided_on"))
            .col(text_null("outcome_reason"))
            .to_owned();
        manager.create_table(relief).await?;
        let of_goal = Index::create().name("relief_of_goal").table("goal_relief").col("goal").to_owned();
        manager.create_index(of_goal).await
    }
}

/// Creates the tables of questions about patterns in somebody's rows.
struct CreateIntegrityQuestions;

impl MigrationName for CreateIntegrityQuestions {
    fn name(&self) -> &str {
        "integrity_0001_questions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateIntegrityQuestions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let question = Table::create()
            .table("integrity_question")
            .col(big_integer("number").primary_key())
            .col(string("person"))
            .col(string("pattern"))
            .col(text("sentence"))
            .col(string("asked_on"))
            .col(big_integer("snapshot"))
            .col(big_integer("rows"))
            .col(text_null("answer"))
            .col(string_null("answered_on"))
            .col(string_null("withdrawn_on"))
            .to_owned();
        manager.create_table(question).await?;
        let of_person =
            Index::create().name("question_of_person").table("integrity_question").col("person").to_owned();
        manager.create_index(of_person).await?;
        let row = Table::create()
            .table("integrity_question_row")
            .col(big_integer("question"))
            .col(big_integer("place"))
            .col(string("source_system"))
            .col(string("source_id"))
            .col(text_null("name"))
            .col(string("happened_on"))
            .col(text("what"))
            .primary_key(Index::create().col("question").col("place"))
            .to_owned();
        manager.create_table(row).await
    }
}

/// Creates the table of the cards of roles.
struct CreateRoleCards;

impl MigrationName for CreateRoleCards {
    fn name(&self) -> &str {
        "role_cards_0001_versions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateRoleCards {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = Table::create()
            .table("role_card_version")
            .col(big_integer("number").primary_key())
            .col(string("role"))
            .col(string("from_day"))
            .col(string("when_missing"))
            .col(text("components"))
            .col(text("reason"))
            .col(string("actor"))
            .col(big_integer("at_us"))
            .to_owned();
        manager.create_table(version).await
    }
}

/// Creates the table of what somebody's rows were looked through for.
struct CreateIntegrityLooks;

impl MigrationName for CreateIntegrityLooks {
    fn name(&self) -> &str {
        "integrity_0002_looks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateIntegrityLooks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let look = Table::create()
            .table("integrity_look")
            .col(string("pattern"))
            .col(string("person"))
            .col(string("from_day"))
            .col(big_integer_null("question"))
            .primary_key(Index::create().col("pattern").col("person").col("from_day"))
            .to_owned();
        manager.create_table(look).await
    }
}
