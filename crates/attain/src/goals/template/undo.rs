//! Whether a version that a template proposed can still be taken back: for as long as nobody has acknowledged it
//! (domain 6.9). Pure.

use attain_metrics::{Period, WorkingDays};
use jiff::civil::Date;

use crate::goals::store::Goal;
use crate::goals::version::{State, Version};

/// Why a version stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stays {
    /// One of the two acknowledged it.
    Acknowledged(Date),
    /// It was declined, countered or taken back already.
    Ended,
    /// A later version holds in its place.
    Superseded,
    /// Its period is over.
    Over,
    /// It is about somebody to whom the one who asks proposes nothing, or nothing any more.
    NotTheirs,
}

/// The version of a goal that is taken back, or why it stays. A leader's own proposal is not thereby
/// acknowledged. `is_theirs` says whether the one who asks may propose to the person now.
pub(super) fn taken_back(
    goal: &Goal,
    number: i64,
    (by_leader, is_theirs): (bool, bool),
    (period, today, days): (&Period, Date, &WorkingDays),
) -> Result<i64, Stays> {
    if !is_theirs {
        return Err(Stays::NotTheirs);
    }
    let at = goal.versions.iter().position(|version| version.number == number).ok_or(Stays::Ended)?;
    let version = &goal.versions[at];
    match version.state(&goal.versions[at + 1..], period, today, days) {
        State::Ended(_) => return Err(Stays::Ended),
        State::Superseded => return Err(Stays::Superseded),
        State::Lapsed | State::Closed { .. } => return Err(Stays::Over),
        State::Proposed | State::InForce { .. } => {}
    }
    match acknowledged_on(version, by_leader) {
        Some(day) => Err(Stays::Acknowledged(day)),
        None => Ok(version.number),
    }
}

fn acknowledged_on(version: &Version, by_leader: bool) -> Option<Date> {
    let leader = version.leader_agreed_on.filter(|_| !by_leader);
    version.subject_agreed_on.or(leader)
}

#[cfg(test)]
mod tests {
    use attain_facts::calendar::WorkCalendar;
    use attain_metrics::{Calendar, Subject};
    use jiff::civil::date;
    use rust_decimal::Decimal;

    use super::*;
    use crate::goals::version::End;

    /// A goal of the first quarter of 2026 that a template proposed on 5 January.
    fn goal(change: impl FnOnce(&mut Version)) -> Goal {
        let on = date(2026, 1, 5);
        let mut version = Version {
            number: 1,
            goal: 1,
            value: Decimal::ONE_HUNDRED,
            from: on,
            reason: "plan".to_owned(),
            proposed_by: "account 1".to_owned(),
            proposed_on: on,
            subject_agreed_on: None,
            leader_agreed_on: Some(on),
            end: None,
        };
        change(&mut version);
        Goal {
            number: 1,
            subject: Subject::Rep("anna".to_owned()),
            metric: "bookings".to_owned(),
            period: "2026-Q1".to_owned(),
            versions: vec![version],
            reliefs: Vec::new(),
        }
    }

    fn on(goal: &Goal, today: Date, by_leader: bool) -> Result<i64, Stays> {
        let period = Calendar::starting_in(1).expect("a month").parse("2026-Q1").expect("a quarter");
        let days = WorkingDays::new(WorkCalendar::default());
        taken_back(goal, 1, (by_leader, true), (&period, today, &days))
    }

    /// Domain 6.9: what holds by silence was acknowledged by nobody.
    #[test]
    fn what_nobody_acknowledged_is_taken_back_even_once_it_holds() {
        let silent = goal(|_| ());
        assert_eq!(on(&silent, date(2026, 1, 6), true), Ok(1));
        assert_eq!(on(&silent, date(2026, 3, 2), true), Ok(1));
        assert_eq!(on(&silent, date(2026, 4, 1), true), Err(Stays::Over));
    }

    /// Whoever led somebody once takes nothing back from them once another does.
    #[test]
    fn what_is_about_somebody_who_is_not_theirs_any_more_stays() {
        let period = Calendar::starting_in(1).expect("a month").parse("2026-Q1").expect("a quarter");
        let days = WorkingDays::new(WorkCalendar::default());
        let by =
            |is_theirs| taken_back(&goal(|_| ()), 1, (true, is_theirs), (&period, date(2026, 1, 6), &days));
        assert_eq!((by(true), by(false)), (Ok(1), Err(Stays::NotTheirs)));
    }

    #[test]
    fn what_somebody_acknowledged_stays() {
        let day = date(2026, 1, 7);
        let by_subject = goal(|version| version.subject_agreed_on = Some(day));
        assert_eq!(on(&by_subject, day, true), Err(Stays::Acknowledged(day)));
        let by_leader = goal(|_| ());
        assert_eq!(
            on(&by_leader, day, false),
            Err(Stays::Acknowledged(date(2026, 1, 5))),
            "a leader who did not propose it has acknowledged it"
        );
        let declined = goal(|version| version.end = Some(End::Declined("too much".to_owned())));
        assert_eq!(on(&declined, day, true), Err(Stays::Ended));
    }
}
