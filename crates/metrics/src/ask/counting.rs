//! Counting: what a question needs is computed at once, and its numbers are made one by one.

use std::ops::Range;
use std::sync::{Arc, PoisonError};

use super::hidden::Hidden;
use super::{Asker, MetricsError, Question, Reach};
use crate::answer::{Answer, Code, Number};
use crate::calendar::{Calendar, Period};
use crate::definition::Metric;
use crate::groups::Groups;
use crate::measure::Leaves;
use crate::plan::Wanted;
use crate::qualified::{Beside, Published};
use crate::subject::{Dimension, Member};
use crate::worth::{Counted, Worth, by_grain, needed};

/// An answer counted but not yet told: each number is made when it is reached, so that an answer of
/// millions never stands in memory as a whole.
pub struct Counting<'a> {
    asker: &'a Asker,
    question: Question,
    calendar: Calendar,
    measured: Vec<Measured>,
    computed: Vec<Period>,
    groups: Groups,
    lines: Vec<usize>,
    /// What must be known beside the values, for each edition measured.
    beside: Vec<Beside>,
    hidden: Hidden,
    /// What was signed before; nothing where that does not matter.
    published: Published,
}

impl Counting<'_> {
    /// Hands out each number, in the order of an [`Answer`].
    ///
    /// # Errors
    /// What `take` returns; then no more are made.
    pub fn each<E>(&self, mut take: impl FnMut(Number) -> Result<(), E>) -> Result<(), E> {
        let named: Vec<Vec<Option<Arc<Member>>>> =
            self.question.by.iter().enumerate().map(|(position, by)| self.named(position, by)).collect();
        let counted: Vec<Counted<'_>> = self.measured.iter().map(|measured| self.counted(measured)).collect();
        let measured_by = self.measured_by();
        for line in &self.lines {
            let members = self.groups.members(*line).iter().zip(&named);
            let members: Arc<[Option<Arc<Member>>]> =
                members.map(|(number, named)| named[*number as usize].clone()).collect();
            for (asked, (period, by)) in self.question.periods.iter().zip(&measured_by).enumerate() {
                let Some((edition, position)) = *by else { continue };
                let comparable = self.asker.is_comparable(&self.question, &members, period);
                for (at, (metric, applies)) in self.measured[edition].metrics.iter().enumerate() {
                    let hidden = self.hidden.holds(*line, asked, at);
                    let worth = match (hidden, applies) {
                        (true, _) => Worth::blocked(Code::Suppressed),
                        (false, false) => Worth::blocked(Code::NotApplicable),
                        (false, true) => counted[edition].line(*line).worth(metric, position),
                    };
                    let mut number = self.asker.number(metric, Arc::clone(&members), period, worth);
                    if !hidden {
                        self.beside[edition].add_to(&mut number, metric, asked, comparable);
                        self.mark(&mut number, metric);
                    }
                    take(number)?;
                }
            }
        }
        Ok(())
    }

    fn counted<'c>(&'c self, measured: &Measured) -> Counted<'c> {
        let tables = self.asker.tables.as_ref();
        Counted::new(
            tables,
            &self.calendar,
            &self.groups,
            &self.computed,
            measured.computed.clone(),
            &self.question.by,
        )
    }

    /// The edition that measures each period asked, and the period's position among those computed.
    fn measured_by(&self) -> Vec<Option<(usize, usize)>> {
        let mut measured_by = vec![None; self.question.periods.len()];
        for (edition, measured) in self.measured.iter().enumerate() {
            for asked in &measured.asked {
                let position = measured
                    .computed
                    .clone()
                    .find(|computed| self.computed[*computed] == self.question.periods[*asked]);
                measured_by[*asked] = position.map(|position| (edition, position));
            }
        }
        measured_by
    }

    /// Says so if a number differs from what was signed of it.
    fn mark(&self, number: &mut Number, metric: &Metric) {
        let currency = &self.asker.company.currency;
        self.published.mark(&self.question, std::slice::from_mut(number), currency, |_| metric.unit);
    }

    fn named(&self, position: usize, dimension: &Dimension) -> Vec<Option<Arc<Member>>> {
        let names = self.groups.names(position);
        names.map(|id| id.map(|id| Arc::new(self.asker.named(dimension, id)))).collect()
    }

    pub(super) fn answer(&self) -> Answer {
        let mut numbers = Vec::new();
        let told: Result<(), std::convert::Infallible> = self.each(|number| {
            numbers.push(number);
            Ok(())
        });
        match told {
            Ok(()) => Answer { as_of: self.asker.as_of, numbers },
        }
    }
}

/// What one edition of the definitions measures of a question.
struct Measured {
    asker: Asker,
    /// Positions among the periods asked.
    asked: Vec<usize>,
    /// What was asked for, and whether it means something for the subject.
    metrics: Vec<(Arc<Metric>, bool)>,
    /// Its own among the periods that are computed.
    computed: Range<usize>,
}

