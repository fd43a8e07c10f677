//! Whether a lever differs by more than chance (domain 8.6): from another time or from others, where chance is in
//! both sides, or from a plan, where it is in one's own alone.

use attain_stats::amount::{log_normal_mean, log_normal_ratio};
use attain_stats::count::{Count, ratio_of_ratios};
use attain_stats::decomposition::Noise;
use attain_stats::significance::rates_against_the_rest;
use attain_stats::{Confidence, Interval, Proportion, newcombe};
use rust_decimal::prelude::ToPrimitive;

use super::lever::{Chance, Lever};
use super::side::{Observed, Side};

/// Amounts from which a typical one may be told (domain 7.2).
const AMOUNTS_MIN: usize = 5;

/// Whether a lever, at its place in the chain, differs by more than chance; none where it cannot be held against it.
pub(super) fn noise(lever: Lever, place: usize, reference: &Side, subject: &Side) -> Option<Noise> {
    let own = subject.observed.as_ref()?;
    let difference = match (&reference.observed, lever.chance()) {
        (_, Chance::Unknown) => return None,
        (Some(other), Chance::Count) => return counts([reference, subject], place, [other.times, own.times]),
        (Some(_), Chance::RatioOfCounts) => conversions(reference, subject, place)?,
        (Some(_), Chance::Share) => shares(reference, subject, place)?,
        (Some(other), Chance::Amounts) => sizes(other, own)?,
        (None, Chance::Count) => count_from(planned(reference, place)?, subject, place)?,
        (None, Chance::RatioOfCounts) => conversion_from(planned(reference, place)?, subject, place)?,
        (None, Chance::Share) => share_from(planned(reference, place)?, subject, place)?,
        (None, Chance::Amounts) => size_from(planned(reference, place)?, own)?,
    };
    Some(Noise::of(Some(difference)))
}

/// Whether two counts differ by more than chance: the exact test of how all events are shared between them
/// (binomial, two-sided, 5 %); a mean of several rests on as many times what it says.
fn counts(sides: [&Side; 2], place: usize, times: [u64; 2]) -> Option<Noise> {
    let count = |at: usize| Count::new(sides[at].count(place)?, times[at] as f64);
    let p_value = rates_against_the_rest(&[count(0)?, count(1)?]).pop()?;
    Some(if p_value.value() <= 0.05 { Noise::BeyondNoise } else { Noise::WithinNoise })
}

/// The 95 % interval of how many times as large the later conversion is, as logarithm. What is won in a period
/// was mostly created before it, so that won and created are two counts, and neither a share of the other.
fn conversions(reference: &Side, subject: &Side, place: usize) -> Option<Interval> {
    let ratio = ratio_of_ratios(reference.counts(place)?, subject.counts(place)?, Confidence::NINETY_FIVE);
    Some(ratio.ok()?.interval.map(f64::ln))
}

/// The 95 % interval of the difference of two shares.
fn shares(reference: &Side, subject: &Side, place: usize) -> Option<Interval> {
    let estimate =
        newcombe(proportion(subject, place)?, proportion(reference, place)?, Confidence::NINETY_FIVE).ok()?;
    Some(estimate.interval)
}

/// That of two typical amounts, as logarithm too; none of fewer than
/// five, or where one is zero or less.
fn sizes(reference: &Observed, subject: &Observed) -> Option<Interval> {
    if reference.amounts.len().min(subject.amounts.len()) < AMOUNTS_MIN {
        return None;
    }
    // As many equal amounts as there are leave no chance to hold a difference against.
    let ratio = log_normal_ratio(&reference.amounts, &subject.amounts, Confidence::NINETY_FIVE).ok()?;
    Some(ratio.interval.map(f64::ln))
}

fn planned(plan: &Side, place: usize) -> Option<f64> {
    plan.factors().get(place).copied().flatten()?.to_f64()
}

/// How far a count is from a plan: its exact interval (Garwood), less what was planned.
fn count_from(planned: f64, subject: &Side, place: usize) -> Option<Interval> {
    let rate = Count::new(subject.count(place)?, 1.0)?.rate(Confidence::NINETY_FIVE).ok()?;
    Some(rate.interval.map(|bound| bound - planned))
}

/// That of a ratio of two counts: of all events of both, the share of those above the line (Wilson), less the share
/// the plan has.
fn conversion_from(planned: f64, subject: &Side, place: usize) -> Option<Interval> {
    let [above, below] = subject.counts(place)?;
    let share = Proportion::new(above, above.checked_add(below)?)?.wilson(Confidence::NINETY_FIVE).ok()?;
    Some(share.map(|bound| bound - planned / (1.0 + planned)))
}

/// That of a share (Wilson).
fn share_from(planned: f64, subject: &Side, place: usize) -> Option<Interval> {
    let share = proportion(subject, place)?.wilson(Confidence::NINETY_FIVE).ok()?;
    Some(share.map(|bound| bound - planned))
}

/// That of a typical amount, on the logarithmic scale.
fn size_from(planned: f64, subject: &Observed) -> Option<Interval> {
    if subject.amounts.len() < AMOUNTS_MIN || planned <= 0.0 {
        return None;
    }
    let mean = log_normal_mean(&subject.amounts, Confidence::NINETY_FIVE).ok()?;
    // Amounts that are all alike tell nothing of how far others may lie from them.
    let tells = mean.interval.low < mean.interval.high;
    tells.then(|| mean.interval.map(|bound| bound.ln() - planned.ln()))
}

fn proportion(side: &Side, place: usize) -> Option<Proportion> {
    let [among, all] = side.counts(place)?;
    Proportion::new(among, all)
}
