//! The evidence of a number: the number itself and every row it rests on, as a receipt needs
//! them. Rows are named by source, identifier and the hash of their content, never by what they
//! are called.

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::canonical::Table;
use attain_facts::store::schema::{RECORDED, ROW_HASH, SOURCE_ID, SOURCE_SYSTEM};
use datafusion::prelude::{DataFrame, Expr, lit};
use rust_decimal::Decimal;

use crate::answer::Number;
use crate::ask::{Asker, MetricsError, Question, Reach};
use crate::calendar::Period;
use crate::credited::{Wanted, column};
use crate::definition::{Attribution, Metric};
use crate::engine::{Cells, collect};
use crate::organisation::Subject;
use crate::retention::{self, Output};
use crate::rows;

/// A number with the rows it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The number.
    pub number: Number,
    /// The deals behind it, by source and identifier, each once. Behind retention, which is about
    /// accounts, stand the purchases of both periods.
    pub rows: Vec<EvidenceRow>,
}

/// A deal behind a number: which version of which row, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRow {
    /// The system it comes from.
    pub source_system: String,
    /// Its identifier there.
    pub source_id: String,
    /// SHA-256 of its content (domain 2.2).
    pub row_hash: String,
    /// The snapshot that made this version known.
    pub recorded_snapshot: i64,
    /// Its value in the company's currency.
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

/// Rows by source and identifier.
type RowsByKey = BTreeMap<(String, String), EvidenceRow>;

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
        let metric = self.metric(metric)?;
        let question = Question {
            metrics: vec![metric.id.clone()],
            subject: subject.clone(),
            by: Vec::new(),
            periods: vec![period.clone()],
        };
        let mut answer = self.ask(&question, reach).await?;
        // An answer that is not split has one number per metric and period.
        let number = answer.numbers.remove(0);
        let mut found = RowsByKey::new();
        if reach.includes(subject) {
            let (above, below) = rows::parts(metric);
            self.stand(above, Line::Above, subject, period, &mut found).await?;
            if let Some(below) = below {
                self.stand(below, Line::Below, subject, period, &mut found).await?;
            }
        }
        Ok(Evidence { number, rows: found.into_values().collect() })
    }

    /// Which of these deals are still known, whether or not they count: source and identifier.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn known<'a>(
        &self,
        rows: impl Iterator<Item = &'a EvidenceRow>,
    ) -> Result<BTreeSet<(String, String)>, MetricsError> {
        let ids: Vec<Expr> = rows.map(|row| lit(row.source_id.clone())).collect();
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let deals = self.source().snapshot.view(self.source().context, Table::Opportunity).await?;
        let deals = deals.filter(column(SOURCE_ID).in_list(ids, false))?;
        let deals = collect(deals.select(vec![column(SOURCE_SYSTEM), column(SOURCE_ID)])?).await?;
        let text = |row: &Cells<'_>, name: &str| row.text(name).unwrap_or_default();
        Ok(deals.rows().map(|row| (text(&row, SOURCE_SYSTEM), text(&row, SOURCE_ID))).collect())
    }

    /// Adds the rows of one part of a formula.
    async fn stand(
        &self,
        metric: &Metric,
        line: Line,
        subject: &Subject,
        period: &Period,
        found: &mut RowsByKey,
    ) -> Result<(), MetricsError> {
        match rows::retention_output(metric) {
            Some(output) => self.purchases(output, line, subject, period, found).await,
            None => {
                let periods = [period.clone()];
                let wanted = Wanted { attribution: metric.attribution, subject, by: &[], periods: &periods };
                let counted = self.source().credited(&wanted).await?.filter(rows::counts(metric))?;
                add(counted, line, |_| true, found).await
            }
        }
    }

    /// Adds the purchases, in the period and the one before, of the accounts that count.
    async fn purchases(
        &self,
        output: Output,
        line: Line,
        subject: &Subject,
        period: &Period,
        found: &mut RowsByKey,
    ) -> Result<(), MetricsError> {
        let Some(before) = self.calendar().previous(period) else { return Ok(()) };
        let periods = [before, period.clone()];
        let source = self.source();
        let buyers = retention::buyers(&source, subject, &[], &periods).await?;
        let counting = buyers.into_iter().filter(|buyer| buyer.around(1, period).counts_for(output));
        let accounts: BTreeSet<String> = counting.map(|buyer| buyer.account).collect();
        let wanted = Wanted { attribution: Attribution::Close, subject, by: &[], periods: &periods };
        let won = source.credited(&wanted).await?.filter(column("outcome").eq(lit("won")))?;
        add(won, line, |account| account.is_some_and(|account| accounts.contains(account)), found).await
    }
}

/// Adds rows to those found before; a row on both sides of the line is one row.
async fn add(
    rows: DataFrame,
    line: Line,
    counts: impl Fn(Option<&str>) -> bool,
    found: &mut RowsByKey,
) -> Result<(), MetricsError> {
    let columns = [SOURCE_SYSTEM, SOURCE_ID, ROW_HASH, RECORDED, "account_id", "value"].map(column);
    for row in collect(rows.select(columns.to_vec())?).await?.rows() {
        if !counts(row.text("account_id").as_deref()) {
            continue;
        }
        let text = |name: &str| row.text(name).unwrap_or_default();
        let value = row.decimal("value")?;
        let row = found.entry((text(SOURCE_SYSTEM), text(SOURCE_ID))).or_insert_with(|| EvidenceRow {
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
