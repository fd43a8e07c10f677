//! P4: the whole mid-market segment bought 18 % less in the sixth quarter than in the fifth, and
//! R04, who sells to nobody else, fell by 17 %: it was the market.

use super::super::accounts::{Account, Segment};
use super::super::opportunities::Opportunity;
use super::hand::{bookings_eur, decided, remove, scale_to, win_exactly, won};
use super::{FIFTH, SEVENTH, SIXTH};

/// What is left of the quarter before, in per cent.
pub(in super::super) const SEGMENT_PERCENT: i64 = 82;
pub(in super::super) const SELLER_PERCENT: i64 = 83;

/// Deals the seller wins at least, so that two quarters can be compared.
const WON: [usize; 2] = [7, 6];

pub(super) fn plant(deals: &mut Vec<Opportunity>, accounts: &[Account], person: usize) {
    let count_before = of_segment(deals, accounts, |_| true, true).len();
    let everybody_else = |deal: &Opportunity| deal.closer() != person;
    let others = of_segment(deals, accounts, everybody_else, false);
    // Fewer deals are decided, too; each in its turn, so that the win rate stays.
    let allowed = count_before * usize::try_from(SEGMENT_PERCENT).unwrap_or_default() / 100;
    let surplus = (others.len() + decided(deals, person, SIXTH, SEVENTH).len()).saturating_sub(allowed);
    let every = others.len() / surplus.max(1);
    let gone: Vec<usize> = others.into_iter().step_by(every.max(1)).take(surplus).collect();
    remove(deals, &gone);
    let (before, after) = (decided(deals, person, FIFTH, SIXTH), decided(deals, person, SIXTH, SEVENTH));
    for (own, least) in [&before, &after].into_iter().zip(WON) {
        let count = won(deals, own).len().max(least);
        win_exactly(deals, own, count);
    }
    let left = bookings_eur(deals, &before) * SELLER_PERCENT / 100;
    scale_to(deals, &after, left);
    let segment_before = bookings_eur(deals, &of_segment(deals, accounts, |_| true, true));
    let others = of_segment(deals, accounts, everybody_else, false);
    scale_to(deals, &others, segment_before * SEGMENT_PERCENT / 100 - left);
}

/// Positions of the segment's deals decided in the fifth quarter, or else the sixth.
fn of_segment(
    deals: &[Opportunity],
    accounts: &[Account],
    counts: impl Fn(&Opportunity) -> bool,
    is_before: bool,
) -> Vec<usize> {
    let (from, to) = if is_before { (FIFTH, SIXTH) } else { (SIXTH, SEVENTH) };
    let is_one = |deal: &Opportunity| {
        deal.is_decided_in(from, to) && accounts[deal.account].segment == Segment::MidMarket && counts(deal)
    };
    (0..deals.len()).filter(|position| is_one(&deals[*position])).collect()
}
