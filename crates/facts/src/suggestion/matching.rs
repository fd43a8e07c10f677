//! What each column of a file becomes: names and values as evidence.

use super::choices::{FileChoices, Target};
use super::keys::{KeyColumn, Overlap};
use super::meaning::meanings;
use super::names::Words;
use super::profile::Profile;
use super::samples::Sample;
use super::vocabulary::{Field, fields};
use crate::canonical::{ColumnType, Need, Table};

/// The least likeness with which a name is evidence.
pub(super) const LIKENESS_MIN: f64 = 0.6;
/// The least strength with which a column becomes what it resembles.
const STRENGTH_MIN: f64 = 0.6;
/// Share of values that are keys elsewhere, from which they are evidence.
const OVERLAP_MIN: f64 = 0.5;

/// A column and what it becomes.
#[derive(Clone, Debug)]
pub(super) struct Match {
    /// Its position in the file.
    pub(super) column: usize,
    pub(super) target: &'static str,
    /// From 0 to above 1.
    pub(super) strength: f64,
    pub(super) reason: String,
    /// Whether a person said so.
    pub(super) is_chosen: bool,
}

/// What each column becomes in a table, at most one column for each target: what a person chose, and
/// then by the strength of the evidence.
pub(super) fn matches(
    sample: &Sample,
    table: Table,
    keys: &[KeyColumn],
    choices: &FileChoices,
) -> Vec<Match> {
    let mut chosen = Vec::new();
    let mut candidates = Vec::new();
    for (at, column) in sample.columns.iter().enumerate() {
        match choices.column(&column.name).target {
            Some(target) => chosen.extend(chosen_match(at, table, &target)),
            None if is_known(sample, at, table) => candidates.extend(known(sample, at, table)),
            None => candidates
                .extend(fields(table).iter().filter_map(|field| candidate(sample, at, table, field, keys))),
        }
    }
    candidates.sort_by(|one: &Match, other: &Match| other.strength.total_cmp(&one.strength));
    for candidate in candidates {
        let is_taken = |known: &Match| known.column == candidate.column || known.target == candidate.target;
        if !chosen.iter().any(is_taken) && !choices.constants.contains_key(candidate.target) {
            chosen.push(candidate);
        }
    }
    chosen.sort_by_key(|found| found.column);
    chosen
}

/// Whether a column is known from the exports of a system.
fn is_known(sample: &Sample, at: usize, table: Table) -> bool {
    known(sample, at, table).next().is_some()
}

/// What a column is known to become.
fn known(sample: &Sample, at: usize, table: Table) -> impl Iterator<Item = Match> + '_ {
    let ready = sample.ready.iter().filter(move |ready| ready.table == table);
    ready.flat_map(move |ready| {
        let targets = ready.targets.iter().filter(move |(known, _)| *known == at);
        targets.filter_map(move |(_, target)| {
            let field = fields(table).iter().find(|field| field.target == target)?;
            let reason = format!("exports of {} call it so", ready.system);
            Some(Match { column: at, target: field.target, strength: 1.6, reason, is_chosen: false })
        })
    })
}

fn chosen_match(column: usize, table: Table, target: &Target) -> Option<Match> {
    let name = match target {
        Target::Key => "key",
        Target::Column(name) => fields(table).iter().find(|field| field.target == name)?.target,
        Target::Attribute(_) | Target::None => return None,
    };
    Some(Match { column, target: name, strength: 2.0, reason: "as you said".into(), is_chosen: true })
}

