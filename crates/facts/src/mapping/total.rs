//! Totals over the rows that a lookup leads to: lines become the document they belong to.

use std::collections::BTreeMap;

use serde_saphyr::Spanned;

use super::expression::{Expression, Type};
use super::file::TotalFile;
use super::table::is_snake_case;
use super::{MappingError, Resolver};

/// What is added up of rows.
#[derive(Clone, Debug)]
pub(crate) struct Total {
    pub(crate) name: String,
    pub(crate) function: TotalFunction,
    pub(crate) of: Expression<String>,
}

/// How the values of several rows become one; blank ones do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TotalFunction {
    Sum,
    Least,
    Greatest,
    Count,
}

impl Resolver<'_> {
    /// The totals of a lookup.
    pub(super) fn totals(
        &self,
        entries: &BTreeMap<String, Spanned<TotalFile>>,
    ) -> Result<Vec<Total>, MappingError> {
        entries.iter().map(|(name, entry)| self.total(name, entry)).collect()
    }

    fn total(&self, name: &str, entry: &Spanned<TotalFile>) -> Result<Total, MappingError> {
        if !is_snake_case(name) {
            let problem = format!("`{name}` is no name for a total; write lower case, as in amount");
            return Err(self.wrong(entry, problem));
        }
        let TotalFile { sum, least, greatest, count } = &entry.value;
        let (function, written) = match (sum, least, greatest, count) {
            (Some(sum), None, None, None) => (TotalFunction::Sum, sum),
            (None, Some(least), None, None) => (TotalFunction::Least, least),
            (None, None, Some(greatest), None) => (TotalFunction::Greatest, greatest),
            (None, None, None, Some(count)) => (TotalFunction::Count, count),
            _ => {
                let problem = format!("the total {name} is one of `sum`, `least`, `greatest` and `count`");
                return Err(self.wrong(entry, problem));
            }
        };
        let (of, kind) = self.expression(written)?;
        let (of, kind) = match (function, kind) {
            (TotalFunction::Sum, Type::Cell) => self.as_number(written)?,
            _ => (of, kind),
        };
        match (function, kind) {
            (TotalFunction::Count, _)
            | (TotalFunction::Sum, Type::Number)
            | (TotalFunction::Least | TotalFunction::Greatest, Type::Number | Type::Date | Type::Instant) => {
                Ok(Total { name: name.to_owned(), function, of })
            }
            (TotalFunction::Sum, _) => {
                Err(self.wrong(written, format!("{name}: {kind} cannot be added up; sums are of numbers")))
            }
            _ => {
                let problem =
                    format!("{name}: say what {kind} is to be compared as: number(…), date(…) or instant(…)");
                Err(self.wrong(written, problem))
            }
        }
    }

    fn as_number(&self, written: &Spanned<String>) -> Result<(Expression<String>, Type), MappingError> {
        let number = Spanned { value: format!("number({})", written.value), ..written.clone() };
        self.expression(&number)
    }
}
