//! A period: a half-open range of civil dates with the name people type and read.

use std::fmt;
use std::sync::Arc;

use attain_facts::calendar::PeriodGrain;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// The length of a period, shortest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// An ISO week, or a fiscal week where the year has whole weeks.
    Week,
    /// A calendar month, or a fiscal month of whole weeks.
    Month,
    /// Three months.
    Quarter,
    /// Six months.
    Half,
    /// Twelve months.
    Year,
    /// Everything there is.
    All,
}

impl Grain {
    /// The lengths that have an end, shortest first.
    pub const BOUNDED: [Grain; 5] = [Grain::Week, Grain::Month, Grain::Quarter, Grain::Half, Grain::Year];

    /// The bounded length of that name, as questions write it for all its periods.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Grain> {
        Grain::BOUNDED.into_iter().find(|grain| grain.name() == name)
    }

    /// The name used in questions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Grain::Week => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Half => "half",
            Grain::Year => "year",
            Grain::All => "all",
        }
    }

    /// The same length in a table of periods.
    pub(super) fn in_table(self) -> Option<PeriodGrain> {
        match self {
            Grain::Week => Some(PeriodGrain::Week),
            Grain::Month => Some(PeriodGrain::Month),
            Grain::Quarter => Some(PeriodGrain::Quarter),
            Grain::Half => Some(PeriodGrain::Half),
            Grain::Year => Some(PeriodGrain::Year),
            Grain::All => None,
        }
    }
}

impl From<PeriodGrain> for Grain {
    fn from(grain: PeriodGrain) -> Grain {
        match grain {
            PeriodGrain::Week => Grain::Week,
            PeriodGrain::Month => Grain::Month,
            PeriodGrain::Quarter => Grain::Quarter,
            PeriodGrain::Half => Grain::Half,
            PeriodGrain::Year => Grain::Year,
        }
    }
}

/// A period of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// Its length.
    pub grain: Grain,
    /// First day; `None` for `all`.
    pub from: Option<Date>,
    /// The day after the last; `None` for `all`.
    pub to: Option<Date>,
    pub(super) key: Arc<str>,
    pub(super) label: Arc<str>,
}

impl Period {
    /// What people type, and what stands in addresses and exports: `2017-Q3`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What people read: `Q3 2017`, or `Q3 FY26` under a shifted year.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether the day belongs to the period.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    /// The last day inside the period; `None` for `all`.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.to.and_then(|to| to.yesterday().ok())
    }

    /// The period up to a day, to compare with one that is still under way. Before its last day
    /// that is no period of the calendar: its name says so and does not read back.
    #[must_use]
    pub fn through(&self, day: Date) -> Period {
        match (day.tomorrow(), self.to) {
            (Ok(next), Some(to)) if next < to => Period {
                to: Some(next),
                key: format!("{}..{day}", self.key).into(),
                label: format!("{} to {}", self.label, day.strftime("%-d %b")).into(),
                ..self.clone()
            },
            _ => self.clone(),
        }
    }

    /// The part of it from a day up to the day before another, to ask what when of it. It is no period of the
    /// calendar: its name says so and does not read back.
    #[must_use]
    pub fn part(&self, from: Date, to: Date) -> Period {
        Period {
            from: Some(from),
            to: Some(to),
            key: format!("{}[{from}..{to})", self.key).into(),
            label: format!("{} from {}", self.label, from.strftime("%-d %b")).into(),
            ..self.clone()
        }
    }
}

impl Period {
    /// The same period with some days before and after it, for looking at what it nearly holds.
    pub(crate) fn widened(&self, days: i16) -> Period {
        Period {
            from: self.from.map(|from| from.saturating_sub(days.days())),
            to: self.to.map(|to| to.saturating_add(days.days())),
            ..self.clone()
        }
    }

    /// Whether any day belongs to both.
    pub(crate) fn overlaps(&self, other: &Period) -> bool {
        let begins_before_end = |one: &Period, other: &Period| match (one.from, other.to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        begins_before_end(self, other) && begins_before_end(other, self)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.key)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.key)
    }
}

/// A text that names no period of the calendar at hand, with what would.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a period; write {right}")]
pub struct PeriodError {
    pub(super) text: String,
    pub(super) right: String,
}
