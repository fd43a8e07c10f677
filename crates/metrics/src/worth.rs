//! From what was counted to values with codes (domain 5): the one place that decides whether a
//! number exists.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use datafusion::common::HashMap;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::answer::{Code, Codes, Input};
use crate::arithmetic::{self, NoValue};
use crate::builtin::{Builtin, Output, Plan};
use crate::calendar::{Calendar, Grain, Period};
use crate::definition::{Aggregate, Aggregation, Computation, DerivedInput, Metric, Offset, Span};
use crate::groups::{Cell, Groups};
use crate::plan::base_table;
use crate::subject::Dimension;
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
    pub(crate) codes: Codes,
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
            codes: Codes::default(),
            missing: None,
        }
    }

    pub(crate) fn blocked(code: Code) -> Worth {
        Worth { value: None, codes: Codes::from([code]), ..Worth::of(Decimal::ZERO, 0) }
    }

    fn lacking(missing: String) -> Worth {
        Worth { missing: Some(missing), ..Worth::blocked(Code::NoData) }
    }
}

/// What was counted for an answer, and what decides about its values.
pub(crate) struct Counted<'a> {
    pub(crate) tables: &'a dyn Tables,
    pub(crate) calendar: &'a Calendar,
    pub(crate) groups: &'a Groups,
    /// Every period that was computed; groups name them by position.
    periods: &'a [Period],
    /// Those among them that the edition of the metrics measures.
    own: Range<usize>,
    pub(crate) by: &'a [Dimension],
    standings: RefCell<HashMap<(&'a str, usize), Rc<Standing>>>,
    wholes: RefCell<HashMap<(&'a str, usize), Whole>>,
}

/// Rows over all members of one dimension, by the other members.
type Whole = Rc<HashMap<Vec<u32>, u64>>;

/// What holds for a metric in a period whoever it is about; found out once, not for each line.
struct Standing {
    /// What the company's data lacks, in words.
    missing: Option<String>,
    /// Why there is no value.
    barred: Option<Code>,
    /// The periods its inputs look at, with their positions.
    inputs: Vec<Option<(Period, usize)>>,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(
        tables: &'a dyn Tables,
        calendar: &'a Calendar,
        groups: &'a Groups,
        periods: &'a [Period],
        own: Range<usize>,
        by: &'a [Dimension],
    ) -> Counted<'a> {
        let (standings, wholes) = Default::default();
        Counted { tables, calendar, groups, periods, own, by, standings, wholes }
    }

    /// What is counted of one combination of members.
    pub(crate) fn line(&self, line: usize) -> Line<'_, 'a> {
        Line { counted: self, line }
    }

    fn standing(&self, metric: &'a Metric, at: usize) -> Rc<Standing> {
        if let Some(known) = self.standings.borrow().get(&(metric.id.as_str(), at)) {
            return Rc::clone(known);
        }
        let period = &self.periods[at];
        let inputs = match &metric.computation {
            Computation::Derived { inputs, .. } => inputs
                .iter()
                .map(|input| {
                    let period = shifted(self.calendar, period, input.offset)?;
                    let position = self.own.clone().find(|position| self.periods[*position] == period)?;
                    Some((period, position))
                })
                .collect(),
            _ => Vec::new(),
        };
        let (missing, barred) = (self.missing(metric), self.barred(metric, period));
        let standing = Rc::new(Standing { missing, barred, inputs });
        self.standings.borrow_mut().insert((&metric.id, at), Rc::clone(&standing));
        standing
    }

    /// Why a metric has no value in a period, whatever was counted.
    fn barred(&self, metric: &Metric, period: &Period) -> Option<Code> {
        let uncovered =
            |relation: &str, period: &Period| (!self.covers(relation, period)).then_some(Code::NoData);
        match &metric.computation {
            Computation::Simple { aggregate, span: Span::Period } => {
                uncovered(&aggregate.model.relation, period)
            }
            Computation::Simple { aggregate, span } => {
                let Some((from, to)) = crate::plan::range(self.calendar, period, *span) else {
                    return Some(Code::NotApplicable);
                };
                let coverage = self.tables.coverage(base_table(&aggregate.model.relation));
                (!coverage.touches(Some(from), Some(to))).then_some(Code::NoData)
            }
            Computation::Conversion(conversion, _) => uncovered(&conversion.base.model.relation, period),
            Computation::BuyerRetention(purchases, _) => {
                let relation = &purchases.purchases.model.relation;
                match self.calendar.previous(period) {
                    None => Some(Code::NotApplicable),
                    Some(before) => uncovered(relation, &before).or(uncovered(relation, period)),
                }
            }
            Computation::Builtin(builtin) => uncovered(&builtin.aggregate.model.relation, period),
            Computation::Ratio { .. } | Computation::Derived { .. } | Computation::NotKept(_) => None,
        }
    }

    /// The rows of a metric over all members of the dimension a share is split by.
    fn whole(&self, metric: &'a Metric, at: usize, dimension: usize) -> Whole {
        let mut wholes = self.wholes.borrow_mut();
        let whole = wholes.entry((&metric.id, at));
        Rc::clone(whole.or_insert_with(|| Rc::new(self.groups.whole(&metric.id, at, dimension))))
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

/// One line of an answer: a combination of members.
#[derive(Clone, Copy)]
pub(crate) struct Line<'c, 'a> {
    counted: &'c Counted<'a>,
    line: usize,
}

impl<'a> Line<'_, 'a> {
    /// What a metric is worth in the period at a position.
    pub(crate) fn worth(&self, metric: &'a Metric, at: usize) -> Worth {
        let standing = self.counted.standing(metric, at);
        if let Some(missing) = &standing.missing {
            return Worth::lacking(missing.clone());
        }
        let mut worth = match (&standing.barred, &metric.computation) {
            (Some(code), _) => Worth::blocked(*code),
            (None, Computation::Simple { aggregate, .. }) => {
                let cell = self.cell(metric, at);
                match aggregate.model.relation == QUOTA && cell.rows == 0 {
                    true => Worth::blocked(Code::MissingTarget),
                    false => aggregated(aggregate, &cell),
                }
            }
            (None, Computation::Conversion(..) | Computation::BuyerRetention(..)) => {
                let cell = self.cell(metric, at);
                Worth::of(cell.value.unwrap_or_default(), cell.rows)
            }
            (None, Computation::Builtin(builtin)) => built_in(builtin, &self.cell(metric, at)),
            (None, Computation::NotKept(what)) => Worth::lacking(format!("it rests on {what}")),
            (None, Computation::Ratio { numerator, denominator }) => {
                let below = match &metric.share_of {
                    Some(dimension) => self.whole(denominator, at, dimension),
                    None => self.worth(denominator, at),
                };
                let mut worth = ratio(self.worth(numerator, at), below, is_target(denominator));
                if metric.positive_base && worth.denominator.is_some_and(|base| base < Decimal::ZERO) {
                    worth.value = None;
                    worth.codes.insert(Code::InvalidBase);
                }
                worth
            }
            (None, Computation::Derived { expr, inputs }) => self.derived(expr, inputs, &standing),
        };
        if let Some(counted) = &metric.rests_on {
            worth.n = self.worth(counted, at).n;
        }
        let qualifying = [(&metric.left_truncated, Code::LeftTruncated), (&metric.prorated, Code::Prorated)];
        for (counted, code) in qualifying {
            if let Some(counted) = counted
                && worth.value.is_some()
                && self.worth(counted, at).n > 0
            {
                worth.codes.insert(code);
            }
        }
        if let Some(waiting) = &metric.not_matured {
            worth.not_matured = self.worth(waiting, at).n;
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

    /// What a count is worth for all members of a dimension together.
    fn whole(&self, metric: &'a Metric, at: usize, dimension: &str) -> Worth {
        let mut worth = self.worth(metric, at);
        let split = self.counted.by.iter().position(|by| by.name() == dimension);
        if let (Some(split), true) = (split, worth.value.is_some()) {
            let whole = self.counted.whole(metric, at, split);
            let others = self.counted.groups.others(self.line, split);
            worth.n = whole.get(&others).copied().unwrap_or_default();
            worth.value = Some(Decimal::from(worth.n));
        }
        worth
    }

    fn derived(
        &self,
        expr: &datafusion::prelude::Expr,
        inputs: &'a [DerivedInput],
        standing: &Standing,
    ) -> Worth {
        let mut values: HashMap<&str, Option<Decimal>> = HashMap::new();
        let mut codes = Codes::default();
        let mut least_n: Option<u64> = None;
        let mut missing = None;
        let mut parts = Vec::new();
        for (input, looked_at) in inputs.iter().zip(&standing.inputs) {
            let worth = match looked_at {
                Some((_, at)) => self.worth(&input.metric, *at),
                None => Worth::blocked(Code::NotApplicable),
            };
            parts.push(Input {
                alias: input.alias.clone(),
                metric: input.metric.id.clone(),
                period: looked_at.as_ref().map(|(period, _)| period.clone()),
                value: worth.value,
            });
            codes.extend(worth.codes.iter());
            missing = missing.or(worth.missing);
            least_n = Some(least_n.map_or(worth.n, |least| least.min(worth.n)));
            values.insert(&input.alias, worth.value);
        }
        let value = arithmetic::evaluate(expr, &|name| values.get(name).copied().flatten());
        match value {
            Err(NoValue::DividedByZero) => codes.insert(Code::ZeroDenominator),
            Err(NoValue::TooLarge) => codes.insert(Code::InvalidBase),
            Err(NoValue::Missing) | Ok(_) => {}
        }
        let n = least_n.unwrap_or_default();
        Worth { value: value.ok(), codes, missing, inputs: parts, ..Worth::of(Decimal::ZERO, n) }
    }

    fn cell(&self, metric: &Metric, at: usize) -> Cell {
        self.counted.groups.cell(&metric.id, self.line, at)
    }
}

fn built_in(builtin: &Builtin, cell: &Cell) -> Worth {
    match (&builtin.plan, cell.value) {
        (Plan::PerThing(_, Output::Largest) | Plan::Waiting(_), Some(value)) => Worth::of(value, cell.rows),
        (Plan::PerThing(..), Some(value)) => Worth::of(value, value.to_u64().unwrap_or(cell.rows)),
        (Plan::PerThing(_, Output::Largest), None) => Worth::blocked(Code::ZeroDenominator),
        (Plan::PerThing(..), None) => Worth::of(Decimal::ZERO, 0),
        (Plan::Waiting(_), None) if cell.rows > 0 => Worth::blocked(Code::Censored),
        (Plan::Waiting(_), None) => Worth::blocked(Code::ZeroDenominator),
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
    codes.extend(below.codes.iter());
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

/// Periods of each length, with their positions among all: whole periods of one length never overlap,
/// so each length is computed by itself. One up to a day is computed apart from those it is part of.
pub(crate) fn by_grain(periods: &[Period]) -> Vec<(Vec<usize>, Vec<Period>)> {
    let mut groups: Vec<(Grain, Vec<usize>, Vec<Period>)> = Vec::new();
    for (position, period) in periods.iter().enumerate() {
        let apart = |group: &[Period]| !group.iter().any(|other| other.overlaps(period));
        let joined = groups.iter_mut().find(|(grain, _, group)| *grain == period.grain && apart(group));
        match joined {
            Some((_, positions, group)) => {
                positions.push(position);
                group.push(period.clone());
            }
            None => groups.push((period.grain, vec![position], vec![period.clone()])),
        }
    }
    groups.into_iter().map(|(_, positions, group)| (positions, group)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_computed_together_does_not_overlap() {
        let calendar = Calendar::starting_in(1).expect("a month");
        let parsed = |key: &str| calendar.parse(key).expect("a period");
        let (first, second) = (parsed("2026-Q1"), parsed("2026-Q2"));
        let part = first.through(date(2026, 2, 14));
        let periods = [first.clone(), parsed("2026-01"), part.clone(), second.clone(), calendar.all()];
        let groups = by_grain(&periods);
        assert_eq!(
            groups,
            [
                (vec![0, 3], vec![first, second]),
                (vec![1], vec![periods[1].clone()]),
                (vec![2], vec![part]),
                (vec![4], vec![calendar.all()]),
            ]
        );
    }
}
