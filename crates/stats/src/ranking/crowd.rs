//! Ranks among very many. How many of hundreds are ahead at a place is a sum of so many chances that it is
//! normal but for its skewness (the refined normal approximation of the Poisson binomial, Volkova 1996); its
//! three sums are found once at places that all share, and a subject's own part is taken off again.

use super::places::below;
use super::ranks::Ranks;
use super::{Better, Posterior};
use crate::distribution::normal;
use crate::probability::Probability;

/// How many places there are about.
const PLACES: usize = 1000;
/// How many equally probable quantiles of each are looked at to choose them.
const QUANTILES: usize = 16;
/// Parts of a subject that weigh less are passed over.
const NEGLIGIBLE: f64 = 1e-12;
/// Beyond so many deviations nothing is left to chance.
const CERTAIN: f64 = 8.0;

/// The ranks of each, in the order they came.
pub(super) fn ranks(peers: &[Posterior], better: Better) -> Vec<Ranks> {
    let places = places(peers);
    let mut ahead = vec![Sums::default(); places.len()];
    let each: Vec<Vec<f64>> = peers.iter().map(|posterior| below(&places, posterior)).collect();
    for below in &each {
        for (sums, below) in ahead.iter_mut().zip(below) {
            *sums = sums.with(better.ahead(*below), 1.0);
        }
    }
    each.iter()
        .map(|below| Crowd { parts: parts(below, &ahead, better), people: peers.len() }.ranks())
        .collect()
}

/// Places in rising order, where many people are more of them.
fn places(peers: &[Posterior]) -> Vec<f64> {
    let level = |number: usize| (number as f64 + 0.5) / QUANTILES as f64;
    let of = |posterior: &Posterior| {
        let mut at = posterior.mean();
        let quantile = |number: usize| {
            at = posterior.quantile_from(level(number), at);
            at
        };
        (0..QUANTILES).map(quantile).collect::<Vec<f64>>()
    };
    let mut all: Vec<f64> = peers.iter().flat_map(of).collect();
    all.sort_by(f64::total_cmp);
    let apart = all.len().div_ceil(PLACES);
    let mut places: Vec<f64> = all.iter().step_by(apart.max(1)).chain(all.last()).copied().collect();
    places.dedup();
    places
}

/// The cumulants of a number of people of whom each is ahead with some probability.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    mean: f64,
    variance: f64,
    third: f64,
}

impl Sums {
    /// With somebody more, or fewer where `times` is negative.
    fn with(self, ahead: f64, times: f64) -> Sums {
        let variance = ahead * (1.0 - ahead);
        Sums {
            mean: self.mean + times * ahead,
            variance: self.variance + times * variance,
            third: self.third + times * variance * (1.0 - 2.0 * ahead),
        }
    }

    fn between(self, other: Sums) -> Sums {
        let middle = |one: f64, other: f64| (one + other) / 2.0;
        Sums {
            mean: middle(self.mean, other.mean),
            variance: middle(self.variance, other.variance),
            third: middle(self.third, other.third),
        }
    }
}

/// A part of a subject between two places, with how many of the others are ahead of it.
struct Part {
    weight: f64,
    mean: f64,
    deviation: f64,
    skewness: f64,
}

/// The parts of a subject, from the probabilities below each place.
fn parts(below: &[f64], ahead: &[Sums], better: Better) -> Vec<Part> {
    let part = |weight: f64, below: f64, ahead: Sums| {
        let others = ahead.with(better.ahead(below), -1.0);
        let deviation = others.variance.max(0.0).sqrt().max(f64::EPSILON.sqrt());
        let skewness = others.third / deviation.powi(3);
        Part {
            weight,
            mean: others.mean,
            deviation,
            skewness: if skewness.abs() < 1.0 { skewness } else { 0.0 },
        }
    };
    let inside = below.windows(2).zip(ahead.windows(2)).filter_map(|(below, ahead)| {
        let weight = below[1] - below[0];
        let middle = f64::midpoint(below[0], below[1]);
        (weight > NEGLIGIBLE).then(|| part(weight, middle, ahead[0].between(ahead[1])))
    });
    let ends = [(below.first(), ahead.first(), 0.0), (below.last(), ahead.last(), 1.0)];
    let outside = ends.into_iter().filter_map(|(below, ahead, end)| {
        let (below, ahead) = (*below?, *ahead?);
        let weight = (below - end).abs();
        (weight > NEGLIGIBLE).then(|| part(weight, below, ahead))
    });
    inside.chain(outside).collect()
}

