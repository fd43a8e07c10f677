//! `attain audit`: the log of who did and saw what, checked and handed out.

use anyhow::bail;
use attain_records::Actor;
use attain_records::audit::{self, Verdict};

use super::table::{Format, print_lines, writeln_or_closed};
use crate::config::DataDirectory;

/// Entries read at a time.
const PAGE: u64 = 1_000;

/// Check the audit log, or print it
#[derive(clap::Args)]
pub(super) struct AuditCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Check that no entry was altered, added or taken out
    Verify(Verify),
    /// Print the entries, oldest first
    Export(Export),
}

#[derive(clap::Args)]
#[command(after_help = "Example: attain audit verify --head 9f2c… --at 1042")]
struct Verify {
    /// Hash of an entry as it was noted elsewhere: finds that entries were cut off the end, or all rewritten
    #[arg(long, value_name = "HASH", requires = "at")]
    head: Option<String>,
    /// Number of the entry whose hash was noted
    #[arg(long, value_name = "NUMBER", requires = "head")]
    at: Option<i64>,
}

#[derive(clap::Args)]
#[command(after_help = "Example: attain audit export --format csv > audit.csv")]
struct Export {
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl AuditCommand {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        match &self.command {
            Command::Verify(verify) => verify.run(data).await,
            Command::Export(export) => export.run(data).await,
        }
    }
}

impl Verify {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open_existing().await?;
        let owner = Actor::local_owner();
        let (entries, head) = match audit::verify(store.records(), &owner).await? {
            Verdict::Intact { entries, head } => (entries, head),
            Verdict::Broken { sequence, flaw } => {
                bail!("the audit log is broken at entry {sequence}: {flaw}")
            }
        };
        if let (Some(noted), Some(at)) = (&self.head, self.at) {
            let found = audit::entries(store.records(), &owner, Some(at.saturating_add(1)), 1).await?;
            match found.first().filter(|entry| entry.sequence == at) {
                Some(entry) if entry.hash == *noted => {}
                Some(_) => bail!("entry {at} has another hash than was noted: the log was rewritten"),
                None => bail!("there is no entry {at}: entries were cut off the end"),
            }
        }
        writeln_or_closed(&format!(
            "The audit log is intact: {entries} entries. The newest has the hash\n{head}"
        ))
    }
}

impl Export {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open_existing().await?;
        let mut lines = Vec::new();
        let mut before = None;
        loop {
            let page = audit::entries(store.records(), &Actor::local_owner(), before, PAGE).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.sequence);
            lines.extend(page.into_iter().map(|entry| {
                let at = entry.at.to_string();
                vec![
                    entry.sequence.to_string(),
                    at,
                    entry.actor,
                    entry.action,
                    entry.subject,
                    entry.detail,
                    entry.hash,
                ]
            }));
        }
        lines.reverse();
        print_lines(self.format, &["sequence", "at", "actor", "action", "subject", "detail", "hash"], &lines)
    }
}
