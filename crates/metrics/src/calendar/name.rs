//! Names of periods that follow from a year and a number: `2026-Q3`, `2026-W05`, `2023-P03`.

use std::fmt;

use attain_facts::calendar::Month;

use super::period::Grain;

/// A year and the part of it that is meant. Whether the year has that part is for its calendar to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) year: i16,
    pub(super) part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    Half(i8),
    Quarter(i8),
    /// A month of the calendar year.
    Month(Month),
    /// A month of the fiscal year. It has a letter of its own, because `2023-03` would be taken for March.
    FiscalMonth(i8),
    Week(i8),
}

impl Name {
    /// Reads a name; letters may be small.
    pub(super) fn parse(text: &str) -> Option<Name> {
        let (year, part) = match text.split_once('-') {
            Some((year, part)) => (year, Some(part)),
            None => (text, None),
        };
        let year = digits(year, 4)?;
        let Some(part) = part else { return Some(Name { year, part: Part::Year }) };
        let number = |letters: [char; 2], length| {
            part.strip_prefix(letters)
                .and_then(|number| digits(number, length))
                .and_then(|number| i8::try_from(number).ok())
        };
        let part = number(['Q', 'q'], 1)
            .map(Part::Quarter)
            .or_else(|| number(['H', 'h'], 1).map(Part::Half))
            .or_else(|| number(['W', 'w'], 2).map(Part::Week))
            .or_else(|| number(['P', 'p'], 2).map(Part::FiscalMonth))
            .or_else(|| digits(part, 2).and_then(|month| Month::new(month.into())).map(Part::Month))?;
        Some(Name { year, part })
    }

    pub(super) fn grain(self) -> Grain {
        match self.part {
            Part::Year => Grain::Year,
            Part::Half(_) => Grain::Half,
            Part::Quarter(_) => Grain::Quarter,
            Part::Month(_) | Part::FiscalMonth(_) => Grain::Month,
            Part::Week(_) => Grain::Week,
        }
    }

    /// What people read, the year being called as given.
    pub(super) fn label(self, year: &str) -> String {
        match self.part {
            Part::Year => year.to_owned(),
            Part::Half(number) => format!("H{number} {year}"),
            Part::Quarter(number) => format!("Q{number} {year}"),
            Part::Month(month) => format!("{} {year}", &month.name()[..3]),
            Part::FiscalMonth(number) => format!("P{number} {year}"),
            Part::Week(number) => format!("Week {number} {year}"),
        }
    }

    /// The year as people read it where it is not the calendar year: `FY26`.
    pub(super) fn fiscal_year(self) -> String {
        format!("FY{:02}", self.year.rem_euclid(100))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.year)?;
        match self.part {
            Part::Year => Ok(()),
            Part::Half(number) => write!(formatter, "-H{number}"),
            Part::Quarter(number) => write!(formatter, "-Q{number}"),
            Part::Month(month) => write!(formatter, "-{:02}", month.number()),
            Part::FiscalMonth(number) => write!(formatter, "-P{number:02}"),
            Part::Week(number) => write!(formatter, "-W{number:02}"),
        }
    }
}

fn digits(text: &str, length: usize) -> Option<i16> {
    let digits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
