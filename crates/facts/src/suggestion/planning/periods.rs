//! For which period a target or forecast is: a name such as `Q1 2024`, a name beside a column with the
//! year, or a day in it, where it may have to be asked how long the period is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::names::Words;
use super::super::period::{Grain, Part, Period};
use super::super::plan::{ColumnPlan, Source, quoted_column};
use super::super::profile::{Profile, reading};
use super::super::question::{Answer, Place, Question};
use super::file::FilePlanner;
use crate::canonical::ColumnType;
use crate::value::Value;

/// What the year is called in choices, where no column says it.
const YEAR: &str = "year";
/// Grains that a day can stand for, by what columns are called that have them.
const GRAINS: [(&str, Grain, &[&str]); 3] = [
    ("quarter", Grain::Quarter, &["quarter", "quartal", "qtr"]),
    ("month", Grain::Month, &["month", "monat"]),
    ("year", Grain::Year, &["year", "jahr"]),
];

impl<'s> FilePlanner<'s> {
    /// How a column says the period; nothing while that is asked.
    pub(super) fn period(&mut self, column: &Profile, reason: &str) -> Option<ColumnPlan> {
        if column.is_date() {
            return self.period_of_day(column, reason);
        }
        let named: BTreeMap<&String, Period> =
            column.values.keys().filter_map(|value| Some((value, self.named(column, value)?))).collect();
        let plain = ColumnPlan::column(&column.name, reason);
        if named.len() < column.values.len() || column.is_blank() {
            return Some(plain);
        }
        if named.values().all(|period| period.year.is_some()) {
            let other = named.iter().filter(|(value, period)| period.to_string() != ***value);
            let values = other.map(|(value, period)| ((*value).clone(), period.to_string())).collect();
            return Some(ColumnPlan { values, ..plain });
        }
        let year = self.year(column)?;
        let cases = named.iter().map(|(value, period)| {
            let part = period.to_string();
            let part = part.split_once('-').map_or("", |(_, part)| part);
            format!("when {} then '{part}'", Source::Constant((*value).clone()).in_expression())
        });
        let cases = cases.collect::<Vec<_>>().join(" ");
        let text = format!("{year} || '-' || case {} {cases} end", quoted_column(&column.name));
        Some(ColumnPlan::of(Source::Expression(text), format!("{reason}; with its year")))
    }

    /// The period that a value of a column names: `3` is a quarter where the column is called so.
    fn named(&self, column: &Profile, value: &str) -> Option<Period> {
        let of_column = || {
            let number = value.parse().ok()?;
            let part = match grain_of_name(&column.words)? {
                Grain::Quarter if (1..=4).contains(&number) => Part::Quarter(number),
                Grain::Month if (1..=12).contains(&number) => Part::Month(number),
                _ => return None,
            };
            Some(Period { year: None, part })
        };
        Period::named(value).or_else(of_column)
    }

