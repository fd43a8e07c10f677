//! How the text of a cell becomes a typed value.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::expression::{Type, spelled};
use super::number::{Limits, NumberStyle, exact, whole};
use crate::canonical::{AttributeType, ColumnType, currency};
use crate::reject::Reason;
use crate::value::{Value, normal};

/// The first year that dates may lie in.
const FIRST_YEAR: i16 = 1900;

/// How text is read for one target column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// As it is, normalised.
    Text,
    /// One of a closed list.
    Choice(&'static [&'static str]),
    /// The IANA name of a time zone.
    TimeZone,
    /// An ISO 4217 currency code.
    Currency,
    /// A civil date in one of these formats; none means ISO 8601.
    Date(Vec<String>),
    /// A month, or a day in it, in one of these formats; none means ISO 8601.
    Month(Vec<String>),
    /// An instant, or a civil date that means midnight in the company's time zone.
    Timestamp(Vec<String>, TimeZone),
    /// A decimal in a number style.
    Decimal { style: Box<NumberStyle>, limits: Limits, places: u32 },
    /// A whole number in a number style, not negative.
    Count(Box<NumberStyle>),
    /// A truth value.
    Boolean,
}

impl Reading {
    /// The reading of a column, with the formats a mapping gives.
    pub(crate) fn of(kind: ColumnType, formats: &[String], time_zone: &TimeZone) -> Result<Reading, String> {
        match kind {
            ColumnType::Date => dates(formats).map(Reading::Date),
            ColumnType::Timestamp => {
                dates(formats).map(|formats| Reading::Timestamp(formats, time_zone.clone()))
            }
            ColumnType::Month => months(formats).map(Reading::Month),
            ColumnType::Decimal | ColumnType::Amount | ColumnType::Share | ColumnType::Rate => {
                let (style, limits) = (Box::new(NumberStyle::of(kind, formats)?), Limits::of(kind));
                Ok(Reading::Decimal { style, limits, places: kind.places() })
            }
            ColumnType::Count => Ok(Reading::Count(Box::new(NumberStyle::of(kind, formats)?))),
            _ if !formats.is_empty() => Err("`format` is for dates, instants and numbers".into()),
            ColumnType::Boolean => Ok(Reading::Boolean),
            ColumnType::Choice(choices) => Ok(Reading::Choice(choices)),
            ColumnType::TimeZone => Ok(Reading::TimeZone),
            ColumnType::Currency => Ok(Reading::Currency),
            ColumnType::Text
            | ColumnType::PersonalText
            | ColumnType::Reference(_)
            | ColumnType::Subject(_) => Ok(Reading::Text),
        }
    }

    /// The reading of a field of the company's own. Its numbers may be in per cent, and are any.
    pub(crate) fn of_attribute(
        kind: AttributeType,
        formats: &[String],
        time_zone: &TimeZone,
    ) -> Result<Reading, String> {
        let kind = kind.column_type();
        if kind == ColumnType::Decimal && formats.iter().any(|format| format.ends_with('%')) {
            return Ok(Reading::of(ColumnType::Share, formats, time_zone)?.without_limits(kind.places()));
        }
        Reading::of(kind, formats, time_zone)
    }

    /// How a typed cell is read: its text is exact, and the formats are for texts. Numbers that the
    /// mapping says are in per cent still are.
    pub(crate) fn of_typed(&self) -> Reading {
        match self {
            Reading::Date(_) => Reading::Date(Vec::new()),
            Reading::Month(_) => Reading::Month(Vec::new()),
            Reading::Timestamp(_, zone) => Reading::Timestamp(Vec::new(), zone.clone()),
            Reading::Decimal { style, limits, places } => {
                Reading::Decimal { style: Box::new(style.of_typed()), limits: *limits, places: *places }
            }
            Reading::Count(style) => Reading::Count(Box::new(style.of_typed())),
            other => other.clone(),
        }
    }

    /// The same for any number of so many places.
    pub(super) fn without_limits(self, places: u32) -> Reading {
        match self {
            Reading::Decimal { style, .. } => Reading::Decimal { style, limits: Limits::None, places },
            other => other,
        }
    }

