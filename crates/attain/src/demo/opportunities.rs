//! The opportunities: who opened which when, and what became of it.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};

use super::accounts::{Account, Segment};
use super::chance::Chance;
use super::days::{
    HISTORY_FROM, PIPELINE_FROM, TODAY, WORKING_DAYS_PER_QUARTER, days_between, decided_on, quarter_number,
    quarter_start, season, working_days,
};
use super::people::{Person, Role};
use super::terms::{Habits, Kind, Loss, Offer, cycle_days, win_probability};
use super::territories::Territories;

/// Quarters with their own luck, from the start of the pipeline to today.
const QUARTERS: usize = 13;

/// Of so many development representatives the first never opens a deal; the others open a few
/// small ones.
const ONE_WITHOUT_DEALS_IN: usize = 3;

/// Streams of chance: sellers have their own, so that one more deal changes nobody else's.
const MARKET_STREAM: u64 = 3;
const SLUMP_STREAM: u64 = 4;
const SELLER_STREAMS: u64 = 100;

/// The segment that buys less in one quarter, the quarter, and its share of the quarter before.
const SLUMP: (Segment, Date, f64) = (Segment::MidMarket, date(2025, 10, 1), 0.82);

/// Where a deal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Prospecting,
    Qualified,
    Proposal,
    Negotiation,
    Won,
    Lost,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Stage::Prospecting => "Prospecting",
            Stage::Qualified => "Qualified",
            Stage::Proposal => "Proposal",
            Stage::Negotiation => "Negotiation",
            Stage::Won => "Closed Won",
            Stage::Lost => "Closed Lost",
        }
    }

    fn is_decided(self) -> bool {
        matches!(self, Stage::Won | Stage::Lost)
    }
}

/// A deal: open, won or lost. Positions refer to the company's lists.
pub(super) struct Opportunity {
    pub(super) account: usize,
    pub(super) owner: usize,
    pub(super) kind: Kind,
    pub(super) stage: Stage,
    /// In UTC.
    pub(super) created_at: DateTime,
    /// A few were migrated from elsewhere and lack the date.
    pub(super) creation_known: bool,
    /// Expected while open.
    pub(super) close_date: Date,
    pub(super) offer: Offer,
    /// Early on, some have no amount yet.
    pub(super) priced: bool,
    pub(super) loss: Option<Loss>,
    pub(super) next_step_on: Option<Date>,
}

/// How good a quarter is: factors on volume and on the odds of winning.
struct Luck {
    volume: f64,
    odds: f64,
}

impl Luck {
    fn invent(deviation: f64, chance: &mut Chance) -> Vec<Luck> {
        (0..QUARTERS)
            .map(|_| Luck { volume: chance.factor(deviation), odds: chance.factor(deviation * 1.6) })
            .collect()
    }
}

/// Invents all opportunities, in order of creation.
pub(super) fn invent(people: &[Person], accounts: &[Account], seed: u64) -> Vec<Opportunity> {
    let market = Luck::invent(0.03, &mut Chance::new(seed, MARKET_STREAM));
    let territories = Territories::new(people, accounts);
    let mut opportunities = Vec::new();
    for owner in 0..people.len() {
        let chance = Chance::new(seed, SELLER_STREAMS + owner as u64);
        opportunities.extend(Seller::new(owner, people, accounts, &territories, &market, chance).sell());
    }
    let had_been_decided = |deal: &Opportunity| deal.stage.is_decided() && deal.close_date < HISTORY_FROM;
    opportunities.retain(|deal| !had_been_decided(deal));
    slump(&mut opportunities, accounts, &mut Chance::new(seed, SLUMP_STREAM));
    opportunities.sort_by_key(|deal| (deal.created_at, deal.owner));
    opportunities
}

/// Lets one segment buy less in one quarter: at most the given share of the deals decided in the
/// quarter before, and just that share of the value won.
fn slump(opportunities: &mut Vec<Opportunity>, accounts: &[Account], chance: &mut Chance) {
    let (segment, quarter, share) = SLUMP;
    let before = quarter_start(quarter.saturating_sub(1.day()));
    let in_segment =
        |deal: &Opportunity| deal.stage.is_decided() && accounts[deal.account].segment == segment;
    let decided_in =
        |deal: &Opportunity, start: Date| in_segment(deal) && quarter_start(deal.close_date) == start;
    let usual: Vec<Opportunity> = opportunities.extract_if(.., |deal| decided_in(deal, before)).collect();
    let mut affected: Vec<Opportunity> =
        opportunities.extract_if(.., |deal| decided_in(deal, quarter)).collect();
    chance.shuffle(&mut affected);
    affected.truncate((usual.len() as f64 * share) as usize);
    let size = share * won_eur(&usual) / won_eur(&affected).max(1.0);
    for deal in &mut affected {
        deal.offer.resize(size);
    }
    opportunities.extend(usual.into_iter().chain(affected));
}

/// Value won, in euros.
fn won_eur(deals: &[Opportunity]) -> f64 {
    let won = deals.iter().filter(|deal| deal.stage == Stage::Won);
    won.map(|deal| deal.offer.amount_eur as f64).sum()
}

