//! `attain mapping`: a mapping is proposed from the files themselves.

use std::path::PathBuf;

use anyhow::{Context, bail};
use attain_facts::company::Company;
use attain_facts::store::Store;
use attain_facts::suggestion::{Choices, Head, Known, Samples, Suggestion};
use attain_records::Actor;
use clap::Subcommand;

use super::table::writeln_or_closed;
use crate::config::DataDirectory;

/// Start a mapping from the files themselves
#[derive(clap::Args)]
pub(super) struct MappingCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print a mapping for files, with a reason for each column and what is to be answered
    Suggest(Suggest),
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  attain mapping suggest ~/export --company \"Example company\" --time-zone Europe/Berlin --currency EUR > mapping.yaml")]
struct Suggest {
    /// The files, or the one folder or zip archive they lie in
    #[arg(required = true, value_name = "FILES|DIR")]
    inputs: Vec<PathBuf>,
    /// A short name of the system the files come from
    #[arg(long, default_value = "crm")]
    source: String,
    /// Name of the company; otherwise that of the data directory
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// Its time zone, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Its reporting currency, such as EUR
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
}

impl MappingCommand {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        match &self.action {
            Action::Suggest(suggest) => suggest.run(data).await,
        }
    }
}

impl Suggest {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = if data.is_there() { Some(data.open_existing().await?) } else { None };
        let head = self.head(store.as_ref()).await?;
        let known = match &store {
            Some(store) => Known::of(store, &head.source).await?,
            None => Known::default(),
        };
        let scratch = tempfile::tempdir().context("could not make a folder for unpacked files")?;
        let choices = Choices::default();
        let samples = Samples::read(&self.inputs, scratch.path(), &choices)?;
        let suggestion = Suggestion::of(&samples, &known, &choices);
        writeln_or_closed(suggestion.mapping_text(&head).trim_end())
    }

    /// What was said on the command line, or else the company that is there already.
    async fn head(&self, store: Option<&Store>) -> anyhow::Result<Head> {
        if let (Some(name), Some(zone), Some(currency)) = (&self.company, &self.time_zone, &self.currency) {
            return Ok(Head::new(&self.source, name, zone, currency)?);
        }
        let newest = match store {
            Some(store) => store.newest(&Actor::local_owner()).await?,
            None => None,
        };
        let Some(newest) = newest else {
            bail!(
                "say whose files they are, as in --company \"Example company\" --time-zone Europe/Berlin --currency EUR; nothing was imported yet that would tell"
            );
        };
        let there = newest.company();
        let zone = there.time_zone.iana_name().unwrap_or("UTC");
        let said = Head::new(
            &self.source,
            self.company.as_deref().unwrap_or(&there.name),
            self.time_zone.as_deref().unwrap_or(zone),
            self.currency.as_deref().unwrap_or(&there.currency),
        )?;
        let (calendar, work_calendar) = (there.calendar.clone(), there.work_calendar.clone());
        Ok(Head { company: Company { calendar, work_calendar, ..said.company }, ..said })
    }
}
