//! Rows that nearly count (features B2, B6): one condition keeps them from it, and it is named.
//!
//! The conditions are those of the filter, told apart at every `and`; that there is a value to add
//! up; the period, up to [`NEARLY_DAYS`] beside it; the condition of the question; and, for a region
//! or a manager, where the person was on the day, for people who are there now. What stands below
//! the line of a ratio counts, and is not nearly counted. A state at the end of a period and a
//! window over several have no days beside them.

use attain_facts::store::schema::SOURCE_ID;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{SortExpr, when};
use datafusion::prelude::{DataFrame, Expr, lit};

use super::condition::{self, Condition, Words};
use super::{Row, deals, events, parts};
use crate::ask::{Asker, MetricsError, Reach};
use crate::calendar::Period;
use crate::credited::{RateMode, View};
use crate::definition::{Aggregate, Aggregation, Computation, Metric, Model, Span, When, expression};
use crate::engine::collect;
use crate::plan::{CREDIT_DATE, CURRENCY_MISSING, Wanted, by_column, civil, column, day, reachable, text};
use crate::subject::{Dimension, Level, Subject};

/// Days before and after a period in which a date nearly belongs to it.
pub const NEARLY_DAYS: i16 = 31;
/// Rows an answer holds at most.
const ROWS_MAX: usize = 200;

const FAILING: &str = "failing_condition";
const VALUE: &str = "failing_value";
const OWNER: &str = "failing_person";

/// A row that one condition keeps from counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearlyRow {
    /// The row.
    pub row: Row,
    /// The condition it fails, in words: `outcome is open, not won`.
    pub because: String,
}

/// The rows that nearly count, most recent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nearly {
    /// At most 200 of them.
    pub rows: Vec<NearlyRow>,
    /// How many there are.
    pub total: usize,
}

impl Asker {
    /// The rows that would count for a number but for exactly one condition; nothing for numbers
    /// that count no rows by conditions (derived, retention, conversion).
    ///
    /// # Errors
    /// When the metric is unknown, the question's condition cannot be read, or the facts cannot.
    pub async fn nearly(
        &self,
        metric: &str,
        subject: &Subject,
        period: &Period,
        filter: Option<&str>,
        reach: &Reach,
    ) -> Result<Option<Nearly>, MetricsError> {
        self.measuring(period).nearly_of(metric, subject, period, filter, reach).await
    }

    /// The same of a metric as this asker's edition defines it.
    async fn nearly_of(
        &self,
        metric: &str,
        subject: &Subject,
        period: &Period,
        filter: Option<&str>,
        reach: &Reach,
    ) -> Result<Option<Nearly>, MetricsError> {
        let (above, below) = parts(self.metric(metric)?);
        let decisive = below.unwrap_or(above);
        let Computation::Simple { aggregate, span } = &decisive.computation else { return Ok(None) };
        let known = subject.dimension().is_none_or(|d| self.source().splits(&aggregate.model, &d).is_ok());
        if !reach.opens(subject) || !known {
            return Ok(None);
        }
        let asked = Asked { above, decisive, aggregate, span: *span, subject, period };
        let (rows, conditions) = self.failing_one(&asked, filter).await?;
        self.listed(&asked, rows, &conditions).await.map(Some)
    }

    /// Rows that fail exactly one of the conditions, marked with which.
    async fn failing_one(
        &self,
        asked: &Asked<'_>,
        filter: Option<&str>,
    ) -> Result<(DataFrame, Vec<Condition>), MetricsError> {
        let mut joined = asked.aggregate.joined.clone();
        let mut conditions = asked.conditions();
        if let Some(text) = filter {
            let reachable = reachable(&self.source(), asked.model());
            let parsed = expression::parse_over_model(text, asked.model(), &reachable)
                .map_err(|problem| MetricsError::Filter { text: text.to_owned(), problem })?;
            joined.extend(parsed.joined);
            conditions.extend(condition::conjuncts(&parsed.expr));
        }
        if let Computation::Simple { aggregate, .. } = &asked.above.computation {
            joined.extend(aggregate.joined.iter().cloned());
        }
        let placing = asked.placing();
        let whole = [asked.widened().unwrap_or_else(|| asked.period.clone())];
        let wanted = Wanted {
            subject: if placing.is_some() { &Subject::Company } else { asked.subject },
            by: placing.as_slice(),
            periods: &whole,
            filter: None,
            rates: &RateMode::default(),
        };
        let when = expected(asked.model(), &asked.aggregate.when);
        let mut rows = self.source().rows(asked.model(), &when, asked.span, &wanted, &joined).await?;
        if let (Some(_), Some(id)) = (&placing, asked.subject.id()) {
            rows = rows.filter(self.here_or_now(asked, id))?;
            conditions.push(self.belonging(asked, id));
        }
        if let Some(counted) = self.counted_above(asked, &rows)? {
            rows = rows.filter(counted.is_not_true())?;
        }
        Ok((marked(rows, &conditions, asked.person())?, conditions))
    }

