//! The evidence of a number: the number itself and every row it rests on, as a receipt needs
//! them. Rows are named by table, source, identifier and the hash of their content, never by what
//! they are called.

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::canonical::Table;
use attain_facts::store::schema::{RECORDED, ROW_HASH, SOURCE_ID, SOURCE_SYSTEM};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Cast, ExprSchemable};
use datafusion::prelude::{DataFrame, Expr, lit};
use rust_decimal::Decimal;

use crate::answer::Number;
use crate::ask::{Asker, MetricsError, Question, Reach};
use crate::calendar::Period;
use crate::credited::RateMode;
use crate::definition::{Aggregate, Aggregation, Computation, Metric, Span};
use crate::engine::{Cells, collect};
use crate::plan::{DECIMAL, Wanted, base_table, column};
use crate::receipt::Hash;
use crate::retention::{self, Output};
use crate::rows;
use crate::subject::Subject;
use crate::tables::Coverage;
use crate::worth::shifted;

/// A number with the rows it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The number.
    pub number: Number,
    /// The rows behind it, by table, source and identifier, each once. Behind retention, which is
    /// about accounts, stand the purchases of both periods; behind a derived number the rows of
    /// everything it is made of.
    pub rows: Vec<EvidenceRow>,
    /// SHA-256 over the sorted row hashes of the exchange rates that were known; nothing while none
    /// are kept.
    pub rates: Option<Hash>,
}

/// A row behind a number: which version of which row, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRow {
    /// The table it belongs to.
    pub table: String,
    /// The system it comes from.
    pub source_system: String,
    /// Its identifier there.
    pub source_id: String,
    /// SHA-256 of its content (domain 2.2).
    pub row_hash: String,
    /// The snapshot that made this version known.
    pub recorded_snapshot: i64,
    /// What it adds, where it adds an amount.
    pub value: Option<Decimal>,
    /// Whether it stands above the line, or is counted.
    pub numerator: bool,
    /// Whether it stands below the line.
    pub denominator: bool,
}

/// Where a row stands.
#[derive(Clone, Copy)]
enum Line {
    Above,
    Below,
}

/// Rows by table, source and identifier.
type RowsByKey = BTreeMap<(String, String, String), EvidenceRow>;

/// A row of a table: its table, source and identifier.
pub type RowName = (String, String, String);

impl Asker {
    /// A number and the rows behind it. What is outside the reach has neither value nor rows.
    ///
    /// # Errors
    /// When the metric is unknown or the facts cannot be read.
    pub async fn evidence(
        &self,
        metric: &str,
        subject: &Subject,
        period: &Period,
        reach: &Reach,
    ) -> Result<Evidence, MetricsError> {
        self.measuring(period).evidence_of(metric, subject, period, reach).await
    }

    /// The same of a metric as this asker's edition defines it.
    async fn evidence_of(
        &self,
        metric: &str,
        subject: &Subject,
        period: &Period,
        reach: &Reach,
    ) -> Result<Evidence, MetricsError> {
        let metric = self.metric(metric)?;
        let question = Question {
            metrics: vec![metric.id.clone()],
            subject: subject.clone(),
            by: Vec::new(),
            periods: vec![period.clone()],
            filter: None,
            rates: RateMode::default(),
        };
        let mut answer = self.computed(&question, reach).await?;
        // An answer that is not split has one number per metric and period.
        let number = answer.numbers.remove(0);
        let mut found = RowsByKey::new();
        if reach.opens(subject) && self.applies(metric, &question)? {
            self.stand(metric, Line::Above, subject, period, &mut found).await?;
        }
        let rates = self.rates().await?;
        Ok(Evidence { number, rows: found.into_values().collect(), rates })
    }

    /// What tells one table of exchange rates from another.
    async fn rates(&self) -> Result<Option<Hash>, MetricsError> {
        let source = self.source();
        if source.tables.coverage("fx_rate") == Coverage::Nothing {
            return Ok(None);
        }
        let rates = collect(source.relation("fx_rate").await?.select(vec![column(ROW_HASH)])?).await?;
        let mut hashes: Vec<String> = rates.rows().filter_map(|row| row.text(ROW_HASH)).collect();
        hashes.sort_unstable();
        Ok(Some(Hash::of(hashes.join("\n").as_bytes())))
    }

