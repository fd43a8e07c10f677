//! Asking both instants: the rows that count at each, and of those that differ what they held and
//! which snapshots recorded them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use attain_facts::canonical::{Column, ColumnType, Table};
use attain_facts::store::schema::{RECORDED, ROW_HASH, SOURCE_ID, SOURCE_SYSTEM};
use datafusion::logical_expr::{Cast, when};
use datafusion::prelude::{Expr, lit};
use jiff::tz::TimeZone;

use super::{
    Change, Counted, CountedRows, Difference, Differing, DifferingRow, Kind, ROWS_LISTED, RowKey, Tally,
    compared, tally,
};
use crate::answer::Number;
use crate::ask::{Asker, MetricsError, Question, Reach};
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::definition::{Aggregation, Computation, Metric};
use crate::engine::{Cells, collect};
use crate::plan::{DECIMAL, Wanted, base_table, column};
use crate::rows::{DENOMINATOR, NUMERATOR, model, parts};
use crate::subject::{Level, Subject};

const ADDS: &str = "row_adds";

/// The versions of rows at one instant, by key: labelled cells.
type Versions = HashMap<RowKey, Vec<(String, Option<String>)>>;

/// A number as known to two askers, `then` the earlier one, and the rows that lie between. Outside
/// the reach both numbers say so and no row is listed.
///
/// # Errors
/// When the metric is unknown or the facts cannot be read.
pub async fn difference(
    then: &Asker,
    now: &Asker,
    metric: &str,
    subject: &Subject,
    period: &Period,
    reach: &Reach,
) -> Result<Difference, MetricsError> {
    // Rows lead from one number to the other only if both are measured by the same definitions.
    let (now, then) = (now.measuring(period), then.with(Arc::new(now.editions().clone())).measuring(period));
    let (now, then) = (&now, &then);
    let definition = now.metric(metric)?;
    let mut found = Difference {
        then: then.number_of(metric, subject, period, reach).await?,
        now: now.number_of(metric, subject, period, reach).await?,
        table: None,
        added: Tally::default(),
        gone: Tally::default(),
        changed: Tally::default(),
        rows: Vec::new(),
    };
    let Some(table) = table(definition).filter(|_| reach.opens(subject)) else { return Ok(found) };
    let before = then.counted_rows(definition, subject, period).await?;
    let after = now.counted_rows(definition, subject, period).await?;
    let differing = compared(&before, &after);
    let additive = additive(definition);
    found.table = Some(table);
    found.added = tally(&differing, Kind::Added, additive);
    found.gone = tally(&differing, Kind::Gone, additive);
    found.changed = tally(&differing, Kind::Changed, additive);
    let listed: Vec<Differing> = differing.into_iter().take(ROWS_LISTED).collect();
    let keys: BTreeSet<RowKey> = listed.iter().map(|row| row.key.clone()).collect();
    let (held, holds) = (then.versions(table, &keys).await?, now.versions(table, &keys).await?);
    let mut snapshots = now.snapshots_since(table, then.as_of().snapshot, &keys).await?;
    found.rows = listed
        .into_iter()
        .map(|row| {
            let snapshots = snapshots.remove(&row.key).unwrap_or_default();
            described(row, &held, &holds, snapshots.into_iter().collect(), additive)
        })
        .collect();
    Ok(found)
}

/// The canonical table whose rows a number counts; nothing for numbers made of others, or of
/// accounts, or over tables without identifiers.
fn table(metric: &Metric) -> Option<Table> {
    let (above, _) = parts(metric);
    let rows = matches!(above.computation, Computation::Simple { .. } | Computation::Conversion(..));
    model(above).filter(|_| rows).and_then(|model| Table::from_name(base_table(&model.relation)))
}

/// Whether the value is the sum of what its rows add.
pub(crate) fn additive(metric: &Metric) -> bool {
    match &metric.computation {
        Computation::Simple { aggregate, .. } => {
            matches!(aggregate.aggregation, Aggregation::Count | Aggregation::SumBoolean | Aggregation::Sum)
        }
        _ => false,
    }
}