    /// Rows of the subject on their day, or of people who belong to it now.
    fn here_or_now(&self, asked: &Asked<'_>, id: &str) -> Expr {
        let today = self.as_of().asked_on;
        let organisation = self.organisation();
        let belongings = match asked.subject.level() {
            Level::Manager => &organisation.manager_of,
            _ => &organisation.region_of,
        };
        let now = belongings.iter().filter(|b| b.to == id && b.holds_on(today));
        let now: Vec<Expr> = now.map(|b| lit(b.employee.clone())).collect();
        let here = text(column(&by_column(0))).eq(lit(id)).is_true();
        match now.is_empty() {
            true => here,
            false => here.or(asked.person().in_list(now, false).is_true()),
        }
    }

    fn belonging(&self, asked: &Asked<'_>, id: &str) -> Condition {
        let level = asked.subject.level();
        let wanted = self.organisation().member(level, id).map_or_else(|| id.to_owned(), |m| m.name);
        Condition {
            holds: text(column(&by_column(0))).eq(lit(id)),
            looks_at: text(column(&by_column(0))),
            words: Words::Belonging { wanted },
        }
    }

    /// That a row counts above the line already, where that is another question.
    fn counted_above(&self, asked: &Asked<'_>, rows: &DataFrame) -> Result<Option<Expr>, MetricsError> {
        let (true, Computation::Simple { aggregate, .. }) =
            (asked.above.id != asked.decisive.id, &asked.above.computation)
        else {
            return Ok(None);
        };
        let mut counted = super::counts(asked.above);
        if adds_values(aggregate) {
            counted = counted.and(aggregate.expr.clone().is_not_null());
        }
        if let When::Dated { date, .. } = &aggregate.when {
            let date = civil(&self.source(), rows, date)?;
            counted = within(&date, asked.period).into_iter().fold(counted, Expr::and);
        }
        Ok(Some(counted))
    }

    /// Counts the rows and reads the most recent ones.
    async fn listed(
        &self,
        asked: &Asked<'_>,
        rows: DataFrame,
        conditions: &[Condition],
    ) -> Result<Nearly, MetricsError> {
        let total = rows.clone().count().await?;
        let deals = asked.model().relation == deals::RELATION;
        let marks = [FAILING, VALUE, OWNER].map(column);
        let rows = match deals {
            true => self.with_names(rows).await?,
            false => {
                let columns = events::columns(asked.model(), asked.decisive);
                rows.select(columns.into_iter().chain(marks).collect::<Vec<_>>())?
            }
        };
        let identifier = if deals { SOURCE_ID } else { events::ID };
        let order: Vec<SortExpr> =
            vec![column(CREDIT_DATE).sort(false, false), column(identifier).sort(true, false)];
        let found = collect(rows.sort(order)?.limit(0, Some(ROWS_MAX))?).await?;
        let mut nearly = Nearly { rows: Vec::new(), total };
        for row in found.rows() {
            let failing = row.integer(FAILING).and_then(|position| usize::try_from(position).ok());
            let Some(condition) = failing.and_then(|position| conditions.get(position)) else { continue };
            let value = row.text(VALUE).map(|value| self.named_value(asked, condition, value));
            let owner = row.text(OWNER).and_then(|id| self.organisation().member(Level::Rep, &id));
            let owner = owner.map_or_else(|| "the owner".to_owned(), |member| member.name);
            let because = condition.words.said(value.as_deref(), row.date(CREDIT_DATE), asked.period, &owner);
            let row = match deals {
                true => Row::Deal(self.deal(&row, asked.period)?),
                false => Row::Event(self.event(&row, asked.model(), asked.period)?),
            };
            nearly.rows.push(NearlyRow { row, because });
        }
        Ok(nearly)
    }

    /// Regions and managers by name, everything else as it stands.
    fn named_value(&self, asked: &Asked<'_>, condition: &Condition, value: String) -> String {
        match &condition.words {
            Words::Belonging { .. } => {
                self.organisation().member(asked.subject.level(), &value).map_or(value, |member| member.name)
            }
            _ => value,
        }
    }
}

