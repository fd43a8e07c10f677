//! How a goal stands, in words.

use attain_stats::pace::Status;
use rust_decimal::Decimal;

use super::line::Line;
use super::version::{End, State};
use crate::web::format::places;

/// How much of a target is reached, in words.
pub(super) fn attained(line: &Line) -> String {
    match (&line.attainment, line.target) {
        (Some(Ok(share)), _) => format!("{} % of the target", places(*share * Decimal::ONE_HUNDRED, 1)),
        (Some(Err(why)), _) => why.to_string(),
        (None, None) if line.is_without_rate => {
            "the target is in another currency, of which no rate is known on its first day".to_owned()
        }
        (None, None) => "no target holds yet".to_owned(),
        (None, Some(_)) => "nothing to hold against the target".to_owned(),
    }
}

/// Whether a target is on its way, in words.
pub(super) fn pace_words(line: &Line) -> String {
    let Some(pace) = &line.pace else { return String::new() };
    let due = places(pace.share_due * Decimal::ONE_HUNDRED, 0);
    if line.is_over {
        return "The period is over.".to_owned();
    }
    match pace.status {
        Some(Status::OnPace) => format!("On pace: {due} % should be done by now."),
        Some(Status::AtRisk) => format!("At risk: {due} % should be done by now."),
        Some(Status::Behind) => format!("Behind: {due} % should be done by now."),
        None => format!("{due} % should be done by now, too little to say more."),
    }
}

/// The same in a word or two, for who sees many; nothing once the period is over.
pub(super) fn pace_word(line: &Line) -> Option<&'static str> {
    let pace = line.pace.as_ref().filter(|_| !line.is_over)?;
    Some(match pace.status {
        Some(Status::OnPace) => "on pace",
        Some(Status::AtRisk) => "at risk",
        Some(Status::Behind) => "behind",
        None => "just begun",
    })
}

/// What has become of a version, in words.
pub(super) fn state_words(state: &State) -> String {
    match state {
        State::Proposed => "proposed".to_owned(),
        State::InForce { agreed: true } => "in force".to_owned(),
        State::InForce { agreed: false } => "in force, not acknowledged".to_owned(),
        State::Superseded => "superseded".to_owned(),
        State::Lapsed => "not agreed on before the period ended".to_owned(),
        State::Closed { agreed: true } => "closed".to_owned(),
        State::Closed { agreed: false } => "closed, never acknowledged".to_owned(),
        State::Ended(End::Declined(reason)) => format!("declined: {reason}"),
        State::Ended(End::Withdrawn) => "withdrawn".to_owned(),
        State::Ended(End::Countered) => "countered".to_owned(),
    }
}
