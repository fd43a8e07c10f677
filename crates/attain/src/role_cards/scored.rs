//! The score of a person by the card of their role; of a team, a region or the company by the card of one of its
//! roles, from what all of them attained together and are to attain together, never a mean of theirs (domain 6.2).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use attain_metrics::{
    Asker, CounterMetric, Level, Metric, Number, Period, Question, RateMode, Reach, Subject,
};
use attain_stats::Interval;
use futures::future::try_join_all;
use jiff::civil::Date;

use super::card::RoleCard;
use super::components::{self, Held};
use super::composition::{self, Composition};
use super::counter::{self, Counter, Pair};
use super::version::{Version, day_of, in_force};
use crate::goals::targets::{self, Target, Targets};
use crate::scorecards::card;
use crate::web::App;
use crate::web::problem::PageError;

/// What came of looking for a score.
pub(super) enum Outcome {
    /// There is a card, and what it makes of the numbers.
    Scored(Box<Scored>),
    /// Why there is nothing to put together.
    Nothing(Nothing),
}

/// Why nothing is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// The period begins later.
    NotBegun,
    /// No source says their role, or nobody here has one.
    NoRole,
    /// They have had their role only since a later day, and the one before is not told of.
    RoleSince(String, Date),
    /// The role has no card on the last day of the period; of several roles none has.
    NoCard(Option<String>),
}

/// A card and what came of it.
pub(super) struct Scored {
    pub(super) version: Version,
    pub(super) held: Vec<Held>,
    pub(super) composition: Composition,
}

/// What stands beside a score: the counter-metric of each component, and how sure it is.
pub(super) struct Beside {
    pub(super) counters: Vec<Option<Counter>>,
    pub(super) interval: Option<Interval>,
}

/// The roles of a subject's people in a period, and how many have each.
pub(super) fn roles(asker: &Asker, subject: &Subject, period: &Period) -> BTreeMap<String, usize> {
    let mut roles = BTreeMap::new();
    for member in asker.organisation().members(Level::Rep, subject, period) {
        if let Some(role) = asker.organisation().person(&member.id).and_then(|person| person.role.clone()) {
            *roles.entry(role).or_default() += 1;
        }
    }
    roles
}

/// The score of a subject. Of more than one person, by the card of the role named, or of the most frequent role
/// that has one.
///
/// # Errors
/// When nobody there has the role named, or facts or records cannot be read.
pub(super) async fn of(
    app: &App,
    asker: &Asker,
    versions: &[Version],
    (subject, period): (&Subject, &Period),
    role: Option<&str>,
) -> Result<Outcome, PageError> {
    if period.from.is_some_and(|from| from > asker.as_of().asked_on) {
        return Ok(Outcome::Nothing(Nothing::NotBegun));
    }
    let day = day_of(asker, period);
    let found = match subject {
        Subject::Rep(id) => of_person(asker, versions, id, day),
        _ => of_many(versions, &roles(asker, subject, period), role, day)?,
    };
    let version = match found {
        Ok(version) => version.clone(),
        Err(nothing) => return Ok(Outcome::Nothing(nothing)),
    };
    let ids: Vec<String> = version.card.components().iter().map(|one| one.metric.clone()).collect();
    let numbers = numbers(asker, subject, &ids, period, &app.reach()).await?;
    let held = held(app, asker, subject, period, &version, &numbers).await?;
    let attained: Vec<_> = held.iter().map(Held::attained).collect();
    let composition = composition::of(&version.card, &attained);
    Ok(Outcome::Scored(Box::new(Scored { version, held, composition })))
}

/// The card of the role somebody held on a day.
fn of_person<'v>(
    asker: &Asker,
    versions: &'v [Version],
    id: &str,
    day: Date,
) -> Result<&'v Version, Nothing> {
    let person = asker.organisation().person(id).ok_or(Nothing::NoRole)?;
    let role = person.role.as_deref().ok_or(Nothing::NoRole)?;
    if let Some(since) = person.role_started_on.filter(|since| *since > day) {
        return Err(Nothing::RoleSince(role.to_owned(), since));
    }
    in_force(versions, role, day).ok_or_else(|| Nothing::NoCard(Some(role.to_owned())))
}

/// The card of one of the roles there are.
fn of_many<'v>(
    versions: &'v [Version],
    roles: &BTreeMap<String, usize>,
    named: Option<&str>,
    day: Date,
) -> Result<Result<&'v Version, Nothing>, PageError> {
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        if !roles.contains_key(named) {
            return Err(PageError::Invalid {
                field: "role".into(),
                message: format!("nobody here has the role `{named}` in this period"),
            });
        }
        return Ok(in_force(versions, named, day).ok_or_else(|| Nothing::NoCard(Some(named.to_owned()))));
    }
    let with_cards = roles.iter().filter_map(|(role, count)| Some((in_force(versions, role, day)?, *count)));
    let most = with_cards.max_by_key(|(_, count)| *count).map(|(version, _)| version);
    Ok(most.ok_or(if roles.is_empty() { Nothing::NoRole } else { Nothing::NoCard(None) }))
}

