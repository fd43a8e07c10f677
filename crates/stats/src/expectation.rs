//! Observed over expected: what somebody achieved against what anybody would have achieved in the same
//! circumstances (indirect standardisation, domain 7.9). Each is compared with 1, not with others whose
//! circumstances differ. Amounts have an interval by [`crate::bootstrap::bootstrap_ratio`] over
//! opportunities, each with what it brought and what it was expected to bring; whether they differ from
//! what was expected says [`chance_of_amount`].

use crate::bootstrap::Resampling;
use crate::chance::SplitMix64;
use crate::count::poisson_interval;
use crate::distribution::poisson_binomial::PoissonBinomial;
use crate::interval::{Confidence, Estimate};
use crate::probability::Probability;
use crate::proportion::Proportion;
use crate::undefined::{Undefined, finite};

/// Below so much expected there is no ratio (domain 19, `oe_min_expected`).
const EXPECTED_MIN: f64 = 5.0;
/// Below so many trials a stratum has no rate of its own (domain 19, `strata_min_n`).
const STRATUM_MIN: u64 = 20;

/// What somebody had in circumstances of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stratum {
    /// How many of theirs were decided in it.
    pub decided: u64,
    /// How many of those anybody wins.
    pub reference: Probability,
}

/// What was observed, held against what was to be expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObservedOverExpected {
    /// What happened, O.
    pub observed: u64,
    /// What was to be expected, E.
    pub expected: f64,
    /// O/E with the exact Poisson bounds of O divided by E, which are wider than need be for shares.
    pub ratio: Estimate,
    /// The exact two-sided p-value of an expectation met (Poisson binomial).
    pub p_value: Probability,
}

impl ObservedOverExpected {
    /// The rate that somebody with this ratio would have in everybody's circumstances. Not capped: who
    /// shows it caps at 0 and 1.
    #[must_use]
    pub fn adjusted_rate(&self, overall: Probability) -> f64 {
        self.ratio.value * overall.value()
    }
}

/// Holds what was observed against the reference rates of its strata.
///
/// # Errors
/// `ZeroDenominator` where nothing was to be expected, `TooFew` under five expected, `Contradictory` where
/// more was observed than decided.
pub fn observed_over_expected(
    observed: u64,
    strata: &[Stratum],
    confidence: Confidence,
) -> Result<ObservedOverExpected, Undefined> {
    let decided = strata.iter().fold(0u64, |sum, stratum| sum.saturating_add(stratum.decided));
    if observed > decided {
        return Err(Undefined::Contradictory);
    }
    let expected: f64 = strata.iter().map(|stratum| stratum.decided as f64 * stratum.reference.value()).sum();
    if finite(expected)? == 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    if expected < EXPECTED_MIN {
        return Err(Undefined::TooFew);
    }
    let groups: Vec<(u64, Probability)> =
        strata.iter().map(|stratum| (stratum.decided, stratum.reference)).collect();
    let chance = PoissonBinomial::of_groups(&groups);
    let (below, above) = (chance.at_most(observed).value(), chance.at_least(observed).value());
    let bounds = poisson_interval(observed, confidence).map(|end| end / expected);
    Ok(ObservedOverExpected {
        observed,
        expected,
        ratio: Estimate::of(observed as f64 / expected, bounds)?,
        p_value: Probability::computed(2.0 * below.min(above)),
    })
}

/// Deals of one kind: how many somebody had, how many of such anybody wins, and what those are worth that
/// anybody won.
#[derive(Clone, Copy, Debug)]
pub struct Worth<'a> {
    /// How many of theirs were decided in it.
    pub decided: u64,
    /// How many of those anybody wins.
    pub reference: Probability,
    /// The amounts of all that were won.
    pub amounts: &'a [f64],
}

/// How often chance alone brings somebody at least as far from what was to be expected as an observed
/// amount: deals are won by their kind's rate and are worth what one that was won is worth, drawn from a
/// seed; two-sided, each side with one more, so that no finite number of draws makes it zero. Resampling
/// the somebody's own few deals would take their spread for known, and be too sure of it.
///
/// # Errors
/// `TooFew` where a kind that anybody wins has no amounts, `NotFinite` where one is no finite number.
pub fn chance_of_amount(
    observed: f64,
    kinds: &[Worth<'_>],
    resampling: Resampling,
) -> Result<Probability, Undefined> {
    finite(observed)?;
    if kinds.iter().any(|kind| kind.decided > 0 && kind.reference.value() > 0.0 && kind.amounts.is_empty()) {
        return Err(Undefined::TooFew);
    }
    let mut chance = SplitMix64::new(resampling.seed);
    let draws = resampling.resamples.max(1);
    let (mut at_most, mut at_least) = (0usize, 0usize);
    for _ in 0..draws {
        let mut total = 0.0;
        for kind in kinds {
            for _ in 0..kind.decided {
                if chance.uniform() < kind.reference.value() {
                    total += finite(kind.amounts[chance.index(kind.amounts.len())])?;
                }
            }
        }
        at_most += usize::from(total <= observed);
        at_least += usize::from(total >= observed);
    }
    let thinner = at_most.min(at_least) as f64;
    Ok(Probability::computed(2.0 * (thinner + 1.0) / (draws as f64 + 1.0)))
}

/// The rate that a stratum is held against, and how it was come by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// What the rate was taken from: the stratum of everybody, or a parent of it.
    pub basis: Proportion,
    /// The share that succeeded there.
    pub rate: Probability,
    /// How many of the stratum's dimensions were kept; 0 is the whole peer set.
    pub dimensions_kept: usize,
}

