//! Metrics, resolved: every name in them points at something that exists.

use std::sync::Arc;

use datafusion::prelude::Expr;
use serde::{Deserialize, Serialize};

use super::model::{Aggregate, Aggregation, Attribution};
use crate::builtin::{Builtin, Output, Plan};
use crate::calendar::Grain;
use crate::conversion::Conversion;
use crate::difference::additive;
use crate::retention;
use crate::subject::Level;
use crate::tables::Needs;

/// Which way is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher is better.
    Up,
    /// Lower is better.
    Down,
    /// Best within a range.
    Band,
    /// Informational.
    #[default]
    None,
}

/// What a value is measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A number of things.
    #[default]
    Count,
    /// The company's currency.
    Money,
    /// A fraction, shown in per cent.
    Ratio,
    /// Civil days.
    Days,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Months.
    Months,
    /// A number that is no count: per working day, per deal, a multiple.
    Number,
}

/// At which levels a metric means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidLevel {
    /// One seller.
    Rep,
    /// A region or the people of one manager.
    Team,
    /// Everyone.
    Company,
}

impl ValidLevel {
    /// Every level.
    pub const ALL: [ValidLevel; 3] = [ValidLevel::Rep, ValidLevel::Team, ValidLevel::Company];

    /// Whether a level of the organisation is this one. Products are no level of people.
    pub(crate) fn holds_at(self, level: Level) -> bool {
        match level {
            Level::Rep => self == ValidLevel::Rep,
            Level::Region | Level::Manager => self == ValidLevel::Team,
            Level::Company => self == ValidLevel::Company,
            Level::Product => true,
        }
    }
}

/// The stretch of time a simple metric looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Span {
    /// The period itself.
    Period,
    /// So many units of a length, ending with the period.
    Trailing(u16, Grain),
    /// So many days, ending with the period.
    TrailingDays(u16),
    /// From the start of the longer period around it.
    ToDate(Grain),
    /// Everything up to the period's end.
    SinceEver,
}

/// Another period an input of a derived metric looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offset {
    /// So many units earlier.
    Earlier(u16, Grain),
    /// The first unit-long part of the longer period around it.
    StartOf(Grain),
}

/// An input of a derived metric.
#[derive(Clone, Debug)]
pub(crate) struct DerivedInput {
    pub(crate) alias: String,
    pub(crate) metric: Arc<Metric>,
    pub(crate) offset: Option<Offset>,
}

/// How a metric's value comes about.
#[derive(Clone, Debug)]
pub(crate) enum Computation {
    Simple {
        aggregate: Box<Aggregate>,
        span: Span,
    },
    Ratio {
        numerator: Arc<Metric>,
        denominator: Arc<Metric>,
    },
    Derived {
        expr: Box<Expr>,
        inputs: Vec<DerivedInput>,
    },
    Conversion(Arc<Conversion>, crate::conversion::Part),
    BuyerRetention(Arc<retention::Purchases>, retention::Output),
    Builtin(Box<Builtin>),
    /// Rests on something no table holds yet, in words.
    NotKept(String),
}

/// The shape of a metric's formula, for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula<'a> {
    /// A number of rows or distinct things.
    Count,
    /// A sum over rows.
    Sum,
    /// The middle value of rows.
    Median,
    /// The mean, least or greatest value of rows, or a percentile, in words.
    Of(&'static str),
    /// One metric ÷ another.
    Ratio(&'a Metric, &'a Metric),
    /// Arithmetic over other metrics, as written.
    Derived(&'a str, Vec<&'a Metric>),
}

/// A metric of the catalogue.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Identifier, as questions name it.
    pub id: String,
    /// Name for people.
    pub label: String,
    /// What it means, in one or two sentences.
    pub description: String,
    /// The word under a number in a formula: `won`.
    pub term: String,
    /// What a ratio is a share of: `decided`.
    pub of: Option<String>,
    /// Version of the definition.
    pub version: u32,
    /// What it is measured in.
    pub unit: Unit,
    /// Whether a ratio is the share of a set that is part of it, so that it has an interval.
    pub proportion: bool,
    /// Which way is good.
    pub direction: Direction,
    /// At which levels it means something.
    pub levels: Vec<ValidLevel>,
    /// The range a [`Direction::Band`] metric should lie in, where one is usual.
    pub band: Option<(f64, f64)>,
    /// Which date decides.
    pub attribution: Attribution,
    /// Below this many rows the value carries E6 (domain 7.2).
    pub minimum_n: Option<u64>,
    /// Below this many rows there is no rank; without it the metric is a full count.
    pub minimum_n_rank: Option<u64>,
    /// Whether it may be ranked at all.
    pub ranked: bool,
    /// The metric that keeps this one honest, or why there is none.
    pub counter_metric: CounterMetric,
    /// How the number can be made to look better than the work.
    pub gaming: String,
    /// When there is no value, in words.
    pub undefined: Option<String>,
    /// The dimension a share is split by, whose members together are the whole.
    pub share_of: Option<String>,
    /// The filter as written in the file, for readers.
    pub filter: Option<String>,
    /// The expression of a derived metric as written, for readers.
    pub expression: Option<String>,
    /// The definition as it stands in the file.
    pub source_text: String,
    /// The file it stands in, without folder and ending.
    pub section: String,
    /// Whether the company wrote it.
    pub is_own: bool,
    pub(crate) not_matured: Option<Arc<Metric>>,
    pub(crate) left_truncated: Option<Arc<Metric>>,
    pub(crate) prorated: Option<Arc<Metric>>,
    pub(crate) positive_base: bool,
    pub(crate) rests_on: Option<Arc<Metric>>,
    pub(crate) computation: Computation,
}

