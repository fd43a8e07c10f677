//! Reconciliation: a report of the company's CRM beside Attain's number, and which deals explain the
//! difference.
//!
//! [`report`] finds out what the report lists, deals or totals of people; here the question is
//! completed from it (which metric, which period) and asked. [`sent`] reads what a browser sends, [`page`], [`api`] and the command line
//! show the one answer; [`words`] says each reason. Nothing of a report is kept.

mod api;
mod page;
mod report;
mod sent;
mod words;

use std::path::PathBuf;
use std::sync::Arc;

use attain_facts::suggestion::{Choices, Report, ReportError, Samples, SuggestionError};
use attain_metrics::{
    Asker, Calendar, Dimension, Grain, Level, Member, Metric, MetricsError, Number, Period, Question,
    RateMode, Reach, Reconciliation, ReportedDeal, Subject, reconciliation,
};
use axum::extract::DefaultBodyLimit;
use rust_decimal::Decimal;

pub(crate) use api::ReconciliationOut;
use report::{Lines, ReportedTotal, lines};
pub(crate) use words::why;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Imports);
    let limit = DefaultBodyLimit::max(sent::SENT_BYTES_MAX);
    Routes::new().merge(api::routes()).get("/data/reconciliation", reads, page::form).post_of_size(
        "/data/reconciliation",
        reads,
        limit,
        page::submitted,
    )
}

/// What a report is compared with; what is left open follows from the report.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) metric: Option<String>,
    pub(crate) subject: Subject,
    pub(crate) period: Option<Period>,
}

/// A report beside what Attain counts.
pub(crate) struct Reconciled {
    pub(crate) report: Report,
    pub(crate) metric: Arc<Metric>,
    pub(crate) subject: Subject,
    pub(crate) period: Period,
    pub(crate) told: Told,
}

/// What the report lists.
pub(crate) enum Told {
    /// Deals.
    Deals(Box<Reconciliation>),
    /// Totals of people.
    Totals(Vec<Total>),
}

/// A person's total in a period.
pub(crate) struct Total {
    /// What the report calls the person.
    pub(crate) person: String,
    /// The person there is of that name.
    pub(crate) member: Option<Member>,
    pub(crate) period: Period,
    /// What the report says; nothing for people it does not list.
    pub(crate) reported: Option<Decimal>,
    /// What Attain counts; nothing for people it does not know.
    pub(crate) number: Option<Number>,
}

impl Total {
    /// By how much the report says more; nothing where one side says nothing.
    pub(crate) fn difference(&self) -> Option<Decimal> {
        let counted = self.number.as_ref().and_then(|number| number.value);
        match (self.reported, counted) {
            (None, None) => None,
            (reported, counted) => Some(reported.unwrap_or_default() - counted.unwrap_or_default()),
        }
    }
}

/// Why there is no reconciliation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReconciliationError {
    /// The file is none.
    #[error(transparent)]
    Samples(#[from] SuggestionError),
    /// The report does not read.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// It reads and lists nothing that can be compared.
    #[error("{0}")]
    Unclear(String),
    /// The number could not be had.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The text could not be put where files are read from.
    #[error("the report could not be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Reads a report that stands in a file.
pub(crate) fn read(path: PathBuf, asker: &Asker, choices: &Choices) -> Result<Report, ReconciliationError> {
    let scratch = tempfile::tempdir()?;
    let samples = Samples::read(&[path], scratch.path(), choices)?;
    Ok(Report::of(&samples, &asker.company().time_zone, choices)?)
}

/// The name that a pasted report has where choices speak of files.
pub(crate) const PASTED: &str = "report.csv";

/// The text of a report that was sent as a file, as it would be pasted; `None` if its rows do not read.
fn text_of(path: PathBuf, choices: &Choices) -> Result<Option<String>, ReconciliationError> {
    let scratch = tempfile::tempdir()?;
    Ok(Samples::read(&[path], scratch.path(), choices)?.text())
}

/// Reads a report that was pasted.
fn read_text(text: &str, asker: &Asker, choices: &Choices) -> Result<Report, ReconciliationError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(PASTED);
    std::fs::write(&path, text)?;
    read(path, asker, choices)
}

