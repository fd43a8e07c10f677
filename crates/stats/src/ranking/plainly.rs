//! Ranks as domain 7.8 writes them down, without any of what makes them quick: everybody's own nodes, each
//! distribution function computed exactly, the plain recurrence over the others at each.

use super::{Better, Posterior, rank_distributions};

/// The probability of each rank of each subject, from the first.
fn plainly(peers: &[Posterior], nodes: usize) -> Vec<Vec<f64>> {
    let ranks_of = |subject: usize| {
        let mut ranks = vec![0.0; peers.len()];
        for node in 0..nodes {
            let level = (node as f64 + 0.5) / nodes as f64;
            let at = peers[subject].quantile_from(level, peers[subject].mean());
            let others = peers.iter().enumerate().filter(|(other, _)| *other != subject);
            let mut ahead = vec![1.0];
            for happens in others.map(|(_, other)| 1.0 - other.cdf(at)) {
                ahead.push(0.0);
                for number in (0..ahead.len()).rev() {
                    let fewer = if number == 0 { 0.0 } else { ahead[number - 1] };
                    ahead[number] = ahead[number] * (1.0 - happens) + fewer * happens;
                }
            }
            for (rank, probability) in ranks.iter_mut().zip(ahead) {
                *rank += probability / nodes as f64;
            }
        }
        ranks
    };
    (0..peers.len()).map(ranks_of).collect()
}

fn beta(first: f64, second: f64) -> Posterior {
    Posterior::beta(first, second).expect("shapes")
}

fn normal(mean: f64, deviation: f64) -> Posterior {
    Posterior::normal(mean, deviation * deviation).expect("a deviation")
}

fn gamma(shape: f64, rate: f64) -> Posterior {
    Posterior::gamma(shape, rate).expect("parameters")
}

/// Peer sets on which something quick might go wrong.
fn awkward() -> Vec<(&'static str, Vec<Posterior>)> {
    let forty = (0..40).map(|number| {
        let place = f64::from(number % 20);
        normal(0.3 * place, 0.5 + 0.01 * f64::from(number))
    });
    let narrow_among_wide = || {
        let narrow = (0..4).map(|number| normal(0.2 + 0.002 * f64::from(number), 0.001));
        narrow.chain((0..6).map(|number| normal(0.1 * f64::from(number), 0.5))).collect()
    };
    vec![
        ("the worked example", vec![beta(20.0, 30.0), beta(14.0, 26.0), beta(9.0, 31.0), beta(5.0, 5.0)]),
        ("forty of a company", forty.collect()),
        ("equals", vec![beta(8.0, 12.0); 6]),
        ("far apart", [0.0, 10.0, 20.0, 20.5, 1e6].map(|mean| normal(mean, 1.0)).to_vec()),
        ("narrow among wide", narrow_among_wide()),
        ("equal but for their width", [0.001, 0.01, 0.1, 1.0, 10.0].map(|wide| normal(3.0, wide)).to_vec()),
        ("spikes", vec![beta(0.3, 2.0), beta(0.5, 0.5), beta(2.0, 0.4), beta(20.0, 30.0)]),
        (
            "rates",
            [(0.8, 2.0), (3.0, 9.0), (40.0, 100.0), (900.0, 2500.0)].map(|(a, b)| gamma(a, b)).to_vec(),
        ),
    ]
}

/// What the rule of 2,000 nodes is off from one of 6,000 is its own error, up to 4e-5. Quick ranks are off by no
/// more, but for a millionth.
#[test]
fn quick_ranks_are_the_plain_ones() {
    for (what, peers) in awkward() {
        let (fine, rule) = (plainly(&peers, 6_000), plainly(&peers, 2_000));
        let quick: Vec<Vec<f64>> = rank_distributions(&peers, Better::Higher)
            .iter()
            .map(|ranks| ranks.probabilities().to_vec())
            .collect();
        let (off, allowed) = (furthest(&quick, &fine), furthest(&rule, &fine));
        assert!(off <= allowed + 1e-6, "{what}: {off:e}, the rule {allowed:e}");
        assert!(allowed < 4e-5, "{what}: {allowed:e}");
        assert!(furthest(&quick, &rule) <= allowed + 1e-6, "{what}: not the rule of 2,000 nodes");
    }
}

fn furthest(one: &[Vec<f64>], other: &[Vec<f64>]) -> f64 {
    let pairs = one.iter().flatten().zip(other.iter().flatten());
    pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max)
}

/// Of five hundred everybody has ten places of their own. Where nobody else but one stands near that is coarse,
/// and good to a thousandth still.
#[test]
fn two_far_from_five_hundred_others_are_ranked_as_if_alone() {
    let pair = |number: u32| {
        let from = 100.0 * f64::from(number);
        [normal(from, 1.0), normal(from + 0.5, 0.3)]
    };
    let alone = plainly(&pair(0), 2_000);
    let many: Vec<Posterior> = (0..250).rev().flat_map(pair).collect();
    for (subject, ranks) in rank_distributions(&many, Better::Higher).iter().enumerate() {
        let first = subject / 2 * 2;
        let own = &ranks.probabilities()[first..first + 2];
        for (got, expected) in own.iter().zip(&alone[subject % 2]) {
            assert!((got - expected).abs() < 1e-3, "{got} instead of {expected}");
        }
    }
}
