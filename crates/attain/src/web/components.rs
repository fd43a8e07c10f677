//! Small parts that several pages share: a value with its link, its picture, its history.

use attain_metrics::{Metric, Number, Period, Subject, Unit};
use attain_stats::{Interval, wilson};
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::charts::{Bullet, bullet, sparkline};
use super::format::{direction, figure, share, shown, whole};

/// The address of a subject's scorecard.
pub(crate) fn scorecard_path(subject: &Subject, period: &Period) -> String {
    match subject.id() {
        Some(id) => format!("/scorecards/{}/{id}?period={period}", subject.level().name()),
        None => format!("/scorecards?period={period}"),
    }
}

/// The address of a scorecard as a file.
pub(crate) fn card_file_path(subject: &Subject, period: &Period) -> String {
    match subject.id() {
        Some(id) => format!("/scorecards/{}/{id}/card.csv?period={period}", subject.level().name()),
        None => format!("/scorecards/card.csv?period={period}"),
    }
}

/// The address of a number's sheet, or of its rows as a file.
pub(crate) fn number_path(subject: &Subject, metric: &str, period: &Period, what: &str) -> String {
    match subject.id() {
        Some(id) => format!("/scorecards/{}/{id}/{what}/{metric}?period={period}", subject.level().name()),
        None => format!("/scorecards/{what}/{metric}?period={period}"),
    }
}

/// Any text as one segment of an address.
pub(crate) fn path_segment(text: &str) -> String {
    // Parameters are written as segments are, but for the space.
    let parameter = serde_urlencoded::to_string([("", text)]).unwrap_or_default();
    parameter.trim_start_matches('=').replace('+', "%20")
}

/// A sentence in which names of columns and values stand in backticks, as messages write them.
pub(crate) fn with_code(sentence: &str) -> Markup {
    html! {
        @for (position, part) in sentence.split('`').enumerate() {
            @if position % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A metric's name with the arrow that says which way is good.
pub(crate) fn metric_name(metric: &Metric) -> Markup {
    html! {
        (metric.label)
        @if let Some((arrow, words)) = direction(metric) { " " span title=(words) { (arrow) span.unseen { " " (words) } } }
    }
}

/// A value as a link to its sheet; absent values open too, to say why. A number about the
/// unassigned rest has no sheet of its own.
pub(crate) fn value_link(number: &Number, metric: &Metric, path: Option<&str>, spoken: &str) -> Markup {
    let shown = shown(number, metric);
    let class = if shown.drawn { "n open" } else { "n open absent" };
    let unit = match metric.unit {
        Unit::Ratio if shown.drawn => " %",
        Unit::Days if shown.drawn => " days",
        _ => "",
    };
    html! {
        @match path {
            Some(path) => a class=(class) href=(path) { (shown.text) span.unseen { (unit) ", " (spoken) } },
            None => span.n { (shown.text) span.unseen { (unit) ", " (spoken) } },
        }
    }
}

/// The interval of a proportion that rests on enough.
pub(crate) fn interval(number: &Number, metric: &Metric) -> Option<Interval> {
    let drawn = metric.is_share_of_trials() && shown(number, metric).drawn;
    let (above, below) = (number.numerator?.to_u64()?, number.denominator?.to_u64()?);
    drawn.then(|| wilson(above, below)).flatten()
}

/// The greatest value of an axis that starts at zero: the whole for proportions, otherwise a
/// round figure that holds every value.
pub(crate) fn axis<'a>(metric: &Metric, numbers: impl Iterator<Item = &'a Number>) -> Decimal {
    if metric.proportion {
        return Decimal::ONE;
    }
    let greatest = numbers.filter_map(|number| number.value).max().unwrap_or_default();
    let mut step = Decimal::ONE;
    while step * Decimal::TEN <= greatest {
        step *= Decimal::TEN;
    }
    let rounds = [1, 2, 3, 4, 5, 6, 8, 10].map(|factor| step * Decimal::from(factor));
    rounds.into_iter().find(|round| *round >= greatest).unwrap_or(Decimal::ONE)
}

/// The figure at the end of an axis, always a round one.
pub(crate) fn axis_end(axis: Decimal, metric: &Metric) -> String {
    match metric.unit {
        Unit::Ratio => whole(axis * Decimal::ONE_HUNDRED),
        _ => whole(axis),
    }
}

/// A value's bar from zero, with its interval where it has one.
pub(crate) fn value_bar(number: &Number, metric: &Metric, axis: Decimal, wide: bool) -> Markup {
    value_bar_with(number, metric, axis, None, wide)
}

/// The same with a target; one beyond the axis is not drawn.
pub(crate) fn value_bar_with(
    number: &Number,
    metric: &Metric,
    axis: Decimal,
    target: Option<Decimal>,
    wide: bool,
) -> Markup {
    let Some(value) = number.value.filter(|_| shown(number, metric).drawn) else { return html! {} };
    let interval = interval(number, metric);
    let title = match interval {
        Some(interval) => format!(
            "{}: {}, 95 % interval {:.1} to {:.1}",
            metric.label,
            figure(value, metric.unit),
            interval.low * 100.0,
            interval.high * 100.0
        ),
        None => format!("{}: {}", metric.label, figure(value, metric.unit)),
    };
    let title = match target {
        Some(target) => format!("{title}, target {}", figure(target, metric.unit)),
        None => title,
    };
    let interval = interval.map(|interval| (interval.low, interval.high));
    bullet(&Bullet {
        title: &title,
        value: share(value, axis),
        over: value > axis,
        interval,
        target: target.filter(|target| *target <= axis).map(|target| share(target, axis)),
        wide,
    })
}

/// A number's history.
pub(crate) fn history(metric: &Metric, history: &[Number], big: bool) -> Markup {
    let values: Vec<Option<f64>> = history
        .iter()
        .map(|number| number.value.filter(|_| shown(number, metric).drawn).and_then(|value| value.to_f64()))
        .collect();
    let known: Vec<String> = history
        .iter()
        .filter_map(|number| {
            Some(format!("{} {}", number.period.label(), figure(number.value?, metric.unit)))
        })
        .collect();
    sparkline(&known.join(", "), &values, big)
}
