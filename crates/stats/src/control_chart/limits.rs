//! Natural process limits.

use crate::minimum::{Basis, Sufficiency};
use crate::undefined::{Undefined, finite};

/// Limits lie so many mean moving ranges from the mean: three deviations, 3/1.128.
const LIMIT: f64 = 2.66;
/// The upper limit of a moving range, in mean moving ranges.
const RANGE_LIMIT: f64 = 3.267;
/// A baseline has no more points than this.
const BASELINE_MAX: usize = 24;

/// Which values a measure can have at all; a limit beyond them is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Any number.
    Unbounded,
    /// Zero or more.
    NonNegative,
    /// From 0 to 1.
    Share,
}

/// How many points the limits rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmness {
    /// Under twelve: shown, and said to be provisional.
    Provisional,
    /// Twelve or more.
    Firm,
}

/// The limits of a process, as they are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// x̄.
    pub mean: f64,
    /// mR̄.
    pub mean_range: f64,
    /// `x̄ + 2.66·mR̄`; absent above 1 for shares.
    pub upper: Option<f64>,
    /// `x̄ − 2.66·mR̄`; absent below 0 where values are not negative.
    pub lower: Option<f64>,
    /// `3.267·mR̄`.
    pub range_limit: f64,
    /// How many points they rest on.
    pub firmness: Firmness,
}

/// The points that limits rest on: up to the first 24 with a value.
#[must_use]
pub fn baseline(points: &[Option<f64>]) -> &[Option<f64>] {
    let beyond = points.iter().enumerate().filter(|(_, point)| point.is_some()).nth(BASELINE_MAX);
    &points[..beyond.map_or(points.len(), |(place, _)| place)]
}

impl Limits {
    /// The limits of a baseline of points in time order, equal periods apart. A point without a value
    /// breaks the chart: no range bridges it.
    ///
    /// # Errors
    /// `TooFew` under eight points, or without two in a row; `NotFinite` where one is no finite number.
    pub fn of(baseline: &[Option<f64>], scale: Scale) -> Result<Limits, Undefined> {
        let values =
            baseline.iter().flatten().map(|value| finite(*value)).collect::<Result<Vec<f64>, Undefined>>()?;
        let ranges: Vec<f64> = moving_ranges(baseline).map(|(_, range)| range).collect();
        let sufficiency = Basis::Points.suffices(values.len() as f64);
        if sufficiency == Sufficiency::TooFew || ranges.is_empty() {
            return Err(Undefined::TooFew);
        }
        let mean = finite(values.iter().sum::<f64>() / values.len() as f64)?;
        let mean_range = finite(ranges.iter().sum::<f64>() / ranges.len() as f64)?;
        let (upper, lower) = (mean + LIMIT * mean_range, mean - LIMIT * mean_range);
        Ok(Limits {
            mean,
            mean_range,
            upper: (scale != Scale::Share || upper <= 1.0).then_some(finite(upper)?),
            lower: (scale == Scale::Unbounded || lower >= 0.0).then_some(finite(lower)?),
            range_limit: finite(RANGE_LIMIT * mean_range)?,
            firmness: if sufficiency == Sufficiency::Compared {
                Firmness::Firm
            } else {
                Firmness::Provisional
            },
        })
    }
}

/// The range between each point and the one before it, with the place of the later one.
pub(super) fn moving_ranges(points: &[Option<f64>]) -> impl Iterator<Item = (usize, f64)> {
    points.windows(2).enumerate().filter_map(|(before, pair)| match pair {
        [Some(earlier), Some(later)] => Some((before + 1, (later - earlier).abs())),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_rest_on_at_least_eight_points() {
        let points =
            |count: usize| -> Vec<Option<f64>> { (0..count).map(|point| Some((point % 3) as f64)).collect() };
        assert_eq!(Limits::of(&points(7), Scale::Unbounded), Err(Undefined::TooFew));
        let firmness = |count| Limits::of(&points(count), Scale::Unbounded).expect("defined").firmness;
        assert_eq!(firmness(8), Firmness::Provisional);
        assert_eq!(firmness(11), Firmness::Provisional);
        assert_eq!(firmness(12), Firmness::Firm);
        assert_eq!(Limits::of(&[], Scale::Unbounded), Err(Undefined::TooFew));
    }

    #[test]
    fn a_gap_breaks_the_chart() {
        let mut points: Vec<Option<f64>> = [1.0, 1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0].map(Some).to_vec();
        points.insert(4, None);
        assert_eq!(Limits::of(&points, Scale::Unbounded).expect("defined").mean_range, 0.0);
        let alternating: Vec<Option<f64>> = (0..20).map(|point| (point % 2 == 0).then_some(1.0)).collect();
        assert_eq!(Limits::of(&alternating, Scale::Unbounded), Err(Undefined::TooFew));
    }

    #[test]
    fn a_baseline_ends_with_the_24th_value() {
        let mut points = vec![Some(1.0); 30];
        points[3] = None;
        assert_eq!(baseline(&points).len(), 25);
        assert_eq!(baseline(&points[..10]).len(), 10);
    }

    #[test]
    fn limits_that_cannot_be_reached_are_absent() {
        let shares: Vec<Option<f64>> =
            (0..12).map(|point| Some(if point % 2 == 0 { 0.9 } else { 0.5 })).collect();
        let limits = Limits::of(&shares, Scale::Share).expect("defined");
        assert_eq!((limits.upper, limits.lower), (None, None));
        let unbounded = Limits::of(&shares, Scale::Unbounded).expect("defined");
        assert!(unbounded.upper.is_some() && unbounded.lower.is_some());
    }

    #[test]
    fn what_is_no_number_has_no_limits() {
        let mut points = vec![Some(1.0); 12];
        points[5] = Some(f64::NAN);
        assert_eq!(Limits::of(&points, Scale::Unbounded), Err(Undefined::NotFinite));
        let huge: Vec<Option<f64>> =
            (0..12).map(|p| Some(if p % 2 == 0 { f64::MAX } else { -f64::MAX })).collect();
        assert_eq!(Limits::of(&huge, Scale::Unbounded), Err(Undefined::NotFinite));
    }
}
