//! `attain sign`: a number becomes a receipt that anybody can check.

use std::path::PathBuf;

use anyhow::{Context, bail};
use attain_records::Actor;
use jiff::Timestamp;

use super::open::SubjectArguments;
use super::table::writeln_or_closed;
use crate::config::DataDirectory;
use crate::definitions::Definitions;
use crate::permissions::Viewer;
use crate::receipts::signing::{Wanted, freeze, sign};

/// Sign a number: freeze it with its definition, what is known and its rows, as a small file
#[derive(clap::Args)]
#[command(
    after_help = "Example: attain sign --metric win_rate_count --rep \"Anna Snelling\" --period 2017-Q3 -o receipt.json"
)]
pub(super) struct Sign {
    /// Metric (`attain metrics` lists them)
    #[arg(long, value_name = "METRIC")]
    metric: String,
    #[command(flatten)]
    subject: SubjectArguments,
    /// Period: 2017-Q3, 2017-03, 2017 or all
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// Where to write the receipt; by default to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Sign {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        if let Some(file) = self.output.as_ref().filter(|file| file.exists()) {
            bail!("{} exists already; nothing was signed. Give another name", file.display());
        }
        let (store, actor) = (data.open().await?, Actor::local_owner());
        let frozen =
            freeze(&store, &Definitions::new(store.records().clone()), &actor, Timestamp::now()).await?;
        let (subject, _) = self.subject.resolve(&frozen.asker)?;
        let period = frozen.asker.calendar().parse(&self.period)?;
        let wanted = Wanted { metric: &self.metric, subject: &subject, period: &period, seen: None };
        let key = (&data.key(), rand::random());
        let reach = Viewer::Owner.reach();
        let (number, receipt) = sign(&store, key, &actor, &reach, &frozen, &wanted).await?;
        match &self.output {
            Some(file) => std::fs::write(file, receipt.text()).with_context(|| {
                format!(
                    "receipt {number} was signed and kept, but could not be written to {}",
                    file.display()
                )
            })?,
            None => writeln_or_closed(receipt.text().trim_end_matches('\n'))?,
        }
        eprintln!("Receipt {number}, signed with the key {}", receipt.fingerprint());
        Ok(())
    }
}
