//! How a deal moved from stage to stage, and what the CRM said about it on a day.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::chance::Chance;
use super::days::{TODAY, days_between, moment, working_day_from};
use super::opportunities::Opportunity;

/// Where a deal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    pub(super) fn is_closed(self) -> bool {
        matches!(self, Stage::Won | Stage::Lost)
    }

    /// The probability that the CRM gives every deal at the stage, in per cent.
    pub(super) fn probability_percent(self) -> u8 {
        match self {
            Stage::Prospecting => 10,
            Stage::Qualified => 25,
            Stage::Proposal => 50,
            Stage::Negotiation => 75,
            Stage::Won => 100,
            Stage::Lost => 0,
        }
    }

    pub(super) fn forecast_category(self) -> &'static str {
        match self {
            Stage::Prospecting | Stage::Qualified => "Pipeline",
            Stage::Proposal => "Best Case",
            Stage::Negotiation => "Commit",
            Stage::Won => "Closed",
            Stage::Lost => "Omitted",
        }
    }
}

/// Stages a deal passes before it is decided, with the share of its time gone by then.
const PASSED: [(Stage, f64); 3] =
    [(Stage::Qualified, 0.2), (Stage::Proposal, 0.45), (Stage::Negotiation, 0.75)];

/// A move of a deal to a stage.
pub(super) struct Move {
    pub(super) stage: Stage,
    pub(super) at: DateTime,
    pub(super) amount_eur: Option<i64>,
    pub(super) expected: Date,
}

/// All moves of a deal up to today, in order.
pub(super) struct Course {
    pub(super) moves: Vec<Move>,
    /// When the day it was first expected on had gone by and it was put off.
    pub(super) pushed_on: Option<Date>,
    /// Days after a move on which the next step is planned, if one is.
    next_step_days: Option<i64>,
}

impl Course {
    pub(super) fn invent(deal: &Opportunity, chance: &mut Chance) -> Course {
        let created = deal.created_on();
        let days = days_between(created, deal.close_date);
        let optimistic = chance.happens(0.35) && days > 30;
        let hurried = (chance.between(0.15, 0.5) * f64::from(days)) as i64;
        let expected = if optimistic {
            working_day_from(deal.close_date.saturating_sub(hurried.days()))
        } else {
            deal.close_date
        };
        let pushed_on = (expected < deal.close_date && expected <= TODAY).then_some(expected);
        let hope = (deal.offer.list_amount_eur as f64 * chance.between(0.85, 1.0)) as i64;
        let course = Draft { deal, expected, pushed_on, hope };
        let first = chance.happens(0.7).then_some(hope);
        let mut moves =
            vec![Move { stage: Stage::Prospecting, at: deal.created_at, amount_eur: first, expected }];
        let pace = chance.between(0.8, 1.2);
        for (stage, share) in &PASSED[..reached(deal, chance)] {
            let day = created.saturating_add(((share * pace * f64::from(days)) as i64).days());
            course.pass(*stage, working_day_from(day), &mut moves, chance);
        }
        if deal.is_decided() {
            moves.push(course.decision(chance));
        }
        let next_step_days = chance.happens(0.8).then(|| 3 + chance.below(35) as i64);
        Course { moves, pushed_on, next_step_days }
    }

    /// The last move by the end of a day; the deal must have been created by then.
    pub(super) fn on(&self, day: Date) -> &Move {
        let made = self.moves.iter().take_while(|made| made.at.date() <= day).count();
        &self.moves[made.max(1) - 1]
    }

    /// The day a deal that is open on a day is then expected to close.
    pub(super) fn expected_on(&self, day: Date, deal: &Opportunity) -> Date {
        if self.pushed_on.is_some_and(|pushed| pushed <= day) {
            deal.close_date
        } else {
            self.on(day).expected
        }
    }

    /// When the next step is planned, as the CRM says on a day.
    pub(super) fn next_step_on(&self, day: Date) -> Option<Date> {
        let last = self.on(day);
        let planned = last.at.date().saturating_add(self.next_step_days?.days());
        (!last.stage.is_closed()).then(|| working_day_from(planned))
    }

    /// The days on which something about the deal changes.
    pub(super) fn changes(&self, deal: &Opportunity) -> Vec<Date> {
        let moves = self.moves.iter().map(|made| made.at.date());
        moves.chain(self.pushed_on).chain(deal.handed_over.map(|(from, _)| from)).collect()
    }
}

/// What all moves of a deal need to know.
struct Draft<'a> {
    deal: &'a Opportunity,
    expected: Date,
    pushed_on: Option<Date>,
    hope: i64,
}

impl Draft<'_> {
    /// Adds a move, unless the deal is decided or the day is to come.
    fn pass(&self, stage: Stage, day: Date, moves: &mut Vec<Move>, chance: &mut Chance) {
        let at = moment(day, chance);
        let is_later = moves.last().is_some_and(|last| last.at.date() < day);
        if is_later && day < self.deal.close_date && day <= TODAY {
            let priced = stage >= Stage::Proposal;
            let amount_eur = Some(if priced { self.deal.offer.amount_eur } else { self.hope });
            moves.push(Move { stage, at, amount_eur, expected: self.expected_on(day) });
        }
    }

    /// Decisions are entered in the afternoon, after everything else of the day.
    fn decision(&self, chance: &mut Chance) -> Move {
        let second = 15 * 3600 + chance.below(3_000) as i64;
        let at = self.deal.entered_on().at(0, 0, 0, 0).saturating_add(second.seconds());
        let stage = if self.deal.is_won { Stage::Won } else { Stage::Lost };
        Move { stage, at, amount_eur: Some(self.deal.offer.amount_eur), expected: self.deal.close_date }
    }

    fn expected_on(&self, day: Date) -> Date {
        if self.pushed_on.is_some_and(|pushed| pushed <= day) { self.deal.close_date } else { self.expected }
    }
}

/// How many stages a deal passes: all, unless it is lost earlier.
fn reached(deal: &Opportunity, chance: &mut Chance) -> usize {
    let lost_after = chance.weigh(&[(0.2, 0), (0.3, 1), (0.35, 2), (0.15, 3)]);
    if deal.is_won || !deal.is_decided() { PASSED.len() } else { lost_after }
}
