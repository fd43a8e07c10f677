//! What can go wrong with the records, in words for whoever has to put it right.

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr};

/// Why the records could not be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The address does not read. It is not repeated, for it may hold a password.
    #[error(
        "the address of the records does not read: {problem}; write sqlite://PATH?mode=rwc or postgres://USER@HOST/DATABASE, with special characters of a password percent-encoded"
    )]
    Address {
        /// What is wrong with it.
        problem: String,
    },
    /// No database answered.
    #[error("could not reach {place}: {reason}; check that it runs and that this machine may connect to it")]
    Unreachable {
        /// The server, never its password.
        place: String,
        /// What the network said.
        reason: String,
    },
    /// The database could not be opened.
    #[error(
        "could not open the records in {place}: {reason}; nothing was changed. Check that it exists, that Attain may write to it and that the disk is not full"
    )]
    Open {
        /// The file or server, never a password.
        place: String,
        /// What the database said.
        reason: String,
    },
    /// The tables could not be brought up to date.
    #[error("could not bring the records in {place} up to date: {reason}; they were left as they were")]
    Migration {
        /// The file or server.
        place: String,
        /// What the database said.
        reason: String,
    },
    /// The database was written by a newer version.
    #[error(
        "the records in {place} were written by a newer version of Attain ({migrations}); nothing was changed. Use that version, or restore a backup made by this one"
    )]
    Newer {
        /// The file or server.
        place: String,
        /// The migrations this version does not know.
        migrations: String,
    },
    /// Another writer did not finish in time, or the database stopped answering.
    #[error(
        "the records are busy with another change or do not answer: {reason}; nothing was changed, try again"
    )]
    Busy {
        /// What the database said.
        reason: String,
    },
    /// A statement failed; the transaction it was part of cannot be committed any more.
    #[error("the records could not be read or written: {}; nothing was changed", reason(.0))]
    Statement(DbErr),
    /// The connection broke while committing, or the disk is full.
    #[error("the records in {place} did not confirm a change: {}; look whether it was made before you repeat it", reason(.cause))]
    Unconfirmed {
        /// The file or server, never a password.
        place: String,
        /// What the database said.
        cause: DbErr,
    },
    /// A worker took too long over a job, and another has it now.
    #[error(
        "the lease of job {job} ran out and the job is no longer this worker's; its outcome was not noted"
    )]
    LeaseLost {
        /// Identifier of the job.
        job: String,
    },
}

impl RecordsError {
    /// Whether it may be over in a moment, without anybody putting anything right: the database is
    /// busy, restarts, or the way to it is cut.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            RecordsError::Busy { .. } | RecordsError::Unreachable { .. } => true,
            RecordsError::Statement(error) | RecordsError::Unconfirmed { cause: error, .. } => is_cut(error),
            _ => false,
        }
    }
}

/// Whether the connection broke, or the server is going down or coming up (PostgreSQL's class 57P).
fn is_cut(error: &DbErr) -> bool {
    match sqlx_error(error) {
        // A conversation that breaks off while it begins reads like a wrong answer.
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed,
        ) => true,
        Some(sqlx::Error::Database(said)) => said.code().is_some_and(|code| code.starts_with("57P")),
        _ => matches!(error, DbErr::ConnectionAcquire(_)),
    }
}

impl From<DbErr> for RecordsError {
    fn from(error: DbErr) -> RecordsError {
        if matches!(error, DbErr::ConnectionAcquire(_)) || is_locked(&error) {
            return RecordsError::Busy { reason: reason(&error) };
        }
        RecordsError::Statement(error)
    }
}

/// What the database itself said, without the layers it passed through.
pub(crate) fn reason(error: &DbErr) -> String {
    if let DbErr::ConnectionAcquire(why) = error {
        return why.to_string().to_lowercase();
    }
    sqlx_error(error).map_or_else(|| error.to_string(), sqlx_reason)
}

pub(crate) fn sqlx_reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(said) => said.message().to_owned(),
        sqlx::Error::Io(said) => said.to_string(),
        other => other.to_string(),
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

/// SQLITE_BUSY is 5 in the lowest byte, whatever the extension.
fn is_locked(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(said)) = sqlx_error(error) else { return false };
    let is_sqlite = said.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some();
    let code = said.code().and_then(|code| code.parse::<u32>().ok());
    is_sqlite && code.is_some_and(|code| code & 0xff == 5)
}