    /// Whether what an expression comes to can be had as this, or why not.
    pub(super) fn check_type(&self, found: Type) -> Result<(), String> {
        let wanted = match self {
            Reading::Decimal { .. } | Reading::Count(_) => Type::Number,
            Reading::Date(_) | Reading::Month(_) => Type::Date,
            Reading::Timestamp(..) => Type::Instant,
            Reading::Boolean => Type::Truth,
            Reading::Text | Reading::Choice(_) | Reading::TimeZone | Reading::Currency => return Ok(()),
        };
        let is_midnight = wanted == Type::Instant && found == Type::Date;
        if found == wanted || is_midnight || matches!(found, Type::Cell | Type::Text) {
            return Ok(());
        }
        let remedy = if wanted == Type::Date && found == Type::Instant { "; write date(…)" } else { "" };
        Err(format!("the expression comes to {found}, and {wanted} is needed{remedy}"))
    }

    /// The value that an expression came to, as this.
    pub(crate) fn fit(&self, value: &Value) -> Result<Option<Value>, Reason> {
        match (self, value) {
            (Reading::Decimal { limits, places, .. }, Value::Decimal(number)) => {
                exact(*number, *places).and_then(|number| limits.check(number)).map(Value::Decimal)
            }
            (Reading::Count(_), Value::Decimal(number)) => whole(*number).map(Value::Whole),
            (Reading::Date(_), Value::Date(day)) => recent(day.year(), Value::Date(*day)),
            (Reading::Month(_), Value::Date(day)) => recent(day.year(), Value::Date(day.first_of_month())),
            (Reading::Timestamp(_, zone), Value::Date(day)) => zone
                .to_timestamp(day.at(0, 0, 0, 0))
                .map_err(|_| Reason::LongAgo)
                .and_then(|instant| recent(day.year(), Value::Timestamp(instant))),
            (Reading::Timestamp(_, zone), Value::Timestamp(instant)) => {
                recent(zone.to_datetime(*instant).year(), Value::Timestamp(*instant))
            }
            (_, value) => return self.read(&spelled(value)),
        }
        .map(Some)
    }

    /// The value of a text; blank text is no value.
    pub(crate) fn read(&self, text: &str) -> Result<Option<Value>, Reason> {
        let Some(text) = normal(text) else { return Ok(None) };
        match self {
            Reading::Text => Ok(Value::Text(text.into_owned())),
            Reading::Choice(choices) if choices.contains(&text.as_ref()) => {
                Ok(Value::Text(text.into_owned()))
            }
            Reading::Choice(choices) => Err(Reason::UnknownValue { allowed: choices.join(", ") }),
            Reading::TimeZone if TimeZone::get(&text).is_ok() => Ok(Value::Text(text.into_owned())),
            Reading::TimeZone => Err(Reason::NotATimeZone),
            Reading::Currency if currency::minor_unit(&text).is_some() => Ok(Value::Text(text.into_owned())),
            Reading::Currency => Err(Reason::NotACurrency),
            Reading::Month(formats) => {
                let first = month(&text, formats).ok_or_else(|| expected(formats, "2024-11"))?;
                recent(first.year(), Value::Date(first))
            }
            Reading::Date(formats) => {
                let date = date(&text, formats).ok_or_else(|| expected(formats, "2024-11-23"))?;
                recent(date.year(), Value::Date(date))
            }
            Reading::Timestamp(formats, zone) => {
                let instant =
                    timestamp(&text, formats, zone).ok_or_else(|| expected(formats, "2024-11-23"))?;
                recent(zone.to_datetime(instant).year(), Value::Timestamp(instant))
            }
            Reading::Decimal { style, limits, places } => {
                style.read(&text, *places).and_then(|number| limits.check(number)).map(Value::Decimal)
            }
            Reading::Count(style) => style.read_whole(&text).map(Value::Whole),
            Reading::Boolean => boolean(&text).map(Value::Boolean).ok_or(Reason::NotATruthValue),
        }
        .map(Some)
    }
}

fn dates(formats: &[String]) -> Result<Vec<String>, String> {
    for format in formats {
        let sample = jiff::civil::date(2024, 11, 23).at(13, 14, 15, 0);
        let written =
            jiff::fmt::strtime::format(format, sample).map_err(|error| format!("`{format}`: {error}"))?;
        if Date::strptime(format, &written).ok() != Some(sample.date()) {
            return Err(format!("`{format}` does not name a whole date; write for example %d.%m.%Y"));
        }
    }
    Ok(formats.to_vec())
}

