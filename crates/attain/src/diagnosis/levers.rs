//! Bookings as a product (domain 8.1): opportunities created × won per created × bookings per won. The
//! factors are ratios of totals of the same period, not rates of a cohort: a deal won may have been
//! created before. The difference from a reference is divided among them by Shapley's value, rounded to the
//! currency's smallest unit so that the parts add up to it (8.3, 8.6).

use attain_facts::canonical::currency::minor_unit;
use attain_metrics::{Asker, Period, Reach, Subject};
use attain_stats::amount::log_normal_ratio;
use attain_stats::count::{Count, ratio_of_ratios};
use attain_stats::decomposition::{Factor, Levers, Noise, apportion, shapley, worth_naming};
use attain_stats::significance::rates_against_the_rest;
use attain_stats::{Confidence, Interval, Undefined};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::reference::{self, Against, Reference};
use crate::scorecards::card;
use crate::web::problem::PageError;

/// The metrics whose ratios are the levers.
pub(super) const METRICS: [&str; 3] = ["opps_created", "deals_won", "bookings"];

/// A difference and its parts.
pub(super) struct Why {
    pub(super) reference: Reference,
    pub(super) after: Period,
    /// Whether the later period is not over, so that both are compared by as many working days.
    pub(super) is_to_date: bool,
    /// Bookings of both sides.
    pub(super) values: [Decimal; 2],
    pub(super) parts: Result<Vec<Part>, Nothing>,
}

/// One lever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) lever: Lever,
    /// Its value in both periods; none where it would be divided by nothing.
    pub(super) values: [Option<Decimal>; 2],
    /// What it contributes to the change.
    pub(super) effect: Decimal,
    /// Whether it differs by more than chance; none where it cannot be held against it.
    pub(super) noise: Option<Noise>,
}

/// The factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lever {
    Opportunities,
    Conversion,
    DealSize,
}

impl Lever {
    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Lever::Opportunities => "opportunities",
            Lever::Conversion => "conversion",
            Lever::DealSize => "deal size",
        }
    }

    /// The metric that opens it.
    pub(super) fn metric(self) -> &'static str {
        match self {
            Lever::Opportunities => "opps_created",
            Lever::Conversion => "won_per_created",
            Lever::DealSize => "avg_deal_size",
        }
    }
}

/// Why a change is not taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// Something was won in a period in which nothing was created.
    NoneCreated,
    /// The numbers are too large to be taken apart to the cent.
    TooLarge,
    /// The numbers are not there, or not the asker's to see.
    NoNumbers,
}

impl From<Undefined> for Nothing {
    fn from(why: Undefined) -> Nothing {
        match why {
            Undefined::NotFinite => Nothing::TooLarge,
            // The factors do not make the product: something was won of nothing created.
            _ => Nothing::NoneCreated,
        }
    }
}

/// Takes the difference from a reference apart.
///
/// # Errors
/// When there is no such reference, or the facts cannot be read.
pub(super) async fn why(
    asker: &Asker,
    subject: &Subject,
    after: &Period,
    against: Against,
    reach: &Reach,
) -> Result<Why, PageError> {
    let is_to_date = card::is_under_way(asker, after);
    let reference = reference::of(asker, subject, after, against, reach).await?;
    let own = reference::totals(asker, subject, after, reach).await?;
    let amounts = reference::amounts(asker, subject, after, reach).await?;
    let places = minor_unit(&asker.company().currency).unwrap_or(2);
    let (values, parts) = match (reference.totals, own) {
        (Some(before), Some(own)) => {
            let before =
                Side { amounts: reference.amounts.clone(), times: reference.times, ..Side::of(before) };
            let own = Side { amounts, ..Side::of(own) };
            ([before.booked, own.booked], parts(&before, &own, places))
        }
        _ => ([Decimal::ZERO; 2], Err(Nothing::NoNumbers)),
    };
    Ok(Why { reference, after: after.clone(), is_to_date, values, parts })
}

/// One side of a comparison.
#[derive(Clone, Debug)]
struct Side {
    created: Decimal,
    won: Decimal,
    booked: Decimal,
    /// How many times as much was observed.
    times: u64,
    /// The amounts of what was won, as far as they may be opened.
    amounts: Vec<f64>,
}

impl Side {
    fn of([created, won, booked]: [Decimal; 3]) -> Side {
        Side { created, won, booked, times: 1, amounts: Vec::new() }
    }

    /// How many there were in all that was observed.
    fn observed(&self, count: Decimal) -> Option<u64> {
        (count * Decimal::from(self.times)).round().to_u64()
    }

    fn factors(&self) -> [Option<Decimal>; 3] {
        let conversion = self.won.checked_div(self.created);
        [Some(self.created), conversion, self.booked.checked_div(self.won)]
    }

    /// How many were won and created in all that was observed.
    fn conversion(&self) -> Option<[u64; 2]> {
        Some([self.observed(self.won)?, self.observed(self.created)?])
    }
}

fn parts(reference: &Side, subject: &Side, places: u32) -> Result<Vec<Part>, Nothing> {
    let pairs: Vec<[Option<Decimal>; 2]> = reference
        .factors()
        .into_iter()
        .zip(subject.factors())
        .map(|(before, after)| [before, after])
        .collect();
    let float = |value: Option<Decimal>| value.and_then(|value| value.to_f64());
    let factors: Vec<Factor> = pairs
        .iter()
        .map(|[before, after]| Factor { reference: float(*before), subject: float(*after) })
        .collect();
    let effects = effects(&factors, subject.booked - reference.booked, places).map_err(Nothing::from)?;
    let of_interval = |interval: Option<Interval>| interval.map(|interval| Noise::of(Some(interval)));
    let noise = [
        counts(reference, subject),
        of_interval(conversions(reference, subject)),
        of_interval(sizes(reference, subject)),
    ];
    let levers = [Lever::Opportunities, Lever::Conversion, Lever::DealSize];
    let each = levers.into_iter().zip(pairs).zip(effects).zip(noise);
    Ok(each.map(|(((lever, values), effect), noise)| Part { lever, values, effect, noise }).collect())
}

