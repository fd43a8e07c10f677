//! Rows of any model: its identifier, its day, its things and dimensions by name, and what is
//! added up.

use attain_facts::store::schema::RECORDED;
use datafusion::arrow::datatypes::DataType;
use datafusion::functions::string::expr_fn::lower;
use datafusion::functions::unicode::expr_fn::strpos;
use datafusion::logical_expr::{Cast, SortExpr};
use datafusion::prelude::{Expr, lit};

use super::{EventRow, Marked, Row, Rows, RowsColumn, RowsPage};
use crate::ask::{Asker, MetricsError};
use crate::calendar::Period;
use crate::definition::{Aggregation, Computation, Metric, Model};
use crate::engine::{Cells, collect};
use crate::plan::{CREDIT_DATE, DECIMAL, column};
use crate::subject::Level;

/// Name of the row's identifier among the columns an event is read from.
pub(super) const ID: &str = "row_id";
const VALUE: &str = "row_value";

impl Asker {
    pub(super) async fn events(
        &self,
        marked: Marked,
        above: &Metric,
        model: &Model,
        period: &Period,
        page: &RowsPage,
    ) -> Result<Rows, MetricsError> {
        let things = things(model);
        let mut columns = columns(model, above);
        columns.extend([super::NUMERATOR, super::DENOMINATOR].map(column));
        let rows = marked.rows.select(columns)?;
        let found = match page.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => rows.filter(contains(text, things.len()))?,
            None => rows,
        };
        let matching = found.clone().count().await?;
        let has_value = value(above).is_some();
        let sorted = found.sort(order(page, has_value))?.limit(page.offset.min(matching), page.limit)?;
        let result = collect(sorted).await?;
        let mut rows = Vec::new();
        for row in result.rows() {
            rows.push(Row::Event(self.event(&row, model, period)?));
        }
        Ok(Rows {
            rows,
            matching,
            counted: marked.counted,
            numerators: marked.numerators,
            denominators: marked.denominators,
        })
    }

    /// A row that has the [`columns`] of its model.
    pub(super) fn event(
        &self,
        row: &Cells<'_>,
        model: &Model,
        period: &Period,
    ) -> Result<EventRow, MetricsError> {
        let things = things(model);
        let cells = things.iter().enumerate().map(|(position, (label, level, _))| {
            let value = row.text(&cell(position));
            (label.clone(), value.map(|id| self.name_of(*level, id)))
        });
        Ok(EventRow {
            id: row.text(ID).unwrap_or_default(),
            date: row.date(CREDIT_DATE),
            cells: cells.collect(),
            value: row.decimal(VALUE)?,
            recorded: self.recorded(row, period),
            numerator: row.boolean(super::NUMERATOR).unwrap_or_default(),
            denominator: row.boolean(super::DENOMINATOR).unwrap_or_default(),
        })
    }

    /// People and products by name, everything else as it stands.
    fn name_of(&self, level: Option<Level>, id: String) -> String {
        level.and_then(|level| self.organisation().member(level, &id)).map_or(id, |member| member.name)
    }
}

/// The columns an event is read from.
pub(super) fn columns(model: &Model, metric: &Metric) -> Vec<Expr> {
    let mut columns = vec![identifier(model).alias(ID), column(CREDIT_DATE)];
    columns.extend(model.schema.field_with_name(RECORDED).is_ok().then(|| column(RECORDED)));
    columns.extend(value(metric).map(|value| value.alias(VALUE)));
    for (position, (_, _, expr)) in things(model).into_iter().enumerate() {
        columns.push(text(expr).alias(cell(position)));
    }
    columns
}

/// What tells rows of a model apart: the source's identifier, or its primary entity.
fn identifier(model: &Model) -> Expr {
    let source = model.schema.field_with_name("source_id").is_ok().then(|| column("source_id"));
    let primary = || model.primary().and_then(|name| model.own(name)).cloned();
    text(source.or_else(primary).unwrap_or_else(|| lit("")))
}

/// Labels and expressions of what a row refers to and can be split by.
fn things(model: &Model) -> Vec<(String, Option<Level>, Expr)> {
    let entities = model.entities.iter().filter(|(_, entity)| !entity.identifies).map(|(name, entity)| {
        let level = Level::from_name(name);
        (name.replace('_', " "), level, entity.expr.clone())
    });
    let dimensions = model.dimensions.values().filter(|dimension| dimension.time.is_none());
    let dimensions = dimensions.map(|dimension| (dimension.label.clone(), None, dimension.expr.clone()));
    entities.chain(dimensions).collect()
}

/// What is added up; rows that are merely counted have nothing to show.
fn value(metric: &Metric) -> Option<Expr> {
    match &metric.computation {
        Computation::Simple { aggregate, .. } => match aggregate.aggregation {
            Aggregation::Count | Aggregation::CountDistinct | Aggregation::SumBoolean => None,
            _ => Some(Expr::Cast(Cast::new(Box::new(aggregate.expr.clone()), DECIMAL))),
        },
        _ => None,
    }
}

fn cell(position: usize) -> String {
    format!("cell_{position}")
}

fn text(expr: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), DataType::Utf8))
}

fn contains(text: &str, cells: usize) -> Expr {
    let wanted = text.to_lowercase();
    (0..cells)
        .map(cell)
        .chain([ID.to_owned()])
        .map(|name| strpos(lower(column(&name)), lit(wanted.clone())).gt(lit(0)).is_true())
        .reduce(Expr::or)
        .unwrap_or_else(|| lit(true))
}

fn order(page: &RowsPage, has_value: bool) -> Vec<SortExpr> {
    let sorted = match page.sort {
        RowsColumn::Deal => column(ID),
        RowsColumn::Amount if has_value => column(VALUE),
        _ => column(CREDIT_DATE),
    };
    // Newest first, unless an order was chosen.
    let ascending = !page.descending && page.sort != RowsColumn::Outcome;
    vec![sorted.sort(ascending, false), column(ID).sort(true, false)]
}
