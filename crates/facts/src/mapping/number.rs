//! How numbers are written in a file, and which of them make sense in a column.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::number_marks::NumberMarks;
use crate::canonical::ColumnType;
use crate::reject::Reason;

/// Digits of a decimal that the canonical tables keep, before and behind the point.
const DIGITS: u32 = 28;

/// Which numbers make sense in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limits {
    /// All.
    None,
    /// Zero and more.
    NotNegative,
    /// More than zero.
    Positive,
    /// From zero to one.
    Share,
}

impl Limits {
    pub(super) fn of(kind: ColumnType) -> Limits {
        match kind {
            ColumnType::Amount => Limits::NotNegative,
            ColumnType::Rate => Limits::Positive,
            ColumnType::Share => Limits::Share,
            _ => Limits::None,
        }
    }

    pub(super) fn check(self, number: Decimal) -> Result<Decimal, Reason> {
        let is_negative = number.is_sign_negative() && !number.is_zero();
        match self {
            Limits::NotNegative if is_negative => Err(Reason::Negative),
            Limits::Positive if is_negative || number.is_zero() => Err(Reason::NotPositive),
            Limits::Share if is_negative || number > Decimal::ONE => Err(Reason::NotAShare),
            _ => Ok(number),
        }
    }
}

/// How the digits of numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Digits {
    example: &'static str,
    group: Option<char>,
    point: char,
}

/// How numbers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberStyle {
    /// The example by which a mapping says so.
    example: String,
    digits: Digits,
    /// Whether what is written is in per cent, with or without the sign.
    in_percent: bool,
    /// What stands around the digits.
    marks: NumberMarks,
}

impl Digits {
    const PLAIN: Digits = Digits::new("1234.56", None, '.');
    const ALL: [Digits; 6] = [
        Digits::PLAIN,
        Digits::new("1,234.56", Some(','), '.'),
        Digits::new("1.234,56", Some('.'), ','),
        Digits::new("1 234,56", Some(' '), ','),
        Digits::new("1'234.56", Some('\''), '.'),
        Digits::new("1234,56", None, ','),
    ];
    const PERCENT: [(&str, Digits); 2] =
        [("12.5 %", Digits::PLAIN), ("12,5 %", Digits::new("1234,56", None, ','))];

    const fn new(example: &'static str, group: Option<char>, point: char) -> Digits {
        Digits { example, group, point }
    }

    fn read(self, text: &str) -> Option<Decimal> {
        let (integer, fraction) = match text.split_once(self.point) {
            Some((integer, fraction)) => (integer, Some(fraction)),
            None => (text, None),
        };
        // Some write an apostrophe as they find it on a keyboard, others as it is printed.
        let integer = &match self.group {
            Some('\'') => Cow::Owned(integer.replace('’', "'")),
            _ => Cow::Borrowed(integer),
        };
        let mut plain = match self.group {
            Some(group) if integer.contains(group) => ungrouped(integer, group)?,
            _ => integer.clone().into_owned(),
        };
        let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
        // Whatever else stands there belongs to another style: `1.234` is no number as in 1234,56.
        let mut digits = unsigned.bytes().chain(fraction.unwrap_or_default().bytes()).peekable();
        let written_as_number = digits.peek().is_some() && digits.all(|byte| byte.is_ascii_digit());
        if let Some(fraction) = fraction {
            plain.push('.');
            plain.push_str(fraction);
        }
        written_as_number.then(|| plain.parse().ok()).flatten()
    }
}

impl NumberStyle {
    fn new(example: &str, digits: Digits) -> NumberStyle {
        NumberStyle { example: example.to_owned(), digits, in_percent: false, marks: NumberMarks::default() }
    }

    /// The style of a number column, with the formats a mapping gives.
    pub(super) fn of(kind: ColumnType, formats: &[String]) -> Result<NumberStyle, String> {
        match formats {
            [] => Ok(NumberStyle::new(Digits::PLAIN.example, Digits::PLAIN)),
            [example] => NumberStyle::from_example(example, kind).ok_or_else(|| {
                format!("`{example}` is not a number style; write {}", NumberStyle::written_for(kind))
            }),
            _ => Err("a number has one style".into()),
        }
    }

