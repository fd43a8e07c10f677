//! Rows as questions see them: what was merged is one (domain 2.5).
//!
//! Facts keep the ids they came with. Here references to a merged one lead to the one that is kept,
//! and of their own rows the kept one's counts. Where both say what may hold only once at a time, the
//! kept one's holds and the other fills what it leaves open.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, RecordBatch, StringArray, UInt32Array,
};
use datafusion::arrow::compute::{cast, concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Date32Type};
use datafusion::arrow::error::ArrowError;
use datafusion::logical_expr::{Cast, ColumnarValue, ScalarUDF, Volatility, create_udf, when};
use datafusion::prelude::{DataFrame, Expr, SessionContext, ident, lit};

use super::{Redirects, Snapshot, StoreError};
use crate::canonical::{Column, ColumnType, Constraint, Table};

/// A half-open range of days since 1970-01-01.
type Days = (i32, i32);

impl Snapshot {
    /// The merges that hold.
    #[must_use]
    pub fn redirects(&self) -> &Redirects {
        &self.redirects
    }

    /// The same snapshot, as if these merges held.
    pub(crate) fn with_redirects(mut self, redirects: Redirects) -> Snapshot {
        self.redirects = redirects;
        self
    }

    /// The rows of a table as questions see them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub async fn resolved(&self, context: &SessionContext, table: Table) -> Result<DataFrame, StoreError> {
        let rows = self.view(context, table).await?;
        if self.redirects.is_empty() {
            return Ok(rows);
        }
        let rows = self.once_at_a_time(context, table, rows).await?;
        let rows = self.without_merged(context, table, rows).await?;
        self.referring_to_kept(table, rows)
    }

    /// Rows without those that are about something merged, unless nothing else is known of the kept one.
    pub(super) async fn without_merged(
        &self,
        context: &SessionContext,
        table: Table,
        rows: DataFrame,
    ) -> Result<DataFrame, StoreError> {
        let merged = self.redirects.of(table);
        let (Some(id), false) = (table.id_column(), merged.is_empty()) else { return Ok(rows) };
        let concerned = merged.iter().flat_map(|(id, kept)| [*id, *kept]);
        let present = self.view(context, table).await?.filter(among(id, concerned))?;
        let present = texts(&present.select(vec![ident(id)])?.collect().await?);
        let mut stands_for: BTreeSet<&str> =
            merged.iter().map(|(_, kept)| *kept).filter(|kept| present.contains(*kept)).collect();
        let is_present = |id: &str| present.contains(id);
        let dropped: Vec<&str> = merged
            .iter()
            .filter(|(id, kept)| !is_present(id) || !stands_for.insert(kept))
            .map(|(id, _)| *id)
            .collect();
        Ok(rows.filter(among(id, dropped.into_iter()).is_not_true())?)
    }

    /// Rows with references to merged ones leading to those that are kept, and none to itself.
    pub(super) fn referring_to_kept(&self, table: Table, rows: DataFrame) -> Result<DataFrame, StoreError> {
        let kept = kept_id(self.redirects.clone());
        let mut rows = rows;
        let own = table.id_column().filter(|_| self.redirects.concern(table));
        let referring = table.columns().iter().filter(|column| self.may_redirect(column));
        let columns: Vec<&str> = referring.map(|column| column.name).chain(own).collect();
        for column in columns {
            rows = rows.with_column(column, kept.call(vec![ident(column)]))?;
        }
        let to_itself = |column: &&Column| column.kind == ColumnType::Reference(table);
        for column in table.columns().iter().filter(to_itself) {
            let Some(id) = own else { continue };
            let other = when(ident(column.name).not_eq(ident(id)), ident(column.name)).end()?;
            rows = rows.with_column(column.name, other)?;
        }
        for constraint in table.definition().constraints {
            if let Constraint::Chain { member, leader, .. } = constraint {
                rows = rows.filter(ident(*member).not_eq(ident(*leader)))?;
            }
        }
        Ok(rows)
    }

    /// Whether a column may refer to something merged.
    fn may_redirect(&self, column: &Column) -> bool {
        match column.kind {
            ColumnType::Reference(target) => self.redirects.concern(target),
            ColumnType::Subject(_) => {
                [Table::Employee, Table::Team, Table::Territory].iter().any(|of| self.redirects.concern(*of))
            }
            _ => false,
        }
    }

    /// Rows of which only one about each thing holds at a time, cut where the kept one has its own.
    async fn once_at_a_time(
        &self,
        context: &SessionContext,
        table: Table,
        rows: DataFrame,
    ) -> Result<DataFrame, StoreError> {
        let Some((about, except)) = self.exclusive(table) else { return Ok(rows) };
        let Some((from, to)) = table.definition().range else { return Ok(rows) };
        let target = table.column(about).map(|(_, column)| column.kind);
        let Some(ColumnType::Reference(target)) = target else { return Ok(rows) };
        let redirected = self.redirects.of(target);
        let counts = match except {
            Some((column, value)) => {
                let text = Expr::Cast(Cast::new(Box::new(ident(column)), DataType::Utf8));
                text.eq(lit(value)).is_not_true()
            }
            None => lit(true),
        };
        let moving = among(about, redirected.iter().map(|(id, _)| *id)).and(counts.clone());
        let moved = rows.clone().filter(moving.clone())?.collect().await?;
        let Some(first) = moved.first() else { return Ok(rows) };
        let moved = concat_batches(&first.schema(), &moved)?;
        let standing = rows.filter(moving.is_not_true())?;
        let kept = among(about, redirected.iter().map(|(_, kept)| *kept)).and(counts);
        let columns = vec![ident(about), ident(from), ident(to)];
        let mut taken: HashMap<String, Vec<Days>> = HashMap::new();
        for batch in standing.clone().filter(kept)?.select(columns)?.collect().await? {
            for (id, days) in days_of(&batch, [about, from, to])? {
                taken.entry(id).or_default().push(days);
            }
        }
        let cut = cut(&moved, [about, from, to], &self.redirects, &mut taken)?;
        Ok(standing.union(context.read_batch(cut)?)?)
    }

    /// The column that says what rows are about of which one holds at a time, where that may be
    /// merged, and the column and value of rows that do not count.
    fn exclusive(&self, table: Table) -> Option<(&'static str, Option<(&'static str, &'static str)>)> {
        table.definition().constraints.iter().find_map(|constraint| match constraint {
            Constraint::AtMostOne { per: [about], except, .. } => {
                let (_, column) = table.column(about)?;
                self.may_redirect(column).then_some((*about, *except))
            }
            _ => None,
        })
    }
}

