//! Metrics that are part of others, narrowed by the filters written there.

use std::sync::Arc;

use serde_saphyr::Spanned;

use super::{Place, Resolver};
use crate::definition::DefinitionError;
use crate::definition::file::InputFile;
use crate::definition::metric::{Computation, Metric};

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
}
