//! Whether a row's past was watched or told later (domain 2.3, features I7).
//!
//! A row is *observed* when the version that counts was recorded while the period was open, or
//! within [`CLOSING_DAYS`] after its end, when the deliveries that close a period arrive. What was
//! recorded later is *reconstructed*: its past is only known from what the source said afterwards.
//! Where the period has no end, the row's own day takes its place. The mark depends on the version
//! alone, so that later imports never change it.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::ask::Asker;
use crate::calendar::Period;
use crate::engine::Cells;
use crate::plan::CREDIT_DATE;

/// Days after a period's end in which what a delivery tells of it still counts as watched.
pub const CLOSING_DAYS: i16 = 31;

/// How the past of a row is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// Recorded while the period was open or being closed.
    Observed,
    /// Recorded later, from what the source then said about the past.
    Reconstructed,
}

impl Knowledge {
    /// The word that rows carry.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Knowledge::Observed => "observed",
            Knowledge::Reconstructed => "reconstructed",
        }
    }

    /// How a version recorded on a day is known, in a period and on the row's own day.
    #[must_use]
    pub fn of(recorded_on: Date, period: &Period, day: Option<Date>) -> Knowledge {
        let closes = period.last_day().or(day).map(|last| last.saturating_add(CLOSING_DAYS.days()));
        match closes.is_none_or(|closes| recorded_on <= closes) {
            true => Knowledge::Observed,
            false => Knowledge::Reconstructed,
        }
    }
}

/// When the version of a row that counts became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The instant it was recorded.
    pub at: Timestamp,
    /// The snapshot that recorded it.
    pub snapshot: i64,
    /// How its past is known.
    pub knowledge: Knowledge,
}

impl Asker {
    /// How a row of a period is known; nothing for tables without a history.
    pub(crate) fn recorded(&self, row: &Cells<'_>, period: &Period) -> Option<Recorded> {
        let snapshot = row.integer(attain_facts::store::schema::RECORDED)?;
        let at = self.source().tables.recorded_at(snapshot)?;
        let recorded_on = self.company().time_zone.to_datetime(at).date();
        Some(Recorded { at, snapshot, knowledge: Knowledge::of(recorded_on, period, row.date(CREDIT_DATE)) })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::Calendar;

    fn known(recorded_on: Date, period: &str, day: Option<Date>) -> &'static str {
        let calendar = Calendar::starting_in(1).expect("a month");
        Knowledge::of(recorded_on, &calendar.parse(period).expect("a period"), day).word()
    }

    #[test]
    fn what_was_recorded_until_a_month_after_the_period_was_observed() {
        assert_eq!(known(date(2026, 2, 1), "2026-Q1", None), "observed");
        assert_eq!(known(date(2026, 5, 1), "2026-Q1", None), "observed");
        assert_eq!(known(date(2026, 5, 2), "2026-Q1", None), "reconstructed");
    }

    #[test]
    fn where_the_period_has_no_end_the_rows_own_day_decides() {
        assert_eq!(known(date(2026, 2, 10), "all", Some(date(2026, 1, 20))), "observed");
        assert_eq!(known(date(2026, 2, 10), "all", Some(date(2016, 1, 20))), "reconstructed");
    }
}
