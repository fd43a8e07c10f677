//! Where the data lives.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use attain_facts::store::Store;
use attain_records::{Records, sqlite_url};

use crate::migration::Migrator;
use crate::receipts::key::KeyFile;

/// Name of the records in the data directory.
const RECORDS: &str = "attain.db";

/// Where facts and records are kept.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataDirectory {
    /// Data directory: facts, and the records unless --records says otherwise [default: attain-data]
    #[arg(long = "data", env = "ATTAIN_DATA", value_name = "DIR", global = true)]
    folder: Option<PathBuf>,
    /// Records on PostgreSQL instead of SQLite in the data directory, e.g. postgres://attain@localhost/attain
    #[arg(long, env = "ATTAIN_RECORDS", value_name = "URL", hide_env_values = true, global = true)]
    records: Option<String>,
}

impl DataDirectory {
    /// The data directory at `folder`, records in it.
    pub(crate) fn at(folder: PathBuf) -> DataDirectory {
        DataDirectory { folder: Some(folder), records: None }
    }

    /// Opens records and facts, creating what is missing.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let folder = self.folder();
        if folder.is_file() {
            bail!("{} is a file; give --data a directory", folder.display());
        }
        std::fs::create_dir_all(folder).map_err(|cause| {
            let folder = folder.display();
            anyhow!("could not create the data directory {folder}: {cause}; give another with --data")
        })?;
        let url = match &self.records {
            Some(url) => url.clone(),
            None => sqlite_url(&folder.join(RECORDS)),
        };
        let records = Records::open::<Migrator>(&url).await?;
        Ok(Store::new(records, folder.join("facts")))
    }

    /// Opens what is there, and creates nothing.
    pub(crate) async fn open_existing(&self) -> anyhow::Result<Store> {
        if !self.is_there() {
            bail!("there is no data directory of Attain at {}", self.folder().display());
        }
        self.open().await
    }

    /// Whether there is one.
    pub(crate) fn is_there(&self) -> bool {
        self.folder().is_dir() && (self.records.is_some() || self.folder().join(RECORDS).is_file())
    }

    /// The key numbers are signed with.
    pub(crate) fn key(&self) -> KeyFile {
        KeyFile::of(self.folder())
    }

    /// Whether one was named, by flag, environment or configuration file.
    pub(crate) fn is_given(&self) -> bool {
        self.folder.is_some()
    }

    /// Where rejected rows of an import that starts now are handed back. Reports name it, so it
    /// must not depend on where the program was started.
    pub(crate) fn rejects(&self, now: jiff::Timestamp) -> PathBuf {
        // Without a working directory nothing relative could be written either.
        let folder = std::path::absolute(self.folder()).unwrap_or_else(|_| self.folder().to_owned());
        folder.join("rejects").join(now.strftime("%Y-%m-%dT%H-%M-%S%.3fZ").to_string())
    }

    /// The directory itself.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_deref().unwrap_or(Path::new("attain-data"))
    }
}
