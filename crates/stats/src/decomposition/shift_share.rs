//! Shift-share: how much of somebody's growth is the market's, how much the mix of segments they were
//! in, how much their own (domain 8.5).

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

#[cfg(test)]
mod tests {
    use super::*;

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
