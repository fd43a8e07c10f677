//! Deals as they stood open at the ends of days, and how those that were decided had gone from where they stood to
//! their end: what the chance of open deals is told from (domain 6.7). What was known when is read from the moves
//! between stages; values are those known now.

use attain_facts::store::schema::SOURCE_ID;
use datafusion::prelude::{DataFrame, Expr};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::{Asker, MetricsError, Reach};
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::engine::{Cells, collect};
use crate::plan::{PERIOD, Wanted, by_column, civil, column, text};
use crate::rows::counts;
use crate::subject::{Dimension, Subject};
use crate::tables::Coverage;

/// The metric whose rows they are.
const OPEN_DEALS: &str = "open_deals";

/// A deal that was open at the end of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDeal {
    /// Of the dimension that was asked for; none where the deal is nobody's.
    pub member: Option<String>,
    /// The position of the period among those asked for.
    pub position: usize,
    /// When it was created.
    pub created_on: Option<Date>,
    /// The stage it stood in and since when; none before its first known move.
    pub stage: Option<(String, Date)>,
    /// What it is worth, in the company's currency, as known now.
    pub value: Option<Decimal>,
}

/// Decided deals that were alike in how they went to their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DealsEnded {
    /// A stage they had been in; none for all deals from their creation on.
    pub stage: Option<String>,
    /// The position of the first of the days asked for by which they were decided.
    pub position: usize,
    /// Whether they were won.
    pub won: bool,
    /// Civil days from the last time they came there to their end.
    pub days: i32,
    /// How many there were.
    pub deals: u64,
}

impl Asker {
    /// Whether moves of deals between stages are known.
    #[must_use]
    pub fn knows_moves(&self) -> bool {
        self.source().tables.coverage("opportunity_stage_history") != Coverage::Nothing
    }

    /// The deals of a subject, or of each of its members, that were open at the ends of periods. Outside the reach
    /// there are none.
    ///
    /// # Errors
    /// When the dimension is unknown, or the facts cannot be read.
    pub async fn open_deals(
        &self,
        subject: &Subject,
        by: Option<&Dimension>,
        periods: &[Period],
        reach: &Reach,
    ) -> Result<Vec<OpenDeal>, MetricsError> {
        let by: Vec<Dimension> = by.into_iter().cloned().collect();
        let metric = self.metric(OPEN_DEALS)?;
        if !reach.opens(subject) || periods.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = Wanted { subject, by: &by, periods, filter: None, rates: &RateMode::default() };
        let rows = self.side(metric, &wanted).await?.filter(counts(metric))?;
        let member = (!by.is_empty()).then(|| text(column(&by_column(0))).alias("member"));
        let stood = stood(self, &rows)?;
        let known = [PERIOD, "created_date", "value", SOURCE_ID].map(column);
        let rows = rows.select(known.into_iter().chain(stood).chain(member).collect::<Vec<Expr>>())?;
        let rows = collect(rows.sort(vec![column(SOURCE_ID).sort(true, false)])?).await?;
        rows.rows().map(|row| read(&row)).collect()
    }

    /// How deals of the whole company that were decided by days, the earliest first, had gone to their end.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn deals_ended(&self, by_days: &[Date]) -> Result<Vec<DealsEnded>, MetricsError> {
        let cases: Vec<String> = by_days
            .iter()
            .enumerate()
            .map(|(position, day)| format!("when closed <= date '{day}' then {position}"))
            .collect();
        if cases.is_empty() || !self.knows_moves() {
            return Ok(Vec::new());
        }
        let query = format!(
            "with decided as (select opportunity_id, outcome, created_date, closed_date as closed \
               from opportunity_credited where outcome <> 'open' and closed_date is not null), \
             come as (select s.to_stage as stage, d.opportunity_id, max(s.entered_date) as since \
               from stage_entry_credited s join decided d on d.opportunity_id = s.opportunity_id \
               where s.entered_date <= d.closed group by s.to_stage, d.opportunity_id), \
             gone as (select c.stage, d.outcome, d.closed, c.since from come c join decided d on d.opportunity_id = c.opportunity_id \
               union all select cast(null as varchar) as stage, outcome, closed, created_date as since from decided \
               where created_date is not null), \
             placed as (select stage, outcome = 'won' as won, cast(closed as int) - cast(since as int) as days, \
               case {} end as position from gone) \
             select stage, won, days, cast(position as int) as position, count(*) as deals \
               from placed where position is not null group by stage, won, days, position",
            cases.join(" ")
        );
        let source = self.source();
        let name = format!("how deals ended: {}", cases.join(" "));
        let ended = match source.relations.get(&name).flatten() {
            Some(known) => known,
            None => {
                // Few rows of many, the same for whoever asks.
                let tables = ["opportunity_credited", "stage_entry_credited"];
                let made = source.query(&tables, &query).await?.cache().await?;
                source.relations.keep(&name, Some(&made));
                made
            }
        };
        let ended = collect(ended).await?;
        let read = |row: Cells<'_>| {
            Some(DealsEnded {
                stage: row.text("stage"),
                position: usize::try_from(row.integer32("position")?).ok()?,
                won: row.boolean("won")?,
                days: row.integer32("days")?,
                deals: row.count("deals"),
            })
        };
        Ok(ended.rows().filter_map(read).collect())
    }
}

/// The stage each deal stood in and the day it came there, where moves are known.
fn stood(asker: &Asker, rows: &DataFrame) -> Result<Vec<Expr>, MetricsError> {
    if !asker.knows_moves() {
        return Ok(Vec::new());
    }
    let since = civil(&asker.source(), rows, &column("stood_from"))?;
    Ok(vec![text(column("stood_stage")).alias("stood_stage"), since.alias("stood_since")])
}

fn read(row: &Cells<'_>) -> Result<OpenDeal, MetricsError> {
    Ok(OpenDeal {
        member: row.text("member"),
        position: row.integer32(PERIOD).and_then(|position| usize::try_from(position).ok()).unwrap_or(0),
        created_on: row.date("created_date"),
        stage: row.text("stood_stage").zip(row.date("stood_since")),
        value: row.decimal("value")?,
    })
}