/// A subject among so many people.
struct Crowd {
    parts: Vec<Part>,
    people: usize,
}

impl Crowd {
    fn ranks(&self) -> Ranks {
        Ranks {
            better_half: Probability::computed(self.at_most(self.people / 2)),
            worse_half: Probability::computed(1.0 - self.at_most(self.people.div_ceil(2))),
            range: (self.quantile(0.05), self.quantile(0.95)),
        }
    }

    /// The probability of a rank or a better one: of fewer others ahead than that.
    fn at_most(&self, rank: usize) -> f64 {
        self.parts.iter().map(|part| part.weight * part.fewer_than(rank as f64)).sum()
    }

    /// The first rank at which the probability of it or a better one reaches a level.
    fn quantile(&self, level: f64) -> usize {
        let (mut low, mut high) = (1, self.people);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.at_most(middle) >= level { high = middle } else { low = middle + 1 }
        }
        low
    }
}

impl Part {
    /// The probability that fewer others than these are ahead.
    fn fewer_than(&self, count: f64) -> f64 {
        let at = (count - 0.5 - self.mean) / self.deviation;
        if at.abs() > CERTAIN {
            return if at > 0.0 { 1.0 } else { 0.0 };
        }
        let refined = normal::cdf(at) + self.skewness * (1.0 - at * at) * normal::density(at) / 6.0;
        refined.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rank_distributions;
    use super::*;
    use crate::chance::SplitMix64;

    #[test]
    fn among_many_the_approximation_says_what_is_exact() {
        let mut chance = SplitMix64::new(5);
        let mut shares = || {
            let trials = 20.0 + 180.0 * chance.uniform();
            let share = 0.1 + 0.3 * chance.uniform();
            Posterior::beta(1.0 + trials * share, 1.0 + trials * (1.0 - share)).expect("shapes")
        };
        let peers: Vec<Posterior> = (0..150).map(|_| shares()).collect();
        for better in [Better::Higher, Better::Lower] {
            let exact = rank_distributions(&peers, better);
            for (got, exact) in ranks(&peers, better).iter().zip(exact.iter().map(|ranks| ranks.said())) {
                assert!(
                    (got.better_half.value() - exact.better_half.value()).abs() < 2e-3,
                    "{got:?} {exact:?}"
                );
                assert!(
                    (got.worse_half.value() - exact.worse_half.value()).abs() < 2e-3,
                    "{got:?} {exact:?}"
                );
                let apart = |one: usize, other: usize| one.abs_diff(other);
                assert!(apart(got.range.0, exact.range.0) <= 1, "{got:?} {exact:?}");
                assert!(apart(got.range.1, exact.range.1) <= 1, "{got:?} {exact:?}");
            }
        }
    }

    #[test]
    fn equals_and_people_far_apart_are_ranked_among_many() {
        let normal = |mean: f64| Posterior::normal(mean, 1.0).expect("a variance");
        let alike = ranks(&vec![normal(3.0); 700], Better::Higher);
        assert!(alike.iter().all(|ranks| (ranks.better_half.value() - 0.5).abs() < 0.01), "{:?}", alike[0]);
        let apart: Vec<Posterior> = (0..700).map(|number| normal(100.0 * f64::from(number))).collect();
        for (number, got) in ranks(&apart, Better::Lower).iter().enumerate() {
            assert!(
                got.range.0.abs_diff(number + 1) <= 2 && got.range.1.abs_diff(number + 1) <= 2,
                "{number}: {got:?}"
            );
        }
    }
}
