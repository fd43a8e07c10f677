//! How a score is put together (domain 6.6): what counts for how much, and what it adds. Pure; the arithmetic of
//! the score itself is `attain_stats`'.

use attain_stats::scorecard::{Attained, Component, Scorecard, WhenMissing, score_variance};
use attain_stats::{Confidence, Interval};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::card::{RoleCard, Weighted};

/// A score with its parts, in the order of the card.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Composition {
    pub(super) scorecard: Scorecard,
    pub(super) parts: Vec<Counted>,
}

/// What one component does to the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// Its attainment within floor and cap; 1 where it is missing and counts as just attained.
    pub(super) score: Option<Decimal>,
    /// Its part of the weight that counts; none where there is no score, or it does not count.
    pub(super) share: Option<Decimal>,
    /// What it adds to the score.
    pub(super) adds: Option<Decimal>,
}

/// Puts a score together of what was attained by each component of a card.
pub(super) fn of(card: &RoleCard, attained: &[Attained]) -> Composition {
    let component = |(of, attained): (&Weighted, &Attained)| {
        let part = |percent: Option<Decimal>| percent.map(|percent| percent / Decimal::ONE_HUNDRED);
        Component::new(of.weight, *attained, part(of.floor), part(of.cap))
            .expect("a card has weights above zero and floors below caps")
    };
    let components: Vec<Component> = card.components().iter().zip(attained).map(component).collect();
    let scorecard = Scorecard::of(&components, card.when_missing());
    let counts = |(component, attained): (&Component, &Attained)| match attained {
        Attained::Missing if card.when_missing() == WhenMissing::Neutral => Some(Decimal::ONE),
        _ => component.score(),
    };
    let scores: Vec<Option<Decimal>> = components.iter().zip(attained).map(counts).collect();
    let weights = card.components().iter().map(|one| one.weight);
    let counted: Decimal =
        weights.clone().zip(&scores).filter(|(_, score)| score.is_some()).map(|(weight, _)| weight).sum();
    let parts = weights.zip(scores).map(|(weight, score)| {
        let share = scorecard.score.ok().and(score).and_then(|_| weight.checked_div(counted));
        Counted { score, share, adds: share.zip(score).and_then(|(share, score)| share.checked_mul(score)) }
    });
    Composition { parts: parts.collect(), scorecard }
}

impl Composition {
    /// The 95 % interval of the score, from the variance of each attainment that counts, taken as independent of
    /// the others. None where that of one is not known, or none of them could have come out otherwise.
    pub(super) fn interval(&self, variances: &[Option<f64>]) -> Option<Interval> {
        let score = self.scorecard.score.ok()?.to_f64()?;
        let counting =
            self.parts.iter().zip(variances).filter_map(|(part, known)| Some((part.share?, *known)));
        let known: Option<Vec<(Decimal, f64)>> =
            counting.map(|(share, known)| Some((share, known?))).collect();
        let variance = score_variance(&known?).ok().filter(|variance| *variance > 0.0)?;
        let half = Confidence::NINETY_FIVE.z() * variance.sqrt();
        Some(Interval { low: score - half, high: score + half })
    }
}

#[cfg(test)]
mod tests {
    use attain_stats::Undefined;

    use super::*;

    fn card(weights: &[(i64, Option<i64>)], when_missing: WhenMissing) -> RoleCard {
        let components = weights.iter().enumerate().map(|(place, (weight, cap))| Weighted {
            metric: format!("metric_{place}"),
            weight: (*weight).into(),
            floor: None,
            cap: cap.map(Decimal::from),
        });
        RoleCard::new(components.collect(), when_missing).expect("a card")
    }

    fn value(text: &str) -> Attained {
        Attained::Value(text.parse().expect("a decimal"))
    }

    /// domain_examples X6.10: one does not apply, one is missing, one is capped.
    fn example(when_missing: WhenMissing) -> Composition {
        let card = card(&[(40, None), (20, None), (10, None), (20, None), (10, Some(120))], when_missing);
        of(&card, &[value("1.1"), value("0.8"), Attained::NotApplicable, Attained::Missing, value("1.5")])
    }

    #[test]
    fn the_parts_add_up_to_the_score() {
        for when_missing in [WhenMissing::Renormalise, WhenMissing::Neutral] {
            let made = example(when_missing);
            let score = made.scorecard.score.expect("a score");
            let adds: Decimal = made.parts.iter().filter_map(|part| part.adds).sum();
            let shares: Decimal = made.parts.iter().filter_map(|part| part.share).sum();
            assert!((adds - score).abs() < Decimal::new(1, 20), "{adds} of {score}");
            assert!((shares - Decimal::ONE).abs() < Decimal::new(1, 20));
        }
        let made = example(WhenMissing::Renormalise);
        assert_eq!(made.scorecard.score.map(|score| score.round_dp(9)), Ok(Decimal::new(1_028_571_429, 9)));
        assert_eq!(made.parts[3], Counted { score: None, share: None, adds: None });
        assert_eq!(made.parts[4].score, Some(Decimal::new(12, 1)), "150 % counts as 120 %");
        assert_eq!(example(WhenMissing::Neutral).parts[3].score, Some(Decimal::ONE));
    }

    #[test]
    fn without_a_score_nothing_counts() {
        let made = example(WhenMissing::ExcludeSubject);
        assert_eq!(made.scorecard.score, Err(Undefined::InsufficientWeight));
        assert!(made.parts.iter().all(|part| part.share.is_none() && part.adds.is_none()));
        assert_eq!(made.parts[0].score, Some(Decimal::new(11, 1)), "what was attained is there all the same");
    }

    #[test]
    fn a_score_is_as_sure_as_its_parts() {
        let made =
            of(&card(&[(50, None), (50, None)], WhenMissing::Renormalise), &[value("1"), value("0.8")]);
        let interval = made.interval(&[Some(0.0), Some(0.04)]).expect("an interval");
        assert!((interval.high - 0.9 - 1.959_963_984_540_054 * 0.1).abs() < 1e-12, "{interval:?}");
        assert_eq!(made.interval(&[Some(0.0), Some(0.0)]), None, "full counts");
        assert_eq!(made.interval(&[None, Some(0.04)]), None, "one is not known");
    }
}
