//! The credited view of opportunities: each row with the day, person, team, manager and value it
//! counts for. The attribution rules T1–T7 live here and nowhere else.

use std::sync::Arc;

use attain_facts::canonical::Table;
use attain_facts::store::Snapshot;
use attain_facts::value::days_from_date;
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::common::{Column, DFSchema, JoinType, ScalarValue};
use datafusion::error::Result as EngineResult;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{Cast, ColumnarValue, ScalarUDF, Volatility, create_udf, when};
use datafusion::prelude::{DataFrame, Expr, SessionContext, col, lit};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::answer::AsOf;
use crate::ask::MetricsError;
use crate::calendar::{Calendar, Grain, Period};
use crate::definition::Attribution;
use crate::organisation::{Belonging, Dimension, Organisation, Subject};

/// Exact decimals of facts: 28 significant digits, 6 of them after the point.
pub(crate) const DECIMAL: DataType = DataType::Decimal128(28, 6);

/// The columns a definition may use in `expr` and `filter`.
pub(crate) fn schema() -> DFSchema {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let day = |name: &str| Field::new(name, DataType::Date32, true);
    let columns = vec![
        text("opportunity_id"),
        text("account_id"),
        text("owner_id"),
        text("product_id"),
        text("type"),
        text("stage"),
        text("outcome"),
        day("created_date"),
        day("close_date"),
        Field::new("value", DECIMAL, true),
        Field::new("list_amount", DECIMAL, true),
        Field::new("cycle_days", DataType::Int32, true),
        text("lost_reason"),
        text("competitor"),
    ];
    // Column names are distinct, the only thing the conversion checks.
    DFSchema::try_from(Schema::new(columns)).unwrap_or_else(|_| DFSchema::empty())
}

/// Name of the column that holds the position of a row's period among those asked for.
pub(crate) const PERIOD: &str = "period_index";
/// Name of the column that marks rows whose currency has no rate (E7).
pub(crate) const CURRENCY_MISSING: &str = "currency_missing";
const CREDIT_DATE: &str = "credit_date";

/// What the view is built from.
pub(crate) struct Source<'a> {
    pub(crate) context: &'a SessionContext,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) organisation: &'a Organisation,
    /// Every opportunity with its derived columns ([`opportunities`]).
    pub(crate) opportunities: &'a DataFrame,
    pub(crate) as_of: AsOf,
}

/// What the view is built for.
pub(crate) struct Wanted<'a> {
    pub(crate) attribution: Attribution,
    pub(crate) subject: &'a Subject,
    pub(crate) by: &'a [Dimension],
    pub(crate) periods: &'a [Period],
}

