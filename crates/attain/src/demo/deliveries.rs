//! When export files were delivered: the company began with Attain when a fiscal year had closed,
//! and brought everything until then. After that it delivered at the end of each quarter, and
//! whenever deals had been given to somebody else, so that who owned what is known.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::days::TODAY;
use super::truths::reowned;

/// The days of all deliveries, in order.
const DAYS: [Date; 8] = [
    date(2025, 6, 30),
    date(2025, 9, 30),
    reowned::DAY,
    date(2025, 12, 31),
    date(2026, 2, 28),
    date(2026, 3, 31),
    date(2026, 6, 30),
    TODAY,
];

/// Time of day of a delivery, in the company's time zone.
const HOUR: i8 = 20;

/// The days of all deliveries, in order.
pub(super) fn days() -> &'static [Date] {
    &DAYS
}

/// The first delivery on that day or later.
pub(super) fn first_after(day: Date) -> Option<Date> {
    DAYS.get(DAYS.partition_point(|delivered| *delivered < day)).copied()
}

/// The moment of a delivery made on a day.
pub(super) fn delivered_at(day: Date, time_zone: &TimeZone) -> Timestamp {
    time_zone.to_timestamp(day.at(HOUR, 0, 0, 0)).expect("the days of deliveries are of our time")
}
