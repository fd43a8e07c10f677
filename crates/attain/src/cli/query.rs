//! `attain query`: any metric by any dimension for any period.

use std::borrow::Cow;

use anyhow::bail;
use attain_metrics::{Asker, Dimension, Metric, Number, Question, RateMode, Reach, TeamMode};

use super::open::{FolderArguments, SubjectArguments, asker, looked};
use super::table::{Format, print_csv, print_csv_lines, print_json, print_table};
use crate::config::DataDirectory;
use crate::export::{spreadsheet_cell, spreadsheet_number};
use crate::permissions::Viewer;
use crate::scorecards::api::NumberOut;
use crate::scorecards::card;
use crate::web::format::{beside, figure_with_unit, shown};

/// Ask metrics by dimensions and periods
#[derive(clap::Args)]
#[command(
    after_help = "Example: attain query --metric win_rate_count --by rep --period 2017-Q3 --format csv"
)]
pub(super) struct Query {
    /// Metric; repeat or separate by commas (`attain metrics` lists them)
    #[arg(long = "metric", required = true, value_delimiter = ',', value_name = "METRIC")]
    metrics: Vec<String>,
    /// Split by region, manager, rep, product, or any dimension of the rows (stage, type, segment);
    /// repeat or separate by commas
    #[arg(long, value_delimiter = ',', value_name = "DIMENSION")]
    by: Vec<String>,
    /// Period: 2017-Q3, 2017-03, 2017-H1, 2017-W05, 2017, all; or every `week`, `month`, `quarter`, `half` or `year` there is
    #[arg(long = "period", value_delimiter = ',', default_value = "all", value_name = "PERIOD")]
    periods: Vec<String>,
    #[command(flatten)]
    subject: SubjectArguments,
    /// Count only rows that meet a condition: "segment = 'SMB' and type = 'new'"
    #[arg(long = "where", value_name = "CONDITION")]
    filter: Option<String>,
    /// How money is converted: `spot` (the default), `average` of the period, or `constant:2026` for
    /// the plan rate of one fiscal year
    #[arg(long, value_name = "RATES")]
    rates: Option<String>,
    /// In which organisation facts count: `at_event` (the default), that of the day each happened, or
    /// `current_org`, today's
    #[arg(long, value_name = "MODE", value_parser = team_mode, default_value = "at_event")]
    team_mode: TeamMode,
    /// Add the rank among the members of each period
    #[arg(long)]
    rank: bool,
    /// What was known on a day (2026-03-31) or at an instant
    #[arg(long, value_name = "WHEN")]
    as_of: Option<String>,
    #[command(flatten)]
    folders: FolderArguments,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Query {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let by = self.by.iter().map(|name| Dimension::from_name(name)).collect();
        let of_folder = self.folders.asker().await?;
        let is_of_data = of_folder.is_none();
        let asker = match of_folder {
            Some(asker) => asker,
            None => asker(data, self.as_of.as_deref()).await?,
        };
        let asker = match self.team_mode {
            TeamMode::AtEvent => asker,
            TeamMode::CurrentOrg => asker.in_current_organisation(),
        };
        let (subject, _) = self.subject.resolve(&asker)?;
        if is_of_data {
            looked(data, &subject, &format!("{}, on the command line", self.metrics.join(", "))).await?;
        }
        let question = Question {
            metrics: self.metrics.clone(),
            subject,
            by,
            periods: card::periods(&asker, self.periods.iter().map(String::as_str))?,
            filter: self.filter.clone(),
            rates: self.rates.as_deref().map_or(Ok(RateMode::default()), rates)?,
        };
        let reach = Viewer::Owner.reach();
        if let (Format::Csv, false) = (self.format, self.rank) {
            return self.stream(&asker, &question, &reach).await;
        }
        let answer = asker.ask(&question, &reach).await?;
        let ranks = self.rank.then(|| card::ranks(&asker, &question, &answer));
        let ranks = ranks.as_deref();
        let ranked = answer.numbers.iter().enumerate();
        let ranked = ranked.map(|(index, number)| (number, ranks.and_then(|ranks| ranks[index])));
        match self.format {
            Format::Json => {
                let numbers: Vec<NumberOut> =
                    ranked.map(|(number, rank)| NumberOut::new(&asker, &question, number, rank)).collect();
                print_json(&numbers)
            }
            Format::Csv => {
                let rows = ranked.map(|(number, rank)| self.exact(&asker, number, rank));
                print_csv(&self.header(&question), &rows.collect::<Vec<_>>())
            }
            Format::Table => {
                let currency = &asker.company().currency;
                let rows = ranked.map(|(number, rank)| {
                    let value = match asker.catalogue().metric(&number.metric) {
                        Some(metric) => figure_for_reading(number, metric, currency),
                        None => spreadsheet_number(number.value),
                    };
                    self.row(&asker, number, value, rank)
                });
                print_table(&self.header(&question), &rows.collect::<Vec<_>>(), question.by.len() + 2)
            }
        }
    }

