//! Who reached their quota (domain 4.5, 6.3): one row per person with a quota and period.

use datafusion::prelude::DataFrame;

use super::forecast::reached;
use crate::ask::MetricsError;
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::plan::{CREDIT_DATE, PERIOD, Source};

/// The part of a period's working days from which somebody is comparable (T20).
const PRESENT: &str = "0.8";

pub(super) async fn dated(
    source: &Source<'_>,
    periods: &[Period],
    rates: &RateMode,
) -> Result<DataFrame, MetricsError> {
    let quotas = super::quota::dated(source, periods, false).await?;
    let quotas = super::money::converted(source, quotas, super::money::QUOTA, rates).await?;
    let reached = reached(source, periods, rates).await?;
    let reached = source.named(reached)?;
    let result = source
        .query_over(quotas, |quotas| {
            format!(
                "with quota as (select employee_id, {PERIOD}, min({CREDIT_DATE}) as {CREDIT_DATE}, \
                     min(source_system) as source_system, min(source_id) as source_id, min(row_hash) as row_hash, \
                     min(recorded_snapshot) as recorded_snapshot, case when count(target) = count(*) then sum(target) end as target, max(presence) as presence \
                   from {quotas} where kpi_id in ('credited_bookings', 'bookings') group by employee_id, {PERIOD}) \
                 select q.*, coalesce(r.reached, 0) as reached, coalesce(r.reached, 0) >= q.target as attained, \
                   coalesce(q.presence >= {PRESENT} and q.target > 0, false) as comparable \
                 from quota q left join {reached} r on r.credited_id = q.employee_id and r.{PERIOD} = q.{PERIOD}"
            )
        })
        .await;
    source.forget(&reached)?;
    result
}
