//! Ramp: what is asked of somebody new to a role, month by month (domain 6.4).

use rust_decimal::Decimal;

use crate::exact::{multiply, sum};
use crate::undefined::Undefined;

/// The share of the full target asked for in each full month of tenure; the last one holds after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RampProfile {
    fractions: Vec<Decimal>,
}

/// One fiscal month of a ramped target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RampedMonth {
    /// What is asked of somebody beyond ramp.
    pub full_target: Decimal,
    /// Whole months in the role on the month's first day, or 0 where the role starts later (T19).
    pub tenure_months: u32,
    /// The share of the month's working days that apply (T15).
    pub proration: Decimal,
}

impl RampProfile {
    /// A profile of at least one fraction, each from 0 to 1.
    #[must_use]
    pub fn new(fractions: Vec<Decimal>) -> Option<RampProfile> {
        let possible = fractions.iter().all(|fraction| (Decimal::ZERO..=Decimal::ONE).contains(fraction));
        (possible && !fractions.is_empty()).then_some(RampProfile { fractions })
    }

    /// The fraction at a tenure.
    #[must_use]
    pub fn fraction(&self, tenure_months: u32) -> Decimal {
        let last = self.fractions.len() - 1;
        self.fractions[usize::try_from(tenure_months).map_or(last, |months| months.min(last))]
    }

    /// The ramped target of a period: Σ monthly target × fraction × proration.
    ///
    /// # Errors
    /// `NotFinite` where it is too large to be held.
    pub fn target(&self, months: &[RampedMonth]) -> Result<Decimal, Undefined> {
        let ramped = |month: &RampedMonth| {
            multiply(multiply(month.full_target, self.fraction(month.tenure_months))?, month.proration)
        };
        sum(months.iter().map(ramped).collect::<Result<Vec<Decimal>, Undefined>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> RampProfile {
        let fractions = ["0", "0.25", "0.5", "0.75", "1"].map(|text| text.parse().expect("a decimal"));
        RampProfile::new(fractions.to_vec()).expect("a profile")
    }

    fn months(tenures: &[u32]) -> Vec<RampedMonth> {
        let full_target = Decimal::from(100_000);
        let month = |tenure_months: &u32| RampedMonth {
            full_target,
            tenure_months: *tenure_months,
            proration: Decimal::ONE,
        };
        tenures.iter().map(month).collect()
    }

    /// domain_examples X6.7.
    #[test]
    fn a_new_hire_has_half_a_target_in_the_first_full_quarter() {
        assert_eq!(profile().target(&months(&[1, 2, 3])), Ok(Decimal::from(150_000)));
        assert_eq!(profile().target(&months(&[4, 5, 6])), Ok(Decimal::from(300_000)));
    }

    #[test]
    fn the_last_fraction_holds_after() {
        assert_eq!(profile().fraction(0), Decimal::ZERO);
        assert_eq!(profile().fraction(u32::MAX), Decimal::ONE);
    }

    #[test]
    fn a_month_counts_as_far_as_it_applies() {
        let half = RampedMonth { proration: Decimal::new(5, 1), ..months(&[4])[0] };
        assert_eq!(profile().target(&[half]), Ok(Decimal::from(50_000)));
        assert_eq!(profile().target(&[]), Ok(Decimal::ZERO));
        let huge = RampedMonth { full_target: Decimal::MAX, ..months(&[4])[0] };
        assert_eq!(profile().target(&[huge, huge]), Err(Undefined::NotFinite));
    }

    #[test]
    fn a_profile_has_fractions() {
        assert_eq!(RampProfile::new(vec![]), None);
        assert_eq!(RampProfile::new(vec![Decimal::TWO]), None);
        assert_eq!(RampProfile::new(vec![Decimal::NEGATIVE_ONE]), None);
    }
}
