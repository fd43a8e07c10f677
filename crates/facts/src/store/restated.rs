//! Credit that was restated (domain 2.4, T2): deals that were closed by one person and count for
//! another, since when, and whether that was taken back.

use std::collections::BTreeMap;

use attain_records::RecordsError;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::manifest::entity::restated_credit;
use super::{Store, StoreError, Timeline};

/// A deal whose credit is restated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestatedDeal {
    /// The source system.
    pub source_system: String,
    /// Its identifier there.
    pub source_id: String,
    /// Its id in Attain.
    pub opportunity_id: String,
    /// The person it counted for; nobody if it counted for none.
    pub from: Option<String>,
    /// The person it counts for.
    pub to: String,
}

/// An entry of the import history that restated credit, or took that back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restatement {
    /// The restatement it takes back, if it is no restatement but the end of one.
    pub takes_back: Option<i64>,
    /// The number under which it was taken back.
    pub taken_back_by: Option<i64>,
}

/// The restatements that hold at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestatedCredit {
    /// The person each restated deal counts for, by its id.
    holding: BTreeMap<String, String>,
    /// Deals that were restated or taken back, with the snapshot that did it.
    touched: Vec<TouchedDeal>,
}

/// That a snapshot restated a deal, or took that back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TouchedDeal {
    pub(super) source_system: String,
    pub(super) source_id: String,
    pub(super) snapshot: i64,
}

impl RestatedCredit {
    /// The restated deals by their ids, each with the person it counts for.
    pub fn holding(&self) -> impl Iterator<Item = (&str, &str)> {
        self.holding.iter().map(|(deal, person)| (deal.as_str(), person.as_str()))
    }

    /// Whether nothing is restated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holding.is_empty()
    }

    /// Lets these deals count for others.
    fn restate<'d>(&mut self, deals: impl IntoIterator<Item = &'d RestatedDeal>) {
        let pairs = deals.into_iter().map(|deal| (deal.opportunity_id.clone(), deal.to.clone()));
        self.holding.extend(pairs);
    }

    /// The restatements that hold after all acts of a history, oldest first.
    fn after(timeline: &Timeline, restated: &BTreeMap<i64, Vec<RestatedDeal>>) -> RestatedCredit {
        let mut credit = RestatedCredit::default();
        for (import, snapshot, act) in timeline.restatements() {
            let deals = restated.get(&act.takes_back.unwrap_or(import)).into_iter().flatten();
            credit.touched.extend(deals.clone().map(|deal| TouchedDeal {
                source_system: deal.source_system.clone(),
                source_id: deal.source_id.clone(),
                snapshot,
            }));
            if act.takes_back.is_none() && act.taken_back_by.is_none() {
                credit.restate(deals);
            }
        }
        credit
    }

    pub(super) fn touched_between(&self, earlier: i64, until: i64) -> impl Iterator<Item = &TouchedDeal> {
        self.touched.iter().filter(move |deal| earlier < deal.snapshot && deal.snapshot <= until)
    }
}

impl super::Snapshot {
    /// The restatements of credit that hold.
    #[must_use]
    pub fn restated_credit(&self) -> &RestatedCredit {
        &self.restated
    }

    /// The same facts, as if credit of these deals were restated.
    #[must_use]
    pub fn with_restated(&self, deals: &[RestatedDeal]) -> super::Snapshot {
        let mut restated = self.clone();
        restated.restated.restate(deals);
        restated
    }
}

impl Store {
    /// The deals that an entry of the history restated, or took back; none for other entries.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn restated_deals(&self, import: i64) -> Result<Vec<RestatedDeal>, StoreError> {
        let found = restated_credit::Entity::find()
            .filter(restated_credit::Column::Import.eq(import))
            .order_by_asc(restated_credit::Column::OpportunityId)
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        Ok(found.into_iter().map(RestatedDeal::from).collect())
    }

    /// The restatements that hold at the end of a history.
    pub(super) async fn restated_credit(&self, timeline: &Timeline) -> Result<RestatedCredit, StoreError> {
        let Some((newest, ..)) = timeline.restatements().last() else {
            return Ok(RestatedCredit::default());
        };
        let found = restated_credit::Entity::find()
            .filter(restated_credit::Column::Import.lte(newest))
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let mut restated: BTreeMap<i64, Vec<RestatedDeal>> = BTreeMap::new();
        for row in found {
            restated.entry(row.import).or_default().push(row.into());
        }
        Ok(RestatedCredit::after(timeline, &restated))
    }
}

impl From<restated_credit::Model> for RestatedDeal {
    fn from(row: restated_credit::Model) -> RestatedDeal {
        RestatedDeal {
            source_system: row.source_system,
            source_id: row.source_id,
            opportunity_id: row.opportunity_id,
            from: row.from_employee_id,
            to: row.to_employee_id,
        }
    }
}