    /// Which of these rows are still known, whether or not they count.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn known<'a>(
        &self,
        rows: impl Iterator<Item = &'a EvidenceRow>,
    ) -> Result<BTreeSet<RowName>, MetricsError> {
        let mut by_table: BTreeMap<&str, Vec<Expr>> = BTreeMap::new();
        for row in rows {
            by_table.entry(&row.table).or_default().push(lit(row.source_id.clone()));
        }
        let mut known = BTreeSet::new();
        for (table, ids) in by_table {
            if Table::from_name(table).is_none() {
                continue;
            }
            let rows = self.source().relation(table).await?.filter(column(SOURCE_ID).in_list(ids, false))?;
            let rows = collect(rows.select(vec![column(SOURCE_SYSTEM), column(SOURCE_ID)])?).await?;
            let text = |row: &Cells<'_>, name: &str| row.text(name).unwrap_or_default();
            known.extend(
                rows.rows().map(|row| (table.to_owned(), text(&row, SOURCE_SYSTEM), text(&row, SOURCE_ID))),
            );
        }
        Ok(known)
    }

    /// Adds the rows of one part of a formula, and of everything it is made of.
    async fn stand(
        &self,
        metric: &Metric,
        line: Line,
        subject: &Subject,
        period: &Period,
        found: &mut RowsByKey,
    ) -> Result<(), MetricsError> {
        let periods = [period.clone()];
        let wanted =
            Wanted { subject, by: &[], periods: &periods, filter: None, rates: &RateMode::default() };
        match &metric.computation {
            Computation::Ratio { numerator, denominator } => {
                Box::pin(self.stand(numerator, line, subject, period, found)).await?;
                Box::pin(self.stand(denominator, Line::Below, subject, period, found)).await
            }
            Computation::Derived { inputs, .. } => {
                for input in inputs {
                    if let Some(period) = shifted(&self.calendar(), period, input.offset) {
                        Box::pin(self.stand(&input.metric, line, subject, &period, found)).await?;
                    }
                }
                Ok(())
            }
            Computation::BuyerRetention(purchases, output) => {
                self.purchases(&purchases.purchases, *output, line, subject, period, found).await
            }
            Computation::Simple { aggregate, .. } => {
                let counted = self.side(metric, &wanted).await?.filter(rows::counts(metric))?;
                add(counted, aggregate, line, |_| true, found).await
            }
            Computation::Conversion(conversion, _) => {
                let counted = self.side(metric, &wanted).await?.filter(rows::counts(metric))?;
                add(counted, &conversion.base, line, |_| true, found).await
            }
            Computation::Builtin(builtin) => {
                let counted = self.side(metric, &wanted).await?.filter(rows::counts(metric))?;
                add(counted, &builtin.aggregate, line, |_| true, found).await
            }
            Computation::NotKept(_) => Ok(()),
        }
    }

    /// Adds the purchases, in the period and the one before, of the accounts that count.
    async fn purchases(
        &self,
        purchases: &Aggregate,
        output: Output,
        line: Line,
        subject: &Subject,
        period: &Period,
        found: &mut RowsByKey,
    ) -> Result<(), MetricsError> {
        let Some(before) = self.calendar().previous(period) else { return Ok(()) };
        let periods = [before, period.clone()];
        let source = self.source();
        let wanted =
            Wanted { subject, by: &[], periods: &periods, filter: None, rates: &RateMode::default() };
        let buyers = retention::buyers(&source, &wanted, purchases, &periods).await?;
        let counting = buyers.into_iter().filter(|buyer| buyer.around.counts_for(output));
        let accounts: BTreeSet<String> = counting.map(|buyer| buyer.account).collect();
        let rows =
            source.rows(&purchases.model, &purchases.when, Span::Period, &wanted, &purchases.joined).await?;
        let bought = match &purchases.filter {
            Some(filter) => rows.filter(filter.clone())?,
            None => rows,
        };
        let counts = |account: Option<&str>| account.is_some_and(|account| accounts.contains(account));
        add(bought, purchases, line, counts, found).await
    }
}

/// Adds rows to those found before; a row on both sides of the line is one row.
async fn add(
    rows: DataFrame,
    aggregate: &Aggregate,
    line: Line,
    counts: impl Fn(Option<&str>) -> bool,
    found: &mut RowsByKey,
) -> Result<(), MetricsError> {
    let table = base_table(&aggregate.model.relation).to_owned();
    let mut columns = [SOURCE_SYSTEM, SOURCE_ID, ROW_HASH, RECORDED].map(column).to_vec();
    columns.push(added_amount(&rows, aggregate)?.alias("added_amount"));
    columns.push(
        Expr::Cast(Cast::new(Box::new(aggregate.expr.clone()), datafusion::arrow::datatypes::DataType::Utf8))
            .alias("counted_thing"),
    );
    for row in collect(rows.select(columns)?).await?.rows() {
        if !counts(row.text("counted_thing").as_deref()) {
            continue;
        }
        let text = |name: &str| row.text(name).unwrap_or_default();
        let value = row.decimal("added_amount")?;
        let name = (table.clone(), text(SOURCE_SYSTEM), text(SOURCE_ID));
        let row = found.entry(name).or_insert_with(|| EvidenceRow {
            table: table.clone(),
            source_system: text(SOURCE_SYSTEM),
            source_id: text(SOURCE_ID),
            row_hash: text(ROW_HASH),
            recorded_snapshot: row.integer(RECORDED).unwrap_or_default(),
            value,
            numerator: false,
            denominator: false,
        });
        match line {
            Line::Above => row.numerator = true,
            Line::Below => row.denominator = true,
        }
    }
    Ok(())
}

/// What a row adds: the amount it has in the company's currency, else what is aggregated, where
/// that is a number.
fn added_amount(rows: &DataFrame, aggregate: &Aggregate) -> Result<Expr, MetricsError> {
    let counts = matches!(
        aggregate.aggregation,
        Aggregation::Count | Aggregation::CountDistinct | Aggregation::SumBoolean
    );
    let amount = match rows.schema().has_column_with_unqualified_name("value") {
        true => column("value"),
        false if !counts && aggregate.expr.get_type(rows.schema())?.is_numeric() => aggregate.expr.clone(),
        false => lit(ScalarValue::Null),
    };
    Ok(Expr::Cast(Cast::new(Box::new(amount), DECIMAL)))
}
