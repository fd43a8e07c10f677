//! The text of a mapping, as a person would write it, with the reasons as comments.

use std::fmt::Write;

use super::period::Grain;
use super::plan::{ColumnPlan, FilePlan, LookupPlan, Source, TablePlan};
use super::question::Question;
use super::{Head, Suggestion};
use crate::calendar::{FiscalCalendar, YearLabel};
use crate::company::Company;
use crate::mapping::Mode;

/// Characters of a line of comments.
const COMMENT_CHARS: usize = 110;

/// The whole text.
pub(super) fn mapping_text(suggestion: &Suggestion, head: &Head) -> String {
    let mut text = String::new();
    for question in &suggestion.questions {
        comment(&mut text, "", &asked(question));
    }
    for file in &suggestion.unread {
        comment(&mut text, "", &format!("Not read: {}", file.problem));
    }
    write_head(&mut text, head);
    text.push_str("\nfiles:\n");
    for plan in suggestion.plans.iter().filter(|plan| plan.is_taken()) {
        write_file(&mut text, plan, &head.company);
    }
    for plan in suggestion.plans.iter().filter(|plan| !plan.is_taken()) {
        comment(&mut text, "  ", &format!("{} is left out: {}.", plan.file, plan.reason));
    }
    text
}

fn asked(question: &Question) -> String {
    let needed = if question.is_needed { " (needed)" } else { "" };
    let labels: Vec<&str> = question.answers.iter().map(|answer| answer.label.as_str()).collect();
    match labels.as_slice() {
        [] => format!("Question{needed}: {}", question.text),
        labels => format!("Question{needed}: {} Perhaps: {}.", question.text, labels.join(", ")),
    }
}

fn write_head(text: &mut String, head: &Head) {
    let company = &head.company;
    line(text, 0, &format!("source: {}", scalar(&head.source)));
    line(text, 0, "company:");
    line(text, 1, &format!("name: {}", scalar(&company.name)));
    line(text, 1, &format!("time_zone: {}", scalar(company.time_zone.iana_name().unwrap_or("UTC"))));
    line(text, 1, &format!("currency: {}", scalar(&company.currency)));
    if let Ok(calendar) = serde_json::to_value(&company.calendar) {
        line(text, 1, &format!("calendar: {}", flow(&calendar)));
    }
    if let Ok(days) = serde_json::to_value(&company.work_calendar)
        && company.work_calendar != Default::default()
    {
        line(text, 1, &format!("working_days: {}", flow(&days)));
    }
}

fn write_file(text: &mut String, plan: &FilePlan, company: &Company) {
    text.push('\n');
    comment(text, "  ", &format!("{}.", plan.reason));
    for note in &plan.notes {
        comment(text, "  ", &format!("{note}."));
    }
    for (column, why) in &plan.left {
        comment(text, "  ", &format!("Not taken: `{column}`: {why}."));
    }
    line(text, 1, &format!("- file: {}", scalar(&plan.file)));
    if !plan.format.is_empty() {
        let parts = plan.format.iter().map(|(name, value)| format!("{name}: {}", bare_or_scalar(value)));
        line(text, 2, &format!("format: {{ {} }}", parts.collect::<Vec<_>>().join(", ")));
    }
    match plan.mode {
        Mode::Delta => {}
        Mode::Full => line(text, 2, "mode: full"),
        Mode::Append => line(text, 2, "mode: append"),
    }
    if !plan.blank.is_empty() {
        let tokens: Vec<String> = plan.blank.iter().map(|token| quoted(token)).collect();
        line(text, 2, &format!("blank: [{}]", tokens.join(", ")));
    }
    if !plan.labels.is_empty() {
        let labels = plan.labels.iter().map(|(name, label)| format!("{}: {}", quoted(name), quoted(label)));
        line(text, 2, &format!("labels: {{ {} }}", labels.collect::<Vec<_>>().join(", ")));
    }
    if !plan.keep.is_empty() {
        line(text, 2, "keep:");
        plan.keep.iter().for_each(|condition| line(text, 3, &format!("- where: {}", quoted(condition))));
    }
    if !plan.lookups.is_empty() {
        line(text, 2, "lookups:");
        plan.lookups.iter().for_each(|lookup| write_lookup(text, lookup, company));
    }
    if !plan.tables.is_empty() {
        line(text, 2, "tables:");
        plan.tables.iter().for_each(|table| write_table(text, table, company));
    }
}

fn write_lookup(text: &mut String, lookup: &LookupPlan, company: &Company) {
    line(text, 3, &format!("- name: {}", scalar(&lookup.name)));
    line(text, 4, &format!("file: {}", scalar(&lookup.file)));
    line(text, 4, &format!("key: {}", source(&lookup.key, company)));
    line(text, 4, &format!("by: {}", source(&lookup.by, company)));
}

