//! The bootstrap: an interval from the sample itself, drawn again and again (Efron 1979, domain 7.3).

use crate::chance::SplitMix64;
use crate::interval::{Confidence, Estimate, Interval};
use crate::order::{quantile_of_sorted, sorted};
use crate::probability::Probability;
use crate::undefined::{Undefined, finite};

/// How a bootstrap is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// How many samples are drawn; at least one is.
    pub resamples: usize,
    /// The seed of the draws.
    pub seed: u64,
}

/// 2,000 resamples from seed 42 (domain 19).
impl Default for Resampling {
    fn default() -> Resampling {
        Resampling { resamples: 2000, seed: 42 }
    }
}

/// The mean with its percentile interval. The order of the values does not matter.
///
/// # Errors
/// `TooFew` under two values, `NotFinite` where one is no finite number.
pub fn bootstrap_mean(
    values: &[f64],
    resampling: Resampling,
    confidence: Confidence,
) -> Result<Estimate, Undefined> {
    let pairs: Vec<(f64, f64)> = values.iter().map(|value| (*value, 1.0)).collect();
    bootstrap_ratio(&pairs, resampling, confidence)
}

/// The ratio of two sums over the same things, with its percentile interval: things are drawn
/// together with both of their parts. Their order does not matter.
///
/// # Errors
/// `TooFew` under two things, `NotFinite` where a part is no finite number, `InvalidBase` where a
/// lower part is negative, `ZeroDenominator` where a drawn sample has no lower part.
pub fn bootstrap_ratio(
    things: &[(f64, f64)],
    resampling: Resampling,
    confidence: Confidence,
) -> Result<Estimate, Undefined> {
    percentiles(&Drawn::of(things, resampling)?, confidence)
}

/// The ratio of a sample, and those of samples drawn from it, sorted.
struct Drawn {
    ratio: f64,
    ratios: Vec<f64>,
}

impl Drawn {
    fn of(things: &[(f64, f64)], resampling: Resampling) -> Result<Drawn, Undefined> {
        if things.len() < 2 {
            return Err(Undefined::TooFew);
        }
        let mut ordered = things.to_vec();
        ordered.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        for (above, below) in &ordered {
            if *below < 0.0 {
                return Err(Undefined::InvalidBase);
            }
            finite(*above)?;
            finite(*below)?;
        }
        let value = ratio(sums(ordered.iter().copied()))?;
        let mut chance = SplitMix64::new(resampling.seed);
        let drawn = (0..resampling.resamples.max(1))
            .map(|_| {
                let draw = (0..ordered.len()).map(|_| ordered[chance.index(ordered.len())]);
                ratio(sums(draw))
            })
            .collect::<Result<Vec<f64>, Undefined>>()?;
        Ok(Drawn { ratio: value, ratios: sorted(&drawn)? })
    }
}

fn percentiles(drawn: &Drawn, confidence: Confidence) -> Result<Estimate, Undefined> {
    let low = quantile_of_sorted(&drawn.ratios, Probability::computed(confidence.lower_tail()))?;
    let high = quantile_of_sorted(&drawn.ratios, Probability::computed(confidence.upper_tail()))?;
    Estimate::of(drawn.ratio, Interval { low, high })
}

fn sums(things: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    things.fold((0.0, 0.0), |(upper, lower), (above, below)| (upper + above, lower + below))
}

fn ratio((upper, lower): (f64, f64)) -> Result<f64, Undefined> {
    if lower == 0.0 { Err(Undefined::ZeroDenominator) } else { finite(upper / lower) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMOUNTS: [f64; 8] = [48000.0, 5000.0, 9900.0, 7200.0, 8100.0, 21000.0, 15500.0, 12000.0];

    /// domain_examples X7.4.
    #[test]
    fn the_bootstrap_of_a_seed_agrees_with_the_worked_example() {
        let level = Confidence::NINETY_FIVE;
        let got = bootstrap_mean(&AMOUNTS, Resampling::default(), level).expect("defined");
        assert!((got.interval.low - 8637.5).abs() < 1e-6 && (got.interval.high - 25862.8125).abs() < 1e-6);
        let one = bootstrap_mean(&AMOUNTS, Resampling { resamples: 1, seed: 42 }, level).expect("defined");
        assert!((one.interval.low - 11637.5).abs() < 1e-9, "the mean of the first resample");
    }

    #[test]
    fn the_order_of_the_amounts_does_not_matter() {
        let mut turned = AMOUNTS;
        turned.reverse();
        let of = |amounts: &[f64]| bootstrap_mean(amounts, Resampling::default(), Confidence::NINETY_FIVE);
        assert_eq!(of(&AMOUNTS), of(&turned));
    }

    #[test]
    fn what_cannot_be_drawn_says_why() {
        let of =
            |things: &[(f64, f64)]| bootstrap_ratio(things, Resampling::default(), Confidence::NINETY_FIVE);
        assert_eq!(of(&[]), Err(Undefined::TooFew));
        assert_eq!(of(&[(1.0, 0.0), (2.0, 0.0)]), Err(Undefined::ZeroDenominator));
        assert_eq!(of(&[(1.0, -1.0), (2.0, 4.0)]), Err(Undefined::InvalidBase));
        assert_eq!(of(&[(f64::NAN, 1.0), (2.0, 4.0)]), Err(Undefined::NotFinite));
    }
}
