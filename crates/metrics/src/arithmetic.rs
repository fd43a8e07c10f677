//! Arithmetic of derived metrics over exact decimals: a parsed expression, evaluated over the
//! values of its inputs. Division by zero and overflow have no value; nothing is rounded.

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::Operator;
use datafusion::prelude::Expr;
use rust_decimal::Decimal;

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoValue {
    /// An input has none.
    Missing,
    /// Something is divided by zero.
    DividedByZero,
    /// The result has more digits than exact arithmetic keeps.
    TooLarge,
}

/// Refuses what [`evaluate`] does not know.
pub(crate) fn check(expression: &Expr) -> Result<(), String> {
    let mut refused = None;
    // The closure never fails, so neither does the walk.
    let _ = expression.apply(|part| {
        if refused.is_none() && !known(part) {
            refused = Some(format!(
                "`{part}` is not arithmetic over metrics; + - * /, numbers, abs, greatest, least and nullif are"
            ));
        }
        Ok(TreeNodeRecursion::Continue)
    });
    refused.map_or(Ok(()), Err)
}

fn known(part: &Expr) -> bool {
    match part {
        Expr::Column(_) | Expr::Negative(_) | Expr::Cast(_) => true,
        Expr::Literal(value, _) => number(value).is_some(),
        Expr::BinaryExpr(binary) => {
            matches!(binary.op, Operator::Plus | Operator::Minus | Operator::Multiply | Operator::Divide)
        }
        Expr::ScalarFunction(call) => matches!(call.name(), "abs" | "greatest" | "least" | "nullif"),
        _ => false,
    }
}

/// The value of an expression, its columns looked up by name.
pub(crate) fn evaluate(
    expression: &Expr,
    value_of: &dyn Fn(&str) -> Option<Decimal>,
) -> Result<Decimal, NoValue> {
    match expression {
        Expr::Column(column) => value_of(&column.name).ok_or(NoValue::Missing),
        Expr::Literal(value, _) => number(value).ok_or(NoValue::Missing),
        Expr::Negative(inner) => Ok(-evaluate(inner, value_of)?),
        Expr::Cast(cast) => evaluate(&cast.expr, value_of),
        Expr::BinaryExpr(binary) => {
            let left = evaluate(&binary.left, value_of)?;
            let right = evaluate(&binary.right, value_of)?;
            combine(left, binary.op, right)
        }
        Expr::ScalarFunction(call) => {
            let arguments: Vec<Decimal> =
                call.args.iter().map(|argument| evaluate(argument, value_of)).collect::<Result<_, _>>()?;
            apply(call.name(), &arguments)
        }
        _ => Err(NoValue::Missing),
    }
}

fn combine(left: Decimal, operator: Operator, right: Decimal) -> Result<Decimal, NoValue> {
    let result = match operator {
        Operator::Plus => left.checked_add(right),
        Operator::Minus => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide if right.is_zero() => return Err(NoValue::DividedByZero),
        Operator::Divide => left.checked_div(right),
        _ => None,
    };
    result.ok_or(NoValue::TooLarge)
}

fn apply(function: &str, arguments: &[Decimal]) -> Result<Decimal, NoValue> {
    let result = match (function, arguments) {
        ("abs", [value]) => Some(value.abs()),
        ("greatest", values) => values.iter().max().copied(),
        ("least", values) => values.iter().min().copied(),
        ("nullif", [value, unwanted]) => (value != unwanted).then_some(*value),
        _ => None,
    };
    result.ok_or(NoValue::Missing)
}

/// A literal as an exact decimal. Written fractions arrive as doubles; their shortest decimal
/// text is what was written.
fn number(value: &ScalarValue) -> Option<Decimal> {
    match value {
        ScalarValue::Int64(Some(number)) => Some(Decimal::from(*number)),
        ScalarValue::UInt64(Some(number)) => Some(Decimal::from(*number)),
        ScalarValue::Float64(Some(number)) => number.to_string().parse().ok(),
        ScalarValue::Decimal128(Some(digits), _, scale) => {
            Decimal::try_from_i128_with_scale(*digits, u32::try_from(*scale).ok()?).ok()
        }
        _ => None,
    }
}
