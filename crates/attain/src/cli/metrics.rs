//! `attain metrics`: the catalogue, one definition, and how a metric is computed.

use anyhow::Context;
use attain_metrics::{Catalogue, Dimension, Question, RateMode, Subject};

use super::open::{FolderArguments, asker};
use super::table::{print_table, writeln_or_closed};
use crate::config::DataDirectory;
use crate::scorecards::card;

/// List the metrics, show a definition, or explain how it is computed
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
    /// Say what a metric is made of, and print the plans that compute it
    Explain(Explain),
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
            None => list(&Catalogue::shipped()?),
            Some(Command::Show { metric }) => show(&Catalogue::shipped()?, metric),
            Some(Command::Explain(explain)) => explain.run(data).await,
        }
    }
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
