//! `attain quality`: what is wrong with the facts, and the rows.

use anyhow::{Context, bail};
use attain_metrics::{Asker, FoundPage, Quality, SourceQuality};

use super::open::asker;
use super::table::{Format, print_csv, print_json, print_table, writeln_or_closed};
use crate::config::DataDirectory;
use crate::data::quality::api::{FoundRowsOut, QualityOut};
use crate::data::quality::{COLUMNS, about, deliveries_words, percent, records, summary};
use crate::permissions::Viewer;
use crate::web::format::whole;

/// Show what is wrong with the facts, and the rows
#[derive(clap::Args)]
#[command(after_help = "Example: attain quality --finding empty:opportunity.amount --format csv")]
pub(super) struct QualityCommand {
    /// Show the rows of one finding
    #[arg(long, value_name = "FINDING")]
    finding: Option<String>,
    /// Only this source; where there are several, whose rows are shown
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl QualityCommand {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let asker = asker(data, None).await?;
        let quality = asker.quality(&Viewer::Owner.reach()).await?;
        let mut quality = Quality::clone(&quality);
        if let Some(source) = &self.source {
            let known: Vec<String> = quality.sources.iter().map(|known| known.source.clone()).collect();
            quality.sources.retain(|known| known.source == *source);
            if quality.sources.is_empty() {
                bail!("there is no source `{source}`; there are: {}", known.join(", "));
            }
        }
        match &self.finding {
            Some(finding) => self.print_rows(&asker, &quality, finding).await,
            None => self.print(&asker, &quality),
        }
    }

    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    fn print(&self, asker: &Asker, quality: &Quality) -> anyhow::Result<()> {
        let header = ["source", "finding", "found", "of", "severity", "code", "metrics"].map(str::to_owned);
        match self.format() {
            Format::Json => print_json(&QualityOut::from(quality)),
            Format::Csv => print_csv(&header, &lines(quality)),
            Format::Table => {
                let (first, second) = summary(quality);
                writeln_or_closed(format!("{first} {second}").trim_end())?;
                quality.sources.iter().try_for_each(|source| print_source(asker, source))
            }
        }
    }

    async fn print_rows(&self, asker: &Asker, quality: &Quality, key: &str) -> anyhow::Result<()> {
        let has = |source: &&SourceQuality| source.findings.iter().any(|finding| finding.key == key);
        let source = quality.sources.iter().find(has);
        let source =
            source.with_context(|| format!("there is no finding `{key}`; `attain quality` lists them"))?;
        let (source, reach) = (&source.source, Viewer::Owner.reach());
        let found = asker.quality_rows(source, key, FoundPage::default(), &reach).await?;
        let (finding, rows) = found.context("the finding is gone; run `attain quality` again")?;
        let lines: Vec<Vec<String>> = records(source, &finding, &rows).into_iter().map(Vec::from).collect();
        let header = COLUMNS.map(str::to_owned);
        match self.format() {
            Format::Json => print_json(&FoundRowsOut::new(&finding, &rows.rows)),
            Format::Csv => print_csv(&header, &lines),
            Format::Table => {
                writeln_or_closed(&format!("{}: {}", finding.check.title, about(&finding)))?;
                print_table(
                    &header[2..],
                    &lines.iter().map(|line| &line[2..]).map(<[String]>::to_vec).collect::<Vec<_>>(),
                    header.len(),
                )
            }
        }
    }
}

fn lines(quality: &Quality) -> Vec<Vec<String>> {
    let of_source = |source: &SourceQuality| {
        let line = |finding: &attain_metrics::Finding| {
            vec![
                source.source.clone(),
                finding.key.clone(),
                finding.found.to_string(),
                finding.of.to_string(),
                finding.severity.name().to_owned(),
                finding.check.code.map(|code| code.code().to_owned()).unwrap_or_default(),
                finding.metrics.join("; "),
            ]
        };
        source.findings.iter().map(line).collect::<Vec<_>>()
    };
    quality.sources.iter().flat_map(of_source).collect()
}

fn print_source(asker: &Asker, source: &SourceQuality) -> anyhow::Result<()> {
    let deliveries = deliveries_words(&source.deliveries, &asker.company().time_zone);
    writeln_or_closed(&format!("\n{}: {deliveries}", source.source))?;
    let header = ["finding", "what", "matters", "metrics", "found", "of", "share"].map(str::to_owned);
    let line = |finding: &attain_metrics::Finding| {
        vec![
            finding.key.clone(),
            format!("{}, {}", finding.check.title, about(finding)),
            finding.severity.words().to_owned(),
            finding.metrics.len().to_string(),
            whole(finding.found.into()),
            whole(finding.of.into()),
            percent(finding.share()),
        ]
    };
    let rows: Vec<Vec<String>> = source.findings.iter().map(line).collect();
    match rows.is_empty() {
        true => writeln_or_closed("Nothing was found.")?,
        false => print_table(&header, &rows, 3)?,
    }
    let columns: usize = source.not_supplied.iter().map(|table| table.columns.len()).sum();
    writeln_or_closed(&format!(
        "{} checks found nothing; {columns} needed columns are not supplied.",
        source.passed
    ))
}