fn months(formats: &[String]) -> Result<Vec<String>, String> {
    let sample = jiff::civil::date(2024, 11, 1);
    for format in formats {
        let written =
            jiff::fmt::strtime::format(format, sample).map_err(|error| format!("`{format}`: {error}"))?;
        if month(&written, std::slice::from_ref(format)) != Some(sample) {
            return Err(format!("`{format}` names no month of a year; write for example %m/%Y"));
        }
    }
    Ok(formats.to_vec())
}

fn date(text: &str, formats: &[String]) -> Option<Date> {
    if formats.is_empty() {
        // Many exports write midnight behind a date; any other time would be an instant.
        let midnight = || text.parse::<DateTime>().ok().filter(|moment| moment.time() == Time::midnight());
        return Date::strptime("%Y-%m-%d", text).ok().or_else(|| midnight().map(DateTime::date));
    }
    formats.iter().find_map(|format| Date::strptime(format, text).ok())
}

/// The first day of a month, or of the month that a day lies in.
fn month(text: &str, formats: &[String]) -> Option<Date> {
    let without_day = |format: &str| Date::strptime(format!("{format} %d"), format!("{text} 01")).ok();
    let found = match formats {
        [] => without_day("%Y-%m").or_else(|| date(text, formats)),
        _ => formats
            .iter()
            .find_map(|format| Date::strptime(format, text).ok().or_else(|| without_day(format))),
    };
    found.map(Date::first_of_month)
}

fn timestamp(text: &str, formats: &[String], zone: &TimeZone) -> Option<Timestamp> {
    let local = |moment: DateTime| zone.to_timestamp(moment).ok();
    let read = if formats.is_empty() {
        // Most are bare dates; trying to read one as an instant first takes longer than all the rest.
        let bare = Date::strptime("%Y-%m-%d", text).ok();
        let midnight = |day: Date| local(day.at(0, 0, 0, 0));
        match bare {
            Some(day) => midnight(day),
            None => text.parse().ok().or_else(|| match date(text, formats) {
                Some(day) => midnight(day),
                None => text.parse::<DateTime>().ok().and_then(local),
            }),
        }
    } else {
        formats.iter().find_map(|format| {
            let with_time = DateTime::strptime(format, text).ok();
            with_time
                .or_else(|| Date::strptime(format, text).ok().map(|day| day.at(0, 0, 0, 0)))
                .and_then(local)
        })
    };
    read?.round(TimestampRound::new().smallest(Unit::Microsecond).mode(RoundMode::Trunc)).ok()
}

/// A year mistyped as 0202 would make a company's calendar thousands of years long.
fn recent(year: i16, value: Value) -> Result<Value, Reason> {
    if year < FIRST_YEAR { Err(Reason::LongAgo) } else { Ok(value) }
}

