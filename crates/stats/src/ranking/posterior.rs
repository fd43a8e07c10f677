//! Posteriors: what is known about one subject, as a distribution.

use std::f64::consts::PI;

use super::Better;
use crate::distribution::beta::Beta;
use crate::distribution::gamma::Gamma;
use crate::distribution::{is_proper, normal};
use crate::interval::{Confidence, Estimate, Interval};
use crate::probability::Probability;

/// What is known about one subject: a normal, beta or gamma distribution with proper parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Normal { mean: f64, deviation: f64 },
    Beta(Beta),
    Gamma(Gamma),
}

impl Posterior {
    /// A normal distribution with a mean and a variance above 0, both of a size to compute with (1e300).
    #[must_use]
    pub fn normal(mean: f64, variance: f64) -> Option<Posterior> {
        let possible = mean.abs() <= 1e300 && is_proper(variance);
        possible.then_some(Posterior(Kind::Normal { mean, deviation: variance.sqrt() }))
    }

    /// A beta distribution with shapes above 0 of a size to compute with.
    #[must_use]
    pub fn beta(first: f64, second: f64) -> Option<Posterior> {
        Beta::new(first, second).map(Kind::Beta).map(Posterior)
    }

    /// A gamma distribution with a shape and a rate above 0 of a size to compute with.
    #[must_use]
    pub fn gamma(shape: f64, rate: f64) -> Option<Posterior> {
        Gamma::new(shape, rate).filter(|gamma| gamma.mean().is_finite()).map(Kind::Gamma).map(Posterior)
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self.0 {
            Kind::Normal { mean, .. } => mean,
            Kind::Beta(beta) => beta.mean(),
            Kind::Gamma(gamma) => gamma.mean(),
        }
    }

    /// The variance.
    #[must_use]
    pub fn variance(&self) -> f64 {
        match self.0 {
            Kind::Normal { deviation, .. } => deviation * deviation,
            Kind::Beta(beta) => beta.variance(),
            Kind::Gamma(gamma) => gamma.variance(),
        }
    }

    /// The mean with the interval that leaves the same probability out on either side.
    #[must_use]
    pub fn estimate(&self, confidence: Confidence) -> Estimate {
        let end = |tail: f64| self.quantile_from(tail, self.mean());
        let interval = Interval { low: end(confidence.lower_tail()), high: end(confidence.upper_tail()) };
        Estimate { value: self.mean(), interval }
    }

    /// The probability of a value up to `value`.
    #[must_use]
    pub fn at_most(&self, value: f64) -> Probability {
        if value.is_nan() { Probability::ZERO } else { Probability::computed(self.cdf(value)) }
    }

    fn exceeds(&self, other: &Posterior) -> Probability {
        let mut at = self.mean();
        Probability::computed(over_unit_interval(|level| {
            at = self.quantile_from(level, at);
            other.cdf(at)
        }))
    }

    pub(super) fn cdf(&self, value: f64) -> f64 {
        match self.0 {
            Kind::Normal { mean, deviation } => normal::cdf((value - mean) / deviation),
            Kind::Beta(beta) => beta.cdf(value),
            Kind::Gamma(gamma) => gamma.cdf(value),
        }
    }

    pub(super) fn density(&self, value: f64) -> f64 {
        match self.0 {
            Kind::Normal { mean, deviation } => normal::density((value - mean) / deviation) / deviation,
            Kind::Beta(beta) => beta.density(value),
            Kind::Gamma(gamma) => gamma.density(value),
        }
    }

    /// The quantile, found faster from a guess that is near.
    pub(super) fn quantile_from(&self, probability: f64, guess: f64) -> f64 {
        match self.0 {
            Kind::Normal { mean, deviation } => mean + deviation * normal::quantile(probability),
            Kind::Beta(beta) => beta.quantile_from(probability, guess),
            Kind::Gamma(gamma) => gamma.quantile_from(probability, guess),
        }
    }
}

