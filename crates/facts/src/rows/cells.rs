//! The cells of a delivered row, and of the rows it leads to, by the names a mapping has for them.

use jiff::tz::TimeZone;

use super::lookup::Found;
use crate::mapping::expression::{Expression, Refusal, Row, spelled};
use crate::mapping::{Condition, Keep, KeyPart};
use crate::reject::Reason;
use crate::source::{Record, SourceError, SourceFile};
use crate::value::{Value, normalise};

/// What spreadsheets write where they could not compute, also into text files they save.
const SPREADSHEET_ERRORS: [&str; 11] = [
    "#REF!",
    "#N/A",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#DATA!",
];

/// A column that a mapping names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) place: Place,
}

/// Where its cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At this position of the row.
    Own(usize),
    /// At this position of what is taken of the row that a lookup leads to.
    Found { lookup: usize, position: usize },
}

/// Finds the columns that a mapping names.
pub(super) type Bind<'b> = dyn Fn(&str) -> Result<Named, SourceError> + 'b;

/// The same expression over the columns of a file.
pub(super) fn bound(
    expression: &Expression<String>,
    bind: &Bind<'_>,
) -> Result<Expression<Named>, SourceError> {
    expression.bind(&mut |column: &String| bind(column).map(Expression::Column))
}

/// The cells of a delivered row.
pub(super) struct Cells<'r> {
    pub(super) record: &'r Record,
    /// Texts that stand for nothing.
    pub(super) blank: &'r [String],
    pub(super) time_zone: &'r TimeZone,
    /// The rows it leads to, by lookup.
    pub(super) found: Vec<Option<&'r Found>>,
}

impl Cells<'_> {
    /// The text in a position; a null token is blank.
    pub(super) fn text(&self, position: usize) -> Option<String> {
        let text = normalise(self.record.cells().get(position)?)?;
        (!self.blank.contains(&text)).then_some(text)
    }

    /// Why a cell says nothing sensible, whatever it should be.
    pub(super) fn unusable(&self, position: usize) -> Option<Reason> {
        if let Some(reason) = self.record.without_value(position) {
            return Some(reason);
        }
        // Most cells are looked at for nothing, and no copy is made of them for it.
        let is_suspect = |byte: u8| byte == b'#' || byte == 0;
        let has_suspects = |cell: &str| cell.bytes().fold(false, |found, byte| found | is_suspect(byte));
        self.record.cells().get(position).filter(|cell| has_suspects(cell))?;
        let text = self.text(position)?;
        if SPREADSHEET_ERRORS.contains(&text.as_str()) {
            return Some(Reason::CellError);
        }
        text.contains('\0').then_some(Reason::NulCharacter)
    }

    fn found(&self, lookup: usize) -> Option<&Found> {
        self.found.get(lookup).copied().flatten()
    }
}

impl Row<Named> for Cells<'_> {
    fn value(&self, column: &Named) -> Option<Value> {
        match column.place {
            Place::Own(position) => self.text(position),
            Place::Found { lookup, position } => self.found(lookup)?.text(position),
        }
        .map(Value::Text)
    }

    fn is_typed(&self, column: &Named) -> bool {
        match column.place {
            Place::Own(position) => self.record.is_typed(position),
            Place::Found { lookup, position } => {
                self.found(lookup).is_some_and(|found| found.is_typed(position))
            }
        }
    }

    fn name(&self, column: &Named) -> String {
        column.name.clone()
    }

    fn zone(&self) -> &TimeZone {
        self.time_zone
    }
}

/// What identifies a row, over the columns of a file.
pub(super) struct BoundKey {
    names: Vec<String>,
    parts: Vec<Expression<Named>>,
}

impl BoundKey {
    pub(super) fn bind(key: &[KeyPart], bind: &Bind<'_>) -> Result<BoundKey, SourceError> {
        let names = key.iter().map(|part| part.name.clone()).collect();
        let parts = key.iter().map(|part| bound(&part.origin, bind)).collect::<Result<_, _>>()?;
        Ok(BoundKey { names, parts })
    }

    /// The parts' names, for people.
    pub(super) fn name(&self) -> String {
        self.names.join(", ")
    }

    /// What a row has for each part.
    pub(super) fn texts<'k>(&'k self, cells: &Cells<'_>) -> Result<Vec<(&'k str, Option<String>)>, Refusal> {
        let text = |(name, part): (&'k String, &Expression<Named>)| {
            let value = part.evaluate(cells)?;
            Ok((name.as_str(), value.as_ref().map(|value| spelled(value).into_owned())))
        };
        self.names.iter().zip(&self.parts).map(text).collect()
    }

    /// All parts, if none is blank.
    pub(super) fn whole(&self, cells: &Cells<'_>) -> Result<Option<Vec<String>>, Refusal> {
        Ok(self.texts(cells)?.into_iter().map(|(_, text)| text).collect())
    }
}

/// A row rule over the columns of a file.
pub(super) enum BoundRule<'a> {
    Cell(Named, &'a Condition),
    Where(Expression<Named>),
}

impl<'a> BoundRule<'a> {
    pub(super) fn bind(rule: &'a Keep, bind: &Bind<'_>) -> Result<BoundRule<'a>, SourceError> {
        Ok(match rule {
            Keep::Cell { column, condition } => BoundRule::Cell(bind(column)?, condition),
            Keep::Where(condition) => BoundRule::Where(bound(condition, bind)?),
        })
    }

    /// The positions of the row that it looks at.
    pub(super) fn positions(&self) -> Vec<usize> {
        let columns = match self {
            BoundRule::Cell(column, _) => vec![column],
            BoundRule::Where(condition) => condition.columns(),
        };
        let own = columns.into_iter().filter_map(|column| match column.place {
            Place::Own(position) => Some(position),
            Place::Found { .. } => None,
        });
        own.collect()
    }

    pub(super) fn holds(&self, cells: &Cells<'_>) -> Result<bool, Refusal> {
        match self {
            BoundRule::Cell(column, condition) => {
                let value = cells.value(column);
                Ok(condition.holds(value.map(|value| value.canonical_text()).as_deref()))
            }
            BoundRule::Where(condition) => condition.is_true(cells),
        }
    }
}

/// Whether a record that does not fit is a line below a report: it has nothing but its first field, and a
/// rule that looks at that one does not keep it.
pub(super) fn is_below_rows(source: &SourceFile, keep: &[BoundRule<'_>], cells: &Cells<'_>) -> bool {
    let mut rules = keep.iter().filter(|rule| rule.positions().contains(&0));
    source.only_field().is_some() && rules.any(|rule| matches!(rule.holds(cells), Ok(false)))
}