/// How well a column fits a field, if it does.
fn candidate(sample: &Sample, at: usize, table: Table, field: &Field, keys: &[KeyColumn]) -> Option<Match> {
    let column = &sample.columns[at];
    if column.name.is_empty() {
        return None;
    }
    let likeness = if sample.has_header {
        field.words.iter().map(|words| column.words.likeness(words)).fold(0.0, f64::max)
    } else {
        0.0
    };
    // An identifier that nobody reads is often called by what it identifies.
    let identifies = field.target == "key" && column.is_guid && sample.has_header;
    let of_table = if identifies { column.words.likeness(&Words::of(table.name())) } else { 0.0 };
    let likeness = likeness.max(of_table);
    let named = if likeness >= LIKENESS_MIN { likeness } else { 0.0 };
    if column.is_blank() {
        return blank_candidate(at, table, field, named);
    }
    let fit = fit(column, table, field.target)?;
    let shown = shown_by_values(sample, column, table, field.target, keys, named);
    let strength = if named > 0.0 {
        named + fit.bonus + shown.as_ref().map_or(0.0, |shown| shown.0)
    } else {
        shown.as_ref()?.0
    };
    if strength < STRENGTH_MIN {
        return None;
    }
    let mut reasons = Vec::new();
    if named >= 0.97 {
        reasons.push(format!("named like `{}`", field.target));
    } else if named > 0.0 {
        reasons.push(format!("named somewhat like `{}`", field.target));
    }
    reasons.extend(shown.map(|(_, reason)| reason).or(fit.reason));
    Some(Match { column: at, target: field.target, strength, reason: reasons.join("; "), is_chosen: false })
}

/// A column that is blank so far becomes what it is called, where blanks do no harm.
fn blank_candidate(at: usize, table: Table, field: &Field, named: f64) -> Option<Match> {
    let extra = matches!(field.target, "valid_from" | "valid_to");
    let may_be_blank = table.column(field.target).map_or(extra, |(_, column)| column.need == Need::Never);
    let refers = referred_table(table, field.target).is_some();
    let reason = format!("named like `{}`; blank so far", field.target);
    (may_be_blank && !refers && named >= 0.97).then_some(Match {
        column: at,
        target: field.target,
        strength: named,
        reason,
        is_chosen: false,
    })
}

/// That values can be what a column of a table holds.
struct Fit {
    bonus: f64,
    reason: Option<String>,
}

/// Whether values can be what a target holds.
fn fit(column: &Profile, table: Table, target: &str) -> Option<Fit> {
    let plainly = |bonus: f64| Some(Fit { bonus, reason: None });
    if target == "key" {
        return column.is_unique().then(|| Fit { bonus: 0.15, reason: Some("no value occurs twice".into()) });
    }
    let Some((_, definition)) = table.column(target) else {
        let is_day = matches!(target, "valid_from" | "valid_to");
        return (column.is_date() == is_day).then_some(Fit { bonus: 0.0, reason: None });
    };
    // Private customers have a first and a last name instead.
    let may_lack = table == Table::Account && target == "name";
    if definition.need != Need::Never && !may_lack && column.blank > column.filled {
        return None;
    }
    let examples = || such_as(column);
    match definition.kind {
        ColumnType::Date | ColumnType::Timestamp => {
            column.is_date().then(|| Fit { bonus: 0.15, reason: Some(format!("dates {}", examples())) })
        }
        ColumnType::Month => {
            (column.is_date() || column.is_text()).then_some(Fit { bonus: 0.0, reason: None })
        }
        ColumnType::Decimal | ColumnType::Amount | ColumnType::Rate | ColumnType::Count => {
            (column.is_number() && !is_compact_date(column))
                .then(|| Fit { bonus: 0.1, reason: Some(format!("numbers {}", examples())) })
        }
        ColumnType::Share => {
            is_share(column).then(|| Fit { bonus: 0.1, reason: Some(format!("shares {}", examples())) })
        }
        ColumnType::Boolean => {
            column.is_truth.then(|| Fit { bonus: 0.1, reason: Some("true or false".into()) })
        }
        ColumnType::Currency => {
            column.is_currency.then(|| Fit { bonus: 0.1, reason: Some(format!("currencies {}", examples())) })
        }
        ColumnType::TimeZone => column.is_text().then_some(Fit { bonus: 0.0, reason: None }),
        ColumnType::Choice(_) => {
            if !column.is_list() {
                return None;
            }
            plainly(0.0)
        }
        ColumnType::Reference(_) | ColumnType::Subject(_) => {
            if column.is_date() && !column.is_number() {
                return None;
            }
            plainly(0.0)
        }
        ColumnType::PersonalText if target == "email" => {
            column.is_email.then(|| Fit { bonus: 0.15, reason: Some("email addresses".into()) })
        }
        ColumnType::Text | ColumnType::PersonalText => {
            if column.is_email || column.is_guid {
                return None;
            }
            match (column.is_date(), target) {
                (true, "period_id") => plainly(0.0),
                (true, _) => None,
                (false, "display_name") if column.is_number() => None,
                // Every deal has another name, and no stage.
                (false, "stage" | "from_stage" | "to_stage") if !column.is_list() || column.is_number() => {
                    None
                }
                _ => plainly(0.0),
            }
        }
    }
}

