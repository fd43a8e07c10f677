//! What is known of the rows of a question before they are dated and placed, said of the columns as they are
//! stored: so that files and pages without any of them are never read. It leaves out only what would count for
//! nothing anyway; what counts is decided in [`super::period`] and [`super::place`].

use std::collections::BTreeSet;

use attain_facts::value::days_from_date;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::ToSpan;
use jiff::civil::Date;

use super::{Source, column, range};
use crate::credited::View;
use crate::definition::{Attribution, Span, When};
use crate::organisation::Belonging;
use crate::subject::Subject;

/// So many people are named in a condition; of more, most rows are read anyway.
const PEOPLE_NAMED: usize = 200;

const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// Rows whose stored date may fall in one of the periods.
pub(super) fn of_days(
    source: &Source<'_>,
    rows: DataFrame,
    view: Option<View>,
    when: &When,
    span: Span,
    periods: &[super::Period],
) -> Result<DataFrame, crate::ask::MetricsError> {
    let (Some(stored), Some((from, to))) = (stored(view, when, span), days(source, span, periods)) else {
        return Ok(rows);
    };
    let Ok(field) = rows.schema().field_with_unqualified_name(stored) else { return Ok(rows) };
    let bounds = (bound(field.data_type(), from, -1), bound(field.data_type(), to, 1));
    let (Some(from), Some(to)) = bounds else { return Ok(rows) };
    Ok(rows.filter(column(stored).gt_eq(from).and(column(stored).lt(to)))?)
}

/// The stored column that decides on which day a row counts. Over other spans than the period itself, what has no
/// creation date counts on the day of asking.
fn stored(view: Option<View>, when: &When, span: Span) -> Option<&str> {
    let When::Dated { date: Expr::Column(date), attribution, .. } = when else { return None };
    if *attribution == Attribution::CreatedCohort && span != Span::Period {
        return None;
    }
    match view {
        Some(view) => view.stored_date(&date.name),
        None => Some(&date.name),
    }
}

/// From the first day of all periods to the day after their last; none where one is all time.
fn days(source: &Source<'_>, span: Span, periods: &[super::Period]) -> Option<(Date, Date)> {
    let calendar = source.calendar();
    let ranges = periods.iter().map(|period| match span {
        Span::Period => period.from.zip(period.to),
        // What is no range of the calendar holds no day.
        _ => Some(range(&calendar, period, span).unwrap_or((Date::MAX, Date::MIN))),
    });
    let ranges: Vec<(Date, Date)> = ranges.collect::<Option<_>>()?;
    Some((ranges.iter().map(|range| range.0).min()?, ranges.iter().map(|range| range.1).max()?))
}

/// A day as a bound of a stored column. An instant is on that day in some time zone up to a day before or after.
fn bound(kind: &DataType, day: Date, slack: i64) -> Option<Expr> {
    match kind {
        DataType::Date32 => Some(super::day(day)),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let day = day.checked_add(slack.days()).unwrap_or(day);
            let instant = i64::from(days_from_date(day)) * MICROSECONDS_A_DAY;
            Some(lit(ScalarValue::TimestampMicrosecond(Some(instant), zone.clone())))
        }
        _ => None,
    }
}

/// The people whose rows alone can count for a subject, where they are few: one person, or everybody who ever
/// belonged to a region or manager.
pub(super) fn people(source: &Source<'_>, subject: &Subject) -> Option<Vec<Expr>> {
    let belongings: &[Belonging] = match subject {
        Subject::Region(_) => &source.organisation.region_of,
        Subject::Manager(_) => &source.organisation.manager_of,
        Subject::Rep(person) => return Some(vec![lit(person.as_str())]),
        Subject::Company | Subject::Product(_) => return None,
    };
    let id = subject.id()?;
    let belonging = belongings.iter().filter(|belonging| belonging.to == id);
    let people: BTreeSet<&str> = belonging.map(|belonging| belonging.employee.as_str()).collect();
    (people.len() <= PEOPLE_NAMED).then(|| people.into_iter().map(lit).collect())
}

/// The same rows, of which files have few: conditions are held against each value as it is read, and nothing else
/// of a row that fails is decoded. Where most rows pass, that takes longer than reading all.
pub(super) fn few(rows: DataFrame) -> DataFrame {
    let (mut state, plan) = rows.into_parts();
    state.config_mut().options_mut().execution.parquet.pushdown_filters = true;
    DataFrame::new(state, plan)
}
