//! How the values of a column are read: formats, translations, and what has to be asked first.

use jiff::tz::TimeZone;

use super::super::choices::ColumnChoices;
use super::super::meaning::meanings;
use super::super::plan::{ColumnPlan, Source, quoted_column};
use super::super::profile::{DATE_FORMATS, PERCENT_STYLES, Profile, UNIX_MILLISECONDS};
use super::super::question::{Answer, Place, Question};
use crate::canonical::{AttributeType, ColumnType, Table};
use crate::mapping::reading::Reading;

/// Values of a list that are asked about one by one.
const ASKED_VALUES: usize = 12;

/// How a column is read, or what has to be answered before it can be.
pub(super) fn read(
    file: &str,
    column: &Profile,
    kind: ColumnType,
    chosen: &ColumnChoices,
    reason: &str,
) -> Result<ColumnPlan, Box<Question>> {
    let plan = ColumnPlan::column(&column.name, reason);
    let Some((formats, what)) = formats(column, kind) else { return Ok(plan) };
    let format = match &chosen.format {
        Some(format) => format.clone(),
        None => one_format(file, column, &formats, what)?,
    };
    Ok(with_format(plan, kind, column, &format))
}

/// The formats that make sense for what is written in some, and what that is called.
pub(super) fn formats(column: &Profile, kind: ColumnType) -> Option<(Vec<String>, &'static str)> {
    Some(match kind {
        ColumnType::Date | ColumnType::Month => {
            let formats = if column.days.is_empty() { &column.instants } else { &column.days };
            (column.different_dates(formats), "dates")
        }
        ColumnType::Timestamp => (column.different_dates(&column.instants), "dates"),
        ColumnType::Share => (vec![share_format(column).to_owned()], "numbers"),
        ColumnType::Decimal | ColumnType::Amount | ColumnType::Rate | ColumnType::Count => {
            (column.different_styles(), "numbers")
        }
        _ => return None,
    })
}

fn with_format(mut plan: ColumnPlan, kind: ColumnType, column: &Profile, format: &str) -> ColumnPlan {
    let name = quoted_column(&column.name);
    let instant = || match format {
        UNIX_MILLISECONDS => format!("from_unix_ms(number({name}))"),
        "" => format!("instant({name})"),
        format => format!("instant({name}, '{}')", format.replace('\'', "''")),
    };
    let is_day = column.days.contains(&format);
    match kind {
        ColumnType::Timestamp if format == UNIX_MILLISECONDS => plan.source = Source::Expression(instant()),
        // A time of day stands behind the date: the day is that of the company's time zone.
        ColumnType::Date if !is_day && !column.is_blank() => {
            plan.source = Source::Expression(format!("date({})", instant()));
        }
        ColumnType::Decimal | ColumnType::Amount | ColumnType::Rate | ColumnType::Count
            if column.marks.differ() =>
        {
            plan.source = Source::Expression(column.marks.number_in(&name, format));
        }
        _ => {
            plan.format = Some(format.to_owned()).filter(|format| !matches!(format.as_str(), "" | "1234.56"));
        }
    }
    plan
}

/// The only format that makes sense, or the question which does.
pub(in crate::suggestion) fn one_format(
    file: &str,
    column: &Profile,
    formats: &[String],
    what: &str,
) -> Result<String, Box<Question>> {
    match formats {
        [] => Ok(String::new()),
        [only] => Ok(only.clone()),
        several => {
            let label = |format: &String| {
                let example = DATE_FORMATS.iter().find(|(known, _)| known == format);
                Answer::new(format, example.map_or(format.as_str(), |(_, example)| example))
            };
            Err(Box::new(Question {
                place: Place::Format { file: file.to_owned(), column: column.name.clone() },
                text: format!(
                    "How are the {what} in `{}` of {file} written? {} can be read in two ways; it is not read as {what} until you say.",
                    column.name,
                    column.examples(2).join(" and ")
                ),
                answers: several.iter().map(label).collect(),
                is_needed: false,
            }))
        }
    }
}

/// Shares from 0 to 1 as they are, otherwise per cent.
fn share_format(column: &Profile) -> &'static str {
    let number = |text: &String| text.trim_end_matches('%').trim().replace(',', ".").parse::<f64>();
    let is_above_one = column.values.keys().any(|value| number(value).is_ok_and(|number| number > 1.0));
    let has_sign = column.values.keys().any(|value| value.ends_with('%'));
    let says_so =
        ["%", "percent", "per cent", "prozent"].iter().any(|word| column.name.to_lowercase().contains(word));
    let has_comma = column.values.keys().any(|value| value.contains(','));
    match (is_above_one || has_sign || says_so, has_comma) {
        (true, true) => "12,5 %",
        (true, false) => "12.5 %",
        (false, true) => "1234,56",
        (false, false) => "",
    }
}

/// Whether the values of such a column may become others without a list of what they may be.
pub(super) fn is_translated(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Text | ColumnType::PersonalText | ColumnType::Boolean)
}

