//! Ranks as distributions over a peer set (domain 7.8).

use std::ops::{Range, RangeInclusive};

use super::ahead::{Ahead, Counted};
use super::places::Places;
use super::{Better, Posterior, Tier, beats, crowd};
use crate::probability::Probability;

/// Places that weigh less than this for a subject are passed over.
const NEGLIGIBLE: f64 = 1e-13;

/// How probable each rank of one subject is; rank 1 is the best.
#[derive(Clone, Debug, PartialEq)]
pub struct RankDistribution {
    probabilities: Vec<f64>,
}

impl RankDistribution {
    /// Probabilities that are one together, of what comes near it.
    fn of(mut probabilities: Vec<f64>) -> RankDistribution {
        let all: f64 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|probability| *probability /= all);
        RankDistribution { probabilities }
    }

    /// The probability of each rank, from the first.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The probability of this rank or a better one.
    #[must_use]
    pub fn at_most(&self, rank: usize) -> Probability {
        Probability::computed(self.probabilities.iter().take(rank).sum())
    }

    /// The probability of a rank in the better half, `⌊k/2⌋` or better.
    #[must_use]
    pub fn better_than_median(&self) -> Probability {
        self.at_most(self.probabilities.len() / 2)
    }

    /// The probability of a rank in the worse half. Of an odd number the one in the middle is in neither.
    #[must_use]
    pub fn worse_than_median(&self) -> Probability {
        self.at_most(self.probabilities.len().div_ceil(2)).complement()
    }

    /// What is said of it.
    #[must_use]
    pub fn said(&self) -> Ranks {
        Ranks {
            better_half: self.better_than_median(),
            worse_half: self.worse_than_median(),
            range: (self.quantile(0.05), self.quantile(0.95)),
        }
    }

    fn quantile(&self, level: f64) -> usize {
        let mut below = 0.0;
        let reached = self.probabilities.iter().position(|probability| {
            below += probability;
            below >= level
        });
        reached.map_or(self.probabilities.len(), |place| place + 1)
    }
}

/// What is said of a rank distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranks {
    /// The probability of a rank in the better half, `⌊k/2⌋` or better.
    pub(super) better_half: Probability,
    /// The probability of a rank in the worse half. Of an odd number the one in the middle is in neither.
    pub(super) worse_half: Probability,
    /// Where 5 % and 95 % of the distribution are reached.
    pub(super) range: (usize, usize),
}

impl Ranks {
    /// The tier: what is clear or likely above by the better half, below by the worse one.
    #[must_use]
    pub fn tier(&self) -> Tier {
        match (Tier::of(self.better_half), Tier::of(self.worse_half.complement())) {
            (above @ (Tier::ClearlyAbove | Tier::LikelyAbove), _) => above,
            (_, below @ (Tier::ClearlyBelow | Tier::LikelyBelow)) => below,
            _ => Tier::NotDistinguishable,
        }
    }

    /// The ranks from 5 % to 95 % of the distribution, which is what is shown.
    #[must_use]
    pub fn range(&self) -> RangeInclusive<usize> {
        self.range.0..=self.range.1
    }
}

/// People up to whom ranks are computed exactly. Above, how many are ahead is taken for normal but for its
/// skewness, which then is off by less than a thousandth.
const EXACTLY: usize = 600;

/// What is said of the ranks of every subject of a peer set, in the order they came. Deterministic.
#[must_use]
pub fn ranks(peers: &[Posterior], better: Better) -> Vec<Ranks> {
    match peers.len() <= EXACTLY {
        true => rank_distributions(peers, better).iter().map(RankDistribution::said).collect(),
        false => crowd::ranks(peers, better),
    }
}

