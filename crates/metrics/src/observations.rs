//! The single values behind numbers, each with what it is split by: what the spread of a value is
//! computed from, where a sum or a mean is not enough (domain 7.3, 7.9, 8.5).

use datafusion::logical_expr::Cast;
use datafusion::prelude::Expr;
use rust_decimal::Decimal;

use crate::ask::{Asker, MetricsError, Reach};
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::definition::{Aggregate, Computation, Metric};
use crate::engine::collect;
use crate::plan::{DECIMAL, Wanted, by_column, column, text};
use crate::rows::counts;
use crate::subject::{Dimension, Subject};

/// One value that a number is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The member of each dimension asked for; none where the row names none.
    pub members: Vec<Option<String>>,
    /// What the row adds, in the unit of the metric.
    pub value: Decimal,
}

impl Asker {
    /// The values that a metric adds up or averages for a subject and period, in no order: those above the
    /// line of a ratio. Rows that carry no value are left out. Outside the reach, and for metrics that are not
    /// made of values of rows, there are none.
    ///
    /// # Errors
    /// When the metric or a dimension is unknown, or the facts cannot be read.
    pub async fn observations(
        &self,
        metric: &str,
        subject: &Subject,
        by: &[Dimension],
        period: &Period,
        reach: &Reach,
    ) -> Result<Vec<Observation>, MetricsError> {
        let asker = self.measuring(period);
        let metric = asker.metric(metric)?;
        let Some((leaf, aggregate)) = summed(metric).filter(|_| reach.opens(subject)) else {
            return Ok(Vec::new());
        };
        let periods = std::slice::from_ref(period);
        let wanted = Wanted { subject, by, periods, filter: None, rates: &RateMode::default() };
        let rows = asker.side(leaf, &wanted).await?.filter(counts(leaf))?;
        let value = Expr::Cast(Cast::new(Box::new(aggregate.expr.clone()), DECIMAL)).alias(VALUE);
        let members = (0..by.len()).map(|place| text(column(&by_column(place))).alias(by_column(place)));
        let rows = rows.select(members.chain([value]).collect::<Vec<Expr>>())?;
        let rows = collect(rows.filter(column(VALUE).is_not_null())?).await?;
        let mut observations = Vec::new();
        for row in rows.rows() {
            let members = (0..by.len()).map(|place| row.text(&by_column(place))).collect();
            let Some(value) = row.decimal(VALUE)? else { continue };
            observations.push(Observation { members, value });
        }
        Ok(observations)
    }
}

const VALUE: &str = "observed_value";

/// What adds up values of rows in a metric: itself, or what stands above its line.
fn summed(metric: &Metric) -> Option<(&Metric, &Aggregate)> {
    match &metric.computation {
        Computation::Simple { aggregate, .. } => Some((metric, aggregate)),
        Computation::Ratio { numerator, .. } => summed(numerator),
        _ => None,
    }
}
