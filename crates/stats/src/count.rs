//! Counts: so many events in so much exposure (domain 7.4).

use crate::distribution::gamma::Gamma;
use crate::interval::{Confidence, Estimate, Interval};
use crate::sample::Sample;
use crate::undefined::{Undefined, finite};

/// Events in an exposure (working days, expected events). Without exposure there are no events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    events: u64,
    exposure: f64,
}

impl Count {
    /// Events in an exposure: finite, not negative, and zero only where nothing happened.
    #[must_use]
    pub fn new(events: u64, exposure: f64) -> Option<Count> {
        let possible = exposure.is_finite() && (exposure > 0.0 || exposure == 0.0 && events == 0);
        possible.then_some(Count { events, exposure: exposure.abs() })
    }

    /// How many events.
    #[must_use]
    pub fn events(self) -> u64 {
        self.events
    }

    /// In how much exposure.
    #[must_use]
    pub fn exposure(self) -> f64 {
        self.exposure
    }

    /// Events per unit of exposure, with the exact Poisson interval
    /// `[½χ²_{α/2}(2x), ½χ²_{1−α/2}(2x+2)]/e` (Garwood 1936).
    ///
    /// # Errors
    /// `ZeroDenominator` without exposure; `NotFinite` where the exposure is too small to divide by.
    pub fn rate(self, confidence: Confidence) -> Result<Estimate, Undefined> {
        let events = poisson_interval(self.events, confidence);
        self.per_exposure(events)
    }

    /// As [`Count::rate`], by Byar's approximation (Breslow & Day 1987, domain 7.9).
    ///
    /// # Errors
    /// `TooFew` under ten events, where it is not allowed; otherwise as [`Count::rate`].
    pub fn byar(self, confidence: Confidence) -> Result<Estimate, Undefined> {
        if self.events < 10 {
            return Err(Undefined::TooFew);
        }
        let bound =
            |count: f64, z: f64| count * (1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt())).powi(3);
        let (count, z) = (self.events as f64, confidence.z());
        self.per_exposure(Interval { low: bound(count, -z), high: bound(count + 1.0, z) })
    }

    fn per_exposure(self, events: Interval) -> Result<Estimate, Undefined> {
        if self.exposure == 0.0 {
            return Err(Undefined::ZeroDenominator);
        }
        Estimate::of(self.events as f64 / self.exposure, events.map(|end| end / self.exposure))
    }
}

/// The exact interval of the number of events that was to be expected (Garwood 1936).
pub(crate) fn poisson_interval(events: u64, confidence: Confidence) -> Interval {
    let events = events as f64;
    let bound = |shape: f64, level: f64| Gamma::new(shape, 1.0).map_or(0.0, |gamma| gamma.quantile(level));
    Interval {
        low: bound(events, confidence.lower_tail()),
        high: bound(events + 1.0, confidence.upper_tail()),
    }
}

/// How many times as large one ratio of two counts is as another, such as deals won per created: the four
/// counts vary each by itself, so the logarithm has the sum of their inverses as variance (Woolf 1955, with
/// Haldane's half added to each where one is zero). For what is a share of trials this is wider than
/// [`crate::newcombe`]. It leaves room for no difference where it contains 1.
///
/// # Errors
/// `ZeroDenominator` where the lower count of a ratio is zero.
pub fn ratio_of_ratios(
    reference: [u64; 2],
    subject: [u64; 2],
    confidence: Confidence,
) -> Result<Estimate, Undefined> {
    if reference[1] == 0 || subject[1] == 0 {
        return Err(Undefined::ZeroDenominator);
    }
    let is_none = reference[0] == 0 || subject[0] == 0;
    let counted = |count: u64| count as f64 + if is_none { 0.5 } else { 0.0 };
    let [before, after] = [reference, subject].map(|ratio| ratio.map(counted));
    let half = confidence.z() * before.iter().chain(&after).map(|count| count.recip()).sum::<f64>().sqrt();
    let centre = (after[0] / after[1]).ln() - (before[0] / before[1]).ln();
    Estimate::of(centre.exp(), Interval { low: centre - half, high: centre + half }.map(f64::exp))
}

/// How far counts vary beyond chance: variance over mean, which is 1 for Poisson counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dispersion(f64);

impl Dispersion {
    /// Above this, counts are said to vary more than chance does (domain 7.4).
    const LIMIT: f64 = 1.5;

