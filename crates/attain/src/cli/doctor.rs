//! `attain doctor`: whether everything that is kept is whole, and what to do where it is not.

use anyhow::bail;
use attain_records::Actor;
use attain_records::audit::{self, Verdict};

use super::table::writeln_or_closed;
use crate::config::DataDirectory;
use crate::people::account;

/// Check that records, facts, audit log and key are whole; nothing is changed
#[derive(clap::Args)]
#[command(after_help = "Example: attain doctor")]
pub(super) struct Doctor {}

/// What was looked at, and what was found.
enum Finding {
    Well(String),
    Ill(String),
}

impl Doctor {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let findings = findings(data).await?;
        for finding in &findings {
            let line = match finding {
                Finding::Well(words) => format!("ok    {words}"),
                Finding::Ill(words) => format!("WRONG {words}"),
            };
            writeln_or_closed(&line)?;
        }
        let ill = findings.iter().filter(|finding| matches!(finding, Finding::Ill(_))).count();
        if ill > 0 {
            bail!("{ill} of {} checks found something wrong; nothing was changed", findings.len());
        }
        Ok(())
    }
}

async fn findings(data: &DataDirectory) -> anyhow::Result<Vec<Finding>> {
    // Opening refuses records of a newer version and brings older ones up to date.
    let store = data.open_existing().await?;
    let owner = Actor::local_owner();
    let flaws = store.records().flaws().await?;
    let records = match flaws.is_empty() {
        true => Finding::Well("the records are whole".to_owned()),
        false => {
            Finding::Ill(format!("the records are damaged: {}; restore them from a backup", flaws.join("; ")))
        }
    };
    let log = match audit::verify(store.records(), &owner).await? {
        Verdict::Intact { entries, .. } => {
            Finding::Well(format!("the audit log is intact: {entries} entries"))
        }
        Verdict::Broken { sequence, flaw } => Finding::Ill(format!(
            "the audit log is broken at entry {sequence}: {flaw}; compare it with a backup"
        )),
    };
    let damaged = store.damaged_files(&owner).await?;
    let facts = match damaged.first() {
        None => Finding::Well("the files of the facts are all there".to_owned()),
        Some(first) => Finding::Ill(format!(
            "of the files of the facts {} cannot be read whole, the first {}; restore them from a backup",
            damaged.len(),
            first.display()
        )),
    };
    let key = match data.key().fingerprint() {
        Ok(fingerprint) => Finding::Well(format!("the key that signs numbers is {fingerprint}")),
        Err(problem) => Finding::Ill(problem.to_string()),
    };
    let people = match account::any(store.records()).await? {
        true => Finding::Well("people sign in".to_owned()),
        false => Finding::Well("nobody has an account: the server answers this machine alone".to_owned()),
    };
    Ok(vec![records, log, facts, key, people])
}