fn write_table(text: &mut String, table: &TablePlan, company: &Company) {
    if let Some(reason) = &table.reason {
        comment(text, "      ", &format!("{reason}."));
    }
    line(text, 3, &format!("- table: {}", table.table));
    if !table.unpivot.is_empty() {
        let columns =
            table.unpivot.iter().map(|(column, label)| format!("{}: {}", quoted(column), quoted(label)));
        line(text, 4, &format!("unpivot: {{ {} }}", columns.collect::<Vec<_>>().join(", ")));
    }
    let key: Vec<String> = table.key.iter().map(|part| source(part, company)).collect();
    match key.as_slice() {
        [only] => line(text, 4, &format!("key: {only}")),
        parts => line(text, 4, &format!("key: [{}]", parts.join(", "))),
    }
    if table.optional {
        line(text, 4, "optional: true");
    }
    match table.columns.is_empty() {
        true => line(text, 4, "columns: {}"),
        false => line(text, 4, "columns:"),
    }
    let position = |name: &str| table.table.column(name).map(|(position, _)| position);
    let mut columns: Vec<&(String, ColumnPlan)> = table.columns.iter().collect();
    columns.sort_by_key(|(name, _)| position(name));
    columns.iter().for_each(|(name, column)| write_column(text, name, column, company));
    if !table.attributes.is_empty() {
        line(text, 4, "attributes:");
        let attributes = table.attributes.iter();
        attributes.for_each(|(name, column)| write_column(text, name, column, company));
    }
}

fn write_column(text: &mut String, name: &str, column: &ColumnPlan, company: &Company) {
    if !column.reason.is_empty() {
        comment(text, "          ", &format!("{}.", column.reason));
    }
    let mut parts = Vec::new();
    parts.extend(column.format.as_ref().map(|format| format!("format: {}", quoted(format))));
    parts.extend(column.kind.map(|kind| format!("type: {kind}")));
    if !column.values.is_empty() {
        let values = column.values.iter().map(|(from, to)| format!("{}: {}", quoted(from), quoted(to)));
        parts.push(format!("values: {{ {} }}", values.collect::<Vec<_>>().join(", ")));
    }
    let from = match (&column.source, parts.is_empty()) {
        (Source::Column(name), false) => format!("{{ column: {}, {} }}", quoted(name), parts.join(", ")),
        (Source::Expression(text), false) => {
            format!("{{ expression: {}, {} }}", quoted(text), parts.join(", "))
        }
        (other, _) => source(other, company),
    };
    line(text, 5, &format!("{}: {from}", scalar(name)));
}

/// Where a text comes from, as it stands behind a colon.
fn source(source: &Source, company: &Company) -> String {
    match source {
        Source::Column(name) => scalar(name),
        Source::Expression(text) => format!("{{ expression: {} }}", quoted(text)),
        Source::Constant(text) => format!("{{ constant: {} }}", quoted(text)),
        Source::CompanyCurrency => format!("{{ constant: {} }}", company.currency),
        Source::Period { grain, day } => {
            format!("{{ expression: {} }}", quoted(&period(*grain, day, &company.calendar)))
        }
    }
}

/// The key of the period in which a day lies. Months are named by the calendar year, what is longer by
/// the fiscal one; where that is no matter of months, the calendar year is a start.
fn period(grain: Grain, day: &str, calendar: &FiscalCalendar) -> String {
    if grain == Grain::Month {
        return format!("left(text({day}), 7)");
    }
    let offset = match calendar {
        FiscalCalendar::MonthOffset(offset) => Some(offset),
        FiscalCalendar::Weeks(_) | FiscalCalendar::IsoWeek | FiscalCalendar::Explicit { .. } => None,
    };
    let months = offset.map_or(0, |offset| offset.first_month.number() - 1);
    let ends_later = months > 0 && offset.is_some_and(|offset| offset.fy_label == YearLabel::End);
    let day = if months > 0 { format!("add_months({day}, -{months})") } else { day.to_owned() };
    let year = format!("date_part('year', {day}){}", if ends_later { " + 1" } else { "" });
    match grain {
        Grain::Quarter => format!("text({year}) || '-Q' || text(date_part('quarter', {day}))"),
        _ => format!("text({year})"),
    }
}

fn line(text: &mut String, depth: usize, content: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{:1$}{content}", "", depth * 2);
}

/// Lines of comments, broken between words.
fn comment(text: &mut String, indent: &str, words: &str) {
    let mut line = String::new();
    let plain: String = words.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    let mut flush = |line: &mut String| {
        let _ = writeln!(text, "{indent}# {line}");
        line.clear();
    };
    for word in plain.split_whitespace() {
        if !line.is_empty() && indent.len() + line.chars().count() + word.chars().count() > COMMENT_CHARS {
            flush(&mut line);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        flush(&mut line);
    }
}

/// Whether YAML takes a character as it stands.
fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fdd0}'
                ..='\u{fdef}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// A text without quotation marks where YAML takes it for nothing else.
fn scalar(text: &str) -> String {
    let starts = text.starts_with(|first: char| first.is_alphabetic() || first == '_');
    let inside = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ' | '(' | ')' | '+'));
    let is_word = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"]
        .contains(&text.to_lowercase().as_str());
    let is_plain = starts && inside && !text.ends_with(' ') && !is_word;
    if is_plain { text.to_owned() } else { quoted(text) }
}

/// The value of an option, numbers as they are.
fn bare_or_scalar(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.to_owned() } else { scalar(text) }
}

/// A text in quotation marks, with escapes as JSON and YAML both have them.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            character if is_plain(character) => quoted.push(character),
            character if u32::from(character) <= 0xFFFF => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            character => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// A value in one line.
fn flow(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| format!("{name}: {}", flow(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}
