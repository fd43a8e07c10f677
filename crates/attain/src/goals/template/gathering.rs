//! What must be known of everybody a template could be for.

use std::collections::{BTreeMap, BTreeSet};

use attain_metrics::{
    Applicable, Asker, Dimension, Level, Member, Period, PeriodDays, Proration, Question, RateMode, Reach,
    Subject, WorkingDays, tenure_months,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::choice::{self, Template};
use super::draft::{Candidate, Known, Month, asked_before};
use crate::audit::seen;
use crate::goals::agreement::states;
use crate::goals::party::Party;
use crate::goals::store::{self, Goal};
use crate::goals::version::{State, in_force};
use crate::permissions::matrix::Extent;
use crate::permissions::standing::Standing;
use crate::permissions::{Act, Object, Viewer};
use crate::web::App;
use crate::web::problem::PageError;

/// Periods before, at most, that a history rests on.
const HISTORY: usize = 4;

/// Whom somebody uses templates for.
pub(super) struct Scope {
    /// Whose plan the targets are held against.
    pub(super) subject: Subject,
    pub(super) name: String,
    /// The people it is about.
    people: BTreeSet<String>,
    /// The side that proposes; none where it is neither of the two.
    pub(super) side: Option<Party>,
    /// Whether any source says what potential territories have.
    pub(super) has_potentials: bool,
}

impl Scope {
    /// Of the one who asks, narrowed to the people below a manager where one is named: a leader's are those
    /// they lead, at any distance; operations' and admins' are everybody.
    ///
    /// # Errors
    /// `Hidden` where there is nobody, or the manager is none of them.
    pub(super) async fn of(app: &App, asker: &Asker, within: &str) -> Result<Scope, PageError> {
        let organisation = asker.organisation();
        let everybody = || organisation.people().map(|(id, _)| id.to_owned());
        let company = (Subject::Company, asker.company().name.clone());
        let (own, people, side): (_, BTreeSet<String>, _) = match app.viewer() {
            Viewer::Owner => (company, everybody().collect(), Some(Party::Leader)),
            Viewer::SignedIn(someone) => match someone.extent(Act::Write, Object::GoalTemplates) {
                Some(Extent::All) => (company, everybody().collect(), None),
                Some(_) => {
                    let led = everybody().filter(|id| proposes_to(app.viewer(), id)).collect();
                    let own = someone.person.as_deref();
                    let own = own.and_then(|id| organisation.member(Level::Manager, id));
                    let own = own.or_else(|| absent(asker, &someone.standing));
                    let own = own.map(|own| (Subject::Manager(own.id), own.name));
                    (own.unwrap_or(company), led, Some(Party::Leader))
                }
                None => return Err(PageError::Hidden),
            },
            Viewer::Nobody => return Err(PageError::Hidden),
        };
        let has_potentials = !asker.potentials(asker.as_of().asked_on).await?.is_empty();
        let scope = Scope { subject: own.0, name: own.1, people, side, has_potentials };
        let scope = if within.is_empty() { scope } else { scope.narrowed(asker, within)? };
        if scope.people.is_empty() {
            return Err(PageError::Hidden);
        }
        seen::note(app, &scope.subject, "a goal template").await?;
        Ok(scope)
    }

    fn narrowed(self, asker: &Asker, within: &str) -> Result<Scope, PageError> {
        let manager = asker.organisation().member(Level::Manager, within).ok_or(PageError::Hidden)?;
        let is_own = self.subject.id() == Some(manager.id.as_str());
        if !is_own && !self.people.contains(&manager.id) {
            return Err(PageError::Hidden);
        }
        let lines = asker.organisation().lines_on(asker.as_of().asked_on);
        let below = lines.below(&manager.id);
        let people = self.people.into_iter().filter(|id| below.contains(id.as_str())).collect();
        Ok(Scope { subject: Subject::Manager(manager.id.clone()), name: manager.name, people, ..self })
    }

    /// Whether somebody is among them.
    pub(super) fn includes(&self, person: &str) -> bool {
        self.people.contains(person)
    }

    /// The roles there are among them, by name.
    pub(super) fn roles(&self, asker: &Asker) -> BTreeSet<String> {
        let organisation = asker.organisation();
        self.people.iter().filter_map(|id| organisation.person(id)?.role.clone()).collect()
    }

    /// Those among them who have people, for a narrower choice.
    pub(super) fn managers(&self, asker: &Asker) -> Vec<(String, String)> {
        let organisation = asker.organisation();
        let managers = self.people.iter().filter(|id| organisation.is_manager(id));
        let mut named: Vec<(String, String)> =
            managers.filter_map(|id| Some((organisation.person(id)?.name.clone(), id.clone()))).collect();
        named.sort();
        named
    }
}

/// Whom somebody stands in for who leads nobody themselves: the one who leads all they lead and is none of these.
fn absent(asker: &Asker, standing: &Standing) -> Option<Member> {
    let organisation = asker.organisation();
    let lines = organisation.lines_on(asker.as_of().asked_on);
    let all_led = |team: &BTreeSet<String>| team.iter().all(|person| standing.leads(person));
    let absent = lines.teams().find(|(leader, team)| !standing.leads(leader) && all_led(team))?.0.to_owned();
    organisation.member(Level::Manager, &absent)
}

/// Whether somebody's goals are the one who asks's to propose by a template, and so to take back: a leader's are
/// those of whom they lead, at any distance; operations' and admins' are everybody's.
pub(super) fn proposes_to(viewer: &Viewer, person: &str) -> bool {
    match viewer {
        Viewer::Owner => true,
        Viewer::SignedIn(someone) => match someone.extent(Act::Write, Object::GoalTemplates) {
            Some(Extent::All) => true,
            Some(_) => someone.standing.leads(person),
            None => false,
        },
        Viewer::Nobody => false,
    }
}

/// What was found.
pub(super) struct Gathered {
    pub(super) candidates: Vec<Candidate>,
    /// The goals there are by the metric in the period.
    pub(super) goals: Vec<Goal>,
    /// The periods a history rests on, oldest first.
    pub(super) history: Vec<Period>,
}

/// Looks up everybody of the role, and all others in the scope.
///
/// # Errors
/// When facts or records cannot be read.
pub(super) async fn gathered(
    app: &App,
    asker: &Asker,
    scope: &Scope,
    template: &Template,
) -> Result<Gathered, PageError> {
    let (metric, period) = (&template.metric, &template.period);
    let goals = store::of_metric(app.records().read(), &app.actor(), asker, &metric.id, period.key()).await?;
    let history = if template.sharing.takes_history() { before(asker, period) } else { Vec::new() };
    let attained = attained(app, asker, template, &history).await?;
    let first = period.from.unwrap_or(asker.as_of().asked_on);
    let potentials = match template.sharing.takes_potential() {
        true => asker.potentials(first.max(asker.as_of().asked_on)).await?,
        false => BTreeMap::new(),
    };
    let leaders = leaders(asker);
    let known = Looked::of(asker, period, app.reach());
    let goals_of = by_person(&goals);
    let organisation = asker.organisation();
    let mut candidates = Vec::new();
    for (id, person) in organisation.people() {
        let is_meant = scope.includes(id);
        if !is_meant && person.role.as_ref() != Some(&template.role) {
            continue;
        }
        let applicable = organisation.applicable(id);
        let day = person.hired_on.map_or(first, |hired| hired.max(first));
        candidates.push(Candidate {
            id: id.to_owned(),
            name: person.name.clone(),
            role: person.role.clone(),
            leader: leaders.get(id).and_then(|leader| Some(organisation.person(leader)?.name.clone())),
            is_meant,
            hired_on: person.hired_on,
            left_on: person.left_on,
            has_role_start: person.role_started_on.is_some(),
            part_of_full_time: organisation.part_of_full_time(id, day),
            days: known.days_of(&applicable),
            months: known.months_of(person.role_started_on, &applicable),
            goal: known.goal(goals_of.get(id).map(Vec::as_slice).unwrap_or_default(), id),
            history: attained.get(id).copied(),
            potential: potentials.get(id).copied().filter(|_| known.is_seen(id)),
        });
    }
    candidates.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Ok(Gathered { candidates, goals, history })
}

/// The periods of the same length before, as far as they are over.
fn before(asker: &Asker, period: &Period) -> Vec<Period> {
    let calendar = asker.calendar();
    let earlier = std::iter::successors(calendar.previous(period), |period| calendar.previous(period));
    let known_to = asker.as_of().date;
    let over = earlier.skip_while(|period| period.last_day().is_none_or(|last| last > known_to));
    let mut periods: Vec<Period> = over.take(HISTORY).collect();
    periods.reverse();
    periods
}

/// What each attained per whole target that would have been asked of them, of what the one who asks may see.
async fn attained(
    app: &App,
    asker: &Asker,
    template: &Template,
    periods: &[Period],
) -> Result<BTreeMap<String, Decimal>, PageError> {
    if periods.is_empty() {
        return Ok(BTreeMap::new());
    }
    let question = Question {
        metrics: vec![template.metric.id.clone()],
        subject: Subject::Company,
        by: vec![Dimension::Rep],
        periods: periods.to_vec(),
        filter: None,
        rates: RateMode::default(),
    };
    // The company as a whole is not every leader's to see, so each person is looked at in its place.
    let (answer, reach) = (asker.ask(&question, &Reach::Everything).await?, app.reach());
    let mut sums: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
    for period in periods {
        let known = Looked::of(asker, period, reach.clone());
        for number in answer.numbers.iter().filter(|number| number.period == *period) {
            let (Some(value), Some(Some(member))) = (number.value, number.members.first()) else { continue };
            let asked = known.is_seen(&member.id).then(|| known.asked(&member.id, template)).flatten();
            let Some(asked) = asked else { continue };
            let (sum, whole) = sums.entry(member.id.clone()).or_default();
            *sum = sum.saturating_add(value);
            *whole += asked;
        }
    }
    Ok(sums.into_iter().filter_map(|(id, (sum, whole))| Some((id, sum.checked_div(whole)?))).collect())
}

/// Whom each reports to today.
fn leaders(asker: &Asker) -> BTreeMap<String, String> {
    let lines = asker.organisation().lines_on(asker.as_of().asked_on);
    let each =
        lines.teams().flat_map(|(leader, team)| team.iter().map(move |person| (person.clone(), leader)));
    each.map(|(person, leader)| (person, leader.to_owned())).collect()
}

/// Goals by the person they are about.
fn by_person(goals: &[Goal]) -> BTreeMap<&str, Vec<&Goal>> {
    let mut found: BTreeMap<&str, Vec<&Goal>> = BTreeMap::new();
    for goal in goals {
        if let Subject::Rep(person) = &goal.subject {
            found.entry(person).or_default().push(goal);
        }
    }
    found
}

/// What everybody is looked up with: the days of a period and of its months, counted once for all.
struct Looked<'a> {
    asker: &'a Asker,
    period: &'a Period,
    working: WorkingDays,
    days: Option<PeriodDays>,
    /// Each month with its first day.
    months: Vec<(Option<Date>, Option<PeriodDays>)>,
    /// How far the one who asks may see.
    reach: Reach,
}

