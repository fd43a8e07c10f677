//! The people whose targets are planned: what they are to reach, what they reached in the last period that is over,
//! and what the ones before say about this one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use attain_metrics::{
    Asker, Dimension, Level, Member, Metric, Number, Period, Question, RateMode, Reach, Subject, Unit,
    WorkingDays,
};
use attain_stats::Undefined;
use attain_stats::count::Count;
use attain_stats::forecast::{Forecast, Increments, RatePrior};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::goals::entries::{CREDITED, QUOTA, target_of};
use crate::goals::line::{self, Term};
use crate::goals::outlook::{Past, Peers, Total, Whole, before_it_begins, events, float};
use crate::goals::store;
use crate::web::App;
use crate::web::problem::PageError;

/// Periods before the planned one that are looked at.
const EARLIER: usize = 9;
/// Who was there for less of a period is not comparable (T20).
const THERE: Decimal = Decimal::from_parts(8, 0, 0, false, 1);

/// What the targets are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// Quotas as they were delivered, against credited bookings.
    Quotas,
    /// Goals that were agreed on, of one metric.
    Goals(String),
}

/// Everybody with a target in the planned period, or in the last one that is over.
pub(super) struct Planned {
    pub(super) metric: Arc<Metric>,
    pub(super) basis: Basis,
    /// What targets there are to choose from.
    pub(super) bases: Vec<Basis>,
    pub(super) period: Period,
    /// The last period that is over: the planned one itself, or the one before.
    pub(super) last: Option<Period>,
    /// The roles there are among the people, and how many have each.
    pub(super) roles: BTreeMap<String, usize>,
    /// The role whose people are shown; none where all are.
    pub(super) role: Option<String>,
    pub(super) people: Vec<Person>,
    /// What the whole of them is to bring, where that was set.
    pub(super) plan: Option<Decimal>,
    /// Of those who were there a year before the period, how many left until it began.
    pub(super) left: (usize, usize),
}

/// One of them.
pub(super) struct Person {
    pub(super) member: Member,
    pub(super) role: String,
    /// What they are to reach in the planned period, for the days it applies.
    pub(super) target: Option<Decimal>,
    /// Whether that is the target of the whole period.
    pub(super) is_whole: bool,
    /// The planned period as the ones before foretell it.
    pub(super) whole: Result<Forecast, Undefined>,
    pub(super) last: Option<Last>,
    /// What their territories hold.
    pub(super) potential: Option<Decimal>,
}

/// What somebody was to reach in the last period, and did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) target: Decimal,
    pub(super) attained: Decimal,
    /// Whether they were there for four fifths of it, so that it can be compared.
    pub(super) was_there: bool,
    /// Whether the target is that of the whole period.
    pub(super) is_whole: bool,
}

/// The name of those without a role.
pub(super) const NO_ROLE: &str = "without a role";