/// Whether all its numbers are days written without marks.
fn is_compact_date(column: &Profile) -> bool {
    column.days.contains(&"%Y%m%d")
}

/// Whether values are shares of something, or per cent.
pub(super) fn is_share(column: &Profile) -> bool {
    column.is_number() && column.marks.of_currencies().is_empty()
        || column.values.keys().all(|value| value.ends_with('%')) && !column.is_blank()
}

/// What values say by themselves about a target: how strongly, and in which words.
fn shown_by_values(
    sample: &Sample,
    column: &Profile,
    table: Table,
    target: &'static str,
    keys: &[KeyColumn],
    named: f64,
) -> Option<(f64, String)> {
    if let Some(referred) = referred_table(table, target) {
        let itself = |key: &KeyColumn| key.table == referred && key.is_column(&sample.name, &column.name);
        if keys.iter().any(itself) {
            return None;
        }
        let (key, overlap) = best_overlap(column, referred, keys)?;
        let is_weak = column.is_number() || column.values.len() < 3;
        let alone = if is_weak { 0.0 } else { 0.75 * overlap.share() };
        let strength = if named > 0.0 { 0.35 * overlap.share() } else { alone };
        return Some((strength, overlap.in_words(key)));
    }
    match (table, target) {
        (Table::Opportunity, "stage") => {
            let meanings = meanings(table, "outcome", column);
            let tells = meanings.has("won") || meanings.has("lost") || meanings.same > 1;
            let strength = if named > 0.0 { 0.5 } else { 0.8 } * meanings.share();
            (tells && column.is_list())
                .then(|| (strength, format!("holds {}: stages of a deal", column.examples(4).join(", "))))
        }
        (_, "email") if column.is_email => Some((0.65, "email addresses".into())),
        (_, _) if is_choice(table, target) && column.is_list() => {
            let meanings = meanings(table, target, column);
            let strength = if named > 0.0 { 0.3 } else { 0.0 } * meanings.share();
            (meanings.share() > 0.5).then(|| (strength, format!("holds {}", column.examples(4).join(", "))))
        }
        _ => None,
    }
}

fn is_choice(table: Table, target: &str) -> bool {
    table.column(target).is_some_and(|(_, column)| matches!(column.kind, ColumnType::Choice(_)))
}

/// The table whose rows a target refers to.
pub(super) fn referred_table(table: Table, target: &str) -> Option<Table> {
    match (table, target) {
        (Table::Employee, "manager_id") => Some(Table::Employee),
        (Table::Employee, "team_id") => Some(Table::Team),
        _ => match table.column(target)?.1.kind {
            ColumnType::Reference(table) => Some(table),
            ColumnType::Subject(_) => Some(Table::Employee),
            _ => None,
        },
    }
}

/// The key of a table that the values of a column meet best.
pub(super) fn best_overlap<'k>(
    column: &Profile,
    table: Table,
    keys: impl IntoIterator<Item = &'k KeyColumn>,
) -> Option<(&'k KeyColumn, Overlap)> {
    let met = keys.into_iter().filter(|key| key.table == table).map(|key| (key, key.overlap(column)));
    let met = met.filter(|(_, overlap)| overlap.share() >= OVERLAP_MIN);
    // Of equals, what this delivery brings comes before what is known, and keys before names.
    let rank = |(key, overlap): &(&KeyColumn, Overlap)| (overlap.share(), key.file.is_some(), key.is_key);
    met.max_by(|one, other| {
        let (one, other) = (rank(one), rank(other));
        one.0.total_cmp(&other.0).then((one.1, one.2).cmp(&(other.1, other.2)))
    })
}

/// `such as a, b`.
pub(super) fn such_as(column: &Profile) -> String {
    format!("such as {}", column.examples(2).join(", "))
}
