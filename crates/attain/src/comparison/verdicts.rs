//! What may be said of each of a subject's people by several metrics at once, as a scorecard shows it.

use std::collections::HashMap;
use std::sync::Arc;

use attain_metrics::{Asker, Metric, Period, Reach, Subject};
use attain_stats::ranking::Verdict;
use futures::future::try_join_all;

use super::held::{self, Comparison};
use super::{measure, peers};
use crate::web::problem::PageError;

/// Verdicts by person and metric, each with how many rows the person's own number rests on. Who is not among
/// them rests on too little, was hardly there, is too new, or is not the viewer's to open.
pub(crate) type Verdicts = HashMap<(String, String), (Verdict, u64)>;

/// Compares a subject's people with their peers, each in their own role.
///
/// # Errors
/// When the facts cannot be read.
pub(crate) async fn of(
    asker: &Asker,
    subject: &Subject,
    metrics: &[Arc<Metric>],
    period: &Period,
    reach: &Reach,
) -> Result<Verdicts, PageError> {
    let each = metrics.iter().map(|metric| by(asker, subject, metric, period));
    let mut verdicts = Verdicts::new();
    for (metric, comparisons) in metrics.iter().zip(try_join_all(each).await?) {
        for comparison in &comparisons {
            for (peer, found) in comparison.shown(reach) {
                if let Some(verdict) = found.verdict() {
                    verdicts.insert((peer.member.id.clone(), metric.id.clone()), (verdict, peer.number.n));
                }
            }
        }
    }
    Ok(verdicts)
}

/// The peer sets of a subject's people by one metric; none where people are not compared by it.
async fn by(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
) -> Result<Vec<Comparison>, PageError> {
    let Some((measure, better)) = measure::of(metric) else { return Ok(Vec::new()) };
    let first = peers::of(asker, subject, (metric, measure), period, None).await?;
    let roles: Vec<String> = first.roles.keys().filter(|role| **role != first.role).cloned().collect();
    let mut comparisons =
        vec![held::against_each_other(asker, first, (metric, measure, better), period).await?];
    for role in roles {
        let peers = peers::of(asker, subject, (metric, measure), period, Some(&role)).await?;
        comparisons.push(held::against_each_other(asker, peers, (metric, measure, better), period).await?);
    }
    Ok(comparisons)
}
