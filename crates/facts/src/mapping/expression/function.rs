//! What can be called in an expression. Every function looks at its arguments alone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Type, hierarchy, is_whole, spelled};
use crate::reject::Reason;
use crate::value::Value;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Text,
    Concat,
    Joined,
    Lower,
    Upper,
    Length,
    Left,
    Right,
    Substring,
    Replace,
    SplitPart,
    StartsWith,
    EndsWith,
    Contains,
    ParentPath,
    HierarchyPath,
    Absolute,
    Round,
    Floor,
    Ceiling,
    DateOf,
    DatePart,
    DateTruncated,
    AddDays,
    AddMonths,
    DaysBetween,
    MakeDate,
    FromUnix,
    FromUnixMilliseconds,
    Coalesce,
    NullIf,
    Greatest,
    Least,
}

/// What an argument has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// A value of this type.
    One(Type),
    /// A date or an instant.
    Day,
    /// Anything.
    Any,
}

/// How a function is called.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    /// Its arguments; the last may be repeated where `repeats` says so.
    pub(super) takes: &'static [Takes],
    /// Arguments without which it means nothing.
    pub(super) needed: usize,
    pub(super) repeats: bool,
    /// What it comes to; `None` means what its arguments are.
    pub(super) gives: Option<Type>,
    /// How it is written, for messages.
    pub(super) example: &'static str,
}

const TEXT: Takes = Takes::One(Type::Text);
const NUMBER: Takes = Takes::One(Type::Number);

const fn signature(
    name: &'static str,
    function: Function,
    takes: &'static [Takes],
    gives: Type,
    example: &'static str,
) -> Signature {
    Signature { name, function, takes, needed: takes.len(), repeats: false, gives: Some(gives), example }
}

/// A function of values of one type, whichever that is.
const fn of_equals(name: &'static str, function: Function, example: &'static str) -> Signature {
    Signature {
        name,
        function,
        takes: &[Takes::Any, Takes::Any],
        needed: 2,
        repeats: true,
        gives: None,
        example,
    }
}

/// Every function, in the order of their names.
pub(super) const SIGNATURES: [Signature; 31] = [
    signature("abs", Function::Absolute, &[NUMBER], Type::Number, "abs(n)"),
    signature("add_days", Function::AddDays, &[Takes::Day, NUMBER], Type::Date, "add_days(d, 30)"),
    signature("add_months", Function::AddMonths, &[Takes::Day, NUMBER], Type::Date, "add_months(d, 3)"),
    signature("ceil", Function::Ceiling, &[NUMBER], Type::Number, "ceil(n)"),
    of_equals("coalesce", Function::Coalesce, "coalesce(a, b)"),
    Signature {
        needed: 1,
        repeats: true,
        ..signature("concat", Function::Concat, &[Takes::Any], Type::Text, "concat(a, ' ', b)")
    },
    signature("contains", Function::Contains, &[TEXT, TEXT], Type::Truth, "contains(a, 'x')"),
    signature("date_part", Function::DatePart, &[TEXT, Takes::Day], Type::Number, "date_part('year', d)"),
    signature(
        "date_trunc",
        Function::DateTruncated,
        &[TEXT, Takes::Day],
        Type::Date,
        "date_trunc('month', d)",
    ),
    signature(
        "days_between",
        Function::DaysBetween,
        &[Takes::Day, Takes::Day],
        Type::Number,
        "days_between(a, b)",
    ),
    signature("ends_with", Function::EndsWith, &[TEXT, TEXT], Type::Truth, "ends_with(a, 'x')"),
    signature("floor", Function::Floor, &[NUMBER], Type::Number, "floor(n)"),
    signature("from_unix", Function::FromUnix, &[NUMBER], Type::Instant, "from_unix(seconds)"),
    signature(
        "from_unix_ms",
        Function::FromUnixMilliseconds,
        &[NUMBER],
        Type::Instant,
        "from_unix_ms(milliseconds)",
    ),
    of_equals("greatest", Function::Greatest, "greatest(a, b)"),
    signature("hierarchyid", Function::HierarchyPath, &[TEXT], Type::Text, "hierarchyid(a)"),
    of_equals("least", Function::Least, "least(a, b)"),
    signature("left", Function::Left, &[TEXT, NUMBER], Type::Text, "left(a, 15)"),
    signature("length", Function::Length, &[TEXT], Type::Number, "length(a)"),
    signature("lower", Function::Lower, &[TEXT], Type::Text, "lower(a)"),
    signature(
        "make_date",
        Function::MakeDate,
        &[NUMBER, NUMBER, NUMBER],
        Type::Date,
        "make_date(year, month, day)",
    ),
    Signature { repeats: false, ..of_equals("nullif", Function::NullIf, "nullif(a, b)") },
    Signature {
        needed: 1,
        ..signature("parent_path", Function::ParentPath, &[TEXT, TEXT], Type::Text, "parent_path(a, '/')")
    },
    signature("replace", Function::Replace, &[TEXT, TEXT, TEXT], Type::Text, "replace(a, 'x', 'y')"),
    signature("right", Function::Right, &[TEXT, NUMBER], Type::Text, "right(a, 2)"),
    Signature {
        needed: 1,
        ..signature("round", Function::Round, &[NUMBER, NUMBER], Type::Number, "round(n, 2)")
    },
    signature("split_part", Function::SplitPart, &[TEXT, TEXT, NUMBER], Type::Text, "split_part(a, '-', 1)"),
    signature("starts_with", Function::StartsWith, &[TEXT, TEXT], Type::Truth, "starts_with(a, 'x')"),
    Signature {
        needed: 2,
        ..signature("substr", Function::Substring, &[TEXT, NUMBER, NUMBER], Type::Text, "substr(a, 1, 3)")
    },
    signature("text", Function::Text, &[Takes::Any], Type::Text, "text(n)"),
    signature("upper", Function::Upper, &[TEXT], Type::Text, "upper(a)"),
];

