//! The parts of an expression get their types; cells are read as what their surroundings need.

use super::function::{Function, SIGNATURES, Signature, Takes, is_part, unknown_part_text};
use super::syntax::{Kind, Node, parse};
use super::{Comparison, Expression, Operation, Type, Wrong};
use crate::canonical::ColumnType;
use crate::mapping::nearest;
use crate::mapping::reading::Reading;
use crate::value::Value;
use jiff::tz::TimeZone;

/// Decimal places that numbers within an expression may have.
const PLACES: u32 = 12;

/// What an expression stands in.
pub(crate) struct Scope<'a> {
    /// The zone in which civil times are instants.
    pub(crate) time_zone: &'a TimeZone,
}

/// Reads an expression and what it comes to.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn expression(text: &str, scope: &Scope<'_>) -> Result<(Expression<String>, Type), Wrong> {
    scope.typed(&parse(text)?)
}

/// Reads a condition.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn condition(text: &str, scope: &Scope<'_>) -> Result<Expression<String>, Wrong> {
    scope.truth(&parse(text)?)
}

impl Scope<'_> {
    fn typed(&self, node: &Node) -> Result<(Expression<String>, Type), Wrong> {
        Ok(match &node.kind {
            Kind::Column(name) => (Expression::Column(name.clone()), Type::Cell),
            Kind::Text(text) => {
                let value = (!text.is_empty()).then(|| Value::Text(text.clone()));
                (Expression::Constant(value), Type::Text)
            }
            Kind::Number(number) => (Expression::Constant(Some(Value::Decimal(*number))), Type::Number),
            Kind::Truth(truth) => (Expression::Constant(Some(Value::Boolean(*truth))), Type::Truth),
            Kind::Blank => (Expression::Constant(None), Type::Cell),
            Kind::Date(text) => {
                let day = text
                    .parse()
                    .map_err(|_| Wrong::new(node.at, format!("`{text}` is not a date as in 2024-11-23")))?;
                (Expression::Constant(Some(Value::Date(day))), Type::Date)
            }
            Kind::Negative(of) => {
                (Expression::Negative(Box::new(self.as_type(of, Type::Number)?)), Type::Number)
            }
            Kind::Arithmetic(operation, left, right) => self.arithmetic(*operation, left, right)?,
            Kind::Concatenate(left, right) => {
                let parts = vec![self.typed(left)?.0, self.typed(right)?.0];
                (Expression::Call(Function::Joined, parts), Type::Text)
            }
            Kind::Compare(comparison, left, right) => {
                (self.comparison(*comparison, left, right)?, Type::Truth)
            }
            Kind::IsBlank(of) => (Expression::IsBlank(Box::new(self.typed(of)?.0)), Type::Truth),
            Kind::OneOf(of, values) => (self.one_of(of, values)?, Type::Truth),
            Kind::Between(of, low, high) => {
                let low = self.comparison(Comparison::AtLeast, of, low)?;
                let high = self.comparison(Comparison::AtMost, of, high)?;
                (Expression::And(Box::new(low), Box::new(high)), Type::Truth)
            }
            Kind::Like(of, pattern) => {
                let of = self.as_type(of, Type::Text)?;
                (Expression::Like(Box::new(of), pattern.clone()), Type::Truth)
            }
            Kind::Not(of) => (Expression::Not(Box::new(self.truth(of)?)), Type::Truth),
            Kind::And(left, right) => {
                (Expression::And(Box::new(self.truth(left)?), Box::new(self.truth(right)?)), Type::Truth)
            }
            Kind::Or(left, right) => {
                (Expression::Or(Box::new(self.truth(left)?), Box::new(self.truth(right)?)), Type::Truth)
            }
            Kind::Case(of, branches, otherwise) => {
                self.case(of.as_deref(), branches, otherwise.as_deref())?
            }
            Kind::Call(name, arguments) => self.call(node, name, arguments)?,
        })
    }

    fn truth(&self, node: &Node) -> Result<Expression<String>, Wrong> {
        self.as_type(node, Type::Truth)
    }

    /// A part of an expression, read as a type where it is a cell.
    fn as_type(&self, node: &Node, wanted: Type) -> Result<Expression<String>, Wrong> {
        let (expression, found) = self.typed(node)?;
        self.coerced(node, expression, found, wanted)
    }

    fn coerced(
        &self,
        node: &Node,
        expression: Expression<String>,
        found: Type,
        wanted: Type,
    ) -> Result<Expression<String>, Wrong> {
        match (found, wanted) {
            (Type::Cell, Type::Text | Type::Cell) => Ok(expression),
            (found, wanted) if found == wanted => Ok(expression),
            (Type::Cell, _) | (Type::Date, Type::Instant) => {
                Ok(Expression::Read(self.reading(node, wanted, &[])?, Box::new(expression)))
            }
            (Type::Text, Type::Number | Type::Date | Type::Instant) => match &expression {
                Expression::Constant(Some(Value::Text(text))) => constant(node, text, wanted, self.time_zone),
                _ => Err(mismatch(node, found, wanted)),
            },
            _ => Err(mismatch(node, found, wanted)),
        }
    }

    /// How texts are read as a type, in these formats.
    fn reading(&self, node: &Node, wanted: Type, formats: &[String]) -> Result<Reading, Wrong> {
        let kind = match wanted {
            Type::Number => ColumnType::Rate,
            Type::Date => ColumnType::Date,
            Type::Instant => ColumnType::Timestamp,
            Type::Truth => ColumnType::Boolean,
            Type::Cell | Type::Text => ColumnType::Text,
        };
        let reading = Reading::of(kind, formats, self.time_zone);
        let reading = reading.map_err(|problem| Wrong::new(node.at, problem))?;
        Ok(if wanted == Type::Number { reading.without_limits(PLACES) } else { reading })
    }

    /// Something that has an order other than that of its spelling.
    fn ordered(&self, node: &Node) -> Result<(Expression<String>, Type), Wrong> {
        match self.typed(node)? {
            (_, Type::Cell) => Err(Wrong::new(
                node.at,
                "say what it is ordered as: number(…), date(…), instant(…) or text(…)",
            )),
            typed => Ok(typed),
        }
    }

    fn arithmetic(
        &self,
        operation: Operation,
        left: &Node,
        right: &Node,
    ) -> Result<(Expression<String>, Type), Wrong> {
        let ((left_part, left_type), (right_part, right_type)) = (self.typed(left)?, self.typed(right)?);
        let (wanted_left, wanted_right, gives) = match (operation, left_type, right_type) {
            (Operation::Subtract, Type::Date, Type::Date) => (Type::Date, Type::Date, Type::Number),
            (Operation::Add | Operation::Subtract, Type::Date, _) => (Type::Date, Type::Number, Type::Date),
            _ => (Type::Number, Type::Number, Type::Number),
        };
        let left_part = self.coerced(left, left_part, left_type, wanted_left)?;
        let right_part = self.coerced(right, right_part, right_type, wanted_right)?;
        Ok((Expression::Arithmetic(operation, Box::new(left_part), Box::new(right_part)), gives))
    }

    fn comparison(
        &self,
        comparison: Comparison,
        left: &Node,
        right: &Node,
    ) -> Result<Expression<String>, Wrong> {
        let ((left_part, left_type), (right_part, right_type)) = (self.typed(left)?, self.typed(right)?);
        let is_ordering = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let is_spelled = |kind: Type| matches!(kind, Type::Cell | Type::Text);
        if is_ordering && is_spelled(left_type) && is_spelled(right_type) && left_type != Type::Text {
            return Err(Wrong::new(
                left.at,
                "say what is compared: number(…), date(…), instant(…) or text(…)",
            ));
        }
        let common = common(left, left_type, right_type)?;
        let left_part = self.coerced(left, left_part, left_type, common)?;
        let right_part = self.coerced(right, right_part, right_type, common)?;
        Ok(Expression::Compare(comparison, Box::new(left_part), Box::new(right_part)))
    }

    fn one_of(&self, of: &Node, values: &[Node]) -> Result<Expression<String>, Wrong> {
        let mut values = values.iter();
        let Some(first) = values.next() else {
            return Err(Wrong::new(of.at, "`in` needs at least one value"));
        };
        values.try_fold(self.comparison(Comparison::Equal, of, first)?, |one_of, value| {
            let next = self.comparison(Comparison::Equal, of, value)?;
            Ok(Expression::Or(Box::new(one_of), Box::new(next)))
        })
    }

    fn case(
        &self,
        of: Option<&Node>,
        branches: &[(Node, Node)],
        otherwise: Option<&Node>,
    ) -> Result<(Expression<String>, Type), Wrong> {
        let mut kind = Type::Cell;
        for result in branches.iter().map(|(_, result)| result).chain(otherwise) {
            kind = common(result, kind, self.typed(result)?.1)?;
        }
        let mut typed = Vec::new();
        for (condition, result) in branches {
            let condition = match of {
                Some(of) => self.comparison(Comparison::Equal, of, condition)?,
                None => self.truth(condition)?,
            };
            typed.push((condition, self.as_type(result, kind)?));
        }
        let otherwise = match otherwise {
            Some(otherwise) => self.as_type(otherwise, kind)?,
            None => Expression::Constant(None),
        };
        Ok((Expression::Case(typed, Box::new(otherwise)), kind))
    }

    fn call(&self, node: &Node, name: &str, arguments: &[Node]) -> Result<(Expression<String>, Type), Wrong> {
        match name {
            "number" => return self.read(node, arguments, Type::Number, "number(a, '1.234,56')"),
            "date" => return self.read(node, arguments, Type::Date, "date(a, '%d.%m.%Y')"),
            "instant" => return self.read(node, arguments, Type::Instant, "instant(a, '%d.%m.%Y %H:%M')"),
            "boolean" => return self.read(node, arguments, Type::Truth, "boolean(a)"),
            _ => {}
        }
        let Some(signature) = SIGNATURES.iter().find(|signature| signature.name == name) else {
            return Err(unknown_function(node, name));
        };
        let too_many = !signature.repeats && arguments.len() > signature.takes.len();
        if arguments.len() < signature.needed || too_many {
            return Err(Wrong::new(node.at, format!("{name} is written as in {}", signature.example)));
        }
        match signature.gives {
            Some(gives) => Ok((self.plain_call(signature, arguments)?, gives)),
            None => self.call_of_equals(signature, arguments),
        }
    }

    fn plain_call(&self, signature: &Signature, arguments: &[Node]) -> Result<Expression<String>, Wrong> {
        let last = signature.takes[signature.takes.len() - 1];
        let takes = signature.takes.iter().copied().chain(std::iter::repeat(last));
        let typed = arguments.iter().zip(takes).map(|(argument, takes)| match takes {
            Takes::Any => self.typed(argument).map(|(argument, _)| argument),
            Takes::One(kind) => self.as_type(argument, kind),
            Takes::Day => match self.typed(argument)? {
                (expression, Type::Instant) => Ok(expression),
                (expression, found) => self.coerced(argument, expression, found, Type::Date),
            },
        });
        let typed: Vec<_> = typed.collect::<Result<_, _>>()?;
        if let (Function::DatePart | Function::DateTruncated, Expression::Constant(Some(Value::Text(part)))) =
            (signature.function, &typed[0])
            && !is_part(part)
        {
            return Err(Wrong::new(arguments[0].at, unknown_part_text(part)));
        }
        Ok(Expression::Call(signature.function, typed))
    }

    /// A call whose arguments are all of one type.
    fn call_of_equals(
        &self,
        signature: &Signature,
        arguments: &[Node],
    ) -> Result<(Expression<String>, Type), Wrong> {
        let mut kind = Type::Cell;
        for argument in arguments {
            kind = common(argument, kind, self.typed(argument)?.1)?;
        }
        let is_ordering = matches!(signature.function, Function::Greatest | Function::Least);
        if is_ordering && kind == Type::Cell {
            self.ordered(&arguments[0])?;
        }
        let typed = arguments.iter().map(|argument| self.as_type(argument, kind));
        Ok((Expression::Call(signature.function, typed.collect::<Result<_, _>>()?), kind))
    }

    /// `date(a, 'format', …)` and its like.
    fn read(
        &self,
        node: &Node,
        arguments: &[Node],
        wanted: Type,
        example: &str,
    ) -> Result<(Expression<String>, Type), Wrong> {
        let [of, formats @ ..] = arguments else {
            return Err(Wrong::new(node.at, format!("this is written as in {example}")));
        };
        let formats = formats.iter().map(|format| match &format.kind {
            Kind::Text(text) => Ok(text.clone()),
            _ => Err(Wrong::new(format.at, format!("a format is a text, as in {example}"))),
        });
        let formats: Vec<String> = formats.collect::<Result<_, _>>()?;
        let (expression, found) = self.typed(of)?;
        match (found, wanted) {
            (Type::Instant, Type::Date) => {
                return Ok((Expression::Call(Function::DateOf, vec![expression]), Type::Date));
            }
            (found, wanted) if found == wanted => return Ok((expression, wanted)),
            (Type::Cell | Type::Text, _) | (Type::Date, Type::Instant) => {}
            _ => return Err(mismatch(of, found, wanted)),
        }
        Ok((Expression::Read(self.reading(node, wanted, &formats)?, Box::new(expression)), wanted))
    }
}

