//! `attain metrics`: the catalogue, one definition and its versions, how a metric is computed, and
//! changes of definitions.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use attain_metrics::{
    Catalogue, DefinitionChange, Dimension, Editions, Metric, Question, RateMode, Subject, Versions,
};
use attain_records::Actor;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::open::{FolderArguments, asker};
use super::table::{Format, print_json, print_table, writeln_or_closed};
use crate::config::DataDirectory;
use crate::definitions::Definitions;
use crate::definitions::api::ChangeOut;
use crate::definitions::definition::reigns;
use crate::definitions::proposal::{Considered, Proposal, consider};
use crate::definitions::store;
use crate::permissions::Viewer;
use crate::scorecards::card;

/// List the metrics, show or change a definition, or explain how it is computed
#[derive(clap::Args)]
#[command(after_help = "Example: attain metrics show win_rate_count", args_conflicts_with_subcommands = true)]
pub(super) struct Metrics {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show one definition as it stands in its file
    Show {
        /// The metric
        metric: String,
    },
    /// Say which version of a metric is in force when, or list all changes
    History {
        /// The metric; without it, every change of definitions
        metric: Option<String>,
    },
    /// Check a definition file: every place that cannot be right is named
    #[command(after_help = "Example: attain metrics check own.yaml")]
    Check {
        /// The file
        file: PathBuf,
    },
    /// Change definitions from a day on, with a reason; --dry-run shows the effect and saves nothing
    Change(Change),
    /// Say what a metric is made of, and print the plans that compute it
    Explain(Explain),
}

#[derive(clap::Args)]
#[command(
    after_help = "Example: attain metrics change own.yaml --from 2027-01-01 --reason \"agreed with the sales leaders\""
)]
struct Change {
    /// The definitions, in the format of definition files
    file: PathBuf,
    /// First day they are in force; today by default
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Why, for whoever compares the versions
    #[arg(long, default_value = "", value_name = "TEXT")]
    reason: String,
    /// Say openly that days that are over are measured anew
    #[arg(long)]
    restate: bool,
    /// Look at the effect and save nothing
    #[arg(long)]
    dry_run: bool,
    /// Period whose values are shown side by side; the last quarter that is over by default
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// How to write the effect
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(clap::Args)]
#[command(after_help = "Example: attain metrics explain win_rate_count --by region --period 2017-Q3")]
struct Explain {
    /// The metric
    metric: String,
    /// Split by these dimensions
    #[arg(long, value_delimiter = ',', value_name = "DIMENSION")]
    by: Vec<String>,
    /// For these periods
    #[arg(long = "period", value_delimiter = ',', default_value = "all", value_name = "PERIOD")]
    periods: Vec<String>,
    #[command(flatten)]
    folders: FolderArguments,
}

impl Metrics {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        match &self.command {
            None => list(editions(data).await?.on(today(data).await?)),
            Some(Command::Show { metric }) => show(editions(data).await?.on(today(data).await?), metric),
            Some(Command::History { metric: Some(metric) }) => history(&*editions(data).await?, metric),
            Some(Command::History { metric: None }) => changes(data).await,
            Some(Command::Check { file }) => check(data, file).await,
            Some(Command::Change(change)) => change.run(data).await,
            Some(Command::Explain(explain)) => explain.run(data).await,
        }
    }
}

/// The definitions of the data directory, or what ships with Attain where there is none.
async fn editions(data: &DataDirectory) -> anyhow::Result<std::sync::Arc<Editions>> {
    if !data.is_given() && !data.folder().is_dir() {
        return Ok(std::sync::Arc::new(Editions::new(&[], &Versions::default())?));
    }
    let store = data.open_existing().await?;
    Ok(Definitions::new(store.records().clone()).now(&Actor::local_owner()).await?)
}

/// Today where the company is; where this machine is, before anything was imported.
async fn today(data: &DataDirectory) -> anyhow::Result<Date> {
    let newest = match data.is_given() || data.folder().is_dir() {
        true => data.open_existing().await?.newest(&Actor::local_owner()).await?,
        false => None,
    };
    let zone = newest.map_or_else(TimeZone::system, |newest| newest.company().time_zone.clone());
    Ok(zone.to_datetime(Timestamp::now()).date())
}

fn list(catalogue: &Catalogue) -> anyhow::Result<()> {
    let header = ["metric", "label", "description"].map(String::from);
    let rows: Vec<Vec<String>> = catalogue
        .metrics()
        .map(|metric| vec![metric.id.clone(), metric.label.clone(), metric.description.clone()])
        .collect();
    print_table(&header, &rows, 3)
}

fn show(catalogue: &Catalogue, name: &str) -> anyhow::Result<()> {
    let metric = catalogue
        .metric(name)
        .with_context(|| format!("there is no metric `{name}`; `attain metrics` lists them"))?;
    writeln_or_closed(&format!("{}, version {}\n\n{}", metric.label, metric.version, metric.source_text))
}

