//! What the values of a column look like: which formats read them, whether they repeat.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use super::currency::Marks;
use super::names::Words;
use super::{salesforce_id, wide};
use crate::canonical::ColumnType;
use crate::canonical::currency::minor_unit;
use crate::mapping::reading::Reading;
use crate::value::{Value, normalise};

/// Texts by which exports say that they say nothing.
const BLANK_TOKENS: [&str; 7] = ["NULL", "null", "\\N", "N/A", "n/a", "NaN", "#N/A"];
/// Share of the values that a format has to read: a few mistyped ones make no other column.
const READ_SHARE: f64 = 0.95;
/// Values after which a format that read less than half of them is given up.
const FIRST_VALUES: usize = 40;
/// Longer texts are no values of a list.
const TEXT_CHARS_MAX: usize = 200;

/// How exports write dates, each with an example. Blank means as ISO 8601 says.
pub(super) const DATE_FORMATS: [(&str, &str); 26] = [
    ("", "2017-03-01"),
    ("%Y-%m-%d %H:%M", "2017-03-01 14:30"),
    ("%d.%m.%Y", "01.03.2017"),
    ("%d.%m.%y", "01.03.17"),
    ("%d.%m.%Y %H:%M", "01.03.2017 14:30"),
    ("%d.%m.%Y %H:%M:%S", "01.03.2017 14:30:00"),
    ("%d/%m/%Y", "day/month/year"),
    ("%m/%d/%Y", "month/day/year"),
    ("%d/%m/%y", "day/month/year of two digits"),
    ("%m/%d/%y", "month/day/year of two digits"),
    ("%d/%m/%Y %H:%M", "day/month/year and a time"),
    ("%m/%d/%Y %H:%M", "month/day/year and a time"),
    ("%d/%m/%Y %H:%M:%S", "day/month/year and a time"),
    ("%m/%d/%Y %H:%M:%S", "month/day/year and a time"),
    ("%d/%m/%Y %I:%M %p", "day/month/year and a time"),
    ("%m/%d/%Y %I:%M %p", "month/day/year and a time"),
    ("%d-%m-%Y", "day-month-year"),
    ("%m-%d-%Y", "month-day-year"),
    ("%Y/%m/%d", "2017/03/01"),
    ("%Y/%m/%d %H:%M:%S", "2017/03/01 14:30:00"),
    ("%Y.%m.%d", "2017.03.01"),
    ("%Y%m%d", "20170301"),
    ("%d %b %Y", "1 Mar 2017"),
    ("%d-%b-%Y", "1-Mar-2017"),
    ("%b %d, %Y", "Mar 1, 2017"),
    ("%B %d, %Y", "March 1, 2017"),
];
/// Stands for milliseconds since 1970 among the formats of instants.
pub(super) const UNIX_MILLISECONDS: &str = "unix_ms";
/// Number styles, as mappings write them.
pub(super) const NUMBER_STYLES: [&str; 6] =
    ["1234.56", "1,234.56", "1.234,56", "1 234,56", "1'234.56", "1234,56"];
/// Number styles of what is in per cent.
pub(super) const PERCENT_STYLES: [&str; 2] = ["12.5 %", "12,5 %"];

/// A column of a file, with what its values have in common.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) words: Words,
    pub(super) filled: usize,
    pub(super) blank: usize,
    /// Its values and how often each occurs.
    pub(super) values: BTreeMap<String, usize>,
    /// Whether these are identifiers of Salesforce, cut to the characters that identify.
    pub(super) has_long_identifiers: bool,
    /// Texts in it that say nothing.
    pub(super) blank_tokens: BTreeSet<String>,
    /// Formats that read its values as dates, and as instants.
    pub(super) days: Vec<&'static str>,
    pub(super) instants: Vec<&'static str>,
    /// Styles that read the digits of its values as numbers.
    pub(super) styles: Vec<&'static str>,
    /// What stands around these.
    pub(super) marks: Marks,
    /// Values that none of them reads: as dates, and as numbers.
    pub(super) strays: (usize, usize),
    pub(super) is_truth: bool,
    pub(super) is_currency: bool,
    pub(super) is_email: bool,
    /// Whether its values are globally unique identifiers.
    pub(super) is_guid: bool,
}

