//! When watched folders are looked at: every so many minutes, or once a day.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// When folders are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// When the server starts, and every so many minutes from then on.
    EveryMinutes(u16),
    /// Once a day at this time of the machine's clock.
    DailyAt(Time),
}

impl Schedule {
    /// When the first look is.
    pub(super) fn first(self, started: Timestamp, time_zone: &TimeZone) -> Timestamp {
        match self {
            Schedule::EveryMinutes(_) => started,
            Schedule::DailyAt(_) => self.after(started, time_zone),
        }
    }

    /// When the next look is after the last one ended.
    pub(super) fn after(self, ended: Timestamp, time_zone: &TimeZone) -> Timestamp {
        match self {
            Schedule::EveryMinutes(minutes) => {
                ended.saturating_add(i64::from(minutes).minutes()).unwrap_or(Timestamp::MAX)
            }
            Schedule::DailyAt(time) => {
                let today = time_zone.to_datetime(ended).date();
                let days = [Ok(today), today.tomorrow()].into_iter().flatten();
                // A time that the clocks skip that day is the same while later.
                let looks = days.filter_map(|day| time_zone.to_timestamp(day.to_datetime(time)).ok());
                looks.into_iter().find(|look| *look > ended).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// The schedule in words.
    pub(super) fn words(self) -> String {
        match self {
            Schedule::EveryMinutes(1) => "every minute".to_owned(),
            Schedule::EveryMinutes(minutes) => format!("every {minutes} minutes"),
            Schedule::DailyAt(time) => format!("every day at {}", time.strftime("%H:%M")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_folder_is_looked_at_every_so_many_minutes_or_at_a_time_of_day() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let every = Schedule::EveryMinutes(15);
        let started = instant("2026-11-26T05:00:00Z");
        assert_eq!(every.first(started, &berlin), started);
        assert_eq!(every.after(started, &berlin), instant("2026-11-26T05:15:00Z"));
        let daily = Schedule::DailyAt(Time::constant(6, 0, 0, 0));
        let at_six = instant("2026-11-26T05:00:00Z");
        assert_eq!(daily.first(instant("2026-11-26T04:59:00Z"), &berlin), at_six, "six in Berlin");
        assert_eq!(daily.after(at_six, &berlin), instant("2026-11-27T05:00:00Z"), "never twice");
        let skipped = Schedule::DailyAt(Time::constant(2, 30, 0, 0));
        assert_eq!(
            skipped.after(instant("2026-03-28T23:00:00Z"), &berlin),
            instant("2026-03-29T01:30:00Z"),
            "an hour that the clocks skip is looked at as well"
        );
    }
}