    /// The dispersion of counts of equal spans, such as weeks.
    ///
    /// # Errors
    /// `TooFew` under two counts, `ZeroDenominator` where nothing happened at all.
    pub fn of(counts: &[u64]) -> Result<Dispersion, Undefined> {
        let counts: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
        let sample = Sample::of(&counts)?;
        if sample.mean() == 0.0 {
            return Err(Undefined::ZeroDenominator);
        }
        finite(sample.variance() / sample.mean()).map(Dispersion)
    }

    /// Variance over mean.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.0
    }

    /// Whether the exact interval is too narrow, so that shrinkage (domain 7.6) is to be used.
    #[must_use]
    pub fn is_over(self) -> bool {
        Dispersion::is_over_limit(self.0)
    }

    /// The same of a ratio that stands for several, such as the middle one.
    #[must_use]
    pub fn is_over_limit(ratio: f64) -> bool {
        ratio > Dispersion::LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(got: Estimate, value: f64, low: f64, high: f64) {
        let apart = [got.value - value, got.interval.low - low, got.interval.high - high];
        assert!(apart.iter().all(|gap| gap.abs() < 1e-8), "{got:?}");
    }

    fn of(events: u64, exposure: f64) -> Count {
        Count::new(events, exposure).expect("a count")
    }

    /// domain_examples X7.5.
    #[test]
    fn rates_agree_with_the_worked_examples() {
        let rate = |events, exposure| of(events, exposure).rate(Confidence::NINETY_FIVE).expect("defined");
        agrees(rate(0, 20.0), 0.0, 0.0, 0.1844439727057);
        agrees(rate(3, 20.0), 0.15, 0.03093360614478, 0.4383636534871);
        agrees(rate(17, 62.5), 0.272, 0.1584500235137, 0.4354983490545);
    }

    /// domain_examples X7.15.
    #[test]
    fn byar_is_close_to_the_exact_limits() {
        let level = Confidence::NINETY_FIVE;
        let ratio = of(23, 16.4);
        agrees(ratio.byar(level).expect("defined"), 1.40243902439, 0.8887421145496, 2.104439651399);
        agrees(ratio.rate(level).expect("defined"), 1.40243902439, 0.8890260388442, 2.104347127734);
        assert_eq!(of(9, 16.4).byar(level), Err(Undefined::TooFew));
    }

    #[test]
    fn no_exposure_has_no_rate_and_no_events() {
        assert_eq!(of(0, 0.0).rate(Confidence::NINETY_FIVE), Err(Undefined::ZeroDenominator));
        assert_eq!(Count::new(1, 0.0), None);
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Count::new(1, wrong), None);
        }
        assert_eq!(of(u64::MAX, f64::MIN_POSITIVE).rate(Confidence::NINETY_FIVE), Err(Undefined::NotFinite));
    }

    #[test]
    fn a_ratio_of_ratios_agrees_with_woolf_by_hand() {
        let level = Confidence::NINETY_FIVE;
        // ln 2 ± 1.96 · √(1/10 + 1/40 + 1/20 + 1/40)
        let got = ratio_of_ratios([10, 40], [20, 40], level).expect("defined");
        let half = 1.959_963_984_540_054 * 0.2_f64.sqrt();
        agrees(got, 2.0, 2.0 * (-half).exp(), 2.0 * half.exp());
        let more_than_trials = ratio_of_ratios([30, 20], [30, 20], level).expect("defined");
        assert!(more_than_trials.interval.contains(1.0));
        let none = ratio_of_ratios([0, 40], [0, 40], level).expect("defined");
        assert!((none.value - 1.0).abs() < 1e-12 && none.interval.low < 0.1);
        assert_eq!(ratio_of_ratios([0, 0], [3, 9], level), Err(Undefined::ZeroDenominator));
    }

    #[test]
    fn counts_that_vary_more_than_chance_say_so() {
        assert!(Dispersion::of(&[0, 12, 1, 9, 0, 14]).expect("defined").is_over());
        assert!(!Dispersion::of(&[5, 4, 6, 5, 7, 4]).expect("defined").is_over());
        assert_eq!(Dispersion::of(&[0, 0, 0]), Err(Undefined::ZeroDenominator));
        assert_eq!(Dispersion::of(&[4]), Err(Undefined::TooFew));
    }
}
