//! The means by which deals are bent: which of somebody's deals were won, and what they add up to.

use jiff::civil::Date;

use super::super::opportunities::Opportunity;

/// Positions of the deals that somebody decided within a half-open range of days.
pub(super) fn decided(deals: &[Opportunity], person: usize, from: Date, to: Date) -> Vec<usize> {
    let is_own = |deal: &Opportunity| deal.is_decided_in(from, to) && deal.closer() == person;
    (0..deals.len()).filter(|position| is_own(&deals[*position])).collect()
}

/// Those of the deals that were won.
pub(super) fn won(deals: &[Opportunity], among: &[usize]) -> Vec<usize> {
    among.iter().copied().filter(|position| deals[*position].is_won).collect()
}

/// What the deals that were won among these are worth, in euros.
pub(super) fn bookings_eur(deals: &[Opportunity], among: &[usize]) -> i64 {
    won(deals, among).iter().map(|position| deals[*position].offer.amount_eur).sum()
}

/// Lets exactly so many of the deals be won; the others are lost. The first won stay won.
pub(super) fn win_exactly(deals: &mut [Opportunity], among: &[usize], count: usize) {
    let mut order = won(deals, among);
    let lost = among.iter().copied().filter(|position| !deals[*position].is_won);
    order.extend(lost.collect::<Vec<_>>());
    for (place, position) in order.into_iter().enumerate() {
        deals[position].is_won = place < count;
    }
}

/// Makes the won among these deals worth exactly that much: all larger or smaller by the same
/// factor, and the largest has what rounding leaves.
pub(super) fn scale_to(deals: &mut [Opportunity], among: &[usize], total_eur: i64) {
    let won = won(deals, among);
    let before = bookings_eur(deals, &won);
    for position in &won {
        deals[*position].offer.resize(total_eur as f64 / before.max(1) as f64);
    }
    let rest = total_eur - bookings_eur(deals, &won);
    let largest = won.into_iter().max_by_key(|position| deals[*position].offer.amount_eur);
    if let Some(largest) = largest {
        deals[largest].offer.adjust(rest);
    }
}

/// Keeps the first deals of a list as they are and takes the others out of the company; lost ones
/// go first.
pub(super) fn keep(deals: &mut Vec<Opportunity>, among: &[usize], count: usize) {
    let mut order = won(deals, among);
    order.extend(among.iter().copied().filter(|position| !deals[*position].is_won));
    remove(deals, &order[count.min(order.len())..]);
}

/// Takes deals out of the company.
pub(super) fn remove(deals: &mut Vec<Opportunity>, gone: &[usize]) {
    let mut position = 0;
    deals.retain(|_| {
        position += 1;
        !gone.contains(&(position - 1))
    });
}
