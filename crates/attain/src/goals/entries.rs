//! The goals and quotas of subjects in a period, each as a line. Those of a team's people are read together: by as
//! many questions and looks into the records whether they are five or five thousand.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use attain_metrics::{
    Asker, Dimension, Level, Member, Metric, Number, Period, Question, RateMode, Reach, Subject,
    TargetVersion,
};
use rust_decimal::Decimal;

use super::line::{self, Line, Term};
use super::relief::relieved;
use super::store::{self, Goal};
use super::version::{State, in_force};
use crate::scorecards::card;
use crate::web::App;
use crate::web::problem::PageError;

/// Metrics of the catalogue: what is to be reached, and what counts toward it.
pub(super) const QUOTA: &str = "quota";
pub(crate) const CREDITED: &str = "credited_bookings";

/// A line with what it is about.
pub(super) struct Entry {
    pub(super) subject: Subject,
    pub(super) name: String,
    pub(super) line: Line,
    pub(super) standing: Standing,
}

/// Where a target comes from.
pub(super) enum Standing {
    /// A quota as it was delivered.
    Delivered,
    /// A goal, with the version that counts or is proposed.
    Agreed { number: i64, state: State },
}

/// The quota of a subject and its goals, and those of a team's people.
pub(super) async fn entries(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    name: &str,
    period: &Period,
) -> Result<Vec<Entry>, PageError> {
    let reach = app.reach();
    let mut entries = quotas(asker, subject, None, period, &reach).await?;
    let itself = Member { name: name.to_owned(), id: subject.id().unwrap_or_default().to_owned() };
    entries.extend(goals(app, asker, subject.level(), &[itself], period).await?);
    if let Subject::Manager(_) = subject {
        let mut people = people(asker, subject, period);
        people.retain(|member| reach.includes(&Subject::Rep(member.id.clone())));
        let mut of_people = quotas(asker, subject, Some(Dimension::Rep), period, &reach).await?;
        of_people.extend(goals(app, asker, Level::Rep, &people, period).await?);
        let place: HashMap<&str, usize> =
            people.iter().enumerate().map(|(place, member)| (member.id.as_str(), place)).collect();
        // Of who belongs to the team no more comes last what it holds of them.
        of_people.sort_by_key(|entry| {
            entry.subject.id().and_then(|id| place.get(id)).copied().unwrap_or(people.len())
        });
        entries.extend(of_people);
    }
    Ok(entries)
}

/// Everybody of a team who may have goals of their own: who sells, and the managers inside of it, who sell as well
/// and whose own the team's hold too (T4).
fn people(asker: &Asker, team: &Subject, period: &Period) -> Vec<Member> {
    let organisation = asker.organisation();
    let mut people = organisation.members(Level::Rep, team, period);
    people.extend(organisation.members(Level::Manager, team, period));
    people.extend(team.id().and_then(|id| organisation.member(Level::Rep, id)));
    people.sort();
    people.dedup();
    people
}

