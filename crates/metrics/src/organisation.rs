//! Who belongs where, and since when: the organisation a snapshot knows.
//!
//! People, teams and products are few, so they are read whole; facts are joined to them by the
//! credit date in [`crate::credited`]. A region is a root team, "manager" is the line manager
//! (domain 2.9). Times are half-open ranges of civil dates; a missing bound means always.

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::canonical::Table;
use attain_facts::import::BY_HAND;
use attain_facts::store::Snapshot;
use datafusion::prelude::SessionContext;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::calendar::{Applicable, DateRange, Period};
use crate::engine::{Cells, collect};
use crate::leading::Leading;
use crate::qualified::Leave;
use crate::subject::{Level, Member, Subject};

/// A person, as far as numbers need them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Role, where the source says it.
    pub role: Option<String>,
    /// First day, where known.
    pub hired_on: Option<Date>,
    /// Last working day, inclusive.
    pub left_on: Option<Date>,
    /// First day in the role; that of the hiring where the source does not tell them apart.
    pub role_started_on: Option<Date>,
    /// The part of full time they work, where it never changes.
    pub part_of_full_time: Option<Decimal>,
}

impl Person {
    /// Whether the person has been hired by a day and not left before it.
    #[must_use]
    pub fn is_there_on(&self, day: Date) -> bool {
        self.hired_on.is_none_or(|hired| hired <= day) && self.left_on.is_none_or(|left| day <= left)
    }
}

/// That one thing belonged to another for a time.
#[derive(Clone, Debug)]
pub(crate) struct Belonging {
    pub(crate) employee: String,
    pub(crate) to: String,
    pub(crate) valid_from: Option<Date>,
    pub(crate) valid_to: Option<Date>,
    /// Whether somebody entered it, and no source delivered it.
    pub(crate) by_hand: bool,
}

impl Belonging {
    fn overlaps(&self, period: &Period) -> bool {
        let starts_before_end = self.valid_from.is_none_or(|from| period.to.is_none_or(|to| from < to));
        let ends_after_start = self.valid_to.is_none_or(|to| period.from.is_none_or(|from| from < to));
        starts_before_end && ends_after_start
    }

    pub(crate) fn holds_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

/// The organisation as a snapshot knows it.
#[derive(Clone, Debug, Default)]
pub struct Organisation {
    people: BTreeMap<String, Person>,
    teams: BTreeMap<String, String>,
    products: BTreeMap<String, String>,
    regions: BTreeSet<String>,
    /// By person, like all belongings here.
    pub(crate) region_of: Vec<Belonging>,
    /// Who reported to whom, as delivered.
    pub(crate) reports: Vec<Belonging>,
    pub(crate) manager_of: Vec<Belonging>,
    leading: Leading,
    leave: BTreeMap<String, Vec<Leave>>,
    /// The part of full time that people work, where it changes.
    part_time: BTreeMap<String, Vec<(DateRange, Decimal)>>,
    /// Other names and ids, in lower case, of those that others were merged into.
    aliases: BTreeSet<(String, String)>,
}

impl Organisation {
    pub(crate) async fn read(
        context: &SessionContext,
        snapshot: &Snapshot,
    ) -> Result<Organisation, MetricsError> {
        let mut organisation = Organisation::default();
        for row in read(context, snapshot, Table::Employee).await?.rows() {
            let person = Person {
                name: row.text("display_name").unwrap_or_default(),
                role: row.text("role"),
                hired_on: row.date("hire_date"),
                left_on: row.date("end_date"),
                role_started_on: row.date("role_start_date").or(row.date("hire_date")),
                part_of_full_time: row.decimal("fte")?,
            };
            organisation.people.insert(row.text("employee_id").unwrap_or_default(), person);
        }
        for row in read(context, snapshot, Table::Product).await?.rows() {
            organisation
                .products
                .insert(row.text("product_id").unwrap_or_default(), row.text("name").unwrap_or_default());
        }
        organisation.read_aliases(context, snapshot).await?;
        organisation.read_teams(context, snapshot).await?;
        organisation.read_managers(context, snapshot).await?;
        for row in read(context, snapshot, Table::EmployeeAbsence).await?.rows() {
            if let (Some(person), Some(from)) = (row.text("employee_id"), row.date("from")) {
                let away = (from, row.date("to").unwrap_or(Date::MAX));
                organisation.leave.entry(person).or_default().push(away);
            }
        }
        for row in read(context, snapshot, Table::EmployeeAttr).await?.rows() {
            if let (Some(person), Some(part)) = (row.text("employee_id"), row.decimal("fte")?) {
                let valid = DateRange { from: row.date("valid_from"), to: row.date("valid_to") };
                organisation.part_time.entry(person).or_default().push((valid, part));
            }
        }
        Ok(organisation)
    }

