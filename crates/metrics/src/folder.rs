//! A folder of CSV and Parquet files as tables, each named by its file: definitions can be asked
//! over any files, without a data directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::prelude::{CsvReadOptions, DataFrame, ParquetReadOptions, SessionContext};

use crate::ask::MetricsError;
use crate::engine;
use crate::tables::{Coverage, Tables};

/// Why a folder cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder cannot be listed.
    #[error("could not read the folder {0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It holds no table.
    #[error("{0} holds no .csv and no .parquet file")]
    Empty(PathBuf),
    /// Two files have the name of one table.
    #[error("{0} holds two files for the table `{1}`; keep one of them")]
    Twice(PathBuf, String),
    /// A file cannot be read as a table.
    #[error("could not read {0} as a table: {1}")]
    File(PathBuf, String),
}

/// Tables that are files of a folder.
#[derive(Debug)]
pub struct Folder {
    tables: BTreeMap<String, (PathBuf, Kind, SchemaRef)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Csv,
    Parquet,
}

impl Folder {
    /// Opens the files of a folder; a table is named by its file without the ending.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read.
    pub async fn open(folder: &Path) -> Result<Folder, FolderError> {
        let unreadable = |error| FolderError::Unreadable(folder.to_owned(), error);
        let context = engine::session(&jiff::tz::TimeZone::UTC, true);
        let mut tables = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some((name, kind)) = table_of(&path) else { continue };
            let rows = read(&context, &path, kind).await;
            let rows = rows.map_err(|error| FolderError::File(path.clone(), first_line(&error)))?;
            let schema = std::sync::Arc::new(rows.schema().as_arrow().clone());
            if tables.insert(name.clone(), (path, kind, schema)).is_some() {
                return Err(FolderError::Twice(folder.to_owned(), name));
            }
        }
        match tables.is_empty() {
            true => Err(FolderError::Empty(folder.to_owned())),
            false => Ok(Folder { tables }),
        }
    }
}

fn first_line(error: &impl std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn table_of(path: &Path) -> Option<(String, Kind)> {
    let kind = match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Kind::Csv,
        "parquet" => Kind::Parquet,
        _ => return None,
    };
    Some((path.file_stem()?.to_str()?.to_owned(), kind))
}

async fn read(
    context: &SessionContext,
    path: &Path,
    kind: Kind,
) -> Result<DataFrame, attain_facts::store::StoreError> {
    let address = attain_facts::store::file_url(path)?.to_string();
    Ok(match kind {
        // Every row decides about a column's type: one that looks like a number in the first
        // thousand rows may hold words further down.
        Kind::Csv => {
            context.read_csv(address, CsvReadOptions::new().schema_infer_max_records(usize::MAX)).await?
        }
        Kind::Parquet => context.read_parquet(address, ParquetReadOptions::default()).await?,
    })
}

#[async_trait]
impl Tables for Folder {
    fn schema(&self, name: &str) -> Option<SchemaRef> {
        self.tables.get(name).map(|(_, _, schema)| SchemaRef::clone(schema))
    }

    async fn rows(&self, context: &SessionContext, name: &str) -> Result<DataFrame, MetricsError> {
        match self.tables.get(name) {
            Some((path, kind, _)) => Ok(read(context, path, *kind).await?),
            None => Err(MetricsError::UnknownTable(name.to_owned())),
        }
    }

    fn coverage(&self, name: &str) -> Coverage {
        match self.tables.contains_key(name) {
            true => Coverage::Always,
            false => Coverage::Nothing,
        }
    }

    fn supplies(&self, _table: &str, _column: &str) -> bool {
        // A definition that names what a file lacks was refused when it was read.
        true
    }

    async fn superseded(
        &self,
        _context: &SessionContext,
        _name: &str,
    ) -> Result<Option<DataFrame>, MetricsError> {
        Ok(None)
    }

    fn row_count(&self, _name: &str) -> Option<u64> {
        None
    }
}
