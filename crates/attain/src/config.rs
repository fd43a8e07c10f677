//! Where the data lives. Flags come before the environment, the environment before defaults.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use attain_facts::store::{Migrator, Store};
use attain_records::{Records, sqlite_url};

/// Where facts and records are kept.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataDirectory {
    /// Data directory: facts, and the records unless --records says otherwise
    #[arg(
        long = "data",
        env = "ATTAIN_DATA",
        value_name = "DIR",
        default_value = "attain-data",
        global = true
    )]
    folder: PathBuf,
    /// Records on PostgreSQL instead of SQLite in the data directory, e.g. postgres://attain@localhost/attain
    #[arg(long, env = "ATTAIN_RECORDS", value_name = "URL", hide_env_values = true, global = true)]
    records: Option<String>,
}

impl DataDirectory {
    /// The data directory at `folder`, records in it.
    pub(crate) fn at(folder: PathBuf) -> DataDirectory {
        DataDirectory { folder, records: None }
    }

    /// Opens records and facts, creating what is missing.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        if self.folder.is_file() {
            bail!("{} is a file; give --data a directory", self.folder.display());
        }
        std::fs::create_dir_all(&self.folder).map_err(|cause| {
            let folder = self.folder.display();
            anyhow!("could not create the data directory {folder}: {cause}; give another with --data")
        })?;
        let url = match &self.records {
            Some(url) => url.clone(),
            None => sqlite_url(&self.folder.join("attain.db")),
        };
        let records = Records::open::<Migrator>(&url).await?;
        Ok(Store::new(records, self.folder.join("facts")))
    }

    /// Where rejected rows of an import that starts now are handed back. Reports name it, so it
    /// must not depend on where the program was started.
    pub(crate) fn rejects(&self, now: jiff::Timestamp) -> PathBuf {
        // Without a working directory nothing relative could be written either.
        let folder = std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone());
        folder.join("rejects").join(now.strftime("%Y-%m-%dT%H-%M-%S%.3fZ").to_string())
    }

    /// The directory itself.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}
