//! From roles and the organisation of a day to a reach over subjects.
//!
//! A person is inside the reach of whoever they report to today; a group is inside when it has
//! people today and all of them are. Who has everybody below them has the company.

use std::collections::BTreeSet;

use attain_metrics::{Organisation, Reach, ReportingLines, Subject};
use jiff::civil::Date;

use super::matrix::{Act, Extent, Object, extent};
use super::role::Role;

/// A role an admin gave, and the part of the company it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Given {
    pub(crate) role: Role,
    /// Regions; none where it is about the whole company.
    pub(crate) population: Option<BTreeSet<String>>,
}

/// What somebody is today: their roles, and how far they see by them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    roles: BTreeSet<Role>,
    /// Who reports to them, or to those they stand in for.
    managed: BTreeSet<String>,
    /// Everybody below them, or below those they stand in for.
    led: BTreeSet<String>,
    /// What an HR partner was assigned.
    population: Reach,
    reach: Reach,
}

impl Standing {
    /// Of the roles an admin gave, where nothing is known of the organisation.
    pub(crate) fn without_organisation(given: &BTreeSet<Given>) -> Standing {
        let roles: BTreeSet<Role> = given.iter().map(|given| given.role).collect();
        let sees_all = roles.iter().any(|role| extent(*role, Act::Read, Object::Values) == Some(Extent::All));
        Standing {
            roles,
            managed: BTreeSet::new(),
            led: BTreeSet::new(),
            population: Reach::Nothing,
            reach: if sees_all { Reach::Everything } else { Reach::Nothing },
        }
    }

    /// Of a person of the roster, those they stand in for, and the roles an admin gave, on a day. Who
    /// stands in leads whom the absent one leads that day, and gets nothing else of theirs.
    pub(crate) fn on(
        organisation: &Organisation,
        day: Date,
        person: Option<&str>,
        stands_in_for: &BTreeSet<String>,
        given: &BTreeSet<Given>,
    ) -> Standing {
        let lines = organisation.lines_on(day);
        let is_there = |id: &str| organisation.person(id).is_some_and(|known| known.is_there_on(day));
        let person = person.filter(|id| is_there(id));
        let absent = stands_in_for.iter().map(String::as_str).filter(|id| person.is_some() && is_there(id));
        let leads: Vec<&str> = person.into_iter().chain(absent).collect();
        let mut roles: BTreeSet<Role> = given.iter().map(|given| given.role).collect();
        roles.extend(person.map(|_| Role::Rep));
        for reports in leads.iter().filter_map(|leader| lines.reports_of(leader)) {
            roles.insert(Role::Manager);
            if reports.iter().any(|report| lines.reports_of(report).is_some()) {
                roles.insert(Role::Skip);
            }
        }
        let seen = Seen { organisation, day, lines: &lines, person, leads: &leads };
        let reach = seen.reach(&roles, given);
        let reports = leads.iter().filter_map(|leader| lines.reports_of(leader));
        let managed = reports.flatten().cloned().collect();
        let led = leads.iter().flat_map(|leader| lines.below(leader)).map(str::to_owned).collect();
        let assigned = BTreeSet::from([Role::HrPartner]);
        let assigned = roles.intersection(&assigned).copied().collect();
        let population = Seen { person: None, leads: &[], ..seen }.reach(&assigned, given);
        Standing { roles, managed, led, population, reach }
    }

    /// The roles, of those that follow from the roster too.
    pub(crate) fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        self.roles.iter().copied()
    }

    /// What they were assigned as an HR partner.
    pub(crate) fn population(&self) -> &Reach {
        &self.population
    }

    /// Whether somebody reports to them today.
    pub(crate) fn manages(&self, person: &str) -> bool {
        self.managed.contains(person)
    }

    /// Whether they lead somebody today, at any distance.
    pub(crate) fn leads(&self, person: &str) -> bool {
        self.led.contains(person)
    }

    /// How far they may do something, by the role that reaches furthest.
    pub(crate) fn extent(&self, act: Act, object: Object) -> Option<Extent> {
        self.roles().filter_map(|role| extent(role, act, object)).max()
    }

    /// How far they see.
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }
}

struct Seen<'a> {
    organisation: &'a Organisation,
    day: Date,
    lines: &'a ReportingLines,
    person: Option<&'a str>,
    /// The person, and those they stand in for.
    leads: &'a [&'a str],
}

impl Seen<'_> {
    fn reach(&self, roles: &BTreeSet<Role>, given: &BTreeSet<Given>) -> Reach {
        let mut people: BTreeSet<&str> = BTreeSet::new();
        let mut aggregated = false;
        for role in roles {
            match extent(*role, Act::Read, Object::Values) {
                Some(Extent::All) => return Reach::Everything,
                Some(Extent::Own) => people.extend(self.person),
                Some(Extent::Team) => {
                    let reports = self.leads.iter().filter_map(|leader| self.lines.reports_of(leader));
                    people.extend(reports.flatten().map(String::as_str));
                }
                Some(Extent::Organisation) => {
                    people.extend(self.leads.iter().flat_map(|leader| self.lines.below(leader)));
                }
                Some(Extent::Population) => people.extend(self.population(*role, given)),
                Some(Extent::Aggregate) => aggregated = true,
                Some(Extent::Settings) | None => {}
            }
        }
        let groups = self.groups(|members| members.iter().all(|member| people.contains(member.as_str())));
        let teams = self.leads.iter().filter(|leader| self.lines.reports_of(leader).is_some());
        let teams = teams.map(|leader| Subject::Manager((*leader).to_owned()));
        let opened =
            people.iter().map(|person| Subject::Rep((*person).to_owned())).chain(teams).chain(groups);
        let aggregated = if aggregated { self.groups(|_| true) } else { Vec::new() };
        Reach::over(opened, aggregated)
    }

    /// The people of the regions a role was given for.
    fn population(&self, role: Role, given: &BTreeSet<Given>) -> BTreeSet<&str> {
        let mut people = BTreeSet::new();
        for given in given.iter().filter(|given| given.role == role) {
            match &given.population {
                None => people.extend(self.organisation.people().map(|(id, _)| id)),
                Some(regions) => {
                    let own = self.lines.regions().filter(|(region, _)| regions.contains(*region));
                    people.extend(own.flat_map(|(_, members)| members).map(String::as_str));
                }
            }
        }
        people
    }

    /// The groups whose members of today a condition holds for. A manager's own deals are part of
    /// their team (T4), so the manager is a member as well.
    fn groups(&self, holds: impl Fn(&BTreeSet<String>) -> bool) -> Vec<Subject> {
        let mut groups = Vec::new();
        let regions = self.lines.regions().filter(|(_, members)| holds(members));
        groups.extend(regions.map(|(region, _)| Subject::Region(region.to_owned())));
        for (manager, reports) in self.lines.teams() {
            let mut members = reports.clone();
            members.insert(manager.to_owned());
            if holds(&members) {
                groups.push(Subject::Manager(manager.to_owned()));
            }
        }
        let here = self.organisation.people().filter(|(_, person)| person.is_there_on(self.day));
        let everybody: BTreeSet<String> = here.map(|(id, _)| id.to_owned()).collect();
        if !everybody.is_empty() && holds(&everybody) {
            groups.push(Subject::Company);
            groups.extend(self.organisation.products().map(|product| Subject::Product(product.to_owned())));
        }
        groups
    }
}
