//! A peer set and where each in it stands (domain 7.5, 7.8, 7.10).
//!
//! Peers are the people of one role below a subject who were there for most of the period (T20). Whoever
//! rests on fewer than twenty observations is shown and not compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_metrics::{
    Asker, Code, Dimension, Direction, Member, Metric, Number, Period, Question, RateMode, Reach, Subject,
};
use attain_stats::ranking::{Better, Verdict};
use attain_stats::shrinkage::NotShrunk;
use attain_stats::standing::{Standing, of_proportions};
use attain_stats::{Confidence, Interval, Proportion};
use rust_decimal::prelude::ToPrimitive;

use crate::web::problem::PageError;

/// What those without a role of their own are called.
const NO_ROLE: &str = "without a role";

/// People who are compared, and how.
pub(super) struct Comparison {
    /// The roles there are among them, and how many have each.
    pub(super) roles: BTreeMap<String, usize>,
    /// The role whose people are compared.
    pub(super) role: String,
    pub(super) people: Vec<Person>,
    /// How many are among them whom the one who asks may not open.
    pub(super) hidden: usize,
    /// How many are clearly above, cannot be told apart, and are clearly below.
    pub(super) said: [usize; 3],
    /// Whether people differ more than chance would make them, or why nobody can be compared.
    pub(super) together: Result<Together, NotShrunk>,
}

/// What all of them say together.
pub(super) struct Together {
    /// Those who were compared.
    pub(super) compared: usize,
    pub(super) no_detectable_difference: bool,
}

/// One of them.
pub(super) struct Person {
    pub(super) member: Arc<Member>,
    pub(super) number: Number,
    pub(super) interval: Option<Interval>,
    pub(super) standing: Result<Standing, NotCompared>,
}

/// Why somebody is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotCompared {
    /// There for less than four fifths of the period.
    HardlyThere,
    /// On fewer than twenty observations.
    TooFew,
    /// Nobody is, for a reason that is everybody's.
    Nobody,
}

impl Person {
    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.standing.as_ref().ok().map(Standing::verdict)
    }
}

/// The metrics by which people can be compared here: shares of a set, with a good direction.
pub(super) fn metrics(asker: &Asker) -> impl Iterator<Item = &Arc<Metric>> {
    asker.catalogue().metrics().filter(|metric| better(metric).is_some())
}

fn better(metric: &Metric) -> Option<Better> {
    match metric.direction {
        _ if !metric.proportion || !metric.ranked => None,
        Direction::Up => Some(Better::Higher),
        Direction::Down => Some(Better::Lower),
        Direction::Band | Direction::None => None,
    }
}

/// Compares the people of a role below a subject; the most frequent role unless one is named.
///
/// # Errors
/// When the metric compares nobody, or the facts cannot be read.
pub(super) async fn compare(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
    role: Option<&str>,
    reach: &Reach,
) -> Result<Comparison, PageError> {
    let better = better(metric).ok_or_else(|| PageError::Invalid {
        field: "metric".into(),
        message: format!(
            "people are not compared by {}: only shares of a set have a verdict yet",
            metric.label
        ),
    })?;
    let question = Question {
        metrics: vec![metric.id.clone()],
        subject: subject.clone(),
        by: vec![Dimension::Rep],
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    // One peer set, whoever looks: a verdict must not depend on that. Who may not be opened is counted, and
    // not shown.
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let of_person = |number: Number| Some((number.members.first().cloned().flatten()?, number));
    let all: Vec<_> = answer.numbers.into_iter().filter_map(of_person).collect();
    let role_of = |member: &Member| {
        let person = asker.organisation().person(&member.id);
        person.and_then(|person| person.role.clone()).unwrap_or_else(|| NO_ROLE.to_owned())
    };
    let seen =
        |(_, number): &&(Arc<Member>, Number)| number.denominator.is_some_and(|below| !below.is_zero());
    let mut roles: BTreeMap<String, usize> = BTreeMap::new();
    for (member, _) in all.iter().filter(seen) {
        *roles.entry(role_of(member)).or_default() += 1;
    }
    let most = roles.iter().max_by_key(|(_, count)| **count).map(|(role, _)| role.clone());
    let role = match role.filter(|role| !role.is_empty()) {
        Some(named) if !roles.contains_key(named) => {
            return Err(PageError::Invalid {
                field: "role".into(),
                message: format!("nobody here has the role `{named}` in this period"),
            });
        }
        named => named.map(str::to_owned).or(most).unwrap_or_default(),
    };
    let peers: Vec<_> =
        all.iter().filter(seen).filter(|(member, _)| role_of(member) == role).cloned().collect();
    let mut comparison = held_against_each_other(peers, roles, role, better);
    let all = comparison.people.len();
    comparison.people.retain(|person| reach.opens(&Subject::Rep(person.member.id.clone())));
    comparison.hidden = all - comparison.people.len();
    Ok(comparison)
}

fn held_against_each_other(
    peers: Vec<(Arc<Member>, Number)>,
    roles: BTreeMap<String, usize>,
    role: String,
    better: Better,
) -> Comparison {
    let was_there = |number: &Number| !number.codes.contains(&Code::NotComparable);
    let proportions: Vec<Option<Proportion>> = peers.iter().map(|(_, number)| proportion(number)).collect();
    let compared: Vec<Proportion> = peers
        .iter()
        .zip(&proportions)
        .filter(|((_, number), _)| was_there(number))
        .filter_map(|(_, proportion)| *proportion)
        .collect();
    let standings = of_proportions(&compared, better, Confidence::NINETY_FIVE);
    let together = standings.as_ref().map_err(|why| *why).map(|standings| Together {
        compared: standings.subjects.iter().filter(|standing| standing.is_ok()).count(),
        no_detectable_difference: standings.no_detectable_difference,
    });
    let mut found = standings.map(|standings| standings.subjects).unwrap_or_default().into_iter();
    let people = peers.into_iter().zip(proportions).map(|((member, number), proportion)| {
        let standing = match proportion.filter(|_| was_there(&number)) {
            None => Err(NotCompared::HardlyThere),
            Some(_) if together.is_err() => Err(NotCompared::Nobody),
            Some(_) => match found.next() {
                Some(Ok(standing)) => Ok(standing),
                _ => Err(NotCompared::TooFew),
            },
        };
        let interval = proportion.and_then(|share| share.wilson(Confidence::NINETY_FIVE).ok());
        Person { member, number, interval, standing }
    });
    let mut people: Vec<Person> = people.collect();
    people.sort_by_key(|person| (order(person), person.member.name.clone()));
    let said = [Verdict::ClearlyAbove, Verdict::CannotBeToldApart, Verdict::ClearlyBelow]
        .map(|verdict| people.iter().filter(|person| person.verdict() == Some(verdict)).count());
    Comparison { roles, role, people, hidden: 0, said, together }
}

/// Those clearly above first, those who cannot be told apart by name, those clearly below, and the rest.
fn order(person: &Person) -> u8 {
    match person.verdict() {
        Some(Verdict::ClearlyAbove) => 0,
        Some(Verdict::CannotBeToldApart) => 1,
        Some(Verdict::ClearlyBelow) => 2,
        None => 3,
    }
}

fn proportion(number: &Number) -> Option<Proportion> {
    Proportion::new(number.numerator?.to_u64()?, number.denominator?.to_u64()?)
}
