//! By what people can be compared: a share of things counted one by one, events per working day, or
//! what is typical of values that rows carry (domain 7.1, 7.3, 7.4).

use attain_metrics::{Asker, Direction, Formula, Metric, Unit};
use attain_stats::ranking::Better;

/// What a person did on each working day is divided by this metric.
pub(super) const WORKING_DAYS: &str = "working_days";

/// How a metric is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Successes of trials.
    Share,
    /// Events per working day.
    Rate,
    /// The typical one of amounts or times, on the logarithmic scale.
    Amount,
}

/// How people are compared by a metric, and which way is good; none where they cannot be.
pub(super) fn of(metric: &Metric) -> Option<(Measure, Better)> {
    let better = match metric.direction {
        _ if !metric.ranked => return None,
        Direction::Up => Better::Higher,
        Direction::Down => Better::Lower,
        Direction::Band | Direction::None => return None,
    };
    let measure = match (metric.formula(), metric.unit) {
        _ if metric.is_share_of_trials() => Measure::Share,
        (Formula::Count, Unit::Count) if metric.accumulates() => Measure::Rate,
        (Formula::Ratio(above, below), Unit::Number) if above.accumulates() && below.id == WORKING_DAYS => {
            Measure::Rate
        }
        (_, Unit::Money | Unit::Days | Unit::Hours | Unit::Minutes) if metric.is_typical_of_rows() => {
            Measure::Amount
        }
        _ => return None,
    };
    Some((measure, better))
}

/// The metrics by which people can be compared.
pub(super) fn metrics(asker: &Asker) -> impl Iterator<Item = &std::sync::Arc<Metric>> {
    asker.catalogue().metrics().filter(|metric| of(metric).is_some())
}
