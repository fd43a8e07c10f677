//! Amounts in the company's currency (T12, T13): each row converted once, at the rate of the day
//! it counts for, and rounded half to even to the currency's minor unit.
//!
//! Missing a direct pair, the inverse of the other direction is taken, then the way through the
//! pivot currency. Without any, the amount is left out and the row marked (E7).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use attain_facts::canonical::currency::minor_unit;
use attain_facts::value::days_from_date;
use datafusion::arrow::array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::common::cast::as_decimal128_array;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{Cast, ColumnarValue, ScalarUDF, Volatility, create_udf, when};
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::ask::MetricsError;
use crate::engine::collect;
use crate::plan::{CREDIT_DATE, CURRENCY_MISSING, DECIMAL, Source, column};
use crate::tables::Coverage;

/// An amount of a view: its converted name, the amount and its currency.
#[derive(Debug)]
pub(super) struct Money {
    pub(super) value: &'static str,
    pub(super) source: &'static str,
    /// The columns that may say the currency, the first that does.
    currency: &'static [&'static str],
}

impl Money {
    /// The columns it is made from.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.currency.iter().copied().chain([self.source])
    }
}

const fn money(value: &'static str, source: &'static str, currency: &'static [&'static str]) -> Money {
    Money { value, source, currency }
}

const OWN: &[&str] = &["amount_ccy"];
const LIST: &[&str] = &["list_amount_ccy", "amount_ccy"];
pub(super) const DEAL: &[Money] = &[money("value", "amount", OWN), money("list_value", "list_amount", LIST)];
pub(super) const WORKED_DEAL: &[Money] = &[
    money("value", "amount", OWN),
    money("list_value", "list_amount", LIST),
    money("value_before", "amount_before", OWN),
    money("value_created", "amount_created", OWN),
];
pub(super) const CREDIT: &[Money] = &[money("deal_value", "amount", OWN)];
pub(super) const INVOICE: &[Money] = &[money("deal_value", "net_amount", &["net_amount_ccy"])];
pub(super) const CAMPAIGN: &[Money] = &[money("value", "amount", &["ccy"])];
pub(super) const QUOTA: &[Money] = &[money("target", "target_given", &["target_ccy"])];
pub(super) const SELLING: &[Money] = &[money("value", "cost", &["ccy"])];

/// Which rates money is converted at. Comparisons never mix them (T12).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum RateMode {
    /// The latest spot rate of the day a row counts for, at most seven days older.
    #[default]
    SpotClose,
    /// The average rate of the period, by the period's key.
    PeriodAverage,
    /// The plan rate of one fiscal year for every row, so that currencies do not move growth.
    Constant(String),
}

/// A spot rate may be this many days older than the day (domain 19, `fx_max_age_days`).
const MAXIMUM_AGE_DAYS: i32 = 7;
/// The currency others are reached through.
const PIVOT: &str = "USD";
const RATE: DataType = DataType::Decimal128(28, 12);

/// Adds the converted amounts, and marks rows whose currency has no rate.
pub(super) async fn converted(
    source: &Source<'_>,
    rows: DataFrame,
    amounts: &[Money],
    mode: &RateMode,
) -> Result<DataFrame, MetricsError> {
    let Some(first) = amounts.first() else { return Ok(rows) };
    let reporting = &source.company.currency;
    let mut rows = rows;
    let rates = rates(source, mode).await?;
    let currency = |money: &Money| coalesce_of(money.currency);
    if let Some(rates) = rates {
        let dated = rates.schema().has_column_with_unqualified_name("rate_day");
        let mut on = vec![currency(first).eq(column("rate_ccy"))];
        if dated {
            on.push(column(CREDIT_DATE).eq(column("rate_day")));
        }
        rows = rows.join_on(rates, JoinType::Left, on)?;
    } else {
        rows = rows.with_column(
            "rate",
            Expr::Cast(Cast::new(Box::new(lit(datafusion::common::ScalarValue::Null)), RATE)),
        )?;
    }
    let places = minor_unit(reporting).unwrap_or(2);
    let mut missing = lit(false);
    for money in amounts {
        let amount = column(money.source);
        let own = currency(money).is_null().or(currency(money).eq(lit(reporting.clone())));
        // Amounts of one row share its currency; one with a currency of its own has no rate here.
        let same = currency(money).eq(currency(first));
        let at_rate = convert(places).call(vec![decimal(amount.clone()), column("rate")]);
        let value = when(own.clone(), decimal(amount.clone())).when(same, at_rate).end()?;
        rows = rows.with_column(money.value, value)?;
        if money.value == first.value {
            missing = amount.is_not_null().and(column(money.value).is_null());
        }
    }
    Ok(rows.with_column(CURRENCY_MISSING, missing)?)
}

