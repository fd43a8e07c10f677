//! What was counted, column by column: a line per combination of members, and of each metric a
//! column with a cell per line and period that has rows.
//!
//! Answers may have millions of lines, so members are named once and lines refer to them by number.

use std::sync::Arc;

use datafusion::arrow::array::{Array, Int32Array, RecordBatch, StringArray};
use datafusion::common::HashMap;
use rust_decimal::Decimal;

use crate::plan::{PERIOD, by_column};

/// What one aggregate found in one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The aggregated value; absent when no row carried one.
    pub(crate) value: Option<Decimal>,
    /// Rows that passed the filter.
    pub(crate) rows: u64,
    /// Rows among them that carried a value.
    pub(crate) present: u64,
    /// Rows among them left out because their currency has no rate.
    pub(crate) currency_missing: u64,
}

impl Cell {
    /// A number of rows that is its own value.
    pub(crate) fn count(rows: u64) -> Cell {
        Cell { value: Some(rows.into()), rows, present: rows, currency_missing: 0 }
    }
}

/// The cells of one metric by place. Mere counts take a sixth of the room.
#[derive(Clone, Debug)]
enum Column {
    Counts(Vec<u64>),
    Cells(Vec<Cell>),
}

impl Column {
    fn cell(&self, place: usize) -> Cell {
        match self {
            Column::Counts(counts) => counts.get(place).copied().map(Cell::count),
            Column::Cells(cells) => cells.get(place).cloned(),
        }
        .unwrap_or_default()
    }

    fn rows(&self, place: usize) -> u64 {
        match self {
            Column::Counts(counts) => counts.get(place).copied(),
            Column::Cells(cells) => cells.get(place).map(|cell| cell.rows),
        }
        .unwrap_or_default()
    }
}

/// The members met in one dimension, each named once. 0 stands for *unassigned*.
#[derive(Clone, Debug, Default)]
struct Names {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Names {
    fn number(&mut self, name: Option<&str>) -> u32 {
        let Some(name) = name else { return 0 };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        let number = counted(self.names.len());
        self.numbers.insert(name, number);
        number
    }

    fn name(&self, number: u32) -> Option<&Arc<str>> {
        self.names.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }
}

/// Lines and their cells.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    periods: usize,
    names: Vec<Names>,
    /// For each dimension, the beginnings of lines: the number of the beginning up to the dimension
    /// before and of the member, and which beginning that makes. The last ones are the lines.
    beginnings: Vec<HashMap<(u32, u32), u32>>,
    /// The members of each line, one after the other.
    members: Vec<u32>,
    /// The place of each line and period in the columns, one more than it; 0 where nothing was found.
    places: Vec<u32>,
    used: usize,
    columns: HashMap<String, Column>,
}

impl Groups {
    /// Nothing counted yet, for a question split by so many dimensions.
    pub(crate) fn new(dimensions: usize, periods: usize) -> Groups {
        let mut groups = Groups {
            periods,
            names: vec![Names::default(); dimensions],
            beginnings: vec![HashMap::new(); dimensions],
            members: Vec::new(),
            places: Vec::new(),
            used: 0,
            columns: HashMap::new(),
        };
        if dimensions == 0 {
            groups.places.resize(periods, 0);
        }
        groups
    }

    /// How many lines there are.
    pub(crate) fn lines(&self) -> usize {
        self.places.len().checked_div(self.periods).unwrap_or_default()
    }

