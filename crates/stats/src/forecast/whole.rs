//! A whole period before it begins (domain 9.1): what earlier ones brought, or peers' rates and one's own,
//! say about one that has not started. They are the methods of domain 6.7 with nothing done yet.

use super::linear::ahead;
use super::{Forecast, Increments, RatePrior, counts};
use crate::count::Count;
use crate::undefined::Undefined;

/// Foretells a period of which a share is to come (1 for all of it) from what earlier ones brought: linear, with
/// periods for its units.
///
/// # Errors
/// As [`super::linear`]: `TooFew` under five periods, `Alike` where all of them brought the same.
pub fn whole_period(totals: &[f64], share: f64, increments: Increments) -> Result<Forecast, Undefined> {
    ahead(totals, 0.0, share, increments)
}

/// Foretells a count of a whole period from peers' rates and what one's own earlier periods brought in which
/// exposure; nothing in no exposure where there were none.
///
/// # Errors
/// As [`counts`].
pub fn whole_count(prior: RatePrior, before: Count, exposure: f64) -> Result<Forecast, Undefined> {
    let nothing = Count::new(0, 0.0).ok_or(Undefined::Contradictory)?;
    counts(prior.after(before).ok_or(Undefined::NotFinite)?, nothing, exposure)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean 11.5 and s² 37.5 ÷ 5 = 7.5 by hand; t(0.90, 5) = 1.4758840488 from a table.
    #[test]
    fn the_next_of_six_periods_lies_around_their_mean() {
        let got = whole_period(&[12.0, 8.0, 15.0, 11.0, 9.0, 14.0], 1.0, Increments::NeverNegative)
            .expect("defined");
        let half = 1.475_884_048_8 * (7.5 * (1.0 + 1.0 / 6.0_f64)).sqrt();
        assert!((got.point - 11.5).abs() < 1e-12);
        assert!((got.eighty.low - (11.5 - half)).abs() < 1e-8, "{:?}", got.eighty);
        assert!(got.probability_of(11.5).is_some_and(|chance| (chance.value() - 0.5).abs() < 1e-12));
        assert_eq!(whole_period(&[1.0; 4], 1.0, Increments::NeverNegative), Err(Undefined::TooFew));
    }

    #[test]
    fn less_than_nothing_comes_only_where_it_can() {
        let wild = [100.0, 0.0, 0.0, 0.0, 0.0, 90.0];
        let low = |increments| whole_period(&wild, 1.0, increments).expect("defined").ninety_five.low;
        assert_eq!(low(Increments::NeverNegative), 0.0);
        assert!(low(Increments::MayBeNegative) < 0.0);
        assert_eq!(whole_period(&[5.0; 6], 0.5, Increments::NeverNegative), Err(Undefined::Alike));
    }

    /// domain_examples X9.5, of somebody without a past.
    #[test]
    fn without_a_past_a_count_is_what_peers_do() {
        let prior = RatePrior::new(3.2, 20.0).expect("a prior");
        let got = whole_count(prior, Count::new(0, 0.0).expect("a count"), 62.0).expect("defined");
        let chance = got.probability_of(9.0).expect("a target").value();
        assert!((chance - 0.516_191_934_901).abs() < 1e-8, "{chance}");
        let own = whole_count(prior, Count::new(30, 60.0).expect("a count"), 62.0).expect("defined");
        assert!((own.point - 62.0 * 33.2 / 80.0).abs() < 1e-9, "{}", own.point);
        assert!(own.probability_of(9.0).is_some_and(|chance| chance.value() > 0.9));
    }
}