/// What a row adds to an additive metric once it counts.
fn adds(metric: &Metric) -> Result<Expr, MetricsError> {
    let exact = |expr: Expr| Expr::Cast(Cast::new(Box::new(expr), DECIMAL));
    let one_where = |holds: Expr| when(holds, exact(lit(1i64))).otherwise(exact(lit(0i64)));
    let Computation::Simple { aggregate, .. } = &metric.computation else { return Ok(exact(lit(0i64))) };
    let value = aggregate.expr.clone();
    let added = match aggregate.aggregation {
        Aggregation::Count => one_where(value.is_not_null())?,
        Aggregation::SumBoolean => one_where(value)?,
        Aggregation::Sum => when(value.clone().is_not_null(), exact(value)).otherwise(exact(lit(0i64)))?,
        _ => return Ok(exact(lit(0i64))),
    };
    Ok(when(column(NUMERATOR), added).otherwise(exact(lit(0i64)))?)
}

fn described(
    row: Differing,
    held: &Versions,
    holds: &Versions,
    snapshots: Vec<i64>,
    additive: bool,
) -> DifferingRow {
    let (then, now) = (held.get(&row.key), holds.get(&row.key));
    let changes = match (then, now) {
        (Some(then), Some(now)) => changes(then, now),
        _ => Vec::new(),
    };
    DifferingRow {
        kind: row.kind,
        known_then: then.is_some(),
        known_now: now.is_some(),
        cells: now.or(then).cloned().unwrap_or_default(),
        changes,
        effect: additive.then_some(row.effect),
        snapshots,
        key: row.key,
    }
}

/// The columns that hold something else, in the order of the table.
fn changes(then: &[(String, Option<String>)], now: &[(String, Option<String>)]) -> Vec<Change> {
    let pairs = then.iter().zip(now).filter(|((_, before), (_, after))| before != after);
    pairs
        .map(|((column, before), (_, after))| Change {
            column: column.clone(),
            then: before.clone(),
            now: after.clone(),
        })
        .collect()
}

impl Asker {
    pub(crate) async fn number_of(
        &self,
        metric: &str,
        subject: &Subject,
        period: &Period,
        reach: &Reach,
    ) -> Result<Number, MetricsError> {
        let question = Question {
            metrics: vec![metric.to_owned()],
            subject: subject.clone(),
            by: Vec::new(),
            periods: vec![period.clone()],
            filter: None,
            rates: RateMode::default(),
        };
        let mut answer = self.ask(&question, reach).await?;
        // An answer that is not split has one number per metric and period.
        Ok(answer.numbers.remove(0))
    }

    /// The rows that count for a number at this instant. One that stands once on each side of the
    /// line is one row.
    pub(crate) async fn counted_rows(
        &self,
        metric: &Metric,
        subject: &Subject,
        period: &Period,
    ) -> Result<CountedRows, MetricsError> {
        let (above, below) = parts(metric);
        let applies = model(above).is_some_and(|model| {
            subject.dimension().is_none_or(|dimension| self.source().splits(model, &dimension).is_ok())
        });
        if !applies {
            return Ok(CountedRows::new());
        }
        let periods = [period.clone()];
        let wanted =
            Wanted { subject, by: &[], periods: &periods, filter: None, rates: &RateMode::default() };
        let rows = self.marked(above, below, &wanted).await?.rows.with_column(ADDS, adds(above)?)?;
        let columns = [SOURCE_SYSTEM, SOURCE_ID, ROW_HASH, NUMERATOR, DENOMINATOR, ADDS].map(column);
        let result = collect(rows.select(columns.to_vec())?).await?;
        let mut counted = CountedRows::new();
        for row in result.rows() {
            let side = counted.entry(key(&row)).or_insert_with(|| Counted {
                hash: row.text(ROW_HASH).unwrap_or_default(),
                ..Counted::default()
            });
            side.numerator |= row.boolean(NUMERATOR).unwrap_or_default();
            side.denominator |= row.boolean(DENOMINATOR).unwrap_or_default();
            side.adds += row.decimal(ADDS)?.unwrap_or_default();
        }
        Ok(counted)
    }

    /// What rows hold at this instant, whether or not they count.
    async fn versions(&self, table: Table, keys: &BTreeSet<RowKey>) -> Result<Versions, MetricsError> {
        if keys.is_empty() {
            return Ok(Versions::new());
        }
        let source = self.source();
        let rows = source.tables.rows(source.context, table.name()).await?;
        let result = collect(rows.filter(among(keys))?).await?;
        let names = Names { asker: self, accounts: self.account_names().await? };
        let mut versions = Versions::new();
        for row in result.rows() {
            versions.insert(key(&row), names.cells(table, &row)?);
        }
        Ok(versions)
    }