/// Somebody who opens deals.
struct Seller<'a> {
    owner: usize,
    person: &'a Person,
    accounts: &'a [Account],
    territories: &'a Territories<'a>,
    market: &'a [Luck],
    luck: Vec<Luck>,
    habits: Habits,
    deals_per_day: f64,
    chance: Chance,
}

impl<'a> Seller<'a> {
    fn new(
        owner: usize,
        people: &'a [Person],
        accounts: &'a [Account],
        territories: &'a Territories<'a>,
        market: &'a [Luck],
        mut chance: Chance,
    ) -> Seller<'a> {
        let person = &people[owner];
        let deals_per_day = deals_per_quarter(owner, people) / WORKING_DAYS_PER_QUARTER;
        let habits = Habits::invent(&mut chance);
        let luck = Luck::invent(0.16, &mut chance);
        Seller { owner, person, accounts, territories, market, luck, habits, deals_per_day, chance }
    }

    /// Everything the seller opened: at most one deal a day.
    fn sell(mut self) -> Vec<Opportunity> {
        let mut deals = Vec::new();
        for day in working_days(PIPELINE_FROM, TODAY) {
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
        let quarter = quarter_number(day);
        let growth = 1.0 + 0.012 * quarter as f64;
        let learned = (0.3 + f64::from(days_between(self.person.hired_on, day)) / 180.0).min(1.0);
        season(day)
            * growth
            * learned
            * self.habits.volume
            * self.luck[quarter].volume
            * self.market[quarter].volume
    }

    fn open(&mut self, day: Date) -> Opportunity {
        let account = self.territories.account(self.owner, day, self.habits.core, &mut self.chance);
        let segment = self.accounts[account].segment;
        let kind = Kind::of(self.person.role, &mut self.chance);
        let offer = Offer::invent(kind, segment, self.person.role, &self.habits, &mut self.chance);
        let days = cycle_days(kind, segment, &self.habits, &mut self.chance);
        let ripe = day.saturating_add(days.days());
        let is_won = self.wins(kind, segment, ripe);
        let close_date = decided_on(day, ripe, if is_won { 1.0 } else { 0.5 }, &mut self.chance);
        let stage = self.stage(day, close_date, is_won);
        Opportunity {
            account,
            owner: self.owner_on(close_date),
            kind,
            stage,
            created_at: self.moment(day),
            creation_known: !self.chance.happens(0.003),
            close_date,
            offer,
            priced: stage != Stage::Prospecting || self.chance.happens(0.7),
            loss: (stage == Stage::Lost).then(|| Loss::invent(&mut self.chance)),
            next_step_on: self.next_step(stage, close_date),
        }
    }

    fn wins(&mut self, kind: Kind, segment: Segment, ripe: Date) -> bool {
        let quarter = quarter_number(ripe).min(QUARTERS - 1);
        let factor = self.habits.odds * self.luck[quarter].odds * self.market[quarter].odds;
        self.chance.happens(win_probability(kind, segment, factor))
    }

    /// The CRM knows only who owns a deal now: whatever a leaver had not closed has moved on.
    fn owner_on(&self, close_date: Date) -> usize {
        let has_left = self.person.left_on.is_some_and(|last| last < close_date);
        if has_left { self.person.successor.unwrap_or(self.owner) } else { self.owner }
    }

    fn stage(&mut self, created: Date, close_date: Date, is_won: bool) -> Stage {
        if close_date <= TODAY {
            return if is_won { Stage::Won } else { Stage::Lost };
        }
        let age = f64::from(days_between(created, TODAY)) / f64::from(days_between(created, close_date));
        match age * self.chance.between(0.7, 1.2) {
            ..0.2 => Stage::Prospecting,
            ..0.45 => Stage::Qualified,
            ..0.75 => Stage::Proposal,
            _ => Stage::Negotiation,
        }
    }

    /// A moment in office hours. They lie on the same civil day in UTC and in Berlin.
    fn moment(&mut self, day: Date) -> DateTime {
        let second = 7 * 3600 + self.chance.below(8 * 3600) as i64;
        day.at(0, 0, 0, 0).saturating_add(second.seconds())
    }

    /// Most open deals have a next step; some of those are overdue.
    fn next_step(&mut self, stage: Stage, close_date: Date) -> Option<Date> {
        if stage.is_decided() || !self.chance.happens(0.8) {
            return None;
        }
        let planned = TODAY.saturating_add((self.chance.below(35) as i64 - 9).days());
        Some(super::days::working_day_from(planned).min(close_date))
    }
}

/// Deals that somebody in that position opens in an average quarter.
fn deals_per_quarter(owner: usize, people: &[Person]) -> f64 {
    let role = people[owner].role;
    let colleagues_before = people[..owner].iter().filter(|person| person.role == role).count();
    match role {
        Role::AccountExecutive => 17.2,
        Role::AccountManager => 23.5,
        Role::SalesDevelopment if colleagues_before % ONE_WITHOUT_DEALS_IN > 0 => 2.6,
        _ => 0.0,
    }
}
