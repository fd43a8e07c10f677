//! P1: R01 tops the account executives by bookings of fiscal year 2026, and only because the
//! territory holds the large accounts: against what anybody would have won with such deals, the
//! result is what was to be expected (domain 7.9).

use std::collections::BTreeMap;

use super::super::accounts::{Account, Segment};
use super::super::opportunities::Opportunity;
use super::super::products::{Family, PRODUCTS};
use super::super::territories::take;
use super::cast;
use super::hand::{bookings_eur, decided, win_exactly, won};
use super::{FIFTH, YEAR_END};

pub(in super::super) const SELLER: &str = cast::R01;

/// A territory of the large accounts among those that are left; the others stay in their order.
pub(in super::super) fn rich(rest: &mut Vec<usize>, accounts: &[Account], size: usize) -> Vec<usize> {
    let (large, others): (Vec<usize>, Vec<usize>) =
        rest.iter().partition(|position| accounts[**position].segment == Segment::Enterprise);
    let own = take(&mut [large, others].concat(), size);
    rest.retain(|position| !own.contains(position));
    own
}

/// Circumstances that a seller does not choose.
type Stratum = (u8, u8);

fn stratum(deal: &Opportunity, accounts: &[Account]) -> Stratum {
    let segment = match accounts[deal.account].segment {
        Segment::Smb => 0,
        Segment::MidMarket => 1,
        Segment::Enterprise => 2,
    };
    let family = match PRODUCTS[deal.offer.product].family {
        Family::Spectroscopy => 0,
        Family::Chromatography => 1,
        Family::Service => 2,
    };
    (segment, family)
}

pub(super) fn plant(deals: &mut [Opportunity], accounts: &[Account], person: usize, executives: &[usize]) {
    let all: Vec<usize> = executives.iter().flat_map(|one| decided(deals, *one, FIFTH, YEAR_END)).collect();
    let own = decided(deals, person, FIFTH, YEAR_END);
    for segment in 0..3 {
        let in_segment = |among: &[usize]| -> Vec<usize> {
            among
                .iter()
                .copied()
                .filter(|position| stratum(&deals[*position], accounts).0 == segment)
                .collect()
        };
        let (all, own) = (in_segment(&all), in_segment(&own));
        let rate = won(deals, &all).len() as f64 / all.len().max(1) as f64;
        win_exactly(deals, &own, (own.len() as f64 * rate + 0.5) as usize);
    }
    // What is expected depends on the own result a little; this settles quickly.
    for _ in 0..12 {
        let factor = expected_eur(deals, accounts, &all, &own) / bookings_eur(deals, &own).max(1) as f64;
        for position in won(deals, &own) {
            deals[position].offer.resize(factor);
        }
    }
}

/// What anybody would have won with these deals, in euros: of each stratum the share that everybody
/// won, times what everybody's won deals were worth.
fn expected_eur(deals: &[Opportunity], accounts: &[Account], all: &[usize], own: &[usize]) -> f64 {
    let mut strata: BTreeMap<Stratum, (f64, f64)> = BTreeMap::new();
    for position in all {
        let (count, value) = strata.entry(stratum(&deals[*position], accounts)).or_default();
        *count += 1.0;
        *value += if deals[*position].is_won { deals[*position].offer.amount_eur as f64 } else { 0.0 };
    }
    let value_per_deal = |position: &usize| {
        strata.get(&stratum(&deals[*position], accounts)).map_or(0.0, |(count, value)| value / count)
    };
    own.iter().map(value_per_deal).sum()
}
