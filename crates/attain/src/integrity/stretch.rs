//! Stretches of time that are over. What is told by many rows together is looked for in each of them once, so that
//! neither the number of questions nor that of false alarms depends on how many deliveries bring the rows.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;

use super::pattern::Pattern;

/// That somebody's rows of a stretch were looked through for a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    pub(super) pattern: Pattern,
    pub(super) person: String,
    /// The first day of the stretch.
    pub(super) from: Date,
}

/// The calendar month that ended last before a day.
pub(super) fn last_month(known: Date) -> Range<Date> {
    let next = known.first_of_month();
    next.saturating_sub(1.month())..next
}

/// The calendar quarter that ended last before a day.
pub(super) fn last_quarter(known: Date) -> Range<Date> {
    let next = known.first_of_month().saturating_sub(((known.month() - 1) % 3).months());
    next.saturating_sub(3.months())..next
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_stretch_is_over_on_the_day_after_its_last() {
        assert_eq!(last_month(date(2026, 6, 30)), date(2026, 5, 1)..date(2026, 6, 1));
        assert_eq!(last_month(date(2026, 7, 1)), date(2026, 6, 1)..date(2026, 7, 1));
        assert_eq!(last_quarter(date(2026, 6, 30)), date(2026, 1, 1)..date(2026, 4, 1));
        assert_eq!(last_quarter(date(2026, 7, 1)), date(2026, 4, 1)..date(2026, 7, 1));
        assert_eq!(last_quarter(date(2026, 2, 14)), date(2025, 10, 1)..date(2026, 1, 1));
    }
}
