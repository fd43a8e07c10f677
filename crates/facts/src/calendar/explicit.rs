//! A fiscal calendar given as a table of periods (domain T9 kind 4, 2.21).
//!
//! A table that exists is right: the periods of each grain follow each other without gap or
//! overlap, every grain covers the same days, and no period crosses the border of a longer one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The length of a period in a table, shortest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodGrain {
    /// A week.
    Week,
    /// A fiscal month, whatever its number of days.
    Month,
    /// A quarter.
    Quarter,
    /// A half year.
    Half,
    /// A year.
    Year,
}

impl PeriodGrain {
    /// Every grain with its name, shortest first.
    pub const NAMES: [(&str, PeriodGrain); 5] = [
        ("week", PeriodGrain::Week),
        ("month", PeriodGrain::Month),
        ("quarter", PeriodGrain::Quarter),
        ("half", PeriodGrain::Half),
        ("year", PeriodGrain::Year),
    ];

    /// The name: `quarter`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PeriodGrain::Week => "week",
            PeriodGrain::Month => "month",
            PeriodGrain::Quarter => "quarter",
            PeriodGrain::Half => "half",
            PeriodGrain::Year => "year",
        }
    }
}

/// One period of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PeriodRecord", into = "PeriodRecord")]
pub struct ExplicitPeriod {
    /// Its length.
    pub grain: PeriodGrain,
    /// What people type, and what stands in addresses.
    pub name: String,
    /// What people read.
    pub label: String,
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

/// A whole table, each grain in order of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ExplicitPeriod>", into = "Vec<ExplicitPeriod>")]
pub struct ExplicitPeriods(Arc<BTreeMap<PeriodGrain, Vec<ExplicitPeriod>>>);

/// What makes a table of periods unusable, and which of its periods shows it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct WrongPeriod {
    /// Position in the list that was given.
    pub position: usize,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl ExplicitPeriods {
    /// Takes a table in any order.
    ///
    /// # Errors
    /// When it is empty, a name cannot serve, or its periods leave a gap, overlap, or do not nest.
    pub fn new(periods: Vec<ExplicitPeriod>) -> Result<ExplicitPeriods, WrongPeriod> {
        if periods.is_empty() {
            return Err(WrongPeriod { position: 0, problem: "the table of periods is empty".into() });
        }
        check_names(&periods)?;
        let mut placed: BTreeMap<PeriodGrain, Vec<(usize, ExplicitPeriod)>> = BTreeMap::new();
        for (position, period) in periods.into_iter().enumerate() {
            placed.entry(period.grain).or_default().push((position, period));
        }
        for row in placed.values_mut() {
            row.sort_by_key(|(_, period)| period.from);
            check_row(row)?;
        }
        let rows: Vec<&Vec<(usize, ExplicitPeriod)>> = placed.values().collect();
        for pair in rows.windows(2) {
            check_nested(pair[0], pair[1])?;
        }
        let strip = |row: Vec<(usize, ExplicitPeriod)>| row.into_iter().map(|(_, period)| period).collect();
        Ok(ExplicitPeriods(Arc::new(placed.into_iter().map(|(grain, row)| (grain, strip(row))).collect())))
    }

    /// The grains the table has, shortest first.
    pub fn grains(&self) -> impl Iterator<Item = PeriodGrain> {
        self.0.keys().copied()
    }

    /// The periods of a grain in order of time; none if the table lacks the grain.
    #[must_use]
    pub fn of(&self, grain: PeriodGrain) -> &[ExplicitPeriod] {
        self.0.get(&grain).map_or(&[], Vec::as_slice)
    }

    /// Every period, shortest grain first, each grain in order of time.
    pub fn all(&self) -> impl Iterator<Item = &ExplicitPeriod> {
        self.0.values().flatten()
    }
}

impl TryFrom<Vec<ExplicitPeriod>> for ExplicitPeriods {
    type Error = WrongPeriod;

