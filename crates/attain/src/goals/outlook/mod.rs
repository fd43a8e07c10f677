//! Where a goal will end: the end of its period foretold from what came when (domain 6.7), how likely that reaches
//! the target, and what a target would be that is a stretch (6.8).
//!
//! [`course`] cuts a period and the ones before it into parts, so that one question for a metric tells what came
//! when of a person, or of all people of a team; [`record`] is what was told of one subject; [`standing`] asks
//! which deals stood open, [`open_deals`] says how likely they are won in time (pure); [`foretold`] chooses a
//! method and foretells (pure). Here is who asks. [`words`] says it in a line, [`section`] shows it whole.

mod course;
mod foretold;
mod open_deals;
mod record;
mod section;
mod standing;
mod words;

use std::collections::BTreeMap;
use std::pin::Pin;

use attain_metrics::{
    Applicable, Asker, Dimension, Metric, MetricsError, Number, Period, Question, RateMode, Reach, Subject,
    Unit, WorkingDays,
};
use attain_stats::Undefined;
use attain_stats::count::Count;
use attain_stats::forecast::Forecast;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::entries::Entry;
use super::line;
use course::{Course, Told};

pub(super) use foretold::{Chosen, Foretold, NotForetold, before_it_begins};
pub(super) use record::{Past, Peers, Record, Total, Whole, events, float};
pub(super) use section::{Shown, section};
pub(super) use words::{between, chance, chance_words, end_cell, method_words, why_not};

/// Where a metric of a subject will end in a period.
pub(super) struct Outlook {
    pub(super) record: Record,
    pub(super) foretold: Result<Foretold, NotForetold>,
    /// The whole period as it could be foretold before it began.
    pub(super) whole: Result<Forecast, Undefined>,
    /// The share of it that applies, 0 to 1.
    pub(super) applies: Decimal,
}

/// The outlooks of the goals on a page.
pub(super) struct Outlooks(BTreeMap<(Subject, String), Result<Foretold, NotForetold>>);

impl Outlooks {
    /// Of one of the goals.
    pub(super) fn of(&self, subject: &Subject, metric: &Metric) -> Result<&Foretold, NotForetold> {
        match self.0.get(&(subject.clone(), metric.id.clone())) {
            Some(Ok(foretold)) => Ok(foretold),
            Some(Err(why)) => Err(*why),
            None => Err(NotForetold::NotTold),
        }
    }
}

/// Foretells the ends of the goals of a subject and of its members, by one question for each metric of either.
pub(super) async fn of_entries(
    asker: &Asker,
    subject: &Subject,
    by: Dimension,
    period: &Period,
    entries: &[Entry],
    reach: &Reach,
) -> Result<Outlooks, MetricsError> {
    let mut outlooks = BTreeMap::new();
    let cannot = unforetold(asker, period);
    let course = course(asker, period);
    let mut asked: Vec<(&Metric, Option<&Dimension>)> = Vec::new();
    for entry in entries {
        let metric = entry.line.metric.as_ref();
        let why = if metric.accumulates() { cannot } else { Some(NotForetold::Rate) };
        if let Some(why) = why {
            outlooks.insert((entry.subject.clone(), metric.id.clone()), Err(why));
            continue;
        }
        let split = (entry.subject != *subject).then_some(&by);
        if !asked.iter().any(|(known, of)| known.id == metric.id && *of == split) {
            asked.push((metric, split));
        }
    }
    let Some(course) = course else { return Ok(Outlooks(outlooks)) };
    for (metric, split) in asked {
        let mut told = tell(asker, subject, split, metric, &course, reach).await?;
        let standings = standing::of(asker, (subject, split), metric, &course, reach).await?;
        let mut elsewhere = BTreeMap::new();
        // Of who was elsewhere for a part of all that, the team's question tells only the other part.
        for (of, told) in told.iter_mut().filter(|(of, _)| !course.was_there(asker, of, subject)) {
            if let Some((_, whole)) = tell(asker, of, None, metric, &course, reach).await?.pop() {
                *told = whole;
            }
            let whole = standing::of(asker, (of, None), metric, &course, reach).await?;
            elsewhere.extend(whole.map(|whole| (of.clone(), whole)));
        }
        let is_about_people = told.iter().any(|(subject, _)| matches!(subject, Subject::Rep(_)));
        let peers = if is_about_people { peers(asker, metric, &course).await? } else { BTreeMap::new() };
        for (of, told) in told {
            let record = course.record(&told, &line::applicable(asker, &of));
            let peers = role_of(asker, &of).and_then(|role| peers.get(&role));
            let standing = elsewhere.get(&of).or(standings.as_ref()).map(|standings| standings.of(&of));
            let record = record.ok_or(NotForetold::NotTold);
            let foretold = record.and_then(|record| foretold::foretell(&record, peers, standing));
            outlooks.insert((of, metric.id.clone()), foretold);
        }
    }
    Ok(Outlooks(outlooks))
}

