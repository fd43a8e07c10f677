//! Peers held against each other: intervals, shrinkage and what may be said of each (domain 7.5–7.10).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use attain_metrics::{Asker, Dimension, Formula, Grain, Metric, Period, Question, RateMode, Reach, Subject};
use attain_stats::amount::geometric_mean;
use attain_stats::count::{Count, Dispersion};
use attain_stats::minimum::{Basis, Sufficiency};
use attain_stats::order::median;
use attain_stats::ranking::{Better, Verdict};
use attain_stats::shrinkage::NotShrunk;
use attain_stats::standing::{Standing, Standings, of_means, of_proportions, of_rates};
use attain_stats::{Confidence, Estimate, Interval, Proportion, Undefined};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::measure::Measure;
use super::peers::{LeftOut, Peer, PeerSet};
use crate::web::problem::PageError;

const LEVEL: Confidence = Confidence::NINETY_FIVE;

/// A peer set after comparison.
pub(super) struct Comparison {
    pub(super) peers: PeerSet,
    pub(super) measure: Measure,
    held: Arc<Held>,
}

/// What was found; the same whoever's people are looked at.
struct Held {
    /// Of each peer, in their order.
    found: Vec<Found>,
    together: Result<Together, NotShrunk>,
}

/// What all of them say together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Together {
    /// Those who were compared.
    pub(super) compared: usize,
    pub(super) no_detectable_difference: bool,
    /// What all have in common.
    pub(super) centre: f64,
    /// How much more than by chance counts vary from week to week, where they do.
    pub(super) dispersion: Option<f64>,
}

/// What was found of one of them.
pub(super) struct Found {
    /// What is compared: the share, the events per working day, the typical amount.
    pub(super) compared: Option<f64>,
    /// Where it lies, 95 % sure.
    pub(super) interval: Option<Interval>,
    /// On how much it rests: trials, working days, amounts.
    pub(super) rests_on: f64,
    pub(super) standing: Result<Standing, NotCompared>,
    /// The same drawn towards what all have in common.
    pub(super) shrunken: Option<Estimate>,
}

impl Found {
    /// What may be said.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.standing.as_ref().ok().map(Standing::verdict)
    }
}

/// Why nothing is said of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotCompared {
    LeftOut(LeftOut),
    /// On too little.
    TooFew,
    /// One of their values is zero or less, which has no logarithm.
    NotPositive,
    /// Nobody is compared, for a reason that is everybody's.
    Nobody,
}

impl Comparison {
    /// What was found of each peer, in their order.
    pub(super) fn found(&self) -> &[Found] {
        &self.held.found
    }

    /// Whether peers differ more than chance would make them, or why nobody can be compared.
    pub(super) fn together(&self) -> &Result<Together, NotShrunk> {
        &self.held.together
    }

    /// The subject's people whom somebody may open, each with what was found.
    pub(super) fn shown<'c>(&'c self, reach: &'c Reach) -> impl Iterator<Item = (&'c Peer, &'c Found)> {
        let all = self.peers.peers.iter().zip(&self.held.found);
        all.filter(|(peer, _)| {
            self.peers.is_of_subject(peer) && reach.opens(&Subject::Rep(peer.member.id.clone()))
        })
    }

    /// How many of them are clearly above, cannot be told apart, and are clearly below.
    pub(super) fn said(&self, reach: &Reach) -> [usize; 3] {
        let own = || self.shown(reach);
        [Verdict::ClearlyAbove, Verdict::CannotBeToldApart, Verdict::ClearlyBelow]
            .map(|verdict| own().filter(|(_, found)| found.verdict() == Some(verdict)).count())
    }
}

/// What one peer is compared by.
enum Value {
    Share(Proportion),
    /// As many as say something (see [`Values::dispersion`]), and how many there were.
    Rate(Count, f64),
    /// Values, with their logarithms.
    Amounts(Vec<f64>, Vec<f64>),
}

impl Value {
    /// Whether it rests on enough to be compared (domain 7.2).
    fn is_enough(&self) -> bool {
        let sufficiency = match self {
            Value::Share(share) => Basis::Trials.suffices(share.trials() as f64),
            Value::Rate(count, _) => Basis::WorkingDays.suffices(count.exposure()),
            Value::Amounts(values, _) => Basis::Amounts.suffices(values.len() as f64),
        };
        sufficiency == Sufficiency::Compared
    }
}

/// What all peers are compared by.
struct Values {
    each: Vec<Result<Value, NotCompared>>,
    /// Variance over mean of weekly counts, where that is more than chance (domain 7.4). Each event then
    /// says as much less: counts are divided by it, so that intervals are as much wider.
    dispersion: Option<f64>,
}

/// Holds peers against each other by a metric. It is the same for everybody who looks, and kept for as long as
/// the facts are.
///
/// # Errors
/// When the facts cannot be read.
pub(super) async fn against_each_other(
    asker: &Asker,
    peers: PeerSet,
    (metric, measure, better): (&Metric, Measure, Better),
    period: &Period,
) -> Result<Comparison, PageError> {
    let name = format!("{} version {}, {}, {}", metric.id, metric.version, period.key(), peers.role);
    let held = asker.once(&name, held(asker, &peers, (metric, measure, better), period)).await?;
    Ok(Comparison { peers, measure, held })
}

