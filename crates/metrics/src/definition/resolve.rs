//! From the files to a catalogue: names are looked up, expressions parsed, circles refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::logical_expr::{Cast, ExprSchemable};
use datafusion::prelude::{Expr, col, lit};
use serde_saphyr::Spanned;

use super::editions::Versions;
use super::expression::{self, Parsed, Reachable};
use super::file::{
    CalculationFile, ConversionFile, ConversionsFile, DefinitionFile, DimensionKind, EntityKind, InputFile,
    MeasureFile, MetricFile, MetricType, SemanticModelFile,
};
use super::metric::{Computation, CounterMetric, DerivedInput, Metric, Offset, Span, ValidLevel};
use super::model::{Aggregate, Aggregation, Attribution, Entity, Model, ModelDimension, When};
use super::{Catalogue, DefinitionError, file, own};
use crate::builtin::{Builtin, Output, Plan};
use crate::calendar::Grain;
use crate::conversion::{Conversion, Part};
use crate::plan::{AS_OF_DATE, CREDIT_DATE};
use crate::retention;

/// Name of the time dimension that asks for the state at the end of a period.
const SNAPSHOT: &str = "snapshot";

/// The plan of metrics that rest on what no table holds yet.
const NOT_KEPT: &str = "not_kept_v1";
const BUYER_RETENTION: &str = "buyer_retention_v1";

/// A definition file, and how far it counts.
#[derive(Clone, Copy)]
pub(super) struct Layer<'f> {
    pub(super) file: &'f str,
    pub(super) text: &'f str,
    pub(super) extent: Extent,
}

/// What of a file counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it; its names must be new.
    Shipped,
    /// All of it: a company's own, which may define metrics anew.
    Everything,
    /// A company's own, of which only what nothing else defines counts.
    OnlyWhatIsNew,
}

impl Layer<'_> {
    /// The file's name without folder and ending.
    fn section(&self) -> &str {
        let name = self.file.rsplit('/').next().unwrap_or(self.file);
        name.split('.').next().unwrap_or(name)
    }
}

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

