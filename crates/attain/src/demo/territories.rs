//! Who sells to which accounts.
//!
//! Of a region's accounts the first are the installed base, a territory for each account manager;
//! of the others every account executive has a territory, and all of them share the rest. What a
//! leaver had goes to the successor; what a mover had stays behind.

use jiff::ToSpan;
use jiff::civil::Date;

use super::accounts::{Account, Segment};
use super::chance::Chance;
use super::names::REGIONS;
use super::people::{Person, Role};
use super::truths::{Influence, potential};

/// Accounts in the territory of an account manager.
const BOOK: usize = 25;

/// Accounts in the territory of an account executive.
const PATCH: usize = 13;

/// A part of the market.
pub(super) struct Territory {
    pub(super) region: usize,
    /// Which territory of its region it is, from 1.
    pub(super) place: usize,
    /// Positions of its accounts.
    pub(super) accounts: Vec<usize>,
    /// In order of time; at most one at a time.
    pub(super) holders: Vec<Holder>,
}

/// Who works a territory for a time.
pub(super) struct Holder {
    pub(super) person: usize,
    pub(super) from: Date,
    /// The day after the last.
    pub(super) to: Option<Date>,
}

impl Territory {
    /// What could be sold here in a year, in euros.
    pub(super) fn potential_eur(&self, accounts: &[Account]) -> i64 {
        self.accounts.iter().map(|position| accounts[*position].segment.potential_eur()).sum()
    }

    pub(super) fn holder_on(&self, day: Date) -> Option<usize> {
        let holds = |holder: &&Holder| holder.from <= day && holder.to.is_none_or(|to| day < to);
        self.holders.iter().find(holds).map(|holder| holder.person)
    }
}

/// The whole market.
pub(super) struct Territories {
    pub(super) all: Vec<Territory>,
    /// Positions of the accounts of each region that nobody has to themselves.
    shared: Vec<Vec<usize>>,
}

impl Territories {
    pub(super) fn new(people: &[Person], accounts: &[Account], influence: &Influence) -> Territories {
        let mut all = Vec::new();
        let mut shared = Vec::new();
        for region in 0..REGIONS.len() {
            let mut rest: Vec<usize> =
                (0..accounts.len()).filter(|position| accounts[*position].region == region).collect();
            for role in [Role::AccountManager, Role::AccountExecutive] {
                for person in holders(people, role, region) {
                    let size = if role == Role::AccountManager { BOOK } else { PATCH };
                    let wanted = influence.has(people, person, potential::SELLER);
                    let own = if wanted {
                        potential::rich(&mut rest, accounts, size)
                    } else {
                        take(&mut rest, size)
                    };
                    let place = all.iter().filter(|known: &&Territory| known.region == region).count() + 1;
                    all.push(Territory {
                        region,
                        place,
                        accounts: own,
                        holders: held(people, person, region),
                    });
                }
            }
            shared.push(rest);
        }
        Territories { all, shared }
    }

    /// The account of a new deal. `core` says how many accounts of a book buy again and again,
    /// `own` how often an account executive sells inside of the own territory.
    pub(super) fn account(
        &self,
        (people, accounts): (&[Person], &[Account]),
        seller: usize,
        day: Date,
        (core, own): (usize, f64),
        chance: &mut Chance,
    ) -> usize {
        let region = people[seller].region_on(day);
        let first_held = |territory: &&Territory| {
            territory.region == region
                && territory.holders.first().is_some_and(|first| first.person == seller)
        };
        let territory = self.all.iter().find(first_held);
        match (people[seller].role, territory) {
            (Role::AccountManager, Some(book)) => from_book(&book.accounts, core, chance),
            (Role::AccountExecutive, Some(patch)) if chance.happens(own) => *chance.pick(&patch.accounts),
            (Role::SalesDevelopment, _) => self.small(accounts, region, chance),
            _ => self.anybodys(region, chance),
        }
    }

    /// An account of the region outside of the books.
    fn anybodys(&self, region: usize, chance: &mut Chance) -> usize {
        let patches: Vec<&Territory> =
            self.all.iter().filter(|one| one.region == region && one.accounts.len() <= PATCH).collect();
        let shared = &self.shared[region];
        let in_patches = patches.len() * PATCH;
        let any = chance.below(in_patches + shared.len());
        match any.checked_sub(in_patches) {
            Some(place) => shared[place],
            None => {
                let patch = &patches[any / PATCH].accounts;
                patch[any % patch.len()]
            }
        }
    }

    fn small(&self, accounts: &[Account], region: usize, chance: &mut Chance) -> usize {
        let mut account = self.anybodys(region, chance);
        while accounts[account].segment != Segment::Smb {
            account = self.anybodys(region, chance);
        }
        account
    }
}

/// Everybody of a role who was ever in a region.
fn holders(people: &[Person], role: Role, region: usize) -> Vec<usize> {
    let was_there = |person: &Person| person.postings.iter().any(|posting| posting.region == region);
    (0..people.len())
        .filter(|position| people[*position].role == role && was_there(&people[*position]))
        .collect()
}

/// Takes the first accounts.
pub(super) fn take(rest: &mut Vec<usize>, count: usize) -> Vec<usize> {
    rest.drain(..count.min(rest.len())).collect()
}

/// From when to when somebody works the territory they have in a region, and who does after.
fn held(people: &[Person], person: usize, region: usize) -> Vec<Holder> {
    let own = &people[person];
    let mut holders: Vec<Holder> = own
        .postings
        .iter()
        .filter(|posting| posting.region == region)
        .map(|posting| Holder { person, from: posting.from, to: posting.to })
        .collect();
    if let (Some(last), Some(successor)) = (own.left_on, own.successor) {
        holders.push(Holder { person: successor, from: last.saturating_add(1.day()), to: None });
    }
    holders
}

/// Four deals in five come from the accounts that buy again and again.
fn from_book(book: &[usize], core: usize, chance: &mut Chance) -> usize {
    let (regulars, others) = book.split_at(core.min(book.len() - 1));
    let among = if chance.happens(0.8) { regulars } else { others };
    *chance.pick(among)
}