async fn held(
    asker: &Asker,
    peers: &PeerSet,
    (metric, measure, better): (&Metric, Measure, Better),
    period: &Period,
) -> Result<Held, PageError> {
    let Values { each: values, dispersion } = values(asker, peers, metric, measure, period).await?;
    let comparable: Vec<&Value> = peers
        .peers
        .iter()
        .zip(&values)
        .filter(|(peer, _)| peer.left_out.is_none())
        .filter_map(|(_, value)| value.as_ref().ok().filter(|value| value.is_enough()))
        .collect();
    let standings = standings(measure, &comparable, better);
    let scale = Scale { measure, times: dispersion.unwrap_or(1.0) };
    let together = standings.as_ref().map_err(|why| *why).map(|(stands, prior)| Together {
        compared: stands.iter().filter(|stands| stands.is_ok()).count(),
        no_detectable_difference: prior.no_detectable_difference,
        centre: scale.shown(prior.centre),
        dispersion,
    });
    let mut stands = standings.map(|(stands, _)| stands).unwrap_or_default().into_iter();
    let found = peers.peers.iter().zip(&values).map(|(peer, value)| {
        let standing = match (peer.left_out, value) {
            (_, Ok(value)) if !value.is_enough() => Err(NotCompared::TooFew),
            (Some(left_out), _) => Err(NotCompared::LeftOut(left_out)),
            (None, Err(why)) => Err(*why),
            (None, Ok(_)) if together.is_err() => Err(NotCompared::Nobody),
            (None, Ok(_)) => stands.next().and_then(Result::ok).ok_or(NotCompared::TooFew),
        };
        scale.found(value.as_ref().ok(), standing)
    });
    let found = found.collect();
    Ok(Held { found, together })
}

/// What there is to compare of each peer.
async fn values(
    asker: &Asker,
    peers: &PeerSet,
    metric: &Metric,
    measure: Measure,
    period: &Period,
) -> Result<Values, PageError> {
    match measure {
        Measure::Share => Ok(Values { each: peers.peers.iter().map(share).collect(), dispersion: None }),
        Measure::Rate => {
            let dispersion = dispersion(asker, peers, metric, period).await?;
            let each = peers.peers.iter().map(|peer| rate(peer, dispersion.unwrap_or(1.0))).collect();
            Ok(Values { each, dispersion })
        }
        Measure::Amount => {
            Ok(Values { each: amounts(asker, peers, metric, period).await?, dispersion: None })
        }
    }
}

fn share(peer: &Peer) -> Result<Value, NotCompared> {
    let (above, below) = (peer.number.numerator, peer.number.denominator);
    let share = above.zip(below).and_then(|(above, below)| Proportion::new(above.to_u64()?, below.to_u64()?));
    share.map(Value::Share).ok_or(NotCompared::TooFew)
}

fn rate(peer: &Peer, dispersion: f64) -> Result<Value, NotCompared> {
    let events = peer.number.numerator.or(peer.number.value).and_then(|events| events.to_f64());
    let days = peer.days.and_then(|days| days.to_f64());
    let count = events.zip(days).and_then(|(events, days)| {
        Count::new(Decimal::from_f64((events / dispersion).round())?.to_u64()?, days)
    });
    count.zip(events).map(|(count, events)| Value::Rate(count, events)).ok_or(NotCompared::TooFew)
}

async fn amounts(
    asker: &Asker,
    peers: &PeerSet,
    metric: &Metric,
    period: &Period,
) -> Result<Vec<Result<Value, NotCompared>>, PageError> {
    let by = [Dimension::Rep];
    let all = asker.observations(&metric.id, &Subject::Company, &by, period, &Reach::Everything).await?;
    let mut of_person: HashMap<String, Vec<f64>> = HashMap::new();
    for observation in all {
        if let (Some(Some(person)), Some(value)) = (observation.members.first(), observation.value.to_f64()) {
            of_person.entry(person.clone()).or_default().push(value);
        }
    }
    let amounts = |peer: &Peer| {
        let values = of_person.remove(&peer.member.id).unwrap_or_default();
        if values.iter().any(|value| *value <= 0.0) {
            return Err(NotCompared::NotPositive);
        }
        let logarithms = values.iter().map(|value| value.ln()).collect();
        Ok(Value::Amounts(values, logarithms))
    };
    Ok(peers.peers.iter().map(amounts).collect())
}

