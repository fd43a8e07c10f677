//! `attain metrics`: the catalogue, and the definition of one metric.

use anyhow::Context;
use attain_metrics::Catalogue;

use super::table::{print_table, writeln_or_closed};

/// List the metrics, or show one definition
#[derive(clap::Args)]
#[command(after_help = "Example: attain metrics win_rate_count")]
pub(super) struct Metrics {
    /// The metric whose definition to show
    metric: Option<String>,
}

impl Metrics {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let catalogue = Catalogue::shipped()?;
        let Some(name) = &self.metric else {
            let header = ["metric", "label", "description"].map(String::from);
            let rows: Vec<Vec<String>> = catalogue
                .metrics()
                .map(|metric| vec![metric.id.clone(), metric.label.clone(), metric.description.clone()])
                .collect();
            return print_table(&header, &rows, 3);
        };
        let metric = catalogue
            .metric(name)
            .with_context(|| format!("there is no metric `{name}`; `attain metrics` lists them"))?;
        writeln_or_closed(&format!("{}, version {}\n\n{}", metric.label, metric.version, metric.source_text))
    }
}