/// What each factor contributes, in whole smallest units that add up to the difference.
fn effects(factors: &[Factor], difference: Decimal, places: u32) -> Result<Vec<Decimal>, Undefined> {
    let scale = Decimal::from(10_i64.pow(places));
    let found = shapley(&Levers::new(factors)?)?;
    let in_units = |effect: f64| effect * scale.to_f64().unwrap_or(1.0);
    let minor: Vec<f64> = found.effects.into_iter().map(in_units).collect();
    let whole = (difference * scale).round().to_i64().ok_or(Undefined::NotFinite)?;
    let units = apportion(&minor, whole)?;
    Ok(units.into_iter().map(|unit| (Decimal::from(unit) / scale).normalize()).collect())
}

/// Whether two counts differ by more than chance: the exact test of how all events are shared between them
/// (binomial, two-sided, 5 %); a mean of several rests on as many times what it says.
fn counts(reference: &Side, subject: &Side) -> Option<Noise> {
    let count = |side: &Side| Count::new(side.observed(side.created)?, side.times as f64);
    let p_value = rates_against_the_rest(&[count(reference)?, count(subject)?]).pop()?;
    Some(if p_value.value() <= 0.05 { Noise::BeyondNoise } else { Noise::WithinNoise })
}

/// The 95 % interval of how many times as large the later conversion is, as logarithm. What is won in a period
/// was mostly created before it, so that won and created are two counts, and neither a share of the other.
fn conversions(reference: &Side, subject: &Side) -> Option<Interval> {
    let ratio = ratio_of_ratios(reference.conversion()?, subject.conversion()?, Confidence::NINETY_FIVE);
    Some(ratio.ok()?.interval.map(f64::ln))
}

/// That of two typical amounts, as logarithm too; none of fewer than
/// five, or where one is zero or less.
fn sizes(reference: &Side, subject: &Side) -> Option<Interval> {
    if reference.amounts.len().min(subject.amounts.len()) < AMOUNTS_MIN {
        return None;
    }
    // As many equal amounts as there are leave no chance to hold a difference against.
    let ratio = log_normal_ratio(&reference.amounts, &subject.amounts, Confidence::NINETY_FIVE).ok()?;
    Some(ratio.interval.map(f64::ln))
}

/// Amounts from which a typical one may be told (domain 7.2).
const AMOUNTS_MIN: usize = 5;

/// The levers that a sentence may name as what changed: at most two, beyond chance.
pub(super) fn named(parts: &[Part]) -> Vec<Lever> {
    let effects: Vec<(f64, Noise)> = parts
        .iter()
        .map(|part| (part.effect.to_f64().unwrap_or_default(), part.noise.unwrap_or(Noise::WithinNoise)))
        .collect();
    worth_naming(&effects).into_iter().map(|place| parts[place].lever).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn side(created: i64, won: i64, booked: i64) -> Side {
        Side::of([created.into(), won.into(), Decimal::new(booked, 2)])
    }

    fn of(parts: &[Part]) -> Vec<Decimal> {
        parts.iter().map(|part| part.effect).collect()
    }

    #[test]
    fn what_changed_carries_the_change_and_what_did_not_carries_nothing() {
        let parts = parts(&side(20, 7, 14_420_000), &side(20, 5, 10_300_000), 2).expect("parts");
        assert_eq!(of(&parts), [0, -41_200, 0].map(Decimal::from));
    }

    #[test]
    fn a_lever_is_named_only_beyond_chance() {
        let slight = parts(&side(40, 12, 1_200_000), &side(41, 10, 1_000_000), 2).expect("parts");
        assert_eq!(named(&slight), []);
        let clear = parts(&side(400, 150, 40_000_000), &side(410, 50, 14_300_000), 2).expect("parts");
        assert_eq!(named(&clear), [Lever::Conversion]);
    }

    #[test]
    fn what_cannot_be_a_product_is_not_taken_apart() {
        let wins_of_before = parts(&side(10, 5, 5_000), &side(0, 2, 2_000), 2);
        assert_eq!(wins_of_before, Err(Nothing::NoneCreated));
        let none = parts(&side(10, 5, 5_000), &side(0, 0, 0), 2).expect("nothing came of nothing");
        assert_eq!(of(&none), [-50, 0, 0].map(Decimal::from));
        let never = parts(&side(0, 0, 0), &side(0, 0, 0), 2).expect("nothing at all");
        assert_eq!(of(&never), [Decimal::ZERO; 3]);
    }

    proptest! {
        /// Invariant I4: the parts add up to the change, to the cent.
        #[test]
        fn the_parts_add_up(one in (1i64..500, 0i64..500, 0i64..100_000_000), other in (1i64..500, 0i64..500, 0i64..100_000_000)) {
            // Nothing is booked of what was not won.
            let of_totals = |(created, won, booked): (i64, i64, i64)| side(created, won, if won == 0 { 0 } else { booked });
            let (before, after) = (of_totals(one), of_totals(other));
            let parts = parts(&before, &after, 2).expect("something was created");
            prop_assert_eq!(of(&parts).into_iter().sum::<Decimal>(), after.booked - before.booked);
        }
    }
}
