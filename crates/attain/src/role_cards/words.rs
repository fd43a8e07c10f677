//! A score in words: how much of the weight it rests on, what is missing, and why there is none.

use attain_stats::Undefined;
use attain_stats::scorecard::{Attained, WhenMissing};
use rust_decimal::Decimal;

use super::card::way_words;
use super::components::{Held, Lack};
use super::scored::{Nothing, Scored};
use crate::web::format::{date, places};

/// The score, two places.
pub(super) fn score(value: Decimal) -> String {
    places(value, 2)
}

/// A share or attainment in percent, one place.
pub(super) fn percent(share: Decimal) -> String {
    format!("{} %", places(share * Decimal::ONE_HUNDRED, 1))
}

/// A weight as it stands on the card.
pub(super) fn weight(held: &Held) -> String {
    format!("{} %", held.of.weight.normalize())
}

/// The part of the weight that has values, whole percent.
pub(super) fn coverage(scored: &Scored) -> Option<String> {
    let coverage = scored.composition.scorecard.coverage.ok()?;
    Some(format!("{} %", places(coverage * Decimal::ONE_HUNDRED, 0)))
}

/// The page in a sentence: the score with its coverage, or why there is none.
pub(super) fn finding(scored: &Scored, whose: &str) -> String {
    let role = &scored.version.role;
    match (scored.composition.scorecard.score, coverage(scored)) {
        (Ok(value), Some(coverage)) => {
            format!("{whose} score by the card of {role} is {} on {coverage} of the weight.", score(value))
        }
        (Err(why), coverage) => format!(
            "{whose} numbers give no score by the card of {role}: {}.",
            no_score(why, scored, coverage)
        ),
        (Ok(_), None) => format!("Nothing on the card of {role} applies here."),
    }
}

/// Why there is no score.
fn no_score(why: Undefined, scored: &Scored, coverage: Option<String>) -> String {
    let coverage = coverage.unwrap_or_else(|| "none".to_owned());
    match why {
        Undefined::ZeroDenominator => "nothing on it applies here".to_owned(),
        Undefined::InsufficientWeight if excludes(scored) => {
            format!(
                "the card gives none where a component is missing, and only {coverage} of the weight has a value"
            )
        }
        Undefined::InsufficientWeight => {
            format!("only {coverage} of the weight has a value, and below 70 % there is none")
        }
        other => other.to_string(),
    }
}

fn excludes(scored: &Scored) -> bool {
    scored.card().when_missing() == WhenMissing::ExcludeSubject
}

/// What is missing and what does not apply, with weights and reasons; a sentence each.
pub(super) fn missing(scored: &Scored) -> Vec<String> {
    let named = |held: &Held, lack: &Lack| format!("{} {} ({})", held.label(), weight(held), lack.words());
    let those = |applies: bool| {
        let lacking = scored.held.iter().filter_map(|held| Some((held, held.attainment.as_ref().err()?)));
        let chosen = lacking.filter(|(held, _)| (held.attained() == Attained::Missing) == applies);
        chosen.map(|(held, lack)| named(held, lack)).collect::<Vec<_>>()
    };
    let (lacking, elsewhere) = (those(true), those(false));
    let mut sentences = Vec::new();
    if !lacking.is_empty() {
        let then = match scored.composition.scorecard.score {
            Ok(_) => way_words(scored.card().when_missing()),
            Err(_) => "missing is not zero",
        };
        sentences.push(format!("Missing: {}; {then}.", lacking.join(", ")));
    }
    if !elsewhere.is_empty() {
        sentences.push(format!("Does not apply, and its weight is not missed: {}.", elsewhere.join(", ")));
    }
    sentences
}

/// Why nothing was put together, for whoever looks.
pub(super) fn nothing(why: &Nothing) -> String {
    match why {
        Nothing::NotBegun => "This period has not begun, so there is nothing to score yet.".to_owned(),
        Nothing::NoRole => "No source says a role here, and without one there is no card.".to_owned(),
        Nothing::RoleSince(role, since) => format!(
            "The role is {role} since {}, after this period; which one was held on its last day is not told of, so no card is.",
            date(*since)
        ),
        Nothing::NoCard(Some(role)) => format!("The role {role} had no card on the last day of this period."),
        Nothing::NoCard(None) => "No role here had a card on the last day of this period.".to_owned(),
    }
}