fn coalesce_of(columns: &[&str]) -> Expr {
    match columns {
        [one] => column(one),
        several => coalesce(several.iter().map(|name| column(name)).collect()),
    }
}

fn decimal(amount: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(amount), DECIMAL))
}

/// The rates of every currency into the company's, by day unless they hold for all days; `None`
/// where no rates were delivered.
async fn rates(source: &Source<'_>, mode: &RateMode) -> Result<Option<DataFrame>, MetricsError> {
    if source.tables.coverage("fx_rate") == Coverage::Nothing {
        return Ok(None);
    }
    let name = match mode {
        RateMode::SpotClose => "rates at spot".to_owned(),
        RateMode::PeriodAverage => "rates of the period".to_owned(),
        RateMode::Constant(year) => format!("rates of plan {year}"),
    };
    if let Some(known) = source.relations.get(&name) {
        return Ok(known);
    }
    let delivered = Delivered::read(source).await?;
    let table = match mode {
        RateMode::SpotClose => delivered.by_day(&source.company.currency)?,
        RateMode::PeriodAverage => delivered.by_period(source)?,
        RateMode::Constant(year) => delivered.fixed(&source.company.currency, &format!("plan:{year}"))?,
    };
    let table = source.context.read_batch(table)?;
    source.relations.keep(&name, Some(&table));
    Ok(Some(table))
}

/// The spot rates of a company.
#[derive(Default)]
pub(super) struct Spot {
    delivered: Delivered,
    reporting: String,
    places: u32,
}

impl Spot {
    /// An amount in the company's currency at the rate of a day, if there is one.
    pub(super) fn worth(&self, amount: Decimal, currency: Option<&str>, day: Date) -> Option<Decimal> {
        match currency {
            Some(currency) if currency != self.reporting => {
                let rate = self.delivered.rate("spot", currency, &self.reporting, Some(day))?;
                let value = amount.checked_mul(rate)?;
                Some(value.round_dp_with_strategy(self.places, RoundingStrategy::MidpointNearestEven))
            }
            _ => Some(amount),
        }
    }
}

/// The spot rates as delivered.
pub(super) async fn spot(source: &Source<'_>) -> Result<Spot, MetricsError> {
    let delivered = match source.tables.coverage("fx_rate") {
        Coverage::Nothing => Delivered::default(),
        _ => Delivered::read(source).await?,
    };
    let reporting = source.company.currency.clone();
    let places = minor_unit(&reporting).unwrap_or(2);
    Ok(Spot { delivered, reporting, places })
}

/// What is worth how much of what, as it was last delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestRate {
    /// The set of rates: `spot`, or a plan's.
    pub set: String,
    /// Currency that is converted, ISO 4217.
    pub from: String,
    /// Currency it becomes.
    pub to: String,
    /// The day of the rate.
    pub day: Date,
    /// How many units of `to` one of `from` is.
    pub rate: Decimal,
    /// Days there is a rate of.
    pub days: usize,
}

