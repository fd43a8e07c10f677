//! The course of a period: into which parts it and the ones before it are cut, so that one question tells what
//! came when.
//!
//! What is known of the period is cut into its working days, each with the days off after it; the ones before into
//! their weeks, and where they were at the same share of their working days. Weeks are counted from a period's
//! first day, so that periods of a length have equally many. The parts of all of them never overlap.

use attain_metrics::{Applicable, Asker, Calendar, Period, Subject, WorkingDays};
use attain_stats::Undefined;
use attain_stats::forecast::Increments;
use attain_stats::pace;
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::foretold::JUDGED;
use super::open_deals::Instant;
use super::record::{Before, Record, Whole};

/// Earlier periods that are looked at: eight make a season (domain 6.5), and each of six is foretold by eight.
const EARLIER: usize = 14;
/// Who was there for less of a period has none to compare (T20).
const THERE: Decimal = Decimal::from_parts(8, 0, 0, false, 1);

/// A period and the ones before it, in parts.
pub(in crate::goals) struct Course {
    pub(in crate::goals) period: Period,
    /// Its working days as far as they have gone by.
    pub(super) gone: Vec<Period>,
    /// Its working days that are to come.
    pub(super) ahead: Vec<Period>,
    /// The day after the last that is known of it.
    pub(super) end: Date,
    /// Oldest first.
    pub(super) before: Vec<Earlier>,
    days: WorkingDays,
}

/// A period before.
pub(super) struct Earlier {
    pub(super) period: Period,
    /// Its working days up to the same share, and all of them.
    pub(super) worked: (usize, usize),
    /// The day after the last of them.
    cut: Date,
    parts: Vec<Part>,
}

struct Part {
    period: Period,
    week: usize,
    /// Whether it lies before the same share of working days.
    by_then: bool,
}

/// What a question told of one part.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) value: Option<Decimal>,
    /// On how many rows it rests.
    pub(super) rows: u64,
}

impl Course {
    /// The course of a bounded period as known up to a day. `reaches` is the first day anything is known of.
    pub(super) fn of(
        calendar: &Calendar,
        days: &WorkingDays,
        period: &Period,
        known_to: Date,
        reaches: Option<Date>,
    ) -> Option<Course> {
        let (from, to) = (period.from?, period.to?);
        let end = known_to.tomorrow().ok()?.clamp(from, to);
        let worked = worked(days, from, to);
        let gone = tiles(period, &worked, end);
        let ahead = worked
            .iter()
            .filter(|day| **day >= end)
            .filter_map(|day| Some(period.part(*day, day.tomorrow().ok()?)));
        let ahead: Vec<Period> = ahead.collect();
        let share = (gone.len(), worked.len());
        let known =
            |earlier: &Period| earlier.from.zip(reaches).is_none_or(|(from, reaches)| reaches <= from);
        let mut before = calendar.trail(period, EARLIER + 1);
        before.retain(|earlier| earlier != period && known(earlier));
        let before = before.into_iter().filter_map(|earlier| Earlier::of(days, earlier, share)).collect();
        Some(Course { period: period.clone(), gone, ahead, end, before, days: days.clone() })
    }

    /// Every part, in the order in which [`Course::record`] takes what was told of them.
    pub(super) fn parts(&self) -> Vec<Period> {
        let before =
            self.before.iter().flat_map(|earlier| earlier.parts.iter().map(|part| part.period.clone()));
        before.chain(self.gone.iter().cloned()).collect()
    }

    /// When the last periods before were at the same share of their working days, and today: what had gone by of each,
    /// in the order of days.
    pub(super) fn moments(&self) -> Vec<(Period, Instant)> {
        let moment = |before: Option<usize>, period: &Period, end: Date| {
            let (from, last) = (period.from?, period.last_day()?);
            let gone = Some(period.part(from, end)).filter(|_| from < end)?;
            Some((gone, Instant { before, on: end.yesterday().ok()?, last }))
        };
        let first = self.before.len().saturating_sub(JUDGED);
        let before = self.before.iter().enumerate().skip(first);
        let before = before.filter_map(|(at, earlier)| moment(Some(at), &earlier.period, earlier.cut));
        before.chain(moment(None, &self.period, self.end)).collect()
    }

    /// The share of it that should be done before a day by the season of earlier periods (domain 6.5).
    ///
    /// # Errors
    /// As [`pace::seasonal_share`].
    pub(super) fn season(&self, history: &[Vec<Decimal>], until: Date) -> Result<Decimal, Undefined> {
        let (Some(from), Some(to)) = (self.period.from, self.period.to) else {
            return Err(Undefined::InvalidBase);
        };
        let bounds = weeks(from, to);
        let weeks = bounds.windows(2).map(|week| {
            let gone = self.days.between(week[0], week[1].min(until));
            pace::WorkingDays::new(gone, self.days.between(week[0], week[1]))
        });
        let weeks = weeks.collect::<Option<Vec<_>>>().ok_or(Undefined::Contradictory)?;
        pace::seasonal_share(&weeks, history)
    }