/// What somebody said that values of a column become.
pub(super) fn said(column: &Profile, chosen: &ColumnChoices) -> Vec<(String, String)> {
    let said = chosen.values.iter().filter(|(value, _)| column.values.contains_key(*value));
    said.map(|(from, to)| (from.clone(), to.clone())).collect()
}

/// The formats of numbers in per cent that read every value of a column, if each has the sign behind it.
pub(super) fn percent_formats(column: &Profile) -> Vec<&'static str> {
    let have_signs = !column.is_blank() && column.values.keys().all(|value| value.ends_with('%'));
    let reads_all = |format: &&str| {
        let reading = Reading::of_attribute(AttributeType::Number, &[(*format).to_owned()], &TimeZone::UTC);
        reading.is_ok_and(|reading| column.values.keys().all(|value| reading.read(value).is_ok()))
    };
    PERCENT_STYLES.into_iter().filter(|_| have_signs).filter(reads_all).collect()
}

/// The column of a closed list: what its values mean, and questions about those that nobody knows.
pub(super) fn translate(
    file: &str,
    column: &Profile,
    (table, target): (Table, &'static str),
    chosen: &ColumnChoices,
    reason: &str,
) -> (ColumnPlan, Vec<Question>) {
    let meanings = meanings(table, target, column);
    let mut values = meanings.known.clone();
    values.extend(chosen.values.clone());
    if !values.is_empty() && meanings.same > 0 {
        let same = column.values.keys().filter(|value| !meanings.unknown.contains(value));
        for value in same {
            values.entry(value.clone()).or_insert_with(|| value.clone());
        }
    }
    let unknown = meanings.unknown.iter().filter(|value| !values.contains_key(*value));
    let questions = unknown.take(ASKED_VALUES).map(|value| ask_value(file, column, table, target, value));
    let questions = questions.collect();
    let mut plan = ColumnPlan::column(&column.name, reason);
    plan.values = values.into_iter().collect();
    (plan, questions)
}

fn ask_value(file: &str, column: &Profile, table: Table, target: &str, value: &str) -> Question {
    let choices = match table.column(target).map(|(_, column)| column.kind) {
        Some(ColumnType::Choice(choices)) => choices,
        _ => &[],
    };
    let times = column.values.get(value).copied().unwrap_or_default();
    Question {
        place: Place::Value { file: file.to_owned(), column: column.name.clone(), value: value.to_owned() },
        text: format!(
            "Which {target} is `{value}` in `{}` of {file}? Rows with it ({times} of those looked at) are rejected until you say.",
            column.name
        ),
        answers: choices.iter().map(|choice| Answer::plain(choice)).collect(),
        is_needed: false,
    }
}

/// What a column holds as a field of the company's own, with how it is read, and what is to be asked before
/// it is read as somebody wants it.
pub(super) fn as_attribute(
    file: &str,
    column: &Profile,
    chosen: &ColumnChoices,
) -> (ColumnPlan, Option<Question>) {
    let proposed = attribute_type(column);
    let kind = chosen.kind.unwrap_or(proposed);
    let reason = match kind {
        _ if column.is_blank() => "blank so far".to_owned(),
        AttributeType::Number => format!("numbers such as {}", column.examples(2).join(", ")),
        AttributeType::Date => format!("dates such as {}", column.examples(2).join(", ")),
        AttributeType::Text => format!("texts such as {}", column.examples(2).join(", ")),
    };
    let in_percent = percent_formats(column).into_iter().find(|_| kind == AttributeType::Number);
    let format = chosen.format.clone().or(in_percent.map(str::to_owned));
    let chosen = &ColumnChoices { format, ..chosen.clone() };
    match read(file, column, kind.column_type(), chosen, &reason) {
        Ok(mut plan) => {
            if kind == AttributeType::Text {
                plan.values = said(column, chosen);
            }
            plan.kind = Some(kind).filter(|kind| *kind != AttributeType::Text);
            (plan, None)
        }
        // What cannot be read for sure is kept as it stands.
        Err(question) => {
            (ColumnPlan::column(&column.name, reason), chosen.kind.is_some().then_some(*question))
        }
    }
}

fn attribute_type(column: &Profile) -> AttributeType {
    let has_leading_zero =
        |value: &String| value.len() > 1 && value.starts_with('0') && value.as_bytes()[1].is_ascii_digit();
    let is_code = column.values.keys().any(has_leading_zero) || column.words.joined().ends_with("id");
    let is_one_kind_of_number = column.is_number()
        && !column.marks.differ()
        && column.strays.1 == 0
        && column.different_styles().len() == 1
        && !is_code;
    if column.days.len() == 1 && column.strays.0 == 0 && !column.is_number() {
        AttributeType::Date
    } else if is_one_kind_of_number || !percent_formats(column).is_empty() {
        AttributeType::Number
    } else {
        AttributeType::Text
    }
}