/// A measure with the model it belongs to.
struct Measure<'f> {
    file: &'f str,
    model: Arc<Model>,
    written: &'f MeasureFile,
    when: When,
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
    fn add_model(
        &mut self,
        layer: Layer<'f>,
        written: &'f SemanticModelFile,
        schema: &dyn Fn(&str) -> Option<SchemaRef>,
    ) -> Result<(), DefinitionError> {
        let (file, name) = (layer.file, &written.name.value);
        let place = Place { file, kind: "semantic model", name };
        match self.from.get(name) {
            Some(_) if layer.extent == Extent::OnlyWhatIsNew => return Ok(()),
            Some(taken) if layer.extent == Extent::Shipped || taken.extent == Extent::Shipped => {
                let problem = "the name is taken by another semantic model".to_owned();
                return Err(place.wrong(&written.name, problem));
            }
            Some(_) => self.measures.retain(|_, measure| measure.model.name != *name),
            None => {}
        }
        self.from.insert(name.clone(), layer);
        let relation = relation_name(&written.model.value);
        let schema = schema(relation)
            .ok_or_else(|| place.wrong(&written.model, format!("there is no table `{relation}`")))?;
        let model = Arc::new(model(place, written, relation, schema)?);
        for measure in &written.measures {
            let when = when(place, written, measure, &model)?;
            let measured = Measure { file, model: Arc::clone(&model), written: measure, when };
            if self.measures.insert(&measure.name.value, measured).is_some() {
                let problem = format!("the measure `{}` is defined twice", measure.name.value);
                return Err(place.wrong(&measure.name, problem));
            }
        }
        self.models.insert(name.clone(), model);
        Ok(())
    }

    fn add_metric(&mut self, layer: Layer<'f>, written: &'f MetricFile) -> Result<(), DefinitionError> {
        let name = &written.name.value;
        let place = Place { file: layer.file, kind: "metric", name };
        if layer.extent != Extent::Shipped {
            own::check(place, written, !self.written.contains_key(name.as_str()))?;
        }
        match self.written.get(name.as_str()) {
            None => self.order.push(name),
            Some(_) if layer.extent == Extent::OnlyWhatIsNew => return Ok(()),
            Some((taken, _)) if layer.extent == Extent::Everything && taken.file != layer.file => {}
            Some(_) => {
                return Err(place.wrong(&written.name, "the name is taken by another metric".into()));
            }
        }
        self.written.insert(name, (layer, written));
        Ok(())
    }

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

    fn resolved(
        &mut self,
        place: Place<'_>,
        layer: Layer<'_>,
        written: &'f MetricFile,
    ) -> Result<Metric, DefinitionError> {
        let meta = &written.meta;
        let computation = self.computation(place, written)?;
        let mut named =
            |at: &Option<Spanned<String>>| at.as_ref().map(|at| self.named(place, at)).transpose();
        let not_matured = named(&meta.not_matured)?;
        let (left_truncated, prorated) = (named(&meta.left_truncated)?, named(&meta.prorated)?);
        let rests_on = named(&meta.rests_on)?;
        let label = written.label.clone().unwrap_or_else(|| written.name.value.replace('_', " "));
        let mut metric = Metric {
            id: written.name.value.clone(),
            description: written.description.clone().unwrap_or_default(),
            term: meta.term.clone().unwrap_or_else(|| label.to_lowercase()),
            label,
            of: meta.of.clone(),
            version: meta.version.unwrap_or(1),
            unit: meta.unit.unwrap_or_default(),
            proportion: meta.proportion,
            direction: meta.direction.unwrap_or_default(),
            levels: meta.levels.clone().unwrap_or_else(|| ValidLevel::ALL.to_vec()),
            band: meta.band.map(|[low, high]| (low, high)),
            attribution: attribution_of(&computation),
            minimum_n: meta.minimum_n,
            minimum_n_rank: meta.minimum_n_rank,
            ranked: meta
                .ranked
                .unwrap_or(matches!(meta.direction, Some(super::Direction::Up | super::Direction::Down))),
            counter_metric: counter_metric(place, written)?,
            gaming: meta.gaming.clone().unwrap_or_default(),
            undefined: meta.undefined.clone(),
            share_of: meta.share_of.clone(),
            filter: written.filter.as_ref().map(|filter| filter.value.clone()),
            expression: written.type_params.expr.as_ref().map(|expr| expr.value.clone()),
            source_text: file::text_of(layer.text, &written.name),
            section: layer.section().to_owned(),
            is_own: layer.extent != Extent::Shipped,
            not_matured,
            left_truncated,
            prorated,
            positive_base: meta.positive_base,
            rests_on,
            computation,
        };
        if let Computation::Ratio { denominator, .. } = &metric.computation
            && written.kind.value == MetricType::Conversion
        {
            metric.not_matured = denominator.not_matured.clone();
        }
        if let Some(days) = meta.matures_after_days {
            mature(place, written, &mut metric, days)?;
        }
        Ok(metric)
    }

    fn computation(
        &mut self,
        place: Place<'_>,
        written: &'f MetricFile,
    ) -> Result<Computation, DefinitionError> {
        let params = &written.type_params;
        let missing = |what: &str| {
            place.wrong(
                &written.kind,
                format!("{:?} metrics need `{what}` under type_params", written.kind.value),
            )
        };
        match written.kind.value {
            MetricType::Simple => {
                let measure = params.measure.as_ref().ok_or_else(|| missing("measure"))?;
                let aggregate = self.aggregate(place, measure, written.filter.as_ref())?;
                Ok(Computation::Simple { aggregate: Box::new(aggregate), span: Span::Period })
            }
            MetricType::Cumulative => {
                let measure = params.measure.as_ref().ok_or_else(|| missing("measure"))?;
                let aggregate = self.aggregate(place, measure, written.filter.as_ref())?;
                let cumulative = params.cumulative_type_params.as_ref();
                let window = params.window.as_ref().or(cumulative.and_then(|given| given.window.as_ref()));
                let to_date = params
                    .grain_to_date
                    .as_ref()
                    .or(cumulative.and_then(|given| given.grain_to_date.as_ref()));
                Ok(Computation::Simple {
                    aggregate: Box::new(aggregate),
                    span: span(place, window, to_date)?,
                })
            }
            MetricType::Ratio => {
                let above = params.numerator.as_ref().ok_or_else(|| missing("numerator"))?;
                let below = params.denominator.as_ref().ok_or_else(|| missing("denominator"))?;
                let numerator = self.input(place, above, written.filter.as_ref())?;
                let denominator = self.input(place, below, written.filter.as_ref())?;
                Ok(Computation::Ratio { numerator, denominator })
            }
            MetricType::Derived => self.derived(place, written),
            MetricType::Conversion => {
                let conversion = params
                    .conversion_type_params
                    .as_ref()
                    .ok_or_else(|| missing("conversion_type_params"))?;
                self.conversion(place, written, conversion)
            }
            MetricType::Builtin => {
                let plan = params.plan.as_ref().ok_or_else(|| missing("plan"))?;
                let output = params.output.as_ref().ok_or_else(|| missing("output"))?;
                if plan.value == NOT_KEPT {
                    return Ok(Computation::NotKept(output.value.clone()));
                }
                let measure = params.measure.as_ref().ok_or_else(|| missing("measure"))?;
                if plan.value != BUYER_RETENTION {
                    return self.builtin(place, written, measure, plan, output);
                }
                let Some(found) = retention::Output::from_names(&plan.value, &output.value) else {
                    let problem = format!("there is no plan `{}` with output `{}`", plan.value, output.value);
                    return Err(place.wrong(plan, problem));
                };
                let purchases = self.aggregate(place, measure, written.filter.as_ref())?;
                let filter = purchases.filter.as_ref().map(ToString::to_string).unwrap_or_default();
                let name = format!("{} {filter}", measure.name.value);
                Ok(Computation::BuyerRetention(Arc::new(retention::Purchases { name, purchases }), found))
            }
        }
    }

    fn builtin(
        &self,
        place: Place<'_>,
        written: &MetricFile,
        measure: &InputFile,
        plan: &Spanned<String>,
        output: &Spanned<String>,
    ) -> Result<Computation, DefinitionError> {
        let aggregate = self.aggregate(place, measure, written.filter.as_ref())?;
        let params = &written.type_params;
        let parsed = |at: &Option<Spanned<String>>, what: &str| match at {
            Some(at) => self.parsed(place, at, &aggregate.model).map(|parsed| parsed.expr),
            None => Err(place.wrong(plan, format!("the plan `{}` needs `{what}`", plan.value))),
        };
        let unknown = || {
            let problem = format!("there is no plan `{}` with output `{}`", plan.value, output.value);
            place.wrong(plan, problem)
        };
        let found = match plan.value.as_str() {
            "per_thing_v1" => {
                let output = Output::from_name(&output.value).ok_or_else(unknown)?;
                Plan::PerThing(parsed(&params.entity, "entity")?, output)
            }
            "waiting_v1" if output.value == "median" => Plan::Waiting(parsed(&params.until, "until")?),
            _ => return Err(unknown()),
        };
        Ok(Computation::Builtin(Box::new(Builtin { aggregate, plan: found })))
    }

    /// A metric that is part of another, narrowed by filters if there are any.
    fn input(
        &mut self,
        place: Place<'_>,
        input: &InputFile,
        outer: Option<&Spanned<String>>,
    ) -> Result<Arc<Metric>, DefinitionError> {
        let mut metric = self.named(place, &input.name)?;
        for filter in [input.filter.as_ref(), outer].into_iter().flatten() {
            metric = self.narrowed(place, &metric, filter)?;
        }
        Ok(metric)
    }

    fn narrowed(
        &self,
        place: Place<'_>,
        metric: &Arc<Metric>,
        filter: &Spanned<String>,
    ) -> Result<Arc<Metric>, DefinitionError> {
        let mut narrowed = metric.as_ref().clone();
        narrowed.id = format!("{}[{}]", metric.id, filter.value);
        narrowed.computation = match &metric.computation {
            Computation::Simple { aggregate, span } => {
                let parsed = self.parsed(place, filter, &aggregate.model)?;
                let mut aggregate = aggregate.and(parsed.expr);
                aggregate.joined.extend(parsed.joined);
                Computation::Simple { aggregate: Box::new(aggregate), span: *span }
            }
            Computation::Ratio { numerator, denominator } => Computation::Ratio {
                numerator: self.narrowed(place, numerator, filter)?,
                denominator: self.narrowed(place, denominator, filter)?,
            },
            Computation::Derived { .. }
            | Computation::Conversion(..)
            | Computation::BuyerRetention(..)
            | Computation::Builtin(_)
            | Computation::NotKept(_) => {
                let problem = format!("`{}` cannot be narrowed by a filter here", metric.id);
                return Err(place.wrong(filter, problem));
            }
        };
        Ok(Arc::new(narrowed))
    }

    fn derived(&mut self, place: Place<'_>, written: &'f MetricFile) -> Result<Computation, DefinitionError> {
        let params = &written.type_params;
        let Some(expr) = &params.expr else {
            return Err(place.wrong(&written.kind, "derived metrics need `expr` under type_params".into()));
        };
        let mut inputs = Vec::new();
        for input in &params.metrics {
            let metric = self.input(place, input, written.filter.as_ref())?;
            let alias = input.alias.as_ref().unwrap_or(&input.name).value.clone();
            inputs.push(DerivedInput { alias, metric, offset: offset(place, input)? });
        }
        let fields = inputs
            .iter()
            .map(|input| datafusion::arrow::datatypes::Field::new(&input.alias, crate::plan::DECIMAL, true));
        let schema = datafusion::arrow::datatypes::Schema::new(fields.collect::<Vec<_>>());
        let parsed = expression::parse(&expr.value, &schema)
            .map_err(|problem| place.wrong(expr, format!("`{}`: {problem}", expr.value)))?;
        crate::arithmetic::check(&parsed).map_err(|problem| place.wrong(expr, problem))?;
        Ok(Computation::Derived { expr: Box::new(parsed), inputs })
    }

    fn conversion(
        &mut self,
        place: Place<'_>,
        written: &'f MetricFile,
        given: &'f ConversionFile,
    ) -> Result<Computation, DefinitionError> {
        let base = self.aggregate(place, &given.base_measure, written.filter.as_ref())?;
        let conversion = self.aggregate(place, &given.conversion_measure, None)?;
        let entity = |aggregate: &Aggregate| {
            aggregate.model.entities.get(&given.entity.value).map(|entity| entity.expr.clone()).ok_or_else(
                || {
                    place.wrong(
                        &given.entity,
                        format!(
                            "the model `{}` has no entity `{}`",
                            aggregate.model.name, given.entity.value
                        ),
                    )
                },
            )
        };
        let window_days = match &given.window {
            None => None,
            Some(window) => match read_window(&window.value) {
                Some(Span::TrailingDays(days)) => Some(days),
                _ => return Err(place.wrong(window, "write the window in days, such as `30 days`".into())),
            },
        };
        let constant = given
            .constant_properties
            .iter()
            .map(|property| {
                let of = |aggregate: &Aggregate, at: &Spanned<String>| {
                    aggregate.model.own(&at.value).cloned().ok_or_else(|| {
                        place.wrong(at, format!("the model `{}` has no `{}`", aggregate.model.name, at.value))
                    })
                };
                Ok((of(&base, &property.base_property)?, of(&conversion, &property.conversion_property)?))
            })
            .collect::<Result<Vec<_>, DefinitionError>>()?;
        let row = |aggregate: &Aggregate| {
            let primary = aggregate.model.primary().and_then(|name| aggregate.model.own(name)).cloned();
            primary.ok_or_else(|| {
                let problem = format!("the model `{}` has no primary entity", aggregate.model.name);
                place.wrong(&written.name, problem)
            })
        };
        let plan = Arc::new(Conversion {
            entity: given.entity.value.clone(),
            base_row: row(&base)?,
            conversion_row: row(&conversion)?,
            name: written.name.value.clone(),
            base_entity: entity(&base)?,
            conversion_entity: entity(&conversion)?,
            base,
            conversion,
            window_days,
            constant,
            every_conversion: written.meta.conversions == ConversionsFile::All,
        });
        let part = |part: Part| conversion_part(written, &plan, part);
        Ok(match given.calculation {
            CalculationFile::Conversions => Computation::Conversion(plan, Part::Converted),
            CalculationFile::ConversionRate => {
                Computation::Ratio { numerator: part(Part::Converted), denominator: part(Part::Base) }
            }
        })
    }

    fn aggregate(
        &self,
        place: Place<'_>,
        input: &InputFile,
        filter: Option<&Spanned<String>>,
    ) -> Result<Aggregate, DefinitionError> {
        let Some(measure) = self.measures.get(input.name.value.as_str()) else {
            let problem = format!(
                "there is no measure `{}`{}",
                input.name.value,
                suggestion(&input.name.value, self.measures.keys())
            );
            return Err(place.wrong(&input.name, problem));
        };
        let in_model = Place { file: measure.file, kind: "measure", name: &measure.written.name.value };
        let expr = match &measure.written.expr {
            Some(expr) => self.parsed(in_model, expr, &measure.model)?.expr,
            None if measure.written.agg == Aggregation::Count => lit(1),
            None => self.parsed(in_model, &measure.written.name, &measure.model)?.expr,
        };
        let is_fraction = DFSchema::try_from(measure.model.schema.as_ref().clone())
            .and_then(|schema| expr.get_type(&schema))
            .is_ok_and(|kind| kind.is_floating());
        let mut aggregate = Aggregate {
            is_fraction,
            model: Arc::clone(&measure.model),
            when: measure.when.clone(),
            aggregation: measure.written.agg,
            expr: measured(in_model, measure, expr)?,
            expr_text: measure.written.expr.as_ref().unwrap_or(&measure.written.name).value.clone(),
            filter: None,
            filter_text: input.filter.as_ref().map(|filter| filter.value.clone()),
            joined: Vec::new(),
        };
        for filter in [filter, input.filter.as_ref()].into_iter().flatten() {
            let parsed = self.parsed(place, filter, &measure.model)?;
            aggregate = aggregate.and(parsed.expr);
            aggregate.joined.extend(parsed.joined);
        }
        Ok(aggregate)
    }

    fn parsed(
        &self,
        place: Place<'_>,
        text: &Spanned<String>,
        model: &Model,
    ) -> Result<Parsed, DefinitionError> {
        expression::parse_over_model(&text.value, model, &self.reachable(model))
            .map_err(|problem| place.wrong(text, format!("`{}`: {problem}", text.value)))
    }

    /// Dimensions of the models that a model's entities lead to, as `entity__dimension`.
    fn reachable(&self, model: &Model) -> Reachable {
        Reachable { joined: joinable(&self.models, model), attributes: BTreeMap::new() }
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

/// Dimensions that a model reaches along its entities: `entity__dimension` with their types.
pub(crate) fn joinable(models: &BTreeMap<String, Arc<Model>>, model: &Model) -> BTreeMap<String, DataType> {
    let mut found = BTreeMap::new();
    for (entity, own) in &model.entities {
        if own.identifies {
            continue;
        }
        for other in models.values().filter(|other| identifies(other, entity)) {
            let Ok(schema) = DFSchema::try_from(other.schema.as_ref().clone()) else { continue };
            for (name, dimension) in &other.dimensions {
                if let Ok(kind) = dimension.expr.get_type(&schema) {
                    found.insert(format!("{entity}__{name}"), kind);
                }
            }
        }
    }
    found
}

fn identifies(model: &Model, entity: &str) -> bool {
    model.entities.get(entity).is_some_and(|entity| entity.identifies)
}

fn model(
    place: Place<'_>,
    written: &SemanticModelFile,
    relation: &str,
    schema: SchemaRef,
) -> Result<Model, DefinitionError> {
    let parse = |at: &Spanned<String>| {
        expression::parse(&at.value, &schema)
            .map_err(|problem| place.wrong(at, format!("`{}`: {problem}", at.value)))
    };
    let mut entities = BTreeMap::new();
    for entity in &written.entities {
        let expr = parse(entity.expr.as_ref().unwrap_or(&entity.name))?;
        let identifies = matches!(entity.kind, EntityKind::Primary | EntityKind::Unique);
        if entities.insert(entity.name.value.clone(), Entity { identifies, expr }).is_some() {
            let problem = format!("the entity `{}` is defined twice", entity.name.value);
            return Err(place.wrong(&entity.name, problem));
        }
    }
    let mut dimensions = BTreeMap::new();
    for dimension in &written.dimensions {
        let resolved = ModelDimension {
            label: dimension.label.clone().unwrap_or_else(|| dimension.name.value.replace('_', " ")),
            expr: parse(dimension.expr.as_ref().unwrap_or(&dimension.name))?,
            time: (dimension.kind == DimensionKind::Time)
                .then(|| dimension.meta.attribution.unwrap_or(Attribution::Event)),
        };
        if dimensions.insert(dimension.name.value.clone(), resolved).is_some() {
            let problem = format!("the dimension `{}` is defined twice", dimension.name.value);
            return Err(place.wrong(&dimension.name, problem));
        }
    }
    let holds = match &written.meta.holds {
        Some(holds) => Some((parse(&holds.from)?, parse(&holds.to)?)),
        None => None,
    };
    Ok(Model {
        name: written.name.value.clone(),
        relation: relation.to_owned(),
        schema,
        entities,
        dimensions,
        holds,
    })
}

/// The date by which a measure's rows are counted.
fn when(
    place: Place<'_>,
    written: &SemanticModelFile,
    measure: &MeasureFile,
    model: &Model,
) -> Result<When, DefinitionError> {
    let named = measure.agg_time_dimension.as_ref().map(|at| at.value.as_str());
    let Some(name) = named.or(written.defaults.agg_time_dimension.as_deref()) else {
        let problem = format!(
            "the measure `{}` has no time dimension; write agg_time_dimension, or a default for the model",
            measure.name.value
        );
        return Err(place.wrong(&measure.name, problem));
    };
    if name == SNAPSHOT && model.holds.is_some() {
        return Ok(When::Snapshot);
    }
    let at = measure.agg_time_dimension.as_ref().unwrap_or(&measure.name);
    let time = model.dimensions.get(name).and_then(|dimension| Some((dimension, dimension.time?)));
    let Some((dimension, attribution)) = time else {
        let problem = format!("`{name}` is not a time dimension of `{}`", model.name);
        return Err(place.wrong(at, problem));
    };
    if !is_time(&dimension.expr, model) {
        return Err(place.wrong(at, format!("`{name}` holds neither dates nor instants")));
    }
    Ok(When::Dated { name: name.to_owned(), date: dimension.expr.clone(), attribution })
}

fn is_time(expr: &Expr, model: &Model) -> bool {
    DFSchema::try_from(model.schema.as_ref().clone())
        .and_then(|schema| expr.get_type(&schema))
        .is_ok_and(|kind| matches!(kind, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)))
}

