//! What the personnel system and the accounts say about the sellers: leave, courses, pay; and what
//! customers say in surveys.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};

use super::chance::Chance;
use super::days::{History, TODAY, moment, working_day_from};
use super::names::{CAMPAIGNS, COURSES};
use super::people::{Person, Role};
use super::territories::Territories;

const STREAM: u64 = 13;

/// Answers of customers for each seller and month.
const ANSWERS_PER_SELLER: f64 = 0.6;

/// Leave of a person.
pub(super) struct Absence {
    pub(super) person: usize,
    pub(super) from: Date,
    /// The day after the last.
    pub(super) to: Date,
    pub(super) kind: &'static str,
}

/// A course somebody was sent to.
pub(super) struct Training {
    pub(super) person: usize,
    pub(super) course: &'static str,
    pub(super) assigned_on: Date,
    pub(super) due_on: Date,
    pub(super) completed_on: Option<Date>,
}

/// What a person cost in a month.
pub(super) struct Pay {
    pub(super) person: usize,
    pub(super) month: Date,
    pub(super) pay_eur: i64,
    pub(super) expense_eur: i64,
}

/// What a campaign cost in a month.
pub(super) struct Spend {
    pub(super) campaign: usize,
    pub(super) month: Date,
    pub(super) cost_eur: i64,
}

/// A customer's answer to a survey.
pub(super) struct Answer {
    pub(super) account: usize,
    pub(super) person: usize,
    pub(super) kind: &'static str,
    pub(super) score: u8,
    pub(super) at: DateTime,
}

/// Everything of this file.
pub(super) struct Staff {
    pub(super) absences: Vec<Absence>,
    pub(super) trainings: Vec<Training>,
    pub(super) pay: Vec<Pay>,
    pub(super) spend: Vec<Spend>,
    pub(super) answers: Vec<Answer>,
}

/// Draws all of it.
pub(super) fn invent(people: &[Person], territories: &Territories, history: &History, seed: u64) -> Staff {
    let chance = |which: u64| Chance::new(seed, STREAM + which);
    Staff {
        absences: absences(people, history, &mut chance(0)),
        trainings: trainings(people, history, &mut chance(1)),
        pay: pay(people, history, &mut chance(2)),
        spend: spend(history, &mut chance(3)),
        answers: answers(people, territories, history, &mut chance(4)),
    }
}

/// The sellers who work on a day, with their positions.
fn sellers(people: &[Person], day: Date) -> impl Iterator<Item = (usize, &Person)> {
    people.iter().enumerate().filter(move |(_, one)| one.role.sells() && one.works_on(day))
}

/// First days of the months told about, without the one that is not over.
fn months(history: &History) -> impl Iterator<Item = Date> + use<> {
    history.from.series(1.month()).take_while(|month| month.last_of_month() <= TODAY)
}

/// Summer holidays, some days in winter, and now and then an illness.
fn absences(people: &[Person], history: &History, chance: &mut Chance) -> Vec<Absence> {
    let mut absences = Vec::new();
    for year in history.from.year()..=TODAY.year() {
        let summer = date(year, 7, 6);
        let winter = date(year, 12, 21);
        let spring = date(year, 3, 2);
        for (start, spread, least, most, kind, share) in [
            (spring, 60, 2_i64, 5, "sick", 0.35),
            (summer, 40, 7, 13, "holiday", 0.95),
            (winter, 8, 3, 10, "holiday", 0.8),
        ] {
            for (person, _) in sellers(people, start) {
                let from = working_day_from(start.saturating_add((chance.below(spread) as i64).days()));
                let to = from.saturating_add((least + chance.below(most) as i64).days());
                if chance.happens(share) && from >= history.from && from <= TODAY {
                    absences.push(Absence { person, from, to, kind });
                }
            }
        }
    }
    absences
}

/// Every seller is sent to each course once a year, in the first month of a quarter.
fn trainings(people: &[Person], history: &History, chance: &mut Chance) -> Vec<Training> {
    let mut trainings = Vec::new();
    for (number, quarter) in history.quarters().enumerate() {
        let assigned_on = working_day_from(quarter.saturating_add(9.days()));
        for (person, _) in sellers(people, assigned_on) {
            let completed_on =
                working_day_from(assigned_on.saturating_add((5 + chance.below(50) as i64).days()));
            let completed_on = Some(completed_on).filter(|day| chance.happens(0.9) && *day <= TODAY);
            let due_on = assigned_on.saturating_add(45.days());
            trainings.push(Training {
                person,
                course: COURSES[number % COURSES.len()],
                assigned_on,
                due_on,
                completed_on,
            });
        }
    }
    trainings
}

fn pay(people: &[Person], history: &History, chance: &mut Chance) -> Vec<Pay> {
    let mut all = Vec::new();
    for month in months(history) {
        for (person, seller) in sellers(people, month) {
            let usual = match seller.role {
                Role::AccountExecutive => 7_400,
                Role::AccountManager => 6_600,
                _ => 4_300,
            };
            let pay_eur = usual + chance.below(12) as i64 * 100;
            all.push(Pay { person, month, pay_eur, expense_eur: 150 + chance.below(900) as i64 });
        }
    }
    all
}

fn spend(history: &History, chance: &mut Chance) -> Vec<Spend> {
    let mut all = Vec::new();
    for month in months(history) {
        for (campaign, (_, _, usual)) in CAMPAIGNS.iter().enumerate() {
            let cost_eur = (*usual as f64 * chance.between(0.7, 1.3)) as i64;
            all.push(Spend { campaign, month, cost_eur });
        }
    }
    all
}

/// Customers of the installed base answer, about whoever looks after them.
fn answers(
    people: &[Person],
    territories: &Territories,
    history: &History,
    chance: &mut Chance,
) -> Vec<Answer> {
    let is_kept = |position: &usize| {
        let first = territories.all[*position].holders[0].person;
        people[first].role == Role::AccountManager
    };
    let books: Vec<usize> = (0..territories.all.len()).filter(is_kept).collect();
    let per_month = (people.len() as f64 * ANSWERS_PER_SELLER) as usize;
    let mut answers = Vec::new();
    for month in months(history) {
        for _ in 0..per_month {
            let book = &territories.all[*chance.pick(&books)];
            let account = *chance.pick(&book.accounts);
            let at = moment(working_day_from(month.saturating_add((chance.below(26) as i64).days())), chance);
            let (kind, score) = if chance.happens(0.5) {
                ("csat", chance.weigh(&[(0.05, 2), (0.15, 3), (0.45, 4), (0.35, 5)]))
            } else {
                ("nps", chance.weigh(&[(0.07, 4), (0.12, 6), (0.16, 7), (0.25, 8), (0.24, 9), (0.16, 10)]))
            };
            if let Some(person) = book.holder_on(at.date()) {
                answers.push(Answer { account, person, kind, score, at });
            }
        }
    }
    answers
}