impl Measured {
    /// What must be known beside its values.
    async fn beside(&self, question: &Question) -> Result<Beside, MetricsError> {
        let applying = self.metrics.iter().filter(|(_, applies)| *applies).map(|(metric, _)| metric);
        self.asker.beside(question, &self.asked, &applying.collect::<Vec<_>>()).await
    }

    /// Computes every leaf the metrics rest on, each length of periods by itself.
    async fn compute(
        &self,
        question: &Question,
        computed: &[Period],
        groups: &mut Groups,
    ) -> Result<(), MetricsError> {
        let mut leaves = Leaves::default();
        for (metric, _) in self.metrics.iter().filter(|(_, applies)| *applies) {
            leaves.add(metric);
        }
        for (positions, periods) in by_grain(&computed[self.computed.clone()]) {
            let positions: Vec<usize> =
                positions.into_iter().map(|position| self.computed.start + position).collect();
            let wanted = Wanted {
                subject: &question.subject,
                by: &question.by,
                periods: &periods,
                filter: question.filter.as_deref(),
                rates: &question.rates,
            };
            leaves.compute(&self.asker.source(), &wanted, &positions, groups).await?;
        }
        Ok(())
    }
}

impl Asker {
    /// Counts what a question needs; its numbers are made one by one. For answers too large to keep.
    ///
    /// # Errors
    /// As [`Asker::ask`].
    pub async fn count(&self, question: &Question, reach: &Reach) -> Result<Counting<'_>, MetricsError> {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Counting { published, ..self.counted(question, reach).await? })
    }

    pub(super) async fn counted(
        &self,
        question: &Question,
        reach: &Reach,
    ) -> Result<Counting<'_>, MetricsError> {
        let reached = reach.includes(&question.subject);
        let mut computed = Vec::new();
        let mut measured = Vec::new();
        for (asker, asked) in self.by_edition(&question.periods) {
            measured.push(asker.needed(question, asked, &mut computed)?);
        }
        let mut groups = Groups::new(question.by.len(), computed.len());
        if reached {
            for measured in &measured {
                measured.compute(question, &computed, &mut groups).await?;
            }
        }
        let lines = self.lines(question, &mut groups, reach);
        let hidden = self.hidden(question, &groups, &lines, reach).await?;
        let mut beside = Vec::new();
        for measured in &measured {
            beside.push(if reached { measured.beside(question).await? } else { Beside::default() });
        }
        Ok(Counting {
            asker: self,
            question: question.clone(),
            calendar: self.calendar(),
            measured,
            computed,
            groups,
            lines,
            beside,
            hidden,
            published: Published::default(),
        })
    }

    /// The askers of the editions that measure these periods, each with the positions of its own.
    pub(super) fn by_edition(&self, periods: &[Period]) -> Vec<(Asker, Vec<usize>)> {
        let mut found: Vec<(Asker, Vec<usize>)> = Vec::new();
        for (position, period) in periods.iter().enumerate() {
            let edition = self.catalogue_for(period);
            match found.iter_mut().find(|(asker, _)| Arc::ptr_eq(&asker.catalogue, edition)) {
                Some((_, positions)) => positions.push(position),
                None => found.push((self.measuring(period), vec![position])),
            }
        }
        found
    }

    /// What has to be counted for some of a question's periods, as this asker's edition defines its
    /// metrics. The periods join those that are computed.
    fn needed(
        self,
        question: &Question,
        asked: Vec<usize>,
        computed: &mut Vec<Period>,
    ) -> Result<Measured, MetricsError> {
        let mut metrics = Vec::new();
        for name in &question.metrics {
            let metric = Arc::clone(self.metric(name)?);
            let applies = self.applies(&metric, question)?;
            metrics.push((metric, applies));
        }
        let calendar = self.calendar();
        let mut periods = Vec::new();
        for period in asked.iter().map(|position| &question.periods[*position]) {
            for (metric, _) in &metrics {
                needed(&calendar, metric, period, &mut periods);
            }
        }
        let first = computed.len();
        computed.extend(periods);
        Ok(Measured { asker: self, asked, metrics, computed: first..computed.len() })
    }

    fn number(
        &self,
        metric: &Metric,
        members: Arc<[Option<Arc<Member>>]>,
        period: &Period,
        worth: Worth,
    ) -> Number {
        let mut codes = worth.codes;
        if worth.value.is_some() {
            if period.last_day().is_some_and(|last| last > self.as_of.date) {
                codes.insert(Code::PartialPeriod);
            }
            if metric.minimum_n.is_some_and(|minimum| worth.n < minimum) {
                codes.insert(Code::TooFew);
            }
        }
        if codes.is_empty() {
            codes.insert(Code::Ok);
        }
        Number {
            metric: metric.id.clone(),
            members,
            period: period.clone(),
            value: worth.value,
            numerator: worth.numerator,
            denominator: worth.denominator,
            n: worth.n,
            not_matured: worth.not_matured,
            inputs: worth.inputs,
            stale: None,
            unassigned: None,
            was: None,
            missing: worth.missing,
            codes,
            definition_version: metric.version,
        }
    }
}