    fn written_for(kind: ColumnType) -> &'static str {
        match kind {
            ColumnType::Share => {
                "1234.56, 1,234.56, 1.234,56, 1 234,56, 1'234.56 or 1234,56, or 12.5 % or 12,5 % for per cent"
            }
            _ => {
                "1234.56, 1,234.56, 1.234,56, 1 234,56, 1'234.56 or 1234,56, with what stands around it, as in $1,234.56 or (1,234.56)"
            }
        }
    }

    fn from_example(example: &str, kind: ColumnType) -> Option<NumberStyle> {
        let percent = Digits::PERCENT.into_iter().filter(|_| kind == ColumnType::Share);
        if let Some((example, digits)) = percent.into_iter().find(|(known, _)| *known == example) {
            return Some(NumberStyle { in_percent: true, ..NumberStyle::new(example, digits) });
        }
        let example = &example.replace('’', "'");
        let digits = Digits::ALL.into_iter().find(|digits| example.contains(digits.example))?;
        let marks = NumberMarks::around(digits.example, example)?;
        Some(NumberStyle { marks, ..NumberStyle::new(example, digits) })
    }

    /// How numbers are written that need no style.
    pub(super) fn of_typed(&self) -> NumberStyle {
        let plain = NumberStyle::new(Digits::PLAIN.example, Digits::PLAIN);
        NumberStyle { in_percent: self.in_percent, ..plain }
    }

    /// The number of a text, exact in so many places.
    pub(super) fn read(&self, text: &str, places: u32) -> Result<Decimal, Reason> {
        exact(self.number(text)?, places)
    }

    /// The whole number of a text, not negative.
    pub(super) fn read_whole(&self, text: &str) -> Result<i64, Reason> {
        whole(self.number(text)?)
    }

    fn number(&self, text: &str) -> Result<Decimal, Reason> {
        self.number_in(text).ok_or_else(|| Reason::NotANumber { expected: self.example.clone() })
    }

    fn number_in(&self, text: &str) -> Option<Decimal> {
        if self.in_percent {
            let hundredfold = self.digits.read(text.strip_suffix('%').unwrap_or(text).trim_end())?;
            return hundredfold.checked_div(Decimal::ONE_HUNDRED);
        }
        let (digits, is_negative) = self.marks.strip(text)?;
        let number = self.digits.read(digits)?;
        Some(if is_negative { -number } else { number })
    }
}

/// A number that is exact in so many places, and not too large for them.
pub(super) fn exact(number: Decimal, places: u32) -> Result<Decimal, Reason> {
    if number.normalize().scale() > places {
        return Err(Reason::TooPrecise { places });
    }
    let digits = DIGITS - places;
    if number.trunc().mantissa().unsigned_abs() >= 10_u128.pow(digits) {
        return Err(Reason::TooLarge { digits });
    }
    Ok(number)
}

/// A whole number, not negative.
pub(super) fn whole(number: Decimal) -> Result<i64, Reason> {
    match Some(number).filter(|number| number.fract().is_zero()).and_then(|number| number.to_i64()) {
        Some(whole) if whole < 0 => Err(Reason::Negative),
        Some(whole) => Ok(whole),
        None => Err(Reason::NotWhole),
    }
}

/// Takes the group separators out, if they stand where groups of three begin.
fn ungrouped(integer: &str, group: char) -> Option<String> {
    let mut groups = integer.split(group);
    let first = groups.next()?;
    let leading = first.trim_start_matches(['-', '+']).len();
    let well_grouped = (1..=3).contains(&leading) && groups.all(|group| group.len() == 3);
    well_grouped.then(|| integer.replace(group, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(style: &str, text: &str) -> Result<String, Reason> {
        let style = NumberStyle::of(ColumnType::Share, &[style.to_owned()]).expect("a style");
        let number = style.read(text, 6).and_then(|number| Limits::Share.check(number))?;
        Ok(number.normalize().to_string())
    }

    #[test]
    fn a_share_may_be_written_in_per_cent() {
        assert_eq!(share("1234.56", "0.25"), Ok("0.25".into()));
        assert_eq!(share("12.5 %", "12.5 %"), Ok("0.125".into()));
        assert_eq!(share("12.5 %", "60"), Ok("0.6".into()));
        assert_eq!(share("12,5 %", "33,3%"), Ok("0.333".into()));
        assert_eq!(share("1234.56", "60"), Err(Reason::NotAShare));
        assert_eq!(share("12.5 %", "101 %"), Err(Reason::NotAShare));
        assert_eq!(share("1234.56", "-0.1"), Err(Reason::NotAShare));
        let amount = NumberStyle::of(ColumnType::Decimal, &["12.5 %".into()]);
        assert!(amount.is_err(), "only shares are written in per cent: {amount:?}");
    }

    #[test]
    fn small_rates_of_exchange_keep_twelve_places() {
        let read = |text: &str| {
            let style = NumberStyle::of(ColumnType::Rate, &[]).expect("a style");
            style.read(text, ColumnType::Rate.places()).and_then(|rate| Limits::Positive.check(rate))
        };
        assert_eq!(read("0.000061487213").map(|rate| rate.to_string()), Ok("0.000061487213".into()));
        assert_eq!(read("0.0000614872131"), Err(Reason::TooPrecise { places: 12 }));
        assert_eq!(read("0"), Err(Reason::NotPositive));
    }

    #[test]
    fn a_count_is_whole_and_not_negative() {
        let read = |text: &str| NumberStyle::of(ColumnType::Count, &[]).expect("a style").read_whole(text);
        assert_eq!(read("90.0"), Ok(90));
        assert_eq!(read("1.5"), Err(Reason::NotWhole));
        assert_eq!(read("-1"), Err(Reason::Negative));
        assert_eq!(read("99999999999999999999"), Err(Reason::NotWhole));
    }
}
