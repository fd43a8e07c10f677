//! Scorecards: attainments weighted into one score, without hiding what is missing (domain 6.6).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::exact::{add, divide, multiply, sum};
use crate::undefined::Undefined;

/// Below this coverage there is no score (domain 19, `scorecard_min_weight`).
const COVERAGE_MIN: Decimal = Decimal::from_parts(70, 0, 0, false, 2);

/// What is known of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attained {
    /// Its attainment, uncapped.
    Value(Decimal),
    /// It should have one and has none.
    Missing,
    /// The role does not have it (E2): its weight is not missed.
    NotApplicable,
}

/// One component of a scorecard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    weight: Decimal,
    attained: Attained,
    floor: Option<Decimal>,
    cap: Option<Decimal>,
}

impl Component {
    /// A component with a weight above zero and, where there are both, a floor no higher than the cap.
    #[must_use]
    pub fn new(
        weight: Decimal,
        attained: Attained,
        floor: Option<Decimal>,
        cap: Option<Decimal>,
    ) -> Option<Component> {
        let ordered = floor.zip(cap).is_none_or(|(floor, cap)| floor <= cap);
        (weight > Decimal::ZERO && ordered).then_some(Component { weight, attained, floor, cap })
    }

    /// Its score: the attainment within floor and cap.
    #[must_use]
    pub fn score(&self) -> Option<Decimal> {
        let Attained::Value(attainment) = self.attained else { return None };
        let raised = self.floor.map_or(attainment, |floor| attainment.max(floor));
        Some(self.cap.map_or(raised, |cap| raised.min(cap)))
    }
}

/// What becomes of components that are missing. Counting them as zero is not offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenMissing {
    /// The others carry their weight.
    #[default]
    Renormalise,
    /// They count as just attained.
    Neutral,
    /// There is no score.
    ExcludeSubject,
}

/// A scorecard, with or without a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scorecard {
    /// The weighted score. Without one: `InsufficientWeight` under 70 % coverage (E18) or where a missing
    /// component excludes, `ZeroDenominator` where nothing applies.
    pub score: Result<Decimal, Undefined>,
    /// The weight that has a value, of that which applies; shown with every score.
    pub coverage: Result<Decimal, Undefined>,
}

impl Scorecard {
    /// Weights components into a score.
    #[must_use]
    pub fn of(components: &[Component], when_missing: WhenMissing) -> Scorecard {
        let applicable: Vec<&Component> =
            components.iter().filter(|component| component.attained != Attained::NotApplicable).collect();
        let coverage = coverage(&applicable);
        let score = coverage.and_then(|coverage| {
            if coverage < COVERAGE_MIN {
                return Err(Undefined::InsufficientWeight);
            }
            let missing = applicable.iter().any(|component| component.attained == Attained::Missing);
            match when_missing {
                WhenMissing::ExcludeSubject if missing => Err(Undefined::InsufficientWeight),
                WhenMissing::Neutral => {
                    weighted(&applicable, |component| component.score().or(Some(Decimal::ONE)))
                }
                WhenMissing::Renormalise | WhenMissing::ExcludeSubject => {
                    weighted(&applicable, Component::score)
                }
            }
        });
        Scorecard { score, coverage }
    }
}

fn coverage(applicable: &[&Component]) -> Result<Decimal, Undefined> {
    let available = applicable.iter().filter(|component| component.score().is_some());
    divide(
        sum(available.map(|component| component.weight))?,
        sum(applicable.iter().map(|component| component.weight))?,
    )
}

fn weighted(
    components: &[&Component],
    score: impl Fn(&Component) -> Option<Decimal>,
) -> Result<Decimal, Undefined> {
    let (mut scores, mut weights) = (Decimal::ZERO, Decimal::ZERO);
    for component in components {
        if let Some(score) = score(component) {
            scores = add(scores, multiply(component.weight, score)?)?;
            weights = add(weights, component.weight)?;
        }
    }
    divide(scores, weights)
}