    /// Whether all that a member brought in these periods counts for a team.
    pub(super) fn was_there(&self, asker: &Asker, member: &Subject, team: &Subject) -> bool {
        let (Subject::Rep(person), Subject::Manager(manager)) = (member, team) else { return true };
        let first = self.before.first().map_or(&self.period, |earlier| &earlier.period);
        let (Some(from), Some(to)) = (first.from, self.period.to) else { return true };
        asker.organisation().led_throughout(person, manager, from, to.min(self.end))
    }

    /// How much of the period, before it begins, is somebody's.
    pub(super) fn whole(&self, applicable: &Applicable) -> Whole {
        let part = self.days.proration(&self.period, applicable);
        Whole {
            share: part.as_ref().and_then(|part| part.share()).unwrap_or(Decimal::ONE),
            days: part.map(|part| part.applicable).unwrap_or_default(),
        }
    }

    /// What was told of the parts of one subject, put together; nothing where a day that has gone by is not told.
    pub(super) fn record(&self, told: &[Told], applicable: &Applicable) -> Option<Record> {
        let mut told = told.iter();
        let mut before = Vec::new();
        // What came before anything ever happened is no past of its own.
        let mut has_begun = false;
        for (position, earlier) in self.before.iter().enumerate() {
            let of_parts: Vec<&Told> = told.by_ref().take(earlier.parts.len()).collect();
            has_begun |= of_parts.iter().any(|told| told.rows > 0);
            let was_there = self
                .days
                .proration(&earlier.period, applicable)
                .and_then(|part| part.share())
                .is_some_and(|share| share >= THERE);
            if has_begun && was_there {
                before.extend(earlier.told(position, &of_parts));
            }
        }
        let applies = |day: &Period| {
            self.days.proration(day, applicable).is_some_and(|part| part.applicable > Decimal::ZERO)
        };
        let mut so_far = Vec::new();
        for day in &self.gone {
            let value = told.next()?.value?;
            if applies(day) || !value.is_zero() {
                so_far.push((day.from?, value));
            }
        }
        let ahead = self.ahead.iter().filter(|day| applies(day)).filter_map(|day| day.from).collect();
        let took_away = so_far.iter().any(|(_, value)| value.is_sign_negative() && !value.is_zero())
            || before
                .iter()
                .flat_map(|before| &before.weeks)
                .any(|week| week.is_sign_negative() && !week.is_zero());
        let increments = if took_away { Increments::MayBeNegative } else { Increments::NeverNegative };
        Some(Record { so_far, ahead, before, increments })
    }
}

impl Earlier {
    fn of(days: &WorkingDays, period: Period, (gone, all): (usize, usize)) -> Option<Earlier> {
        let (from, to) = (period.from?, period.to?);
        let worked = worked(days, from, to);
        // The nearest day to the same share.
        let by_then = (2 * gone * worked.len() + all).checked_div(2 * all)?;
        let cut = worked.get(by_then).copied().unwrap_or(to);
        let cut = if by_then == 0 { from } else { cut };
        let mut parts = Vec::new();
        for (week, ends) in weeks(from, to).windows(2).enumerate() {
            let middle = cut.clamp(ends[0], ends[1]);
            for (start, end, by_then) in [(ends[0], middle, true), (middle, ends[1], false)] {
                if start < end {
                    parts.push(Part { period: period.part(start, end), week, by_then });
                }
            }
        }
        Some(Earlier { worked: (by_then, worked.len()), cut, period, parts })
    }

    fn told(&self, position: usize, told: &[&Told]) -> Option<Before> {
        let weeks = self.parts.last()?.week + 1;
        let mut before = Before {
            label: self.period.label().to_owned(),
            position,
            weeks: vec![Decimal::ZERO; weeks],
            by_then: Decimal::ZERO,
            total: Decimal::ZERO,
            worked: self.worked,
        };
        for (part, told) in self.parts.iter().zip(told) {
            let value = told.value?;
            before.weeks[part.week] = before.weeks[part.week].checked_add(value)?;
            before.total = before.total.checked_add(value)?;
            if part.by_then {
                before.by_then = before.by_then.checked_add(value)?;
            }
        }
        Some(before)
    }
}

/// The days of `[from, to)` on which any work is done.
fn worked(days: &WorkingDays, from: Date, to: Date) -> Vec<Date> {
    let all = std::iter::successors((from < to).then_some(from), |day| {
        day.tomorrow().ok().filter(|next| *next < to)
    });
    all.filter(|day| day.tomorrow().is_ok_and(|next| days.between(*day, next) > Decimal::ZERO)).collect()
}

