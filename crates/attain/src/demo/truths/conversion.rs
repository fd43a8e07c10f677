//! P3: R03's bookings fell by 41,200 euros from the seventh quarter to the eighth. It is all
//! conversion: as many deals decided and as many created, and won deals of the same average size.

use std::cmp::Ordering;

use jiff::civil::{Date, date};

use super::super::days::quarter_start;
use super::super::opportunities::Opportunity;
use super::hand::{decided, keep, remove, scale_to, win_exactly};
use super::{EIGHTH, SEVENTH, YEAR_END};

/// Deals won in the quarters, and what each is worth on average, in euros.
pub(in super::super) const WON: [usize; 2] = [7, 5];
pub(in super::super) const AVERAGE_EUR: i64 = 20_600;

/// The last working day before the quarters.
const LAST_DAY_BEFORE: Date = date(2025, 12, 30);

pub(super) fn plant(deals: &mut Vec<Opportunity>, person: usize) {
    let quarters = [(SEVENTH, EIGHTH), (EIGHTH, YEAR_END)];
    let counts = quarters.map(|(from, to)| decided(deals, person, from, to).len());
    let count = counts[0].min(counts[1]);
    for ((from, to), won) in quarters.into_iter().zip(WON) {
        let own = decided(deals, person, from, to);
        win_exactly(deals, &own, won);
        keep(deals, &own, count);
        let own = decided(deals, person, from, to);
        own.iter().for_each(|position| deals[*position].late_days = 0);
        scale_to(deals, &own, won as i64 * AVERAGE_EUR);
    }
    deals.iter_mut().filter(|deal| deal.owner == person).for_each(|deal| deal.creation_known = true);
    while let Some(surplus) = surplus(deals, person) {
        lessen(deals, person, surplus);
    }
}

/// Positions of what somebody created in a quarter.
fn created(deals: &[Opportunity], person: usize, quarter: Date) -> Vec<usize> {
    let is_own = |deal: &Opportunity| deal.owner == person && quarter_start(deal.created_on()) == quarter;
    (0..deals.len()).filter(|position| is_own(&deals[*position])).collect()
}

/// The quarter of the two in which more was created.
fn surplus(deals: &[Opportunity], person: usize) -> Option<Date> {
    let [before, after] = [SEVENTH, EIGHTH].map(|quarter| created(deals, person, quarter).len());
    match before.cmp(&after) {
        Ordering::Equal => None,
        Ordering::Greater => Some(SEVENTH),
        Ordering::Less => Some(EIGHTH),
    }
}

/// Takes a deal out that was created in a quarter but decided in neither; where there is none, lets
/// the first that was created begin before both.
fn lessen(deals: &mut Vec<Opportunity>, person: usize, quarter: Date) {
    let mut own = created(deals, person, quarter);
    own.sort_by_key(|position| deals[*position].created_at);
    let free = own.iter().find(|position| !deals[**position].is_decided_in(SEVENTH, YEAR_END));
    match (free, own.first()) {
        (Some(position), _) => remove(deals, &[*position]),
        (None, Some(position)) => {
            let time = deals[*position].created_at.time();
            deals[*position].created_at = LAST_DAY_BEFORE.to_datetime(time);
        }
        (None, None) => {}
    }
}