fn history(editions: &Editions, name: &str) -> anyhow::Result<()> {
    let found = reigns(editions, name);
    if found.is_empty() {
        bail!("there is no metric `{name}`; `attain metrics` lists them");
    }
    for reign in found.iter().rev() {
        let from = reign.from.map_or_else(|| "always".to_owned(), |from| format!("from {from} on"));
        writeln_or_closed(&format!(
            "Version {}, {from}\n{}\n",
            reign.metric.version, reign.metric.source_text
        ))?;
    }
    Ok(())
}

async fn changes(data: &DataDirectory) -> anyhow::Result<()> {
    let store = data.open_existing().await?;
    let found = store::known_at(store.records(), &Actor::local_owner(), Timestamp::MAX).await?;
    if found.is_empty() {
        return writeln_or_closed("No definition was changed: everything is measured as Attain defines it.");
    }
    let header = ["change", "in force from", "restates", "saved", "by", "reason"].map(String::from);
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|change| {
            vec![
                change.number.to_string(),
                change.in_force_from.to_string(),
                if change.restates { "yes" } else { "no" }.to_owned(),
                change.recorded_at.to_string(),
                change.actor,
                change.reason,
            ]
        })
        .collect();
    print_table(&header, &rows, 6)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))
}

/// Reads a file beside all that is defined, and says what it would define.
async fn check(data: &DataDirectory, file: &Path) -> anyhow::Result<()> {
    let today = today(data).await?;
    let change =
        DefinitionChange { name: file.display().to_string(), text: read(file)?, in_force_from: today };
    let mut all: Vec<DefinitionChange> = Vec::new();
    if data.is_given() || data.folder().is_dir() {
        let store = data.open_existing().await?;
        let saved = store::known_at(store.records(), &Actor::local_owner(), Timestamp::MAX).await?;
        all.extend(saved.iter().map(store::Recorded::change));
    }
    let before = Editions::new(&all, &Versions::default())?;
    all.push(change);
    let after = Editions::new(&all, &Versions::default())?;
    let is_new = |metric: &&Metric| {
        before.on(today).metric(&metric.id).is_none_or(|was| was.source_text != metric.source_text)
    };
    let defined: Vec<&str> = after
        .on(today)
        .metrics()
        .map(AsRef::as_ref)
        .filter(|metric: &&Metric| metric.is_own)
        .filter(is_new)
        .map(|metric| metric.id.as_str())
        .collect();
    match defined.is_empty() {
        true => writeln_or_closed("It reads, and defines nothing that is not in force already."),
        false => writeln_or_closed(&format!("It reads, and defines {}.", defined.join(", "))),
    }
}

impl Change {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let asker = asker(data, None).await?;
        let definitions = Definitions::new(data.open_existing().await?.records().clone());
        let actor = Actor::local_owner();
        let today = asker.as_of().asked_on;
        let proposal = Proposal { text: read(&self.file)?, in_force_from: self.from.unwrap_or(today) };
        let considered = consider(&definitions, &actor, proposal, today)
            .await
            .with_context(|| format!("{} was not taken", self.file.display()))?;
        let period = match self.period.as_deref() {
            Some(named) => asker.calendar().parse(named)?,
            None => card::default_period(&asker),
        };
        let effect = ChangeOut::of(&asker, &considered, &period, &Viewer::Owner.reach()).await?;
        match self.format {
            Format::Json => print_json(&effect)?,
            Format::Csv => effect_rows(&effect, super::table::print_csv)?,
            Format::Table => {
                effect_rows(&effect, |header, rows| print_table(header, rows, 5))?;
                eprintln!("{}", said(&considered));
            }
        }
        if self.dry_run {
            eprintln!("Nothing was saved (--dry-run).");
            return Ok(());
        }
        let now = Timestamp::now();
        let number = considered.save(&definitions, &actor, now, &self.reason, self.restate).await?;
        eprintln!("Change {number} was saved.");
        Ok(())
    }
}

/// One row per value without and with the change.
fn effect_rows(
    effect: &ChangeOut,
    print: impl FnOnce(&[String], &[Vec<String>]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let header = ["metric", "what", "period", "level", "name", "before", "after"].map(String::from);
    print(&header, &effect.rows())
}

fn said(considered: &Considered) -> String {
    let from = considered.in_force_from;
    let made: Vec<&str> = considered.made_of_it.iter().map(|metric| metric.id.as_str()).collect();
    let mut said = match considered.restates {
        true => format!("It restates days that are over: in force from {from} on."),
        false => format!("In force from {from} on; periods that ended before keep their version."),
    };
    if !made.is_empty() {
        said.push_str(&format!(" Made of it, and so other numbers too: {}.", made.join(", ")));
    }
    said
}

impl Explain {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let asker = match self.folders.asker().await? {
            Some(asker) => asker,
            None => asker(data, None).await?,
        };
        let question = Question {
            metrics: vec![self.metric.clone()],
            subject: Subject::Company,
            by: self.by.iter().map(|name| Dimension::from_name(name)).collect(),
            periods: card::periods(&asker, self.periods.iter().map(String::as_str))?,
            filter: None,
            rates: RateMode::default(),
        };
        writeln_or_closed(&asker.explain(&question).await?)
    }
}