/// The newest rates as delivered; none where none were.
pub(crate) async fn newest_rates(source: &Source<'_>) -> Result<Vec<NewestRate>, MetricsError> {
    match source.tables.coverage("fx_rate") {
        Coverage::Nothing => Ok(Vec::new()),
        _ => Ok(Delivered::read(source).await?.newest()),
    }
}

/// Rates as delivered: by set, pair and day.
#[derive(Default)]
struct Delivered(BTreeMap<(String, String, String), BTreeMap<Date, Decimal>>);

impl Delivered {
    async fn read(source: &Source<'_>) -> Result<Delivered, MetricsError> {
        let rows = collect(source.relation("fx_rate").await?).await?;
        let mut sets: BTreeMap<_, BTreeMap<Date, Decimal>> = BTreeMap::new();
        for row in rows.rows() {
            let text = |name: &str| row.text(name).unwrap_or_default();
            let (Some(day), Some(rate)) = (row.date("rate_date"), row.decimal("rate")?) else { continue };
            sets.entry((text("rate_set"), text("from_ccy"), text("to_ccy"))).or_default().insert(day, rate);
        }
        Ok(Delivered(sets))
    }

    /// The newest rate of every pair in every set.
    fn newest(&self) -> Vec<NewestRate> {
        let newest = self.0.iter().filter_map(|((set, from, to), days)| {
            let (day, rate) = days.last_key_value()?;
            let (set, from, to) = (set.clone(), from.clone(), to.clone());
            Some(NewestRate { set, from, to, day: *day, rate: *rate, days: days.len() })
        });
        newest.collect()
    }

    fn currencies(&self, set: &str) -> BTreeSet<&String> {
        let pairs = self.0.keys().filter(|(of, _, _)| of == set);
        pairs.flat_map(|(_, from, to)| [from, to]).collect()
    }

    /// The rate of a pair: direct, else the inverse, else through the pivot.
    fn rate(&self, set: &str, from: &str, to: &str, day: Option<Date>) -> Option<Decimal> {
        self.pair(set, from, to, day).or_else(|| {
            let through = from != PIVOT && to != PIVOT;
            let first = self.pair(set, from, PIVOT, day).filter(|_| through)?;
            first.checked_mul(self.pair(set, PIVOT, to, day)?)
        })
    }

    fn pair(&self, set: &str, from: &str, to: &str, day: Option<Date>) -> Option<Decimal> {
        let stated = |from: &str, to: &str| {
            let days = self.0.get(&(set.to_owned(), from.to_owned(), to.to_owned()))?;
            match day {
                None => days.values().next_back().copied(),
                Some(day) => {
                    let oldest = day.saturating_sub(MAXIMUM_AGE_DAYS.days());
                    days.range(oldest..=day).next_back().map(|(_, rate)| *rate)
                }
            }
        };
        stated(from, to).or_else(|| Decimal::ONE.checked_div(stated(to, from)?))
    }

    /// The spot rate of every day from the first rate to as long as the last one may be used.
    fn by_day(&self, to: &str) -> Result<RecordBatch, MetricsError> {
        let spot =
            || self.0.iter().filter(|((set, _, _), _)| set == "spot").flat_map(|(_, days)| days.keys());
        let (Some(first), Some(last)) = (spot().min(), spot().max()) else { return dated(&[]) };
        let last = last.saturating_add(MAXIMUM_AGE_DAYS.days());
        let mut found = Vec::new();
        for currency in self.currencies("spot").into_iter().filter(|currency| *currency != to) {
            let mut day = *first;
            while day <= last {
                found.extend(
                    self.rate("spot", currency, to, Some(day)).map(|rate| (currency.clone(), day, rate)),
                );
                match day.tomorrow() {
                    Ok(next) => day = next,
                    Err(_) => break,
                }
            }
        }
        dated(&found)
    }

