//! The catalogue of metric definitions: read from files, checked as a whole, then only asked.
//!
//! [`file`] is what stands in the YAML; [`expression`] turns the texts of filters and `expr`
//! into engine expressions and lets only harmless ones through. What this module hands out is
//! already resolved: every name points at something that exists.

mod expression;
mod file;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::prelude::Expr;
use serde::{Deserialize, Serialize};

use crate::credited;
use crate::retention;
use file::{DefinitionFile, MetricFile, MetricKind};

/// The definitions that ship with Attain.
const SHIPPED: &[(&str, &str)] =
    &[("catalogue/opportunities.yaml", include_str!("../../../../definitions/catalogue/opportunities.yaml"))];

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Higher is better.
    Up,
    /// Lower is better.
    Down,
    /// Informational.
    None,
}

/// What a value is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A number of things.
    Count,
    /// The company's currency.
    Money,
    /// A fraction, shown in per cent.
    Ratio,
    /// Civil days.
    Days,
}

/// Which date decides the period a row counts for (domain T1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// The date the deal was won or lost.
    Close,
    /// The date the deal was created, whatever happened later.
    CreatedCohort,
    /// The state at the end of the period.
    Snapshot,
}

impl Attribution {
    /// For whom and when a row counts, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Attribution::Close => "the owner, by close date; team and manager as of that day",
            Attribution::CreatedCohort => "the owner, by creation date; team and manager as of that day",
            Attribution::Snapshot => "the owner at the end of the period",
        }
    }
}

/// How rows are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aggregation {
    Count,
    CountDistinct,
    Sum,
    Median,
}

/// A measure with a filter: what one aggregate of a plan computes.
#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) aggregation: Aggregation,
    pub(crate) expr: Expr,
    /// `expr` as it stands in the file.
    pub(crate) expr_text: String,
    pub(crate) filter: Option<Expr>,
    pub(crate) attribution: Attribution,
}

impl Aggregate {
    /// Whether it adds up money, so that rows without an exchange rate matter.
    pub(crate) fn is_money(&self) -> bool {
        self.expr.column_refs().iter().any(|column| column.name == "value")
    }
}

/// How a metric's value comes about.
#[derive(Clone, Debug)]
pub(crate) enum Computation {
    Simple(Box<Aggregate>),
    Ratio { numerator: Arc<Metric>, denominator: Arc<Metric> },
    BuyerRetention(retention::Output),
}

/// The shape of a metric's formula, for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula<'a> {
    /// A number of rows or distinct things.
    Count,
    /// A sum over rows.
    Sum,
    /// The middle value of rows.
    Median,
    /// One metric ÷ another.
    Ratio(&'a Metric, &'a Metric),
}

/// A metric of the catalogue.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Identifier, as questions name it.
    pub id: String,
    /// Name for people.
    pub label: String,
    /// What it means, in one or two sentences.
    pub description: String,
    /// The word under a number in a formula: `won`.
    pub term: String,
    /// What a ratio is a share of: `decided`.
    pub of: Option<String>,
    /// Version of the definition.
    pub version: u32,
    /// What it is measured in.
    pub unit: Unit,
    /// Whether a ratio is the share of a set that is part of it, so that it has an interval.
    pub proportion: bool,
    /// Which way is good.
    pub direction: Direction,
    /// Which date decides.
    pub attribution: Attribution,
    /// Below this many rows the value carries E6 (domain 7.2).
    pub minimum_n: Option<u64>,
    /// Below this many rows there is no rank; without it the metric is a full count.
    pub minimum_n_rank: Option<u64>,
    /// Whether it may be ranked at all.
    pub ranked: bool,
    /// The metric that keeps this one honest.
    pub counter_metric: String,
    /// How the number can be made to look better than the work.
    pub gaming: String,
    /// The filter as written in the file, for readers.
    pub filter: Option<String>,
    /// The definition as it stands in the file.
    pub source_text: String,
    pub(crate) not_matured: Option<Arc<Metric>>,
    pub(crate) computation: Computation,
}

impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        self.id == other.id && self.version == other.version
    }
}

impl Eq for Metric {}

