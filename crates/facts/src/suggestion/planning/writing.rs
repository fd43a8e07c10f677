//! How the values of a column are written, as people are shown it and may say otherwise.

use super::super::Writing;
use super::super::choices::Target;
use super::super::plan::{ColumnPlan, Source, TablePlan};
use super::super::profile::{DATE_FORMATS, NUMBER_STYLES, PERCENT_STYLES, Profile, UNIX_MILLISECONDS};
use super::super::question::Answer;
use super::columns::{formats, is_translated, percent_formats};
use super::file::FilePlanner;
use crate::canonical::{AttributeType, ColumnType};
use crate::mapping::reading::Reading;
use crate::value::Value;

/// Values that are shown with what they mean.
const VALUES: usize = 30;
/// How truths are written.
const TRUTHS: [&str; 2] = ["true", "false"];
/// The number style that goes without saying.
const PLAIN: &str = "1234.56";

impl FilePlanner<'_> {
    /// What can be said of the values of a column that becomes `target`.
    pub(super) fn writing(&self, column: &Profile, target: &Target, tables: &[TablePlan]) -> Option<Writing> {
        let table = self.subject.table?;
        let target = match target {
            Target::Column(name) if self.says_outcome(name) => "outcome",
            Target::Column(name) => name,
            Target::Attribute(name) => {
                let own = tables.iter().flat_map(|table| &table.attributes);
                let (_, plan) = own.into_iter().find(|(known, _)| known == name)?;
                return match plan.kind.unwrap_or_default() {
                    AttributeType::Text => texts(name, column, plan),
                    kind => {
                        let taken = self.chosen_format(column).or_else(|| plan.format.clone());
                        format(taken, column, kind.column_type())
                    }
                };
            }
            Target::Key | Target::None => return None,
        };
        let is_known =
            self.ready().is_some_and(|ready| ready.computed.iter().any(|(name, _)| name == target));
        let (_, defined) = table.column(target).filter(|_| !is_known)?;
        let planned = tables.iter().flat_map(|table| &table.columns);
        let is_it = |name: &str, source: &Source| {
            name == target && matches!(source, Source::Column(known) if *known == column.name)
        };
        let plan = planned.into_iter().find(|(name, plan)| is_it(name, &plan.source)).map(|(_, plan)| plan);
        match defined.kind {
            ColumnType::Choice(list) => Some(words(target, list, column, plan?)),
            ColumnType::Boolean => Some(words(target, &TRUTHS, column, plan?)),
            kind if is_translated(kind) => texts(target, column, plan?),
            kind => format(self.chosen_format(column), column, kind),
        }
    }

    fn chosen_format(&self, column: &Profile) -> Option<String> {
        self.choices.column(&column.name).format
    }
}

fn format(chosen: Option<String>, column: &Profile, kind: ColumnType) -> Option<Writing> {
    let (sensible, _) = formats(column, kind)?;
    let taken = chosen.unwrap_or_else(|| sensible.first().cloned().unwrap_or_default());
    let (fit, mut others) = match kind {
        ColumnType::Date | ColumnType::Month | ColumnType::Timestamp => dates(column, kind),
        _ => numbers(column, kind),
    };
    let taken = match kind {
        ColumnType::Date | ColumnType::Month | ColumnType::Timestamp => taken,
        _ if taken.is_empty() => PLAIN.to_owned(),
        _ => taken,
    };
    if !fit.iter().chain(&others).any(|answer| answer.value == taken) {
        others.push(Answer::plain(&taken));
    }
    Some(Writing::Format { taken, fit, others })
}

/// The date formats that read the values of a column, and the others.
fn dates(column: &Profile, kind: ColumnType) -> (Vec<Answer>, Vec<Answer>) {
    let readable = match kind {
        ColumnType::Timestamp => &column.instants,
        _ if column.days.is_empty() => &column.instants,
        _ => &column.days,
    };
    let answer = |(format, example): &(&str, &str)| match *format {
        "" => Answer::new("", *example),
        format => Answer::new(format, format!("{example} ({format})")),
    };
    let all = DATE_FORMATS.iter().chain([&(UNIX_MILLISECONDS, "milliseconds since 1970")]);
    let (fit, others): (Vec<_>, Vec<_>) = all.partition(|(format, _)| readable.contains(format));
    (fit.into_iter().map(answer).collect(), others.into_iter().map(answer).collect())
}

/// The number styles that read the values of a column, and the others.
fn numbers(column: &Profile, kind: ColumnType) -> (Vec<Answer>, Vec<Answer>) {
    let in_percent = percent_formats(column);
    let may_be_percent = kind == ColumnType::Share || !in_percent.is_empty();
    let all = NUMBER_STYLES.iter().chain(PERCENT_STYLES.iter().filter(|_| may_be_percent));
    let (fit, others): (Vec<&str>, Vec<&str>) =
        all.partition(|style| column.styles.contains(style) || in_percent.contains(style));
    let answer = |style: &&str| Answer::plain(&column.marks.format(style));
    (fit.iter().map(answer).collect(), others.iter().map(answer).collect())
}

/// What the words of a column mean on a list.
fn words(target: &str, list: &'static [&'static str], column: &Profile, plan: &ColumnPlan) -> Writing {
    let meaning = |value: &str| {
        let translated = plan.values.iter().find(|(from, _)| from == value).map(|(_, to)| to.clone());
        translated.or_else(|| match Reading::Boolean.read(value) {
            _ if list.contains(&value) => Some(value.to_owned()),
            Ok(Some(Value::Boolean(truth))) if list == TRUTHS => Some(truth.to_string()),
            _ => None,
        })
    };
    Writing::Words { target: target.to_owned(), list: list.to_vec(), values: values(column, meaning) }
}

/// What the texts of a column become, if they are few and occur again: names and notes do not.
fn texts(target: &str, column: &Profile, plan: &ColumnPlan) -> Option<Writing> {
    let meaning = |value: &str| {
        let translated = plan.values.iter().find(|(from, _)| from == value).map(|(_, to)| to.clone());
        Some(translated.unwrap_or_else(|| value.to_owned()))
    };
    let values = || values(column, meaning);
    let words = || Writing::Words { target: target.to_owned(), list: Vec::new(), values: values() };
    (column.is_list() && !column.is_unique()).then(words)
}

/// The values of a column with their meaning, the most frequent first.
fn values(
    column: &Profile,
    meaning: impl Fn(&str) -> Option<String>,
) -> Vec<(String, usize, Option<String>)> {
    let mut values: Vec<(&String, &usize)> = column.values.iter().collect();
    values.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
    let values = values.into_iter().take(VALUES);
    values.map(|(value, times)| (value.clone(), *times, meaning(value))).collect()
}
