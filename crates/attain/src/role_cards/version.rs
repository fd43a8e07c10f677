//! Versions of cards: each from a day on, with who, when and why. None is ever changed. A period is scored by the
//! version in force on its last day.

use attain_metrics::{Asker, Period};
use jiff::Timestamp;
use jiff::civil::Date;

use super::card::{RoleCard, Wrong};

/// A version of the card of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Counted over all roles, from 1.
    pub(super) number: i64,
    pub(super) role: String,
    /// First day it holds.
    pub(super) from: Date,
    pub(super) card: RoleCard,
    pub(super) reason: String,
    pub(super) by: String,
    pub(super) at: Timestamp,
}

/// The version of a role in force on a day: the last one written of those that have begun. A later one takes the
/// place of all older ones from its first day on.
pub(super) fn in_force<'v>(versions: &'v [Version], role: &str, day: Date) -> Option<&'v Version> {
    let begun = versions.iter().filter(|version| version.role == role && version.from <= day);
    begun.max_by_key(|version| version.number)
}

/// The day whose card and role a period is scored by: its last, or today where it has no end.
pub(super) fn day_of(asker: &Asker, period: &Period) -> Date {
    period.last_day().unwrap_or(asker.as_of().asked_on)
}

/// Whether a version may begin on a day. The first of a role may begin whenever; a later one leaves the scores of
/// periods that are over as people have seen them.
///
/// # Errors
/// When it would change scores of the past.
pub(super) fn may_begin(versions: &[Version], role: &str, from: Date, today: Date) -> Result<(), Wrong> {
    let is_first = !versions.iter().any(|version| version.role == role);
    if is_first || from >= today {
        return Ok(());
    }
    let message = format!(
        "From {from} on means that scores of periods that are over change, and people have seen them. Let it begin today or later."
    );
    Err(Wrong { field: "from", message })
}

#[cfg(test)]
mod tests {
    use attain_stats::scorecard::WhenMissing;
    use jiff::civil::date;

    use super::super::card::Weighted;
    use super::*;

    fn version(number: i64, role: &str, from: Date) -> Version {
        let bookings = Weighted { metric: "bookings".to_owned(), weight: 100.into(), floor: None, cap: None };
        Version {
            number,
            role: role.to_owned(),
            from,
            card: RoleCard::new(vec![bookings], WhenMissing::Renormalise).expect("a card"),
            reason: "as planned".to_owned(),
            by: "account 1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_last_written_of_those_begun_holds() {
        let all = [
            version(1, "AE", date(2026, 1, 1)),
            version(2, "AE", date(2026, 7, 1)),
            version(3, "AE", date(2026, 4, 1)),
            version(4, "SDR", date(2026, 1, 1)),
        ];
        let number = |role: &str, day: Date| in_force(&all, role, day).map(|version| version.number);
        assert_eq!(number("AE", date(2025, 12, 31)), None);
        assert_eq!(number("AE", date(2026, 3, 31)), Some(1));
        assert_eq!(number("AE", date(2026, 4, 1)), Some(3));
        assert_eq!(number("AE", date(2026, 7, 1)), Some(3), "it was written later");
        assert_eq!(number("SDR", date(2026, 7, 1)), Some(4));
        assert_eq!(number("manager", date(2026, 7, 1)), None);
    }

    #[test]
    fn a_change_leaves_what_was_scored() {
        let all = [version(1, "AE", date(2026, 1, 1))];
        let today = date(2026, 5, 5);
        assert_eq!(may_begin(&all, "SDR", date(2020, 1, 1), today), Ok(()));
        assert_eq!(may_begin(&all, "AE", today, today), Ok(()));
        let past = may_begin(&all, "AE", date(2026, 5, 4), today);
        assert!(past.is_err_and(|wrong| wrong.message.contains("periods that are over")));
    }
}