impl Profile {
    /// Looks at the cells of a column.
    pub(super) fn of<'c>(name: &str, cells: impl Iterator<Item = &'c str>) -> Profile {
        let (mut filled, mut blank) = (0, 0);
        let mut values: BTreeMap<String, usize> = BTreeMap::new();
        let mut blank_tokens = BTreeSet::new();
        for cell in cells {
            match normalise(cell) {
                Some(text) if BLANK_TOKENS.contains(&text.as_str()) => {
                    blank += 1;
                    blank_tokens.insert(text);
                }
                Some(text) => {
                    filled += 1;
                    *values.entry(text.chars().take(TEXT_CHARS_MAX).collect()).or_default() += 1;
                }
                None => blank += 1,
            }
        }
        let has_long_identifiers = cut_identifiers(&mut values);
        let all = |holds: fn(&str) -> bool| filled > 0 && values.keys().all(|value| holds(value));
        let (days, stray_days) =
            readable(&values, filled, &date_formats(), |format| reading(ColumnType::Date, format));
        let marks = Marks::of(&values);
        let (styles, stray_numbers) = readable(&numbers(&values, &marks), filled, &NUMBER_STYLES, |style| {
            reading(ColumnType::Decimal, &marks.format(style))
        });
        Profile {
            name: name.to_owned(),
            words: wide::words(name).unwrap_or_else(|| Words::of(name)),
            filled,
            blank,
            blank_tokens,
            has_long_identifiers,
            days,
            instants: instants(&values, filled),
            styles,
            marks,
            strays: (stray_days, stray_numbers),
            is_truth: all(|value| Reading::Boolean.read(value).is_ok()),
            is_currency: all(|value| minor_unit(value).is_some()),
            is_email: all(is_email),
            is_guid: all(is_guid),
            values,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.filled == 0
    }

    /// Whether no value occurs twice.
    pub(super) fn is_unique(&self) -> bool {
        self.filled > 0 && self.values.len() == self.filled
    }

    pub(super) fn is_number(&self) -> bool {
        !self.styles.is_empty()
    }

    /// Whether nothing in it is no number.
    pub(super) fn may_be_numbers(&self) -> bool {
        self.is_blank() || self.is_number()
    }

    pub(super) fn is_date(&self) -> bool {
        !self.instants.is_empty() || !self.days.is_empty()
    }

    /// Whether its values are words rather than numbers, dates or truths.
    pub(super) fn is_text(&self) -> bool {
        !self.is_blank() && !self.is_number() && !self.is_date()
    }

    /// The styles that make other numbers of the values than the first does: one of each kind.
    pub(super) fn different_styles(&self) -> Vec<String> {
        let values = numbers(&self.values, &self.marks);
        let styles =
            different(&self.styles, &values, |style| reading(ColumnType::Decimal, &self.marks.format(style)));
        styles.into_iter().map(|style| self.marks.format(style)).collect()
    }

    /// The formats that may make other dates of values like these than the first does.
    pub(super) fn different_dates(&self, formats: &[&'static str]) -> Vec<String> {
        let swapped = |format: &str| format.starts_with("%d/%m") || format.starts_with("%d-%m-");
        let has_both = formats.iter().any(|format| swapped(format))
            && formats.iter().any(|format| format.starts_with("%m/") || format.starts_with("%m-"));
        let count = if has_both { formats.len() } else { 1 };
        formats.iter().take(count).map(|format| (*format).to_owned()).collect()
    }

    /// Values for people to see: the most frequent of a few, else the first.
    pub(super) fn examples(&self, count: usize) -> Vec<String> {
        let mut values: Vec<(&String, &usize)> = self.values.iter().collect();
        values.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        values.into_iter().take(count).map(|(value, _)| value.clone()).collect()
    }

    /// Whether the values are few enough to be a list of kinds.
    pub(super) fn is_list(&self) -> bool {
        !self.is_blank()
            && self.values.len() <= 30
            && (self.values.len() * 3 <= self.filled || self.filled < 12)
    }
}

fn date_formats() -> [&'static str; 26] {
    DATE_FORMATS.map(|(format, _)| format)
}

/// How a text is read as a value of a type; a blank format is the usual one.
pub(super) fn reading(kind: ColumnType, format: &str) -> Reading {
    let formats = Some(format.to_owned()).filter(|format| !format.is_empty());
    let formats: Vec<String> = formats.into_iter().collect();
    Reading::of(kind, &formats, &TimeZone::UTC).unwrap_or(Reading::Choice(&[]))
}

/// Cuts identifiers of Salesforce, if all values are such and some are long; whether they were.
fn cut_identifiers(values: &mut BTreeMap<String, usize>) -> bool {
    let are_long = values.keys().any(|value| salesforce_id::short(value).is_some())
        && values.keys().all(|value| salesforce_id::short(value).is_some() || salesforce_id::is_short(value));
    if are_long {
        let long = std::mem::take(values);
        for (value, times) in long {
            let short = salesforce_id::short(&value).unwrap_or(&value);
            *values.entry(short.to_owned()).or_default() += times;
        }
    }
    are_long
}

/// Values without the currency, where that differs from row to row.
fn numbers<'v>(values: &'v BTreeMap<String, usize>, marks: &Marks) -> Cow<'v, BTreeMap<String, usize>> {
    if !marks.differ() {
        return Cow::Borrowed(values);
    }
    let mut numbers = BTreeMap::new();
    for (value, times) in values {
        *numbers.entry(marks.without(value).to_owned()).or_default() += times;
    }
    Cow::Owned(numbers)
}

