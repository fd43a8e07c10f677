//! The numbers of periods that are over, as two snapshots have them, and what differs.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use rust_decimal::Decimal;

use crate::answer::Number;
use crate::ask::{Asker, MetricsError, Question, Reach};
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::subject::{Dimension, Member, Subject};
use crate::tables::Tables;

/// The metrics that are compared: money and counts that add up, so that the parts are the whole.
const METRICS: [&str; 5] = ["bookings", "deals_won", "deals_lost", "opps_created", "revenue"];
/// The one that says something else than [`METRICS`] only where credit is shared.
const SHARED: &str = "credited_bookings";

/// A number that is another one than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Identifier of the metric.
    pub metric: String,
    /// The period, which is over.
    pub period: Period,
    /// What it was; nothing where nobody had a share in it.
    pub before: Option<Decimal>,
    /// What it is.
    pub after: Option<Decimal>,
}

impl Movement {
    /// What it grew by. The parts of a company grow by as much as the company does.
    #[must_use]
    pub fn change(&self) -> Decimal {
        self.after.unwrap_or_default() - self.before.unwrap_or_default()
    }
}

/// A movement of somebody's or some team's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Whose; nobody's is the unassigned rest (T7).
    pub member: Option<Member>,
    /// What moved.
    pub movement: Movement,
}

/// What moves in periods that are over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// The company's own numbers.
    pub company: Vec<Movement>,
    /// By person, the greatest change of each metric first.
    pub people: Vec<Move>,
    /// By team, likewise.
    pub teams: Vec<Move>,
}

impl Moves {
    /// Whether every number is what it was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.company.is_empty() && self.people.is_empty() && self.teams.is_empty()
    }
}

/// Metric, position of the period, and whose.
type Place = (usize, usize, Option<String>);
/// Names of members by their ids.
type Names = BTreeMap<String, Member>;

/// What differs between two snapshots in the given periods. A period of which nothing was known
/// before has no number that could move. Outside the reach there is nothing.
///
/// # Errors
/// When the facts cannot be read.
pub async fn moves(
    before: &Asker,
    after: &Asker,
    periods: &[Period],
    reach: &Reach,
) -> Result<Moves, MetricsError> {
    if periods.is_empty() || *reach != Reach::Everything {
        return Ok(Moves::default());
    }
    let metrics = compared_metrics(before, after);
    let asked = |by: Option<Dimension>| Question {
        metrics: metrics.clone(),
        subject: Subject::Company,
        by: by.into_iter().collect(),
        periods: periods.to_vec(),
        filter: None,
        rates: RateMode::default(),
    };
    let whole = Compared::ask(before, after, &asked(None), reach).await?;
    let known: BTreeSet<(usize, usize)> =
        whole.before.keys().map(|(metric, period, _)| (*metric, *period)).collect();
    let mut moves = Moves::default();
    for (by, into) in [(Dimension::Rep, &mut moves.people), (Dimension::Region, &mut moves.teams)] {
        let parts = Compared::ask(before, after, &asked(Some(by)), reach).await?;
        *into = parts.differing(&metrics, periods, &known);
    }
    let company = whole.differing(&metrics, periods, &known);
    moves.company = company.into_iter().map(|moved| moved.movement).collect();
    Ok(moves)
}

fn compared_metrics(before: &Asker, after: &Asker) -> Vec<String> {
    let tables = [before.source().tables, after.source().tables];
    let is_shared = |tables: &&dyn Tables| tables.row_count("credit_split").is_some_and(|rows| rows > 0);
    let shared = tables.iter().any(is_shared).then_some(SHARED);
    METRICS.into_iter().chain(shared).map(str::to_owned).collect()
}

/// A number in both snapshots.
#[derive(Clone, Copy, Default)]
struct Values {
    before: Option<Decimal>,
    after: Option<Decimal>,
}

impl Values {
    fn change(self) -> Decimal {
        self.after.unwrap_or_default() - self.before.unwrap_or_default()
    }
}

/// The values of both snapshots, by their places.
struct Compared {
    before: BTreeMap<Place, Decimal>,
    after: BTreeMap<Place, Decimal>,
    names: Names,
}

impl Compared {
    async fn ask(
        before: &Asker,
        after: &Asker,
        question: &Question,
        reach: &Reach,
    ) -> Result<Compared, MetricsError> {
        let mut names = Names::new();
        Ok(Compared {
            before: values(before, question, reach, &mut names).await?,
            after: values(after, question, reach, &mut names).await?,
            names,
        })
    }

    /// What differs, the greatest change of each metric first.
    fn differing(
        self,
        metrics: &[String],
        periods: &[Period],
        known: &BTreeSet<(usize, usize)>,
    ) -> Vec<Move> {
        let mut places: BTreeMap<Place, Values> = BTreeMap::new();
        for (place, value) in self.before {
            places.entry(place).or_default().before = Some(value);
        }
        for (place, value) in self.after {
            places.entry(place).or_default().after = Some(value);
        }
        let differs = |(place, values): &(Place, Values)| {
            known.contains(&(place.0, place.1)) && !values.change().is_zero()
        };
        let mut found: Vec<(Place, Values)> = places.into_iter().filter(differs).collect();
        found.sort_by(|(one, values), (other, others)| {
            let greatest = others.change().abs().cmp(&values.change().abs());
            one.0.cmp(&other.0).then(greatest).then(one.cmp(other))
        });
        found
            .into_iter()
            .map(|((metric, period, member), Values { before, after })| Move {
                member: member.and_then(|id| self.names.get(&id).cloned()),
                movement: Movement {
                    metric: metrics[metric].clone(),
                    period: periods[period].clone(),
                    before,
                    after,
                },
            })
            .collect()
    }
}

async fn values(
    asker: &Asker,
    question: &Question,
    reach: &Reach,
    names: &mut Names,
) -> Result<BTreeMap<Place, Decimal>, MetricsError> {
    let mut values = BTreeMap::new();
    let counted = asker.count(question, reach).await?;
    let told: Result<(), Infallible> = counted.each(|number: Number| {
        let metric = question.metrics.iter().position(|id| *id == number.metric);
        let period = question.periods.iter().position(|period| *period == number.period);
        if let (Some(metric), Some(period), Some(value)) = (metric, period, number.value) {
            let member = number.members.first().cloned().flatten();
            let id = member.as_ref().map(|member| member.id.clone());
            names.extend(member.map(|member| (member.id.clone(), Member::clone(&member))));
            values.insert((metric, period, id), value);
        }
        Ok(())
    });
    match told {
        Ok(()) => Ok(values),
    }
}
