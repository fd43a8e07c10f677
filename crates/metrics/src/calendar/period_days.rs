//! The working days of one period, counted once for the targets of many (domain T14–T17, 6.5).
//!
//! A target is a daily one: a version's value spread evenly over the working days of the whole period. What is to
//! be reached is the sum of it over the days on which the target applies, and what is due by a day the sum over
//! those that have gone by, so that a change or a relief counts from its own day on in both.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::period::Period;
use super::proration::{Applicable, Proration, TargetVersion};
use super::working_days::{WorkingDays, days};

/// The days of a bounded period on which work is done.
#[derive(Clone, Debug)]
pub struct PeriodDays {
    period: Period,
    working: WorkingDays,
    /// Each with what it is worth, in halves of a day.
    worked: Vec<(Date, u32)>,
    /// All of them together, in halves.
    whole: u32,
}

/// A target by its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedTarget {
    /// What is to be reached on the days on which the target applies, not rounded (T13c).
    pub target: Decimal,
    /// The part of that which belongs to the days that have gone by.
    pub due: Decimal,
    /// The days on which the target applies, of those of the period.
    pub days: Proration,
    /// Those of them that have gone by.
    pub gone: Decimal,
}

impl PeriodDays {
    /// The working days of a period; none of one without bounds.
    #[must_use]
    pub fn of(working: &WorkingDays, period: &Period) -> Option<PeriodDays> {
        let (from, to) = (period.from?, period.to?);
        let worked: Vec<(Date, u32)> =
            days(from, to).map(|day| (day, working.halves(day))).filter(|(_, halves)| *halves > 0).collect();
        let whole = worked.iter().map(|(_, halves)| halves).sum();
        Some(PeriodDays { period: period.clone(), working: working.clone(), worked, whole })
    }

    /// The days on which a target applies to somebody, of those of the period (T15, T17).
    #[must_use]
    pub fn proration(&self, applicable: &Applicable) -> Proration {
        let leave = self.working.prorating_leave(&self.period, applicable);
        let applies = self.worked.iter().filter(|(day, _)| applicable.includes(&leave, *day));
        let halves = applies.map(|(_, halves)| halves).sum();
        Proration { whole: worth(self.whole), applicable: worth(halves) }
    }

    /// Dates a target with versions (T16) that applies to somebody (T15, T17), by the end of `through`. A day that no
    /// version covers adds nothing; of versions that overlap the first counts. `None` for a period without
    /// working days, and for more digits than exact arithmetic keeps.
    #[must_use]
    pub fn date(
        &self,
        versions: &[TargetVersion],
        applicable: &Applicable,
        through: Date,
    ) -> Option<DatedTarget> {
        let leave = self.working.prorating_leave(&self.period, applicable);
        let mut of_versions = vec![Halves::default(); versions.len()];
        let mut all = Halves::default();
        for (day, halves) in self.worked.iter().filter(|(day, _)| applicable.includes(&leave, *day)) {
            let is_gone = *day <= through;
            all.add(*halves, is_gone);
            if let Some(at) = versions.iter().position(|version| version.valid.contains(*day)) {
                of_versions[at].add(*halves, is_gone);
            }
        }
        let together = |part: fn(&Halves) -> u32| {
            let parts = versions.iter().zip(&of_versions);
            let sum = parts
                .map(|(version, halves)| version.value.checked_mul(worth(part(halves))))
                .try_fold(Decimal::ZERO, |sum: Decimal, part| sum.checked_add(part?));
            sum?.checked_div(worth(self.whole))
        };
        Some(DatedTarget {
            target: together(|halves| halves.all)?,
            due: together(|halves| halves.gone)?,
            days: Proration { whole: worth(self.whole), applicable: worth(all.all) },
            gone: worth(all.gone),
        })
    }
}

/// Days, in halves: of them all, and those that have gone by.
#[derive(Clone, Copy, Default)]
struct Halves {
    all: u32,
    gone: u32,
}

impl Halves {
    fn add(&mut self, halves: u32, is_gone: bool) {
        self.all += halves;
        if is_gone {
            self.gone += halves;
        }
    }
}

/// Halves of a day as days.
fn worth(halves: u32) -> Decimal {
    Decimal::new(i64::from(halves) * 5, 1).normalize()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::DateRange;
    use crate::calendar::tests::{first_quarter_2026, work_calendar};

    fn dated(versions: &[(i64, Date)], applicable: &Applicable, through: Date) -> DatedTarget {
        let ends = versions.iter().skip(1).map(|(_, from)| Some(*from)).chain([None]);
        let versions: Vec<TargetVersion> = versions
            .iter()
            .zip(ends)
            .map(|((value, from), to)| TargetVersion {
                value: Decimal::from(*value),
                valid: DateRange { from: Some(*from), to },
            })
            .collect();
        let days = PeriodDays::of(&work_calendar(), &first_quarter_2026()).expect("bounded");
        days.date(&versions, applicable, through).expect("working days")
    }

    /// 60.5 working days, of which 20 lie in January.
    #[test]
    fn what_is_due_is_the_daily_target_of_each_day_gone_by() {
        let changed = [(605, date(2026, 1, 1)), (1_210, date(2026, 2, 2))];
        let half_way = dated(&changed, &Applicable::always(), date(2026, 1, 31));
        assert_eq!((half_way.due, half_way.gone), (Decimal::from(200), Decimal::from(20)));
        assert_eq!(half_way.target, Decimal::from(200 + 810));
        // One version alone is due by its share of days, as 6.5 has it.
        let steady = dated(&changed[..1], &Applicable::always(), date(2026, 1, 31));
        assert_eq!((steady.target, steady.due), (Decimal::from(605), Decimal::from(200)));
    }

    #[test]
    fn nothing_is_due_before_the_first_day_and_all_of_it_after_the_last() {
        let versions = [(605, date(2026, 1, 1))];
        let at = |through| dated(&versions, &Applicable::always(), through);
        assert_eq!((at(date(2025, 12, 31)).due, at(date(2025, 12, 31)).gone), Default::default());
        assert_eq!(at(date(2026, 5, 1)).due, at(date(2026, 5, 1)).target);
    }

    #[test]
    fn days_on_which_the_target_does_not_apply_are_neither_due_nor_left() {
        let hired = DateRange { from: Some(date(2026, 2, 17)), to: None };
        let applicable = Applicable { employed: vec![hired], ..Applicable::always() };
        let before = dated(&[(605, date(2026, 1, 1))], &applicable, date(2026, 2, 16));
        assert_eq!((before.due, before.gone), Default::default());
        assert_eq!((before.target, before.days.applicable), (Decimal::from(305), Decimal::new(305, 1)));
    }
}
