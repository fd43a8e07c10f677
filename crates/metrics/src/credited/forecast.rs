//! What people said they would reach, beside what they did (domain 4.8): one row per person and
//! period, the last submission made by the start of the period against the credited bookings.

use datafusion::prelude::DataFrame;

use crate::ask::MetricsError;
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::definition::{Span, When};
use crate::organisation::Subject;
use crate::plan::{CREDIT_DATE, PERIOD, Source, Wanted};

/// The pairs of each period; without a submission the forecast is absent, never 0.
pub(super) async fn dated(
    source: &Source<'_>,
    periods: &[Period],
    rates: &RateMode,
) -> Result<DataFrame, MetricsError> {
    let credits = source.catalogue.models().find(|model| model.name == "credits");
    let Some(credits) = credits else { return Err(MetricsError::UnknownTable("credits".into())) };
    let close = credits.dimensions.get("close_date").map(|dimension| When::Dated {
        name: "close_date".into(),
        date: dimension.expr.clone(),
        attribution: crate::definition::Attribution::Close,
    });
    let Some(close) = close else { return Err(MetricsError::UnknownTable("credits".into())) };
    let wanted = Wanted { subject: &Subject::Company, by: &[], periods, filter: None, rates };
    let credited = Box::pin(source.rows(credits, &close, Span::Period, &wanted, &[])).await?;
    let reached = source
        .query_over(credited, |rows| {
            format!(
                "select credited_id, {PERIOD}, sum(value) as reached from {rows} where outcome = 'won' \
                 and (credit_kind is null or credit_kind = 'primary') and credited_id is not null \
                 group by credited_id, {PERIOD}"
            )
        })
        .await?;
    let asked = periods.iter().enumerate().filter_map(|(position, period)| {
        let from = period.from?;
        Some(format!("({position}, '{}', date '{from}')", period.key()))
    });
    let asked: Vec<String> = asked.collect();
    if asked.is_empty() {
        let none = format!(
            "select *, cast(null as int) as {PERIOD}, cast(null as date) as {CREDIT_DATE}, \
             cast(null as decimal(28, 6)) as forecast, cast(null as decimal(28, 6)) as reached \
             from forecast_submission where false"
        );
        return source.query(&["forecast_submission"], &none).await;
    }
    let asked = asked.join(", ");
    source.query(&["forecast_submission"], "select 1").await?;
    source
        .query_over(reached, |rows| {
            format!(
                "with asked as (select cast(column1 as int) as {PERIOD}, column2 as period_id, column3 as starts \
                   from (values {asked})), \
                 submitted as (select s.*, a.{PERIOD}, a.starts, row_number() over (\
                     partition by s.employee_id, a.{PERIOD} order by s.submitted_at desc, s.source_id) as place \
                   from forecast_submission s join asked a on a.period_id = s.period_id \
                   where s.kpi_id in ('credited_bookings', 'bookings') and civil_date(s.submitted_at) <= a.starts), \
                 latest as (select * from submitted where place = 1), \
                 people as (select employee_id, {PERIOD} from latest union select credited_id, {PERIOD} from {rows}) \
                 select coalesce(l.source_system, 'credited') as source_system, \
                   coalesce(l.source_id, concat(p.employee_id, ' ', a.period_id)) as source_id, \
                   coalesce(l.row_hash, '') as row_hash, coalesce(l.recorded_snapshot, 0) as recorded_snapshot, \
                   p.employee_id, p.{PERIOD}, a.starts as {CREDIT_DATE}, \
                   cast(l.value as decimal(28, 6)) as forecast, \
                   cast(coalesce(r.reached, 0) as decimal(28, 6)) as reached \
                 from people p join asked a on a.{PERIOD} = p.{PERIOD} \
                   left join latest l on l.employee_id = p.employee_id and l.{PERIOD} = p.{PERIOD} \
                   left join {rows} r on r.credited_id = p.employee_id and r.{PERIOD} = p.{PERIOD}"
            )
        })
        .await
}