impl Source<'_> {
    /// The company's calendar.
    pub(crate) fn calendar(&self) -> Calendar {
        Calendar::of(self.snapshot.company())
    }

    /// Opportunities that count for the subject in one of the periods, each with its dimensions
    /// and the position of its period.
    pub(crate) async fn credited(&self, wanted: &Wanted<'_>) -> Result<DataFrame, MetricsError> {
        let opportunities = self.opportunities.clone();
        let dated = match wanted.attribution {
            Attribution::Close => self.by_date(opportunities, "close_date", wanted.periods)?,
            Attribution::CreatedCohort => self.by_date(opportunities, "created_date", wanted.periods)?,
            Attribution::Snapshot => self.open_at(opportunities, wanted.periods)?,
        };
        let placed = self.placed(dated, wanted).await?;
        Ok(match subject_filter(wanted.subject) {
            Some(filter) => placed.filter(filter)?,
            None => placed,
        })
    }

    /// Rows whose date falls in a period; over all time rows without the date count as well and
    /// stand where they stood on the day of asking.
    fn by_date(&self, rows: DataFrame, date: &str, periods: &[Period]) -> Result<DataFrame, MetricsError> {
        let rows = if date == "close_date" { rows.filter(col("outcome").not_eq(lit("open")))? } else { rows };
        let credit_date = coalesce(vec![col(date), day(self.as_of.date)]);
        let rows = rows.with_column(CREDIT_DATE, credit_date)?;
        let index = period_index(date, periods)?;
        Ok(rows.with_column(PERIOD, index)?.filter(col(PERIOD).is_not_null())?)
    }

    /// Rows open at the end of each period, or at the day of asking if that comes first. One row
    /// counts in every period at whose end it was open.
    fn open_at(&self, rows: DataFrame, periods: &[Period]) -> Result<DataFrame, MetricsError> {
        let instants: Vec<i32> = periods
            .iter()
            .map(|period| period.last_day().map_or(self.as_of.date, |last| last.min(self.as_of.date)))
            .map(days_from_date)
            .collect();
        let indices: Vec<i32> = (0..).take(periods.len()).collect();
        let ends = RecordBatch::try_from_iter([
            (PERIOD, Arc::new(Int32Array::from(indices)) as ArrayRef),
            (CREDIT_DATE, Arc::new(Date32Array::from(instants)) as ArrayRef),
        ])
        .map_err(datafusion::error::DataFusionError::from)?;
        let ends = self.context.read_batch(ends)?;
        let known_by_then = col("created_date").lt_eq(col(CREDIT_DATE));
        let undated = col("created_date").is_null().and(col(CREDIT_DATE).eq(day(self.as_of.date)));
        let not_yet_closed = col("outcome").eq(lit("open")).or(col("close_date").gt(col(CREDIT_DATE)));
        Ok(rows.join_on(ends, JoinType::Inner, [known_by_then.or(undated).and(not_yet_closed)])?)
    }

    async fn placed(&self, rows: DataFrame, wanted: &Wanted<'_>) -> Result<DataFrame, MetricsError> {
        let needs = |dimension: Dimension| {
            wanted.by.contains(&dimension) || Some(wanted.subject.level()) == dimension.level()
        };
        let mut rows = rows;
        if needs(Dimension::Region) {
            rows = self.belonging(rows, &self.organisation.region_of, "region_id")?;
        }
        if needs(Dimension::Manager) {
            rows = self.belonging(rows, &self.organisation.manager_of, "manager_id")?;
        }
        if needs(Dimension::Segment) {
            let accounts = self.snapshot.view(self.context, Table::Account).await?;
            let accounts =
                accounts.select(vec![col("account_id").alias("segment_account"), col("segment")])?;
            let same = [col("account_id").eq(col("segment_account"))];
            rows = rows.join_on(accounts, JoinType::Left, same)?;
        }
        Ok(rows)
    }

    /// Adds whom the owner belonged to on the credit date (T6, at event).
    fn belonging(
        &self,
        rows: DataFrame,
        belongings: &[Belonging],
        name: &str,
    ) -> Result<DataFrame, MetricsError> {
        let text = |pick: fn(&Belonging) -> &String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(belongings.iter().map(pick)))
        };
        let days = |pick: fn(&Belonging) -> Option<Date>, always: Date| -> ArrayRef {
            Arc::new(Date32Array::from_iter_values(
                belongings.iter().map(|b| days_from_date(pick(b).unwrap_or(always))),
            ))
        };
        let [employee, from, to] = ["employee", "from", "to"].map(|part| format!("{name}_{part}"));
        let table = RecordBatch::try_from_iter([
            (employee.as_str(), text(|b| &b.employee)),
            (name, text(|b| &b.to)),
            (from.as_str(), days(|b| b.valid_from, Date::MIN)),
            (to.as_str(), days(|b| b.valid_to, Date::MAX)),
        ])
        .map_err(datafusion::error::DataFusionError::from)?;
        let held = [
            col("owner_id").eq(col(&employee)),
            col(CREDIT_DATE).gt_eq(col(&from)),
            col(CREDIT_DATE).lt(col(&to)),
        ];
        Ok(rows.join_on(self.context.read_batch(table)?, JoinType::Left, held)?)
    }
}

/// Rows up to which opportunities are kept in memory: opening dozens of small files for every
/// question costs more than the question, while large tables are read as fast from their files.
const ROWS_IN_MEMORY: u64 = 250_000;

/// Whether a snapshot's opportunities are kept in memory.
pub(crate) fn fits_memory(snapshot: &Snapshot) -> bool {
    snapshot.rows(Table::Opportunity) <= ROWS_IN_MEMORY
}

/// Opportunities with civil creation date, value in the company's currency and cycle length.
/// Deals closed after the day of asking are data errors and stay out (T11).
pub(crate) async fn opportunities(
    context: &SessionContext,
    snapshot: &Snapshot,
    asked_on: Date,
) -> Result<DataFrame, MetricsError> {
    let company = snapshot.company();
    let created = civil_date(company.time_zone.clone()).call(vec![col("created_at")]);
    let in_currency = col("amount_ccy").is_null().or(col("amount_ccy").eq(lit(company.currency.clone())));
    let value = when(in_currency.clone(), col("amount")).end()?;
    let missing = col("amount").is_not_null().and(Expr::Not(Box::new(in_currency)));
    let closed_in_future = col("outcome").not_eq(lit("open")).and(col("close_date").gt(day(asked_on)));
    let days = |column: &str| Expr::Cast(Cast::new(Box::new(col(column)), DataType::Int32));
    let rows = snapshot
        .view(context, Table::Opportunity)
        .await?
        .filter(closed_in_future.is_not_true())?
        .with_column("created_date", created)?
        .with_column("value", value)?
        .with_column(CURRENCY_MISSING, missing)?
        .with_column("cycle_days", days("close_date") - days("created_date"))?;
    if fits_memory(snapshot) { Ok(rows.cache().await?) } else { Ok(rows) }
}