/// The variance of a score from those of its attainments, `Σ (w_i/Σw)² Var(A_i)`: right where they are
/// independent, which is to be said. `components` are pairs of weight and variance.
///
/// # Errors
/// `ZeroDenominator` without weight, `Contradictory` where a variance is negative or none, `NotFinite`.
pub fn score_variance(components: &[(Decimal, f64)]) -> Result<f64, Undefined> {
    let weights = sum(components.iter().map(|(weight, _)| *weight))?;
    if weights.is_zero() {
        return Err(Undefined::ZeroDenominator);
    }
    let mut variance = 0.0;
    for (weight, of_attainment) in components {
        if of_attainment.is_nan() || *of_attainment < 0.0 {
            return Err(Undefined::Contradictory);
        }
        let share = divide(*weight, weights)?.to_f64().ok_or(Undefined::NotFinite)?;
        variance += share * share * of_attainment;
    }
    crate::undefined::finite(variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn component(weight: &str, attained: Attained) -> Component {
        Component::new(of(weight), attained, None, None).expect("a component")
    }

    fn value(attained: &str) -> Attained {
        Attained::Value(of(attained))
    }

    fn example() -> Vec<Component> {
        vec![
            component("0.4", value("1.1")),
            component("0.2", value("0.8")),
            component("0.1", Attained::NotApplicable),
            component("0.2", Attained::Missing),
            Component::new(of("0.1"), value("1.5"), None, Some(of("1.2"))).expect("a component"),
        ]
    }

    fn close(got: Result<Decimal, Undefined>, expected: &str) {
        let got = got.expect("defined");
        assert!((got - of(expected)).abs() < Decimal::new(1, 12), "{got} instead of {expected}");
    }

    /// domain_examples X6.10.
    #[test]
    fn a_missing_component_is_no_zero() {
        let got = Scorecard::of(&example(), WhenMissing::Renormalise);
        close(got.score, "1.028571428571");
        close(got.coverage, "0.7777777777778");
    }

    /// domain_examples X6.11.
    #[test]
    fn with_half_of_the_weight_there_is_no_score() {
        let components = [
            component("0.5", value("1.1")),
            component("0.3", Attained::Missing),
            component("0.2", Attained::Missing),
        ];
        let got = Scorecard::of(&components, WhenMissing::Renormalise);
        assert_eq!(got.score, Err(Undefined::InsufficientWeight));
        close(got.coverage, "0.5");
    }

    #[test]
    fn a_company_may_choose_what_missing_means() {
        close(Scorecard::of(&example(), WhenMissing::Neutral).score, "1.022222222222222222");
        assert_eq!(
            Scorecard::of(&example(), WhenMissing::ExcludeSubject).score,
            Err(Undefined::InsufficientWeight)
        );
    }

    #[test]
    fn nothing_that_applies_has_no_score() {
        assert_eq!(Scorecard::of(&[], WhenMissing::Neutral).score, Err(Undefined::ZeroDenominator));
        let none = [component("1", Attained::NotApplicable)];
        assert_eq!(Scorecard::of(&none, WhenMissing::Renormalise).coverage, Err(Undefined::ZeroDenominator));
    }

    #[test]
    fn a_component_makes_sense() {
        assert_eq!(Component::new(of("0"), Attained::Missing, None, None), None);
        assert_eq!(Component::new(of("1"), Attained::Missing, Some(of("2")), Some(of("1"))), None);
        let floored = Component::new(of("1"), value("-3"), Some(of("0")), None).expect("a component");
        assert_eq!(floored.score(), Some(of("0")));
        let huge = [
            component("1", value("79228162514264337593543950335")),
            component("1", value("79228162514264337593543950335")),
        ];
        assert_eq!(Scorecard::of(&huge, WhenMissing::Renormalise).score, Err(Undefined::NotFinite));
    }

    #[test]
    fn a_score_is_as_sure_as_its_parts() {
        let variance = score_variance(&[(of("1"), 0.04), (of("3"), 0.08)]).expect("defined");
        assert!((variance - (0.0625 * 0.04 + 0.5625 * 0.08)).abs() < 1e-15);
        assert_eq!(score_variance(&[]), Err(Undefined::ZeroDenominator));
        assert_eq!(score_variance(&[(of("1"), -0.1)]), Err(Undefined::Contradictory));
        assert_eq!(score_variance(&[(of("1"), f64::INFINITY)]), Err(Undefined::NotFinite));
    }
}