    /// The average of each period, for every day in it.
    fn by_period(&self, source: &Source<'_>) -> Result<RecordBatch, MetricsError> {
        let calendar = source.calendar();
        let to = &source.company.currency;
        let mut found = Vec::new();
        let sets: BTreeSet<&String> = self.0.keys().map(|(set, _, _)| set).collect();
        for set in sets {
            let Some(key) = set.strip_prefix("average:") else { continue };
            let Ok(period) = calendar.parse(key) else { continue };
            let (Some(from), Some(end)) = (period.from, period.to) else { continue };
            for currency in self.currencies(set).into_iter().filter(|currency| *currency != to) {
                let Some(rate) = self.rate(set, currency, to, None) else { continue };
                let mut day = from;
                while day < end {
                    found.push((currency.clone(), day, rate));
                    match day.tomorrow() {
                        Ok(next) => day = next,
                        Err(_) => break,
                    }
                }
            }
        }
        dated(&found)
    }

    /// One rate of a set for every day.
    fn fixed(&self, to: &str, set: &str) -> Result<RecordBatch, MetricsError> {
        let found: Vec<(String, Decimal)> = self
            .currencies(set)
            .into_iter()
            .filter(|currency| *currency != to)
            .filter_map(|currency| Some((currency.clone(), self.rate(set, currency, to, None)?)))
            .collect();
        let currencies = StringArray::from_iter_values(found.iter().map(|(currency, _)| currency));
        let batch = RecordBatch::try_from_iter([
            ("rate_ccy", Arc::new(currencies) as ArrayRef),
            ("rate", rate_array(found.iter().map(|(_, rate)| *rate))?),
        ]);
        Ok(batch.map_err(datafusion::error::DataFusionError::from)?)
    }
}

fn dated(rates: &[(String, Date, Decimal)]) -> Result<RecordBatch, MetricsError> {
    let currencies = StringArray::from_iter_values(rates.iter().map(|(currency, _, _)| currency));
    let days = Date32Array::from_iter_values(rates.iter().map(|(_, day, _)| days_from_date(*day)));
    let batch = RecordBatch::try_from_iter([
        ("rate_ccy", Arc::new(currencies) as ArrayRef),
        ("rate_day", Arc::new(days)),
        ("rate", rate_array(rates.iter().map(|(_, _, rate)| *rate))?),
    ]);
    Ok(batch.map_err(datafusion::error::DataFusionError::from)?)
}

fn rate_array(rates: impl Iterator<Item = Decimal>) -> Result<ArrayRef, MetricsError> {
    let digits = rates.map(|mut rate| {
        rate.rescale(12);
        rate.mantissa()
    });
    let array = Decimal128Array::from_iter_values(digits).with_precision_and_scale(28, 12);
    Ok(Arc::new(array.map_err(datafusion::error::DataFusionError::from)?))
}

/// The engine function that converts an amount at a rate and rounds it once.
fn convert(places: u32) -> ScalarUDF {
    create_udf(
        &format!("convert_to_{places}_places"),
        vec![DECIMAL, RATE],
        DECIMAL,
        Volatility::Immutable,
        Arc::new(move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let (amounts, rates) = (as_decimal128_array(&arrays[0])?, as_decimal128_array(&arrays[1])?);
            let values: Decimal128Array = amounts
                .iter()
                .zip(rates.iter())
                .map(|(amount, rate)| at_rate(amount?, rate?, places))
                .collect();
            let values = values.with_precision_and_scale(28, 6)?;
            Ok(ColumnarValue::Array(Arc::new(values)))
        }),
    )
}

/// Millionths of the amount at a rate of billionths of thousandths, rounded half to even.
fn at_rate(amount: i128, rate: i128, places: u32) -> Option<i128> {
    let amount = Decimal::try_from_i128_with_scale(amount, 6).ok()?;
    let rate = Decimal::try_from_i128_with_scale(rate, 12).ok()?;
    let mut value =
        amount.checked_mul(rate)?.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    value.rescale(6);
    Some(value.mantissa())
}
