//! Semantic models: tables with entities, dimensions and the measures over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::logical_expr::ExprSchemable;
use datafusion::prelude::Expr;
use serde_saphyr::Spanned;

use super::measures::{Measure, aggregation};
use super::{Extent, Layer, Place, Resolver};
use crate::definition::file::{DimensionKind, EntityKind, MeasureFile, SemanticModelFile};
use crate::definition::model::{Attribution, Entity, Model, ModelDimension, When};
use crate::definition::{DefinitionError, expression};

/// Name of the time dimension that asks for the state at the end of a period.
const SNAPSHOT: &str = "snapshot";

impl<'f> Resolver<'f> {
    pub(super) fn add_model(
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
            let aggregation = aggregation(place, measure)?;
            let measured = Measure { file, model: Arc::clone(&model), written: measure, aggregation, when };
            if self.measures.insert(&measure.name.value, measured).is_some() {
                let problem = format!("the measure `{}` is defined twice", measure.name.value);
                return Err(place.wrong(&measure.name, problem));
            }
        }
        self.models.insert(name.clone(), model);
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

/// `ref('orders')` and `source('crm', 'orders')` as dbt writes them, or the bare name.
fn relation_name(text: &str) -> &str {
    let inside = text.trim().trim_start_matches("{{").trim_end_matches("}}").trim();
    let call = inside.strip_prefix("ref(").or(inside.strip_prefix("source("));
    match call.and_then(|arguments| arguments.strip_suffix(')')) {
        Some(arguments) => arguments.rsplit(',').next().unwrap_or_default().trim().trim_matches(['\'', '"']),
        None => inside,
    }
}
