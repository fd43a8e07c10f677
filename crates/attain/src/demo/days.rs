//! The demo's calendar: its fixed today, the time it tells about, working days, and how the year goes.
//!
//! The fiscal year starts in July, so fiscal quarters are calendar quarters of another number.

use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::{Span, ToSpan};

use super::chance::Chance;

/// The demo's present: a fixed day inside a quarter.
pub(super) const TODAY: Date = date(2026, 8, 21);

/// First day of the quarter that is open on [`TODAY`].
pub(super) const OPEN_QUARTER: Date = date(2026, 7, 1);

/// Months that opportunities are created in before the history begins, so that its first quarter
/// closes as many as any other.
const PIPELINE_MONTHS: i64 = 9;

/// The time the company's files tell about.
#[derive(Clone, Copy, Debug)]
pub(super) struct History {
    /// First day. What was decided before is in no file.
    pub(super) from: Date,
    /// First day opportunities are created on.
    pub(super) pipeline_from: Date,
}

impl History {
    /// So many years of closed quarters, and the one that is open.
    pub(super) fn of_years(years: u16) -> History {
        let from = OPEN_QUARTER.saturating_sub(i64::from(years).years());
        History { from, pipeline_from: working_day_from(from.saturating_sub(PIPELINE_MONTHS.months())) }
    }

    /// Quarters since the pipeline began; its first quarter is 0.
    pub(super) fn quarter_number(&self, day: Date) -> usize {
        let quarter = |day: Date| i32::from(day.year()) * 4 + i32::from((day.month() - 1) / 3);
        usize::try_from(quarter(day) - quarter(self.pipeline_from)).unwrap_or_default()
    }

    /// Quarters from the start of the pipeline to the open one.
    pub(super) fn quarter_count(&self) -> usize {
        self.quarter_number(TODAY) + 1
    }

    /// First days of the quarters told about, the open one last.
    pub(super) fn quarters(&self) -> impl Iterator<Item = Date> + use<> {
        self.from.series(3.months()).take_while(|start| *start <= OPEN_QUARTER)
    }
}

/// Working days of a quarter, about.
pub(super) const WORKING_DAYS_PER_QUARTER: f64 = 64.0;

/// Days on which nobody works anywhere, whatever the weekday: month and day.
const HOLIDAYS: [(i8, i8); 7] = [(1, 1), (1, 6), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)];

/// New opportunities of a month against an average month, January first: trade fairs in spring
/// and autumn, a weak August, a short December.
const CREATED_BY_MONTH: [f64; 12] = [1.05, 1.05, 1.15, 0.95, 1.0, 1.05, 0.85, 0.5, 1.2, 1.15, 1.1, 0.8];

/// Whether people work on that day.
pub(super) fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        && !HOLIDAYS.contains(&(day.month(), day.day()))
}

/// That day, or the next on which people work.
pub(super) fn working_day_from(day: Date) -> Date {
    let mut working = day;
    while !is_working_day(working) {
        working = working.saturating_add(1.day());
    }
    working
}

/// The working days from a day to another, both included.
pub(super) fn working_days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    from.series(1.day()).take_while(move |day| *day <= to).filter(|day| is_working_day(*day))
}

/// How many opportunities a day brings against an average day.
pub(super) fn season(day: Date) -> f64 {
    CREATED_BY_MONTH[day.month().unsigned_abs() as usize - 1]
}

/// First day of the quarter a day lies in.
pub(super) fn quarter_start(day: Date) -> Date {
    let month = (day.month() - 1) / 3 * 3 + 1;
    date(day.year(), month, 1)
}

/// First day of the quarter after.
pub(super) fn next_quarter(day: Date) -> Date {
    quarter_start(day).saturating_add(3.months())
}

/// The key of a quarter's period: fiscal years start in July and are named after the year they end in.
pub(super) fn period_key(start: Date) -> String {
    let (year, quarter) = match start.month() {
        7..=9 => (start.year() + 1, 1),
        10..=12 => (start.year() + 1, 2),
        1..=3 => (start.year(), 3),
        _ => (start.year(), 4),
    };
    format!("{year}-Q{quarter}")
}

/// A moment in office hours of a day, in UTC. It lies on the same civil day in Berlin.
pub(super) fn moment(day: Date, chance: &mut Chance) -> DateTime {
    let second = 7 * 3600 + chance.below(8 * 3600) as i64;
    day.at(0, 0, 0, 0).saturating_add(second.seconds())
}

/// That instant as the files write it.
pub(super) fn instant(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Civil days from one day to another.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    let span: Span = to - from;
    span.get_days()
}

/// When a deal that is ripe on a day is really decided. Many wait for the last days of the
/// quarter; what would be ripe in July is pulled into the old fiscal year where that is possible;
/// in August customers are away. `pull` weakens this: 1 for a signature, less for a refusal.
pub(super) fn decided_on(created: Date, ripe: Date, pull: f64, chance: &mut Chance) -> Date {
    let waits = chance.happens(pull * if ripe.month() == 6 { 0.7 } else { 0.45 });
    let hurries = ripe.month() == 7 && created < date(ripe.year(), 6, 1) && chance.happens(pull * 0.6);
    let away = ripe.month() == 8 && chance.happens(0.45);
    if hurries {
        last_days_of_quarter(date(ripe.year(), 6, 1), chance)
    } else if waits && days_between(ripe, next_quarter(ripe)) <= 45 {
        last_days_of_quarter(ripe, chance)
    } else if away {
        working_day_from(ripe.saturating_add(31.days()))
    } else {
        working_day_from(ripe)
    }
}

/// One of the last eight working days of the quarter, but not before `earliest`.
fn last_days_of_quarter(earliest: Date, chance: &mut Chance) -> Date {
    let last = next_quarter(earliest).saturating_sub(1.day());
    let days: Vec<Date> = working_days(earliest.max(last.saturating_sub(11.days())), last).collect();
    match days.len() {
        0 => working_day_from(earliest),
        count => days[count.saturating_sub(8)..][chance.below(count.min(8))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_start_where_the_fiscal_year_says() {
        assert_eq!(quarter_start(TODAY), OPEN_QUARTER);
        assert_eq!(next_quarter(TODAY), date(2026, 10, 1));
        assert_eq!(["2026-Q4", "2027-Q1"], [date(2026, 4, 1), OPEN_QUARTER].map(period_key));
        let history = History::of_years(2);
        assert_eq!((history.from, history.quarters().count()), (date(2024, 7, 1), 9));
        assert_eq!((history.quarter_number(history.pipeline_from), history.quarter_number(TODAY)), (0, 11));
    }

    #[test]
    fn nothing_is_decided_before_it_is_created_or_on_a_day_off() {
        let mut chance = Chance::new(3, 1);
        let from = History::of_years(2).pipeline_from;
        for created in from.series(1.day()).take_while(|day| *day <= TODAY) {
            let ripe = created.saturating_add((chance.below(90) as i64).days());
            let decided = decided_on(created, ripe, 1.0, &mut chance);
            assert!(decided >= created && is_working_day(decided), "{created} becomes {decided}");
        }
    }
}