/// Parts of a date, as `date_part` and `date_trunc` name them.
const PARTS: [&str; 5] = ["year", "quarter", "month", "week", "day"];

impl Function {
    /// What a call comes to.
    pub(super) fn call(
        self,
        arguments: Vec<Option<Value>>,
        zone: &TimeZone,
    ) -> Result<Option<Value>, Reason> {
        match self {
            Function::Coalesce => return Ok(arguments.into_iter().flatten().next()),
            Function::Greatest => return Ok(extreme(arguments, std::cmp::Ordering::Greater)),
            Function::Least => return Ok(extreme(arguments, std::cmp::Ordering::Less)),
            Function::Concat => {
                let texts = arguments.iter().flatten().map(spelled);
                return Ok(some_text(texts.collect()));
            }
            Function::NullIf => return Ok(first_unless_second(arguments)),
            _ => {}
        }
        let Some(values) = arguments.into_iter().collect::<Option<Vec<Value>>>() else { return Ok(None) };
        self.of(&Arguments { values, zone })
    }

    /// What a call comes to whose arguments are all there.
    fn of(self, given: &Arguments<'_>) -> Result<Option<Value>, Reason> {
        Ok(Some(match self {
            Function::Text => return Ok(some_text(given.text(0))),
            Function::Joined => return Ok(some_text(given.text(0) + &given.text(1))),
            Function::Lower => Value::Text(given.text(0).to_lowercase()),
            Function::Upper => Value::Text(given.text(0).to_uppercase()),
            Function::Length => Value::Decimal(given.text(0).chars().count().into()),
            Function::Left => return Ok(some_text(given.text(0).chars().take(given.count(1)?).collect())),
            Function::Right => {
                let text = given.text(0);
                let skipped = text.chars().count().saturating_sub(given.count(1)?);
                return Ok(some_text(text.chars().skip(skipped).collect()));
            }
            Function::Substring => {
                let length = if given.values.len() > 2 { given.count(2)? } else { usize::MAX };
                let skipped = given.count(1)?.saturating_sub(1);
                return Ok(some_text(given.text(0).chars().skip(skipped).take(length).collect()));
            }
            Function::Replace => return Ok(some_text(given.text(0).replace(&given.text(1), &given.text(2)))),
            Function::SplitPart => {
                let (text, separator) = (given.text(0), given.text(1));
                let part = given.count(2)?.checked_sub(1).and_then(|part| text.split(&separator).nth(part));
                return Ok(part.and_then(|part| some_text(part.to_owned())));
            }
            Function::StartsWith => Value::Boolean(given.text(0).starts_with(&given.text(1))),
            Function::EndsWith => Value::Boolean(given.text(0).ends_with(&given.text(1))),
            Function::Contains => Value::Boolean(given.text(0).contains(&given.text(1))),
            Function::HierarchyPath => match hierarchy::path(&given.text(0)) {
                Some(path) => Value::Text(path),
                None => {
                    return Err(Reason::NotComputable {
                        problem: "is no `hierarchyid` in hexadecimal".into(),
                    });
                }
            },
            Function::ParentPath => {
                let separator = if given.values.len() > 1 { given.text(1) } else { "/".to_owned() };
                return Ok(hierarchy::parent(&given.text(0), &separator).and_then(some_text));
            }
            Function::Absolute => Value::Decimal(given.number(0).abs()),
            Function::Floor => Value::Decimal(given.number(0).floor()),
            Function::Ceiling => Value::Decimal(given.number(0).ceil()),
            Function::Round => {
                let places = if given.values.len() > 1 { given.count(1)? } else { 0 };
                let places = u32::try_from(places).unwrap_or(u32::MAX).min(Decimal::MAX_SCALE);
                let half_even = RoundingStrategy::MidpointNearestEven;
                Value::Decimal(given.number(0).round_dp_with_strategy(places, half_even))
            }
            Function::DateOf => Value::Date(given.day(0)?),
            Function::DatePart => Value::Decimal(part(&given.text(0), given.day(1)?)?.into()),
            Function::DateTruncated => Value::Date(truncated(&given.text(0), given.day(1)?)?),
            Function::AddDays => Value::Date(later(given.day(0)?, given.number(1))?),
            Function::AddMonths => {
                let months = whole(given.number(1)).ok_or_else(no_such_day)?;
                let span = jiff::Span::new().try_months(months).map_err(|_| no_such_day())?;
                Value::Date(given.day(0)?.checked_add(span).map_err(|_| no_such_day())?)
            }
            Function::DaysBetween => Value::Decimal((given.day(1)? - given.day(0)?).get_days().into()),
            Function::MakeDate => {
                let [year, month, day] = [0, 1, 2].map(|position| whole(given.number(position)));
                let narrow = |part: Option<i64>| part.and_then(|part| i16::try_from(part).ok());
                let byte = |part: Option<i64>| part.and_then(|part| i8::try_from(part).ok());
                let (Some(year), Some(month), Some(day)) = (narrow(year), byte(month), byte(day)) else {
                    return Err(no_such_day());
                };
                Value::Date(Date::new(year, month, day).map_err(|_| no_such_day())?)
            }
            Function::FromUnix => Value::Timestamp(instant(given.number(0), 1_000_000)?),
            Function::FromUnixMilliseconds => Value::Timestamp(instant(given.number(0), 1_000)?),
            // Called before, with arguments that may be blank.
            Function::Coalesce
            | Function::Greatest
            | Function::Least
            | Function::Concat
            | Function::NullIf => {
                return Ok(None);
            }
        }))
    }
}

