//! A database as a source: what a mapping reads of it becomes the files of a delivery.
//!
//! Every file of the mapping is a query, or the table or view of its name. The rows are written as JSON
//! lines, numbers as exactly as the database tells them, and go the way of any delivered file. Nothing
//! in the database can change: SQLite is opened to be read only, and PostgreSQL is read in one
//! transaction that may not write, so that all queries see the same instant. Nothing that comes in
//! over the network is ever run here.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sea_orm::sqlx::{self, AssertSqlSafe, Column, ConnectOptions, Row, TypeInfo, ValueRef};
use serde_json::Value;

use crate::mapping::{FileMapping, Mapping};

/// A database that may be read.
#[derive(Clone, Debug)]
pub struct Database(Address);

#[derive(Clone, Debug)]
enum Address {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

/// Why a database cannot be read. Nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The address is none. It is not repeated, for it may hold a password.
    #[error("the address of the database does not read: {0}")]
    Address(String),
    /// It cannot be reached.
    #[error("could not open {place}: {cause}")]
    Open {
        /// Which database.
        place: String,
        /// What it said.
        cause: sqlx::Error,
    },
    /// A query failed.
    #[error("`{file}` could not be read from {place}: {cause}")]
    Query {
        /// The file of the mapping.
        file: String,
        /// Which database.
        place: String,
        /// What it said.
        cause: sqlx::Error,
    },
    /// A column holds something that is no text, number or date.
    #[error(
        "the column `{column}` of `{file}` holds bytes; leave it out of the query, or turn them into text"
    )]
    Bytes {
        /// The file of the mapping.
        file: String,
        /// The column.
        column: String,
    },
    /// The rows could not be put where they are imported from.
    #[error("could not write {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
}

impl Database {
    /// Reads an address: `sqlite:crm.db` or `postgres://reader@host/crm`. `None` if the text is none of
    /// a database.
    ///
    /// # Errors
    /// When it begins like one and does not read.
    pub fn parse(text: &str) -> Option<Result<Database, DatabaseError>> {
        let wrong = |error: sqlx::Error| DatabaseError::Address(error.to_string());
        match text.split_once(':')?.0 {
            "sqlite" => {
                let options = text.parse::<SqliteConnectOptions>();
                let read_only =
                    |options: SqliteConnectOptions| options.read_only(true).create_if_missing(false);
                Some(
                    options
                        .map(|options| Database(Address::Sqlite(Box::new(read_only(options)))))
                        .map_err(wrong),
                )
            }
            "postgres" | "postgresql" => {
                let options = text.parse::<PgConnectOptions>();
                Some(options.map(|options| Database(Address::Postgres(Box::new(options)))).map_err(wrong))
            }
            _ => None,
        }
    }

    /// Writes what a mapping reads of the database into a folder, a file for each of its files.
    ///
    /// # Errors
    /// When the database cannot be read, or a file not be written.
    pub async fn deliver(&self, mapping: &Mapping, folder: &Path) -> Result<(), DatabaseError> {
        let opened = |cause| DatabaseError::Open { place: self.place(), cause };
        match &self.0 {
            Address::Sqlite(options) => {
                let mut connection =
                    options.clone().disable_statement_logging().connect().await.map_err(opened)?;
                for file in &mapping.files {
                    let query = AssertSqlSafe(query(file));
                    let rows = sqlx::query(query).fetch(&mut connection);
                    self.write(file, folder, rows, |row| json(&file.file, row)).await?;
                }
            }
            Address::Postgres(options) => {
                let mut connection =
                    options.clone().disable_statement_logging().connect().await.map_err(opened)?;
                let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                sqlx::query(snapshot).execute(&mut connection).await.map_err(opened)?;
                for file in &mapping.files {
                    let whole =
                        format!("SELECT row_to_json(delivered)::text FROM ({}) AS delivered", query(file));
                    let rows = sqlx::query(AssertSqlSafe(whole)).fetch(&mut connection);
                    self.write(file, folder, rows, |row| Ok(row.get::<String, _>(0))).await?;
                }
            }
        }
        Ok(())
    }

    /// Writes the rows of a query, a line for each.
    async fn write<R>(
        &self,
        file: &FileMapping,
        folder: &Path,
        mut rows: impl futures::Stream<Item = Result<R, sqlx::Error>> + Unpin,
        line: impl Fn(&R) -> Result<String, DatabaseError>,
    ) -> Result<(), DatabaseError> {
        let path = folder.join(&file.file);
        let unwritten = |cause| DatabaseError::Io { path: path.clone(), cause };
        let unread = |cause| DatabaseError::Query { file: file.file.clone(), place: self.place(), cause };
        let mut target = BufWriter::new(File::create(&path).map_err(unwritten)?);
        while let Some(row) = rows.try_next().await.map_err(unread)? {
            writeln!(target, "{}", line(&row)?).map_err(unwritten)?;
        }
        target.flush().map_err(unwritten)
    }

    /// What a message may say of it: never the password.
    fn place(&self) -> String {
        match &self.0 {
            Address::Sqlite(options) => options.get_filename().display().to_string(),
            Address::Postgres(options) => {
                format!("PostgreSQL at {}:{}", options.get_host(), options.get_port())
            }
        }
    }
}

/// The query of a file: its own, or the whole table of its name. As a part of another query it is one
/// statement and no more.
fn query(file: &FileMapping) -> String {
    match &file.query {
        Some(query) => format!("SELECT * FROM ({}\n) AS asked", query.trim().trim_end_matches(';')),
        None => {
            let parts = file.file.split('.').map(|part| format!("\"{}\"", part.replace('"', "\"\"")));
            format!("SELECT * FROM {}", parts.collect::<Vec<_>>().join("."))
        }
    }
}

/// A row of SQLite as JSON: whatever each cell holds, for its columns have no types of their own.
fn json(file: &str, row: &SqliteRow) -> Result<String, DatabaseError> {
    let mut object = serde_json::Map::new();
    for column in row.columns() {
        let (name, at) = (column.name(), column.ordinal());
        let bytes = || DatabaseError::Bytes { file: file.to_owned(), column: name.to_owned() };
        let cell = row.try_get_raw(at).map_err(|_| bytes())?;
        let kind = cell.type_info().into_owned();
        let value = match kind.name() {
            _ if cell.is_null() => Value::Null,
            "INTEGER" | "BOOLEAN" => {
                row.try_get_unchecked::<i64, _>(at).map(Value::from).map_err(|_| bytes())?
            }
            "REAL" => row.try_get_unchecked::<f64, _>(at).map(Value::from).map_err(|_| bytes())?,
            "BLOB" => return Err(bytes()),
            _ => row.try_get_unchecked::<String, _>(at).map(Value::from).map_err(|_| bytes())?,
        };
        object.insert(name.to_owned(), value);
    }
    Ok(Value::Object(object).to_string())
}
