//! How long someone has been in a role (domain T19).

use jiff::ToSpan;
use jiff::civil::Date;

/// Whole months from the start of a role to a day; `None` before the start. A month added to the
/// 31st ends with the last day of a shorter month.
#[must_use]
pub fn tenure_months(role_start: Date, day: Date) -> Option<i32> {
    if day < role_start {
        return None;
    }
    let years = i32::from(day.year()) - i32::from(role_start.year());
    let months = 12 * years + i32::from(day.month() - role_start.month());
    let reached = role_start.saturating_add(months.months()) <= day;
    Some(if reached { months } else { months - 1 })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// X3.17.
    #[test]
    fn tenure_is_counted_in_whole_months_up_to_the_end_of_shorter_ones() {
        let start = date(2024, 1, 31);
        assert_eq!(tenure_months(start, date(2024, 2, 28)), Some(0));
        assert_eq!(tenure_months(start, date(2024, 2, 29)), Some(1));
        assert_eq!(tenure_months(date(2023, 11, 15), date(2026, 11, 14)), Some(35));
        assert_eq!(tenure_months(date(2024, 2, 29), date(2025, 2, 28)), Some(12));
        assert_eq!(tenure_months(start, start), Some(0));
        assert_eq!(tenure_months(start, date(2024, 1, 30)), None);
    }
}
