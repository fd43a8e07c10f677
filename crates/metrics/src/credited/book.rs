//! The book of customers over a period (domain 4.6): one row per account that is a customer at the
//! period's start, at its end, or became one between, credited to whoever owned it at the start.
//!
//! With subscriptions an account is a customer while it pays something recurring; without, while
//! an invoice of the last 365 days was positive.

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::common::JoinType;
use datafusion::prelude::DataFrame;
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::money::{self, Spot};
use crate::ask::MetricsError;
use crate::calendar::Period;
use crate::engine::{Batches, collect};
use crate::plan::{AS_OF_DATE, CREDIT_DATE, PERIOD, Source, column, day};
use crate::tables::Coverage;

/// Days an invoice makes its account a customer (domain 19, `customer_invoice_days`).
const INVOICE_DAYS: i64 = 365;

/// The book of each period.
pub(super) async fn dated(source: &Source<'_>, periods: &[Period]) -> Result<DataFrame, MetricsError> {
    let rates = money::spot(source).await?;
    let customers = Customers::read(source).await?;
    let mut book = Book::default();
    for (position, period) in (0..).zip(periods) {
        let (Some(from), Some(to)) = (period.from, period.to) else { continue };
        let to = to.min(source.as_of.date.tomorrow().unwrap_or(source.as_of.date));
        if to < from {
            continue;
        }
        for (account, stretches) in &customers.0 {
            book.add(position, account, (from, to), stretches, &rates);
        }
    }
    let book = source.context.read_batch(book.batch()?)?;
    let accounts = source.relation("account").await?;
    let own = [column("book_account").eq(column("account_id"))];
    Ok(book.join_on(accounts, JoinType::Inner, own)?.with_column(AS_OF_DATE, day(source.as_of.date))?)
}

/// A time in which an account pays an amount every month; invoices pay none that recurs.
struct Stretch {
    from: Date,
    to: Date,
    recurring: Decimal,
    currency: Option<String>,
}

impl Stretch {
    fn holds_on(&self, day: Date) -> bool {
        self.from <= day && day < self.to
    }
}

/// The stretches of each account.
struct Customers(BTreeMap<String, Vec<Stretch>>);

impl Customers {
    async fn read(source: &Source<'_>) -> Result<Customers, MetricsError> {
        match source.tables.coverage("subscription") {
            Coverage::Nothing => {
                let lines = source.relation("invoice_line").await?;
                Customers::of_invoices(&collect(lines).await?)
            }
            _ => {
                let rows = collect(source.relation("subscription").await?).await?;
                Customers::of_subscriptions(&rows)
            }
        }
    }

    fn of_subscriptions(rows: &Batches) -> Result<Customers, MetricsError> {
        let mut found: BTreeMap<String, Vec<Stretch>> = BTreeMap::new();
        for row in rows.rows() {
            let (Some(account), Some(recurring)) = (row.text("account_id"), row.decimal("mrr")?) else {
                continue;
            };
            if recurring > Decimal::ZERO {
                found.entry(account).or_default().push(Stretch {
                    from: row.date("valid_from").unwrap_or(Date::MIN),
                    to: row.date("valid_to").unwrap_or(Date::MAX),
                    recurring,
                    currency: row.text("mrr_ccy"),
                });
            }
        }
        Ok(Customers(found))
    }

    fn of_invoices(rows: &Batches) -> Result<Customers, MetricsError> {
        let mut found: BTreeMap<String, Vec<Stretch>> = BTreeMap::new();
        for row in rows.rows() {
            let (Some(account), Some(day), Some(net)) =
                (row.text("account_id"), row.date("invoice_date"), row.decimal("net_amount")?)
            else {
                continue;
            };
            if net > Decimal::ZERO {
                found.entry(account).or_default().push(Stretch {
                    from: day,
                    to: day.checked_add(INVOICE_DAYS.days()).unwrap_or(Date::MAX),
                    recurring: Decimal::ZERO,
                    currency: None,
                });
            }
        }
        Ok(Customers(found))
    }
}

#[derive(Default)]
struct Book {
    accounts: Vec<String>,
    periods: Vec<i32>,
    days: Vec<i32>,
    opening: Vec<bool>,
    closing: Vec<bool>,
    acquisitions: Vec<i64>,
    recurring_before: Vec<i128>,
    recurring_after: Vec<i128>,
}

