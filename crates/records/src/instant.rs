//! Instants as the database keeps them: whole microseconds since 1970 in UTC, which compare
//! alike on both databases.

use jiff::Timestamp;

/// Microseconds since the epoch.
#[must_use]
pub fn to_micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

/// The instant of so many microseconds since the epoch, or the nearest one there is.
#[must_use]
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_cut_to_microseconds() {
        let instant: Timestamp = "2026-03-31T22:30:00.123456789Z".parse().expect("instant");
        assert_eq!(from_micros(to_micros(instant)).to_string(), "2026-03-31T22:30:00.123456Z");
    }
}
