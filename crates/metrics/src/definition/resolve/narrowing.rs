//! Metrics that are part of others, narrowed by the filters written there.

use std::sync::Arc;

use serde_saphyr::Spanned;

use super::{Place, Resolver};
use crate::builtin::Builtin;
use crate::definition::file::InputFile;
use crate::definition::metric::{Computation, DerivedInput, Metric};
use crate::definition::model::Aggregate;
use crate::definition::{DefinitionError, expression};
use crate::retention::Purchases;

impl<'f> Resolver<'f> {
    /// A metric that is part of another, narrowed by filters if there are any.
    pub(super) fn input(
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

    /// A metric over those of its rows that meet a condition: everything it is made of is narrowed.
    fn narrowed(
        &self,
        place: Place<'_>,
        metric: &Arc<Metric>,
        filter: &Spanned<String>,
    ) -> Result<Arc<Metric>, DefinitionError> {
        let all = |metric: &Arc<Metric>| self.narrowed(place, metric, filter);
        let optional = |metric: &Option<Arc<Metric>>| metric.as_ref().map(all).transpose();
        let aggregate = |aggregate: &Aggregate| self.narrowed_rows(place, metric, aggregate, filter);
        let computation = match &metric.computation {
            Computation::Simple { aggregate: rows, span } => {
                Computation::Simple { aggregate: Box::new(aggregate(rows)?), span: *span }
            }
            Computation::Ratio { numerator, denominator } => {
                Computation::Ratio { numerator: all(numerator)?, denominator: all(denominator)? }
            }
            Computation::Derived { expr, inputs } => {
                let inputs = inputs
                    .iter()
                    .map(|input| Ok(DerivedInput { metric: all(&input.metric)?, ..input.clone() }))
                    .collect::<Result<_, DefinitionError>>()?;
                Computation::Derived { expr: expr.clone(), inputs }
            }
            Computation::Conversion(conversion, part) => {
                let mut narrowed = conversion.as_ref().clone();
                narrowed.name = name(&conversion.name, filter);
                narrowed.asked = aggregate(&conversion.asked)?;
                Computation::Conversion(Arc::new(narrowed), *part)
            }
            Computation::BuyerRetention(purchases, output) => {
                let name = name(&purchases.name, filter);
                let purchases = Purchases { name, purchases: aggregate(&purchases.purchases)? };
                Computation::BuyerRetention(Arc::new(purchases), *output)
            }
            Computation::Builtin(builtin) => Computation::Builtin(Box::new(Builtin {
                aggregate: aggregate(&builtin.aggregate)?,
                plan: builtin.plan.clone(),
            })),
            Computation::NotKept(what) => Computation::NotKept(what.clone()),
        };
        Ok(Arc::new(Metric {
            id: name(&metric.id, filter),
            not_matured: optional(&metric.not_matured)?,
            left_truncated: optional(&metric.left_truncated)?,
            prorated: optional(&metric.prorated)?,
            rests_on: optional(&metric.rests_on)?,
            computation,
            ..metric.as_ref().clone()
        }))
    }

    fn narrowed_rows(
        &self,
        place: Place<'_>,
        metric: &Metric,
        aggregate: &Aggregate,
        filter: &Spanned<String>,
    ) -> Result<Aggregate, DefinitionError> {
        let model = &aggregate.model;
        let parsed = expression::parse_over_model(&filter.value, model, &self.reachable(model)).map_err(
            |problem| {
                let made_of = format!("`{}`, which counts rows of `{}`", metric.id, model.name);
                place.wrong(filter, format!("`{}` cannot narrow {made_of}: {problem}", filter.value))
            },
        )?;
        let mut narrowed = aggregate.and(parsed.expr);
        narrowed.joined.extend(parsed.joined);
        Ok(narrowed)
    }
}

/// What a metric or plan is called once it is narrowed.
fn name(of: &str, filter: &Spanned<String>) -> String {
    format!("{of}[{}]", filter.value)
}
