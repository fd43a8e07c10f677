//! A metric beside the one that keeps it honest: when the first got better and the other worse by more than
//! chance explains, a sentence says so (features B9). Where that cannot be told, nothing is said.

use std::sync::Arc;

use attain_metrics::{Asker, Direction, Formula, Metric, Number, Period, Reach, Subject};
use attain_stats::amount::{geometric_mean, log_normal_mean, log_normal_ratio};
use attain_stats::decomposition::Noise;
use attain_stats::{Confidence, Interval, Proportion, newcombe, wilson};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::components::Held;
use crate::web::format::{figure_with_unit, shown};
use crate::web::problem::PageError;

/// Values of rows from which a typical one may be told (domain 7.2).
const VALUES_MIN: usize = 5;

/// The counter-metric of a component.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    pub(super) metric: Arc<Metric>,
    pub(super) number: Number,
    /// What is to be said of both.
    pub(super) sentence: Option<String>,
}

/// A metric in a period and in the one before.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) metric: &'a Metric,
    pub(super) before: &'a Number,
    pub(super) after: &'a Number,
}

impl Pair<'_> {
    /// Whether it got better; none where that cannot be told.
    fn is_better(&self) -> Option<bool> {
        let known = |number: &Number| number.value.filter(|_| shown(number, self.metric).drawn);
        let (before, after) = (known(self.before)?, known(self.after)?);
        match self.metric.direction {
            _ if before == after => None,
            Direction::Up => Some(after > before),
            Direction::Down => Some(after < before),
            Direction::Band | Direction::None => None,
        }
    }

    fn words(&self, currency: &str) -> String {
        let figure = |number: &Number| {
            number.value.map(|value| figure_with_unit(value, self.metric.unit, currency)).unwrap_or_default()
        };
        format!("{}, {} before", figure(self.after), figure(self.before))
    }
}

/// What is to be said of a metric and its counter-metric.
///
/// # Errors
/// When the facts cannot be read.
pub(super) async fn sentence(
    asker: &Asker,
    subject: &Subject,
    primary: Pair<'_>,
    counter: Pair<'_>,
    reach: &Reach,
) -> Result<Option<String>, PageError> {
    if primary.is_better() != Some(true) || counter.is_better() != Some(false) {
        return Ok(None);
    }
    let difference = difference(asker, subject, counter, reach).await?;
    let currency = &asker.company().currency;
    let words = || {
        format!(
            "{} got better ({}) while {} got worse beyond noise ({}).",
            primary.metric.label,
            primary.words(currency),
            counter.metric.label.to_lowercase(),
            counter.words(currency)
        )
    };
    Ok((Noise::of(difference) == Noise::BeyondNoise).then(words))
}

/// The 95 % interval of a change, where it has one: of shares, and of means of values of rows.
async fn difference(
    asker: &Asker,
    subject: &Subject,
    pair: Pair<'_>,
    reach: &Reach,
) -> Result<Option<Interval>, PageError> {
    let Pair { metric, before, after } = pair;
    if metric.is_share_of_trials() {
        let both = proportion(after).zip(proportion(before));
        let estimate = both.and_then(|(after, before)| newcombe(after, before, Confidence::NINETY_FIVE).ok());
        return Ok(estimate.map(|estimate| estimate.interval));
    }
    if !is_mean_of_rows(metric) {
        return Ok(None);
    }
    let before = values(asker, subject, metric, &before.period, reach).await?;
    let after = values(asker, subject, metric, &after.period, reach).await?;
    if before.len().min(after.len()) < VALUES_MIN {
        return Ok(None);
    }
    let ratio = log_normal_ratio(&before, &after, Confidence::NINETY_FIVE).ok();
    Ok(ratio.map(|ratio| Interval { low: ratio.interval.low.ln(), high: ratio.interval.high.ln() }))
}

/// The variance of an attainment: none at all of a full count, that of chance for shares and for typical values
/// of rows, unknown otherwise.
///
/// # Errors
/// When the facts cannot be read.
pub(super) async fn variance(
    asker: &Asker,
    subject: &Subject,
    held: &Held,
    reach: &Reach,
) -> Result<Option<f64>, PageError> {
    let (Some(metric), Some(number), Ok(_)) = (&held.metric, &held.number, &held.attainment) else {
        // What counts without a value, as just attained, does not vary.
        return Ok(Some(0.0));
    };
    let target = held.target.and_then(|target| target.value.to_f64()).unwrap_or_default();
    if metric.accumulates() {
        return Ok(Some(0.0));
    }
    let interval = if metric.is_share_of_trials() {
        number
            .numerator
            .zip(number.denominator)
            .and_then(|(above, below)| wilson(whole(above)?, whole(below)?))
    } else if metric.is_typical_of_rows() {
        let values = values(asker, subject, metric, &number.period, reach).await?;
        let typical = match metric.formula() {
            Formula::Median => geometric_mean(&values, Confidence::NINETY_FIVE),
            _ => log_normal_mean(&values, Confidence::NINETY_FIVE),
        };
        typical.ok().filter(|_| values.len() >= VALUES_MIN).map(|estimate| estimate.interval)
    } else {
        None
    };
    // Both directions divide by the target alone, so the spread of the attainment is that of the value.
    let spread =
        |interval: Interval| (interval.high - interval.low) / 2.0 / Confidence::NINETY_FIVE.z() / target;
    Ok(interval.map(|interval| spread(interval).powi(2)))
}

async fn values(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
    reach: &Reach,
) -> Result<Vec<f64>, PageError> {
    let observed = asker.observations(&metric.id, subject, &[], period, reach).await?;
    Ok(observed.iter().filter_map(|one| one.value.to_f64()).collect())
}

fn is_mean_of_rows(metric: &Metric) -> bool {
    metric.is_typical_of_rows() && metric.formula() != Formula::Median
}

fn proportion(number: &Number) -> Option<Proportion> {
    Proportion::new(whole(number.numerator?)?, whole(number.denominator?)?)
}

fn whole(count: Decimal) -> Option<u64> {
    count.to_u64()
}
