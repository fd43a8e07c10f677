//! What a subject is held against: itself in the period before or a year ago, or the mean of its peers
//! (domain 8.1). A period that is not over is held against as many working days of the other.

use attain_metrics::{Asker, Dimension, Level, Period, Question, RateMode, Reach, Subject, WorkingDays};
use jiff::ToSpan;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::levers::METRICS;
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
        Against::Year => after.from.and_then(|from| {
            let there = from.checked_sub(1.year()).ok()?;
            // The calendar's own year may begin some days off; the middle of the period is inside it.
            let middle = there.checked_add(10.days()).ok()?;
            asker.calendar().containing(middle, after.grain)
        }),
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

/// The mean of the others who have a person's role and were there. It shows nothing of any one of them.
async fn peers(asker: &Asker, subject: &Subject, period: Period) -> Result<Reference, PageError> {
    let Subject::Rep(id) = subject else {
        return Err(PageError::Invalid {
            field: "against".into(),
            message: "only a person has peers; choose a period instead".to_owned(),
        });
    };
    let role = |id: &str| asker.organisation().person(id).and_then(|person| person.role.clone());
    let own = role(id);
    let everybody = asker.organisation().members(Level::Rep, &Subject::Company, &period);
    let others: Vec<String> =
        everybody.into_iter().map(|one| one.id).filter(|one| one != id && role(one) == own).collect();
    let question = Question {
        metrics: METRICS.map(str::to_owned).to_vec(),
        subject: Subject::Company,
        by: vec![Dimension::Rep],
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let is_peer = |member: &str| others.iter().any(|other| other == member);
    let mut sums = [Decimal::ZERO; 3];
    let mut count = 0_u64;
    for numbers in answer.numbers.chunks(METRICS.len()) {
        let member = numbers.first().and_then(|number| number.members.first().cloned().flatten());
        let is_comparable =
            |number: &attain_metrics::Number| !number.codes.contains(&attain_metrics::Code::NotComparable);
        let counts = member.is_some_and(|member| is_peer(&member.id)) && numbers.iter().all(is_comparable);
        if let Some(values) = values(numbers).filter(|_| counts) {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            count += 1;
        }
    }
    // Fewer would tell what one of them did (domain 15.3).
    if count < PEERS_MIN {
        return Err(PageError::Invalid {
            field: "against".into(),
            message: format!(
                "there are {count} peers in this period, and a mean of fewer than {PEERS_MIN} would tell what one of them did; choose a period instead"
            ),
        });
    }
    let all = asker
        .observations("bookings", &Subject::Company, &[Dimension::Rep], &period, &Reach::Everything)
        .await?;
    let of_peers = all
        .into_iter()
        .filter(|one| one.members.first().is_some_and(|member| member.as_deref().is_some_and(is_peer)));
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
