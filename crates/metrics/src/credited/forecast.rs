//! What people said they would reach, beside what they did (domain 4.8): one row per person and
//! period, the last submission made by the start of the period against the credited bookings.

use datafusion::prelude::DataFrame;

use crate::ask::MetricsError;
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::definition::{Span, When};
use crate::plan::{CREDIT_DATE, PERIOD, Source, Wanted};
use crate::subject::Subject;

/// What each person was credited with in each period.
pub(super) async fn reached(
    source: &Source<'_>,
    periods: &[Period],
    rates: &RateMode,
) -> Result<DataFrame, MetricsError> {
    let missing = || MetricsError::UnknownTable("credits".into());
    let credits = source.catalogue.models().find(|model| model.name == "credits").ok_or_else(missing)?;
    let close = When::Dated {
        name: "close_date".into(),
        date: credits.dimensions.get("close_date").ok_or_else(missing)?.expr.clone(),
        attribution: crate::definition::Attribution::Close,
    };
    let wanted = Wanted { subject: &Subject::Company, by: &[], periods, filter: None, rates };
    let credited = Box::pin(source.rows(credits, &close, Span::Period, &wanted, &[])).await?;
    source
        .query_over(credited, |rows| {
            format!(
                "select credited_id, {PERIOD}, sum(value) as reached from {rows} where outcome = 'won' \
                 and (credit_kind is null or credit_kind = 'primary') and credited_id is not null \
                 group by credited_id, {PERIOD}"
            )
        })
        .await
}

/// The pairs of each period; without a submission the forecast is absent, never 0. A forecast is
/// due of everybody with a quota.
pub(super) async fn dated(
    source: &Source<'_>,
    periods: &[Period],
    rates: &RateMode,
) -> Result<DataFrame, MetricsError> {
    let reached = reached(source, periods, rates).await?;
    let asked = periods.iter().enumerate().filter_map(|(position, period)| {
        let from = period.from?;
        Some(format!("({position}, '{}', date '{from}')", period.key()))
    });
    let asked: Vec<String> = asked.collect();
    if asked.is_empty() {
        let none = format!(
            "select *, cast(null as int) as {PERIOD}, cast(null as date) as {CREDIT_DATE}, \
             cast(null as decimal(28, 6)) as forecast, cast(null as decimal(28, 6)) as reached, false as is_due \
             from forecast_submission where false"
        );
        return source.query(&["forecast_submission"], &none).await;
    }
    let asked = asked.join(", ");
    source.query(&["forecast_submission", "target"], "select 1").await?;
    source
        .query_over(reached, |rows| {
            format!(
                "with asked as (select cast(column1 as int) as {PERIOD}, column2 as period_id, column3 as starts \
                   from (values {asked})), \
                 submitted as (select s.*, a.{PERIOD}, a.starts, row_number() over (\
                     partition by s.employee_id, a.{PERIOD} order by s.submitted_at desc, s.source_id) as place \
                   from forecast_submission s join asked a on a.period_id = s.period_id \
                   where s.kpi_id in ('credited_bookings', 'bookings') and civil_date(s.submitted_at) < a.starts), \
                 latest as (select * from submitted where place = 1), \
                 due as (select distinct t.subject_id as employee_id, a.{PERIOD} from target t \
                   join asked a on a.period_id = t.period_id where t.subject_kind = 'employee' and t.kind = 'quota'), \
                 people as (select employee_id, {PERIOD} from latest union select credited_id, {PERIOD} from {rows} \
                   union select employee_id, {PERIOD} from due) \
                 select coalesce(l.source_system, 'credited') as source_system, \
                   coalesce(l.source_id, concat(p.employee_id, ' ', a.period_id)) as source_id, \
                   coalesce(l.row_hash, '') as row_hash, coalesce(l.recorded_snapshot, 0) as recorded_snapshot, \
                   p.employee_id, p.{PERIOD}, a.starts as {CREDIT_DATE}, \
                   cast(l.value as decimal(28, 6)) as forecast, \
                   cast(coalesce(r.reached, 0) as decimal(28, 6)) as reached, d.employee_id is not null as is_due \
                 from people p join asked a on a.{PERIOD} = p.{PERIOD} \
                   left join latest l on l.employee_id = p.employee_id and l.{PERIOD} = p.{PERIOD} \
                   left join due d on d.employee_id = p.employee_id and d.{PERIOD} = p.{PERIOD} \
                   left join {rows} r on r.credited_id = p.employee_id and r.{PERIOD} = p.{PERIOD}"
            )
        })
        .await
}
