//! Who decides on a relief: the next level above the one who asked, and nobody for themselves.

use attain_metrics::{Asker, Period, Subject};
use jiff::civil::Date;

use super::{Answer, Relief};
use crate::permissions::matrix::Extent;
use crate::permissions::{Act, Object, Viewer};

/// Whether the one who asks may decide on a relief of a goal: who leads the one who asked for it and the one it
/// is for; where nobody leads the one who asked, an admin. The owner of the machine, before anybody has an
/// account, has nobody beside them and decides too.
pub(super) fn decides(viewer: &Viewer, asker: &Asker, relief: &Relief, subject: &Subject) -> bool {
    match viewer {
        Viewer::Owner => true,
        Viewer::Nobody => false,
        Viewer::SignedIn(someone) if someone.viewing_as.is_some() => false,
        Viewer::SignedIn(someone) => {
            let own = format!("account {}", someone.account);
            let asked = relief.asked_by.split(" as ").next() == Some(own.as_str());
            let is_about_them = someone.person.is_some() && someone.person.as_deref() == subject.id();
            if asked || is_about_them {
                return false;
            }
            let above = relief.asker.as_deref().filter(|person| is_led(asker, person));
            match above {
                Some(person) => {
                    someone.standing.leads(person)
                        && subject.id().is_some_and(|id| someone.standing.leads(id))
                }
                None => someone.extent(Act::Write, Object::Reliefs) == Some(Extent::Settings),
            }
        }
    }
}

/// Whether it is too late for a decision: what was attained in a period that is over was held against the target as
/// it was, which changes no more. No can be said for ever.
pub(super) fn is_too_late(answer: &Answer, period: &Period, today: Date) -> bool {
    *answer == Answer::Approved && period.last_day().is_some_and(|last| last < today)
}

/// Whether anybody leads a person today.
fn is_led(asker: &Asker, person: &str) -> bool {
    let lines = asker.organisation().lines_on(asker.as_of().asked_on);
    lines.teams().any(|(_, team)| team.contains(person))
}

#[cfg(test)]
mod tests {
    use attain_metrics::Calendar;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_relief_is_approved_up_to_the_last_day_of_its_period_and_refused_after_it_too() {
        let quarter = Calendar::starting_in(1).expect("a month").parse("2026-Q1").expect("a quarter");
        let (last, after) = (date(2026, 3, 31), date(2026, 4, 1));
        assert!(!is_too_late(&Answer::Approved, &quarter, last));
        assert!(is_too_late(&Answer::Approved, &quarter, after));
        assert!(!is_too_late(&Answer::Refused("no".to_owned()), &quarter, after));
    }
}
