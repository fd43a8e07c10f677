//! P5: eleven deals that R05 had closed in the fifth quarter were given to R06 after it. R05's
//! quarter stays what it was (domain T2), and what was given is listed.

use jiff::civil::{Date, date};

use super::super::opportunities::Opportunity;
use super::hand::decided;
use super::{FIFTH, SIXTH};

/// The day the deals were given away, and delivered with their new owner.
pub(in super::super) const DAY: Date = date(2025, 11, 14);

pub(in super::super) const DEALS: usize = 11;

pub(super) fn plant(deals: &mut [Opportunity], person: usize, later: usize) {
    let mut own = decided(deals, person, FIFTH, SIXTH);
    // Whoever closed fewer gets some from the colleague first: a few must stay.
    for position in decided(deals, later, FIFTH, SIXTH) {
        if own.len() < DEALS + 2 {
            deals[position].owner = person;
            own.push(position);
        }
    }
    own.sort_by_key(|position| (deals[*position].close_date, deals[*position].created_at));
    for position in own.iter().take(DEALS) {
        deals[*position].handed_over = Some((DAY, later));
    }
}
