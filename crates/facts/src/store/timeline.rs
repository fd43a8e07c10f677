//! The imports in their order: which snapshot each made, which was undone, and what still counts.
//!
//! An undo is an import of its own that puts back what was before the import it undoes. Both then
//! stand for nothing: versions they recorded are kept for whoever asks as of that time, and count
//! for nobody else.

use std::collections::BTreeMap;

use attain_records::{RecordsError, to_micros};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::manifest::entity::{credit_restatement, identity_merge, import_batch};
use super::{MergedIdentity, Redirects, Restatement, Snapshot, Store, StoreError};

/// An import, as far as its place among the others goes.
#[derive(Clone, Copy, Debug)]
struct Step {
    number: i64,
    /// The snapshot it made or confirmed.
    snapshot: i64,
    /// The import it undoes, if it is an undo.
    undoes: Option<i64>,
}

/// A snapshot that an undone import made, and the one its undo made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UndoneSnapshot {
    pub(crate) made: i64,
    pub(crate) undone: i64,
}

/// All imports up to an instant, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    steps: Vec<Step>,
    /// The undo of each import that was undone.
    undone_by: BTreeMap<i64, i64>,
    /// The import that made each snapshot: the first one that names it.
    made_by: BTreeMap<i64, i64>,
    /// Merges of identities, by their number among the imports.
    merges: BTreeMap<i64, MergedIdentity>,
    /// Restatements of credit by their number among the imports, each with the one that it takes back.
    restatements: BTreeMap<i64, Option<i64>>,
}

impl Timeline {
    fn new(
        steps: Vec<Step>,
        merges: BTreeMap<i64, MergedIdentity>,
        restatements: BTreeMap<i64, Option<i64>>,
    ) -> Timeline {
        let undone_by = steps.iter().filter_map(|step| Some((step.undoes?, step.number))).collect();
        let mut made_by = BTreeMap::new();
        for step in &steps {
            made_by.entry(step.snapshot).or_insert(step.number);
        }
        Timeline { steps, undone_by, made_by, merges, restatements }
    }

    fn step(&self, import: i64) -> Option<Step> {
        let position = self.steps.binary_search_by_key(&import, |step| step.number).ok()?;
        self.steps.get(position).copied()
    }

    /// The undo of an import, if it was undone.
    pub(crate) fn undone_by(&self, import: i64) -> Option<i64> {
        self.undone_by.get(&import).copied()
    }

    /// The imports that were undone.
    pub(crate) fn undone(&self) -> Vec<i64> {
        self.undone_by.keys().copied().collect()
    }

    /// The snapshot that an import made, unless it only confirmed one.
    pub(crate) fn made(&self, import: i64) -> Option<i64> {
        let snapshot = self.step(import)?.snapshot;
        (self.made_by.get(&snapshot) == Some(&import)).then_some(snapshot)
    }

    /// The import that made each snapshot.
    pub(crate) fn makers(&self) -> &BTreeMap<i64, i64> {
        &self.made_by
    }

    /// The snapshot of the newest import that counts, leaving one out of account.
    pub(crate) fn newest_without(&self, import: i64) -> Option<i64> {
        let counting = self.counting_after(0);
        counting.filter(|step| step.number != import).last().map(|step| step.snapshot)
    }

    /// The merges that hold.
    pub(crate) fn redirects(&self) -> Redirects {
        Redirects::after(self.merges.values())
    }

    /// What was merged or taken apart under a number.
    pub(crate) fn merged(&self, import: i64) -> Option<&MergedIdentity> {
        self.merges.get(&import)
    }

    /// What a number stands for, if credit was restated or given back under it.
    pub(crate) fn restatement(&self, import: i64) -> Option<Restatement> {
        let takes_back = *self.restatements.get(&import)?;
        let mut ends = self.restatements.iter().filter(|(_, ended)| **ended == Some(import));
        Some(Restatement { takes_back, taken_back_by: ends.next().map(|(number, _)| *number) })
    }

