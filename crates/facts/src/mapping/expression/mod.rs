//! Computed columns and conditions: a small language over the cells of one row.
//!
//! Its spelling is that of SQL expressions. A text is split into words ([`token`]), read as a tree
//! ([`syntax`]), given types ([`check`]) and evaluated row by row ([`evaluate`]) over exact decimals;
//! [`function`] lists what can be called, [`hierarchy`] reads SQL Server's tree paths; [`words`] tells
//! people what is written. An expression sees its row and nothing else: no clock, no file, no other row.
//!
//! Blank is a value: it equals itself and nothing else, is neither greater nor less than anything,
//! and arithmetic with it is blank.

mod check;
mod evaluate;
mod function;
mod hierarchy;
mod syntax;
mod token;
mod words;

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;

use super::reading::Reading;
use crate::value::Value;
pub(crate) use check::{Scope, condition, expression};
pub(crate) use evaluate::{Refusal, Row};
use function::Function;
pub(crate) use function::order;
pub(crate) use words::{denied_in_words, in_words};

/// What is wrong with an expression, and how many characters into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) at: usize,
    pub(crate) problem: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, at character {} of the expression", self.problem, self.at + 1)
    }
}

impl Wrong {
    fn new(at: usize, problem: impl Into<String>) -> Wrong {
        Wrong { at, problem: problem.into() }
    }
}

/// What an expression comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// The text of a cell, which is read as whatever its surroundings need.
    Cell,
    /// Text.
    Text,
    /// An exact decimal.
    Number,
    /// A civil date.
    Date,
    /// An instant.
    Instant,
    /// A truth value.
    Truth,
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Type::Cell => "a cell",
            Type::Text => "a text",
            Type::Number => "a number",
            Type::Date => "a date",
            Type::Instant => "an instant",
            Type::Truth => "a truth value",
        })
    }
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What is done with two numbers, or with a date and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// An expression whose types agree. `C` is a column: its name, and later its place in a row.
#[derive(Clone, Debug)]
pub(crate) enum Expression<C> {
    Column(C),
    Constant(Option<Value>),
    /// A text read as a value.
    Read(Reading, Box<Expression<C>>),
    Call(Function, Vec<Expression<C>>),
    Negative(Box<Expression<C>>),
    Arithmetic(Operation, Box<Expression<C>>, Box<Expression<C>>),
    Compare(Comparison, Box<Expression<C>>, Box<Expression<C>>),
    IsBlank(Box<Expression<C>>),
    Like(Box<Expression<C>>, String),
    Not(Box<Expression<C>>),
    And(Box<Expression<C>>, Box<Expression<C>>),
    Or(Box<Expression<C>>, Box<Expression<C>>),
    /// Conditions with their results, and what holds otherwise.
    Case(Vec<(Expression<C>, Expression<C>)>, Box<Expression<C>>),
}

impl<C> Expression<C> {
    /// The same with something else in the place of each column.
    ///
    /// # Errors
    /// As `bind`.
    pub(crate) fn bind<D, E>(
        &self,
        bind: &mut dyn FnMut(&C) -> Result<Expression<D>, E>,
    ) -> Result<Expression<D>, E> {
        Ok(match self {
            Expression::Column(column) => bind(column)?,
            Expression::Constant(value) => Expression::Constant(value.clone()),
            Expression::Read(reading, of) => Expression::Read(reading.clone(), Box::new(of.bind(bind)?)),
            Expression::Call(function, arguments) => {
                let bound = arguments.iter().map(|argument| argument.bind(bind)).collect::<Result<_, _>>()?;
                Expression::Call(*function, bound)
            }
            Expression::Negative(of) => Expression::Negative(Box::new(of.bind(bind)?)),
            Expression::Arithmetic(operation, left, right) => {
                Expression::Arithmetic(*operation, Box::new(left.bind(bind)?), Box::new(right.bind(bind)?))
            }
            Expression::Compare(comparison, left, right) => {
                Expression::Compare(*comparison, Box::new(left.bind(bind)?), Box::new(right.bind(bind)?))
            }
            Expression::IsBlank(of) => Expression::IsBlank(Box::new(of.bind(bind)?)),
            Expression::Like(of, pattern) => Expression::Like(Box::new(of.bind(bind)?), pattern.clone()),
            Expression::Not(of) => Expression::Not(Box::new(of.bind(bind)?)),
            Expression::And(left, right) => {
                Expression::And(Box::new(left.bind(bind)?), Box::new(right.bind(bind)?))
            }
            Expression::Or(left, right) => {
                Expression::Or(Box::new(left.bind(bind)?), Box::new(right.bind(bind)?))
            }
            Expression::Case(branches, otherwise) => {
                let otherwise = Box::new(otherwise.bind(bind)?);
                let branches = branches
                    .iter()
                    .map(|(condition, result)| Ok((condition.bind(bind)?, result.bind(bind)?)))
                    .collect::<Result<_, E>>()?;
                Expression::Case(branches, otherwise)
            }
        })
    }
}

impl<C: PartialEq> Expression<C> {
    /// The columns it looks at, each once, in the order in which they are written.
    pub(crate) fn columns(&self) -> Vec<&C> {
        let mut columns = Vec::new();
        self.note_columns(&mut columns);
        columns
    }

    /// The one column it looks at, if it is one.
    pub(crate) fn only_column(&self) -> Option<&C> {
        match self.columns().as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    fn note_columns<'e>(&'e self, columns: &mut Vec<&'e C>) {
        match self {
            Expression::Column(column) if !columns.contains(&column) => columns.push(column),
            Expression::Column(_) | Expression::Constant(_) => {}
            Expression::Read(_, of)
            | Expression::Negative(of)
            | Expression::IsBlank(of)
            | Expression::Like(of, _)
            | Expression::Not(of) => of.note_columns(columns),
            Expression::Call(_, arguments) => {
                arguments.iter().for_each(|argument| argument.note_columns(columns));
            }
            Expression::Arithmetic(_, left, right)
            | Expression::Compare(_, left, right)
            | Expression::And(left, right)
            | Expression::Or(left, right) => {
                left.note_columns(columns);
                right.note_columns(columns);
            }
            Expression::Case(branches, otherwise) => {
                for (condition, result) in branches {
                    condition.note_columns(columns);
                    result.note_columns(columns);
                }
                otherwise.note_columns(columns);
            }
        }
    }
}

/// A value as a text: whole seconds and days as ISO 8601 writes them, numbers without trailing zeros.
pub(crate) fn spelled(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        Value::Timestamp(instant) => Cow::Owned(instant.to_string()),
        other => Cow::Owned(other.canonical_text()),
    }
}

/// Whether a number is whole.
fn is_whole(number: Decimal) -> bool {
    number.fract().is_zero()
}
