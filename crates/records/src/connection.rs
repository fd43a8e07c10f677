//! The connection: one database, opened once, read freely and written through immediate
//! transactions.

use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::actor::Actor;

/// How long a writer waits for another before giving up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the records could not be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The database could not be opened.
    #[error("could not open the records at {place}: {cause}")]
    Open {
        /// The file, or host and database, never a password.
        place: String,
        /// What the database said.
        cause: DbErr,
    },
    /// The database was written by a newer version.
    #[error(
        "the records at {place} were written by a newer version of Attain ({migrations}); nothing was changed. Use that version, or restore a backup made by this one"
    )]
    Newer {
        /// The file, or host and database.
        place: String,
        /// The migrations this version does not know.
        migrations: String,
    },
    /// A statement failed; the transaction it was part of is rolled back.
    #[error("the records could not be read or written: {0}; nothing was changed")]
    Statement(#[from] DbErr),
}

/// A handle on the records; cheap to clone.
#[derive(Clone, Debug)]
pub struct Records {
    connection: DatabaseConnection,
}

impl Records {
    /// Opens the database at `url` (`sqlite://path?mode=rwc` or `postgres://…`) and brings its
    /// tables up to date with the migrations of `M`.
    ///
    /// # Errors
    /// When it cannot be reached, or holds data of a newer version.
    pub async fn open<M: MigratorTrait>(url: &str) -> Result<Records, RecordsError> {
        let place = place_of(url);
        let opened = |cause| RecordsError::Open { place: place.clone(), cause };
        let connection = Database::connect(options(url)).await.map_err(opened)?;
        refuse_newer::<M>(&connection, &place).await?;
        M::up(&connection, None).await.map_err(opened)?;
        Ok(Records { connection })
    }

    /// The connection for reading.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Begins a change in the name of an actor. Dropped without [`WriteTransaction::commit`], it
    /// never happened.
    ///
    /// # Errors
    /// When another writer holds the database for longer than ten seconds.
    pub async fn begin(&self, actor: &Actor) -> Result<WriteTransaction, RecordsError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connection.begin_with_options(options).await?;
        Ok(WriteTransaction { transaction, actor: actor.clone() })
    }
}

/// A change under way, in the name of an actor.
#[derive(Debug)]
pub struct WriteTransaction {
    transaction: DatabaseTransaction,
    actor: Actor,
}

impl WriteTransaction {
    /// The connection to write through.
    #[must_use]
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Who makes the change.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Makes the change last.
    ///
    /// # Errors
    /// When the database cannot write it; then nothing of it was done.
    pub async fn commit(self) -> Result<(), RecordsError> {
        Ok(self.transaction.commit().await?)
    }
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).connect_timeout(BUSY_TIMEOUT).acquire_timeout(3 * BUSY_TIMEOUT);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
    });
    options
}

async fn refuse_newer<M: MigratorTrait>(
    connection: &DatabaseConnection,
    place: &str,
) -> Result<(), RecordsError> {
    let known: Vec<String> = M::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied = applied_migrations(connection).await?;
    let unknown: Vec<String> = applied.into_iter().filter(|name| !known.contains(name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(RecordsError::Newer { place: place.to_owned(), migrations: unknown.join(", ") })
}

async fn applied_migrations(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
    let backend = connection.get_database_backend();
    let exists = match backend {
        DbBackend::Postgres => "select to_regclass('seaql_migrations')::text as name",
        _ => "select name from sqlite_master where name = 'seaql_migrations'",
    };
    let table = connection.query_one_raw(Statement::from_string(backend, exists)).await?;
    let exists = table.and_then(|row| row.try_get::<Option<String>>("", "name").ok().flatten()).is_some();
    if !exists {
        return Ok(Vec::new());
    }
    let rows = connection
        .query_all_raw(Statement::from_string(backend, "select version from seaql_migrations"))
        .await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

/// What a message may say of an address: never the password.
fn place_of(url: &str) -> String {
    let address = url.split('?').next().unwrap_or(url);
    let address = address.strip_prefix("sqlite://").unwrap_or(address);
    match address.split_once("://") {
        Some((_, rest)) => rest.rsplit_once('@').map_or(rest, |(_, host)| host).to_owned(),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_place_and_never_a_password() {
        assert_eq!(
            place_of("postgres://attain:s3cret@db.example.com:5432/attain?sslmode=require"),
            "db.example.com:5432/attain"
        );
        assert_eq!(place_of("sqlite:///srv/attain/attain.db?mode=rwc"), "/srv/attain/attain.db");
    }
}
