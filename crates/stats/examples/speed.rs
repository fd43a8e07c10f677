//! How long the statistics of a peer set take: rank probabilities of 50, 500 and 5,000 people (domain 7.8), and
//! every comparison of a quarter of 500 people. `cargo run --release -p attain-stats --example speed`.

use std::time::Instant;

use attain_stats::bootstrap::{Resampling, bootstrap_ratio};
use attain_stats::chance::SplitMix64;
use attain_stats::control_chart::{Limits, Scale, signals};
use attain_stats::count::Count;
use attain_stats::ranking::Better;
use attain_stats::standing::{of_means, of_proportions, of_rates};
use attain_stats::{Confidence, Proportion};

const LEVEL: Confidence = Confidence::NINETY_FIVE;

fn main() {
    for people in [50, 500, 5_000] {
        let mut chance = SplitMix64::new(7);
        let shares: Vec<Proportion> =
            (0..people).filter_map(|_| Proportion::new(chance.index(30) as u64 + 5, 60)).collect();
        timed(&format!("rank probabilities of {people} people"), || {
            of_proportions(&shares, Better::Higher, LEVEL).is_ok()
        });
    }
    quarter(500);
}

/// Five metrics by each of the kinds, observed over expected from a hundred deals each, and a chart of 24
/// months each.
fn quarter(people: usize) {
    let mut chance = SplitMix64::new(11);
    let shares: Vec<Proportion> =
        (0..people).filter_map(|_| Proportion::new(chance.index(30) as u64 + 5, 60)).collect();
    let counts: Vec<Count> =
        (0..people).filter_map(|_| Count::new(chance.index(40) as u64 + 5, 62.0)).collect();
    let amounts: Vec<Vec<f64>> =
        (0..people).map(|_| (0..20).map(|_| 9.0 + chance.uniform()).collect()).collect();
    let logarithms: Vec<&[f64]> = amounts.iter().map(Vec::as_slice).collect();
    let deals: Vec<Vec<(f64, f64)>> = (0..people)
        .map(|_| {
            (0..100)
                .map(|at| (if at % 3 == 0 { 10_000.0 * chance.uniform() } else { 0.0 }, 1_600.0))
                .collect()
        })
        .collect();
    let months: Vec<Vec<Option<f64>>> =
        (0..people).map(|_| (0..24).map(|_| Some(chance.uniform())).collect()).collect();
    timed(&format!("all statistics of a quarter of {people} people"), || {
        (0..2).all(|_| of_proportions(&shares, Better::Higher, LEVEL).is_ok())
            && (0..2).all(|_| of_means(&logarithms, Better::Higher, LEVEL).is_ok())
            && of_rates(&counts, Better::Higher, LEVEL).is_ok()
            && deals.iter().all(|deals| bootstrap_ratio(deals, Resampling::default(), LEVEL).is_ok())
            && months.iter().all(|points| {
                Limits::of(points, Scale::Share).is_ok_and(|limits| signals(points, &limits).len() < 25)
            })
    });
}

fn timed(what: &str, work: impl Fn() -> bool) {
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let started = Instant::now();
            assert!(work(), "{what}");
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what}: {:.0} ms ({:.0} – {:.0})", times[2], times[0], times[4]);
}
