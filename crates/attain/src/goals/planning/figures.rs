//! What planned targets come to (domain 9.1–9.3): chances, how attainment is spread, whether doing well was answered
//! with more, whether targets follow potential, and capacity against plan. Pure.

use attain_metrics::{Direction, Metric};
use attain_stats::attainment::Objective;
use attain_stats::order::median;
use attain_stats::planning::{
    Attainability, InProportion, Member, capacity, expected_participation, gini, in_proportion,
    participation, ratchet, share_of_top_fifth, spearman, variation,
};
use attain_stats::{Probability, Undefined};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::people::{Last, Person, Planned};
use crate::goals::outlook;

/// By which a period is a part of a year.
const DAYS_OF_YEAR: i32 = 365;

/// What is said of planned targets.
pub(super) struct Figures {
    /// Of each person, in their order.
    pub(super) people: Vec<OfPerson>,
    /// The share of targets that can be expected to be reached, and of how many it is known.
    pub(super) expected: Result<Probability, Undefined>,
    pub(super) foretold: usize,
    pub(super) last: Spread,
    /// How much targets rose for over-attainment before, and over how many people.
    pub(super) ratchet: Result<f64, Undefined>,
    pub(super) raised: usize,
    pub(super) potential: Option<Potential>,
    pub(super) capacity: Result<Capacity, Undefined>,
}

/// What is said of one person's target.
pub(super) struct OfPerson {
    pub(super) chance: Option<Probability>,
    /// How much they attained in the last period, uncapped.
    pub(super) attained: Option<Result<f64, Undefined>>,
    /// Target over potential.
    pub(super) in_proportion: Option<InProportion>,
}

/// How attainment of the last period was spread over those who were there.
pub(super) struct Spread {
    pub(super) people: usize,
    pub(super) reached: usize,
    pub(super) participation: Result<f64, Undefined>,
    pub(super) median: Result<f64, Undefined>,
    pub(super) variation: Result<f64, Undefined>,
    /// The share of all that was brought which the best fifth brought.
    pub(super) top_fifth: Result<f64, Undefined>,
}

/// Whether targets follow potential.
pub(super) struct Potential {
    pub(super) people: usize,
    pub(super) out_of_proportion: usize,
    pub(super) correlation: Result<f64, Undefined>,
    pub(super) gini: Result<f64, Undefined>,
}

/// What the people there are can be expected to bring.
pub(super) struct Capacity {
    /// What their targets add up to.
    pub(super) targets: Decimal,
    /// How much of targets was attained in the last period, all together.
    pub(super) expected_attainment: Decimal,
    /// The share that is expected to be lost because people leave.
    pub(super) attrition: Decimal,
    pub(super) capacity: Decimal,
    /// What it is held against.
    pub(super) plan: Decimal,
    /// Whether that is a plan of its own, and not what targets add up to.
    pub(super) is_own_plan: bool,
}

/// How much of a target is attained, in the direction of its metric.
fn attained(metric: &Metric, last: &Last) -> Result<Decimal, Undefined> {
    let objective = match metric.direction {
        Direction::Down => Objective::at_most(last.target),
        Direction::Up | Direction::Band | Direction::None => Objective::at_least(last.target),
    };
    objective?.attainment(last.attained)
}

/// Makes of the people what is said of them.
pub(super) fn figures(planned: &Planned) -> Figures {
    let people = &planned.people;
    let chances: Vec<Option<Probability>> =
        people.iter().map(|person| chance(&planned.metric, person)).collect();
    let known: Vec<Probability> = chances.iter().flatten().copied().collect();
    let proportions = proportions(people);
    let of_each =
        people.iter().zip(chances).zip(&proportions).map(|((person, chance), in_proportion)| OfPerson {
            chance,
            attained: person.last.map(|last| attained(&planned.metric, &last).and_then(float)),
            in_proportion: *in_proportion,
        });
    let raises = raises(planned);
    Figures {
        people: of_each.collect(),
        expected: expected_participation(&known),
        foretold: known.len(),
        last: spread(&planned.metric, people),
        ratchet: ratchet(&raises),
        raised: raises.len(),
        potential: potential(people, &proportions),
        capacity: against_plan(planned),
    }
}

fn chance(metric: &Metric, person: &Person) -> Option<Probability> {
    outlook::chance(metric, person.whole.as_ref().ok()?, person.target?)
}

/// What a chance makes of a target, in a word.
pub(super) fn flag(chance: Probability) -> Option<&'static str> {
    match Attainability::of(chance) {
        Attainability::Unlikely => Some("unlikely"),
        Attainability::Plausible => None,
        Attainability::Soft => Some("soft"),
    }
}

fn spread(metric: &Metric, people: &[Person]) -> Spread {
    let there = people.iter().filter_map(|person| person.last).filter(|last| last.was_there);
    let held = there
        .filter_map(|last| Some((attained(metric, &last).and_then(float).ok()?, last.attained.to_f64()?)));
    let (shares, amounts): (Vec<f64>, Vec<f64>) = held.unzip();
    Spread {
        people: shares.len(),
        reached: shares.iter().filter(|share| **share >= 1.0).count(),
        participation: participation(&shares),
        median: median(&shares),
        variation: variation(&shares),
        top_fifth: share_of_top_fifth(&amounts),
    }
}

