//! Metrics, each computed by its type.

use std::sync::Arc;

use serde_saphyr::Spanned;

use super::windows::{offset, span};
use super::{Extent, Layer, Place, Resolver, maturity};
use crate::builtin::{Builtin, Output, Plan};
use crate::definition::file::{InputFile, MetricFile, MetricType};
use crate::definition::metric::{Computation, CounterMetric, DerivedInput, Metric, Span, ValidLevel};
use crate::definition::model::Attribution;
use crate::definition::{DefinitionError, Direction, expression, file, own};
use crate::retention;

/// The plan of metrics that rest on what no table holds yet.
const NOT_KEPT: &str = "not_kept_v1";
const BUYER_RETENTION: &str = "buyer_retention_v1";

impl<'f> Resolver<'f> {
    pub(super) fn add_metric(
        &mut self,
        layer: Layer<'f>,
        written: &'f MetricFile,
    ) -> Result<(), DefinitionError> {
        let name = &written.name.value;
        let place = Place { file: layer.file, kind: "metric", name };
        if layer.extent != Extent::Shipped {
            own::check(place, written, !self.written.contains_key(name.as_str()))?;
        }
        match self.written.get(name.as_str()) {
            None => self.order.push(name),
            Some(_) if layer.extent == Extent::OnlyWhatIsNew => return Ok(()),
            Some((taken, _)) if layer.extent == Extent::Everything && !taken.is(layer) => {}
            Some(_) => {
                return Err(place.wrong(&written.name, "the name is taken by another metric".into()));
            }
        }
        self.written.insert(name, (layer, written));
        Ok(())
    }

    pub(super) fn resolved(
        &mut self,
        place: Place<'_>,
        layer: Layer<'_>,
        written: &'f MetricFile,
    ) -> Result<Metric, DefinitionError> {
        let meta = &written.meta;
        let computation = self.computation(place, written)?;
        if let (Computation::Ratio { numerator, denominator }, true) =
            (&computation, layer.extent != Extent::Shipped)
        {
            own::check_ratio(place, written, numerator, denominator)?;
        }
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
            ranked: meta.ranked.unwrap_or(matches!(meta.direction, Some(Direction::Up | Direction::Down))),
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
            maturity::mature(place, written, &mut metric, days)?;
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

pub(super) fn attribution_of(computation: &Computation) -> Attribution {
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
