//! `attain scorecard`: one subject's numbers, as the page shows them.

use super::open::{SubjectArguments, asker, looked};
use super::table::{Format, print_csv, print_json, print_table};
use crate::config::DataDirectory;
use crate::export::spreadsheet_number;
use crate::permissions::Viewer;
use crate::scorecards::api::ScorecardOut;
use crate::scorecards::card;
use crate::web::format::{shown, unit_words};

/// Show the scorecard of a person, a team or the company
#[derive(clap::Args)]
#[command(after_help = "Example: attain scorecard --rep \"Anna Snelling\" --period 2017-Q3")]
pub(super) struct Scorecard {
    #[command(flatten)]
    subject: SubjectArguments,
    /// Period: 2017-Q3, 2017-03, 2017-H1, 2017-W05, 2017 or all; by default the last quarter that is over
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// What was known on a day (2026-03-31) or at an instant
    #[arg(long, value_name = "WHEN")]
    as_of: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Scorecard {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let asker = asker(data, self.as_of.as_deref()).await?;
        let (subject, name) = self.subject.resolve(&asker)?;
        let period = match &self.period {
            Some(text) => asker.calendar().parse(text)?,
            None => card::default_period(&asker),
        };
        looked(data, &subject, "scorecard, on the command line").await?;
        let reach = Viewer::Owner.reach();
        let card = card::read(&asker, subject, name, period, &reach).await?;
        if self.format == Format::Json {
            return print_json(&ScorecardOut::new(&asker, &card));
        }
        let exact = self.format == Format::Csv;
        let currency = &asker.company().currency;
        let rows: Vec<Vec<String>> = card
            .lines
            .iter()
            .map(|line| {
                let (number, metric) = (&line.number, &line.metric);
                let value = if exact { spreadsheet_number(number.value) } else { shown(number, metric).text };
                let first = if exact { metric.id.clone() } else { metric.label.clone() };
                let unit = unit_words(metric, currency);
                vec![
                    first,
                    unit,
                    value,
                    spreadsheet_number(number.numerator),
                    spreadsheet_number(number.denominator),
                    number.n.to_string(),
                    number.codes_text(),
                ]
            })
            .collect();
        let header = ["metric", "unit", "value", "numerator", "denominator", "n", "codes"].map(String::from);
        if exact {
            return print_csv(&header, &rows);
        }
        super::table::writeln_or_closed(&format!("{}, {}", card.name, card.period.label()))?;
        print_table(&header, &rows, 2)
    }
}
