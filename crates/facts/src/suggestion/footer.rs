//! Lines of a report that are no rows: totals between and below them, and what is said at its end of
//! who made it and when. They are known by their words, and by a column that every row has and they lack.

use super::plan::quoted_column;
use crate::value::normalise;

/// How lines with totals begin.
const TOTALS: [&str; 11] = [
    "grand total",
    "grand totals",
    "total",
    "totals",
    "subtotal",
    "subtotals",
    "sum",
    "gesamt",
    "gesamtsumme",
    "summe",
    "zwischensumme",
];
/// How lines begin that say something of the report.
const REMARKS: [&str; 12] = [
    "copyright",
    "©",
    "confidential",
    "generated",
    "report generated",
    "printed",
    "exported",
    "as of ",
    "filtered by",
    "vertraulich",
    "erstellt am",
    "gedruckt am",
];
/// Columns from which on a row has more than one cell.
const WIDTH_MIN: usize = 3;
/// Letters from which on the beginning of a line, before its first number, stands for it.
const BEGINNING_MIN: usize = 6;

/// The lines of a file that are no rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Footer {
    /// As wide as the rows.
    pub(super) lines: Vec<Vec<String>>,
    /// What they do not meet and every row does.
    pub(super) conditions: Vec<String>,
}

/// Takes the lines that are no rows out of the rows, together with those below that have nothing but their
/// first field.
pub(super) fn take(names: &[String], rows: &mut Vec<Vec<String>>, below: &[String]) -> Footer {
    let mut footer = Footer::default();
    if names.len() < WIDTH_MIN {
        return footer;
    }
    let is_end = |row: &[String]| is_total(row) || is_remark(row);
    let end = rows.iter().rposition(|row| !is_end(row)).map_or(0, |last| last + 1);
    let (mut candidates, mut kept) = (Vec::new(), Vec::new());
    for (at, row) in std::mem::take(rows).into_iter().enumerate() {
        if at >= end || is_total(&row) { candidates.push((at, row)) } else { kept.push((at, row)) }
    }
    let alone = below.iter().map(|text| {
        let mut line = vec![String::new(); names.len()];
        line[0].clone_from(text);
        (usize::MAX, line)
    });
    candidates.extend(alone);
    for column in 0..names.len() {
        let (lines, others) = candidates.into_iter().partition(|(_, line)| words_stand_in(line) == column);
        candidates = others;
        match condition(names, &kept, &lines, column) {
            Some(condition) => {
                footer.conditions.push(condition);
                footer.lines.extend(lines.into_iter().map(|(_, line)| line));
            }
            None => kept.extend(lines.into_iter().filter(|(at, _)| *at < usize::MAX)),
        }
    }
    kept.sort_by_key(|(at, _)| *at);
    rows.extend(kept.into_iter().map(|(_, row)| row));
    footer
}

/// A row and its position among the others.
type Placed = (usize, Vec<String>);

/// What every row meets and none of these lines, whose words stand in the same column, does.
fn condition(names: &[String], rows: &[Placed], lines: &[Placed], column: usize) -> Option<String> {
    let is_filled = |row: &Placed, at: usize| row.1.get(at).is_some_and(|cell| normalise(cell).is_some());
    let tells = |at: &usize| {
        *at != column
            && !names[*at].is_empty()
            && rows.iter().all(|row| is_filled(row, *at))
            && !lines.iter().any(|line| is_filled(line, *at))
    };
    if rows.is_empty() || lines.is_empty() || names[column].is_empty() {
        return None;
    }
    let telling = quoted_column(&names[(0..names.len()).find(tells)?]);
    let words = quoted_column(&names[column]);
    let mut texts: Vec<String> = Vec::new();
    let mut wholes: Vec<String> = Vec::new();
    for (_, line) in lines {
        let said = match line.get(column).and_then(|cell| normalise(cell)) {
            None => format!("{words} is blank"),
            Some(text) => match beginning(&text) {
                Some(beginning) => format!("starts_with({words}, {})", quoted(beginning)),
                None => {
                    wholes.extend((!wholes.contains(&quoted(&text))).then(|| quoted(&text)));
                    continue;
                }
            },
        };
        texts.extend((!texts.contains(&said)).then_some(said));
    }
    texts.extend((!wholes.is_empty()).then(|| format!("{words} in ({})", wholes.join(", "))));
    Some(format!("{telling} is not blank or not ({})", texts.join(" or ")))
}

/// What stands before the first number of a line, where that is telling: numbers change from report to report.
fn beginning(text: &str) -> Option<&str> {
    let number = text.find(|character: char| character.is_ascii_digit())?;
    let beginning = text[..number].trim_end();
    (beginning.chars().filter(|character| character.is_alphabetic()).count() >= BEGINNING_MIN)
        .then_some(beginning)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Where the first text of a line stands.
fn words_stand_in(line: &[String]) -> usize {
    line.iter().position(|cell| normalise(cell).is_some()).unwrap_or_default()
}

fn first_words(line: &[String]) -> Option<String> {
    line.iter().find_map(|cell| normalise(cell)).map(|text| text.to_lowercase())
}

/// Whether a line is headed as a total and not filled in every column.
fn is_total(line: &[String]) -> bool {
    let Some(words) = first_words(line) else { return false };
    let is_headed = TOTALS.iter().any(|total| {
        let behind = words.strip_prefix(total);
        behind.is_some_and(|rest| !rest.trim_start().starts_with(|next: char| next.is_alphabetic()))
    });
    is_headed && line.iter().any(|cell| normalise(cell).is_none())
}

/// Whether a line is blank, or has one remark alone.
fn is_remark(line: &[String]) -> bool {
    let filled = line.iter().filter(|cell| normalise(cell).is_some()).count();
    let Some(words) = first_words(line) else { return true };
    filled == 1 && REMARKS.iter().any(|remark| words.starts_with(remark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str, below: &[&str]) -> (Vec<String>, usize) {
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let names = lines.next().expect("a header");
        let mut rows: Vec<Vec<String>> = lines.collect();
        let below: Vec<String> = below.iter().map(|text| (*text).to_owned()).collect();
        (take(&names, &mut rows, &below).conditions, rows.len())
    }

    #[test]
    fn totals_and_remarks_are_known_by_their_words_and_by_what_they_lack() {
        let report = "Owner,Stage,Amount\nAnn,Won,5\nTotal Energies,Won,6\nSubtotal,,11\nBen,Won,\n,,\nGrand Totals (3 records),,11\n";
        let below = ["Confidential Information - Do Not Distribute", "Generated By: Ann 1/2/2024"];
        let (conditions, rows) = taken(report, &below);
        let wanted = "\"Stage\" is not blank or not (\"Owner\" is blank or starts_with(\"Owner\", 'Grand Totals (') or starts_with(\"Owner\", 'Generated By: Ann') or \"Owner\" in ('Subtotal', 'Confidential Information - Do Not Distribute'))";
        assert_eq!((conditions, rows), (vec![wanted.to_owned()], 3));
    }

    #[test]
    fn what_may_be_a_row_stays_one() {
        let last_is_poor = "Name,City,Since\nAcme,Rome,2020\nBolt,,\n";
        assert_eq!(taken(last_is_poor, &[]), (vec![], 2));
        let nothing_tells = "Name,City,Amount\nTotal,,5\nBolt,,6\n";
        assert_eq!(taken(nothing_tells, &[]), (vec![], 2));
        assert_eq!(taken("Name,Amount\nAnn,5\nTotal,5\n", &[]), (vec![], 2));
    }
}