/// Arguments of which none is blank.
struct Arguments<'a> {
    values: Vec<Value>,
    zone: &'a TimeZone,
}

impl Arguments<'_> {
    fn text(&self, position: usize) -> String {
        spelled(&self.values[position]).into_owned()
    }

    /// A number; the types were checked before.
    fn number(&self, position: usize) -> Decimal {
        match self.values[position] {
            Value::Decimal(number) => number,
            _ => Decimal::ZERO,
        }
    }

    /// A number of characters, places or parts.
    fn count(&self, position: usize) -> Result<usize, Reason> {
        let number = self.number(position);
        let count = Some(number).filter(|number| is_whole(*number)).and_then(|number| number.to_usize());
        count.ok_or_else(|| Reason::NotComputable {
            problem: format!("cannot be computed: {number} is no number of characters, places or parts"),
        })
    }

    fn day(&self, position: usize) -> Result<Date, Reason> {
        match &self.values[position] {
            Value::Date(day) => Ok(*day),
            Value::Timestamp(instant) => Ok(self.zone.to_datetime(*instant).date()),
            other => other.canonical_text().parse().map_err(|_| no_such_day()),
        }
    }
}

/// A date so many days later.
pub(super) fn later(day: Date, days: Decimal) -> Result<Date, Reason> {
    let days = whole(days).ok_or_else(no_such_day)?;
    let span = jiff::Span::new().try_days(days).map_err(|_| no_such_day())?;
    day.checked_add(span).map_err(|_| no_such_day())
}