/// Working days up to an end, each with the days off after it, the first with those before it too.
fn tiles(period: &Period, worked: &[Date], end: Date) -> Vec<Period> {
    let gone = worked.iter().filter(|day| **day < end).count();
    let tile = |at: usize| {
        let from = if at == 0 { period.from.unwrap_or(worked[0]) } else { worked[at] };
        let to = worked.get(at + 1).copied().unwrap_or(end).min(end);
        period.part(from, to)
    };
    (0..gone).map(tile).collect()
}

/// The first day of each week of `[from, to)`, and the end: as many weeks as its days are nearest to.
fn weeks(from: Date, to: Date) -> Vec<Date> {
    let days = (to - from).get_days();
    let count = ((days + 3) / 7).max(1);
    let starts = (0..count).map(|week| from.saturating_add((7 * week).days()));
    starts.chain([to]).collect()
}

#[cfg(test)]
mod tests {
    use attain_facts::calendar::WorkCalendar;
    use attain_metrics::DateRange;
    use jiff::civil::date;

    use super::*;

    fn course(known_to: Date) -> Course {
        let calendar = Calendar::starting_in(1).expect("a month");
        let quarter = calendar.parse("2026-Q1").expect("a quarter");
        let days = WorkingDays::new(WorkCalendar::default());
        Course::of(&calendar, &days, &quarter, known_to, Some(date(2025, 1, 1))).expect("bounded")
    }

    fn told(course: &Course, value: impl Fn(&Period) -> i64) -> Vec<Told> {
        course.parts().iter().map(|part| Told { value: Some(Decimal::from(value(part))), rows: 1 }).collect()
    }

    /// One on each civil day of a part.
    fn days_of(part: &Period) -> i64 {
        part.from.zip(part.to).map_or(0, |(from, to)| (to - from).get_days().into())
    }

    #[test]
    fn every_day_of_every_period_is_asked_once() {
        let course = course(date(2026, 2, 13));
        let record = course.record(&told(&course, days_of), &Applicable::always()).expect("told");
        let totals: Vec<Decimal> = record.before.iter().map(|before| before.total).collect();
        assert_eq!(totals, [90, 91, 92, 92].map(Decimal::from), "the quarters of 2025");
        // 1 January to 13 February 2026.
        assert_eq!(record.done(), Decimal::from(44));
        let mut parts = course.parts();
        parts.sort_by_key(|part| part.from);
        assert!(parts.windows(2).all(|two| two[0].to <= two[1].from), "no day twice");
    }

    /// 32 of the 64 working days of the first quarter of 2026; of 66 of the last of 2025, 33: up to 14 November.
    #[test]
    fn earlier_periods_are_cut_at_the_same_share_of_working_days() {
        let course = course(date(2026, 2, 13));
        assert_eq!((course.gone.len(), course.ahead.len()), (32, 32));
        let last = course.before.last().expect("a quarter");
        assert_eq!(last.worked, (33, 66));
        let record = course.record(&told(&course, days_of), &Applicable::always()).expect("told");
        // October, and November up to Sunday the 16th.
        assert_eq!(record.before.last().map(|before| before.by_then), Some(Decimal::from(47)));
        assert!(record.before.iter().all(|before| before.weeks.len() == 13));
    }

    #[test]
    fn only_days_on_which_somebody_is_there_count_for_them() {
        let course = course(date(2026, 2, 13));
        let hired = DateRange { from: Some(date(2026, 2, 2)), to: None };
        let new = Applicable { employed: vec![hired], ..Applicable::always() };
        let none_before = |part: &Period| i64::from(part.from >= Some(date(2026, 2, 2)));
        let record = course.record(&told(&course, none_before), &new).expect("told");
        assert_eq!((record.so_far.len(), record.ahead.len(), record.before.len()), (10, 32, 0));
    }

    #[test]
    fn what_is_not_told_makes_no_record_and_no_past() {
        let course = course(date(2026, 2, 13));
        let mut told = told(&course, days_of);
        told[0].value = None;
        let record = course.record(&told, &Applicable::always()).expect("told");
        assert_eq!(record.before.len(), 3, "a quarter of which a week is not told is left out");
        told.last_mut().expect("a day").value = None;
        assert!(course.record(&told, &Applicable::always()).is_none());
        let quiet: Vec<Told> =
            course.parts().iter().map(|_| Told { value: Some(Decimal::ZERO), rows: 0 }).collect();
        let record = course.record(&quiet, &Applicable::always()).expect("told");
        assert!(record.before.is_empty(), "before anything ever happened there is no past");
    }

    #[test]
    fn before_the_first_day_nothing_has_gone_by_and_after_the_last_all() {
        let before = course(date(2025, 12, 20));
        assert_eq!((before.gone.len(), before.ahead.len()), (0, 64));
        assert!(before.before.iter().all(|earlier| earlier.worked.0 == 0));
        let after = course(date(2026, 5, 1));
        assert_eq!((after.gone.len(), after.ahead.len()), (64, 0));
    }
}
