//! `attain difference`: a number as known at two instants, and the rows between.

use anyhow::bail;
use attain_metrics::{Asker, Metric, Number};
use attain_records::Actor;

use super::open::{SubjectArguments, asker, looked};
use super::query::figure_for_reading;
use super::table::{Format, print_csv, print_json, print_table, writeln_or_closed};
use crate::config::DataDirectory;
use crate::permissions::Viewer;
use crate::scorecards::difference::{Asked, Between, COLUMNS, DifferenceOut, between, records};
use crate::web::format::{figure_with_unit, instant, whole};

/// Show which rows make a number another one than it was
#[derive(clap::Args)]
#[command(
    after_help = "Example: attain difference --metric bookings --rep \"Anna Snelling\" --period 2017-Q3 --from 2017-09-30"
)]
pub(super) struct Difference {
    /// Metric (`attain metrics` lists them)
    #[arg(long, value_name = "METRIC")]
    metric: String,
    #[command(flatten)]
    subject: SubjectArguments,
    /// Period: 2017-Q3, 2017-03, 2017, all
    #[arg(long, default_value = "all", value_name = "PERIOD")]
    period: String,
    /// The earlier instant: a day (2026-03-31, its end) or an instant
    #[arg(long, value_name = "WHEN")]
    from: String,
    /// The later one; now by default
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Difference {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let now = asker(data, self.to.as_deref()).await?;
        let then = asker(data, Some(&self.from)).await?;
        if then.as_of().snapshot > now.as_of().snapshot {
            bail!("--to lies before --from: give the earlier instant first");
        }
        let (subject, name) = self.subject.resolve(&now)?;
        looked(data, &subject, &format!("difference of {}, on the command line", self.metric)).await?;
        let period = now.calendar().parse(&self.period)?;
        let asked = Asked { metric: &self.metric, subject: &subject, period: &period };
        let actor = Actor::local_owner();
        let store = data.open().await?;
        let found = between(&store, &actor, &then, &now, &asked, &Viewer::Owner.reach()).await?;
        let header = COLUMNS.map(str::to_owned);
        let lines: Vec<Vec<String>> = records(&found).into_iter().map(Vec::from).collect();
        match self.format {
            Format::Json => print_json(&DifferenceOut::new(&then, &now, &found)),
            Format::Csv => print_csv(&header, &lines),
            Format::Table => {
                let title = format!("{} of {name}, {}", self.metric, period.label());
                print_summary(&title, &then, &now, &found)?;
                match lines.is_empty() {
                    true => Ok(()),
                    false => print_table(&header, &lines, COLUMNS.len()),
                }
            }
        }
    }
}

/// Both values, and for what adds up how one leads to the other.
fn print_summary(title: &str, then: &Asker, now: &Asker, between: &Between) -> anyhow::Result<()> {
    let found = &between.difference;
    writeln_or_closed(title)?;
    for (word, asker, number) in [("then", then, &found.then), ("now", now, &found.now)] {
        let as_of = asker.as_of();
        let known = instant(as_of.committed_at, &now.company().time_zone);
        let value = value(asker, number);
        writeln_or_closed(&format!("{word}: {value} (known {known}, snapshot {})", as_of.snapshot))?;
    }
    let counts = format!(
        "{} rows differ: {} added, {} gone, {} changed",
        whole(found.total().into()),
        found.added.rows,
        found.gone.rows,
        found.changed.rows
    );
    match (found.effect(), now.catalogue().metric(&found.now.metric)) {
        (Some(effect), Some(metric)) => {
            let effect = figure_with_unit(effect, metric.unit, &now.company().currency);
            writeln_or_closed(&format!("{counts}; together {effect}"))
        }
        _ => writeln_or_closed(&counts),
    }
}

fn value(asker: &Asker, number: &Number) -> String {
    let metric: Option<&Metric> = asker.catalogue().metric(&number.metric).map(AsRef::as_ref);
    let value = metric.map(|metric| figure_for_reading(number, metric, &asker.company().currency));
    value.unwrap_or_else(|| "–".to_owned())
}