/// The expression of a measure, refused where it cannot be added up.
fn measured(place: Place<'_>, measure: &Measure<'_>, expr: Expr) -> Result<Expr, DefinitionError> {
    let at = measure.written.expr.as_ref().unwrap_or(&measure.written.name);
    let schema = DFSchema::try_from(measure.model.schema.as_ref().clone())
        .map_err(|error| place.wrong(at, error.to_string()))?;
    let kind = expr.get_type(&schema).map_err(|error| place.wrong(at, error.to_string()))?;
    let fits = match measure.written.agg {
        Aggregation::Count | Aggregation::CountDistinct => true,
        Aggregation::SumBoolean => kind == DataType::Boolean,
        Aggregation::Sum
        | Aggregation::Average
        | Aggregation::Min
        | Aggregation::Max
        | Aggregation::Median => kind.is_numeric(),
    };
    match fits {
        true => Ok(expr),
        false => {
            Err(place.wrong(at, format!("{:?} does not fit values of type {kind}", measure.written.agg)))
        }
    }
}

/// Splits both sides of a ratio into settled rows and those whose outcome is still open (4.10).
fn mature(
    place: Place<'_>,
    written: &MetricFile,
    metric: &mut Metric,
    days: u32,
) -> Result<(), DefinitionError> {
    let Computation::Ratio { numerator, denominator } = &metric.computation else {
        return Err(place.wrong(&written.kind, "only a ratio can wait for rows to mature".into()));
    };
    let dated = |metric: &Metric| match &metric.computation {
        Computation::Simple { aggregate, .. } => matches!(aggregate.when, When::Dated { .. }),
        _ => false,
    };
    if !dated(numerator) || !dated(denominator) {
        let problem = "both sides of a ratio that waits must be simple and dated".to_owned();
        return Err(place.wrong(&written.kind, problem));
    }
    let days_of = |name: &str| Expr::Cast(Cast::new(Box::new(col(name)), DataType::Int32));
    let settled = (days_of(CREDIT_DATE) + lit(days.cast_signed())).lt_eq(days_of(AS_OF_DATE));
    let with = |metric: &Metric, suffix: &str, condition: Expr| {
        let mut narrowed = metric.clone();
        narrowed.id = format!("{}[{suffix}]", metric.id);
        if let Computation::Simple { aggregate, span } = &metric.computation {
            narrowed.computation =
                Computation::Simple { aggregate: Box::new(aggregate.and(condition)), span: *span };
        }
        Arc::new(narrowed)
    };
    let suffix = format!("after {days} days");
    let waiting = with(denominator, &format!("within {days} days"), Expr::Not(Box::new(settled.clone())));
    metric.computation = Computation::Ratio {
        numerator: with(numerator, &suffix, settled.clone()),
        denominator: with(denominator, &suffix, settled),
    };
    metric.not_matured = Some(waiting);
    Ok(())
}

