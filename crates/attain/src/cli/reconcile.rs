//! `attain reconcile`: which deals make a report of the CRM another number.

use std::path::PathBuf;

use anyhow::{Context, bail};
use attain_facts::suggestion::{Choices, Place};

use super::open::{SubjectArguments, asker};
use super::table::{Format, print_csv, print_json, print_table, writeln_or_closed};
use crate::config::DataDirectory;
use crate::permissions::Viewer;
use crate::reconciliation::{Asked, Reconciled, ReconciliationOut, Told, read, reconciled, why};
use crate::web::format::{figure, figure_with_unit, whole};

/// Show which deals make a report of the CRM another number than Attain's
#[derive(clap::Args)]
#[command(after_help = "Example: attain reconcile report.csv --metric bookings --period 2017-Q3")]
pub(super) struct Reconcile {
    /// The report: a list of deals, or totals of people, in any format that imports take
    report: PathBuf,
    /// Metric; bookings by default, deals_won where the report has no amounts
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    #[command(flatten)]
    subject: SubjectArguments,
    /// Period; by default the one that the report's close dates lie in
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// How dates or numbers of a column are written, where that is ambiguous
    #[arg(long = "column-format", value_name = "COLUMN=FORMAT")]
    formats: Vec<String>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Reconcile {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let asker = asker(data, None).await?;
        let (subject, name) = self.subject.resolve(&asker)?;
        let period = self.period.as_deref().map(|period| asker.calendar().parse(period)).transpose()?;
        let report = read(self.report.clone(), &asker, &self.choices()?)?;
        if let Some(question) = report.questions.first() {
            let column = match &question.place {
                Place::Format { column, .. } => column.as_str(),
                _ => "COLUMN",
            };
            let answers: Vec<&str> = question.answers.iter().map(|answer| answer.value.as_str()).collect();
            bail!("{} Say it with --column-format \"{column}={}\"", question.text, answers.join("|"));
        }
        let asked = Asked { metric: self.metric.clone(), subject, period };
        let found = reconciled(&asker, report, asked, &Viewer::Owner.reach()).await?;
        let (header, lines) = records(&found);
        match self.format {
            Format::Json => print_json(&ReconciliationOut::new(&asker, found)),
            Format::Csv => print_csv(&header, &lines),
            Format::Table => {
                let currency = &asker.company().currency;
                writeln_or_closed(&format!("{} of {name}, {}", found.metric.label, found.period.label()))?;
                writeln_or_closed(&summary(&found, currency))?;
                match lines.is_empty() {
                    true => Ok(()),
                    false => print_table(&header, &lines, header.len()),
                }
            }
        }
    }

    fn choices(&self) -> anyhow::Result<Choices> {
        let mut choices = Choices::default();
        let file =
            self.report.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for given in &self.formats {
            let (column, format) = given
                .rsplit_once('=')
                .with_context(|| format!("`{given}` names no format; write COLUMN=FORMAT"))?;
            let place = Place::Format { file: file.clone(), column: column.to_owned() };
            choices.answer(&place, format);
        }
        Ok(choices)
    }
}

fn summary(found: &Reconciled, currency: &str) -> String {
    let value = |value| figure_with_unit(value, found.metric.unit, currency);
    match &found.told {
        Told::Deals(deals) => format!(
            "report {}, here {}, difference {}; {} deals are told alike, {} otherwise",
            value(deals.reported),
            value(deals.counted),
            value(deals.difference()),
            whole(deals.agreeing.into()),
            whole(deals.differing.len().into())
        ),
        Told::Totals(totals) => {
            let differing = totals.iter().filter(|total| total.difference().is_none_or(|by| !by.is_zero()));
            format!("{} of {} totals differ", differing.count(), totals.len())
        }
    }
}

/// The differences as lines: those of deals, or every total.
fn records(found: &Reconciled) -> (Vec<String>, Vec<Vec<String>>) {
    let value = |value| figure(value, found.metric.unit);
    let header = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    match &found.told {
        Told::Deals(deals) => {
            let lines = deals.differing.iter().map(|deal| {
                let reasons = deal.reasons.iter().map(why).collect::<Vec<_>>().join("; ");
                let rows = deal.lines.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
                vec![
                    deal.deal.clone(),
                    reasons,
                    rows,
                    value(deal.reported),
                    value(deal.counted),
                    value(deal.effect()),
                ]
            });
            (header(&["deal", "why", "rows", "report", "here", "difference"]), lines.collect())
        }
        Told::Totals(totals) => {
            let lines = totals.iter().map(|total| {
                let counted = total.number.as_ref().and_then(|number| number.value);
                let written = |told: Option<_>| told.map(value).unwrap_or_default();
                vec![
                    total.person.clone(),
                    total.period.label().to_owned(),
                    written(total.reported),
                    written(counted),
                    written(total.difference()),
                ]
            });
            (header(&["person", "period", "report", "here", "difference"]), lines.collect())
        }
    }
}
