//! The two sides of a comparison: what was counted on each, and how much chance is in it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::way::Link;

/// What was counted, by metric; of what has no number there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals(BTreeMap<&'static str, Decimal>);

impl Totals {
    pub(super) fn get(&self, metric: &str) -> Option<Decimal> {
        self.0.get(metric).copied()
    }

    /// The same with every number changed.
    pub(super) fn map(self, change: impl Fn(Decimal) -> Decimal) -> Totals {
        Totals(self.0.into_iter().map(|(metric, total)| (metric, change(total))).collect())
    }

    /// Adds those of another.
    pub(super) fn add(&mut self, other: Totals) {
        for (metric, total) in other.0 {
            *self.0.entry(metric).or_default() += total;
        }
    }
}

impl FromIterator<(&'static str, Decimal)> for Totals {
    fn from_iter<T: IntoIterator<Item = (&'static str, Decimal)>>(totals: T) -> Totals {
        Totals(totals.into_iter().collect())
    }
}

/// What makes a side vary by chance.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Observed {
    /// How many times as much was observed: a mean of ten rests on ten times what it says.
    pub(super) times: u64,
    /// The amounts of what was won, as far as they may be opened.
    pub(super) amounts: Vec<f64>,
}

/// One side.
#[derive(Clone, Debug)]
pub(super) struct Side {
    /// Those of a chain, in its order; the last are bookings.
    totals: Vec<Decimal>,
    /// None of a plan, in which there is no chance.
    pub(super) observed: Option<Observed>,
}

impl Side {
    /// The side of a chain; none where one of its totals has no number.
    pub(super) fn of(chain: &[Link], totals: &Totals, observed: Option<Observed>) -> Option<Side> {
        let totals = chain.iter().map(|link| totals.get(link.metric)).collect::<Option<Vec<Decimal>>>()?;
        Some(Side { totals, observed })
    }

    /// Bookings.
    pub(super) fn booked(&self) -> Decimal {
        self.totals.last().copied().unwrap_or_default()
    }

    /// The levers; none where one would be divided by nothing.
    pub(super) fn factors(&self) -> Vec<Option<Decimal>> {
        let divided = self.totals.windows(2).map(|two| two[1].checked_div(two[0]));
        self.totals.first().map(|first| Some(*first)).into_iter().chain(divided).collect()
    }

    /// The place of a total that is not nothing although the one before it is: the chain breaks there.
    pub(super) fn breaks_at(&self) -> Option<usize> {
        let broken = self.totals.windows(2).position(|two| two[0].is_zero() && !two[1].is_zero());
        broken.map(|place| place + 1)
    }

    /// How many there were of a total in all that was observed.
    pub(super) fn count(&self, place: usize) -> Option<u64> {
        let times = self.observed.as_ref().map_or(1, |observed| observed.times);
        (*self.totals.get(place)? * Decimal::from(times)).round().to_u64()
    }

    /// How many there were of a total and of the one before it.
    pub(super) fn counts(&self, place: usize) -> Option<[u64; 2]> {
        Some([self.count(place)?, self.count(place.checked_sub(1)?)?])
    }
}
