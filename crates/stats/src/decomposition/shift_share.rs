//! Shift-share: how much of somebody's growth is the market's, how much the mix of segments they were
//! in, how much their own (domain 8.5).

use crate::interval::{Confidence, Interval};
use crate::undefined::{Undefined, finite};

/// Above this share of a segment, its growth is taken without the subject (domain 8.5).
const OWN_SHARE_MAX: f64 = 0.20;

/// A subject's part of one segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// The subject's value in it before.
    pub base: f64,
    /// The subject's growth in it, as a share of one.
    pub own_growth: f64,
    /// The segment's own growth (see [`segment_growth`]).
    pub segment_growth: f64,
}

/// A subject's growth taken apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// What growing like the whole company would have brought.
    pub market: f64,
    /// What the segments brought by growing differently from it.
    pub mix: f64,
    /// What the subject brought by growing differently from its segments.
    pub own: f64,
}

/// Takes a subject's growth apart: `Σ b g`, `Σ b (g_s − g)`, `Σ b (g_rs − g_s)`. Together they are the
/// subject's change.
///
/// # Errors
/// `NotFinite` where a number is not finite or too large to be held.
pub fn shift_share(segments: &[Segment], company_growth: f64) -> Result<Growth, Undefined> {
    let sum = |part: &dyn Fn(&Segment) -> f64| {
        finite(segments.iter().map(|segment| segment.base * part(segment)).sum())
    };
    Ok(Growth {
        market: sum(&|_| company_growth)?,
        mix: sum(&|segment| segment.segment_growth - company_growth)?,
        own: sum(&|segment| segment.own_growth - segment.segment_growth)?,
    })
}

/// The growth of a segment from its value before and after, `(before, after)`. Without the subject where
/// the subject was more than 20 % of it.
///
/// # Errors
/// `ZeroDenominator` where it grew from nothing, `InvalidBase` from less, `NotFinite`.
pub fn segment_growth(segment: (f64, f64), own: (f64, f64)) -> Result<f64, Undefined> {
    let dominated = own.0 > OWN_SHARE_MAX * segment.0;
    let (before, after) = if dominated { (segment.0 - own.0, segment.1 - own.1) } else { segment };
    if before == 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    if before < 0.0 {
        return Err(Undefined::InvalidBase);
    }
    finite(after / before - 1.0)
}

/// What is known of a segment's amounts beyond their sums: the sums of their squares, by which chance is
/// estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SegmentSpread {
    /// The subject's value in it before.
    pub base: f64,
    /// The segment's own growth.
    pub growth: f64,
    /// What the segment was worth before, where its growth is taken from.
    pub growth_base: f64,
    /// Sums of squared amounts of the subject, before and after.
    pub own_squares: (f64, f64),
    /// Sums of squared amounts of what the growth is taken from, before and after.
    pub growth_squares: (f64, f64),
}

/// The interval of what somebody brought by growing differently from their segments, `Σ (a_s − b_s (1 +
/// g_s))`: amounts come as chance events (a compound Poisson process), so that the variance of a sum is
/// the sum of squared amounts; the segments' growth is uncertain in the same way.
///
/// # Errors
/// `NotFinite` where a number is not finite or too large to be held.
pub fn own_interval(
    own: f64,
    segments: &[SegmentSpread],
    confidence: Confidence,
) -> Result<Interval, Undefined> {
    let variance: f64 = segments
        .iter()
        .map(|segment| {
            let factor = (1.0 + segment.growth) * (1.0 + segment.growth);
            let own = segment.own_squares.1 + factor * segment.own_squares.0;
            let of_growth = match segment.growth_base {
                base if base > 0.0 => {
                    let share = segment.base / base;
                    share * share * (segment.growth_squares.1 + factor * segment.growth_squares.0)
                }
                _ => 0.0,
            };
            own + of_growth
        })
        .sum();
    let half = confidence.z() * finite(variance)?.max(0.0).sqrt();
    Ok(Interval { low: finite(own - half)?, high: finite(own + half)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_large_sales_leave_room_for_chance() {
        // Eight sales of 10 before, six after, where the segment of a hundred such sales fell as much.
        let segment = SegmentSpread {
            base: 80.0,
            growth: -0.2,
            growth_base: 1000.0,
            own_squares: (800.0, 600.0),
            growth_squares: (10_000.0, 8_000.0),
        };
        let few = own_interval(-4.0, &[segment], Confidence::NINETY_FIVE).expect("defined");
        assert!(
            few.contains(0.0) && (few.high - few.low - 2.0 * 1.96 * 1203.0_f64.sqrt()).abs() < 2.0,
            "{few:?}"
        );
        // The same in sales of a hundredth of the size.
        let small = SegmentSpread { own_squares: (8.0, 6.0), growth_squares: (100.0, 80.0), ..segment };
        let many = own_interval(-24.0, &[small], Confidence::NINETY_FIVE).expect("defined");
        assert!(!many.contains(0.0), "{many:?}");
        assert_eq!(own_interval(f64::NAN, &[], Confidence::NINETY_FIVE), Err(Undefined::NotFinite));
    }

    /// domain_examples X8.7.
    #[test]
    fn growth_agrees_with_the_worked_example() {
        let segments = [
            Segment { base: 100.0, own_growth: 0.1, segment_growth: 0.2 },
            Segment { base: 300.0, own_growth: 0.02, segment_growth: 0.05 },
        ];
        let got = shift_share(&segments, 0.08).expect("defined");
        let apart = [got.market - 32.0, got.mix - 3.0, got.own - -19.0];
        assert!(apart.iter().all(|gap| gap.abs() < 1e-12), "{got:?}");
        assert!((got.market + got.mix + got.own - 16.0).abs() < 1e-12);
        assert_eq!(shift_share(&segments, f64::NAN), Err(Undefined::NotFinite));
    }

    #[test]
    fn whoever_is_the_segment_is_not_measured_by_themselves() {
        let close =
            |got: Result<f64, Undefined>, expected: f64| (got.expect("defined") - expected).abs() < 1e-12;
        assert!(close(segment_growth((100.0, 150.0), (50.0, 95.0)), 0.1));
        assert!(close(segment_growth((100.0, 150.0), (20.0, 65.0)), 0.5));
        assert_eq!(segment_growth((100.0, 150.0), (100.0, 150.0)), Err(Undefined::ZeroDenominator));
        assert_eq!(segment_growth((0.0, 5.0), (0.0, 0.0)), Err(Undefined::ZeroDenominator));
        assert_eq!(segment_growth((-10.0, 5.0), (-20.0, 0.0)), Err(Undefined::InvalidBase));
    }
}