/// Reads the people of a subject whose targets are planned. `basis` is a metric with goals, or nothing for whatever
/// there is, quotas first.
pub(super) async fn read(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    (wanted, role): (Option<&str>, Option<&str>),
) -> Result<Planned, PageError> {
    let as_of = asker.as_of();
    let is_over = |period: &Period| period.last_day().is_some_and(|last| last < as_of.asked_on);
    let last = match is_over(period) {
        true => Some(period.clone()),
        false => asker.calendar().previous(period).filter(is_over),
    };
    let quotas = quotas(asker, period, last.as_ref()).await?;
    let goals = goals(app, asker, period, last.as_ref()).await?;
    let has_quotas = !quotas.is_empty();
    let mut bases: Vec<Basis> = has_quotas.then_some(Basis::Quotas).into_iter().collect();
    bases.extend(goals.keys().cloned().map(Basis::Goals));
    let basis = match wanted.filter(|wanted| !wanted.is_empty()) {
        Some(CREDITED) if has_quotas => Basis::Quotas,
        Some(wanted) => Basis::Goals(wanted.to_owned()),
        None => bases.first().cloned().unwrap_or(Basis::Quotas),
    };
    let (id, targets) = match &basis {
        Basis::Quotas => (CREDITED, quotas),
        Basis::Goals(metric) => (metric.as_str(), goals.get(metric).cloned().unwrap_or_default()),
    };
    let metric = Arc::clone(asker.metric(id)?);
    let inside = inside(app, asker, subject, &[Some(period), last.as_ref()]);
    let told = told(asker, &metric, period).await?;
    let prior = prior(asker, &metric, &told, period);
    let potentials = asker.potentials(period.from.unwrap_or(as_of.date)).await?;
    let mut people = Vec::new();
    for member in inside {
        let Some(targets) = targets.get(&member.id) else { continue };
        let role = role_of(asker, &member.id);
        let numbers = told.get(&member.id).map(Vec::as_slice).unwrap_or_default();
        let whole = whole(asker, &member.id, numbers, period, prior.get(&role).copied());
        let attained = |last: &Period| {
            numbers.iter().find(|number| number.period == *last).and_then(|number| number.value)
        };
        let last = last
            .as_ref()
            .and_then(|last| Some(reached(asker, &member.id, last, targets.last?, attained(last)?)));
        let potential = potentials.get(&member.id).copied();
        let is_whole = is_whole(asker, &member.id, period);
        people.push(Person { role, target: targets.planned, is_whole, whole, last, potential, member });
    }
    let mut roles: BTreeMap<String, usize> = BTreeMap::new();
    for person in &people {
        *roles.entry(person.role.clone()).or_default() += 1;
    }
    let role = role.filter(|role| roles.contains_key(*role));
    people.retain(|person| role.is_none_or(|role| person.role == role));
    // A plan is for all of them.
    let plan = if role.is_none() { plan(app, asker, subject, period, &basis).await? } else { None };
    let left = left(asker, subject, &people, period);
    let role = role.map(str::to_owned);
    Ok(Planned { metric, basis, bases, period: period.clone(), last, roles, role, people, plan, left })
}

/// The targets of a person, for the days they apply.
#[derive(Clone, Copy, Debug, Default)]
struct Targets {
    planned: Option<Decimal>,
    last: Option<Decimal>,
}

/// Quotas as delivered, of everybody who has one.
async fn quotas(
    asker: &Asker,
    period: &Period,
    last: Option<&Period>,
) -> Result<BTreeMap<String, Targets>, PageError> {
    let mut quotas: BTreeMap<String, Targets> = BTreeMap::new();
    if asker.catalogue().metric(QUOTA).is_none() {
        return Ok(quotas);
    }
    let mut periods = vec![period.clone()];
    periods.extend(last.filter(|last| *last != period).cloned());
    for number in by_person(asker, QUOTA, periods).await? {
        let Some(member) = number.members.first().cloned().flatten() else { continue };
        let Some(quota) = number.value.filter(|quota| !quota.is_zero()) else { continue };
        let of_person = quotas.entry(member.id.clone()).or_default();
        if number.period == *period {
            of_person.planned = Some(quota);
        }
        if Some(&number.period) == last {
            of_person.last = Some(quota);
        }
    }
    Ok(quotas)
}

/// Goals of people that hold or held, by metric, of those who may be opened.
async fn goals(
    app: &App,
    asker: &Asker,
    period: &Period,
    last: Option<&Period>,
) -> Result<BTreeMap<String, BTreeMap<String, Targets>>, PageError> {
    let mut goals: BTreeMap<String, BTreeMap<String, Targets>> = BTreeMap::new();
    for of in std::iter::once(period).chain(last.filter(|last| *last != period)) {
        let term = Term::of(asker, of);
        let periods = std::slice::from_ref(of);
        for goal in store::of_periods(app.records().read(), &app.actor(), asker, periods).await? {
            let Subject::Rep(id) = &goal.subject else { continue };
            let Some(metric) =
                asker.catalogue_for(of).metric(&goal.metric).filter(|metric| metric.accumulates())
            else {
                continue;
            };
            if !app.reach().opens(&goal.subject) {
                continue;
            }
            let target = target_of(asker, &term, &goal, metric);
            let of_person = goals.entry(metric.id.clone()).or_default().entry(id.clone()).or_default();
            if of == period {
                of_person.planned = target;
            }
            if Some(of) == last {
                of_person.last = target;
            }
        }
    }
    Ok(goals)
}