    /// The column with the year of periods that do not name it.
    pub(super) fn year_column(&self, beside: &Profile) -> Option<&'s Profile> {
        let lacks_year =
            |value: &String| self.named(beside, value).is_some_and(|period| period.year.is_none());
        let is_year = |value: &String| Period::named(value).is_some_and(|period| period.part == Part::Year);
        let mut columns = self.sample.columns.iter();
        let found = columns.find(|column| {
            column.name != beside.name && !column.is_blank() && column.values.keys().all(is_year)
        });
        found.filter(|_| beside.values.keys().any(lacks_year))
    }

    /// The year of a row, in an expression; asked for where no column says it.
    fn year(&mut self, beside: &Profile) -> Option<String> {
        if let Some(column) = self.year_column(beside) {
            self.looked_at.push(column.name.clone());
            return Some(format!("right({}, 4)", quoted_column(&column.name)));
        }
        if let Some(year) = self.choices.constants.get(YEAR) {
            return Some(format!("'{}'", year.replace('\'', "''")));
        }
        let file = self.sample.name.clone();
        self.questions.push(Question {
            text: format!(
                "Of which year are the periods in `{}` of {file}, such as {}?",
                beside.name,
                beside.examples(2).join(" and ")
            ),
            place: Place::Constant { file, target: YEAR.to_owned() },
            answers: Vec::new(),
            is_needed: true,
        });
        None
    }

    /// A day that stands for a month, a quarter or a year.
    fn period_of_day(&mut self, column: &Profile, reason: &str) -> Option<ColumnPlan> {
        let (formats, kind) = match column.days.is_empty() {
            true => (&column.instants, ColumnType::Timestamp),
            false => (&column.days, ColumnType::Date),
        };
        let chosen = self.choices.column(&column.name).format.unwrap_or_default();
        let (said, format) = chosen.split_once(' ').unwrap_or((&chosen, ""));
        let said = GRAINS.into_iter().find(|(name, ..)| *name == said);
        let formats = match (said, format) {
            (Some(_), format) if !format.is_empty() => vec![format.to_owned()],
            _ => column.different_dates(formats),
        };
        let first = formats.first()?.clone();
        let grain = said.map(|(_, grain, _)| grain).or_else(|| grain_of_name(&column.words)).or_else(|| {
            let months = months(column, &first);
            let are_near = months.iter().zip(months.iter().skip(1)).any(|(one, next)| next - one < 3);
            are_near.then_some(Grain::Month)
        });
        let (Some(grain), [format]) = (grain, formats.as_slice()) else {
            self.ask_grain(column, grain, &formats);
            return None;
        };
        let name = quoted_column(&column.name);
        let function = if kind == ColumnType::Date { "date" } else { "instant" };
        let day = match format.as_str() {
            "" => format!("{function}({name})"),
            format => format!("{function}({name}, '{}')", format.replace('\'', "''")),
        };
        let day = if kind == ColumnType::Date { day } else { format!("date({day})") };
        let word =
            GRAINS.into_iter().find(|(_, known, _)| *known == grain).map_or("period", |(word, ..)| word);
        let reason = format!("{reason}; the {word} in which {} lies", column.examples(1).join(""));
        Some(ColumnPlan::of(Source::Period { grain, day }, reason))
    }

    fn ask_grain(&mut self, column: &Profile, grain: Option<Grain>, formats: &[String]) {
        let grains = GRAINS.into_iter().filter(|(_, known, _)| grain.is_none_or(|grain| grain == *known));
        let answers = grains.flat_map(|(word, ..)| {
            formats.iter().map(move |format| match formats.len() {
                1 => Answer::new(word, format!("the {word} in which it lies")),
                _ => Answer::new(
                    format!("{word} {format}"),
                    format!("the {word}, of days written as {format}"),
                ),
            })
        });
        let file = self.sample.name.clone();
        self.questions.push(Question {
            text: format!(
                "For which period does {} stand in `{}` of {file}?",
                column.examples(2).join(" or "),
                column.name
            ),
            place: Place::Format { file, column: column.name.clone() },
            answers: answers.collect(),
            is_needed: true,
        });
    }
}

fn grain_of_name(words: &Words) -> Option<Grain> {
    let is_called = |names: &[&str]| names.iter().any(|name| words.has(name));
    GRAINS.into_iter().find(|(_, _, names)| is_called(names)).map(|(_, grain, _)| grain)
}

/// The months in which the days of a column lie, counted since the year 0.
fn months(column: &Profile, format: &str) -> BTreeSet<i32> {
    let kind = if column.days.is_empty() { ColumnType::Timestamp } else { ColumnType::Date };
    let reading = reading(kind, format);
    let day = |value: &String| -> Option<Date> {
        match reading.read(value).ok().flatten()? {
            Value::Date(day) => Some(day),
            Value::Timestamp(instant) => Some(TimeZone::UTC.to_datetime(instant).date()),
            _ => None,
        }
    };
    let days = column.values.keys().filter_map(day);
    days.map(|day| i32::from(day.year()) * 12 + i32::from(day.month())).collect()
}