    fn try_from(periods: Vec<ExplicitPeriod>) -> Result<ExplicitPeriods, WrongPeriod> {
        ExplicitPeriods::new(periods)
    }
}

impl From<ExplicitPeriods> for Vec<ExplicitPeriod> {
    fn from(periods: ExplicitPeriods) -> Vec<ExplicitPeriod> {
        periods.all().cloned().collect()
    }
}

/// Names stand in addresses and lists, and each has to mean one period.
fn check_names(periods: &[ExplicitPeriod]) -> Result<(), WrongPeriod> {
    let mut known = BTreeSet::new();
    for (position, period) in periods.iter().enumerate() {
        let name = &period.name;
        let wrong = |problem| Err(WrongPeriod { position, problem });
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        {
            return wrong(format!(
                "`{name}` cannot name a period; use letters, digits, `-`, `_` and `.`, and put the rest in `label`"
            ));
        }
        let lowercase = name.to_ascii_lowercase();
        if lowercase == "all" || PeriodGrain::NAMES.iter().any(|(grain, _)| *grain == lowercase) {
            return wrong(format!("`{name}` cannot name a period; it stands for all of them"));
        }
        if period.grain != PeriodGrain::Week && reads_as_week(&lowercase) {
            return wrong(format!("`{name}` names a week; call the {} otherwise", period.grain.name()));
        }
        if !known.insert(lowercase) {
            return wrong(format!("`{name}` names two periods"));
        }
    }
    Ok(())
}

/// Whether a name has the form `2026-w05`, which ISO weeks have where a table has no weeks.
fn reads_as_week(lowercase: &str) -> bool {
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    lowercase.split_once("-w").is_some_and(|(year, week)| digits(year, 4) && digits(week, 2))
}

fn check_row(row: &[(usize, ExplicitPeriod)]) -> Result<(), WrongPeriod> {
    for (position, period) in row {
        if period.to <= period.from {
            let problem = format!("{period} ends before it starts; `to` is the day after the last");
            return Err(WrongPeriod { position: *position, problem });
        }
    }
    for pair in row.windows(2) {
        let (before, (position, after)) = (&pair[0].1, &pair[1]);
        let problem = match before.to.cmp(&after.from) {
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Less => format!(
                "{after} leaves a gap behind {before}, which ends with {}; the next period starts where one ends",
                before.to
            ),
            std::cmp::Ordering::Greater => {
                format!(
                    "{after} starts on {} and overlaps {before}, which ends with {}",
                    after.from, before.to
                )
            }
        };
        return Err(WrongPeriod { position: *position, problem });
    }
    Ok(())
}

/// Both rows are without gaps: they nest if they start and end together and every border of a
/// longer period is one of a shorter.
fn check_nested(
    shorter: &[(usize, ExplicitPeriod)],
    longer: &[(usize, ExplicitPeriod)],
) -> Result<(), WrongPeriod> {
    let borders: BTreeSet<Date> = shorter.iter().flat_map(|(_, period)| [period.from, period.to]).collect();
    for (position, period) in longer {
        for border in [period.from, period.to] {
            if !borders.contains(&border) {
                let grain = shorter.first().map_or("period", |(_, period)| period.grain.name());
                let problem = format!("{period} has a border on {border}, where no {grain} has one");
                return Err(WrongPeriod { position: *position, problem });
            }
        }
    }
    let covered = longer.first().map(|(_, first)| first.from)..longer.last().map(|(_, last)| last.to);
    match shorter
        .iter()
        .find(|(_, period)| Some(period.from) < covered.start || Some(period.to) > covered.end)
    {
        Some((position, period)) => {
            let grain = longer.first().map_or("period", |(_, period)| period.grain.name());
            Err(WrongPeriod { position: *position, problem: format!("{period} belongs to no {grain}") })
        }
        None => Ok(()),
    }
}

impl fmt::Display for ExplicitPeriod {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the {} `{}`", self.grain.name(), self.name)
    }
}