/// The rank distribution of every subject of a peer set, in the order they came: `P(rank_i ≤ K) = ∫ g_i(t)
/// P(PB_i(t) ≤ K − 1) dt` as by the midpoint rule on 2,000 quantiles of each (domain 7.8), on places that all
/// share and no further from the integral than that rule. Deterministic, on however many processors. Fifty
/// people take some hundredths of a second, five hundred some tenths (`examples/speed.rs`).
#[must_use]
pub fn rank_distributions(peers: &[Posterior], better: Better) -> Vec<RankDistribution> {
    let places = Places::of(peers);
    let half = places.count() / 2;
    let (mut ranks, upper) = std::thread::scope(|scope| {
        let upper = scope.spawn(|| ranks_over(&places, half..places.count(), better));
        let lower = ranks_over(&places, 0..half, better);
        (lower, upper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    for (rank, more) in ranks.iter_mut().flatten().zip(upper.iter().flatten()) {
        *rank += more;
    }
    ranks.into_iter().map(RankDistribution::of).collect()
}

/// What some of the places add to each subject's ranks.
fn ranks_over(places: &Places, some: Range<usize>, better: Better) -> Vec<Vec<f64>> {
    let subjects = places.subjects();
    let mut ranks = vec![vec![0.0; subjects]; subjects];
    let mut ahead = Ahead::default();
    for place in some {
        let probabilities = places.below(place).iter().map(|below| better.ahead(*below));
        ahead.count(probabilities.clone());
        let counted: Vec<Counted> = probabilities
            .zip(places.weights(place))
            .enumerate()
            .map(|(subject, (ahead, weight))| Counted { subject, ahead, weight })
            .filter(|counted| counted.weight > NEGLIGIBLE)
            .collect();
        ahead.add_without(&counted, &mut ranks);
    }
    ranks
}

/// The expected rank of one subject of a peer set, `1 + Σ P(j beats i)` (domain 7.8); none of somebody
/// who is not in it.
#[must_use]
pub fn expected_rank(peers: &[Posterior], subject: usize, better: Better) -> Option<f64> {
    let own = peers.get(subject)?;
    let others = peers.iter().enumerate().filter(|(other, _)| *other != subject);
    Some(1.0 + others.map(|(_, other)| beats(other, own, better).value()).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn betas(shapes: &[(f64, f64)]) -> Vec<Posterior> {
        shapes.iter().map(|(a, b)| Posterior::beta(*a, *b).expect("shapes")).collect()
    }

    /// domain_examples X7.13.
    #[test]
    fn ranks_agree_with_the_worked_example() {
        let peers = betas(&[(20.0, 30.0), (14.0, 26.0), (9.0, 31.0), (5.0, 5.0)]);
        let got = rank_distributions(&peers, Better::Higher);
        let first = [0.2233882952267, 0.09430426173665, 0.003622963254092, 0.6786636169613];
        let second = [0.7351587460192, 0.3970982251299, 0.02873966443373, 0.8390001652026];
        let expected = [2.063087877067, 2.600170956112, 3.81377009637, 1.52297107045];
        for (subject, ranks) in got.iter().enumerate() {
            assert!((ranks.at_most(1).value() - first[subject]).abs() < 1e-5, "{ranks:?}");
            assert!((ranks.better_than_median().value() - second[subject]).abs() < 1e-5, "{ranks:?}");
            let rank = expected_rank(&peers, subject, Better::Higher).expect("a peer");
            assert!((rank - expected[subject]).abs() < 1e-9, "{rank}");
        }
        assert_eq!(got[2].said().range(), 3..=4);
        assert_eq!(got[3].said().range(), 1..=3);
    }

    #[test]
    fn somebody_alone_is_first_and_nobody_has_no_rank() {
        assert!(rank_distributions(&[], Better::Higher).is_empty());
        let alone = rank_distributions(&betas(&[(3.0, 4.0)]), Better::Lower);
        assert_eq!(alone[0].said().range(), 1..=1);
    }

    #[test]
    fn whoever_is_in_the_middle_of_five_is_neither_above_nor_below() {
        let peers = betas(&[(90.0, 10.0), (70.0, 30.0), (50.0, 50.0), (30.0, 70.0), (10.0, 90.0)]);
        for better in [Better::Higher, Better::Lower] {
            let got: Vec<Tier> =
                rank_distributions(&peers, better).iter().map(|ranks| ranks.said().tier()).collect();
            assert_eq!(got[2], Tier::NotDistinguishable);
            let (first, last) = if better == Better::Higher { (0, 4) } else { (4, 0) };
            assert_eq!((got[first], got[last]), (Tier::ClearlyAbove, Tier::ClearlyBelow));
        }
    }

    #[test]
    fn equals_share_every_rank() {
        for ranks in rank_distributions(&betas(&[(8.0, 12.0); 6]), Better::Higher) {
            for probability in ranks.probabilities() {
                assert!((probability - 1.0 / 6.0).abs() < 1e-6, "{ranks:?}");
            }
        }
    }

    #[test]
    fn posteriors_with_a_spike_are_ranked_too() {
        let peers = betas(&[(0.05, 5.0), (0.3, 2.0), (1e-4, 1e-4), (20.0, 30.0)]);
        let of_first: f64 =
            rank_distributions(&peers, Better::Higher).iter().map(|rank| rank.at_most(1).value()).sum();
        assert!((of_first - 1.0).abs() < 2e-3, "{of_first}");
    }

    /// A peer set is of one kind.
    fn peers() -> impl Strategy<Value = Vec<Posterior>> {
        let shapes = (0.8f64..200.0, 0.8f64..200.0);
        prop_oneof![
            prop::collection::vec(
                shapes.clone().prop_filter_map("shapes", |(a, b)| Posterior::beta(a, b)),
                1..7
            ),
            prop::collection::vec(shapes.prop_filter_map("shapes", |(a, b)| Posterior::gamma(a, b)), 1..7),
            prop::collection::vec(
                (-1.0f64..2.0, 0.001f64..1.0)
                    .prop_filter_map("variance", |(mean, v)| Posterior::normal(mean, v)),
                1..7
            ),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        /// Invariant I15: so many ranks, so many people.
        #[test]
        fn so_many_people_share_so_many_ranks(peers in peers()) {
            let tolerance = 1e-4;
            let higher = rank_distributions(&peers, Better::Higher);
            let lower = rank_distributions(&peers, Better::Lower);
            for rank in 1..=peers.len() {
                let all: f64 = higher.iter().map(|ranks| ranks.at_most(rank).value()).sum();
                prop_assert!((all - rank as f64).abs() < tolerance, "{all} people on {rank} ranks");
            }
            for (subject, ranks) in higher.iter().enumerate() {
                let turned: Vec<f64> = lower[subject].probabilities().iter().rev().copied().collect();
                for (one, other) in ranks.probabilities().iter().zip(turned) {
                    prop_assert!((one - other).abs() < 1e-9);
                }
                let mean: f64 = (1..).zip(ranks.probabilities()).map(|(rank, p)| f64::from(rank) * p).sum();
                let expected = expected_rank(&peers, subject, Better::Higher).expect("a peer");
                prop_assert!((mean - expected).abs() < tolerance);
            }
        }
    }
}
