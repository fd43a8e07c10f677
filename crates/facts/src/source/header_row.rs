//! Which of a file's first rows names its columns: reports have titles, filters and blank rows above.

use csv::StringRecord;

use super::header::plain;

/// Rows among which the header is looked for.
pub(super) const HEADER_ROWS: usize = 100;

/// What a header is known by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sought<'s> {
    /// The columns that a mapping names.
    Columns(&'s [&'s str]),
    /// Words that columns are often called by, where no mapping names them.
    Words(&'s [&'s str]),
}

impl Sought<'_> {
    /// How many of the names stand in a row.
    pub(super) fn found_in(self, row: &StringRecord) -> usize {
        let (Sought::Columns(names) | Sought::Words(names)) = self;
        let cells: Vec<String> = row.iter().map(plain).collect();
        names.iter().filter(|name| cells.contains(&plain(name))).count()
    }

    /// The position of the header among the first rows of a text: the first row with most of a mapping's
    /// columns. Where no mapping names any, the first that is as wide as a table.
    pub(super) fn header_of_text(self, rows: &[StringRecord]) -> usize {
        match self {
            Sought::Columns(_) => self.first_with_most(rows.iter()).unwrap_or_default(),
            Sought::Words(_) => self.first_of_table(rows),
        }
    }

    /// The position of the first row that has most of the names.
    pub(super) fn first_with_most<'r>(self, rows: impl Iterator<Item = &'r StringRecord>) -> Option<usize> {
        let found: Vec<usize> = rows.map(|row| self.found_in(row)).collect();
        let most = found.iter().max()?;
        found.iter().position(|found| found == most)
    }

    /// The first row that is as wide as most are and not mostly blank. One with blank cells may be a title
    /// and gives way to a fuller row with more of the words.
    fn first_of_table(self, rows: &[StringRecord]) -> usize {
        let width = usual_width(rows);
        let is_plausible = |row: &StringRecord| match row.len() == width {
            true => filled(row) * 2 >= width && (filled(row) > 1 || width == 1),
            // A header that lacks a separator, or has one too many, is still no title.
            false => filled(row) * 4 >= width * 3,
        };
        let Some(first) = rows.iter().position(is_plausible) else { return 0 };
        if filled(&rows[first]) == width {
            return first;
        }
        let found = self.found_in(&rows[first]);
        let is_better = |row: &StringRecord| {
            row.len() == width && filled(row) > filled(&rows[first]) && self.found_in(row) > found
        };
        rows.iter().position(is_better).filter(|better| *better > first).unwrap_or(first)
    }
}

fn filled(row: &StringRecord) -> usize {
    row.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// The number of fields that most rows have, those with one alone aside.
fn usual_width(rows: &[StringRecord]) -> usize {
    let widths: Vec<usize> = rows.iter().filter(|row| filled(row) > 1).map(StringRecord::len).collect();
    let times = |width: &usize| (widths.iter().filter(|other| *other == width).count(), *width);
    widths.iter().copied().max_by_key(times).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<StringRecord> {
        text.lines().map(|line| line.split(',').collect()).collect()
    }

    fn by_words(text: &str) -> usize {
        Sought::Words(&["owner", "stage", "amount", "close date"]).header_of_text(&rows(text))
    }

    #[test]
    fn titles_and_filters_above_a_header_are_no_header() {
        assert_eq!(by_words("Owner,Stage,Amount\nAnn,Won,5\n"), 0);
        assert_eq!(by_words("Deals of 2024\n\nOwner,Stage,Amount\nAnn,Won,5\nBen,Won,6\n"), 2);
        assert_eq!(by_words("Deals of 2024,,\nOwner:,Ann,\nOwner,Stage,Amount\nAnn,Won,5\n"), 2);
        assert_eq!(by_words("Made by A, B\nX,Y,Z\n1,2,3\n4,5,6\n"), 1, "an unknown header is one too");
        assert_eq!(by_words(",Stage,Amount\n1,Won,5\n2,Won,6\n"), 0, "a column may have no name");
        assert_eq!(by_words("Owner,Stage,Amount\nAnn,Won,5,\nBen,Won,6,\n"), 0, "a separator is missing");
        assert_eq!(by_words("Team\nNorth\nSouth\n"), 0);
    }

    #[test]
    fn the_columns_of_a_mapping_are_the_header_wherever_they_stand() {
        let by_columns = |text: &str| Sought::Columns(&["Owner", "amount"]).header_of_text(&rows(text));
        assert_eq!(by_columns("Owner: Ann\n\nOWNER,Amount \nOwner,5\n"), 2);
        assert_eq!(by_columns("Owner,Amount\nOwner,Amount\n"), 0, "the first of two");
        assert_eq!(by_columns("Seller,Value\nAnn,5\n"), 0, "none has any of them");
    }
}
