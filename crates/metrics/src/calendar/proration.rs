//! Targets for a part of a period, or in several versions within it (domain T15–T17).
//!
//! Only additive targets are prorated: that a win rate is not is for the caller to know (T15). A share of
//! calendar days is that of a work calendar whose seven weekdays are all worked.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::period::Period;
use super::period_days::PeriodDays;
use super::working_days::{WorkingDays, days};

/// A half-open range of days; an end that is absent is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateRange {
    /// First day.
    pub from: Option<Date>,
    /// The day after the last.
    pub to: Option<Date>,
}

impl DateRange {
    /// Whether the day belongs to the range.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

/// When a target applies to a person: employed, assigned, and not away (T15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicable {
    /// When employed; several ranges where someone came back.
    pub employed: Vec<DateRange>,
    /// When assigned to what the target is for.
    pub assigned: Vec<DateRange>,
    /// Absences of kinds that prorate, of any length.
    pub absences: Vec<DateRange>,
    /// Consecutive working days below which an absence does not prorate (T17; by default 5).
    pub leave_min_days: usize,
}

impl Applicable {
    /// Throughout, for everybody.
    #[must_use]
    pub fn always() -> Applicable {
        Applicable {
            employed: vec![DateRange::default()],
            assigned: vec![DateRange::default()],
            absences: Vec::new(),
            leave_min_days: 5,
        }
    }

    /// Whether a target applies on a day that is none of the leave.
    pub(super) fn includes(&self, leave: &[Date], day: Date) -> bool {
        let within = |ranges: &[DateRange]| ranges.iter().any(|range| range.contains(day));
        within(&self.employed) && within(&self.assigned) && leave.binary_search(&day).is_err()
    }
}

/// A target while it is in force: `value` is that of a full period (T16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetVersion {
    /// Target of a full period.
    pub value: Decimal,
    /// When this version is in force.
    pub valid: DateRange,
}

/// How much of a period a target applies to, in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proration {
    /// Working days of the period.
    pub whole: Decimal,
    /// Those on which the target applies.
    pub applicable: Decimal,
}

impl Proration {
    /// The share of the period, 0–1; `None` for a period without working days.
    #[must_use]
    pub fn share(&self) -> Option<Decimal> {
        self.applicable.checked_div(self.whole)
    }

    /// Whether a target is scaled, which its number says with E12.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.applicable < self.whole
    }

    /// The part of a full period's target, rounded half-even to cents. `None` for a period without
    /// working days, and for more digits than exact arithmetic keeps.
    #[must_use]
    pub fn of(&self, target: Decimal) -> Option<Decimal> {
        target.checked_mul(self.applicable)?.checked_div(self.whole).map(to_cents)
    }
}

impl WorkingDays {
    /// How much of a bounded period a target applies to (T15, T17). `None` for `all`.
    #[must_use]
    pub fn proration(&self, period: &Period, applicable: &Applicable) -> Option<Proration> {
        let (from, to) = (period.from?, period.to?);
        let leave = self.prorating_leave(period, applicable);
        let counts = |day: &Date| applicable.includes(&leave, *day);
        let applicable = days(from, to).filter(counts).map(|day| self.worth(day)).sum();
        Some(Proration { whole: self.between(from, to), applicable })
    }

    /// The target of a period in which it changed, each version by its share of working days (T16),
    /// for the days on which it applies (T15), not rounded (T13c). A day that no version
    /// covers adds nothing; of versions that overlap the first counts. `None` as for [`Proration::of`].
    #[must_use]
    pub fn weighted_target(
        &self,
        period: &Period,
        versions: &[TargetVersion],
        applicable: &Applicable,
    ) -> Option<Decimal> {
        let dated = PeriodDays::of(self, period)?.date(versions, applicable, period.last_day()?)?;
        Some(dated.target)
    }

    /// Days of the period that belong to an absence long enough to prorate. Its length is that of the
    /// whole absence, also outside the period, and absences with no working day between them are one.
    pub(super) fn prorating_leave(&self, period: &Period, applicable: &Applicable) -> Vec<Date> {
        let (Some(from), Some(to)) = (period.from, period.to) else { return Vec::new() };
        if applicable.absences.is_empty() {
            return Vec::new();
        }
        let away = |day: Date| applicable.absences.iter().any(|absence| absence.contains(day));
        let mut leave: Vec<Date> = days(from, to).filter(|day| away(*day) && self.is_worked(*day)).collect();
        leave.retain(|day| self.is_long(*day, applicable.leave_min_days, &away));
        leave
    }

    /// Whether a working day away belongs to at least so many consecutive ones.
    fn is_long(&self, day: Date, minimum: usize, away: &impl Fn(Date) -> bool) -> bool {
        let run = |step: fn(Date) -> Option<Date>| {
            let other_days = std::iter::successors(step(day), move |day| step(*day));
            // Every weekday is met within seven days, so holidays alone can lengthen the search.
            other_days.filter(|day| self.is_worked(*day)).take_while(|day| away(*day)).take(minimum).count()
        };
        1 + run(|day| day.yesterday().ok()) + run(|day| day.tomorrow().ok()) >= minimum
    }
}

