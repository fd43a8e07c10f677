//! Which mark separates the fields of a text, where no mapping says so.

use csv::{ReaderBuilder, StringRecord};

use super::scanner::Marks;

/// The marks that exports use, and what they are called.
const MARKS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "bar")];

/// What a delimiter is called.
pub(super) fn mark_name(delimiter: u8) -> &'static str {
    MARKS.into_iter().find(|(mark, _)| *mark == delimiter).map_or("separator", |(_, name)| name)
}

/// What to look for in the beginning of a text.
pub(super) struct Beginning<'s> {
    /// Whole lines, from the header or first row on.
    pub(super) text: &'s str,
    pub(super) quote: Option<u8>,
    pub(super) has_header: bool,
    /// Columns that the mapping names.
    pub(super) columns: &'s [&'s str],
}

/// How well a text reads with a delimiter, the best last.
#[derive(Debug, PartialEq, PartialOrd)]
struct Fit {
    /// Columns of the mapping that are found.
    columns: usize,
    /// Share of records with as many fields as the first.
    regular: f64,
    fields: usize,
}

impl Beginning<'_> {
    /// The delimiter with which the text reads best; `None` if two do equally well and read
    /// differently.
    pub(super) fn delimiter(&self) -> Option<u8> {
        let fits: Vec<(u8, Fit)> = MARKS.into_iter().map(|(mark, _)| (mark, self.fit(mark))).collect();
        let (mut best, rest) = fits.split_first()?;
        let mut is_tied = false;
        for candidate in rest {
            if candidate.1 > best.1 {
                (best, is_tied) = (candidate, false);
            } else if candidate.1 == best.1 && best.1.fields > 1 {
                is_tied = true;
            }
        }
        (!is_tied).then_some(best.0)
    }

    fn fit(&self, delimiter: u8) -> Fit {
        let records = records(self.text, Marks { delimiter, quote: self.quote });
        let Some(first) = records.first() else { return Fit { columns: 0, regular: 0.0, fields: 0 } };
        let regular = records.iter().filter(|record| record.len() == first.len()).count();
        Fit {
            columns: self.columns.iter().filter(|column| self.has(first, column)).count(),
            regular: if first.len() > 1 { regular as f64 / records.len() as f64 } else { 0.0 },
            fields: first.len(),
        }
    }

    fn has(&self, first: &StringRecord, column: &str) -> bool {
        match self.has_header {
            true => first.iter().any(|name| name.trim().eq_ignore_ascii_case(column.trim())),
            false => column.parse().is_ok_and(|position: usize| position >= 1 && position <= first.len()),
        }
    }
}

fn records(text: &str, marks: Marks) -> Vec<StringRecord> {
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(marks.delimiter)
        .quoting(marks.quote.is_some())
        .quote(marks.quote.unwrap_or(b'"'))
        .from_reader(text.as_bytes());
    reader.into_records().map_while(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, has_header: bool, columns: &[&str], expected: Option<u8>) {
        let beginning = Beginning { text, quote: Some(b'"'), has_header, columns };
        assert_eq!(beginning.delimiter(), expected, "{text:?}");
    }

    #[test]
    fn the_delimiter_is_the_one_that_yields_the_columns_of_the_mapping() {
        check("id,amount\n1,2\n", true, &["id", "amount"], Some(b','));
        check("id;amount;note\n1;1,5;a,b\n2;2,5;c,d\n", true, &["id", "amount"], Some(b';'));
        check("id\tname\n1\tMeyer, Hans\n", true, &["id"], Some(b'\t'));
        check("id|name\n1|\"a|b\"\n", true, &["id"], Some(b'|'));
        check("name, with comma;id\nx;1\n", true, &["id"], Some(b';'));
        check("name\nx\n", true, &["name"], Some(b','));
    }

    #[test]
    fn without_a_header_regular_rows_decide() {
        check("1\tMeyer, Hans\t2.0\n2\tCruz\t3.0\n", false, &["1", "3"], Some(b'\t'));
        check("1;2,5;x\n2;3;y\n", false, &["1", "2"], Some(b';'));
        check("1;2,5;3,5\n2;3,5;4,5\n", false, &["1", "2"], None);
    }
}
