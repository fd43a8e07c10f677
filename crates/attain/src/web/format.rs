//! How values are written for people: one place, so that a number looks the same everywhere.

use attain_metrics::{
    Asker, Code, Direction, Metric, MissingDays, Number, SourceDelivery, Stale, TeamMode, Unit,
};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// A value as a screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The figure, an en dash, or counts.
    pub(crate) text: String,
    /// What stands beside it: why there is none, or what must be known.
    pub(crate) note: Option<String>,
    /// Whether there is a value to draw.
    pub(crate) drawn: bool,
}

/// A number as screens show it: below the minimum n the counts stand for the rate (E6), an
/// absent value is an en dash with its reason (domain 5).
pub(crate) fn shown(number: &Number, metric: &Metric) -> Shown {
    let Some(value) = number.value else {
        return Shown { text: "–".into(), note: Some(reason(number, metric)), drawn: false };
    };
    if number.codes.contains(&Code::TooFew)
        && let (Unit::Ratio, Some(above), Some(below)) = (metric.unit, number.numerator, number.denominator)
    {
        let text = format!("{} of {}", whole(above), whole(below));
        return Shown { text, note: Some("too few for a rate".into()), drawn: false };
    }
    Shown { text: figure(value, metric.unit), note: qualification(number, metric), drawn: true }
}

/// The figure alone, its unit left to the head of the column.
pub(crate) fn figure(value: Decimal, unit: Unit) -> String {
    match unit {
        Unit::Count | Unit::Money => whole(value),
        Unit::Ratio => places(value * Decimal::ONE_HUNDRED, 1),
        Unit::Days | Unit::Hours | Unit::Minutes | Unit::Months if value.fract().is_zero() => whole(value),
        Unit::Days | Unit::Hours | Unit::Minutes | Unit::Months => places(value, 1),
        Unit::Number => places(value, 2),
    }
}

/// The figure with its unit, for sentences and the opened number.
pub(crate) fn figure_with_unit(value: Decimal, unit: Unit, currency: &str) -> String {
    let figure = match unit {
        Unit::Money => money(value),
        _ => figure(value, unit),
    };
    match unit {
        Unit::Count | Unit::Number => figure,
        Unit::Money => format!("{figure} {currency}"),
        Unit::Ratio => format!("{figure} %"),
        Unit::Days => format!("{figure} days"),
        Unit::Hours => format!("{figure} hours"),
        Unit::Minutes => format!("{figure} minutes"),
        Unit::Months => format!("{figure} months"),
    }
}

/// Money to the cent where there are cents.
pub(crate) fn money(value: Decimal) -> String {
    let cents = value.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
    if cents.fract().is_zero() { whole(cents) } else { places(cents, 2) }
}

/// What a column or row says about its unit.
pub(crate) fn unit_words(metric: &Metric, currency: &str) -> String {
    match (metric.unit, metric.of.as_deref()) {
        (Unit::Count, _) => "number".into(),
        (Unit::Money, _) => currency.to_owned(),
        (Unit::Ratio, Some(of)) => format!("% of {of}"),
        (Unit::Ratio, None) => "%".into(),
        (Unit::Days, _) => "days".into(),
        (Unit::Hours, _) => "hours".into(),
        (Unit::Minutes, _) => "minutes".into(),
        (Unit::Months, _) => "months".into(),
        (Unit::Number, Some(of)) => of.to_owned(),
        (Unit::Number, None) => "number".into(),
    }
}

/// The arrow after a metric's name, and what it says.
pub(crate) fn direction(metric: &Metric) -> Option<(&'static str, &'static str)> {
    match metric.direction {
        Direction::Up => Some(("↑", "higher is better")),
        Direction::Down => Some(("↓", "lower is better")),
        Direction::Band => Some(("↔", "best within a range")),
        Direction::None => None,
    }
}

/// A whole number with thousands separated.
pub(crate) fn whole(value: Decimal) -> String {
    places(value, 0)
}

