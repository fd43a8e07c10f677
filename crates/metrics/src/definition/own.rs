//! What a definition of a company's own must say beyond what the format asks (domain 4.12): nobody
//! else knows which way is good, when there is no value, and what keeps the number honest.

use serde_saphyr::Spanned;

use std::collections::BTreeSet;

use super::DefinitionError;
use super::file::MetricFile;
use super::metric::{Computation, Metric, Span};
use super::resolve::Place;

/// Letters of a name at most: it is part of addresses and of receipts.
const NAME_MAX: usize = 64;

/// Refuses what cannot stand in the catalogue. What is defined anew was said before.
pub(super) fn check(place: Place<'_>, written: &MetricFile, is_new: bool) -> Result<(), DefinitionError> {
    if !is_name(&written.name) {
        let problem = format!(
            "a name is made of small letters, digits and `_`, begins with a letter and has at most {NAME_MAX} of them"
        );
        return Err(place.wrong(&written.name, problem));
    }
    let meta = &written.meta;
    let said = [
        ("unit", meta.unit.is_some(), "count, money, ratio, days, hours, minutes, months or number"),
        ("direction", meta.direction.is_some(), "up, down, band or none"),
        ("undefined", meta.undefined.is_some(), "when there is no value, in words"),
    ];
    for (key, given, values) in said {
        if is_new && !given {
            return Err(place.wrong(&written.name, format!("it says no `{key}` under meta: {values}")));
        }
    }
    Ok(())
}

/// Refuses a ratio whose parts look at different stretches of time: a quarter's sales over a year's
/// meetings is no rate of anything. What ships may do so on purpose and says so in its words.
pub(super) fn check_ratio(
    place: Place<'_>,
    written: &MetricFile,
    numerator: &Metric,
    denominator: &Metric,
) -> Result<(), DefinitionError> {
    let (above, below) = (spans(numerator), spans(denominator));
    if above.is_empty() || below.is_empty() || above == below {
        return Ok(());
    }
    let problem = format!(
        "`{}` counts {} and `{}` {}; both parts of a ratio must look at the same stretch of time",
        numerator.id,
        in_words(&above),
        denominator.id,
        in_words(&below),
    );
    Err(place.wrong(&written.kind, problem))
}

/// The stretches of time a metric's rows come from.
fn spans(metric: &Metric) -> BTreeSet<Span> {
    match &metric.computation {
        Computation::Simple { span, .. } => BTreeSet::from([*span]),
        Computation::NotKept(_) => BTreeSet::new(),
        Computation::Ratio { numerator, denominator } => &spans(numerator) | &spans(denominator),
        // What is compared with an earlier period looks at both on purpose.
        Computation::Derived { inputs, .. } => inputs
            .iter()
            .filter(|input| input.offset.is_none())
            .flat_map(|input| spans(&input.metric))
            .collect(),
        Computation::Conversion(..) | Computation::BuyerRetention(..) | Computation::Builtin(_) => {
            BTreeSet::from([Span::Period])
        }
    }
}

fn in_words(spans: &BTreeSet<Span>) -> String {
    let words = spans.iter().map(|span| match span {
        Span::Period => "rows of the period".to_owned(),
        Span::Trailing(1, grain) => format!("the last {}", grain.name()),
        Span::Trailing(units, grain) => format!("the last {units} {}s", grain.name()),
        Span::TrailingDays(days) => format!("the last {days} days"),
        Span::ToDate(grain) => format!("the {} to date", grain.name()),
        Span::SinceEver => "everything so far".to_owned(),
    });
    words.collect::<Vec<_>>().join(" and ")
}

fn is_name(name: &Spanned<String>) -> bool {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let name = &name.value;
    name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.chars().all(allowed)
        && name.len() <= NAME_MAX
}
