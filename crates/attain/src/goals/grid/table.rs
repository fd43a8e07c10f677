//! Rows and columns, their order and what they add up to.

use std::cmp::Ordering;
use std::sync::Arc;

use attain_metrics::{Direction, Member, Metric, Number, Period, Subject};
use rust_decimal::Decimal;

use crate::goals::entries::Standing;
use crate::goals::line::Line;

/// A metric in a period.
pub(super) struct Column {
    pub(super) metric: Arc<Metric>,
    pub(super) period: Period,
}

impl Column {
    /// What tells it from the columns beside it.
    pub(super) fn id(&self, by_period: bool) -> &str {
        if by_period { self.period.key() } else { &self.metric.id }
    }
}

/// Somebody, or a team, with a cell of each column.
pub(super) struct Row {
    pub(super) subject: Subject,
    pub(super) name: String,
    pub(super) role: Option<String>,
    pub(super) leader: Option<Member>,
    pub(super) cells: Vec<Cell>,
}

/// What somebody attained, and what it is held against.
pub(super) enum Cell {
    /// With a goal or quota, or a goal that is proposed.
    Held { line: Box<Line>, standing: Standing },
    /// Without a target.
    NoTarget(Option<Box<Number>>),
}

impl Cell {
    fn line(&self) -> Option<&Line> {
        match self {
            Cell::Held { line, .. } => Some(line),
            Cell::NoTarget(_) => None,
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.line().is_some()
    }

    fn target(&self) -> Option<Decimal> {
        self.line()?.target
    }

    fn attainment(&self) -> Option<Decimal> {
        self.line()?.attainment.as_ref()?.as_ref().ok().copied()
    }

    /// How far beyond the target it is; short of it is negative, whichever way is good.
    fn gap(&self) -> Option<Decimal> {
        let line = self.line()?;
        let beyond = line.number.value?.checked_sub(line.target?)?;
        Some(if line.metric.direction == Direction::Down { -beyond } else { beyond })
    }
}

/// How rows follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Name,
    /// By a column, the furthest from the target first; without a target last.
    Attainment(usize),
    Gap(usize),
}

/// Sorts rows; those of equal standing by name.
pub(super) fn sort(rows: &mut [Row], order: Order) {
    let key = |row: &Row| match order {
        Order::Name => None,
        Order::Attainment(at) => row.cells.get(at).and_then(Cell::attainment),
        Order::Gap(at) => row.cells.get(at).and_then(Cell::gap),
    };
    rows.sort_by(|one, other| {
        absent_last(key(one), key(other))
            .then_with(|| (&one.name, &one.subject).cmp(&(&other.name, &other.subject)))
    });
}

fn absent_last(one: Option<Decimal>, other: Option<Decimal>) -> Ordering {
    one.is_none().cmp(&other.is_none()).then(one.cmp(&other))
}

/// What the rows of a column come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// So many have a target, so many none.
    pub(super) with: usize,
    pub(super) without: usize,
    /// The sum of the targets; none of a metric that does not add up over people.
    pub(super) target: Option<Decimal>,
    /// What those with a target attained together; none where the value of one of them is not known.
    pub(super) attained: Option<Decimal>,
}

impl Sum {
    /// Of a column of rows.
    pub(super) fn of(rows: &[Row], at: usize, column: &Column) -> Sum {
        let cells: Vec<&Cell> = rows.iter().filter_map(|row| row.cells.get(at)).collect();
        let held: Vec<&Line> =
            cells.iter().filter(|cell| cell.target().is_some()).filter_map(|cell| cell.line()).collect();
        let adds_up = column.metric.accumulates() && !held.is_empty();
        let added = |part: fn(&Line) -> Option<Decimal>| {
            let mut parts = held.iter().map(|line| part(line));
            parts.try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part?))
        };
        Sum {
            with: held.len(),
            without: cells.len() - held.len(),
            target: added(|line| line.target).filter(|_| adds_up),
            attained: added(|line| line.number.value).filter(|_| adds_up),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_target_comes_last_in_any_order() {
        let (some, more) = (Some(Decimal::ONE), Some(Decimal::TWO));
        assert_eq!(absent_last(some, None), Ordering::Less);
        assert_eq!(absent_last(None, more), Ordering::Greater);
        assert_eq!(absent_last(some, more), Ordering::Less);
        assert_eq!(absent_last(None, None), Ordering::Equal);
    }
}
