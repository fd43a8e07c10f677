//! `attain demo`: a fictional company, imported and served.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use attain_facts::mapping::Mapping;
use jiff::Timestamp;

use super::import::deliver;
use super::serve::announce_and_serve;
use crate::clock::Clock;
use crate::config::DataDirectory;
use crate::demo;
use crate::web;

/// Start with a fictional company and open its scorecards in the browser
#[derive(clap::Args)]
#[command(after_help = "Example: attain demo --files demo-files")]
pub(super) struct Demo {
    /// Keep the company's export files and their mapping in this folder
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// Seed of the company: the same seed is the same company
    #[arg(long, default_value_t = demo::SEED)]
    seed: u64,
    /// Address of this machine to listen on; the next free port if it is taken
    #[arg(long, env = "ATTAIN_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
}

impl Demo {
    /// The demo has a data directory of its own, made anew each time: it never mixes with a
    /// company's own data.
    pub(super) async fn run(&self, _data: &DataDirectory) -> anyhow::Result<()> {
        let listener = web::listen(self.listen, true).await?;
        // Removed when the demo ends.
        let scratch = tempfile::Builder::new().prefix("attain-demo-").tempdir()?;
        self.import_and_serve(scratch.path(), listener).await
    }

    async fn import_and_serve(
        &self,
        scratch: &std::path::Path,
        listener: tokio::net::TcpListener,
    ) -> anyhow::Result<()> {
        let files = self.files.clone().unwrap_or_else(|| scratch.join("files"));
        std::fs::create_dir_all(&files).with_context(|| format!("could not create {}", files.display()))?;
        let mapping_path = demo::write_export(&files, self.seed)?;
        let mapping = Mapping::read(&mapping_path)?;
        let data = DataDirectory::at(scratch.join("data"));
        let store = data.open().await?;
        let rejects = data.rejects(Timestamp::now());
        let imported = deliver(&store, &mapping, std::slice::from_ref(&files), Some(&rejects)).await?;
        let rows = imported.report.total();
        eprintln!(
            "Imported {} rows of {} files: {}.",
            rows.accepted,
            imported.report.files.len(),
            mapping.company.name
        );
        if self.files.is_some() {
            eprintln!("The files and their mapping are in {}.", files.display());
        }
        announce_and_serve(listener, store, data.key(), Clock::Real).await
    }
}
