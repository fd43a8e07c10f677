//! The people in sales, whom they report to and since when.
//!
//! Six managers lead four account executives each and, between them, the account managers and
//! the development representatives: eight people for each manager.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::chance::Chance;
use super::days::{HISTORY_FROM, working_day_from};
use super::names::{ACCOUNT_EXECUTIVES, ACCOUNT_MANAGERS, MANAGERS, SALES_DEVELOPMENT};

/// Manager of each account manager.
const ACCOUNT_MANAGERS_REPORT_TO: [usize; 8] = [0, 1, 2, 2, 3, 4, 4, 5];

/// Manager of each development representative.
const SALES_DEVELOPMENT_REPORTS_TO: [usize; 16] = [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5];

/// Who joined inside the history, and when.
const LATE: [(&str, Date); 7] = [
    ("Thi Lan Phamova", date(2025, 2, 3)),
    ("Inés Valdebuena", date(2025, 9, 1)),
    ("Nikos Stavridakos", date(2026, 4, 1)),
    ("Bruno Delacourtie", date(2025, 10, 1)),
    ("Timo Grünfelder", date(2025, 5, 5)),
    ("Tariq Mansoorian", date(2026, 1, 7)),
    ("Álvaro Robledano", date(2026, 8, 3)),
];

/// Who changed manager and region: the person, the new manager, and the first day there.
const MOVED: (&str, usize, Date) = ("Marek Zbořil", 3, date(2025, 11, 1));

/// Who left, the last working day, and who took over what was still open.
const LEFT: (&str, Date, &str) = ("Kwame Asarekoh", date(2026, 2, 27), "Mikkel Thorsager");

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Manager,
    AccountExecutive,
    AccountManager,
    SalesDevelopment,
    /// No person: the login of another program. Every CRM has one, and the mapping leaves it out.
    Integration,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Manager => "Sales Manager",
            Role::AccountExecutive => "Account Executive",
            Role::AccountManager => "Account Manager",
            Role::SalesDevelopment => "Sales Development Representative",
            Role::Integration => "Integration",
        }
    }
}

/// A person who sells or leads sellers.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) level: &'static str,
    pub(super) hired_on: Date,
    /// Last working day.
    pub(super) left_on: Option<Date>,
    /// Position of whoever took over the open deals.
    pub(super) successor: Option<usize>,
    /// In order of time, without gaps.
    pub(super) postings: Vec<Posting>,
}

/// Where a person stands in the organisation for a time.
pub(super) struct Posting {
    /// Position in the list of regions.
    pub(super) region: usize,
    /// Position among the people; nobody for a manager.
    pub(super) manager: Option<usize>,
    pub(super) from: Date,
    /// The day after the last.
    pub(super) to: Option<Date>,
}

impl Person {
    /// The region a person works in on a day.
    pub(super) fn region_on(&self, day: Date) -> usize {
        let holds = |posting: &&Posting| posting.to.is_none_or(|to| day < to);
        self.postings.iter().find(holds).or(self.postings.last()).map_or(0, |posting| posting.region)
    }

    /// Whether the person works here on a day.
    pub(super) fn works_on(&self, day: Date) -> bool {
        self.hired_on <= day && self.left_on.is_none_or(|last| day <= last)
    }
}

/// Invents the people: the managers first, then the account executives, the account managers,
/// the development representatives, and the one login that is nobody's.
pub(super) fn invent(chance: &mut Chance) -> Vec<Person> {
    let managers = MANAGERS.iter().enumerate().map(|(own, name)| (*name, Role::Manager, own));
    let executives =
        ACCOUNT_EXECUTIVES.iter().enumerate().map(|(n, name)| (*name, Role::AccountExecutive, n / 4));
    let account_managers = ACCOUNT_MANAGERS
        .iter()
        .zip(ACCOUNT_MANAGERS_REPORT_TO)
        .map(|(name, manager)| (*name, Role::AccountManager, manager));
    let development = SALES_DEVELOPMENT
        .iter()
        .zip(SALES_DEVELOPMENT_REPORTS_TO)
        .map(|(name, manager)| (*name, Role::SalesDevelopment, manager));
    let sellers = executives.chain(account_managers).chain(development);
    let mut people: Vec<Person> =
        managers.chain(sellers).map(|(name, role, manager)| person(name, role, manager, chance)).collect();
    move_one(&mut people);
    let successor = position(&people, LEFT.2);
    if let Some(leaver) = people.iter_mut().find(|person| person.name == LEFT.0) {
        leave(leaver, successor);
    }
    people.push(integration());
    people
}

/// The region of the manager at a position.
fn region_of(manager: usize) -> usize {
    manager / 2
}

fn person(name: &'static str, role: Role, manager: usize, chance: &mut Chance) -> Person {
    let long_ago = working_day_from(date(2016, 1, 4).saturating_add((chance.below(2_850) as i64).days()));
    let late = LATE.iter().find(|(late, _)| *late == name);
    let hired_on = late.map_or(long_ago, |(_, hired_on)| *hired_on);
    let above = (role != Role::Manager).then_some(manager);
    let posting = Posting { region: region_of(manager), manager: above, from: hired_on, to: None };
    Person {
        name,
        role,
        level: level(role, hired_on),
        hired_on,
        left_on: None,
        successor: None,
        postings: vec![posting],
    }
}

/// The seniority band, by service at the start of the history.
fn level(role: Role, hired_on: Date) -> &'static str {
    let years = HISTORY_FROM.year() - hired_on.year();
    match (role, years) {
        (Role::Manager, _) => "Lead",
        (_, 6..) => "Principal",
        (_, 3..) => "Senior",
        (_, 1..) => "Associate",
        _ => "Junior",
    }
}

fn move_one(people: &mut [Person]) {
    let (name, manager, from) = MOVED;
    if let Some(mover) = people.iter_mut().find(|person| person.name == name) {
        if let Some(before) = mover.postings.last_mut() {
            before.to = Some(from);
        }
        mover.postings.push(Posting { region: region_of(manager), manager: Some(manager), from, to: None });
    }
}

fn leave(leaver: &mut Person, successor: Option<usize>) {
    let last_day = LEFT.1;
    leaver.left_on = Some(last_day);
    leaver.successor = successor;
    if let Some(posting) = leaver.postings.last_mut() {
        posting.to = Some(last_day.saturating_add(1.day()));
    }
}

fn position(people: &[Person], name: &str) -> Option<usize> {
    people.iter().position(|person| person.name == name)
}

fn integration() -> Person {
    let hired_on = date(2019, 3, 1);
    Person {
        name: "CRM Integration",
        role: Role::Integration,
        level: "",
        hired_on,
        left_on: None,
        successor: None,
        postings: Vec::new(),
    }
}
