//! What a subject is held against: itself in the period before or a year ago, or the mean of its peers
//! (domain 8.1). A period that is not over is held against as many working days of the other.

use std::collections::HashSet;

use attain_metrics::{Asker, Dimension, Period, Question, RateMode, Reach, Subject, WorkingDays};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::levers::METRICS;
use crate::comparison::peers_by;
use crate::scorecards::card;
use crate::web::problem::PageError;

/// What is the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Against {
    /// The period before.
    #[default]
    Before,
    /// The same period of the year before.
    Year,
    /// The mean of the others in the role, in the same period.
    Peers,
}

impl Against {
    pub(super) const ALL: [Against; 3] = [Against::Before, Against::Year, Against::Peers];

    /// The name used in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Against::Before => "before",
            Against::Year => "year",
            Against::Peers => "peers",
        }
    }

    /// What the choice is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Against::Before => "the period before",
            Against::Year => "a year ago",
            Against::Peers => "the mean of peers",
        }
    }

    /// The one of a name; the period before unless one is named.
    pub(super) fn named(name: Option<&str>) -> Result<Against, PageError> {
        match name.filter(|name| !name.is_empty()) {
            None => Ok(Against::Before),
            Some(name) => {
                Against::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| PageError::Invalid {
                    field: "against".into(),
                    message: format!("`{name}` is nothing to compare with; write before, year or peers"),
                })
            }
        }
    }
}

/// The other side of a comparison.
pub(super) struct Reference {
    pub(super) against: Against,
    pub(super) period: Period,
    /// What it is called.
    pub(super) name: String,
    /// Opportunities created, deals won, bookings; none where there is no number.
    pub(super) totals: Option<[Decimal; 3]>,
    /// How many times as much was observed: a mean of ten rests on ten times what it says.
    pub(super) times: u64,
    /// The amounts of the deals won, where they may be opened.
    pub(super) amounts: Vec<f64>,
}

/// The period that a subject's own is held against.
pub(super) fn period(asker: &Asker, after: &Period, against: Against) -> Result<Period, PageError> {
    let other = match against {
        Against::Peers => return Ok(after.clone()),
        Against::Before => asker.calendar().previous(after),
        Against::Year => asker.calendar().same_period_last_year(after),
    };
    let other = match other {
        Some(other) if card::is_under_way(asker, after) => {
            let days = WorkingDays::of(asker.company());
            days.same_elapsed(after, &other, asker.as_of().date).map(|day| other.through(day))
        }
        other => other,
    };
    other.ok_or_else(|| PageError::Invalid {
        field: "period".into(),
        message: format!("{} has no period before it, or no working day of it has gone by.", after.label()),
    })
}

/// Asks the numbers of the other side.
///
/// # Errors
/// When there is none, or the facts cannot be read.
pub(super) async fn of(
    asker: &Asker,
    subject: &Subject,
    after: &Period,
    against: Against,
    reach: &Reach,
) -> Result<Reference, PageError> {
    let period = period(asker, after, against)?;
    match against {
        Against::Before | Against::Year => {
            let totals = totals(asker, subject, &period, reach).await?;
            let amounts = amounts(asker, subject, &period, reach).await?;
            Ok(Reference { against, name: period.label().to_owned(), period, totals, times: 1, amounts })
        }
        Against::Peers => peers(asker, subject, period).await,
    }
}

/// Opportunities created, deals won, bookings.
pub(super) async fn totals(
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    reach: &Reach,
) -> Result<Option<[Decimal; 3]>, PageError> {
    let question = Question {
        metrics: METRICS.map(str::to_owned).to_vec(),
        subject: subject.clone(),
        by: Vec::new(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, reach).await?;
    Ok(values(&answer.numbers))
}

fn values(numbers: &[attain_metrics::Number]) -> Option<[Decimal; 3]> {
    let [created, won, booked] = numbers else { return None };
    Some([created.value?, won.value?, booked.value?])
}

/// The amounts of the deals won.
pub(super) async fn amounts(
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    reach: &Reach,
) -> Result<Vec<f64>, PageError> {
    let all = asker.observations("bookings", subject, &[], period, reach).await?;
    Ok(all.into_iter().filter_map(|observation| observation.value.to_f64()).collect())
}

/// The mean of the others in a person's peer set (see [`crate::comparison`]). It shows nothing of any one of
/// them.
async fn peers(asker: &Asker, subject: &Subject, period: Period) -> Result<Reference, PageError> {
    let Subject::Rep(id) = subject else {
        return Err(PageError::Invalid {
            field: "against".into(),
            message: "only a person has peers; choose a period instead".to_owned(),
        });
    };
    let set = peers_by(asker, subject, "opps_created", &period, None).await?;
    let others: HashSet<String> = set
        .peers
        .iter()
        .filter(|peer| peer.left_out.is_none() && peer.member.id != *id)
        .map(|peer| peer.member.id.clone())
        .collect();
    let question = Question {
        metrics: METRICS.map(str::to_owned).to_vec(),
        subject: Subject::Company,
        by: vec![Dimension::Rep],
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let mut sums = [Decimal::ZERO; 3];
    let mut counted: HashSet<String> = HashSet::new();
    for numbers in answer.numbers.chunks(METRICS.len()) {
        let member = numbers.first().and_then(|number| number.members.first().cloned().flatten());
        let Some(member) = member.filter(|member| others.contains(&member.id)) else { continue };
        if let Some(values) = values(numbers) {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            counted.insert(member.id.clone());
        }
    }
    let count = counted.len() as u64;
    // Fewer would tell what one of them did (domain 15.3).
    if count < PEERS_MIN {
        return Err(PageError::Invalid {
            field: "against".into(),
            message: format!(
                "there are {count} peers in this period, and a mean of fewer than {PEERS_MIN} would tell what one of them did; choose a period instead"
            ),
        });
    }
    let by = [Dimension::Rep];
    let all = asker.observations("bookings", &Subject::Company, &by, &period, &Reach::Everything).await?;
    let is_counted = |member: &Option<String>| member.as_ref().is_some_and(|id| counted.contains(id));
    let of_peers = all.into_iter().filter(|one| one.members.first().is_some_and(is_counted));
    let amounts = of_peers.filter_map(|observation| observation.value.to_f64()).collect();
    let mean = |sum: Decimal| sum.checked_div(Decimal::from(count)).unwrap_or_default();
    Ok(Reference {
        against: Against::Peers,
        name: format!("the mean of {count} peers"),
        period,
        totals: Some(sums.map(mean)),
        times: count,
        amounts,
    })
}

/// Peers of whom a mean may be shown.
const PEERS_MIN: u64 = 5;
