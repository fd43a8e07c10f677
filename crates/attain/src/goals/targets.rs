//! The targets of several people in a period, or of a whole subject, for pages that hold values against them:
//! quotas as they were delivered, and agreed goals in their place, after what was relieved.

use std::collections::{BTreeSet, HashMap};

use attain_metrics::{Asker, Code, Dimension, Level, Metric, Number, Period, Question, RateMode, Subject};
use attain_stats::Undefined;
use rust_decimal::Decimal;

use super::entries::{CREDITED, QUOTA, target_of};
use super::line::{self, Term};
use super::store;
use crate::web::App;
use crate::web::problem::PageError;

/// What a quota is held against: as a scorecard shows it, and with its credit.
const OF_QUOTAS: [&str; 2] = ["bookings", CREDITED];

/// Targets by whose they are, and of which metric.
pub(crate) type Targets = HashMap<(Subject, String), Target>;

/// What is to be reached, for the days it applies, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) value: Decimal,
    pub(crate) origin: Origin,
    /// What counts towards it, where that is not the value it stands beside: a quota is of credited bookings.
    pub(crate) attained: Option<Decimal>,
}

/// Where a target comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// As it was delivered.
    Quota,
    /// Agreed on; the number of the goal.
    Goal(i64),
    /// Those of so many people together (domain 6.2).
    AddedUp(usize),
}

