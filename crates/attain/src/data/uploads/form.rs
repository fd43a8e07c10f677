//! The form over what is proposed: questions on top, then every file with its columns.

use attain_facts::canonical::Table;
use attain_facts::company::Company;
use attain_facts::suggestion::{Confidence, Question, SuggestedColumn, SuggestedFile, Suggestion, Target};
use maud::{Markup, html};

use super::constants;
use super::made::{self, target_words};
use super::proposal::{FieldName, MODES, is_left_out};
use super::upload::{FormDraft, HeadFields};
use super::writing;
use crate::web::components::with_code;
use crate::web::format::whole;

/// Answers that stand side by side; more of them are a list.
const SIDE_BY_SIDE: usize = 6;
/// Sample values of a column that are shown.
const EXAMPLES: usize = 3;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// All fields.
pub(super) fn fields(form: &FormDraft, proposed: &Suggestion, known: Option<&Company>) -> Markup {
    html! {
        input type="hidden" name="written_as" value="form";
        @if !proposed.questions.is_empty() { (questions(&proposed.questions)) }
        (head(&form.head, known))
        @for file in &proposed.files { (file_section(form, file)) }
        @if !proposed.unread.is_empty() {
            section aria-label="Files that cannot be read" {
                div.section-head { h2 { "Not read" } }
                ul { @for file in &proposed.unread { li { b { (file.name) } ": " (with_code(&file.problem)) } } }
            }
        }
    }
}

fn questions(questions: &[Question]) -> Markup {
    html! {
        section.questions aria-label="Questions" id="questions" {
            div.section-head { h2 { "To be answered" } span.meta { "what the files leave open; nothing is guessed" } }
            @for question in questions { (question_field(question)) }
        }
    }
}

fn question_field(question: &Question) -> Markup {
    let name = FieldName::Answer(question.place.clone()).written();
    let legend =
        html! { (with_code(&question.text)) @if question.is_needed { " " span.quiet { "(needed)" } } };
    html! {
        @match question.answers.len() {
            0 => div.field { label { span.label { (legend) } input type="text" name=(name); } },
            count if count <= SIDE_BY_SIDE => fieldset {
                legend { (legend) }
                p.choices { @for answer in &question.answers { label { input type="radio" name=(name) value=(answer.value); " " (answer.label) } } }
            },
            _ => div.field { label { span.label { (legend) }
                select name=(name) { option value="" { "Choose …" } @for answer in &question.answers { option value=(answer.value) { (answer.label) } } }
            } },
        }
    }
}

fn head(fields: &HeadFields, known: Option<&Company>) -> Markup {
    html! {
        section aria-label="Where it comes from" {
            div.section-head { h2 { "Where it comes from" } }
            div.fields {
                (line("source", "System, in a word", &fields.source, "crm"))
                @if known.is_none() {
                    (line("company", "Company", &fields.company, "Example company"))
                    (line("currency", "Currency it reports in", &fields.currency, "EUR"))
                    (line("time_zone", "Time zone", &fields.time_zone, "Europe/Berlin"))
                    div.field { label for="first_month" { "Fiscal year begins in" }
                        select id="first_month" name="first_month" {
                            @for (number, month) in (1..).zip(MONTHS) { option value=(number) selected[fields.first_month == number.to_string()] { (month) } }
                        }
                    }
                }
            }
            @if let Some(company) = known { p.small.quiet { "For " (company.name) ", in " (company.currency) ", time zone " (company.time_zone.iana_name().unwrap_or("UTC")) "." } }
        }
    }
}

fn line(name: &str, label: &str, value: &str, example: &str) -> Markup {
    html! { div.field { label for=(name) { (label) } input id=(name) type="text" name=(name) value=(value) placeholder=(example) required; } }
}

fn file_section(form: &FormDraft, file: &SuggestedFile) -> Markup {
    let rows = whole(file.rows_seen.into());
    html! {
        section aria-label=(file.name) {
            div.section-head { h2 { (file.name) } span.meta { (in_marks(&file.format)) ", " @if file.is_whole { (rows) " rows" } @else { "the first " (rows) " rows were looked at" } } }
            (subject(form, file))
            @if let Some(subject) = file.subject { (columns(file)) (constants::fields(file, subject)) }
            (made::of_file(&file.made, file.subject))
            details.behind { summary { "First rows of the file" } div.scroll tabindex="0" role="region" aria-label={ "First rows of " (file.name) } { (sample(file)) } }
        }
    }
}