/// Money to two places, half-even (T13).
fn to_cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::tests::{first_quarter_2026, work_calendar};

    fn range(from: Date, to: Date) -> DateRange {
        DateRange { from: Some(from), to: Some(to) }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn close_to(share: Option<Decimal>, expected: &str) {
        let difference = (share.expect("a share") - decimal(expected)).abs();
        assert!(difference < decimal("0.000000000001"), "{share:?} is not {expected}");
    }

    /// X3.7 (T15): hired on 17 February.
    #[test]
    fn a_hire_within_the_quarter_has_the_quota_of_the_working_days_left() {
        let hired = DateRange { from: Some(date(2026, 2, 17)), to: None };
        let applicable = Applicable { employed: vec![hired], ..Applicable::always() };
        let proration = work_calendar().proration(&first_quarter_2026(), &applicable).expect("bounded");
        assert_eq!((proration.whole, proration.applicable), (decimal("60.5"), decimal("30.5")));
        close_to(proration.share(), "0.504132231405");
        assert_eq!(proration.of(decimal("300000.00")), Some(decimal("151239.67")));
        assert!(proration.is_partial());
    }

    /// X3.8 (T17): two weeks of leave, and three days that are too few.
    #[test]
    fn a_long_leave_prorates_and_a_short_absence_does_not() {
        let leave = range(date(2026, 2, 2), date(2026, 2, 14));
        let short = range(date(2026, 3, 2), date(2026, 3, 5));
        let applicable = Applicable { absences: vec![leave, short], ..Applicable::always() };
        let proration = work_calendar().proration(&first_quarter_2026(), &applicable).expect("bounded");
        assert_eq!(proration.whole - proration.applicable, decimal("10"));
        close_to(proration.share(), "0.8347107438017");
        assert_eq!(proration.of(decimal("300000.00")), Some(decimal("250413.22")));
    }

    /// X3.9 (T16): raised on 2 February.
    #[test]
    fn a_target_raised_within_the_quarter_counts_by_working_days() {
        let raised = date(2026, 2, 2);
        let versions = [
            TargetVersion { value: decimal("300000"), valid: range(date(2026, 1, 1), raised) },
            TargetVersion { value: decimal("360000"), valid: range(raised, date(2026, 4, 1)) },
        ];
        let (working, quarter) = (work_calendar(), first_quarter_2026());
        let target = working.weighted_target(&quarter, &versions, &Applicable::always());
        assert_eq!(target.map(to_cents), Some(decimal("340165.29")));
        assert_eq!(working.between(date(2026, 1, 1), raised), decimal("20"));
        assert_eq!(working.between(raised, date(2026, 4, 1)), decimal("40.5"));
    }

    /// X3.12 (T13).
    #[test]
    fn cents_are_rounded_half_even() {
        let rounded =
            ["0.125", "0.135", "2.345", "-0.125", "1.005", "-2.675"].map(|text| to_cents(decimal(text)));
        assert_eq!(rounded, ["0.12", "0.14", "2.34", "-0.12", "1.00", "-2.68"].map(decimal));
    }

    #[test]
    fn an_absence_that_goes_on_in_the_next_quarter_is_as_long_as_it_is() {
        let into_april = range(date(2026, 3, 30), date(2026, 4, 8));
        let applicable = Applicable { absences: vec![into_april], ..Applicable::always() };
        let proration = work_calendar().proration(&first_quarter_2026(), &applicable).expect("bounded");
        assert_eq!(proration.whole - proration.applicable, decimal("2"));
    }

    #[test]
    fn absences_that_follow_each_other_over_a_weekend_are_one_and_overlap_once() {
        let before = range(date(2026, 2, 4), date(2026, 2, 7));
        let after = range(date(2026, 2, 9), date(2026, 2, 11));
        let again = range(date(2026, 2, 10), date(2026, 2, 11));
        let applicable = Applicable { absences: vec![before, after, again], ..Applicable::always() };
        let proration = work_calendar().proration(&first_quarter_2026(), &applicable).expect("bounded");
        assert_eq!(proration.whole - proration.applicable, decimal("5"));
    }

    #[test]
    fn a_period_without_working_days_has_no_share() {
        let nothing = Proration { whole: Decimal::ZERO, applicable: Decimal::ZERO };
        assert_eq!((nothing.share(), nothing.of(decimal("100"))), (None, None));
    }

    proptest! {
        /// Invariant I20: the parts of a target over a partition of the period add up to it, but for
        /// the rounding of each part.
        #[test]
        fn targets_over_a_partition_add_up_to_the_full_target(
            cuts in proptest::collection::btree_set(1i64..90, 0..6), units in 0i64..1_000_000_000,
        ) {
            let (working, quarter) = (work_calendar(), first_quarter_2026());
            let (from, to) = (date(2026, 1, 1), date(2026, 4, 1));
            let target = Decimal::new(units, 2);
            let mut borders = vec![from];
            borders.extend(cuts.iter().map(|cut| from.saturating_add(cut.days())));
            borders.push(to);
            let parts: Vec<Proration> = borders.windows(2).map(|pair| {
                let part = Applicable { assigned: vec![range(pair[0], pair[1])], ..Applicable::always() };
                working.proration(&quarter, &part).expect("bounded")
            }).collect();
            let whole = working.between(from, to);
            prop_assert_eq!(parts.iter().map(|part| part.applicable).sum::<Decimal>(), whole);
            let sum: Decimal = parts.iter().filter_map(|part| part.of(target)).sum();
            let tolerance = Decimal::new(5, 3) * Decimal::from(parts.len());
            prop_assert!((sum - target).abs() <= tolerance, "{} is not {}", sum, target);
            let versions: Vec<TargetVersion> = borders.windows(2)
                .map(|pair| TargetVersion { value: target, valid: range(pair[0], pair[1]) })
                .collect();
            let weighted = working.weighted_target(&quarter, &versions, &Applicable::always());
            prop_assert_eq!(weighted.map(to_cents), Some(target));
        }
    }
}
