//! Mix versus rate: whether a rate changed, or only the circumstances it was achieved in (Kitagawa 1955,
//! domain 8.5).

use crate::interval::{Confidence, Interval};
use crate::undefined::{Undefined, finite};

/// One stratum on one side: so much in it (decided deals), of which so much is the numerator (won).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    size: f64,
    amount: f64,
}

impl Share {
    /// A finite size of zero or more and a finite amount, which is zero where the size is.
    #[must_use]
    pub fn new(size: f64, amount: f64) -> Option<Share> {
        let possible = size.is_finite() && amount.is_finite() && (size > 0.0 || size == 0.0 && amount == 0.0);
        possible.then_some(Share { size, amount })
    }

    fn rate(self) -> Option<f64> {
        (self.size > 0.0).then(|| self.amount / self.size)
    }
}

/// A difference of overall rates taken apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixAndRate {
    /// The difference, `R¹ − R⁰`.
    pub difference: f64,
    /// What the mix of strata explains.
    pub mix: f64,
    /// What the rates within strata explain.
    pub rate: f64,
}

/// Takes the difference of two overall rates apart. `strata` are pairs of reference and subject; one that
/// is empty on a side has the rate of the other there.
///
/// # Errors
/// `ZeroDenominator` where a side is empty, `NotFinite`.
pub fn kitagawa(strata: &[(Share, Share)]) -> Result<MixAndRate, Undefined> {
    let before = total(strata.iter().map(|(reference, _)| reference.size))?;
    let after = total(strata.iter().map(|(_, subject)| subject.size))?;
    let (mut mix, mut rate, mut difference) = (0.0, 0.0, 0.0);
    for (reference, subject) in strata {
        let (old, new) = (reference.rate().or(subject.rate()), subject.rate().or(reference.rate()));
        let (Some(old), Some(new)) = (old, new) else { continue };
        let (old_share, new_share) = (reference.size / before, subject.size / after);
        mix += (new_share - old_share) * (new + old) / 2.0;
        rate += (new - old) * (new_share + old_share) / 2.0;
        difference += subject.amount / after - reference.amount / before;
    }
    Ok(MixAndRate { difference: finite(difference)?, mix: finite(mix)?, rate: finite(rate)? })
}

/// The interval of what the rates within strata explain, each rate that of independent trials. A rate is
/// taken with one success and one failure more (Agresti & Caffo 2000), so that none of 0 or 1 is taken for
/// certain.
///
/// # Errors
/// As [`kitagawa`].
pub fn rate_interval(strata: &[(Share, Share)], confidence: Confidence) -> Result<Interval, Undefined> {
    let parts = kitagawa(strata)?;
    let before = total(strata.iter().map(|(reference, _)| reference.size))?;
    let after = total(strata.iter().map(|(_, subject)| subject.size))?;
    let variance_of = |share: &Share| {
        let size = share.size + 2.0;
        let rate = (share.amount + 1.0) / size;
        rate * (1.0 - rate) / size
    };
    let variance: f64 = strata
        .iter()
        .filter(|(reference, subject)| reference.size > 0.0 && subject.size > 0.0)
        .map(|(reference, subject)| {
            let weight = (reference.size / before + subject.size / after) / 2.0;
            weight * weight * (variance_of(reference) + variance_of(subject))
        })
        .sum();
    let half = confidence.z() * finite(variance)?.max(0.0).sqrt();
    Ok(Interval { low: parts.rate - half, high: parts.rate + half })
}

fn total(sizes: impl Iterator<Item = f64>) -> Result<f64, Undefined> {
    let total = finite(sizes.sum())?;
    if total == 0.0 { Err(Undefined::ZeroDenominator) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Counts = (f64, f64);

    fn strata(of: &[(Counts, Counts)]) -> Vec<(Share, Share)> {
        let share = |(size, amount): Counts| Share::new(size, amount).expect("a share");
        of.iter().map(|(reference, subject)| (share(*reference), share(*subject))).collect()
    }

    fn agrees(got: MixAndRate, difference: f64, mix: f64, rate: f64) {
        let apart = [got.difference - difference, got.mix - mix, got.rate - rate];
        assert!(apart.iter().all(|gap| gap.abs() < 1e-12), "{got:?}");
    }

    /// domain_examples X8.5.
    #[test]
    fn a_win_rate_can_fall_although_no_rate_fell() {
        let got = kitagawa(&strata(&[
            ((20.0, 3.0), (40.0, 7.0)),
            ((30.0, 9.0), (30.0, 9.0)),
            ((50.0, 25.0), (30.0, 16.0)),
        ]));
        agrees(got.expect("defined"), -0.05, -0.07083333333333, 0.02083333333333);
    }

    /// domain_examples X8.6.
    #[test]
    fn an_empty_stratum_has_the_rate_of_the_other_side() {
        let got = kitagawa(&strata(&[((50.0, 10.0), (0.0, 0.0)), ((50.0, 20.0), (40.0, 20.0))]));
        agrees(got.expect("defined"), 0.2, 0.125, 0.075);
    }

    #[test]
    fn rates_on_little_leave_room_for_no_change() {
        let of = |times: f64| {
            let strata = strata(&[((20.0 * times, 7.0 * times), (20.0 * times, 5.0 * times))]);
            rate_interval(&strata, Confidence::NINETY_FIVE).expect("defined")
        };
        assert!(of(1.0).contains(0.0) && of(1.0).contains(-0.1));
        assert!(!of(40.0).contains(0.0) && of(40.0).contains(-0.1));
    }

    #[test]
    fn an_empty_side_has_no_rate() {
        assert_eq!(kitagawa(&[]), Err(Undefined::ZeroDenominator));
        assert_eq!(kitagawa(&strata(&[((5.0, 1.0), (0.0, 0.0))])), Err(Undefined::ZeroDenominator));
        assert_eq!(Share::new(0.0, 1.0), None);
        assert_eq!(Share::new(-1.0, 1.0), None);
        assert_eq!(Share::new(1.0, f64::NAN), None);
    }

    proptest! {
        /// Invariants I4 and I5.
        #[test]
        fn mix_and_rate_add_up_and_turn_round(
            counts in prop::collection::vec(((0u32..50, 0u32..50), (0u32..50, 0u32..50)), 1..8)
        ) {
            let share = |(won, lost): (u32, u32)| Share::new(f64::from(won + lost), f64::from(won)).expect("a share");
            let there: Vec<(Share, Share)> = counts.iter().map(|(old, new)| (share(*old), share(*new))).collect();
            let back: Vec<(Share, Share)> = there.iter().map(|(old, new)| (*new, *old)).collect();
            if let Ok(got) = kitagawa(&there) {
                prop_assert!((got.mix + got.rate - got.difference).abs() < 1e-9);
                let turned = kitagawa(&back).expect("defined");
                prop_assert!((got.mix + turned.mix).abs() < 1e-9 && (got.rate + turned.rate).abs() < 1e-9);
            }
        }
    }
}
