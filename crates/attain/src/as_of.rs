//! Days and instants as people write them, for questions about what was known.

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// An instant as written, or the end of a day in the company's time zone.
///
/// # Errors
/// When the text is neither.
pub(crate) fn instant(time_zone: &TimeZone, text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    // `Date` would read an instant without its zone as well, and forget the time.
    let day = Date::strptime("%Y-%m-%d", text).with_context(|| {
        format!("`{text}` is neither a day (2026-03-31) nor an instant (2026-03-31T18:00:00Z)")
    })?;
    let midnight = time_zone.to_timestamp(day.tomorrow()?.at(0, 0, 0, 0))?;
    Ok(midnight.checked_sub(jiff::SignedDuration::from_micros(1))?)
}
