//! Which columns of a model's rows a plan looks at, so that it carries no others along.

use std::collections::BTreeSet;

use datafusion::prelude::{DataFrame, Expr};

use super::place::{self, Way};
use super::{AS_OF_DATE, CREDIT_DATE, CURRENCY_MISSING, OWN_DATE, Source, Wanted, column};
use crate::ask::MetricsError;
use crate::credited::View;
use crate::definition::{Model, When};

/// The columns a plan looks at.
#[derive(Clone, Debug)]
pub(crate) enum Needed {
    /// All there are.
    Everything,
    /// These.
    Columns(BTreeSet<String>),
}

impl Needed {
    /// The columns of expressions.
    pub(crate) fn by<'e>(expressions: impl IntoIterator<Item = &'e Expr>) -> Needed {
        let columns = expressions.into_iter().flat_map(|expression| {
            expression.column_refs().into_iter().map(|column| column.name.clone()).collect::<Vec<_>>()
        });
        Needed::Columns(columns.collect())
    }

    /// Whether a column is looked at.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Needed::Everything => true,
            Needed::Columns(columns) => columns.contains(name),
        }
    }

    /// Adds what rows are dated, split, narrowed and joined by. A condition of the question's own
    /// may look at anything.
    pub(super) fn with_dimensions(
        &self,
        source: &Source<'_>,
        model: &Model,
        when: &When,
        wanted: &Wanted<'_>,
        joined: &[String],
    ) -> Result<Needed, MetricsError> {
        let (Needed::Columns(columns), None) = (self, wanted.filter) else { return Ok(Needed::Everything) };
        let mut expressions: Vec<Expr> = match (when, &model.holds) {
            (When::Dated { date, .. }, _) => vec![date.clone()],
            (When::Snapshot, Some((from, to))) => vec![from.clone(), to.clone()],
            (When::Snapshot, None) => Vec::new(),
        };
        let mut entities: Vec<String> = joined.to_vec();
        for dimension in wanted.by.iter().cloned().chain(wanted.subject.dimension()) {
            match place::resolve(source, model, &dimension)? {
                Way::Own(expr) | Way::Region(expr) | Way::Manager(expr) => expressions.push(expr),
                Way::Joined(name) => entities.push(name),
            }
        }
        for (entity, _) in entities.iter().filter_map(|name| name.split_once("__")) {
            expressions.extend(model.entities.get(entity).map(|entity| entity.expr.clone()));
        }
        let Needed::Columns(further) = Needed::by(&expressions) else { return Ok(Needed::Everything) };
        Ok(Needed::Columns(columns.union(&further).cloned().collect()))
    }

    /// Rows with the needed columns, and those that others are made from.
    pub(super) fn of(&self, view: Option<View>, rows: DataFrame) -> Result<DataFrame, MetricsError> {
        let (Needed::Columns(columns), Some(view)) = (self, view) else { return Ok(rows) };
        let Some(carried) = view.carried(self) else { return Ok(rows) };
        let kept: Vec<Expr> = rows
            .schema()
            .fields()
            .iter()
            .filter(|field| columns.contains(field.name()) || carried.contains(&field.name().as_str()))
            .map(|field| column(field.name()))
            .collect();
        Ok(rows.select(kept)?)
    }

    /// Finished rows with the needed columns.
    pub(super) fn of_finished(&self, rows: DataFrame) -> Result<DataFrame, MetricsError> {
        let Needed::Columns(columns) = self else { return Ok(rows) };
        let added = [AS_OF_DATE, OWN_DATE, CREDIT_DATE, CURRENCY_MISSING];
        let fields = rows.schema().fields().iter().map(|field| field.name().as_str());
        let kept = fields.filter(|name| columns.contains(*name) || added.contains(name));
        let kept: Vec<Expr> = kept.map(column).collect();
        Ok(rows.select(kept)?)
    }
}

impl View {
    /// Whether amounts have to be converted. Where several people share a value it is converted
    /// before it is divided.
    pub(crate) fn needs_money(self, needed: &Needed) -> bool {
        self.is_shared() || needed.has(CURRENCY_MISSING) || self.values().any(|value| needed.has(value))
    }
}