/// A number with fixed places, rounded half to even at the last step (T13d).
pub(crate) fn places(value: Decimal, places: u32) -> String {
    let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    let text = format!("{:.*}", places as usize, rounded.abs());
    let (integer, fraction) = text.split_once('.').map_or((text.as_str(), None), |(i, f)| (i, Some(f)));
    let mut grouped = String::new();
    for (position, digit) in integer.chars().enumerate() {
        if position > 0 && (integer.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "−" } else { "" };
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

/// A share of a whole for drawing, between 0 and 1.
pub(crate) fn share(value: Decimal, of: Decimal) -> f64 {
    value.checked_div(of).and_then(|share| share.to_f64()).unwrap_or_default().clamp(0.0, 1.0)
}

/// A civil date: `5 Oct 2026`.
pub(crate) fn date(day: jiff::civil::Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// A civil date, its year left out where the period shown beside it says which: `5 Oct`.
pub(crate) fn date_within(day: jiff::civil::Date, period: &attain_metrics::Period) -> String {
    let years = period.from.zip(period.last_day()).map(|(from, last)| (from.year(), last.year()));
    if years == Some((day.year(), day.year())) { day.strftime("%-d %b").to_string() } else { date(day) }
}

/// The days of a period: `1 Jul – 30 Sep 2026`.
pub(crate) fn days_of(period: &attain_metrics::Period) -> Option<String> {
    let (from, last) = (period.from?, period.last_day()?);
    let start = if from.year() == last.year() { from.strftime("%-d %b").to_string() } else { date(from) };
    Some(format!("{start} – {}", date(last)))
}

/// An instant in the company's time zone: `5 Oct 2026, 06:00`.
pub(crate) fn instant(instant: jiff::Timestamp, time_zone: &jiff::tz::TimeZone) -> String {
    time_zone.to_datetime(instant).strftime("%-d %b %Y, %H:%M").to_string()
}

fn reason(number: &Number, metric: &Metric) -> String {
    match number.reason() {
        Some(Code::ZeroDenominator) => match metric.formula() {
            attain_metrics::Formula::Ratio(_, below) => format!("0 {}", below.term),
            _ => "nothing counted".into(),
        },
        Some(Code::NoData) => number.missing.clone().unwrap_or_else(|| Code::NoData.words().to_owned()),
        Some(code) => code.words().to_owned(),
        None => Code::NoData.words().to_owned(),
    }
}

/// What must be known beside a value: how it came about first, then what it is worth today.
fn qualification(number: &Number, metric: &Metric) -> Option<String> {
    let of_the_rows =
        [Code::PartialPeriod, Code::TooFew, Code::Censored, Code::CurrencyMissing, Code::IncompleteRows];
    let of_today = [Code::Restated, Code::Stale, Code::UnassignedPart, Code::NotComparable];
    let there = |code: &Code| number.codes.contains(code);
    let notable = of_the_rows.into_iter().find(there).into_iter().chain(of_today.into_iter().filter(there));
    let words: Vec<String> = notable.map(|code| code_words(code, number, metric)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// A code in words, with what the number says about it.
pub(crate) fn code_words(code: Code, number: &Number, metric: &Metric) -> String {
    match (code, number.was, number.unassigned, &number.stale) {
        (Code::TooFew, ..) => format!("n {}, too few", number.n),
        (Code::Censored, ..) => format!("{} not decided yet", whole(number.not_matured.into())),
        (Code::Restated, Some(was), ..) => format!("was {}", restated_from(was, number, metric)),
        (Code::UnassignedPart, _, Some(share), _) => format!("{} % is nobody’s", figure(share, Unit::Ratio)),
        (Code::Stale, _, _, Some(stale)) => stale_words(stale),
        (other, ..) => other.words().to_owned(),
    }
}

/// Which days are missing, and of what where a number rests on several deliveries.
fn stale_words(stale: &Stale) -> String {
    if stale.missing.is_empty() {
        return format!("imported {} working days ago", stale.working_days.normalize());
    }
    let said = |missing: &MissingDays| match stale.is_one_of_several {
        true => format!("{}: {}", delivered_words(&missing.delivery), missing_words(missing)),
        false => missing_words(missing),
    };
    stale.missing.iter().map(said).collect::<Vec<_>>().join(", ")
}

/// What a delivery tells of: `deals`, or `deals of crm` where other sources do so too.
pub(crate) fn delivered_words(delivery: &SourceDelivery) -> String {
    match delivery.has_others {
        true => format!("{} of {}", delivery.table.plural(), delivery.source),
        false => delivery.table.plural(),
    }
}

/// The working days that a source has not told about: `nothing from Mon 17 to Wed 19 Aug (3 working days)`.
pub(crate) fn missing_words(missing: &MissingDays) -> String {
    let (from, to) = (missing.from, missing.to);
    if from == to {
        return format!("nothing of {}", to.strftime("%a %-d %b %Y"));
    }
    let first = match (from.year() == to.year(), from.month() == to.month()) {
        (true, true) => from.strftime("%a %-d").to_string(),
        (true, false) => from.strftime("%a %-d %b").to_string(),
        (false, _) => from.strftime("%a %-d %b %Y").to_string(),
    };
    let days = missing.working_days.normalize();
    format!("nothing from {first} to {} ({days} working days)", to.strftime("%a %-d %b %Y"))
}

/// What was signed, with as many digits as it takes to differ.
fn restated_from(was: Decimal, number: &Number, metric: &Metric) -> String {
    let short = figure(was, metric.unit);
    match number.value.is_some_and(|value| figure(value, metric.unit) == short) {
        true => was.normalize().to_string(),
        false => short,
    }
}

/// What exports write beside a number that counts in today's organisation, was restated, is stale, is
/// partly nobody's or not to be compared.
pub(crate) fn beside(asker: &Asker, number: &Number, metric: Option<&Metric>) -> String {
    let noted = [Code::Restated, Code::Stale, Code::UnassignedPart, Code::NotComparable];
    let there = noted.into_iter().filter(|code| number.codes.contains(code));
    let words = there.filter_map(|code| Some(code_words(code, number, metric?)));
    organisation_words(asker).into_iter().chain(words).collect::<Vec<_>>().join("; ")
}

/// In which organisation numbers count, where it is not that of the day each fact happened (T6).
pub(crate) fn organisation_words(asker: &Asker) -> Option<String> {
    (asker.team_mode() == TeamMode::CurrentOrg)
        .then(|| format!("organisation of {}", date(asker.as_of().asked_on)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, count: u32) -> String {
        places(text.parse().expect("decimal"), count)
    }

    /// domain_examples X3.12: half-even at the last step, with a true minus sign.
    #[test]
    fn figures_are_rounded_half_to_even() {
        assert_eq!(
            ["0.125", "0.135", "2.345", "1.005"].map(|text| written(text, 2)),
            ["0.12", "0.14", "2.34", "1.00"]
        );
        assert_eq!(written("-2.675", 2), "−2.68");
        assert_eq!(written("-0.001", 2), "0.00");
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(written("10005534", 0), "10,005,534");
        assert_eq!(written("999", 0), "999");
        assert_eq!(money("1153214.5".parse().expect("decimal")), "1,153,214.50");
    }
}
