//! Semantic models, resolved: what a row of a table means, what it can be split by, and which of
//! its dates decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::prelude::Expr;
use serde::{Deserialize, Serialize};

use crate::percentile::Percentile;

/// Which date decides the period a row counts for (domain T1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// The instant of what happened.
    Event,
    /// The date the deal was won or lost.
    Close,
    /// The date the thing was created, whatever happened later.
    CreatedCohort,
    /// The date of the invoice.
    Invoice,
    /// The state at the end of the period.
    Snapshot,
}

impl Attribution {
    /// For whom and when a row counts, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Attribution::Event => "the person who did it, by its date; team and manager as of that day",
            Attribution::Close => "the owner, by close date; team and manager as of that day",
            Attribution::CreatedCohort => "the owner, by creation date; team and manager as of that day",
            Attribution::Invoice => "the seller credited, by invoice date; team and manager as of that day",
            Attribution::Snapshot => "the owner at the end of the period",
        }
    }
}

/// A table or view with the meaning of its columns.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) name: String,
    /// The table or view its rows come from.
    pub(crate) relation: String,
    pub(crate) schema: SchemaRef,
    /// Things a row is about, by name; joins go along them.
    pub(crate) entities: BTreeMap<String, Entity>,
    pub(crate) dimensions: BTreeMap<String, ModelDimension>,
    /// From when to when a row holds, where its state at an instant can be asked.
    pub(crate) holds: Option<(Expr, Expr)>,
}

impl Model {
    /// The expression of an entity or dimension of the model's own.
    pub(crate) fn own(&self, name: &str) -> Option<&Expr> {
        let dimension = self.dimensions.get(name).map(|dimension| &dimension.expr);
        dimension.or_else(|| self.entities.get(name).map(|entity| &entity.expr))
    }

    /// The entity a row of this model is itself.
    pub(crate) fn primary(&self) -> Option<&str> {
        self.entities.iter().find(|(_, entity)| entity.identifies).map(|(name, _)| name.as_str())
    }
}

/// What a row is, or refers to.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// Whether one value stands for at most one row.
    pub(crate) identifies: bool,
    pub(crate) expr: Expr,
}

/// A column rows can be split or filtered by.
#[derive(Clone, Debug)]
pub(crate) struct ModelDimension {
    pub(crate) label: String,
    pub(crate) expr: Expr,
    /// For a time dimension, how it attributes.
    pub(crate) time: Option<Attribution>,
}

/// The date by which rows of a measure are counted.
#[derive(Clone, Debug)]
pub(crate) enum When {
    /// A date of the row.
    Dated { name: String, date: Expr, attribution: Attribution },
    /// The state at the end of each period.
    Snapshot,
}

impl When {
    pub(crate) fn attribution(&self) -> Attribution {
        match self {
            When::Dated { attribution, .. } => *attribution,
            When::Snapshot => Attribution::Snapshot,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            When::Dated { name, .. } => name,
            When::Snapshot => "snapshot",
        }
    }
}

/// How rows are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Aggregation {
    Count,
    CountDistinct,
    Sum,
    SumBoolean,
    Average,
    Min,
    Max,
    Median,
    Percentile(Percentile),
}

/// A measure with a filter: what one aggregate of a plan computes.
#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) model: Arc<Model>,
    pub(crate) when: When,
    pub(crate) aggregation: Aggregation,
    pub(crate) expr: Expr,
    /// Whether its values are doubles: times, not money and no counts.
    pub(crate) is_fraction: bool,
    /// `expr` as it stands in the file.
    pub(crate) expr_text: String,
    pub(crate) filter: Option<Expr>,
    /// The filter of the measure's own as it stands in the file; the metric's stands with the metric.
    pub(crate) filter_text: Option<String>,
    /// Columns of other models the filter looks at, as `entity__dimension`.
    pub(crate) joined: Vec<String>,
}

impl Aggregate {
    /// Whether rows without an exchange rate matter to it.
    pub(crate) fn is_money(&self) -> bool {
        let money = if self.model.relation == "quota" { "target" } else { "value" };
        self.expr.column_refs().iter().any(|column| column.name == money)
    }

    /// Whether it counts the distinct things that purchases are told apart by, over the same rows of
    /// the same days.
    pub(crate) fn counts_things_of(&self, purchases: &Aggregate) -> bool {
        let dated = match &self.when {
            When::Dated { attribution, .. } => *attribution != Attribution::CreatedCohort,
            When::Snapshot => false,
        };
        let same_rows = self.model.name == purchases.model.name
            && self.when.name() == purchases.when.name()
            && self.filter == purchases.filter;
        let of_period = self.joined.iter().any(|name| crate::plan::BOUNDS.contains(&name.as_str()));
        self.aggregation == Aggregation::CountDistinct
            && dated
            && same_rows
            && !of_period
            && self.expr == purchases.expr
    }

    /// The same with a further condition.
    pub(crate) fn and(&self, condition: Expr) -> Aggregate {
        let filter = match &self.filter {
            Some(filter) => filter.clone().and(condition),
            None => condition,
        };
        Aggregate { filter: Some(filter), ..self.clone() }
    }
}
