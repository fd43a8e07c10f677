//! From what was counted to values with codes (domain 5): the one place that decides whether a
//! number exists.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::answer::{Code, Input};
use crate::arithmetic::{self, NoValue};
use crate::builtin::{Builtin, Output, Plan};
use crate::calendar::{Calendar, Grain, Period};
use crate::definition::{Aggregate, Aggregation, Computation, DerivedInput, Metric, Offset, Span};
use crate::measure::{Cell, Counts, Groups};
use crate::organisation::Dimension;
use crate::plan::base_table;
use crate::tables::Tables;

/// The view of targets: where it has no row, there is no target (E4).
const QUOTA: &str = "quota";
/// Share of rows lacking a needed field above which a value carries E15 (domain 19).
const INCOMPLETE_SHARE: f64 = 0.05;

/// A value, its parts and codes, before it becomes a number of a period.
#[derive(Clone, Debug)]
pub(crate) struct Worth {
    pub(crate) value: Option<Decimal>,
    pub(crate) numerator: Option<Decimal>,
    pub(crate) denominator: Option<Decimal>,
    pub(crate) n: u64,
    pub(crate) not_matured: u64,
    pub(crate) inputs: Vec<Input>,
    pub(crate) codes: BTreeSet<Code>,
    pub(crate) missing: Option<String>,
}

impl Worth {
    fn of(value: Decimal, n: u64) -> Worth {
        Worth {
            value: Some(value),
            numerator: None,
            denominator: None,
            n,
            not_matured: 0,
            inputs: Vec::new(),
            codes: BTreeSet::new(),
            missing: None,
        }
    }

    pub(crate) fn blocked(code: Code) -> Worth {
        Worth { value: None, codes: BTreeSet::from([code]), ..Worth::of(Decimal::ZERO, 0) }
    }

    fn lacking(missing: String) -> Worth {
        Worth { missing: Some(missing), ..Worth::blocked(Code::NoData) }
    }
}

/// What one line of an answer was counted to be, and what decides about its values.
pub(crate) struct Counted<'a> {
    pub(crate) tables: &'a dyn Tables,
    pub(crate) calendar: &'a Calendar,
    pub(crate) groups: &'a Groups,
    /// Every period that was computed; groups name them by position.
    pub(crate) periods: &'a [Period],
    pub(crate) by: &'a [Dimension],
    pub(crate) members: &'a [Option<String>],
    /// What was counted of these members, by the position of the period.
    pub(crate) cells: &'a [Option<Counts<'a>>],
}