/// The rows of merged ones, each for the days that nothing before it has taken.
fn cut(
    moved: &RecordBatch,
    [about, from, to]: [&str; 3],
    redirects: &Redirects,
    taken: &mut HashMap<String, Vec<Days>>,
) -> Result<RecordBatch, StoreError> {
    let mut rows: Vec<(usize, (String, Days))> =
        days_of(moved, [about, from, to])?.into_iter().enumerate().collect();
    rows.sort_by(|(_, (one, days)), (_, (other, others))| {
        (one.len(), one, days).cmp(&(other.len(), other, others))
    });
    let (mut positions, mut begins, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for (position, (id, days)) in rows {
        let taken = taken.entry(redirects.kept(&id).to_owned()).or_default();
        let left = remaining(days, taken);
        for (begin, end) in &left {
            positions.push(u32::try_from(position).unwrap_or(u32::MAX));
            begins.push((*begin != i32::MIN).then_some(*begin));
            ends.push((*end != i32::MAX).then_some(*end));
        }
        taken.extend(left);
    }
    let rows = take_record_batch(moved, &UInt32Array::from(positions))?;
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
        let days = match field.name() {
            name if name == from => &begins,
            name if name == to => &ends,
            _ => return Ok(Arc::clone(column)),
        };
        let days = Arc::new(Date32Array::from(days.clone())) as ArrayRef;
        cast(&days, field.data_type())
    });
    let columns = columns.collect::<Result<_, ArrowError>>()?;
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// The parts of a range that none of the taken ones covers, in their order.
fn remaining(days: Days, taken: &[Days]) -> Vec<Days> {
    let mut left = vec![days];
    for (from, to) in taken {
        let parts =
            left.into_iter().flat_map(|(begin, end)| [(begin, end.min(*from)), (begin.max(*to), end)]);
        left = parts.filter(|(begin, end)| begin < end).collect();
    }
    left
}

/// What rows are about, and from when to when they hold; a blank bound is open.
fn days_of(batch: &RecordBatch, [about, from, to]: [&str; 3]) -> Result<Vec<(String, Days)>, StoreError> {
    let column =
        |name: &str| batch.column_by_name(name).ok_or_else(|| StoreError::MissingColumn(name.to_owned()));
    let about: &StringArray = column(about)?.as_string();
    let bound = |name: &str| Ok::<ArrayRef, StoreError>(cast(column(name)?, &DataType::Date32)?);
    let (from, to) = (bound(from)?, bound(to)?);
    let (from, to): (&Date32Array, &Date32Array) =
        (from.as_primitive::<Date32Type>(), to.as_primitive::<Date32Type>());
    let day = |days: &Date32Array, row: usize, open: i32| match days.is_null(row) {
        true => open,
        false => days.value(row),
    };
    let rows = 0..batch.num_rows();
    Ok(rows
        .map(|row| (about.value(row).to_owned(), (day(from, row, i32::MIN), day(to, row, i32::MAX))))
        .collect())
}

fn among<'i>(column: &str, ids: impl Iterator<Item = &'i str>) -> Expr {
    ident(column).in_list(ids.map(lit).collect(), false)
}

fn texts(batches: &[RecordBatch]) -> BTreeSet<String> {
    let columns = batches.iter().map(|batch| batch.column(0).as_string::<i32>());
    columns
        .flat_map(|texts: &StringArray| texts.iter().flatten().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// The function from an id to the one that is kept of it.
fn kept_id(redirects: Redirects) -> ScalarUDF {
    let function = move |arguments: &[ColumnarValue]| {
        let ids = ColumnarValue::values_to_arrays(arguments)?;
        let ids: &StringArray = ids[0].as_string();
        let kept: StringArray = ids.iter().map(|id| id.map(|id| redirects.kept(id))).collect();
        Ok(ColumnarValue::Array(Arc::new(kept)))
    };
    create_udf("kept_id", vec![DataType::Utf8], DataType::Utf8, Volatility::Immutable, Arc::new(function))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_where_others_have_taken_it() {
        assert_eq!(remaining((0, 10), &[]), [(0, 10)]);
        assert_eq!(remaining((0, 10), &[(3, 5)]), [(0, 3), (5, 10)]);
        assert_eq!(remaining((0, 10), &[(8, i32::MAX), (i32::MIN, 2)]), [(2, 8)]);
        assert_eq!(remaining((0, 10), &[(0, 10)]), []);
        assert_eq!(remaining((i32::MIN, i32::MAX), &[(3, 5)]), [(i32::MIN, 3), (5, i32::MAX)]);
    }
}
