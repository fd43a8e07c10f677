//! Compares what the product answers with what a check query says, subject by subject and quarter
//! by quarter.
//!
//! A check query gives a row per subject and quarter in which something is there: `above` and
//! `below` the line, or a `value`. Beside them it may say what the codes follow from: `n`, `rated`
//! and `unrated` money, `nulls` of so many `rows` or whether it is `incomplete`, `immature` or
//! `truncated` rows, a `prorated` target, or a blocking `code` itself; and whether the text leaves the
//! value `unsaid`.
//! What a query does not say is not compared.

use std::collections::BTreeMap;

use attain_metrics::{Dimension, Level, Number};

use super::Checked;
use super::fixture::plans::QUARTERS;
use super::ground::{figure, word};

/// How the columns of a check query become a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// `above`; nothing there is a true 0.
    Count,
    /// `above` in EUR; nothing there is a true 0.
    Money,
    /// `above` ÷ `below`; nothing below is E3.
    Ratio,
    /// `value`; nothing there is E3.
    Figure,
}

/// What a check query says about one subject in one quarter.
#[derive(Clone, Debug, Default)]
struct Expected {
    value: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
    blocking: Option<String>,
    /// Codes the query knows about, and whether they belong there.
    codes: Vec<(&'static str, bool)>,
    /// Money of which no row has an amount: the text does not say what that is.
    is_unsaid: bool,
}

type Place = (Option<String>, String);

/// The level as a column of the ground tables.
pub(crate) fn column(level: Level) -> &'static str {
    match level {
        Level::Company => "company",
        Level::Region => "region",
        Level::Manager => "manager",
        Level::Rep => "rep",
        Level::Product => "product",
    }
}

fn dimension(level: Level) -> Option<Dimension> {
    (level != Level::Company).then(|| Dimension::from_name(column(level)))
}

/// That the product and the check query agree on a metric at those levels.
///
/// # Panics
/// With every place where they differ.
pub(crate) fn agree(metric: &str, levels: &[Level], reading: Reading, query: &str) {
    agree_from(metric, levels, reading, query, QUARTERS[0].0);
}

/// The same, from a quarter on.
pub(crate) fn agree_from(metric: &str, levels: &[Level], reading: Reading, query: &str, first: &str) {
    let checked = Checked::company();
    let mut differences = Vec::new();
    for level in levels {
        let expected = checked.block_on(expected(checked, query, *level, reading));
        let something = expected.values().filter(|said| said.value.is_some_and(|value| value != 0.0));
        assert!(something.count() > 2, "the fixture has next to nothing for `{metric}`");
        let by: Vec<Dimension> = dimension(*level).into_iter().collect();
        let numbers = checked.ask(metric, &by);
        let numbers: Vec<&Number> = numbers.iter().filter(|number| number.period.key() >= first).collect();
        differences.extend(compare(*level, reading, &expected, &numbers, first));
    }
    let shown = differences.iter().take(60).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "`{metric}` differs in {} places:\n{shown}", differences.len());
}

/// That the answers split by a dimension of the rows are those of a query whose `subject` is it.
///
/// # Panics
/// With every place where they differ.
pub(crate) fn agree_by(metric: &str, dimension: &str, reading: Reading, query: &str) {
    let checked = Checked::company();
    let expected = checked.block_on(expected(checked, query, Level::Company, reading));
    let numbers = checked.ask(metric, &[Dimension::Named(dimension.to_owned())]);
    let numbers: Vec<&Number> = numbers.iter().collect();
    let differences = compare(Level::Product, reading, &expected, &numbers, QUARTERS[0].0);
    assert!(differences.is_empty(), "`{metric}` by {dimension} differs:\n{}", differences.join("\n"));
}

async fn expected(
    checked: &Checked,
    query: &str,
    level: Level,
    reading: Reading,
) -> BTreeMap<Place, Expected> {
    let query = query.replace("{s}", column(level));
    let rows = checked.ground.query(&query).await;
    let mut expected = BTreeMap::new();
    for row in &rows {
        let quarter = word(row, "quarter").expect("a check query names the quarter");
        let said = said(reading, &|column| figure(row, column), word(row, "code"));
        let before = expected.insert((word(row, "subject"), quarter.clone()), said);
        assert!(before.is_none(), "the check query has a subject twice in {quarter}");
    }
    expected
}

fn said(reading: Reading, figure: &dyn Fn(&str) -> Option<f64>, code: Option<String>) -> Expected {
    let mut said = Expected { above: figure("above"), below: figure("below"), ..Expected::default() };
    let immature = figure("immature").unwrap_or(0.0);
    let (rated, unrated) = (figure("rated"), figure("unrated").unwrap_or(0.0));
    said.value = match reading {
        Reading::Count | Reading::Money => said.above,
        Reading::Ratio => {
            said.below.filter(|below| *below != 0.0).and_then(|below| Some(said.above? / below))
        }
        Reading::Figure => figure("value"),
    };
    if let (Some(nulls), Some(rows)) = (figure("nulls"), figure("rows")) {
        said.codes.push(("E15", nulls > 0.05 * rows));
        said.is_unsaid = rows > 0.0 && nulls >= rows;
    }
    if let Some(incomplete) = figure("incomplete") {
        said.codes.push(("E15", incomplete > 0.0));
    }
    if rated.is_some() {
        said.codes.push(("E7", unrated > 0.0));
    }
    if figure("immature").is_some() {
        said.codes.push(("E9", immature > 0.0));
    }
    if let Some(truncated) = figure("truncated") {
        said.codes.push(("E8", truncated > 0.0));
    }
    if let Some(prorated) = figure("prorated") {
        said.codes.push(("E12", prorated > 0.0));
    }
    if let Some(n) = figure("n") {
        said.codes.push(("E6", n < 5.0));
    }
    said.is_unsaid |= figure("unsaid").is_some_and(|unsaid| unsaid > 0.0);
    said.blocking = match code {
        Some(code) => Some(code),
        None if rated == Some(0.0) && unrated > 0.0 => Some("E7".to_owned()),
        None if said.value.is_none() && immature > 0.0 => Some("E9".to_owned()),
        None if said.value.is_none() => Some("E3".to_owned()),
        None => None,
    };
    if said.blocking.is_some() {
        said.value = None;
    }
    said
}