/// Name of the column that holds a dimension's member.
pub(crate) fn dimension_column(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Region => "region_id",
        Dimension::Manager => "manager_id",
        Dimension::Rep => "owner_id",
        Dimension::Product => "product_id",
        Dimension::Stage => "stage",
        Dimension::Type => "type",
        Dimension::Segment => "segment",
    }
}

fn subject_filter(subject: &Subject) -> Option<Expr> {
    let column = match subject {
        Subject::Company => return None,
        Subject::Region(_) => "region_id",
        Subject::Manager(_) => "manager_id",
        Subject::Rep(_) => "owner_id",
        Subject::Product(_) => "product_id",
    };
    subject.id().map(|id| col(column).eq(lit(id)))
}

/// The position of the period a date falls in, or null when it falls in none.
fn period_index(date: &str, periods: &[Period]) -> Result<Expr, MetricsError> {
    let mut whole: Option<Expr> = None;
    let mut branches = Vec::new();
    for (index, period) in (0i32..).zip(periods) {
        match (period.from, period.to) {
            (Some(from), Some(to)) if period.grain != Grain::All => {
                branches.push((col(date).gt_eq(day(from)).and(col(date).lt(day(to))), index));
            }
            _ => whole = Some(lit(index)),
        }
    }
    let Some(((first_test, first_index), rest)) =
        branches.split_first().map(|(first, rest)| (first.clone(), rest))
    else {
        return Ok(whole.unwrap_or(lit(ScalarValue::Int32(None))));
    };
    let mut case = when(first_test, lit(first_index));
    for (test, index) in rest {
        case = case.when(test.clone(), lit(*index));
    }
    Ok(case.end()?)
}

/// A civil date as an engine literal.
pub(crate) fn day(day: Date) -> Expr {
    lit(ScalarValue::Date32(Some(days_from_date(day))))
}

/// The engine function that turns an instant into the civil date of a time zone (T8).
pub(crate) fn civil_date(time_zone: TimeZone) -> ScalarUDF {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    create_udf(
        "civil_date",
        vec![instant],
        DataType::Date32,
        Volatility::Immutable,
        Arc::new(move |arguments: &[ColumnarValue]| civil_dates(arguments, &time_zone)),
    )
}

fn civil_dates(arguments: &[ColumnarValue], time_zone: &TimeZone) -> EngineResult<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let instants = datafusion::common::cast::as_timestamp_microsecond_array(&arrays[0])?;
    Ok(ColumnarValue::Array(Arc::new(dates_of(instants, time_zone))))
}

fn dates_of(instants: &TimestampMicrosecondArray, time_zone: &TimeZone) -> Date32Array {
    instants
        .iter()
        .map(|instant| {
            let instant = Timestamp::from_microsecond(instant?).ok()?;
            Some(days_from_date(time_zone.to_datetime(instant).date()))
        })
        .collect()
}

/// A column by its exact name.
pub(crate) fn column(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use attain_facts::value::date_from_days;

    /// domain_examples X3.14: the civil date of an instant in the reporting zone.
    #[test]
    fn an_evening_signature_counts_on_the_companys_own_day() {
        let cases = [
            ("2026-03-31T22:30:00Z", "Europe/Berlin", "2026-04-01"),
            ("2026-04-01T03:30:00Z", "America/New_York", "2026-03-31"),
            ("2026-03-28T23:30:00Z", "Europe/Berlin", "2026-03-29"),
            ("2026-12-31T15:00:00Z", "Asia/Tokyo", "2027-01-01"),
        ];
        for (instant, zone, expected) in cases {
            let instant: Timestamp = instant.parse().expect("instant");
            let zone = TimeZone::get(zone).expect("zone");
            let array = TimestampMicrosecondArray::from(vec![Some(instant.as_microsecond()), None]);
            let dates = dates_of(&array, &zone);
            assert_eq!(date_from_days(dates.value(0)).to_string(), expected);
            assert!(datafusion::arrow::array::Array::is_null(&dates, 1));
        }
    }
}
