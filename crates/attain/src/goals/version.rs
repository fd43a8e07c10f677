//! The rules of agreeing on a goal (domain 6.9). A goal is a chain of versions of which none is ever
//! changed; what became of each follows from what was done to it and from the day.

use attain_metrics::{DateRange, Period, TargetVersion, WorkingDays};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Working days after which a proposal that nobody declined holds all the same.
const SILENCE: Decimal = Decimal::TEN;

/// One version of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) number: i64,
    /// The first version of the chain.
    pub(super) goal: i64,
    /// Target of the whole period.
    pub(super) value: Decimal,
    /// First day it is for.
    pub(super) from: Date,
    pub(super) reason: String,
    /// In whose name it was proposed.
    pub(super) proposed_by: String,
    pub(super) proposed_on: Date,
    /// When each party agreed; who proposes does so by it.
    pub(super) subject_agreed_on: Option<Date>,
    pub(super) leader_agreed_on: Option<Date>,
    pub(super) end: Option<End>,
}

/// What ended a version before it could hold, or while nobody had agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// One party said no, and why.
    Declined(String),
    /// Who proposed it took it back.
    Withdrawn,
    /// The other party proposed another one instead.
    Countered,
}

/// What has become of a version by a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Proposed,
    /// It holds; whether both agreed, or nobody said no in time.
    InForce {
        agreed: bool,
    },
    /// A later version, whose first day has come, holds in its place.
    Superseded,
    /// Nobody agreed before its period was over.
    Lapsed,
    /// It held when its period ended.
    Closed {
        agreed: bool,
    },
    Ended(End),
}

impl Version {
    /// Whether it holds by a day, or held when its period ended, and then whether both agreed: they had, or
    /// nobody said no for ten working days. What was not agreed on by the end of the period never holds.
    fn holds(&self, period: &Period, today: Date, days: &WorkingDays) -> Option<bool> {
        if self.end.is_some() {
            return None;
        }
        let until = period.last_day().map_or(today, |last| last.min(today));
        if let (Some(subject), Some(leader)) = (self.subject_agreed_on, self.leader_agreed_on) {
            return (subject.max(leader) <= until).then_some(true);
        }
        (days.after(self.proposed_on, SILENCE) <= until).then_some(false)
    }

    /// What has become of it, given the later versions of the same goal.
    pub(super) fn state(&self, later: &[Version], period: &Period, today: Date, days: &WorkingDays) -> State {
        if let Some(end) = &self.end {
            return State::Ended(end.clone());
        }
        let is_over = period.last_day().is_some_and(|last| last < today);
        let Some(agreed) = self.holds(period, today, days) else {
            return if is_over { State::Lapsed } else { State::Proposed };
        };
        // What is for all of its days too takes its place even before they come.
        let from = self.from.max(today);
        let takes_its_place =
            |version: &Version| version.from <= from && version.holds(period, today, days).is_some();
        if later.iter().any(takes_its_place) {
            return State::Superseded;
        }
        if is_over { State::Closed { agreed } } else { State::InForce { agreed } }
    }

    /// Whether both have agreed to it.
    pub(super) fn is_agreed(&self) -> bool {
        self.subject_agreed_on.is_some() && self.leader_agreed_on.is_some()
    }
}

/// The target on each day of its period, by the versions that hold (T16): each from its first day on, in the
/// place of every older one from there. The oldest is for the whole period before the others too.
pub(super) fn in_force(
    versions: &[Version],
    period: &Period,
    today: Date,
    days: &WorkingDays,
) -> Vec<TargetVersion> {
    let mut holding: Vec<&Version> = Vec::new();
    for version in versions.iter().filter(|version| version.holds(period, today, days).is_some()) {
        while holding.last().is_some_and(|older| older.from >= version.from) {
            holding.pop();
        }
        holding.push(version);
    }
    let ends = holding.iter().skip(1).map(|next| Some(next.from)).chain([None]);
    let starts = std::iter::once(None).chain(holding.iter().skip(1).map(|version| Some(version.from)));
    let ranges = starts.zip(ends).map(|(from, to)| DateRange { from, to });
    holding.iter().zip(ranges).map(|(version, valid)| TargetVersion { value: version.value, valid }).collect()
}

#[cfg(test)]
mod tests {
    use attain_facts::calendar::WorkCalendar;
    use attain_metrics::Calendar;
    use jiff::civil::date;

    use super::*;

    fn days() -> WorkingDays {
        WorkingDays::new(WorkCalendar::default())
    }

    fn quarter() -> Period {
        Calendar::starting_in(1).expect("a month").parse("2026-Q1").expect("a quarter")
    }

    fn proposed(number: i64, value: i64, on: Date) -> Version {
        Version {
            number,
            goal: 1,
            value: Decimal::from(value),
            from: on,
            reason: "as planned".to_owned(),
            proposed_by: "account 1".to_owned(),
            proposed_on: on,
            subject_agreed_on: None,
            leader_agreed_on: Some(on),
            end: None,
        }
    }

    fn agreed(number: i64, value: i64, on: Date) -> Version {
        Version { subject_agreed_on: Some(on), ..proposed(number, value, on) }
    }

