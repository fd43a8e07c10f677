//! A metric as a process: the values of whole periods that are over, the limits of what they usually are,
//! and what stands out against these.

use attain_metrics::{
    Asker, Direction, Grain, Metric, Number, Period, Question, RateMode, Reach, Subject, Unit,
};
use attain_stats::Undefined;
use attain_stats::control_chart::{Limits, Rule, Scale, Side, Signal, baseline, signals};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::web::format::shown;
use crate::web::problem::PageError;

/// So many periods are shown at most; what came before them still decides the limits.
const SHOWN: usize = 36;
/// What was last said of a process is of its newest periods; older signals stand in the chart alone.
const RECENT: usize = 8;

/// A process in the periods of one length.
pub(super) struct Process {
    /// Numbers of whole periods, oldest first, from where limits are drawn.
    pub(super) numbers: Vec<Number>,
    /// Their values; none where there is none, or on too little.
    pub(super) values: Vec<Option<f64>>,
    /// How many of the first periods the limits rest on.
    pub(super) baseline: usize,
    pub(super) limits: Result<Limits, Undefined>,
    pub(super) signals: Vec<Signal>,
    /// The place of the first period that is shown.
    pub(super) first_shown: usize,
    /// The version of the metric that measured the periods before these.
    pub(super) earlier_version: Option<u32>,
}

/// Asks what happened in each period, from a day on, and holds it against its limits.
///
/// # Errors
/// When the facts cannot be read.
pub(super) async fn of(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    grain: Grain,
    from: Option<Date>,
    reach: &Reach,
) -> Result<Process, PageError> {
    let is_over = |period: &Period| period.last_day().is_some_and(|last| last <= asker.as_of().date);
    // The first period is seldom known from its first day on.
    let known_from = asker.first_covered_day();
    let starts_whole = |period: &Period| {
        period.from.is_some_and(|first| {
            known_from.is_none_or(|known| known <= first) && from.is_none_or(|from| from <= first)
        })
    };
    let periods: Vec<Period> =
        asker.periods(grain).into_iter().filter(|period| is_over(period) && starts_whole(period)).collect();
    let question = Question {
        metrics: vec![metric.id.clone()],
        subject: subject.clone(),
        by: Vec::new(),
        periods: periods.clone(),
        filter: None,
        rates: RateMode::default(),
    };
    let numbers = if periods.is_empty() { Vec::new() } else { asker.ask(&question, reach).await?.numbers };
    Ok(held(numbers, metric))
}

fn held(numbers: Vec<Number>, metric: &Metric) -> Process {
    // A process begins with its first value, and anew where the metric came to mean something else.
    let newest = numbers.last().map(|number| number.definition_version);
    let other = numbers.iter().rposition(|number| Some(number.definition_version) != newest);
    let earlier_version = other.map(|place| numbers[place].definition_version);
    let first = other.map_or(0, |place| place + 1);
    let begins = numbers[first..].iter().position(|number| number.value.is_some());
    let begins = begins.map_or(numbers.len(), |place| first + place);
    let numbers: Vec<Number> = numbers.into_iter().skip(begins).collect();
    let drawn = |number: &Number| {
        number.value.filter(|_| shown(number, metric).drawn).and_then(|value| value.to_f64())
    };
    let values: Vec<Option<f64>> = numbers.iter().map(drawn).collect();
    let first = baseline(&values);
    let limits = Limits::of(first, scale(metric, &values));
    let baseline = first.len();
    let signals = limits.as_ref().map(|limits| signals(&values, limits)).unwrap_or_default();
    let first_shown = numbers.len().saturating_sub(SHOWN);
    Process { numbers, values, baseline, limits, signals, first_shown, earlier_version }
}

/// Which values a metric can have at all.
fn scale(metric: &Metric, values: &[Option<f64>]) -> Scale {
    match metric.unit {
        Unit::Ratio if metric.proportion => Scale::Share,
        _ if values.iter().flatten().any(|value| *value < 0.0) => Scale::Unbounded,
        _ => Scale::NonNegative,
    }
}

/// What a process may be said to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Better than usual, with the place of the last point that shows it.
    Improved(usize),
    Declined(usize),
    /// It stands out, and neither way is good.
    StandsOut(usize),
    /// The step from one period to the next is larger than usual, and nothing else.
    Jumped(usize),
    /// Nothing stands out.
    AsUsual,
}

impl Process {
    /// What the newest signal says.
    pub(super) fn said(&self, direction: Direction) -> Said {
        let recent = self.numbers.len().saturating_sub(RECENT);
        let newest = |is: &dyn Fn(Rule) -> bool| {
            let signals = self.signals.iter().filter(|signal| signal.point >= recent && is(signal.rule));
            signals.max_by_key(|signal| signal.point)
        };
        let of_level = newest(&|rule| side(rule).is_some());
        let Some((signal, side)) = of_level.and_then(|signal| Some((signal, side(signal.rule)?))) else {
            return newest(&|rule| rule == Rule::Range)
                .map_or(Said::AsUsual, |signal| Said::Jumped(signal.point));
        };
        match (direction, side) {
            (Direction::Up, Side::Above) | (Direction::Down, Side::Below) => Said::Improved(signal.point),
            (Direction::Up, Side::Below) | (Direction::Down, Side::Above) => Said::Declined(signal.point),
            (Direction::Band | Direction::None, _) => Said::StandsOut(signal.point),
        }
    }

    /// What one point shows.
    pub(super) fn shows(&self, point: usize) -> impl Iterator<Item = Rule> {
        self.signals.iter().filter(move |signal| signal.point == point).map(|signal| signal.rule)
    }

    /// The side on which a point stands out.
    pub(super) fn side_of(&self, point: usize) -> Option<Side> {
        self.shows(point).find_map(side)
    }
}

/// The side of the mean a rule is about; the range between two points has none.
pub(super) fn side(rule: Rule) -> Option<Side> {
    match rule {
        Rule::OutsideLimits(side) | Rule::Run(side) | Rule::BeyondMidpoint(side) => Some(side),
        Rule::Range => None,
    }
}
