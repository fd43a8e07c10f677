//! What a subject is held against: itself in the period before or a year ago, the mean of its peers, or its target
//! (domain 8.1). A period that is not over is held against as many working days of the other, and against what is
//! due of a target.

use std::collections::HashSet;

use attain_metrics::{Asker, Dimension, Number, Period, Question, RateMode, Reach, Subject, WorkingDays};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::levers::Nothing;
use super::plan::Plan;
use super::side::{Observed, Totals};
use super::target;
use super::way::{BOOKINGS, CREDITED, Way};
use crate::comparison::peers_by;
use crate::scorecards::card;
use crate::web::App;
use crate::web::components::number_path;
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
    /// What was asked of the same period.
    Target,
}

impl Against {
    pub(super) const ALL: [Against; 4] = [Against::Before, Against::Year, Against::Peers, Against::Target];

    /// The name used in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Against::Before => "before",
            Against::Year => "year",
            Against::Peers => "peers",
            Against::Target => "target",
        }
    }

    /// What the choice is called.
    pub(super) fn words(self) -> &'static str {
        match self {
            Against::Before => "the period before",
            Against::Year => "a year ago",
            Against::Peers => "the mean of peers",
            Against::Target => "the target",
        }
    }

    /// The one of a name; the period before unless one is named.
    pub(super) fn named(name: Option<&str>) -> Result<Against, PageError> {
        match name.filter(|name| !name.is_empty()) {
            None => Ok(Against::Before),
            Some(name) => {
                Against::ALL.into_iter().find(|one| one.name() == name).ok_or_else(|| PageError::Invalid {
                    field: "against".into(),
                    message: format!(
                        "`{name}` is nothing to compare with; write before, year, peers or target"
                    ),
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
    /// Where its bookings open, if they do.
    pub(super) path: Option<String>,
    pub(super) totals: Result<Totals, Nothing>,
    /// None of a plan.
    pub(super) observed: Option<Observed>,
    /// How a target was to come about.
    pub(super) plan: Option<Plan>,
}

/// The period that a subject's own is held against.
pub(super) fn period(asker: &Asker, after: &Period, against: Against) -> Result<Period, PageError> {
    let other = match against {
        Against::Peers | Against::Target => return Ok(after.clone()),
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
    app: &App,
    asker: &Asker,
    subject: &Subject,
    after: &Period,
    (against, way): (Against, Way),
) -> Result<Reference, PageError> {
    let reach = app.reach();
    let period = period(asker, after, against)?;
    match against {
        Against::Before | Against::Year => {
            let totals = totals(asker, subject, &period, &metrics(way, subject), &reach).await?;
            let amounts = amounts(asker, subject, &period, &reach).await?;
            Ok(Reference {
                against,
                name: period.label().to_owned(),
                path: Some(number_path(subject, BOOKINGS, &period, "numbers")),
                period,
                totals: Ok(totals),
                observed: Some(Observed { times: 1, amounts }),
                plan: None,
            })
        }
        Against::Peers => peers(asker, subject, period, way).await,
        Against::Target => target::reference(app, asker, subject, period, way).await,
    }
}

/// What is asked of a subject: the totals of a chain, and what is credited where it is somebody's or a team's.
pub(super) fn metrics(way: Way, subject: &Subject) -> Vec<&'static str> {
    let credited = (*subject != Subject::Company).then_some(CREDITED);
    way.chain(subject).iter().map(|link| link.metric).chain(credited).collect()
}

/// What was counted, of the metrics there are.
pub(super) async fn totals(
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    metrics: &[&'static str],
    reach: &Reach,
) -> Result<Totals, PageError> {
    let question = question(asker, subject.clone(), Vec::new(), period, metrics);
    let answer = asker.ask(&question, reach).await?;
    Ok(told(metrics, &answer.numbers))
}

fn question(
    asker: &Asker,
    subject: Subject,
    by: Vec<Dimension>,
    period: &Period,
    metrics: &[&'static str],
) -> Question {
    let catalogue = asker.catalogue_for(period);
    let there_are = metrics.iter().filter(|metric| catalogue.metric(metric).is_some());
    Question {
        metrics: there_are.map(|metric| (*metric).to_owned()).collect(),
        subject,
        by,
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    }
}

fn told(metrics: &[&'static str], numbers: &[Number]) -> Totals {
    let valued = |number: &Number| {
        let metric = metrics.iter().find(|metric| **metric == number.metric)?;
        Some((*metric, number.value?))
    };
    numbers.iter().filter_map(valued).collect()
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
async fn peers(asker: &Asker, subject: &Subject, period: Period, way: Way) -> Result<Reference, PageError> {
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
    let metrics = metrics(way, subject);
    let question = question(asker, Subject::Company, vec![Dimension::Rep], &period, &metrics);
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let mut sums = Totals::default();
    let mut counted: HashSet<String> = HashSet::new();
    for numbers in answer.numbers.chunks(question.metrics.len().max(1)) {
        let member = numbers.first().and_then(|number| number.members.first().cloned().flatten());
        let Some(member) = member.filter(|member| others.contains(&member.id)) else { continue };
        // A mean is of the same people for every lever.
        if numbers.iter().all(|number| number.value.is_some()) {
            sums.add(told(&metrics, numbers));
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
        path: None,
        period,
        totals: Ok(sums.map(mean)),
        observed: Some(Observed { times: count, amounts }),
        plan: None,
    })
}

/// Peers of whom a mean may be shown.
const PEERS_MIN: u64 = 5;
