//! What of an answer the one who asks may not see. It is told as E11, in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;

use super::{Asker, Counting, MetricsError, Question, Reach};
use crate::anonymity;
use crate::answer::Code;
use crate::groups::Groups;
use crate::subject::Dimension;

/// The numbers of an answer that are hidden.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    whole: bool,
    lines: BTreeSet<usize>,
    /// Line, and positions of period and metric in the question.
    cells: BTreeSet<(usize, usize, usize)>,
}

impl Hidden {
    pub(super) fn holds(&self, line: usize, period: usize, metric: usize) -> bool {
        self.whole || self.lines.contains(&line) || self.cells.contains(&(line, period, metric))
    }
}

/// The members of a line.
type Members = Vec<Option<String>>;
/// How many people stand behind the numbers of a question, by line, period and metric; absent
/// where people are no part of the metric.
type People = BTreeMap<(Members, usize, usize), Option<usize>>;

impl Asker {
    pub(super) async fn hidden(
        &self,
        question: &Question,
        groups: &Groups,
        lines: &[usize],
        reach: &Reach,
    ) -> Result<Hidden, MetricsError> {
        let subject = &question.subject;
        // A condition of one's own would pick single people out of an aggregate.
        let whole = !reach.includes(subject) || (reach.aggregates(subject) && question.filter.is_some());
        if whole || *reach == Reach::Everything {
            return Ok(Hidden { whole, ..Hidden::default() });
        }
        let members = |line: usize| -> Members {
            let numbers = groups.members(line).iter().enumerate();
            numbers.map(|(position, number)| groups.name(position, *number).map(str::to_owned)).collect()
        };
        let includes = |members: &Members| {
            let dimensions = question.by.iter().zip(members);
            dimensions.into_iter().all(|(by, id)| reach.includes_member(by, id.as_deref()))
        };
        let named: Vec<(usize, Members)> = lines.iter().map(|line| (*line, members(*line))).collect();
        let not_included = named.iter().filter(|(_, members)| !includes(members)).map(|(line, _)| *line);
        let lines: BTreeSet<usize> = not_included.collect();
        let mut cells = BTreeSet::new();
        if reach.aggregates(subject) {
            let people = self.people(question).await?;
            let shown = named.iter().filter(|(line, _)| !lines.contains(line));
            cells = too_few(question, &shown.collect::<Vec<_>>(), &people);
        }
        Ok(Hidden { whole: false, lines, cells })
    }

    /// How many people stand behind each number: who has rows in it.
    ///
    /// A question within a question, so its type is named: left to the compiler, it would contain itself.
    fn people<'a>(
        &'a self,
        question: &'a Question,
    ) -> Pin<Box<dyn Future<Output = Result<People, MetricsError>> + Send + 'a>> {
        Box::pin(async move {
            let mut by_person = question.clone();
            by_person.by.push(Dimension::Rep);
            Ok(people(question, &self.counted(&by_person, &Reach::Everything).await?))
        })
    }
}

fn people(question: &Question, by_person: &Counting<'_>) -> People {
    let mut people = People::new();
    let told: Result<(), std::convert::Infallible> = by_person.each(|number| {
        let period = question.periods.iter().position(|period| *period == number.period);
        let metric = question.metrics.iter().position(|metric| *metric == number.metric);
        let mut members: Members =
            number.members.iter().map(|member| member.as_ref().map(|member| member.id.clone())).collect();
        let person = members.pop().flatten();
        let (Some(period), Some(metric)) = (period, metric) else { return Ok(()) };
        let has_people = !number.codes.contains(&Code::NotApplicable);
        let counted = people.entry((members, period, metric)).or_insert(has_people.then_some(0));
        if let (Some(counted), true) = (counted, person.is_some() && number.n > 0) {
            *counted += 1;
        }
        Ok(())
    });
    match told {
        Ok(()) => people,
    }
}

/// The cells that too few people stand behind, or from which such a one would follow.
fn too_few(
    question: &Question,
    lines: &[&(usize, Members)],
    people: &People,
) -> BTreeSet<(usize, usize, usize)> {
    let mut cells = BTreeSet::new();
    for period in 0..question.periods.len() {
        for metric in 0..question.metrics.len() {
            let behind = lines.iter().map(|(_, members)| {
                people.get(&(members.clone(), period, metric)).copied().unwrap_or(Some(0))
            });
            let shown = anonymity::shown(&behind.collect::<Vec<_>>());
            let hidden = lines.iter().zip(shown).filter(|(_, shown)| !shown);
            cells.extend(hidden.map(|((line, _), _)| (*line, period, metric)));
        }
    }
    cells
}
