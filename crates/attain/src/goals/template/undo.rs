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
}

/// The version of a goal that is taken back, or why it stays. A leader's own proposal is not thereby
/// acknowledged.
pub(super) fn taken_back(
    goal: &Goal,
    number: i64,
    by_leader: bool,
    (period, today, days): (&Period, Date, &WorkingDays),
) -> Result<i64, Stays> {
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
