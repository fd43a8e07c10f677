//! What was invoiced for won deals, when it was paid, and what was credited back.

use jiff::ToSpan;
use jiff::civil::Date;

use super::chance::Chance;
use super::days::{TODAY, working_day_from};
use super::opportunities::Opportunity;
use super::products::{Family, PRODUCTS};
use super::terms::Kind;

const STREAM: u64 = 12;

/// A line of an invoice.
pub(super) struct Line {
    pub(super) deal: usize,
    pub(super) kind: &'static str,
    pub(super) net_eur: i64,
    pub(super) invoiced_on: Date,
    pub(super) paid_on: Option<Date>,
}

/// Draws the lines, in order of the deals: one for each, and a credit note for a few.
pub(super) fn invent(deals: &[Opportunity], seed: u64) -> Vec<Line> {
    let mut chance = Chance::new(seed, STREAM);
    let mut lines = Vec::new();
    for (deal, opportunity) in deals.iter().enumerate().filter(|(_, deal)| deal.is_won && deal.is_decided()) {
        let mut after = |day: Date, least: i64, spread: usize| {
            working_day_from(day.saturating_add((least + chance.below(spread) as i64).days()))
        };
        let invoiced_on = after(opportunity.entered_on(), 3, 22);
        let (paid_on, credited_on) = (after(invoiced_on, 14, 51), after(invoiced_on, 10, 70));
        let is_credited = chance.happens(0.025);
        if invoiced_on > TODAY {
            continue;
        }
        let net_eur = opportunity.offer.amount_eur;
        lines.push(Line {
            deal,
            kind: kind(opportunity),
            net_eur,
            invoiced_on,
            paid_on: Some(paid_on).filter(|day| *day <= TODAY),
        });
        if is_credited && credited_on <= TODAY {
            let net_eur = -(net_eur / 10).max(1);
            lines.push(Line { deal, kind: "Credit", net_eur, invoiced_on: credited_on, paid_on: None });
        }
    }
    lines
}

fn kind(deal: &Opportunity) -> &'static str {
    match deal.kind {
        Kind::Expansion => "Expansion",
        Kind::Renewal => "Renewal",
        Kind::New if PRODUCTS[deal.offer.product].family == Family::Service => "New",
        Kind::New => "One-off",
    }
}
