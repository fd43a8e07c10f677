//! One goal as one line: attained, target, pace, days left.

use std::sync::Arc;

use attain_metrics::{
    Applicable, Asker, Direction, Metric, MetricsError, Number, Period, Reach, Subject, TargetVersion,
    WorkingDays,
};
use attain_stats::Undefined;
use attain_stats::attainment::Objective;
use attain_stats::pace::{self, Pace};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::scorecards::card;

/// How a target stands.
pub(super) struct Line {
    pub(super) metric: Arc<Metric>,
    pub(super) period: Period,
    /// What is attained so far.
    pub(super) number: Number,
    /// What is to be reached, for the days it applies; none before any version holds.
    pub(super) target: Option<Decimal>,
    /// Whether it is less than that of a whole period because it applies to a part of it (E12).
    pub(super) is_prorated: bool,
    /// How much of it is reached, uncapped; none where there is nothing to hold against it.
    pub(super) attainment: Option<Result<Decimal, Undefined>>,
    pub(super) pace: Option<Pace>,
    /// Working days of the period that remain.
    pub(super) days_left: Decimal,
    /// Whether the period is over.
    pub(super) is_over: bool,
}

/// Asks what is attained, and holds it against the versions of a target.
pub(super) async fn of(
    asker: &Asker,
    subject: &Subject,
    metric: &Arc<Metric>,
    period: &Period,
    versions: &[TargetVersion],
    reach: &Reach,
) -> Result<Line, MetricsError> {
    let number = card::one(asker, subject, metric, period, reach).await?;
    let applicable = applicable(asker, subject);
    let days = WorkingDays::of(asker.company());
    let target = target(metric, period, versions, &applicable, asker.as_of().date, &days);
    let is_prorated =
        metric.accumulates() && days.proration(period, &applicable).is_some_and(|part| part.is_partial());
    Ok(against(asker, metric, number, target, (&applicable, is_prorated)))
}

/// When a target applies to a subject: to a person while they are there, to a team throughout.
pub(super) fn applicable(asker: &Asker, subject: &Subject) -> Applicable {
    match subject {
        Subject::Rep(id) => asker.organisation().applicable(id),
        _ => Applicable::always(),
    }
}

/// Holds a number against a target, that of the days on which it applies.
pub(super) fn against(
    asker: &Asker,
    metric: &Arc<Metric>,
    number: Number,
    target: Option<Decimal>,
    (applicable, is_prorated): (&Applicable, bool),
) -> Line {
    let period = number.period.clone();
    let days = elapsed(asker, &period, applicable);
    let is_over = period.last_day().is_some_and(|last| last < asker.as_of().asked_on);
    let attainment = match (number.value, target) {
        (Some(value), Some(target)) => {
            Some(objective(metric, target).and_then(|objective| objective.attainment(value)))
        }
        _ => None,
    };
    let pace =
        days.filter(|_| metric.accumulates() && metric.direction != Direction::Down).and_then(|days| {
            let share = days.linear_share().ok()?;
            Pace::of(number.value?, target?, share, days.remaining()).ok()
        });
    let days_left = days.map(|days| days.remaining()).unwrap_or_default();
    Line {
        metric: Arc::clone(metric),
        period,
        number,
        target,
        is_prorated,
        attainment,
        pace,
        days_left,
        is_over,
    }
}

/// The target of a period: shared out over days where the metric adds up over them (T15, T16), otherwise
/// that of the last day that is known.
pub(super) fn target(
    metric: &Metric,
    period: &Period,
    versions: &[TargetVersion],
    applicable: &Applicable,
    known_to: Date,
    days: &WorkingDays,
) -> Option<Decimal> {
    if metric.accumulates() {
        return days.weighted_target(period, versions, applicable).filter(|_| !versions.is_empty());
    }
    let day = period.last_day().map_or(known_to, |last| last.min(known_to));
    let holds = versions.iter().find(|version| version.valid.contains(day));
    holds.or(versions.first()).map(|version| version.value)
}

/// Less is better where the metric says so; otherwise more is.
pub(super) fn objective(metric: &Metric, target: Decimal) -> Result<Objective, Undefined> {
    match metric.direction {
        Direction::Down => Objective::at_most(target),
        Direction::Up | Direction::Band | Direction::None => Objective::at_least(target),
    }
}

/// Working days that have gone by, of those of the period on which the target applies (T14, 6.5).
pub(super) fn elapsed(asker: &Asker, period: &Period, applicable: &Applicable) -> Option<pace::WorkingDays> {
    let days = WorkingDays::of(asker.company());
    let known_to = asker.as_of().date.min(period.last_day()?);
    let all = days.proration(period, applicable)?.applicable;
    let gone = match known_to < period.from? {
        true => Decimal::ZERO,
        false => days.proration(&period.through(known_to), applicable)?.applicable,
    };
    pace::WorkingDays::new(gone.min(all), all)
}
