//! What each of a peer set achieved, and what was to be expected: everybody's rate in circumstances of the
//! same kind, over the same window.

use std::collections::HashMap;
use std::sync::Arc;

use attain_metrics::{Asker, Dimension, Member, Number, Period, Question, RateMode, Reach, Subject};
use attain_stats::bootstrap::{Resampling, bootstrap_ratio};
use attain_stats::expectation::{
    Reference, Stratum, Worth, chance_of_amount, observed_over_expected, reference_rates,
};
use attain_stats::minimum::{Basis, Sufficiency};
use attain_stats::multiplicity::benjamini_hochberg;
use attain_stats::ranking::Verdict;
use attain_stats::{Confidence, Estimate, Probability, Proportion, Undefined};
use rust_decimal::prelude::ToPrimitive;

use super::policy::Circumstances;
use crate::comparison::{LeftOut, PeerSet, peers_by};
use crate::web::problem::PageError;

/// What is adjusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Bookings: what was won is worth something.
    #[default]
    Bookings,
    /// Deals won of those decided.
    Wins,
}

impl Outcome {
    pub(super) const ALL: [Outcome; 2] = [Outcome::Bookings, Outcome::Wins];

    /// The metric it is.
    pub(super) fn metric(self) -> &'static str {
        match self {
            Outcome::Bookings => "bookings",
            Outcome::Wins => "deals_won",
        }
    }

    /// The one of a metric; bookings unless one is named.
    pub(super) fn named(metric: Option<&str>) -> Result<Outcome, PageError> {
        match metric.filter(|name| !name.is_empty()) {
            None => Ok(Outcome::default()),
            Some(name) => {
                Outcome::ALL.into_iter().find(|one| one.metric() == name).ok_or_else(|| PageError::Invalid {
                    field: "metric".into(),
                    message: format!("nothing is expected of `{name}`; write bookings or deals_won"),
                })
            }
        }
    }
}

/// A peer set held against what was to be expected of each.
pub(super) struct Expectations {
    pub(super) role: String,
    pub(super) roles: std::collections::BTreeMap<String, usize>,
    pub(super) people: Vec<Expected>,
    /// Peers whose deals the expectations are made of.
    pub(super) peers: usize,
    /// How many kinds of circumstances there are, and of how many the rate is a wider kind's.
    pub(super) strata: usize,
    pub(super) backed_off: usize,
}

/// What was found; the same whoever's people are looked at.
struct Held {
    each: HashMap<String, (f64, u64, Result<Found, NotExpected>)>,
    peers: usize,
    strata: usize,
    backed_off: usize,
}

/// One of them.
pub(super) struct Expected {
    pub(super) member: Arc<Member>,
    pub(super) is_of_subject: bool,
    /// What was achieved, and of how many deals.
    pub(super) observed: f64,
    pub(super) decided: u64,
    pub(super) found: Result<Found, NotExpected>,
}

/// What was to be expected and how far off it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) expected: f64,
    /// Observed over expected with its 95 % interval.
    pub(super) ratio: Estimate,
    /// What the result would be in everybody's circumstances.
    pub(super) adjusted: f64,
    pub(super) p_value: Probability,
    pub(super) q_value: Probability,
}

impl Found {
    /// Whether the result is another than was to be expected: the interval leaves out 1, and of all that
    /// is said at most one in ten is false (domain 7.9, 7.10).
    pub(super) fn verdict(&self) -> Verdict {
        if self.q_value.value() > FALSE_SHARE || self.ratio.interval.contains(1.0) {
            Verdict::CannotBeToldApart
        } else if self.ratio.value > 1.0 {
            Verdict::ClearlyAbove
        } else {
            Verdict::ClearlyBelow
        }
    }
}

const FALSE_SHARE: f64 = 0.10;

/// Why nothing is said of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotExpected {
    LeftOut(LeftOut),
    TooFew,
}

/// Deals alike: which circumstances they were decided under.
type Kind = Vec<Option<String>>;

