//! Who sells to which accounts.
//!
//! Of a region's accounts the first are the installed base, a book for each account manager; the
//! others are prospects, of which every account executive has a patch and shares the rest.

use jiff::civil::Date;

use super::accounts::{Account, Segment};
use super::chance::Chance;
use super::people::{Person, Role};

/// Accounts in the book of an account manager.
const BOOK: usize = 25;

/// Accounts of a region that are in somebody's book: three account managers at most.
const INSTALLED: usize = 3 * BOOK;

/// Accounts in the patch of an account executive; nine of them at most in a region.
const PATCH: usize = 13;

/// The accounts of each region, and who has which.
pub(super) struct Territories<'a> {
    accounts: &'a [Account],
    people: &'a [Person],
    /// Positions of accounts, for each region.
    regions: Vec<Vec<usize>>,
}

impl<'a> Territories<'a> {
    pub(super) fn new(people: &'a [Person], accounts: &'a [Account]) -> Territories<'a> {
        let in_region =
            |region| (0..accounts.len()).filter(|position| accounts[*position].region == region).collect();
        Territories { accounts, people, regions: (0..super::names::REGIONS.len()).map(in_region).collect() }
    }

    /// The account of a new deal. `core` says how many accounts of a book buy again and again.
    pub(super) fn account(&self, seller: usize, day: Date, core: usize, chance: &mut Chance) -> usize {
        let region = self.people[seller].region_on(day);
        let (installed, prospects) = self.regions[region].split_at(INSTALLED);
        let place = self.place(seller, region);
        match self.people[seller].role {
            Role::AccountManager => from_book(&installed[place * BOOK..][..BOOK], core, chance),
            Role::SalesDevelopment => self.small(prospects, chance),
            _ if chance.happens(0.5) => *chance.pick(&prospects[place * PATCH..][..PATCH]),
            _ => *chance.pick(prospects),
        }
    }

    /// How many colleagues of the same role come before a seller in a region, whenever they
    /// were there.
    fn place(&self, seller: usize, region: usize) -> usize {
        let role = self.people[seller].role;
        let was_there = |person: &&Person| person.postings.iter().any(|posting| posting.region == region);
        self.people[..seller].iter().filter(|person| person.role == role).filter(was_there).count()
    }

    fn small(&self, among: &[usize], chance: &mut Chance) -> usize {
        let small: Vec<usize> = among
            .iter()
            .copied()
            .filter(|position| self.accounts[*position].segment == Segment::Smb)
            .collect();
        *chance.pick(&small)
    }
}

/// Four deals in five come from the accounts that buy again and again.
fn from_book(book: &[usize], core: usize, chance: &mut Chance) -> usize {
    let (regulars, others) = book.split_at(core);
    let among = if chance.happens(0.8) { regulars } else { others };
    *chance.pick(among)
}
