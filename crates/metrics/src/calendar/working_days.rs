//! Working days: the measure of elapsed time and of parts of a period (domain T14).

use std::sync::Arc;

use attain_facts::calendar::WorkCalendar;
use attain_facts::company::Company;
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::period::Period;

/// The days a company works, and sums of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingDays {
    calendar: Arc<WorkCalendar>,
}

impl WorkingDays {
    /// Working days of a work calendar.
    #[must_use]
    pub fn new(calendar: WorkCalendar) -> WorkingDays {
        WorkingDays { calendar: Arc::new(calendar) }
    }

    /// The company's working days.
    #[must_use]
    pub fn of(company: &Company) -> WorkingDays {
        WorkingDays::new(company.work_calendar.clone())
    }

    /// Working days in `[from, to)`, a half-day counting 0.5; 0 where nothing lies between (T14).
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> Decimal {
        days(from, to).map(|day| self.worth(day)).sum()
    }

    /// The day by whose end so many working days have gone by after a day; where next to none are worked,
    /// the same day of the year after.
    #[must_use]
    pub fn after(&self, day: Date, count: Decimal) -> Date {
        let latest = day.saturating_add(1.year());
        let mut gone = Decimal::ZERO;
        let reached = days(day.saturating_add(1.day()), latest).find(|next| {
            gone += self.worth(*next);
            gone >= count
        });
        reached.unwrap_or(latest)
    }

    /// The day of the comparison period by which as many working days of it have elapsed as of the
    /// period by the end of `today`, for comparing both to date. A period that is over is compared
    /// whole; so is one that has had as many working days as the comparison has.
    ///
    /// `None` while no working day of the period has elapsed, and for periods without bounds.
    #[must_use]
    pub fn same_elapsed(&self, period: &Period, comparison: &Period, today: Date) -> Option<Date> {
        let (last_day, comparison_from) = (period.last_day()?, comparison.from?);
        let (comparison_to, comparison_last) = (comparison.to?, comparison.last_day()?);
        if today >= last_day {
            return Some(comparison_last);
        }
        let elapsed = self.between(period.from?, today.tomorrow().ok()?);
        if elapsed.is_zero() {
            return None;
        }
        let mut counted = Decimal::ZERO;
        let reached = days(comparison_from, comparison_to).find(|day| {
            counted += self.worth(*day);
            counted >= elapsed
        });
        Some(reached.unwrap_or(comparison_last))
    }

    /// The first and the last day of `[from, to)` that are worked; `None` where none is.
    #[must_use]
    pub(crate) fn ends(&self, from: Date, to: Date) -> Option<(Date, Date)> {
        let mut worked = days(from, to).filter(|day| self.is_worked(*day));
        let first = worked.next()?;
        Some((first, worked.last().unwrap_or(first)))
    }

    /// How much of a working day a day is: 1, 0.5 or 0.
    pub(crate) fn worth(&self, day: Date) -> Decimal {
        Decimal::new(i64::from(self.halves(day)) * 5, 1).normalize()
    }

    /// The same in halves: 2, 1 or 0.
    pub(super) fn halves(&self, day: Date) -> u32 {
        match () {
            () if self.calendar.is_half(day) => 1,
            () if self.calendar.is_worked(day) => 2,
            () => 0,
        }
    }

    /// Whether any work is done on the day.
    pub(crate) fn is_worked(&self, day: Date) -> bool {
        self.calendar.is_worked(day)
    }
}

/// The days of `[from, to)`.
pub(super) fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let first = (from < to).then_some(from);
    std::iter::successors(first, move |day| day.tomorrow().ok().filter(|next| *next < to))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::tests::{first_quarter_2026, work_calendar};
    use crate::calendar::{Calendar, Grain};

    /// X3.7 (T14).
    #[test]
    fn holidays_do_not_count_and_half_days_count_half() {
        let working = work_calendar();
        let quarter = first_quarter_2026();
        let (from, to) = (quarter.from.expect("bounded"), quarter.to.expect("bounded"));
        assert_eq!(working.between(from, to), Decimal::new(605, 1));
        assert_eq!(working.between(date(2026, 2, 17), to), Decimal::new(305, 1));
        assert_eq!(working.between(date(2026, 3, 17), date(2026, 3, 18)), Decimal::new(5, 1));
        assert_eq!(working.between(date(2026, 1, 1), date(2026, 1, 2)), Decimal::ZERO);
    }

    #[test]
    fn nothing_lies_between_a_day_and_itself_or_an_earlier_one() {
        let working = work_calendar();
        assert_eq!(working.between(date(2026, 1, 5), date(2026, 1, 5)), Decimal::ZERO);
        assert_eq!(working.between(date(2026, 1, 6), date(2026, 1, 5)), Decimal::ZERO);
    }

    /// Working days of January 2026 and of January 2025, without holidays: the first are Thursday 1st
    /// and Wednesday 1st.
    #[test]
    fn to_date_is_compared_by_equally_many_working_days_and_not_by_the_day_of_the_month() {
        let working = WorkingDays::new(WorkCalendar::default());
        let calendar = Calendar::starting_in(1).expect("a month");
        let january = calendar.containing(date(2026, 1, 1), Grain::Month).expect("a month");
        let a_year_ago = calendar.same_period_last_year(&january).expect("a month");
        let compared = |day| working.same_elapsed(&january, &a_year_ago, date(2026, 1, day));
        assert_eq!(compared(2), Some(date(2025, 1, 2)), "two working days each");
        assert_eq!(compared(4), Some(date(2025, 1, 2)), "a weekend adds none");
        assert_eq!(compared(5), Some(date(2025, 1, 3)));
        assert_eq!(compared(16), Some(date(2025, 1, 16)), "twelve each");
        assert_eq!(compared(19), Some(date(2025, 1, 17)));
        assert_eq!(compared(31), Some(date(2025, 1, 31)), "whole with whole");
    }

    #[test]
    fn working_days_after_a_day_pass_over_weekends_and_end_within_a_year() {
        let working = WorkingDays::new(WorkCalendar::default());
        let friday = date(2026, 6, 5);
        assert_eq!(working.after(friday, Decimal::ONE), date(2026, 6, 8));
        assert_eq!(working.after(friday, Decimal::from(20)), date(2026, 7, 3));
        assert_eq!(working.after(date(2026, 6, 6), Decimal::from(5)), date(2026, 6, 12));
        assert_eq!(working.after(friday, Decimal::from(1_000)), date(2027, 6, 5));
        // A half-day on 17 March counts half.
        assert_eq!(work_calendar().after(date(2026, 3, 16), Decimal::ONE), date(2026, 3, 18));
    }

    #[test]
    fn nothing_is_compared_before_the_first_working_day() {
        let working = work_calendar();
        let quarter = first_quarter_2026();
        let calendar = Calendar::starting_in(1).expect("a month");
        let before = calendar.previous(&quarter).expect("a quarter");
        assert_eq!(working.same_elapsed(&quarter, &before, date(2026, 1, 1)), None);
        assert_eq!(working.same_elapsed(&quarter, &before, date(2026, 1, 2)), Some(date(2025, 10, 1)));
        assert_eq!(working.same_elapsed(&calendar.all(), &before, date(2026, 1, 2)), None);
    }
}
