//! Territories: what could be sold where, and who works there (domain 2.10).

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::canonical::Table;
use attain_facts::store::Snapshot;
use datafusion::prelude::SessionContext;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::MetricsError;
use crate::calendar::DateRange;
use crate::organisation::read;

/// The potentials of territories, and who works which share of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Territories {
    /// Of one currency alone: potentials in several are not held against each other.
    potentials: BTreeMap<String, Decimal>,
    worked: Vec<Worked>,
}

/// That somebody works a share of a territory for a time.
#[derive(Clone, Debug)]
struct Worked {
    person: String,
    territory: String,
    share: Decimal,
    valid: DateRange,
}

impl Territories {
    pub(crate) async fn read(
        context: &SessionContext,
        snapshot: &Snapshot,
    ) -> Result<Territories, MetricsError> {
        let (mut potentials, mut currencies) = (BTreeMap::new(), BTreeSet::new());
        for row in read(context, snapshot, Table::Territory).await?.rows() {
            if let (Some(id), Some(potential)) = (row.text("territory_id"), row.decimal("potential")?) {
                potentials.insert(id, potential);
                currencies.insert(row.text("potential_ccy"));
            }
        }
        if currencies.len() > 1 {
            potentials.clear();
        }
        let mut worked = Vec::new();
        for row in read(context, snapshot, Table::TerritoryAssignment).await?.rows() {
            worked.push(Worked {
                person: row.text("employee_id").unwrap_or_default(),
                territory: row.text("territory_id").unwrap_or_default(),
                share: row.decimal("share")?.unwrap_or(Decimal::ONE),
                valid: DateRange { from: row.date("valid_from"), to: row.date("valid_to") },
            });
        }
        Ok(Territories { potentials, worked })
    }

    pub(crate) fn has_potentials(&self) -> bool {
        !self.potentials.is_empty()
    }

    pub(crate) fn potential_of(&self, person: &str, day: Date) -> Option<Decimal> {
        let own = self.worked.iter().filter(|worked| worked.person == person && worked.valid.contains(day));
        let mut total = None;
        for worked in own {
            let Some(potential) = self.potentials.get(&worked.territory) else { continue };
            let part = potential.checked_mul(worked.share)?;
            total = Some(total.unwrap_or(Decimal::ZERO).checked_add(part)?);
        }
        total
    }
}
