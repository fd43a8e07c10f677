//! A change of bookings in sentences that can be cited.

use attain_metrics::Unit;
use attain_stats::decomposition::Noise;
use rust_decimal::Decimal;

use super::lever::{Lever, Reading};
use super::levers::{Found, Nothing, Part, Why, named};
use super::plan::{Basis, Goal, Plan};
use super::reference::Against;
use super::way::Way;
use crate::web::charts;
use crate::web::format::{figure, figure_with_unit, money, places};

/// The change and its parts in one sentence, the largest part first.
pub(super) fn sentence(why: &Why, currency: &str) -> String {
    let found = match &why.found {
        Ok(found) => found,
        Err(nothing) => return nothing_words(why, *nothing),
    };
    let [before, after] = found.values;
    let change = after - before;
    let direction = match change {
        none if none.is_zero() => {
            return format!("As much as {}: {}.", in_reference(why), listed(&found.parts));
        }
        less if less.is_sign_negative() => "Down",
        _ => "Up",
    };
    format!(
        "{direction} {}{} on {}: {}.",
        figure_with_unit(change.abs(), Unit::Money, currency),
        if found.is_credited { " of credited bookings" } else { "" },
        why.reference.name,
        listed(&found.parts)
    )
}

/// Why nothing is taken apart.
fn nothing_words(why: &Why, nothing: Nothing) -> String {
    let after = why.after.label();
    match nothing {
        Nothing::NoNumbers => match why.reference.against {
            Against::Target => format!("There are no bookings to compare with the target in {after}."),
            _ => {
                format!("There are no {} to compare in {} and {after}.", counted(why.way), why.reference.name)
            }
        },
        Nothing::TooLarge => "The numbers are too large to be taken apart to the cent.".to_owned(),
        Nothing::NoProduct { some, none } => format!(
            "In one of the two periods there were {some} and no {none}: bookings are not the product of the levers then."
        ),
        Nothing::NoTarget => {
            format!("No target of bookings is in force in {after}, so that there is nothing to compare with.")
        }
        Nothing::ZeroTarget => {
            format!("The target of bookings in {after} is zero or less, which is no product of levers.")
        }
        Nothing::TargetWithoutRate => format!(
            "The target of bookings in {after} is in another currency than the company’s, of which no rate is known on its first day; deliver rates to compare with it."
        ),
        Nothing::NoneDue => {
            format!("Nothing of the target is due yet: no working day of {after} has gone by.")
        }
        Nothing::NoPlan => format!(
            "There is a target of bookings in {after}, but neither goals nor a year ago nor the period before say how many deals it takes: nothing was won then."
        ),
    }
}

/// What a way begins with, where it is not there.
fn counted(way: Way) -> &'static str {
    match way {
        Way::Opportunities => "bookings",
        Way::Customers => "customers of a period before",
        Way::Activities => "calls and meetings",
    }
}

/// What it is as much as: a period has it in it.
fn in_reference(why: &Why) -> String {
    match why.reference.against {
        Against::Peers | Against::Target => why.reference.name.clone(),
        Against::Before | Against::Year => format!("in {}", why.reference.name),
    }
}

fn listed(parts: &[Part]) -> String {
    let mut parts: Vec<&Part> = parts.iter().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.effect.abs()));
    let each: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.lever.name(), signed(part.effect))).collect();
    each.join(", ")
}

/// A change of money with its sign.
pub(super) fn signed(effect: Decimal) -> String {
    charts::signed(effect, &money)
}

/// What is compared.
pub(super) fn of_bookings(is_credited: bool) -> &'static str {
    if is_credited { "credited bookings" } else { "bookings" }
}

/// What differs by more than chance, or that nothing does.
pub(super) fn what_differs(why: &Why) -> String {
    let Ok(found) = &why.found else { return String::new() };
    let names: Vec<String> = named(&found.parts).into_iter().map(|lever| lever.name().to_owned()).collect();
    match names.as_slice() {
        [] => {
            let held = found.parts.iter().filter(|part| part.noise.is_some());
            match held.map(|part| part.lever.name().to_owned()).collect::<Vec<_>>().as_slice() {
                [] => "No lever could be held against chance.".to_owned(),
                held => {
                    format!(
                        "Held against chance, {} differ by no more than it would make them.",
                        enumerated(held)
                    )
                }
            }
        }
        names => format!("What differs beyond chance: {}.", enumerated(names)),
    }
}

/// Words as a sentence lists them.
fn enumerated(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A lever's value as people read it.
pub(super) fn value(lever: Lever, value: Option<Decimal>) -> String {
    let Some(value) = value else { return "–".to_owned() };
    match lever.reading() {
        Reading::Count if value.fract().is_zero() => figure(value, Unit::Count),
        // Of a mean, or of a plan.
        Reading::Count => places(value, 1),
        Reading::Share => format!("{} %", places(value * Decimal::ONE_HUNDRED, 1)),
        Reading::Ratio => places(value, 2),
        Reading::Money => figure(value.round_dp(2), Unit::Money),
    }
}

/// Whether a part differs by more than chance.
pub(super) fn noise(part: &Part) -> &'static str {
    match part.noise {
        None => "not held against chance",
        Some(Noise::WithinNoise) => "within chance",
        Some(Noise::BeyondNoise) => "beyond chance",
    }
}

