//! What is known of every deal that the report lists or the number counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use attain_facts::canonical::Table;
use attain_facts::store::schema::SOURCE_ID;
use datafusion::functions::string::expr_fn::{btrim, lower};
use datafusion::functions::unicode::expr_fn::left;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::compare::{Measure, compared};
use super::matching::bare;
use super::{Reconciliation, ReportedDeal};
use crate::ask::{Asker, MetricsError, Reach};
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::definition::{Aggregation, Computation, Metric};
use crate::difference::{RowKey, additive, key};
use crate::engine::collect;
use crate::plan::{CREDIT_DATE, Wanted, column};
use crate::rows::{DEALS, NUMERATOR, counts, model};
use crate::subject::Subject;

/// Values in a condition at most; above it all deals are read and told apart here.
const LISTED_MAX: usize = 10_000;
/// Letters of an identifier that conditions look at, enough to find both spellings of one.
const TELLING_CHARS: usize = 15;

/// A deal as it is known, and what it counts for.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownDeal {
    pub(super) key: RowKey,
    pub(super) name: Option<String>,
    pub(super) account: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) outcome: String,
    pub(super) closed_on: Option<Date>,
    /// In its own currency.
    pub(super) amount: Option<Decimal>,
    pub(super) currency: Option<String>,
    /// What it adds to the number; nothing if it does not count.
    pub(super) counted: Option<Decimal>,
    /// Whether it counts for anybody at any time.
    pub(super) counts_anywhere: bool,
    /// The day for which it does.
    pub(super) counts_on: Option<Date>,
    /// Whether it was delivered once and is no longer.
    pub(super) is_deleted: bool,
}

/// Whether a metric adds up over deals, so that a report of deals can stand beside it.
#[must_use]
pub fn reconcilable(metric: &Metric) -> bool {
    additive(metric) && model(metric).is_some_and(|model| model.relation == DEALS)
}

/// A number of deals beside a report of them. Outside the reach nothing is listed.
///
/// # Errors
/// When the metric is unknown or does not add up over deals, or the facts cannot be read.
pub async fn reconciliation(
    asker: &Asker,
    metric: &str,
    subject: &Subject,
    period: &Period,
    reported: &[ReportedDeal],
    reach: &Reach,
) -> Result<Reconciliation, MetricsError> {
    let asker = asker.measuring(period);
    let definition = asker.metric(metric)?;
    if !reconcilable(definition) {
        let metrics = asker.catalogue().metrics().filter(|metric| reconcilable(metric));
        let known = metrics.map(|metric| metric.id.clone()).collect();
        return Err(MetricsError::NotOfDeals { name: metric.to_owned(), known });
    }
    let measure = Measure { is_count: is_count(definition), period, currency: &asker.company().currency };
    let number = asker.number_of(metric, subject, period, reach).await?;
    let total = reported.iter().map(|line| measure.reported(line)).sum();
    if *reach != Reach::Everything {
        let nothing = Decimal::ZERO;
        return Ok(Reconciliation {
            number,
            reported: total,
            counted: nothing,
            agreeing: 0,
            differing: Vec::new(),
        });
    }
    let known = asker.known_deals(definition, subject, period, reported).await?;
    let (differing, agreeing) = compared(reported, &known, &measure);
    let counted = known.iter().filter_map(|deal| deal.counted).sum();
    Ok(Reconciliation { number, reported: total, counted, agreeing, differing })
}

fn is_count(metric: &Metric) -> bool {
    match &metric.computation {
        Computation::Simple { aggregate, .. } => aggregate.aggregation != Aggregation::Sum,
        _ => false,
    }
}

impl Asker {
    async fn known_deals(
        &self,
        metric: &Metric,
        subject: &Subject,
        period: &Period,
        reported: &[ReportedDeal],
    ) -> Result<Vec<KnownDeal>, MetricsError> {
        let counted = self.counted_rows(metric, subject, period).await?;
        let counted: HashMap<RowKey, Decimal> =
            counted.into_iter().filter_map(|(key, row)| Some((key, row.adds_above()?))).collect();
        let sought = Sought::new(reported, counted.keys());
        let mut deals = self.delivered(&sought).await?;
        self.add_deleted(&sought, &mut deals).await?;
        for (key, deal) in &mut deals {
            deal.counted = counted.get(key).copied();
        }
        self.add_days(metric, &sought, &mut deals).await?;
        Ok(deals.into_values().collect())
    }