fn conversion_part(written: &MetricFile, plan: &Arc<Conversion>, part: Part) -> Arc<Metric> {
    let (suffix, term) = match part {
        Part::Converted => ("converted", "converted".to_owned()),
        Part::Base => ("base", written.meta.of.clone().unwrap_or_else(|| "counted".into())),
        Part::Waiting => ("waiting", "not decided yet".to_owned()),
    };
    let computation = Computation::Conversion(Arc::clone(plan), part);
    let not_matured = match part {
        Part::Base => Some(conversion_part(written, plan, Part::Waiting)),
        Part::Converted | Part::Waiting => None,
    };
    Arc::new(Metric {
        id: format!("{}[{suffix}]", written.name.value),
        label: term.clone(),
        description: String::new(),
        term,
        of: None,
        version: written.meta.version.unwrap_or(1),
        unit: super::Unit::Count,
        proportion: false,
        direction: super::Direction::None,
        levels: ValidLevel::ALL.to_vec(),
        band: None,
        attribution: attribution_of(&computation),
        minimum_n: None,
        minimum_n_rank: None,
        ranked: false,
        counter_metric: CounterMetric::Metric(written.name.value.clone()),
        gaming: String::new(),
        undefined: None,
        share_of: None,
        filter: None,
        expression: None,
        source_text: String::new(),
        section: String::new(),
        is_own: false,
        not_matured,
        left_truncated: None,
        prorated: None,
        positive_base: false,
        rests_on: None,
        computation,
    })
}