    /// The line of members, made when it is met first.
    pub(crate) fn line<'m>(&mut self, members: impl Iterator<Item = Option<&'m str>>) -> usize {
        let numbers: Vec<u32> =
            members.zip(&mut self.names).map(|(name, names)| names.number(name)).collect();
        self.line_of(&numbers)
    }

    fn line_of(&mut self, numbers: &[u32]) -> usize {
        let mut line = 0;
        let mut is_new = false;
        for (number, beginnings) in numbers.iter().zip(&mut self.beginnings) {
            let next = counted(beginnings.len());
            let found = *beginnings.entry((line, *number)).or_insert(next);
            is_new = found == next;
            line = found;
        }
        if is_new {
            self.members.extend_from_slice(numbers);
            self.places.resize(self.places.len() + self.periods, 0);
        }
        line as usize
    }

    /// The place of a line's cells in a period.
    pub(crate) fn place(&mut self, line: usize, period: usize) -> usize {
        let place = &mut self.places[line * self.periods + period];
        if *place == 0 {
            self.used += 1;
            *place = counted(self.used);
        }
        *place as usize - 1
    }

    /// The places of the rows of a result. `positions` says which of the answer's periods the
    /// result's are.
    pub(crate) fn places(&mut self, result: &RecordBatch, positions: &[usize]) -> Vec<usize> {
        let lines = self.lines_of(result);
        let periods = result.column_by_name(PERIOD);
        let periods = periods.and_then(|column| column.as_any().downcast_ref::<Int32Array>());
        let position = |row: usize| {
            let period = periods.filter(|periods| periods.is_valid(row)).map(|periods| periods.value(row));
            let period = period.and_then(|period| usize::try_from(period).ok()).unwrap_or_default();
            positions.get(period).copied().unwrap_or_default()
        };
        lines.into_iter().enumerate().map(|(row, line)| self.place(line, position(row))).collect()
    }

    /// The lines of the rows of a result.
    pub(crate) fn lines_of(&mut self, result: &RecordBatch) -> Vec<usize> {
        let columns: Vec<Option<&StringArray>> = (0..self.names.len())
            .map(|position| result.column_by_name(&by_column(position))?.as_any().downcast_ref())
            .collect();
        let mut numbers = vec![0; columns.len()];
        (0..result.num_rows())
            .map(|row| {
                for ((number, column), names) in numbers.iter_mut().zip(&columns).zip(&mut self.names) {
                    let name = column.filter(|column| column.is_valid(row)).map(|column| column.value(row));
                    *number = names.number(name);
                }
                self.line_of(&numbers)
            })
            .collect()
    }

    /// Keeps mere counts of a metric.
    pub(crate) fn keep_counts(&mut self, metric: &str, places: &[usize], counts: impl Iterator<Item = u64>) {
        let used = self.used;
        let column = self.columns.entry(metric.to_owned()).or_insert_with(|| Column::Counts(Vec::new()));
        match column {
            Column::Counts(kept) => {
                kept.resize(used.max(kept.len()), 0);
                places.iter().zip(counts).for_each(|(place, count)| kept[*place] = count);
            }
            Column::Cells(kept) => {
                kept.resize(used.max(kept.len()), Cell::default());
                places.iter().zip(counts).for_each(|(place, count)| kept[*place] = Cell::count(count));
            }
        }
    }

    /// The cells of a metric, one for each place there is.
    pub(crate) fn cells(&mut self, metric: &str) -> &mut [Cell] {
        let column = self.columns.entry(metric.to_owned()).or_insert_with(|| Column::Cells(Vec::new()));
        if let Column::Counts(counts) = column {
            *column = Column::Cells(counts.iter().copied().map(Cell::count).collect());
        }
        match column {
            Column::Cells(cells) => {
                cells.resize(self.used.max(cells.len()), Cell::default());
                cells
            }
            Column::Counts(_) => &mut [],
        }
    }

    /// What was found of a metric in a line and period.
    pub(crate) fn cell(&self, metric: &str, line: usize, period: usize) -> Cell {
        let place = self.places.get(line * self.periods + period).copied().unwrap_or_default();
        match place.checked_sub(1) {
            Some(place) => self.columns.get(metric).map(|column| column.cell(place as usize)),
            None => None,
        }
        .unwrap_or_default()
    }

    /// Whether any row was counted for a line.
    pub(crate) fn has_rows(&self, line: usize) -> bool {
        let places = &self.places[line * self.periods..(line + 1) * self.periods];
        let found = places.iter().filter_map(|place| place.checked_sub(1));
        found.into_iter().any(|place| self.columns.values().any(|column| column.rows(place as usize) > 0))
    }

    /// The members of a line by number.
    pub(crate) fn members(&self, line: usize) -> &[u32] {
        let dimensions = self.names.len();
        &self.members[line * dimensions..(line + 1) * dimensions]
    }

    /// The members met in a dimension, by number; the first is *unassigned*.
    pub(crate) fn names(&self, dimension: usize) -> impl Iterator<Item = Option<&Arc<str>>> {
        let names = &self.names[dimension];
        (0..=counted(names.names.len())).map(|number| names.name(number))
    }

    /// The member of a number in a dimension; none for *unassigned*.
    pub(crate) fn name(&self, dimension: usize, number: u32) -> Option<&str> {
        self.names[dimension].name(number).map(AsRef::as_ref)
    }

    /// The rows of a metric in a period over all members of one dimension, by the other members.
    pub(crate) fn whole(&self, metric: &str, period: usize, dimension: usize) -> HashMap<Vec<u32>, u64> {
        let mut whole = HashMap::new();
        for line in 0..self.lines() {
            let rows = self.cell(metric, line, period).rows;
            *whole.entry(self.others(line, dimension)).or_default() += rows;
        }
        whole
    }

    /// The members of a line in the other dimensions.
    pub(crate) fn others(&self, line: usize, dimension: usize) -> Vec<u32> {
        let members = self.members(line).iter().enumerate();
        members.filter(|(position, _)| *position != dimension).map(|(_, member)| *member).collect()
    }
}

/// A count of members, lines or places; an answer beyond four thousand million of them does not fit
/// into memory long before.
fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