/// How much more than by chance the peers' counts vary from week to week: the middle one of their own
/// ratios of variance to mean, where that is over the limit.
async fn dispersion(
    asker: &Asker,
    peers: &PeerSet,
    metric: &Metric,
    period: &Period,
) -> Result<Option<f64>, PageError> {
    let (Some(from), Some(to)) = (period.from, period.to) else { return Ok(None) };
    let counted = match metric.formula() {
        Formula::Ratio(events, _) => events.id.clone(),
        _ => metric.id.clone(),
    };
    let known_to = asker.as_of().date;
    let weeks: Vec<Period> = asker
        .calendar()
        .touching(from, to, Grain::Week)
        .into_iter()
        .filter(|week| week.from.is_some_and(|first| first >= from) && week.to.is_some_and(|end| end <= to))
        .filter(|week| week.last_day().is_some_and(|last| last <= known_to))
        .collect();
    if weeks.len() < 2 {
        return Ok(None);
    }
    let question = Question {
        metrics: vec![counted],
        subject: Subject::Company,
        by: vec![Dimension::Rep],
        periods: weeks.clone(),
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let compared: HashSet<&str> = peers
        .peers
        .iter()
        .filter(|peer| peer.left_out.is_none())
        .map(|peer| peer.member.id.as_str())
        .collect();
    let ratios: Vec<f64> = answer
        .numbers
        .chunks(weeks.len())
        .filter(|numbers| {
            let member = numbers.first().and_then(|number| number.members.first().cloned().flatten());
            member.is_some_and(|member| compared.contains(member.id.as_str()))
        })
        .filter_map(|numbers| {
            let counts: Vec<u64> =
                numbers.iter().filter_map(|number| number.value.and_then(|value| value.to_u64())).collect();
            Dispersion::of(&counts).ok().map(Dispersion::ratio)
        })
        .collect();
    let middle = median(&ratios).ok();
    Ok(middle.filter(|ratio| Dispersion::is_over_limit(*ratio)))
}

/// What all peers were drawn towards.
struct Prior {
    no_detectable_difference: bool,
    centre: f64,
}

type Stands = (Vec<Result<Standing, Undefined>>, Prior);

fn standings(measure: Measure, values: &[&Value], better: Better) -> Result<Stands, NotShrunk> {
    let values = values.iter();
    match measure {
        Measure::Share => {
            let shares = values.filter_map(|value| match value {
                Value::Share(share) => Some(*share),
                _ => None,
            });
            let found = of_proportions(&shares.collect::<Vec<Proportion>>(), better, LEVEL)?;
            let centre = found.prior.pooled;
            Ok(plain(found, centre))
        }
        Measure::Rate => {
            let counts = values.filter_map(|value| match value {
                Value::Rate(count, _) => Some(*count),
                _ => None,
            });
            let found = of_rates(&counts.collect::<Vec<Count>>(), better, LEVEL)?;
            let centre = found.prior.pooled;
            Ok(plain(found, centre))
        }
        Measure::Amount => {
            let amounts = values.filter_map(|value| match value {
                Value::Amounts(_, logarithms) => Some(logarithms.as_slice()),
                _ => None,
            });
            let found = of_means(&amounts.collect::<Vec<&[f64]>>(), better, LEVEL)?;
            let centre = found.prior.mean;
            Ok(plain(found, centre))
        }
    }
}

fn plain<P>(standings: Standings<P>, centre: f64) -> Stands {
    (standings.subjects, Prior { no_detectable_difference: standings.no_detectable_difference, centre })
}

/// How what was computed is shown: amounts not as logarithms, counts as many as they were.
struct Scale {
    measure: Measure,
    times: f64,
}

impl Scale {
    fn shown(&self, value: f64) -> f64 {
        match self.measure {
            Measure::Share => value,
            Measure::Rate => value * self.times,
            Measure::Amount => value.exp(),
        }
    }

    fn estimate(&self, estimate: Estimate) -> Estimate {
        let Interval { low, high } = estimate.interval;
        Estimate {
            value: self.shown(estimate.value),
            interval: Interval { low: self.shown(low), high: self.shown(high) },
        }
    }

    fn found(&self, value: Option<&Value>, standing: Result<Standing, NotCompared>) -> Found {
        let shrunken = standing.as_ref().ok().map(|standing| self.estimate(standing.shrunken.estimate));
        let (estimate, rests_on) = match value {
            None => (None, 0.0),
            Some(Value::Share(share)) => {
                let estimate = share.share().ok().zip(share.wilson(LEVEL).ok());
                (estimate.map(|(value, interval)| Estimate { value, interval }), share.trials() as f64)
            }
            Some(Value::Rate(count, events)) => {
                // The value is that of all there were; only what may be concluded rests on fewer.
                let interval = count.rate(LEVEL).ok().map(|estimate| self.estimate(estimate).interval);
                let estimate =
                    interval.map(|interval| Estimate { value: events / count.exposure(), interval });
                (estimate, count.exposure())
            }
            Some(Value::Amounts(values, _)) => (geometric_mean(values, LEVEL).ok(), values.len() as f64),
        };
        Found {
            compared: estimate.map(|estimate| estimate.value),
            interval: estimate.map(|estimate| estimate.interval),
            rests_on,
            standing,
            shrunken,
        }
    }
}