/// Quotas as delivered, of a subject or of each of its members, for those who have one.
pub(super) async fn quotas(
    asker: &Asker,
    subject: &Subject,
    by: Option<Dimension>,
    period: &Period,
    reach: &Reach,
) -> Result<Vec<Entry>, PageError> {
    let Some(metric) = asker.catalogue().metric(CREDITED) else { return Ok(Vec::new()) };
    let question = Question {
        metrics: vec![QUOTA.to_owned(), CREDITED.to_owned()],
        subject: subject.clone(),
        by: by.iter().cloned().collect(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, reach).await?;
    let term = Term::of(asker, period);
    let mut entries = Vec::new();
    for pair in answer.numbers.chunks(2) {
        let [quota, credited] = pair else { continue };
        let whom = match (&by, quota.members.first().cloned().flatten()) {
            (None, _) => {
                let found = subject.id().and_then(|id| asker.organisation().member(subject.level(), id));
                let company = || asker.company().name.clone();
                Some((subject.clone(), found.map_or_else(company, |member| member.name)))
            }
            (Some(dimension), Some(member)) => {
                let level = dimension.level();
                level.map(|level| (Subject::at(level, member.id.clone()), member.name.clone()))
            }
            (Some(_), None) => None,
        };
        let Some((subject, name)) = whom else { continue };
        let Some(line) = of_quota(asker, &term, &subject, (metric, quota, credited)) else { continue };
        entries.push(Entry { subject, name, line, standing: Standing::Delivered });
    }
    Ok(entries)
}

/// The line of a quota that a row says; nothing added up is none.
pub(super) fn of_quota(
    asker: &Asker,
    term: &Term,
    subject: &Subject,
    (metric, quota, credited): (&Arc<Metric>, &Number, &Number),
) -> Option<Line> {
    let held = term.delivered(quota, &line::applicable(asker, subject))?;
    Some(term.line(metric, credited.clone(), held))
}

/// The goals of members of a level, of who may be opened: a goal is more than an aggregate.
async fn goals(
    app: &App,
    asker: &Asker,
    level: Level,
    members: &[Member],
    period: &Period,
) -> Result<Vec<Entry>, PageError> {
    let reach = app.reach();
    let subject = |member: &Member| Subject::at(level, member.id.clone());
    let opened: HashMap<Subject, &Member> = members
        .iter()
        .map(|member| (subject(member), member))
        .filter(|(subject, _)| reach.opens(subject))
        .collect();
    let (records, actor) = (app.records().read(), app.actor());
    let found = match members {
        [] => Vec::new(),
        [one] => store::of_subject(records, &actor, asker, &subject(one), period.key()).await?,
        _ => store::of_periods(records, &actor, asker, std::slice::from_ref(period)).await?,
    };
    let term = Term::of(asker, period);
    let of_them = found.into_iter().filter(|goal| opened.contains_key(&goal.subject));
    let counting = of_them.filter_map(|goal| {
        let (metric, state) = counted(asker, &goal, &term)?;
        Some((goal, metric, state))
    });
    let counting: Vec<(Goal, Arc<Metric>, State)> = counting.collect();
    let metrics: BTreeSet<&str> = counting.iter().map(|(_, metric, _)| metric.id.as_str()).collect();
    let whose: BTreeSet<&Subject> = counting.iter().map(|(goal, ..)| &goal.subject).collect();
    let attained = attained(asker, &whose, &metrics, period).await?;
    let mut entries = Vec::new();
    for (goal, metric, state) in counting {
        let number = match attained.get(&(goal.subject.clone(), metric.id.clone())) {
            Some(number) => number.clone(),
            // Of who has no rows, and is none of those whom answers list all the same.
            None => card::one(asker, &goal.subject, &metric, period, &reach).await?,
        };
        let line = term.line(&metric, number, held(asker, &term, &goal, &metric));
        let name = opened.get(&goal.subject).map(|member| member.name.clone()).unwrap_or_default();
        let standing = Standing::Agreed { number: goal.number, state };
        entries.push(Entry { subject: goal.subject, name, line, standing });
    }
    Ok(entries)
}

/// What subjects attained by some metrics, by whom and metric: of several by one question for everybody. Whom the
/// one who asks may open was looked at before.
async fn attained(
    asker: &Asker,
    whose: &BTreeSet<&Subject>,
    metrics: &BTreeSet<&str>,
    period: &Period,
) -> Result<HashMap<(Subject, String), Number>, PageError> {
    let Some(first) = whose.first() else { return Ok(HashMap::new()) };
    let by = match first {
        Subject::Rep(_) if whose.len() > 1 => Some(Dimension::Rep),
        Subject::Manager(_) if whose.len() > 1 => Some(Dimension::Manager),
        _ => None,
    };
    let question = Question {
        metrics: metrics.iter().map(|metric| (*metric).to_owned()).collect(),
        subject: if by.is_some() { Subject::Company } else { (*first).clone() },
        by: by.into_iter().collect(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let of_each = answer.numbers.into_iter().filter_map(|number| {
        let whom = match number.members.first() {
            None => (*first).clone(),
            Some(member) => Subject::at(first.level(), member.as_ref()?.id.clone()),
        };
        whose.contains(&whom).then(|| ((whom, number.metric.clone()), number))
    });
    Ok(of_each.collect())
}

/// The line of a goal, after what was relieved.
pub(super) async fn of_goal(
    app: &App,
    asker: &Asker,
    goal: &Goal,
    metric: &Arc<Metric>,
    period: &Period,
) -> Result<Line, PageError> {
    let term = Term::of(asker, period);
    let number = card::one(asker, &goal.subject, metric, period, &app.reach()).await?;
    let held = held(asker, &term, goal, metric);
    Ok(term.line(metric, number, held))
}

/// The same as if nothing had been relieved.
pub(super) async fn before_relief(
    app: &App,
    asker: &Asker,
    goal: &Goal,
    metric: &Arc<Metric>,
    period: &Period,
) -> Result<Line, PageError> {
    let bare = Goal { reliefs: Vec::new(), ..goal.clone() };
    of_goal(app, asker, &bare, metric, period).await
}

/// What a goal asks for, after what was relieved.
pub(super) fn held(asker: &Asker, term: &Term, goal: &Goal, metric: &Metric) -> line::Held {
    let versions: Vec<TargetVersion> = in_force(&goal.versions, &term.period, term.today, &term.working);
    let applicable = line::applicable(asker, &goal.subject);
    term.held(metric, &relieved(versions, &goal.reliefs), &applicable)
}

/// The target of a goal for the days it applies, after what was relieved; none where no version holds.
pub(super) fn target_of(asker: &Asker, term: &Term, goal: &Goal, metric: &Metric) -> Option<Decimal> {
    held(asker, term, goal, metric).target
}

/// The metric of a goal and the state of its newest version, unless all of it was declined or taken back.
pub(super) fn counted(asker: &Asker, goal: &Goal, term: &Term) -> Option<(Arc<Metric>, State)> {
    let states = goal.versions.iter().enumerate().rev().map(|(position, version)| {
        version.state(&goal.versions[position + 1..], &term.period, term.today, &term.working)
    });
    let alive: Vec<State> = states.filter(|state| !matches!(state, State::Ended(_))).collect();
    // What holds says more than a change that waits.
    let holds = |state: &&State| matches!(state, State::InForce { .. } | State::Closed { .. });
    let state = alive.iter().find(holds).or(alive.first())?.clone();
    Some((Arc::clone(asker.catalogue_for(&term.period).metric(&goal.metric)?), state))
}
