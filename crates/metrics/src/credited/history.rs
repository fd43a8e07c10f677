//! How deals stood at an instant, by their stage history (domain 2.3, 4.1): the stage and expected
//! close of then, and which had been closed and were reopened since.

use datafusion::common::JoinType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::prelude::{DataFrame, lit};

use crate::ask::MetricsError;
use crate::engine::day_end;
use crate::plan::{CREDIT_DATE, PERIOD, Source, column};
use crate::tables::Coverage;

/// A stage whose deals are all decided is where deals end.
pub(super) const CLOSING: &str = "select stage from opportunity where stage is not null group by stage \
    having min(outcome) = max(outcome) and min(outcome) <> 'open'";

/// Whether moves from stage to stage were delivered.
pub(super) fn is_known(source: &Source<'_>) -> bool {
    source.tables.coverage("opportunity_stage_history") != Coverage::Nothing
}

/// Deals at the instant each row counts for: with the stage and expected close of then, and without
/// those that were closed at the time.
pub(super) async fn as_they_stood(source: &Source<'_>, rows: DataFrame) -> Result<DataFrame, MetricsError> {
    let Some(stood) = stood(source).await? else { return Ok(rows) };
    let instant = || day_end(source.company.time_zone.clone()).call(vec![column(CREDIT_DATE)]);
    let then = [
        column("opportunity_id").eq(column("stood_deal")),
        column("stood_from").lt_eq(instant()),
        column("stood_to").is_null().or(column("stood_to").gt(instant())),
    ];
    let rows = rows.join_on(stood, JoinType::Left, then)?.filter(column("stood_closed").is_not_true())?;
    let stage = coalesce(vec![column("stood_stage"), column("stage")]);
    let expected = coalesce(vec![column("stood_expected"), column("close_date")]);
    Ok(rows.with_column("stage", stage)?.with_column("close_date", expected)?)
}

/// From when to when each deal stood in a stage.
async fn stood(source: &Source<'_>) -> Result<Option<DataFrame>, MetricsError> {
    if !is_known(source) {
        return Ok(None);
    }
    let name = "how deals stood";
    if let Some(known) = source.relations.get(name) {
        return Ok(known);
    }
    let query = format!(
        "with closing as ({CLOSING}) \
         select h.opportunity_id as stood_deal, h.to_stage as stood_stage, h.changed_at as stood_from, \
           lead(h.changed_at) over (partition by h.opportunity_id order by h.changed_at, h.seq) as stood_to, \
           last_value(h.close_date_at_change) ignore nulls over (partition by h.opportunity_id \
             order by h.changed_at, h.seq rows between unbounded preceding and current row) as stood_expected, \
           c.stage is not null as stood_closed \
         from opportunity_stage_history h left join closing c on c.stage = h.to_stage"
    );
    let stood = source.query(&["opportunity", "opportunity_stage_history"], &query).await?;
    let stood = match source.tables.row_count("opportunity_stage_history") {
        Some(rows) if rows <= 1_000_000 => stood.cache().await?,
        _ => stood,
    };
    source.relations.keep(name, Some(&stood));
    Ok(Some(stood))
}

/// How often deals that had ever been in a stage were won, as known at the instant of each row.
pub(super) async fn weighted(source: &Source<'_>, rows: DataFrame) -> Result<DataFrame, MetricsError> {
    if !is_known(source) {
        return Ok(rows.with_column("won_share", lit(datafusion::common::ScalarValue::Float64(None)))?);
    }
    source.query(&["opportunity_credited", "stage_entry_credited"], "select 1").await?;
    source
        .query_over(rows, |rows| {
            format!(
                "with ever as (select distinct s.to_stage as ever_stage, o.opportunity_id, o.outcome, o.closed_date \
                   from stage_entry_credited s join opportunity_credited o on o.opportunity_id = s.opportunity_id \
                   where o.outcome <> 'open'), \
                 instants as (select distinct {PERIOD} as share_period, {CREDIT_DATE} as share_date from {rows}), \
                 shares as (select ever_stage, share_period, \
                     sum(case when outcome = 'won' then 1.0 else 0.0 end) / count(*) as won_share \
                   from ever join instants on closed_date <= share_date group by ever_stage, share_period) \
                 select r.*, s.won_share from {rows} r left join shares s \
                   on s.ever_stage = r.stage and s.share_period = r.{PERIOD}"
            )
        })
        .await
}