    async fn read_aliases(
        &mut self,
        context: &SessionContext,
        snapshot: &Snapshot,
    ) -> Result<(), MetricsError> {
        let redirects = snapshot.redirects();
        if redirects.is_empty() {
            return Ok(());
        }
        let named = [(Table::Employee, "display_name"), (Table::Team, "name"), (Table::Product, "name")];
        for (table, name) in named {
            let Some(id) = table.id_column() else { continue };
            for row in collect(snapshot.view(context, table).await?).await?.rows() {
                let merged = row.text(id).unwrap_or_default();
                let kept = redirects.kept(&merged);
                if kept != merged {
                    let other_names = row.text(name).into_iter().chain([merged.clone()]);
                    self.aliases.extend(other_names.map(|alias| (alias.to_lowercase(), kept.to_owned())));
                }
            }
        }
        Ok(())
    }

    async fn read_teams(
        &mut self,
        context: &SessionContext,
        snapshot: &Snapshot,
    ) -> Result<(), MetricsError> {
        let mut parents = BTreeMap::new();
        for row in read(context, snapshot, Table::Team).await?.rows() {
            let team = row.text("team_id").unwrap_or_default();
            if let Some(parent) = row.text("parent_team_id") {
                parents.insert(team.clone(), parent);
            }
            self.teams.insert(team, row.text("name").unwrap_or_default());
        }
        self.regions = self.teams.keys().filter(|team| !parents.contains_key(*team)).cloned().collect();
        for row in read(context, snapshot, Table::TeamAssignment).await?.rows() {
            if row.boolean("is_primary") == Some(false) {
                continue;
            }
            let mut belonging = belonging(&row, "team_id");
            belonging.to = root(&belonging.to, &parents);
            self.region_of.push(belonging);
        }
        end_at_the_next(&mut self.region_of);
        Ok(())
    }

    async fn read_managers(
        &mut self,
        context: &SessionContext,
        snapshot: &Snapshot,
    ) -> Result<(), MetricsError> {
        for row in read(context, snapshot, Table::ManagerAssignment).await?.rows() {
            if row.text("kind").as_deref() != Some("dotted") {
                self.reports.push(belonging(&row, "manager_id"));
            }
        }
        let mut reports = std::mem::take(&mut self.reports);
        end_at_the_next(&mut reports);
        self.led(&reports);
        self.reports = reports;
        Ok(())
    }

    /// Who leads whom.
    pub(crate) fn led(&mut self, reports: &[Belonging]) {
        self.leading = Leading::of(reports);
        self.manager_of = self.leading.placed(reports);
        end_at_the_next(&mut self.manager_of);
    }

    /// What was entered by hand of whom a person reports to: from which day on, and whom.
    #[must_use]
    pub fn managers_by_hand(&self, person: &str) -> BTreeMap<Date, String> {
        entered(&self.reports, person)
    }

    /// What was entered by hand of a person's region.
    #[must_use]
    pub fn regions_by_hand(&self, person: &str) -> BTreeMap<Date, String> {
        entered(&self.region_of, person)
    }

    /// The members of a level inside a subject who belonged there at some time in the period,
    /// by name. Reps are all who lead nobody on its last day, or on their own last one; managers all who lead
    /// others on any, so that who began or ceased to lead meanwhile may be both.
    #[must_use]
    pub fn members(&self, level: Level, within: &Subject, period: &Period) -> Vec<Member> {
        let ids: BTreeSet<&String> = match level {
            Level::Company => BTreeSet::new(),
            Level::Region => self.regions.iter().filter(|id| within.id().is_none_or(|w| w == *id)).collect(),
            Level::Product => self.products.keys().collect(),
            Level::Manager => self
                .leading
                .leaders()
                .filter(|leader| self.leading.during(leader, period) && self.belongs(leader, within, period))
                .collect(),
            Level::Rep => self
                .people
                .iter()
                .filter(|(id, person)| works_in(person, period) && self.sells_at_the_end(id, person, period))
                .map(|(id, _)| id)
                .filter(|person| self.belongs(person, within, period))
                .collect(),
        };
        let mut members: Vec<Member> = ids.into_iter().filter_map(|id| self.member(level, id)).collect();
        members.sort();
        members
    }

