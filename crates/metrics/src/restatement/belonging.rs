//! Rows that say who belonged where, and say something else about days that are over.

use attain_facts::canonical::{ColumnType, Table};
use attain_facts::store::schema::{ROW_HASH, SOURCE_ID, SOURCE_SYSTEM};
use datafusion::arrow::datatypes::DataType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions::string::expr_fn::concat_ws;
use datafusion::logical_expr::Cast;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;

use crate::ask::{Asker, MetricsError, Reach};
use crate::engine::{civil_date, collect};
use crate::plan::column;

/// Tables that say who belonged where and who owned what, from when to when.
const BELONGING: [Table; 8] = [
    Table::TeamAssignment,
    Table::ManagerAssignment,
    Table::TerritoryAssignment,
    Table::AccountTerritory,
    Table::OpportunityOwner,
    Table::LeadOwner,
    Table::AccountOwner,
    Table::CreditSplit,
];
/// The bounds between which their rows hold.
const BOUNDS: [&str; 2] = ["valid_from", "valid_to"];

/// Rows of a table that say something else about the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastRows {
    /// The table.
    pub table: Table,
    /// How many rows came, went or changed.
    pub rows: u64,
    /// The earliest day about which they say something else; nothing if it has no beginning.
    pub since: Option<Date>,
}

/// Rows that say after something else than before about days before the day of asking, table by
/// table. Outside the reach there are none.
///
/// # Errors
/// When the facts cannot be read.
pub async fn past_rows(before: &Asker, after: &Asker, reach: &Reach) -> Result<Vec<PastRows>, MetricsError> {
    let mut found = Vec::new();
    if *reach != Reach::Everything {
        return Ok(found);
    }
    for table in BELONGING {
        let rows = of_table(before, after, table).await?;
        found.extend((rows.rows > 0).then_some(rows));
    }
    Ok(found)
}

async fn of_table(before: &Asker, after: &Asker, table: Table) -> Result<PastRows, MetricsError> {
    let source = after.source();
    let read = async |asker: &Asker| {
        let rows = asker.source().tables.rows(source.context, table.name()).await?;
        said(asker, rows, table)
    };
    let (was, is) = (source.named(read(before).await?)?, source.named(read(after).await?)?);
    let today = after.as_of().asked_on;
    let query = format!(
        "with compared as (select case when w.said = i.said and w.held_from is not distinct from i.held_from \
             then least(coalesce(w.held_to, date '9999-12-31'), coalesce(i.held_to, date '9999-12-31')) \
             else least(case when w.row_hash is not null then coalesce(w.held_from, date '0001-01-01') end, \
               case when i.row_hash is not null then coalesce(i.held_from, date '0001-01-01') end) end as day \
           from {was} w full outer join {is} i \
             on w.source_system = i.source_system and w.source_id = i.source_id \
           where w.row_hash is distinct from i.row_hash) \
         select count(*) as changed, min(day) as since from compared where day < date '{today}'"
    );
    let result = source.context.sql(&query).await;
    source.forget(&was)?;
    source.forget(&is)?;
    let result = collect(result?).await?;
    let row = result.rows().next();
    let since = row.and_then(|row| row.date("since")).filter(|day| day.year() > 1);
    Ok(PastRows { table, rows: row.map_or(0, |row| row.count("changed")), since })
}

/// What rows say, apart from the days for which they do.
fn said(asker: &Asker, rows: DataFrame, table: Table) -> Result<DataFrame, MetricsError> {
    let text = |name: &str| {
        let text = Expr::Cast(Cast::new(Box::new(column(name)), DataType::Utf8));
        coalesce(vec![text, lit("")])
    };
    let business = table.columns().iter().filter(|own| !BOUNDS.contains(&own.name));
    let said = concat_ws(lit("\u{1f}"), business.map(|own| text(own.name)).collect());
    let zone = &asker.company().time_zone;
    let day = |name: &str| {
        let instant = table.column(name).is_some_and(|(_, column)| column.kind == ColumnType::Timestamp);
        if instant { civil_date(zone.clone()).call(vec![column(name)]) } else { column(name) }
    };
    Ok(rows.select(vec![
        column(SOURCE_SYSTEM),
        column(SOURCE_ID),
        column(ROW_HASH),
        said.alias("said"),
        day("valid_from").alias("held_from"),
        day("valid_to").alias("held_to"),
    ])?)
}
