//! The opportunities: who opened which when, and what became of it.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::accounts::{Account, Segment};
use super::chance::Chance;
use super::days::{
    History, TODAY, WORKING_DAYS_PER_QUARTER, days_between, decided_on, moment, season, working_day_from,
    working_days,
};
use super::people::{Person, Role};
use super::terms::{Habits, Kind, Loss, Offer, cycle_days, win_probability};
use super::territories::Territories;
use super::truths::Influence;

/// Of so many development representatives the first never opens a deal; the others open a few
/// small ones.
const ONE_WITHOUT_DEALS_IN: usize = 3;

/// Streams of chance: sellers have their own, so that one more deal changes nobody else's.
const MARKET_STREAM: u64 = 3;
const SELLER_STREAMS: u64 = 100;

/// Of how many decisions one is entered days late.
const LATE_ENTRIES: f64 = 0.04;

/// A deal: open, won or lost. Positions refer to the company's lists.
#[derive(Clone)]
pub(super) struct Opportunity {
    pub(super) account: usize,
    /// Whoever opened it.
    pub(super) owner: usize,
    /// The first day of a later owner, and who that is.
    pub(super) handed_over: Option<(Date, usize)>,
    pub(super) kind: Kind,
    /// In UTC.
    pub(super) created_at: DateTime,
    /// A few were migrated from elsewhere and lack the date.
    pub(super) creation_known: bool,
    /// When it is decided; after today while it is open.
    pub(super) close_date: Date,
    /// Days by which the decision is entered late.
    pub(super) late_days: i64,
    pub(super) is_won: bool,
    pub(super) offer: Offer,
    /// Why it is lost, if it is.
    pub(super) loss: Loss,
    /// Position of the lead it came from.
    pub(super) lead: Option<usize>,
}

impl Opportunity {
    pub(super) fn created_on(&self) -> Date {
        self.created_at.date()
    }

    pub(super) fn is_decided(&self) -> bool {
        self.close_date <= TODAY
    }

    /// Whether it is decided within a half-open range of days.
    pub(super) fn is_decided_in(&self, from: Date, to: Date) -> bool {
        self.is_decided() && self.close_date >= from && self.close_date < to
    }

    /// The day on which the CRM learns of the decision.
    pub(super) fn entered_on(&self) -> Date {
        self.close_date.saturating_add(self.late_days.days())
    }

    /// Who owns it on a day.
    pub(super) fn owner_on(&self, day: Date) -> usize {
        self.handed_over.filter(|(from, _)| *from <= day).map_or(self.owner, |(_, later)| later)
    }

    /// Who owned it when it was decided.
    pub(super) fn closer(&self) -> usize {
        self.owner_on(self.close_date)
    }
}

/// How good a quarter is: factors on volume and on the odds of winning.
struct Luck {
    volume: f64,
    odds: f64,
}

impl Luck {
    fn none(quarters: usize) -> Vec<Luck> {
        (0..quarters).map(|_| Luck { volume: 1.0, odds: 1.0 }).collect()
    }

    fn invent(quarters: usize, deviation: f64, chance: &mut Chance) -> Vec<Luck> {
        (0..quarters)
            .map(|_| Luck { volume: chance.factor(deviation), odds: chance.factor(deviation * 1.6) })
            .collect()
    }
}

/// Everything deals are drawn from.
pub(super) struct Market<'a> {
    pub(super) people: &'a [Person],
    pub(super) accounts: &'a [Account],
    pub(super) territories: &'a Territories,
    pub(super) history: &'a History,
    pub(super) influence: &'a Influence,
    /// Whether everybody sells alike.
    pub(super) alike: bool,
    pub(super) seed: u64,
}

/// Draws all opportunities.
pub(super) fn invent(market: &Market<'_>) -> Vec<Opportunity> {
    let quarters = market.history.quarter_count();
    let luck = Luck::invent(quarters, 0.03, &mut Chance::new(market.seed, MARKET_STREAM));
    let mut opportunities = Vec::new();
    for owner in 0..market.people.len() {
        opportunities.extend(Seller::new(owner, market, &luck).sell());
    }
    opportunities.retain(|deal| deal.close_date >= market.history.from);
    opportunities
}

/// Somebody who opens deals.
struct Seller<'a> {
    owner: usize,
    person: &'a Person,
    market: &'a Market<'a>,
    market_luck: &'a [Luck],
    luck: Vec<Luck>,
    habits: Habits,
    /// Segments sold to, where these are not all.
    only: Option<&'static [Segment]>,
    deals_per_day: f64,
    chance: Chance,
}

