//! What is the same in every row of a file, such as the currency of all amounts: shown with the reason, said
//! otherwise, added.

use attain_facts::canonical::{ColumnType, Table};
use attain_facts::suggestion::{Choices, SuggestedFile, Suggestion, Target, constant_problem};
use maud::{Markup, html};

use super::proposal::FieldName;
use crate::web::components::with_code;

/// What is the same in every row.
struct Constant<'f> {
    target: &'f str,
    /// Blank for the currency that the company reports in.
    text: &'f str,
    reason: &'f str,
}

/// Those of the rows of a file, proposed and said.
fn of_file(file: &SuggestedFile) -> Vec<Constant<'_>> {
    let made = file.made.tables.iter().filter(|made| Some(made.table) == file.subject);
    let made = made.flat_map(|made| &made.fields).filter_map(|field| {
        let text = field.constant.as_deref()?;
        Some(Constant { target: &field.target, text, reason: &field.reason })
    });
    let mut constants: Vec<Constant> = made.collect();
    for (target, text) in &file.constants {
        if !constants.iter().any(|known| known.target == target) {
            constants.push(Constant { target, text, reason: "as you said" });
        }
    }
    constants
}

/// The fields of a file whose rows are of that table.
pub(super) fn fields(file: &SuggestedFile, subject: Table) -> Markup {
    let constants = of_file(file);
    let free = free_targets(file, subject, &constants);
    let (target, text) =
        (FieldName::NewConstant(file.name.clone()), FieldName::NewConstantText(file.name.clone()));
    html! {
        @if !constants.is_empty() {
            h3 { "The same in every row" }
            table.table.tight.columns.made {
                caption.unseen { "What is the same in every row of " (file.name) }
                thead { tr { th scope="col" { "Becomes" } th scope="col" { "Is" } th scope="col" { "Why" } } }
                tbody { @for constant in &constants { tr {
                    th scope="row" { (constant.target) }
                    td { (value_field(file, subject, constant)) }
                    td { (with_code(constant.reason)) }
                } } }
            }
        }
        @if !free.is_empty() {
            details.behind.more {
                summary { "Say what is the same in every row" }
                div.fields {
                    div.field { label { span.label { "Field" }
                        select name=(target.written()) { option value="" { "Choose …" } @for name in free { option { (name) } } }
                    } }
                    div.field { label { span.label { "In every row of " (file.name) } input type="text" name=(text.written()) placeholder="USD"; } }
                }
            }
        }
    }
}

fn value_field(file: &SuggestedFile, subject: Table, constant: &Constant) -> Markup {
    let name = FieldName::Constant(file.name.clone(), constant.target.to_owned()).written();
    let label = format!("{} in every row of {}", constant.target, file.name);
    let kind = subject.column(constant.target).map(|(_, column)| column.kind);
    html! {
        @match kind {
            Some(ColumnType::Choice(list)) => select name=(name) aria-label=(label) {
                @for word in list { option selected[*word == constant.text] { (word) } }
            },
            Some(ColumnType::Currency) => input type="text" name=(name) value=(constant.text) aria-label=(label) placeholder="the company's";,
            _ => input type="text" name=(name) value=(constant.text) aria-label=(label);,
        }
    }
}

/// The columns of the table that nothing becomes yet.
fn free_targets(file: &SuggestedFile, subject: Table, constants: &[Constant]) -> Vec<&'static str> {
    let is_taken = |name: &str| {
        let made = file.made.tables.iter().filter(|made| made.table == subject);
        file.columns.iter().any(|column| column.target == Target::Column(name.to_owned()))
            || made.flat_map(|made| &made.fields).any(|field| field.target == name)
            || constants.iter().any(|constant| constant.target == name)
    };
    subject.columns().iter().map(|column| column.name).filter(|name| !is_taken(name)).collect()
}

/// Notes those that were sent.
pub(super) fn note(
    choices: &mut Choices,
    proposed: &Suggestion,
    sent: &[(String, String)],
) -> Result<(), String> {
    for file in &proposed.files {
        let Some(subject) = file.subject else { continue };
        let field = |name: FieldName| {
            let name = name.written();
            sent.iter().find(|(field, _)| *field == name).map(|(_, value)| value.trim())
        };
        for Constant { target, text, .. } in of_file(file) {
            match field(FieldName::Constant(file.name.clone(), target.to_owned())) {
                Some(said) if said != text => note_one(choices, (file, subject), target, said)?,
                _ => {}
            }
        }
        let target = field(FieldName::NewConstant(file.name.clone())).unwrap_or_default();
        let text = field(FieldName::NewConstantText(file.name.clone())).unwrap_or_default();
        match (target, text) {
            ("", "") => {}
            ("", text) => return Err(format!("say which field is `{text}` in every row of {}", file.name)),
            (target, "") => return Err(format!("say what {target} is in every row of {}", file.name)),
            (target, text) => note_one(choices, (file, subject), target, text)?,
        }
    }
    Ok(())
}

/// Notes one; a blank one is as proposed again.
fn note_one(
    choices: &mut Choices,
    (file, subject): (&SuggestedFile, Table),
    target: &str,
    text: &str,
) -> Result<(), String> {
    let is_currency = subject.column(target).is_some_and(|(_, column)| column.kind == ColumnType::Currency);
    let text = if is_currency { text.to_uppercase() } else { text.to_owned() };
    let constants = &mut choices.files.entry(file.name.clone()).or_default().constants;
    if text.is_empty() {
        constants.remove(target);
        return Ok(());
    }
    match constant_problem(subject, target, &text) {
        Some(problem) => {
            Err(format!("`{text}` cannot be {target} in every row of {}: it {problem}", file.name))
        }
        None => {
            constants.insert(target.to_owned(), text);
            Ok(())
        }
    }
}