/// The type that two values are both read as.
fn common(node: &Node, one: Type, other: Type) -> Result<Type, Wrong> {
    match (one, other) {
        (one, other) if one == other => Ok(one),
        (Type::Cell, known) | (known, Type::Cell) => Ok(known),
        (Type::Text, known @ (Type::Date | Type::Instant | Type::Number))
        | (known @ (Type::Date | Type::Instant | Type::Number), Type::Text) => Ok(known),
        (Type::Date, Type::Instant) | (Type::Instant, Type::Date) => Ok(Type::Instant),
        _ => Err(Wrong::new(node.at, format!("{one} and {other} stand together here; make them one kind"))),
    }
}

/// A text that stands in the mapping itself, as what it is compared with.
fn constant(
    node: &Node,
    text: &str,
    wanted: Type,
    time_zone: &TimeZone,
) -> Result<Expression<String>, Wrong> {
    let kind = match wanted {
        Type::Date => ColumnType::Date,
        Type::Instant => ColumnType::Timestamp,
        _ => ColumnType::Decimal,
    };
    let reading = Reading::of(kind, &[], time_zone).map_err(|problem| Wrong::new(node.at, problem))?;
    let value = reading.read(text).map_err(|reason| Wrong::new(node.at, format!("`'{text}'` {reason}")))?;
    Ok(Expression::Constant(value))
}

fn mismatch(node: &Node, found: Type, wanted: Type) -> Wrong {
    let remedy = match wanted {
        Type::Text => "; write text(…)",
        Type::Number => "; write number(…)",
        Type::Date => "; write date(…)",
        Type::Instant => "; write instant(…)",
        Type::Truth => "; write a condition, such as a = 'x'",
        Type::Cell => "",
    };
    Wrong::new(node.at, format!("this is {found} where {wanted} is needed{remedy}"))
}

fn unknown_function(node: &Node, name: &str) -> Wrong {
    let readings = ["number", "date", "instant", "boolean"];
    let own = SIGNATURES.iter().map(|signature| signature.name);
    let known: Vec<&str> = readings.into_iter().chain(own).collect();
    let guess = nearest(name, known.iter().copied());
    let guess = guess.map_or_else(|| ".".to_owned(), |name| format!("; did you mean `{name}`?"));
    Wrong::new(node.at, format!("unknown function `{name}`{guess} Known are: {}", known.join(", ")))
}
