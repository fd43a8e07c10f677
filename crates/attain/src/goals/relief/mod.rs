//! Relief: a part of a target that is taken off for some days (features A4), because the ground under it moved.
//!
//! Whoever leads the person asks; the next one above decides: somebody who leads the one who asked, or, where
//! there is nobody, an admin. A relief is an event of a goal like its versions, of which it alters none:
//! what is attained is held against the target before it and after it, and both are shown. This file has the
//! rules; [`store`] keeps reliefs, [`deciding`] says who decides, [`pages`] asks, lists and decides, [`api`]
//! does so as JSON.

mod api;
mod deciding;
mod pages;
mod store;

use attain_metrics::{DateRange, TargetVersion};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

pub(super) use pages::section;
pub(super) use store::{of_goals, relieved_goals};

/// A relief that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relief {
    pub(super) number: i64,
    pub(super) goal: i64,
    /// First and last day.
    pub(super) from: Date,
    pub(super) to: Date,
    /// The part of the target that is taken off, 0–1.
    pub(super) share: Decimal,
    pub(super) reason: String,
    pub(super) asked_by: String,
    /// Who asked, as the roster has them.
    pub(super) asker: Option<String>,
    pub(super) asked_on: Date,
    pub(super) decision: Option<Decision>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) answer: Answer,
    pub(super) by: String,
    pub(super) on: Date,
}

/// Yes, or no and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Approved,
    Refused(String),
}

impl Relief {
    fn is_approved(&self) -> bool {
        self.decision.as_ref().is_some_and(|decision| decision.answer == Answer::Approved)
    }

    fn is_refused(&self) -> bool {
        matches!(&self.decision, Some(Decision { answer: Answer::Refused(_), .. }))
    }

    /// Whether it is about some of the same days as another one that was not refused.
    fn overlaps(&self, from: Date, to: Date) -> bool {
        !self.is_refused() && self.from <= to && from <= self.to
    }
}

/// A target with what was approved taken off on its days: of ranges that overlap the first counts.
pub(super) fn relieved(versions: Vec<TargetVersion>, reliefs: &[Relief]) -> Vec<TargetVersion> {
    let approved = reliefs.iter().filter(|relief| relief.is_approved());
    let parts = approved.flat_map(|relief| {
        let days = DateRange { from: Some(relief.from), to: relief.to.tomorrow().ok() };
        let rest = Decimal::ONE - relief.share;
        versions.iter().filter_map(move |version| {
            Some(TargetVersion { value: version.value * rest, valid: both(&days, &version.valid)? })
        })
    });
    let parts: Vec<TargetVersion> = parts.collect();
    parts.into_iter().chain(versions).collect()
}

/// The days that belong to two ranges.
fn both(one: &DateRange, other: &DateRange) -> Option<DateRange> {
    let from = one.from.max(other.from);
    let to = match (one.to, other.to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let is_empty = from.zip(to).is_some_and(|(from, to)| from >= to);
    (!is_empty).then_some(DateRange { from, to })
}

/// The pages and endpoints of reliefs.
pub(super) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Reliefs), Rule::May(Act::Write, Object::Reliefs));
    Routes::new()
        .merge(api::routes())
        .get("/goals/reliefs", reads, pages::list)
        .post("/goal/{number}/relief", Rule::May(Act::Write, Object::Targets), pages::ask)
        .post("/goals/reliefs/{number}/approve", writes, pages::approve)
        .post("/goals/reliefs/{number}/refuse", writes, pages::refuse)
}

#[cfg(test)]
mod tests {
    use attain_facts::calendar::WorkCalendar;
    use attain_metrics::{Applicable, Calendar, WorkingDays};
    use jiff::civil::date;

    use super::*;

    fn relief(from: Date, to: Date, share: Decimal) -> Relief {
        Relief {
            number: 1,
            goal: 1,
            from,
            to,
            share,
            reason: "half the territory went".to_owned(),
            asked_by: "account 1".to_owned(),
            asker: None,
            asked_on: from,
            decision: None,
        }
    }

    fn decided(relief: Relief, answer: Answer) -> Relief {
        let decision = Decision { answer, by: "account 2".to_owned(), on: relief.asked_on };
        Relief { decision: Some(decision), ..relief }
    }

    /// The target of the first quarter of 2026, of which 64 days are worked.
    fn target(reliefs: &[Relief]) -> Option<Decimal> {
        let quarter = Calendar::starting_in(1).expect("a month").parse("2026-Q1").expect("a quarter");
        let raised = date(2026, 2, 16);
        let versions = vec![
            TargetVersion { value: Decimal::from(640), valid: DateRange { from: None, to: Some(raised) } },
            TargetVersion { value: Decimal::from(1_280), valid: DateRange { from: Some(raised), to: None } },
        ];
        let days = WorkingDays::new(WorkCalendar::default());
        days.weighted_target(&quarter, &relieved(versions, reliefs), &Applicable::always())
            .map(|target| target.round_dp(6))
    }

    #[test]
    fn a_relief_takes_a_part_off_on_its_days_alone_once_it_is_approved() {
        let half = relief(date(2026, 2, 9), date(2026, 2, 20), Decimal::new(5, 1));
        assert_eq!(target(&[]), Some(Decimal::from(960)));
        assert_eq!(
            target(std::slice::from_ref(&half)),
            Some(Decimal::from(960)),
            "asked for is not approved"
        );
        let refused = decided(half.clone(), Answer::Refused("no".to_owned()));
        assert_eq!(target(&[refused]), Some(Decimal::from(960)));
        // Half of five days at 10 and of five at 20.
        assert_eq!(target(&[decided(half, Answer::Approved)]), Some(Decimal::from(885)));
    }

    #[test]
    fn all_of_a_target_may_be_taken_off() {
        let all = relief(date(2026, 1, 1), date(2026, 3, 31), Decimal::ONE);
        assert_eq!(target(&[decided(all, Answer::Approved)]), Some(Decimal::ZERO));
    }

    #[test]
    fn what_was_refused_is_in_the_way_of_nothing() {
        let asked = relief(date(2026, 2, 9), date(2026, 2, 20), Decimal::ONE);
        assert!(asked.overlaps(date(2026, 2, 20), date(2026, 3, 1)));
        assert!(!asked.overlaps(date(2026, 2, 21), date(2026, 3, 1)));
        let refused = decided(asked, Answer::Refused("no".to_owned()));
        assert!(!refused.overlaps(date(2026, 2, 20), date(2026, 3, 1)));
    }
}