impl Metric {
    /// The shape of its formula.
    #[must_use]
    pub fn formula(&self) -> Formula<'_> {
        match &self.computation {
            Computation::Ratio { numerator, denominator } => Formula::Ratio(numerator, denominator),
            Computation::BuyerRetention(_) => Formula::Count,
            Computation::Simple(aggregate) => match aggregate.aggregation {
                Aggregation::Count | Aggregation::CountDistinct => Formula::Count,
                Aggregation::Sum => Formula::Sum,
                Aggregation::Median => Formula::Median,
            },
        }
    }
}

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
    #[error("{file}: {kind} `{name}`: {problem}")]
    Wrong {
        /// Name of the file.
        file: String,
        /// `metric` or `measure`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What is wrong and what would be right.
        problem: String,
    },
}

/// All definitions in force.
#[derive(Clone, Debug)]
pub struct Catalogue {
    metrics: BTreeMap<String, Arc<Metric>>,
    order: Vec<String>,
}

impl Catalogue {
    /// The definitions that ship with Attain.
    ///
    /// # Errors
    /// Never in a released binary: a test reads them.
    pub fn shipped() -> Result<Catalogue, DefinitionError> {
        Catalogue::read(SHIPPED.iter().copied())
    }

    /// Reads definition files: name and text of each.
    ///
    /// # Errors
    /// Names the file and the definition that cannot be right.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Catalogue, DefinitionError> {
        let mut catalogue = Catalogue { metrics: BTreeMap::new(), order: Vec::new() };
        for (file, text) in files {
            let parsed = file::parse(file, text)?;
            Resolver { file, parsed: &parsed, text, catalogue: &mut catalogue }.resolve()?;
        }
        Ok(catalogue)
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
}

/// Turns one parsed file into metrics of the catalogue.
struct Resolver<'a> {
    file: &'a str,
    parsed: &'a DefinitionFile,
    text: &'a str,
    catalogue: &'a mut Catalogue,
}

impl Resolver<'_> {
    fn resolve(&mut self) -> Result<(), DefinitionError> {
        for metric in &self.parsed.metrics {
            if self.catalogue.metrics.contains_key(&metric.name) {
                return Err(self.wrong(&metric.name, "the name is taken by another metric".into()));
            }
            let resolved = self.metric(metric)?;
            self.catalogue.order.push(metric.name.clone());
            self.catalogue.metrics.insert(metric.name.clone(), Arc::new(resolved));
        }
        self.check_counter_metrics()
    }

    fn metric(&self, metric: &MetricFile) -> Result<Metric, DefinitionError> {
        let computation = self.computation(metric)?;
        let attribution = attribution_of(&computation);
        let meta = &metric.meta;
        let not_matured = meta.not_matured.as_deref().map(|id| self.earlier(&metric.name, id)).transpose()?;
        Ok(Metric {
            id: metric.name.clone(),
            label: metric.label.clone(),
            description: metric.description.clone(),
            term: meta.term.clone().unwrap_or_else(|| metric.label.to_lowercase()),
            of: meta.of.clone(),
            version: meta.version,
            unit: meta.unit,
            proportion: meta.proportion,
            direction: meta.direction,
            attribution,
            minimum_n: meta.minimum_n,
            minimum_n_rank: meta.minimum_n_rank,
            ranked: meta.direction != Direction::None,
            counter_metric: meta.counter_metric.clone(),
            gaming: meta.gaming.clone(),
            filter: metric.filter.clone(),
            source_text: file::text_of(self.text, &metric.name),
            not_matured,
            computation,
        })
    }

    fn computation(&self, metric: &MetricFile) -> Result<Computation, DefinitionError> {
        match &metric.kind {
            MetricKind::Simple { measure } => {
                Ok(Computation::Simple(Box::new(self.aggregate(metric, measure)?)))
            }
            MetricKind::Ratio { numerator, denominator } => {
                let numerator = self.earlier(&metric.name, numerator)?;
                let denominator = self.earlier(&metric.name, denominator)?;
                Ok(Computation::Ratio { numerator, denominator })
            }
            MetricKind::Builtin { plan, output } => {
                retention::Output::from_names(plan, output).map(Computation::BuyerRetention).ok_or_else(
                    || self.wrong(&metric.name, format!("there is no plan `{plan}` with output `{output}`")),
                )
            }
        }
    }

    fn aggregate(&self, metric: &MetricFile, measure_name: &str) -> Result<Aggregate, DefinitionError> {
        let found = self.parsed.semantic_models.iter().find_map(|model| {
            model.measures.iter().find(|measure| measure.name == measure_name).map(|measure| (model, measure))
        });
        let Some((model, measure)) = found else {
            return Err(self.wrong(&metric.name, format!("there is no measure `{measure_name}`")));
        };
        let schema = credited::schema();
        let parse = |text: &str| {
            expression::parse(text, &schema)
                .map_err(|problem| self.wrong(&metric.name, format!("`{text}`: {problem}")))
        };
        let dimension = measure.agg_time_dimension.as_deref().unwrap_or(&model.defaults.agg_time_dimension);
        let attribution = match dimension {
            "close_date" => Attribution::Close,
            "created_date" => Attribution::CreatedCohort,
            "snapshot" => Attribution::Snapshot,
            other => {
                return Err(self.wrong(
                    &metric.name,
                    format!("`{other}` is not a time dimension; write close_date, created_date or snapshot"),
                ));
            }
        };
        Ok(Aggregate {
            aggregation: measure.agg,
            expr: parse(&measure.expr)?,
            expr_text: measure.expr.clone(),
            filter: metric.filter.as_deref().map(parse).transpose()?,
            attribution,
        })
    }

    /// A metric defined before this one, so that no definition can go in a circle.
    fn earlier(&self, metric: &str, id: &str) -> Result<Arc<Metric>, DefinitionError> {
        self.catalogue
            .metric(id)
            .cloned()
            .ok_or_else(|| self.wrong(metric, format!("`{id}` is not defined above it")))
    }

    fn check_counter_metrics(&self) -> Result<(), DefinitionError> {
        for metric in self.catalogue.metrics() {
            if self.catalogue.metric(&metric.counter_metric).is_none() {
                let problem = format!("its counter-metric `{}` does not exist", metric.counter_metric);
                return Err(self.wrong(&metric.id, problem));
            }
        }
        Ok(())
    }

    fn wrong(&self, name: &str, problem: String) -> DefinitionError {
        DefinitionError::Wrong { file: self.file.to_owned(), kind: "metric", name: name.to_owned(), problem }
    }
}

