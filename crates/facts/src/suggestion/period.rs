//! Months, quarters and years by the names that people give them: `Jan 2024`, `Q1/24`, `3. Quartal 2024`.

use std::fmt;

/// A part of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Year,
    Half(u8),
    Quarter(u8),
    Month(u8),
}

/// A period as a name says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Period {
    /// Its year, if the name says that.
    pub(super) year: Option<u16>,
    pub(super) part: Part,
}

/// How long periods are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    Year,
    Quarter,
    Month,
}

const MONTHS: [&[&str]; 12] = [
    &["jan", "january", "januar"],
    &["feb", "february", "februar"],
    &["mar", "march", "maerz", "mrz"],
    &["apr", "april"],
    &["may", "mai"],
    &["jun", "june", "juni"],
    &["jul", "july", "juli"],
    &["aug", "august"],
    &["sep", "sept", "september"],
    &["oct", "october", "okt", "oktober"],
    &["nov", "november"],
    &["dec", "december", "dez", "dezember"],
];
/// Words beside a period that say nothing more of it.
const BESIDE: [&str; 14] = [
    "quota", "quotas", "target", "targets", "goal", "goals", "plan", "budget", "ziel", "soll", "fy", "cy",
    "year", "jahr",
];

impl Period {
    /// The period that a name says, if it says one and nothing else.
    pub(super) fn named(name: &str) -> Option<Period> {
        let words = words(name);
        let (mut year, mut part, mut number) = (None, None, None);
        let mut words = words.iter().map(String::as_str).filter(|word| !BESIDE.contains(word)).peekable();
        while let Some(word) = words.next() {
            let once = match word {
                "q" | "quarter" | "quartal" | "h" | "half" | "halbjahr" => {
                    let digit = number.take().or_else(|| words.next().and_then(short));
                    let of_year: fn(u8) -> Option<Part> = match word {
                        "q" | "quarter" | "quartal" => {
                            |digit| (1..=4).contains(&digit).then_some(Part::Quarter(digit))
                        }
                        _ => |digit| (1..=2).contains(&digit).then_some(Part::Half(digit)),
                    };
                    part.replace(digit.and_then(of_year)?).is_none()
                }
                _ => match (month(word), long(word), short(word)) {
                    (Some(month), _, _) => part.replace(Part::Month(month)).is_none(),
                    (_, Some(found), _) => year.replace(found).is_none(),
                    (_, _, Some(digits)) => number.replace(digits).is_none(),
                    _ => false,
                },
            };
            if !once {
                return None;
            }
        }
        match (part, year, number) {
            (Some(part), year, None) => Some(Period { year, part }),
            // `Jan-24`; and `01/2024`.
            (Some(part), None, Some(short)) if short > 12 => {
                Some(Period { year: Some(2000 + u16::from(short)), part })
            }
            (None, Some(year), Some(month @ 1..=12)) => {
                Some(Period { year: Some(year), part: Part::Month(month) })
            }
            (None, Some(year), None) => Some(Period { year: Some(year), part: Part::Year }),
            _ => None,
        }
    }
}

/// Its key, as calendars name it.
impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(formatter, "{year}")?,
            None => formatter.write_str("YYYY")?,
        }
        match self.part {
            Part::Year => Ok(()),
            Part::Half(half) => write!(formatter, "-H{half}"),
            Part::Quarter(quarter) => write!(formatter, "-Q{quarter}"),
            Part::Month(month) => write!(formatter, "-{month:02}"),
        }
    }
}

/// The words and numbers of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for character in name.trim().to_lowercase().replace('ä', "ae").chars() {
        let goes_on = character.is_alphabetic() && before.is_alphabetic()
            || character.is_ascii_digit() && before.is_ascii_digit();
        match words.last_mut() {
            Some(word) if goes_on => word.push(character),
            _ if character.is_alphanumeric() => words.push(character.to_string()),
            _ => {}
        }
        before = character;
    }
    words
}

fn month(word: &str) -> Option<u8> {
    let position = MONTHS.iter().position(|names| names.contains(&word))?;
    u8::try_from(position + 1).ok()
}

/// A year of four digits.
fn long(word: &str) -> Option<u16> {
    word.parse().ok().filter(|year| word.len() == 4 && (1990..2100).contains(year))
}

fn short(word: &str) -> Option<u8> {
    word.parse().ok().filter(|_| word.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> String {
        Period::named(name).map(|period| period.to_string()).unwrap_or_default()
    }

    #[test]
    fn periods_are_known_by_any_name() {
        for name in
            ["Jan 2024", "January 2024", "Januar 2024", "Jan-24", "01/2024", "2024-01", "Jan 2024 Quota"]
        {
            assert_eq!(key(name), "2024-01", "{name}");
        }
        for name in
            ["Q3 2024", "2024 Q3", "2024-Q3", "Q3/24", "3. Quartal 2024", "Q3 FY2024", "Quarter 3, 2024"]
        {
            assert_eq!(key(name), "2024-Q3", "{name}");
        }
        assert_eq!(
            (key("März"), key("Q1"), key("H2 2024")),
            ("YYYY-03".into(), "YYYY-Q1".into(), "2024-H2".into())
        );
        assert_eq!(key("FY 2024"), "2024");
    }

    #[test]
    fn what_says_something_else_is_no_period() {
        for name in [
            "",
            "Q5 2024",
            "Quarter",
            "Jan Feb",
            "2024-01-15",
            "Region 1",
            "12",
            "May Miller",
            "Q1 Q2",
            "Mar 5",
        ] {
            assert_eq!(key(name), "", "{name}");
        }
    }
}