impl Book {
    /// Amounts are converted at the rates of the day they are looked at; without one they are left
    /// out, and the account stays a customer.
    fn add(
        &mut self,
        period: i32,
        account: &str,
        (from, to): (Date, Date),
        stretches: &[Stretch],
        rates: &Spot,
    ) {
        let on = |day: Date| stretches.iter().filter(move |stretch| stretch.holds_on(day));
        let (opening, closing) = (on(from).next().is_some(), on(to).next().is_some());
        let acquisitions = starts(stretches).filter(|day| from < *day && *day <= to).count();
        if !opening && !closing && acquisitions == 0 {
            return;
        }
        let recurring = |day: Date| {
            let worth = |stretch: &Stretch| rates.worth(stretch.recurring, stretch.currency.as_deref(), day);
            let mut sum: Decimal = on(day).filter_map(worth).sum();
            sum.rescale(6);
            sum.mantissa()
        };
        self.accounts.push(account.to_owned());
        self.periods.push(period);
        self.days.push(days_from_date(from));
        self.opening.push(opening);
        self.closing.push(closing);
        self.acquisitions.push(i64::try_from(acquisitions).unwrap_or(i64::MAX));
        self.recurring_before.push(recurring(from));
        self.recurring_after.push(recurring(to));
    }

    fn batch(self) -> Result<RecordBatch, datafusion::error::DataFusionError> {
        let money = |digits: Vec<i128>| -> Result<ArrayRef, datafusion::arrow::error::ArrowError> {
            Ok(Arc::new(Decimal128Array::from_iter_values(digits).with_precision_and_scale(28, 6)?))
        };
        let columns: [(&str, ArrayRef); 8] = [
            ("book_account", Arc::new(StringArray::from_iter_values(&self.accounts))),
            (PERIOD, Arc::new(Int32Array::from(self.periods))),
            (CREDIT_DATE, Arc::new(Date32Array::from(self.days))),
            ("opening", Arc::new(BooleanArray::from(self.opening))),
            ("closing", Arc::new(BooleanArray::from(self.closing))),
            ("acquisitions", Arc::new(Int64Array::from(self.acquisitions))),
            ("recurring_before", money(self.recurring_before)?),
            ("recurring_after", money(self.recurring_after)?),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

/// The days on which an account became a customer: where a stretch starts and none held the day
/// before.
fn starts(stretches: &[Stretch]) -> impl Iterator<Item = Date> {
    let mut days: Vec<Date> = stretches.iter().map(|stretch| stretch.from).collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter().filter(|day| {
        let before = day.yesterday().unwrap_or(*day);
        !stretches.iter().any(|stretch| stretch.from < *day && stretch.holds_on(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn stretch(from: Date, to: Date) -> Stretch {
        Stretch { from, to, recurring: Decimal::ONE_HUNDRED, currency: None }
    }

    #[test]
    fn a_customer_who_pauses_is_acquired_twice_and_one_who_adds_once() {
        let paused = [stretch(date(2026, 1, 1), date(2026, 3, 1)), stretch(date(2026, 5, 1), Date::MAX)];
        assert_eq!(starts(&paused).collect::<Vec<_>>(), [date(2026, 1, 1), date(2026, 5, 1)]);
        let added = [stretch(date(2026, 1, 1), Date::MAX), stretch(date(2026, 2, 1), Date::MAX)];
        assert_eq!(starts(&added).collect::<Vec<_>>(), [date(2026, 1, 1)]);
        let renewed = [stretch(date(2026, 1, 1), date(2026, 2, 1)), stretch(date(2026, 2, 1), Date::MAX)];
        assert_eq!(starts(&renewed).collect::<Vec<_>>(), [date(2026, 1, 1)]);
    }

    #[test]
    fn the_book_holds_who_was_a_customer_at_either_end() {
        let mut book = Book::default();
        let (from, to) = (date(2026, 1, 1), date(2026, 4, 1));
        book.add(0, "kept", (from, to), &[stretch(date(2025, 1, 1), Date::MAX)], &Spot::default());
        book.add(0, "lost", (from, to), &[stretch(date(2025, 1, 1), date(2026, 2, 1))], &Spot::default());
        book.add(
            0,
            "won and lost",
            (from, to),
            &[stretch(date(2026, 1, 10), date(2026, 2, 1))],
            &Spot::default(),
        );
        book.add(0, "later", (from, to), &[stretch(date(2026, 4, 2), Date::MAX)], &Spot::default());
        assert_eq!(book.accounts, ["kept", "lost", "won and lost"]);
        assert_eq!(book.opening, [true, true, false]);
        assert_eq!(book.closing, [true, false, false]);
        assert_eq!(book.acquisitions, [0, 0, 1]);
    }
}
