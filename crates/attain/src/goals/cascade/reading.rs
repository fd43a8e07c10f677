//! Who stands where on a day of the period, and which target of each holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use attain_metrics::{Asker, Dimension, Level, Metric, Period, Reach, ReportingLines, Subject, ValidLevel};

use super::tree::{Node, Own};
use crate::goals::agreement::has_goals;
use crate::goals::below::{day_of, top};
use crate::goals::choosing::Wanted;
use crate::goals::entries::{CREDITED, quotas, target_of};
use crate::goals::line::Term;
use crate::goals::store;
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::problem::PageError;

/// A cascade that was asked for.
pub(super) struct Cascade {
    pub(super) asker: Arc<Asker>,
    pub(super) metric: Arc<Metric>,
    pub(super) period: Period,
    pub(super) root: Node,
}

impl Cascade {
    /// Of the company where the one who asks may see it, otherwise of the team they lead.
    ///
    /// # Errors
    /// `Hidden` for who leads nobody; `Invalid` for a metric whose targets do not add up.
    pub(super) async fn of(app: &App, metric: Option<&str>, wanted: &Wanted) -> Result<Cascade, PageError> {
        let asker = app.asker().await?;
        let period = wanted.period(&asker)?;
        let id = metric.filter(|id| !id.is_empty()).unwrap_or("bookings");
        let metric = offered(&asker, &period).into_iter().find(|metric| metric.id == id);
        let metric = metric.ok_or_else(|| PageError::Invalid {
            field: "metric".into(),
            message: format!("`{id}` is no metric whose targets add up over people, such as bookings."),
        })?;
        let (root, name) = look::at(app, &asker, &top(app)?, Depth::Values, "the cascade of goals").await?;
        let targets = targets(app, &asker, &metric, &period).await?;
        let people = asker.organisation().members(Level::Rep, &Subject::Company, &period);
        let planted = Planted {
            asker: &asker,
            lines: asker.organisation().lines_on(day_of(&asker, &period)),
            reach: app.reach(),
            people: people.into_iter().map(|member| member.id).collect(),
            targets,
        };
        let root = planted.node(&root, name, &mut BTreeSet::new());
        Ok(Cascade { metric, period, root, asker })
    }
}

/// The metrics whose targets add up over people.
pub(super) fn offered(asker: &Asker, period: &Period) -> Vec<Arc<Metric>> {
    let metrics = asker.catalogue_for(period).metrics();
    let of_people = metrics.filter(|metric| has_goals(metric) && metric.accumulates());
    of_people.filter(|metric| metric.levels.contains(&ValidLevel::Rep)).cloned().collect()
}

/// The targets that hold, by whom they are of, whoever may see them: a goal before a quota.
async fn targets(
    app: &App,
    asker: &Asker,
    metric: &Arc<Metric>,
    period: &Period,
) -> Result<BTreeMap<Subject, Own>, PageError> {
    let (mut targets, term) = (BTreeMap::new(), Term::of(asker, period));
    if metric.id == CREDITED {
        for by in [None, Some(Dimension::Manager), Some(Dimension::Rep)] {
            // The company as a whole is not every leader's to see, so each node is looked at in its place.
            for entry in quotas(asker, &Subject::Company, by, period, &Reach::Everything).await? {
                let Some(target) = entry.line.target else { continue };
                targets.insert(entry.subject, Own { target, goal: None });
            }
        }
    }
    for goal in store::of_metric(app.records().read(), &app.actor(), asker, &metric.id, period.key()).await? {
        if let Some(target) = target_of(asker, &term, &goal, metric) {
            let own = Own { target, goal: Some(goal.number) };
            targets.insert(goal.subject, own);
        }
    }
    Ok(targets)
}

struct Planted<'a> {
    asker: &'a Asker,
    lines: ReportingLines,
    reach: Reach,
    /// Who sells in the period.
    people: BTreeSet<String>,
    targets: BTreeMap<Subject, Own>,
}

impl Planted<'_> {
    fn node(&self, subject: &Subject, name: String, above: &mut BTreeSet<Subject>) -> Node {
        let own = self.own(subject);
        // Whom a circle of reporting lines leads back to is not below themselves.
        if !above.insert(subject.clone()) {
            return Node { subject: subject.clone(), name, own, below: Vec::new(), hides: false };
        }
        let mut below = self.right_below(subject);
        let all = below.len();
        below.retain(|(_, subject)| self.reach.opens(subject));
        let hides = below.len() < all;
        let below = below.into_iter().map(|(name, subject)| self.node(&subject, name, above)).collect();
        above.remove(subject);
        Node { subject: subject.clone(), name, own, below, hides }
    }

    /// The target of a subject as far as the one who asks may see it: a quota may be of an aggregate too.
    fn own(&self, subject: &Subject) -> Option<Own> {
        let is_seen = |own: &&Own| match own.goal {
            Some(_) => self.reach.opens(subject),
            None => self.reach.includes(subject),
        };
        self.targets.get(subject).filter(is_seen).cloned()
    }

    /// Everybody right below a subject, by name.
    fn right_below(&self, subject: &Subject) -> Vec<(String, Subject)> {
        let below: Vec<Subject> = match subject {
            Subject::Company => self.tops(),
            Subject::Manager(manager) => {
                let reports = self.lines.reports_of(manager).into_iter().flatten();
                let mut below: Vec<Subject> = reports.filter_map(|report| self.place_of(report)).collect();
                // A manager's own target as a seller is part of the team's (T4).
                let as_seller = Subject::Rep(manager.clone());
                below.extend(self.targets.contains_key(&as_seller).then_some(as_seller));
                below
            }
            _ => Vec::new(),
        };
        let named = |subject: Subject| {
            let member = self.asker.organisation().member(subject.level(), subject.id()?)?;
            Some((member.name, subject))
        };
        let mut named: Vec<(String, Subject)> = below.into_iter().filter_map(named).collect();
        named.sort();
        named
    }

    /// Who has people and reports to nobody, and who has a target and reports to nobody.
    fn tops(&self) -> Vec<Subject> {
        let led: BTreeSet<&String> = self.lines.teams().flat_map(|(_, team)| team).collect();
        let managers = self.lines.teams().map(|(manager, _)| manager.to_owned());
        let managers: BTreeSet<String> = managers.filter(|manager| !led.contains(manager)).collect();
        let has_target = |person: &&String| self.targets.contains_key(&Subject::Rep((*person).clone()));
        let sellers = self.people.iter().filter(|person| !led.contains(*person)).filter(has_target).cloned();
        let tops: BTreeSet<String> = managers.into_iter().chain(sellers).collect();
        tops.iter().filter_map(|person| self.place_of(person)).collect()
    }

    /// A team for who has people, a person for who sells.
    fn place_of(&self, person: &str) -> Option<Subject> {
        if self.lines.reports_of(person).is_some() {
            return Some(Subject::Manager(person.to_owned()));
        }
        self.people.contains(person).then(|| Subject::Rep(person.to_owned()))
    }
}