fn counter_metric(place: Place<'_>, written: &MetricFile) -> Result<CounterMetric, DefinitionError> {
    match &written.meta.counter_metric {
        None => Err(place.wrong(
            &written.name,
            "it names no counter-metric; write one under meta, or `counter_metric: \"none: why\"`".into(),
        )),
        Some(at) => Ok(match at.value.strip_prefix("none:") {
            Some(why) => CounterMetric::Words(why.trim().to_owned()),
            None => CounterMetric::Metric(at.value.clone()),
        }),
    }
}

fn attribution_of(computation: &Computation) -> Attribution {
    match computation {
        Computation::Simple { aggregate, .. } => aggregate.when.attribution(),
        Computation::Ratio { numerator, .. } => attribution_of(&numerator.computation),
        Computation::Derived { inputs, .. } => {
            inputs.first().map_or(Attribution::Event, |input| attribution_of(&input.metric.computation))
        }
        Computation::Conversion(plan, _) => plan.base.when.attribution(),
        Computation::BuyerRetention(purchases, _) => purchases.purchases.when.attribution(),
        Computation::Builtin(builtin) => builtin.aggregate.when.attribution(),
        Computation::NotKept(_) => Attribution::Event,
    }
}

/// `ref('orders')` and `source('crm', 'orders')` as dbt writes them, or the bare name.
fn relation_name(text: &str) -> &str {
    let inside = text.trim().trim_start_matches("{{").trim_end_matches("}}").trim();
    let call = inside.strip_prefix("ref(").or(inside.strip_prefix("source("));
    match call.and_then(|arguments| arguments.strip_suffix(')')) {
        Some(arguments) => arguments.rsplit(',').next().unwrap_or_default().trim().trim_matches(['\'', '"']),
        None => inside,
    }
}

