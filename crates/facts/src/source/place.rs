//! Where in a file something stands, as people find it there.

/// How the places of a file are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Places {
    /// Lines of text.
    Lines,
    /// Rows, counted from 1.
    Rows,
    /// Cells of the sheet of this name.
    Sheet(String),
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Line(u64),
    Row(u64),
    /// As formulas name it: `Deals!C14`, or `Deals!14` for the whole row.
    Cell(String),
}

impl Places {
    /// The place of a row, or of a cell in it.
    pub(crate) fn of(&self, line: u64, position: Option<usize>) -> Place {
        match self {
            Places::Lines => Place::Line(line),
            Places::Rows => Place::Row(line),
            Places::Sheet(name) => {
                let column = position.map(letters).unwrap_or_default();
                Place::Cell(format!("{name}!{column}{line}"))
            }
        }
    }
}

impl Place {
    /// As it stands in a rejects file.
    pub(crate) fn short(&self) -> String {
        match self {
            Place::Line(number) | Place::Row(number) => number.to_string(),
            Place::Cell(cell) => cell.clone(),
        }
    }

    /// In words, where it is no line.
    pub(crate) fn beyond_line(&self) -> Option<String> {
        match self {
            Place::Line(_) => None,
            Place::Row(row) => Some(format!("row {row}")),
            Place::Cell(cell) => Some(cell.clone()),
        }
    }
}

/// The letters of a spreadsheet's column, from A.
fn letters(column: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    match column / 26 {
        0 => letter.to_string(),
        more => letters(more - 1) + &letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_sheet_have_letters() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
        let deals = Places::Sheet("Deals".into());
        assert_eq!(deals.of(14, Some(2)).short(), "Deals!C14");
        assert_eq!(deals.of(14, None).short(), "Deals!14");
    }
}
