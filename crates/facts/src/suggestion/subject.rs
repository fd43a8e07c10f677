//! What a row of a file is: the table for which its columns say most.

use super::choices::{FileChoices, Subject};
use super::matching::{Match, matches};
use super::names::Words;
use super::samples::Sample;
use super::vocabulary::{fields, file_words};
use crate::canonical::{Need, Table};

/// The least weight of evidence for a subject.
const SUBJECT_MIN: f64 = 1.5;
/// Examples in a reason.
const EXAMPLES: usize = 3;

/// What a row of a file is, and why.
pub(super) struct FoundSubject {
    pub(super) table: Option<Table>,
    pub(super) reason: String,
    /// Tables that it might be instead, the likeliest first.
    pub(super) others: Vec<Table>,
    /// Whether a person said so.
    pub(super) is_chosen: bool,
}

/// Finds what a row of a file is.
pub(super) fn subject(sample: &Sample, choices: &FileChoices) -> FoundSubject {
    match choices.subject {
        Some(Subject::Row(table)) => {
            return FoundSubject {
                table: Some(table),
                reason: "as you said".into(),
                others: Vec::new(),
                is_chosen: true,
            };
        }
        Some(Subject::Nothing) => {
            return FoundSubject {
                table: None,
                reason: "left out, as you said".into(),
                others: Vec::new(),
                is_chosen: true,
            };
        }
        None => {}
    }
    if let Some(ready) = &sample.ready {
        return FoundSubject {
            table: Some(ready.table),
            reason: format!(
                "rows of {} ({}): the header is that of an export of {}, with {} of its columns",
                ready.table,
                ready.table.meaning(),
                ready.system,
                ready.known
            ),
            others: Vec::new(),
            is_chosen: false,
        };
    }
    let mut weighed: Vec<(f64, Table, Vec<Match>)> = Table::ALL
        .into_iter()
        .map(|table| {
            let matches = matches(sample, table, &[], &FileChoices::default());
            (weight(sample, table, &matches), table, matches)
        })
        .collect();
    weighed.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    let others = weighed.iter().filter(|(weight, ..)| *weight > 0.0).take(6).map(|(_, table, _)| *table);
    let others: Vec<Table> = others.collect();
    match weighed.first() {
        Some((weight, table, matches)) if *weight >= SUBJECT_MIN => FoundSubject {
            table: Some(*table),
            reason: subject_reason(sample, *table, matches),
            others,
            is_chosen: false,
        },
        _ => FoundSubject {
            table: None,
            reason: "neither its name nor its columns say what a row is".into(),
            others,
            is_chosen: false,
        },
    }
}

fn subject_reason(sample: &Sample, table: Table, matches: &[Match]) -> String {
    let mut telling: Vec<&Match> = matches.iter().collect();
    telling.sort_by(|one, other| evidence(table, other).total_cmp(&evidence(table, one)));
    let names: Vec<String> =
        telling.iter().take(EXAMPLES).map(|m| format!("`{}`", sample.columns[m.column].name)).collect();
    let why = match names.is_empty() {
        true => "the file is called so".to_owned(),
        false => format!("it has {}", names.join(", ")),
    };
    format!("rows of {table} ({}): {why}", table.meaning())
}

fn evidence(table: Table, found: &Match) -> f64 {
    let field = fields(table).iter().find(|field| field.target == found.target);
    field.map_or(0.0, |field| field.weight) * found.strength
}

/// How much a file looks like rows of a table.
fn weight(sample: &Sample, table: Table, matches: &[Match]) -> f64 {
    let found: f64 = matches.iter().map(|found| evidence(table, found)).sum();
    let named = file_likeness(&sample.name, table) * 2.5;
    let has = |target: &str| matches.iter().any(|found| found.target == target);
    let lacks = |target: &str| match (table, target) {
        (Table::Opportunity, "outcome") => !has("stage") && !has("outcome"),
        (Table::Employee | Table::Account, _) => {
            !has("key") && !has("display_name") && !has("name") && !has("last_name")
        }
        (Table::Team | Table::Product, _) => !has("key") && !has("name"),
        (Table::Target, "kpi_id" | "subject_kind") => false,
        (_, target) => !has(target),
    };
    let needed = table.columns().iter().filter(|column| column.need == Need::Always);
    let lacking = needed.filter(|column| lacks(column.name)).count() as f64;
    let unexplained = sample.columns.len().saturating_sub(matches.len()) as f64;
    let strangers = 0.15 * unexplained.min(10.0);
    // Without a header nothing says which columns there are, nor which there are not.
    found + named - if sample.has_header { 2.0 * lacking + strangers } else { 0.0 }
}

fn file_likeness(name: &str, table: Table) -> f64 {
    let stem = name.split('.').next().unwrap_or(name);
    let stem = Words::of(stem);
    let likeness = file_words(table).split(", ").map(|words| stem.likeness(&Words::of(words)));
    likeness.fold(0.0, f64::max)
}