/// The outlook of one subject, with the course of the period it was read from; none of a rate, of a period without
/// bounds, and where its days are not told.
pub(super) async fn of_one(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
    reach: &Reach,
) -> Result<Option<(Course, Outlook)>, MetricsError> {
    let Some(course) = course(asker, period).filter(|_| metric.accumulates()) else { return Ok(None) };
    let told = tell(asker, subject, None, metric, &course, reach).await?;
    let peers = match subject {
        Subject::Rep(_) => peers(asker, metric, &course).await?,
        _ => BTreeMap::new(),
    };
    let peers = role_of(asker, subject).and_then(|role| peers.get(&role));
    let applicable = line::applicable(asker, subject);
    let record = told.first().and_then(|(_, told)| course.record(told, &applicable));
    let Some(record) = record else { return Ok(None) };
    let foretold = match unforetold(asker, period) {
        Some(why) => Err(why),
        None => {
            let standings = standing::of(asker, (subject, None), metric, &course, reach).await?;
            foretold::foretell(&record, peers, standings.as_ref().map(|standings| standings.of(subject)))
        }
    };
    let prior = peers.and_then(Peers::latest);
    let of_period = course.whole(&applicable);
    let whole = before_it_begins(&record.past(), prior, of_period);
    Ok(Some((course, Outlook { record, foretold, whole, applies: of_period.share })))
}

/// Why a period has no end to foretell, whatever is known of it.
fn unforetold(asker: &Asker, period: &Period) -> Option<NotForetold> {
    let (Some(from), Some(last)) = (period.from, period.last_day()) else { return Some(NotForetold::Rate) };
    let as_of = asker.as_of();
    match () {
        () if last < as_of.asked_on || last <= as_of.date => Some(NotForetold::Over),
        () if as_of.date < from => Some(NotForetold::NotBegun),
        () => None,
    }
}

fn course(asker: &Asker, period: &Period) -> Option<Course> {
    let reaches: Option<Date> = asker.periods(period.grain).first().and_then(|first| first.from);
    Course::of(&asker.calendar(), &WorkingDays::of(asker.company()), period, asker.as_of().date, reaches)
}

/// What was told of each part of a course, of a subject or of each of its members.
async fn tell(
    asker: &Asker,
    subject: &Subject,
    by: Option<&Dimension>,
    metric: &Metric,
    course: &Course,
    reach: &Reach,
) -> Result<Vec<(Subject, Vec<Told>)>, MetricsError> {
    let periods = course.parts();
    if periods.is_empty() {
        return Ok(vec![(subject.clone(), Vec::new())]);
    }
    let numbers = numbers(asker, subject, by, metric, periods.clone(), reach).await?;
    let of_each = numbers.chunks(periods.len()).filter_map(|numbers| {
        let of = match by {
            None => subject.clone(),
            Some(dimension) => {
                let member = numbers.first()?.members.first().cloned().flatten()?;
                Subject::at(dimension.level()?, member.id.clone())
            }
        };
        let told = numbers.iter().map(|number| Told { value: number.value, rows: number.n });
        Some((of, told.collect()))
    });
    Ok(of_each.collect())
}

/// Asks one metric of many periods. Its type is named, so that pages need not look through the engine's.
fn numbers<'a>(
    asker: &'a Asker,
    subject: &Subject,
    by: Option<&Dimension>,
    metric: &Metric,
    periods: Vec<Period>,
    reach: &'a Reach,
) -> Pin<Box<dyn Future<Output = Result<Vec<Number>, MetricsError>> + Send + 'a>> {
    let question = Question {
        metrics: vec![metric.id.clone()],
        subject: subject.clone(),
        by: by.into_iter().cloned().collect(),
        periods,
        filter: None,
        rates: RateMode::default(),
    };
    Box::pin(async move { Ok(asker.ask(&question, reach).await?.numbers) })
}

/// How often what a metric counts happened to people in the periods before, by role. A rate of peers must not
/// depend on who looks, and names nobody.
async fn peers(
    asker: &Asker,
    metric: &Metric,
    course: &Course,
) -> Result<BTreeMap<String, Peers>, MetricsError> {
    let mut peers: BTreeMap<String, Peers> = BTreeMap::new();
    let periods: Vec<Period> = course.before.iter().map(|earlier| earlier.period.clone()).collect();
    if metric.unit != Unit::Count || periods.is_empty() {
        return Ok(peers);
    }
    let everybody =
        numbers(asker, &Subject::Company, Some(&Dimension::Rep), metric, periods.clone(), &Reach::Everything)
            .await?;
    let days = WorkingDays::of(asker.company());
    for of_person in everybody.chunks(periods.len()) {
        let member = of_person.first().and_then(|number| number.members.first().cloned().flatten());
        let Some(member) = member else { continue };
        let person = Subject::Rep(member.id.clone());
        let Some(role) = role_of(asker, &person) else { continue };
        let applicable: Applicable = line::applicable(asker, &person);
        let count = |number: &Number| {
            let exposure = days.proration(&number.period, &applicable)?.applicable;
            Count::new(events(number.value?).ok()?, float(exposure).ok()?)
        };
        peers.entry(role).or_default().people.push(of_person.iter().map(count).collect());
    }
    Ok(peers)
}

/// The role of a person, by which peers are told; the same for all without one.
fn role_of(asker: &Asker, subject: &Subject) -> Option<String> {
    let Subject::Rep(id) = subject else { return None };
    asker.organisation().person(id).map(|person| person.role.clone().unwrap_or_default())
}