/// A period as the records keep it.
#[derive(Clone, Serialize, Deserialize)]
struct PeriodRecord {
    grain: PeriodGrain,
    name: String,
    label: String,
    from: String,
    to: String,
}

impl From<ExplicitPeriod> for PeriodRecord {
    fn from(period: ExplicitPeriod) -> PeriodRecord {
        let ExplicitPeriod { grain, name, label, from, to } = period;
        PeriodRecord { grain, name, label, from: from.to_string(), to: to.to_string() }
    }
}

impl TryFrom<PeriodRecord> for ExplicitPeriod {
    type Error = jiff::Error;

    fn try_from(record: PeriodRecord) -> Result<ExplicitPeriod, jiff::Error> {
        let PeriodRecord { grain, name, label, from, to } = record;
        Ok(ExplicitPeriod { grain, name, label, from: from.parse()?, to: to.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(grain: PeriodGrain, name: &str, from: &str, to: &str) -> ExplicitPeriod {
        let day = |text: &str| text.parse().expect("a day");
        ExplicitPeriod { grain, name: name.into(), label: name.into(), from: day(from), to: day(to) }
    }

    fn year_of_two_quarters() -> Vec<ExplicitPeriod> {
        vec![
            period(PeriodGrain::Year, "2026", "2026-01-01", "2026-07-01"),
            period(PeriodGrain::Quarter, "2026-B", "2026-04-01", "2026-07-01"),
            period(PeriodGrain::Quarter, "2026-A", "2026-01-01", "2026-04-01"),
        ]
    }

    /// What is said of the table with one period replaced or added, and of which.
    fn refused(position: usize, replacement: ExplicitPeriod) -> (usize, String) {
        let mut periods = year_of_two_quarters();
        match periods.get_mut(position) {
            Some(period) => *period = replacement,
            None => periods.push(replacement),
        }
        let wrong = ExplicitPeriods::new(periods).expect_err("refused");
        (wrong.position, wrong.problem)
    }

    #[test]
    fn a_table_is_put_in_order_of_time() {
        let periods = ExplicitPeriods::new(year_of_two_quarters()).expect("a table");
        let names: Vec<&str> = periods.of(PeriodGrain::Quarter).iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["2026-A", "2026-B"]);
        assert_eq!(periods.grains().collect::<Vec<_>>(), [PeriodGrain::Quarter, PeriodGrain::Year]);
        assert!(periods.of(PeriodGrain::Month).is_empty());
    }

    #[test]
    fn a_table_with_a_gap_an_overlap_or_a_crossed_border_is_refused() {
        let quarter = |name, from, to| period(PeriodGrain::Quarter, name, from, to);
        let said = |replacement, expected: (usize, &str)| {
            let (found, problem) = refused(1, replacement);
            assert_eq!(found, expected.0, "{problem}");
            assert!(problem.contains(expected.1), "{problem}");
        };
        said(quarter("B", "2026-04-02", "2026-07-01"), (1, "leaves a gap behind the quarter `2026-A`"));
        said(quarter("B", "2026-03-31", "2026-07-01"), (1, "overlaps the quarter `2026-A`"));
        said(quarter("B", "2026-04-01", "2026-04-01"), (1, "ends before it starts"));
        said(quarter("B", "2026-04-01", "2026-06-30"), (0, "has a border on 2026-07-01, where no quarter"));
        let (position, problem) = refused(3, quarter("C", "2026-07-01", "2026-10-01"));
        assert_eq!((position, problem.as_str()), (3, "the quarter `C` belongs to no year"));
        assert!(ExplicitPeriods::new(Vec::new()).is_err());
    }

    #[test]
    fn a_name_that_could_mean_something_else_is_refused() {
        for name in ["", "Q1 2026", "2026/1", "all", "Month", "2026-W05", "2026-a"] {
            let (position, _) = refused(1, period(PeriodGrain::Quarter, name, "2026-04-01", "2026-07-01"));
            assert!((1..=2).contains(&position), "{name}");
        }
    }
}
