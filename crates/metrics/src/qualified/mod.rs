//! What must be known beside the values of an answer, from what is not in the rows that were
//! counted: how old the facts are ([`stale`], E13), how many of them are nobody's
//! ([`unassigned`], E14), who was hardly there ([`present`], E19), what was signed before
//! ([`published`], E10).

mod present;
mod published;
mod stale;
mod unassigned;

use std::collections::HashMap;
use std::sync::Arc;

use crate::answer::{Code, Number};
use crate::ask::{Asker, MetricsError, Question};
use crate::definition::Metric;

pub(crate) use present::Leave;
pub(crate) use published::Published;
pub(crate) use published::is_restated;
pub use stale::{MissingDays, SourceDelivery, Stale};
pub(crate) use unassigned::Nobodys;
use unassigned::Unassigned;

/// What must be known beside the values that one edition of the definitions measures.
#[derive(Default)]
pub(crate) struct Beside {
    unassigned: Unassigned,
    /// By metric and position among the periods asked.
    stale: HashMap<(String, usize), Stale>,
}

impl Beside {
    /// Adds it to a number; what has no value needs nothing beside it.
    pub(crate) fn add_to(&self, number: &mut Number, metric: &Metric, asked: usize, is_comparable: bool) {
        if number.value.is_none() {
            return;
        }
        number.stale = self.stale.get(&(metric.id.clone(), asked)).cloned();
        number.unassigned = self.unassigned.of(metric, number);
        let codes = [
            (number.stale.is_some(), Code::Stale),
            (number.unassigned.is_some(), Code::UnassignedPart),
            (!is_comparable, Code::NotComparable),
        ];
        for (_, code) in codes.into_iter().filter(|(applies, _)| *applies) {
            number.add(code);
        }
    }
}

impl Asker {
    /// What must be known beside the values of metrics in those of a question's periods.
    pub(crate) async fn beside(
        &self,
        question: &Question,
        asked: &[usize],
        metrics: &[&Arc<Metric>],
    ) -> Result<Beside, MetricsError> {
        let periods = asked.iter().map(|at| question.periods[*at].clone()).collect();
        let unassigned = self.unassigned(&Question { periods, ..question.clone() }, metrics).await?;
        let mut stale = HashMap::new();
        for (at, metric) in asked.iter().flat_map(|at| metrics.iter().map(move |metric| (*at, metric))) {
            if let Some(found) = self.stale(metric, &question.periods[at]) {
                stale.insert((metric.id.clone(), at), found);
            }
        }
        Ok(Beside { unassigned, stale })
    }
}
