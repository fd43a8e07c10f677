//! Sheets with a column for each month or quarter: a row of the sheet is a target for each of them. They
//! are looked at as if each target stood in a row of its own, in the columns `cell` and `label` of mappings.

use super::choices::{FileChoices, Subject};
use super::names::Words;
use super::period::{Part, Period};
use super::profile::Profile;
use super::question::{Place, Question};
use crate::canonical::Table;
use crate::value::normalise;

/// Columns from which on a sheet is wide.
const COLUMNS_MIN: usize = 3;
/// Words by which a sheet says that it is about targets.
const TARGETS: [&str; 12] = [
    "quota", "quotas", "target", "targets", "goal", "goals", "plan", "budget", "ziel", "ziele", "soll",
    "vorgaben",
];
/// What the year is called in choices, where neither a column nor the file says it.
const YEAR: &str = "year";
/// What mappings call the cell and its column.
const CELL: &str = "cell";
const LABEL: &str = "label";

/// A sheet as rows of targets.
pub(super) struct Wide {
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// Columns that became rows, and the periods they are for.
    pub(super) unpivot: Vec<(String, String)>,
    /// Columns that say nothing more, and why.
    pub(super) left: Vec<(String, String)>,
    pub(super) question: Option<Question>,
}

/// The sheet as rows of targets, if it is one of targets. `said` is what it says of itself: its name, and
/// its titles.
pub(super) fn unpivoted(
    file: &str,
    names: &[String],
    rows: &[Vec<String>],
    said: &str,
    choices: &FileChoices,
) -> Option<Wide> {
    let are_targets = match choices.subject {
        Some(subject) => subject == Subject::Row(Table::Target),
        None => {
            let words = [said].into_iter().chain(names.iter().map(String::as_str)).map(Words::of);
            words.into_iter().any(|words| TARGETS.iter().any(|target| words.has(target)))
        }
    };
    let named = names.iter().enumerate().filter_map(|(at, name)| Some((at, Period::named(name)?)));
    let are_numbers = |at: usize| Profile::of("", rows.iter().map(|row| cell(row, at))).may_be_numbers();
    let periods: Vec<(usize, Period)> = named.filter(|(at, _)| are_targets && are_numbers(*at)).collect();
    let of_kind = |kind: Part| periods.iter().filter(move |(_, period)| same_kind(period.part, kind));
    let (_, first) = periods.iter().max_by_key(|(_, period)| of_kind(period.part).count())?;
    let mut wide: Vec<(usize, Period)> = of_kind(first.part).copied().collect();
    let is_taken = names.iter().any(|name| name == CELL || name == LABEL);
    let all_have_year = wide.iter().all(|(_, period)| period.year.is_some());
    let none_has_year = wide.iter().all(|(_, period)| period.year.is_none());
    if is_taken || wide.len() < COLUMNS_MIN || !(all_have_year || none_has_year) {
        return None;
    }
    let chosen = choices.constants.get(YEAR).and_then(|year| year.trim().parse().ok());
    let year = chosen.or_else(|| year_in(said)).filter(|_| none_has_year);
    wide.iter_mut().for_each(|(_, period)| period.year = period.year.or(year));
    let question = wide.iter().any(|(_, period)| period.year.is_none()).then(|| Question {
        place: Place::Constant { file: file.to_owned(), target: YEAR.to_owned() },
        text: format!("Of which year are the columns of {file} such as `{}`?", names[wide[0].0]),
        answers: Vec::new(),
        is_needed: true,
    });
    let is_other = |at: &usize| {
        let is_sum = Words::of(&names[*at]).is_sum();
        !wide.iter().any(|(known, _)| known == at) && (is_sum || periods.iter().any(|(known, _)| known == at))
    };
    let left: Vec<usize> = (0..names.len()).filter(is_other).collect();
    let kept: Vec<usize> = (0..names.len())
        .filter(|at| !left.contains(at) && !wide.iter().any(|(known, _)| known == at))
        .collect();
    let mut long = Vec::new();
    for row in rows {
        for (at, period) in &wide {
            if normalise(cell(row, *at)).is_some() {
                let said = kept.iter().map(|at| cell(row, *at).to_owned());
                long.push(said.chain([cell(row, *at).to_owned(), period.to_string()]).collect());
            }
        }
    }
    let name = |at: &usize| names[*at].clone();
    Some(Wide {
        names: kept.iter().map(name).chain([CELL.to_owned(), LABEL.to_owned()]).collect(),
        rows: long,
        unpivot: wide.iter().map(|(at, period)| (names[*at].clone(), period.to_string())).collect(),
        left: left.iter().map(|at| (names[*at].clone(), "it adds up the others".to_owned())).collect(),
        question,
    })
}

/// What a column of such rows is called for people; the names that mappings have for them say nothing.
pub(super) fn words(name: &str) -> Option<Words> {
    match name {
        CELL => Some(Words::of("target value")),
        LABEL => Some(Words::of("period")),
        _ => None,
    }
}

fn cell(row: &[String], at: usize) -> &str {
    row.get(at).map_or("", String::as_str)
}

fn same_kind(one: Part, other: Part) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

/// The only year that a text names.
fn year_in(text: &str) -> Option<u16> {
    let numbers = text.split(|character: char| !character.is_ascii_digit());
    let mut years: Vec<u16> = numbers
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| (1990..2100).contains(year))
        .collect();
    years.dedup();
    match years.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}
