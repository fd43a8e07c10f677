//! What could be sold in people's territories: each territory's potential, for the share of it that somebody works
//! on a day (domain 9.2).

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::{Asker, MetricsError};
use crate::calendar::DateRange;
use crate::engine::collect;
use crate::tables::Coverage;

impl Asker {
    /// The potential of each person's territories on a day, in the company's currency; of nobody where none was
    /// delivered. A territory whose potential is in another currency is in nobody's.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn potentials(&self, on: Date) -> Result<BTreeMap<String, Decimal>, MetricsError> {
        let source = self.source();
        let mut potentials: BTreeMap<String, Decimal> = BTreeMap::new();
        let delivered = |table: &str| source.tables.coverage(table) != Coverage::Nothing;
        if !delivered("territory") || !delivered("territory_assignment") {
            return Ok(potentials);
        }
        let mut territories: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in collect(source.relation("territory").await?).await?.rows() {
            let is_own = row.text("potential_ccy").is_none_or(|currency| currency == self.company().currency);
            if let (Some(id), Some(potential), true) =
                (row.text("territory_id"), row.decimal("potential")?, is_own)
            {
                territories.insert(id, potential);
            }
        }
        for row in collect(source.relation("territory_assignment").await?).await?.rows() {
            let worked = DateRange { from: row.date("valid_from"), to: row.date("valid_to") };
            let (Some(person), Some(territory)) = (row.text("employee_id"), row.text("territory_id")) else {
                continue;
            };
            let Some(whole) = territories.get(&territory).filter(|_| worked.contains(on)) else { continue };
            let share = row.decimal("share")?.unwrap_or(Decimal::ONE);
            let part = whole.checked_mul(share).unwrap_or_default();
            let sum = potentials.entry(person).or_default();
            *sum = sum.saturating_add(part);
        }
        Ok(potentials)
    }
}