/// What holds of a subject about which the query says nothing.
fn nothing(reading: Reading) -> Expected {
    match reading {
        Reading::Count | Reading::Money => {
            Expected { value: Some(0.0), above: Some(0.0), ..Expected::default() }
        }
        Reading::Ratio | Reading::Figure => {
            Expected { blocking: Some("E3".to_owned()), ..Expected::default() }
        }
    }
}

fn compare(
    level: Level,
    reading: Reading,
    expected: &BTreeMap<Place, Expected>,
    numbers: &[&Number],
    first: &str,
) -> Vec<String> {
    let mut left: BTreeMap<&Place, &Expected> =
        expected.iter().filter(|((_, quarter), _)| quarter.as_str() >= first).collect();
    let mut differences = Vec::new();
    for number in numbers {
        let subject = match level {
            Level::Company => Some("company".to_owned()),
            _ => number.members.first().and_then(Option::as_ref).map(|member| member.name.clone()),
        };
        let place = (subject, number.period.key().to_owned());
        left.remove(&place);
        let said = expected.get(&place).cloned().unwrap_or_else(|| nothing(reading));
        for difference in difference(reading, &said, number) {
            differences.push(format!("  {} {}: {difference}", shown(&place.0), place.1));
        }
    }
    for ((subject, quarter), said) in left {
        let is_additive = matches!(reading, Reading::Count | Reading::Money);
        let is_something = said.value.is_some_and(|value| value != 0.0);
        if is_something && (is_additive || subject.is_some()) {
            differences.push(format!(
                "  {} {quarter}: not answered, expected {:?}",
                shown(subject),
                said.value
            ));
        }
    }
    differences
}

fn shown(subject: &Option<String>) -> &str {
    subject.as_deref().unwrap_or("unassigned")
}

fn difference(reading: Reading, said: &Expected, number: &Number) -> Vec<String> {
    if said.is_unsaid {
        return Vec::new();
    }
    let figure = |decimal: Option<rust_decimal::Decimal>| {
        decimal.map(|decimal| decimal.to_string().parse::<f64>().expect("a number"))
    };
    let (value, codes) = (figure(number.value), number.codes_text());
    let mut found = Vec::new();
    if !equal(reading, said.value, value) {
        found.push(format!(
            "is {value:?} [{codes}]{}, expected {:?} {} (above {:?}, below {:?})",
            number.missing.as_ref().map_or(String::new(), |missing| format!(" without {missing}")),
            said.value,
            said.blocking.as_deref().unwrap_or(""),
            said.above,
            said.below
        ));
        return found;
    }
    if reading == Reading::Ratio && said.value.is_some() {
        for (side, said, is) in [
            ("numerator", said.above, figure(number.numerator)),
            ("denominator", said.below, figure(number.denominator)),
        ] {
            if !equal(reading, said, is) {
                found.push(format!("{side} is {is:?}, expected {said:?}"));
            }
        }
    }
    found.extend(code_differences(said, number, &codes));
    found
}

fn code_differences(said: &Expected, number: &Number, codes: &str) -> Vec<String> {
    let has = |code: &str| codes.split(' ').any(|found| found == code);
    if let Some(blocking) = &said.blocking {
        let reason = number.reason().map(|reason| reason.code().to_owned());
        return (reason.as_ref() != Some(blocking))
            .then(|| format!("is blocked by [{codes}], expected {blocking}"))
            .into_iter()
            .collect();
    }
    let is_partial = number.period.key() == "2025-Q4";
    let mut known = said.codes.clone();
    known.push(("E5", is_partial));
    if number.value.is_some() && has("E0") && known.iter().any(|(_, belongs)| *belongs) {
        return vec![format!("is plain (E0), expected {known:?}")];
    }
    let wrong = known.into_iter().filter(|(code, belongs)| has(code) != *belongs);
    wrong
        .map(|(code, belongs)| {
            format!("[{codes}] {} {code}", if belongs { "lacks" } else { "should not have" })
        })
        .collect()
}

/// Money to the last digit, everything else to 1e-9 of itself.
fn equal(reading: Reading, one: Option<f64>, other: Option<f64>) -> bool {
    let tolerance = match reading {
        Reading::Count | Reading::Money => 1e-12,
        Reading::Ratio | Reading::Figure => 1e-9,
    };
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= tolerance * one.abs().max(other.abs()).max(1e-6),
        (None, None) => true,
        _ => false,
    }
}

/// Tests named after their metric: `name: levels, reading, query;`.
macro_rules! checks {
    ($($metric:ident: $levels:expr, $reading:ident, $query:expr;)+) => {$(
        #[test]
        fn $metric() {
            $crate::catalogue::check::agree(
                stringify!($metric), $levels, $crate::catalogue::check::Reading::$reading, $query,
            );
        }
    )+};
}
pub(crate) use checks;

pub(crate) const COMPANY: &[Level] = &[Level::Company];
pub(crate) const REP: &[Level] = &[Level::Rep];
pub(crate) const GROUPS: &[Level] = &[Level::Company, Level::Region];
pub(crate) const MEMBERS: &[Level] = &[Level::Region, Level::Rep];
pub(crate) const ALL: &[Level] = &[Level::Company, Level::Region, Level::Rep];