async fn held(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    version: &Version,
    numbers: &[Number],
) -> Result<Vec<Held>, PageError> {
    if matches!(subject, Subject::Rep(_)) {
        let targets = targets::of_people(app, asker, subject, period).await?;
        let own = |metric: &Metric| {
            targets.get(&(subject.clone(), metric.id.clone())).copied().ok_or_else(|| "no target".to_owned())
        };
        return Ok(components::held(asker, &version.card, period, numbers, own));
    }
    let whole = targets::of_whole(app, asker, subject, period).await?;
    let people = targets::of_people(app, asker, subject, period).await?;
    let everybody = everybody(asker, subject, period);
    let target = |metric: &Metric| together(metric, &whole, &people, &everybody);
    Ok(components::held(asker, &version.card, period, numbers, target))
}

/// The target of several people: their own as a whole, or where it adds up the sum of theirs; that of all, as
/// what they attained is what all of them did, whatever their role.
fn together(
    metric: &Metric,
    whole: &HashMap<String, Target>,
    people: &Targets,
    everybody: &[Subject],
) -> Result<Target, String> {
    if let Some(target) = whole.get(&metric.id) {
        return Ok(*target);
    }
    targets::added_up(people, metric, everybody).ok_or_else(|| match metric.accumulates() {
        true => "no target of its own, and not everybody has one that would add up".to_owned(),
        false => "no target of its own, and those of people do not add up".to_owned(),
    })
}

/// All of a subject's people.
fn everybody(asker: &Asker, subject: &Subject, period: &Period) -> Vec<Subject> {
    let members = asker.organisation().members(Level::Rep, subject, period);
    members.into_iter().map(|member| Subject::Rep(member.id)).collect()
}

/// The numbers of a subject in a period, by metrics that its definitions have.
async fn numbers(
    asker: &Asker,
    subject: &Subject,
    metrics: &[String],
    period: &Period,
    reach: &Reach,
) -> Result<Vec<Number>, PageError> {
    let catalogue = asker.catalogue_for(period);
    let known = |id: &&String| catalogue.metric(id).is_some() && asker.catalogue().metric(id).is_some();
    let metrics: Vec<String> = metrics.iter().filter(known).cloned().collect();
    if metrics.is_empty() {
        return Ok(Vec::new());
    }
    let question = Question {
        metrics,
        subject: subject.clone(),
        by: Vec::new(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    Ok(asker.ask(&question, reach).await?.numbers)
}

impl Scored {
    /// What stands beside the score, held against the period before; where this one is under way, as many
    /// working days of it.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub(super) async fn beside(
        &self,
        app: &App,
        asker: &Asker,
        subject: &Subject,
        period: &Period,
    ) -> Result<Beside, PageError> {
        let reach = app.reach();
        let variances =
            try_join_all(self.held.iter().map(|held| counter::variance(asker, subject, held, &reach)))
                .await?;
        let before = match card::is_under_way(asker, period) {
            true => card::before_to_date(asker, period),
            false => asker.calendar().previous(period),
        };
        let wanted = self.metrics_and_counters(asker, period);
        let now = numbers(asker, subject, &wanted, period, &reach).await?;
        let then = match &before {
            Some(before) => numbers(asker, subject, &wanted, before, &reach).await?,
            None => Vec::new(),
        };
        let mut counters = Vec::new();
        for held in &self.held {
            counters.push(self.counter(asker, subject, held, (&now, &then), &reach).await?);
        }
        Ok(Beside { counters, interval: self.composition.interval(&variances) })
    }

    fn metrics_and_counters(&self, asker: &Asker, period: &Period) -> Vec<String> {
        let own = self.held.iter().map(|held| held.of.metric.clone());
        let counters = self.held.iter().filter_map(|held| Some(counter_of(asker, period, held)?.id.clone()));
        let mut all: Vec<String> = own.chain(counters).collect();
        all.sort();
        all.dedup();
        all
    }

    async fn counter(
        &self,
        asker: &Asker,
        subject: &Subject,
        held: &Held,
        (now, then): (&[Number], &[Number]),
        reach: &Reach,
    ) -> Result<Option<Counter>, PageError> {
        let Some(metric) = now.first().and_then(|one| counter_of(asker, &one.period, held)) else {
            return Ok(None);
        };
        let of = |numbers: &[Number], id: &str| numbers.iter().find(|number| number.metric == id).cloned();
        let Some(number) = of(now, &metric.id) else { return Ok(None) };
        let both = (of(then, &metric.id), of(now, &held.of.metric), of(then, &held.of.metric));
        let sentence = match (&held.metric, both) {
            (Some(primary), (Some(before), Some(own), Some(own_before))) => {
                let primary = Pair { metric: primary, before: &own_before, after: &own };
                let beside = Pair { metric: &metric, before: &before, after: &number };
                counter::sentence(asker, subject, primary, beside, reach).await?
            }
            _ => None,
        };
        Ok(Some(Counter { metric, number, sentence }))
    }

    /// The card.
    pub(super) fn card(&self) -> &RoleCard {
        &self.version.card
    }
}

/// What keeps a component honest.
fn counter_of(asker: &Asker, period: &Period, held: &Held) -> Option<Arc<Metric>> {
    match &held.metric.as_ref()?.counter_metric {
        CounterMetric::Metric(id) => asker.catalogue_for(period).metric(id).cloned(),
        CounterMetric::Words(_) => None,
    }
}