fn span(
    place: Place<'_>,
    window: Option<&Spanned<String>>,
    to_date: Option<&Spanned<String>>,
) -> Result<Span, DefinitionError> {
    match (window, to_date) {
        (None, None) => Ok(Span::SinceEver),
        (Some(window), None) => read_window(&window.value).ok_or_else(|| {
            place.wrong(window, format!("`{}` is no window; write such as `4 quarters`", window.value))
        }),
        (None, Some(grain)) => match read_grain(&grain.value) {
            Some(grain) => Ok(Span::ToDate(grain)),
            None => Err(place.wrong(grain, format!("`{}` is no length of a period", grain.value))),
        },
        (Some(window), Some(_)) => {
            Err(place.wrong(window, "window and grain_to_date exclude each other".into()))
        }
    }
}

fn offset(place: Place<'_>, input: &InputFile) -> Result<Option<Offset>, DefinitionError> {
    match (&input.offset_window, &input.offset_to_grain) {
        (None, None) => Ok(None),
        (Some(window), None) => match read_window(&window.value) {
            Some(Span::Trailing(count, grain)) => Ok(Some(Offset::Earlier(count, grain))),
            _ => {
                let problem = format!("`{}` is no offset; write such as `1 quarter`", window.value);
                Err(place.wrong(window, problem))
            }
        },
        (None, Some(grain)) => match read_grain(&grain.value) {
            Some(found) => Ok(Some(Offset::StartOf(found))),
            None => Err(place.wrong(grain, format!("`{}` is no length of a period", grain.value))),
        },
        (Some(window), Some(_)) => {
            Err(place.wrong(window, "offset_window and offset_to_grain exclude each other".into()))
        }
    }
}

/// A number of days, weeks, months, quarters or years.
fn read_window(text: &str) -> Option<Span> {
    let (count, unit) = text.trim().split_once(' ')?;
    let count: u16 = count.parse().ok().filter(|count| (1..=3_660).contains(count))?;
    match unit.trim().trim_end_matches('s') {
        "day" => Some(Span::TrailingDays(count)),
        "week" => Some(Span::TrailingDays(count.checked_mul(7)?)),
        unit => read_grain(unit).map(|grain| Span::Trailing(count, grain)),
    }
}

fn read_grain(text: &str) -> Option<Grain> {
    match text.trim() {
        "month" => Some(Grain::Month),
        "quarter" => Some(Grain::Quarter),
        "year" => Some(Grain::Year),
        _ => None,
    }
}

fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a &'a str>) -> String {
    crate::ask::nearest(name, known.copied())
        .map(|found| format!("; did you mean `{found}`?"))
        .unwrap_or_default()
}