fn attribution_of(computation: &Computation) -> Attribution {
    match computation {
        Computation::Simple(aggregate) => aggregate.attribution,
        Computation::Ratio { numerator, .. } => attribution_of(&numerator.computation),
        Computation::BuyerRetention(_) => Attribution::Close,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "semantic_models:\n  - name: o\n    model: opportunity_credited\n    defaults: { agg_time_dimension: close_date }\n    measures:\n      - { name: closed, agg: count, expr: opportunity_id }\n";

    fn refusal(metric: &str) -> String {
        let text = format!("{MODEL}metrics:\n{metric}");
        Catalogue::read([("m.yaml", text.as_str())]).expect_err("refused").to_string()
    }

    #[test]
    fn the_shipped_catalogue_reads() {
        let catalogue = Catalogue::shipped().expect("shipped definitions are right");
        let win_rate = catalogue.metric("win_rate_count").expect("defined");
        assert!(win_rate.source_text.starts_with("- name: win_rate_count"), "{}", win_rate.source_text);
        assert!(
            matches!(win_rate.formula(), Formula::Ratio(won, decided) if won.term == "won" && decided.term == "decided")
        );
    }

    #[test]
    fn a_definition_that_cannot_be_right_is_refused_with_its_place() {
        let meta = "    meta: { version: 1, unit: count, direction: up, counter_metric: a, gaming: none }\n";
        let simple = |filter: &str| {
            format!(
                "  - name: a\n    label: A\n    description: d\n    type: simple\n    type_params: {{ measure: closed }}\n    filter: \"{filter}\"\n{meta}"
            )
        };
        assert!(refusal(&simple("colour = 'red'")).contains("m.yaml: metric `a`: `colour = 'red'`"));
        assert!(refusal(&simple("random() > 0.5")).contains("random"));
        assert!(refusal(&simple("outcome in (select 1)")).contains("outcome in"));
        assert!(refusal(&simple("count(stage) > 1")).contains("count"));
        let unknown = simple("outcome = 'won'").replace("measure: closed", "measure: opened");
        assert!(refusal(&unknown).contains("there is no measure `opened`"));
        let uncountered = simple("outcome = 'won'").replace("counter_metric: a", "counter_metric: b");
        assert!(refusal(&uncountered).contains("counter-metric `b` does not exist"));
    }
}
