//! What an expression comes to in a row.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::function::{later, order};
use super::{Comparison, Expression, Operation, spelled};
use crate::reject::Reason;
use crate::value::Value;

/// Column, value and reason of what cannot be computed.
pub(crate) type Refusal = (Option<String>, Option<String>, Reason);

/// A row, as expressions see it.
pub(crate) trait Row<C> {
    /// What stands in a column.
    fn value(&self, column: &C) -> Option<Value>;
    /// Whether it has a type of its own, so that formats leave it alone.
    fn is_typed(&self, column: &C) -> bool;
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
                let is_typed = matches!(&**of, Expression::Column(column) if row.is_typed(column));
                let read = if is_typed { reading.of_typed().fit(&value) } else { reading.fit(&value) };
                read.map_err(|reason| (of.single_column(row), Some(spelled(&value).into_owned()), reason))?
            }
            Expression::Call(function, arguments) => {
                let values =
                    arguments.iter().map(|argument| argument.evaluate(row)).collect::<Result<Vec<_>, _>>()?;
                function.call(values, row.zone()).map_err(|reason| {
                    let column = arguments.iter().find_map(|argument| argument.single_column(row));
                    let shown = arguments.first().and_then(|argument| argument.evaluate(row).ok().flatten());
                    (column, shown.map(|value| spelled(&value).into_owned()), reason)
                })?
            }
            Expression::Negative(of) => of.number(row)?.map(|number| Value::Decimal(-number)),
            Expression::Arithmetic(operation, left, right) => {
                let (Some(left_value), Some(right_value)) = (left.evaluate(row)?, right.evaluate(row)?)
                else {
                    return Ok(None);
                };
                let computed = arithmetic(*operation, &left_value, &right_value).map_err(|reason| {
                    let column = right.single_column(row).or_else(|| left.single_column(row));
                    (column, Some(spelled(&right_value).into_owned()), reason)
                });
                Some(computed?)
            }
            Expression::Compare(comparison, left, right) => {
                let (left, right) = (left.evaluate(row)?, right.evaluate(row)?);
                Some(Value::Boolean(holds(*comparison, left.as_ref(), right.as_ref())))
            }
            Expression::IsBlank(of) => Some(Value::Boolean(of.evaluate(row)?.is_none())),
            Expression::Like(of, pattern) => {
                let text = of.evaluate(row)?.map(|value| spelled(&value).into_owned());
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mapping::expression::{Scope, condition, expression};

    /// A row as its columns and cells.
    struct Cells<'c>(&'c [(&'c str, &'c str)]);

    impl Row<String> for Cells<'_> {
        fn value(&self, column: &String) -> Option<Value> {
            let (_, cell) = self.0.iter().find(|(name, _)| name == column)?;
            (!cell.is_empty()).then(|| Value::Text((*cell).to_owned()))
        }

        fn is_typed(&self, _: &String) -> bool {
            false
        }

        fn name(&self, column: &String) -> String {
            column.clone()
        }

        fn zone(&self) -> &TimeZone {
            static UTC: TimeZone = TimeZone::UTC;
            &UTC
        }
    }

    const DEAL: Cells<'static> = Cells(&[
        ("net", "100.10"),
        ("tax", "19.02"),
        ("zero", "0"),
        ("none", ""),
        ("stage", "Closed Won"),
        ("closed", "2024-11-23"),
        ("german", "23.11.2024"),
        ("money", "1.234,56"),
        ("4", "5AC0"),
    ]);

    fn evaluated(text: &str) -> Result<Option<String>, String> {
        let scope = Scope { time_zone: &TimeZone::UTC };
        let (expression, _) = expression(text, &scope).map_err(|wrong| wrong.to_string())?;
        let value = expression.evaluate(&DEAL).map_err(|(column, value, reason)| {
            format!("{}: {} {reason}", column.unwrap_or_default(), value.unwrap_or_default())
        })?;
        Ok(value.map(|value| spelled(&value).into_owned()))
    }

    #[test]
    fn expressions_come_to_what_they_say() {
        for (text, expected) in [
            ("net + tax", "119.12"),
            ("0.1 + 0.2", "0.3"),
            ("net - tax * 2", "62.06"),
            ("-(net + tax) / 2", "-59.56"),
            ("round(net / 3, 2)", "33.37"),
            ("stage || ' ' || closed", "Closed Won 2024-11-23"),
            ("concat(stage, none, '!')", "Closed Won!"),
            ("case when stage like 'Closed%' then 'closed' else 'open' end", "closed"),
            ("case stage when 'Lost' then 1 when 'Closed Won' then 2 end", "2"),
            ("coalesce(none, tax)", "19.02"),
            ("date(german, '%d.%m.%Y') + 1", "2024-11-24"),
            ("date(closed) - date '2024-11-01'", "22"),
            ("date_part('quarter', closed)", "4"),
            ("date_trunc('month', closed)", "2024-11-01"),
            ("add_months(closed, 3)", "2025-02-23"),
            ("number(money, '1.234,56') * 2", "2469.12"),
            ("text(number('2.0'))", "2"),
            ("hierarchyid(\"4\")", "/1/1/"),
            ("parent_path(hierarchyid(\"4\"))", "/1/"),
            ("split_part(stage, ' ', 2)", "Won"),
        ] {
            assert_eq!(evaluated(text), Ok(Some(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn blank_makes_arithmetic_blank_and_equals_itself_alone() {
        for text in ["net + none", "none || stage", "nullif(zero, '0')", "case when false then 1 end"] {
            assert_eq!(evaluated(text), Ok(None), "{text}");
        }
        let scope = Scope { time_zone: &TimeZone::UTC };
        for (text, holds) in [
            ("none is blank", true),
            ("none = blank", true),
            ("none = ''", true),
            ("none <> 'x'", true),
            ("number(none) < 1", false),
            ("number(none) >= 1", false),
            ("not number(none) < 1", true),
            ("net > 100 and tax < 20", true),
            ("net between 100.2 and 200", false),
            ("stage in ('Open', 'Closed Won')", true),
            ("stage not in ('Open', 'Closed Won')", false),
            ("stage like '%won'", false),
            ("closed >= date '2024-11-23'", true),
        ] {
            let condition = condition(text, &scope).unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
            assert_eq!(condition.is_true(&DEAL), Ok(holds), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_says_why() {
        for (text, expected) in [
            ("net / zero", "zero: 0 divides by zero; write nullif(…, 0) if that is to be blank"),
            ("net + stage", "stage: Closed Won is not a number as in 1234.56"),
            ("date(german)", "german: 23.11.2024 is not a date as in 2024-11-23"),
            ("hierarchyid(stage)", "stage: Closed Won is no `hierarchyid` in hexadecimal"),
        ] {
            assert_eq!(evaluated(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_its_place() {
        for (text, expected) in [
            ("net +", "a column, a value or a function is expected here, not the end, at character 6"),
            ("net tax", "`tax` is one too many, at character 5"),
            ("'abc", "the ' opened here is never closed, at character 1"),
            ("amont(net)", "unknown function `amont`"),
            ("lowr(stage)", "did you mean `lower`?"),
            ("round()", "round is written as in round(n, 2), at character 1"),
            ("net ? 1", "`?` means nothing here"),
            ("case when net then 1 end", "is neither true nor false"),
            ("date_part('yaer', closed)", "`yaer` is no part of a date"),
            ("net < tax", "say what is compared"),
            ("1 = date '2024-01-01'", "stand together here; make them one kind"),
            ("(1 + 2", "`)` is expected here"),
        ] {
            let refused = evaluated(text).expect_err(text);
            assert!(refused.contains(expected), "{text}: {refused}");
        }
        assert!(evaluated(&"(".repeat(100)).expect_err("deep").contains("too many brackets"));
        assert!(evaluated(&"1+".repeat(4_000)).expect_err("long").contains("longer than"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            let _ = evaluated(&text);
        }

        #[test]
        fn words_of_the_language_in_any_order_do_not_make_it_panic(
            words in proptest::collection::vec(
                proptest::sample::select(vec![
                    "net", "none", "closed", "(", ")", "+", "-", "/", "case", "when", "then", "end", "and",
                    "not", "is", "blank", "date(", "round(", "'x'", "12", ",", "||", "like", "in", "between",
                    "left(", "add_days(", "99999999999999999999", "<", "=",
                ]),
                0..14,
            ),
        ) {
            let _ = evaluated(&words.join(" "));
        }

        #[test]
        fn sums_are_exact(one in any::<i32>(), other in any::<i32>(), places in 0u32..6) {
            let (one, other) = (Decimal::new(one.into(), places), Decimal::new(other.into(), places));
            let sum = evaluated(&format!("{one} + ({other})"));
            prop_assert_eq!(sum, Ok(Some((one + other).normalize().to_string())));
        }
    }
}
