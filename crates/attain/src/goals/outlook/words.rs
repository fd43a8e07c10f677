//! What is foretold, in words and figures: one place, so that a forecast looks the same everywhere.

use attain_metrics::{Direction, Metric, Unit};
use attain_stats::forecast::{Forecast, Method};
use attain_stats::ranking::Better;
use attain_stats::{Interval, Probability};
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::{Chosen, Foretold, NotForetold};
use crate::goals::line::Line;
use crate::web::format::figure;

/// Digits of what is foretold: more would claim to know it.
const DIGITS: u32 = 3;

/// Which end of a metric's scale is the better one: less where it says so, otherwise more.
pub(super) fn better(metric: &Metric) -> Better {
    match metric.direction {
        Direction::Down => Better::Lower,
        Direction::Up | Direction::Band | Direction::None => Better::Higher,
    }
}

/// The chance that a target is reached; none of nothing and less.
pub(in crate::goals) fn chance(metric: &Metric, forecast: &Forecast, target: Decimal) -> Option<Probability> {
    let target = target.to_f64().filter(|target| *target > 0.0)?;
    forecast.chance(better(metric), target)
}

/// A chance in words: never quite none, never quite sure, where something is open.
pub(in crate::goals) fn chance_words(chance: Probability) -> String {
    match chance.value() {
        none if none < 0.005 => "under 1 %".to_owned(),
        sure if sure > 0.995 => "over 99 %".to_owned(),
        open => format!("{:.0} %", open * 100.0),
    }
}

/// What reaching a target means for a metric.
pub(super) fn to_reach(metric: &Metric, what: &str) -> String {
    match better(metric) {
        Better::Lower => format!("to stay at or below {what}"),
        Better::Higher => format!("to reach {what}"),
    }
}

/// What is foretold, as a figure.
pub(super) fn foretold(value: f64, unit: Unit) -> String {
    let rounded = Decimal::from_f64(value).and_then(|value| value.round_sf(DIGITS));
    rounded.map_or_else(|| "–".to_owned(), |value| figure(value, unit))
}

/// Both ends of an interval, as figures.
pub(in crate::goals) fn between(interval: Interval, unit: Unit) -> String {
    let (low, high) = (foretold(interval.low, unit), foretold(interval.high, unit));
    if low == high { low } else { format!("{low} – {high}") }
}

/// Where an interval lies, in a sentence.
pub(super) fn lies_between(interval: Interval, unit: Unit) -> String {
    let (low, high) = (foretold(interval.low, unit), foretold(interval.high, unit));
    if low == high { format!("at {low}") } else { format!("between {low} and {high}") }
}

/// The end of a goal in a cell of a list: the likely one, which opens, its interval and the chance of the target,
/// or why there is none.
pub(in crate::goals) fn end_cell(
    line: &Line,
    foretold: Result<&Foretold, NotForetold>,
    path: Option<&str>,
) -> Markup {
    let chosen = foretold.and_then(|foretold| foretold.chosen().ok_or(NotForetold::NoMethod));
    let why = if line.is_over { Some(NotForetold::Over) } else { chosen.as_ref().err().copied() };
    html! {
        @if let Some(why) = why { span.quiet.small { (why_not(why)) } }
        @else if let Ok(chosen) = chosen { (likely(line, &chosen, path)) }
    }
}

fn likely(line: &Line, chosen: &Chosen<'_>, path: Option<&str>) -> Markup {
    let (metric, forecast) = (&line.metric, chosen.forecast);
    let chance = line.target.and_then(|target| chance(metric, forecast, target));
    html! {
        "likely " @match path { Some(path) => a.n href=(path) { (foretold(forecast.point, metric.unit)) }, None => b { (foretold(forecast.point, metric.unit)) } } " "
        small.quiet title="80 % interval" { "(" (between(forecast.eighty, metric.unit)) ")" }
        @if let Some(chance) = chance { small { ", " (chance_words(chance)) " " (to_reach(metric, "it")) } }
    }
}

/// Why there is no forecast.
pub(in crate::goals) fn why_not(why: NotForetold) -> String {
    match why {
        NotForetold::Rate => "no end to foretell: held against its target as it stands".to_owned(),
        NotForetold::NotBegun => "not begun".to_owned(),
        NotForetold::Over => "over".to_owned(),
        NotForetold::TooEarly(days) => format!("too early: {days} of 5 days"),
        NotForetold::NothingYet => "nothing yet to go by".to_owned(),
        NotForetold::Alike => {
            "not foretold: all days so far were alike, and do not tell how far the end may lie from them"
                .to_owned()
        }
        NotForetold::NotTold => "not foretold: its single days are not known".to_owned(),
        NotForetold::NoMethod => "not foretold: no method has an answer".to_owned(),
    }
}

/// What a method does.
pub(in crate::goals) fn method_words(method: Method) -> &'static str {
    match method {
        Method::Linear => "linear",
        Method::Seasonal => "seasonal",
        Method::GammaPoisson => "peers’ rate",
        Method::Pipeline => "open deals",
    }
}

/// What a method goes by.
pub(super) fn goes_by(method: Method) -> &'static str {
    match method {
        Method::Linear => "the days that remain are like the days so far",
        Method::Seasonal => "as much is done by now as in earlier periods at the same share of working days",
        Method::GammaPoisson => "the days so far, drawn towards what people in the same role do",
        Method::Pipeline => {
            "each open deal is won with a probability of its own: how often deals that had been in its stage were won, times how many of these, of those that had taken longer than it has so far, ended in the days that are left; what is created later is not in it"
        }
    }
}