    /// A member of a level by identifier, their own or that of one who was merged into them.
    #[must_use]
    pub fn member(&self, level: Level, id: &str) -> Option<Member> {
        self.of_its_own(level, id).or_else(|| {
            let alias = (id.to_lowercase(), String::new());
            let kept = self.aliases.range(&alias..).take_while(|(name, _)| *name == alias.0);
            kept.filter_map(|(_, kept)| self.of_its_own(level, kept)).next()
        })
    }

    fn of_its_own(&self, level: Level, id: &str) -> Option<Member> {
        let person = || self.people.get(id).map(|person| person.name.clone());
        let name = match level {
            Level::Company => None,
            Level::Region => self.regions.get(id).and_then(|region| self.teams.get(region)).cloned(),
            Level::Manager => self.leading.ever(id).then(person).flatten(),
            Level::Rep => person(),
            Level::Product => self.products.get(id).cloned(),
        };
        name.map(|name| Member { name, id: id.to_owned() })
    }

    /// Members of a level with that name (or that identifier), letter case aside, or with one into
    /// which somebody of that name was merged.
    #[must_use]
    pub fn find(&self, level: Level, name: &str) -> Vec<Member> {
        let ids: Vec<&String> = match level {
            Level::Company => Vec::new(),
            Level::Region => self.regions.iter().collect(),
            Level::Manager => self.leading.leaders().collect(),
            Level::Rep => self.people.keys().collect(),
            Level::Product => self.products.keys().collect(),
        };
        let wanted = name.trim().to_lowercase();
        let members = ids.into_iter().filter_map(|id| self.member(level, id));
        let is_called = |member: &Member| {
            member.name.to_lowercase() == wanted
                || member.id == name
                || self.aliases.contains(&(wanted.clone(), member.id.clone()))
        };
        members.filter(is_called).collect()
    }

    /// A person.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.get(id)
    }

    /// Everybody there is or was, by identifier.
    pub fn people(&self) -> impl Iterator<Item = (&str, &Person)> {
        self.people.iter().map(|(id, person)| (id.as_str(), person))
    }

    /// Everything numbers can be about by product.
    pub fn products(&self) -> impl Iterator<Item = &str> {
        self.products.keys().map(String::as_str)
    }

    /// The identifiers of somebody or something: its own, and those of others that were merged into it.
    #[must_use]
    pub fn ids_of(&self, id: &str) -> Vec<String> {
        let merged = self.aliases.iter().filter(|(_, kept)| kept == id).map(|(alias, _)| alias.clone());
        std::iter::once(id.to_owned()).chain(merged).collect()
    }

    /// When a target applies to a person: while employed, and not on leave (T15, T17).
    #[must_use]
    pub fn applicable(&self, id: &str) -> Applicable {
        let mut applicable = Applicable::always();
        if let Some(person) = self.person(id) {
            let to = person.left_on.and_then(|last| last.tomorrow().ok());
            applicable.employed = vec![DateRange { from: person.hired_on, to }];
        }
        let away = self.leave_of(id).map(|(from, to)| DateRange { from: Some(*from), to: Some(*to) });
        applicable.absences = away.collect();
        applicable
    }

    /// The part of full time a person works on a day; all of it unless a source says otherwise.
    #[must_use]
    pub fn part_of_full_time(&self, id: &str, day: Date) -> Decimal {
        let changing = self.part_time.get(id).into_iter().flatten().find(|(valid, _)| valid.contains(day));
        let steady = || self.person(id).and_then(|person| person.part_of_full_time);
        changing.map(|(_, part)| *part).or_else(steady).unwrap_or(Decimal::ONE)
    }

    /// The leave of a person.
    pub(crate) fn leave_of(&self, id: &str) -> impl Iterator<Item = &Leave> {
        self.leave.get(id).into_iter().flatten()
    }

    /// Whether a person reported to one manager on all days of `[from, to)` on which they were there.
    #[must_use]
    pub fn led_throughout(&self, person: &str, manager: &str, from: Date, to: Date) -> bool {
        let since =
            self.person(person).and_then(|known| known.hired_on).map_or(from, |hired| hired.max(from));
        of(&self.manager_of, person).iter().any(|belonging| {
            belonging.to == manager
                && belonging.valid_from.is_none_or(|first| first <= since)
                && belonging.valid_to.is_none_or(|end| to <= end)
        })
    }

    /// Whether the person leads others at any time.
    #[must_use]
    pub fn is_manager(&self, id: &str) -> bool {
        self.leading.ever(id)
    }