/// What somebody did with deals of one kind.
#[derive(Clone, Debug, Default)]
struct Done {
    won: u64,
    decided: u64,
    amounts: Vec<f64>,
}

/// Holds the people of a role against what was to be expected of them.
///
/// # Errors
/// When nobody below the subject has the role named, or the facts cannot be read.
pub(super) async fn of(
    asker: &Asker,
    subject: &Subject,
    outcome: Outcome,
    circumstances: &Circumstances,
    period: &Period,
    role: Option<&str>,
) -> Result<Expectations, PageError> {
    let set = peers_by(asker, subject, "win_rate_count", period, role).await?;
    let name = format!("{} by {}, {}, {}", outcome.metric(), circumstances.words(), period.key(), set.role);
    let held = asker.once(&name, held(asker, &set, outcome, circumstances, period)).await?;
    let people = set.peers.iter().map(|peer| {
        let unknown = (0.0, 0, Err(NotExpected::TooFew));
        let (observed, decided, found) = held.each.get(&peer.member.id).copied().unwrap_or(unknown);
        let member = Arc::clone(&peer.member);
        Expected { is_of_subject: set.is_of_subject(peer), member, observed, decided, found }
    });
    let people = people.collect();
    Ok(Expectations {
        people,
        role: set.role,
        roles: set.roles,
        peers: held.peers,
        strata: held.strata,
        backed_off: held.backed_off,
    })
}

/// Holds every peer against what was to be expected.
async fn held(
    asker: &Asker,
    set: &PeerSet,
    outcome: Outcome,
    circumstances: &Circumstances,
    period: &Period,
) -> Result<Held, PageError> {
    let mut done = done(asker, circumstances, period).await?;
    let mut of_peer = |id: &str| done.remove(id).unwrap_or_default();
    let each: Vec<HashMap<Kind, Done>> = set.peers.iter().map(|peer| of_peer(&peer.member.id)).collect();
    let comparable =
        set.peers.iter().zip(&each).filter(|(peer, _)| peer.left_out.is_none()).map(|(_, done)| done);
    let references = References::of(comparable);
    let overall = references.overall(outcome);
    let mut found: Vec<Result<Found, NotExpected>> = set
        .peers
        .iter()
        .zip(&each)
        .map(|(peer, done)| {
            // Of fewer, an expectation would tell what one of them did (domain 15.3).
            if references.peers < PEERS_MIN {
                return Err(NotExpected::TooFew);
            }
            // Too little is said first: it would not be enough of anybody.
            let found = expected(done, outcome, &references, overall).map_err(|_| NotExpected::TooFew)?;
            peer.left_out.map_or(Ok(found), |left_out| Err(NotExpected::LeftOut(left_out)))
        })
        .collect();
    let p_values: Vec<Probability> = found.iter().flatten().map(|found| found.p_value).collect();
    for (found, q_value) in found.iter_mut().flatten().zip(benjamini_hochberg(&p_values)) {
        found.q_value = q_value;
    }
    let each = set.peers.iter().zip(&each).zip(found).map(|((peer, done), found)| {
        let decided = done.values().map(|done| done.decided).sum();
        (peer.member.id.clone(), (observed(done, outcome), decided, found))
    });
    Ok(Held {
        each: each.collect(),
        peers: references.peers,
        strata: references.of_kind.len(),
        backed_off: references.backed_off,
    })
}

/// Comparable peers from whom anything may be expected.
const PEERS_MIN: usize = 5;

fn observed(done: &HashMap<Kind, Done>, outcome: Outcome) -> f64 {
    match outcome {
        Outcome::Wins => done.values().map(|done| done.won as f64).sum(),
        Outcome::Bookings => sum(done.values().flat_map(|done| &done.amounts)),
    }
}

/// A sum that does not depend on the order in which a map hands its values out.
fn sum<'v>(values: impl Iterator<Item = &'v f64>) -> f64 {
    let mut sorted: Vec<f64> = values.copied().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.into_iter().sum()
}