    /// The snapshots after an earlier one that recorded versions of the rows.
    async fn snapshots_since(
        &self,
        table: Table,
        earlier: i64,
        keys: &BTreeSet<RowKey>,
    ) -> Result<BTreeMap<RowKey, BTreeSet<i64>>, MetricsError> {
        let mut found: BTreeMap<RowKey, BTreeSet<i64>> = BTreeMap::new();
        let source = self.source();
        let versions = source.tables.versions_since(source.context, table, earlier).await?;
        let Some(versions) = versions.filter(|_| !keys.is_empty()) else { return Ok(found) };
        for row in collect(versions.filter(among(keys))?).await?.rows() {
            found.entry(key(&row)).or_default().extend(row.integer(RECORDED));
        }
        Ok(found)
    }
}

/// Rows of any source with one of the identifiers; the source is told apart by whoever reads them.
fn among(keys: &BTreeSet<RowKey>) -> Expr {
    let ids: BTreeSet<&str> = keys.iter().map(|key| key.source_id.as_str()).collect();
    column(SOURCE_ID).in_list(ids.into_iter().map(lit).collect(), false)
}

pub(crate) fn key(row: &Cells<'_>) -> RowKey {
    RowKey {
        source_system: row.text(SOURCE_SYSTEM).unwrap_or_default(),
        source_id: row.text(SOURCE_ID).unwrap_or_default(),
    }
}

/// Names for the identifiers in rows.
struct Names<'a> {
    asker: &'a Asker,
    accounts: HashMap<String, String>,
}

impl Names<'_> {
    /// Every business column of a row, labelled, as text.
    fn cells(&self, table: Table, row: &Cells<'_>) -> Result<Vec<(String, Option<String>)>, MetricsError> {
        let cell = |held: &Column| Ok((label(held.name), self.cell(row, held)?));
        table.columns().iter().map(cell).collect()
    }

    fn cell(&self, row: &Cells<'_>, held: &Column) -> Result<Option<String>, MetricsError> {
        let zone = &self.asker.company().time_zone;
        Ok(match held.kind {
            ColumnType::Date | ColumnType::Month => row.date(held.name).map(|day| day.to_string()),
            ColumnType::Timestamp => row.instant(held.name).map(|instant| civil_text(instant, zone)),
            ColumnType::Decimal | ColumnType::Amount | ColumnType::Share | ColumnType::Rate => {
                row.decimal(held.name)?.map(|value| value.to_string())
            }
            ColumnType::Boolean => row.boolean(held.name).map(|holds| holds.to_string()),
            ColumnType::Reference(to) => row.text(held.name).map(|id| self.name_of(to, id)),
            ColumnType::Count => row.integer(held.name).map(|count| count.to_string()),
            ColumnType::Text
            | ColumnType::PersonalText
            | ColumnType::TimeZone
            | ColumnType::Currency
            | ColumnType::Choice(_)
            | ColumnType::Subject(_) => row.text(held.name),
        })
    }

    fn name_of(&self, table: Table, id: String) -> String {
        let organisation = self.asker.organisation();
        let named = |level| organisation.member(level, &id).map(|member| member.name);
        let name = match table {
            Table::Employee => named(Level::Rep),
            Table::Product => named(Level::Product),
            Table::Team => named(Level::Region),
            Table::Account => self.accounts.get(&id).cloned(),
            _ => None,
        };
        name.unwrap_or(id)
    }
}

/// What people call a column: `owner_id` is the owner.
fn label(column: &str) -> String {
    let bare = column.strip_suffix("_id").or_else(|| column.strip_suffix("_at")).unwrap_or(column);
    match bare {
        "amount_ccy" => "currency".to_owned(),
        bare => bare.replace('_', " "),
    }
}

/// A day, with the time where there is one.
fn civil_text(instant: jiff::Timestamp, zone: &TimeZone) -> String {
    let civil = zone.to_datetime(instant);
    match civil.time() == jiff::civil::Time::midnight() {
        true => civil.date().to_string(),
        false => civil.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    }
}