/// The probability that one subject is better than another, `∫ g_i(t) F_j(t) dt` for ↑ (domain 7.8):
/// in closed form for two normal distributions, otherwise on the quantiles of whichever is known better,
/// over which the other's distribution function is smooth.
#[must_use]
pub fn beats(one: &Posterior, other: &Posterior, better: Better) -> Probability {
    let higher = match (one.0, other.0) {
        (Kind::Normal { mean, deviation }, Kind::Normal { mean: lower, deviation: around }) => {
            Probability::computed(normal::cdf((mean - lower) / deviation.hypot(around)))
        }
        _ if one.variance() <= other.variance() => one.exceeds(other),
        _ => other.exceeds(one).complement(),
    };
    match better {
        Better::Higher => higher,
        Better::Lower => higher.complement(),
    }
}

/// The integral from 0 to 1 by the double exponential rule (Takahasi & Mori 1974), which does not mind
/// what happens at the ends; levels come in rising order.
fn over_unit_interval(mut function: impl FnMut(f64) -> f64) -> f64 {
    const STEPS: i32 = 60;
    const STEP: f64 = 0.055;
    let (mut integral, mut all) = (0.0, 0.0);
    for step in -STEPS..=STEPS {
        let place = f64::from(step) * STEP;
        let level = 1.0 / (1.0 + (-PI * place.sinh()).exp());
        let weight = place.cosh() * level * (1.0 - level);
        if weight > 0.0 {
            integral += weight * function(level);
            all += weight;
        }
    }
    integral / all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BETAS: [(f64, f64); 4] = [(20.0, 30.0), (14.0, 26.0), (9.0, 31.0), (5.0, 5.0)];

    /// domain_examples X7.12.
    #[test]
    fn who_beats_whom_agrees_with_the_worked_example() {
        let normal = |mean, variance| Posterior::normal(mean, variance).expect("a posterior");
        let normals = [normal(1.2, 0.04), normal(1.0, 0.09), normal(0.9, 0.01)];
        let first = beats(&normals[0], &normals[1], Better::Higher).value();
        assert!((first - 0.710450129023).abs() < 1e-9);
        assert!((beats(&normals[2], &normals[0], Better::Higher).value() - 0.0898562474395).abs() < 1e-9);
        let betas = BETAS.map(|(a, b)| Posterior::beta(a, b).expect("a posterior"));
        let matrix = [
            [f64::NAN, 0.6902354209677, 0.9652323122513, 0.2814443897141],
            [0.3097645790323, f64::NAN, 0.8960513518906, 0.1940131129646],
            [0.03476768774866, 0.1039486481094, f64::NAN, 0.0475135677717],
            [0.7185556102859, 0.8059868870354, 0.9524864322283, f64::NAN],
        ];
        for (one, row) in betas.iter().zip(matrix) {
            for (other, expected) in betas.iter().zip(row).filter(|(_, expected)| !expected.is_nan()) {
                let got = beats(one, other, Better::Higher).value();
                assert!((got - expected).abs() < 1e-9, "{got} instead of {expected}");
                assert!((beats(one, other, Better::Lower).value() - (1.0 - expected)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn parameters_that_do_not_exist_are_no_knowledge() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Posterior::normal(0.0, wrong), None);
            assert_eq!(Posterior::beta(wrong, 1.0), None);
            assert_eq!(Posterior::gamma(1.0, wrong), None);
        }
        assert_eq!(Posterior::normal(f64::NAN, 1.0), None);
        assert_eq!(Posterior::gamma(1e300, 1e-300), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// Invariant I15: one of the two is better.
        #[test]
        fn one_of_two_is_better(a in 0.5f64..500.0, b in 0.5f64..500.0, c in 0.5f64..500.0, d in 0.5f64..500.0) {
            let beta = (Posterior::beta(a, b).expect("shapes"), Posterior::beta(c, d).expect("shapes"));
            let gamma = (Posterior::gamma(a, b).expect("shapes"), Posterior::gamma(c, d).expect("shapes"));
            for (one, other) in [beta, gamma] {
                let both = beats(&one, &other, Better::Higher).value() + beats(&other, &one, Better::Higher).value();
                prop_assert!((both - 1.0).abs() < 1e-7, "{both}");
            }
        }
    }
}
