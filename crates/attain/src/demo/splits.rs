//! Deals whose credit is shared, and colleagues who helped with others.

use super::chance::Chance;
use super::opportunities::Opportunity;
use super::people::{Person, Role};
use super::truths::cast;

const STREAM: u64 = 11;

/// A person's share of a deal.
pub(super) struct Split {
    pub(super) deal: usize,
    pub(super) person: usize,
    /// Whether the share is part of the whole, or on top of it.
    pub(super) is_primary: bool,
    pub(super) percent: u8,
}

/// Draws the shares of won deals. The deals of the cast of the planted truths are theirs alone.
pub(super) fn invent(people: &[Person], deals: &[Opportunity], seed: u64) -> Vec<Split> {
    let mut chance = Chance::new(seed, STREAM);
    let mut splits = Vec::new();
    for (deal, opportunity) in deals.iter().enumerate().filter(|(_, deal)| deal.is_won && deal.is_decided()) {
        let closer = opportunity.closer();
        let is_alone = people[closer].role != Role::AccountExecutive
            || cast::ALL.contains(&people[closer].name.as_str());
        let (is_shared, is_helped) = (chance.happens(0.05), chance.happens(0.06));
        let region = people[closer].region_on(opportunity.close_date);
        let of_region = |role: Role| {
            let works_there = |one: &usize| {
                *one != closer
                    && people[*one].role == role
                    && people[*one].works_on(opportunity.close_date)
                    && people[*one].region_on(opportunity.close_date) == region
                    && !cast::ALL.contains(&people[*one].name.as_str())
            };
            (0..people.len()).filter(works_there).collect::<Vec<_>>()
        };
        if is_alone {
            continue;
        }
        let (colleagues, helpers) = (of_region(Role::AccountExecutive), of_region(Role::AccountManager));
        if is_shared && !colleagues.is_empty() {
            let percent = *chance.pick(&[50, 60, 70]);
            splits.push(Split { deal, person: closer, is_primary: true, percent });
            splits.push(Split {
                deal,
                person: *chance.pick(&colleagues),
                is_primary: true,
                percent: 100 - percent,
            });
        }
        if is_helped && !helpers.is_empty() {
            splits.push(Split { deal, person: *chance.pick(&helpers), is_primary: false, percent: 100 });
        }
    }
    splits
}
