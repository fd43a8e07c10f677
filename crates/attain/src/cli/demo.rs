//! `attain demo`: a fictional company, imported delivery by delivery and served.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use attain_facts::mapping::Mapping;
use attain_facts::store::Store;
use jiff::Timestamp;

use super::import::deliver;
use super::serve::{UPLOAD_LIMIT_MIB, announce_and_serve};
use crate::clock::Clock;
use crate::config::DataDirectory;
use crate::data::uploads::Uploads;
use crate::data::watched::Watched;
use crate::demo::truths::redefined;
use crate::demo::{self, Delivered, Size};
use crate::web::{self, Server, SetUp};

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
    /// Sellers of the company
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u16).range(48..=5_000))]
    reps: u16,
    /// Years of closed quarters
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..=8))]
    years: u16,
    /// Leave out the effects that are planted for a reader to find
    #[arg(long)]
    null: bool,
    /// Let everybody sell alike, so that nobody differs but by chance and territory; with --null
    #[arg(long, requires = "null")]
    alike: bool,
    /// Address of this machine to listen on; the next free port if it is taken
    #[arg(long, env = "ATTAIN_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
}

impl Demo {
    /// The demo has a data directory of its own, made anew each time: it never mixes with a
    /// company's own data.
    pub(super) async fn run(&self, _data: &DataDirectory) -> anyhow::Result<()> {
        ensure!(
            self.listen.ip().is_loopback(),
            "{} can be reached from other machines, and in the demo everybody may be anybody; listen on 127.0.0.1",
            self.listen
        );
        let listener = web::listen(self.listen, true).await?;
        // Removed when the demo ends.
        let scratch = tempfile::Builder::new().prefix("attain-demo-").tempdir()?;
        self.import_and_serve(scratch.path(), listener).await
    }

    async fn import_and_serve(
        &self,
        scratch: &Path,
        listener: tokio::net::TcpListener,
    ) -> anyhow::Result<()> {
        let files = scratch.join("files");
        let size = Size {
            seed: self.seed,
            reps: self.reps.into(),
            years: self.years,
            planted: !self.null,
            alike: self.alike,
        };
        let written = demo::write(&files, &size)?;
        if let Some(kept) = &self.files {
            demo::keep(&files, kept)?;
            eprintln!("The files and their mapping are in {}.", kept.display());
        }
        let mapping = Mapping::read(&written.mapping)?;
        let data = DataDirectory::at(scratch.join("data"));
        let store = data.open().await?;
        let rejects = data.rejects(Timestamp::now());
        for delivered in &written.deliveries {
            let rows = import_one(&store, &mapping, delivered, &rejects).await?;
            eprintln!("Delivery of {}: {rows} rows of {} files.", delivered.day, delivered.files.len());
            demo::agreed::after(&store, delivered.day, delivered.at).await?;
            if size.planted && delivered.day == redefined::DECIDED_ON {
                redefined::define(&store, delivered.at).await?;
            }
        }
        eprintln!("Imported {} deliveries: {}.", written.deliveries.len(), mapping.company.name);
        let today = written.deliveries.last().map_or(Clock::Real, |last| Clock::Fixed(last.at));
        let uploads = Uploads::new(data.folder(), UPLOAD_LIMIT_MIB << 20);
        let server = Server::new(store, data.key(), today, uploads, Watched::default(), SetUp::default());
        announce_and_serve(listener, server).await
    }
}

/// Imports a delivery as of its moment, and returns how many rows were accepted.
async fn import_one(
    store: &Store,
    mapping: &Mapping,
    delivered: &Delivered,
    rejects: &Path,
) -> anyhow::Result<u64> {
    let clock = Clock::Fixed(delivered.at);
    let imported = deliver(store, mapping, &delivered.files, rejects, clock).await?;
    let rows = imported.report.total();
    ensure!(
        rows.rejected == 0,
        "{} rows of the demo company were rejected: this is a mistake in Attain",
        rows.rejected
    );
    Ok(rows.accepted)
}
