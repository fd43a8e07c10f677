//! Choosing a period: the part of an address that says which, and the field of a form.

use attain_metrics::{Asker, Grain, Period};
use maud::{Markup, html};

use super::problem::PageError;
use crate::scorecards::card;

/// The period an address names, or the last quarter that is over.
///
/// # Errors
/// When what it names is no period of the company's calendar.
pub(crate) fn chosen(asker: &Asker, named: Option<&str>) -> Result<Period, PageError> {
    match named.filter(|text| !text.is_empty()) {
        Some(text) => Ok(asker.calendar().parse(text)?),
        None => Ok(card::default_period(asker)),
    }
}

/// The periods to choose from, by length, newest first. A year has too many weeks to choose one from a
/// list: an address may name one.
pub(crate) fn offered(asker: &Asker) -> Vec<(&'static str, Vec<Period>)> {
    let grains = [
        ("Quarters", Grain::Quarter),
        ("Months", Grain::Month),
        ("Halves", Grain::Half),
        ("Years", Grain::Year),
        ("All", Grain::All),
    ];
    let offered = grains.into_iter().map(|(name, grain)| (name, of_length(asker, grain)));
    offered.filter(|(_, periods)| !periods.is_empty()).collect()
}

fn of_length(asker: &Asker, grain: Grain) -> Vec<Period> {
    match grain {
        Grain::All => vec![asker.calendar().all()],
        _ => asker.periods(grain).into_iter().rev().collect(),
    }
}

/// The field of a form that chooses one of the periods offered.
pub(crate) fn field(asker: &Asker, chosen: &Period) -> Markup {
    among(chosen, &offered(asker))
}

/// The same where a period must have one before it.
pub(crate) fn bounded_field(asker: &Asker, chosen: &Period) -> Markup {
    let bounded = offered(asker).into_iter();
    among(
        chosen,
        &bounded.filter(|(_, periods)| periods.iter().all(|one| one.from.is_some())).collect::<Vec<_>>(),
    )
}

fn among(chosen: &Period, offered: &[(&str, Vec<Period>)]) -> Markup {
    html! {
        div.field {
            label for="period-choice" { "Period" }
            select id="period-choice" name="period" {
                @if !offered.iter().any(|(_, periods)| periods.contains(chosen)) { option value=(chosen.key()) selected { (chosen.label()) } }
                @for (group, periods) in offered { optgroup label=(group) { @for one in periods { option value=(one.key()) selected[one == chosen] { (one.label()) } } } }
            }
        }
    }
}
