//! What a step from one snapshot to the next does to the past (domain 2.4, features I5): which closed
//! deals changed hands, which rows say something else about days gone by, and which numbers of
//! periods that are over are others than before.
//!
//! [`reassigned`] lists the deals: their credit stays with whoever closed them (T2) until somebody
//! restates it. [`belonging`] counts the rows that say who belonged where. [`moves`] asks both
//! snapshots the same questions and keeps what differs. Everything is computed by two [`Asker`]s, so a
//! delivery that is only looked at is told of by the very numbers it would make.

mod belonging;
mod moves;
mod reassigned;

use jiff::civil::Date;

use crate::ask::Asker;
use crate::calendar::{Grain, Period};
use crate::tables::Coverage;

pub use belonging::{PastRows, past_rows};
pub use moves::{Move, Movement, Moves, moves};
pub use reassigned::{ReassignedDeal, Reassignment, by_person, credit_of, reassigned, recredited};

/// The periods that were over on the day of asking, oldest first and without a gap: quarters, then
/// the months of the quarter that is under way.
#[must_use]
pub fn closed_periods(before: &Asker, after: &Asker) -> Vec<Period> {
    let today = after.as_of().asked_on;
    let Some((from, to)) = covered(before, after) else { return Vec::new() };
    let (calendar, to) = (after.calendar(), to.min(today));
    let grains = calendar.grains();
    let has = |wanted: &Grain| grains.contains(wanted);
    let Some(coarse) = [Grain::Quarter, Grain::Half, Grain::Year, Grain::Month].into_iter().find(has) else {
        return Vec::new();
    };
    let is_over = |period: &Period| period.to.is_some_and(|to| to <= today);
    let mut periods = calendar.touching(from, to, coarse);
    let open: Vec<Period> = periods.extract_if(.., |period| !is_over(period)).collect();
    if coarse > Grain::Month && has(&Grain::Month) {
        let months = open.iter().flat_map(|period| calendar.children(period, Grain::Month));
        periods.extend(months.filter(is_over));
    }
    periods
}

/// From the first day that either knows of deals or invoices to the day after the last.
fn covered(before: &Asker, after: &Asker) -> Option<(Date, Date)> {
    let coverage = [before, after]
        .into_iter()
        .flat_map(|asker| ["opportunity", "invoice_line"].map(|table| asker.source().tables.coverage(table)));
    let days = coverage.filter_map(|coverage| match coverage {
        Coverage::Days(from, to) => Some((from, to)),
        Coverage::Nothing | Coverage::Always => None,
    });
    days.reduce(|(from, to), (other_from, other_to)| (from.min(other_from), to.max(other_to)))
}