/// Over-attainment of the last period with the growth of the target into the planned one, of those who had a whole
/// target in both.
fn raises(planned: &Planned) -> Vec<(f64, f64)> {
    // Where the planned period is the last one itself, nothing followed yet.
    if planned.last.as_ref() == Some(&planned.period) {
        return Vec::new();
    }
    let raise = |person: &Person| {
        let planned_target = person.target.filter(|_| person.is_whole)?;
        let last = person.last.filter(|last| last.is_whole && last.target > Decimal::ZERO)?;
        let over = attained(&planned.metric, &last).ok()? - Decimal::ONE;
        let growth = planned_target.checked_div(last.target)? - Decimal::ONE;
        Some((over.to_f64()?, growth.to_f64()?))
    };
    planned.people.iter().filter_map(raise).collect()
}

/// Each target over its potential, held against the others.
fn proportions(people: &[Person]) -> Vec<Option<InProportion>> {
    let pair = |person: &Person| Some((person.target?.to_f64()?, person.potential?.to_f64()?));
    let pairs: Vec<(f64, f64)> = people.iter().filter_map(pair).collect();
    let mut found = in_proportion(&pairs).into_iter();
    people.iter().map(|person| pair(person).and_then(|_| found.next()?.ok())).collect()
}

fn potential(people: &[Person], proportions: &[Option<InProportion>]) -> Option<Potential> {
    let pairs: Vec<(f64, f64)> = people
        .iter()
        .zip(proportions)
        .filter(|(_, proportion)| proportion.is_some())
        .filter_map(|(person, _)| Some((person.target?.to_f64()?, person.potential?.to_f64()?)))
        .collect();
    if pairs.is_empty() {
        return None;
    }
    let potentials: Vec<f64> = pairs.iter().map(|(_, potential)| *potential).collect();
    Some(Potential {
        people: pairs.len(),
        out_of_proportion: proportions.iter().flatten().filter(|one| !one.is_usual).count(),
        correlation: spearman(&pairs),
        gini: gini(&potentials),
    })
}

fn against_plan(planned: &Planned) -> Result<Capacity, Undefined> {
    let targets: Vec<Decimal> = planned.people.iter().filter_map(|person| person.target).collect();
    let there = || planned.people.iter().filter_map(|person| person.last).filter(|last| last.was_there);
    let (attained, asked) = (sum(there().map(|last| last.attained))?, sum(there().map(|last| last.target))?);
    if targets.is_empty() || asked <= Decimal::ZERO {
        return Err(Undefined::ZeroDenominator);
    }
    let expected_attainment = attained.checked_div(asked).ok_or(Undefined::NotFinite)?;
    let attrition = attrition(planned);
    // Targets as they are delivered or agreed on are those of ramp and of the days that apply.
    let member = |target: &Decimal| Member {
        full_target: *target,
        ramp: Decimal::ONE,
        attrition,
        expected_attainment,
    };
    let capacity = capacity(&targets.iter().map(member).collect::<Vec<_>>())?;
    let targets = sum(targets.into_iter())?;
    let plan = planned.plan.unwrap_or(targets);
    let is_own_plan = (plan - targets).abs() >= Decimal::ONE;
    Ok(Capacity { targets, expected_attainment, attrition, capacity, plan, is_own_plan })
}

fn sum(mut amounts: impl Iterator<Item = Decimal>) -> Result<Decimal, Undefined> {
    amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount)).ok_or(Undefined::NotFinite)
}

/// The share that left in the year before, for the period's part of a year.
fn attrition(planned: &Planned) -> Decimal {
    let (left, there) = planned.left;
    let yearly = Decimal::from(left).checked_div(Decimal::from(there)).unwrap_or_default();
    let days = planned.period.from.zip(planned.period.to).map_or(0, |(from, to)| (to - from).get_days());
    let part = Decimal::from(days.min(DAYS_OF_YEAR)) / Decimal::from(DAYS_OF_YEAR);
    yearly * part
}

fn float(value: Decimal) -> Result<f64, Undefined> {
    value.to_f64().ok_or(Undefined::NotFinite)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use attain_metrics::{Calendar, Catalogue, Member};

    use super::super::people::Basis;
    use super::*;

    fn person(name: &str, target: i64, is_whole: bool) -> Person {
        let last = Last {
            target: Decimal::ONE_HUNDRED,
            attained: Decimal::from(120),
            was_there: true,
            is_whole: true,
        };
        Person {
            member: Member { name: name.to_owned(), id: name.to_owned() },
            role: "AE".to_owned(),
            target: Some(Decimal::from(target)),
            is_whole,
            whole: Err(Undefined::TooFew),
            last: Some(last),
            potential: None,
        }
    }

    /// Half a period's target is not a target that fell by half.
    #[test]
    fn a_target_of_a_part_of_the_planned_period_did_not_grow_or_fall() {
        let calendar = Calendar::starting_in(1).expect("a month");
        let catalogue = Catalogue::shipped().expect("the catalogue");
        let planned = Planned {
            metric: Arc::clone(catalogue.metric("bookings").expect("bookings")),
            basis: Basis::Goals("bookings".to_owned()),
            bases: Vec::new(),
            period: calendar.parse("2026-Q2").expect("a quarter"),
            last: calendar.parse("2026-Q1").ok(),
            roles: BTreeMap::new(),
            role: None,
            people: vec![person("anna", 110, true), person("ben", 50, false)],
            plan: None,
            left: (0, 0),
        };
        let raises = raises(&planned);
        assert_eq!(raises.len(), 1, "Ben leaves in the middle: {raises:?}");
        assert!((raises[0].0 - 0.2).abs() < 1e-12 && (raises[0].1 - 0.1).abs() < 1e-12, "{raises:?}");
    }
}
