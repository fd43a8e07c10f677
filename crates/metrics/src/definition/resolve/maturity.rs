//! Ratios that wait until a row's outcome is settled.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::Cast;
use datafusion::prelude::{Expr, col, lit};

use super::Place;
use crate::definition::DefinitionError;
use crate::definition::file::MetricFile;
use crate::definition::metric::{Computation, Metric};
use crate::definition::model::When;
use crate::plan::{AS_OF_DATE, CREDIT_DATE};

/// Splits both sides of a ratio into settled rows and those whose outcome is still open (4.10).
pub(super) fn mature(
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
