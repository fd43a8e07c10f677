//! Signals: what a stable process hardly ever does (domain 7.11).

use super::limits::{Limits, moving_ranges};
use super::strictly_above;

/// How many successive points on one side are a run (domain 19, `xmr_run`).
const RUN: usize = 8;

/// The side of the mean a signal is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// What a point shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// R1: it lies strictly outside a limit.
    OutsideLimits(Side),
    /// R2: it is one of eight or more successive points strictly on one side of the mean.
    Run(Side),
    /// R3: it is one of three among four successive points strictly beyond the midpoint between the mean
    /// and the same limit.
    BeyondMidpoint(Side),
    /// R4: the range from the point before is strictly above the range limit.
    Range,
}

/// How often some rule or other marks a point of a process that does not change, on a chart of 24 points
/// held against their own limits (see [`Rule::false_alarm_share`]).
pub const ANY_FALSE_ALARM_SHARE: f64 = 0.21;

impl Rule {
    /// How often a process that does not change shows this signal all the same: the share of charts of 24
    /// normally distributed points, held against their own limits, on which the rule marks a point on
    /// either side. All rules together mark one on 21 % of such charts. Twelve new points against limits
    /// from 24 earlier ones show about as many (9, 4, 4 and 15 %; 23 % together); against limits from
    /// twelve alone up to twice that. Simulated, 60,000 charts each; `tests/error_rates.rs` repeats it.
    #[must_use]
    pub fn false_alarm_share(self) -> f64 {
        match self {
            Rule::OutsideLimits(_) => 0.059,
            Rule::Run(_) => 0.034,
            Rule::BeyondMidpoint(_) => 0.031,
            Rule::Range => 0.145,
        }
    }
}

/// One point that shows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal {
    /// What it shows.
    pub rule: Rule,
    /// The point's place in the chart, from 0.
    pub point: usize,
}

/// What the points of a chart show against its limits, ordered by rule and point. A rule on a side whose
/// limit is absent is not evaluated; a point without a value breaks runs.
#[must_use]
pub fn signals(points: &[Option<f64>], limits: &Limits) -> Vec<Signal> {
    let mut found = Vec::new();
    for side in [Side::Above, Side::Below] {
        let side = Sided { side, points, limits };
        found.extend(side.outside());
        found.extend(side.runs());
        found.extend(side.beyond_midpoint());
    }
    let wide = moving_ranges(points).filter(|(_, range)| strictly_above(*range, limits.range_limit));
    found.extend(wide.map(|(point, _)| Signal { rule: Rule::Range, point }));
    found.sort();
    found
}

/// A chart looked at from one side of its mean.
struct Sided<'a> {
    side: Side,
    points: &'a [Option<f64>],
    limits: &'a Limits,
}

