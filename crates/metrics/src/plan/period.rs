//! Which period a row falls in.
//!
//! Periods of one length never overlap, so a row's period is a function of its day. Windows that
//! overlap and states at an instant are joined instead: one row may count in several.

use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::{ArrayRef, Date32Array, Int32Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::JoinType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{Cast, ExprSchemable};
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{AS_OF_DATE, BOUNDS, CREDIT_DATE, OWN_DATE, PERIOD, Source, column, day, position_among};
use crate::ask::MetricsError;
use crate::calendar::{Calendar, Period, WorkingDays};
use crate::definition::{Attribution, Model, Span, When};
use crate::engine::civil_date;

/// Adds the credit date and the position of the period, and drops rows of no period.
pub(super) fn dated(
    source: &Source<'_>,
    rows: DataFrame,
    model: &Model,
    when: &When,
    span: Span,
    periods: &[Period],
) -> Result<DataFrame, MetricsError> {
    match (when, &model.holds) {
        (When::Dated { .. }, _) => in_periods(source, on_their_day(source, rows, when)?, span, periods),
        (When::Snapshot, Some((from, to))) => {
            let rows = rows.with_column(AS_OF_DATE, day(source.as_of.date))?;
            held_at(source, rows, from, to, periods)
        }
        // Definitions refuse a snapshot of rows that do not say how long they hold.
        (When::Snapshot, None) => Ok(rows.filter(lit(false))?.with_column(PERIOD, lit(0i32))?),
    }
}

/// Adds the day each row counts for, whatever is asked about it. What has no creation date stands
/// where it stood on the day of asking; what has no other date counts for no day.
pub(super) fn on_their_day(
    source: &Source<'_>,
    rows: DataFrame,
    when: &When,
) -> Result<DataFrame, MetricsError> {
    let rows = rows.with_column(AS_OF_DATE, day(source.as_of.date))?;
    let When::Dated { date, attribution, .. } = when else { return Ok(rows) };
    let date = civil(source, &rows, date)?;
    let rows = match attribution {
        Attribution::CreatedCohort => rows,
        _ => rows.filter(date.clone().is_not_null())?,
    };
    let rows = rows.with_column(OWN_DATE, date)?;
    Ok(rows.with_column(CREDIT_DATE, coalesce(vec![column(OWN_DATE), day(source.as_of.date)]))?)
}

/// Rows whose day falls in a period. Over all time, what has no creation date counts as well.
pub(super) fn in_periods(
    source: &Source<'_>,
    rows: DataFrame,
    span: Span,
    periods: &[Period],
) -> Result<DataFrame, MetricsError> {
    if span == Span::Period {
        let index = period_index(column(OWN_DATE), periods);
        return Ok(rows.with_column(PERIOD, index)?.filter(column(PERIOD).is_not_null())?);
    }
    let calendar = source.calendar();
    // What is no range of the calendar holds no day; its number is not asked for.
    let nothing = (Date::MIN, Date::MIN);
    let ranges: Vec<(Date, Date)> =
        periods.iter().map(|period| range(&calendar, period, span).unwrap_or(nothing)).collect();
    let bounds = RecordBatch::try_from_iter([
        (PERIOD, positions(periods)),
        ("range_from", days(ranges.iter().map(|(from, _)| *from))),
        ("range_to", days(ranges.iter().map(|(_, to)| *to))),
    ])
    .map_err(datafusion::error::DataFusionError::from)?;
    let bounds = source.context.read_batch(bounds)?;
    let within =
        [column(CREDIT_DATE).gt_eq(column("range_from")), column(CREDIT_DATE).lt(column("range_to"))];
    Ok(rows.join_on(bounds, JoinType::Inner, within)?)
}

/// Rows that held at the end of each period, or on the day of asking if that comes first. What
/// does not say since when it holds is known to hold on the day of asking alone.
fn held_at(
    source: &Source<'_>,
    rows: DataFrame,
    from: &Expr,
    to: &Expr,
    periods: &[Period],
) -> Result<DataFrame, MetricsError> {
    let known_to = source.as_of.date;
    let instants = periods.iter().map(|period| period.last_day().map_or(known_to, |last| last.min(known_to)));
    let ends = RecordBatch::try_from_iter([(PERIOD, positions(periods)), (CREDIT_DATE, days(instants))])
        .map_err(datafusion::error::DataFusionError::from)?;
    let from = civil(source, &rows, from)?;
    let to = civil(source, &rows, to)?;
    let begun = from.clone().lt_eq(column(CREDIT_DATE));
    let undated = from.is_null().and(column(CREDIT_DATE).eq(day(known_to)));
    let not_over = to.clone().is_null().or(to.gt(column(CREDIT_DATE)));
    Ok(rows.join_on(source.context.read_batch(ends)?, JoinType::Inner, [begun.or(undated).and(not_over)])?)
}

/// Adds the bounds of each row's period, and the first day of the last tenth of its working days.
pub(super) fn bounded(
    source: &Source<'_>,
    rows: DataFrame,
    periods: &[Period],
) -> Result<DataFrame, MetricsError> {
    let working_days = WorkingDays::of(source.company);
    let from = |period: &Period| period.from.unwrap_or(Date::MIN);
    let to = |period: &Period| period.to.unwrap_or(Date::MAX);
    let bounds = RecordBatch::try_from_iter([
        ("bounds_of", positions(periods)),
        (BOUNDS[0], days(periods.iter().map(from))),
        (BOUNDS[1], days(periods.iter().map(to))),
        (BOUNDS[2], days(periods.iter().map(|period| last_tenth(&working_days, period)))),
    ])
    .map_err(datafusion::error::DataFusionError::from)?;
    let bounds = source.context.read_batch(bounds)?;
    Ok(rows.join_on(bounds, JoinType::Inner, [column(PERIOD).eq(column("bounds_of"))])?)
}

/// The working day that brings the share of a period's working days past nine tenths.
fn last_tenth(working_days: &WorkingDays, period: &Period) -> Date {
    let (Some(from), Some(to)) = (period.from, period.to) else { return Date::MAX };
    let nine_tenths = working_days.between(from, to) * Decimal::new(9, 1);
    let mut day = from;
    while let Ok(next) = day.tomorrow() {
        if working_days.between(from, next) > nine_tenths || next >= to {
            break;
        }
        day = next;
    }
    day
}

/// A date, or the date of an instant in the company's time zone (T8).
pub(crate) fn civil(source: &Source<'_>, rows: &DataFrame, date: &Expr) -> Result<Expr, MetricsError> {
    Ok(match date.get_type(rows.schema())? {
        DataType::Timestamp(..) => {
            let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            let instant = Expr::Cast(Cast::new(Box::new(date.clone()), instant));
            civil_date(source.company.time_zone.clone()).call(vec![instant])
        }
        DataType::Date64 => Expr::Cast(Cast::new(Box::new(date.clone()), DataType::Date32)),
        _ => date.clone(),
    })
}

/// The half-open range of days a window covers; `None` where the calendar lacks the lengths or the
/// earlier periods that the window is made of.
pub(crate) fn range(calendar: &Calendar, period: &Period, span: Span) -> Option<(Date, Date)> {
    let (Some(to), Some(last)) = (period.to, period.last_day()) else { return Some((Date::MIN, Date::MAX)) };
    let from = match span {
        Span::Period => period.from,
        Span::SinceEver => Some(Date::MIN),
        Span::TrailingDays(count) => Some(to.checked_sub(i64::from(count).days()).unwrap_or(Date::MIN)),
        Span::ToDate(grain) => calendar.containing(last, grain)?.from,
        Span::Trailing(count, grain) => {
            let trail = calendar.trail(&calendar.containing(last, grain)?, usize::from(count));
            trail.first().filter(|_| trail.len() == usize::from(count))?.from
        }
    };
    Some((from?, to))
}

/// The position of the period a date falls in, or null when it falls in none. All time is asked
/// by itself, and holds what has no date as well.
fn period_index(date: Expr, periods: &[Period]) -> Expr {
    let ranges: Option<Vec<(Date, Date)>> = periods.iter().map(|period| period.from.zip(period.to)).collect();
    match ranges {
        Some(ranges) => position_among(date, ranges),
        None => lit(0i32),
    }
}

fn positions(periods: &[Period]) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values((0..).take(periods.len())))
}

fn days(dates: impl Iterator<Item = Date>) -> ArrayRef {
    Arc::new(Date32Array::from_iter_values(dates.map(days_from_date)))
}
