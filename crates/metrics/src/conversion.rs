//! Conversion (domain 4.10): how many base events led to another event of the same entity within
//! a window.
//!
//! A conversion is linked to the latest base event of its entity before it (ties: the smallest
//! row id). Base events then carry two marks, whether they converted and whether their window is
//! over, so that counting and opening the rows are the same question.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Cast, ExprFunctionExt};
use datafusion::prelude::{DataFrame, Expr, lit};

use crate::ask::MetricsError;
use crate::definition::{Aggregate, Span};
use crate::plan::{AS_OF_DATE, CREDIT_DATE, Source, Wanted, column};

/// A conversion metric's plan.
#[derive(Clone, Debug)]
pub(crate) struct Conversion {
    /// The entity both sides are about.
    pub(crate) entity: String,
    /// Name of the metric.
    pub(crate) name: String,
    /// The base events there are: any of them may come between a conversion and another.
    pub(crate) base: Aggregate,
    /// Those that are counted: all of them, unless the metric is narrowed.
    pub(crate) asked: Aggregate,
    pub(crate) conversion: Aggregate,
    pub(crate) base_entity: Expr,
    pub(crate) conversion_entity: Expr,
    /// What tells one base event from another.
    pub(crate) base_row: Expr,
    pub(crate) conversion_row: Expr,
    /// Lags of 0 to `window_days − 1` convert; without it any later event does.
    pub(crate) window_days: Option<u16>,
    /// Expressions that must agree on both sides.
    pub(crate) constant: Vec<(Expr, Expr)>,
    /// Whether each conversion counts (MetricFlow), or each base event at most once.
    pub(crate) every_conversion: bool,
}

/// What is counted of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Base events that converted, or conversions where each counts.
    Converted,
    /// Base events whose window is over.
    Base,
    /// Base events whose window is not over (E9).
    Waiting,
}

/// How many conversions a base event has.
pub(crate) const CONVERSIONS: &str = "conversions";
/// Whether a base event's window is over.
pub(crate) const SETTLED: &str = "settled";

impl Conversion {
    /// The condition under which a base event counts for a part.
    pub(crate) fn counts_for(&self, part: Part) -> Expr {
        match part {
            Part::Converted => column(SETTLED).and(column(CONVERSIONS).gt(lit(0i64))),
            Part::Base => column(SETTLED),
            Part::Waiting => Expr::Not(Box::new(column(SETTLED))),
        }
    }

    /// Base events of the periods, with [`CONVERSIONS`] and [`SETTLED`].
    pub(crate) async fn rows(
        &self,
        source: &Source<'_>,
        wanted: &Wanted<'_>,
    ) -> Result<DataFrame, MetricsError> {
        let base = self.events(source, &self.asked, wanted).await?;
        let everyone = Wanted {
            subject: &crate::subject::Subject::Company,
            by: &[],
            periods: &[source.calendar().all()],
            filter: None,
            rates: wanted.rates,
        };
        let conversions = self.events(source, &self.conversion, &everyone).await?;
        // Any base event may come between a conversion and the ones asked about.
        let every_base = self.events(source, &self.base, &everyone).await?;
        let links = self.links(&every_base, conversions)?;
        let converted = links
            .aggregate(vec![column("base_row").alias("linked_row")], vec![count(lit(1)).alias("links")])?;
        let rows =
            base.join_on(converted, JoinType::Left, [self.base_row.clone().eq(column("linked_row"))])?;
        let links = datafusion::functions::core::expr_fn::coalesce(vec![column("links"), lit(0i64)]);
        Ok(rows.with_column(CONVERSIONS, links)?.with_column(SETTLED, self.settled())?)
    }

    async fn events(
        &self,
        source: &Source<'_>,
        aggregate: &Aggregate,
        wanted: &Wanted<'_>,
    ) -> Result<DataFrame, MetricsError> {
        let rows =
            source.rows(&aggregate.model, &aggregate.when, Span::Period, wanted, &aggregate.joined).await?;
        Ok(match &aggregate.filter {
            Some(filter) => rows.filter(filter.clone())?,
            None => rows,
        })
    }

    /// Each conversion with its latest base event.
    fn links(&self, base: &DataFrame, conversions: DataFrame) -> Result<DataFrame, MetricsError> {
        let mut base_columns = vec![
            self.base_entity.clone().alias("base_entity"),
            column(CREDIT_DATE).alias("base_date"),
            self.base_row.clone().alias("base_row"),
        ];
        let mut conversion_columns = vec![
            self.conversion_entity.clone().alias("converted_entity"),
            column(CREDIT_DATE).alias("converted_date"),
            self.conversion_row.clone().alias("converted_row"),
        ];
        let mut matches = vec![
            column("base_entity").eq(column("converted_entity")),
            column("base_date").lt_eq(column("converted_date")),
        ];
        for (position, (of_base, of_conversion)) in self.constant.iter().enumerate() {
            let (left, right) = (format!("base_constant_{position}"), format!("constant_{position}"));
            base_columns.push(of_base.clone().alias(&left));
            conversion_columns.push(of_conversion.clone().alias(&right));
            matches.push(column(&left).eq(column(&right)));
        }
        if let Some(days) = self.window_days {
            let lag = days_of("converted_date") - days_of("base_date");
            matches.push(lag.lt(lit(i32::from(days))));
        }
        let pairs = base.clone().select(base_columns)?.join_on(
            conversions.select(conversion_columns)?,
            JoinType::Inner,
            matches,
        )?;
        let latest = row_number()
            .partition_by(vec![column("converted_row")])
            .order_by(vec![column("base_date").sort(false, false), column("base_row").sort(true, false)])
            .build()?
            .alias("place");
        Ok(pairs.window(vec![latest])?.filter(column("place").eq(lit(1u64)))?)
    }

    fn settled(&self) -> Expr {
        match self.window_days {
            Some(days) => (days_of(CREDIT_DATE) + lit(i32::from(days))).lt_eq(days_of(AS_OF_DATE)),
            None => lit(true),
        }
    }
}

fn days_of(date: &str) -> Expr {
    Expr::Cast(Cast::new(Box::new(column(date)), DataType::Int32))
}
