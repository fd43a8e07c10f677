//! Conditions a row must meet to count, each with the words for a row that fails it.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Cast, Operator};
use datafusion::prelude::{Expr, lit};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::calendar::Period;
use crate::definition::Attribution;

/// One condition of several.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// What holds for rows that meet it.
    pub(super) holds: Expr,
    /// The value its words speak of.
    pub(super) looks_at: Expr,
    pub(super) words: Words,
}

/// What is said of a row that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// The value is another one than is wanted.
    Wanted { label: String, wanted: String },
    /// The value is one that is not wanted.
    Unwanted { label: String },
    /// There is no value; where it was left out for its currency, the currency is looked at.
    Missing { label: String },
    /// The date lies outside the period.
    Period(Attribution),
    /// The person was elsewhere on the day.
    Belonging { wanted: String },
    /// The condition's own text.
    Text(String),
}

/// The conditions that must hold together, with the words for each.
pub(super) fn conjuncts(filter: &Expr) -> Vec<Condition> {
    split_conjunction(filter).into_iter().map(Condition::of).collect()
}

impl Condition {
    fn of(test: &Expr) -> Condition {
        let (looks_at, words) =
            spoken(test).unwrap_or_else(|| (none(), Words::Text(test.human_display().to_string())));
        Condition { holds: test.clone(), looks_at: text(looks_at), words }
    }

    /// That an expression has a value.
    pub(super) fn has_value(expr: &Expr) -> Condition {
        let label = label(expr).unwrap_or_else(|| expr.human_display().to_string());
        Condition {
            holds: expr.clone().is_not_null(),
            looks_at: text(none()),
            words: Words::Missing { label },
        }
    }
}

impl Words {
    /// The words for a row, given the value looked at, the day the row counts for and the person.
    pub(super) fn said(
        &self,
        value: Option<&str>,
        day: Option<Date>,
        period: &Period,
        person: &str,
    ) -> String {
        let value = value.map(plain);
        match (self, value) {
            (Words::Wanted { label, .. } | Words::Missing { label }, None) => format!("{label} is missing"),
            (Words::Wanted { label, wanted }, Some(value)) => format!("{label} is {value}, not {wanted}"),
            (Words::Unwanted { label }, value) => {
                format!("{label} is {}", value.as_deref().unwrap_or("missing"))
            }
            (Words::Missing { label }, Some(currency)) => {
                format!("{label} is in {currency}, which has no exchange rate")
            }
            (Words::Period(attribution), _) => outside(*attribution, day, period),
            (Words::Belonging { wanted }, actual) => {
                let day = day.map(|day| format!(" on {}", readable(day))).unwrap_or_default();
                let elsewhere = actual.unwrap_or_else(|| "no team".to_owned());
                format!("{person} counted for {elsewhere}{day}, for {wanted} only now")
            }
            (Words::Text(test), _) => format!("does not meet {test}"),
        }
    }
}

fn outside(attribution: Attribution, day: Option<Date>, period: &Period) -> String {
    let verb = match attribution {
        Attribution::Close => "closed",
        Attribution::CreatedCohort => "created",
        Attribution::Invoice => "invoiced",
        Attribution::Event | Attribution::Snapshot => "dated",
    };
    let (Some(day), Some(from), Some(to)) = (day, period.from, period.to) else {
        return format!("{verb} outside the period");
    };
    match day < from {
        true => format!("{verb} {}, {} before the period", readable(day), days_between(day, from)),
        false => format!(
            "{verb} {}, {} after the period",
            readable(day),
            days_between(to.saturating_sub(1.days()), day)
        ),
    }
}

fn days_between(from: Date, to: Date) -> String {
    match from.until(to).map(|span| span.get_days()) {
        Ok(1) => "one day".to_owned(),
        Ok(days) => format!("{days} days"),
        Err(_) => "long".to_owned(),
    }
}