/// The reference rate of each stratum, in the order they came, from what everybody achieved in it.
/// Strata are named by their circumstances, the one to be dropped first at the end; one with fewer than
/// 20 trials backs off to its parent until there are enough, or to the whole peer set (domain 7.9).
///
/// # Errors
/// A stratum has none (`ZeroDenominator`) where nobody tried anything.
pub fn reference_rates<Circumstance: Eq>(
    strata: &[(Vec<Circumstance>, Proportion)],
) -> Vec<Result<Reference, Undefined>> {
    strata.iter().map(|(circumstances, _)| reference(circumstances, strata)).collect()
}

fn reference<Circumstance: Eq>(
    circumstances: &[Circumstance],
    strata: &[(Vec<Circumstance>, Proportion)],
) -> Result<Reference, Undefined> {
    let mut kept = circumstances.len();
    loop {
        let alike = strata.iter().filter(|(other, _)| other.starts_with(&circumstances[..kept]));
        let basis = alike.fold((0u64, 0u64), |(successes, failures), (_, proportion)| {
            (successes.saturating_add(proportion.successes()), failures.saturating_add(proportion.failures()))
        });
        let basis =
            Proportion::new(basis.0, basis.0.saturating_add(basis.1)).ok_or(Undefined::Contradictory)?;
        if basis.trials() >= STRATUM_MIN || kept == 0 {
            let rate = Probability::computed(basis.share()?);
            return Ok(Reference { basis, rate, dimensions_kept: kept });
        }
        kept -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(decided: u64, reference: f64) -> Stratum {
        Stratum { decided, reference: Probability::new(reference).expect("a probability") }
    }

    /// domain_examples X7.14.
    #[test]
    fn wins_against_expectation_agree_with_the_worked_example() {
        let strata = [stratum(12, 0.15), stratum(8, 0.4), stratum(25, 0.3)];
        let got = observed_over_expected(9, &strata, Confidence::NINETY_FIVE).expect("defined");
        let numbers = [
            (got.expected, 12.5),
            (got.ratio.value, 0.72),
            (got.ratio.interval.low, 0.3292298477903),
            (got.ratio.interval.high, 1.366784276114),
            (got.adjusted_rate(Probability::new(0.28).expect("a probability")), 0.2016),
            (got.p_value.value(), 0.3082089270058),
        ];
        for (got, expected) in numbers {
            assert!((got - expected).abs() < 1e-8, "{got} instead of {expected}");
        }
    }

    #[test]
    fn without_an_expectation_there_is_no_ratio() {
        let of = |observed, strata: &[Stratum]| {
            observed_over_expected(observed, strata, Confidence::NINETY_FIVE).map(|got| got.ratio.value)
        };
        assert_eq!(of(0, &[]), Err(Undefined::ZeroDenominator));
        assert_eq!(of(0, &[stratum(30, 0.0)]), Err(Undefined::ZeroDenominator));
        assert_eq!(of(2, &[stratum(10, 0.3)]), Err(Undefined::TooFew));
        assert_eq!(of(11, &[stratum(10, 0.9)]), Err(Undefined::Contradictory));
        assert!(of(u64::MAX, &[stratum(u64::MAX, 0.9), stratum(u64::MAX, 0.1)]).is_ok());
    }

    #[test]
    fn an_amount_that_chance_brings_is_no_surprise() {
        let amounts: Vec<f64> = (1..=40).map(|amount| f64::from(amount * amount)).collect();
        let kind = Worth {
            decided: 60,
            reference: Probability::new(0.25).expect("a probability"),
            amounts: &amounts,
        };
        let mean: f64 = amounts.iter().sum::<f64>() / 40.0;
        let of = |observed: f64| {
            chance_of_amount(observed, &[kind], Resampling::default()).expect("defined").value()
        };
        assert!(of(15.0 * mean) > 0.5, "{}", of(15.0 * mean));
        assert!(of(0.0) < 0.002 && of(45.0 * mean) < 0.002);
        assert_eq!(of(9.0 * mean), of(9.0 * mean), "the same from the same seed");
        let empty = Worth { amounts: &[], ..kind };
        assert_eq!(chance_of_amount(1.0, &[empty], Resampling::default()), Err(Undefined::TooFew));
    }

    #[test]
    fn a_sparse_stratum_is_held_against_its_parent() {
        let of = |region: &'static str, size: &'static str, x, n| {
            (vec![region, size], Proportion::new(x, n).expect("a proportion"))
        };
        let strata = [of("north", "large", 9, 30), of("north", "small", 3, 6), of("south", "small", 1, 5)];
        let got: Vec<(usize, u64)> = reference_rates(&strata)
            .into_iter()
            .map(|reference| reference.expect("defined"))
            .map(|reference| (reference.dimensions_kept, reference.basis.trials()))
            .collect();
        assert_eq!(got, vec![(2, 30), (1, 36), (0, 41)]);
        assert_eq!(reference_rates(&[of("north", "large", 0, 0)]), vec![Err(Undefined::ZeroDenominator)]);
    }
}