/// The number that is asked about, and the part of it whose conditions decide.
struct Asked<'a> {
    above: &'a Metric,
    decisive: &'a Metric,
    aggregate: &'a Aggregate,
    span: Span,
    subject: &'a Subject,
    period: &'a Period,
}

impl<'a> Asked<'a> {
    fn model(&self) -> &'a Model {
        &self.aggregate.model
    }

    /// Conditions of the definition and the period.
    fn conditions(&self) -> Vec<Condition> {
        let mut conditions: Vec<Condition> =
            self.aggregate.filter.iter().flat_map(condition::conjuncts).collect();
        let needed = Condition::has_value(&self.aggregate.expr);
        if adds_values(self.aggregate) && !conditions.iter().any(|known| known.holds == needed.holds) {
            conditions.push(needed);
        }
        for missing in conditions.iter_mut().filter(|c| matches!(c.words, Words::Missing { .. })) {
            self.name_currency(missing);
        }
        if self.widened().is_some()
            && let Some(holds) = within(&column(CREDIT_DATE), self.period).into_iter().reduce(Expr::and)
        {
            let words = Words::Period(self.aggregate.when.attribution());
            conditions.push(Condition { holds, looks_at: lit(ScalarValue::Utf8(None)), words });
        }
        conditions
    }

    /// Money without an exchange rate is not missing: its currency is what is in the way.
    fn name_currency(&self, condition: &mut Condition) {
        let has = |name: &str| self.model().schema.field_with_name(name).is_ok();
        let of_money = condition.holds.column_refs().iter().any(|column| column.name == "value");
        if of_money && has(CURRENCY_MISSING) && has("amount_ccy") {
            let currency = when(column(CURRENCY_MISSING), column("amount_ccy")).end();
            condition.looks_at = currency.unwrap_or_else(|_| lit(ScalarValue::Utf8(None)));
        }
    }

    /// The period with the days beside it, where rows have a date that decides.
    fn widened(&self) -> Option<Period> {
        let dated = matches!(self.aggregate.when, When::Dated { .. }) && self.span == Span::Period;
        (dated && self.period.from.is_some()).then(|| self.period.widened(NEARLY_DAYS))
    }

    /// What rows are told apart by where the subject is a team of people.
    fn placing(&self) -> Option<Dimension> {
        let credited = View::named(&self.model().relation).is_some();
        let team = matches!(self.subject, Subject::Region(_) | Subject::Manager(_));
        self.subject.dimension().filter(|_| credited && team)
    }

    /// The person a row counts for.
    fn person(&self) -> Expr {
        let person = self.model().entities.get("rep").map(|entity| entity.expr.clone());
        person.unwrap_or_else(|| lit(ScalarValue::Utf8(None)))
    }
}

/// Keeps rows that fail exactly one condition, and notes which, and the value it looks at.
fn marked(rows: DataFrame, conditions: &[Condition], person: Expr) -> Result<DataFrame, MetricsError> {
    let fails = |one: &Condition| when(one.holds.clone(), lit(0i64)).otherwise(lit(1i64));
    let mut failing = lit(0i64);
    let (mut which, mut value) = (lit(-1i64), lit(ScalarValue::Utf8(None)));
    for (position, one) in (0i64..).zip(conditions) {
        failing = failing + fails(one)?;
        which = when(one.holds.clone(), which).otherwise(lit(position))?;
        value = when(one.holds.clone(), value).otherwise(one.looks_at.clone())?;
    }
    let rows = rows.filter(failing.eq(lit(1i64)))?.with_column(FAILING, which)?;
    Ok(rows.with_column(VALUE, value)?.with_column(OWNER, condition::text(person))?)
}

/// The date by which rows are looked at: what is not closed has the day on which it is expected to.
fn expected(model: &Model, when: &When) -> When {
    let When::Dated { name, date: Expr::Column(dated), attribution } = when else { return when.clone() };
    let expected = View::named(&model.relation).and_then(|view| view.expected(&dated.name));
    let date = expected.map_or_else(|| Expr::Column(dated.clone()), column);
    When::Dated { name: name.clone(), date, attribution: *attribution }
}

/// That a date lies in a period, where the period has bounds.
fn within(date: &Expr, period: &Period) -> Vec<Expr> {
    let from = period.from.map(|from| date.clone().gt_eq(day(from)));
    from.into_iter().chain(period.to.map(|to| date.clone().lt(day(to)))).collect()
}

/// Whether a row without a value adds nothing.
fn adds_values(aggregate: &Aggregate) -> bool {
    !matches!(aggregate.aggregation, Aggregation::Count | Aggregation::SumBoolean)
}