    /// Writes each number as soon as it is made: an answer may have millions.
    async fn stream(&self, asker: &Asker, question: &Question, reach: &Reach) -> anyhow::Result<()> {
        let counting = asker.count(question, reach).await?;
        print_csv_lines(&self.header(question), |lines| {
            counting.each(|number| lines.write(&self.exact(asker, &number, None)))
        })
    }

    fn header(&self, question: &Question) -> Vec<String> {
        let fixed = ["period", "metric", "value", "numerator", "denominator", "n", "codes"];
        let dimensions = question.by.iter().map(|dimension| dimension.name());
        let last = ["beside"];
        dimensions.chain(fixed).chain(self.rank.then_some("rank")).chain(last).map(str::to_owned).collect()
    }

    /// With all digits of the value.
    fn exact<'n>(&self, asker: &Asker, number: &'n Number, rank: Option<usize>) -> Vec<Cow<'n, str>> {
        self.row(asker, number, spreadsheet_number(number.value), rank)
    }

    fn row<'n>(
        &self,
        asker: &Asker,
        number: &'n Number,
        value: String,
        rank: Option<usize>,
    ) -> Vec<Cow<'n, str>> {
        let members = number.members.iter().map(|member| match member {
            Some(member) => spreadsheet_cell(&member.name),
            None => "unassigned".into(),
        });
        let facts = [
            number.period.key().into(),
            number.metric.as_str().into(),
            value.into(),
            spreadsheet_number(number.numerator).into(),
            spreadsheet_number(number.denominator).into(),
            number.n.to_string().into(),
            number.codes_text().into(),
        ];
        let rank = self.rank.then(|| rank.map(|rank| rank.to_string()).unwrap_or_default().into());
        let metric = asker.catalogue().metric(&number.metric);
        let beside = beside(asker, number, metric.map(AsRef::as_ref)).into();
        members.chain(facts).chain(rank).chain([beside]).collect()
    }
}

/// As the pages show it: with its unit, counts for a rate that rests on too few, a dash for none.
pub(super) fn figure_for_reading(number: &Number, metric: &Metric, currency: &str) -> String {
    let shown = shown(number, metric);
    match number.value.filter(|_| shown.drawn) {
        Some(value) => figure_with_unit(value, metric.unit, currency),
        None => shown.text,
    }
}

fn team_mode(text: &str) -> Result<TeamMode, String> {
    TeamMode::from_name(text)
        .ok_or_else(|| format!("`{text}` is no organisation; write at_event or current_org"))
}

fn rates(text: &str) -> anyhow::Result<RateMode> {
    match text.split_once(':') {
        None if text == "spot" => Ok(RateMode::SpotClose),
        None if text == "average" => Ok(RateMode::PeriodAverage),
        Some(("constant", year)) if !year.is_empty() => Ok(RateMode::Constant(year.to_owned())),
        _ => bail!("`{text}` is no way to convert money; write spot, average, or constant:2026"),
    }
}
