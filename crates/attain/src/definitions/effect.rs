//! The effect of a change on numbers: whose values are other ones, old and new side by side, and
//! which periods that are over move.

use std::sync::Arc;

use attain_metrics::{
    Asker, Dimension, Editions, Grain, Level, Member, MetricsError, Number, Period, Question, RateMode,
    Reach, Subject,
};

use super::proposal::{Considered, Defined};

/// One subject's number without a change and with it.
#[derive(Clone, Debug)]
pub(crate) struct SideBySide {
    pub(crate) level: Level,
    /// Nobody is the company, or what is assigned to none.
    pub(crate) member: Option<Arc<Member>>,
    /// Nothing if the metric was not defined.
    pub(crate) before: Option<Number>,
    pub(crate) after: Number,
}

impl SideBySide {
    /// Whether it is another number, or has other codes.
    pub(crate) fn moves(&self) -> bool {
        let same = |before: &Number| before.value == self.after.value && before.codes == self.after.codes;
        !self.before.as_ref().is_some_and(same)
    }
}

/// What a change makes of one metric in a period.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    pub(crate) company: SideBySide,
    /// Regions, managers and reps, in that order.
    pub(crate) members: Vec<SideBySide>,
}

/// A period that is over and measured anew.
#[derive(Clone, Debug)]
pub(crate) struct Restated {
    pub(crate) period: Period,
    pub(crate) company: SideBySide,
}

/// Measures a period by the definitions without the change and by those with it, whether or not
/// the period is one that the change is in force for.
pub(crate) async fn effect(
    asker: &Asker,
    considered: &Considered,
    defined: &Defined,
    period: &Period,
    reach: &Reach,
) -> Result<Effect, MetricsError> {
    let (before, after) = considered.on_first_day();
    let both = Both {
        before: defined.before.is_some().then(|| asker.with(Arc::new(Editions::only(before)))),
        after: asker.with(Arc::new(Editions::only(after))),
    };
    let metric = &defined.after.id;
    let mut members = Vec::new();
    for level in [Dimension::Region, Dimension::Manager, Dimension::Rep] {
        members.extend(both.side_by_side(metric, &[level], period, reach).await?);
    }
    let mut company = both.side_by_side(metric, &[], period, reach).await?;
    // An answer that is not split has one number.
    Ok(Effect { company: company.remove(0), members })
}

/// The quarters that are over and would be measured by another version than before.
pub(crate) async fn restated(
    asker: &Asker,
    considered: &Considered,
    defined: &Defined,
    reach: &Reach,
) -> Result<Vec<Restated>, MetricsError> {
    let Some(was) = &defined.before else { return Ok(Vec::new()) };
    let both = Both {
        before: Some(asker.with(Arc::clone(&considered.before))),
        after: asker.with(Arc::clone(&considered.after)),
    };
    let asked_on = asker.as_of().asked_on;
    let version = |editions: &Editions, period: &Period| {
        editions.of_period(period, asked_on).metric(&was.id).map(|metric| metric.version)
    };
    let is_over = |period: &Period| period.last_day().is_some_and(|last| last < asked_on);
    let mut found = Vec::new();
    for period in asker.periods(Grain::Quarter) {
        if !is_over(&period) || version(&considered.before, &period) == version(&considered.after, &period) {
            continue;
        }
        let company = both.side_by_side(&was.id, &[], &period, reach).await?;
        found.extend(company.into_iter().map(|company| Restated { period: period.clone(), company }));
    }
    Ok(found)
}

/// The same facts, asked with the definitions before a change and after it.
struct Both {
    before: Option<Asker>,
    after: Asker,
}

impl Both {
    async fn side_by_side(
        &self,
        metric: &str,
        by: &[Dimension],
        period: &Period,
        reach: &Reach,
    ) -> Result<Vec<SideBySide>, MetricsError> {
        let question = Question {
            metrics: vec![metric.to_owned()],
            subject: Subject::Company,
            by: by.to_vec(),
            periods: vec![period.clone()],
            filter: None,
            rates: RateMode::default(),
        };
        let level = by.first().and_then(Dimension::level).unwrap_or(Level::Company);
        let mut before = match &self.before {
            Some(asker) => asker.ask(&question, reach).await?.numbers,
            None => Vec::new(),
        };
        let after = self.after.ask(&question, reach).await?.numbers;
        let pairs = after.into_iter().map(|after| {
            let same = before.iter().position(|before| before.members == after.members);
            let member = after.members.first().cloned().flatten();
            SideBySide { level, member, before: same.map(|place| before.swap_remove(place)), after }
        });
        Ok(pairs.collect())
    }
}