impl Sided<'_> {
    fn limit(&self) -> Option<f64> {
        match self.side {
            Side::Above => self.limits.upper,
            Side::Below => self.limits.lower,
        }
    }

    fn is_beyond(&self, point: Option<f64>, line: f64) -> bool {
        point.is_some_and(|value| match self.side {
            Side::Above => strictly_above(value, line),
            Side::Below => strictly_above(line, value),
        })
    }

    fn outside(&self) -> Vec<Signal> {
        let beyond =
            |limit| (0..self.points.len()).filter(move |point| self.is_beyond(self.points[*point], limit));
        let rule = Rule::OutsideLimits(self.side);
        self.limit().into_iter().flat_map(beyond).map(|point| Signal { rule, point }).collect()
    }

    fn runs(&self) -> Vec<Signal> {
        let sides: Vec<bool> =
            self.points.iter().map(|point| self.is_beyond(*point, self.limits.mean)).collect();
        let mut start = 0;
        let mut found = Vec::new();
        for stretch in sides.chunk_by(|one, other| one == other) {
            if stretch[0] && stretch.len() >= RUN {
                let run = start..start + stretch.len();
                found.extend(run.map(|point| Signal { rule: Rule::Run(self.side), point }));
            }
            start += stretch.len();
        }
        found
    }

    fn beyond_midpoint(&self) -> Vec<Signal> {
        let Some(limit) = self.limit() else { return Vec::new() };
        let midpoint = self.limits.mean / 2.0 + limit / 2.0;
        let beyond: Vec<bool> = self.points.iter().map(|point| self.is_beyond(*point, midpoint)).collect();
        let mut marked = vec![false; self.points.len()];
        for first in 0..self.points.len().saturating_sub(3) {
            let four = first..first + 4;
            let unbroken = self.points[four.clone()].iter().all(Option::is_some);
            if unbroken && four.clone().filter(|point| beyond[*point]).count() >= 3 {
                four.filter(|point| beyond[*point]).for_each(|point| marked[point] = true);
            }
        }
        let rule = Rule::BeyondMidpoint(self.side);
        let marked = marked.iter().enumerate().filter(|(_, marked)| **marked);
        marked.map(|(point, _)| Signal { rule, point }).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::control_chart::{Scale, baseline};

    fn chart(values: &[f64], scale: Scale) -> (Limits, Vec<Signal>) {
        let points: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        let limits = Limits::of(baseline(&points), scale).expect("defined");
        (limits, signals(&points, &limits))
    }

    fn agrees(limits: &Limits, mean: f64, mean_range: f64, upper: f64, lower: Option<f64>, range_limit: f64) {
        let numbers = [
            (limits.mean, mean),
            (limits.mean_range, mean_range),
            (limits.upper.expect("an upper limit"), upper),
            (limits.lower.unwrap_or(-1.0), lower.unwrap_or(-1.0)),
            (limits.range_limit, range_limit),
        ];
        for (got, expected) in numbers {
            assert!((got - expected).abs() < 1e-9 * expected.abs(), "{got} instead of {expected}");
        }
    }

    fn points_of(signals: &[Signal], rule: impl Fn(Rule) -> bool) -> Vec<usize> {
        signals.iter().filter(|signal| rule(signal.rule)).map(|signal| signal.point).collect()
    }

    /// domain_examples X7.17.
    #[test]
    fn a_point_outside_is_a_signal() {
        let values = [42.0, 47.0, 39.0, 45.0, 50.0, 44.0, 41.0, 48.0, 46.0, 43.0, 49.0, 70.0, 45.0];
        let (limits, signals) = chart(&values, Scale::NonNegative);
        agrees(&limits, 46.84615384615, 8.083333333333, 68.34782051282, Some(25.34448717949), 26.40825);
        assert_eq!(signals, vec![Signal { rule: Rule::OutsideLimits(Side::Above), point: 11 }]);
    }

    /// domain_examples X7.18.
    #[test]
    fn a_shift_is_seen_as_runs() {
        let values =
            [20.0, 24.0, 19.0, 23.0, 21.0, 18.0, 22.0, 20.0, 27.0, 26.0, 29.0, 28.0, 27.0, 30.0, 28.0, 29.0];
        let (limits, signals) = chart(&values, Scale::NonNegative);
        agrees(&limits, 24.4375, 2.866666666667, 32.06283333333, Some(16.81216666667), 9.3654);
        assert_eq!(points_of(&signals, |rule| rule == Rule::Run(Side::Below)), (0..8).collect::<Vec<_>>());
        assert_eq!(points_of(&signals, |rule| rule == Rule::Run(Side::Above)), (8..16).collect::<Vec<_>>());
        assert_eq!(signals.len(), 16);
    }

    /// domain_examples X7.19.
    #[test]
    fn a_limit_below_zero_is_absent() {
        let (limits, signals) =
            chart(&[3.0, 1.0, 4.0, 2.0, 3.0, 5.0, 1.0, 2.0, 4.0, 3.0], Scale::NonNegative);
        agrees(&limits, 2.8, 2.0, 8.12, None, 6.534);
        assert!(signals.is_empty());
    }

    /// domain_examples X7.21.
    #[test]
    fn three_of_four_near_the_limit_are_a_signal() {
        let values =
            [10.0, 11.0, 10.0, 11.0, 10.0, 11.0, 10.0, 11.0, 10.0, 13.2, 13.0, 11.0, 13.1, 10.0, 11.0, 10.0];
        let (limits, signals) = chart(&values, Scale::NonNegative);
        agrees(&limits, 10.95625, 1.373333333333, 14.60931666667, Some(7.303183333333), 4.48668);
        assert_eq!(points_of(&signals, |rule| rule == Rule::BeyondMidpoint(Side::Above)), vec![9, 10, 12]);
        assert_eq!(signals.len(), 3);
    }

    #[test]
    fn a_leap_marks_the_later_point() {
        let (_, signals) =
            chart(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 9.0, 1.0, 2.0], Scale::Unbounded);
        assert_eq!(points_of(&signals, |rule| rule == Rule::Range), vec![9, 10]);
    }

    #[test]
    fn what_never_changes_shows_nothing() {
        for value in [0.1, 1e9 / 3.0, -7.7, 0.0] {
            assert!(chart(&[value; 23], Scale::Unbounded).1.is_empty(), "{value}");
        }
    }

    #[test]
    fn a_gap_breaks_a_run() {
        let mut points: Vec<Option<f64>> = [1.0; 7].iter().chain(&[5.0; 8]).copied().map(Some).collect();
        let limits = Limits::of(&points, Scale::Unbounded).expect("defined");
        points.insert(11, None);
        assert!(points_of(&signals(&points, &limits), |rule| matches!(rule, Rule::Run(_))).is_empty());
    }

    proptest! {
        #[test]
        fn the_chart_upside_down_shows_the_same(values in prop::collection::vec(-100i32..100, 8..40)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let turned: Vec<f64> = values.iter().map(|value| -value).collect();
            let count = |values: &[f64]| {
                let found = chart(values, Scale::Unbounded).1;
                let above = points_of(&found, |rule| rule == Rule::Run(Side::Above) || rule == Rule::OutsideLimits(Side::Above));
                let below = points_of(&found, |rule| rule == Rule::Run(Side::Below) || rule == Rule::OutsideLimits(Side::Below));
                (above, below, points_of(&found, |rule| rule == Rule::Range))
            };
            let (above, below, ranges) = count(&values);
            prop_assert_eq!(count(&turned), (below, above, ranges));
        }
    }
}
