//! Deals whose expected close was put off again and again: a push is what the metric `pushes` counts, a
//! later expected month in the stage history. Where none is delivered with expected closes, it follows
//! from what successive deliveries said of the deal while it was open.

use attain_facts::store::schema::RECORDED;
use datafusion::prelude::{DataFrame, lit};
use jiff::civil::Date;

use super::{Push, PushedDeal, key_of};
use crate::ask::{Asker, MetricsError};
use crate::definition::{Attribution, When};
use crate::engine::{Cells, collect};
use crate::plan::column;

impl Asker {
    /// The deals that one person put off so many times, the last time since a day; in the order of
    /// persons.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn deals_put_off(&self, times: usize, since: Date) -> Result<Vec<PushedDeal>, MetricsError> {
        let stated = self.source().tables.supplies("opportunity_stage_history", "close_date_at_change");
        let pushes = if stated { Some(self.stated().await?) } else { self.seen().await? };
        let Some(pushes) = pushes else { return Ok(Vec::new()) };
        let source = self.source();
        source.query(&["opportunity"], "select 1").await?;
        let often = source
            .query_over(pushes, |pushes| {
                format!(
                    "with counted as (select *, \
                        count(*) over (partition by credited_id, opportunity_id) as times, \
                        max(pushed_date) over (partition by credited_id, opportunity_id) as last_date \
                      from {pushes} where credited_id is not null) \
                     select o.source_system, o.source_id, o.name, c.credited_id, c.pushed_date, \
                       c.expected_before, c.expected_after \
                     from counted c join opportunity o on o.opportunity_id = c.opportunity_id \
                     where c.times >= {times} and c.last_date >= date '{since}' \
                     order by c.credited_id, o.source_system, o.source_id, c.pushed_date, c.expected_after"
                )
            })
            .await?;
        let mut deals: Vec<PushedDeal> = Vec::new();
        for row in collect(often).await?.rows() {
            let Some((deal, push)) = read(&row) else { continue };
            match deals.last_mut() {
                Some(last) if (&last.person, &last.key) == (&deal.person, &deal.key) => {
                    last.pushes.push(push);
                }
                _ => deals.push(PushedDeal { pushes: vec![push], ..deal }),
            }
        }
        Ok(deals)
    }

    /// Pushes as the stage history tells them, each of whoever the deal counted for then.
    async fn stated(&self) -> Result<DataFrame, MetricsError> {
        let when = When::Dated {
            name: "pushed_date".to_owned(),
            date: column("pushed_date"),
            attribution: Attribution::Event,
        };
        let later = column("months_later").gt(lit(0_i32));
        let pushes = self.source().credited("push_credited", &when, later).await?;
        let kept = ["opportunity_id", "credited_id", "pushed_date", "expected_before"].map(column);
        let after = column("close_date_at_change").alias("expected_after");
        Ok(pushes.select(kept.into_iter().chain([after]).collect::<Vec<_>>())?)
    }

    /// Pushes as deliveries showed them, each of the owner whom the delivery named.
    async fn seen(&self) -> Result<Option<DataFrame>, MetricsError> {
        let source = self.source();
        let Some(versions) = source.tables.superseded(source.context, "opportunity").await? else {
            return Ok(None);
        };
        let columns = ["opportunity_id", "owner_id", "outcome", "close_date", "recorded_on", RECORDED];
        let versions = versions.select(columns.map(column).to_vec())?;
        let query = |versions: &str| {
            format!(
                "with open as (select *, lag(close_date) over (partition by opportunity_id order by {RECORDED}) \
                    as expected_before from {versions} where outcome = 'open' and close_date is not null) \
                 select opportunity_id, owner_id as credited_id, recorded_on as pushed_date, expected_before, \
                   close_date as expected_after from open \
                 where date_trunc('month', close_date) > date_trunc('month', expected_before)"
            )
        };
        Ok(Some(source.query_over(versions, query).await?))
    }
}

fn read(row: &Cells<'_>) -> Option<(PushedDeal, Push)> {
    let deal = PushedDeal {
        key: key_of(row)?,
        person: row.text("credited_id")?,
        name: row.text("name"),
        pushes: Vec::new(),
    };
    let push = Push {
        on: row.date("pushed_date")?,
        from: row.date("expected_before")?,
        to: row.date("expected_after")?,
    };
    Some((deal, push))
}
