//! Facts that have not been delivered for a while (E13), and what every number was delivered by.
//!
//! A number is stale when a source of a table of events it rests on was last delivered more than two
//! working days ago, and its period was not over then: what happened since is not in it. It names the
//! working days that are missing. A period that was over when its facts came is finished, however long
//! ago that was. All time is never over: it is stale where the deliveries reached to the day before
//! they came, as those of a running company do and those of an archive do not. A source that fell silent
//! for three months while another went on with the same table was replaced by it.

use std::sync::Arc;

use attain_facts::canonical::Table;
use attain_facts::store::LastDelivery;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;

use crate::ask::Asker;
use crate::calendar::{Period, WorkingDays};
use crate::definition::Metric;

/// Working days after which a delivery is old (domain 19, `stale_import_wd`).
const STALE_AFTER: Decimal = Decimal::TWO;
/// Days of silence after which a source counts as replaced by another that goes on.
const REPLACED_AFTER_DAYS: i32 = 92;

/// How old the facts behind a number are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// When the source it rests on that was delivered longest ago was last delivered.
    pub imported_at: Timestamp,
    /// Working days from that day to the day of asking.
    pub working_days: Decimal,
    /// The days of the period that are missing, source by source; none where only the rest of the
    /// delivery's own day is.
    pub missing: Arc<[MissingDays]>,
    /// Whether the number rests on other deliveries too, so that it must be said which are old.
    pub is_one_of_several: bool,
}

/// Working days that the deliveries of a source have not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingDays {
    /// What they would have told of.
    pub delivery: SourceDelivery,
    /// The first working day that is missing.
    pub from: Date,
    /// The last one: yesterday, or the last of the period.
    pub to: Date,
    /// How many working days these are.
    pub working_days: Decimal,
}

/// What a source last told of a table of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDelivery {
    /// The table.
    pub table: Table,
    /// The source system.
    pub source: String,
    /// Whether other sources tell of the same table.
    pub has_others: bool,
    /// When it was delivered.
    pub delivered_at: Timestamp,
    /// The company's day on which it was delivered.
    pub delivered_on: Date,
    /// The last day that the deliveries tell about, at most the day of delivery.
    pub reached: Date,
}

impl Asker {
    /// What the events behind a number were last delivered by, table by table.
    #[must_use]
    pub fn deliveries_of(&self, metric: &Metric) -> Vec<SourceDelivery> {
        let needs = metric.needs();
        let origins = needs.iter().filter_map(|(relation, column)| crate::credited::origin(relation, column));
        let mut tables: Vec<Table> = origins.filter_map(|(table, _)| Table::from_name(&table)).collect();
        tables.sort_unstable();
        tables.dedup();
        tables.into_iter().flat_map(|table| self.deliveries_to(table)).collect()
    }

    /// What each source that still delivers it last told of a table of events.
    fn deliveries_to(&self, table: Table) -> Vec<SourceDelivery> {
        if !table.has_events() {
            return Vec::new();
        }
        let all = self.source().tables.last_deliveries(table.name());
        let newest = all.iter().map(|delivery| self.day_of(delivery.at)).max();
        let goes_on = |delivery: &&LastDelivery| {
            let silent_from = self.day_of(delivery.at).checked_add(REPLACED_AFTER_DAYS.days());
            newest.zip(silent_from.ok()).is_none_or(|(newest, silent_from)| newest < silent_from)
        };
        let current: Vec<&LastDelivery> = all.iter().filter(goes_on).collect();
        let has_others = current.len() > 1;
        let delivery = |last: &LastDelivery| {
            let delivered_on = self.day_of(last.at);
            let reached = last.covers_to.and_then(|to| to.yesterday().ok()).unwrap_or(delivered_on);
            SourceDelivery {
                table,
                source: last.source_system.clone(),
                has_others,
                delivered_at: last.at,
                delivered_on,
                reached: reached.min(delivered_on),
            }
        };
        current.into_iter().map(delivery).collect()
    }

    /// How old the facts of a number are, where that must be known.
    pub(super) fn stale(&self, metric: &Metric, period: &Period) -> Option<Stale> {
        if !self.asked_now() {
            return None;
        }
        let working_days = WorkingDays::of(self.company());
        let asked_on = self.as_of().asked_on;
        let deliveries = self.deliveries_of(metric);
        let age = |delivery: &SourceDelivery| working_days.between(delivery.delivered_on, asked_on);
        let is_old =
            |delivery: &&SourceDelivery| self.was_under_way(period, delivery) && age(delivery) > STALE_AFTER;
        let old: Vec<&SourceDelivery> = deliveries.iter().filter(is_old).collect();
        let oldest = old.iter().min_by_key(|delivery| delivery.delivered_at)?;
        let missing = old.iter().filter_map(|delivery| self.missing(&working_days, period, delivery));
        Some(Stale {
            imported_at: oldest.delivered_at,
            working_days: age(oldest),
            missing: missing.collect(),
            is_one_of_several: deliveries.len() > 1,
        })
    }

    /// The working days that sources of a running company have been silent for, where that is long.
    pub(crate) fn silent(&self, table: Table) -> Vec<MissingDays> {
        let working_days = WorkingDays::of(self.company());
        let all = self.calendar().all();
        let is_old = |delivery: &SourceDelivery| {
            self.was_under_way(&all, delivery)
                && working_days.between(delivery.delivered_on, self.as_of().asked_on) > STALE_AFTER
        };
        let old = self.deliveries_to(table).into_iter().filter(is_old);
        old.filter_map(|delivery| self.missing(&working_days, &all, &delivery)).collect()
    }

    /// The working days from the last that a source told about to yesterday, as far as they are of
    /// the period.
    fn missing(
        &self,
        working_days: &WorkingDays,
        period: &Period,
        delivery: &SourceDelivery,
    ) -> Option<MissingDays> {
        let asked_on = self.as_of().asked_on;
        let after = delivery.reached.tomorrow().ok()?;
        let from = period.from.map_or(after, |from| from.max(after));
        let end = period.to.map_or(asked_on, |to| to.min(asked_on));
        let (first, last) = working_days.ends(from, end)?;
        Some(MissingDays {
            delivery: delivery.clone(),
            from: first,
            to: last,
            working_days: working_days.between(from, end),
        })
    }

    /// Whether a period was not over on the day its facts came.
    fn was_under_way(&self, period: &Period, delivery: &SourceDelivery) -> bool {
        match (period.from, period.last_day()) {
            (Some(from), Some(last)) => from <= self.as_of().asked_on && last >= delivery.delivered_on,
            // What reaches to the day of its delivery tells of a company that goes on.
            _ => delivery.reached >= delivery.delivered_on.yesterday().unwrap_or(delivery.delivered_on),
        }
    }

    fn day_of(&self, instant: Timestamp) -> Date {
        self.company().time_zone.to_datetime(instant).date()
    }
}
