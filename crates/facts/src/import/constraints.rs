//! Delivered rows against the constraints of their table ([`Constraint`]), together with what
//! holds of earlier deliveries: read from the engine in order, judged by [`claims`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{
    Array, AsArray, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int32Type, Int64Type};
use datafusion::common::{JoinType, ScalarValue};
use datafusion::logical_expr::{Cast, Operator, binary_expr, when};
use datafusion::prelude::{DataFrame, Expr, SessionContext, col, ident, lit};
use futures::TryStreamExt;

use super::claims::{self, Claim, Refused, WHOLE};
use super::compare::{OCCURRENCE, session};
use super::{ImportError, Work};
use crate::canonical::{Constraint, Table};
use crate::reject::{Reason, Reject};
use crate::store::StoreError;
use crate::store::schema::{FILE_INDEX, LINE, SOURCE_ID};

/// File of a row that an earlier delivery brought.
pub(super) const KNOWN_FILE: i32 = -1;

impl Work<'_> {
    /// Rejects rows that break a constraint of their table.
    pub(super) async fn reject_violations(
        &mut self,
        tables: &BTreeMap<Table, PathBuf>,
    ) -> Result<(), ImportError> {
        for (table, path) in tables {
            for constraint in table.definition().constraints {
                let context = session(self.scratch)?;
                let claims = self.claims(&context, *table, path, *constraint).await?;
                let refused = judged(claims, *constraint).await?;
                let mut by_file: BTreeMap<usize, Vec<Reject>> = BTreeMap::new();
                for row in refused {
                    let reject = self.violation(*table, *constraint, &row);
                    by_file.entry(row.file_index).or_default().push(reject);
                }
                for (file_index, rejects) in by_file {
                    self.staging.reject_later(file_index, rejects)?;
                }
            }
        }
        Ok(())
    }

    /// The claims that hold after this delivery: those it brings and, unless it is complete, those
    /// of earlier deliveries that it says nothing about.
    async fn claims(
        &self,
        context: &SessionContext,
        table: Table,
        path: &Path,
        constraint: Constraint,
    ) -> Result<DataFrame, StoreError> {
        let staged = self.staged(context, table, path);
        let accepted = staged.accepted(&self.staging.fates)?;
        let first = staged.numbered(&self.staging.fates)?.filter(col(OCCURRENCE).eq(lit(1u64)))?;
        let delivered = claiming(first, table, constraint, [col(FILE_INDEX), col(LINE)])?;
        let Some(held) = self.held.as_ref().filter(|_| !self.is_complete(table)) else {
            return Ok(delivered);
        };
        let replaced = accepted.select(vec![col(SOURCE_ID).alias("replaced_id")])?;
        let standing = staged.held(held).await?.join_on(
            replaced,
            JoinType::LeftAnti,
            [col(SOURCE_ID).eq(col("replaced_id"))],
        )?;
        let standing = claiming(standing, table, constraint, [lit(KNOWN_FILE), lit(0i64)])?;
        Ok(delivered.union(standing)?)
    }

    fn violation(&self, table: Table, constraint: Constraint, row: &Refused) -> Reject {
        let (column, reason) = match constraint {
            Constraint::AtMostOne { per, share: Some(share), .. } => {
                (Some(share), Reason::SharesAboveOne { per: naming(per) })
            }
            Constraint::AtMostOne { per, .. } => {
                (None, Reason::Overlap { line: row.against, per: naming(per) })
            }
            Constraint::ExactlyOne { per, share, .. } => (Some(share), Reason::SharesNotOne { per }),
            Constraint::Forest { parent: column } | Constraint::Chain { leader: column, .. } => {
                (Some(column), Reason::Circle { column })
            }
        };
        let column = column.and_then(|column| self.source_column(row.file_index, table, column));
        Reject { line: row.line, column, value: None, reason }
    }
}

/// Whether rows of a table keep a constraint among themselves.
pub(crate) async fn keep(rows: DataFrame, table: Table, constraint: Constraint) -> Result<bool, StoreError> {
    let claims = claiming(rows, table, constraint, [lit(0i32), lit(0i64)])?;
    Ok(judged(claims, constraint).await?.is_empty())
}

/// The claims among these that cannot stand.
pub(super) async fn judged(rows: DataFrame, constraint: Constraint) -> Result<Vec<Refused>, StoreError> {
    // Which of two gives way must not follow from the order of rows and files (invariant I7): what is
    // known stands first, and of delivered rows the content decides.
    let mut order = vec![col("about"), col("from_unit"), col(FILE_INDEX).gt_eq(lit(0i32))];
    order.extend(["to_unit", "claimed", "leads_to", SOURCE_ID, FILE_INDEX, LINE].map(col));
    let order = order.into_iter().map(|expression| expression.sort(true, true)).collect();
    let mut stream = rows.sort(order)?.execute_stream().await?;
    let mut refused = Vec::new();
    let mut together: Vec<Claim> = Vec::new();
    let is_about_one = matches!(constraint, Constraint::AtMostOne { .. } | Constraint::ExactlyOne { .. });
    while let Some(batch) = stream.try_next().await? {
        for claim in claims_of(&batch) {
            if is_about_one && together.last().is_some_and(|last| last.about != claim.about) {
                refused.extend(judge(constraint, &together));
                together.clear();
            }
            together.push(claim);
        }
    }
    refused.extend(judge(constraint, &together));
    Ok(refused)
}

