//! How a text is laid out, where no mapping says so: which mark separates its fields, and in which line
//! its header stands.

use csv::{ReaderBuilder, StringRecord};

use super::header_row::{HEADER_ROWS, Sought};
use super::scanner::{Marks, Scanner};
use crate::mapping::Header;

/// The marks that exports use, and what they are called.
const MARKS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "bar")];

/// What a delimiter is called.
pub(super) fn mark_name(delimiter: u8) -> &'static str {
    MARKS.into_iter().find(|(mark, _)| *mark == delimiter).map_or("separator", |(_, name)| name)
}

/// The beginning of a text, to find out how it is laid out.
pub(super) struct Beginning<'s> {
    /// Whole lines, from the first that counts on.
    pub(super) text: &'s str,
    pub(super) quote: Option<u8>,
    pub(super) header: Header,
    pub(super) sought: Sought<'s>,
}

/// How a text is laid out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    /// Where the header stands among its lines, from 1, if it has one that had to be found.
    pub(super) header_line: u64,
    /// What stands above it.
    pub(super) titles: Vec<StringRecord>,
}

/// How well a text reads with a delimiter, the best last.
#[derive(Debug, PartialEq, PartialOrd)]
struct Fit {
    /// Columns of the mapping that are found.
    columns: usize,
    /// Share of records with as many fields as the header or first row.
    regular: f64,
    fields: usize,
}

impl Beginning<'_> {
    /// The layout in which the text reads best; `None` if two delimiters do equally well and read
    /// differently.
    pub(super) fn layout(&self) -> Option<Layout> {
        let fits: Vec<(Layout, Fit)> = MARKS.into_iter().map(|(mark, _)| self.fit(mark)).collect();
        let (mut best, rest) = fits.split_first()?;
        let mut is_tied = false;
        for candidate in rest {
            if candidate.1 > best.1 {
                (best, is_tied) = (candidate, false);
            } else if candidate.1 == best.1 && best.1.fields > 1 {
                is_tied = true;
            }
        }
        (!is_tied).then(|| best.0.clone())
    }

    /// The layout with this delimiter.
    pub(super) fn layout_with(&self, delimiter: u8) -> Layout {
        self.fit(delimiter).0
    }

    fn fit(&self, delimiter: u8) -> (Layout, Fit) {
        let (lines, records) = records(self.text, Marks { delimiter, quote: self.quote });
        let at = match self.header {
            Header::First => self.sought.header_of_text(&records[..records.len().min(HEADER_ROWS)]),
            Header::Row(_) | Header::None { .. } => 0,
        };
        let header_line = lines.get(at).copied().unwrap_or(1);
        let layout = Layout { delimiter, header_line, titles: records[..at].to_vec() };
        let Some(first) = records.get(at) else {
            return (layout, Fit { columns: 0, regular: 0.0, fields: 0 });
        };
        let regular = records.iter().filter(|record| record.len() == first.len()).count();
        let fit = Fit {
            columns: self.columns_in(first),
            regular: if first.len() > 1 { regular as f64 / records.len() as f64 } else { 0.0 },
            fields: first.len(),
        };
        (layout, fit)
    }

    fn columns_in(&self, first: &StringRecord) -> usize {
        let (Sought::Columns(names) | Sought::Words(names)) = self.sought;
        let is_position =
            |name: &&&str| name.parse().is_ok_and(|position: usize| (1..=first.len()).contains(&position));
        match self.header {
            Header::None { .. } => names.iter().filter(is_position).count(),
            Header::First | Header::Row(_) => self.sought.found_in(first),
        }
    }
}

/// The records of a text, and the lines on which they begin.
fn records(text: &str, marks: Marks) -> (Vec<u64>, Vec<StringRecord>) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(marks.delimiter)
        .quoting(marks.quote.is_some())
        .quote(marks.quote.unwrap_or(b'"'))
        .from_reader(Scanner::new(text.as_bytes(), marks, 1));
    let (mut lines, mut records) = (Vec::new(), Vec::new());
    let mut record = StringRecord::new();
    // What cannot be read is told when it is read for good.
    while let Ok(true) = reader.read_record(&mut record) {
        lines.push(reader.get_mut().next_record_line());
        records.push(record.clone());
    }
    (lines, records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, has_header: bool, columns: &[&str], expected: Option<u8>) {
        let header = if has_header { Header::First } else { Header::None { skip: 0 } };
        let sought = Sought::Columns(columns);
        let layout = Beginning { text, quote: Some(b'"'), header, sought }.layout();
        assert_eq!(layout.map(|layout| layout.delimiter), expected, "{text:?}");
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

    #[test]
    fn titles_above_a_header_do_not_decide_about_the_delimiter() {
        let text = "Deals, open and closed\n\n\"Q1\nand Q2\"\nid;amount\n1;1,5\n2;2,5\n";
        let of = |sought| Beginning { text, quote: Some(b'"'), header: Header::First, sought }.layout();
        for sought in [Sought::Columns(&["id", "amount"]), Sought::Words(&["amount"])] {
            let layout = of(sought).expect("a layout");
            assert_eq!((layout.delimiter, layout.header_line, layout.titles.len()), (b';', 5, 2));
        }
    }
}
