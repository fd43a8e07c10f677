//! The catalogue of metric definitions: read from files, checked as a whole, then only asked.
//!
//! [`file`] is what stands in the YAML, in the vocabulary of dbt's semantic layer; [`expression`]
//! turns the texts of filters and `expr` into engine expressions and lets only harmless ones
//! through; [`resolve`] makes [`model`]s and [`metric`]s of both. A company's own definitions
//! ([`own`]) come on top, from a date on ([`editions`]). What this module hands out is
//! already resolved: every name points at something that exists.

mod editions;
pub(crate) mod expression;
mod file;
mod metric;
pub(crate) mod model;
mod own;
mod resolve;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;

use crate::credited;
pub use editions::{Change, Editions, NewVersion, Versions};
pub(crate) use metric::{Computation, DerivedInput, Offset, Span, ValidLevel as Level};
pub use metric::{CounterMetric, Direction, Formula, Metric, Unit, ValidLevel};
pub use model::Attribution;
pub(crate) use model::{Aggregate, Aggregation, Model, When};
use resolve::{Extent, Layer};

/// The definitions that ship with Attain.
const SHIPPED: &[(&str, &str)] = &[
    ("catalogue/models.yaml", include_str!("../../../../definitions/catalogue/models.yaml")),
    ("catalogue/opportunities.yaml", include_str!("../../../../definitions/catalogue/opportunities.yaml")),
    ("catalogue/activity.yaml", include_str!("../../../../definitions/catalogue/activity.yaml")),
    ("catalogue/leads.yaml", include_str!("../../../../definitions/catalogue/leads.yaml")),
    ("catalogue/pipeline.yaml", include_str!("../../../../definitions/catalogue/pipeline.yaml")),
    ("catalogue/outcome.yaml", include_str!("../../../../definitions/catalogue/outcome.yaml")),
    ("catalogue/customers.yaml", include_str!("../../../../definitions/catalogue/customers.yaml")),
    ("catalogue/forecast.yaml", include_str!("../../../../definitions/catalogue/forecast.yaml")),
    ("catalogue/efficiency.yaml", include_str!("../../../../definitions/catalogue/efficiency.yaml")),
    ("catalogue/discipline.yaml", include_str!("../../../../definitions/catalogue/discipline.yaml")),
];

/// A definition that cannot be right, with its place.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The file is not YAML of the expected shape.
    #[error("{file}: {message}")]
    Unreadable {
        /// Name of the file.
        file: String,
        /// What is wrong, with line and column.
        message: String,
    },
    /// A definition contradicts itself or the tables.
    #[error("{file}:{line}:{column}: {kind} `{name}`: {problem}")]
    Wrong {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Column, from 1.
        column: u64,
        /// `semantic model` or `metric`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What is wrong and what would be right.
        problem: String,
    },
}

/// Rows of one kind: what of them can be counted or added up, and what conditions can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsOf<'a> {
    /// The semantic model.
    pub model: &'a str,
    /// Its measures.
    pub measures: Vec<&'a str>,
    /// Its dimensions.
    pub dimensions: Vec<&'a str>,
}

/// All definitions in force.
#[derive(Clone, Debug)]
pub struct Catalogue {
    models: BTreeMap<String, Arc<Model>>,
    /// Model and name of each.
    measures: BTreeSet<(String, String)>,
    metrics: BTreeMap<String, Arc<Metric>>,
    order: Vec<String>,
}

impl Catalogue {
    /// The definitions that ship with Attain.
    ///
    /// # Errors
    /// Never in a released binary: a test reads them.
    pub fn shipped() -> Result<Catalogue, DefinitionError> {
        Catalogue::read(SHIPPED.iter().copied(), &credited::schema_of)
    }

    /// Reads definition files: name and text of each, over tables whose columns `schema` knows.
    ///
    /// # Errors
    /// Names the file, the place and the definition that cannot be right.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        schema: &dyn Fn(&str) -> Option<SchemaRef>,
    ) -> Result<Catalogue, DefinitionError> {
        let layer = |(file, text)| Layer { file, text, extent: Extent::Shipped };
        let layers: Vec<Layer<'_>> = files.into_iter().map(layer).collect();
        resolve::catalogue(&layers, schema, &Versions::default())
    }

    /// A metric by its identifier.
    #[must_use]
    pub fn metric(&self, id: &str) -> Option<&Arc<Metric>> {
        self.metrics.get(id)
    }

    /// Every metric, in the order of the files.
    pub fn metrics(&self) -> impl Iterator<Item = &Arc<Metric>> {
        self.order.iter().filter_map(|id| self.metrics.get(id))
    }

    /// What metrics can be made of, by kind of row.
    pub fn rows(&self) -> impl Iterator<Item = RowsOf<'_>> {
        self.models.values().map(|model| RowsOf {
            model: &model.name,
            measures: self
                .measures
                .iter()
                .filter(|(of, _)| *of == model.name)
                .map(|(_, measure)| measure.as_str())
                .collect(),
            dimensions: model.dimensions.keys().map(String::as_str).collect(),
        })
    }

    /// Dimensions a model reaches along its entities: `entity__dimension` with their types.
    pub(crate) fn joinable(&self, model: &Model) -> BTreeMap<String, datafusion::arrow::datatypes::DataType> {
        resolve::joinable(&self.models, model)
    }

    pub(crate) fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.models.values()
    }
}

#[cfg(test)]
mod tests;
