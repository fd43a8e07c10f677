//! Pipeline: each open deal is won by the end of the period with a probability of its own (domain 6.7).

use super::Forecast;
use super::predictive::Predictive;
use crate::chance::SplitMix64;
use crate::distribution::poisson_binomial::PoissonBinomial;
use crate::order::sorted;
use crate::probability::Probability;
use crate::undefined::{Undefined, finite};

/// Foretells a count: so many are won, and each open deal is with its probability.
///
/// # Errors
/// `NotFinite` where there are more deals than can be counted.
pub fn pipeline_count(won: u64, open: &[Probability]) -> Result<Forecast, Undefined> {
    let more = PoissonBinomial::of(open);
    Forecast::of(won as f64 + more.mean(), Predictive::PoissonBinomial { so_far: won, more })
}

/// How values are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// How many ends are drawn; at least one is.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
}

/// 10,000 draws (domain 6.7) from seed 42 (domain 19).
impl Default for Simulation {
    fn default() -> Simulation {
        Simulation { draws: 10_000, seed: 42 }
    }
}

/// Foretells a value: so much is won, and each open deal adds its value with its probability. The point
/// is exact, the distribution simulated: deal after deal, in the order they come, draw by draw.
///
/// # Errors
/// `NotFinite` where a value is no finite number or together they are too large to be held.
pub fn pipeline_value(
    won: f64,
    open: &[(Probability, f64)],
    simulation: Simulation,
) -> Result<Forecast, Undefined> {
    let mut chance = SplitMix64::new(simulation.seed);
    let draw = |_| -> f64 {
        let won_too = |(probability, value): &(Probability, f64)| {
            if chance.uniform() < probability.value() { *value } else { 0.0 }
        };
        won + open.iter().map(won_too).sum::<f64>()
    };
    let ends: Vec<f64> = (0..simulation.draws.max(1)).map(draw).collect();
    let expected: f64 = open.iter().map(|(probability, value)| probability.value() * value).sum();
    Forecast::of(finite(won + expected)?, Predictive::Drawn(sorted(&ends)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(probability: f64) -> Probability {
        Probability::new(probability).expect("a probability")
    }

    /// domain_examples X6.15, with two deals won before.
    #[test]
    fn open_deals_agree_with_the_worked_example() {
        let got = pipeline_count(2, &[0.8, 0.5, 0.3, 0.3, 0.1].map(of)).expect("defined");
        assert!((got.point - 4.0).abs() < 1e-12);
        assert!((got.probability_of(5.0).expect("a target").value() - 0.2905).abs() < 1e-12);
        assert_eq!((got.ninety_five.low, got.ninety_five.high), (2.0, 6.0));
        assert_eq!(got.probability_of(2.0).map(|p| p.value()), Some(1.0));
        assert_eq!(got.probability_of(8.0).map(|p| p.value()), Some(0.0));
    }

    #[test]
    fn simulated_values_keep_to_the_exact_count() {
        let open: Vec<(Probability, f64)> = [0.8, 0.5, 0.3, 0.3, 0.1].map(|q| (of(q), 1.0)).to_vec();
        let got = pipeline_value(2.0, &open, Simulation::default()).expect("defined");
        assert!((got.point - 4.0).abs() < 1e-12);
        assert!((got.probability_of(5.0).expect("a target").value() - 0.2905).abs() < 0.015);
        assert_eq!(
            pipeline_value(2.0, &open, Simulation::default()),
            Ok(got),
            "the same seed, the same draws"
        );
    }

    #[test]
    fn nothing_open_adds_nothing() {
        let nothing = pipeline_value(5.0, &[], Simulation { draws: 0, seed: 1 }).expect("defined");
        assert_eq!((nothing.point, nothing.eighty.low, nothing.eighty.high), (5.0, 5.0, 5.0));
        assert_eq!(pipeline_count(5, &[]).expect("defined").point, 5.0);
        let broken = pipeline_value(0.0, &[(of(1.0), f64::NAN)], Simulation::default());
        assert_eq!(broken, Err(Undefined::NotFinite));
    }
}
