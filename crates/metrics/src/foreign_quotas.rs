//! Quotas in other currencies than the company's. Their values are counted as they were delivered, which no money
//! can be held against.

use std::collections::BTreeSet;

use crate::ask::{Asker, MetricsError};
use crate::calendar::Period;
use crate::engine::collect;
use crate::tables::Coverage;

impl Asker {
    /// Whose quotas of a period are in another currency: people and regions, by identifier.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn quotas_in_other_currencies(
        &self,
        period: &Period,
    ) -> Result<BTreeSet<String>, MetricsError> {
        let source = self.source();
        if source.tables.coverage("target") == Coverage::Nothing {
            return Ok(BTreeSet::new());
        }
        let targets = collect(source.relation("target").await?).await?;
        let in_another = targets.rows().filter(|row| {
            let currency = row.text("currency");
            row.text("period_id").as_deref() == Some(period.key())
                && matches!(row.text("kind").as_deref(), Some("quota" | "target"))
                && matches!(row.text("kpi_id").as_deref(), Some("credited_bookings" | "bookings"))
                && currency.is_some_and(|currency| currency != self.company().currency)
        });
        Ok(in_another.filter_map(|row| row.text("subject_id")).collect())
    }
}