/// The order of two values of one type.
pub(crate) fn order(one: &Value, other: &Value) -> std::cmp::Ordering {
    match (one, other) {
        (Value::Decimal(one), Value::Decimal(other)) => one.cmp(other),
        (Value::Date(one), Value::Date(other)) => one.cmp(other),
        (Value::Timestamp(one), Value::Timestamp(other)) => one.cmp(other),
        (Value::Boolean(one), Value::Boolean(other)) => one.cmp(other),
        _ => one.canonical_text().cmp(&other.canonical_text()),
    }
}

fn extreme(arguments: Vec<Option<Value>>, wanted: std::cmp::Ordering) -> Option<Value> {
    arguments
        .into_iter()
        .flatten()
        .reduce(|best, next| if order(&next, &best) == wanted { next } else { best })
}

fn first_unless_second(arguments: Vec<Option<Value>>) -> Option<Value> {
    let mut arguments = arguments.into_iter();
    let (first, second) = (arguments.next()??, arguments.next().flatten());
    let is_same = second.is_some_and(|second| order(&first, &second).is_eq());
    (!is_same).then_some(first)
}

/// Texts are kept as cells are: no text is blank.
fn some_text(text: String) -> Option<Value> {
    (!text.is_empty()).then_some(Value::Text(text))
}

fn whole(number: Decimal) -> Option<i64> {
    Some(number).filter(|number| is_whole(*number)).and_then(|number| number.to_i64())
}

fn no_such_day() -> Reason {
    Reason::NotComputable { problem: "cannot be computed: there is no such day".into() }
}

fn part(name: &str, day: Date) -> Result<i64, Reason> {
    Ok(match name {
        "year" => day.year().into(),
        "quarter" => i64::from((day.month() - 1) / 3 + 1),
        "month" => day.month().into(),
        "week" => day.iso_week_date().week().into(),
        "day" => day.day().into(),
        _ => return Err(unknown_part(name)),
    })
}

fn truncated(name: &str, day: Date) -> Result<Date, Reason> {
    Ok(match name {
        "year" => day.first_of_year(),
        "quarter" => {
            let months = i32::from((day.month() - 1) % 3);
            day.first_of_month().saturating_sub(months.months())
        }
        "month" => day.first_of_month(),
        "week" => {
            let since_monday = day.weekday().since(Weekday::Monday);
            day.saturating_sub(i32::from(since_monday).days())
        }
        "day" => day,
        _ => return Err(unknown_part(name)),
    })
}

/// Parts are mostly constants, which are checked when the mapping is read.
pub(super) fn is_part(name: &str) -> bool {
    PARTS.contains(&name)
}

pub(super) fn unknown_part_text(name: &str) -> String {
    format!("`{name}` is no part of a date; write {}", PARTS.join(", "))
}

fn unknown_part(name: &str) -> Reason {
    Reason::NotComputable { problem: format!("cannot be computed: {}", unknown_part_text(name)) }
}

fn instant(number: Decimal, microseconds: i64) -> Result<Timestamp, Reason> {
    let scaled = number.checked_mul(microseconds.into()).and_then(|scaled| scaled.trunc().to_i64());
    scaled.and_then(|scaled| Timestamp::from_microsecond(scaled).ok()).ok_or_else(no_such_day)
}
