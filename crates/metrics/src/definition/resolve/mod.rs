//! From the files to a catalogue: names are looked up, expressions parsed, circles refused.
//!
//! [`models`] and [`measures`] say which rows there are and what of them is added up; [`metrics`]
//! makes metrics of them, by type; [`conversions`], [`maturity`] and [`narrowing`] are what takes
//! more than a line of that, and [`windows`] reads stretches of time. Files lie in [`layers`].

mod conversions;
mod layers;
mod maturity;
mod measures;
mod metrics;
mod models;
mod narrowing;
mod windows;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use serde_saphyr::Spanned;

use super::editions::Versions;
use super::file::{DefinitionFile, MetricFile};
use super::metric::{CounterMetric, Metric};
use super::model::Model;
use super::{Catalogue, DefinitionError, file};
pub(super) use layers::{Extent, Layer};
use measures::Measure;
pub(crate) use models::joinable;

/// Reads and resolves files as one catalogue.
pub(super) fn catalogue(
    layers: &[Layer<'_>],
    schema: &dyn Fn(&str) -> Option<SchemaRef>,
    versions: &Versions,
) -> Result<Catalogue, DefinitionError> {
    let parsed: Vec<(Layer<'_>, DefinitionFile)> = layers
        .iter()
        .map(|layer| Ok((*layer, file::parse(layer.file, layer.text)?)))
        .collect::<Result<_, DefinitionError>>()?;
    let mut resolver = Resolver { versions: versions.clone(), ..Resolver::default() };
    for (layer, definitions) in &parsed {
        for model in &definitions.semantic_models {
            resolver.add_model(*layer, model, schema)?;
        }
    }
    for (layer, definitions) in &parsed {
        for metric in &definitions.metrics {
            resolver.add_metric(*layer, metric)?;
        }
    }
    for name in resolver.order.clone() {
        resolver.metric(name)?;
    }
    resolver.check_counter_metrics()?;
    let measures = resolver
        .measures
        .values()
        .map(|measure| (measure.model.name.clone(), measure.written.name.value.clone()));
    Ok(Catalogue {
        measures: measures.collect(),
        models: resolver.models,
        metrics: resolver.metrics,
        order: resolver.order.into_iter().map(str::to_owned).collect(),
    })
}

#[derive(Default)]
struct Resolver<'f> {
    versions: Versions,
    models: BTreeMap<String, Arc<Model>>,
    /// From which file each model comes.
    from: BTreeMap<String, Layer<'f>>,
    measures: BTreeMap<&'f str, Measure<'f>>,
    written: BTreeMap<&'f str, (Layer<'f>, &'f MetricFile)>,
    order: Vec<&'f str>,
    metrics: BTreeMap<String, Arc<Metric>>,
    /// Metrics being resolved, to see a circle.
    under_way: Vec<&'f str>,
}

/// Where a definition stands, for messages.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    file: &'a str,
    kind: &'static str,
    name: &'a str,
}

impl Place<'_> {
    pub(super) fn wrong<T>(&self, at: &Spanned<T>, problem: String) -> DefinitionError {
        DefinitionError::Wrong {
            file: self.file.to_owned(),
            line: at.referenced.line(),
            column: at.referenced.column(),
            kind: self.kind,
            name: self.name.to_owned(),
            problem,
        }
    }
}

impl<'f> Resolver<'f> {
    /// A metric by name, resolved with everything it is made of.
    fn metric(&mut self, name: &'f str) -> Result<Arc<Metric>, DefinitionError> {
        if let Some(metric) = self.metrics.get(name) {
            return Ok(Arc::clone(metric));
        }
        let Some(&(layer, written)) = self.written.get(name) else {
            // Callers look names up before they ask.
            return Err(DefinitionError::Unreadable {
                file: String::new(),
                message: format!("there is no metric `{name}`"),
            });
        };
        let place = Place { file: layer.file, kind: "metric", name };
        if self.under_way.contains(&name) {
            let circle = self.under_way.join(" → ");
            return Err(place.wrong(&written.name, format!("it is made of itself: {circle} → {name}")));
        }
        self.under_way.push(name);
        let mut metric = self.resolved(place, layer, written)?;
        if let Some(counted) = self.versions.of(&metric) {
            metric.version = counted;
        }
        let metric = Arc::new(metric);
        self.under_way.pop();
        self.metrics.insert(name.to_owned(), Arc::clone(&metric));
        Ok(metric)
    }

    /// A metric another names at `at`.
    fn named(&mut self, place: Place<'_>, at: &Spanned<String>) -> Result<Arc<Metric>, DefinitionError> {
        let found = self.written.keys().copied().find(|name| *name == at.value);
        match found {
            Some(name) => self.metric(name),
            None => Err(place.wrong(
                at,
                format!("there is no metric `{}`{}", at.value, suggestion(&at.value, self.written.keys())),
            )),
        }
    }

    fn check_counter_metrics(&self) -> Result<(), DefinitionError> {
        for (name, (layer, written)) in &self.written {
            if let Some(at) = &written.meta.counter_metric
                && let Some(CounterMetric::Metric(counter)) =
                    self.metrics.get(*name).map(|metric| &metric.counter_metric)
                && !self.written.contains_key(counter.as_str())
            {
                let problem = format!("its counter-metric `{counter}` does not exist");
                return Err(Place { file: layer.file, kind: "metric", name }.wrong(at, problem));
            }
        }
        Ok(())
    }
}

fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a &'a str>) -> String {
    crate::ask::nearest(name, known.copied())
        .map(|found| format!("; did you mean `{found}`?"))
        .unwrap_or_default()
}