fn expected(formats: &[String], example: &str) -> Reason {
    let expected = if formats.is_empty() { example.to_owned() } else { formats.join(" or ") };
    Reason::NotADate { expected }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "on" => Some(true),
        "false" | "no" | "n" | "0" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    fn amount(example: &str, text: &str) -> Result<Option<Value>, Reason> {
        let reading =
            Reading::of(ColumnType::Decimal, &[example.to_owned()], &TimeZone::UTC).expect("a style");
        reading.read(text)
    }

    fn decimal(text: &str) -> Result<Option<Value>, Reason> {
        Ok(Some(Value::Decimal(text.parse().expect("decimal"))))
    }

    #[test]
    fn numbers_are_read_in_the_style_the_mapping_names() {
        assert_eq!(amount("1234.56", " 1054.5 "), decimal("1054.5"));
        assert_eq!(amount("1,234.56", "-12,345.00"), decimal("-12345.00"));
        assert_eq!(amount("1.234,56", "1.234.567,89"), decimal("1234567.89"));
        assert_eq!(amount("1 234,56", "1\u{a0}234,5"), decimal("1234.5"));
        assert_eq!(amount("1'234.56", "-1'234'567.50"), decimal("-1234567.50"));
        assert_eq!(amount("1'234.56", "1’234.50"), decimal("1234.50"));
        assert_eq!(amount("CHF 1’234.56", "CHF 1'234.50"), decimal("1234.50"));
        assert_eq!(amount("1234.56", ""), Ok(None));
    }

    #[test]
    fn what_stands_around_a_number_is_as_the_mapping_shows_it() {
        assert_eq!(amount("$1,234.56", "$1,234.50"), decimal("1234.50"));
        assert_eq!(amount("$1,234.56", "-$1,234.50"), decimal("-1234.50"));
        assert_eq!(amount("1.234,56 €", "1.234,50\u{a0}€"), decimal("1234.50"));
        assert_eq!(amount("USD 1,234.56", "USD 1,234.00"), decimal("1234.00"));
        assert_eq!(amount("1 234,56 kr", "1\u{202f}234,50 kr"), decimal("1234.50"));
        assert_eq!(amount("(1,234.56)", "(1,234.00)"), decimal("-1234.00"));
        assert_eq!(amount("1.234,56-", "1.234,00-"), decimal("-1234.00"));
        for (style, text) in [("USD 1,234.56", "EUR 5.00"), ("$1,234.56", "5.00"), ("1,234.56", "(5.00)")] {
            assert_eq!(amount(style, text), Err(Reason::NotANumber { expected: style.into() }), "{text}");
        }
    }

    #[test]
    fn a_number_in_another_style_is_rejected_and_never_guessed() {
        for (style, text) in [
            ("1234.56", "1,054"),
            ("1,234.56", "1,05"),
            ("1.234,56", "1,234.56"),
            ("1234,56", "1.234"),
            ("1 234,56", "17.5"),
            ("1'234.56", "1'23.50"),
            ("1'234.56", "1,234.50"),
            ("1,234.56", "1'234.50"),
            ("1234.56", "12 USD"),
            ("1234.56", "1e5"),
        ] {
            assert_eq!(amount(style, text), Err(Reason::NotANumber { expected: style.into() }), "{text}");
        }
        assert_eq!(amount("1234.56", "0.0000001"), Err(Reason::TooPrecise { places: 6 }));
        assert_eq!(
            amount("1234.56", &format!("{}.5", "9".repeat(22))),
            decimal(&format!("{}.5", "9".repeat(22)))
        );
        assert_eq!(amount("1234.56", &format!("-1{}", "0".repeat(22))), Err(Reason::TooLarge { digits: 22 }));
    }

    #[test]
    fn a_bare_date_is_midnight_in_the_companys_time_zone() {
        let zone = TimeZone::get("America/New_York").expect("zone");
        let reading = Reading::of(ColumnType::Timestamp, &[], &zone).expect("a reading");
        let read = |text: &str| match reading.read(text) {
            Ok(Some(Value::Timestamp(instant))) => instant.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(read("2016-10-20"), "2016-10-20T04:00:00Z");
        assert_eq!(read("2025-03-04T09:12:44.0001239Z"), "2025-03-04T09:12:44.000123Z");
        assert!(read("20/10/2016").contains("NotADate"));
    }

    #[test]
    fn a_date_may_have_midnight_behind_it_and_no_other_time() {
        let reading = Reading::of(ColumnType::Date, &[], &TimeZone::UTC).expect("a reading");
        let day = Ok(Some(Value::Date(jiff::civil::date(2017, 3, 1))));
        assert_eq!(reading.read("2017-03-01"), day);
        assert_eq!(reading.read("2017-03-01 00:00:00"), day);
        assert!(reading.read("2017-03-01 09:30:00").is_err());
    }

    #[test]
    fn only_formats_that_name_a_whole_date_are_accepted() {
        let refused = Reading::of(ColumnType::Date, &["%d.%m".to_owned()], &TimeZone::UTC);
        assert!(refused.is_err(), "{refused:?}");
        let refused = Reading::of(ColumnType::Text, &["%d.%m.%Y".to_owned()], &TimeZone::UTC);
        assert!(refused.is_err(), "{refused:?}");
    }

    proptest! {
        #[test]
        fn dates_read_back_in_every_format(days in -20_000i32..40_000, format in 0usize..4) {
            let format = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d"][format];
            let day = crate::value::date_from_days(days);
            let reading = Reading::of(ColumnType::Date, &[format.to_owned()], &TimeZone::UTC).expect("a format");
            prop_assert_eq!(reading.read(&day.strftime(format).to_string()), Ok(Some(Value::Date(day))));
        }

        #[test]
        fn numbers_read_back_whatever_their_size(units in any::<i64>(), places in 0u32..=6) {
            let number = Decimal::new(units, places);
            prop_assert_eq!(amount("1234.56", &number.to_string()), Ok(Some(Value::Decimal(number))));
        }
    }
}