/// A format with its delimiter in marks in which a comma is seen.
fn in_marks(format: &str) -> String {
    format.replacen('`', "“", 1).replacen('`', "”", 1)
}

fn subject(form: &FormDraft, file: &SuggestedFile) -> Markup {
    let name = FieldName::Subject(file.name.clone()).written();
    let others: Vec<&str> =
        file.tables.iter().filter(|table| Some(**table) != file.subject).map(|table| table.name()).collect();
    html! {
        div.field.subject {
            label { span.label { "A row is" }
                select name=(name) {
                    option value="none" selected[file.subject.is_none()] { "nothing that is taken" }
                    @for table in Table::ALL { option value=(table.name()) selected[file.subject == Some(table)] { (table.name()) ": " (table.meaning().replace('`', "")) } }
                }
            }
            @if file.subject.is_some() { (mode(file)) }
            p.small.quiet {
                @if is_left_out(&form.choices, &file.name) { "You left it out." } @else { "Because " (with_code(&file.reason)) "." }
                @if !others.is_empty() { " It also fills " (others.join(", ")) "." }
            }
        }
    }
}

/// Whether what a file lacks is gone.
fn mode(file: &SuggestedFile) -> Markup {
    let name = FieldName::Mode(file.name.clone()).written();
    html! {
        label { span.label { "The file has" }
            select name=(name) {
                @for (mode, word, meaning) in MODES { option value=(word) selected[file.mode == mode] { (meaning) } }
            }
        }
    }
}

fn columns(file: &SuggestedFile) -> Markup {
    html! {
        table.table.tight.columns {
            caption.unseen { "Columns of " (file.name) " and what they become" }
            thead { tr { th scope="col" { "Column" } th scope="col" { "Values" } th scope="col" { "Becomes" } th scope="col" { "Why" } } }
            tbody { @for column in &file.columns { (column_row(file, column)) } }
        }
    }
}

fn column_row(file: &SuggestedFile, column: &SuggestedColumn) -> Markup {
    let name = FieldName::Target(file.name.clone(), column.name.clone()).written();
    let own = own_field(column);
    html! {
        tr {
            th scope="row" { (column.name) }
            td.examples { (column.examples.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join(" · ")) }
            td {
                select name=(name) aria-label={ "What " (column.name) " of " (file.name) " becomes" } {
                    @for target in file.targets() { option value=(target) selected[column.target == target] { (target_words(&target.to_string())) } }
                    option value=(own) selected[column.target == own] { (target_words(&own.to_string())) }
                }
                (writing::fields(file, column))
            }
            td {
                @if column.confidence == Confidence::Unsure { span.tag { "look at this" } " " }
                (with_code(&column.reason))
                @if let Some(format) = &column.format { "; written as " code { (format) } }
                @if !column.values.is_empty() { "; " @for (position, (from, to)) in column.values.iter().enumerate() { @if position > 0 { ", " } (from) " → " (to) } }
            }
        }
    }
}

/// The field of the company's own that a column can become.
fn own_field(column: &SuggestedColumn) -> Target {
    if let Target::Attribute(_) = &column.target {
        return column.target.clone();
    }
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let plain: String = column.name.trim().chars().map(letter).collect();
    let words: Vec<&str> = plain.split('_').filter(|word| !word.is_empty()).collect();
    let name = words.join("_");
    let begins_well = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
    Target::Attribute(if begins_well { name } else { format!("field_{name}") })
}

fn sample(file: &SuggestedFile) -> Markup {
    html! {
        table.table.tight {
            caption.unseen { "First rows of " (file.name) ", as they are" }
            thead { tr { @for column in &file.columns { th scope="col" { (column.name) } } } }
            tbody { @for row in &file.sample_rows { tr { @for cell in row { td { (cell) } } } } }
        }
    }
}