/// What keeps a metric honest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CounterMetric {
    /// The metric to be shown beside it.
    Metric(String),
    /// Something that is not a metric of the catalogue, in words.
    Words(String),
}

impl CounterMetric {
    /// The identifier, or the words.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            CounterMetric::Metric(text) | CounterMetric::Words(text) => text,
        }
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        self.id == other.id && self.version == other.version
    }
}

impl Eq for Metric {}

impl Metric {
    /// Whether what a period brings adds up over its days: a count or sum of events, and no state of things
    /// at an instant. Only then a target is shared out over days (T15).
    #[must_use]
    pub fn accumulates(&self) -> bool {
        additive(self) && self.attribution != Attribution::Snapshot
    }

    /// Whether it is a share of things that are counted one by one, so that chance is that of so many trials.
    /// A share of money is none: its parts are not independent, and as many as there are cents.
    #[must_use]
    pub fn is_share_of_trials(&self) -> bool {
        let counted = |metric: &Metric| metric.unit == Unit::Count;
        self.proportion
            && matches!(&self.computation, Computation::Ratio { numerator, denominator } if counted(numerator) && counted(denominator))
    }

    /// Whether it is the mean or the middle of values that rows carry, one each.
    #[must_use]
    pub fn is_typical_of_rows(&self) -> bool {
        match &self.computation {
            Computation::Simple { aggregate, .. } => {
                matches!(aggregate.aggregation, Aggregation::Average | Aggregation::Median)
            }
            Computation::Ratio { numerator, denominator } => {
                let kind = |metric: &Metric| match &metric.computation {
                    Computation::Simple { aggregate, .. } => {
                        Some((aggregate.model.name.clone(), aggregate.aggregation))
                    }
                    _ => None,
                };
                match (kind(numerator), kind(denominator)) {
                    (Some((values, Aggregation::Sum)), Some((counted, Aggregation::Count))) => {
                        values == counted
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// The shape of its formula.
    #[must_use]
    pub fn formula(&self) -> Formula<'_> {
        match &self.computation {
            Computation::Ratio { numerator, denominator } => Formula::Ratio(numerator, denominator),
            Computation::Derived { inputs, .. } => Formula::Derived(
                self.expression.as_deref().unwrap_or_default(),
                inputs.iter().map(|input| input.metric.as_ref()).collect(),
            ),
            Computation::BuyerRetention(..) | Computation::Conversion(..) | Computation::NotKept(_) => {
                Formula::Count
            }
            Computation::Builtin(builtin) => match &builtin.plan {
                Plan::PerThing(_, Output::Largest) => Formula::Of("greatest"),
                Plan::PerThing(..) => Formula::Count,
                Plan::Waiting(_) => Formula::Median,
            },
            Computation::Simple { aggregate, .. } => match aggregate.aggregation {
                Aggregation::Count | Aggregation::CountDistinct | Aggregation::SumBoolean => Formula::Count,
                Aggregation::Sum => Formula::Sum,
                Aggregation::Median => Formula::Median,
                Aggregation::Average => Formula::Of("mean"),
                Aggregation::Min => Formula::Of("least"),
                Aggregation::Max => Formula::Of("greatest"),
                Aggregation::Percentile(_) => Formula::Of("percentile"),
            },
        }
    }

    /// The metrics it is made of, itself not among them.
    pub(crate) fn inputs(&self) -> Vec<&Arc<Metric>> {
        let mut inputs: Vec<&Arc<Metric>> = match &self.computation {
            Computation::Ratio { numerator, denominator } => vec![numerator, denominator],
            Computation::Derived { inputs, .. } => inputs.iter().map(|input| &input.metric).collect(),
            Computation::Simple { .. }
            | Computation::Conversion(..)
            | Computation::BuyerRetention(..)
            | Computation::Builtin(_)
            | Computation::NotKept(_) => Vec::new(),
        };
        inputs.extend(&self.not_matured);
        inputs.extend(&self.left_truncated);
        inputs.extend(&self.prorated);
        inputs.extend(&self.rests_on);
        inputs
    }

    /// Tables and columns its value rests on.
    pub(crate) fn needs(&self) -> Needs {
        let mut needs: Needs = self.inputs().iter().flat_map(|input| input.needs()).collect();
        match &self.computation {
            Computation::Simple { aggregate, .. } => needs.extend(aggregate_needs(aggregate)),
            Computation::Conversion(conversion, _) => {
                needs.extend(aggregate_needs(&conversion.asked));
                needs.extend(aggregate_needs(&conversion.conversion));
            }
            Computation::Builtin(builtin) => needs.extend(aggregate_needs(&builtin.aggregate)),
            Computation::BuyerRetention(purchases, _) => needs.extend(aggregate_needs(&purchases.purchases)),
            Computation::Ratio { .. } | Computation::Derived { .. } | Computation::NotKept(_) => {}
        }
        needs
    }
}

fn aggregate_needs(aggregate: &Aggregate) -> Needs {
    let mut expressions = vec![&aggregate.expr];
    expressions.extend(&aggregate.filter);
    match (&aggregate.when, &aggregate.model.holds) {
        (super::model::When::Dated { date, .. }, _) => expressions.push(date),
        (super::model::When::Snapshot, Some((from, to))) => expressions.extend([from, to]),
        (super::model::When::Snapshot, None) => {}
    }
    let columns = expressions.into_iter().flat_map(|expression| expression.column_refs().into_iter());
    columns.map(|column| (aggregate.model.relation.clone(), column.name.clone())).collect()
}