impl<'a> Looked<'a> {
    fn of(asker: &'a Asker, period: &'a Period, reach: Reach) -> Looked<'a> {
        let working = WorkingDays::of(asker.company());
        let months = choice::months(asker, period);
        let months = months.iter().map(|month| (month.from, PeriodDays::of(&working, month))).collect();
        Looked { asker, period, days: PeriodDays::of(&working, period), months, working, reach }
    }

    /// Whether what is known of a person is for the one who asks to see.
    fn is_seen(&self, person: &str) -> bool {
        self.reach.opens(&Subject::Rep(person.to_owned()))
    }

    /// How much of a whole target the template would have asked of a person.
    fn asked(&self, person: &str, template: &Template) -> Option<Decimal> {
        let organisation = self.asker.organisation();
        let (known, applicable) = (organisation.person(person)?, organisation.applicable(person));
        let first = self.period.from.unwrap_or(self.asker.as_of().asked_on);
        let day = known.hired_on.map_or(first, |hired| hired.max(first));
        let (days, months) = (self.days_of(&applicable), self.months_of(known.role_started_on, &applicable));
        let part_of_full_time = organisation.part_of_full_time(person, day);
        let ramp = template.ramp.as_ref().filter(|_| known.role_started_on.is_some());
        asked_before(ramp, part_of_full_time, (&days, &months))
    }

    fn days_of(&self, applicable: &Applicable) -> Proration {
        proration(self.days.as_ref(), applicable)
    }

    fn months_of(&self, role_start: Option<Date>, applicable: &Applicable) -> Vec<Month> {
        let tenure = |first: Date| role_start.and_then(|start| tenure_months(start, first));
        let month = |(first, days): &(Option<Date>, Option<PeriodDays>)| Month {
            tenure_months: first
                .and_then(tenure)
                .and_then(|months| u32::try_from(months).ok())
                .unwrap_or_default(),
            days: proration(days.as_ref(), applicable),
        };
        self.months.iter().map(month).collect()
    }

    /// What is known of a person's goals.
    fn goal(&self, own: &[&Goal], person: &str) -> Known {
        own.iter()
            .map(|goal| self.known(goal, person))
            .find(|known| *known != Known::Nothing)
            .unwrap_or(Known::Nothing)
    }

    fn known(&self, goal: &Goal, person: &str) -> Known {
        let states = states(goal, self.period, self.asker.as_of().asked_on, &self.working);
        if states.contains(&State::Proposed) {
            return Known::Waits { goal: goal.number };
        }
        match self.value(goal) {
            Some(value) => Known::Holds { goal: goal.number, value: self.is_seen(person).then_some(value) },
            None => Known::Nothing,
        }
    }

    /// The target of the whole period by the newest version that holds.
    fn value(&self, goal: &Goal) -> Option<Decimal> {
        let today = self.asker.as_of().asked_on;
        in_force(&goal.versions, self.period, today, &self.working).last().map(|version| version.value)
    }
}

/// The days on which a target applies; none of a period without bounds.
fn proration(days: Option<&PeriodDays>, applicable: &Applicable) -> Proration {
    let none = Proration { whole: Decimal::ZERO, applicable: Decimal::ZERO };
    days.map_or(none, |days| days.proration(applicable))
}