impl<'a> Seller<'a> {
    fn new(owner: usize, market: &'a Market<'a>, market_luck: &'a [Luck]) -> Seller<'a> {
        let mut chance = Chance::new(market.seed, SELLER_STREAMS + owner as u64);
        let person = &market.people[owner];
        let deals_per_day = deals_per_quarter(owner, market.people) / WORKING_DAYS_PER_QUARTER;
        let mut habits = Habits::invent(&mut chance);
        let mut luck = Luck::invent(market.history.quarter_count(), 0.16, &mut chance);
        if market.alike {
            habits = Habits::alike();
            luck = Luck::none(market.history.quarter_count());
        }
        let only = market.influence.on_habits(person, &mut habits);
        Seller { owner, person, market, market_luck, luck, habits, only, deals_per_day, chance }
    }

    /// Everything the seller opened: at most one deal a day.
    fn sell(mut self) -> Vec<Opportunity> {
        let mut deals = Vec::new();
        for day in working_days(self.market.history.pipeline_from, TODAY) {
            let expected = self.deals_per_day * self.volume_on(day);
            if self.person.works_on(day) && self.chance.happens(expected) {
                deals.push(self.open(day));
            }
        }
        deals
    }

    /// Season, growth of the company, the seller's habit and luck, and learning in the first
    /// half-year.
    fn volume_on(&self, day: Date) -> f64 {
        let quarter = self.market.history.quarter_number(day);
        let growth = 1.0 + 0.012 * quarter as f64;
        let learned = (0.3 + f64::from(days_between(self.person.hired_on, day)) / 180.0).min(1.0);
        season(day)
            * growth
            * learned
            * self.habits.volume
            * self.luck[quarter].volume
            * self.market_luck[quarter].volume
    }

    fn open(&mut self, day: Date) -> Opportunity {
        let account = self.account(day);
        let segment = self.market.accounts[account].segment;
        let kind = Kind::of(self.person.role, &mut self.chance);
        let offer = Offer::invent(kind, segment, self.person.role, &self.habits, &mut self.chance);
        let days = cycle_days(kind, segment, &self.habits, &mut self.chance);
        let ripe = day.saturating_add(days.days());
        let is_won = self.wins(kind, segment, ripe);
        let close_date = decided_on(day, ripe, if is_won { 1.0 } else { 0.5 }, &mut self.chance);
        Opportunity {
            account,
            owner: self.owner,
            handed_over: self.successor(close_date),
            kind,
            created_at: moment(day, &mut self.chance),
            creation_known: !self.chance.happens(0.003),
            close_date,
            late_days: self.late_days(close_date),
            is_won,
            offer,
            loss: Loss::invent(&mut self.chance),
            lead: None,
        }
    }

    fn account(&mut self, day: Date) -> usize {
        let market = self.market;
        loop {
            let place = (self.habits.core, self.habits.own);
            let people = (market.people, market.accounts);
            let account = market.territories.account(people, self.owner, day, place, &mut self.chance);
            if self.only.is_none_or(|only| only.contains(&market.accounts[account].segment)) {
                return account;
            }
        }
    }

    fn wins(&mut self, kind: Kind, segment: Segment, ripe: Date) -> bool {
        let quarter = self.market.history.quarter_number(ripe).min(self.luck.len() - 1);
        let factor = self.habits.odds * self.luck[quarter].odds * self.market_luck[quarter].odds;
        self.chance.happens(win_probability(kind, segment, factor))
    }

    /// Whatever a leaver had not closed moves on, the day after the last.
    fn successor(&self, close_date: Date) -> Option<(Date, usize)> {
        let last = self.person.left_on.filter(|last| *last < close_date)?;
        Some((last.saturating_add(1.day()), self.person.successor?))
    }

    /// Most decisions are entered on their day; none stays unknown until after today.
    fn late_days(&mut self, close_date: Date) -> i64 {
        if !self.chance.happens(LATE_ENTRIES) {
            return 0;
        }
        let entered = working_day_from(close_date.saturating_add((2 + self.chance.below(5) as i64).days()));
        if entered <= TODAY { i64::from(days_between(close_date, entered)) } else { 0 }
    }
}

/// Deals that somebody in that position opens in an average quarter.
fn deals_per_quarter(owner: usize, people: &[Person]) -> f64 {
    let role = people[owner].role;
    let colleagues_before = people[..owner].iter().filter(|person| person.role == role).count();
    match role {
        Role::AccountExecutive => 19.0,
        Role::AccountManager => 26.0,
        Role::SalesDevelopment if colleagues_before % ONE_WITHOUT_DEALS_IN > 0 => 2.8,
        _ => 0.0,
    }
}
