//! The demo company: Norrevik Instruments, an invented maker of laboratory instruments.
//!
//! Its export looks like the one a CRM writes: people, regions, assignments, accounts, products
//! and opportunities as CSV, with the mapping that imports them. Nothing in it is real.
//!
//! Invariants: the same seed gives the same bytes on every machine (one generator, no clock, no
//! order left to chance, no arithmetic that platforms round differently); every reference
//! resolves; nothing is decided after [`days::TODAY`], and whatever is open is expected later.

mod accounts;
mod chance;
mod days;
mod export;
mod identifiers;
mod names;
mod opportunities;
mod people;
mod products;
mod terms;
mod territories;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use accounts::Account;
use chance::Chance;
use opportunities::Opportunity;
use people::Person;
use products::Product;

/// The seed of the demo that documentation and tests speak of.
pub(crate) const SEED: u64 = 20_240_701;

/// Writes the whole export into `directory`, which is created where it is missing, and returns
/// the path of the mapping. `seed` decides everything that is left to chance.
///
/// # Errors
/// If the directory or a file in it cannot be written, or holds other files of the same names.
pub(crate) fn write_export(directory: &Path, seed: u64) -> anyhow::Result<PathBuf> {
    export::write(&Company::invent(seed), directory)
}

/// Everything the export tells about the company. References are positions in these lists.
struct Company {
    people: Vec<Person>,
    accounts: Vec<Account>,
    products: &'static [Product],
    opportunities: Vec<Opportunity>,
}

impl Company {
    fn invent(seed: u64) -> Company {
        let people = people::invent(&mut Chance::new(seed, 1));
        let accounts = accounts::invent(&mut Chance::new(seed, 2));
        let opportunities = opportunities::invent(&people, &accounts, seed);
        Company { people, accounts, products: &products::PRODUCTS, opportunities }
    }
}