fn judge(constraint: Constraint, claims: &[Claim]) -> Vec<Refused> {
    match constraint {
        Constraint::AtMostOne { .. } => claims::above_one(claims),
        Constraint::ExactlyOne { .. } => claims::not_one(claims),
        Constraint::Forest { .. } | Constraint::Chain { .. } => claims::circular(claims),
    }
}

/// Rows as claims in columns: what about, leading where, from, to, share, file, line and identifier.
pub(super) fn claiming(
    rows: DataFrame,
    table: Table,
    constraint: Constraint,
    place: [Expr; 2],
) -> Result<DataFrame, StoreError> {
    let whole = || lit(ScalarValue::Decimal128(Some(WHOLE), 28, 6));
    let nothing = || lit("");
    let is = |(column, value): (&str, &str)| text(ident(column)).eq(lit(value));
    let is_not = |except: (&str, &str)| ident(except.0).is_null().or(is(except).is_not_true());
    let (about, leads_to, share, counts) = match constraint {
        Constraint::AtMostOne { per, share, except } => {
            (together(per)?, nothing(), share.map_or_else(whole, ident), except.map(is_not))
        }
        Constraint::ExactlyOne { per, share, only } => (ident(per), nothing(), ident(share), Some(is(only))),
        Constraint::Forest { parent } => {
            let id = table.id_column().ok_or_else(|| StoreError::MissingColumn(table.name().into()))?;
            (ident(id), ident(parent), whole(), Some(ident(parent).is_not_null()))
        }
        Constraint::Chain { member, leader, except } => {
            (ident(member), ident(leader), whole(), Some(is_not(except)))
        }
    };
    let unit = |column: &str| Expr::Cast(Cast::new(Box::new(ident(column)), DataType::Int64));
    // The parent of a thing is the same at all times, as far as the tables say.
    let range = table.definition().range.filter(|_| !matches!(constraint, Constraint::Forest { .. }));
    let always = || lit(ScalarValue::Int64(None));
    let (from, to) = range.map_or_else(|| (always(), always()), |(from, to)| (unit(from), unit(to)));
    let counting = share.clone().is_not_null();
    let counting = counts.map_or(counting.clone(), |counts| counting.and(counts));
    let [file_index, line] = place;
    Ok(rows.filter(counting)?.select(vec![
        about.alias("about"),
        leads_to.alias("leads_to"),
        from.alias("from_unit"),
        to.alias("to_unit"),
        share.alias("claimed"),
        file_index.alias(FILE_INDEX),
        line.alias(LINE),
        col(SOURCE_ID),
    ])?)
}

/// The column that names what rows are about.
fn naming(per: &'static [&'static str]) -> &'static str {
    per.last().copied().unwrap_or_default()
}

/// Several columns as one text, blank ones as nothing.
fn together(columns: &[&str]) -> Result<Expr, StoreError> {
    let filled =
        |column: &&str| Ok(when(ident(*column).is_not_null(), text(ident(*column))).otherwise(lit(""))?);
    let mut parts = columns.iter().map(filled).collect::<Result<Vec<Expr>, StoreError>>()?.into_iter();
    let first = parts.next().unwrap_or_else(|| lit(""));
    Ok(parts.fold(first, |all, part| {
        let separated = binary_expr(all, Operator::StringConcat, lit("\u{1f}"));
        binary_expr(separated, Operator::StringConcat, part)
    }))
}

fn text(expression: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expression), DataType::Utf8))
}

fn claims_of(batch: &RecordBatch) -> Vec<Claim> {
    let about: &StringArray = batch.column(0).as_string();
    let leads_to: &StringArray = batch.column(1).as_string();
    let from: &Int64Array = batch.column(2).as_primitive::<Int64Type>();
    let to: &Int64Array = batch.column(3).as_primitive::<Int64Type>();
    let shares: &Decimal128Array = batch.column(4).as_primitive::<Decimal128Type>();
    let files: &Int32Array = batch.column(5).as_primitive::<Int32Type>();
    let lines: &Int64Array = batch.column(6).as_primitive::<Int64Type>();
    let or = |units: &Int64Array, row: usize, open: i64| match units.is_null(row) {
        true => open,
        false => units.value(row),
    };
    (0..batch.num_rows())
        .map(|row| Claim {
            about: about.value(row).to_owned(),
            leads_to: leads_to.value(row).to_owned(),
            from: or(from, row, i64::MIN),
            to: or(to, row, i64::MAX),
            share: shares.value(row),
            place: usize::try_from(files.value(row)).ok().zip(u64::try_from(lines.value(row)).ok()),
        })
        .collect()
}
