//! P11: R09 is to have an improvement plan for the eighth quarter, and two colleagues of the same
//! role, region and seniority had lower results in it and have none.

use super::super::opportunities::Opportunity;
use super::super::people::{Person, Role, position};
use super::cast;
use super::hand::{bookings_eur, decided, keep, scale_to, win_exactly, won};
use super::{EIGHTH, FIFTH, YEAR_END};

/// The four who are compared: one above R09, R09, and two below.
pub(in super::super) const TEAM: [&str; 4] =
    ["Élodie Marchessaux", cast::R09, "Inés Valdebuena", "Youssef Benkhalil"];

/// Deals won in the eighth quarter and what they are worth, in euros, in that order.
const RESULTS: [(usize, i64); 4] = [(6, 241_500), (3, 96_300), (2, 71_200), (2, 58_900)];

/// What they won in the three quarters before against R09, in per cent.
const BEFORE_PERCENT: [i64; 4] = [165, 100, 82, 74];

const BAND: &str = "Senior";

/// The four are of one seniority, and nobody else of their role and region is.
pub(super) fn same_band(people: &mut [Person]) {
    let regions: Vec<usize> = TEAM
        .iter()
        .filter_map(|name| position(people, name))
        .map(|person| people[person].postings[0].region)
        .collect();
    for person in people.iter_mut().filter(|person| person.role == Role::AccountExecutive) {
        if TEAM.contains(&person.name.as_str()) {
            person.level = BAND;
        } else if person.level == BAND && regions.contains(&person.postings[0].region) {
            person.level = "Principal";
        }
    }
}

pub(super) fn plant(people: &[Person], deals: &mut Vec<Opportunity>) {
    let team: Vec<usize> = TEAM.iter().filter_map(|name| position(people, name)).collect();
    let Some(count) = team.iter().map(|person| decided(deals, *person, EIGHTH, YEAR_END).len()).min() else {
        return;
    };
    for (person, (wins, euros)) in team.iter().zip(RESULTS) {
        let own = decided(deals, *person, EIGHTH, YEAR_END);
        win_exactly(deals, &own, wins);
        keep(deals, &own, count);
        let own = decided(deals, *person, EIGHTH, YEAR_END);
        own.iter().for_each(|position| deals[*position].late_days = 0);
        scale_to(deals, &own, euros);
    }
    let before = |deals: &[Opportunity], person: usize| decided(deals, person, FIFTH, EIGHTH);
    let reference = team.get(1).map_or(0, |person| bookings_eur(deals, &before(deals, *person)));
    for (person, percent) in team.iter().zip(BEFORE_PERCENT) {
        let own = before(deals, *person);
        let wins = won(deals, &own).len().max(4);
        win_exactly(deals, &own, wins);
        scale_to(deals, &own, reference * percent / 100);
    }
}