/// The targets of a subject's people, those of the subject itself among them; of who may be opened.
///
/// # Errors
/// When the facts or records cannot be read.
pub(crate) async fn of(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<Targets, PageError> {
    let mut targets = of_people(app, asker, subject, period).await?;
    // A goal is the whole person's: who was led by somebody else for a part has another number here.
    let was_here = |whose: &Subject| match (subject, period.from, period.to) {
        (Subject::Manager(manager), Some(from), Some(to)) => {
            let id = whose.id().unwrap_or_default();
            id == manager || asker.organisation().led_throughout(id, manager, from, to)
        }
        _ => true,
    };
    targets.retain(|(whose, _), target| target.origin == Origin::Quota || was_here(whose));
    let whole = of_whole(app, asker, subject, period).await?;
    targets.extend(whole.into_iter().map(|(metric, target)| ((subject.clone(), metric), target)));
    targets.retain(|_, target| target.value > Decimal::ZERO);
    Ok(targets)
}

/// The targets of a subject's people, by person and metric; of who may be opened.
///
/// # Errors
/// When the facts or records cannot be read.
pub(crate) async fn of_people(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<Targets, PageError> {
    let reach = app.reach();
    let mut targets = Targets::new();
    if !reach.opens(subject) {
        return Ok(targets);
    }
    for pair in quotas(app, asker, subject, vec![Dimension::Rep], period).await?.chunks(2) {
        let member = pair.first().and_then(|quota| quota.members.first().cloned().flatten());
        if let (Some(member), Some(target)) = (member, delivered(pair)) {
            let whose = Subject::Rep(member.id.clone());
            targets.extend(OF_QUOTAS.map(|metric| ((whose.clone(), metric.to_owned()), target)));
        }
    }
    let people: Vec<Subject> =
        sellers(asker, subject, period).into_iter().filter(|person| reach.opens(person)).collect();
    targets.extend(goals(app, asker, &people, period).await?);
    Ok(targets)
}

/// The targets of a subject as a whole, by metric: agreed on, or delivered. What its people are to reach
/// together is no more than a sum of theirs, which [`added_up`] makes.
///
/// # Errors
/// When the facts or records cannot be read.
pub(crate) async fn of_whole(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<HashMap<String, Target>, PageError> {
    let mut targets = HashMap::new();
    if !app.reach().opens(subject) {
        return Ok(targets);
    }
    if let Some(target) = delivered(&quotas(app, asker, subject, Vec::new(), period).await?) {
        targets.extend(OF_QUOTAS.map(|metric| (metric.to_owned(), target)));
    }
    let own = goals(app, asker, std::slice::from_ref(subject), period).await?.into_iter();
    targets.extend(own.map(|((_, metric), target)| (metric, target)));
    Ok(targets)
}

/// What people are to reach together by a metric that adds up over them; none where one of those who must have
/// a target has none (domain 6.2).
pub(crate) fn added_up(targets: &Targets, metric: &Metric, must_have: &[Subject]) -> Option<Target> {
    let has = |person: &Subject| targets.contains_key(&(person.clone(), metric.id.clone()));
    if !metric.accumulates() || must_have.is_empty() || !must_have.iter().all(has) {
        return None;
    }
    let values: Vec<Decimal> =
        targets.iter().filter(|((_, of), _)| *of == metric.id).map(|(_, target)| target.value).collect();
    let value = values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value))?;
    Some(Target { value, origin: Origin::AddedUp(values.len()), attained: None })
}

/// The share of a target that should be reached by now, as if all days were alike (domain 6.5): of the working days
/// on which it applies. All of it of a period without days.
pub(crate) fn share_due(asker: &Asker, subject: &Subject, period: &Period) -> Decimal {
    Term::of(asker, period).share_gone(&line::applicable(asker, subject)).unwrap_or(Decimal::ONE)
}

/// How much of a target a value reaches, uncapped, in the direction of the metric (domain 6.3).
///
/// # Errors
/// `ZeroTarget` where the target is zero or less.
pub(crate) fn attainment(metric: &Metric, value: Decimal, target: Decimal) -> Result<Decimal, Undefined> {
    line::objective(metric, target)?.attainment(value)
}

/// Everybody who may have targets as a seller: people, and managers for what they sell themselves (T4).
fn sellers(asker: &Asker, subject: &Subject, period: &Period) -> Vec<Subject> {
    let organisation = asker.organisation();
    let people = organisation.members(Level::Rep, subject, period);
    let managers = match subject {
        Subject::Manager(_) | Subject::Region(_) | Subject::Company => {
            organisation.members(Level::Manager, subject, period)
        }
        Subject::Rep(_) | Subject::Product(_) => Vec::new(),
    };
    let own = subject.id().filter(|_| matches!(subject, Subject::Manager(_) | Subject::Rep(_)));
    let mut ids: Vec<String> = people.into_iter().chain(managers).map(|member| member.id).collect();
    ids.extend(own.map(str::to_owned));
    ids.sort();
    ids.dedup();
    ids.into_iter().map(Subject::Rep).collect()
}

/// Quotas and what was credited, in pairs.
async fn quotas(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    by: Vec<Dimension>,
    period: &Period,
) -> Result<Vec<Number>, PageError> {
    if asker.catalogue_for(period).metric(QUOTA).is_none() {
        return Ok(Vec::new());
    }
    let question = Question {
        metrics: [QUOTA, CREDITED].map(str::to_owned).to_vec(),
        subject: subject.clone(),
        by,
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    Ok(asker.ask(&question, &app.reach()).await?.numbers)
}

/// A quota that a row says, with what counts towards it; nothing added up is none, nor what lacks a rate.
fn delivered(pair: &[Number]) -> Option<Target> {
    let [quota, credited] = pair else { return None };
    let value = quota.value.filter(|_| quota.n > 0 && !lacks_rate(quota))?;
    Some(Target { value, origin: Origin::Quota, attained: credited.value })
}

fn lacks_rate(quota: &Number) -> bool {
    quota.codes.contains(&Code::CurrencyMissing)
}

/// Whether what was delivered for a subject is in another currency, at least in part, of which no rate is known (E7).
///
/// # Errors
/// When the facts cannot be read.
pub(crate) async fn is_without_rate(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<bool, PageError> {
    Ok(quotas(app, asker, subject, Vec::new(), period).await?.first().is_some_and(lacks_rate))
}

/// Goals that hold, with whose they are and their metric.
async fn goals(
    app: &App,
    asker: &Asker,
    subjects: &[Subject],
    period: &Period,
) -> Result<Vec<((Subject, String), Target)>, PageError> {
    let mut found = Vec::new();
    let (wanted, term): (BTreeSet<&Subject>, Term) = (subjects.iter().collect(), Term::of(asker, period));
    let periods = std::slice::from_ref(period);
    for goal in store::of_periods(app.records().read(), &app.actor(), asker, periods).await? {
        if !wanted.contains(&goal.subject) {
            continue;
        }
        let Some(metric) = asker.catalogue_for(period).metric(&goal.metric) else { continue };
        if let Some(value) = target_of(asker, &term, &goal, metric) {
            let target = Target { value, origin: Origin::Goal(goal.number), attained: None };
            found.push(((goal.subject, metric.id.clone()), target));
        }
    }
    Ok(found)
}
