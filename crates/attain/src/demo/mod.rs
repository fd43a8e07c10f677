//! The demo company: Norrevik Instruments, an invented maker of laboratory instruments.
//!
//! Its files look like those that a CRM, an order system and a personnel system export. They come
//! in deliveries, each as the systems stood on the evening of its day ([`deliveries`]), and go in
//! one after the other through the import that a customer uses, so that what was known when is
//! real. Nothing in them is real. First the company is drawn (people, accounts, territories, deals,
//! and everything that follows from deals), then [`truths`] bends a little of it, then [`export`]
//! writes it.
//!
//! Invariants: the same seed gives the same bytes on every machine (one generator, no clock, no
//! order left to chance, no arithmetic that platforms round differently); every reference
//! resolves in its delivery; nothing is known before it happens; nothing is decided after
//! [`days::TODAY`], and whatever is open is expected later.

mod accounts;
mod activities;
pub(crate) mod agreed;
mod chance;
mod days;
mod deliveries;
mod export;
mod identifiers;
mod invoices;
mod keep;
mod leads;
mod moves;
mod names;
mod opportunities;
mod people;
mod plans;
mod products;
mod splits;
mod staff;
mod subscriptions;
mod terms;
mod territories;
#[cfg(test)]
mod tests;
pub(crate) mod truths;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use accounts::Account;
use chance::Chance;
use days::History;
pub(crate) use keep::keep;
use leads::Lead;
use moves::Course;
use opportunities::{Market, Opportunity};
use people::Person;
use territories::Territories;
use truths::Influence;

/// The seed of the demo that documentation and tests speak of.
pub(crate) const SEED: u64 = 20_240_701;

/// The stream of chance that says how deals moved.
const COURSE_STREAM: u64 = 10;

/// What company is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Decides everything that is left to chance.
    pub(crate) seed: u64,
    /// Sellers; at least those of the written names.
    pub(crate) reps: usize,
    /// Years of closed quarters.
    pub(crate) years: u16,
    /// Whether truths are planted.
    pub(crate) planted: bool,
    /// Whether everybody sells alike, so that what differs is chance, territory and season.
    pub(crate) alike: bool,
}

impl Default for Size {
    fn default() -> Size {
        Size { seed: SEED, reps: 48, years: 2, planted: true, alike: false }
    }
}

/// Export files on disk.
pub(crate) struct Written {
    /// The mapping that imports them.
    pub(crate) mapping: PathBuf,
    /// The deliveries, in order.
    pub(crate) deliveries: Vec<Delivered>,
}

/// One delivery.
pub(crate) struct Delivered {
    /// The day it was made on.
    pub(crate) day: Date,
    /// Its files.
    pub(crate) files: Vec<PathBuf>,
    /// When it was made.
    pub(crate) at: Timestamp,
}

/// Writes all deliveries into folders of `directory`, which is created where it is missing.
///
/// # Errors
/// If the directory or a file in it cannot be written.
pub(crate) fn write(directory: &Path, size: &Size) -> anyhow::Result<Written> {
    let mapping = export::write(&Company::invent(size), directory)?;
    let time_zone = TimeZone::get(export::TIME_ZONE)?;
    let delivered = deliveries::days().iter().map(|day| {
        let files = export::files_in(&directory.join(day.to_string()))?;
        Ok(Delivered { day: *day, files, at: deliveries::delivered_at(*day, &time_zone) })
    });
    Ok(Written { mapping, deliveries: delivered.collect::<anyhow::Result<_>>()? })
}

/// Everything the files tell about the company. References are positions in these lists.
struct Company {
    seed: u64,
    history: History,
    influence: Influence,
    people: Vec<Person>,
    accounts: Vec<Account>,
    territories: Territories,
    opportunities: Vec<Opportunity>,
    /// How each of the opportunities moved.
    courses: Vec<Course>,
    leads: Vec<Lead>,
}

impl Company {
    fn invent(size: &Size) -> Company {
        let seed = size.seed;
        let history = History::of_years(size.years);
        let influence = Influence::new(size.planted);
        let mut people = people::invent(size.reps, &history, &mut Chance::new(seed, 1));
        let accounts = accounts::invent(size.reps, &mut Chance::new(seed, 2));
        let territories = Territories::new(&people, &accounts, &influence);
        let market = Market {
            people: &people,
            accounts: &accounts,
            territories: &territories,
            history: &history,
            influence: &influence,
            alike: size.alike,
            seed,
        };
        let mut opportunities = opportunities::invent(&market);
        if influence.is_planted() {
            truths::plant(&mut people, &accounts, &mut opportunities);
        }
        opportunities.sort_by_key(|deal| (deal.created_at, deal.owner));
        let leads = leads::invent(&people, &accounts, &mut opportunities, &history, seed);
        let mut chance = Chance::new(seed, COURSE_STREAM);
        let courses = opportunities.iter().map(|deal| Course::invent(deal, &mut chance)).collect();
        Company { seed, history, influence, people, accounts, territories, opportunities, courses, leads }
    }
}