    /// Every restatement and every end of one, oldest first, with number and snapshot.
    pub(crate) fn restatements(&self) -> impl DoubleEndedIterator<Item = (i64, i64, Restatement)> {
        self.restatements
            .keys()
            .filter_map(|import| Some((*import, self.step(*import)?.snapshot, self.restatement(*import)?)))
    }

    /// The imports after one that count: neither undone nor undos.
    pub(crate) fn later(&self, import: i64) -> Vec<i64> {
        self.counting_after(import).map(|step| step.number).collect()
    }

    fn counting_after(&self, import: i64) -> impl Iterator<Item = &Step> {
        let later = self.steps.iter().filter(move |step| step.number > import);
        let is_delivery = |step: &Step| {
            let of_its_own =
                [self.merges.contains_key(&step.number), self.restatements.contains_key(&step.number)];
            step.undoes.is_none() && !of_its_own.contains(&true)
        };
        later.filter(move |step| is_delivery(step) && !self.undone_by.contains_key(&step.number))
    }

    /// The snapshots whose versions count for nobody any more.
    pub(crate) fn undone_snapshots(&self) -> Vec<UndoneSnapshot> {
        let pairs = self.undone_by.iter();
        pairs
            .filter_map(|(import, undo)| {
                Some(UndoneSnapshot { made: self.made(*import)?, undone: self.made(*undo)? })
            })
            .collect()
    }
}

impl Store {
    /// A snapshot that is to follow the newest, as one in which an import no longer counts.
    pub(crate) async fn without(
        &self,
        next: Snapshot,
        timeline: &Timeline,
        import: i64,
    ) -> Result<Snapshot, StoreError> {
        let mut undone = timeline.undone();
        undone.push(import);
        let supplied = self.supplied(Timestamp::MAX, &undone).await?;
        Ok(next.with_undone(timeline.made(import), supplied))
    }

    /// The imports up to an instant.
    pub(crate) async fn timeline(&self, instant: Timestamp) -> Result<Timeline, StoreError> {
        let steps = import_batch::Entity::find()
            .select_only()
            .columns([
                import_batch::Column::Number,
                import_batch::Column::Snapshot,
                import_batch::Column::Undoes,
            ])
            .filter(import_batch::Column::FinishedAtUs.lte(to_micros(instant)))
            .order_by_asc(import_batch::Column::Number)
            .into_tuple::<(i64, i64, Option<i64>)>()
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let steps = steps.into_iter().map(|(number, snapshot, undoes)| Step { number, snapshot, undoes });
        let steps: Vec<Step> = steps.collect();
        let newest = steps.last().map_or(0, |newest| newest.number);
        let restatements = credit_restatement::Entity::find()
            .filter(credit_restatement::Column::Import.lte(newest))
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let restatements = restatements.into_iter().map(|row| (row.import, row.takes_back));
        let merges = identity_merge::Entity::find()
            .filter(identity_merge::Column::Import.lte(newest))
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?;
        let merges = merges.into_iter().map(|row| Ok((row.import, MergedIdentity::try_from(row)?)));
        Ok(Timeline::new(steps, merges.collect::<Result<_, StoreError>>()?, restatements.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(steps: &[(i64, Option<i64>)]) -> Timeline {
        let step = |(number, (snapshot, undoes)): (i64, &(i64, Option<i64>))| Step {
            number,
            snapshot: *snapshot,
            undoes: *undoes,
        };
        Timeline::new((1..).zip(steps).map(step).collect(), BTreeMap::new(), BTreeMap::new())
    }

    #[test]
    fn an_undone_import_and_its_undo_count_for_nothing() {
        // 3 confirms what 2 made; 4 undoes 2; 5 is new.
        let timeline = timeline(&[(1, None), (2, None), (2, None), (3, Some(2)), (4, None)]);
        assert_eq!((timeline.made(2), timeline.made(3)), (Some(2), None));
        assert_eq!((timeline.undone_by(2), timeline.undone_by(4)), (Some(4), None));
        assert_eq!(timeline.later(1), [3, 5]);
        assert_eq!(timeline.undone_snapshots(), [UndoneSnapshot { made: 2, undone: 3 }]);
        assert_eq!((timeline.newest_without(0), timeline.newest_without(5)), (Some(4), Some(2)));
    }
}
