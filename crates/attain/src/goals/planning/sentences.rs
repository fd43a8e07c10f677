//! Each figure of planning as one plain sentence.

use attain_stats::planning::{is_usual_median, is_usual_participation};
use attain_stats::{Probability, Undefined};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::figures::{Figures, Spread, flag};
use super::people::Planned;
use crate::web::format::{figure_with_unit, places};

/// A figure's name, and what it says.
pub(super) type Sentence = (&'static str, String);

/// A slope below which no target grew by a tenth of a per cent more for ten per cent beyond it.
const FELT: f64 = 0.01;

/// All of them, in the order of planning.
pub(super) fn sentences(planned: &Planned, figures: &Figures, currency: &str) -> Vec<Sentence> {
    let mut all = vec![("Expected participation", expected(planned, figures))];
    match &planned.last {
        Some(last) => all.extend(spread(&figures.last, last.label(), &planned.metric.label)),
        None => all.push((
            "Participation",
            "No period before it is over, so that nothing is known of one.".to_owned(),
        )),
    }
    all.push(("Ratchet", raised(planned, figures)));
    all.push(("Potential", potential(figures)));
    all.push(("Capacity", capacity(planned, figures, currency)));
    all
}

/// The page in a sentence.
pub(super) fn finding(planned: &Planned, figures: &Figures) -> String {
    let with_target = planned.people.iter().filter(|person| person.target.is_some()).count();
    match &figures.expected {
        _ if with_target == 0 => format!("Nobody here has a target in {} yet.", planned.period.label()),
        Ok(expected) => format!(
            "{} % of the targets in {} can be expected to be reached: {} of {with_target} are unlikely, {} soft.",
            per_cent(expected.value()),
            planned.period.label(),
            flagged(figures, "unlikely"),
            flagged(figures, "soft"),
        ),
        Err(_) => format!(
            "{with_target} people have a target in {}; their past is too short to say how likely any of them is.",
            planned.period.label()
        ),
    }
}

/// How many targets have a flag.
pub(super) fn flagged(figures: &Figures, wanted: &str) -> usize {
    let chances = figures.people.iter().filter_map(|person| person.chance);
    chances.filter(|chance: &Probability| flag(*chance) == Some(wanted)).count()
}

fn expected(planned: &Planned, figures: &Figures) -> String {
    let with_target = planned.people.iter().filter(|person| person.target.is_some()).count();
    match &figures.expected {
        Ok(expected) => format!(
            "{} %, the mean of the chances of {}, as the periods before foretell the whole of this one.",
            per_cent(expected.value()),
            of(figures.foretold, with_target, "people with a target")
        ),
        Err(_) => {
            "Of nobody with a target five periods before are known in which they were there.".to_owned()
        }
    }
}

fn spread(spread: &Spread, period: &str, metric: &str) -> Vec<Sentence> {
    let usual = |is_usual: bool, band: &str| match is_usual {
        true => format!("as is usual ({band})"),
        false => format!("outside of what is usual ({band})"),
    };
    let none = || format!("Nobody who was there for most of {period} had a target in it.");
    let participation = match &spread.participation {
        Ok(share) => format!(
            "{} of {} reached their target in {period}: {} %, {}.",
            spread.reached,
            spread.people,
            per_cent(*share),
            usual(is_usual_participation(*share), "50 – 70 %")
        ),
        Err(_) => none(),
    };
    let median = match &spread.median {
        Ok(median) => {
            format!(
                "Half attained {} % or more, {}.",
                per_cent(*median),
                usual(is_usual_median(*median), "95 – 105 %")
            )
        }
        Err(_) => none(),
    };
    let variation = match &spread.variation {
        Ok(variation) => format!(
            "Attainments lie around their mean by {} % of it (coefficient of variation).",
            per_cent(*variation)
        ),
        Err(Undefined::TooFew) => "Of fewer than two attainments nothing varies.".to_owned(),
        Err(_) => "Around a mean of nothing or less there is no share to vary by.".to_owned(),
    };
    let top = match &spread.top_fifth {
        Ok(share) => format!(
            "The fifth who brought most, {}, brought {} % of {}.",
            people(spread.people.div_ceil(5)),
            per_cent(*share),
            metric.to_lowercase()
        ),
        Err(_) => "Nothing was brought that somebody could have a share of.".to_owned(),
    };
    vec![
        ("Participation", participation),
        ("Middle attainment", median),
        ("Spread", variation),
        ("The best fifth", top),
    ]
}

fn raised(planned: &Planned, figures: &Figures) -> String {
    let Some(last) = planned.last.as_ref().filter(|last| **last != planned.period) else {
        return "It shows once there are targets of the period after.".to_owned();
    };
    let between = format!("from {} to {}", last.label(), planned.period.label());
    match &figures.ratchet {
        Ok(slope) if *slope >= FELT => format!(
            "For every 10 % beyond their target people’s targets grew by {} % more {between} (slope {}, {}): doing well was answered with more.",
            per_cent(*slope / 10.0),
            hundredths(*slope),
            people(figures.raised)
        ),
        Ok(slope) => format!(
            "Targets did not grow more for those who went beyond theirs, {between} (slope {}, {}).",
            hundredths(*slope),
            people(figures.raised)
        ),
        Err(Undefined::TooFew) => format!("Fewer than three people had a whole target {between}."),
        Err(_) => format!("Everybody attained as much, so that nothing can be said {between}."),
    }
}

fn potential(figures: &Figures) -> String {
    let Some(potential) = &figures.potential else {
        return "The data has no potential of these people’s territories, so that targets cannot be held against it."
            .to_owned();
    };
    let follows = match &potential.correlation {
        Ok(correlation) => format!("rank correlation of target and potential {}", hundredths(*correlation)),
        Err(_) => "too few or too alike for a rank correlation of target and potential".to_owned(),
    };
    let spread = match &potential.gini {
        Ok(gini) => format!("potential itself is spread with a Gini coefficient of {}", hundredths(*gini)),
        Err(_) => "potential adds up to nothing".to_owned(),
    };
    format!(
        "{} of {} are more than 25 % off the middle ratio of target to potential; {follows}; {spread}.",
        potential.out_of_proportion,
        people(potential.people)
    )
}

fn capacity(planned: &Planned, figures: &Figures, currency: &str) -> String {
    let Ok(capacity) = &figures.capacity else {
        return "It takes targets, and a period before with attainments, to say what can be expected."
            .to_owned();
    };
    let amount = |value: Decimal| figure_with_unit(value.round_dp(0), planned.metric.unit, currency);
    let share = |value: Decimal| places(value.saturating_mul(Decimal::ONE_HUNDRED), 1);
    let leaving = leaving(planned.left, &share(capacity.attrition));
    let gap = capacity.plan - capacity.capacity;
    let side = if gap > Decimal::ZERO { "less" } else { "more" };
    let against = match capacity.is_own_plan {
        true => format!("{} {side} than the plan of {}", amount(gap.abs()), amount(capacity.plan)),
        false => format!("{} {side} than they ask for; there is no other plan", amount(gap.abs())),
    };
    format!(
        "Targets add up to {}. With {} % of them attained as in {}, and {leaving}, {} can be expected: {against}.",
        amount(capacity.targets),
        share(capacity.expected_attainment),
        planned.last.as_ref().map_or("the period before", |last| last.label()),
        amount(capacity.capacity),
    )
}

/// How many are expected to leave, by those who did of those who were there a year before.
fn leaving(counted: (usize, usize), lost: &str) -> String {
    match counted {
        (_, 0) => {
            "nobody leaving, though of nobody is it known that they were there a year before".to_owned()
        }
        (0, _) => "nobody leaving, as in the year before".to_owned(),
        (left, there) => {
            format!("{lost} % lost to people who leave ({left} of {there} did in the year before)")
        }
    }
}

/// A share in per cent, to one place.
pub(super) fn per_cent(share: f64) -> String {
    Decimal::from_f64(share * 100.0).map_or_else(|| "–".to_owned(), |share| places(share, 1))
}

fn hundredths(value: f64) -> String {
    Decimal::from_f64(value).map_or_else(|| "–".to_owned(), |value| places(value, 2))
}

fn of(some: usize, all: usize, what: &str) -> String {
    if some == all { format!("all {all} {what}") } else { format!("{some} of {all} {what}") }
}

fn people(count: usize) -> String {
    match count {
        1 => "one person".to_owned(),
        several => format!("{several} people"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_was_known_a_year_before_it_is_not_known_who_leaves() {
        assert!(leaving((0, 0), "0.0").contains("of nobody is it known"));
        assert_eq!(leaving((0, 8), "0.0"), "nobody leaving, as in the year before");
        assert!(leaving((2, 8), "6.2").contains("6.2 % lost to people who leave (2 of 8"));
    }
}
