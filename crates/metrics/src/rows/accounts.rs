//! Accounts behind a retention: who bought before, and who bought now.

use std::collections::HashMap;

use super::{AccountRow, Row, Rows, RowsPage};
use crate::ask::{Asker, MetricsError};
use crate::calendar::Period;
use crate::definition::Aggregate;
use crate::engine::collect;
use crate::plan::Wanted;
use crate::retention::{self, Output};
use crate::tables::Coverage;

impl Asker {
    pub(super) async fn accounts(
        &self,
        purchases: &Aggregate,
        above: Output,
        below: Option<Output>,
        wanted: &Wanted<'_>,
        period: &Period,
        page: &RowsPage,
    ) -> Result<Rows, MetricsError> {
        let Some(before) = self.calendar().previous(period) else { return Ok(Rows::default()) };
        let buyers = retention::buyers(&self.source(), wanted, purchases, &[before, period.clone()]).await?;
        let names = self.account_names().await?;
        let mut rows: Vec<AccountRow> = buyers
            .iter()
            .map(|buyer| {
                let around = buyer.around;
                AccountRow {
                    account: names.get(&buyer.account).cloned().unwrap_or_else(|| buyer.account.clone()),
                    before: around.before,
                    now: around.now,
                    first_now: around.first_now,
                    numerator: around.counts_for(above),
                    denominator: below.is_some_and(|below| around.counts_for(below)),
                }
            })
            .filter(|row| row.numerator || row.denominator)
            .collect();
        rows.sort_by(|one, other| one.account.cmp(&other.account));
        if page.descending {
            rows.reverse();
        }
        let numerators = rows.iter().filter(|row| row.numerator).count();
        let denominators = rows.iter().filter(|row| row.denominator).count();
        let counted = rows.len();
        if let Some(text) = page.search.as_deref().map(|text| text.trim().to_lowercase()) {
            rows.retain(|row| row.account.to_lowercase().contains(&text));
        }
        let matching = rows.len();
        let rows = rows
            .into_iter()
            .skip(page.offset)
            .take(page.limit.unwrap_or(usize::MAX))
            .map(Row::Account)
            .collect();
        Ok(Rows { rows, matching, counted, numerators, denominators })
    }

    /// Names of accounts by their identifier.
    pub(crate) async fn account_names(&self) -> Result<HashMap<String, String>, MetricsError> {
        if self.source().tables.coverage("account") == Coverage::Nothing {
            return Ok(HashMap::new());
        }
        let accounts = collect(self.source().relation("account").await?).await?;
        Ok(accounts.rows().filter_map(|row| Some((row.text("account_id")?, row.text("name")?))).collect())
    }
}
