//! Facts that have not been delivered for a while (E13).
//!
//! A number is stale when a table of events it rests on was last imported more than two working
//! days ago, and its period was not over then: what happened since is not in it. A period that was
//! over when its facts came is finished, however long ago that was. All time is never over: it is
//! stale where the deliveries reached to the day before they came, as those of a running company do
//! and those of an archive do not.

use attain_facts::canonical::Table;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::Asker;
use crate::calendar::{Period, WorkingDays};
use crate::definition::Metric;
use crate::tables::Coverage;

/// Working days after which a delivery is old (domain 19, `stale_import_wd`).
const STALE_AFTER: Decimal = Decimal::TWO;

/// How old the facts behind a number are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale {
    /// When the table it rests on that was imported longest ago was last imported.
    pub imported_at: Timestamp,
    /// Working days from that day to the day of asking.
    pub working_days: Decimal,
}

impl Asker {
    /// How old the facts of a number are, where that must be known.
    pub(super) fn stale(&self, metric: &Metric, period: &Period) -> Option<Stale> {
        if !self.asked_now() {
            return None;
        }
        let working_days = WorkingDays::of(self.company());
        let needs = metric.needs();
        let tables = needs.iter().filter_map(|(relation, column)| crate::credited::origin(relation, column));
        let events = tables.filter(|(table, _)| Table::from_name(table).is_some_and(Table::has_events));
        events
            .filter_map(|(table, _)| {
                let imported_at = self.source().tables.delivered_at(&table)?;
                let day = self.company().time_zone.to_datetime(imported_at).date();
                let age = working_days.between(day, self.as_of().asked_on);
                let under_way = self.was_under_way(&table, period, day);
                (under_way && age > STALE_AFTER).then_some(Stale { imported_at, working_days: age })
            })
            .min_by_key(|stale| stale.imported_at)
    }

    /// Whether a period was not over on the day its facts came.
    fn was_under_way(&self, table: &str, period: &Period, imported_on: Date) -> bool {
        match (period.from, period.last_day(), self.source().tables.coverage(table)) {
            (Some(from), Some(last), _) => from <= self.as_of().asked_on && last >= imported_on,
            (_, _, Coverage::Days(_, to)) => to >= imported_on,
            (_, _, Coverage::Nothing | Coverage::Always) => false,
        }
    }
}