fn expected(
    done: &HashMap<Kind, Done>,
    outcome: Outcome,
    references: &References,
    overall: f64,
) -> Result<Found, Undefined> {
    let mut kinds: Vec<(&Kind, &Done)> = done.iter().collect();
    kinds.sort_by_key(|(kind, _)| *kind);
    match outcome {
        Outcome::Wins => {
            let strata = strata(&kinds, references)?;
            let won = kinds.iter().map(|(_, done)| done.won).sum();
            let found = observed_over_expected(won, &strata, Confidence::NINETY_FIVE)?;
            let adjusted = (found.ratio.value * overall).clamp(0.0, 1.0);
            Ok(Found {
                expected: found.expected,
                ratio: found.ratio,
                adjusted,
                p_value: found.p_value,
                q_value: found.p_value,
            })
        }
        Outcome::Bookings => {
            // Resampled deals say nothing where hardly any was won: five wins must be expected first (7.9).
            let strata = strata(&kinds, references)?;
            let won = kinds.iter().map(|(_, done)| done.won).sum();
            observed_over_expected(won, &strata, Confidence::NINETY_FIVE)?;
            let p_value = chance(&kinds, references)?;
            let mut deals: Vec<(f64, f64)> = Vec::new();
            for (kind, done) in kinds {
                let worth = references.worth(kind).ok_or(Undefined::ZeroDenominator)?;
                // A deal won without an amount is left out of both sides.
                let lost = done.decided.saturating_sub(done.won);
                deals.extend(done.amounts.iter().map(|amount| (*amount, worth)));
                deals.extend((0..lost).map(|_| (0.0, worth)));
            }
            if Basis::Amounts.suffices(deals.len() as f64) != Sufficiency::Compared {
                return Err(Undefined::TooFew);
            }
            let ratio = bootstrap_ratio(&deals, Resampling::default(), Confidence::NINETY_FIVE)?;
            let expected = deals.iter().map(|(_, worth)| worth).sum();
            Ok(Found { expected, ratio, adjusted: ratio.value * overall, p_value, q_value: p_value })
        }
    }
}

/// Deals decided of each kind, with the share of them that anybody wins.
fn strata(kinds: &[(&Kind, &Done)], references: &References) -> Result<Vec<Stratum>, Undefined> {
    let stratum = |(kind, done): &(&Kind, &Done)| {
        let reference = references.rate(kind).ok_or(Undefined::ZeroDenominator)?;
        Ok(Stratum { decided: done.decided, reference })
    };
    kinds.iter().map(stratum).collect()
}

/// How often anybody with the same deals would be as far from what was to be expected. What was won without
/// an amount is left out, as it is of both sides of the ratio.
fn chance(kinds: &[(&Kind, &Done)], references: &References) -> Result<Probability, Undefined> {
    let observed = sum(kinds.iter().flat_map(|(_, done)| &done.amounts));
    let worth = |(kind, done): &(&Kind, &Done)| {
        let reference = references.of_kind.get(*kind).ok_or(Undefined::ZeroDenominator)?;
        let known = done.decided.saturating_sub(done.won) + done.amounts.len() as u64;
        Ok(Worth { decided: known, reference: reference.rate, amounts: &reference.amounts })
    };
    let worths = kinds.iter().map(worth).collect::<Result<Vec<Worth<'_>>, Undefined>>()?;
    chance_of_amount(observed, &worths, Resampling::default())
}

/// What anybody achieves with deals of each kind.
struct References {
    of_kind: HashMap<Kind, KindReference>,
    peers: usize,
    backed_off: usize,
    /// The share of all deals that was won, and bookings by peer.
    win_rate: f64,
    bookings: f64,
}

struct KindReference {
    rate: Probability,
    /// Expected bookings of one deal decided.
    worth: f64,
    /// What those that were won are worth, in rising order.
    amounts: Vec<f64>,
}

