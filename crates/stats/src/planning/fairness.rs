//! Whether targets follow potential, and whether doing well is answered with more (domain 9.2).

use crate::order::{mean_ranks, median};
use crate::sample::mean;
use crate::undefined::{Undefined, finite};

/// How far from the peers' median a ratio may lie.
const OFF_MAX: f64 = 0.25;

/// One target over the potential it is set for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InProportion {
    /// Target over potential.
    pub ratio: f64,
    /// Whether it lies within 25 % of the peers' median; otherwise it is flagged.
    pub is_usual: bool,
}

/// Holds each target against its potential, `(target, potential)`, in the order they came.
///
/// # Errors
/// One without potential has none (`ZeroDenominator`); `InvalidBase` below it, `NotFinite`.
#[must_use]
pub fn in_proportion(targets: &[(f64, f64)]) -> Vec<Result<InProportion, Undefined>> {
    let ratios: Vec<Result<f64, Undefined>> =
        targets.iter().map(|(target, potential)| ratio(*target, *potential)).collect();
    let defined: Vec<f64> = ratios.iter().filter_map(|ratio| ratio.ok()).collect();
    // Without a median there is no ratio to hold against it either.
    let middle = median(&defined).unwrap_or(0.0);
    let usual = |ratio: f64| (ratio - middle).abs() <= OFF_MAX * middle.abs();
    ratios
        .into_iter()
        .map(|ratio| ratio.map(|ratio| InProportion { ratio, is_usual: usual(ratio) }))
        .collect()
}

fn ratio(target: f64, potential: f64) -> Result<f64, Undefined> {
    if potential == 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    if potential < 0.0 {
        return Err(Undefined::InvalidBase);
    }
    finite(target / potential)
}

/// Spearman's rank correlation of pairs, such as target and potential; equal values share their rank.
///
/// # Errors
/// `TooFew` under three pairs, `ZeroDenominator` where one side does not vary, `NotFinite`.
pub fn spearman(pairs: &[(f64, f64)]) -> Result<f64, Undefined> {
    let (first, second) = sides(pairs)?;
    let ranks: Vec<(f64, f64)> = mean_ranks(&first).into_iter().zip(mean_ranks(&second)).collect();
    let moments = Moments::of(&ranks);
    let spread = (moments.first * moments.second).sqrt();
    if spread == 0.0 {
        Err(Undefined::ZeroDenominator)
    } else {
        finite((moments.both / spread).clamp(-1.0, 1.0))
    }
}

/// The ratchet: the slope of next year's target growth on this year's over-attainment, least squares over
/// pairs `(over-attainment, growth)`. Above zero, doing well is answered with a higher target (Weitzman
/// 1980).
///
/// # Errors
/// `TooFew` under three pairs, `ZeroDenominator` where over-attainment does not vary, `NotFinite`.
pub fn ratchet(pairs: &[(f64, f64)]) -> Result<f64, Undefined> {
    sides(pairs)?;
    let moments = Moments::of(pairs);
    if moments.first == 0.0 { Err(Undefined::ZeroDenominator) } else { finite(moments.both / moments.first) }
}

fn sides(pairs: &[(f64, f64)]) -> Result<(Vec<f64>, Vec<f64>), Undefined> {
    if pairs.len() < 3 {
        return Err(Undefined::TooFew);
    }
    for (first, second) in pairs {
        finite(*first)?;
        finite(*second)?;
    }
    Ok(pairs.iter().copied().unzip())
}

/// Sums of squares and products around the means.
struct Moments {
    first: f64,
    second: f64,
    both: f64,
}

impl Moments {
    fn of(pairs: &[(f64, f64)]) -> Moments {
        let (first, second): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let (x, y) = (mean(&first), mean(&second));
        let sum =
            |part: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|pair| part(pair.0 - x, pair.1 - y)).sum();
        Moments { first: sum(&|x, _| x * x), second: sum(&|_, y| y * y), both: sum(&|x, y| x * y) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.spearmanr([10, 20, 20, 40, 50], [1, 3, 2, 5, 4]).statistic
    #[test]
    fn targets_follow_potential() {
        let pairs = [(10.0, 1.0), (20.0, 3.0), (20.0, 2.0), (40.0, 5.0), (50.0, 4.0)];
        assert!((spearman(&pairs).expect("defined") - 0.8720815992723809).abs() < 1e-12);
        assert_eq!(spearman(&pairs[..2]), Err(Undefined::TooFew));
        assert_eq!(spearman(&[(1.0, 2.0); 4]), Err(Undefined::ZeroDenominator));
        assert_eq!(spearman(&[(1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0)]), Err(Undefined::NotFinite));
    }

    /// numpy.polyfit([0.2, -0.1, 0.0, 0.3], [0.15, 0.02, 0.05, 0.2], 1)[0]
    #[test]
    fn doing_well_may_be_answered_with_more() {
        let slope = ratchet(&[(0.2, 0.15), (-0.1, 0.02), (0.0, 0.05), (0.3, 0.2)]).expect("defined");
        assert!((slope - 0.4600000000000001).abs() < 1e-12);
        assert_eq!(ratchet(&[(0.1, 0.2); 3]), Err(Undefined::ZeroDenominator));
        assert_eq!(ratchet(&[]), Err(Undefined::TooFew));
    }

    #[test]
    fn a_target_out_of_proportion_is_flagged() {
        let got =
            in_proportion(&[(100.0, 100.0), (110.0, 100.0), (90.0, 100.0), (160.0, 100.0), (50.0, 0.0)]);
        let usual: Vec<Result<bool, Undefined>> = got.iter().map(|one| one.map(|one| one.is_usual)).collect();
        assert_eq!(usual, vec![Ok(true), Ok(true), Ok(true), Ok(false), Err(Undefined::ZeroDenominator)]);
        assert!(in_proportion(&[]).is_empty());
        assert_eq!(in_proportion(&[(1.0, -1.0)]), vec![Err(Undefined::InvalidBase)]);
        assert_eq!(in_proportion(&[(f64::NAN, 1.0)]), vec![Err(Undefined::NotFinite)]);
    }
}
