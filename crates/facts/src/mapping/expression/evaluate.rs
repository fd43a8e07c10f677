//! What an expression comes to in a row.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::function::{later, order};
use super::{Comparison, Expression, Operation};
use crate::reject::Reason;
use crate::value::Value;

/// Column, value and reason of what cannot be computed.
pub(crate) type Refusal = (Option<String>, Option<String>, Reason);

/// A row, as expressions see it.
pub(crate) trait Row<C> {
    /// What stands in a column.
    fn value(&self, column: &C) -> Option<Value>;
    /// What the source calls a column.
    fn name(&self, column: &C) -> String;
    /// The zone in which instants have dates.
    fn zone(&self) -> &TimeZone;
}

impl<C> Expression<C> {
    /// The value; blank is none.
    ///
    /// # Errors
    /// The column, value and reason where there is no value.
    pub(crate) fn evaluate(&self, row: &dyn Row<C>) -> Result<Option<Value>, Refusal> {
        Ok(match self {
            Expression::Column(column) => row.value(column),
            Expression::Constant(value) => value.clone(),
            Expression::Read(reading, of) => {
                let Some(value) = of.evaluate(row)? else { return Ok(None) };
                let text = value.canonical_text();
                let column = of.single_column(row);
                reading.fit(value).map_err(|reason| (column, Some(text), reason))?
            }
            Expression::Call(function, arguments) => {
                let values = arguments
                    .iter()
                    .map(|argument| argument.evaluate(row))
                    .collect::<Result<Vec<_>, _>>()?;
                let shown = values.first().cloned().flatten().map(|value| value.canonical_text());
                let column = arguments.iter().find_map(|argument| argument.single_column(row));
                function.call(values, row.zone()).map_err(|reason| (column, shown, reason))?
            }
            Expression::Negative(of) => of.number(row)?.map(|number| Value::Decimal(-number)),
            Expression::Arithmetic(operation, left, right) => {
                let (Some(left_value), Some(right_value)) = (left.evaluate(row)?, right.evaluate(row)?) else {
                    return Ok(None);
                };
                let computed = arithmetic(*operation, &left_value, &right_value);
                let shown = right_value.canonical_text();
                let column = right.single_column(row).or_else(|| left.single_column(row));
                Some(computed.map_err(|reason| (column, Some(shown), reason))?)
            }
            Expression::Compare(comparison, left, right) => {
                let (left, right) = (left.evaluate(row)?, right.evaluate(row)?);
                Some(Value::Boolean(holds(*comparison, left.as_ref(), right.as_ref())))
            }
            Expression::IsBlank(of) => Some(Value::Boolean(of.evaluate(row)?.is_none())),
            Expression::Like(of, pattern) => {
                let text = of.evaluate(row)?.map(|value| value.canonical_text());
                Some(Value::Boolean(text.is_some_and(|text| is_like(&text, pattern))))
            }
            Expression::Not(of) => Some(Value::Boolean(!of.is_true(row)?)),
            Expression::And(left, right) => Some(Value::Boolean(left.is_true(row)? && right.is_true(row)?)),
            Expression::Or(left, right) => Some(Value::Boolean(left.is_true(row)? || right.is_true(row)?)),
            Expression::Case(branches, otherwise) => {
                for (condition, result) in branches {
                    if condition.is_true(row)? {
                        return result.evaluate(row);
                    }
                }
                otherwise.evaluate(row)?
            }
        })
    }

    /// Whether a condition holds; a blank one does not.
    pub(crate) fn is_true(&self, row: &dyn Row<C>) -> Result<bool, Refusal> {
        Ok(self.evaluate(row)? == Some(Value::Boolean(true)))
    }

    fn number(&self, row: &dyn Row<C>) -> Result<Option<Decimal>, Refusal> {
        Ok(match self.evaluate(row)? {
            Some(Value::Decimal(number)) => Some(number),
            _ => None,
        })
    }

    /// The column that a value is or was read from.
    fn single_column(&self, row: &dyn Row<C>) -> Option<String> {
        match self {
            Expression::Column(column) => Some(row.name(column)),
            Expression::Read(_, of) | Expression::Negative(of) => of.single_column(row),
            Expression::Call(_, arguments) => {
                arguments.iter().find_map(|argument| argument.single_column(row))
            }
            _ => None,
        }
    }
}

fn arithmetic(operation: Operation, left: &Value, right: &Value) -> Result<Value, Reason> {
    let failed = |problem: &str| Reason::NotComputable { problem: problem.to_owned() };
    let (left, right) = match (left, right) {
        (Value::Date(day), Value::Decimal(days)) => {
            let days = if operation == Operation::Subtract { -days } else { *days };
            return later(*day, days).map(Value::Date);
        }
        (Value::Date(left), Value::Date(right)) => {
            return Ok(Value::Decimal((*left - *right).get_days().into()));
        }
        (Value::Decimal(left), Value::Decimal(right)) => (*left, *right),
        _ => return Err(failed("cannot be computed")),
    };
    let computed = match operation {
        Operation::Add => left.checked_add(right),
        Operation::Subtract => left.checked_sub(right),
        Operation::Multiply => left.checked_mul(right),
        Operation::Divide | Operation::Remainder if right.is_zero() => {
            return Err(failed("divides by zero; write nullif(…, 0) if that is to be blank"));
        }
        Operation::Divide => left.checked_div(right),
        Operation::Remainder => left.checked_rem(right),
    };
    computed.map(Value::Decimal).ok_or_else(|| failed("makes a number that is too large"))
}

fn holds(comparison: Comparison, left: Option<&Value>, right: Option<&Value>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        let both = left.is_none() && right.is_none();
        return match comparison {
            Comparison::Equal => both,
            Comparison::NotEqual => !both,
            _ => false,
        };
    };
    let order = order(left, right);
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }
}

/// Whether a text has the form of a pattern, in which `%` stands for any characters and `_` for one.
pub(crate) fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut wanted) = (0, 0);
    // Where to go on if what follows the last `%` turns out not to fit.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(wanted) {
            Some('%') => {
                retry = Some((at, wanted + 1));
                wanted += 1;
            }
            Some(character) if *character == '_' || *character == text[at] => {
                at += 1;
                wanted += 1;
            }
            _ => {
                let Some((from, behind)) = retry else { return false };
                retry = Some((from + 1, behind));
                (at, wanted) = (from + 1, behind);
            }
        }
    }
    pattern[wanted..].iter().all(|character| *character == '%')
}
