//! How the values of a column are written and what they mean: the form for that, folded away, for what is
//! proposed mostly fits.

use attain_facts::suggestion::{Answer, SuggestedColumn, SuggestedFile, Writing};
use maud::{Markup, html};

use super::proposal::{FieldName, KINDS};
use crate::web::format::whole;

/// The fields of a column; nothing if there is nothing to say.
pub(super) fn fields(file: &SuggestedFile, column: &SuggestedColumn) -> Markup {
    let of = || (file.name.clone(), column.name.clone());
    html! {
        @if column.kind.is_some() || column.writing.is_some() {
            details.behind.more {
                summary { "How it is read" span.unseen { ": " (column.name) " of " (file.name) } }
                @if let Some(kind) = column.kind {
                    @let (file, column) = of();
                    div.field { label { span.label { "It holds" }
                        select name=(FieldName::Kind(file, column).written()) {
                            @for known in KINDS { option selected[known == kind] { (known) } }
                        }
                    } }
                }
                @match &column.writing {
                    Some(Writing::Format { taken, fit, others }) => {
                        @let (file, column) = of();
                        (format(&FieldName::Format(file, column), taken, fit, others))
                    }
                    Some(Writing::Words { target, list, values }) => (words(&of(), target, list, values)),
                    None => {}
                }
            }
        }
    }
}

fn format(name: &FieldName, taken: &str, fit: &[Answer], others: &[Answer]) -> Markup {
    let options = |answers: &[Answer]| html! { @for answer in answers { option value=(answer.value) selected[answer.value == taken] { (answer.label) } } };
    html! {
        div.field { label { span.label { "Written like" }
            select name=(name.written()) {
                @if !fit.is_empty() { optgroup label="Fits the values" { (options(fit)) } }
                optgroup label="Does not fit them" { (options(others)) }
            }
        } }
    }
}

fn words(
    (file, column): &(String, String),
    target: &str,
    list: &[&str],
    values: &[(String, usize, Option<String>)],
) -> Markup {
    html! {
        p.label { "What each value " @if list.is_empty() { "becomes" } @else { "means as " (target) } }
        @for (value, times, meaning) in values {
            @let name = FieldName::Meaning(file.clone(), column.clone(), value.clone()).written();
            div.field { label { span.label { b { (value) } span.quiet { " in " (whole((*times).into())) @if *times == 1 { " row" } @else { " rows" } } }
                @if list.is_empty() {
                    input type="text" name=(name) value=(meaning.as_deref().unwrap_or(value));
                } @else {
                    select name=(name) {
                        @if meaning.is_none() { option value="" selected { "not known: its rows are rejected" } }
                        @for word in list { option selected[meaning.as_deref() == Some(*word)] { (word) } }
                    }
                }
            } }
        }
    }
}
