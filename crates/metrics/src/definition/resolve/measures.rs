//! Measures: what of a model's rows is added up, and the conditions rows must meet.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::logical_expr::ExprSchemable;
use datafusion::prelude::{Expr, lit};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use serde_saphyr::Spanned;

use super::{Place, Resolver, joinable, suggestion};
use crate::definition::DefinitionError;
use crate::definition::expression::{self, Parsed, Reachable};
use crate::definition::file::{AggregationFile, InputFile, MeasureFile};
use crate::definition::model::{Aggregate, Aggregation, Model, When};
use crate::percentile::Percentile;

/// A measure with the model it belongs to.
pub(super) struct Measure<'f> {
    pub(super) file: &'f str,
    pub(super) model: Arc<Model>,
    pub(super) written: &'f MeasureFile,
    pub(super) aggregation: Aggregation,
    pub(super) when: When,
}

impl Resolver<'_> {
    pub(super) fn aggregate(
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
            None if measure.aggregation == Aggregation::Count => lit(1),
            None => self.parsed(in_model, &measure.written.name, &measure.model)?.expr,
        };
        let is_fraction = DFSchema::try_from(measure.model.schema.as_ref().clone())
            .and_then(|schema| expr.get_type(&schema))
            .is_ok_and(|kind| kind.is_floating());
        let mut aggregate = Aggregate {
            is_fraction,
            model: Arc::clone(&measure.model),
            when: measure.when.clone(),
            aggregation: measure.aggregation,
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

    pub(super) fn parsed(
        &self,
        place: Place<'_>,
        text: &Spanned<String>,
        model: &Model,
    ) -> Result<Parsed, DefinitionError> {
        expression::parse_over_model(&text.value, model, &self.reachable(model))
            .map_err(|problem| place.wrong(text, format!("`{}`: {problem}", text.value)))
    }

    /// Dimensions of the models that a model's entities lead to, as `entity__dimension`.
    pub(super) fn reachable(&self, model: &Model) -> Reachable {
        Reachable { joined: joinable(&self.models, model), attributes: BTreeMap::new() }
    }
}

/// The expression of a measure, refused where it cannot be added up.
fn measured(place: Place<'_>, measure: &Measure<'_>, expr: Expr) -> Result<Expr, DefinitionError> {
    let at = measure.written.expr.as_ref().unwrap_or(&measure.written.name);
    let schema = DFSchema::try_from(measure.model.schema.as_ref().clone())
        .map_err(|error| place.wrong(at, error.to_string()))?;
    let kind = expr.get_type(&schema).map_err(|error| place.wrong(at, error.to_string()))?;
    let fits = match measure.aggregation {
        Aggregation::Count | Aggregation::CountDistinct => true,
        Aggregation::SumBoolean => kind == DataType::Boolean,
        Aggregation::Sum
        | Aggregation::Average
        | Aggregation::Min
        | Aggregation::Max
        | Aggregation::Median
        | Aggregation::Percentile(_) => kind.is_numeric(),
    };
    match fits {
        true => Ok(expr),
        false => {
            Err(place
                .wrong(at, format!("{:?} does not fit values of type {kind}", measure.written.agg.value)))
        }
    }
}

/// How a measure's rows are added up.
pub(super) fn aggregation(place: Place<'_>, written: &MeasureFile) -> Result<Aggregation, DefinitionError> {
    let params = written.agg_params.as_ref();
    Ok(match written.agg.value {
        AggregationFile::Percentile => {
            let missing =
                || place.wrong(&written.agg, "write which: `agg_params: { percentile: 0.9 }`".into());
            let given = params.and_then(|params| params.percentile.as_ref()).ok_or_else(missing)?;
            let share =
                Decimal::from_f64(given.value).filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share));
            let problem =
                || place.wrong(given, format!("`{}` is no percentile; write one from 0 to 1", given.value));
            let discrete = params.is_some_and(|params| params.use_discrete_percentile);
            Aggregation::Percentile(Percentile { share: share.ok_or_else(problem)?, discrete })
        }
        _ if params.is_some_and(|params| params.percentile.is_some()) => {
            return Err(place.wrong(&written.agg, "only `agg: percentile` has a percentile".into()));
        }
        AggregationFile::Count => Aggregation::Count,
        AggregationFile::CountDistinct => Aggregation::CountDistinct,
        AggregationFile::Sum => Aggregation::Sum,
        AggregationFile::SumBoolean => Aggregation::SumBoolean,
        AggregationFile::Average => Aggregation::Average,
        AggregationFile::Min => Aggregation::Min,
        AggregationFile::Max => Aggregation::Max,
        AggregationFile::Median => Aggregation::Median,
    })
}