impl Counted<'_> {
    /// What a metric is worth in a period.
    pub(crate) fn worth(&self, metric: &Metric, period: &Period) -> Worth {
        if let Some(missing) = self.missing(metric) {
            return Worth::lacking(missing);
        }
        let mut worth = match &metric.computation {
            Computation::Simple { aggregate, span } => self.simple(metric, aggregate, *span, period),
            Computation::Conversion(conversion, _) => {
                match self.covers(&conversion.base.model.relation, period) {
                    true => self.counted(metric, period),
                    false => Worth::blocked(Code::NoData),
                }
            }
            Computation::BuyerRetention(purchases, _) => {
                let relation = &purchases.purchases.model.relation;
                match self.calendar.previous(period) {
                    None => Worth::blocked(Code::NotApplicable),
                    Some(before) if !self.covers(relation, &before) => Worth::blocked(Code::NoData),
                    Some(_) if !self.covers(relation, period) => Worth::blocked(Code::NoData),
                    Some(_) => self.counted(metric, period),
                }
            }
            Computation::Builtin(builtin) => self.built_in(metric, builtin, period),
            Computation::NotKept(what) => Worth::lacking(format!("it rests on {what}")),
            Computation::Ratio { numerator, denominator } => {
                let below = match &metric.share_of {
                    Some(dimension) => self.whole(denominator, period, dimension),
                    None => self.worth(denominator, period),
                };
                let mut worth = ratio(self.worth(numerator, period), below, is_target(denominator));
                if metric.positive_base && worth.denominator.is_some_and(|base| base < Decimal::ZERO) {
                    worth.value = None;
                    worth.codes.insert(Code::InvalidBase);
                }
                worth
            }
            Computation::Derived { expr, inputs } => self.derived(expr, inputs, period),
        };
        if let Some(counted) = &metric.rests_on {
            worth.n = self.worth(counted, period).n;
        }
        let qualifying = [(&metric.left_truncated, Code::LeftTruncated), (&metric.prorated, Code::Prorated)];
        for (counted, code) in qualifying {
            if let Some(counted) = counted
                && worth.value.is_some()
                && self.worth(counted, period).n > 0
            {
                worth.codes.insert(code);
            }
        }
        if let Some(waiting) = &metric.not_matured {
            worth.not_matured = self.worth(waiting, period).n;
            if worth.not_matured > 0 {
                worth.codes.insert(Code::Censored);
                // Nothing has settled yet: that is why there is no denominator.
                if worth.denominator.is_some_and(|denominator| denominator.is_zero()) {
                    worth.codes.remove(&Code::ZeroDenominator);
                }
            }
        }
        worth
    }

    fn simple(&self, metric: &Metric, aggregate: &Aggregate, span: Span, period: &Period) -> Worth {
        let relation = &aggregate.model.relation;
        let covered = match span {
            Span::Period => self.covers(relation, period),
            _ => {
                let Some((from, to)) = crate::plan::range(self.calendar, period, span) else {
                    return Worth::blocked(Code::NotApplicable);
                };
                self.tables.coverage(base_table(relation)).touches(Some(from), Some(to))
            }
        };
        let cell = self.cell(metric, period);
        match covered {
            true if relation == QUOTA && cell.rows == 0 => Worth::blocked(Code::MissingTarget),
            true => aggregated(aggregate, &cell),
            false => Worth::blocked(Code::NoData),
        }
    }

    /// What a count is worth for all members of a dimension together.
    fn whole(&self, metric: &Metric, period: &Period, dimension: &str) -> Worth {
        let Some(split) = self.by.iter().position(|by| by.name() == dimension) else {
            return self.worth(metric, period);
        };
        let same = |members: &[Option<String>]| {
            let pairs = members.iter().zip(self.members).enumerate();
            pairs.filter(|(position, _)| *position != split).all(|(_, (one, other))| one == other)
        };
        let mut worth = self.worth(metric, period);
        let position = self.periods.iter().position(|computed| computed == period);
        let cells = self.groups.iter().filter(|((members, at), _)| Some(*at) == position && same(members));
        let counted: u64 = cells.filter_map(|(_, cells)| cells.get(&metric.id)).map(|cell| cell.rows).sum();
        if worth.value.is_some() {
            worth.value = Some(Decimal::from(counted));
            worth.n = counted;
        }
        worth
    }

    fn built_in(&self, metric: &Metric, builtin: &Builtin, period: &Period) -> Worth {
        if !self.covers(&builtin.aggregate.model.relation, period) {
            return Worth::blocked(Code::NoData);
        }
        let cell = self.cell(metric, period);
        match (&builtin.plan, cell.value) {
            (Plan::PerThing(_, Output::Largest) | Plan::Waiting(_), Some(value)) => {
                Worth::of(value, cell.rows)
            }
            (Plan::PerThing(..), Some(value)) => Worth::of(value, value.to_u64().unwrap_or(cell.rows)),
            (Plan::PerThing(_, Output::Largest), None) => Worth::blocked(Code::ZeroDenominator),
            (Plan::PerThing(..), None) => Worth::of(Decimal::ZERO, 0),
            (Plan::Waiting(_), None) if cell.rows > 0 => Worth::blocked(Code::Censored),
            (Plan::Waiting(_), None) => Worth::blocked(Code::ZeroDenominator),
        }
    }

    fn counted(&self, metric: &Metric, period: &Period) -> Worth {
        let cell = self.cell(metric, period);
        Worth::of(cell.value.unwrap_or_default(), cell.rows)
    }

    fn derived(&self, expr: &datafusion::prelude::Expr, inputs: &[DerivedInput], period: &Period) -> Worth {
        let mut values: HashMap<&str, Option<Decimal>> = HashMap::new();
        let mut codes = BTreeSet::new();
        let mut least_n: Option<u64> = None;
        let mut missing = None;
        let mut parts = Vec::new();
        for input in inputs {
            let period = shifted(self.calendar, period, input.offset);
            let worth = match &period {
                Some(period) => self.worth(&input.metric, period),
                None => Worth::blocked(Code::NotApplicable),
            };
            parts.push(Input {
                alias: input.alias.clone(),
                metric: input.metric.id.clone(),
                period,
                value: worth.value,
            });
            codes.extend(&worth.codes);
            missing = missing.or(worth.missing);
            least_n = Some(least_n.map_or(worth.n, |least| least.min(worth.n)));
            values.insert(&input.alias, worth.value);
        }
        let value = arithmetic::evaluate(expr, &|name| values.get(name).copied().flatten());
        match value {
            Err(NoValue::DividedByZero) => {
                codes.insert(Code::ZeroDenominator);
            }
            Err(NoValue::TooLarge) => {
                codes.insert(Code::InvalidBase);
            }
            Err(NoValue::Missing) | Ok(_) => {}
        }
        let n = least_n.unwrap_or_default();
        Worth { value: value.ok(), codes, missing, inputs: parts, ..Worth::of(Decimal::ZERO, n) }
    }

    fn cell(&self, metric: &Metric, period: &Period) -> Cell {
        let position = self.periods.iter().position(|computed| computed == period);
        let cells = position.and_then(|position| self.cells.get(position).copied().flatten());
        cells.and_then(|cells| cells.get(&metric.id)).cloned().unwrap_or_default()
    }

    fn covers(&self, relation: &str, period: &Period) -> bool {
        self.tables.coverage(base_table(relation)).touches(period.from, period.to)
    }

    /// The first table or column a metric needs that was never delivered, in words.
    fn missing(&self, metric: &Metric) -> Option<String> {
        if matches!(metric.computation, Computation::Ratio { .. } | Computation::Derived { .. }) {
            return None;
        }
        metric.needs().into_iter().find_map(|(relation, column)| {
            let (table, column) = crate::credited::origin(&relation, &column)?;
            (!self.tables.supplies(&table, &column)).then(|| match self.tables.coverage(&table) {
                crate::tables::Coverage::Nothing => format!("no `{table}` was imported"),
                _ => format!("`{table}` was imported without `{column}`"),
            })
        })
    }
}

