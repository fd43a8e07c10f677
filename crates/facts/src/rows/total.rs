//! Totals over the rows of a file that have a key in common, as they are read.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::cells::{Bind, Cells, Named, bound};
use super::lookup::Found;
use crate::mapping::TotalFunction;
use crate::mapping::expression::{Expression, Refusal, order, spelled};
use crate::mapping::{Lookup, Total};
use crate::reject::Reason;
use crate::source::SourceError;
use crate::value::Value;

/// The totals that a lookup takes, over the columns of the file.
pub(super) struct BoundTotals(Vec<(TotalFunction, Expression<Named>)>);

/// What the rows of each key add up to. A row that cannot be read spoils the totals of its key.
pub(super) type Totals = HashMap<Vec<String>, Result<Found, Reason>>;

/// The same while rows are read: the first line of each key, and what its rows come to so far.
pub(super) type Sums = HashMap<Vec<String>, Result<(u64, Vec<Option<Value>>), Reason>>;

impl BoundTotals {
    pub(super) fn bind(lookup: &Lookup, bind: &Bind<'_>) -> Result<BoundTotals, SourceError> {
        let taken =
            lookup.taken.iter().filter_map(|name| lookup.totals.iter().find(|total| total.name == *name));
        let bind = |total: &Total| Ok((total.function, bound(&total.of, bind)?));
        Ok(BoundTotals(taken.map(bind).collect::<Result<_, _>>()?))
    }

    /// What a row counts for.
    pub(super) fn of(&self, cells: &Cells<'_>) -> Result<Vec<Option<Value>>, Refusal> {
        let count = |_| Value::Decimal(Decimal::ONE);
        let value = |(function, of): &(TotalFunction, Expression<Named>)| {
            let value = of.evaluate(cells)?;
            Ok(if *function == TotalFunction::Count { value.map(count) } else { value })
        };
        self.0.iter().map(value).collect()
    }

    /// Adds a row to what the rows before it came to.
    pub(super) fn add(&self, sums: &mut [Option<Value>], row: Vec<Option<Value>>) -> Result<(), Reason> {
        for (((function, _), sum), value) in self.0.iter().zip(sums).zip(row) {
            let Some(value) = value else { continue };
            *sum = Some(match sum.take() {
                Some(before) => both(*function, before, value)?,
                None => value,
            });
        }
        Ok(())
    }

    /// The totals of the rows as what is found, at the first of their lines.
    pub(super) fn found(&self, line: u64, sums: Vec<Option<Value>>) -> Found {
        let zero = Value::Decimal(Decimal::ZERO);
        let cell = |((function, _), sum): (&(TotalFunction, _), Option<Value>)| {
            let sum = if *function == TotalFunction::Count { sum.or(Some(zero.clone())) } else { sum };
            sum.map(|sum| (spelled(&sum).into_owned(), true))
        };
        Found { line, cells: self.0.iter().zip(sums).map(cell).collect() }
    }
}

fn both(function: TotalFunction, one: Value, other: Value) -> Result<Value, Reason> {
    Ok(match (function, one, other) {
        (TotalFunction::Sum | TotalFunction::Count, Value::Decimal(one), Value::Decimal(other)) => {
            let problem = "the lines add up to a number that is too large".to_owned();
            Value::Decimal(one.checked_add(other).ok_or(Reason::NotComputable { problem })?)
        }
        (TotalFunction::Least, one, other) if order(&other, &one).is_lt() => other,
        (TotalFunction::Greatest, one, other) if order(&other, &one).is_gt() => other,
        (_, one, _) => one,
    })
}