impl References {
    fn of<'d>(peers: impl Iterator<Item = &'d HashMap<Kind, Done>>) -> References {
        let mut together: std::collections::BTreeMap<Kind, Done> = std::collections::BTreeMap::new();
        let mut count = 0;
        for done in peers {
            count += 1;
            for (kind, done) in done {
                let all = together.entry(kind.clone()).or_default();
                all.won += done.won;
                all.decided += done.decided;
                all.amounts.extend(&done.amounts);
            }
        }
        let strata: Vec<(Kind, Proportion)> = together
            .iter()
            .filter_map(|(kind, done)| Some((kind.clone(), Proportion::new(done.won, done.decided)?)))
            .collect();
        let rates = reference_rates(&strata);
        let amounts = |kept: &[Option<String>]| {
            let alike = together.iter().filter(|(kind, _)| kind.starts_with(kept));
            let mut amounts: Vec<f64> = alike.flat_map(|(_, done)| done.amounts.iter().copied()).collect();
            amounts.sort_by(f64::total_cmp);
            amounts
        };
        let reference = |kind: &Kind, found: &Reference| {
            let amounts = amounts(&kind[..found.dimensions_kept]);
            let mean = amounts.iter().sum::<f64>() / amounts.len().max(1) as f64;
            KindReference { rate: found.rate, worth: found.rate.value() * mean, amounts }
        };
        let of_kind: HashMap<Kind, KindReference> = strata
            .iter()
            .zip(&rates)
            .filter_map(|((kind, _), found)| Some((kind.clone(), reference(kind, found.as_ref().ok()?))))
            .collect();
        let backed_off = strata
            .iter()
            .zip(&rates)
            .filter(|((kind, _), found)| found.as_ref().is_ok_and(|found| found.dimensions_kept < kind.len()))
            .count();
        let (won, decided) =
            together.values().fold((0, 0), |(won, decided), done| (won + done.won, decided + done.decided));
        References {
            of_kind,
            peers: count,
            backed_off,
            win_rate: won as f64 / (decided.max(1)) as f64,
            bookings: sum(together.values().flat_map(|done| &done.amounts)) / count.max(1) as f64,
        }
    }

    fn rate(&self, kind: &Kind) -> Option<Probability> {
        self.of_kind.get(kind).map(|reference| reference.rate)
    }

    fn worth(&self, kind: &Kind) -> Option<f64> {
        self.of_kind.get(kind).map(|reference| reference.worth)
    }

    /// What all achieve together: the win rate, or bookings by person.
    fn overall(&self, outcome: Outcome) -> f64 {
        match outcome {
            Outcome::Wins => self.win_rate,
            Outcome::Bookings => self.bookings,
        }
    }
}

/// What everybody did, by kind of deal.
async fn done(
    asker: &Asker,
    circumstances: &Circumstances,
    period: &Period,
) -> Result<HashMap<String, HashMap<Kind, Done>>, PageError> {
    let kinds = circumstances.each().iter().map(|one| Dimension::from_name(one.dimension()));
    let by: Vec<Dimension> = std::iter::once(Dimension::Rep).chain(kinds).collect();
    let question = Question {
        metrics: ["deals_won", "deals_decided"].map(str::to_owned).to_vec(),
        subject: Subject::Company,
        by: by.clone(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let mut done: HashMap<String, HashMap<Kind, Done>> = HashMap::new();
    let count = |number: &Number| number.value.and_then(|value| value.to_u64()).unwrap_or_default();
    for pair in answer.numbers.chunks(2) {
        let [won, decided] = pair else { continue };
        let mut members = won.members.iter().map(|member| member.as_ref().map(|member| member.id.clone()));
        let Some(Some(person)) = members.next() else { continue };
        let entry = done.entry(person).or_default().entry(members.collect()).or_default();
        entry.won += count(won);
        entry.decided += count(decided);
    }
    let all = asker.observations("bookings", &Subject::Company, &by, period, &Reach::Everything).await?;
    for observation in all {
        let mut members = observation.members.into_iter();
        let (Some(Some(person)), Some(value)) = (members.next(), observation.value.to_f64()) else {
            continue;
        };
        done.entry(person).or_default().entry(members.collect()).or_default().amounts.push(value);
    }
    Ok(done)
}
