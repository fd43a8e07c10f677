//! What a mapping makes of files other than column by column, for people to read: computed, looked up, left
//! out.

use attain_facts::canonical::Table;
use attain_facts::mapping::{MadeField, MadeFile, MadeTable, made};
use maud::{Markup, html};

use crate::web::components::with_code;

/// What the text of a mapping makes of each of its files; nothing of those that are read column by column.
pub(in crate::data) fn of_text(text: &str) -> Markup {
    let files: Vec<MadeFile> = made(text).into_iter().filter(|file| !file.is_empty()).collect();
    html! {
        @for file in &files {
            section aria-label=(file.file) {
                div.section-head { h2 { (file.file) } }
                (of_file(file, None))
            }
        }
    }
}

/// What is made of a file whose rows are of that table; nothing if nothing is.
pub(super) fn of_file(made: &MadeFile, subject: Option<Table>) -> Markup {
    let tables = made.tables.iter().filter(|table| fields_shown(table, subject).next().is_some());
    let tables: Vec<&MadeTable> = tables.collect();
    let has_reasons = tables.iter().flat_map(|table| &table.fields).any(|field| !field.reason.is_empty());
    html! {
        @if !tables.is_empty() {
            h3 { "Made from other columns" }
            table.table.tight.columns.made {
                caption.unseen { "What is made of several columns of " (made.file) ", of other files or of none" }
                thead { tr { th scope="col" { "Becomes" } th scope="col" { "Is" } @if has_reasons { th scope="col" { "Why" } } } }
                @for table in tables { (fields(table, subject, has_reasons)) }
            }
        }
        (rows_left_out(made))
        (found_here(made, subject))
    }
}

/// What of a table is shown here: what is the same in every row of its own file has fields.
fn fields_shown(table: &MadeTable, subject: Option<Table>) -> impl Iterator<Item = &MadeField> {
    let has_fields = subject == Some(table.table);
    table.fields.iter().filter(move |field| !has_fields || field.constant.is_none())
}

fn fields(table: &MadeTable, subject: Option<Table>, has_reasons: bool) -> Markup {
    let is_other = subject != Some(table.table);
    html! {
        tbody {
            @if is_other || table.each.is_some() {
                tr.group { th colspan=(if has_reasons { 3 } else { 2 }) scope="rowgroup" {
                    (table.table.name()) span.quiet { ": " (with_code(table.table.meaning())) @if let Some(reason) = &table.reason { "; " (with_code(reason)) } @if let Some(each) = &table.each { "; a row for each of " (with_code(each)) } }
                } }
            }
            @for field in fields_shown(table, subject) {
                tr {
                    th scope="row" { (target_words(&field.target)) }
                    td { (with_code(&field.words)) }
                    @if has_reasons { td { (with_code(&field.reason)) } }
                }
            }
        }
    }
}

/// What a value becomes, for people.
pub(super) fn target_words(target: &str) -> String {
    match (target, target.strip_prefix("attributes.")) {
        ("key", _) => "key (identifies the row)".to_owned(),
        ("none", _) => "not taken".to_owned(),
        (_, Some(own)) => format!("own field {own}"),
        (column, None) => column.to_owned(),
    }
}

fn rows_left_out(made: &MadeFile) -> Markup {
    html! {
        @match made.left_out.as_slice() {
            [] => {},
            [rule] => p.small { "Rows are left out where " (with_code(rule)) "." },
            rules => {
                p.small { "Rows are left out where one of these holds:" }
                ul.small { @for rule in rules { li { (with_code(rule)) } } }
            }
        }
    }
}

fn found_here(made: &MadeFile, subject: Option<Table>) -> Markup {
    html! {
        @if !made.looked_up.is_empty() {
            p.small {
                @if subject.is_none() { b { "Used to look things up." } " " }
                @for finds in &made.looked_up { (with_code(finds)) ". " }
            }
        }
    }
}