/// How a target was to come about: *To reach 400,000 EUR at the conversion and the deal size of Q3 2025, 52
/// opportunities were needed.*
pub(super) fn of_plan(plan: &Plan, currency: &str) -> String {
    let (mut goals, mut habits, mut needed, mut unused) = (vec![], vec![], vec![], vec![]);
    for basis in &plan.basis {
        match basis {
            Basis::Goal(goal, value) => goals.push(goal_words(*goal, *value, currency)),
            Basis::Habit(habit) => habits.push((habit.lever.name(), habit.period.as_str())),
            Basis::Needed(lever, value) => needed.push(needed_words(*lever, *value, currency)),
            Basis::Unused(goal, value) => unused.push(goal_words(*goal, *value, currency)),
        }
    }
    let with = goals.into_iter().map(|goal| format!("with {goal}"));
    let given: Vec<String> = with.chain(as_before(&habits)).collect();
    let mut said = format!(
        "To reach {} {}, {} {} needed.",
        figure_with_unit(plan.bookings, Unit::Money, currency),
        enumerated(&given),
        enumerated(&needed),
        if needed.len() == 1 && plan.basis.iter().any(is_needed_size_or_share) { "was" } else { "were" }
    );
    if !unused.is_empty() {
        said.push_str(&format!(
            " There is also {}; beside the others it leaves no choice and does not enter.",
            enumerated(&unused)
        ));
    }
    said
}

/// Whether what is needed is one thing.
fn is_needed_size_or_share(basis: &Basis) -> bool {
    matches!(basis, Basis::Needed(Lever::Conversion | Lever::DealSize, _))
}

/// What is as it was, by the period of which it is.
fn as_before(habits: &[(&'static str, &str)]) -> Vec<String> {
    let mut periods: Vec<&str> = habits.iter().map(|(_, period)| *period).collect();
    periods.dedup();
    let of_period = |period: &&str| {
        let levers = habits.iter().filter(|(_, of)| of == period);
        let levers: Vec<String> = levers.map(|(lever, _)| format!("the {lever}")).collect();
        format!("at {} of {period}", enumerated(&levers))
    };
    periods.iter().map(of_period).collect()
}

fn goal_words(goal: Goal, value: Decimal, currency: &str) -> String {
    let count = || places(value, 1);
    match goal {
        Goal::Leads => format!("the goal of {} leads", count()),
        Goal::Opportunities => format!("the goal of {} opportunities", count()),
        Goal::Won => format!("the goal of {} deals won", count()),
        Goal::DealSize => {
            format!("the goal of a deal size of {}", figure_with_unit(value, Unit::Money, currency))
        }
    }
}

fn needed_words(lever: Lever, needed: Decimal, currency: &str) -> String {
    match lever.reading() {
        Reading::Count => format!("{} {}", places(needed, 1), lever.name()),
        Reading::Money => {
            format!("a {} of {}", lever.name(), figure_with_unit(needed.round_dp(2), Unit::Money, currency))
        }
        Reading::Share | Reading::Ratio => format!("a {} of {}", lever.name(), value(lever, Some(needed))),
    }
}

/// How the change was divided, and what it was held against.
pub(super) fn how(why: &Why, found: &Found) -> String {
    let has = |lever: Lever| found.parts.iter().any(|part| part.lever == lever);
    let product = match why.way {
        Way::Opportunities if has(Lever::Leads) => {
            "Bookings are leads × opportunities created per lead × won per created × bookings per won, of the same period: a deal won may have been created before it."
        }
        Way::Opportunities => {
            "Bookings are opportunities created × won per created × bookings per won, of the same period: a deal won may have been created before it."
        }
        Way::Customers => {
            "Bookings are the customers of the period before × the share of them who bought again × all customers per customer kept × bookings per customer."
        }
        Way::Activities => {
            "Bookings are calls × meetings held per call × opportunities created per meeting × won per created × bookings per won, of the same period: each may have come of something before it."
        }
    };
    let shared = match has(Lever::Split) {
        true => {
            " Deals are shared: the split effect is what is credited beyond what is owned. It is added, and no lever."
        }
        false => "",
    };
    let chance = match why.reference.against {
        Against::Target => {
            "A target is a plan, in which there is no chance: held against it is one’s own side alone, counts by their exact interval, ratios of counts by the share of either (Wilson), deal size as an amount on the logarithmic scale."
        }
        Against::Before | Against::Year | Against::Peers => {
            "Counts are held against chance as they are, a ratio of counts as that of two, retention as a share (Newcombe), deal size as amounts on the logarithmic scale."
        }
    };
    format!(
        "{product}{shared} The change is divided among the levers so that the order in which they changed does not matter (Shapley), and adds up to the cent. {chance}"
    )
}

/// A word as a label begins.
pub(super) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