    /// The region a person belonged to on a day.
    #[must_use]
    pub fn region_on(&self, person: &str, day: Date) -> Option<Member> {
        let found = of(&self.region_of, person).iter().find(|b| b.holds_on(day))?;
        self.member(Level::Region, &found.to)
    }

    /// The line manager of a person on a day.
    #[must_use]
    pub fn manager_on(&self, person: &str, day: Date) -> Option<Member> {
        let found = of(&self.manager_of, person).iter().find(|b| b.to != person && b.holds_on(day))?;
        self.member(Level::Manager, &found.to)
    }

    fn belongs(&self, person: &str, within: &Subject, period: &Period) -> bool {
        let among = |belongings: &[Belonging], to: &str| {
            of(belongings, person).iter().any(|b| b.to == to && b.overlaps(period))
        };
        match within {
            Subject::Company | Subject::Product(_) => true,
            Subject::Region(region) => {
                among(&self.region_of, region) || self.leads_in(person, region, period)
            }
            Subject::Manager(manager) => among(&self.manager_of, manager),
            Subject::Rep(rep) => person == rep,
        }
    }

    /// A manager without a team of their own counts where their people are.
    fn leads_in(&self, manager: &str, region: &str, period: &Period) -> bool {
        let is_there = |report: &Belonging| {
            of(&self.region_of, &report.employee).iter().any(|b| b.to == region && b.overlaps(period))
        };
        of(&self.region_of, manager).is_empty()
            && self
                .manager_of
                .iter()
                .filter(|b| b.to == manager && b.employee != manager && b.overlaps(period))
                .any(is_there)
    }

    /// Whether somebody leads nobody on the last day of a period, or on their own if that is earlier.
    fn sells_at_the_end(&self, id: &str, person: &Person, period: &Period) -> bool {
        let last = [period.last_day(), person.left_on].into_iter().flatten().min();
        !self.leading.on(id, last)
    }
}

/// Whether somebody is there on any day of a period.
fn works_in(person: &Person, period: &Period) -> bool {
    let hired_before_end = person.hired_on.is_none_or(|hired| period.to.is_none_or(|to| hired < to));
    let left_after_start = person.left_on.is_none_or(|left| period.from.is_none_or(|from| from <= left));
    hired_before_end && left_after_start
}

fn belonging(row: &Cells<'_>, to: &str) -> Belonging {
    Belonging {
        employee: row.text("employee_id").unwrap_or_default(),
        to: row.text(to).unwrap_or_default(),
        valid_from: row.date("valid_from"),
        valid_to: row.date("valid_to"),
        by_hand: row.text("source_system").as_deref() == Some(BY_HAND),
    }
}

/// Ends an assignment where the person's next one begins, so that deliveries which overlap each
/// other never count a deal twice. Of two that begin on the same day, what was entered by hand holds.
fn end_at_the_next(belongings: &mut [Belonging]) {
    let order = |one: &Belonging| (one.employee.clone(), one.valid_from, one.by_hand, one.to.clone());
    belongings.sort_by_cached_key(order);
    for position in 1..belongings.len() {
        let next_from = belongings[position].valid_from;
        let same_person = belongings[position].employee == belongings[position - 1].employee;
        let earlier = &mut belongings[position - 1];
        if same_person && earlier.valid_to.is_none_or(|to| next_from.is_none_or(|from| from < to)) {
            earlier.valid_to = next_from.or(earlier.valid_from).or(Some(Date::MIN));
        }
    }
}

/// Those of one person; belongings are in the order of people.
pub(crate) fn of<'b>(belongings: &'b [Belonging], person: &str) -> &'b [Belonging] {
    let start = belongings.partition_point(|belonging| belonging.employee.as_str() < person);
    let count = belongings[start..].partition_point(|belonging| belonging.employee == person);
    &belongings[start..start + count]
}

fn entered(belongings: &[Belonging], person: &str) -> BTreeMap<Date, String> {
    let entered = of(belongings, person).iter().filter(|belonging| belonging.by_hand);
    entered.filter_map(|belonging| Some((belonging.valid_from?, belonging.to.clone()))).collect()
}

/// The root of a team's tree. A circle, which import refuses, ends at the team itself.
fn root(team: &str, parents: &BTreeMap<String, String>) -> String {
    let mut current = team;
    for _ in 0..parents.len() {
        match parents.get(current) {
            Some(parent) => current = parent,
            None => break,
        }
    }
    current.to_owned()
}

async fn read(
    context: &SessionContext,
    snapshot: &Snapshot,
    table: Table,
) -> Result<crate::engine::Batches, MetricsError> {
    collect(snapshot.resolved(context, table).await?).await
}
