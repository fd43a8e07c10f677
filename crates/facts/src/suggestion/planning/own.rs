//! Columns that Attain has no name for become fields of the company's own; nothing is dropped
//! silently.

use std::collections::BTreeMap;

use super::super::choices::Target;
use super::super::plan::{ColumnPlan, FilePlan, Source, quoted_column};
use super::super::profile::Profile;
use super::columns::as_attribute;
use super::file::FilePlanner;
use crate::canonical::{AttributeType, Table};

/// Characters from which a text is prose.
const PROSE_CHARS: usize = 80;

/// The fields of one's own of a file.
pub(super) fn attributes(planner: &mut FilePlanner, table: Table) -> Vec<(String, ColumnPlan)> {
    let mut attributes: Vec<(String, ColumnPlan)> = Vec::new();
    for (at, column) in planner.sample.columns.iter().enumerate() {
        let chosen = planner.choices.column(&column.name);
        let wanted = match &chosen.target {
            Some(Target::Attribute(name)) => Some(name.clone()),
            Some(_) => continue,
            None if planner.is_used(at) || planner.is_asked(&column.name) => continue,
            None if column.is_blank() || column.name.is_empty() => continue,
            None => None,
        };
        if wanted.is_none() && !planner.sample.has_header {
            planner.note_unused(&column.name, "it has no name; say what it is");
            continue;
        }
        if wanted.is_none() && table == Table::Activity && is_prose(column) {
            planner.note_unused(&column.name, "what was said or written is not kept");
            continue;
        }
        let name =
            wanted.or_else(|| column.words.snake_case()).unwrap_or_else(|| format!("column_{}", at + 1));
        let (plan, question) = as_attribute(&planner.sample.name, column, &chosen);
        planner.questions.extend(question);
        attributes.push((free_name(&name, table, &attributes), plan));
    }
    attributes
}

/// Whether a plan reads that column.
pub(super) fn is_of(plan: &ColumnPlan, column: &str) -> bool {
    match &plan.source {
        Source::Column(name) => name == column,
        Source::Expression(text) | Source::Period { day: text, .. } => text.contains(&quoted_column(column)),
        Source::Constant(_) | Source::CompanyCurrency => false,
    }
}

fn is_prose(column: &Profile) -> bool {
    column.is_text() && column.values.keys().any(|value| value.chars().count() > PROSE_CHARS)
}

/// A name that neither the table nor another field has.
fn free_name(name: &str, table: Table, taken: &[(String, ColumnPlan)]) -> String {
    let is_free = |name: &String| {
        table.column(name).is_none()
            && table.id_column() != Some(name)
            && !taken.iter().any(|(known, _)| known == name)
    };
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let names = [name.to_owned(), format!("own_{name}")].into_iter().chain(numbered);
    names.into_iter().find(is_free).unwrap_or_default()
}

/// A field that two files fill with different types is text in both.
pub(super) fn settle_types(plans: &mut [FilePlan]) {
    let mut kinds: BTreeMap<(Table, String), Option<AttributeType>> = BTreeMap::new();
    let mut contradicted = Vec::new();
    for table in plans.iter().flat_map(|plan| &plan.tables) {
        for (name, attribute) in &table.attributes {
            let known = kinds.entry((table.table, name.clone())).or_insert(attribute.kind);
            if *known != attribute.kind {
                contradicted.push((table.table, name.clone()));
            }
        }
    }
    for table in plans.iter_mut().flat_map(|plan| &mut plan.tables) {
        for (name, attribute) in &mut table.attributes {
            if contradicted.contains(&(table.table, name.clone())) {
                attribute.kind = None;
                attribute.format = None;
            }
        }
    }
}