/// Who belongs to a subject in one of some periods and may be opened, by name.
fn inside(app: &App, asker: &Asker, subject: &Subject, periods: &[Option<&Period>]) -> Vec<Member> {
    let organisation = asker.organisation();
    let mut members: Vec<Member> = Vec::new();
    for period in periods.iter().flatten() {
        members.extend(organisation.members(Level::Rep, subject, period));
        // Managers sell as well (T4), and are not listed among the reps.
        let managers = match subject {
            Subject::Manager(id) => organisation.member(Level::Rep, id).into_iter().collect(),
            _ => organisation.members(Level::Manager, subject, period),
        };
        members.extend(managers);
    }
    members.sort();
    members.dedup();
    members.retain(|member| app.reach().opens(&Subject::Rep(member.id.clone())));
    members
}

/// What everybody brought in the planned period and the ones before it. Whoever looks, rates of peers are the
/// same; who may not be opened is left out afterwards.
async fn told(
    asker: &Asker,
    metric: &Metric,
    period: &Period,
) -> Result<BTreeMap<String, Vec<Number>>, PageError> {
    let mut told: BTreeMap<String, Vec<Number>> = BTreeMap::new();
    for number in by_person(asker, &metric.id, asker.calendar().trail(period, EARLIER + 1)).await? {
        if let Some(member) = number.members.first().cloned().flatten() {
            told.entry(member.id.clone()).or_default().push(number);
        }
    }
    Ok(told)
}

async fn by_person(asker: &Asker, metric: &str, periods: Vec<Period>) -> Result<Vec<Number>, PageError> {
    let question = Question {
        metrics: vec![metric.to_owned()],
        subject: Subject::Company,
        by: vec![Dimension::Rep],
        periods,
        filter: None,
        rates: RateMode::default(),
    };
    Ok(asker.ask(&question, &Reach::Everything).await?.numbers)
}

fn role_of(asker: &Asker, id: &str) -> String {
    let person = asker.organisation().person(id);
    person.and_then(|person| person.role.clone()).unwrap_or_else(|| NO_ROLE.to_owned())
}

/// Periods before the planned one of which everything is known.
fn is_past(asker: &Asker, number: &Number, planned: &Period) -> bool {
    let is_known = number.period.last_day().is_some_and(|last| last <= asker.as_of().date);
    is_known && number.period.from < planned.from
}

/// What peers of each role say about a rate, where the metric counts events.
fn prior(
    asker: &Asker,
    metric: &Metric,
    told: &BTreeMap<String, Vec<Number>>,
    planned: &Period,
) -> BTreeMap<String, RatePrior> {
    if metric.unit != Unit::Count {
        return BTreeMap::new();
    }
    let days = WorkingDays::of(asker.company());
    let mut peers: BTreeMap<String, Peers> = BTreeMap::new();
    let mut periods = 0;
    for (id, numbers) in told {
        let applicable = line::applicable(asker, &Subject::Rep(id.clone()));
        let count = |number: &Number| {
            let exposure = days.proration(&number.period, &applicable)?.applicable;
            Count::new(events(number.value?).ok()?, float(exposure).ok()?)
        };
        let past: Vec<Option<Count>> =
            numbers.iter().filter(|number| is_past(asker, number, planned)).map(count).collect();
        periods = past.len();
        peers.entry(role_of(asker, id)).or_default().people.push(past);
    }
    peers.into_iter().filter_map(|(role, peers)| Some((role, peers.prior(periods)?))).collect()
}