    /// The deals sought as they are now.
    async fn delivered(&self, sought: &Sought) -> Result<BTreeMap<RowKey, KnownDeal>, MetricsError> {
        let source = self.source();
        let rows = source.tables.rows(source.context, Table::Opportunity.name()).await?;
        let rows = self.with_names(sought.among(rows)?).await?;
        let mut deals = BTreeMap::new();
        for row in collect(rows).await?.rows() {
            let (key, name) = (key(&row), row.text("name"));
            if !sought.is(&key, name.as_deref()) {
                continue;
            }
            let deal = KnownDeal {
                key: key.clone(),
                name,
                account: row.text("account_name"),
                owner: row.text("owner_name"),
                stage: row.text("stage"),
                outcome: row.text("outcome").unwrap_or_default(),
                closed_on: row.date("close_date"),
                amount: row.decimal("amount")?,
                currency: row.text("amount_ccy"),
                ..KnownDeal::default()
            };
            deals.insert(key, deal);
        }
        Ok(deals)
    }

    /// Deals sought that some delivery told about and that are no longer there.
    async fn add_deleted(
        &self,
        sought: &Sought,
        deals: &mut BTreeMap<RowKey, KnownDeal>,
    ) -> Result<(), MetricsError> {
        let source = self.source();
        let versions = source.tables.versions_since(source.context, Table::Opportunity, 0).await?;
        let Some(versions) = versions else { return Ok(()) };
        let versions = match sought.is_long() {
            true => versions,
            false => versions.filter(sought.by_id())?,
        };
        for row in collect(versions).await?.rows() {
            let key = key(&row);
            if sought.is(&key, None) && !deals.contains_key(&key) {
                let gone = KnownDeal { key: key.clone(), is_deleted: true, ..KnownDeal::default() };
                deals.insert(key, gone);
            }
        }
        Ok(())
    }

    /// Where and when the deals count, for whomever and whenever it is.
    async fn add_days(
        &self,
        metric: &Metric,
        sought: &Sought,
        deals: &mut BTreeMap<RowKey, KnownDeal>,
    ) -> Result<(), MetricsError> {
        let periods = [self.calendar().all()];
        let (subject, rates) = (Subject::Company, RateMode::default());
        let wanted = Wanted { subject: &subject, by: &[], periods: &periods, filter: None, rates: &rates };
        let rows = sought.among(self.side(metric, &wanted).await?)?;
        let rows = rows.with_column(NUMERATOR, counts(metric))?;
        for row in collect(rows).await?.rows() {
            if let Some(deal) = deals.get_mut(&key(&row))
                && row.boolean(NUMERATOR).unwrap_or_default()
            {
                deal.counts_anywhere = true;
                deal.counts_on = row.date(CREDIT_DATE);
            }
        }
        Ok(())
    }
}

/// The deals to look at: those that are counted, and those that the report could mean.
struct Sought {
    /// Identifiers, bare.
    ids: BTreeSet<String>,
    /// Names of lines without identifier, in lower case.
    names: BTreeSet<String>,
}

impl Sought {
    fn new<'k>(reported: &[ReportedDeal], counted: impl Iterator<Item = &'k RowKey>) -> Sought {
        let by_name = reported.iter().filter(|line| line.id.is_none());
        let ids = reported.iter().filter_map(|line| line.id.as_deref());
        let ids = ids.chain(counted.map(|key| key.source_id.as_str())).map(bare);
        Sought {
            ids: ids.map(str::to_owned).collect(),
            names: by_name.filter_map(|line| line.name.as_deref()).map(spelled).collect(),
        }
    }

    /// Rows that may be among them.
    fn among(&self, rows: DataFrame) -> Result<DataFrame, MetricsError> {
        if self.is_long() {
            return Ok(rows);
        }
        let names: Vec<Expr> = self.names.iter().map(lit).collect();
        let by_name = lower(btrim(vec![column("name")])).in_list(names, false);
        Ok(rows.filter(self.by_id().or(by_name))?)
    }

    fn is_long(&self) -> bool {
        self.ids.len() + self.names.len() > LISTED_MAX
    }

    fn by_id(&self) -> Expr {
        let ids = self.ids.iter().map(|id| lit(id.chars().take(TELLING_CHARS).collect::<String>()));
        left(column(SOURCE_ID), lit(TELLING_CHARS as i64)).in_list(ids.collect(), false)
    }

    fn is(&self, key: &RowKey, name: Option<&str>) -> bool {
        self.ids.contains(bare(&key.source_id))
            || name.is_some_and(|name| self.names.contains(&spelled(name)))
    }
}

fn spelled(name: &str) -> String {
    name.trim().to_lowercase()
}
