//! Patterns that raise a question to the person whose numbers they are in, never an answer (domain
//! 7.13): values heaped just above a threshold, and bursts of events.

use std::ops::Range;

use crate::distribution::binomial::Binomial;
use crate::probability::Probability;

/// The p-value up to which heaping is asked about (domain 7.13).
const HEAPING: f64 = 0.001;

/// How many of the values close to a threshold lie just above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heaping {
    p_value: Probability,
}

impl Heaping {
    /// Compares windows of the same width on either side of a threshold: were it no threshold, a value
    /// close to it would lie on either side alike. The p-value is one-sided binomial.
    #[must_use]
    pub fn of(just_above: u64, just_below: u64) -> Heaping {
        let either = Binomial::new(just_above.saturating_add(just_below), Probability::computed(0.5));
        Heaping { p_value: Probability::computed(either.at_least(just_above)) }
    }

    /// The probability of so many or more just above by chance.
    #[must_use]
    pub fn p_value(&self) -> Probability {
        self.p_value
    }

    /// Whether it is asked about.
    #[must_use]
    pub fn raises_a_question(&self) -> bool {
        self.p_value.value() <= HEAPING
    }
}

/// How many events within how much time make a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// So many events.
    pub events: usize,
    /// In so many seconds, from the first to the last of them.
    pub seconds: u32,
}

/// 60 events of one kind within 15 minutes (domain 7.13).
impl Default for Burst {
    fn default() -> Burst {
        Burst { events: 60, seconds: 15 * 60 }
    }
}

impl Burst {
    /// The bursts among events of one kind, as ranges of their places in time order. `instants_s` are in
    /// seconds and in time order; overlapping bursts are one.
    #[must_use]
    pub fn find(&self, instants_s: &[i64]) -> Vec<Range<usize>> {
        let mut bursts: Vec<Range<usize>> = Vec::new();
        let (Some(reach), true) = (self.events.checked_sub(1), instants_s.is_sorted()) else {
            return bursts;
        };
        for last in reach..instants_s.len() {
            let first = last - reach;
            if instants_s[last].abs_diff(instants_s[first]) > u64::from(self.seconds) {
                continue;
            }
            match bursts.last_mut() {
                Some(burst) if burst.end > first => burst.end = last + 1,
                _ => bursts.push(first..last + 1),
            }
        }
        bursts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.binomtest(18, 20, 0.5, alternative="greater").pvalue
    #[test]
    fn values_heaped_above_a_threshold_raise_a_question() {
        let heaped = Heaping::of(18, 2);
        assert!((heaped.p_value().value() - 0.0002012252807617188).abs() < 1e-12);
        assert!(heaped.raises_a_question());
        assert!(!Heaping::of(12, 8).raises_a_question());
        assert!(!Heaping::of(2, 18).raises_a_question());
        assert!(!Heaping::of(0, 0).raises_a_question());
        assert!(Heaping::of(u64::MAX, u64::MAX).p_value().value() < 1.0);
    }

    #[test]
    fn sixty_calls_in_a_quarter_of_an_hour_are_a_burst() {
        let steady: Vec<i64> = (0..200).map(|call| call * 60).collect();
        assert!(Burst::default().find(&steady).is_empty());
        let mut calls = steady.clone();
        calls.extend((0..70).map(|call| 20_000 + call * 10));
        assert_eq!(Burst::default().find(&calls), vec![200..270]);
        let exactly: Vec<i64> = (0..60).map(|call| if call == 59 { 900 } else { call }).collect();
        assert_eq!(Burst::default().find(&exactly), vec![0..60]);
    }

    #[test]
    fn bursts_apart_are_told_apart() {
        let burst = Burst { events: 2, seconds: 1 };
        assert_eq!(burst.find(&[0, 1, 2, 10, 11, 100]), vec![0..3, 3..5]);
        assert!(burst.find(&[]).is_empty());
        assert_eq!(burst.find(&[i64::MIN, i64::MAX]), vec![]);
        assert!(Burst { events: 0, seconds: 1 }.find(&[1, 2]).is_empty());
    }
}