/// The planned period as the ones before foretell it.
fn whole(
    asker: &Asker,
    id: &str,
    numbers: &[Number],
    planned: &Period,
    prior: Option<RatePrior>,
) -> Result<Forecast, Undefined> {
    let days = WorkingDays::of(asker.company());
    let applicable = line::applicable(asker, &Subject::Rep(id.to_owned()));
    let past = numbers.iter().filter(|number| is_past(asker, number, planned));
    // What came before anything ever happened is no past of its own.
    let past = past.skip_while(|number| number.n == 0);
    let total = |number: &Number| {
        let part = days.proration(&number.period, &applicable)?;
        let was_there = part.share().is_some_and(|share| share >= THERE);
        let worked = part.applicable.ceil().to_usize()?;
        Some(Total { amount: number.value.filter(|_| was_there)?, worked })
    };
    let totals: Vec<Total> = past.filter_map(total).collect();
    let took_away = totals.iter().any(|total| total.amount < Decimal::ZERO);
    let increments = if took_away { Increments::MayBeNegative } else { Increments::NeverNegative };
    let part = days.proration(planned, &applicable);
    let whole = Whole {
        share: part.as_ref().and_then(|part| part.share()).unwrap_or(Decimal::ONE),
        days: part.map(|part| part.applicable).unwrap_or_default(),
    };
    before_it_begins(&Past { totals, increments }, prior, whole)
}

fn reached(asker: &Asker, id: &str, last: &Period, target: Decimal, attained: Decimal) -> Last {
    let applicable = line::applicable(asker, &Subject::Rep(id.to_owned()));
    let part = WorkingDays::of(asker.company()).proration(last, &applicable);
    let share = part.as_ref().and_then(|part| part.share()).unwrap_or(Decimal::ONE);
    Last { target, attained, was_there: share >= THERE, is_whole: is_whole(asker, id, last) }
}

/// Whether somebody is there for all of a period, so that their target in it is that of the whole.
fn is_whole(asker: &Asker, id: &str, period: &Period) -> bool {
    let applicable = line::applicable(asker, &Subject::Rep(id.to_owned()));
    let part = WorkingDays::of(asker.company()).proration(period, &applicable);
    part.is_none_or(|part| !part.is_partial())
}

/// What the whole is to bring: a team's own goal or quota, the company's quota.
async fn plan(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
    basis: &Basis,
) -> Result<Option<Decimal>, PageError> {
    if let Basis::Goals(metric) = basis {
        let goals =
            store::of_subject(app.records().read(), &app.actor(), asker, subject, period.key()).await?;
        let (catalogue, term) = (asker.catalogue_for(period), Term::of(asker, period));
        let own = catalogue.metric(metric).and_then(|metric| {
            let of_metric = goals.iter().filter(|goal| goal.metric == metric.id);
            of_metric.filter_map(|goal| target_of(asker, &term, goal, metric)).next()
        });
        return Ok(own);
    }
    let question = Question {
        metrics: vec![QUOTA.to_owned()],
        subject: subject.clone(),
        by: Vec::new(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, &app.reach()).await?;
    Ok(answer.numbers.first().and_then(|number| number.value))
}

/// Of those in the roles of the planned people who were there a year before a period, how many left until it began.
fn left(asker: &Asker, subject: &Subject, people: &[Person], period: &Period) -> (usize, usize) {
    let Some(begin) = period.from else { return (0, 0) };
    let year_before = begin.saturating_sub(jiff::Span::new().years(1));
    let organisation = asker.organisation();
    let members = organisation.members(Level::Rep, subject, &period.part(year_before, begin));
    let roles: BTreeSet<&str> = people.iter().map(|person| person.role.as_str()).collect();
    let of_roles = members.iter().filter(|member| roles.contains(role_of(asker, &member.id).as_str()));
    let known = of_roles.filter_map(|member| organisation.person(&member.id));
    let there: Vec<_> = known.filter(|person| person.is_there_on(year_before)).collect();
    let left = there.iter().filter(|person| person.left_on.is_some_and(|left| left < begin)).count();
    (left, there.len())
}
