//! P2: R02 is third of all account executives by bookings of fiscal year 2026, on six deals: too
//! few to say anything.

use super::super::opportunities::Opportunity;
use super::hand::{bookings_eur, decided, remove, scale_to, win_exactly};
use super::{FIFTH, YEAR_END};

const DEALS: usize = 6;

pub(super) fn plant(deals: &mut Vec<Opportunity>, person: usize, executives: &[usize]) {
    let mut own = decided(deals, person, FIFTH, YEAR_END);
    own.sort_by_key(|position| deals[*position].close_date);
    win_exactly(deals, &own[..DEALS.min(own.len())], DEALS);
    remove(deals, &own[DEALS.min(own.len())..]);
    let own = decided(deals, person, FIFTH, YEAR_END);
    for position in &own {
        deals[*position].late_days = 0;
    }
    let others = executives.iter().filter(|one| **one != person);
    let mut totals: Vec<i64> =
        others.map(|one| bookings_eur(deals, &decided(deals, *one, FIFTH, YEAR_END))).collect();
    totals.sort_unstable_by(|one, other| other.cmp(one));
    scale_to(deals, &own, (totals[1] + totals[2]) / 20 * 10);
}
