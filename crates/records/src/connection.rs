//! The connection: one database, opened once, read freely and written through immediate
//! transactions.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::actor::Actor;
use crate::error::{RecordsError, sqlx_reason};
use crate::migration::bring_up_to_date;

/// Pause before a new database is opened again that others are making too.
const PAUSE: Duration = Duration::from_millis(50);
/// How long to wait for a writer of another process, or for a server to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long writers of this process stand in line, which is fair; SQLite's own waiting is not.
const PATIENCE_IN_LINE: Duration = Duration::from_secs(30);
/// Connections that read SQLite at the same time.
const SQLITE_READERS: u32 = 8;

/// A handle on the records; cheap to clone.
#[derive(Clone, Debug)]
pub struct Records {
    place: Arc<str>,
    reading: DatabaseConnection,
    writing: DatabaseConnection,
}

impl Records {
    /// Opens the database at `url` (`sqlite://path?mode=rwc`, see [`sqlite_url`], or
    /// `postgres://…`) and brings its tables up to date with the migrations of `M`: all of them
    /// or none.
    ///
    /// # Errors
    /// When it cannot be reached, or holds data of a newer version.
    pub async fn open<M: MigratorTrait>(url: &str) -> Result<Records, RecordsError> {
        let address = Address::parse(url)?;
        let place: Arc<str> = address.place().into();
        let (reading, writing) =
            address.connect().await.map_err(|error| not_opened(place.to_string(), &error))?;
        bring_up_to_date::<M>(&writing, &place).await?;
        Ok(Records { place, reading, writing })
    }

    /// The connection for reading. It sees what is committed, also while a change is under way.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.reading
    }

    /// What the database itself finds wrong with what it keeps; nothing where it is whole.
    /// PostgreSQL checks its pages as it reads them, so there an answer is all that is asked for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flaws(&self) -> Result<Vec<String>, RecordsError> {
        let (backend, check) = match self.reading.get_database_backend() {
            DbBackend::Sqlite => (DbBackend::Sqlite, "pragma integrity_check"),
            other => (other, "select 'ok' as integrity_check"),
        };
        let rows = self.reading.query_all_raw(Statement::from_string(backend, check)).await?;
        let said = rows.iter().map(|row| row.try_get::<String>("", "integrity_check"));
        let said: Vec<String> = said.collect::<Result<_, _>>()?;
        Ok(said.into_iter().filter(|said| said != "ok").collect())
    }

    /// Begins a change in the name of an actor. Dropped without [`WriteTransaction::commit`], it
    /// never happened. SQLite takes one change at a time: beginning a second one before the first
    /// has ended waits for it, so do nothing slow in between.
    ///
    /// # Errors
    /// [`RecordsError::Busy`] when another writer takes too long.
    pub async fn begin(&self, actor: &Actor) -> Result<WriteTransaction, RecordsError> {
        let transaction = begin_immediate(&self.writing).await?;
        Ok(WriteTransaction { transaction, actor: actor.clone(), place: Arc::clone(&self.place) })
    }
}

/// A change under way, in the name of an actor.
#[derive(Debug)]
#[must_use = "a change that is not committed never happened"]
pub struct WriteTransaction {
    transaction: DatabaseTransaction,
    actor: Actor,
    place: Arc<str>,
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

    /// Waits until nobody else writes a table, and lets nobody else until the transaction ends: what is
    /// read of it now still holds when it is written, and numbers follow each other. SQLite has one
    /// writer at a time anyway.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn alone_with(&self, table: &'static str) -> Result<(), RecordsError> {
        if self.transaction.get_database_backend() == DbBackend::Postgres {
            let line = format!("lock table {table} in exclusive mode");
            self.transaction.execute_raw(Statement::from_string(DbBackend::Postgres, line)).await?;
        }
        Ok(())
    }

    /// Makes the change last.
    ///
    /// # Errors
    /// When the database does not confirm it.
    pub async fn commit(self) -> Result<(), RecordsError> {
        let place = self.place;
        let unconfirmed = |cause| RecordsError::Unconfirmed { place: place.to_string(), cause };
        self.transaction.commit().await.map_err(unconfirmed)
    }
}

/// The address of the SQLite file at `path`, created when missing.
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    let encoded = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{encoded}?mode=rwc")
}

