//! What one subject brought when: so far in a period, and in the ones before it.

use attain_stats::Confidence;
use attain_stats::Undefined;
use attain_stats::count::Count;
use attain_stats::forecast::{Increments, RatePrior};
use attain_stats::shrinkage::shrink_rates;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Periods of peers that say what a rate is like.
const PEER_PERIODS: usize = 4;

/// What a subject brought when.
#[derive(Clone, Debug)]
pub(in crate::goals) struct Record {
    /// On each working day that has gone by and counts for them.
    pub(in crate::goals) so_far: Vec<(Date, Decimal)>,
    /// Working days that are to come and count for them.
    pub(in crate::goals) ahead: Vec<Date>,
    /// Periods before, oldest first.
    pub(in crate::goals) before: Vec<Before>,
    /// Whether days may take away.
    pub(in crate::goals) increments: Increments,
}

/// What a subject brought in a period before.
#[derive(Clone, Debug)]
pub(in crate::goals) struct Before {
    pub(in crate::goals) label: String,
    /// Its position among the periods before that were looked at.
    pub(in crate::goals) position: usize,
    pub(in crate::goals) weeks: Vec<Decimal>,
    /// Up to the same share of its working days.
    pub(in crate::goals) by_then: Decimal,
    pub(in crate::goals) total: Decimal,
    /// Working days up to that share, and all.
    pub(in crate::goals) worked: (usize, usize),
}

impl Record {
    /// What is done so far.
    pub(in crate::goals) fn done(&self) -> Decimal {
        self.so_far.iter().fold(Decimal::ZERO, |sum, (_, value)| sum.saturating_add(*value))
    }

    /// What the periods before brought.
    pub(in crate::goals) fn past(&self) -> Past {
        let total = |before: &Before| Total { amount: before.total, worked: before.worked.1 };
        Past { totals: self.before.iter().map(total).collect(), increments: self.increments }
    }

    /// What each week of each period before brought.
    pub(in crate::goals) fn weeks_before(&self) -> Vec<Vec<Decimal>> {
        self.before.iter().map(|before| before.weeks.clone()).collect()
    }
}

impl Before {
    /// The share of its end that it had reached by then.
    pub(in crate::goals) fn share(&self) -> Option<f64> {
        let positive = self.total > Decimal::ZERO;
        self.by_then.checked_div(self.total).filter(|_| positive).and_then(|share| share.to_f64())
    }
}

/// What periods brought that are over, oldest first.
#[derive(Clone, Debug)]
pub(in crate::goals) struct Past {
    pub(in crate::goals) totals: Vec<Total>,
    /// Whether days may take away.
    pub(in crate::goals) increments: Increments,
}

/// What one of them brought.
#[derive(Clone, Copy, Debug)]
pub(in crate::goals) struct Total {
    pub(in crate::goals) amount: Decimal,
    /// On how many working days.
    pub(in crate::goals) worked: usize,
}

/// How much of a period that has not begun is somebody's.
#[derive(Clone, Copy, Debug)]
pub(in crate::goals) struct Whole {
    /// The share of it, 0 to 1.
    pub(in crate::goals) share: Decimal,
    /// Working days of it.
    pub(in crate::goals) days: Decimal,
}

/// How often something happened to each of the people of a role, in each of the periods before.
#[derive(Clone, Debug, Default)]
pub(in crate::goals) struct Peers {
    pub(in crate::goals) people: Vec<Vec<Option<Count>>>,
}

impl Peers {
    /// What they say about a rate after all periods that were looked at.
    pub(in crate::goals) fn latest(&self) -> Option<RatePrior> {
        self.prior(self.people.iter().map(Vec::len).max()?)
    }

    /// What they say about a rate before a period: from the last four before it, where they are five or more.
    pub(in crate::goals) fn prior(&self, position: usize) -> Option<RatePrior> {
        let first = position.saturating_sub(PEER_PERIODS);
        let counts: Vec<Count> =
            self.people.iter().filter_map(|periods| together(periods.get(first..position)?)).collect();
        let shrinkage = shrink_rates(&counts, Confidence::NINETY_FIVE).ok()?;
        RatePrior::of(&shrinkage.prior)
    }
}

/// Counts of several periods as one; none where there was no exposure.
fn together(counts: &[Option<Count>]) -> Option<Count> {
    let there = counts.iter().flatten();
    let (events, exposure) = there.fold((0u64, 0.0), |(events, exposure), count| {
        (events.saturating_add(count.events()), exposure + count.exposure())
    });
    Count::new(events, exposure).filter(|_| exposure > 0.0)
}

/// An amount as statistics take it.
pub(in crate::goals) fn float(value: Decimal) -> Result<f64, Undefined> {
    value.to_f64().ok_or(Undefined::NotFinite)
}

/// A whole number of things, not less than none.
pub(in crate::goals) fn events(value: Decimal) -> Result<u64, Undefined> {
    value.to_u64().filter(|_| value.fract().is_zero()).ok_or(Undefined::InvalidBase)
}
