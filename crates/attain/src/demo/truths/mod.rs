//! What is planted: facts about the company that a good tool has to find, and that somebody who
//! looks closely can check in the files themselves. `attain demo --null` is the same company
//! without them, so that a false alarm shows.
//!
//! Each file is one truth: it names whom it is about, makes it so, and its test computes it from
//! the written files. Windows are those of the fiscal year: the fifth to the eighth quarter of the
//! history are the four of fiscal year 2026.

pub(super) mod burst;
pub(super) mod conversion;
mod few_deals;
mod hand;
mod history_of_a_role;
pub(super) mod potential;
pub(crate) mod redefined;
pub(super) mod reowned;
mod segment;
#[cfg(test)]
mod tests;
mod untreated;

use jiff::civil::{Date, date};

use super::accounts::{Account, Segment};
use super::opportunities::Opportunity;
use super::people::{Person, Role, position};
use super::terms::Habits;

/// The people whom the truths are about, by their number in the personnel file.
pub(super) mod cast {
    pub(in super::super) const R01: &str = "Jonas Weidlinger";
    pub(in super::super) const R02: &str = "Nikos Stavridakos";
    pub(in super::super) const R03: &str = "Priya Raghunandan";
    pub(in super::super) const R04: &str = "Magdalena Wiśnicka";
    pub(in super::super) const R05: &str = "Callum Strathearn";
    pub(in super::super) const R06: &str = "Femke Dijkhuis";
    pub(in super::super) const R07: &str = "Nadia Khoshravi";
    pub(in super::super) const R08: &str = "Linnea Sandqvarn";
    pub(in super::super) const R09: &str = "Giulio Tavernari";
    pub(in super::super) const ALL: [&str; 9] = [R01, R02, R03, R04, R05, R06, R07, R08, R09];
}

/// First days of the quarters of fiscal year 2026, the fifth to the eighth of the history, and the
/// day after the last.
pub(super) const FIFTH: Date = date(2025, 7, 1);
pub(super) const SIXTH: Date = date(2025, 10, 1);
pub(super) const SEVENTH: Date = date(2026, 1, 1);
pub(super) const EIGHTH: Date = date(2026, 4, 1);
pub(super) const YEAR_END: Date = date(2026, 7, 1);

/// Whether truths are planted.
pub(super) struct Influence {
    planted: bool,
}

impl Influence {
    pub(super) fn new(planted: bool) -> Influence {
        Influence { planted }
    }

    pub(super) fn is_planted(&self) -> bool {
        self.planted
    }

    /// Whether a person is the one a truth is about.
    pub(super) fn has(&self, people: &[Person], person: usize, name: &str) -> bool {
        self.planted && people[person].name == name
    }

    /// What somebody of the cast is like, so that little has to be bent afterwards. Returns the
    /// segments sold to, where these are not all.
    pub(super) fn on_habits(&self, person: &Person, habits: &mut Habits) -> Option<&'static [Segment]> {
        if !self.planted {
            return None;
        }
        match person.name.as_str() {
            cast::R01 => {
                *habits = Habits { odds: 1.0, size: 1.0, volume: 1.3, own: 0.9, ..*habits };
                None
            }
            cast::R02 => Some(&[Segment::Enterprise]),
            cast::R03 => {
                habits.volume = 1.15;
                Some(&[Segment::Smb])
            }
            cast::R04 => {
                *habits = Habits { volume: 1.3, odds: 1.3, ..*habits };
                Some(&[Segment::MidMarket])
            }
            cast::R05 => {
                habits.volume = 1.15;
                None
            }
            name if untreated::TEAM.contains(&name) => {
                *habits = Habits { volume: 0.95, size: 0.9, ..*habits };
                Some(&[Segment::MidMarket, Segment::Enterprise])
            }
            _ => None,
        }
    }
}

/// Bends what was drawn until every truth holds. The order matters: what compares with everybody
/// comes last.
pub(super) fn plant(people: &mut [Person], accounts: &[Account], deals: &mut Vec<Opportunity>) {
    untreated::same_band(people);
    let found = |name: &str| position(people, name);
    if let Some(person) = found(cast::R03) {
        conversion::plant(deals, person);
    }
    untreated::plant(people, deals);
    if let (Some(person), Some(later)) = (found(cast::R05), found(cast::R06)) {
        reowned::plant(deals, person, later);
    }
    let executives: Vec<usize> =
        (0..people.len()).filter(|one| people[*one].role == Role::AccountExecutive).collect();
    if let Some(person) = found(cast::R01) {
        potential::plant(deals, accounts, person, &executives);
    }
    if let Some(person) = found(cast::R04) {
        segment::plant(deals, accounts, person);
    }
    if let Some(person) = found(cast::R02) {
        few_deals::plant(deals, person, &executives);
    }
    history_of_a_role::plant(people, deals);
}
