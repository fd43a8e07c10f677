//! What a subject attained by each metric of a card: the value, what it is held against, and how much of that it
//! is; or why there is nothing to count.

use std::sync::Arc;

use attain_metrics::{Asker, Code, Metric, Number, Period, Unit};
use attain_stats::Undefined;
use attain_stats::scorecard::Attained;
use rust_decimal::Decimal;

use super::card::{RoleCard, Weighted};
use crate::goals::targets::{Target, attainment};
use crate::web::format::{figure, shown};

/// One component, held against its target.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) of: Weighted,
    /// By the definitions of the period, where they still have it.
    pub(super) metric: Option<Arc<Metric>>,
    pub(super) number: Option<Number>,
    pub(super) target: Option<Target>,
    /// How much of the target it is, uncapped.
    pub(super) attainment: Result<Decimal, Lack>,
}

/// Why a component has nothing to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The metric does not exist at this level (E2): its weight is not missed.
    NotApplicable,
    /// It should have one, and has none: the code, and in words.
    Missing { code: &'static str, words: String },
}

impl Lack {
    pub(super) fn missing(code: Code, words: impl Into<String>) -> Lack {
        Lack::Missing { code: code.code(), words: words.into() }
    }

    /// Why, in words.
    pub(super) fn words(&self) -> &str {
        match self {
            Lack::NotApplicable => "does not apply here",
            Lack::Missing { words, .. } => words,
        }
    }

    /// Why, as domain 5 codes it.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Lack::NotApplicable => Code::NotApplicable.code(),
            Lack::Missing { code, .. } => code,
        }
    }
}

impl Held {
    /// What the score makes of it.
    pub(super) fn attained(&self) -> Attained {
        match &self.attainment {
            Ok(attainment) => Attained::Value(*attainment),
            Err(Lack::NotApplicable) => Attained::NotApplicable,
            Err(Lack::Missing { .. }) => Attained::Missing,
        }
    }

    /// What it is called.
    pub(super) fn label(&self) -> &str {
        self.metric.as_ref().map_or(&self.of.metric, |metric| &metric.label)
    }
}

/// Holds each component of a card against its target. Why there is none, `target` says in words.
pub(super) fn held(
    asker: &Asker,
    card: &RoleCard,
    period: &Period,
    numbers: &[Number],
    target: impl Fn(&Metric) -> Result<Target, String>,
) -> Vec<Held> {
    let catalogue = asker.catalogue_for(period);
    let one = |of: &Weighted| {
        let metric = catalogue.metric(&of.metric).cloned();
        let number = numbers.iter().find(|number| number.metric == of.metric).cloned();
        let wanted = metric.as_deref().map(&target);
        let attainment = match (&metric, &number, &wanted) {
            (Some(metric), Some(number), Some(target)) => counted(metric, number, target),
            _ => Err(Lack::missing(Code::NoData, "no longer defined")),
        };
        Held { of: of.clone(), metric, number, target: wanted.and_then(Result::ok), attainment }
    };
    card.components().iter().map(one).collect()
}

/// How much of a target a number is, or what counts towards it; too few of what it is made of are none (domain 7.2).
fn counted(metric: &Metric, number: &Number, target: &Result<Target, String>) -> Result<Decimal, Lack> {
    let Some(value) = number.value else {
        return Err(match number.reason().unwrap_or(Code::NoData) {
            Code::NotApplicable => Lack::NotApplicable,
            code => Lack::missing(code, shown(number, metric).note.unwrap_or_default()),
        });
    };
    if number.codes.contains(&Code::TooFew) {
        let shown = shown(number, metric);
        let words = match metric.unit {
            Unit::Ratio => format!("{}, too few for a rate", shown.text),
            _ => shown.note.unwrap_or_default(),
        };
        return Err(Lack::missing(Code::TooFew, words));
    }
    let target = target.as_ref().map_err(|why| Lack::missing(Code::MissingTarget, why))?;
    attainment(metric, target.attained.unwrap_or(value), target.value).map_err(|why| match why {
        Undefined::ZeroTarget => {
            Lack::missing(Code::ZeroTarget, format!("target {}", figure(target.value, metric.unit)))
        }
        other => Lack::missing(Code::InvalidBase, other.to_string()),
    })
}
