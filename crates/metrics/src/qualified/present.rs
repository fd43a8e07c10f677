//! Who was there long enough to be compared with others (T20, E19): present on at least four
//! fifths of the period's working days, as far as they have gone by. Leave counts as absence where
//! it is long enough to change a target (T17). Who has no first day was always there.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::{Asker, Question};
use crate::calendar::{Period, WorkingDays};
use crate::subject::{Level, Member, Subject};
use crate::tables::Coverage;

/// Share of working days present from which people are compared (domain 19,
/// `comparable_min_presence`).
const COMPARABLE_FROM: Decimal = Decimal::from_parts(8, 0, 0, false, 1);
/// Working days of leave from which it counts as such (domain 19, `leave_min_days`).
const LEAVE_FROM: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// Days on leave, half-open.
pub(crate) type Leave = (Date, Date);

impl Asker {
    /// Whether a number may be compared with those of others. What is no person's always may.
    pub(crate) fn is_comparable(
        &self,
        question: &Question,
        members: &[Option<Arc<Member>>],
        period: &Period,
    ) -> bool {
        let split = question.by.iter().position(|dimension| dimension.level() == Some(Level::Rep));
        let person = match (split.and_then(|position| members.get(position)), &question.subject) {
            (Some(member), _) => member.as_ref().map(|member| member.id.as_str()),
            (None, Subject::Rep(id)) => Some(id.as_str()),
            (None, _) => None,
        };
        person.is_none_or(|person| self.was_present(person, period))
    }

    fn was_present(&self, person: &str, period: &Period) -> bool {
        let Some(known) = self.organisation().person(person) else { return true };
        let Some((from, to)) = self.gone_by(period) else { return true };
        let working_days = WorkingDays::of(self.company());
        let first = known.hired_on.unwrap_or(from).max(from);
        let end = known.left_on.and_then(|last| last.tomorrow().ok()).unwrap_or(to).min(to);
        let away: Decimal = self
            .organisation()
            .leave_of(person)
            .filter(|(from, to)| working_days.between(*from, *to) >= LEAVE_FROM)
            .map(|(from, to)| working_days.between((*from).max(first), (*to).min(end)))
            .sum();
        let present = working_days.between(first, end) - away;
        present >= working_days.between(from, to) * COMPARABLE_FROM
    }

    /// The days of a period that have gone by, of all time those that are told about.
    fn gone_by(&self, period: &Period) -> Option<(Date, Date)> {
        let known_to = self.as_of().date.tomorrow().ok()?;
        let from = match (period.from, self.source().tables.coverage("opportunity")) {
            (Some(from), _) => from,
            (None, Coverage::Days(from, _)) => from,
            (None, Coverage::Nothing | Coverage::Always) => return None,
        };
        Some((from, period.to.map_or(known_to, |to| to.min(known_to))))
    }
}
