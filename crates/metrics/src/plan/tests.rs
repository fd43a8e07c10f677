use std::sync::Arc;

use async_trait::async_trait;
use attain_facts::calendar::{FiscalCalendar, Month, WorkCalendar};
use attain_facts::canonical::Table;
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    new_null_array,
};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use jiff::tz::TimeZone;

use super::*;
use crate::ask::{Asker, Question, Reach};
use crate::definition::Catalogue;

/// Three hundred deals: some of nobody, without a day, an amount or a rate for their currency. Those
/// that say how many they are count as few, so that their rows are finished once for all questions.
#[derive(Debug)]
struct Deals {
    say_how_many: bool,
}

const DEALS: i64 = 300;

impl Deals {
    fn column(name: &str, kind: &DataType) -> ArrayRef {
        let number = || 0..DEALS;
        let some = |each: i64, of: i64| each % of != 0;
        let words = |word: &dyn Fn(i64) -> Option<String>| -> ArrayRef {
            Arc::new(number().map(word).collect::<StringArray>())
        };
        let created = |deal: i64| some(deal, 17).then_some(20_089 + deal * 37 % 700);
        let closed = |deal: i64| some(deal, 23).then_some(20_089 + deal * 37 % 700 + deal * 13 % 90);
        match name {
            "opportunity_id" | "source_id" => words(&|deal| Some(format!("d{deal}"))),
            "owner_id" => words(&|deal| some(deal, 7).then(|| format!("e{}", deal % 5))),
            "account_id" => words(&|deal| Some(format!("a{}", deal % 40))),
            "product_id" => words(&|deal| some(deal, 13).then(|| format!("p{}", deal % 3))),
            "stage" => words(&|deal| Some(format!("s{}", deal % 4))),
            "outcome" => words(&|deal| Some(["won", "lost", "won", "open"][deal as usize % 4].to_owned())),
            "amount_ccy" => words(&|deal| Some(if some(deal, 19) { "EUR" } else { "USD" }.to_owned())),
            "amount" => {
                let amounts = number().map(|deal| some(deal, 11).then_some(i128::from(deal) * 1_234_560_000));
                let amounts = amounts.collect::<Decimal128Array>().with_precision_and_scale(28, 6);
                Arc::new(amounts.expect("decimals"))
            }
            "close_date" => {
                let days = number().map(|deal| closed(deal).and_then(|day| i32::try_from(day).ok()));
                Arc::new(days.collect::<Date32Array>())
            }
            "created_at" => {
                let instants = number().map(|deal| {
                    Some(created(deal)? * 86_400_000_000 + deal * 3_600_000_000 % 86_400_000_000)
                });
                Arc::new(instants.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
            }
            "source_system" | "row_hash" => words(&|_| Some("crm".to_owned())),
            "recorded_snapshot" => Arc::new(Int64Array::from_iter_values(number().map(|_| 1))),
            _ => new_null_array(kind, number().count()),
        }
    }
}

#[async_trait]
impl Tables for Deals {
    fn schema(&self, name: &str) -> Option<SchemaRef> {
        Some(attain_facts::store::schema::current(Table::from_name(name)?, &[]))
    }

    async fn rows(&self, context: &SessionContext, name: &str) -> Result<DataFrame, MetricsError> {
        let schema = self.schema(name).ok_or_else(|| MetricsError::UnknownTable(name.to_owned()))?;
        let columns = schema.fields().iter().map(|field| Deals::column(field.name(), field.data_type()));
        let rows = RecordBatch::try_new(Arc::clone(&schema), columns.collect()).expect("a table of deals");
        Ok(context.read_batch(rows)?)
    }

    fn coverage(&self, name: &str) -> Coverage {
        match name {
            "opportunity" => Coverage::Days(Date::constant(2025, 1, 1), Date::constant(2027, 3, 1)),
            _ => Coverage::Nothing,
        }
    }

    fn supplies(&self, _table: &str, _column: &str) -> bool {
        true
    }

    async fn superseded(
        &self,
        _context: &SessionContext,
        _name: &str,
    ) -> Result<Option<DataFrame>, MetricsError> {
        Ok(None)
    }

    fn row_count(&self, _name: &str) -> Option<u64> {
        self.say_how_many.then_some(DEALS.unsigned_abs())
    }
}

fn asker(say_how_many: bool) -> Asker {
    let company = Company {
        name: "Example".to_owned(),
        time_zone: TimeZone::get("America/New_York").expect("a zone"),
        currency: "EUR".to_owned(),
        calendar: FiscalCalendar::starting_in(Month::JANUARY),
        work_calendar: WorkCalendar::default(),
    };
    let catalogue = Arc::new(Catalogue::shipped().expect("shipped definitions are right"));
    let known = "2026-12-15T12:00:00Z".parse().expect("an instant");
    Asker::over(Arc::new(Deals { say_how_many }), company, catalogue, known)
}

#[tokio::test]
async fn few_deals_and_many_are_counted_alike() {
    let (few, many) = (asker(true), asker(false));
    let metrics = [
        "bookings",
        "credited_bookings",
        "win_rate_count",
        "median_deal_size",
        "cycle_time_median",
        "customers",
        "buyer_retention",
        "opps_created",
        "win_rate_cohort_all",
        "open_deals",
        "open_pipeline",
    ];
    let mut values = 0;
    let subjects = [Subject::Company, Subject::Rep("e1".into()), Subject::Product("p1".into())];
    for by in [vec![], vec![Dimension::Rep], vec![Dimension::Product, Dimension::Rep]] {
        for grain in [Grain::Quarter, Grain::Month, Grain::All] {
            let periods = match grain {
                Grain::All => vec![few.calendar().all()],
                _ => few.periods(grain),
            };
            let filters = [None, Some("outcome <> 'lost'".to_owned())];
            for (subject, filter) in
                subjects.iter().flat_map(|subject| filters.iter().map(move |filter| (subject, filter)))
            {
                let question = Question {
                    metrics: metrics.map(str::to_owned).to_vec(),
                    subject: subject.clone(),
                    by: by.clone(),
                    periods: periods.clone(),
                    filter: filter.clone(),
                    rates: RateMode::default(),
                };
                let of_few = few.ask(&question, &Reach::Everything).await.expect("an answer");
                let of_many = many.ask(&question, &Reach::Everything).await.expect("an answer");
                assert_eq!(of_few, of_many, "{question:?}");
                values += of_few.numbers.iter().filter(|number| number.value.is_some()).count();
            }
        }
    }
    assert!(values > 1_000, "{values} values were compared");
}