fn readable(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// The value that a test looks at, and the words where it fails; nothing for tests that are no
/// plain comparison of one column.
fn spoken(test: &Expr) -> Option<(Expr, Words)> {
    match test {
        Expr::BinaryExpr(comparison) => {
            let (label, wanted) = (label(&comparison.left)?, literal(&comparison.right)?);
            let wanted = match comparison.op {
                Operator::Eq => wanted,
                Operator::NotEq => return Some((*comparison.left.clone(), Words::Unwanted { label })),
                Operator::Lt => format!("less than {wanted}"),
                Operator::LtEq => format!("at most {wanted}"),
                Operator::Gt => format!("more than {wanted}"),
                Operator::GtEq => format!("at least {wanted}"),
                _ => return None,
            };
            Some((*comparison.left.clone(), Words::Wanted { label, wanted }))
        }
        Expr::InList(list) => {
            let label = label(&list.expr)?;
            let listed: Vec<String> = list.list.iter().map(literal).collect::<Option<_>>()?;
            let words = match list.negated {
                true => Words::Unwanted { label },
                false => Words::Wanted { label, wanted: listed.join(" or ") },
            };
            Some((*list.expr.clone(), words))
        }
        Expr::Between(range) if !range.negated => {
            let wanted = format!("between {} and {}", literal(&range.low)?, literal(&range.high)?);
            Some((*range.expr.clone(), Words::Wanted { label: label(&range.expr)?, wanted }))
        }
        Expr::IsNotNull(tested) => Some((none(), Words::Missing { label: label(tested)? })),
        Expr::IsNull(tested) => Some((*tested.clone(), Words::Unwanted { label: label(tested)? })),
        _ => None,
    }
}

/// What people call a column.
fn label(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Column(column) => Some(match column.name.as_str() {
            "value" => "amount".to_owned(),
            "closed_date" => "close date".to_owned(),
            "created_date" => "creation date".to_owned(),
            "cycle_days" => "number of days from creation to close".to_owned(),
            "amount_ccy" => "currency".to_owned(),
            name => {
                let own = name.rsplit("__").next().unwrap_or(name);
                own.trim_start_matches("attributes.").trim_end_matches("_id").replace('_', " ")
            }
        }),
        Expr::Cast(cast) => label(&cast.expr),
        Expr::Alias(alias) => label(&alias.expr),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(value, _) if !value.is_null() => Some(plain(&value.to_string())),
        Expr::Cast(cast) => literal(&cast.expr),
        _ => None,
    }
}

/// A decimal without the zeros that only fill its places.
fn plain(value: &str) -> String {
    match value.contains('.').then(|| value.parse::<Decimal>()) {
        Some(Ok(decimal)) => decimal.normalize().to_string(),
        _ => value.to_owned(),
    }
}

fn none() -> Expr {
    lit(ScalarValue::Utf8(None))
}

pub(super) fn text(expr: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), DataType::Utf8))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{Field, Schema};
    use jiff::civil::date;

    use super::*;
    use crate::calendar::Calendar;
    use crate::definition::expression;

    /// What is said of a row that fails each condition of a filter, the value looked at given.
    fn said(filter: &str, value: Option<&str>) -> Vec<String> {
        let text = |name: &str| Field::new(name, DataType::Utf8, true);
        let schema = Schema::new(vec![
            text("outcome"),
            text("stage"),
            text("account__segment"),
            Field::new("value", crate::plan::DECIMAL, true),
            Field::new("closed_date", DataType::Date32, true),
        ]);
        let parsed = expression::parse(filter, &schema).expect("a filter");
        let quarter = Calendar::starting_in(1).and_then(|calendar| calendar.parse("2024-Q1").ok());
        let quarter = quarter.expect("a period");
        conjuncts(&parsed).iter().map(|one| one.words.said(value, None, &quarter, "Anna")).collect()
    }

    #[test]
    fn a_comparison_says_what_is_and_what_would_count() {
        assert_eq!(said("outcome = 'won'", Some("open")), ["outcome is open, not won"]);
        assert_eq!(said("outcome in ('won', 'lost')", Some("open")), ["outcome is open, not won or lost"]);
        assert_eq!(said("value > 1000", Some("250.500000")), ["amount is 250.5, not more than 1000"]);
        assert_eq!(said("value between 1 and 5", Some("7")), ["amount is 7, not between 1 and 5"]);
        assert_eq!(said("account__segment = 'SMB'", None), ["segment is missing"]);
    }

    #[test]
    fn a_condition_against_a_value_names_that_value() {
        assert_eq!(said("stage <> 'Test'", Some("Test")), ["stage is Test"]);
        assert_eq!(said("stage not in ('Test', 'Duplicate')", Some("Duplicate")), ["stage is Duplicate"]);
        assert_eq!(said("closed_date is null", Some("2024-02-01")), ["close date is 2024-02-01"]);
    }

    #[test]
    fn conditions_are_told_apart_at_every_and() {
        let words = said("outcome = 'won' and value is not null and (stage = 'A' or stage = 'B')", None);
        assert_eq!(words.len(), 3);
        assert_eq!(words[..2], ["outcome is missing", "amount is missing"]);
    }

    #[test]
    fn what_has_no_words_of_its_own_keeps_its_text() {
        let words = said("lower(stage) = 'closed'", Some("x"));
        assert_eq!(words.len(), 1);
        assert!(words[0].starts_with("does not meet ") && words[0].contains("stage"), "{words:?}");
    }

    #[test]
    fn a_day_beside_the_period_says_how_far() {
        let quarter = Calendar::starting_in(1).and_then(|calendar| calendar.parse("2024-Q1").ok());
        let quarter = quarter.expect("a period");
        let said = |day| Words::Period(Attribution::Close).said(None, Some(day), &quarter, "");
        assert_eq!(said(date(2024, 4, 1)), "closed 1 Apr 2024, one day after the period");
        assert_eq!(said(date(2024, 4, 3)), "closed 3 Apr 2024, 3 days after the period");
        assert_eq!(said(date(2023, 12, 31)), "closed 31 Dec 2023, one day before the period");
    }
}
