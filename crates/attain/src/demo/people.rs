//! The people in sales, whom they report to and since when.
//!
//! Half of the sellers are account executives, a third development representatives, a sixth account
//! managers; about eight of them report to each manager, whose team lies in one of three regions.
//! The first have written names, so that a larger company is the same one with more people.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::chance::Chance;
use super::days::{History, working_day_from};
use super::names::{
    ACCOUNT_EXECUTIVES, ACCOUNT_MANAGERS, MANAGERS, REGIONS, SALES_DEVELOPMENT, STAFF, further_name,
};
use super::truths::cast;

/// Sellers for each manager.
const TEAM: usize = 8;

/// Who joined inside the history, and when.
const LATE: [(&str, Date); 7] = [
    ("Thi Lan Phamova", date(2025, 2, 3)),
    ("Inés Valdebuena", date(2024, 8, 5)),
    (cast::R02, date(2025, 10, 6)),
    ("Bruno Delacourtie", date(2025, 10, 1)),
    ("Timo Grünfelder", date(2025, 5, 5)),
    ("Tariq Mansoorian", date(2026, 1, 7)),
    ("Álvaro Robledano", date(2026, 5, 4)),
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
    HumanResources,
    Executive,
    Operations,
    /// No person: the login of another program. Every CRM has one.
    Integration,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Manager => "Sales Manager",
            Role::AccountExecutive => "Account Executive",
            Role::AccountManager => "Account Manager",
            Role::SalesDevelopment => "Sales Development Representative",
            Role::HumanResources => "HR Partner",
            Role::Executive => "Chief Revenue Officer",
            Role::Operations => "Sales Operations",
            Role::Integration => "Integration",
        }
    }

    pub(super) fn sells(self) -> bool {
        matches!(self, Role::AccountExecutive | Role::AccountManager | Role::SalesDevelopment)
    }

    /// Whether the person owns accounts and works a territory.
    pub(super) fn has_territory(self) -> bool {
        matches!(self, Role::AccountExecutive | Role::AccountManager)
    }
}

/// A login of the CRM.
pub(super) struct Person {
    pub(super) name: String,
    /// Number in the personnel file: R01 and so on for sellers, M1 and so on for managers.
    pub(super) number: String,
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
    /// Position of the team's manager among the people.
    pub(super) manager: usize,
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

/// Invents the people: the managers first, then the account executives, the account managers, the
/// development representatives, three who do not sell, and the one login that is nobody's.
pub(super) fn invent(reps: usize, history: &History, chance: &mut Chance) -> Vec<Person> {
    let (executives, account_managers, development) = (reps - reps / 3 - reps / 6, reps / 6, reps / 3);
    let managers = reps.div_ceil(TEAM);
    let mut names = Names::default();
    let mut people = Vec::new();
    let mut hire = |name: String, role: Role, manager: usize| {
        let posting =
            (role.sells() || role == Role::Manager).then_some((manager * REGIONS.len() / managers, manager));
        people.push(person(name, role, posting, history, chance));
    };
    (0..managers).for_each(|own| hire(names.next(&MANAGERS, own), Role::Manager, own));
    for (role, written, count) in [
        (Role::AccountExecutive, &ACCOUNT_EXECUTIVES[..], executives),
        (Role::AccountManager, &ACCOUNT_MANAGERS, account_managers),
        (Role::SalesDevelopment, &SALES_DEVELOPMENT, development),
    ] {
        (0..count).for_each(|n| hire(names.next(written, n), role, n * managers / count));
    }
    for (role, name) in [Role::HumanResources, Role::Executive, Role::Operations].into_iter().zip(STAFF) {
        hire(name.to_owned(), role, 0);
    }
    hire("CRM Integration".to_owned(), Role::Integration, 0);
    number(&mut people);
    move_one(&mut people, managers);
    leave(&mut people);
    people
}

/// Written names first, then further ones.
#[derive(Default)]
struct Names {
    further: usize,
}

impl Names {
    fn next(&mut self, written: &[&str], position: usize) -> String {
        written.get(position).map(|name| (*name).to_owned()).unwrap_or_else(|| {
            self.further += 1;
            further_name(self.further)
        })
    }
}

fn person(
    name: String,
    role: Role,
    posting: Option<(usize, usize)>,
    history: &History,
    chance: &mut Chance,
) -> Person {
    let earliest = date(history.from.year() - 9, 1, 4);
    let long_ago = working_day_from(earliest.saturating_add((chance.below(2_850) as i64).days()));
    let hired_on = LATE.iter().find(|(late, _)| *late == name).map_or(long_ago, |(_, hired_on)| *hired_on);
    let posting = posting.map(|(region, manager)| Posting { region, manager, from: hired_on, to: None });
    Person {
        level: level(role, hired_on, history),
        name,
        number: String::new(),
        role,
        hired_on,
        left_on: None,
        successor: None,
        postings: posting.into_iter().collect(),
    }
}

/// The seniority band, by service at the start of the history.
fn level(role: Role, hired_on: Date, history: &History) -> &'static str {
    let years = history.from.year() - hired_on.year();
    match (role, years) {
        (Role::Manager, _) => "Lead",
        (role, _) if !role.sells() => "",
        (_, 6..) => "Principal",
        (_, 3..) => "Senior",
        (_, 1..) => "Associate",
        _ => "Junior",
    }
}

/// Gives everybody a number: those of the planted truths have the first.
fn number(people: &mut [Person]) {
    let (mut sellers, mut managers) = (cast::ALL.len(), 0);
    for person in people {
        let role = person.role;
        person.number = match cast::ALL.iter().position(|name| *name == person.name) {
            Some(known) => format!("R{:02}", known + 1),
            None if role.sells() => {
                sellers += 1;
                format!("R{sellers:02}")
            }
            None if role == Role::Manager => {
                managers += 1;
                format!("M{managers}")
            }
            None => String::new(),
        };
    }
}

fn move_one(people: &mut [Person], managers: usize) {
    let (name, manager, from) = MOVED;
    if let Some(mover) = people.iter_mut().find(|person| person.name == name) {
        if let Some(before) = mover.postings.last_mut() {
            before.to = Some(from);
        }
        mover.postings.push(Posting { region: manager * REGIONS.len() / managers, manager, from, to: None });
    }
}

fn leave(people: &mut [Person]) {
    let (name, last_day, successor) = LEFT;
    let successor = position(people, successor);
    if let Some(leaver) = people.iter_mut().find(|person| person.name == name) {
        leaver.left_on = Some(last_day);
        leaver.successor = successor;
        if let Some(posting) = leaver.postings.last_mut() {
            posting.to = Some(last_day.saturating_add(1.day()));
        }
    }
}

/// Where somebody stands among the people.
pub(super) fn position(people: &[Person], name: &str) -> Option<usize> {
    people.iter().position(|person| person.name == name)
}
