//! Intervals: a number together with how far off it may be.

use crate::distribution::normal;
use crate::undefined::{Undefined, finite};

/// A two-sided interval, in the units of what it surrounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the value lies inside, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The interval with both ends turned by a function that keeps their order.
    pub fn map(self, function: impl Fn(f64) -> f64) -> Interval {
        Interval { low: function(self.low), high: function(self.high) }
    }
}

/// A value and the interval around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The best single number.
    pub value: f64,
    /// How far off it may be.
    pub interval: Interval,
}

impl Estimate {
    /// An estimate of finite numbers only.
    pub(crate) fn of(value: f64, interval: Interval) -> Result<Estimate, Undefined> {
        finite(value)?;
        finite(interval.low)?;
        finite(interval.high)?;
        Ok(Estimate { value, interval })
    }
}

/// How often intervals made in the same way contain the truth: above 0, below 1 (domain 19).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %, the default of every interval (domain 7).
    pub const NINETY_FIVE: Confidence = Confidence(0.95);
    /// 80 %, the narrower band of forecasts (domain 6.7).
    pub const EIGHTY: Confidence = Confidence(0.80);

    /// A level above 0 and below 1.
    #[must_use]
    pub fn new(level: f64) -> Option<Confidence> {
        (level > 0.0 && level < 1.0 && (1.0 + level) / 2.0 < 1.0).then_some(Confidence(level))
    }

    /// The probability below the lower end of a two-sided interval.
    #[must_use]
    pub fn lower_tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// The probability below the upper end of a two-sided interval.
    #[must_use]
    pub fn upper_tail(self) -> f64 {
        1.0 - self.lower_tail()
    }

    /// The standard normal quantile of a two-sided interval; 1.959963984540054 for 95 % (domain 0).
    #[must_use]
    pub fn z(self) -> f64 {
        if self == Confidence::NINETY_FIVE {
            1.959_963_984_540_054
        } else {
            normal::quantile(self.upper_tail())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_lies_between_none_and_all() {
        for impossible in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY, 1.0 - f64::EPSILON / 2.0] {
            assert_eq!(Confidence::new(impossible), None, "{impossible}");
        }
        let level = Confidence::new(0.998).expect("a level");
        // scipy.stats.norm.ppf(0.999)
        assert!((level.z() - 3.090_232_306_167_813).abs() < 1e-12);
        assert!((Confidence::NINETY_FIVE.z() - normal::quantile(0.975)).abs() < 1e-14);
    }
}