/// A transaction that takes SQLite's write lock at once: one that asks for it halfway fails with
/// "database is locked".
pub(crate) async fn begin_immediate(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(options).await
}

fn not_opened(place: String, error: &sqlx::Error) -> RecordsError {
    match error {
        sqlx::Error::PoolTimedOut => {
            let reason = format!("no answer within {} seconds", PATIENCE.as_secs());
            RecordsError::Unreachable { place, reason }
        }
        sqlx::Error::Io(_) => RecordsError::Unreachable { place, reason: sqlx_reason(error) },
        _ => RecordsError::Open { place, reason: sqlx_reason(error) },
    }
}

enum Address {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

impl Address {
    /// Reads an address itself: SeaORM's own message repeats the whole of it, password included.
    fn parse(url: &str) -> Result<Address, RecordsError> {
        let unread = |error: sqlx::Error| RecordsError::Address { problem: error.to_string() };
        match url.split_once(':') {
            Some(("sqlite", _)) => url.parse().map(Address::Sqlite).map_err(unread),
            Some(("postgres" | "postgresql", _)) => url.parse().map(Address::Postgres).map_err(unread),
            _ => Err(RecordsError::Address {
                problem: "it begins with neither sqlite nor postgres".to_owned(),
            }),
        }
    }

    /// What a message may say of an address: never the password.
    fn place(&self) -> String {
        match self {
            Address::Sqlite(options) => options.get_filename().display().to_string(),
            Address::Postgres(options) => {
                format!("PostgreSQL at {}:{}", options.get_host(), options.get_port())
            }
        }
    }

    /// The connections to read and to write through.
    async fn connect(self) -> Result<(DatabaseConnection, DatabaseConnection), sqlx::Error> {
        match self {
            Address::Sqlite(options) => connect_sqlite(options).await,
            Address::Postgres(options) => connect_postgres(options).await,
        }
    }
}

/// One connection writes, so that writers stand in line; the others read beside it (WAL) and
/// refuse to write, so that a change made outside a transaction shows in any test.
async fn connect_sqlite(
    options: SqliteConnectOptions,
) -> Result<(DatabaseConnection, DatabaseConnection), sqlx::Error> {
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .disable_statement_logging();
    let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE_IN_LINE);
    let begun = Instant::now();
    let writing = loop {
        match writer.clone().connect_with(options.clone()).await {
            // Of several that make a new database, SQLite lets one turn the log on and refuses the
            // others at once, however patient they are.
            Err(sqlx::Error::Database(error))
                if error.message().contains("locked") && begun.elapsed() < PATIENCE =>
            {
                tokio::time::sleep(PAUSE).await;
            }
            connected => break connected?,
        }
    };
    let readers = SqlitePoolOptions::new().max_connections(SQLITE_READERS).acquire_timeout(PATIENCE);
    let reading = readers.connect_lazy_with(options.pragma("query_only", "ON"));
    let connection = SqlxSqliteConnector::from_sqlx_sqlite_pool;
    Ok((connection(reading), connection(writing)))
}

async fn connect_postgres(
    options: PgConnectOptions,
) -> Result<(DatabaseConnection, DatabaseConnection), sqlx::Error> {
    let pool = PgPoolOptions::new().acquire_timeout(PATIENCE);
    let pool = pool.connect_with(options.disable_statement_logging()).await?;
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    Ok((connection.clone(), connection))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> String {
        Address::parse(url).expect("an address").place()
    }

    #[test]
    fn a_message_names_the_place() {
        let url = "postgres://attain:s3cret@db.example.com:5432/attain?sslmode=require";
        assert_eq!(place(url), "PostgreSQL at db.example.com:5432");
        assert_eq!(place("sqlite:///srv/attain/attain.db?mode=rwc"), "/srv/attain/attain.db");
    }

    #[test]
    fn a_message_about_an_unreadable_address_does_not_repeat_its_password() {
        for url in ["postgres://attain:s3#cret@localhost/attain", "mysql://attain:s3cret@localhost/attain"] {
            let message = Address::parse(url).err().expect("unreadable").to_string();
            assert!(!message.contains("s3") && message.contains("does not read"), "{message}");
        }
    }

    #[test]
    fn any_file_name_makes_an_address() {
        for path in ["my data/attain.db", "/srv/100%25?#/attain.db"] {
            assert_eq!(place(&sqlite_url(Path::new(path))), path);
        }
    }
}
