//! Activities of one person and kind that lie close together.

use jiff::civil::Date;

use super::{LoggedActivity, key_of};
use crate::ask::{Asker, MetricsError};
use crate::engine::{Cells, bounded_session, civil_date, collect, day_start};
use crate::tables::Coverage;

impl Asker {
    /// The activities since a day of every person and kind of which at least so many lie within so many
    /// seconds anywhere, in the order of person, kind and time. Those of which only the day is known
    /// stand at its first instant (domain 2.7) and say nothing about the time between them: they are
    /// left out.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn activities_close_together(
        &self,
        events: usize,
        seconds: u32,
        since: Date,
    ) -> Result<Vec<LoggedActivity>, MetricsError> {
        let source = self.source();
        if source.tables.coverage("activity") == Coverage::Nothing || events < 2 {
            return Ok(Vec::new());
        }
        let (before, micros) = (events - 1, i64::from(seconds) * 1_000_000);
        let query = format!(
            "with recent as (select source_system, source_id, employee_id, kind, occurred_at, outcome, duration_s \
               from activity where occurred_at >= day_start(date '{since}') and employee_id is not null \
                 and kind is not null and occurred_at <> day_start(civil_date(occurred_at))), \
             spaced as (select employee_id, kind, occurred_at, lag(occurred_at, {before}) \
               over (partition by employee_id, kind order by occurred_at) as earlier from recent), \
             dense as (select distinct employee_id as dense_person, kind as dense_kind from spaced \
               where cast(occurred_at as bigint) - cast(earlier as bigint) <= {micros}) \
             select r.* from recent r join dense d on d.dense_person = r.employee_id and d.dense_kind = r.kind \
             order by r.employee_id, r.kind, r.occurred_at, r.source_system, r.source_id"
        );
        // Nobody waits for it on a page, and there may be very many: memory is bounded instead.
        let context = bounded_session()?;
        context.register_udf(civil_date(source.company.time_zone.clone()));
        context.register_udf(day_start(source.company.time_zone.clone()));
        let rows = source.tables.rows(&context, "activity").await?;
        context.register_table("activity", rows.into_view())?;
        let found = collect(context.sql(&query).await?).await?;
        Ok(found.rows().filter_map(|row| activity(&row)).collect())
    }
}

fn activity(row: &Cells<'_>) -> Option<LoggedActivity> {
    Some(LoggedActivity {
        key: key_of(row)?,
        person: row.text("employee_id")?,
        kind: row.text("kind")?,
        at: row.instant("occurred_at")?,
        outcome: row.text("outcome"),
        duration_s: row.integer("duration_s"),
    })
}