/// The period an input looks at.
pub(crate) fn shifted(calendar: &Calendar, period: &Period, offset: Option<Offset>) -> Option<Period> {
    match offset {
        None => Some(period.clone()),
        Some(Offset::Earlier(count, grain)) if grain == period.grain => {
            let trail = calendar.trail(period, usize::from(count) + 1);
            trail.first().filter(|_| trail.len() == usize::from(count) + 1).cloned()
        }
        Some(Offset::Earlier(count, grain)) => {
            let back = calendar.trail(&calendar.containing(period.from?, grain)?, usize::from(count) + 1);
            let start = back.first().filter(|_| back.len() == usize::from(count) + 1)?.from?;
            calendar.containing(start, period.grain)
        }
        Some(Offset::StartOf(grain)) => {
            calendar.containing(calendar.containing(period.from?, grain)?.from?, period.grain)
        }
    }
}

/// Every period a metric must be computed for, so that it can be answered for one.
pub(crate) fn needed(calendar: &Calendar, metric: &Metric, period: &Period, found: &mut Vec<Period>) {
    if !found.contains(period) {
        found.push(period.clone());
    }
    if let Computation::Derived { inputs, .. } = &metric.computation {
        for input in inputs {
            if let Some(period) = shifted(calendar, period, input.offset) {
                needed(calendar, &input.metric, &period, found);
            }
        }
    }
    for input in metric.inputs() {
        needed(calendar, input, period, found);
    }
}

/// Whether a metric adds up targets.
fn is_target(metric: &Metric) -> bool {
    matches!(&metric.computation, Computation::Simple { aggregate, .. } if aggregate.model.relation == QUOTA)
}

fn aggregated(aggregate: &Aggregate, cell: &Cell) -> Worth {
    let without_rate = cell.currency_missing;
    let lacking = (cell.rows - cell.present).saturating_sub(without_rate);
    let mut worth = match (aggregate.aggregation, cell.value) {
        (Aggregation::Count | Aggregation::CountDistinct | Aggregation::SumBoolean, value) => {
            let value = value.unwrap_or_default();
            Worth::of(value, value.to_u64().unwrap_or(cell.rows))
        }
        (_, Some(value)) => Worth::of(value, cell.present),
        (_, None) if cell.rows > 0 && without_rate == cell.rows => Worth::blocked(Code::CurrencyMissing),
        (Aggregation::Sum, None) if cell.rows > 0 => Worth::blocked(Code::NoData),
        (Aggregation::Sum, None) => Worth::of(Decimal::ZERO, 0),
        (_, None) => Worth::blocked(Code::ZeroDenominator),
    };
    if without_rate > 0 {
        worth.codes.insert(Code::CurrencyMissing);
    }
    if lacking as f64 > INCOMPLETE_SHARE * cell.rows as f64 {
        worth.codes.insert(Code::IncompleteRows);
    }
    worth
}

fn ratio(above: Worth, below: Worth, of_target: bool) -> Worth {
    let mut codes = above.codes;
    codes.extend(&below.codes);
    let value = match (above.value, below.value) {
        (Some(_), Some(denominator)) if denominator.is_zero() => {
            codes.insert(if of_target { Code::ZeroTarget } else { Code::ZeroDenominator });
            None
        }
        (Some(numerator), Some(denominator)) => numerator.checked_div(denominator),
        _ => None,
    };
    Worth {
        value,
        numerator: above.value,
        denominator: below.value,
        n: below.n,
        not_matured: below.not_matured,
        inputs: Vec::new(),
        codes,
        missing: above.missing.or(below.missing),
    }
}

/// Periods of each length, with their positions among all: periods of one length never overlap,
/// so each length is computed by itself.
pub(crate) fn by_grain(periods: &[Period]) -> Vec<(Vec<usize>, Vec<Period>)> {
    let mut grains: std::collections::BTreeMap<Grain, (Vec<usize>, Vec<Period>)> = Default::default();
    for (position, period) in periods.iter().enumerate() {
        let (positions, same_length) = grains.entry(period.grain).or_default();
        positions.push(position);
        same_length.push(period.clone());
    }
    grains.into_values().collect()
}