/// The formats that read nearly all values, if any does: those that read most, and how many they do not.
fn readable(
    values: &BTreeMap<String, usize>,
    filled: usize,
    formats: &[&'static str],
    reading: impl Fn(&str) -> Reading,
) -> (Vec<&'static str>, usize) {
    let read = |format: &&'static str| {
        let reading = reading(format);
        let most_unread = (filled as f64 * (1.0 - READ_SHARE)) as usize;
        let mut unread = 0;
        for (seen, (value, times)) in values.iter().enumerate() {
            if reading.read(value).is_err() {
                unread += times;
            }
            if unread > most_unread || (seen == FIRST_VALUES && unread > FIRST_VALUES / 2) {
                return None;
            }
        }
        Some((unread, *format))
    };
    if filled == 0 {
        return (Vec::new(), 0);
    }
    let found: Vec<(usize, &'static str)> = formats.iter().filter_map(read).collect();
    let fewest = found.iter().map(|(unread, _)| *unread).min();
    let best = found.into_iter().filter(|(unread, _)| Some(*unread) == fewest).map(|(_, format)| format);
    (best.collect(), fewest.unwrap_or_default())
}

fn instants(values: &BTreeMap<String, usize>, filled: usize) -> Vec<&'static str> {
    // From the year 2000 to 2100.
    let is_unix = |value: &str| {
        value.parse().is_ok_and(|number: i64| (946_684_800_000..4_102_444_800_000).contains(&number))
    };
    if filled > 0 && values.keys().all(|value| is_unix(value)) {
        return vec![UNIX_MILLISECONDS];
    }
    readable(values, filled, &date_formats(), |format| reading(ColumnType::Timestamp, format)).0
}

/// The first format, and those that read a value otherwise.
fn different(
    formats: &[&'static str],
    values: &BTreeMap<String, usize>,
    reading: impl Fn(&str) -> Reading,
) -> Vec<&'static str> {
    let mut kinds: Vec<(&'static str, Vec<Option<Value>>)> = Vec::new();
    for format in formats {
        let reading = reading(format);
        let read: Vec<Option<Value>> =
            values.keys().map(|value| reading.read(value).ok().flatten()).collect();
        if !kinds.iter().any(|(_, known)| *known == read) {
            kinds.push((format, read));
        }
    }
    kinds.into_iter().map(|(format, _)| format).collect()
}

/// Whether a text is like `8f1a2b3c-0d4e-4f5a-9b6c-7d8e9f0a1b2c`, perhaps in braces.
fn is_guid(text: &str) -> bool {
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(cells: &[&str]) -> Profile {
        Profile::of("column", cells.iter().copied())
    }

    #[test]
    fn a_day_above_twelve_says_where_the_month_stands() {
        assert_eq!(profile(&["03/04/2017", "25/04/2017"]).days, ["%d/%m/%Y"]);
        assert_eq!(profile(&["03/04/2017", "04/25/2017"]).days, ["%m/%d/%Y"]);
        let open = profile(&["03/04/2017", "05/06/2017"]);
        assert_eq!(open.different_dates(&open.days), ["%d/%m/%Y", "%m/%d/%Y"]);
        let iso = profile(&["2017-03-01", "2017-04-01"]);
        assert_eq!(iso.different_dates(&iso.days), [""]);
        assert_eq!(profile(&["2017-03-01 14:30", "2017-03-02 09:15"]).days, ["%Y-%m-%d %H:%M"]);
        assert_eq!(profile(&["1710509580000"]).instants, [UNIX_MILLISECONDS]);
    }

    #[test]
    fn a_number_is_asked_about_only_where_two_styles_make_two_of_it() {
        assert_eq!(profile(&["1054", "55"]).different_styles(), ["1234.56"]);
        assert_eq!(profile(&["1.234,56"]).different_styles(), ["1.234,56"]);
        assert_eq!(profile(&["1'234.50", "12’000.00"]).different_styles(), ["1'234.56"]);
        assert_eq!(profile(&["1.234", "5.678"]).different_styles(), ["1234.56", "1.234,56"]);
        assert_eq!(profile(&["1,234", "17.5"]).different_styles(), ["1,234.56"]);
        assert!(profile(&["Won", "Lost"]).different_styles().is_empty());
        assert_eq!(profile(&["$1,234.50", "($5.00)"]).different_styles(), ["($1,234.56)"]);
        assert_eq!(profile(&["USD 1,234.50", "EUR 5.00"]).different_styles(), ["1,234.56"]);
    }

    #[test]
    fn null_tokens_are_blank_and_a_mistyped_value_makes_no_other_column() {
        let mut cells = vec!["2017-03-01"; 99];
        cells.push("soon");
        assert_eq!(profile(&cells).days, [""]);
        let nulls = profile(&["NULL", "5", ""]);
        assert_eq!((nulls.filled, nulls.blank), (1, 2));
        assert!(nulls.is_number());
        assert!(profile(&["", " "]).is_blank());
    }
}