    #[test]
    fn a_goal_holds_once_both_agreed_or_nobody_said_no_for_ten_working_days() {
        let monday = date(2026, 1, 5);
        let state = |version: &Version, today: Date| version.state(&[], &quarter(), today, &days());
        assert_eq!(state(&proposed(1, 100, monday), monday), State::Proposed);
        assert_eq!(state(&agreed(1, 100, monday), monday), State::InForce { agreed: true });
        assert_eq!(state(&proposed(1, 100, monday), date(2026, 1, 16)), State::Proposed);
        assert_eq!(state(&proposed(1, 100, monday), date(2026, 1, 19)), State::InForce { agreed: false });
        assert_eq!(state(&agreed(1, 100, monday), date(2026, 4, 1)), State::Closed { agreed: true });
        let declined =
            Version { end: Some(End::Declined("too much".to_owned())), ..proposed(1, 100, monday) };
        assert_eq!(state(&declined, date(2026, 3, 1)), State::Ended(End::Declined("too much".to_owned())));
    }

    #[test]
    fn a_change_supersedes_only_once_it_holds_itself() {
        let (first, today) = (agreed(1, 100, date(2026, 1, 5)), date(2026, 2, 10));
        let waiting = proposed(2, 80, date(2026, 2, 9));
        assert_eq!(first.state(&[waiting], &quarter(), today, &days()), State::InForce { agreed: true });
        let changed = agreed(2, 80, date(2026, 2, 9));
        assert_eq!(first.state(&[changed], &quarter(), today, &days()), State::Superseded);
    }

    #[test]
    fn what_holds_today_is_not_superseded_by_what_begins_later() {
        let first = agreed(1, 100, date(2026, 1, 5));
        let change = Version { from: date(2026, 3, 2), ..agreed(2, 80, date(2026, 2, 9)) };
        let state = |today| first.state(std::slice::from_ref(&change), &quarter(), today, &days());
        assert_eq!(state(date(2026, 3, 1)), State::InForce { agreed: true });
        assert_eq!(state(date(2026, 3, 2)), State::Superseded);
        let before_it_begins = date(2025, 12, 20);
        let (first, whole) = (agreed(1, 100, before_it_begins), agreed(2, 80, before_it_begins));
        let of_period = |version| Version { from: date(2026, 1, 1), ..version };
        assert_eq!(
            of_period(first).state(&[of_period(whole)], &quarter(), before_it_begins, &days()),
            State::Superseded,
            "none of its days are left to it"
        );
        // The target is the old one up to the same day.
        let held =
            in_force(&[agreed(1, 100, date(2026, 1, 5)), change], &quarter(), date(2026, 2, 10), &days());
        assert_eq!(held[0].valid, DateRange { from: None, to: Some(date(2026, 3, 2)) });
    }

    /// T16: each version for its part of the period, by working days.
    #[test]
    fn a_target_that_changed_is_weighted_by_the_days_each_version_held() {
        let versions = [agreed(1, 640, date(2026, 1, 5)), agreed(2, 320, date(2026, 2, 16))];
        let today = date(2026, 3, 2);
        let everybody = attain_metrics::Applicable::always();
        let weighted =
            days().weighted_target(&quarter(), &in_force(&versions, &quarter(), today, &days()), &everybody);
        // 32 working days before 16 February, 32 from then on.
        assert_eq!(weighted.map(|value| value.round_dp(6)), Some(Decimal::from(480)));
        let waiting = [agreed(1, 640, date(2026, 1, 5)), proposed(2, 320, date(2026, 3, 2))];
        let weighted =
            days().weighted_target(&quarter(), &in_force(&waiting, &quarter(), today, &days()), &everybody);
        assert_eq!(weighted.map(|value| value.round_dp(6)), Some(Decimal::from(640)));
    }

    #[test]
    fn what_nobody_agreed_to_in_its_period_never_holds() {
        let late = proposed(1, 100, date(2026, 3, 27));
        let state = |today: Date| late.state(&[], &quarter(), today, &days());
        assert_eq!((state(date(2026, 3, 31)), state(date(2026, 6, 1))), (State::Proposed, State::Lapsed));
        let first = agreed(1, 900, date(2026, 1, 5));
        let change = proposed(2, 300, date(2026, 3, 27));
        assert_eq!(
            first.state(&[change], &quarter(), date(2026, 6, 1), &days()),
            State::Closed { agreed: true }
        );
        let after =
            Version { subject_agreed_on: Some(date(2026, 4, 2)), ..proposed(1, 100, date(2026, 3, 27)) };
        assert_eq!(after.state(&[], &quarter(), date(2026, 6, 1), &days()), State::Lapsed);
    }

    #[test]
    fn a_later_version_takes_the_place_of_all_older_ones_from_its_first_day_on() {
        let today = date(2026, 3, 10);
        let later = Version { from: date(2026, 3, 31), ..agreed(2, 900, date(2026, 2, 2)) };
        let earlier = Version { from: date(2026, 2, 16), ..agreed(3, 320, date(2026, 2, 10)) };
        let versions = [agreed(1, 640, date(2026, 1, 5)), later, earlier];
        let everybody = attain_metrics::Applicable::always();
        let held = in_force(&versions, &quarter(), today, &days());
        let weighted = days().weighted_target(&quarter(), &held, &everybody);
        assert_eq!(weighted.map(|value| value.round_dp(6)), Some(Decimal::from(480)));
    }
}