/// Sets a report beside the number it tells about.
pub(crate) async fn reconciled(
    asker: &Asker,
    report: Report,
    asked: Asked,
    reach: &Reach,
) -> Result<Reconciled, ReconciliationError> {
    let calendar = asker.calendar();
    let lines = lines(&report, asker).map_err(ReconciliationError::Unclear)?;
    let metric = asked.metric.as_deref().unwrap_or_else(|| lines.metric());
    let metric = Arc::clone(asker.metric(metric)?);
    let Asked { subject, period, .. } = asked;
    let (period, told) = match lines {
        Lines::Deals(deals) => {
            let period = period.unwrap_or_else(|| told_period(&calendar, &deals));
            let found = reconciliation(asker, &metric.id, &subject, &period, &deals, reach).await?;
            (period, Told::Deals(Box::new(found)))
        }
        Lines::Totals(totals) => {
            let period = period.unwrap_or_else(|| calendar.all());
            let totals = compared(asker, &metric, &subject, &period, totals, reach).await?;
            (period, Told::Totals(totals))
        }
    };
    Ok(Reconciled { report, metric, subject, period, told })
}

/// The shortest month, quarter, half or year that holds nine tenths of the report's close dates.
fn told_period(calendar: &Calendar, deals: &[ReportedDeal]) -> Period {
    let days: Vec<_> = deals.iter().filter_map(|deal| deal.closed_on).collect();
    let most = |grain: Grain| {
        let periods = days.iter().filter_map(|day| calendar.containing(*day, grain));
        periods
            .map(|period| (days.iter().filter(|day| period.contains(**day)).count(), period))
            .max_by_key(|(held, _)| *held)
            .filter(|(held, _)| held * 10 >= days.len() * 9)
            .map(|(_, period)| period)
    };
    let grains = [Grain::Month, Grain::Quarter, Grain::Half, Grain::Year];
    grains.into_iter().find_map(most).unwrap_or_else(|| calendar.all())
}

/// The totals of people beside theirs, in the order of the report; people that it does not list and
/// that have something behind them.
async fn compared(
    asker: &Asker,
    metric: &Metric,
    subject: &Subject,
    period: &Period,
    totals: Vec<ReportedTotal>,
    reach: &Reach,
) -> Result<Vec<Total>, ReconciliationError> {
    let mut periods: Vec<Period> = Vec::new();
    for told in totals.iter().map(|total| total.period.as_ref().unwrap_or(period)) {
        if !periods.contains(told) {
            periods.push(told.clone());
        }
    }
    let question = Question {
        metrics: vec![metric.id.clone()],
        subject: subject.clone(),
        by: vec![Dimension::Rep],
        periods,
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, reach).await?;
    let mut numbers = answer.numbers;
    let mut found = Vec::new();
    for total in totals {
        let period = total.period.unwrap_or_else(|| period.clone());
        let people = asker.organisation().find(Level::Rep, &total.person);
        let member = match people.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        };
        let is_of = |number: &Number| {
            number.period == period
                && member.as_ref().is_some_and(|member| person(number).is_some_and(|of| of.id == member.id))
        };
        let number = numbers.iter().position(is_of).map(|at| numbers.remove(at));
        found.push(Total { person: total.person, member, period, reported: Some(total.value), number });
    }
    let left = numbers.into_iter().filter(|number| number.value.is_some_and(|value| !value.is_zero()));
    found.extend(left.map(|number| {
        let member = person(&number).cloned();
        Total {
            person: member.as_ref().map_or_else(|| "nobody".to_owned(), |member| member.name.clone()),
            member,
            period: number.period.clone(),
            reported: None,
            number: Some(number),
        }
    }));
    Ok(found)
}

fn person(number: &Number) -> Option<&Member> {
    number.members.first().and_then(|member| member.as_deref())
}
